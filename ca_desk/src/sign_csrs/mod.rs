//! `sign_csrs`: judges both requests, signs both or neither.

mod command;
mod flags;
mod printout;
mod refusal;

use crate::authority::folder::Folder;
use crate::authority::{Approved, Authority, Issued, Signed};
use crate::desk;
use cli::output::{self, Format};
use cli::{Exit, Failure, FileError, OutputDirectory, OutputFile, clock, entry, input, terminal};
use command::{Command, Sign};
use common::{Pair, Role, Timestamp};
use flags::Flags;
use pki::pem::{self, Block};
use pki::rules::{Finding, Profile, Severity};
use pki::{Csr, KeyAlgorithm, Passphrase};
use printout::Printout;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const COMMAND: &str = "sign_csrs";
/// P-256 chains are read by every TLS client and verify fastest.
const DEFAULT_KEY_TYPE: KeyAlgorithm = KeyAlgorithm::NistP256;

/// The command `sign_csrs`.
pub fn main() -> ExitCode {
    entry::run(COMMAND, Flags::parse, run)
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Print(text) => output::result(&text).map(|()| Exit::Done),
        Command::Sign(wanted) => sign(&wanted),
    }
}

fn sign(wanted: &Sign) -> Result<Exit, Failure> {
    let policy = desk::policy(wanted.policy.as_deref(), Profile::Cluster)?;
    if is_swapped(&wanted.requests) {
        return Err(refusal::swapped(&wanted.requests));
    }
    let (findings, approved) = Approved::judge(read_requests(&wanted.requests)?, &policy);
    let Some(approved) = approved else {
        return Err(refusal::requests(findings));
    };
    let now = clock::now();
    let (authority, created) = authority(wanted, now)?;
    // The key of the CA is wiped here, before anything is written or printed.
    let signed =
        authority.sign(&approved, wanted.days, now).map_err(|error| refusal::authority(&error, wanted))?;
    terminal::check_interrupted()?;
    if !wanted.dry_run {
        write(&wanted.out, &signed).map_err(|error| refusal::output(&error))?;
    }
    warn_about(&findings, &signed.certificates);
    let result = Printout { wanted, created, signed: &signed, findings: &findings };
    output::result(&match wanted.format {
        Format::Text => result.text(),
        Format::Json => result.json(),
    })
    .map_err(|failure| refusal::unsaid(failure, wanted))?;
    Ok(Exit::Done)
}

/// Whether a file bears the name that `get_csrs --out` gives the other role's: nothing in a request
/// says which role it is for, and both would be signed.
fn is_swapped(paths: &Pair<PathBuf>) -> bool {
    let bears =
        |role: Role| paths.of(role).file_name() == Some(format!("{}.csr", role.other().stem()).as_ref());
    Role::BOTH.into_iter().any(bears)
}

/// Both requests, or everything that is wrong with either.
fn read_requests(paths: &Pair<PathBuf>) -> Result<Pair<Csr>, Failure> {
    let Pair { main, assets } = Pair::from_fn(|role| read_request(role, paths.of(role)));
    match (main, assets) {
        (Ok(main), Ok(assets)) => Ok(Pair { main, assets }),
        (Err(failure), Ok(_)) | (Ok(_), Err(failure)) => Err(failure),
        (Err(main), Err(assets)) => Err(refusal::both(main, assets)),
    }
}

fn read_request(role: Role, path: &Path) -> Result<Csr, Failure> {
    let refuse = |error: &(dyn std::error::Error + 'static)| refusal::document(role, path).because(error);
    let blocks = pem::blocks(&input::read(path, pem::MAX_INPUT)?).map_err(|error| refuse(&error))?;
    match blocks.as_slice() {
        [Block::Request(der)] => Csr::from_der(der).map_err(|error| refuse(&error)),
        [Block::Certificate(_)] => Err(refusal::not_a_request(role, path, "it holds a certificate")),
        blocks => Err(refusal::not_a_request(role, path, &format!("it holds {} objects", blocks.len()))),
    }
}

/// The authority of `--ca`, and whether it is (or, in a dry run, would be) a new one.
fn authority(wanted: &Sign, now: Timestamp) -> Result<(Authority, bool), Failure> {
    let secret = wanted.passphrase.read("the CA's passphrase")?;
    let folder = Folder::at(&wanted.ca);
    let refuse = |error| refusal::folder(&error);
    if folder.exists().map_err(refuse)? {
        if wanted.key_type.is_some() {
            return Err(refusal::needless_key_type(&wanted.ca));
        }
        let passphrase = Passphrase::existing(secret).map_err(|error| refusal::passphrase(&error))?;
        return Ok((folder.open(&passphrase).map_err(refuse)?, false));
    }
    let passphrase = Passphrase::new(secret).map_err(|error| refusal::passphrase(&error))?;
    let algorithm = wanted.key_type.unwrap_or(DEFAULT_KEY_TYPE);
    let authority = if wanted.dry_run {
        Authority::found(algorithm, now).map_err(|error| refusal::authority(&error, wanted))?
    } else {
        folder.found(algorithm, &passphrase, now).map_err(refuse)?
    };
    Ok((authority, true))
}

/// Writes both chains and their trust anchor into a directory that is made when it is missing.
fn write(directory: &Path, signed: &Signed) -> Result<(), FileError> {
    let chain = |role| signed.certificates.of(role).certificate.to_pem() + &signed.intermediate.to_pem();
    let (main, assets, root) = (chain(Role::Main), chain(Role::Assets), signed.root.to_pem());
    let files = [("main.pem", &main), ("assets.pem", &assets), ("root.pem", &root)];
    let files = files.map(|(name, text)| OutputFile { name, contents: text.as_bytes(), mode: 0o644 });
    let directory = OutputDirectory::open_or_make(directory)?;
    directory.refuse_all_but_files(files.iter().map(|file| file.name))?;
    directory.replace(&files)
}

/// What somebody should know although both certificates are signed; remarks stand in the JSON only.
fn warn_about(findings: &[Finding], issued: &Pair<Issued>) {
    let warned = |finding: &&Finding| finding.severity >= Severity::Warning;
    let warnings: Vec<Finding> = findings.iter().filter(warned).cloned().collect();
    if !warnings.is_empty() {
        output::warn(COMMAND, "the requests are signed all the same, but");
        output::say(output::findings_text(&warnings).trim_end());
    }
    for (role, issued) in issued.iter() {
        for oid in &issued.left_out {
            output::warn(COMMAND, &format!("{role}: the requested extension {oid} is not copied"));
        }
    }
}
