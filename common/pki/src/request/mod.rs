//! Certification requests, PKCS#10 ([RFC 2986](https://www.rfc-editor.org/rfc/rfc2986)): what is to be
//! requested, how it is built, and how one is read.

mod build;
mod cluster;
mod csr;
mod spec;

pub use cluster::{ClusterName, ClusterNameError, ClusterSpec};
pub use csr::{Csr, CsrError};
pub use spec::{RequestSpec, SpecError};
