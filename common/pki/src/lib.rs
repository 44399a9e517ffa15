//! Names, keys, requests, certificates, chains, the rules they are judged by, and the verifier.
//!
//! Order of dependence: `pem`, `name`, `spki`, `key` before `sealed`, `extensions`, `csr`,
//! `certificate`, `chain`, `constraints`, `expectation` before `rules` before
//! `rfc5280` before `verify`.

pub mod certificate;
pub mod chain;
pub mod constraints;
pub mod csr;
mod dsa;
pub mod expectation;
pub mod extensions;
pub mod key;
pub mod name;
pub mod pem;
mod rfc5280;
pub mod rules;
pub mod sealed;
pub mod second_opinion;
pub mod signature;
pub mod spec;
pub mod spki;
pub mod verify;

#[cfg(test)]
mod tests;
