//! What is wrong with an encoding ([X.690](https://www.itu.int/rec/T-REC-X.690)), in words for whoever made it.
//! The decoder's own text names its fields and counts.

use der::ErrorKind;

/// `expected a SEQUENCE, found a NULL at octet 12`
#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is open; the rest is no fault of the encoding")]
pub(crate) fn fault(error: &der::Error) -> String {
    let what = match error.kind() {
        ErrorKind::TagUnexpected { expected: Some(expected), actual } => {
            format!("expected {expected}, found {actual}")
        }
        ErrorKind::TagUnexpected { expected: None, actual } => format!("{actual} is not expected"),
        ErrorKind::TagUnknown { .. } | ErrorKind::TagNumberInvalid | ErrorKind::TagModeUnknown => {
            "an unknown tag".to_owned()
        }
        ErrorKind::Incomplete { .. } => "it ends too early".to_owned(),
        ErrorKind::TrailingData { .. } => "something follows its end".to_owned(),
        ErrorKind::IndefiniteLength => "a length is left open, which BER allows and DER does not".to_owned(),
        ErrorKind::Length { tag } => format!("{tag} has a wrong length"),
        ErrorKind::Overflow | ErrorKind::Overlength => "a length is too large".to_owned(),
        ErrorKind::Noncanonical { tag } => format!("{tag} is not in its one form of DER"),
        ErrorKind::Value { tag } => format!("{tag} has a value that is not allowed"),
        ErrorKind::SetOrdering => "a SET is not in the order of DER".to_owned(),
        ErrorKind::NestingDepth => "it is nested too deeply".to_owned(),
        ErrorKind::OidMalformed => "an OBJECT IDENTIFIER cannot be read".to_owned(),
        ErrorKind::DateTime => "a time is not one".to_owned(),
        ErrorKind::Utf8(_) => "a UTF8String is not UTF-8".to_owned(),
        _ => "it is not DER".to_owned(),
    };
    match error.position() {
        Some(position) => format!("{what} at octet {position}"),
        None => what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::asn1::{Null, OctetStringRef, Utf8StringRef};
    use der::{Decode, Sequence};

    #[derive(Sequence)]
    struct Pair {
        first: bool,
        second: u8,
    }

    #[test]
    fn every_fault_of_an_encoding_is_told_in_words() {
        let pair = |der: &[u8]| Pair::from_der(der).err();
        for (error, told) in [
            (pair(&[0x05, 0x00]), "expected SEQUENCE, found NULL"),
            (pair(&[0x30, 0x06, 0x01, 0x01, 0xff, 0x04, 0x01, 0x01]), "expected INTEGER, found OCTET STRING"),
            (pair(&[0x30, 0x06, 0x01, 0x01, 0xff]), "it ends too early"),
            (pair(&[0x30, 0x80, 0x00, 0x00]), "a length is left open"),
            (
                pair(&[0x30, 0x06, 0x01, 0x01, 0x07, 0x02, 0x01, 0x01]),
                "BOOLEAN is not in its one form of DER",
            ),
            (pair(&[0x30, 0x07, 0x01, 0x01, 0xff, 0x02, 0x02, 0x01, 0x01]), "INTEGER has"),
            (Null::from_der(&[0x05, 0x00, 0x01]).err(), "something follows its end"),
            (Null::from_der(&[0x05, 0x01, 0x00]).err(), "NULL has a wrong length"),
            (<&OctetStringRef>::from_der(&[0x1f, 0x00]).err(), "an unknown tag"),
            (Utf8StringRef::from_der(&[0x0c, 0x01, 0xff]).err(), "a UTF8String is not UTF-8"),
        ] {
            let said = fault(&error.unwrap());
            assert!(said.starts_with(told), "{said}, expected {told}");
        }
    }
}
