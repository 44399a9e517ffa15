//! The memory of a process, and when to look at it.

use crate::rig::Verdict;
use crate::scene::Place;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::process::Child;
use std::time::{Duration, Instant};

/// The record in force, if anything was ever committed.
pub(crate) fn state(place: &Place) -> Option<Vec<u8>> {
    fs::read(place.store().join("STATE")).ok().filter(|record| record != crate::inspect::NOTHING_YET)
}

pub(crate) fn until(done: impl Fn() -> bool) -> Result<(), ()> {
    let end = Instant::now() + Duration::from_secs(60);
    while !done() {
        if Instant::now() > end {
            return Err(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

pub(crate) fn end(mut child: Child) {
    kill_process(Pid::from_child(&child), Signal::KILL).ok();
    child.wait().unwrap();
}

/// Why a case about the memory of the commands is left out, if it is: they keep theirs from everybody
/// but root (`cli::harden`).
pub(crate) fn unreadable() -> Option<Verdict> {
    (!rustix::process::geteuid().is_root())
        .then_some(Verdict::LeftOut("only root may read the memory of the commands"))
}

/// Everything a process can read of itself.
pub(crate) fn image(pid: u32) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("the memory of {pid} cannot be read: {error}");
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).map_err(failed)?;
    let mut memory = fs::File::open(format!("/proc/{pid}/mem")).map_err(failed)?;
    let mut image = vec![];
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let Some((from, to)) = line.split(' ').next().and_then(|range| range.split_once('-')) else {
            continue;
        };
        let (Ok(from), Ok(to)) = (u64::from_str_radix(from, 16), u64::from_str_radix(to, 16)) else {
            continue;
        };
        memory.seek(SeekFrom::Start(from)).map_err(failed)?;
        // What was never touched cannot be read everywhere; that is no secret.
        Read::by_ref(&mut memory).take(to - from).read_to_end(&mut image).ok();
    }
    if image.is_empty() { Err(format!("the memory of {pid} is empty")) } else { Ok(image) }
}
