//! Who may compute: as many requests as there are cores; a bounded number waits, the rest is turned away at once.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::problem::{Code, Problem};
use crate::limits::{HTTP_COMPUTING_PER_CORE, HTTP_WAITING_MAX};

/// Permits to compute.
#[derive(Clone, Debug)]
pub struct Gate {
    computing: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl Default for Gate {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::new(cores * HTTP_COMPUTING_PER_CORE, HTTP_WAITING_MAX)
    }
}

impl Gate {
    /// So many may compute at a time, and so many more may wait.
    #[must_use]
    pub fn new(computing: usize, waiting: usize) -> Self {
        Self {
            computing: Arc::new(Semaphore::new(computing)),
            admitted: Arc::new(Semaphore::new(computing + waiting)),
        }
    }

    /// Runs blocking work on a thread of its own once it is this request's turn.
    ///
    /// # Errors
    /// When too many wait already, or the work panicked, or what the work itself says.
    pub async fn run<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, Problem> + Send + 'static,
    {
        let overloaded = |_| Problem::new(Code::Overloaded, "too many requests are waiting; ask again");
        let admitted = self.admitted.clone().try_acquire_owned().map_err(overloaded)?;
        let computing = self.computing.clone().acquire_owned().await.map_err(Problem::internal)?;
        let span = tracing::Span::current();
        let done = tokio::task::spawn_blocking(move || {
            // What the work logs carries the request's id.
            let _request = span.enter();
            // The permits go where the work goes: a request that gave up still counts while its work runs.
            let _permits = (admitted, computing);
            work()
        });
        done.await.map_err(Problem::internal)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_does_not_fit_is_turned_away() {
        let gate = Gate::new(1, 1);
        let (release, held) = std::sync::mpsc::channel::<()>();
        let slow = gate.run(move || held.recv().map_err(Problem::internal));
        let waiting = gate.run(|| Ok(()));
        let refused = async {
            tokio::task::yield_now().await;
            let refusal = gate.run(|| Ok(())).await.expect_err("the queue is full");
            assert_eq!(refusal.code, Code::Overloaded);
            release.send(()).expect("still held");
        };
        let (slow, waiting, ()) = tokio::join!(slow, waiting, refused);
        assert!(slow.is_ok() && waiting.is_ok());
        gate.run(|| Ok(())).await.expect("free again");
    }

    #[tokio::test]
    async fn a_panic_is_a_refusal_and_frees_its_place() {
        let gate = Gate::new(1, 0);
        for _ in 0..3 {
            let refusal = gate.run::<(), _>(|| panic!("on purpose")).await.expect_err("it panicked");
            assert_eq!(refusal.code, Code::Internal);
        }
    }
}
