//! The switch of the proof rig: the protocol of the store with one step wrong. A rig that does
//! not notice each of these proves nothing about the right protocol (`docs/proof.md`).
//!
//! Without the feature `mutants`, which no product is built with, every question is answered
//! with a constant `false`.

/// One way to get it wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutant {
    /// Files of a generation are not made durable.
    NoFileSync,
    /// The names in a generation are not made durable.
    NoGenerationSync,
    /// The name of a generation is not made durable.
    NoParentSync,
    /// The name of an accounts file is not made durable.
    NoAccountSync,
    /// The replaced STATE is not made durable.
    NoStoreSync,
    /// The name of a new store is not made durable.
    NoPlaceSync,
    /// A failed fsync is repeated, and the second answer believed.
    RetriedSync,
    /// STATE is overwritten where it is.
    StateInPlace,
    /// A store begins without STATE.
    NoInitialState,
    /// Success is printed before the commit.
    EarlyAcknowledgement,
    /// Old generations are removed before the commit.
    EarlyPrune,
    /// What was written is not read again before the commit.
    NoReadBack,
    /// The new STATE is not read again before it is put in force.
    NoStateReadBack,
    /// A file is written into whatever has its name.
    NoExclusive,
    /// A file is private only after it was made.
    LateMode,
    /// Nobody waits for the lock.
    NoLock,
    /// The record may have moved since it was read.
    NoSequenceCheck,
    /// STATE that cannot be read is STATE that is not there.
    ErrorIsAbsent,
}

/// Whether the store is to be wrong in this way.
#[cfg(not(feature = "mutants"))]
pub(super) const fn mutant(_: Mutant) -> bool {
    false
}

/// Whether the store is to be wrong in this way: the one `PROOF_MUTANT` names.
#[cfg(feature = "mutants")]
pub(super) fn mutant(one: Mutant) -> bool {
    #[expect(clippy::disallowed_methods, reason = "only the rig builds this")]
    let wanted = std::env::var_os("PROOF_MUTANT");
    wanted.is_some_and(|wanted| wanted == *format!("{one:?}"))
}
