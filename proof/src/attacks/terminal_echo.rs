//! E7: the terminal echoes again on every way out, and nothing is left behind.

use crate::model::Files;
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, Kit, Place, command};
use crate::strace;
use rustix::process::{Signal, kill_process};
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tests::terminal::{Ended, Terminal};
use tests::tree::Tree;
use tests::world::PASSPHRASE;
use tests::world::PASSWORD;

/// How a person or the system ends a prompt.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Signal(Signal),
    /// A key or several.
    Typed(&'static str),
    /// Stopped, looked at, continued, then Ctrl-C.
    Suspended(Signal),
    /// A fault of the program, while the terminal does not echo.
    Panic,
}

/// E7.
pub(crate) fn echo(rig: &Rig) -> Tally {
    let signals = [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT].map(Way::Signal);
    let ways = signals.into_iter().chain([
        Way::Typed("\u{3}"),
        Way::Typed("\u{1c}"),
        Way::Typed("half a secret\u{3}"),
        Way::Suspended(Signal::TSTP),
    ]);
    let ways: Vec<_> = ways.collect();
    let deeds = [Deed::Request, Deed::RequestRotation, Deed::Rotate];
    let cases: Vec<_> = deeds
        .iter()
        .flat_map(|deed| (0..prompts(*deed).len()).map(move |prompt| (*deed, prompt)))
        .flat_map(|(deed, prompt)| ways.iter().map(move |way| (deed, prompt, *way)))
        .chain(deeds.iter().map(|deed| (*deed, 0, Way::Panic)))
        .collect();
    rig.each(
        "echo",
        &cases,
        8,
        |worker| rig.kit.place(&format!("echo-{worker}")),
        |place, (deed, prompt, way)| {
            if let Some(left_out) = terminal_missing() {
                return left_out;
            }
            if *way == Way::Panic && !strace::works() {
                return Verdict::LeftOut(strace::MISSING);
            }
            rig.kit.prepare(*deed, place);
            let told = |what| format!("{} at prompt {prompt}, {way:?}: {what}", deed.name());
            let ended = catch_unwind(AssertUnwindSafe(|| left(&rig.kit, place, *deed, *prompt, *way)));
            match ended {
                Ok(Ok(())) => Verdict::Held,
                Ok(Err(what)) => Verdict::Bad(told(what)),
                Err(panic) => Verdict::Bad(told(panic.downcast_ref::<String>().cloned().unwrap_or_default())),
            }
        },
    )
}

/// Why a case at a terminal is left out, if it is.
pub(crate) fn terminal_missing() -> Option<Verdict> {
    tests::terminal::missing().map(|_| Verdict::LeftOut("no pseudo-terminal"))
}

/// The prompts without echo of a deed, in order: question, answer.
pub(crate) fn prompts(deed: Deed) -> Vec<(&'static str, &'static str)> {
    let new = [("Passphrase", PASSPHRASE), ("Passphrase again", PASSPHRASE)];
    match deed {
        Deed::Request => {
            [&[("Sysadmin password", PASSWORD), ("Sysadmin password again", PASSWORD)], &new[..]].concat()
        }
        Deed::RequestAgain | Deed::RequestRotation | Deed::ReplaceStaged => new.into(),
        Deed::Install | Deed::Rotate | Deed::RotateKeep | Deed::RotateOver | Deed::RollBack => {
            vec![("Passphrase of the private keys", PASSPHRASE)]
        }
    }
}

/// A command line that must ask for its secrets.
pub(crate) fn without_secret_files(mut line: Vec<OsString>) -> Vec<OsString> {
    for flag in ["--passphrase-file", "--sysadmin-password-file"] {
        if let Some(at) = line.iter().position(|word| word == flag) {
            line.drain(at..at + 2);
        }
    }
    line
}

fn left(kit: &Kit, place: &Place, deed: Deed, prompt: usize, way: Way) -> Result<(), String> {
    let line = without_secret_files(kit.line(deed, place));
    if way == Way::Panic {
        return panicked(kit, place, deed, &line);
    }
    let mut terminal = Terminal::start(command(&[], &line));
    let prompts = prompts(deed);
    for (question, answer) in &prompts[..prompt] {
        terminal.answer(question, answer);
    }
    terminal.expect(prompts[prompt].0);
    terminal.settle();
    if terminal.echoes() {
        return Err("the prompt echoes".to_owned());
    }
    match way {
        Way::Signal(signal) => terminal.signal(signal),
        Way::Typed(keys) => terminal.send(keys),
        Way::Suspended(signal) => {
            terminal.signal(signal);
            terminal.stopped();
            let echoes = terminal.echoes();
            kill_process(terminal.pid(), Signal::CONT).map_err(|error| error.to_string())?;
            terminal.settle();
            if !echoes || terminal.echoes() {
                return Err(format!("stopped: echo {echoes}; continued: echo {}", terminal.echoes()));
            }
            terminal.interrupt();
        }
        Way::Panic => {}
    }
    as_it_was(kit, place, deed, &terminal.end(), 130)
}

/// The kernel says that it read more than the buffer takes: slicing the buffer panics, with the
/// echo off, where what was typed before the first question is thrown away.
fn panicked(kit: &Kit, place: &Place, deed: Deed, line: &[OsString]) -> Result<(), String> {
    let script = "exec strace -f -qq -o /dev/null -P \"$(tty)\" -e trace=read \
        -e inject=read:retval=5000:when=1 \"$@\"";
    let wrapper = ["sh", "-c", script, "sh"].map(OsString::from);
    let mut terminal = Terminal::start(command(&wrapper, line));
    terminal.send("typed before it was asked for");
    let ended = terminal.end();
    if !ended.screen.contains("a fault of this program") {
        return Err(format!("no panic: {}", ended.screen));
    }
    as_it_was(kit, place, deed, &ended, 1)
}

fn as_it_was(kit: &Kit, place: &Place, deed: Deed, ended: &Ended, code: i32) -> Result<(), String> {
    if !ended.echoes || ended.code != code {
        return Err(format!("echo {}, exit {}: {}", ended.echoes, ended.code, ended.screen));
    }
    let now = Files::of(&Tree::read(&place.store()));
    if now == Files::of(kit.base(deed)) { Ok(()) } else { Err("the store is not as it was".to_owned()) }
}
