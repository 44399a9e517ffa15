//! System calls: recording them, and making trouble at one of them.
//!
//! strace counts the calls an injection waits for per name and per thread, so a point is a name
//! and a number, taken from a recording of the main thread, which is the only one that touches
//! the store.

use crate::rig::Tally;
use crate::scene::{Deed, Kit, Place, command, run};
use ::tests::Ran;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// One system call of the main thread.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point {
    /// Its name.
    pub(crate) name: String,
    /// Which of that name, from 1.
    pub(crate) number: usize,
    /// Whether it came after the record was replaced, as far as the recording goes.
    pub(crate) on_store: bool,
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} #{}", self.name, self.number)
    }
}

/// A recorded line: thread, name, arguments and result as strace prints them.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) thread: u32,
    pub(crate) name: String,
    pub(crate) rest: String,
}

/// What is to happen instead of, or besides, a system call.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// The call's name.
    pub(crate) name: String,
    /// `signal=KILL`, `error=EIO`, `retval=0` (it is not made, and this is its answer).
    pub(crate) what: String,
    /// Which of that name, from 1, as strace counts them: `7`, `2..6`, `5+2`. All of them when empty.
    pub(crate) when: String,
}

impl Fault {
    /// One at a point.
    pub(crate) fn at(point: &Point, what: &str) -> Self {
        Self { name: point.name.clone(), what: what.to_owned(), when: point.number.to_string() }
    }
}

/// Records every call of a run from its start; strings in hexadecimal escapes when `whole`.
pub(crate) fn record(faults: &[Fault], line: &[OsString], place: &Place, whole: bool) -> (Ran, Vec<Call>) {
    let file = place.path().join("trace");
    let mut wrapper: Vec<OsString> = ["strace", "-f", "-qq", "-y", "-o"].map(OsString::from).into();
    wrapper.push(file.clone().into_os_string());
    let more: &[&str] = if whole { &["-xx", "-s", "9999999", "-e", "trace=file,desc"] } else { &["-s", "0"] };
    wrapper.extend(more.iter().map(OsString::from));
    wrapper.extend(injections(faults));
    let ran = run(command(&wrapper, line));
    let text = std::fs::read_to_string(&file).unwrap();
    (ran, calls(&text))
}

/// Parses the output of `strace -f -o`, interrupted calls put together again.
pub(crate) fn calls(text: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = vec![];
    let mut open: BTreeMap<(u32, String), usize> = BTreeMap::new();
    for line in text.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let (Ok(thread), rest) = (thread.parse(), rest.trim_start()) else { continue };
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let Some((name, rest)) = resumed.split_once(" resumed>") else { continue };
            if let Some(index) = open.remove(&(thread, name.to_owned())) {
                calls[index].rest.push_str(rest);
            }
            continue;
        }
        let Some((name, rest)) = rest.split_once('(') else { continue };
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            continue;
        }
        let rest = match rest.strip_suffix(" <unfinished ...>") {
            Some(rest) => {
                open.insert((thread, name.to_owned()), calls.len());
                rest
            }
            None => rest,
        };
        calls.push(Call { thread, name: name.to_owned(), rest: rest.to_owned() });
    }
    calls
}

/// Every call of the main thread from the first that names the store on.
pub(crate) fn points(calls: &[Call], store: &Path) -> Vec<Point> {
    let store = store.to_string_lossy();
    let main = calls.first().map(|call| call.thread);
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut opened, mut points) = (false, vec![]);
    for call in calls.iter().filter(|call| Some(call.thread) == main) {
        let number = numbers.entry(&call.name).or_default();
        *number += 1;
        // With -y every descriptor of the store shows its path; strings are cut to nothing.
        let on_store = call.rest.contains(&format!("<{store}"));
        opened |= on_store;
        if opened && call.name != "execve" {
            points.push(Point { name: call.name.clone(), number: *number, on_store });
        }
    }
    points
}

/// The points of a deed, from a run without trouble.
pub(crate) fn points_of(kit: &Kit, deed: Deed, place: &Place) -> Vec<Point> {
    kit.prepare(deed, place);
    let (ran, calls) = record(kit.lies(deed), &kit.line(deed, place), place, false);
    assert_eq!(ran.code, Some(0), "{}: {ran}", deed.name());
    points(&calls, &place.store())
}

/// The strace command line in front of a command that meets faults. Of two faults of one name
/// strace keeps the last.
pub(crate) fn injecting(faults: &[Fault], output: &Path) -> Vec<OsString> {
    let names: Vec<_> = faults.iter().map(|fault| fault.name.as_str()).collect();
    let trace = format!("trace={}", names.join(","));
    let mut words: Vec<OsString> =
        ["timeout", "-k", "1", "60", "strace", "-f", "-qq", "-e", &trace].map(OsString::from).into();
    words.extend(injections(faults));
    words.extend(["-o".into(), output.into()]);
    words
}

pub(crate) fn injections(faults: &[Fault]) -> impl Iterator<Item = OsString> {
    faults.iter().flat_map(|Fault { name, what, when }| {
        let when = if when.is_empty() { String::new() } else { format!(":when={when}") };
        ["-e".into(), format!("inject={name}:{what}{when}").into()]
    })
}

/// The file whose fsync failed and was tried again on the same descriptor.
pub(crate) fn synced_again(calls: &[Call]) -> Option<String> {
    let of = |call: &Call| call.rest.split(')').next().unwrap_or_default().to_owned();
    let mut failed: Vec<String> = vec![];
    for call in calls {
        match call.name.as_str() {
            "fsync" | "fdatasync" if failed.contains(&of(call)) => return Some(of(call)),
            "fsync" | "fdatasync" if call.rest.contains("= -1") => failed.push(of(call)),
            "openat" => {
                // A descriptor number that is given out anew is another file.
                let opened = call.rest.rsplit_once(" = ").map(|(_, result)| result.to_owned());
                failed.retain(|fd| Some(fd) != opened.as_ref());
            }
            _ => {}
        }
    }
    None
}

/// Why something is left out where there is no strace.
pub(crate) const MISSING: &str = "strace is not installed, or may not trace";

/// What is counted where there is no strace.
pub(crate) fn without_strace() -> Tally {
    let mut tally = Tally::default();
    tally.leave_out(MISSING, 1);
    tally
}

/// Whether strace is there and may trace.
pub(crate) fn works() -> bool {
    static WORKS: OnceLock<bool> = OnceLock::new();
    *WORKS.get_or_init(|| {
        let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
        traced.is_ok_and(|status| status.success())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "\
10 execve(\"\"..., 0x7 /* 1 vars */) = 0
10 openat(AT_FDCWD</>, \"\"..., O_RDONLY) = 3</etc/x>
10 openat(AT_FDCWD</>, \"\"..., O_RDONLY) = 3</p/store>
10 read(3</p/store/STATE>,  <unfinished ...>
11 read(4</dev/urandom>, \"\"..., 8) = 8
10 <... read resumed>\"\"..., 4096) = 12
10 close(3</p/store>) = 0
10 +++ killed by SIGKILL +++
";

    #[test]
    pub(crate) fn points_begin_where_the_store_is_opened_and_count_per_name() {
        let calls = calls(TRACE);
        assert_eq!(calls.len(), 6);
        assert!(calls[3].rest.ends_with("4096) = 12"));
        let points: Vec<_> = points(&calls, Path::new("/p/store"))
            .into_iter()
            .map(|point| (point.name, point.number))
            .collect();
        assert_eq!(points, [("openat".to_owned(), 2), ("read".to_owned(), 1), ("close".to_owned(), 1)]);
    }
}
