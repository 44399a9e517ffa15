//! The encoding of a request, which may turn out to be none.

use crate::request::{Csr, CsrError};
use x509_parser::asn1_rs::{Any, FromBer};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

/// DER that should be a request.
#[derive(Clone, Debug)]
pub(crate) struct EncodingCase {
    /// Why the strict decoder takes no request out of it.
    pub(crate) fault: Option<Fault>,
    /// How many octets follow the request.
    pub(crate) trailing: usize,
}

/// Why the strict decoder takes no request out of it.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Readable, but not in the one encoding DER allows.
    NotDer(String),
    /// Not readable.
    Malformed(String),
}

impl EncodingCase {
    /// Looks at the encoding, and takes the request out of it when it can be read that far.
    pub(crate) fn read(der: &[u8]) -> (Self, Option<Csr>) {
        let (whole, trailing) = match Csr::from_der(der) {
            Ok(csr) => (Ok(csr), 0),
            // Only a document that fails is worth the second look.
            Err(error) => {
                first_object(der).map_or((Err(error), 0), |(first, rest)| (Csr::from_der(first), rest))
            }
        };
        let fault = whole.as_ref().err().map(|error| fault(der, error));
        (Self { fault, trailing }, whole.ok())
    }
}

/// The first object, and how many octets follow it.
fn first_object(der: &[u8]) -> Option<(&[u8], usize)> {
    x509_parser::asn1_rs::Header::from_der(der).ok()?;
    let (after, _) = Any::from_ber(der).ok()?;
    let first = der.get(..der.len() - after.len())?;
    (!after.is_empty()).then_some((first, after.len()))
}

fn fault(der: &[u8], error: &CsrError) -> Fault {
    let why = error.to_string();
    match X509CertificationRequest::from_der(der) {
        Ok(_) => Fault::NotDer(why),
        Err(_) => Fault::Malformed(why),
    }
}
