//! D4: strangers' files in what is removed.

use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, make_private, run};
use std::fs::{self};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tests::tree::Tree;

/// D4: what somebody else put into a generation survives its removal, and is told.
pub(crate) fn strangers(rig: &Rig) -> Tally {
    type Stranger = (&'static str, fn(&Path, &Path) -> std::io::Result<()>);
    let strangers: [Stranger; 7] = [
        ("file", |folder, _| fs::write(folder.join("notes"), "mine\n")),
        ("hidden file", |folder, _| fs::write(folder.join(".main.key.tmp-0011223344556677"), "mine\n")),
        ("name like ours", |folder, _| fs::write(folder.join("main.key.old"), "mine\n")),
        ("name of two lines", |folder, _| fs::write(folder.join("a\n\u{1b}[2Jb"), "mine\n")),
        ("folder", |folder, _| {
            fs::create_dir(folder.join("d")).and_then(|()| fs::write(folder.join("d/x"), "mine\n"))
        }),
        ("link", |folder, outside| symlink(outside, folder.join("link"))),
        ("mount", |folder, _| {
            fs::create_dir(folder.join("mount"))?;
            mount(&folder.join("mount")).map_err(std::io::Error::other)?;
            fs::write(folder.join("mount/x"), "mine\n")
        }),
    ];
    let deeds = [
        (Deed::Rotate, "generations/00000002"),
        (Deed::ReplaceStaged, "generations/00000003"),
        (Deed::RequestAgain, "generations/00000001"),
    ];
    let cases: Vec<_> = deeds.iter().flat_map(|deed| strangers.iter().map(move |one| (*deed, one))).collect();
    rig.each(
        "strangers",
        &cases,
        24,
        |worker| rig.kit.place(&format!("strangers-{worker}")),
        |place, case| {
            let ((deed, removed), (name, put)) = case;
            rig.kit.renew(*deed, place);
            let removed = place.store().join(removed);
            let outside = place.path().join("outside");
            make_private(&outside);
            fs::write(outside.join("file"), "precious\n").unwrap();
            if put(&removed, &outside).is_err() {
                return Verdict::LeftOut("mounting needs root");
            }
            let strange = |tree: &Tree| {
                tree.paths().filter(|path| !is_ours(path)).map(PathBuf::from).collect::<Vec<_>>()
            };
            let before = (Tree::read(&outside), strange(&Tree::read(&removed)));
            let ran = run(rig.kit.command(*deed, place));
            let after = (Tree::read(&outside), strange(&Tree::read(&removed)));
            unmount(&removed.join("mount"));
            let judged = if before != after {
                Err(format!("it did not survive: {after:?}; {ran}"))
            } else if ran.code != Some(0) || !ran.stderr.contains(&removed.display().to_string()) {
                Err(format!("not done, or not told: {ran}"))
            } else {
                Ok(())
            };
            judged.map_err(|what| format!("{name}, {}: {what}", deed.name())).into()
        },
    )
}

/// What a generation may hold.
const EVERY_FILE: [&str; 9] = [
    "main.key",
    "main.csr",
    "assets.key",
    "assets.csr",
    "main.pem",
    "main.anchor.pem",
    "assets.pem",
    "assets.anchor.pem",
    "manifest.json",
];

fn is_ours(path: &Path) -> bool {
    EVERY_FILE.iter().any(|name| path == Path::new(name))
}

fn mount(at: &Path) -> Result<(), String> {
    crate::tool::shell(&["mount", "-t", "tmpfs", "-o", "size=64k", "none", at.to_str().unwrap_or_default()])
        .map(drop)
}

fn unmount(at: &Path) {
    if at.exists() {
        crate::tool::shell(&["umount", at.to_str().unwrap_or_default()]).ok();
    }
}
