//! E1: secrets in what a command was given, said and wrote.

use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, command, run};
use crate::secrets::{Run, Spelling, line, needles, words};
use crate::strace;
use std::fs;
use tests::tree::Tree;

const JSON: &[&str] = &["--format", "json"];

/// E1, E2: argv, environment, everything written or sent (by its system calls), every file left,
/// standard output and error.
pub(crate) fn traces(rig: &Rig) -> Tally {
    if !strace::works() {
        return crate::strace::without_strace();
    }
    let runs: Vec<Run> = Deed::ALL.iter().flat_map(|deed| [(*deed, &[][..]), (*deed, JSON)]).collect();
    if !rustix::process::geteuid().is_root() {
        let mut tally = Tally::default();
        tally.leave_out("the right to look into a hardened process (root)", runs.len());
        return tally;
    }
    rig.each(
        "secrets in traces",
        &runs,
        8,
        |worker| rig.kit.place(&format!("traces-{worker}")),
        |place, one| {
            rig.kit.renew(one.0, place);
            let file = place.path().join("trace");
            let mut wrapper = words(&["strace", "-f", "-qq", "-y", "-v", "-xx", "-s", "1000000", "-o"]);
            wrapper.push(file.clone().into());
            let ran = run(command(&wrapper, &line(&rig.kit, *one, place)));
            let searched = needles(place, Spelling::All).and_then(|needles| {
                let trace = fs::read_to_string(&file).map_err(|error| error.to_string())?;
                fs::remove_file(&file).unwrap();
                // The search must find what is there: a secret where it is read.
                let (read, rest): (Vec<_>, Vec<_>) =
                    trace.lines().map(unescaped).partition(|line| reads_a_secret_file(line));
                let struck = read.iter().any(|line| !needles.found(line).is_empty());
                for line in rest {
                    needles.refuse(&line, &String::from_utf8_lossy(&line[..line.len().min(200)]))?;
                }
                needles.refuse(ran.stdout.as_bytes(), "standard output")?;
                needles.refuse(ran.stderr.as_bytes(), "standard error")?;
                for (path, bytes) in Tree::read(place.path()).files() {
                    needles.refuse(bytes, &path.display().to_string())?;
                }
                if ran.code == Some(0) { Ok(struck) } else { Err(ran.to_string()) }
            });
            match searched {
                Ok(struck) => Verdict::judged(struck, Ok(())),
                Err(what) => Verdict::Bad(format!("{} {:?}: {what}", one.0.name(), one.1)),
            }
        },
    )
}

/// A line of `strace -xx` with the octets it stands for.
fn unescaped(line: &str) -> Vec<u8> {
    let mut octets = vec![];
    let mut rest = line.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = rest.strip_prefix(b"\\x").and_then(|rest| Some((rest.get(..2)?, rest.get(2..)?)));
        let decoded = escaped.and_then(|(digits, rest)| {
            Some((u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?, rest))
        });
        let (octet, next) = decoded.unwrap_or((*first, after));
        octets.push(octet);
        rest = next;
    }
    octets
}

/// The one call that must hold a secret: reading the file it was put into.
fn reads_a_secret_file(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    text.contains(" read(") && (text.contains("/passphrase>") || text.contains("/password>"))
}
