//! Runs as one text for eyes: what was typed, what was said and where, how it ended.
//!
//! What differs from one run to the next is replaced by words, so that the text can be compared whole: paths
//! (`[STORE]`, `[TMP]`), digests, serial numbers, bodies of PEM, times, who and where. Equal stays equal and different stays
//! different. A digest of something that lies in the world is named after it (`[SPKI csr/main.csr]`), so that the digest of the
//! wrong role is another text; any other is numbered in the order of appearance (`[SHA256-1]`). A moment is told in
//! days from now (`[NOW+90d]`).

use crate::terminal::{Ended, seen};
use crate::{Ran, World};
use common::{DAY, Timestamp};
use regex::{Captures, Regex};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};
use x509_cert::der::{DecodePem, Encode};

/// Files whose digests are told by name, when they are there.
const REQUESTS: [&str; 2] = ["csr/main.csr", "csr/assets.csr"];
const CHAINS: [&str; 5] =
    ["signed/main.pem", "signed/assets.pem", "ca/intermediate.pem", "ca/root.pem", "signed/root.pem"];

/// A text under construction.
#[must_use = "compare it"]
pub struct Transcript<'a> {
    world: &'a World,
    numbers: BTreeMap<(&'static str, String), usize>,
    text: String,
}

impl<'a> Transcript<'a> {
    /// An empty text about a world.
    pub fn of(world: &'a World) -> Self {
        Self { world, numbers: BTreeMap::new(), text: String::new() }
    }

    /// Adds a line that says what is special.
    pub fn note(mut self, note: &str) -> Self {
        self.text.push_str(&format!("# {note}\n"));
        self
    }

    /// Adds a run.
    pub fn run(self, run: &Ran) -> Self {
        run.is_safe_to_print();
        self.add(&run.line, &[("stdout", &run.stdout), ("stderr", &run.stderr)], run.code)
    }

    /// Adds a run that says nothing but what stands in the program.
    pub fn verbatim(mut self, run: &Ran) -> Self {
        self.text.push_str(&whole(&run.line, &[("stdout", &run.stdout), ("stderr", &run.stderr)], run.code));
        self
    }

    /// Adds a run at a terminal: what a person has seen at its end, but for what is said when a paste pauses.
    pub fn screen(self, ended: &Ended) -> Self {
        let seen = seen(&ended.screen);
        let lines =
            seen.trim_end().lines().filter(|line| !PAUSES.iter().any(|pause| line.starts_with(pause)));
        let seen: String = lines.map(|line| format!("{line}\n")).collect();
        self.add(&ended.line, &[("screen", &seen)], Some(ended.code))
    }

    fn add(mut self, line: &str, said: &[(&str, &str)], code: Option<i32>) -> Self {
        let text = self.stable(&whole(line, said, code));
        self.text.push_str(&text);
        self
    }

    /// The text.
    pub fn end(self) -> String {
        self.text
    }

    fn stable(&mut self, text: &str) -> String {
        let store = self.world.store().display().to_string();
        let folder = store.trim_end_matches("/store");
        let text = text.replace("$TMP", "[TMP]").replace(folder, "[TMP]");
        let text = STORE.replace_all(&text, "[STORE]");
        let known = Known::of(self.world);
        let text = BODY.replace_all(&text, |found: &Captures<'_>| {
            let body: String = found["body"].replace("\\n", "").split_whitespace().collect();
            let name = known.bodies.get(&body).map(|name| format!("[{name}]"));
            let name = name.unwrap_or_else(|| self.numbered("BASE64", &body));
            let end = if found["body"].contains('\\') { "\\n" } else { "\n" };
            format!("{}{end}{name}{end}{}", &found["begin"], &found["end"])
        });
        let text = VARYING.replace_all(&text, |found: &Captures<'_>| {
            let whole = &found[0];
            if found.name("digest").is_some() {
                known.digest(whole).unwrap_or_else(|| self.numbered("SHA256", whole))
            } else if found.name("id").is_some() {
                self.numbered("ID", whole)
            } else if found.name("key").is_some() {
                self.numbered("KEYID", whole)
            } else if found.name("serial").is_some() {
                self.numbered("SERIAL", whole)
            } else if found.name("example").is_some() {
                whole.to_owned()
            } else if let Some(moment) = found.name("moment") {
                when(moment.as_str(), found)
            } else if found.name("who").is_some() {
                "[WHO] (pid [PID])".to_owned()
            } else if found.name("pid").is_some() {
                "pid [PID]".to_owned()
            } else {
                format!("{}[SECONDS]", &found["age"])
            }
        });
        text.into_owned()
    }

    /// `[SHA256-2]`: the second of its kind, whenever it appears.
    fn numbered(&mut self, kind: &'static str, value: &str) -> String {
        // The short form of a digest is its beginning.
        let key = if kind == "SHA256" { &value[..16] } else { value };
        let next = self.numbers.keys().filter(|(other, _)| *other == kind).count() + 1;
        let number = *self.numbers.entry((kind, key.to_owned())).or_insert(next);
        format!("[{kind}-{number}{}]", shortened(value))
    }
}

/// All of a run, before anything is replaced.
fn whole(line: &str, said: &[(&str, &str)], code: Option<i32>) -> String {
    let mut text = format!("$ {}\n", LOG_FILE.replace(line, ""));
    for (stream, said) in said.iter().filter(|(_, said)| !said.is_empty()) {
        let end = if said.ends_with('\n') { "" } else { "[no end of line]\n" };
        text.push_str(&format!("--- {stream}\n{said}{end}"));
    }
    match code {
        Some(code) => text.push_str(&format!("[exit status {code}]\n\n")),
        None => text.push_str("[ended by a signal]\n\n"),
    }
    text
}

/// `…` behind the name of a digest that is shown by its first 16 digits.
fn shortened(digest: &str) -> &'static str {
    if digest.len() == 16 { "…" } else { "" }
}

/// A slow machine pauses where a person would.
const PAUSES: [&str; 2] = ["(press Enter if this is all", "(a block has begun and not ended"];

static LOG_FILE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r" --log-file \S+\.log").unwrap());
static STORE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\[TMP\]/store\b").unwrap());
static BODY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?<begin>-----BEGIN [A-Z ]+-----)(?<body>(?:\\n|[A-Za-z0-9+/=\n])+)(?<end>-----END)")
        .unwrap()
});
static VARYING: LazyLock<Regex> = LazyLock::new(|| {
    let parts = [
        r"(?<digest>\b(?:[0-9a-f]{64}|[0-9a-f]{16})\b)",
        r"(?<id>\b[0-9a-f]{32}\b)",
        r"(?<key>\b[0-9A-F]{40}\b)",
        r"(?<serial>\b[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){7,}\b)",
        r"(?<example>\bexpected [0-9]{4}-[0-9]{2}-[0-9]{2}T)",
        r"(?<moment>\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)(?: \((?:(?<ago>now|[0-9]+ (?:minute|hour)s? ago)|(?:in )?(?<days>[0-9]+) days(?: ago)?)\))?",
        r"(?<who>\b(?:uid )?[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+ \(pid [0-9]+\))",
        r"(?<pid>\bpid [0-9]+)",
        r#"(?<age>"age_seconds": )[0-9]+"#,
    ];
    Regex::new(&parts.join("|")).unwrap()
});

/// `[NOW+90d] (in 90 days)`; a moment that is far from now does not depend on it and stays.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "days of some years")]
fn when(moment: &str, found: &Captures<'_>) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let now = Timestamp::from_unix(i64::try_from(now).unwrap());
    let Ok(then) = moment.parse::<Timestamp>() else { return found[0].to_owned() };
    let days = (then.seconds_since(now) as f64 / DAY as f64).round() as i64;
    if days.abs() > 40 * 365 {
        return found[0].to_owned();
    }
    let day = if days == 0 { String::new() } else { format!("{days:+}d") };
    let distance = match (found.name("ago"), found.name("days")) {
        (Some(_), _) => " ([AGO])".to_owned(),
        // The seconds since something was signed for so many days cost the last of them.
        (None, Some(shown)) if shown.as_str() == (days - 1).to_string() => format!(" (in {days} days)"),
        (None, Some(_)) => found[0].replacen(moment, "", 1),
        (None, None) => String::new(),
    };
    format!("[NOW{day}]{distance}")
}

/// What lies in the world, and what it is called.
#[derive(Default)]
struct Known {
    digests: Vec<(String, String)>,
    bodies: BTreeMap<String, String>,
}

impl Known {
    fn of(world: &World) -> Self {
        let mut known = Self::default();
        for name in REQUESTS {
            let Ok(pem) = std::fs::read(world.path(name)) else { continue };
            let Ok(request) = x509_cert::request::CertReq::from_pem(&pem) else { continue };
            known.add(name, &request, &request.info.public_key);
            let text = String::from_utf8_lossy(&pem);
            let body = text.lines().filter(|line| !line.starts_with('-')).collect();
            known.bodies.insert(body, name.to_owned());
        }
        for name in CHAINS {
            let Ok(pem) = std::fs::read(world.path(name)) else { continue };
            let Ok(chain) = x509_cert::Certificate::load_pem_chain(&pem) else { continue };
            let Some(first) = chain.first() else { continue };
            known.add(name, first, first.tbs_certificate().subject_public_key_info());
        }
        known
    }

    fn add(&mut self, name: &str, document: &impl Encode, key: &impl Encode) {
        for (what, value) in [("SPKI", key.to_der()), ("SHA256", document.to_der())] {
            self.digests.push((common::Sha256::of(&value.unwrap()).to_string(), format!("{what} {name}")));
        }
    }

    fn digest(&self, shown: &str) -> Option<String> {
        let found = self.digests.iter().find(|(digest, _)| digest.starts_with(shown));
        found.map(|(_, name)| format!("[{name}{}]", shortened(shown)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openssl::{openssl, request_public_key};
    use crate::world::Programs;

    fn world() -> World {
        let none = "";
        World::new(Programs {
            get_csrs: none,
            check_certs: none,
            install_certs: none,
            sign_csrs: none,
            check_csrs: none,
            python_path: none,
        })
    }

    fn stable(world: &World, text: &str) -> String {
        Transcript::of(world).stable(text)
    }

    #[test]
    fn equal_digests_stay_equal_and_the_short_form_is_the_same_one() {
        let (one, other) = ("a".repeat(64), "b".repeat(64));
        let text = format!("{one} {other} {} {} 1234", &one[..16], &other[..16]);
        assert_eq!(stable(&world(), &text), "[SHA256-1] [SHA256-2] [SHA256-1…] [SHA256-2…] 1234");
    }

    #[test]
    fn the_digest_of_a_request_is_named_after_its_file() {
        let world = world();
        let make = |role: &str| {
            let (key, csr) = (format!("{role}.key"), format!("csr/{role}.csr"));
            let words = ["req", "-new", "-noenc", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
            openssl(&world, &[&words[..], &["-keyout", &key, "-subj", "/CN=a", "-out", &csr]].concat())
                .ended(0);
            let public = request_public_key(&world, &world.path(&csr));
            world.write("public.pem", public);
            openssl(&world, &["pkey", "-pubin", "-in", "public.pem", "-outform", "DER", "-out", "spki"])
                .ended(0);
            common::Sha256::of(&std::fs::read(world.path("spki")).unwrap()).to_string()
        };
        std::fs::create_dir(world.path("csr")).unwrap();
        let (main, assets) = (make("main"), make("assets"));
        let text = format!("{assets} {} {}", &main[..16], "c".repeat(16));
        assert_eq!(stable(&world, &text), "[SPKI csr/assets.csr] [SPKI csr/main.csr…] [SHA256-1…]");
        let pem = world.read("csr/main.csr");
        let body = "-----BEGIN CERTIFICATE REQUEST-----\n[csr/main.csr]\n-----END CERTIFICATE REQUEST-----\n";
        assert_eq!(stable(&world, &pem), body);
        assert_eq!(stable(&world, &pem.replace('\n', "\\n")), body.replace('\n', "\\n"));
    }

    #[test]
    fn moments_are_told_from_now_and_a_wrong_distance_stays() {
        let now = Timestamp::from_unix(
            i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap(),
        );
        let (world, in_days) = (world(), |days: i64| now.plus_seconds(days * DAY + 60));
        for (text, expected) in [
            (format!("{now} (now)"), "[NOW] ([AGO])"),
            (format!("{} (in 90 days)", in_days(90)), "[NOW+90d] (in 90 days)"),
            (format!("{} (in 89 days)", in_days(90)), "[NOW+90d] (in 90 days)"),
            (format!("{} (in 80 days)", in_days(90)), "[NOW+90d] (in 80 days)"),
            (format!("{} (5 days ago)", in_days(-5)), "[NOW-5d] (5 days ago)"),
            ("2100-01-01T00:00:00Z".to_owned(), "2100-01-01T00:00:00Z"),
        ] {
            assert_eq!(stable(&world, &text), expected, "{text}");
        }
    }

    #[test]
    fn paths_of_the_world_are_words() {
        let world = world();
        let (store, other) = (world.store(), world.path("storehouse/x"));
        let text = format!("{}/STATE {}", store.display(), other.display());
        assert_eq!(stable(&world, &text), "[STORE]/STATE [TMP]/storehouse/x");
    }
}
