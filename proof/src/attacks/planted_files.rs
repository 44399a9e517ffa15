//! D2: links, pipes, devices and directories planted at every path that is opened. Whoever can write beside us,
//! or before us, must not make us write, read or delete elsewhere, nor hang.

use crate::model::Parsed;
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, Kit, Place, make_private};
use crate::strace::{self, without_strace};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use tests::tree::Tree;

/// What stands where a file or directory is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plant {
    LinkToFile,
    LinkToFolder,
    DanglingLink,
    HardLink,
    Fifo,
    Folder,
    Device,
    Socket,
    Loop,
}

impl Plant {
    const ALL: [Self; 9] = [
        Self::LinkToFile,
        Self::LinkToFolder,
        Self::DanglingLink,
        Self::HardLink,
        Self::Fifo,
        Self::Folder,
        Self::Device,
        Self::Socket,
        Self::Loop,
    ];

    fn at(self, path: &Path, outside: &Path) -> std::io::Result<()> {
        let node = |kind| {
            // The null device: writes to it succeed and are lost.
            let number = if kind == FileType::CharacterDevice { rustix::fs::makedev(1, 3) } else { 0 };
            mknodat(CWD, path, kind, Mode::from_raw_mode(0o600), number).map_err(Into::into)
        };
        match self {
            Self::LinkToFile => symlink(outside.join("file"), path),
            Self::LinkToFolder => symlink(outside, path),
            Self::DanglingLink => symlink(outside.join("nothing"), path),
            Self::HardLink => fs::hard_link(outside.join("file"), path),
            Self::Fifo => node(FileType::Fifo),
            Self::Folder => fs::create_dir(path),
            Self::Device => node(FileType::CharacterDevice),
            Self::Socket => UnixListener::bind(path).map(drop),
            Self::Loop => symlink(path, path),
        }
    }
}

/// Everything a deed opens, makes or replaces, relative to its place.
fn opened(deed: Deed) -> Vec<&'static str> {
    let mut paths =
        vec!["store", "store/STATE", "store/generations", "store/documents", "store/audit.log", "log"];
    paths.extend([
        "store/documents/accounts/00000001",
        "store/generations/00000001",
        "store/generations/00000002",
    ]);
    paths.extend(["store/generations/00000003", "store/generations/00000004"]);
    let rotates = deed == Deed::RequestRotation;
    let generation = if rotates { "store/generations/00000002" } else { "store/generations/00000003" };
    for name in ["manifest.json", "main.key", "assets.key", "main.csr", "assets.csr"] {
        paths.push(Box::leak(format!("{generation}/{name}").into_boxed_str()));
    }
    if deed.is_request() {
        paths.extend(["out", "out/main.csr", "out/assets.csr", "passphrase"]);
    } else {
        paths.extend(["publish", "publish/main.pem", "publish/main.key", "publish/assets.key"]);
        paths.extend(["publish/.cluster-certs", "passphrase", "main.pem", "assets.pem", "root.pem"]);
    }
    paths
}

/// D2: plants at every path.
pub(crate) fn plants(rig: &Rig) -> Tally {
    if !strace::works() {
        return without_strace();
    }
    let deeds = [Deed::RequestRotation, Deed::Rotate, Deed::ReplaceStaged];
    let cases: Vec<_> = deeds
        .iter()
        .flat_map(|deed| opened(*deed).into_iter().map(move |path| (*deed, path)))
        .flat_map(|(deed, path)| Plant::ALL.map(|plant| (deed, path, plant)))
        // A passphrase may come through a pipe: its writer is waited for.
        .filter(|(_, path, plant)| (*path, *plant) != ("passphrase", Plant::Fifo))
        // A link named as a directory to write to is the operator's.
        .filter(|(_, path, plant)| !(["out", "publish"].contains(path) && *plant == Plant::LinkToFolder))
        .collect();
    rig.each(
        "plants",
        &cases,
        150,
        |worker| ["plants", "plants-trace"].map(|name| rig.kit.place(&format!("{name}-{worker}"))),
        |places, case| {
            let (deed, path, plant) = *case;
            match planted(&rig.kit, places, *case) {
                Ok(verdict) => verdict,
                Err(what) => Verdict::Bad(format!("{} with {plant:?} at {path}: {what}", deed.name())),
            }
        },
    )
}

fn planted(
    kit: &Kit,
    [place, trace]: &[Place; 2],
    (deed, path, plant): (Deed, &str, Plant),
) -> Result<Verdict, String> {
    kit.renew(deed, place);
    let outside = place.path().join("outside");
    make_private(&outside);
    fs::write(outside.join("file"), "precious\n").unwrap();
    fs::set_permissions(outside.join("file"), Permissions::from_mode(0o600)).unwrap();
    let line = equipped(kit, place, deed);
    let target = place.path().join(path);
    if target.is_dir() { fs::remove_dir_all(&target) } else { fs::remove_file(&target) }.ok();
    if !target.parent().is_some_and(Path::is_dir) {
        return Ok(Verdict::NotHit(format!("{}: nothing is at {path}", deed.name())));
    }
    if plant.at(&target, &outside).is_err() {
        return Ok(Verdict::LeftOut("this user cannot make such a file"));
    }
    let (before, store) = (Tree::read(&outside), Tree::read(&place.store()));
    let line = [&["timeout", "20"].map(OsString::from)[..], &line].concat();
    let (ran, calls) = strace::record(&[], &line, trace, true);
    let met = calls.iter().any(|call| Parsed::of(call).paths().any(|path| path.starts_with(&target)));
    if Tree::read(&outside) != before {
        return Err(format!("what lies outside changed; {ran}"));
    }
    match ran.code {
        Some(0 | 8) => {}
        Some(2..=6) if Tree::read(&place.store()) == store => {}
        Some(2..=6) => return Err(format!("refused, but the store changed; {ran}")),
        // --out could not be written, and the last line says whether the requests are staged.
        Some(1) if path.starts_with("out") && ran.stderr.contains(" staged") => {}
        _ => return Err(format!("no documented end; {ran}")),
    }
    Ok(Verdict::judged(met, Ok(())))
}

/// A deed with every file it can take beside the store.
pub(crate) fn equipped(kit: &Kit, place: &Place, deed: Deed) -> Vec<OsString> {
    let mut line = kit.line(deed, place);
    for (flag, name) in [
        ("--passphrase-file", "passphrase"),
        ("--main", "main.pem"),
        ("--assets", "assets.pem"),
        ("--trust-anchors", "root.pem"),
    ] {
        let Some(at) = line.iter().position(|word| word == flag) else { continue };
        let copy = place.path().join(name);
        fs::copy(&line[at + 1], &copy).unwrap();
        fs::set_permissions(&copy, Permissions::from_mode(0o600)).unwrap();
        line[at + 1] = copy.into();
    }
    let (flag, folder) = if deed.is_request() { ("--out", "out") } else { ("--publish", "publish") };
    make_private(&place.path().join(folder));
    line.extend([flag.into(), place.path().join(folder).into()]);
    line
}
