//! Which commands change a store, from which store each starts, and what it must have made of it.

use crate::inspect::{Seen, look};
use crate::strace::{self, Fault};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use tests::tree::Tree;
use tests::{Programs, Ran, World};

/// One command that changes a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deed {
    Request,
    RequestAgain,
    RequestRotation,
    ReplaceStaged,
    Install,
    Rotate,
    RotateKeep,
    /// Over a pair that keeps a previous one: both go.
    RotateOver,
    RollBack,
}

impl Deed {
    /// Every one.
    pub(crate) const ALL: [Self; 9] = [
        Self::Request,
        Self::RequestAgain,
        Self::RequestRotation,
        Self::ReplaceStaged,
        Self::Install,
        Self::Rotate,
        Self::RotateKeep,
        Self::RotateOver,
        Self::RollBack,
    ];

    /// As one would type it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Request => "get_csrs",
            Self::RequestAgain => "get_csrs --replace-staged",
            Self::RequestRotation => "get_csrs --rotate",
            Self::ReplaceStaged => "get_csrs --rotate --replace-staged",
            Self::Install => "install_certs",
            Self::Rotate | Self::RotateOver => "install_certs --rotate",
            Self::RotateKeep => "install_certs --rotate --keep-previous",
            Self::RollBack => "install_certs --rollback",
        }
    }

    /// Whether it is `get_csrs` that does it.
    pub(crate) const fn is_request(self) -> bool {
        matches!(self, Self::Request | Self::RequestAgain | Self::RequestRotation | Self::ReplaceStaged)
    }

    /// The command that must work after it, whatever became of it.
    pub(crate) const fn next(self, done: bool) -> Self {
        match (done, self) {
            (false, deed) => deed,
            (true, Self::Request | Self::RequestAgain) => Self::RequestAgain,
            (true, Self::RequestRotation | Self::ReplaceStaged) => Self::ReplaceStaged,
            (true, Self::Install | Self::Rotate | Self::RotateKeep | Self::RotateOver | Self::RollBack) => {
                Self::RequestRotation
            }
        }
    }

    /// Whether one store came out of the other by this deed, done once and completely.
    pub(crate) fn made(self, before: Option<&Seen>, after: &Seen) -> bool {
        let old = |of: fn(&Seen) -> &Option<crate::inspect::Generation>| before.and_then(|b| of(b).as_ref());
        let (staged, current, previous) = (old(|s| &s.staged), old(|s| &s.current), old(|s| &s.previous));
        let account = before.and_then(|before| before.account);
        let keys = |new: &Option<crate::inspect::Generation>, of: Option<&crate::inspect::Generation>| {
            new.as_ref().zip(of).is_some_and(|(new, old)| new.has_keys_of(old))
        };
        let [new_staged, new_current, new_previous] = after.holdings();
        let fresh = new_staged.is_some_and(|new| staged.is_none_or(|old| !new.has_keys_of(old)));
        after.sequence > before.map_or(0, |before| before.sequence)
            && match self {
                Self::Request | Self::RequestAgain => {
                    fresh && new_current.is_none() && after.account.is_some()
                }
                Self::RequestRotation | Self::ReplaceStaged => {
                    fresh && new_current == current && new_previous == previous && after.account == account
                }
                Self::Install | Self::Rotate | Self::RotateOver => {
                    keys(&after.current, staged) && new_staged.is_none() && new_previous.is_none()
                }
                Self::RotateKeep => {
                    keys(&after.current, staged) && new_staged.is_none() && new_previous == current
                }
                Self::RollBack => new_current == previous && new_previous == current && new_staged == staged,
            }
    }
}

/// The commands, their secrets, and a store for each deed to start from.
#[derive(Clone)]
pub struct Kit {
    /// The secrets, the lab CA, what it signed, and a place for each worker.
    world: Arc<World>,
    /// As they are shipped.
    right: Programs,
    /// What is tried: as they are shipped, or with one mistake.
    tried: Programs,
    /// System calls that are not made, for programs that are right otherwise.
    lies: BTreeMap<Deed, Vec<Fault>>,
    bases: BTreeMap<Deed, Tree>,
}

impl Kit {
    /// Plays the whole life of a store once and keeps it before each deed.
    ///
    /// # Errors
    /// What a command said that should have succeeded.
    pub fn build(programs: Programs) -> Result<Self, String> {
        let memory = Path::new("/dev/shm");
        let memory = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let world = Arc::new(World::new_in(&memory, programs));
        let (lies, bases) = (BTreeMap::new(), BTreeMap::new());
        let mut kit = Self { world, right: programs, tried: programs, lies, bases };
        let place = kit.place("first");
        for (deed, signed_for) in [
            (Deed::Request, Some(Deed::Install)),
            (Deed::Install, None),
            (Deed::RequestRotation, Some(Deed::Rotate)),
            (Deed::RotateKeep, None),
            (Deed::RollBack, None),
            (Deed::RequestRotation, Some(Deed::RotateOver)),
            (Deed::RotateOver, None),
        ] {
            kit.bases.entry(deed).or_insert_with(|| Tree::read(&place.store()));
            must(kit.command(deed, &place))?;
            signed_for.map_or(Ok(()), |signed_for| kit.sign(&place, signed_for))?;
        }
        for (deed, like) in [
            (Deed::RequestAgain, Deed::Install),
            (Deed::Rotate, Deed::RotateKeep),
            (Deed::ReplaceStaged, Deed::RotateKeep),
        ] {
            kit.bases.insert(deed, kit.base(like).clone());
        }
        Ok(kit)
    }

    /// The same stores, and programs that are told some calls were made which were not.
    #[must_use]
    pub(crate) fn lied_to(&self, lies: BTreeMap<Deed, Vec<Fault>>) -> Self {
        Self { lies, ..self.clone() }
    }

    /// The same stores, and programs that make a mistake.
    #[must_use]
    pub(crate) fn trying(&self, tried: Programs) -> Self {
        Self { tried, ..self.clone() }
    }

    /// The commands as they are shipped.
    pub(crate) fn right(&self) -> Programs {
        self.right
    }

    /// Where the secrets and the lab CA are.
    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    /// What is not made of the system calls of a deed.
    pub(crate) fn lies(&self, deed: Deed) -> &[Fault] {
        self.lies.get(&deed).map_or(&[], Vec::as_slice)
    }

    /// Whether something is wrong with a deed before any trouble is made.
    pub(crate) fn is_mistaken(&self, deed: Deed) -> bool {
        self.tried != self.right || !self.lies(deed).is_empty()
    }

    /// One more fault of a deed.
    pub(crate) fn faults(&self, deed: Deed, one: Fault) -> Vec<Fault> {
        [self.lies(deed), &[one]].concat()
    }

    /// The store a deed starts from.
    pub(crate) fn base(&self, deed: Deed) -> &Tree {
        &self.bases[&deed]
    }

    /// Puts the store there a deed starts from.
    pub(crate) fn prepare(&self, deed: Deed, place: &Place) {
        self.lay_out(deed, &place.store());
    }

    /// Puts the store a deed starts from at a path, in the stead of what is there.
    pub(crate) fn lay_out(&self, deed: Deed, path: &Path) {
        if path.exists() {
            fs::remove_dir_all(path).unwrap();
        }
        self.base(deed).write(path);
    }

    /// Puts the store there a deed starts from, and nothing else.
    pub(crate) fn renew(&self, deed: Deed, place: &Place) {
        fs::remove_dir_all(place.path()).unwrap();
        Place::at(place.path());
        self.prepare(deed, place);
    }

    /// A place of one's own in memory.
    pub(crate) fn place(&self, name: &str) -> Place {
        Place::at(&self.world.path(name))
    }

    /// The command line of a deed.
    pub(crate) fn line(&self, deed: Deed, place: &Place) -> Vec<OsString> {
        self.line_of(self.tried, deed, place)
    }

    fn line_of(&self, programs: Programs, deed: Deed, place: &Place) -> Vec<OsString> {
        let secret = |flag: &str, name: &str| vec![flag.into(), self.world.path(name).into_os_string()];
        let passphrase = || secret("--passphrase-file", "passphrase");
        let words = |words: &str| words.split(' ').map(OsString::from).collect::<Vec<_>>();
        let program = match deed {
            Deed::Request | Deed::RequestAgain | Deed::RequestRotation | Deed::ReplaceStaged => {
                programs.get_csrs
            }
            Deed::Install | Deed::Rotate | Deed::RotateKeep | Deed::RotateOver | Deed::RollBack => {
                programs.install_certs
            }
        };
        let asked = deed.name().split_once(' ').map(|(_, flags)| words(flags)).unwrap_or_default();
        let names =
            "--main kms.example.com --assets kms-ui.example.com --cluster-name lab --key-type NISTP256";
        let rest = match deed {
            Deed::Request => [
                words(names),
                words("--sysadmin-email admin@example.com"),
                secret("--sysadmin-password-file", "password"),
                passphrase(),
            ]
            .concat(),
            Deed::RequestAgain => [words(names), passphrase()].concat(),
            Deed::RequestRotation | Deed::ReplaceStaged => passphrase(),
            Deed::Install | Deed::RotateOver => [self.chains(deed), passphrase()].concat(),
            Deed::Rotate | Deed::RotateKeep => [self.chains(Deed::Rotate), passphrase()].concat(),
            Deed::RollBack => vec![],
        };
        let ours: Vec<OsString> = vec![
            "--yes".into(),
            "--store".into(),
            place.store().into(),
            "--log-file".into(),
            place.log().into(),
        ];
        [vec![program.into()], asked, rest, ours].concat()
    }

    /// A deed, ready to run.
    pub(crate) fn command(&self, deed: Deed, place: &Place) -> Command {
        let lies = self.lies(deed);
        let wrapper = if lies.is_empty() { vec![] } else { strace::injecting(lies, "/dev/null".as_ref()) };
        command(&wrapper, &self.line(deed, place))
    }

    /// A deed with nothing wrong, ready to run.
    pub(crate) fn right_command(&self, deed: Deed, place: &Place) -> Command {
        command(&[], &self.line_of(self.right, deed, place))
    }

    /// A command line whose passphrase comes through a pipe, and the pipe.
    pub(crate) fn waiting_at_pipe(&self, deed: Deed, place: &Place) -> (Vec<OsString>, PathBuf) {
        let mut line = self.line(deed, place);
        let at = line.iter().position(|word| *word == "--passphrase-file").unwrap() + 1;
        let pipe = place.path().join("pipe");
        fs::remove_file(&pipe).ok();
        crate::tool::shell(&["mkfifo", "-m", "0600", pipe.to_str().unwrap()]).unwrap();
        line[at] = pipe.clone().into();
        (line, pipe)
    }

    /// The command line that asks what a store holds.
    pub(crate) fn status_line(&self, place: &Place) -> Vec<OsString> {
        status_line(self.right, place)
    }

    /// The same of the command that is tried.
    pub(crate) fn tried_status_line(&self, place: &Place) -> Vec<OsString> {
        status_line(self.tried, place)
    }

    fn chains(&self, signed_for: Deed) -> Vec<OsString> {
        let at = |name: &str| self.signed(signed_for).join(name).into_os_string();
        let [main, assets, root] = ["main.pem", "assets.pem", "root.pem"].map(at);
        vec!["--main".into(), main, "--assets".into(), assets, "--trust-anchors".into(), root]
    }

    fn signed(&self, signed_for: Deed) -> PathBuf {
        self.world.path(format!("signed-{signed_for:?}"))
    }

    fn sign(&self, place: &Place, signed_for: Deed) -> Result<(), String> {
        let staged = look(&place.store())?.and_then(|seen| seen.staged).ok_or("nothing is staged")?;
        let folder = place.store().join(format!("generations/{:08}", staged.number));
        let requests = ["main.csr", "assets.csr"].map(|name| folder.join(name).into_os_string());
        fs::create_dir_all(self.signed(signed_for)).unwrap();
        must(command(&[], &[self.lab_ca(&self.signed(signed_for)), requests.into()].concat()))
    }

    /// The lab CA at its work, without the requests.
    pub(crate) fn sign_line(&self, place: &Place) -> Vec<OsString> {
        self.lab_ca(&place.path().join("signed"))
    }

    fn lab_ca(&self, out: &Path) -> Vec<OsString> {
        let home = |name: &str| self.world.path(name).into_os_string();
        let mut line = vec![self.right.sign_csrs.into(), "--ca".into(), home("ca")];
        line.extend(["--ca-passphrase-file".into(), home("ca-passphrase"), "--out".into(), out.into()]);
        line
    }
}

fn must(command: Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    let ran = run(command);
    if ran.code == Some(0) { Ok(()) } else { Err(format!("{shown}\n{ran}")) }
}

fn status_line(programs: Programs, place: &Place) -> Vec<OsString> {
    [
        programs.install_certs.into(),
        "--status".into(),
        "--format".into(),
        "json".into(),
        "--store".into(),
        place.store().into(),
    ]
    .into()
}

/// A folder for one store at a time and what is said while working on it.
#[derive(Clone, Debug)]
pub(crate) struct Place(PathBuf);

impl Place {
    /// Makes the folder.
    pub(crate) fn at(path: &Path) -> Self {
        make_private(path);
        Self(path.to_owned())
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The store.
    pub(crate) fn store(&self) -> PathBuf {
        self.0.join("store")
    }

    /// The log of the commands.
    pub(crate) fn log(&self) -> PathBuf {
        self.0.join("log")
    }
}

/// Makes a folder nobody else may look into.
pub(crate) fn make_private(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o700)).unwrap();
}

/// A command behind a wrapper such as strace, in an empty environment.
pub(crate) fn command(wrapper: &[OsString], line: &[OsString]) -> Command {
    let words: Vec<_> = wrapper.iter().chain(line).collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Runs a command to its end; it is told nothing.
pub(crate) fn run(mut command: Command) -> Ran {
    let output = command.stdin(Stdio::null()).output();
    output.unwrap_or_else(|error| panic!("{command:?}: {error}")).into()
}
