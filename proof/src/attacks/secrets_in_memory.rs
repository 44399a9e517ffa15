//! E3: secrets in the memory of a process that has done its work but not ended.

use crate::memory::{end, image, state, unreadable, until};
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, Kit, Place, command};
use crate::secrets::{Run, Spelling, line, needles};
use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;
use tests::world::PASSPHRASE;

const EC: &[&str] = &["--key-type", "NISTP256"];

/// E3: the memory of a process that has done its work but not ended.
pub(crate) fn memory(rig: &Rig) -> Tally {
    let types = ["NISTP256", "NISTP384", "NISTP521", "RSA2048", "RSA3072", "RSA4096"];
    let types: Vec<&'static [&'static str]> =
        types.iter().map(|name| &*Vec::leak(vec!["--key-type", *name])).collect();
    let mut runs: Vec<Run> = types.iter().map(|key_type| (Deed::Request, *key_type)).collect();
    runs.extend([
        (Deed::Install, &[][..]),
        (Deed::Rotate, &[]),
        (Deed::RotateKeep, &[]),
        (Deed::RequestRotation, EC),
        (Deed::RequestAgain, types[3]),
        (Deed::ReplaceStaged, types[3]),
    ]);
    let runs = if rig.effort == crate::Effort::All { runs.repeat(3) } else { runs };
    let mut tally = rig.each(
        "secrets in memory",
        &runs,
        12,
        |worker| rig.kit.place(&format!("memory-{worker}")),
        |place, run| {
            if let Some(left_out) = unreadable() {
                return left_out;
            }
            rig.kit.renew(run.0, place);
            let found = held_after_work(&rig.kit, *run, place)
                .and_then(|image| needles(place, Spelling::Raw)?.refuse(&image, "memory"));
            found.map_err(|what| format!("{} {:?}: {what}", run.0.name(), run.1)).into()
        },
    );
    tally.add(control(rig));
    tally
}

/// The search must find what is there: while the passphrase is needed it lies in memory.
fn control(rig: &Rig) -> Tally {
    let mut tally = Tally::default();
    let place = rig.kit.place("memory-control");
    rig.kit.renew(Deed::Install, &place);
    let mut child = Command::new("sh");
    child.args(["-c", "read -r passphrase; echo ready; read -r end; echo \"$passphrase\""]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(PASSPHRASE.as_bytes()).unwrap();
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).unwrap();
    let image = image(child.id());
    end(child);
    let verdict = match (needles(&place, Spelling::Raw), image) {
        (Ok(needles), Ok(image)) if needles.found(&image).contains("passphrase") => Verdict::Held,
        (Ok(_), Ok(_)) => Verdict::Bad("the search does not find a passphrase that is there".to_owned()),
        (Err(what), _) | (_, Err(what)) => Verdict::Bad(what),
    };
    tally.count(verdict);
    tally
}

/// Runs a deed until everything is committed, and gives its memory.
fn held_after_work(kit: &Kit, run: Run, place: &Place) -> Result<Vec<u8>, String> {
    match run.0 {
        Deed::Request | Deed::RequestAgain | Deed::RequestRotation | Deed::ReplaceStaged => {
            held_at_output(kit, run, place)
        }
        Deed::Install | Deed::Rotate | Deed::RotateKeep | Deed::RotateOver | Deed::RollBack => {
            held_at_hook(kit, run, place)
        }
    }
}

/// Standard output is a pipe that takes nothing any more.
fn held_at_output(kit: &Kit, run: Run, place: &Place) -> Result<Vec<u8>, String> {
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&vec![b'x'; 64 * 1024]).unwrap();
    let before = state(place);
    let mut child = command(&[], &line(kit, run, place));
    let child = child.stdin(Stdio::null()).stdout(writer).stderr(Stdio::null()).spawn().unwrap();
    let committed = until(|| state(place) != before);
    // From the commit to the first write to standard output.
    std::thread::sleep(Duration::from_millis(500));
    let image = image(child.id());
    end(child);
    drop(reader);
    committed.map_err(|()| "it never committed".to_owned()).and(image)
}

/// The deploy hook waits.
fn held_at_hook(kit: &Kit, run: Run, place: &Place) -> Result<Vec<u8>, String> {
    let (held, go) = (place.path().join("held"), place.path().join("go"));
    for path in [&held, &go] {
        fs::remove_file(path).ok();
    }
    let hook = format!("touch {}; while [ ! -e {} ]; do sleep 0.05; done", held.display(), go.display());
    let mut line = line(kit, run, place);
    line.extend(["--deploy-hook".into(), hook.into()]);
    let mut child = command(&[], &line);
    let child = child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let reached = until(|| held.exists());
    let image = image(child.id());
    fs::write(&go, "").unwrap();
    end(child);
    reached.map_err(|()| "it never ran the hook".to_owned()).and(image)
}
