//! What is tested is what is shipped: the product has no switch with which it could be built otherwise, and no
//! deliberate mistake of the rig (`proof/mutants`) is in it.

use std::fs;
use std::path::Path;
use tests::project;

/// Crates and programs of the product.
const PRODUCT: [&str; 5] = ["common", "cli", "get_csrs", "install_certs", "ca_desk"];

/// `cargo build --all-features` builds what `cargo build` does. An optional dependency would be a feature, too.
#[test]
fn no_crate_of_the_workspace_has_a_feature() {
    let manifest = |folder: &str| fs::read_to_string(project().join(folder).join("Cargo.toml")).unwrap();
    let workspace = manifest("");
    let members = workspace.lines().find(|line| line.starts_with("members = ")).unwrap();
    let members: Vec<_> = members.split('"').skip(1).step_by(2).collect();
    assert!(members.len() > PRODUCT.len(), "{members:?}");
    for member in members {
        let manifest = manifest(member);
        assert!(manifest.contains("[dependencies]"), "{member}");
        let switches = ["[features]", "optional = true"];
        let switch = switches.iter().find(|switch| manifest.contains(**switch));
        assert!(switch.is_none(), "{member}: {switch:?}");
    }
}

#[test]
fn no_code_of_the_product_depends_on_how_it_is_built() {
    let mut sources = vec![];
    PRODUCT.iter().for_each(|folder| collect(&project().join(folder), &mut sources));
    let mut tests = 0;
    for (path, text) in &sources {
        for (number, line) in text.lines().enumerate() {
            let conditional =
                ["cfg(", "cfg!(", "cfg_attr(", "option_env!("].iter().any(|word| line.contains(word));
            let for_tests = line.trim() == "#[cfg(test)]";
            assert!(!conditional || for_tests, "{path}:{}: {line}", number + 1);
            tests += usize::from(for_tests);
        }
    }
    assert!(tests > 10, "only {tests} conditions were seen in {} sources", sources.len());
}

#[test]
fn no_command_holds_the_name_of_a_mistake() {
    let patches = fs::read_dir(project().join("proof/mutants")).unwrap();
    let mut names: Vec<_> = patches
        .map(|patch| patch.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(names.len() > 5, "{names:?}");
    names.push("PROOF_MUTANT".to_owned());
    let commands = crate::PROGRAMS;
    for command in [commands.get_csrs, commands.install_certs, commands.sign_csrs] {
        let bytes = fs::read(command).unwrap();
        // The search finds what is there.
        assert!(holds(&bytes, "passphrase"), "{command}");
        for name in &names {
            assert!(!holds(&bytes, name), "{command} holds {name}");
        }
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

fn collect(folder: &Path, sources: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|end| end == "rs") {
            sources.push((path.display().to_string(), fs::read_to_string(path).unwrap()));
        }
    }
}
