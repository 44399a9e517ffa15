//! The way out: entries come in, text goes to standard output as it is made.

use super::entry::Entry;
use super::form::{Form, Header};
use super::format::Format;
use super::settings::Settings;
use super::tally::Tally;
use super::{json, markdown, sarif, text};
use cli::progress::Progress;
use cli::{Exit, Failure, output};
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

/// Prints entries and counts them.
pub(crate) struct Printer {
    out: BufWriter<Stdout>,
    form: Box<dyn Form>,
    tally: Tally,
    strict: bool,
    /// Text for people, on the terminal the progress bar is on.
    beside_progress: bool,
    streaming: bool,
}

impl Printer {
    /// Prints the head.
    ///
    /// # Errors
    /// As [`Printer::entry`].
    pub(crate) fn begin(header: Header, settings: &Settings) -> Result<Self, Failure> {
        let Settings { format, show, strict, .. } = *settings;
        let form: Box<dyn Form> = match format {
            Format::Text => Box::new(text::Table::new(header, show)),
            Format::Json => Box::new(json::Document::new(header)),
            Format::Ndjson => Box::new(json::Lines),
            Format::Sarif => Box::new(sarif::Log::new(header)),
            Format::Markdown => Box::new(markdown::Page::new(header, show)),
        };
        let beside_progress = io::stdout().is_terminal();
        let out = BufWriter::with_capacity(64 * 1024, io::stdout());
        let mut printer = Self {
            out,
            form,
            tally: Tally::default(),
            strict,
            beside_progress,
            streaming: format == Format::Ndjson || beside_progress,
        };
        let head = printer.form.head();
        printer.write(&head)?;
        Ok(printer)
    }

    /// Prints one entry.
    ///
    /// # Errors
    /// [`Exit::Unexpected`] when stdout is closed or full.
    pub(crate) fn entry(&mut self, entry: &Entry) -> Result<(), Failure> {
        self.tally.add(entry);
        let text = self.form.entry(entry);
        self.write(&text)
    }

    /// Sends what was printed on its way, around the progress bar.
    ///
    /// # Errors
    /// As [`Printer::entry`].
    pub(crate) fn flush(&mut self, progress: &Progress) -> Result<(), Failure> {
        if !self.streaming {
            return Ok(());
        }
        let out = &mut self.out;
        let flushed = if self.beside_progress { progress.aside(|| out.flush()) } else { out.flush() };
        flushed.map_err(|error| output::unwritten(&error))
    }

    /// Prints the tail; gives the exit code.
    ///
    /// # Errors
    /// As [`Printer::entry`].
    pub(crate) fn end(mut self) -> Result<Exit, Failure> {
        let exit = self.tally.exit(self.strict);
        let tail = self.form.tail(&self.tally, exit);
        self.write(&tail)?;
        self.out.flush().map_err(|error| output::unwritten(&error))?;
        Ok(exit)
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        self.out.write_all(text.as_bytes()).map_err(|error| output::unwritten(&error))
    }
}
