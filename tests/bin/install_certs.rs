//! The `install_certs` command under a name of its own, so that tests find it.

fn main() -> std::process::ExitCode {
    install_certs::main()
}
