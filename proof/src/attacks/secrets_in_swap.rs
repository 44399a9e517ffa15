//! E5: while a command waits with half a passphrase in memory, all that can be is pushed out to swap,
//! and swap is searched.

use crate::memory::{end, image, until};
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, command};
use crate::tool::shell;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use tests::world::PASSPHRASE;

const DEEDS: [Deed; 4] = [Deed::RequestRotation, Deed::ReplaceStaged, Deed::Rotate, Deed::Install];
/// What the control holds: a process that locks nothing.
const UNLOCKED: &str = "nothing keeps these words out of swap";

/// E5.
pub(crate) fn swap(rig: &Rig) -> Tally {
    let mut tally = Tally::default();
    let place = rig.kit.place("swap");
    let swap = match Swap::on(rig.kit.place("swap-device").path()) {
        Ok(swap) => swap,
        Err(why) => {
            tally.leave_out(&why, DEEDS.len());
            return tally;
        }
    };
    for deed in DEEDS {
        rig.kit.renew(deed, &place);
        let (line, pipe) = rig.kit.waiting_at_pipe(deed, &place);
        let verdict = swap.holds_nothing_of(&line, &pipe);
        tally.count(Verdict::from(verdict.map_err(|what| format!("{}: {what}", deed.name()))));
    }
    tally
}

/// Swap in a file of ours, and a control group that can be told to use it.
struct Swap {
    image: PathBuf,
    device: String,
    group: PathBuf,
}

impl Swap {
    /// # Errors
    /// Why this machine has none.
    fn on(folder: &Path) -> Result<Self, String> {
        let image = folder.join("image");
        fs::File::create(&image).and_then(|file| file.set_len(64 << 20)).unwrap();
        let device = shell(&["losetup", "--find", "--show", image.to_str().unwrap()])?.trim_end().to_owned();
        let memory = ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"].map(Path::new);
        let memory = memory.into_iter().find(|folder| folder.is_dir()).unwrap_or(Path::new("/"));
        let swap = Self { image, device, group: memory.join(format!("proof-{}", std::process::id())) };
        fs::create_dir(&swap.group).map_err(|error| format!("no control group for memory: {error}"))?;
        shell(&["mkswap", "--quiet", &swap.device])?;
        shell(&["swapon", "--priority", "32767", &swap.device])?;
        swap.finds_what_is_there()?;
        Ok(swap)
    }

    /// The control: what is not locked must be found, or nothing that is not found says anything.
    fn finds_what_is_there(&self) -> Result<(), String> {
        let line = ["sh", "-c", "read -r words; read -r end; echo \"$words\""].map(OsString::from);
        let mut child = self.start(&line);
        writeln!(child.stdin.as_mut().unwrap(), "{UNLOCKED}").unwrap();
        let arrived = until(|| holds(child.id(), UNLOCKED));
        let found = until(|| {
            self.push_out();
            self.found(UNLOCKED)
        });
        let swapped = swapped(child.id());
        end(child);
        arrived.map_err(|()| "a shell does not read".to_owned())?;
        found.map_err(|()| format!("memory does not go to swap when told to ({swapped} kB did)"))
    }

    fn holds_nothing_of(&self, line: &[OsString], pipe: &Path) -> Result<(), String> {
        let half = &PASSPHRASE[..PASSPHRASE.len() / 2];
        let child = self.start(line);
        let mut writer = fs::OpenOptions::new().write(true).open(pipe).unwrap();
        writer.write_all(half.as_bytes()).unwrap();
        let arrived = until(|| holds(child.id(), half));
        self.push_out();
        let swapped = swapped(child.id());
        end(child);
        arrived.map_err(|()| "it never read the pipe".to_owned())?;
        if self.found(half) {
            return Err("half a passphrase is in swap".to_owned());
        }
        if swapped == "0" { Ok(()) } else { Err(format!("{swapped} kB of it went to swap")) }
    }

    fn start(&self, line: &[OsString]) -> Child {
        let join = format!("echo $$ > {}/cgroup.procs; exec \"$@\"", self.group.display());
        let wrapper = ["sh", "-c", &join, "sh"].map(OsString::from);
        let mut command = command(&wrapper, line);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Control groups of version 1 are emptied, of version 2 told how much to give back.
    fn push_out(&self) {
        // A page that was just used is passed over the first times.
        for _ in 0..20 {
            fs::write(self.group.join("memory.force_empty"), "0").ok();
            fs::write(self.group.join("memory.reclaim"), "256M").ok();
        }
    }

    fn found(&self, words: &str) -> bool {
        contains(&fs::read(&self.image).unwrap(), words)
    }
}

impl Drop for Swap {
    fn drop(&mut self) {
        shell(&["swapoff", &self.device]).ok();
        shell(&["losetup", "--detach", &self.device]).ok();
        fs::remove_dir(&self.group).ok();
    }
}

/// How many kB of a process are in swap.
fn swapped(pid: u32) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmSwap:")).unwrap_or("no VmSwap");
    line.split_whitespace().next().unwrap_or_default().to_owned()
}

fn holds(pid: u32, words: &str) -> bool {
    image(pid).is_ok_and(|image| contains(&image, words))
}

fn contains(bytes: &[u8], words: &str) -> bool {
    memchr::memmem::find(bytes, words.as_bytes()).is_some()
}
