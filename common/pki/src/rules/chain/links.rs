//! How rules speak of the certificates of a path.

use crate::chain::place;
use crate::rules::case::{ChainCase, Link};
use crate::rules::rule::{Evidence, Outcome};

/// Evidence about every link that has to be sound and of which `fault` says it is not.
pub(super) fn each<'a>(case: &ChainCase<'a>, fault: impl Fn(&Link<'a>) -> Option<String>) -> Outcome {
    Outcome::of(case.judged_links().filter_map(|link| {
        let who = format!("{} ({})", place(link.number), link.certificate.subject());
        Some(Evidence::new(format!("{who} {}", fault(&link)?)).about(link.number))
    }))
}
