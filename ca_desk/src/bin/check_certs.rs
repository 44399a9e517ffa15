//! The `check_certs` command.

fn main() -> std::process::ExitCode {
    ca_desk::check_certs::main()
}
