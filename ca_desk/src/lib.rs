//! ca_desk
use std::process::ExitCode;
/// The command.
pub fn main() -> ExitCode {
    todo!()
}
