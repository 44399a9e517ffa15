//! A2: the power is cut before each system call, on real file systems: `FS_IOC_SHUTDOWN` without
//! flushing the journal (`xfs_io -x -c shutdown` makes that call, on ext4 too), unmount, mount.

use super::kill::{cases, oracles, struck, verdict, without_strace};
use super::run::{Rig, Tally, Verdict};
use super::scene::Place;
use super::strace;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The file systems that can be cut off.
const FILE_SYSTEMS: [&str; 2] = ["ext4", "xfs"];

/// A2.
pub fn cut(rig: &Rig) -> Tally {
    if !strace::works() {
        return without_strace();
    }
    let oracles = oracles(&rig.kit);
    let points = cases(&rig.kit, &oracles);
    let (mut tally, mut usable) = (Tally::default(), vec![]);
    for file_system in FILE_SYSTEMS {
        match Disk::mount(file_system, rig.kit.place("trial").path()) {
            Ok(_) => usable.push(file_system),
            Err(why) => tally.leave_out(&format!("{file_system}: {why}"), points.len()),
        }
    }
    let on_each = |case| (0..usable.len()).map(move |disk| (case, disk));
    let cases: Vec<_> = points.iter().flat_map(on_each).collect();
    let place = |worker| {
        let mount = |file_system: &&'static str| {
            let folder = rig.kit.place(&format!("{}-{worker}", *file_system));
            Disk::mount(file_system, folder.path()).unwrap()
        };
        usable.iter().map(mount).collect::<Vec<_>>()
    };
    tally.add(rig.each("power cut", &cases, 250, place, |disks, (case, disk)| {
        let disk = &disks[*disk];
        let place = disk.place();
        rig.kit.base(case.oracle.deed()).write(&place.store());
        disk.flush();
        let ran = struck(&rig.kit, case, &place);
        let judged = verdict(case, &place, ran, || disk.cut().unwrap());
        if let Verdict::Bad(what) = judged {
            return Verdict::Bad(format!("{}: {what}", disk.file_system));
        }
        judged
    }));
    tally
}

/// A file system in a file in memory.
pub struct Disk {
    device: PathBuf,
    image: PathBuf,
    mounted: PathBuf,
    file_system: &'static str,
}

impl Disk {
    /// Makes and mounts one in a folder.
    ///
    /// # Errors
    /// Why this machine cannot.
    pub fn mount(file_system: &'static str, folder: &Path) -> Result<Self, String> {
        let (image, mounted) = (folder.join("image"), folder.join("disk"));
        std::fs::create_dir_all(&mounted).unwrap();
        std::fs::File::create(&image).and_then(|file| file.set_len(320 << 20)).unwrap();
        shell(&[&format!("mkfs.{file_system}"), "-q", path(&image)])?;
        let device = shell(&["losetup", "--find", "--show", path(&image)])?.trim_end().into();
        let disk = Self { device, image, mounted, file_system };
        disk.attach()?;
        if tests::find_program("xfs_io").is_none() {
            return Err("xfs_io is not installed".to_owned());
        }
        Ok(disk)
    }

    /// Where the store goes.
    pub fn place(&self) -> Place {
        Place::at(&self.mounted.join("place"))
    }

    /// Everything so far is durable.
    pub fn flush(&self) {
        let folder = std::fs::File::open(&self.mounted).unwrap();
        rustix::fs::syncfs(folder).unwrap();
    }

    /// Loses everything that is not durable.
    ///
    /// # Errors
    /// When it cannot be mounted again.
    pub fn cut(&self) -> Result<(), String> {
        shell(&["xfs_io", "-x", "-c", "shutdown", path(&self.mounted)])?;
        self.detach()?;
        self.attach()
    }

    /// The threads of a killed process need a moment to let go of their files.
    fn detach(&self) -> Result<(), String> {
        let last_try = Instant::now() + Duration::from_secs(20);
        loop {
            match shell(&["umount", path(&self.mounted)]) {
                Err(busy) if busy.contains("busy") && Instant::now() < last_try => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                end => return end.map(drop),
            }
        }
    }

    fn attach(&self) -> Result<(), String> {
        shell(&["mount", "-t", self.file_system, path(&self.device), path(&self.mounted)]).map(drop)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.detach().ok();
        shell(&["losetup", "--detach", path(&self.device)]).ok();
        std::fs::remove_file(&self.image).ok();
    }
}

/// Runs a command that must succeed, and gives what it printed.
///
/// # Errors
/// What it said, in one line.
pub fn shell(words: &[&str]) -> Result<String, String> {
    let program = tests::find_program(words[0]).ok_or_else(|| format!("{} is not installed", words[0]))?;
    let output = Command::new(program).args(&words[1..]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned();
    if !output.status.success() {
        return Err(format!("{} failed: {said}", words.join(" ")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
