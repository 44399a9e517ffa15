//! The operator's log: one JSON object per line, mode 0600, no secrets; a log that cannot be written is a warning.

use crate::{Exit, Failure, clock, output, place, plain};
use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use serde_json::{Map, Value, json};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// An open log, or none.
pub struct Log {
    command: &'static str,
    path: PathBuf,
    file: Option<OwnedFd>,
}

impl Log {
    /// `--log-file`, else `/var/log/{command}.log` for root, else `$XDG_STATE_HOME/{command}.log`.
    pub fn open(command: &'static str, path: Option<&Path>) -> Self {
        let path = path.map_or_else(
            || {
                let path = place::log(command);
                // Only the default place is made; its absence shows when the file is opened.
                if let Some(directory) = path.parent() {
                    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).ok();
                }
                path
            },
            Path::to_owned,
        );
        let mut log = Self { command, path, file: None };
        match open_for_append(&log.path) {
            Ok(file) => log.file = Some(file),
            Err(error) => log.give_up(&error),
        }
        log
    }

    /// Appends one event; fields are `serde_json` values (escape untrusted text first).
    pub fn event(&mut self, event: &str, fields: Value) {
        let Some(file) = &self.file else { return };
        let mut line = line(self.command, event, fields);
        line.push('\n');
        // One write: two commands that log at once never mix their lines (O_APPEND).
        let result = match rustix::io::write(file, line.as_bytes()) {
            Ok(written) if written == line.len() => return,
            Ok(_) => io::Error::from(io::ErrorKind::WriteZero),
            Err(error) => error.into(),
        };
        self.give_up(&result);
    }

    /// Appends how the command ended: its exit code, and of a failure what it says and the rules that were broken.
    pub fn end(&mut self, end: &Result<Exit, Failure>) {
        let fields = match end {
            Ok(exit) => json!({"exit": exit.code()}),
            Err(failure) => {
                let rules: Vec<_> = failure.findings.iter().map(|finding| finding.rule).collect();
                json!({
                    "exit": failure.exit.code(), "error": failure.what, "causes": failure.causes,
                    "rules": rules, "now": failure.now,
                })
            }
        };
        self.event("end", fields);
    }

    /// Says once that there is no log, and goes on without.
    fn give_up(&mut self, error: &io::Error) {
        self.file = None;
        output::warn(self.command, &format!("cannot write the log {}: {error}", self.path.display()));
    }
}

fn line(command: &str, event: &str, fields: Value) -> String {
    let mut object = Map::new();
    object.insert("time".into(), clock::now().to_string().into());
    object.insert("command".into(), command.into());
    object.insert("pid".into(), std::process::id().into());
    object.insert("event".into(), event.into());
    match fields {
        Value::Object(fields) => object.extend(fields),
        Value::Null => {}
        other @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            object.insert("value".into(), other);
        }
    }
    plain::record(Value::Object(object)).to_string()
}

fn open_for_append(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::WRONLY
        | OFlags::APPEND
        | OFlags::CREATE
        | OFlags::NOFOLLOW
        | OFlags::NONBLOCK
        | OFlags::NOCTTY
        | OFlags::CLOEXEC;
    let file = open(path, flags, Mode::RUSR | Mode::WUSR)?;
    let stat = fstat(&file)?;
    match FileType::from_raw_mode(stat.st_mode) {
        // Another name of it may be somebody's file that is no log.
        FileType::RegularFile if stat.st_nlink > 1 => {
            Err(io::Error::other(format!("it has {} names (hard links), expected 1", stat.st_nlink)))
        }
        FileType::RegularFile => Ok(file),
        kind @ (FileType::Directory
        | FileType::Symlink
        | FileType::Fifo
        | FileType::Socket
        | FileType::CharacterDevice
        | FileType::BlockDevice
        | FileType::Unknown) => {
            Err(io::Error::other(format!("it is {}, not a file", crate::input::kind_name(kind))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn one_event_is_one_line_of_json_and_the_file_is_private() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let mut log = Log::open("get_csrs", Some(&path));
        log.event("staged", serde_json::json!({"generation": 7, "by": "a\nb"}));
        log.event("end", Value::Null);
        Log::open("get_csrs", Some(&path)).event("again", Value::Null);
        let text = std::fs::read_to_string(&path).unwrap();
        let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(events.len(), 3);
        assert_eq!((&events[0]["event"], &events[0]["generation"]), (&"staged".into(), &7.into()));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_cannot_be_a_log_is_given_up_without_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("target");
        std::fs::write(&target, "").unwrap();
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let hard_link = directory.path().join("hard link");
        std::fs::hard_link(&target, &hard_link).unwrap();
        for path in [directory.path(), &link, &hard_link, Path::new("/dev/null"), Path::new("/nowhere/log")] {
            let mut log = Log::open("get_csrs", Some(path));
            assert!(log.file.is_none(), "{}", path.display());
            log.event("x", Value::Null);
        }
        assert_eq!(std::fs::read(&target).unwrap(), b"");
    }
}
