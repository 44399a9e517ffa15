//! The binary; everything is in the library.

#[global_allocator]
static ALLOCATOR: cli::harden::Wiping = cli::harden::WIPING;

fn main() -> std::process::ExitCode {
    get_csrs::main()
}
