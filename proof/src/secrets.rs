//! E1 to E4: where a passphrase, a password or a private key could be left behind. Every secret is
//! a canary: it is looked for in what the process was given, said, wrote, and kept in memory.

use super::needles::Needles;
use super::run::{Rig, Tally, Verdict};
use super::scene::{Deed, Files, Kit, PASSPHRASE, Place, Ran, command};
use super::strace;
use common::secret::Secret;
use pki::pem::{self, Block};
use pki::{Csr, Passphrase, SealedKey};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// What a run is to be: a deed, with these flags added.
type Run = (Deed, &'static [&'static str]);

const EC: &[&str] = &["--key-type", "NISTP256"];
const JSON: &[&str] = &["--format", "json"];

/// E1, E2: argv, environment, everything written or sent (by its system calls), every file left,
/// standard output and error.
pub fn traces(rig: &Rig) -> Tally {
    if !strace::works() {
        return super::kill::without_strace();
    }
    let runs: Vec<Run> = Deed::ALL.iter().flat_map(|deed| [(*deed, &[][..]), (*deed, JSON)]).collect();
    rig.each(
        "secrets in traces",
        &runs,
        8,
        |worker| rig.kit.place(&format!("traces-{worker}")),
        |place, run| {
            clear(&rig.kit, run.0, place);
            let file = place.path().join("trace");
            let mut wrapper = words(&["strace", "-f", "-qq", "-y", "-v", "-xx", "-s", "1000000", "-o"]);
            wrapper.push(file.clone().into());
            let ran = Ran::of(command(&wrapper, &line(&rig.kit, *run, place)));
            let searched = needles(&rig.kit, place, Spelling::All).and_then(|needles| {
                let trace = fs::read_to_string(&file).map_err(|error| error.to_string())?;
                fs::remove_file(&file).unwrap();
                for line in trace.lines().map(unescaped).filter(|line| !reads_a_secret_file(line)) {
                    needles.refuse(&line, &String::from_utf8_lossy(&line[..line.len().min(200)]))?;
                }
                needles.refuse(ran.stdout.as_bytes(), "standard output")?;
                needles.refuse(ran.stderr.as_bytes(), "standard error")?;
                for (path, bytes) in Files::read(place.path()).0 {
                    needles.refuse(&bytes.unwrap_or_default(), &path.display().to_string())?;
                }
                if ran.code == Some(0) { Ok(()) } else { Err(ran.to_string()) }
            });
            searched.map_err(|what| format!("{} {:?}: {what}", run.0.name(), run.1)).into()
        },
    )
}

/// E3: the memory of a process that has done its work but not ended.
pub fn memory(rig: &Rig) -> Tally {
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
    let runs = if rig.effort == super::Effort::All { runs.repeat(3) } else { runs };
    let mut tally = rig.each(
        "secrets in memory",
        &runs,
        12,
        |worker| rig.kit.place(&format!("memory-{worker}")),
        |place, run| {
            clear(&rig.kit, run.0, place);
            let found = held_after_work(&rig.kit, *run, place)
                .and_then(|image| needles(&rig.kit, place, Spelling::Raw)?.refuse(&image, "memory"));
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
    clear(&rig.kit, Deed::Install, &place);
    let mut child = Command::new("sh");
    child.args(["-c", "read -r passphrase; echo ready; read -r end; echo \"$passphrase\""]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(passphrase(&rig.kit, &place).as_bytes()).unwrap();
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).unwrap();
    let image = image(child.id());
    end(child);
    let verdict = match (needles(&rig.kit, &place, Spelling::Raw), image) {
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

/// E4: a crash while a secret is in memory leaves no core file.
pub fn cores(rig: &Rig) -> Tally {
    let place = rig.kit.place("cores");
    let mut tally = Tally::default();
    let folder = place.path().join("cwd");
    fs::create_dir_all(&folder).unwrap();
    let dies = |script: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -c unlimited; {script}")]).current_dir(&folder);
        shell.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        let left = fs::read_dir(&folder).unwrap().count();
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        left
    };
    if dies("sh -c 'kill -ABRT $$'") == 0 {
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
        rig.kit.base(deed).write(&place.store());
        let (words, pipe) = waiting_at_pipe(&rig.kit, deed, &place);
        let line: Vec<_> = words.iter().map(|word| format!("'{}'", word.to_string_lossy())).collect();
        // It has half the passphrase when the signal comes.
        let script = format!(
            "{} & exec 9>{}; printf '{half}' >&9; sleep 0.2; kill -{signal} $!; exec 9>&-; wait $!",
            line.join(" "),
            pipe.display(),
            half = &PASSPHRASE[..PASSPHRASE.len() / 2],
        );
        let left = dies(&script);
        let verdict = if left == 0 {
            Ok(())
        } else {
            Err(format!("{} killed by {signal} left a core file", deed.name()))
        };
        tally.count(verdict.into());
    }
    tally
}

/// A command line whose passphrase comes through a pipe, and the pipe.
pub(super) fn waiting_at_pipe(kit: &Kit, deed: Deed, place: &Place) -> (Vec<OsString>, PathBuf) {
    let mut line = kit.line(deed, place);
    let at = line.iter().position(|word| *word == "--passphrase-file").unwrap() + 1;
    let pipe = place.path().join("pipe");
    fs::remove_file(&pipe).ok();
    super::power::shell(&["mkfifo", "-m", "0600", pipe.to_str().unwrap()]).unwrap();
    line[at] = pipe.clone().into();
    (line, pipe)
}

pub(super) fn clear(kit: &Kit, deed: Deed, place: &Place) {
    fs::remove_dir_all(place.path()).unwrap();
    Place::at(place.path());
    kit.base(deed).write(&place.store());
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

/// The command line of a run; a key type given twice counts the last time only for people.
fn line(kit: &Kit, (deed, more): Run, place: &Place) -> Vec<OsString> {
    let mut line = kit.line(deed, place);
    if let (Some(at), Some(new)) =
        (line.iter().position(|word| *word == "--key-type"), more.strip_prefix(&["--key-type"]))
    {
        line[at + 1] = new[0].into();
    } else {
        line.extend(words(more));
    }
    line
}

pub(super) fn state(place: &Place) -> Option<Vec<u8>> {
    // Written first with nothing in it.
    fs::read(place.store().join("STATE"))
        .ok()
        .filter(|state| !state.starts_with(b"{\"format\":1,\"sequence\":0,"))
}

pub(super) fn until(done: impl Fn() -> bool) -> Result<(), ()> {
    let end = Instant::now() + Duration::from_secs(60);
    while !done() {
        if Instant::now() > end {
            return Err(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

pub(super) fn end(mut child: Child) {
    kill_process(Pid::from_child(&child), Signal::KILL).ok();
    child.wait().unwrap();
}

/// Everything a process can read of itself.
pub(super) fn image(pid: u32) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("the memory of {pid} cannot be read: {error}");
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).map_err(failed)?;
    let mut memory = fs::File::open(format!("/proc/{pid}/mem")).map_err(failed)?;
    let mut image = vec![];
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let Some((from, to)) = line.split(' ').next().and_then(|range| range.split_once('-')) else {
            continue;
        };
        let (Ok(from), Ok(to)) = (u64::from_str_radix(from, 16), u64::from_str_radix(to, 16)) else {
            continue;
        };
        memory.seek(SeekFrom::Start(from)).map_err(failed)?;
        // What was never touched cannot be read everywhere; that is no secret.
        Read::by_ref(&mut memory).take(to - from).read_to_end(&mut image).ok();
    }
    if image.is_empty() { Err(format!("the memory of {pid} is empty")) } else { Ok(image) }
}

/// How secrets are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    Raw,
    All,
}

/// Passphrase, password, and every private key of the store.
pub(super) fn needles(kit: &Kit, place: &Place, spelling: Spelling) -> Result<Needles, String> {
    let mut needles = Needles::default();
    let mut add = |name: &str, secret: &[u8]| match spelling {
        Spelling::All => needles.add_spelled(name, secret),
        Spelling::Raw => {
            needles.add(name, secret);
            needles.add(&format!("{name}, backwards"), &secret.iter().rev().copied().collect::<Vec<_>>());
        }
    };
    let passphrase = passphrase(kit, place);
    add("passphrase", passphrase.as_bytes());
    add("password", secret_file(kit, place, Deed::Request, "--sysadmin-password-file").as_bytes());
    let secret = Secret::new(Zeroizing::new(passphrase.clone().into_bytes()));
    let passphrase = Passphrase::existing(secret).map_err(|error| error.to_string())?;
    for (path, key) in sealed_keys(&place.store()) {
        let request = fs::read(path.with_extension("csr")).map_err(|error| error.to_string())?;
        let blocks = pem::read(&request).map_err(|error| error.to_string())?;
        let Some(Block::Request(request)) = blocks.first() else { return Err("no request".to_owned()) };
        let request = Csr::from_der(request).map_err(|error| error.to_string())?;
        let opened = key.open(&passphrase, request.spki()).map_err(|error| error.to_string())?;
        let pkcs8 = opened.to_pkcs8().map_err(|error| error.to_string())?;
        for (number, integer) in private_integers(&pkcs8, request.spki().der()).into_iter().enumerate() {
            add(&format!("key integer {number} of {}", path.file_name().unwrap().display()), &integer);
        }
    }
    Ok(needles)
}

fn passphrase(kit: &Kit, place: &Place) -> String {
    secret_file(kit, place, Deed::RequestRotation, "--passphrase-file")
}

fn secret_file(kit: &Kit, place: &Place, deed: Deed, flag: &str) -> String {
    let line = kit.line(deed, place);
    let at = line.iter().position(|word| *word == flag).unwrap() + 1;
    fs::read_to_string(&line[at]).unwrap().trim_end().to_owned()
}

fn sealed_keys(store: &Path) -> Vec<(PathBuf, SealedKey)> {
    let generations = fs::read_dir(store.join("generations")).into_iter().flatten().flatten();
    let paths = generations.flat_map(|entry| ["main.key", "assets.key"].map(|name| entry.path().join(name)));
    paths.filter_map(|path| Some((path.clone(), SealedKey::from_pem(&fs::read(path).ok()?).ok()?))).collect()
}

/// The octet strings and integers of a PKCS#8 key that are long enough and not public.
fn private_integers(pkcs8: &[u8], public: &[u8]) -> Vec<Vec<u8>> {
    let mut found = vec![];
    collect(pkcs8, &mut found);
    found.retain(|integer| !public.windows(integer.len()).any(|window| window == integer));
    found
}

/// Leaves of a DER tree; octet strings that hold DER are looked into.
fn collect(der: &[u8], found: &mut Vec<Vec<u8>>) {
    let mut rest = der;
    while let Some((tag, content, after)) = tests::der::split(rest) {
        match tag {
            0x30 | 0xa0 | 0xa1 => collect(content, found),
            0x04 if content.first() == Some(&0x30) => collect(content, found),
            0x02 | 0x04 if content.len() >= 32 => {
                found.push(content.iter().copied().skip_while(|octet| *octet == 0).collect());
            }
            _ => {}
        }
        rest = after;
    }
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
