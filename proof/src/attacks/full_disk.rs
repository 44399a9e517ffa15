//! B2: disks that are really full.

use crate::disk::Tmpfs;
use crate::oracle::Oracle;
use crate::rig::{Rig, Tally};
use crate::scene::{Deed, command, run};
use crate::tool::{shell, text};

/// What a resource is limited to.
#[derive(Clone, Copy, Debug)]
enum Limit {
    /// Pages of a file system.
    Pages(usize),
    /// Files of a file system.
    Inodes(usize),
    /// Bytes of a file.
    FileSize(usize),
}

/// B2.
pub(crate) fn full(rig: &Rig) -> Tally {
    let oracles: Vec<_> = Deed::ALL.map(|deed| Oracle::new(&rig.kit, deed)).into();
    let mut cases = vec![];
    for oracle in &oracles {
        let base = rig.kit.base(oracle.deed());
        let pages: usize = base.files().map(|(_, bytes)| bytes.len().div_ceil(4096)).sum();
        cases.extend((0..150).step_by(3).map(|more| (oracle, Limit::Pages(pages + 1 + more))));
        cases.extend((1..24).map(|more| (oracle, Limit::Inodes(base.paths().count() + 2 + more))));
        cases.extend((0..16).map(|sixteenth| (oracle, Limit::FileSize(256 * sixteenth))));
    }
    if let Err(why) = shell(&["mount", "-t", "tmpfs", "tmpfs", text(rig.kit.place("trial").path())]) {
        let mut tally = Tally::default();
        tally.leave_out(&why, cases.len());
        return tally;
    }
    shell(&["umount", text(rig.kit.place("trial").path())]).ok();
    let place = |worker| Tmpfs::mount(rig.kit.place(&format!("full-{worker}")).path());
    rig.each("full", &cases, 80, place, |disk, (oracle, limit)| {
        let place = disk.place();
        oracle.prepare(&place);
        let wrapper = match limit {
            Limit::Pages(pages) => disk.resize(&format!("size={}k", pages * 4)),
            Limit::Inodes(inodes) => disk.resize(&format!("nr_inodes={inodes}")),
            Limit::FileSize(bytes) => vec!["prlimit".into(), format!("--fsize={bytes}").into()],
        };
        let mut line = rig.kit.line(oracle.deed(), &place);
        *line.last_mut().unwrap() = "/dev/null".into();
        let ran = run(command(&wrapper, &line));
        disk.resize("size=64m,nr_inodes=0");
        // A limit on file sizes is delivered as a signal.
        let judged = match (limit, ran.code) {
            (Limit::FileSize(_), None) => oracle.judge(&place, false, &ran.stdout).map(drop),
            (_, _) => oracle.judge_ended(&place, &ran),
        };
        judged.map_err(|what| format!("{} {limit:?}: {what}", oracle.name())).into()
    })
}
