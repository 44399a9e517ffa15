//! The `sign_csrs` command.

fn main() -> std::process::ExitCode {
    ca_desk::sign_csrs::main()
}
