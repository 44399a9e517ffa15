//! The binary; everything is in the library.

fn main() -> std::process::ExitCode {
    get_csrs::main()
}
