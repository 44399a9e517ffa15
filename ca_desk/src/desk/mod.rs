//! What the commands that judge share: options, policy, entries, and the ways to print them.
//!
//! A command turns its inputs into [`Entry`] values, in a stable order, and hands each to a
//! [`Printer`]; the printer knows the format, counts, and gives the exit code.

mod catalogue;
mod entry;
mod json;
mod markdown;
mod options;
mod printer;
mod sarif;
mod tally;
mod text;

pub use catalogue::page;
pub use entry::{Entry, Field, Source, Trouble, Verdict, View};
pub use options::{Answer, DeskOptions, Format, load, no_rule};
pub use printer::{Header, Printer};
pub use tally::{RuleCount, Tally};
