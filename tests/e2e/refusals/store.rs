//! The store itself: missing, damaged, not ours, not writable, busy; and logs and outputs that fail.

use super::{NOTHING_STAGED, STILL_STAGED};
use crate::{installed, signed, staged, world};
use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use tests::tree::Tree;
use tests::world::{ASSETS, MAIN};
use tests::{Ran, World};

/// Every command that needs the store refuses it, says this, and changes nothing in the world.
#[track_caller]
fn refuse_all(world: &World, code: i32, says: &[&str]) {
    let before = Tree::read(&world.store());
    for run in [
        world.get_csrs_for(MAIN, ASSETS, &[]),
        world.get_csrs(["--show"]),
        world.install(&[]),
        world.install_certs(["--status"]),
    ] {
        run.refused(code, says);
        assert!(run.stderr.lines().last().unwrap().starts_with("nothing "), "{run}");
        before.assert_same(&world.store());
    }
}

#[test]
fn no_store_at_all() {
    let world = world();
    for run in
        [world.install(&[]), world.install_certs(["--status"]), world.install_certs(["--rollback", "--yes"])]
    {
        world.refused(&run, 4, &["there is no store in", "get_csrs", "--store"]);
        run.now("nothing was changed");
    }
    world.refused(&world.get_csrs(["--show"]), 4, &["nothing is staged"]);
    for place in ["/nowhere/at/all", "/", "/dev/null/store", "passphrase/store"] {
        let run = world.get_csrs_for(MAIN, ASSETS, &["--store", place]);
        run.refused(4, &["--store"]);
        run.now(NOTHING_STAGED);
    }
}

#[test]
fn something_else_in_the_place_of_the_store() {
    type Put = fn(&Path);
    let cases: [(Put, &[&str]); 4] = [
        (|path| fs::write(path, "mine").unwrap(), &["is a regular file", "move"]),
        (|path| symlink("/tmp", path).unwrap(), &["symbolic link", "move"]),
        (
            |path| {
                fs::create_dir(path).unwrap();
                fs::write(path.join("notes.txt"), "mine").unwrap();
            },
            &["mode 0755", "if it belongs to the store"],
        ),
        (
            |path| {
                fs::create_dir(path).unwrap();
                fs::write(path.join("notes.txt"), "mine").unwrap();
                fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
            },
            &["no store of this program", "another directory"],
        ),
    ];
    for (put, says) in cases {
        let world = world();
        put(&world.store());
        refuse_all(&world, 4, says);
    }
}

#[test]
fn a_damaged_store_is_never_taken_for_a_fresh_one_and_never_repaired() {
    type Spoil = fn(&World);
    let cases: [(Spoil, &[&str]); 10] = [
        (|world| fs::write(world.path("store/STATE"), "").unwrap(), &["STATE", "backup"]),
        (|world| fs::write(world.path("store/STATE"), "{}").unwrap(), &["STATE", "backup"]),
        (|world| fs::write(world.path("store/STATE"), [b' '; 9000]).unwrap(), &["STATE", "4096"]),
        (|world| fs::remove_file(world.path("store/STATE")).unwrap(), &["STATE", "missing"]),
        (|world| fs::remove_dir_all(world.path("store/generations")).unwrap(), &["generations", "missing"]),
        (
            |world| fs::remove_dir_all(world.path("store/documents")).unwrap(),
            &["documents/accounts/00000001", "missing"],
        ),
        (
            |world| fs::write(world.path("store/documents/accounts/00000001"), "{}").unwrap(),
            &["not the document"],
        ),
        (
            |world| fs::write(world.path("store/generations/00000001/main.key"), "").unwrap(),
            &["main.key", "0 bytes"],
        ),
        (
            |world| fs::remove_file(world.path("store/generations/00000001/assets.csr")).unwrap(),
            &["assets.csr", "missing"],
        ),
        (
            |world| {
                let key = |role| world.path(format!("store/generations/00000001/{role}.key"));
                fs::copy(key("assets"), key("main")).map(drop).unwrap();
            },
            &["main.key", "sha256"],
        ),
    ];
    for (spoil, says) in cases {
        let world = staged();
        spoil(&world);
        refuse_all(&world, 4, &[&["damaged"], says].concat());
    }
    let world = installed();
    fs::remove_file(world.path("store/STATE")).unwrap();
    refuse_all(&world, 4, &["damaged", "never STATE alone"]);
}

#[test]
fn a_store_that_others_can_open_is_refused_with_what_mends_it() {
    type Spoil = fn(&World);
    let cases: [(Spoil, &[&str]); 4] = [
        (|world| world.chmod("store", 0o755), &["mode 0755, expected 0700", "chmod 0700"]),
        (|world| world.chmod("store/STATE", 0o644), &["mode 0644, expected 0600", "chmod 0600"]),
        (
            |world| world.chmod("store/generations/00000001/main.key", 0o640),
            &["main.key has mode 0640", "chmod 0600"],
        ),
        (
            |world| fs::hard_link(world.path("store/STATE"), world.path("copy")).unwrap(),
            &["2 names", "remove the other names"],
        ),
    ];
    for (spoil, says) in cases {
        let world = staged();
        spoil(&world);
        refuse_all(&world, 4, &[&["cannot be trusted"], says].concat());
    }
    let world = staged();
    world.chmod("", 0o777);
    refuse_all(&world, 4, &["others can replace the store", "chmod go-w"]);
}

#[test]
fn a_store_of_another_owner() {
    let world = staged();
    if chown(world.store(), Some(1234), None).is_err() {
        return tests::left_out("a store of another owner", "only root may chown");
    }
    refuse_all(&world, 4, &["belongs to uid 1234, expected 0", "chown the whole store"]);
}

/// A file system of its own in the world, gone with it.
struct Mount<'a>(&'a World);

impl<'a> Mount<'a> {
    /// One MiB, holding the world's store; `None` where this is not allowed.
    fn new(world: &'a World, what: &str) -> Option<Self> {
        fs::create_dir(world.path("disk")).unwrap();
        let (disk, store) = (world.path("disk"), world.snapshot());
        let mounted = world
            .run("mount", ["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", &disk.display().to_string()]);
        if mounted.code != Some(0) {
            tests::left_out(what, "mount is refused (root may)");
            return None;
        }
        if world.store().exists() {
            fs::create_dir(world.path("disk/store")).unwrap();
            fs::remove_dir(world.path("disk/store")).unwrap();
            store.write(&world.path("disk/store"));
        }
        Some(Self(world))
    }

    fn store(&self) -> String {
        self.0.path("disk/store").display().to_string()
    }

    /// Both commands with the store in here: each refused, the store as before.
    #[track_caller]
    fn refuses(&self, says: &[&str]) {
        let (store, before) = (self.store(), Tree::read(&self.0.path("disk")));
        let staged = self.0.path("disk/store").exists();
        let flags: &[&str] = &["--store", &store, "--replace-staged"];
        let request = self.0.get_csrs_for(MAIN, ASSETS, if staged { flags } else { &flags[..2] });
        let install = staged.then(|| self.0.install(&["--store", &store]));
        for run in std::iter::once(request).chain(install) {
            run.refused(4, says);
            assert!(run.stderr.lines().last().unwrap().starts_with("nothing "), "{run}");
            before.assert_same(&self.0.path("disk"));
        }
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        self.0.run("umount", [self.0.path("disk")]).ended(0);
    }
}

#[test]
fn a_store_on_a_read_only_file_system() {
    let world = signed();
    let Some(mount) = Mount::new(&world, "a store on a read-only file system") else { return };
    let remounted = world.run("mount", ["-o", "remount,ro", &world.path("disk").display().to_string()]);
    remounted.ended(0);
    mount.refuses(&["Read-only file system", "mount the file system of the store for writing"]);
    world.install_certs(["--status", "--store", &mount.store()]).success();
}

#[test]
fn a_store_on_a_full_file_system() {
    for world in [signed(), world()] {
        let Some(mount) = Mount::new(&world, "a store on a full file system") else { return };
        let mut fill = fs::File::create(world.path("disk/fill")).unwrap();
        std::io::copy(&mut std::io::repeat(0), &mut fill).unwrap_err();
        mount.refuses(&["No space left", "make room"]);
    }
}

#[test]
fn a_limit_on_file_sizes_or_descriptors_ends_with_a_message() {
    for (limit, says) in [("-f 0", "File too large"), ("-n 6", "Too many open files")] {
        let world = signed();
        let before = world.snapshot();
        let mut command = world.command("sh");
        command.arg("-c").arg(format!("ulimit {limit}; exec \"$0\" \"$@\""));
        command.arg(world.install_certs_command().get_program());
        let flags = "--main signed/main.pem --assets signed/assets.pem --passphrase-file passphrase --yes --log-file log";
        let run = world.with_input(command, flags.split(' '), b"");
        run.refused(4, &[says]);
        assert!(run.stderr.lines().last().unwrap().starts_with("nothing "), "{run}");
        before.assert_same(&world.store());
        world.install(&[]).success();
    }
}

#[test]
fn two_runs_at_once() {
    if !tests::has_programs("two runs at once", &["flock"]) {
        return;
    }
    let world = signed();
    let mut holder = world.command("flock");
    holder.arg(world.store()).args(["sh", "-c", "echo held; read end"]);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = [0; 4];
    std::io::Read::read_exact(holder.stdout.as_mut().unwrap(), &mut said).unwrap();
    let busy = ["busy", "pid", "works on it", "wait until"];
    let before = world.snapshot();
    for run in [world.get_csrs_for(MAIN, ASSETS, &["--replace-staged"]), world.install(&[])] {
        run.refused(7, &busy);
        run.now(if run.line.starts_with("get") {
            "nothing was staged; generation 1 stays staged"
        } else {
            STILL_STAGED
        });
    }
    world.install_certs(["--status"]).success();
    world.get_csrs(["--show"]).success();
    before.assert_same(&world.store());
    drop(holder.stdin.take());
    holder.wait().unwrap();
    world.install(&[]).success();
}

#[test]
fn of_two_first_runs_one_stages_and_the_other_says_so() {
    let world = world();
    let runs = std::thread::scope(|scope| {
        let run = || world.get_csrs_for(MAIN, ASSETS, &[]);
        let other = scope.spawn(run);
        [run(), other.join().unwrap()]
    });
    let done = runs.iter().filter(|run| run.code == Some(0)).count();
    assert_eq!(done, 1, "{}\n{}", runs[0], runs[1]);
    let loser = runs.iter().find(|run| run.code != Some(0)).unwrap();
    assert!(matches!(loser.code, Some(4 | 7)), "{loser}");
    assert!(loser.stderr.lines().last().unwrap().starts_with("nothing was "), "{loser}");
    world.get_csrs(["--show"]).success();
    let left = world.snapshot();
    assert_eq!(left.paths().filter(|path| path.starts_with("generations")).count(), 7, "{left:?}");
}

#[test]
fn a_log_that_cannot_be_written_is_a_warning() {
    let world = world();
    fs::create_dir(world.path("get_csrs.log")).unwrap();
    world.get_csrs_for(MAIN, ASSETS, &[]).refused(0, &["warning", "cannot write the log", "get_csrs.log"]);
    assert!(world.path("store/STATE").exists());
    let world = signed();
    symlink("/dev/full", world.path("install_certs.log")).unwrap();
    world.install(&[]).refused(0, &["warning", "install_certs.log"]);
}

/// Runs a command with its result sent to a full device, or into a pipe nobody reads.
fn with_stdout(mut command: Command, arguments: &[&str], full: bool) -> Ran {
    let stdout = if full {
        Stdio::from(fs::File::options().write(true).open("/dev/full").unwrap())
    } else {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let output = command.args(arguments).stdin(Stdio::null()).stdout(stdout).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    Ran { line: arguments.join(" "), code: output.status.code(), stdout: String::new(), stderr }
}

#[test]
fn a_standard_output_that_is_closed_or_full_is_told_with_what_was_done() {
    for full in [true, false] {
        let why = if full { "No space left" } else { "Broken pipe" };
        let failed = ["cannot write the result to standard output", why];
        let world = world();
        let arguments = [
            "--main",
            MAIN,
            "--assets",
            ASSETS,
            "--cluster-name",
            "lab",
            "--key-type",
            "NISTP256",
            "--yes",
            "--sysadmin-email",
            "admin@example.com",
            "--sysadmin-password-file",
            "password",
            "--passphrase-file",
            "passphrase",
            "--out",
            "csr",
        ];
        let run = with_stdout(world.get_csrs_command(), &arguments, full);
        run.refused(1, &[&failed[..], &["get_csrs --show"]].concat());
        run.now("generation 1 is staged; its requests are safe");
        let before = world.snapshot();
        with_stdout(world.get_csrs_command(), &["--show"], full).refused(1, &failed);
        with_stdout(world.install_certs_command(), &["--status"], full).refused(1, &failed);
        with_stdout(world.get_csrs_command(), &["--help"], full).refused(1, &failed);
        before.assert_same(&world.store());
        world.sign_with_openssl();
        let arguments = [
            "--main",
            "signed/main.pem",
            "--assets",
            "signed/assets.pem",
            "--trust-anchors",
            "ca/root.pem",
            "--passphrase-file",
            "passphrase",
        ];
        let look =
            with_stdout(world.install_certs_command(), &[&arguments[..], &["--dry-run"]].concat(), full);
        look.refused(1, &failed);
        before.assert_same(&world.store());
        let run = with_stdout(world.install_certs_command(), &[&arguments[..], &["--yes"]].concat(), full);
        run.refused(1, &failed);
        run.now("the pair is installed; generation 2 is current");
    }
}

#[test]
fn files_that_do_not_belong_to_a_store_are_left_alone() {
    let world = signed();
    world.write("store/notes.txt", "mine");
    world.install(&[]).success();
    assert_eq!(world.read("store/notes.txt"), "mine");
}
