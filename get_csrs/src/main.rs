fn main() -> std::process::ExitCode {
    get_csrs::main()
}
