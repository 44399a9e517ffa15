//! E3T: secrets typed at the prompts, in the memory of a command that has done its work.

use super::terminal_echo::{prompts, terminal_missing, without_secret_files};
use crate::memory::{image, state, unreadable, until};
use crate::rig::{Effort, Rig, Tally, Verdict};
use crate::scene::{Deed, Kit, Place, command};
use crate::secrets::{Spelling, needles};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Signal, kill_process};
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use tests::terminal::Terminal;

/// E3T.
pub(crate) fn typed(rig: &Rig) -> Tally {
    let deeds = [
        Deed::Request,
        Deed::RequestAgain,
        Deed::RequestRotation,
        Deed::ReplaceStaged,
        Deed::Install,
        Deed::Rotate,
        Deed::RotateKeep,
    ];
    // What is left behind where depends on chance: the heap of one run is not that of another.
    let deeds = if rig.effort == Effort::All { deeds.repeat(3) } else { deeds.into() };
    rig.each(
        "typed secrets in memory",
        &deeds,
        7,
        |worker| rig.kit.place(&format!("typed-{worker}")),
        |place, deed| {
            if let Some(left_out) = terminal_missing().or_else(unreadable) {
                return left_out;
            }
            rig.kit.renew(*deed, place);
            let held = catch_unwind(AssertUnwindSafe(|| held_after_typing(&rig.kit, *deed, place)))
                .unwrap_or_else(|panic| Err(panic.downcast_ref::<String>().cloned().unwrap_or_default()));
            let searched = held.and_then(|image| needles(place, Spelling::Raw)?.refuse(&image, "memory"));
            Verdict::from(searched.map_err(|what| format!("{}: {what}", deed.name())))
        },
    )
}

/// Types every secret, lets the deed be done, and gives the memory of the process.
fn held_after_typing(kit: &Kit, deed: Deed, place: &Place) -> Result<Vec<u8>, String> {
    let pipe = place.path().join("output");
    let _full = full_pipe(&pipe).map_err(|error| error.to_string())?;
    let before = state(place);
    // Standard output takes nothing any more: the command ends its work and then stands still.
    let wrapper = ["sh", "-c", "pipe=$1; shift; exec \"$@\" >\"$pipe\"", "sh"].map(OsString::from);
    let wrapper = [&wrapper[..], &[pipe.into_os_string()]].concat();
    let line = without_secret_files(kit.line(deed, place));
    let mut terminal = Terminal::start(command(&wrapper, &line));
    for (question, answer) in prompts(deed) {
        terminal.answer(question, answer);
    }
    let done = until(|| state(place) != before);
    // From the commit to the first write to standard output.
    terminal.settle();
    let image = image(terminal.pid().as_raw_nonzero().get().unsigned_abs());
    kill_process(terminal.pid(), Signal::KILL).ok();
    done.map_err(|()| "it never did its work".to_owned()).and(image)
}

/// A pipe with a name and no room; it has a reader while the descriptor lives.
fn full_pipe(path: &Path) -> rustix::io::Result<OwnedFd> {
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, Mode::from_raw_mode(0o600), 0)?;
    let pipe = rustix::fs::open(path, OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())?;
    while rustix::io::write(&pipe, &[b'x'; 4096]).is_ok() {}
    Ok(pipe)
}
