//! The promise every part asks about: the store holds exactly what it held, or exactly what the
//! command was to make of it; what was acknowledged is there; the next command works and tidies up.

use crate::inspect::{Seen, look};
use crate::model::Files;
use crate::scene::{Deed, Kit, Place, command, run};
use std::collections::HashSet;
use std::sync::Mutex;
use tests::Ran;
use tests::tree::Tree;

/// Judges stores after trouble.
pub(crate) struct Oracle<'a> {
    kit: &'a Kit,
    deed: Deed,
    /// The store it starts from; another deed's when it must be refused there.
    base: Deed,
    before: Option<Seen>,
    /// Of how many shapes one is followed by the next command.
    one_in: u8,
    /// Shapes of stores after which the next command has been tried.
    tried: Mutex<HashSet<Shape>>,
}

impl<'a> Oracle<'a> {
    /// For one deed, from the store it starts from.
    pub(crate) fn new(kit: &'a Kit, deed: Deed) -> Self {
        Self::of_refused(kit, deed, deed)
    }

    /// For a deed that must be refused, from the store another starts from.
    pub(crate) fn of_refused(kit: &'a Kit, deed: Deed, base: Deed) -> Self {
        let place = kit.place(&format!("oracle-{deed:?}-{base:?}"));
        kit.prepare(base, &place);
        let before = look(&place.store()).unwrap_or_else(|error| panic!("before {}: {error}", deed.name()));
        Self { kit, deed, base, before, one_in: 1, tried: Mutex::default() }
    }

    /// Puts the store there it starts from.
    pub(crate) fn prepare(&self, place: &Place) {
        self.kit.prepare(self.base, place);
    }

    /// What is tried, for people.
    pub(crate) fn name(&self) -> String {
        let refused = if self.is_for_change() { "" } else { " (to be refused)" };
        format!("{}{refused}", self.deed.name())
    }

    /// Whether the deed can be done at all.
    pub(crate) fn is_for_change(&self) -> bool {
        self.deed == self.base
    }

    /// For many thousand stores of many shapes.
    #[must_use]
    pub(crate) fn trying_next_after_one_in(self, one_in: u8) -> Self {
        Self { one_in, ..self }
    }

    /// The deed.
    pub(crate) const fn deed(&self) -> Deed {
        self.deed
    }

    /// Judges a store. With `acknowledged`, it must be the new one.
    ///
    /// # Errors
    /// How the promise is broken.
    pub(crate) fn judge(&self, place: &Place, acknowledged: bool, said: &str) -> Result<bool, String> {
        let seen = look(&place.store())?;
        self.status_agrees(place, seen.as_ref())?;
        let done = self.is_done(seen.as_ref())?;
        if acknowledged && !done {
            return Err("acknowledged, but the store is the old one".to_owned());
        }
        if said.contains("BEGIN CERTIFICATE REQUEST") {
            shown_requests_are_staged(place, seen.as_ref(), said)?;
        }
        // What the next command does depends on what is where, not on the keys in it.
        let shape = shape(place, seen.as_ref());
        if shape.0[0].is_multiple_of(self.one_in) && self.tried.lock().unwrap().insert(shape) {
            self.next_works(place, done)?;
        }
        Ok(done)
    }

    /// Judges what an undisturbed command or one that met an error left: exit 0 means done, 6 that
    /// nobody knows, 8 that only the hook failed; after anything else nothing has changed.
    ///
    /// # Errors
    /// How the promise is broken.
    pub(crate) fn judge_ended(&self, place: &Place, ran: &Ran) -> Result<(), String> {
        let done =
            self.judge(place, ran.code == Some(0), &ran.stdout).map_err(|what| format!("{what}; {ran}"))?;
        match ran.code {
            Some(0 | 6 | 8) => Ok(()),
            Some(2..=7 | 130) if !done => Ok(()),
            Some(2..=7 | 130) => Err(format!("failed, but the store changed; {ran}")),
            _ => Err(format!("no documented end; {ran}")),
        }
    }

    /// Whether the deed is done; neither done nor not done is an error.
    fn is_done(&self, seen: Option<&Seen>) -> Result<bool, String> {
        let untouched = match (&self.before, seen) {
            (None, None) => true,
            (None, Some(seen)) => seen.is_blank(),
            (Some(_), None) => return Err("the store is gone".to_owned()),
            (Some(before), Some(seen)) => {
                before.holdings() == seen.holdings()
                    && before.account == seen.account
                    && before.sequence == seen.sequence
            }
        };
        match seen {
            _ if untouched => Ok(false),
            Some(seen) if self.is_for_change() && self.deed.made(self.before.as_ref(), seen) => Ok(true),
            other => Err(format!("neither the old nor the new store: {other:?}")),
        }
    }

    /// The product's own reader sees what we see.
    fn status_agrees(&self, place: &Place, seen: Option<&Seen>) -> Result<(), String> {
        let ran = run(command(&[], &self.kit.status_line(place)));
        let Some(seen) = seen.filter(|seen| !seen.is_blank()) else {
            return if ran.code == Some(4) { Ok(()) } else { Err(format!("status of no store: {ran}")) };
        };
        let status: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        let number = |field: &str| status[field]["generation"].as_u64();
        let theirs = ["staged", "current", "previous"].map(number);
        let ours = seen.holdings().map(|generation| generation.map(|generation| generation.number));
        if matches!(ran.code, Some(0 | 10)) && ours == theirs {
            Ok(())
        } else {
            Err(format!("status: {ran}"))
        }
    }

    /// The next command succeeds and leaves nothing behind.
    fn next_works(&self, place: &Place, done: bool) -> Result<(), String> {
        let (before, next) = (look(&place.store())?, self.base.next(done));
        let ran = run(self.kit.right_command(next, place));
        let failed = |what: &str| Err(format!("then {}: {what}; {ran}", next.name()));
        if ran.code != Some(0) {
            return failed("it failed");
        }
        match look(&place.store())? {
            Some(after) if !next.made(before.as_ref(), &after) => failed("it made something else"),
            Some(after) if !after.litter.is_empty() => failed(&format!("litter {:?}", after.litter)),
            Some(_) => Ok(()),
            None => failed("no store"),
        }
    }
}

/// Whoever saw requests can still install certificates for them.
fn shown_requests_are_staged(place: &Place, seen: Option<&Seen>, said: &str) -> Result<(), String> {
    let staged =
        seen.and_then(|seen| seen.staged.as_ref()).ok_or("requests were shown, nothing is staged")?;
    let folder = place.store().join(format!("generations/{:08}", staged.number));
    for name in ["main.csr", "assets.csr"] {
        let request = std::fs::read_to_string(folder.join(name)).map_err(|error| error.to_string())?;
        if !said.replace("\\n", "\n").contains(request.trim_end()) {
            return Err(format!("the request shown is not the staged {name}"));
        }
    }
    Ok(())
}

/// A digest of what is where.
#[derive(PartialEq, Eq, Hash)]
struct Shape([u8; 32]);

/// What is where: names without what is random in them, lengths, and what the record says.
fn shape(place: &Place, seen: Option<&Seen>) -> Shape {
    let files = Files::of(&Tree::read(&place.store()));
    let mut shape = String::new();
    for (path, contents) in &files.0 {
        let path = path.to_string_lossy();
        let name = path.split_once(".tmp-").map_or(path.to_string(), |(name, rest)| {
            format!("{name}.tmp{}", rest.find('/').map_or("", |at| &rest[at..]))
        });
        // The last bytes of signatures and times of day make lengths differ by a few.
        let length = contents.as_ref().map(|bytes| (bytes.len() + 32) / 64);
        let zero = contents.as_ref().is_some_and(|bytes| !bytes.is_empty() && bytes.iter().all(|b| *b == 0));
        shape.push_str(&format!("{name} {length:?} {zero}\n"));
    }
    shape.push_str(&format!("{:?}", seen.map(|seen| seen.holdings().map(|g| g.map(|g| g.number)))));
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, shape.as_bytes());
    Shape(digest.as_ref().try_into().unwrap())
}
