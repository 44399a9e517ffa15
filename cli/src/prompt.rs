//! Questions at a terminal (dialoguer) and secrets (rpassword). A mistake at one prompt is
//! explained and asked again; Ctrl-C at any prompt is [`crate::Exit::Interrupted`].
use crate::Failure;
use common::pki::sealed::Secret;

/// Asks for a line until `parse` accepts it; `parse`'s error is shown and the question repeated.
pub fn line<T>(
    question: &str,
    default: Option<&str>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Failure> {
    let _ = (default, parse);
    todo!("{question}")
}
/// Asks for lines until a blank one; a refused line is explained and asked again.
pub fn lines<T>(question: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, Failure> {
    let _ = parse;
    todo!("{question}")
}
/// Asks for one of a list; returns the index.
pub fn choose(question: &str, items: &[&str], default: usize) -> Result<usize, Failure> {
    let _ = (items, default);
    todo!("{question}")
}
/// Yes or no.
pub fn confirm(question: &str, default: bool) -> Result<bool, Failure> {
    let _ = default;
    todo!("{question}")
}
/// Reads a secret without echo.
pub fn secret(question: &str) -> Result<Secret, Failure> {
    todo!("{question}")
}
/// Reads a secret twice until both agree and `accept` takes it.
pub fn new_secret<T>(
    question: &str,
    again: &str,
    accept: impl Fn(Secret) -> Result<T, String>,
) -> Result<T, Failure> {
    let _ = (again, accept);
    todo!("{question}")
}
