//! Names: parsed once, normalised forever.

mod dns;
mod found;
mod grammar;
pub(crate) mod mailbox;
mod san;
mod subject;
mod uri;

pub use dns::{DnsName, DnsNameError};
pub use found::{Attribute, DistinguishedName, GeneralName};
pub use grammar::Reading;
pub use mailbox::MailboxError;
pub use san::{San, SanError, SanSet, SanSetError};
pub use subject::{AttributeType, Subject, SubjectError};
pub use uri::UriError;
