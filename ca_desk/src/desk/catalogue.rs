//! The catalogue for readers: one rule explained, all rules listed, the page `docs/rules.md`.

use super::format::Format;
use cli::advice;
use pki::rules::{LooksAt, Policy, Profile, Rule, Severity, catalogue, find};
use serde_json::json;
use std::fmt::Write;
use std::sync::LazyLock;

/// One rule: what it asks, why, what to do, where it is written, what it weighs.
pub(super) fn explain(id: &str) -> Option<String> {
    let rule = find(id)?;
    let weights: Vec<_> = Profile::ALL
        .into_iter()
        .map(|profile| format!("  {:<12} {}", profile.word(), weight(rule, profile)))
        .collect();
    Some(format!(
        "{}: {}\n\nlooks at\n  {}\nwhy it matters\n  {}\nhow to mend it\n  {}\nsource\n  {}\nweight by profile\n{}\n",
        rule.id,
        rule.title,
        looks_at(rule),
        rule.why,
        advice::fix(rule.id, rule.fix),
        rule.citation,
        weights.join("\n"),
    ))
}

/// The id that shares the longest start or end with a mistyped one.
pub(super) fn similar(id: &str) -> Option<&'static str> {
    let fault = |id: &str| id.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let wanted = fault(id);
    let alike = |rule: &&Rule| {
        let (a, b) = (fault(rule.id), wanted.as_str());
        b.len() >= 3 && (a.contains(b) || b.contains(a.as_str()))
    };
    catalogue().find(alike).map(|rule| rule.id)
}

/// All rules.
pub(super) fn list(format: Format) -> String {
    match format {
        Format::Json => format!("{:#}\n", catalogue().map(object).collect::<serde_json::Value>()),
        Format::Ndjson => catalogue().fold(String::new(), |text, rule| format!("{text}{}\n", object(rule))),
        Format::Markdown => page(),
        Format::Text | Format::Sarif => {
            catalogue().fold(String::new(), |text, rule| format!("{text}{}\n", line(rule)))
        }
    }
}

fn line(rule: &Rule) -> String {
    format!("{:<24} {:<8} {}", rule.id, word(Some(rule.severity)), rule.title)
}

fn object(rule: &Rule) -> serde_json::Value {
    let weights: serde_json::Map<_, _> = Profile::ALL
        .into_iter()
        .map(|profile| (profile.word().to_owned(), weight(rule, profile).into()))
        .collect();
    json!({
        "rule": rule.id,
        "severity": rule.severity,
        "profiles": weights,
        "looks_at": looks_at(rule),
        "title": rule.title,
        "why": rule.why,
        "fix": advice::fix(rule.id, rule.fix),
        "citation": rule.citation,
    })
}

/// What a rule weighs under a profile and no policy.
fn weight(rule: &Rule, profile: Profile) -> &'static str {
    static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| Profile::ALL.map(Policy::of).to_vec());
    let policy = POLICIES.iter().find(|policy| policy.profile() == profile);
    word(policy.and_then(|policy| policy.severity(rule)))
}

pub(super) const fn word(severity: Option<Severity>) -> &'static str {
    match severity {
        None => "off",
        Some(Severity::Info) => "info",
        Some(Severity::Warning) => "warning",
        Some(Severity::Error) => "error",
    }
}

const fn looks_at(rule: &Rule) -> &'static str {
    match rule.looks_at() {
        LooksAt::Key => "the key of a request, of an end entity, and of every issuer",
        LooksAt::Names => "subject and SANs of a request or an end entity",
        LooksAt::Extensions => "the extensions of a request or of a certificate",
        LooksAt::Encoding => "the encoding of a request",
        LooksAt::Request => "a request",
        LooksAt::Chain => "a chain presented for a request",
        LooksAt::Path => "what path validation says of a chain",
        LooksAt::Pair => "both requests, or both end entities, of a pair",
        LooksAt::Policy => "a request or an end entity, against the policy file",
        LooksAt::History => "a request, against those seen before (--history)",
    }
}

/// `docs/rules.md`.
pub(crate) fn page() -> String {
    let mut text = String::from(
        "# Rules\n\n\
         Made from the catalogue by `check_csrs --list-rules --format markdown`; a test keeps it current. Every\n\
         finding names its rule; `check_csrs --explain RULE` prints what stands here. A policy file raises,\n\
         lowers or switches off a rule by its id (`check_csrs --print-policy`). `CA/B BR` are the Baseline\n\
         Requirements of the CA/Browser Forum, which bind public CAs only; `product guide` is a decision of\n\
         this product. Where a profile weighs a rule otherwise, that is said.\n",
    );
    for rule in catalogue() {
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "\n## `{}`\n\n{}{}: {}.\n\n* Looks at {}.\n* Why: {}.\n* Fix: {}.\n* Source: {}.\n",
            rule.id,
            word(Some(rule.severity)),
            exceptions(rule),
            rule.title,
            looks_at(rule),
            rule.why,
            advice::fix(rule.id, rule.fix),
            rule.citation,
        );
    }
    text
}

/// ` (public: error)`.
fn exceptions(rule: &Rule) -> String {
    let differs = |profile: &Profile| weight(rule, *profile) != word(Some(rule.severity));
    let list: Vec<_> = Profile::ALL
        .into_iter()
        .filter(differs)
        .map(|profile| format!("{profile}: {}", weight(rule, profile)))
        .collect();
    if list.is_empty() { String::new() } else { format!(" ({})", list.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_explained_completely() {
        for rule in catalogue() {
            let text = explain(rule.id).unwrap();
            for part in
                [rule.title, rule.why, advice::fix(rule.id, rule.fix), rule.citation, "public", "rfc5280"]
            {
                assert!(text.contains(part), "{text}");
            }
        }
        assert_eq!(explain("csr.nonsense"), None);
        assert_eq!(similar("san_underscore"), Some("san.underscore"));
        assert_eq!(similar("x"), None);
    }

    #[test]
    fn the_page_of_rules_is_current() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules.md");
        let current = std::fs::read_to_string(&path).unwrap_or_default() == page();
        assert!(current, "run: cargo run --bin check_csrs -- --list-rules --format markdown > docs/rules.md");
    }
}
