//! D1 to D5: files that are not what they seem. Whoever can write beside us, or before us, must
//! not make us write, read or delete elsewhere, nor hang.

use super::run::{Rig, Tally, Verdict};
use super::scene::{Deed, Files, Kit, Place, Ran, command};
use rustix::fs::{CWD, FileType, Mode, RenameFlags, mknodat, renameat_with};
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tests::tree::Tree;

/// D1: whatever the umask, what is made is private from its first moment on (the calls themselves
/// are looked at in another part) and can be used by its owner.
pub fn umasks(rig: &Rig) -> Tally {
    let masks = ["000", "002", "022", "027", "077", "277", "777"];
    let cases: Vec<_> = Deed::ALL.iter().flat_map(|deed| masks.map(|mask| (*deed, mask))).collect();
    rig.each(
        "umasks",
        &cases,
        14,
        |worker| rig.kit.place(&format!("umask-{worker}")),
        |place, (deed, mask)| {
            renew(&rig.kit, *deed, place);
            let (out, publish) = (place.path().join("out"), place.path().join("publish"));
            let mut line = rig.kit.line(*deed, place);
            if is_request(*deed) {
                line.extend(["--out".into(), out.into()]);
            } else {
                make_private(&publish);
                line.extend(["--publish".into(), publish.into()]);
            }
            let wrapper = ["sh", "-c", &format!("umask {mask}; exec \"$@\""), "sh"].map(OsString::from);
            let ran = Ran::of(command(&wrapper, &line));
            let judged =
                if ran.code == Some(0) { modes(place.path(), place.path()) } else { Err(ran.to_string()) };
            judged.map_err(|what| format!("{} under {mask}: {what}", deed.name())).into()
        },
    )
}

const fn is_request(deed: Deed) -> bool {
    matches!(deed, Deed::Request | Deed::RequestAgain | Deed::RequestRotation | Deed::ReplaceStaged)
}

fn modes(root: &Path, path: &Path) -> Result<(), String> {
    for entry in fs::read_dir(path).map_err(|error| error.to_string())?.flatten() {
        let path = entry.path();
        let stat = path.symlink_metadata().map_err(|error| error.to_string())?;
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        // Requests and chains are public, and lie where another server looks.
        let wanted = match (name.split('/').next(), path.extension().and_then(|end| end.to_str())) {
            (Some("out"), None) => 0o755,
            (Some("out"), Some("csr")) | (Some("publish"), Some("pem")) => 0o644,
            _ if stat.is_dir() => 0o700,
            _ => 0o600,
        };
        if stat.mode() & 0o7777 != wanted {
            return Err(format!("{name} has mode {:o}, expected {wanted:o}", stat.mode() & 0o7777));
        }
        if stat.is_dir() {
            modes(root, &path)?;
        }
    }
    Ok(())
}

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
    if is_request(deed) {
        paths.extend(["out", "out/main.csr", "out/assets.csr", "passphrase"]);
    } else {
        paths.extend(["publish", "publish/main.pem", "publish/main.key", "publish/assets.key", "passphrase"]);
        paths.extend(["main.pem", "assets.pem", "root.pem"]);
    }
    paths
}

/// D2: plants at every path.
pub fn plants(rig: &Rig) -> Tally {
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
        |worker| rig.kit.place(&format!("plants-{worker}")),
        |place, case| {
            let (deed, path, plant) = *case;
            match planted(&rig.kit, place, deed, path, plant) {
                Ok(verdict) => verdict,
                Err(what) => Verdict::Bad(format!("{} with {plant:?} at {path}: {what}", deed.name())),
            }
        },
    )
}

fn planted(kit: &Kit, place: &Place, deed: Deed, path: &str, plant: Plant) -> Result<Verdict, String> {
    renew(kit, deed, place);
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
    let (before, store) = (Tree::read(&outside), listing(&place.store()));
    let ran = Ran::of(command(&["timeout", "20"].map(OsString::from), &line));
    if Tree::read(&outside) != before {
        return Err(format!("what lies outside changed; {ran}"));
    }
    match ran.code {
        Some(0 | 8) => {}
        Some(2..=6) if listing(&place.store()) == store => {}
        Some(2..=6) => return Err(format!("refused, but the store changed; {ran}")),
        // --out could not be written, and the last line says whether the requests are staged.
        Some(1) if path.starts_with("out") && ran.stderr.contains(" staged") => {}
        _ => return Err(format!("no documented end; {ran}")),
    }
    Ok(Verdict::Held)
}

/// What is there, without opening anything that is no file: a pipe would make us wait.
fn listing(path: &Path) -> Vec<(PathBuf, u32, u64, Vec<u8>)> {
    let Ok(stat) = path.symlink_metadata() else { return vec![] };
    let content = if stat.is_file() { fs::read(path).unwrap_or_default() } else { vec![] };
    let mut found = vec![(path.to_owned(), stat.mode(), stat.ino(), content)];
    if stat.is_dir() {
        let mut names: Vec<_> =
            fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        names.sort();
        found.extend(names.iter().flat_map(|path| listing(path)));
    }
    found
}

/// A deed with every file it can take beside the store.
fn equipped(kit: &Kit, place: &Place, deed: Deed) -> Vec<OsString> {
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
    let (flag, folder) = if is_request(deed) { ("--out", "out") } else { ("--publish", "publish") };
    make_private(&place.path().join(folder));
    line.extend([flag.into(), place.path().join(folder).into()]);
    line
}

fn renew(kit: &Kit, deed: Deed, place: &Place) {
    fs::remove_dir_all(place.path()).unwrap();
    Place::at(place.path());
    kit.base(deed).write(&place.store());
}

fn make_private(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o700)).unwrap();
}

/// D3: somebody exchanges parts of paths for links to elsewhere, without pause, while commands run.
pub fn races(rig: &Rig) -> Tally {
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
        ([Deed::Rotate, Deed::ReplaceStaged], if rig.effort == super::Effort::All { 15 } else { 1 });
    let cases = paths.iter().flat_map(|path| deeds.map(|deed| (*path, deed)));
    let in_vain = |path: &str, deed| path.starts_with(if is_request(deed) { "publish" } else { "out" });
    let cases: Vec<_> = cases.filter(|(path, deed)| !in_vain(path, *deed)).collect();
    let mut runs = Tally::default();
    let counted = std::sync::Mutex::new(&mut runs);
    let place = |worker| rig.kit.place(&format!("races-{worker}"));
    let mut tally = rig.each("races", &cases, 12, place, |place, (path, deed)| {
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut number = 0;
        while Instant::now() < until {
            if let Err(what) = raced(&rig.kit, place, *deed, path) {
                return Verdict::Bad(format!("{} racing {path}: {what}", deed.name()));
            }
            number += 1;
        }
        counted.lock().unwrap().cases += number;
        Verdict::Held
    });
    tally.notes.push(format!("{} commands raced", runs.cases));
    tally
}

fn raced(kit: &Kit, place: &Place, deed: Deed, path: &str) -> Result<(), String> {
    renew(kit, deed, place);
    let line = equipped(kit, place, deed);
    let (target, decoy) = (place.path().join(path), place.path().join("decoy"));
    let outside = place.path().join("outside");
    if !target.exists() {
        fs::write(&target, "").unwrap();
        fs::set_permissions(&target, Permissions::from_mode(0o600)).unwrap();
    }
    // Elsewhere lies a copy good enough to be taken for ours.
    if target.is_dir() {
        Files::read(&target).write(&outside);
        symlink(&outside, &decoy).unwrap();
    } else {
        make_private(&outside);
        fs::copy(&target, outside.join("file")).unwrap();
        symlink(outside.join("file"), &decoy).unwrap();
    }
    let before = Tree::read(&outside);
    let over = AtomicBool::new(false);
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                renameat_with(CWD, &target, CWD, &decoy, RenameFlags::EXCHANGE).ok();
            }
        });
        let ran = Ran::of(command(&["timeout", "20"].map(OsString::from), &line));
        over.store(true, Ordering::Relaxed);
        ran
    });
    if Tree::read(&outside) != before {
        return Err(format!("what lies outside changed; {ran}"));
    }
    if matches!(ran.code, Some(0..=8)) && !ran.stderr.contains("fault of this program") {
        Ok(())
    } else {
        Err(format!("no documented end; {ran}"))
    }
}

/// D4: what somebody else put into a generation survives its removal, and is told.
pub fn strangers(rig: &Rig) -> Tally {
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
            renew(&rig.kit, *deed, place);
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
            let ran = Ran::of(rig.kit.command(*deed, place));
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
    super::power::shell(&["mount", "-t", "tmpfs", "-o", "size=64k", "none", at.to_str().unwrap_or_default()])
        .map(drop)
}

fn unmount(at: &Path) {
    if at.exists() {
        super::power::shell(&["umount", at.to_str().unwrap_or_default()]).ok();
    }
}

/// D5: variables that make other programs load, write or trust something.
pub fn environment(rig: &Rig) -> Tally {
    let deeds = [Deed::Request, Deed::Install, Deed::RequestRotation, Deed::Rotate, Deed::RollBack];
    let variables = [
        ("PATH", "@/bin"),
        ("TMPDIR", "@"),
        ("HOME", "@"),
        ("XDG_STATE_HOME", "@"),
        ("XDG_CONFIG_HOME", "@"),
        ("SSLKEYLOGFILE", "@/keys"),
        ("SSL_CERT_FILE", "@/evil.pem"),
        ("SSL_CERT_DIR", "@"),
        ("OPENSSL_CONF", "@/openssl.cnf"),
        ("OPENSSL_MODULES", "@"),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "full"),
        ("RUST_LIB_BACKTRACE", "1"),
        ("CLUSTER_CERTS_STORE", "@/store"),
        ("CREDENTIALS_DIRECTORY", "@/credentials"),
        ("IFS", "/"),
        ("ENV", "@/env"),
        ("BASH_ENV", "@/env"),
        ("LC_ALL", "zz_ZZ.evil"),
        ("TERM", "\u{1b}[2J"),
        ("COLUMNS", "1"),
        ("LINES", "-1"),
        ("NO_COLOR", ""),
        ("CLICOLOR_FORCE", "1"),
        ("TZ", ":/etc/passwd"),
        ("SOURCE_DATE_EPOCH", "0"),
        ("MALLOC_PERTURB_", "165"),
    ];
    let cases: Vec<_> = deeds.iter().flat_map(|deed| variables.map(|variable| (*deed, variable))).collect();
    rig.each(
        "environment",
        &cases,
        27,
        |worker| rig.kit.place(&format!("environment-{worker}")),
        |place, case| {
            let (deed, (name, value)) = case;
            renew(&rig.kit, *deed, place);
            let trap = place.path().join("trap");
            make_private(&trap);
            let before = Tree::read(&trap);
            let mut run = rig.kit.command(*deed, place);
            run.env(name, value.replace('@', trap.to_str().unwrap_or_default()));
            let ran = Ran::of(run);
            let seen = super::inspect::look(&place.store());
            let judged = match seen {
                _ if Tree::read(&trap) != before => Err("it wrote there".to_owned()),
                _ if ran.stderr.contains('\u{1b}') || ran.stdout.contains('\u{1b}') => {
                    Err(format!("colour: {ran}"))
                }
                Ok(Some(_)) if ran.code == Some(0) => Ok(()),
                other => Err(format!("{other:?}; {ran}")),
            };
            judged.map_err(|what| format!("{} with {name}={value}: {what}", deed.name())).into()
        },
    )
}
