//! The media there are.

use super::Medium;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Backend, Disk, Memory, ObjectName};
use tempfile::TempDir;

/// A directory.
pub struct OnDisk(TempDir);

impl OnDisk {
    /// A store that is not there yet.
    pub fn fresh() -> Self {
        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o700)).unwrap();
        Self(parent)
    }

    /// Its directory.
    pub fn path(&self) -> PathBuf {
        self.0.path().join("store")
    }
}

impl Medium for OnDisk {
    fn open(&self) -> Box<dyn Backend> {
        Box::new(Disk::at(self.path()))
    }

    fn spoil(&self, object: ObjectName, bytes: Option<&[u8]>) {
        let path = self.path().join(object.to_string());
        match bytes {
            None => fs::remove_file(path).unwrap(),
            Some(bytes) => {
                fs::write(&path, bytes).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            }
        }
    }

    fn objects(&self) -> Vec<String> {
        let mut found = vec![];
        for folder in ["generations", "documents"] {
            collect(&self.path(), &self.path().join(folder), &mut found);
        }
        found.sort();
        found
    }
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
        } else {
            found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

/// The reference.
#[derive(Default)]
pub struct InMemory(Arc<Memory>);

impl Medium for InMemory {
    fn open(&self) -> Box<dyn Backend> {
        Box::new(Arc::clone(&self.0))
    }

    fn spoil(&self, object: ObjectName, bytes: Option<&[u8]>) {
        self.0.spoil(object, bytes.map(<[u8]>::to_vec));
    }

    fn objects(&self) -> Vec<String> {
        let mut names: Vec<_> = self.0.objects().iter().map(ToString::to_string).collect();
        names.sort();
        names
    }
}
