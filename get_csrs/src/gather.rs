//! What was given, parsed: flags before the answers file before the installed pair. All mistakes
//! are told at once, and so is all that is missing.

use crate::command::{RequestWish, SysadminWish, Wish};
use cli::failure::sentence;
use cli::{Exit, Failure, SecretSource, output};
use common::{Pair, Role, Secret};
use flow::Sysadmin;
use pki::rules::{Finding, Severity};
use pki::verdict::judge_specs;
use pki::{ClusterName, ClusterSpec, Email, KeyAlgorithm, Passphrase, RequestSpec, San};
use store::{Accounts, Installed, Password};
use zeroize::Zeroizing;

/// The systemd credential that stands in for the file of the password.
const PASSWORD_CREDENTIAL: &str = "cluster-certs.sysadmin-password";

/// What is known of one request.
pub(crate) struct GivenRequest {
    /// Subject and SANs; its key type means nothing.
    pub(crate) names: Option<RequestSpec>,
    /// SANs given for a name that is still to be asked.
    pub(crate) sans: Option<Vec<San>>,
    pub(crate) key_type: Option<KeyAlgorithm>,
}

/// What is known of everything.
pub(crate) struct Given {
    pub(crate) requests: Pair<GivenRequest>,
    pub(crate) cluster_name: Option<ClusterName>,
    pub(crate) email: Option<Email>,
    pub(crate) password: Option<Password>,
    pub(crate) passphrase: Option<Passphrase>,
    /// Whether the store still needs its first sysadmin.
    pub(crate) account_wanted: bool,
}

/// What the store holds already.
pub(crate) struct Known<'a> {
    /// The pair to rotate.
    pub(crate) installed: Option<&'a Installed>,
    /// The sysadmin accounts, which stay as they are.
    pub(crate) accounts: Option<&'a Accounts>,
}

/// Parses all that was given.
///
/// # Errors
/// Every mistake at once; [`Exit::Usage`], or [`Exit::Passphrase`] when only secrets are at fault.
pub(crate) fn gather(wish: &Wish, known: &Known<'_>) -> Result<Given, Failure> {
    let mut mistakes = Mistakes(vec![]);
    let requests =
        Pair::from_fn(|role| request(role, wish.requests.of(role), known.installed, &mut mistakes));
    let cluster_name = wish
        .cluster_name
        .as_deref()
        .and_then(|text| mistakes.parse("--cluster-name", ClusterName::parse(text)))
        .or_else(|| ClusterName::parse(&known.installed?.manifest.cluster_name).ok());
    let account_wanted = known.accounts.is_none();
    if let Some(accounts) = known.accounts {
        mistakes.keep(keep_accounts(&wish.sysadmin_by_flags, accounts));
    }
    let email = wish.sysadmin.email.as_deref().filter(|_| account_wanted);
    let email = email.and_then(|text| mistakes.parse("--sysadmin-email", Email::parse(text)));
    let password = if account_wanted { given_password(&wish.sysadmin) } else { None };
    let password = password.and_then(|password| mistakes.keep(password));
    let password = password.and_then(|password| {
        let fits = email.as_ref().map_or(Ok(()), |email| password.refuse_email(email));
        mistakes.keep(fits.map(|()| password).map_err(|error| refused(sentence(&error))))
    });
    let passphrase = wish.passphrase.as_ref().and_then(|source| mistakes.keep(source.read("passphrase")));
    let passphrase = passphrase
        .and_then(|secret| mistakes.keep(accept_passphrase(secret, password.as_ref()).map_err(refused)));
    match Failure::several(|count| format!("{count} of the given values cannot be used"), mistakes.0) {
        Some(failure) => Err(failure),
        None => Ok(Given { requests, cluster_name, email, password, passphrase, account_wanted }),
    }
}

/// Everything a run needs.
pub(crate) struct Complete {
    pub(crate) spec: ClusterSpec,
    pub(crate) sysadmin: Option<Sysadmin>,
    pub(crate) passphrase: Passphrase,
}

impl Given {
    /// Stops when something is missing: the question nobody is there to answer.
    ///
    /// # Errors
    /// [`Exit::Usage`] with a hint for every value that is missing.
    pub(crate) fn check_complete(&self, confirmed: bool) -> Result<(), Failure> {
        let missing = self.missing(confirmed);
        if missing.is_empty() { Ok(()) } else { Err(absent(&missing)) }
    }

    /// Both requests, free of errors, and the warnings about them.
    ///
    /// # Errors
    /// [`Exit::Usage`] with every error the pair rules find.
    pub(crate) fn requests(&self) -> Result<(Pair<RequestSpec>, Vec<Finding>), Failure> {
        let requests = self.requests.as_ref().try_map(|request| request.complete().ok_or(()));
        let requests = requests.map_err(|()| absent(&self.missing(true)))?;
        let findings = judge_specs(&requests);
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(
                Failure::new(Exit::Usage, "the two requests cannot be made so").with_findings(findings)
            );
        }
        Ok((requests, findings))
    }

    /// Everything, when nothing is missing.
    ///
    /// # Errors
    /// As [`Self::check_complete`].
    pub(crate) fn complete(self, requests: Pair<RequestSpec>) -> Result<Complete, Failure> {
        let missing = absent(&self.missing(true));
        let sysadmin = match (self.account_wanted, self.email, self.password) {
            (false, _, _) => None,
            (true, Some(email), Some(password)) => Some(Sysadmin { email, password }),
            (true, None, _) | (true, _, None) => return Err(missing),
        };
        match (self.cluster_name, self.passphrase) {
            (Some(cluster_name), Some(passphrase)) => {
                Ok(Complete { spec: ClusterSpec { cluster_name, requests }, sysadmin, passphrase })
            }
            (None, _) | (_, None) => Err(missing),
        }
    }

    /// The flags that are missing, each with what it stands for.
    fn missing(&self, confirmed: bool) -> Vec<(&'static str, &'static str)> {
        let requests = &self.requests;
        let untyped = requests.as_ref().map(|request| request.key_type.is_none());
        [
            (requests.main.names.is_none(), "--main NAME|DN", "the name of the cluster"),
            (requests.assets.names.is_none(), "--assets NAME|DN", "the name of the web UI"),
            (untyped.main && untyped.assets, "--key-type TYPE", "the type of both keys"),
            (untyped.main && !untyped.assets, "--main-key-type TYPE", "the type of Main's key"),
            (!untyped.main && untyped.assets, "--assets-key-type TYPE", "the type of Assets' key"),
            (self.cluster_name.is_none(), "--cluster-name NAME", "the cluster's name for people"),
            (
                self.account_wanted && self.email.is_none(),
                "--sysadmin-email EMAIL",
                "the first sysadmin's address",
            ),
            (
                self.account_wanted && self.password.is_none(),
                "--sysadmin-password-file FILE",
                "at least 15 characters, first line",
            ),
            (
                self.passphrase.is_none(),
                "--passphrase-file FILE",
                "or --passphrase-fd N; at least 15 characters, first line",
            ),
            (!confirmed, "--yes", "confirms what is to be requested"),
        ]
        .into_iter()
        .filter_map(|(missing, flag, meaning)| missing.then_some((flag, meaning)))
        .collect()
    }
}

impl GivenRequest {
    /// The request, when its names and its key type are known.
    fn complete(&self) -> Option<RequestSpec> {
        Some(self.names.clone()?.with_key_algorithm(self.key_type?))
    }
}

/// The same command line again, for `--replace-staged`, names the account the store has: then it
/// stays, and its password is said to stay. Any other address asks for what will not happen.
fn keep_accounts(flags: &SysadminWish, accounts: &Accounts) -> Result<(), Failure> {
    let known = |email: Email| accounts.all().iter().any(|account| account.email == email.as_str());
    let same = |text: &String| Email::parse(text).is_ok_and(known);
    if !flags.email.as_ref().is_none_or(same) {
        return Err(Failure::new(
            Exit::Usage,
            "this store has its sysadmin account, which is never replaced",
        )
        .hint("leave out --sysadmin-email and --sysadmin-password-file"));
    }
    if flags.password_file.is_some() {
        output::warn(crate::NAME, "the sysadmin account exists; --sysadmin-password-file is not read");
    }
    Ok(())
}

/// A passphrase that may seal: long enough, and not the sysadmin's password, which is typed into
/// web forms.
pub(crate) fn accept_passphrase(secret: Secret, password: Option<&Password>) -> Result<Passphrase, String> {
    let copy = Secret::new(Zeroizing::new(secret.expose().to_vec()));
    if let (Some(password), Ok(copy)) = (password, Password::new(copy))
        && password.same_as(&copy)
    {
        return Err("the passphrase must not be the sysadmin's password".into());
    }
    Passphrase::new(secret).map_err(|error| sentence(&error))
}

/// Everything wrong so far.
struct Mistakes(Vec<Failure>);

impl Mistakes {
    fn keep<T>(&mut self, result: Result<T, Failure>) -> Option<T> {
        result.map_err(|failure| self.0.push(failure)).ok()
    }

    fn parse<T, E: std::error::Error + 'static>(&mut self, flag: &str, result: Result<T, E>) -> Option<T> {
        self.keep(result.map_err(|error| Failure::new(Exit::Usage, format!("{flag}: {}", sentence(&error)))))
    }
}

/// One request, from flags and answers, and what they leave open from the installed one.
fn request(
    role: Role,
    wish: &RequestWish,
    installed: Option<&Installed>,
    mistakes: &mut Mistakes,
) -> GivenRequest {
    let stem = role.stem();
    let installed = installed.and_then(|generation| {
        mistakes.parse(
            &format!("{role} of the installed pair"),
            RequestSpec::from_csr(generation.requests.of(role)),
        )
    });
    let sans = wish.sans.as_deref().map(|values| sans(&format!("--{stem}-san"), values, mistakes));
    let key_type = wish.key_type.as_ref();
    let key_type = key_type.and_then(|(flag, text)| mistakes.parse(flag, text.parse::<KeyAlgorithm>()));
    let key_type = key_type.or_else(|| Some(installed.as_ref()?.key_algorithm()));
    let names = match (&wish.name, installed, sans.clone()) {
        (Some(name), installed, sans) => {
            let sans = sans.unwrap_or_else(|| installed.as_ref().map(further_sans).unwrap_or_default());
            mistakes.parse(&format!("--{stem}"), RequestSpec::parse(name, sans, PLACEHOLDER))
        }
        (None, Some(installed), None) => Some(installed),
        (None, Some(installed), Some(sans)) => {
            let sans = std::iter::once(San::Dns(installed.names().primary().clone())).chain(sans).collect();
            let subject = installed.subject().clone();
            mistakes.parse(&format!("--{stem}-san"), RequestSpec::distinguished(subject, sans, PLACEHOLDER))
        }
        (None, None, _) => None,
    };
    GivenRequest { names, sans, key_type }
}

/// Stands where the key type is not known yet; [`GivenRequest::complete`] replaces it.
pub(crate) const PLACEHOLDER: KeyAlgorithm = KeyAlgorithm::Rsa2048;

/// The SANs of a request but its primary name.
pub(crate) fn further_sans(spec: &RequestSpec) -> Vec<San> {
    spec.names().iter().skip(1).cloned().collect()
}

/// Parses SANs; an empty value stands for none.
fn sans(flag: &str, values: &[String], mistakes: &mut Mistakes) -> Vec<San> {
    let given = values.iter().filter(|text| !text.trim().is_empty());
    given.filter_map(|text| mistakes.parse(flag, San::parse(text))).collect()
}

fn given_password(sysadmin: &SysadminWish) -> Option<Result<Password, Failure>> {
    const WHAT: &str = "sysadmin password";
    let file = sysadmin.password_file.clone().map(SecretSource::File);
    let source = file.or_else(|| SecretSource::credential(PASSWORD_CREDENTIAL))?;
    Some(
        source.read(WHAT).and_then(|secret| Password::new(secret).map_err(|error| refused(sentence(&error)))),
    )
}

fn refused(why: String) -> Failure {
    Failure::new(Exit::Passphrase, why)
}

/// What to say when values are missing and nobody can be asked.
fn absent(missing: &[(&str, &str)]) -> Failure {
    let count = missing.len();
    let plural = if count == 1 { " is" } else { "s are" };
    let mut failure = Failure::new(
        Exit::Usage,
        format!("{count} value{plural} missing, and there is no terminal to ask at"),
    );
    for (flag, meaning) in missing {
        let key = flag.trim_start_matches("--").split(' ').next().unwrap_or_default();
        failure = failure.hint(format!("give {flag} (answers file: {key}): {meaning}"));
    }
    failure
}

#[cfg(test)]
mod tests;
