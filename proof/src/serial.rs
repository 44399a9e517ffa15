//! Commands at the same time, judged as if they had come one after the other.

use crate::inspect::look;
use crate::scene::{Deed, Kit, Place, command, run};
use tests::Ran;

/// As many commits as commands that say so, each whole; the others were refused with a reason.
pub(crate) fn one_after_the_other(kit: &Kit, deed: Deed, place: &Place, ran: &[Ran]) -> Result<(), String> {
    let all =
        || ran.iter().map(|ran| format!("{:?} {}", ran.code, ran.stderr.trim_end())).collect::<Vec<_>>();
    let before = place.path().join("before");
    kit.lay_out(deed, &before);
    let sequence = |store| look(store).map(|seen| seen.map_or(0, |seen| seen.sequence));
    let commits =
        sequence(&place.store()).map_err(|what| format!("{what}; {:?}", all()))? - sequence(&before)?;
    let winners = ran.iter().filter(|ran| ran.code == Some(0)).count();
    if winners == 0 || commits != winners as u64 {
        return Err(format!("{commits} commits, {winners} winners; {:?}", all()));
    }
    for loser in ran.iter().filter(|ran| ran.code != Some(0)) {
        let reason = match loser.code {
            Some(7) => loser.stderr.contains("busy") || loser.stderr.contains("changed"),
            Some(4) => !loser.stderr.is_empty() && !loser.stderr.contains("damaged"),
            // What it was to install is not what is staged any more.
            Some(3) => deed != Deed::Request && loser.stderr.contains("spki"),
            _ => false,
        };
        if !reason {
            return Err(format!("a loser without a reason: {loser}"));
        }
    }
    let ran = run(command(&[], &kit.status_line(place)));
    if matches!(ran.code, Some(0 | 10)) { Ok(()) } else { Err(format!("status: {ran}")) }
}
