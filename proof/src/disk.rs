//! File systems of the rig's own: one on a loop device whose power can be cut, one in memory whose
//! size can be changed.

use crate::scene::Place;
use crate::tool::{shell, text};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A file system in a file in memory.
pub(crate) struct Disk {
    device: PathBuf,
    image: PathBuf,
    mounted: PathBuf,
    pub(crate) file_system: &'static str,
}

impl Disk {
    /// Makes and mounts one in a folder.
    ///
    /// # Errors
    /// Why this machine cannot.
    pub(crate) fn mount(file_system: &'static str, folder: &Path) -> Result<Self, String> {
        let (image, mounted) = (folder.join("image"), folder.join("disk"));
        std::fs::create_dir_all(&mounted).unwrap();
        std::fs::File::create(&image).and_then(|file| file.set_len(320 << 20)).unwrap();
        shell(&[&format!("mkfs.{file_system}"), "-q", text(&image)])?;
        let device = shell(&["losetup", "--find", "--show", text(&image)])?.trim_end().into();
        let disk = Self { device, image, mounted, file_system };
        disk.attach()?;
        if tests::find_program("xfs_io").is_none() {
            return Err("xfs_io is not installed".to_owned());
        }
        Ok(disk)
    }

    /// Where the store goes.
    pub(crate) fn place(&self) -> Place {
        Place::at(&self.mounted.join("place"))
    }

    /// Everything so far is durable.
    pub(crate) fn flush(&self) {
        let folder = std::fs::File::open(&self.mounted).unwrap();
        rustix::fs::syncfs(folder).unwrap();
    }

    /// Loses everything that is not durable, and says whether it did: a file written just before is to
    /// be gone.
    ///
    /// # Errors
    /// When it cannot be mounted again.
    pub(crate) fn cut(&self) -> Result<bool, String> {
        let canary = self.mounted.join("canary");
        std::fs::write(&canary, "not durable\n").ok();
        shell(&["xfs_io", "-x", "-c", "shutdown", text(&self.mounted)])?;
        self.detach()?;
        self.attach()?;
        let kept = std::fs::read(&canary).is_ok_and(|bytes| !bytes.is_empty());
        std::fs::remove_file(&canary).ok();
        Ok(!kept)
    }

    /// The threads of a killed process need a moment to let go of their files.
    pub(crate) fn detach(&self) -> Result<(), String> {
        let last_try = Instant::now() + Duration::from_secs(20);
        loop {
            match shell(&["umount", text(&self.mounted)]) {
                Err(busy) if busy.contains("busy") && Instant::now() < last_try => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                end => return end.map(drop),
            }
        }
    }

    pub(crate) fn attach(&self) -> Result<(), String> {
        shell(&["mount", "-t", self.file_system, text(&self.device), text(&self.mounted)]).map(drop)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.detach().ok();
        shell(&["losetup", "--detach", text(&self.device)]).ok();
        std::fs::remove_file(&self.image).ok();
    }
}

/// What is taken of a file system in memory: pages of 4 KiB (its block size, tmpfs(5)), and files.
pub(crate) struct Used {
    pub(crate) pages: u64,
    pub(crate) inodes: u64,
}

/// The options of one with room for everything.
pub(crate) const ROOM: &str = "size=64m,nr_inodes=10000";

/// A file system in memory whose size can be changed.
pub(crate) struct Tmpfs(PathBuf);

impl Tmpfs {
    pub(crate) fn mount(path: &Path) -> Self {
        let options = format!("{ROOM},mode=0700");
        shell(&["mount", "-t", "tmpfs", "-o", &options, "tmpfs", text(path)]).unwrap();
        Self(path.to_owned())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The mount point itself: a folder in it would be one more inode.
    pub(crate) fn place(&self) -> Place {
        Place::at(&self.0)
    }

    /// How much of it is taken.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub(crate) fn used(&self) -> Result<Used, String> {
        let all = rustix::fs::statvfs(&self.0).map_err(|error| error.to_string())?;
        Ok(Used { pages: all.f_blocks - all.f_bfree, inodes: all.f_files - all.f_ffree })
    }

    /// # Errors
    /// When the kernel will not: it never takes what is used, nor limits inodes that had no limit.
    pub(crate) fn resize(&self, options: &str) -> Result<(), String> {
        shell(&["mount", "-o", &format!("remount,{options}"), text(&self.0)]).map(drop)
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        shell(&["umount", text(&self.0)]).ok();
    }
}
