//! The paste reader's descriptor: raw reads, no canonical mode (it cuts a line at 4095 bytes), and
//! no echo by the terminal, which would show a pasted private key before anybody could look at
//! it. What may be seen is echoed from here.

use super::{Paste, Silence, Step};
use cli::terminal::{Echo, Raw, wait_readable};
use cli::{Exit, Failure, output, terminal};
use rustix::io::Errno;
use rustix::stdio::stdin;
use std::io::Write;
use std::time::Instant;
use zeroize::Zeroizing;

/// Milliseconds between two looks at a silence.
const TICK: u64 = 50;
/// Milliseconds of silence after which a refused paste has been thrown away whole.
const REFUSED: u64 = 500;

/// What came out of a paste.
pub(crate) enum Pasted {
    /// Something to read.
    Text(Paste),
    /// A private key; the rest of it was thrown away.
    PrivateKey {
        /// Whether it is under a passphrase.
        sealed: bool,
    },
    /// Over the limit; the rest of it was thrown away.
    TooLarge,
}

/// Reads one paste; the terminal is as before on every way out.
///
/// # Errors
/// [`Exit::Interrupted`] on Ctrl-C; [`Exit::Usage`] when the terminal is closed or cannot be read.
pub(crate) fn read() -> Result<Pasted, Failure> {
    let _mode = Raw::enter(Echo::Off);
    let mut paste = Paste::new();
    let (mut shown, mut last) = (0, Instant::now());
    loop {
        let Some(burst) = burst(TICK)? else {
            let quiet = u32::try_from(last.elapsed().as_millis()).unwrap_or(u32::MAX);
            match paste.silence(quiet) {
                Silence::Wait => {}
                Silence::Done => return Ok(Pasted::Text(paste)),
                Silence::Complete => output::say("(press Enter if this is all, or paste more)"),
                Silence::Unfinished => {
                    output::say("(a block has begun and not ended: paste the rest, or press Ctrl-D)");
                }
            }
            continue;
        };
        last = Instant::now();
        let step = paste.feed(&burst);
        shown = echo(paste.showable(step), shown);
        match step {
            Step::More => {}
            Step::Done => return Ok(Pasted::Text(paste)),
            Step::PrivateKey { sealed } => return discard().map(|()| Pasted::PrivateKey { sealed }),
            Step::TooLarge => return discard().map(|()| Pasted::TooLarge),
        }
    }
}

/// The next bytes, or `None` when that many milliseconds passed without one.
fn burst(timeout: u64) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    if !wait_readable(stdin(), Some(timeout))? {
        return Ok(None);
    }
    let mut burst = Zeroizing::new(vec![0; 4_096]);
    match rustix::io::read(stdin(), burst.as_mut_slice()) {
        Ok(0) => Err(Failure::new(Exit::Usage, "the terminal was closed")),
        Ok(length) => {
            burst.truncate(length);
            Ok(Some(burst))
        }
        Err(Errno::INTR) => Ok(None),
        Err(error) => {
            Err(Failure::new(Exit::Usage, "cannot read from the terminal")
                .because(&std::io::Error::from(error)))
        }
    }
}

/// Throws away the rest of a paste, so that it reaches neither a prompt nor the shell.
fn discard() -> Result<(), Failure> {
    while burst(REFUSED)?.is_some() {
        terminal::check_interrupted()?;
    }
    Ok(())
}

/// Shows what came since; a terminal that cannot be written to is no reason to stop reading.
fn echo(text: &[u8], shown: usize) -> usize {
    let visible: Vec<u8> = text
        .get(shown..)
        .unwrap_or_default()
        .iter()
        .filter(|&&byte| byte != b'\r')
        .map(|&byte| if byte == b'\n' || matches!(byte, b' '..=b'~') { byte } else { b'?' })
        .collect();
    let mut stderr = std::io::stderr();
    stderr.write_all(&visible).and_then(|()| stderr.flush()).ok();
    text.len().max(shown)
}
