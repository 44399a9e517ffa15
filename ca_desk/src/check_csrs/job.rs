//! What a worker does: read one input, cut it, judge every request in it.

use super::split::{Piece, Splitter};
use super::view;
use crate::desk::{Entry, Source, Trouble};
use cli::{Failure, input};
use common::Sha256;
use common::{Pair, Role};
use pki::Csr;
use pki::pem::{self, Block, MAX_INPUT, PemError};
use pki::rules::Policy;
use pki::verdict::{examine_request, judge_requests_together};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Something to judge, small enough for one worker.
#[derive(Debug)]
pub(super) enum Job {
    /// A file of at most [`MAX_INPUT`] octets when it was found.
    File(PathBuf),
    /// The two requests of one cluster.
    Pair(Pair<PathBuf>),
    /// A small input that was read already.
    Bytes { path: PathBuf, bytes: Vec<u8> },
    /// A piece of a large input.
    Piece { source: Source, bytes: Vec<u8>, role: Option<Role> },
    /// What cannot even be tried.
    Trouble(Source, Trouble),
}

impl Job {
    fn source(&self) -> Source {
        match self {
            Self::File(path) | Self::Bytes { path, .. } => Source::file(path),
            Self::Pair(paths) => Source::file(&paths.main),
            Self::Piece { source, .. } | Self::Trouble(source, _) => source.clone(),
        }
    }
}

/// A judged request, and what the history has to know of it.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) entry: Entry,
    pub(super) known: Option<Known>,
}

/// What is remembered of a request.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) key: Sha256,
    pub(super) request: Sha256,
    pub(super) name: String,
    pub(super) role: Option<Role>,
}

/// How to judge.
#[derive(Clone, Copy)]
pub(super) struct Manner<'a> {
    pub(super) policy: &'a Policy,
    /// Whether the decoded view is wanted.
    pub(super) view: bool,
    /// Whether there is a history.
    pub(super) history: bool,
}

/// A worker's desk: the buffer it reads into.
pub(super) struct Worker<'a> {
    manner: Manner<'a>,
    buffer: Vec<u8>,
}

impl<'a> Worker<'a> {
    pub(super) const fn new(manner: Manner<'a>) -> Self {
        Self { manner, buffer: Vec::new() }
    }

    /// Does a job. A fault of ours costs the entry it happens in, not the run.
    pub(super) fn work(&mut self, job: &Job) -> Vec<Judged> {
        let done = catch_unwind(AssertUnwindSafe(|| self.judge(job)));
        done.unwrap_or_else(|_| {
            let trouble = Trouble::Unreadable("a fault of this program, described above".to_owned());
            vec![troubled(job.source(), trouble)]
        })
    }

    fn judge(&mut self, job: &Job) -> Vec<Judged> {
        match job {
            Job::File(path) => self.file(path, None).into_judged(path, self.manner.policy),
            Job::Bytes { path, bytes } => {
                let found = self.read(path, bytes.as_slice(), None);
                found.into_judged(path, self.manner.policy)
            }
            Job::Pair(paths) => self.pair(paths),
            Job::Piece { source, bytes, role } => self.piece(source, bytes, *role).judged,
            Job::Trouble(source, trouble) => vec![troubled(source.clone(), trouble.clone())],
        }
    }

    /// Both requests, each in its role, and what only both together show.
    fn pair(&mut self, paths: &Pair<PathBuf>) -> Vec<Judged> {
        let both = Pair::from_fn(|role| self.file(paths.of(role), Some(role)));
        let directory = paths.main.parent().filter(|parent| *parent != Path::new(""));
        let directory = directory.unwrap_or_else(|| Path::new("."));
        let together = both.as_ref().map(|found| match found.requests.as_slice() {
            [(_, csr)] => Some(csr),
            _ => None,
        });
        let pair = Pair::both(together).map(|pair| as_pair(directory, pair, self.manner.policy));
        let mut judged = both.main.judged;
        judged.extend(both.assets.judged);
        judged.extend(pair);
        judged
    }

    fn file(&mut self, path: &Path, role: Option<Role>) -> Found {
        match input::open(path) {
            Ok(file) => self.read(path, file, role),
            Err(failure) => Found::trouble(Source::file(path), Trouble::Unreadable(why(&failure))),
        }
    }

    fn read(&mut self, path: &Path, input: impl Read, role: Option<Role>) -> Found {
        let mut buffer = std::mem::take(&mut self.buffer);
        let source = Source::file(path);
        let mut found = Found::default();
        // A file may grow while it is read; one that was large from the start is no job for one worker.
        let mut splitter = Splitter::new(input.take(GROWN), &mut buffer);
        loop {
            match splitter.next() {
                Ok(Some(piece)) => found.extend(self.of_piece(&source, piece, role)),
                Ok(None) => break,
                Err(error) => {
                    found.extend(Found::trouble(source.clone(), Trouble::Unreadable(error.to_string())));
                    break;
                }
            }
        }
        if splitter.into_input().limit() == 0 {
            let why = "it grew while it was read: the rest was left out".to_owned();
            found.extend(Found::trouble(source, Trouble::Unreadable(why)));
        }
        self.buffer = buffer;
        if found.judged.is_empty() {
            let nothing = no_document(&PemError::NothingFound(Vec::new()));
            found.extend(Found::trouble(Source::file(path), nothing));
        }
        found
    }

    fn of_piece(&self, source: &Source, piece: Piece<'_>, role: Option<Role>) -> Found {
        match piece {
            Piece::Block { line, bytes, role: heading } => {
                let source = Source { line: Some(line), ..source.clone() };
                self.piece(&source, bytes, role.or(heading))
            }
            Piece::Whole(bytes) => self.piece(source, bytes, role),
            Piece::TooLong { line } => {
                Found::trouble(Source { line: Some(line), ..source.clone() }, too_long())
            }
        }
    }

    /// A PEM block, or an input without any.
    fn piece(&self, source: &Source, bytes: &[u8], role: Option<Role>) -> Found {
        let line = source.line.unwrap_or(1);
        let trouble = |error: PemError| Found::trouble(source.clone(), no_document(&error.in_input_at(line)));
        let reading = match pem::read(bytes) {
            Ok(reading) => reading,
            // A sentence that names the lines of a request.
            Err(PemError::NothingFound(remarks)) if remarks.is_empty() && source.line.is_some() => {
                return Found::default();
            }
            Err(error) => return trouble(error),
        };
        let mut found = Found::default();
        for placed in reading.blocks {
            found.extend(match placed.block {
                Block::Request(der) => self.request(source, &der, role),
                Block::Certificate(_) => Found::trouble(source.clone(), certificate()),
            });
        }
        for fault in reading.faults {
            found.extend(trouble(PemError::Damaged(vec![fault])));
        }
        found.say(reading.remarks.into_iter().map(|remark| remark.moved_down(line - 1).to_string()));
        found
    }

    fn request(&self, source: &Source, der: &[u8], role: Option<Role>) -> Found {
        let examined = examine_request(der, role, self.manner.policy);
        let csr = examined.csr.as_ref();
        let entry = Entry {
            source: source.clone(),
            is_pair: false,
            title: csr.map(view::title).unwrap_or_default(),
            view: csr.filter(|_| self.manner.view).map(view::view),
            findings: examined.findings,
            remarks: Vec::new(),
            trouble: None,
        };
        let known = csr.filter(|_| self.manner.history).map(|csr| Known {
            key: csr.spki().sha256(),
            request: csr.sha256(),
            name: view::name(csr).to_string(),
            role,
        });
        Found {
            judged: vec![Judged { entry, known }],
            requests: role.zip(examined.csr).into_iter().collect(),
        }
    }
}

/// What one input held.
#[derive(Default)]
struct Found {
    judged: Vec<Judged>,
    /// Requests whose role is known.
    requests: Vec<(Role, Csr)>,
}

impl Found {
    fn trouble(source: Source, trouble: Trouble) -> Self {
        Self { judged: vec![troubled(source, trouble)], requests: Vec::new() }
    }

    /// What was passed over or mended beside the requests.
    fn say(&mut self, remarks: impl Iterator<Item = String>) {
        if let Some(first) = self.judged.first_mut() {
            first.entry.remarks.extend(remarks);
        }
    }

    fn extend(&mut self, other: Self) {
        self.judged.extend(other.judged);
        self.requests.extend(other.requests);
    }

    /// Numbered where there are several; with one request of each role, judged as a pair too.
    fn into_judged(mut self, path: &Path, policy: &Policy) -> Vec<Judged> {
        if self.judged.len() > 1 {
            for (index, judged) in self.judged.iter_mut().enumerate() {
                judged.entry.source.position = Some(index + 1);
            }
        }
        let one = |wanted: Role| match self.requests.as_slice() {
            [(role, csr), _] if *role == wanted => Some(csr),
            [_, (role, csr)] if *role == wanted => Some(csr),
            _ => None,
        };
        if let Some(pair) = Pair::both(Pair::from_fn(one)) {
            self.judged.push(as_pair(path, pair, policy));
        }
        self.judged
    }
}

fn as_pair(path: &Path, pair: Pair<&Csr>, policy: &Policy) -> Judged {
    let entry = Entry {
        source: Source::file(path),
        is_pair: true,
        title: "Main and Assets as a pair".to_owned(),
        view: None,
        findings: judge_requests_together(pair, policy),
        remarks: Vec::new(),
        trouble: None,
    };
    Judged { entry, known: None }
}

fn troubled(source: Source, trouble: Trouble) -> Judged {
    Judged { entry: Entry::trouble(source, trouble), known: None }
}

/// Why an input cannot be opened, without its name, which stands beside it.
fn why(failure: &Failure) -> String {
    failure.causes.last().unwrap_or(&failure.what).clone()
}

fn no_document(error: &PemError) -> Trouble {
    let exposed = matches!(error, PemError::PrivateKey { encrypted: false, .. });
    let advice = if exposed { ": whoever handled it may have copied it; have a new key made" } else { "" };
    Trouble::NoDocument(format!("{error}{advice}"))
}

fn certificate() -> Trouble {
    Trouble::NoDocument("it is a certificate, not a request; check_certs judges certificates".to_owned())
}

/// A block, or an input without blocks, over the limit.
pub(super) fn too_long() -> Trouble {
    Trouble::NoDocument(format!("more than {MAX_INPUT} bytes without the end of a request"))
}

/// What a file may grow to between being found and being read.
const GROWN: u64 = 4 << 20;
