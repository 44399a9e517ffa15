//! Runs the cases of a part on all cores, counts how they ended, and stops when time is up.

use crate::scene::Kit;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// How one case ended.
pub enum Verdict {
    /// The trouble struck, and the promise held.
    Held,
    /// The promise held, and nothing shows that the trouble struck.
    Spared,
    /// The trouble did not happen, and where: the run took another way than the recorded one.
    NotHit(String),
    /// The promise was broken.
    Bad(String),
    /// This machine cannot make the trouble.
    LeftOut(&'static str),
}

impl From<Result<(), String>> for Verdict {
    fn from(result: Result<(), String>) -> Self {
        result.map_or_else(Self::Bad, |()| Self::Held)
    }
}

impl Verdict {
    /// Of a case whose trouble is known to have struck, or not.
    pub fn judged(struck: bool, result: Result<(), String>) -> Self {
        match result {
            Ok(()) if struck => Self::Held,
            Ok(()) => Self::Spared,
            Err(what) => Self::Bad(what),
        }
    }
}

/// What a part counted.
#[derive(Default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Tally {
    pub cases: usize,
    /// How often the trouble is known to have struck.
    pub strikes: usize,
    pub not_hit: Vec<String>,
    pub bad: Vec<String>,
    /// Reason, number.
    pub left_out: BTreeMap<String, usize>,
    /// Further lines for people.
    pub notes: Vec<String>,
}

impl Tally {
    /// Counts one case.
    pub fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Held => {
                self.cases += 1;
                self.strikes += 1;
            }
            Verdict::Spared => self.cases += 1,
            Verdict::NotHit(place) => self.not_hit.push(place),
            Verdict::Bad(what) => {
                self.cases += 1;
                self.strikes += 1;
                self.bad.push(what);
            }
            Verdict::LeftOut(why) => self.leave_out(why, 1),
        }
    }

    /// Counts cases that could not be tried.
    pub fn leave_out(&mut self, why: &str, number: usize) {
        *self.left_out.entry(why.to_owned()).or_default() += number;
    }

    /// Adds another tally to this one.
    pub fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.strikes += other.strikes;
        self.not_hit.extend(other.not_hit);
        self.bad.extend(other.bad);
        self.notes.extend(other.notes);
        for (why, number) in other.left_out {
            self.leave_out(&why, number);
        }
    }

    /// Why a part proves nothing, if it does not: what was left out, or did not strike, is no proof.
    pub fn shortfall(&self) -> Option<&'static str> {
        match (self.cases, self.strikes) {
            (0, _) => Some("nothing was tried"),
            (_, 0) => Some("no trouble struck"),
            (_, _) => None,
        }
    }

    /// How many cases were not tried.
    pub fn all_left_out(&self) -> usize {
        self.left_out.values().sum()
    }
}

/// How much of a part is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Effort {
    All,
    Quick,
    Glance,
}

/// What every part works with.
pub struct Rig {
    /// The commands and the stores they start from.
    pub kit: Kit,
    /// Whether only a sample is tried.
    pub effort: Effort,
    /// Whether one broken promise is enough.
    pub stop_at_first_bad: bool,
    /// When the running part must stop.
    pub deadline: Option<Instant>,
    /// How many cases at a time.
    pub jobs: usize,
}

impl Rig {
    /// Whether the time of the running part is over.
    pub fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() > deadline)
    }

    /// Tries every case, `quick_limit` of them when in a hurry, each worker with a place of its own.
    pub fn each<C: Sync, W>(
        &self,
        name: &str,
        cases: &[C],
        quick_limit: usize,
        place: impl Fn(usize) -> W + Sync,
        case: impl Fn(&mut W, &C) -> Verdict + Sync,
    ) -> Tally {
        let wanted = match self.effort {
            Effort::All => cases.len(),
            Effort::Quick => quick_limit,
            Effort::Glance => quick_limit.div_ceil(5),
        };
        let order = spread(cases.len(), wanted);
        let (next, tally) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
        std::thread::scope(|scope| {
            for worker in 0..self.jobs.min(order.len()) {
                let (next, tally, order, place, case) = (&next, &tally, &order, &place, &case);
                scope.spawn(move || {
                    let mut place = place(worker);
                    while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let verdict = if self.is_late() {
                            Verdict::LeftOut("out of time")
                        } else {
                            case(&mut place, &cases[index])
                        };
                        let mut tally = tally.lock().unwrap();
                        tally.count(verdict);
                        if self.stop_at_first_bad && !tally.bad.is_empty() {
                            next.store(order.len(), Ordering::Relaxed);
                        }
                        progress(name, next.load(Ordering::Relaxed).min(order.len()), order.len(), &tally);
                    }
                });
            }
        });
        tally.into_inner().unwrap()
    }
}

/// Indices of `wanted` of `all` cases, evenly spread, far ones first: a run cut short has still
/// looked everywhere.
fn spread(all: usize, wanted: usize) -> Vec<usize> {
    let wanted = wanted.min(all);
    let chosen: Vec<_> = (0..wanted).map(|i| i * all / wanted.max(1)).collect();
    let mut step = (wanted * 382 / 1000).max(1);
    while gcd(step, wanted) > 1 {
        step += 1;
    }
    (0..wanted).map(|i| chosen[i * step % wanted]).collect()
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// One line that is written over itself, at a terminal only.
pub(crate) fn progress(name: &str, done: usize, all: usize, tally: &Tally) {
    let mut stderr = std::io::stderr();
    if stderr.is_terminal() {
        let bar: String = (0..30).map(|i| if i * all < done * 30 { '█' } else { '░' }).collect();
        let end = if done == all { "\r\u{1b}[K" } else { "" };
        write!(stderr, "\r{bar} {done}/{all} {name}, bad {}{end}", tally.bad.len()).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::{Tally, Verdict};

    #[test]
    fn what_did_not_strike_proves_nothing() {
        let mut tally = Tally::default();
        assert_eq!(tally.shortfall(), Some("nothing was tried"));
        tally.leave_out("out of time", 3537);
        tally.count(Verdict::NotHit("openat #1".to_owned()));
        assert_eq!(tally.shortfall(), Some("nothing was tried"));
        tally.count(Verdict::Spared);
        assert_eq!(tally.shortfall(), Some("no trouble struck"));
        tally.count(Verdict::Held);
        assert_eq!(tally.shortfall(), None);
    }

    #[test]
    fn every_case_is_tried_once_and_a_sample_is_even() {
        for all in 0..40 {
            let mut order = super::spread(all, all);
            order.sort_unstable();
            assert_eq!(order, (0..all).collect::<Vec<_>>());
        }
        let mut sample = super::spread(100, 10);
        sample.sort_unstable();
        assert_eq!(sample, (0..10).map(|i| i * 10).collect::<Vec<_>>());
    }
}
