//! D3: parts of paths exchanged for links to elsewhere while commands run.

use super::planted_files::equipped;
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, Kit, Place, command, make_private, run};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tests::tree::Tree;

/// D3: somebody exchanges parts of paths for links to elsewhere, without pause, while commands run.
pub(crate) fn races(rig: &Rig) -> Tally {
    let paths = [
        "store",
        "store/STATE",
        "store/generations",
        "store/generations/00000002",
        "store/generations/00000003",
        "store/generations/00000003/main.key",
        "store/generations/00000003/manifest.json",
        "store/documents",
        "store/audit.log",
        "log",
        "publish/main.key",
        "out/main.csr",
    ];
    let (deeds, seconds) =
        ([Deed::Rotate, Deed::ReplaceStaged], if rig.effort == crate::Effort::All { 15 } else { 1 });
    let cases = paths.iter().flat_map(|path| deeds.map(|deed| (*path, deed)));
    let in_vain =
        |path: &str, deed: Deed| path.starts_with(if deed.is_request() { "publish" } else { "out" });
    let cases: Vec<_> = cases.filter(|(path, deed)| !in_vain(path, *deed)).collect();
    let mut runs = Tally::default();
    let counted = std::sync::Mutex::new(&mut runs);
    let place = |worker| rig.kit.place(&format!("races-{worker}"));
    let mut tally = rig.each("races", &cases, 12, place, |place, (path, deed)| {
        let until = Instant::now() + Duration::from_secs(seconds);
        let (mut number, mut exchanges) = (0, 0);
        while Instant::now() < until {
            match raced(&rig.kit, place, *deed, path) {
                Ok(times) => exchanges += times,
                Err(what) => return Verdict::Bad(format!("{} racing {path}: {what}", deed.name())),
            }
            number += 1;
        }
        let mut counted = counted.lock().unwrap();
        counted.cases += number;
        counted.strikes += exchanges;
        Verdict::judged(exchanges > 0, Ok(()))
    });
    tally.notes.push(format!("{} commands raced {} exchanges", runs.cases, runs.strikes));
    tally
}

fn raced(kit: &Kit, place: &Place, deed: Deed, path: &str) -> Result<usize, String> {
    kit.renew(deed, place);
    let line = equipped(kit, place, deed);
    let (target, decoy) = (place.path().join(path), place.path().join("decoy"));
    let outside = place.path().join("outside");
    if !target.exists() {
        fs::write(&target, "").unwrap();
        fs::set_permissions(&target, Permissions::from_mode(0o600)).unwrap();
    }
    // Elsewhere lies a copy good enough to be taken for ours.
    if target.is_dir() {
        Tree::read(&target).write(&outside);
        symlink(&outside, &decoy).unwrap();
    } else {
        make_private(&outside);
        fs::copy(&target, outside.join("file")).unwrap();
        symlink(outside.join("file"), &decoy).unwrap();
    }
    let before = Tree::read(&outside);
    let over = AtomicBool::new(false);
    let (ran, exchanges) = std::thread::scope(|scope| {
        let exchanges = scope.spawn(|| {
            let mut exchanges = 0;
            while !over.load(Ordering::Relaxed) {
                let exchanged = renameat_with(CWD, &target, CWD, &decoy, RenameFlags::EXCHANGE);
                exchanges += usize::from(exchanged.is_ok());
            }
            exchanges
        });
        let ran = run(command(&["timeout", "20"].map(OsString::from), &line));
        over.store(true, Ordering::Relaxed);
        (ran, exchanges.join().unwrap())
    });
    if Tree::read(&outside) != before {
        return Err(format!("what lies outside changed; {ran}"));
    }
    if matches!(ran.code, Some(0..=8)) && !ran.stderr.contains("fault of this program") {
        Ok(exchanges)
    } else {
        Err(format!("no documented end; {ran}"))
    }
}
