//! Names: parsed once, normalised forever.

mod attribute;
pub(crate) mod common_name;
mod compare;
mod dns;
mod found;
mod grammar;
pub(crate) mod mailbox;
mod san;
mod subject;
pub(crate) mod uri;

pub use attribute::AttributeType;
pub use dns::{DnsName, DnsNameError};
pub(crate) use found::display_name;
pub use found::{Attribute, DistinguishedName, GeneralName};
pub use grammar::Reading;
pub(crate) use grammar::is_visible;
pub use mailbox::{Email, MailboxError};
pub use san::{San, SanError, SanSet, SanSetError};
pub use subject::{Subject, SubjectError};
pub use uri::UriError;
