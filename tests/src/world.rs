//! A world of its own for one test: folder, store, secrets, commands, environment.

use crate::openssl::OpensslCa;
use crate::ran::Ran;
use crate::tree::Tree;
use common::{Pair, Role};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The primary name of Main in every world.
pub const MAIN: &str = "kms.example.com";
/// The primary name of Assets in every world.
pub const ASSETS: &str = "kms-ui.example.com";
/// The passphrase of the private keys; its file is [`World::passphrase`]. It is longer than the first
/// buffers a growing string outgrows, so that a copy left behind in one of them is found.
pub const PASSPHRASE: &str = "nine lives, one passphrase, and more words than the first three buffers hold";
/// The sysadmin's password, as long for the same reason; its file is [`World::password`].
pub const PASSWORD: &str = "a password for the sysadmin, and more words than the first three buffers hold";

/// Where the commands are, and what Python's judges need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Programs {
    pub get_csrs: &'static str,
    pub check_certs: &'static str,
    pub install_certs: &'static str,
    pub sign_csrs: &'static str,
    pub check_csrs: &'static str,
    pub python_path: &'static str,
}

impl Programs {
    /// Those of one folder, their names behind a prefix.
    pub fn in_folder(folder: &Path, prefix: &str) -> Self {
        let at = |name: &str| &*folder.join(format!("{prefix}{name}")).display().to_string().leak();
        Self {
            get_csrs: at("get_csrs"),
            check_certs: at("check_certs"),
            install_certs: at("install_certs"),
            sign_csrs: at("sign_csrs"),
            check_csrs: at("check_csrs"),
            python_path: "",
        }
    }
}

/// One test's world; gone when dropped.
pub struct World {
    folder: tempfile::TempDir,
    programs: Programs,
}

impl World {
    /// A world with empty hands: secrets, no store.
    pub fn new(programs: Programs) -> Self {
        Self::new_in(&std::env::temp_dir(), programs)
    }

    /// The same in a folder of one's choice.
    pub fn new_in(parent: &Path, programs: Programs) -> Self {
        let world = Self { folder: tempfile::tempdir_in(parent).unwrap(), programs };
        fs::create_dir(world.path("home")).unwrap();
        world.write("passphrase", format!("{PASSPHRASE}\n"));
        world.write("password", format!("{PASSWORD}\n"));
        world.write("ca-passphrase", "a passphrase for the lab CA\n");
        world
    }

    /// A world where `get_csrs` has staged a pair (NIST P-256) and written its requests to `csr/`.
    pub fn staged(programs: Programs) -> Self {
        static TEMPLATE: OnceLock<Tree> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            let world = Self::new(programs);
            world.stage(&[]);
            Tree::read(world.folder.path())
        });
        Self::from_template(programs, template)
    }

    /// A staged world whose chains have arrived: signed by OpenSSL's CA in `ca/`, in `signed/`.
    pub fn signed(programs: Programs) -> Self {
        static TEMPLATE: OnceLock<Tree> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            let world = Self::staged(programs);
            world.sign_with_openssl();
            Tree::read(world.folder.path())
        });
        Self::from_template(programs, template)
    }

    /// A world where a pair is installed, signed by OpenSSL's CA in `ca/`, its chains in `signed/`.
    pub fn installed(programs: Programs) -> Self {
        static TEMPLATE: OnceLock<Tree> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            let world = Self::signed(programs);
            world.install(&[]).success();
            Tree::read(world.folder.path())
        });
        Self::from_template(programs, template)
    }

    /// A world where a pair is installed and a rotation is staged, its requests in `csr/`.
    pub fn rotating(programs: Programs) -> Self {
        static TEMPLATE: OnceLock<Tree> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            let world = Self::installed(programs);
            world.rotate(&[]).success();
            Tree::read(world.folder.path())
        });
        Self::from_template(programs, template)
    }

    fn from_template(programs: Programs, template: &Tree) -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap(), programs };
        fs::remove_dir(world.folder.path()).unwrap();
        template.write(world.folder.path());
        world
    }

    /// A path inside.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The store.
    pub fn store(&self) -> PathBuf {
        self.path("store")
    }

    /// The passphrase file of the private keys.
    pub fn passphrase(&self) -> PathBuf {
        self.path("passphrase")
    }

    /// The sysadmin's password file.
    pub fn password(&self) -> PathBuf {
        self.path("password")
    }

    /// The request of a role as `get_csrs --out` wrote it.
    pub fn csr(&self, role: Role) -> PathBuf {
        self.path(format!("csr/{}.csr", role.stem()))
    }

    /// The chain of a role as the CA sent it.
    pub fn chain(&self, role: Role) -> PathBuf {
        self.path(format!("signed/{}.pem", role.stem()))
    }

    /// Writes a file, mode 0600.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).unwrap();
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        std::io::Write::write_all(&mut options.open(&path).unwrap(), content.as_ref()).unwrap();
        path
    }

    /// Reads a file as text.
    pub fn read(&self, name: impl AsRef<Path>) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Sets the mode of a file.
    pub fn chmod(&self, name: impl AsRef<Path>, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Any command in this world's environment and nothing of ours.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.folder.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.path("home")).env("LC_ALL", "C.UTF-8").env("TERM", "xterm");
        command.env("CLUSTER_CERTS_STORE", self.store());
        command
    }

    /// Runs any program with arguments.
    pub fn run<A: AsRef<OsStr>>(&self, program: &str, arguments: impl IntoIterator<Item = A>) -> Ran {
        let mut command = self.command(program);
        command.args(arguments);
        Ran::of(command, self.folder.path(), b"")
    }

    /// Runs a script of Python with arguments, with the packages that `tests/run` installs.
    pub fn python(&self, script: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command("python3");
        command.env("PYTHONPATH", self.programs.python_path).args(["-c", script]).args(arguments);
        Ran::of(command, self.folder.path(), b"")
    }

    /// `get_csrs`, ready to be given arguments.
    pub fn get_csrs_command(&self) -> Command {
        let mut command = self.command(self.programs.get_csrs);
        command.arg("--log-file").arg(self.path("get_csrs.log"));
        command
    }

    /// `install_certs`, ready to be given arguments.
    pub fn install_certs_command(&self) -> Command {
        let mut command = self.command(self.programs.install_certs);
        command.arg("--log-file").arg(self.path("install_certs.log"));
        command
    }

    /// Runs `get_csrs` with these arguments.
    pub fn get_csrs<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        self.with_input(self.get_csrs_command(), arguments, b"")
    }

    /// Runs `install_certs` with these arguments.
    pub fn install_certs<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        self.with_input(self.install_certs_command(), arguments, b"")
    }

    /// Runs `check_csrs` with these arguments.
    pub fn check_csrs<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        self.with_input(self.command(self.programs.check_csrs), arguments, b"")
    }

    /// `check_certs`, ready to be given arguments.
    pub fn check_certs_command(&self) -> Command {
        self.command(self.programs.check_certs)
    }

    /// Runs `check_certs` with these arguments.
    pub fn check_certs<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        self.with_input(self.check_certs_command(), arguments, b"")
    }

    /// `sign_csrs`, ready to be given arguments.
    pub fn sign_csrs_command(&self) -> Command {
        self.command(self.programs.sign_csrs)
    }

    /// Runs `sign_csrs` with these arguments.
    pub fn sign_csrs<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        self.with_input(self.sign_csrs_command(), arguments, b"")
    }

    /// Runs a prepared command with arguments and input.
    pub fn with_input<A: AsRef<OsStr>>(
        &self,
        mut command: Command,
        arguments: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Ran {
        command.args(arguments);
        Ran::of(command, self.folder.path(), input)
    }

    /// Unattended `get_csrs` for two names with everything else it needs, then `more` arguments.
    pub fn get_csrs_for(&self, main: &str, assets: &str, more: &[&str]) -> Ran {
        let mut arguments = strings(&["--main", main, "--assets", assets, "--cluster-name", "lab"]);
        if !more.contains(&"--key-type") {
            arguments.extend(strings(&["--key-type", "NISTP256"]));
        }
        if !more.contains(&"--replace-staged") {
            arguments.extend(strings(&["--sysadmin-email", "admin@example.com", "--sysadmin-password-file"]));
            arguments.push(self.password().display().to_string());
        }
        arguments.extend(self.secret_and_yes(more));
        arguments.extend(["--out".to_owned(), self.path("csr").display().to_string()]);
        arguments.extend(strings(more));
        self.get_csrs(arguments)
    }

    /// Stages the usual pair; must succeed.
    #[track_caller]
    pub fn stage(&self, more: &[&str]) -> String {
        self.get_csrs_for(MAIN, ASSETS, more).success()
    }

    /// Unattended `get_csrs --rotate`, its requests written to `csr/`.
    pub fn rotate(&self, more: &[&str]) -> Ran {
        let mut arguments = strings(&["--rotate", "--out"]);
        arguments.push(self.path("csr").display().to_string());
        arguments.extend(self.secret_and_yes(more));
        arguments.extend(strings(more));
        self.get_csrs(arguments)
    }

    /// Unattended `install_certs` of what lies in `signed/`, trusting `ca/root.pem`.
    pub fn install(&self, more: &[&str]) -> Ran {
        let paths = Pair::from_fn(|role| self.chain(role).display().to_string());
        let mut arguments = strings(&["--main", &paths.main, "--assets", &paths.assets]);
        if !more.contains(&"--trust-anchors") {
            arguments.extend(["--trust-anchors".to_owned(), self.path("ca/root.pem").display().to_string()]);
        }
        arguments.extend(self.secret_and_yes(more));
        arguments.extend(strings(more));
        self.install_certs(arguments)
    }

    fn secret_and_yes(&self, more: &[&str]) -> Vec<String> {
        let mut arguments = vec![];
        if !more.iter().any(|word| word.starts_with("--passphrase")) {
            arguments = strings(&["--passphrase-file"]);
            arguments.push(self.passphrase().display().to_string());
        }
        if !more.contains(&"--dry-run") {
            arguments.push("--yes".to_owned());
        }
        arguments
    }

    /// OpenSSL's CA in `ca/`, made when it is not there yet.
    pub fn openssl_ca(&self) -> OpensslCa<'_> {
        OpensslCa::in_world(self)
    }

    /// Signs both requests in `csr/` with OpenSSL's CA, chains to `signed/`.
    pub fn sign_with_openssl(&self) {
        let ca = self.openssl_ca();
        for role in Role::BOTH {
            self.write(&format!("signed/{}.pem", role.stem()), ca.sign(&self.csr(role)).chain());
        }
    }

    /// The store, byte for byte.
    pub fn snapshot(&self) -> Tree {
        Tree::read(&self.store())
    }

    /// Asserts that a run was refused with this exit status, that stderr says all of this, and
    /// that there is no store because of it.
    #[track_caller]
    pub fn refused(&self, run: &Ran, code: i32, says: &[&str]) {
        run.refused(code, says);
        assert!(!self.store().exists(), "a refused run left a store\n{run}");
    }

    /// Runs something on the store and asserts that it was refused with this exit status, said
    /// all of this, and left the store byte for byte as it was.
    #[track_caller]
    pub fn refuses(&self, run: impl FnOnce(&Self) -> Ran, code: i32, says: &[&str]) {
        let before = self.snapshot();
        let run = run(self);
        run.refused(code, says);
        before.assert_same(&self.store());
    }
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
