//! The `sign_csrs` command.

#[global_allocator]
static ALLOCATOR: cli::harden::Wiping = cli::harden::WIPING;

fn main() -> std::process::ExitCode {
    ca_desk::sign_csrs()
}
