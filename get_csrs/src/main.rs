//! The `get_csrs` command.

fn main() -> std::process::ExitCode {
    get_csrs::main()
}
