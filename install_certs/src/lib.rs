//! install_certs
use std::process::ExitCode;
/// The command.
pub fn main() -> ExitCode {
    todo!()
}
