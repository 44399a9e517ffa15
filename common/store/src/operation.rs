//! Who changes the store, when, and with what.

use common::{Timestamp, Untrusted};

/// Who changes the store, when, and with what: recorded in `STATE`, manifests and the audit log.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// 32 random hex digits.
    pub id: String,
    /// The command as typed, without secrets: `get_csrs --rotate`.
    pub command: String,
    /// `root@node1 (pid 1234)`.
    pub by: String,
    /// When it began.
    pub at: Timestamp,
}

impl Operation {
    /// The same, fit to be recorded: invisible characters escaped, long texts cut, so that a
    /// command line can neither forge a line nor outgrow `STATE`.
    #[must_use]
    pub(crate) fn recordable(self) -> Self {
        Self {
            id: recordable(&self.id, 32),
            command: recordable(&self.command, 256),
            by: recordable(&self.by, 128),
            at: self.at,
        }
    }
}

fn recordable(text: &str, longest: usize) -> String {
    let escaped = Untrusted::new(text).to_string();
    match escaped.char_indices().nth(longest) {
        None => escaped,
        Some(_) => escaped.chars().take(longest - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn operation() -> Operation {
        Operation {
            id: "00112233445566778899aabbccddeeff".into(),
            command: "get_csrs --rotate".into(),
            by: "root@node1 (pid 1234)".into(),
            at: Timestamp::from_unix(1_795_334_400),
        }
    }

    #[test]
    fn a_recordable_operation_is_short_and_plain() {
        let wild = Operation {
            id: "x".repeat(99),
            command: "get_csrs --main '\u{1b}[2J\n'".into(),
            by: "\"\\\u{202e}".repeat(500),
            ..operation()
        }
        .recordable();
        assert_eq!(wild.command, "get_csrs --main '\\u{1b}[2J\\u{a}'");
        assert_eq!((wild.id.chars().count(), wild.by.chars().count()), (32, 128));
        assert!(wild.by.ends_with('…'));
        assert_eq!(operation().recordable(), operation());
    }
}
