fn main() -> std::process::ExitCode {
    ca_desk::main()
}
