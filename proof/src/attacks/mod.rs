//! The attacks, one file each, and the table of all of them.

mod broken_disk;
mod call_trace;
mod closed_outputs;
mod core_dumps;
mod costly_inputs;
mod costly_keys;
mod damaged_keys;
mod damaged_store;
mod disturbed_calls;
mod environment;
mod escape_sequences;
mod exchanged_paths;
mod failing_calls;
mod foreign_keys;
mod full_disk;
mod held_lock;
mod kill;
mod lost_writes;
mod mutants;
mod overtaken;
mod planted_files;
mod power_cut;
mod secrets_in_memory;
mod secrets_in_swap;
mod secrets_in_traces;
mod simultaneous;
mod slow_readers;
mod strangers_files;
mod swapped_files;
mod terminal_echo;
mod typed_secrets;
mod umasks;
mod unfit_stores;
mod waiting_operator;

use crate::rig::{Rig, Tally};

/// One kind of trouble, made everywhere.
pub struct Part {
    /// `A1`, `D1U`: what the documents call it.
    pub name: &'static str,
    /// What is done.
    pub what: &'static str,
    /// Does it.
    pub run: fn(&Rig) -> Tally,
    /// What it costs, beside the others.
    pub weight: u32,
}

const fn part(name: &'static str, what: &'static str, weight: u32, run: fn(&Rig) -> Tally) -> Part {
    Part { name, what, run, weight }
}

/// In the order they are run: the gate, which builds for half of its cases, has the time that the others left.
pub const PARTS: [Part; 36] = [
    part("A1", "killed before every system call", 5, kill::kill),
    part("A2", "power cut before every system call, on ext4 and xfs", 10, power_cut::cut),
    part("A3", "every store a power cut could leave", 5, lost_writes::explore),
    part("A5", "killed, and killed again while putting right", 5, kill::kill_twice),
    part("B1", "every system call fails in every way", 10, failing_calls::fail),
    part("B2", "full file systems, no inodes, a limit on file sizes", 2, full_disk::full),
    part("B3", "a disk that runs out under the file system", 1, broken_disk::broken),
    part("B4", "interrupted again and again, writes that lose bytes", 2, disturbed_calls::disturb),
    part("B5", "outputs and logs that are closed or full", 2, closed_outputs::mute),
    part("B6", "stores that must not be written", 1, unfit_stores::refused),
    part("D1", "what is made is new, private and no link, in the call itself", 1, call_trace::trace),
    part("C1", "commands at the same time", 2, simultaneous::together),
    part("C2", "a command overtaken at every system call", 5, overtaken::overtaken),
    part("C3", "readers while a writer works", 1, slow_readers::torn),
    part("C4", "a stopped and a killed holder of the lock", 1, held_lock::held),
    part("C5", "a command that waits for its operator", 1, waiting_operator::waiting),
    part("D1U", "what is made under any umask", 1, umasks::umasks),
    part("D2", "links, pipes, devices, directories at every path that is opened", 2, planted_files::plants),
    part("D3", "path components exchanged while commands run", 1, exchanged_paths::races),
    part("D4", "strangers' files in what is removed", 1, strangers_files::strangers),
    part("D5", "hostile environment variables", 1, environment::environment),
    part("E1", "secrets in what a command was given, said and wrote", 1, secrets_in_traces::traces),
    part("E3", "secrets in memory after the work", 2, secrets_in_memory::memory),
    part("E3T", "secrets typed at prompts, in memory after the work", 1, typed_secrets::typed),
    part("E4", "crashes while a secret is in memory", 1, core_dumps::cores),
    part("E5", "secrets in swap", 1, secrets_in_swap::swap),
    part("E7", "the terminal's echo on every way out", 1, terminal_echo::echo),
    part("F3", "every bit and every length of sealed keys of all six types", 1, damaged_keys::keys),
    part("F3S", "every bit and every length of every file a record accounts for", 1, damaged_store::store),
    part("F3C", "damaged files under the commands", 1, damaged_store::commands),
    part("F4", "files and records in each other's place, digests corrected", 1, swapped_files::swaps),
    part("F5", "sealed keys that ask for too much work", 1, costly_keys::costs),
    part("F6", "sealed keys of others, and ours with others", 1, foreign_keys::travel),
    part("G3", "inputs made to cost much, within 2 s and 64 MiB", 1, costly_inputs::bombs),
    part("G4", "escape sequences in every field of every string type", 2, escape_sequences::escapes),
    part("A4", "the protocol with one step wrong: caught", 10, mutants::gate),
];
