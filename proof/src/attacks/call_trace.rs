//! D1, as far as a recording shows it: what is made is new, private from its first moment, and never
//! reached through a link.

use crate::rig::{Rig, Tally, Verdict};
use crate::scene::Deed;
use crate::strace;

/// D1, as far as a recording shows it: what is made is new, private from its first moment, and
/// never reached through a link.
pub(crate) fn trace(rig: &Rig) -> Tally {
    if !strace::works() {
        return strace::without_strace();
    }
    let mut tally = Tally::default();
    for deed in Deed::ALL {
        let place = rig.kit.place("trace");
        rig.kit.prepare(deed, &place);
        let (_, calls) = strace::record(rig.kit.lies(deed), &rig.kit.line(deed, &place), &place, false);
        let store = format!("{}/store", place.path().display());
        for call in calls.iter().filter(|call| call.rest.contains(&format!("<{store}"))) {
            let has = |word: &str| call.rest.contains(word);
            let fine = match call.name.as_str() {
                "openat" if has("O_TMPFILE") => has(", 0600)"),
                "openat" if has("O_CREAT") => {
                    ["O_EXCL", "O_NOFOLLOW", "O_CLOEXEC", ", 0600)"].into_iter().all(has)
                }
                "openat" => has("O_NOFOLLOW") || !has("<"),
                "mkdirat" => has(", 0700)"),
                "open" | "creat" | "link" | "linkat" | "symlinkat" | "chmod" | "chown" => false,
                _ => continue,
            };
            let makes = call.name == "mkdirat" || has("O_CREAT") || has("O_TMPFILE");
            let verdict =
                if fine { Ok(()) } else { Err(format!("{}: {}({}", deed.name(), call.name, call.rest)) };
            tally.count(Verdict::judged(makes, verdict));
        }
        if strace::synced_again(&calls).is_some() {
            tally.count(Verdict::Bad(format!("{}: an fsync was repeated after it failed", deed.name())));
        }
    }
    tally
}
