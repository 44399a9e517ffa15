//! TLS with a verified chain and its key: configuration, and the rehearsal before an install.

pub mod config;
pub mod rehearsal;
