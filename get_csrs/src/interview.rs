//! The questions, in the order of the product guide; what was given is not asked.

use crate::command::Stage;
use crate::gather::{Given, GivenRequest, PLACEHOLDER, accept_passphrase, further_sans};
use cli::failure::sentence;
use cli::{Failure, output, prompt};
use common::{Pair, Role};
use pki::rules::{Finding, Severity};
use pki::verdict::judge_specs;
use pki::{AttributeType, ClusterName, DnsName, Email, KeyAlgorithm, RequestSpec, San, Subject};
use store::rotation::Mode;
use store::{AccountError, Password};

/// Asks for the names of both roles and the key types.
///
/// A rotation is asked once whether it should request the same again.
/// # Errors
/// [`cli::Exit::Interrupted`].
pub(crate) fn requests(given: &mut Given, stage: &Stage) -> Result<(), Failure> {
    let Pair { main, assets } = &mut given.requests;
    let rotation = main.names.is_some() && assets.names.is_some() && stage.mode == Mode::Rotate;
    let same = stage.wish.names_requests() || stage.confirmed;
    let anew = rotation && !same && !same_again(main, assets)?;
    let mut asked = false;
    if anew || main.names.is_none() {
        main.names = Some(names(Role::Main, main)?);
        asked = true;
    }
    if anew || assets.names.is_none() {
        assets.names = Some(names(Role::Assets, assets)?);
        asked = true;
    }
    if asked {
        reconcile(main, assets)?;
    }
    key_types(main, assets, anew)
}

/// Asks for the cluster's name and the first sysadmin's address.
/// # Errors
/// [`cli::Exit::Interrupted`].
pub(crate) fn cluster(given: &mut Given) -> Result<(), Failure> {
    if given.cluster_name.is_none() {
        let parse = |text: &str| ClusterName::parse(text).map_err(|error| sentence(&error));
        given.cluster_name = Some(prompt::line("Cluster name", None, parse)?);
    }
    if given.account_wanted && given.email.is_none() {
        let parse = |text: &str| Email::parse(text).map_err(|error| sentence(&error));
        given.email = Some(prompt::line("Sysadmin e-mail", None, parse)?);
    }
    Ok(())
}

/// Asks for the sysadmin's password and for the passphrase of the private keys.
/// # Errors
/// [`cli::Exit::Interrupted`].
pub(crate) fn secrets(given: &mut Given) -> Result<(), Failure> {
    if given.account_wanted && given.password.is_none() {
        output::say("The sysadmin's password needs at least 15 characters.");
        let email = given.email.as_ref();
        let accept = |secret| {
            let password = Password::new(secret)?;
            email.map_or(Ok(()), |email| password.refuse_email(email))?;
            Ok(password)
        };
        let accept = |secret| accept(secret).map_err(|error: AccountError| sentence(&error));
        given.password = Some(prompt::new_secret("Sysadmin password", "Sysadmin password again", accept)?);
    }
    passphrase(given)
}

fn passphrase(given: &mut Given) -> Result<(), Failure> {
    if given.passphrase.is_some() {
        return Ok(());
    }
    output::say(
        "The passphrase seals both private keys. It cannot be recovered later: without it\n\
         the keys are lost, and new certificates must be requested. It needs at least\n\
         15 characters.",
    );
    let password = given.password.as_ref();
    let accept = |secret| accept_passphrase(secret, password);
    given.passphrase = Some(prompt::new_secret("Passphrase", "Passphrase again", accept)?);
    Ok(())
}

/// Whether a rotation should request what is installed.
fn same_again(main: &GivenRequest, assets: &GivenRequest) -> Result<bool, Failure> {
    for (role, given) in [(Role::Main, main), (Role::Assets, assets)] {
        if let Some(spec) = &given.names {
            let key_type = given.key_type.map(KeyAlgorithm::name).unwrap_or_default();
            let sans = listed(spec.names().iter());
            output::say(&format!("{}: {}; SANs {sans}; {key_type}", role.title(), spec.subject()));
        }
    }
    prompt::confirm("Request the same names and key types again?", true)
}

/// A name as the two formats give it.
enum Name {
    Simple(DnsName),
    Distinguished(Subject),
}

impl Name {
    fn with(self, sans: Vec<San>) -> Result<RequestSpec, String> {
        match self {
            Self::Simple(name) => RequestSpec::simple(name, sans, PLACEHOLDER),
            Self::Distinguished(subject) => RequestSpec::distinguished(subject, sans, PLACEHOLDER),
        }
        .map_err(|error| sentence(&error))
    }
}

/// Asks for name format, name and SANs of one role until they fit each other.
fn names(role: Role, given: &GivenRequest) -> Result<RequestSpec, Failure> {
    loop {
        let name = name(role, given.names.as_ref())?;
        let sans = match &given.sans {
            Some(sans) => sans.clone(),
            None => sans(role, given.names.as_ref())?,
        };
        match name.with(sans) {
            Ok(spec) => return Ok(spec),
            Err(mistake) => output::say(&format!("  {mistake}\n{} is asked again.", role.title())),
        }
    }
}

/// Asks for one of the two again, whichever a person wants to change, until they fit each other.
fn reconcile(main: &mut GivenRequest, assets: &mut GivenRequest) -> Result<(), Failure> {
    while let (Some(one), Some(other)) = (&main.names, &assets.names) {
        let faults = clashes(one, other);
        if faults.is_empty() {
            break;
        }
        output::say(output::findings_text(&faults).trim_end());
        let roles = [Role::Assets, Role::Main];
        let at_fault = prompt::choose("The one to change", &roles.map(Role::title), 0)?;
        let (role, given) =
            if at_fault == 0 { (Role::Assets, &mut *assets) } else { (Role::Main, &mut *main) };
        // Those given by a flag are the ones to be changed, perhaps.
        given.sans = None;
        given.names = Some(names(role, given)?);
    }
    Ok(())
}

fn name(role: Role, before: Option<&RequestSpec>) -> Result<Name, Failure> {
    let title = role.title();
    let was_simple = before.is_none_or(|spec| is_simple(spec.subject()));
    let formats = ["Simple (a host name)", "Distinguished (a subject: CN=... O=... L=...)"];
    let simple = prompt::choose(&format!("{title}: name format"), &formats, usize::from(!was_simple))? == 0;
    let default = before
        .filter(|_| was_simple == simple)
        .map(|spec| if simple { spec.names().primary().to_string() } else { spec.subject().to_string() });
    if simple {
        prompt::line(&format!("{title}: host name"), default.as_deref(), |text| {
            let name = DnsName::parse(text).map_err(|error| sentence(&error))?;
            // Faults of the name alone are told here, before the SANs are asked.
            Name::Simple(name.clone()).with(vec![]).map(|_| Name::Simple(name))
        })
    } else {
        prompt::line(&format!("{title}: subject"), default.as_deref(), |text| {
            Subject::parse(text).map(Name::Distinguished).map_err(|error| sentence(&error))
        })
    }
}

fn sans(role: Role, before: Option<&RequestSpec>) -> Result<Vec<San>, Failure> {
    let title = role.title();
    let kept = before.map(further_sans).unwrap_or_default();
    if !kept.is_empty() {
        output::say(&format!("{title}: further SANs so far: {}", listed(kept.iter())));
        if prompt::confirm(&format!("{title}: keep them?"), true)? {
            return Ok(kept);
        }
    }
    // A prompt that leaves room: an answer wider than the terminal is drawn twice.
    output::say(&format!("{title}: further SANs, one per line; a blank line ends."));
    let parse = |text: &str| San::parse(text).map_err(|error| sentence(&error));
    prompt::lines("  SAN", parse)
}

/// SANs in one line, with their kinds.
fn listed<'a>(sans: impl Iterator<Item = &'a San>) -> String {
    sans.map(San::tagged).collect::<Vec<_>>().join(", ")
}

/// The errors the pair rules find between two requests.
fn clashes(main: &RequestSpec, assets: &RequestSpec) -> Vec<Finding> {
    let mut findings = judge_specs(&Pair { main: main.clone(), assets: assets.clone() });
    findings.retain(|finding| finding.severity == Severity::Error);
    findings
}

/// One list for both roles, unless one of them is given or they differ already.
fn key_types(main: &mut GivenRequest, assets: &mut GivenRequest, anew: bool) -> Result<(), Failure> {
    let ask = |given: &GivenRequest| anew || given.key_type.is_none();
    if ask(main) && ask(assets) && main.key_type == assets.key_type {
        let both = key_type("Key type", main.key_type)?;
        (main.key_type, assets.key_type) = (Some(both), Some(both));
        return Ok(());
    }
    for (role, given) in [(Role::Main, main), (Role::Assets, assets)] {
        if ask(given) {
            given.key_type = Some(key_type(&format!("{}: key type", role.title()), given.key_type)?);
        }
    }
    Ok(())
}

fn key_type(question: &str, default: Option<KeyAlgorithm>) -> Result<KeyAlgorithm, Failure> {
    let all = KeyAlgorithm::ALL;
    let default = all.iter().position(|&one| Some(one) == default).unwrap_or_default();
    let chosen = prompt::choose(question, &all.map(KeyAlgorithm::name), default)?;
    Ok(all.get(chosen).copied().unwrap_or(PLACEHOLDER))
}

/// Whether a subject is one the Simple format makes.
fn is_simple(subject: &Subject) -> bool {
    matches!(subject.attributes(), [(AttributeType::CommonName, _)] | [])
}
