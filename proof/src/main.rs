//! Runs the rig: `tests/proof` builds what it needs and calls it. See `docs/proof.md`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a rig for people who read what it prints")]

use proof::scene::{Kit, Programs};
use proof::{
    Effort, Rig, Tally, bombs, echo, errors, escapes, explore, files, full, kill, mutants, power, race,
    sealing, secrets, swapped, travel, typed,
};
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::{Duration, Instant};

type Part = (&'static str, &'static str, fn(&Rig) -> Tally);

/// In the order they are run.
const PARTS: [Part; 36] = [
    ("A1", "killed before every system call", kill::kill),
    ("A2", "power cut before every system call, on ext4 and xfs", power::cut),
    ("A3", "every store a power cut could leave", explore::explore),
    ("A4", "the protocol with one step wrong: caught", mutants::gate),
    ("A5", "killed, and killed again while putting right", kill::kill_twice),
    ("B1", "every system call fails in every way", errors::fail),
    ("B2", "full file systems, no inodes, a limit on file sizes", full::full),
    ("B3", "a disk that runs out under the file system", full::broken),
    ("B4", "interrupted again and again, writes that lose bytes", errors::disturb),
    ("B5", "outputs and logs that are closed or full", full::mute),
    ("B6", "stores that must not be written", full::refused),
    ("D1", "what is made is new, private and no link, in the call itself", mutants::trace),
    ("C1", "commands at the same time", race::together),
    ("C2", "a command overtaken at every system call", race::overtaken),
    ("C3", "readers while a writer works", race::torn),
    ("C4", "a stopped and a killed holder of the lock", race::held),
    ("C5", "a command that waits for its operator", race::waiting),
    ("D1U", "what is made under any umask", files::umasks),
    ("D2", "links, pipes, devices, directories at every path that is opened", files::plants),
    ("D3", "path components exchanged while commands run", files::races),
    ("D4", "strangers' files in what is removed", files::strangers),
    ("D5", "hostile environment variables", files::environment),
    ("E1", "secrets in what a command was given, said and wrote", secrets::traces),
    ("E3", "secrets in memory after the work", secrets::memory),
    ("E3T", "secrets typed at prompts, in memory after the work", typed::typed),
    ("E4", "crashes while a secret is in memory", secrets::cores),
    ("E5", "secrets in swap", swapped::swap),
    ("E7", "the terminal's echo on every way out", echo::echo),
    ("F3", "every bit and every length of sealed keys of all six types", sealing::keys),
    ("F3S", "every bit and every length of every file a record accounts for", sealing::store),
    ("F3C", "damaged files under the commands", sealing::commands),
    ("F4", "files and records in each other's place, digests corrected", sealing::swaps),
    ("F5", "sealed keys that ask for too much work", sealing::costs),
    ("F6", "sealed keys of others, and ours with others", travel::travel),
    ("G3", "inputs made to cost much, within 2 s and 64 MiB", bombs::bombs),
    ("G4", "escape sequences in every field of every string type", escapes::escapes),
];

/// What a part costs, beside the others.
fn weight(part: &str) -> u32 {
    match part {
        "A2" | "A4" | "B1" => 10,
        "A1" | "A3" | "A5" | "C2" => 5,
        "B2" | "B4" | "C1" | "D2" | "E3" | "G4" => 2,
        _ => 1,
    }
}

struct Options {
    quick: bool,
    minutes: Option<u64>,
    parts: BTreeSet<String>,
    json: Option<String>,
    jobs: Option<usize>,
}

fn options() -> Result<Options, String> {
    let mut options = Options { quick: false, minutes: None, parts: BTreeSet::new(), json: None, jobs: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--quick" => options.quick = true,
            "--budget" => options.minutes = Some(value()?.parse().map_err(|_| "--budget takes minutes")?),
            "--json" => options.json = Some(value()?),
            "--jobs" => options.jobs = Some(value()?.parse().map_err(|_| "--jobs takes a number")?),
            "--part" => {
                let name = value()?.to_uppercase();
                if !PARTS.iter().any(|part| part.0.starts_with(&name)) {
                    return Err(format!("there is no part {name}: {}", PARTS.map(|part| part.0).join(" ")));
                }
                options.parts.insert(name);
            }
            _ => return Err(format!("{word} is none of --quick, --budget, --part, --jobs, --json")),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(what) => {
            println!("proof: {what}");
            return ExitCode::from(2);
        }
    };
    let folder = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let kit = match Kit::build(Programs::in_folder(&folder, "")) {
        Ok(kit) => kit,
        Err(what) => {
            println!("proof: the undisturbed life of a store failed: {what}");
            return ExitCode::FAILURE;
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = options.jobs.unwrap_or(cores).max(1);
    let effort = if options.quick { Effort::Quick } else { Effort::All };
    let mut rig = Rig { kit, effort, stop_at_first_bad: false, deadline: None, jobs };
    let minutes = options.minutes.or(options.quick.then_some(9));
    let end = minutes.map(|minutes| Instant::now() + Duration::from_secs(minutes * 60));
    let chosen = |part: &&Part| {
        options.parts.is_empty() || options.parts.iter().any(|name| part.0.starts_with(name.as_str()))
    };
    let parts: Vec<_> = PARTS.iter().filter(chosen).collect();
    let mut summary = serde_json::Map::new();
    let mut broken = false;
    for (index, (name, what, run)) in parts.iter().enumerate() {
        // What a fast part leaves is shared by the rest.
        let left: u32 = parts[index..].iter().map(|part| weight(part.0)).sum();
        let now = Instant::now();
        rig.deadline = end.map(|end| now + end.saturating_duration_since(now) * weight(name) / left);
        let tally = run(&rig);
        let seconds = now.elapsed().as_secs();
        report(name, what, &tally, seconds);
        broken |= !tally.bad.is_empty();
        summary.insert((*name).to_owned(), document(what, &tally, seconds));
    }
    if let Some(path) = options.json {
        std::fs::write(path, format!("{:#}\n", serde_json::Value::Object(summary))).unwrap();
    }
    if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn report(name: &str, what: &str, tally: &Tally, seconds: u64) {
    let (cases, bad, left_out) = (tally.cases, tally.bad.len(), tally.all_left_out());
    let not_hit = tally.not_hit.len();
    let missed = if not_hit > 0 { format!(", {not_hit} not hit") } else { String::new() };
    println!("{name:4} {cases:6} cases, {bad} bad, {left_out} left out{missed}, {seconds} s: {what}");
    for (why, number) in &tally.left_out {
        println!("       left out: {number}: {why}");
    }
    for place in tally.not_hit.iter().take(10) {
        println!("       not hit: {place}");
    }
    for note in &tally.notes {
        println!("       {note}");
    }
    for bad in tally.bad.iter().take(20) {
        println!("       bad: {}", bad.replace('\n', " / ").chars().take(900).collect::<String>());
    }
}

fn document(what: &str, tally: &Tally, seconds: u64) -> serde_json::Value {
    serde_json::json!({
        "what": what, "cases": tally.cases, "bad": tally.bad, "left_out": tally.left_out,
        "not_hit": tally.not_hit, "notes": tally.notes, "seconds": seconds,
    })
}
