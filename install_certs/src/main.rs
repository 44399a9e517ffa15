//! The `install_certs` command.

fn main() -> std::process::ExitCode {
    install_certs::main()
}
