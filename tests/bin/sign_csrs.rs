//! The `sign_csrs` command under a name of its own, so that tests find it.

fn main() -> std::process::ExitCode {
    ca_desk::sign_csrs()
}
