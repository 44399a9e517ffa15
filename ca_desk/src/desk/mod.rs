//! What the commands that judge share: flags, settings, entries, and the ways to print them.
//!
//! A command turns its inputs into [`Entry`] values, in a stable order, and hands each to a
//! [`Printer`]; the printer knows the format, counts, and gives the exit code.

mod catalogue;
mod entry;
mod flags;
mod form;
mod format;
mod json;
mod markdown;
mod printer;
mod sarif;
mod settings;
mod tally;
mod text;
mod walk;

pub(crate) use entry::{Entry, Field, Source, Trouble, View};
pub(crate) use flags::{Asked, DeskFlags};
pub(crate) use form::Header;
pub(crate) use printer::Printer;
pub(crate) use settings::{Settings, policy};
pub(crate) use walk::{Found, Walk};
