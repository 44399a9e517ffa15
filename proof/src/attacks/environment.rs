//! D5: hostile environment variables.

use crate::rig::{Rig, Tally};
use crate::scene::{Deed, make_private, run};
use tests::tree::Tree;

/// D5: variables that make other programs load, write or trust something.
pub(crate) fn environment(rig: &Rig) -> Tally {
    let deeds = [Deed::Request, Deed::Install, Deed::RequestRotation, Deed::Rotate, Deed::RollBack];
    let variables = [
        ("PATH", "@/bin"),
        ("TMPDIR", "@"),
        ("HOME", "@"),
        ("XDG_STATE_HOME", "@"),
        ("XDG_CONFIG_HOME", "@"),
        ("SSLKEYLOGFILE", "@/keys"),
        ("SSL_CERT_FILE", "@/evil.pem"),
        ("SSL_CERT_DIR", "@"),
        ("OPENSSL_CONF", "@/openssl.cnf"),
        ("OPENSSL_MODULES", "@"),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "full"),
        ("RUST_LIB_BACKTRACE", "1"),
        ("CLUSTER_CERTS_STORE", "@/store"),
        ("CREDENTIALS_DIRECTORY", "@/credentials"),
        ("IFS", "/"),
        ("ENV", "@/env"),
        ("BASH_ENV", "@/env"),
        ("LC_ALL", "zz_ZZ.evil"),
        ("TERM", "\u{1b}[2J"),
        ("COLUMNS", "1"),
        ("LINES", "-1"),
        ("NO_COLOR", ""),
        ("CLICOLOR_FORCE", "1"),
        ("TZ", ":/etc/passwd"),
        ("SOURCE_DATE_EPOCH", "0"),
        ("MALLOC_PERTURB_", "165"),
    ];
    let cases: Vec<_> = deeds.iter().flat_map(|deed| variables.map(|variable| (*deed, variable))).collect();
    rig.each(
        "environment",
        &cases,
        27,
        |worker| rig.kit.place(&format!("environment-{worker}")),
        |place, case| {
            let (deed, (name, value)) = case;
            rig.kit.renew(*deed, place);
            let trap = place.path().join("trap");
            make_private(&trap);
            let before = Tree::read(&trap);
            let mut command = rig.kit.command(*deed, place);
            command.env(name, value.replace('@', trap.to_str().unwrap_or_default()));
            let ran = run(command);
            let seen = crate::inspect::look(&place.store());
            let judged = match seen {
                _ if Tree::read(&trap) != before => Err("it wrote there".to_owned()),
                _ if ran.stderr.contains('\u{1b}') || ran.stdout.contains('\u{1b}') => {
                    Err(format!("colour: {ran}"))
                }
                Ok(Some(_)) if ran.code == Some(0) => Ok(()),
                other => Err(format!("{other:?}; {ran}")),
            };
            judged.map_err(|what| format!("{} with {name}={value}: {what}", deed.name())).into()
        },
    )
}
