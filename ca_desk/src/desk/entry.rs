//! One judged document.

use pki::rules::{Finding, Severity};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a document stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The file; `-` for standard input.
    pub(crate) path: Arc<Path>,
    /// Its number in the file, from 1, when the file holds several.
    pub(crate) position: Option<usize>,
    /// The line of the file it begins in, from 1, when it is text.
    pub(crate) line: Option<usize>,
}

impl Source {
    /// A whole file.
    pub(crate) fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into().into(), position: None, line: None }
    }
}

/// One document, or one pair of documents, and what there is to say about it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Where it stands.
    pub(crate) source: Source,
    /// Whether it is about two documents together, which are entries of their own.
    pub(crate) is_pair: bool,
    /// Whom it is for, in a few words that are safe to print.
    pub(crate) title: String,
    /// What is in it; printed with `--show` and in JSON.
    pub(crate) view: Option<View>,
    /// Errors first.
    pub(crate) findings: Vec<Finding>,
    /// What of the input was passed over, or read although it is not as it should be; safe to print.
    pub(crate) remarks: Vec<String>,
    /// Why it could not be judged.
    pub(crate) trouble: Option<Trouble>,
}

/// Why there is nothing to judge; the text is safe to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The file cannot be read.
    Unreadable(String),
    /// What it holds is no such document.
    NoDocument(String),
}

impl Trouble {
    /// The text.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Unreadable(text) | Self::NoDocument(text) => text,
        }
    }

    /// The id JSON, SARIF and the summary give it, beside those of the rules.
    pub(crate) const fn id(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "input.unreadable",
            Self::NoDocument(_) => "input.no_document",
        }
    }

    /// Both ids with what they mean.
    pub(super) const IDS: [(&'static str, &'static str); 2] = [
        ("input.unreadable", "the file can be read"),
        ("input.no_document", "the input holds a document of the kind that is to be judged"),
    ];
}

/// The answer to one document, from bad to worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// No finding, or remarks only.
    Clean,
    /// Warnings.
    Warning,
    /// Errors.
    Error,
    /// Not judged.
    NotJudged,
}

impl Verdict {
    /// `ok`, `warning`, `error` or `not judged`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Clean => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::NotJudged => "not judged",
        }
    }
}

impl Entry {
    /// A file, or a part of it, that could not be judged.
    pub(crate) fn trouble(source: Source, trouble: Trouble) -> Self {
        Self {
            source,
            is_pair: false,
            title: String::new(),
            view: None,
            findings: Vec::new(),
            remarks: Vec::new(),
            trouble: Some(trouble),
        }
    }

    /// The answer.
    pub(crate) fn verdict(&self) -> Verdict {
        match self.findings.iter().map(|finding| finding.severity).max() {
            _ if self.trouble.is_some() => Verdict::NotJudged,
            Some(Severity::Error) => Verdict::Error,
            Some(Severity::Warning) => Verdict::Warning,
            Some(Severity::Info) | None => Verdict::Clean,
        }
    }

    /// `path`, or `path#2` for the second document of a file; safe to print.
    pub(crate) fn place(&self) -> String {
        let path = printable(&self.source.path);
        self.source.position.map_or_else(|| path.clone(), |number| format!("{path}#{number}"))
    }
}

/// A path as messages show it; file names are somebody else's text too.
pub(super) fn printable(path: &Path) -> String {
    common::Untrusted::new(path.to_string_lossy()).to_string()
}

/// A decoded document: fields in the order of printing, texts safe to print.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct View(pub(crate) Vec<(&'static str, Field)>);

/// The value of a field; its name is that of the JSON key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// One text.
    One(String),
    /// A list.
    Many(Vec<String>),
}
