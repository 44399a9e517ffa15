//! What will be requested, exactly as it was understood, before anything is made.

use cli::output::findings_text;
use common::{Pair, Role};
use pki::rules::Finding;
use pki::{ClusterSpec, RequestSpec, San};
use serde_json::{Value, json};

/// The summary for people.
pub(crate) fn text(spec: &ClusterSpec, email: Option<&str>, store: &str, findings: &[Finding]) -> String {
    let mut text = String::new();
    for (role, request) in spec.requests.iter() {
        text.push_str(&of_role(role, request));
    }
    text.push_str(&format!("cluster     {}\n", spec.cluster_name.as_str()));
    match email {
        Some(email) => text.push_str(&format!("sysadmin    {email} (account is created)\n")),
        None => text.push_str("sysadmin    stays as it is\n"),
    }
    text.push_str(&format!("store       {}\n", store));
    text + &findings_text(findings)
}

/// The summary for programs.
pub(crate) fn json(spec: &ClusterSpec) -> Value {
    let one = |request: &RequestSpec| {
        json!({
            "subject": request.subject().to_string(),
            "sans": request.names().iter().map(San::tagged).collect::<Vec<_>>(),
            "key_type": request.key_algorithm().name(),
        })
    };
    let Pair { main, assets } = &spec.requests;
    json!({ "main": one(main), "assets": one(assets) })
}

fn of_role(role: Role, request: &RequestSpec) -> String {
    let mut text = format!("{}\n  subject   {}\n", role.title(), request.subject());
    for (index, san) in request.names().iter().enumerate() {
        let label = if index == 0 { "SANs" } else { "" };
        text.push_str(&format!("  {label:<9} {:<5} {}\n", san.kind(), with_unicode(san)));
    }
    text.push_str(&format!("  key type  {}\n", request.key_algorithm()));
    text
}

/// A SAN as it is encoded, and beside it as people read it.
fn with_unicode(san: &San) -> String {
    match san.unicode() {
        Some(unicode) => format!("{san} ({unicode})"),
        None => san.to_string(),
    }
}
