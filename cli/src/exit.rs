//! Exit codes: an interface, never reused for another meaning.

/// How a command ended. The number says who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Unexpected: a fault of ours.
    Unexpected = 1,
    /// Usage: a flag, a name, an answers file, an input file that cannot be read.
    Usage = 2,
    /// Rejected: the document is at fault; the requester or the CA team must act.
    Rejected = 3,
    /// Store: missing, damaged, nothing staged, something already staged, wrong mode.
    Store = 4,
    /// Passphrase absent or wrong.
    Passphrase = 5,
    /// The outcome is uncertain: neither success nor failure; look with `--status`.
    Uncertain = 6,
    /// Busy, or the store changed meanwhile.
    Busy = 7,
    /// Done, but the deploy hook failed.
    HookFailed = 8,
    /// Advisory: something is due.
    Due = 10,
    /// Ended by Ctrl-C or SIGTERM before anything changed (128 + SIGINT).
    Interrupted = 130,
}

impl Exit {
    /// The number the process exits with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::Rejected => 3,
            Self::Store => 4,
            Self::Passphrase => 5,
            Self::Uncertain => 6,
            Self::Busy => 7,
            Self::HookFailed => 8,
            Self::Due => 10,
            Self::Interrupted => 130,
        }
    }
    /// The word JSON uses: `done`, `unexpected`, `usage`, `rejected`, `store`, `passphrase`, `uncertain`, `busy`, `hook-failed`, `due`, `interrupted`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unexpected => "unexpected",
            Self::Usage => "usage",
            Self::Rejected => "rejected",
            Self::Store => "store",
            Self::Passphrase => "passphrase",
            Self::Uncertain => "uncertain",
            Self::Busy => "busy",
            Self::HookFailed => "hook-failed",
            Self::Due => "due",
            Self::Interrupted => "interrupted",
        }
    }
}
