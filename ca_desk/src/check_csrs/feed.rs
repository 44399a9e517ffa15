//! The line of work: one thread finds inputs, several judge, the caller takes what they judged in
//! the order it was found. Every queue is bounded, so memory does not depend on the number of
//! requests, and the order not on the number of threads: batches are dealt out in turn and taken
//! back in turn.

use super::job::{Job, Judged, Manner, Worker, too_long};
use super::split::{Piece, Splitter};
use crate::desk::{Found, Source, Trouble, Walk};
use cli::{Exit, Failure, input, terminal};
use pki::pem::MAX_INPUT;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// The run is over before the work is: nobody takes results any more.
#[derive(Debug)]
struct Stopped;

/// What comes back of a batch, in one or more parts.
struct Part {
    judged: Vec<Judged>,
    last: bool,
}

/// Jobs, and octets, in a batch.
const BATCH: usize = 32;
const BATCH_OCTETS: u64 = 1 << 20;
/// Judged requests in one part.
const PART: usize = 512;
/// Batches a worker may have waiting, and parts that may wait for the caller.
const WAITING: usize = 4;

/// Judges everything that is named, handing over what is judged, with how much is done of what is
/// known so far.
///
/// # Errors
/// That of `take`; [`Exit::Interrupted`]; [`Exit::Unexpected`] when a thread ended before its time.
pub(super) fn run(
    inputs: &[PathBuf],
    first: Vec<Job>,
    threads: usize,
    manner: Manner<'_>,
    mut take: impl FnMut(Vec<Judged>, u64, u64) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let known = AtomicU64::new(0);
    let known = &known;
    thread::scope(|scope| {
        let (mut queues, mut results) = (Vec::new(), Vec::new());
        for _ in 0..threads.max(1) {
            let (queue, jobs) = sync_channel(WAITING);
            let (parts, result) = sync_channel(WAITING);
            queues.push(queue);
            results.push(result);
            scope.spawn(move || judge(&jobs, &parts, manner));
        }
        let dealer = scope.spawn(move || {
            let mut dealer = Dealer { queues, batch: Vec::new(), octets: 0, dealt: 0, known };
            let _ = dealer.deal(inputs, first);
            dealer.dealt
        });
        let taken = collect(&results, |judged, done| take(judged, done, known.load(Ordering::Relaxed)));
        // Nobody listens any more: whoever still works stops at the next result.
        drop(results);
        let dealt = dealer.join().unwrap_or(u64::MAX);
        let taken = taken?;
        terminal::check_interrupted()?;
        if taken == dealt {
            Ok(())
        } else {
            Err(Failure::new(Exit::Unexpected, "a thread ended before its time"))
        }
    })
}

/// Takes all parts in turn; the number of batches.
fn collect(
    results: &[Receiver<Part>],
    mut take: impl FnMut(Vec<Judged>, u64) -> Result<(), Failure>,
) -> Result<u64, Failure> {
    let (mut batches, mut done) = (0, 0);
    for result in results.iter().cycle() {
        loop {
            terminal::check_interrupted()?;
            // A worker ends when nothing is dealt to it any more: so all before it are done.
            let Ok(Part { judged, last }) = result.recv() else { return Ok(batches) };
            done += u64::try_from(judged.len()).unwrap_or_default();
            take(judged, done)?;
            if last {
                break;
            }
        }
        batches += 1;
    }
    Ok(batches)
}

fn judge(jobs: &Receiver<Vec<Job>>, parts: &SyncSender<Part>, manner: Manner<'_>) {
    let mut worker = Worker::new(manner);
    while let Ok(batch) = jobs.recv() {
        let mut judged = Vec::new();
        for job in &batch {
            judged.extend(worker.work(job));
            if judged.len() >= PART
                && parts.send(Part { judged: std::mem::take(&mut judged), last: false }).is_err()
            {
                return;
            }
        }
        if parts.send(Part { judged, last: true }).is_err() {
            return;
        }
    }
}

/// Finds inputs and deals them out.
struct Dealer<'a> {
    queues: Vec<SyncSender<Vec<Job>>>,
    batch: Vec<Job>,
    octets: u64,
    dealt: u64,
    known: &'a AtomicU64,
}

impl Dealer<'_> {
    fn deal(&mut self, inputs: &[PathBuf], first: Vec<Job>) -> Result<(), Stopped> {
        for job in first {
            self.add(job, 0)?;
        }
        Walk::pairing(inputs).try_for_each(|found| self.take(found))?;
        self.send()
    }

    fn take(&mut self, found: Found) -> Result<(), Stopped> {
        match found {
            Found::Stdin => self.open(Path::new("-")),
            Found::File { path, size } if size <= octets(MAX_INPUT) => self.add(Job::File(path), size),
            Found::File { path, .. } => self.open(&path),
            Found::Pair(paths) => self.add(Job::Pair(paths), 0),
            Found::Folder { path, error } => {
                self.add(Job::Trouble(Source::file(path), Trouble::Unreadable(error.to_string())), 0)
            }
        }
    }

    fn add(&mut self, job: Job, octets: u64) -> Result<(), Stopped> {
        self.known.fetch_add(1, Ordering::Relaxed);
        self.batch.push(job);
        self.octets += octets;
        if self.batch.len() >= BATCH || self.octets >= BATCH_OCTETS { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<(), Stopped> {
        if self.batch.is_empty() {
            return Ok(());
        }
        if terminal::interrupted() {
            return Err(Stopped);
        }
        self.octets = 0;
        let turn = usize::try_from(self.dealt).unwrap_or_default() % self.queues.len();
        self.dealt += 1;
        let queue = self.queues.get(turn).ok_or(Stopped)?;
        queue.send(std::mem::take(&mut self.batch)).map_err(|_| Stopped)
    }

    /// An input of any length: whole when it turns out to be short, else piece by piece.
    fn open(&mut self, path: &Path) -> Result<(), Stopped> {
        let trouble = |why: String| Job::Trouble(Source::file(path), Trouble::Unreadable(why));
        let mut input = match input::open(path) {
            Ok(input) => input,
            Err(failure) => {
                let why = failure.causes.last().unwrap_or(&failure.what).clone();
                return self.add(trouble(why), 0);
            }
        };
        let mut start = Vec::new();
        let limit = octets(MAX_INPUT) + 1;
        if let Err(error) = input.by_ref().take(limit).read_to_end(&mut start) {
            return self.add(trouble(error.to_string()), 0);
        }
        let length = octets(start.len());
        if length < limit {
            return self.add(Job::Bytes { path: path.to_owned(), bytes: start }, length);
        }
        self.pieces(path, start.chain(input))
    }

    fn pieces(&mut self, path: &Path, input: impl Read) -> Result<(), Stopped> {
        let mut buffer = Vec::new();
        let mut splitter = Splitter::new(input, &mut buffer);
        for number in 1.. {
            let at = |line| Source { position: Some(number), line: Some(line), ..Source::file(path) };
            let (job, length) = match splitter.next() {
                Ok(None) => break,
                Ok(Some(Piece::Block { line, bytes, role })) => {
                    (Job::Piece { source: at(line), bytes: bytes.to_vec(), role }, bytes.len())
                }
                Ok(Some(Piece::TooLong { line })) => (Job::Trouble(at(line), too_long()), 0),
                Ok(Some(Piece::Whole(_))) => (Job::Trouble(Source::file(path), too_long()), 0),
                Err(error) => {
                    let trouble = Trouble::Unreadable(error.to_string());
                    return self.add(Job::Trouble(Source::file(path), trouble), 0);
                }
            };
            self.add(job, octets(length))?;
        }
        Ok(())
    }
}

fn octets(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
