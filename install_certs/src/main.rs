fn main() -> std::process::ExitCode {
    install_certs::main()
}
