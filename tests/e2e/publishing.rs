//! `--publish DIR`: what other servers find, whatever runs at the same time.

use crate::{installed, rotating, signed};
use common::{Pair, Role};
use rustix::fs::{FlockOperation, flock};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tests::nginx::Nginx;
use tests::world::{ASSETS, MAIN};
use tests::{Ran, World, has_programs, openssl};

const NAMES: [&str; 4] = ["main.pem", "main.key", "assets.pem", "assets.key"];

/// A world with a pair that a rollback comes back to, and an empty directory to publish to.
fn with_a_way_back() -> World {
    let world = rotating();
    world.sign_with_openssl();
    world.install(&["--rotate", "--keep-previous"]).success();
    directory(&world);
    world
}

fn directory(world: &World) {
    fs::create_dir(world.path("tls")).unwrap();
    world.chmod("tls", 0o755);
}

/// The generation the status says is current, and whether the directory is up to date.
fn status(world: &World) -> (u64, bool) {
    let status = world.install_certs(["--status", "--within", "1h", "--publish", "tls", "--format", "json"]);
    let json = status.json();
    let up_to_date = json["published"]["up_to_date"].as_bool().unwrap();
    status.ended(if up_to_date { 0 } else { 10 });
    (json["current"]["generation"].as_u64().unwrap(), up_to_date)
}

/// The contents of the four paths, in one folder.
fn four(world: &World, folder: &str) -> [Vec<u8>; 4] {
    NAMES.map(|name| fs::read(world.path(folder).join(name)).unwrap_or_default())
}

fn generation(world: &World, number: u64) -> [Vec<u8>; 4] {
    four(world, &format!("store/generations/{number:08}"))
}

/// Every file below the directory that holds a key.
fn keys(world: &World) -> usize {
    let room = world.path("tls/.cluster-certs");
    let folders = fs::read_dir(room).unwrap().map(|entry| entry.unwrap().path());
    folders
        .filter(|path| path.is_dir() && !path.is_symlink())
        .map(|path| {
            fs::read_dir(path)
                .unwrap()
                .filter(|e| e.as_ref().unwrap().path().extension() == Some("key".as_ref()))
                .count()
        })
        .sum()
}

#[test]
fn the_published_pair_follows_the_current_one_and_no_retired_key_stays() {
    let world = signed();
    directory(&world);
    world.install(&["--publish", "tls"]).success();
    let first = four(&world, "tls");
    assert_eq!(first, generation(&world, 2));
    world.rotate(&[]).success();
    world.sign_with_openssl();
    world.install(&["--rotate", "--keep-previous", "--publish", "tls"]).success();
    assert_ne!(four(&world, "tls"), first);
    assert_eq!((four(&world, "tls"), keys(&world)), (generation(&world, 4), 2));
    world.install_certs(["--rollback", "--yes", "--publish", "tls"]).success();
    assert_eq!((four(&world, "tls"), keys(&world)), (first, 2));
    assert_eq!(status(&world), (2, true));
}

#[test]
fn the_status_compares_what_is_published_with_what_is_current() {
    let world = with_a_way_back();
    let told = |world: &World| {
        let text = world.install_certs(["--status", "--within", "1h", "--publish", "tls"]);
        let exit = text.code;
        let line = text.stdout.lines().find(|line| line.starts_with("published in")).unwrap().to_owned();
        assert_eq!(text.stdout.contains("due: tls holds"), exit == Some(10), "{text}");
        (exit, line)
    };
    let before = world.snapshot();
    assert_eq!(told(&world), (Some(10), "published in tls: nothing".into()));
    world.install_certs(["--republish", "--publish", "tls"]).success();
    assert_eq!(told(&world), (Some(0), "published in tls: generation 4, the current pair".into()));
    world.install_certs(["--rollback", "--yes"]).success();
    assert_eq!(told(&world), (Some(10), "published in tls: generation 4, the previous pair".into()));
    let json = world.install_certs(["--status", "--publish", "tls", "--format", "json"]).json();
    assert_eq!(json["published"]["generation"], 4, "{json:#}");
    assert_eq!(json["published"]["files"]["main.key"], "previous");
    assert_eq!(json["outcome"], "due");
    fs::remove_file(world.path("tls/main.pem")).unwrap();
    fs::write(world.path("tls/assets.pem"), "else").unwrap();
    let torn = "published in tls: no pair of this store (assets.key previous, assets.pem other, main.key previous, \
                main.pem missing)";
    assert_eq!(told(&world), (Some(10), torn.into()));
    world.install_certs(["--status", "--publish", "nowhere"]).refused(2, &["nowhere", "--publish"]);
    assert_ne!(world.snapshot(), before);
}

#[test]
fn where_nothing_is_staged_a_directory_that_lags_behind_has_its_own_hint() {
    let world = installed();
    directory(&world);
    world.refuses(|world| world.install(&["--publish", "tls"]), 4, &["nothing is staged", "--republish"]);
    world.install_certs(["--republish", "--publish", "tls"]).success();
    let refused = world.install(&["--publish", "tls"]);
    refused.ended(4);
    assert!(!refused.stderr.contains("--republish"), "{refused}");
    let unasked = world.install(&[]);
    assert!(!unasked.stderr.contains("--republish"), "{unasked}");
}

/// A command that was started, its standard error read line by line.
struct Started {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    said: String,
}

impl Started {
    fn new(mut command: Command, arguments: &[&str]) -> Self {
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr, said: String::new() }
    }

    /// Waits until it says something.
    #[track_caller]
    fn says(&mut self, what: &str) {
        while !self.said.contains(what) {
            assert_ne!(
                self.stderr.read_line(&mut self.said).unwrap(),
                0,
                "{what:?} was not said: {}",
                self.said
            );
        }
    }

    fn end(mut self) -> Ran {
        self.stderr.read_to_string(&mut self.said).unwrap();
        let output = self.child.wait_with_output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        Ran { line: "(started)".into(), code: output.status.code(), stdout, stderr: self.said }
    }
}

/// The lock, as another command holds it.
fn held(world: &World) -> File {
    let file = File::options().read(true).write(true).open(world.path("tls/.cluster-certs/lock")).unwrap();
    flock(&file, FlockOperation::LockExclusive).unwrap();
    file
}

#[test]
fn a_command_overtaken_before_it_published_publishes_what_is_current_and_tells_the_hook_so() {
    let world = with_a_way_back();
    world.install_certs(["--republish", "--publish", "tls"]).success();
    let hook =
        "echo $CLUSTER_CERTS_ACTION $CLUSTER_CERTS_GENERATION from ${CLUSTER_CERTS_PREVIOUS_GENERATION-none}";
    let rollback = ["--rollback", "--yes", "--publish", "tls", "--deploy-hook", hook, "--format", "json"];
    let lock = held(&world);
    let mut slow = Started::new(world.install_certs_command(), &rollback);
    slow.says("waiting for another command");
    assert_eq!(status(&world), (2, false), "it has rolled back, and not published");
    world.install_certs(["--rollback", "--yes"]).success();
    drop(lock);
    let ran = slow.end();
    ran.refused(0, &["another command has made generation 4 current", "hook: republish 4 from none"]);
    let json = ran.json();
    assert_eq!((&json["generation"], &json["overtaken_by"]), (&json!(2), &json!(4)), "{json:#}");
    assert_eq!((&json["published_generation"], &json["action"]), (&json!(4), &json!("rollback")));
    assert_eq!((four(&world, "tls"), status(&world)), (generation(&world, 4), (4, true)));
    let log = world.read("install_certs.log");
    assert!(log.contains(r#""event":"overtaken""#), "{log}");
}

#[test]
fn the_lock_is_held_while_the_hook_runs() {
    let world = with_a_way_back();
    let hook = "touch started; while [ ! -e go ]; do sleep 0.01; done; echo done";
    let rollback = ["--rollback", "--yes", "--publish", "tls", "--deploy-hook", hook];
    let slow = Started::new(world.install_certs_command(), &rollback);
    let deadline = Instant::now() + Duration::from_secs(60);
    while !world.path("started").exists() {
        assert!(Instant::now() < deadline, "the hook does not begin");
        thread::sleep(Duration::from_millis(5));
    }
    let mut next = Started::new(
        world.install_certs_command(),
        &["--republish", "--publish", "tls", "--deploy-hook", "ls go"],
    );
    next.says("waiting for another command");
    world.write("go", "");
    slow.end().refused(0, &["hook: done"]);
    next.end().refused(0, &["as it was already", "hook: go"]);
}

#[test]
fn a_wait_is_ended_by_ctrl_c_and_the_last_line_is_true() {
    let world = with_a_way_back();
    world.install_certs(["--republish", "--publish", "tls"]).success();
    let _lock = held(&world);
    for (flags, code, now) in [
        (&["--republish", "--publish", "tls"][..], 130, "the pair is installed; generation 4 is current"),
        (&["--rollback", "--yes", "--publish", "tls"], 8, "the pair is installed; generation 2 is current"),
    ] {
        let mut waits = Started::new(world.install_certs_command(), flags);
        waits.says("waiting for another command");
        let pid = rustix::process::Pid::from_child(&waits.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        let ran = waits.end();
        let as_it_was = format!("; what is published in {} is as it was", world.path("tls").display());
        ran.refused(code, &["interrupted", now, &as_it_was, "--republish"]);
    }
    assert_eq!(four(&world, "tls"), generation(&world, 4));
}

/// Ends what runs beside a test, also when that fails.
struct Until<'a>(&'a AtomicBool);

impl Drop for Until<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Two commands at once: afterwards the directory holds the current pair, whole, and while they run nobody who opens
/// the generation that is current finds anything but a whole pair.
#[test]
fn two_commands_at_once_leave_neither_a_torn_nor_a_stale_pair() {
    const RACES: usize = 200;
    let world = with_a_way_back();
    world.install_certs(["--republish", "--publish", "tls"]).success();
    let pairs = BTreeSet::from([2, 4].map(|number| generation(&world, number)));
    let over = AtomicBool::new(false);
    let (mut stale, mut torn, mut met, mut both) = (0, 0, 0, 0);
    let read = thread::scope(|scope| {
        let until = Until(&over);
        let reader = scope.spawn(|| {
            let (mut whole, mut broken) = (0, 0);
            while !over.load(Ordering::Relaxed) {
                // What is removed while it is read was whole: that reader looks again.
                let Ok(current) = fs::read_link(world.path("tls/.cluster-certs/current")) else { continue };
                let folder = world.path("tls/.cluster-certs").join(current);
                let files = NAMES.map(|name| fs::read(folder.join(name)).unwrap_or_default());
                match files.iter().any(Vec::is_empty) {
                    true => {}
                    false if pairs.contains(&files) => whole += 1,
                    false => broken += 1,
                }
            }
            (whole, broken)
        });
        for race in 0..RACES {
            let rollback = ["--rollback", "--yes", "--publish", "tls"];
            let other = if race % 2 == 0 { &rollback[..] } else { &["--republish", "--publish", "tls"] };
            let started =
                [&rollback[..], other].map(|flags| Started::new(world.install_certs_command(), flags));
            let ran = started.map(Started::end);
            let ended = |code| ran.iter().filter(|ran| ran.code == Some(code)).count();
            assert!(ended(0) > 0 && ended(0) + ended(7) == 2, "{}{}", ran[0], ran[1]);
            both += usize::from(ended(0) == 2);
            let words = ["waiting for another command", "another command has made", "changed", "works on it"];
            met += usize::from(ran.iter().any(|ran| words.iter().any(|word| ran.stderr.contains(word))));
            let (current, found) = (status_of_the_store(&world), four(&world, "tls"));
            torn += usize::from(!pairs.contains(&found));
            stale += usize::from(found != generation(&world, current));
        }
        drop(until);
        reader.join().unwrap()
    });
    assert_eq!((torn, stale, read.1), (0, 0, 0), "torn, stale, and torn pairs read meanwhile");
    assert!(read.0 > RACES && both > 0, "{} whole pairs were read, {both} times both published", read.0);
    assert!(met > RACES / 20, "the two met in {met} of {RACES} races only");
    assert_eq!(keys(&world), 2);
}

fn status_of_the_store(world: &World) -> u64 {
    world.install_certs(["--status", "--format", "json"]).json()["current"]["generation"].as_u64().unwrap()
}

#[test]
fn nginx_reads_whole_pairs_while_pairs_are_published() {
    if !has_programs("nginx reads what is being published", &["nginx", "openssl"]) {
        return;
    }
    let world = with_a_way_back();
    world.install_certs(["--republish", "--publish", "tls"]).success();
    let mut nginx = Nginx::configure(&world, &world.path("tls"), Pair { main: MAIN, assets: ASSETS });
    nginx.start();
    // A port of its own: a look at a configuration binds the port too.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let other =
        world.read("nginx/nginx.conf").replace(&format!(":{} ssl", nginx.port()), &format!(":{port} ssl"));
    world.write("nginx/other.conf", other);
    let over = AtomicBool::new(false);
    let (tested, refused) = thread::scope(|scope| {
        let until = Until(&over);
        // Reads the four paths, one after the other, all the time.
        let tester = scope.spawn(|| {
            let prefix = world.path("nginx").display().to_string();
            let (mut tested, mut refused) = (0, vec![]);
            while !over.load(Ordering::Relaxed) {
                let program = tests::find_program("nginx").unwrap().display().to_string();
                let run = world.run(&program, ["-p", &prefix, "-e", "stderr", "-c", "other.conf", "-t"]);
                tested += 1;
                refused.extend((run.code != Some(0)).then_some(run.stderr));
            }
            (tested, refused)
        });
        for _ in 0..6 {
            world.install_certs(["--rollback", "--yes", "--publish", "tls"]).success();
            nginx.restart();
            for (role, name) in [(Role::Main, MAIN), (Role::Assets, ASSETS)] {
                let published = world.path("tls").join(format!("{}.pem", role.stem()));
                assert_eq!(nginx.serial(name), openssl::serial(&world, &published));
            }
        }
        drop(until);
        tester.join().unwrap()
    });
    // A chain from before the switch and a key from after it: refused, and what is served stays.
    let other: Vec<_> = refused.iter().filter(|why| !why.contains("key values mismatch")).collect();
    assert!(other.is_empty() && tested > 0, "{tested} looks, of which {} failed: {other:#?}", refused.len());
}
