//! Names: parsed once, normalised forever.

mod dns;
mod found;
mod grammar;
mod san;
mod subject;

pub use dns::{DnsName, DnsNameError};
pub use found::{Attribute, DistinguishedName, GeneralName};
pub use san::{San, SanError, SanSet, SanSetError};
pub use subject::{AttributeType, Subject, SubjectError};
