//! Names: parsed once, normalised forever.

mod attribute;
pub(crate) mod common_name;
mod compare;
mod distinguished_name;
mod dns;
mod general_name;
mod grammar;
pub(crate) mod mailbox;
mod order;
mod san;
mod subject;
pub(crate) mod uri;

pub use attribute::AttributeType;
pub use distinguished_name::{Attribute, DistinguishedName};
pub use dns::{DnsName, DnsNameError};
pub use general_name::GeneralName;
pub(crate) use general_name::display_name;
pub use grammar::Reading;
pub(crate) use grammar::is_visible;
pub use mailbox::{Email, MailboxError};
pub use san::{San, SanError, SanSet, SanSetError};
pub use subject::{Subject, SubjectError};
pub use uri::UriError;
