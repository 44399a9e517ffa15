//! E7: the terminal echoes again on every way out, and nothing is left behind.

use super::run::{Rig, Tally, Verdict};
use super::scene::{Deed, Kit, Place, command};
use crate::terminal::Terminal;
use rustix::process::{Signal, kill_process};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What must be answered before each prompt without echo, and the prompt.
const REQUEST: [(&str, &str); 3] = [
    ("Sysadmin password", "a password for the sysadmin"),
    ("Sysadmin password again", "a password for the sysadmin"),
    ("Passphrase", ""),
];

/// How a person or the system ends a prompt.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Signal(Signal),
    /// A key or several.
    Typed(&'static str),
    /// Stopped, looked at, continued, then Ctrl-C.
    Suspended(Signal),
}

/// E7.
pub fn echo(rig: &Rig) -> Tally {
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
        .collect();
    rig.each(
        "echo",
        &cases,
        8,
        |worker| rig.kit.place(&format!("echo-{worker}")),
        |place, (deed, prompt, way)| {
            rig.kit.base(*deed).write(&place.store());
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

/// The prompts of a deed, in order: question, answer.
fn prompts(deed: Deed) -> Vec<(&'static str, &'static str)> {
    match deed {
        Deed::Request => REQUEST.into(),
        Deed::RequestAgain | Deed::RequestRotation | Deed::ReplaceStaged => {
            vec![("Passphrase", "nine lives, one passphrase"), ("Passphrase again", "")]
        }
        Deed::Install | Deed::Rotate | Deed::RotateKeep | Deed::RotateOver | Deed::RollBack => {
            vec![("Passphrase of the private keys", "")]
        }
    }
}

fn left(kit: &Kit, place: &Place, deed: Deed, prompt: usize, way: Way) -> Result<(), String> {
    let mut line = kit.line(deed, place);
    for flag in ["--passphrase-file", "--sysadmin-password-file"] {
        if let Some(at) = line.iter().position(|word| word == flag) {
            line.drain(at..at + 2);
        }
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
    }
    let ended = terminal.end();
    if !ended.echoes || ended.code != 130 {
        return Err(format!("echo {}, exit {}: {}", ended.echoes, ended.code, ended.screen));
    }
    let now = super::scene::Files::read(&place.store());
    if now == *kit.base(deed) { Ok(()) } else { Err("the store is not as it was".to_owned()) }
}
