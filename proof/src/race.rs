//! C1 to C5: commands at the same time.

use super::inspect::look;
use super::kill::without_strace;
use super::oracle::Oracle;
use super::run::{Effort, Rig, Tally, Verdict};
use super::scene::{Deed, Kit, Place, Ran, command};
use super::strace::{self, Fault, Point};
use rustix::process::{Pid, Signal, kill_process};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Pairs of commands that both could be the next.
const PAIRS: [(Deed, Deed); 10] = [
    (Deed::Request, Deed::Request),
    (Deed::Install, Deed::Install),
    (Deed::Install, Deed::RequestAgain),
    (Deed::RequestRotation, Deed::RequestRotation),
    (Deed::Rotate, Deed::Rotate),
    (Deed::Rotate, Deed::RotateKeep),
    (Deed::Rotate, Deed::ReplaceStaged),
    (Deed::ReplaceStaged, Deed::ReplaceStaged),
    (Deed::RollBack, Deed::RollBack),
    (Deed::RollBack, Deed::RequestRotation),
];

/// C1: two at once, and forty at once.
pub fn together(rig: &Rig) -> Tally {
    let crowds = PAIRS.iter().map(|(a, b)| vec![*a, *b]);
    let crowds =
        crowds.flat_map(|pair| vec![pair; 20]).chain([vec![Deed::RollBack; 40], vec![Deed::Rotate; 40]]);
    let crowds: Vec<Vec<Deed>> = crowds.collect();
    rig.each(
        "together",
        &crowds,
        40,
        |worker| rig.kit.place(&format!("together-{worker}")),
        |place, crowd| {
            rig.kit.base(crowd[0]).write(&place.store());
            let started: Vec<_> = crowd.iter().map(|deed| spawn(rig.kit.command(*deed, place))).collect();
            let ran: Vec<_> = started.into_iter().map(ended).collect();
            one_after_the_other(&rig.kit, crowd[0], place, &ran)
                .map_err(|what| format!("{crowd:?}: {what}"))
                .into()
        },
    )
}

/// C2: one stands still after each of its calls while another runs to its end.
pub fn overtaken(rig: &Rig) -> Tally {
    if !strace::works() {
        return without_strace();
    }
    let pairs = [
        (Deed::RequestRotation, Deed::RequestRotation),
        (Deed::Rotate, Deed::ReplaceStaged),
        (Deed::ReplaceStaged, Deed::Rotate),
        (Deed::RollBack, Deed::RollBack),
        (Deed::Request, Deed::Request),
    ];
    let mut cases = vec![];
    for (slow, fast) in pairs {
        let points = strace::points_of(&rig.kit, slow, &rig.kit.place("baseline"));
        cases.extend(points.into_iter().filter(|point| point.on_store).map(|point| (slow, fast, point)));
    }
    rig.each(
        "overtaken",
        &cases,
        60,
        |worker| rig.kit.place(&format!("overtaken-{worker}")),
        |place, case| {
            let (slow, fast, point) = case;
            rig.kit.base(*slow).write(&place.store());
            let Some(stopped) = Stopped::at(rig.kit.lies(*slow), &rig.kit.line(*slow, place), point, place)
            else {
                return Verdict::NotHit(format!("{} at {point}", slow.name()));
            };
            let second = Ran::of(rig.kit.command(*fast, place));
            let first = stopped.go_on();
            one_after_the_other(&rig.kit, *slow, place, &[first, second])
                .map_err(|what| format!("{slow:?} overtaken by {fast:?} at {point:?}: {what}"))
                .into()
        },
    )
}

/// C3: readers that stand still after each of their calls while a rotation prunes, and ten thousand
/// reads while a writer works.
pub fn torn(rig: &Rig) -> Tally {
    let mut tally = if strace::works() { slow_readers(rig) } else { without_strace() };
    let place = rig.kit.place("readers");
    let oracle = Oracle::new(&rig.kit, Deed::RollBack);
    oracle.prepare(&place);
    let wanted = if rig.effort == Effort::All { 10_000 } else { 1000 };
    let (reads, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let counted = std::thread::scope(|scope| {
        scope.spawn(|| {
            for deed in [Deed::RequestRotation, Deed::RollBack, Deed::ReplaceStaged].iter().cycle() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                Ran::of(rig.kit.command(*deed, &place));
            }
        });
        let read = || {
            let mut tally = Tally::default();
            while reads.fetch_add(1, Ordering::Relaxed) < wanted && !rig.is_late() {
                let ran = Ran::of(command(&[], &rig.kit.status_line(&place)));
                let whole = matches!(ran.code, Some(0 | 10)) && ran.stdout.contains("\"current\": {");
                tally.count(if whole { Verdict::Held } else { Verdict::Bad(format!("a torn read: {ran}")) });
            }
            tally
        };
        let readers: Vec<_> = (0..rig.jobs).map(|_| scope.spawn(read)).collect();
        let counted: Vec<_> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
        over.store(true, Ordering::Relaxed);
        counted
    });
    let read: usize = counted.iter().map(|counted| counted.cases).sum();
    counted.into_iter().for_each(|counted| tally.add(counted));
    if read < wanted {
        tally.leave_out("out of time", wanted - read);
    }
    tally
}

fn slow_readers(rig: &Rig) -> Tally {
    let mut cases = vec![];
    for writer in [Deed::Rotate, Deed::ReplaceStaged, Deed::RollBack] {
        let place = rig.kit.place("baseline");
        rig.kit.base(writer).write(&place.store());
        let (_, calls) = strace::record(&[], &rig.kit.status_line(&place), &place, false);
        let points = strace::points(&calls, &place.store());
        cases.extend(points.into_iter().filter(|point| point.on_store).map(|point| (writer, point)));
    }
    rig.each(
        "slow reader",
        &cases,
        60,
        |worker| rig.kit.place(&format!("reader-{worker}")),
        |place, case| {
            let (writer, point) = case;
            rig.kit.base(*writer).write(&place.store());
            let before = look(&place.store()).ok().flatten();
            let Some(stopped) = Stopped::at(&[], &rig.kit.status_line(place), point, place) else {
                return Verdict::NotHit(format!("--status at {point}"));
            };
            let written = Ran::of(rig.kit.command(*writer, place));
            let read = stopped.go_on();
            let after = look(&place.store()).ok().flatten();
            let status: serde_json::Value = serde_json::from_str(&read.stdout).unwrap_or_default();
            let held = |seen: &Option<super::inspect::Seen>| {
                seen.as_ref().is_some_and(|seen| {
                    let number =
                        |generation: Option<&super::inspect::Generation>| generation.map(|g| g.number);
                    ["staged", "current", "previous"].map(|field| status[field]["generation"].as_u64())
                        == seen.holdings().map(number)
                })
            };
            match (written.code, read.code) {
                (Some(0), Some(0 | 10)) if held(&before) || held(&after) => Verdict::Held,
                _ => Verdict::Bad(format!("{writer:?} while a reader stood at {point:?}: {written}; {read}")),
            }
        },
    )
}

/// C4: the holder of the lock is stopped, then killed: the others are told who it is, and then
/// nothing is in their way.
pub fn held(rig: &Rig) -> Tally {
    if !strace::works() {
        return without_strace();
    }
    let deeds = [Deed::RequestRotation, Deed::Install, Deed::Rotate, Deed::RotateKeep, Deed::RollBack];
    rig.each(
        "held",
        &deeds,
        5,
        |worker| rig.kit.place(&format!("held-{worker}")),
        |place, deed| {
            rig.kit.base(*deed).write(&place.store());
            // The first lock is taken to find out whether it can be, the second to keep it.
            let point = Point { name: "flock".to_owned(), number: 2, on_store: true };
            let Some(stopped) = Stopped::at(&[], &rig.kit.line(*deed, place), &point, place) else {
                return Verdict::NotHit(format!("{} at {point}", deed.name()));
            };
            let holder = stopped.pid.as_raw_nonzero().to_string();
            let refused = Ran::of(rig.kit.command(*deed, place));
            let killed = stopped.kill();
            let then = Oracle::new(&rig.kit, *deed).judge(place, false, "");
            match then {
                _ if refused.code != Some(7) || !refused.stderr.contains(&holder) => {
                    Verdict::Bad(format!("{deed:?}: the second does not name holder {holder}: {refused}"))
                }
                Ok(false) if killed.code != Some(0) => Verdict::Held,
                other => Verdict::Bad(format!("{deed:?}: after the kill {other:?}")),
            }
        },
    )
}

/// C5: nobody is locked out while a command waits for its operator.
pub fn waiting(rig: &Rig) -> Tally {
    let deeds = [Deed::RequestRotation, Deed::ReplaceStaged, Deed::Rotate, Deed::Install, Deed::RequestAgain];
    let cases: Vec<_> = deeds.iter().flat_map(|deed| [*deed; 4]).collect();
    rig.each(
        "waiting",
        &cases,
        10,
        |worker| rig.kit.place(&format!("waiting-{worker}")),
        |place, deed| {
            rig.kit.base(*deed).write(&place.store());
            let pipe = place.path().join("pipe");
            std::fs::remove_file(&pipe).ok();
            super::power::shell(&["mkfifo", "-m", "0600", pipe.to_str().unwrap()]).unwrap();
            let mut line = rig.kit.line(*deed, place);
            let at = line.iter().position(|word| *word == "--passphrase-file").unwrap() + 1;
            let passphrase = std::fs::read(&line[at]).unwrap();
            line[at] = pipe.clone().into();
            let slow = spawn(command(&[], &line));
            // Opening the pipe for writing waits until the command reads it.
            let mut typed = std::fs::OpenOptions::new().write(true).open(&pipe).unwrap();
            let second = Ran::of(rig.kit.command(*deed, place));
            std::io::Write::write_all(&mut typed, &passphrase).unwrap();
            drop(typed);
            let first = ended(slow);
            if second.code != Some(0) {
                return Verdict::Bad(format!("{deed:?}: the second was kept out: {second}"));
            }
            let told = matches!(first.code, Some(4 | 7));
            let judged = one_after_the_other(&rig.kit, *deed, place, &[first, second]);
            match judged {
                Ok(()) if told => Verdict::Held,
                other => Verdict::Bad(format!("{deed:?}: the first was not told: {other:?}")),
            }
        },
    )
}

/// As many commits as commands that say so, each whole; the others were refused with a reason.
fn one_after_the_other(kit: &Kit, deed: Deed, place: &Place, ran: &[Ran]) -> Result<(), String> {
    let all =
        || ran.iter().map(|ran| format!("{:?} {}", ran.code, ran.stderr.trim_end())).collect::<Vec<_>>();
    let before = place.path().join("before");
    kit.base(deed).write(&before);
    let sequence = |store| look(store).map(|seen| seen.map_or(0, |seen| seen.sequence));
    let commits =
        sequence(&place.store()).map_err(|what| format!("{what}; {:?}", all()))? - sequence(&before)?;
    let winners = ran.iter().filter(|ran| ran.code == Some(0)).count();
    if winners == 0 || commits != winners as u64 {
        return Err(format!("{commits} commits, {winners} winners; {:?}", all()));
    }
    for loser in ran.iter().filter(|ran| ran.code != Some(0)) {
        let reason = match loser.code {
            Some(7) => loser.stderr.contains("busy") || loser.stderr.contains("changed"),
            Some(4) => !loser.stderr.is_empty() && !loser.stderr.contains("damaged"),
            // What it was to install is not what is staged any more.
            Some(3) => deed != Deed::Request && loser.stderr.contains("spki"),
            _ => false,
        };
        if !reason {
            return Err(format!("a loser without a reason: {loser}"));
        }
    }
    let ran = Ran::of(command(&[], &kit.status_line(place)));
    if matches!(ran.code, Some(0 | 10)) { Ok(()) } else { Err(format!("status: {ran}")) }
}

/// A command that strace stopped right after a system call.
struct Stopped {
    strace: Child,
    pid: Pid,
}

impl Stopped {
    fn at(lies: &[Fault], line: &[std::ffi::OsString], point: &Point, place: &Place) -> Option<Self> {
        let output = place.path().join("stopped");
        std::fs::remove_file(&output).ok();
        let faults = [lies, &[Fault::at(point, "signal=STOP")]].concat();
        let mut strace = spawn(command(&strace::injecting(&faults, &output), line));
        loop {
            let text = std::fs::read_to_string(&output).unwrap_or_default();
            let stop = text.lines().find(|line| line.contains("stopped by SIGSTOP"));
            if let Some(pid) = stop.and_then(|line| line.split(' ').next()?.parse().ok()) {
                return Some(Self { strace, pid: Pid::from_raw(pid)? });
            }
            if strace.try_wait().unwrap().is_some() {
                return None;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn go_on(self) -> Ran {
        kill_process(self.pid, Signal::CONT).unwrap();
        ended(self.strace)
    }

    fn kill(self) -> Ran {
        kill_process(self.pid, Signal::KILL).unwrap();
        ended(self.strace)
    }
}

fn spawn(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn ended(child: Child) -> Ran {
    child.wait_with_output().unwrap().into()
}
