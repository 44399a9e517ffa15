//! E4: a crash while a secret is in memory leaves no core file.

use crate::rig::{Rig, Tally, Verdict};
use crate::scene::Deed;
use std::fs;
use std::process::{Command, Stdio};
use tests::world::PASSPHRASE;

/// E4: a crash while a secret is in memory leaves no core file.
pub(crate) fn cores(rig: &Rig) -> Tally {
    let place = rig.kit.place("cores");
    let mut tally = Tally::default();
    let folder = place.path().join("cwd");
    fs::create_dir_all(&folder).unwrap();
    let dies = |script: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -c unlimited; {script}")]).current_dir(&folder);
        let status = shell.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        let left = fs::read_dir(&folder).unwrap().count();
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        // A shell gives 128 and the signal for a child that one has ended.
        (left, status.code().is_none_or(|code| code > 128))
    };
    if dies("sh -c 'kill -ABRT $$'").0 == 0 {
        tally.leave_out("this machine writes no core files into the working directory", 1);
        return tally;
    }
    let cases: Vec<_> = [Deed::RequestRotation, Deed::ReplaceStaged, Deed::Rotate, Deed::Install]
        .iter()
        .flat_map(|deed| {
            ["ABRT", "SEGV", "BUS", "ILL", "FPE", "SYS", "TRAP", "XCPU"].map(|signal| (*deed, signal))
        })
        .collect();
    for (deed, signal) in cases {
        rig.kit.prepare(deed, &place);
        let (words, pipe) = rig.kit.waiting_at_pipe(deed, &place);
        let line: Vec<_> = words.iter().map(|word| format!("'{}'", word.to_string_lossy())).collect();
        // It has half the passphrase when the signal comes.
        let script = format!(
            "{} & exec 9>{}; printf '{half}' >&9; sleep 0.2; kill -{signal} $!; exec 9>&-; wait $!",
            line.join(" "),
            pipe.display(),
            half = &PASSPHRASE[..PASSPHRASE.len() / 2],
        );
        let (left, struck) = dies(&script);
        let verdict = if left == 0 {
            Ok(())
        } else {
            Err(format!("{} killed by {signal} left a core file", deed.name()))
        };
        tally.count(Verdict::judged(struck, verdict));
    }
    tally
}
