//! The `check_csrs` command under a name of its own, so that tests find it.

fn main() -> std::process::ExitCode {
    ca_desk::check_csrs()
}
