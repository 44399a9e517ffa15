//! The `install_certs` command.

#[global_allocator]
static ALLOCATOR: cli::harden::Wiping = cli::harden::WIPING;

fn main() -> std::process::ExitCode {
    install_certs::main()
}
