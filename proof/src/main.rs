//! Runs the rig: `proof/run` builds what it needs and calls it. See `docs/proof.md`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a rig for people who read what it prints")]

use proof::{Effort, Kit, PARTS, Part, Rig, Tally};
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tests::Programs;

/// The exit status of a run that broke no promise and proves nothing in some part.
const TOO_LITTLE: u8 = 3;

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
                if !PARTS.iter().any(|part| part.name.starts_with(&name)) {
                    return Err(format!(
                        "there is no part {name}: {}",
                        PARTS.map(|part| part.name).join(" ")
                    ));
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
        options.parts.is_empty() || options.parts.iter().any(|name| part.name.starts_with(name.as_str()))
    };
    let parts: Vec<_> = PARTS.iter().filter(chosen).collect();
    let mut summary = serde_json::Map::new();
    let (mut broken, mut proves_nothing) = (false, vec![]);
    for (index, Part { name, what, run, weight }) in parts.iter().enumerate() {
        // What a fast part leaves is shared by the rest.
        let left: u32 = parts[index..].iter().map(|part| part.weight).sum();
        let now = Instant::now();
        rig.deadline = end.map(|end| now + end.saturating_duration_since(now) * *weight / left);
        let tally = run(&rig);
        let seconds = now.elapsed().as_secs();
        report(name, what, &tally, seconds);
        broken |= !tally.bad.is_empty();
        proves_nothing.extend(tally.shortfall().map(|why| format!("{name}: {why}")));
        summary.insert((*name).to_owned(), document(what, &tally, seconds));
    }
    if let Some(path) = options.json {
        std::fs::write(path, format!("{:#}\n", serde_json::Value::Object(summary))).unwrap();
    }
    for part in &proves_nothing {
        println!("proof: too little was run: {part}");
    }
    match (broken, proves_nothing.is_empty()) {
        (true, _) => ExitCode::FAILURE,
        (false, false) => ExitCode::from(TOO_LITTLE),
        (false, true) => ExitCode::SUCCESS,
    }
}

fn report(name: &str, what: &str, tally: &Tally, seconds: u64) {
    let Tally { cases, strikes, .. } = tally;
    let (bad, left_out) = (tally.bad.len(), tally.all_left_out());
    let not_hit = tally.not_hit.len();
    let missed = if not_hit > 0 { format!(", {not_hit} not hit") } else { String::new() };
    println!(
        "{name:4} {cases:6} cases, {strikes} strikes, {bad} bad, {left_out} left out{missed}, {seconds} s: {what}"
    );
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
        "what": what, "cases": tally.cases, "strikes": tally.strikes, "bad": tally.bad, "left_out": tally.left_out,
        "not_hit": tally.not_hit, "notes": tally.notes, "seconds": seconds,
    })
}
