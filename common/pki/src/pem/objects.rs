//! What becomes of objects that were found: a block, a fault or a remark.

use super::blocks::Collector;
use super::body::{Decoded, Piece};
use super::content::{self, Shape};
use super::fault::{Damage, Fault, Kind, Remark, Remarked};
use super::foreign::Foreign;
use super::{Block, PemError, Placed};

/// What is known of objects before they are looked at.
pub(super) struct Found<'a> {
    pub(super) line: usize,
    pub(super) label: &'a str,
    /// BEGIN and END are sound and say the same.
    pub(super) sound: bool,
    /// There is a BEGIN and no END.
    pub(super) unended: bool,
    /// Foreign lines were left out.
    pub(super) interrupted: bool,
}

impl Collector {
    pub(super) fn commented(&mut self, decoded: &Decoded, found: &Found<'_>) -> Result<(), PemError> {
        let kind = self.kind(&decoded.der, found)?;
        self.remark(found.line, Remarked::CommentedOut(kind));
        Ok(())
    }

    pub(super) fn damaged(
        &mut self,
        decoded: &Decoded,
        pieces: &[Piece<'_>],
        found: &Found<'_>,
    ) -> Result<(), PemError> {
        let kind = self.kind(&decoded.der, found)?;
        let own = pieces.get(..decoded.taken + 1).unwrap_or(pieces);
        let cut = self.cut.iter().find(|(line, _)| own.iter().any(|piece| piece.line == *line));
        let cut = cut.map(|&(line, length)| Damage::CutByTerminal { line, length });
        let damage = cut.unwrap_or_else(|| decoded.damage(own));
        let ends_early = found.unended && matches!(damage, Damage::Incomplete { .. });
        let damage = if ends_early { Damage::NoEnd } else { damage };
        self.reading.faults.push(Fault { kind, line: found.line, damage });
        Ok(())
    }

    /// What an object is that is not read.
    ///
    /// # Errors
    /// A private key, whole or not.
    pub(super) fn kind(&self, der: &[u8], found: &Found<'_>) -> Result<Kind, PemError> {
        Ok(match Shape::of(der) {
            Shape::Certificate => Kind::Certificate,
            Shape::Request => Kind::Request,
            Shape::Crl => Kind::Crl,
            Shape::PublicKey => Kind::PublicKey,
            Shape::Pkcs7 => Kind::Pkcs7,
            Shape::Pkcs12 => return Err(PemError::Foreign(Foreign::Pkcs12)),
            Shape::PrivateKey { encrypted } => {
                return Err(PemError::PrivateKey { line: found.line, encrypted });
            }
            Shape::Unknown => Kind::of_label(found.label),
        })
    }

    /// Whole objects, one behind the other.
    pub(super) fn objects(&mut self, der: &[u8], found: &Found<'_>) -> Result<(), PemError> {
        let (objects, rest) = content::objects(der);
        let line = found.line;
        let mut first = None;
        for (index, object) in objects.into_iter().enumerate() {
            let kind = match (self.kind(object, found)?, Shape::of(object)) {
                // What follows a request its rules judge.
                (_, Shape::Unknown) if first == Some(Kind::Request) => {
                    self.reading.blocks.pop();
                    self.block(line, Block::Request(der.to_vec()));
                    return Ok(());
                }
                (kind, Shape::Unknown) if index > 0 => {
                    self.behind(object, found, kind);
                    return Ok(());
                }
                (kind, _) => kind,
            };
            match kind {
                Kind::Certificate => self.block(line, Block::Certificate(object.to_vec())),
                Kind::Request => self.block(line, Block::Request(object.to_vec())),
                Kind::Pkcs7 => match content::certificates(object) {
                    Ok(all) => {
                        self.reading.unordered |= all.len() > 1;
                        all.into_iter().for_each(|one| self.block(line, Block::Certificate(one.to_vec())))
                    }
                    Err(damage) => self.reading.faults.push(Fault { kind: Kind::Pkcs7, line, damage }),
                },
                Kind::Crl | Kind::PublicKey | Kind::Other(_) | Kind::Unknown => {
                    self.remark(line, Remarked::PassedOver(kind.clone()));
                }
            }
            first.get_or_insert(kind);
        }
        if let Some(kind) = first {
            self.say_how_it_was_read(kind, rest, found);
        }
        Ok(())
    }

    /// What stands behind an object and is none: settings in a `TRUSTED CERTIFICATE`, else nobody knows.
    fn behind(&mut self, object: &[u8], found: &Found<'_>, kind: Kind) {
        let line = found.line;
        if found.label != "TRUSTED CERTIFICATE" {
            let damage = Damage::Trailing;
            self.reading.faults.push(Fault { kind, line, damage });
        } else if content::refuses_servers(object) {
            let damage = Damage::Distrusted;
            self.reading.faults.push(Fault { kind: Kind::Certificate, line, damage });
        } else {
            self.remark(line, Remarked::TrustSettings);
        }
    }

    fn say_how_it_was_read(&mut self, kind: Kind, rest: &[u8], found: &Found<'_>) {
        if !rest.is_empty() {
            self.reading.faults.push(Fault { kind, line: found.line, damage: Damage::Trailing });
        } else if found.interrupted {
            self.remark(found.line, Remarked::Interrupted(kind));
        } else if !found.sound {
            self.remark(found.line, Remarked::Armour(kind));
        }
    }

    fn block(&mut self, line: usize, block: Block) {
        self.reading.blocks.push(Placed { line, block });
    }

    pub(super) fn remark(&mut self, line: usize, what: Remarked) {
        self.reading.remarks.push(Remark { line, what });
    }
}
