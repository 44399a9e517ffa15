//! Which end of a typed name is the root.

use super::grammar::Spelling;
use super::{AttributeType, SubjectError};
use AttributeType::DomainComponent;

/// One attribute with its value.
type Typed = (AttributeType, String);

/// Attributes from the root down, as they are encoded.
///
/// The DCs are those of a directory: they stand at its root, and everything else keeps the order it was typed in.
/// Without DC the order of the types is fixed; only OU may repeat.
/// # Errors
/// [`SubjectError::DomainInside`] when the DCs do not stand together at one end.
pub(super) fn from_the_root(mut typed: Vec<Typed>, spelling: Spelling) -> Result<Vec<Typed>, SubjectError> {
    let is_dc = |(kind, _): &Typed| *kind == DomainComponent;
    let at_start = typed.iter().take_while(|one| is_dc(one)).count();
    let at_end = typed.iter().rev().take_while(|one| is_dc(one)).count();
    let reversed = match typed.iter().filter(|one| is_dc(one)).count() {
        0 => ends_in_root(&typed, spelling),
        all if all == typed.len() => spelling == Spelling::Commas,
        all if all == at_start => false,
        all if all == at_end => true,
        _ => return Err(SubjectError::DomainInside),
    };
    if reversed {
        typed.reverse();
    }
    if !typed.iter().any(is_dc) {
        typed.sort_by_key(|(kind, _)| *kind);
    }
    Ok(typed)
}

/// Whether the last attribute is the nearest to the root. [RFC 4514 §2.1](https://www.rfc-editor.org/rfc/rfc4514#section-2.1)
/// writes it so; OpenSSL writes commas too, and the country first.
fn ends_in_root(typed: &[Typed], spelling: Spelling) -> bool {
    let kind = |one: Option<&Typed>| one.map(|(kind, _)| *kind);
    spelling == Spelling::Commas && kind(typed.first()) >= kind(typed.last())
}
