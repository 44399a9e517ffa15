//! Input files and standard input, with limits and clear errors; stdin can be used once.
use crate::Failure;
use std::path::Path;
/// Reads a file (or `-` for standard input) of at most `limit` bytes; refuses directories,
/// FIFOs and devices given by path without hanging; the error names path and cause.
/// # Errors
/// [`Failure`] with [`crate::Exit::Usage`].
pub fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let _ = (path, limit);
    todo!()
}
