//! Where things are: the default store and log, and who is asking.

use common::Untrusted;
use data_encoding::HEXLOWER;
use std::path::PathBuf;
use store::Operation;

/// `--store`, else `CLUSTER_CERTS_STORE`, else `/var/lib/cluster-certs` for root, else `$XDG_STATE_HOME/cluster-certs` (`~/.local/state`).
pub fn store(flag: Option<PathBuf>) -> PathBuf {
    let path = flag.or_else(|| path_from("CLUSTER_CERTS_STORE")).unwrap_or_else(|| match state_home() {
        Some(home) => home.join("cluster-certs"),
        None => PathBuf::from("/var/lib/cluster-certs"),
    });
    // Messages and the log must name the same place wherever they are read.
    std::path::absolute(&path).unwrap_or(path)
}

/// The default log of a command: `/var/log/{command}.log` for root, else
/// `$XDG_STATE_HOME/{command}.log`, beside the store and never in it.
pub fn log(command: &str) -> PathBuf {
    let name = format!("{command}.log");
    state_home().unwrap_or_else(|| PathBuf::from("/var/log")).join(name)
}

/// A fresh operation: random id, command words, `user@host (pid N)`, now.
pub fn operation(command: &str) -> Operation {
    let mut id = [0; 16];
    if aws_lc_rs::rand::fill(&mut id).is_err() {
        // Only a label that tells operations apart; no secret depends on it.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        id = (now.as_nanos() ^ u128::from(std::process::id()) << 96).to_be_bytes();
    }
    let uname = rustix::system::uname();
    let host = Untrusted::from_bytes(uname.nodename().to_bytes());
    Operation {
        id: HEXLOWER.encode(&id),
        command: Untrusted::new(command).to_string(),
        by: format!("{}@{host} (pid {})", user(), std::process::id()),
        at: crate::clock::now(),
    }
}

/// The base directory of the state of a user who is not root.
fn state_home() -> Option<PathBuf> {
    if rustix::process::geteuid().is_root() {
        return None;
    }
    path_from("XDG_STATE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| path_from("HOME").map(|home| home.join(".local/state")))
}

fn path_from(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The name of the effective user; the environment could lie about it.
fn user() -> String {
    let uid = rustix::process::geteuid().as_raw().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| Untrusted::new(name).to_string())
    });
    name.unwrap_or_else(|| format!("uid {uid}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_wins_and_the_path_is_absolute() {
        assert!(store(Some(PathBuf::from("here"))).is_absolute());
        assert_eq!(store(Some(PathBuf::from("/elsewhere"))), PathBuf::from("/elsewhere"));
    }

    #[test]
    fn every_operation_has_its_own_id_and_names_this_process() {
        let (one, two) = (operation("get_csrs --rotate"), operation("get_csrs\u{1b}"));
        assert_ne!(one.id, two.id);
        assert_eq!(one.id.len(), 32);
        assert_eq!(one.command, "get_csrs --rotate");
        assert_eq!(two.command, "get_csrs\\u{1b}");
        assert!(one.by.ends_with(&format!("(pid {})", std::process::id())), "{}", one.by);
    }
}
