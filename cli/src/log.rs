//! The operator's log: one JSON object per line, mode 0600, no secrets; a log that cannot be written is a warning.
use std::path::{Path, PathBuf};
/// An open log, or none.
pub struct Log {
    path: PathBuf,
}
impl Log {
    /// `--log-file`, else `/var/log/{command}.log` for root, else `$XDG_STATE_HOME/…`.
    pub fn open(command: &'static str, path: Option<&Path>) -> Self {
        let _ = path;
        todo!("{command}")
    }
    /// Appends one event; fields are `serde_json` values (escape untrusted text first).
    pub fn event(&mut self, event: &str, fields: serde_json::Value) {
        todo!("{event} {fields} {}", self.path.display())
    }
}
