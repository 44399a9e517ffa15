//! Where things are: the default store and log, and who is asking.
use common::store::Operation;
use std::path::PathBuf;
/// `--store`, else `CLUSTER_CERTS_STORE`, else `/var/lib/cluster-certs` for root, else `$XDG_STATE_HOME/cluster-certs` (`~/.local/state`).
pub fn store(flag: Option<PathBuf>) -> PathBuf {
    let _ = flag;
    todo!()
}
/// A fresh operation: random id, command words, `user@host (pid N)`, now.
pub fn operation(command: &str) -> Operation {
    todo!("{command}")
}
