//! Waiting for another record: a watch on the directory wakes at once, and a poll makes up for watches that
//! stay silent (the directory was replaced, the file system has none).

use super::error::io;
use super::place::Place;
use super::read;
use crate::backend::{Changed, StoreError};
use crate::image::Version;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
use rustix::io::Errno;
use std::time::{Duration, Instant};

/// How long a silent watch is believed.
const POLL: Duration = Duration::from_millis(500);

pub(super) fn wait(place: &Place<'_>, seen: &Version, patience: Duration) -> Result<Changed, StoreError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "patience is a span of real time, and decides nothing else"
    )]
    let begun = Instant::now();
    // Before the first look: what changes after it wakes us.
    let watch = watch(place);
    loop {
        if version(place)? != *seen {
            return Ok(Changed::Yes);
        }
        let left = patience.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return Ok(Changed::NotYet);
        }
        sleep(watch.as_ref(), left.min(POLL)).map_err(|error| io("wait for", place.path(), error))?;
    }
}

fn version(place: &Place<'_>) -> Result<Version, StoreError> {
    match place.open()? {
        Some(root) => read::version(&root),
        None => Ok(Version::Unwritten),
    }
}

/// A watch on the store directory; `None` where there is none to be had.
fn watch(place: &Place<'_>) -> Option<OwnedFd> {
    let watch = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
    let events = WatchFlags::MOVED_TO | WatchFlags::CLOSE_WRITE | WatchFlags::DELETE | WatchFlags::ONLYDIR;
    add_watch(&watch, place.path(), events).ok()?;
    Some(watch)
}

/// Sleeps until the watch has something to say, at most so long.
fn sleep(watch: Option<&OwnedFd>, longest: Duration) -> Result<(), Errno> {
    let longest = Timespec::try_from(longest).unwrap_or(Timespec { tv_sec: 1, tv_nsec: 0 });
    let mut watched: Vec<_> = watch.iter().map(|watch| PollFd::new(watch, PollFlags::IN)).collect();
    match poll(&mut watched, Some(&longest)) {
        Ok(0) | Err(Errno::INTR) => Ok(()),
        Ok(_) => drain(watch),
        Err(error) => Err(error),
    }
}

/// Forgets what was said: the record says the rest.
fn drain(watch: Option<&OwnedFd>) -> Result<(), Errno> {
    let mut buffer = [0; 4096];
    while let Some(watch) = watch {
        match rustix::io::read(watch, &mut buffer) {
            Ok(0) | Err(Errno::AGAIN) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
