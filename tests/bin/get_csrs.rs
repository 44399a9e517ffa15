//! The `get_csrs` command under a name of its own, so that tests find it.

fn main() -> std::process::ExitCode {
    get_csrs::main()
}
