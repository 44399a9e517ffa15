//! D1U: what is made under any umask.

use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, command, make_private, run};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// D1: whatever the umask, what is made is private from its first moment on (the calls themselves
/// are looked at in another part) and can be used by its owner.
pub(crate) fn umasks(rig: &Rig) -> Tally {
    let masks = ["000", "002", "022", "027", "077", "277", "777"];
    let cases: Vec<_> = Deed::ALL.iter().flat_map(|deed| masks.map(|mask| (*deed, mask))).collect();
    rig.each(
        "umasks",
        &cases,
        14,
        |worker| ["umask", "umask-canary"].map(|name| rig.kit.place(&format!("{name}-{worker}"))),
        |[place, elsewhere], (deed, mask)| {
            rig.kit.renew(*deed, place);
            let (out, publish) = (place.path().join("out"), place.path().join("publish"));
            let mut line = rig.kit.line(*deed, place);
            if deed.is_request() {
                line.extend(["--out".into(), out.into()]);
            } else {
                make_private(&publish);
                line.extend(["--publish".into(), publish.into()]);
            }
            let canary = elsewhere.path().join("canary");
            fs::remove_file(&canary).ok();
            let script = format!("umask {mask}; : > {}; exec \"$@\"", canary.display());
            let ran = run(command(&["sh", "-c", &script, "sh"].map(OsString::from), &line));
            let mode = fs::symlink_metadata(&canary).map_or(0, |stat| stat.mode() & 0o777);
            let struck = u32::from_str_radix(mask, 8).is_ok_and(|mask| mode == 0o666 & !mask);
            let judged =
                if ran.code == Some(0) { modes(place.path(), place.path()) } else { Err(ran.to_string()) };
            Verdict::judged(struck, judged.map_err(|what| format!("{} under {mask}: {what}", deed.name())))
        },
    )
}

fn modes(root: &Path, path: &Path) -> Result<(), String> {
    for entry in fs::read_dir(path).map_err(|error| error.to_string())?.flatten() {
        let path = entry.path();
        let stat = path.symlink_metadata().map_err(|error| error.to_string())?;
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        // Has no mode of its own.
        if stat.is_symlink() {
            continue;
        }
        // Requests and chains are public, and lie where another server looks.
        let wanted = match (name.split('/').next(), path.extension().and_then(|end| end.to_str())) {
            (Some("out"), None) => 0o755,
            (Some("publish"), _) if stat.is_dir() && path.parent() != Some(root) => 0o755,
            (Some("out"), Some("csr")) | (Some("publish"), Some("pem")) => 0o644,
            _ if stat.is_dir() => 0o700,
            _ => 0o600,
        };
        if stat.mode() & 0o7777 != wanted {
            return Err(format!("{name} has mode {:o}, expected {wanted:o}", stat.mode() & 0o7777));
        }
        if stat.is_dir() {
            modes(root, &path)?;
        }
    }
    Ok(())
}
