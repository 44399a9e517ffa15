//! Slow work on a thread of its own, while a person still answers questions.

use crate::person::{Person, Work};
use common::Pair;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;

/// Something being computed. Dropped before it is done, it ends unheard.
pub(crate) struct Task<T>(Receiver<T>);

/// Why there is no result.
pub(crate) enum Unfinished<S> {
    /// The work ended in a panic.
    Panicked(Work),
    /// Nobody waited for it.
    Silent(S),
}

impl<T: Send + 'static> Task<T> {
    /// Starts the work.
    pub(crate) fn start(work: impl FnOnce() -> T + Send + 'static) -> Self {
        let (send, result) = sync_channel(1);
        thread::spawn(move || {
            // The receiver is gone when nobody waits any more.
            send.send(work()).ok();
        });
        Self(result)
    }

    /// Has a person wait for the result.
    pub(crate) fn wait<P>(self, work: Work, person: &mut P) -> Result<T, Unfinished<P::Silence>>
    where
        P: Person + ?Sized,
    {
        let mut result = None;
        let mut done = |patience| match self.0.recv_timeout(patience) {
            Ok(value) => {
                result = Some(value);
                true
            }
            Err(RecvTimeoutError::Disconnected) => true,
            Err(RecvTimeoutError::Timeout) => false,
        };
        person.wait(work, &mut done).map_err(Unfinished::Silent)?;
        result.ok_or(Unfinished::Panicked(work))
    }
}

/// Has a person wait for both results.
pub(crate) fn wait_for_both<T: Send + 'static, P: Person + ?Sized>(
    tasks: Pair<Task<T>>,
    work: Work,
    person: &mut P,
) -> Result<Pair<T>, Unfinished<P::Silence>> {
    tasks.try_map(|task| task.wait(work, person))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::{News, Nobody, Question};
    use pki::Passphrase;
    use std::time::Duration;

    /// Waits for nothing.
    struct Gone;

    impl Person for Gone {
        type Silence = &'static str;

        fn tell(&mut self, _news: News<'_>) {}

        fn confirm(&mut self, _question: Question<'_>) -> Result<bool, &'static str> {
            Err("gone")
        }

        fn passphrase(&mut self) -> Result<Passphrase, &'static str> {
            Err("gone")
        }

        fn wait(&mut self, _work: Work, _done: &mut dyn FnMut(Duration) -> bool) -> Result<(), &'static str> {
            Err("gone")
        }
    }

    #[test]
    fn both_results_come_back() {
        let tasks = Pair { main: 1, assets: 2 }.map(|number| Task::start(move || number * 2));
        let both = wait_for_both(tasks, Work::Keys, &mut Nobody).ok();
        assert_eq!(both, Some(Pair { main: 2, assets: 4 }));
    }

    #[test]
    fn a_panic_is_told_apart_from_somebody_who_does_not_wait() {
        let panicking = Task::<()>::start(|| panic!("a test that panics on purpose"));
        assert!(matches!(
            panicking.wait(Work::Sealing, &mut Nobody),
            Err(Unfinished::Panicked(Work::Sealing))
        ));
        let (_never, wait) = sync_channel::<()>(1);
        let endless = Task::start(move || wait.recv().is_ok());
        assert!(matches!(endless.wait(Work::Keys, &mut Gone), Err(Unfinished::Silent("gone"))));
    }
}
