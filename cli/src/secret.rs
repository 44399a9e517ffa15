//! Secrets without a terminal: `--…-file` (mode checked on the open descriptor), `--…-fd N`, a
//! systemd credential (`$CREDENTIALS_DIRECTORY/NAME`). Read from the raw descriptor into a fixed
//! buffer that is wiped; the first line counts, its line ending does not.
use crate::Failure;
use common::pki::sealed::Secret;
use std::path::Path;
/// From a file: regular, owned by us or root, not readable by group or others.
pub fn from_file(what: &str, path: &Path) -> Result<Secret, Failure> {
    let _ = path;
    todo!("{what}")
}
/// From an inherited descriptor.
pub fn from_fd(what: &str, fd: i32) -> Result<Secret, Failure> {
    todo!("{what} {fd}")
}
/// From `$CREDENTIALS_DIRECTORY/{name}`, if there is one.
pub fn from_credential(what: &str, name: &str) -> Option<Result<Secret, Failure>> {
    todo!("{what} {name}")
}
