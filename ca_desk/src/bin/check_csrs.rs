//! The `check_csrs` command.

fn main() -> std::process::ExitCode {
    ca_desk::check_csrs()
}
