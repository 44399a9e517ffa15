//! A copy of the tree in which one mistake at a time is made: a patch of `proof/mutants`, and the
//! commands built from it. The tree itself never holds a mistake.

use ::tests::{Programs, project};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the patches are: one mistake each, named after it.
pub(crate) fn patches() -> PathBuf {
    project().join("proof/mutants")
}

/// The copy, and where it is built.
pub(crate) struct Workshop {
    folder: PathBuf,
}

impl Workshop {
    /// Copies the tree and builds it once as it is, so that each mistake after that is only what it changes.
    ///
    /// # Errors
    /// What this machine cannot do.
    pub(crate) fn open() -> Result<Self, String> {
        let rig = std::env::current_exe().map_err(|error| error.to_string())?;
        // target/release/proof
        let target = rig.ancestors().nth(2).ok_or("the rig is in no target folder")?;
        let workshop = Self { folder: target.join("proof") };
        fs::create_dir_all(&workshop.folder).map_err(|error| error.to_string())?;
        copy(&project(), &workshop.tree()).map_err(|error| format!("the tree cannot be copied: {error}"))?;
        workshop.make()?;
        Ok(workshop)
    }

    /// The commands with one mistake, in a folder of their own.
    ///
    /// # Errors
    /// What git or cargo said.
    pub(crate) fn build(&self, name: &str, right: Programs) -> Result<Programs, String> {
        copy(&project(), &self.tree()).map_err(|error| format!("the tree cannot be copied: {error}"))?;
        apply(&self.tree(), &patches().join(name).with_extension("patch"), &[])?;
        self.make()?;
        let finished = self.folder.join("mutants").join(name);
        fs::create_dir_all(&finished).map_err(|error| error.to_string())?;
        for name in ["get_csrs", "install_certs"] {
            let made = self.build_folder().join("debug").join(name);
            fs::copy(made, finished.join(name)).map_err(|error| format!("{name}: {error}"))?;
        }
        Ok(Programs { sign_csrs: right.sign_csrs, ..Programs::in_folder(&finished, "") })
    }

    fn tree(&self) -> PathBuf {
        self.folder.join("tree")
    }

    fn build_folder(&self) -> PathBuf {
        self.folder.join("build")
    }

    fn make(&self) -> Result<(), String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["build", "--quiet", "--locked", "--package", "get_csrs", "--package", "install_certs"]);
        command.arg("--target-dir").arg(self.build_folder()).current_dir(self.tree());
        said(command)
    }
}

/// Applies a patch in a folder, whatever repository that may lie in.
///
/// # Errors
/// Why it does not apply.
pub(crate) fn apply(folder: &Path, patch: &Path, more: &[&str]) -> Result<(), String> {
    let mut command = Command::new("git");
    command.arg("apply").args(more).arg(patch).current_dir(folder);
    if let Some(above) = folder.parent() {
        command.env("GIT_CEILING_DIRECTORIES", above);
    }
    said(command)
}

fn said(mut command: Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// Makes one folder what the other is, without touching what is the same already: cargo builds again
/// what has another date. What was built stays out of it.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    let mut wanted = vec![];
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, name) = (entry.path(), entry.file_name());
        if name == ".git" || source.join("CACHEDIR.TAG").exists() {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type()?.is_dir() {
            copy(&source, &target)?;
        } else {
            let bytes = fs::read(&source)?;
            if fs::read(&target).ok().as_ref() != Some(&bytes) {
                fs::write(&target, bytes)?;
            }
        }
        wanted.push(name);
    }
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if !wanted.contains(&entry.file_name()) {
            let path = entry.path();
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without building anything: so that a change of the store that a patch does not survive is noticed
    /// by whoever makes it.
    #[test]
    fn every_patch_applies_to_the_store_as_it_is() {
        if !::tests::has_programs("whether the mutants of the rig still apply", &["git"]) {
            return;
        }
        let patches = fs::read_dir(patches()).unwrap();
        let patches: Vec<_> = patches.map(|entry| entry.unwrap().path()).collect();
        assert!(!patches.is_empty(), "there are no patches");
        let broken: Vec<_> = patches
            .iter()
            .filter_map(|patch| Some((patch.file_stem()?, apply(&project(), patch, &["--check"]).err()?)))
            .collect();
        assert!(broken.is_empty(), "mend these in proof/mutants: {broken:#?}");
    }

    #[test]
    fn a_copy_follows_its_original_and_leaves_what_is_the_same_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        for name in ["a/b", "c", "target/CACHEDIR.TAG", ".git/HEAD"] {
            let path = from.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        copy(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("a/b")).unwrap(), "a/b");
        assert!(!to.join("target").exists() && !to.join(".git").exists());
        let before = fs::metadata(to.join("c")).unwrap().modified().unwrap();
        fs::write(to.join("a/b"), "patched").unwrap();
        fs::write(to.join("new"), "left behind").unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("a/b")).unwrap(), "a/b");
        assert!(!to.join("new").exists());
        assert_eq!(fs::metadata(to.join("c")).unwrap().modified().unwrap(), before);
    }
}
