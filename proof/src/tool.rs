//! Programs of the system.

use std::path::Path;
use std::process::Command;

/// Runs a command that must succeed, and gives what it printed.
///
/// # Errors
/// What it said, in one line.
pub(crate) fn shell(words: &[&str]) -> Result<String, String> {
    let program = tests::find_program(words[0]).ok_or_else(|| format!("{} is not installed", words[0]))?;
    let output = Command::new(program).args(&words[1..]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned();
    if !output.status.success() {
        return Err(format!("{} failed: {said}", words.join(" ")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
