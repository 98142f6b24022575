//! A parallel map that keeps the order of its input and bounds what is under way.
//!
//! rayon's own `par_bridge` gives results in any order, and putting them back in order needs a map that grows
//! without bound behind one slow item. Here the reader puts one receiver per item, in order, into a channel
//! before the item goes to the pool, and the sink waits for each in turn. Admission is by weight (bytes), so
//! that one large document does not multiply; an item heavier than the whole budget runs alone.

use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use rayon::ThreadPool;

/// What may be under way at a time, in units of weight.
struct Budget {
    state: Mutex<BudgetState>,
    changed: Condvar,
    total: usize,
}

struct BudgetState {
    free: usize,
    closed: bool,
}

impl Budget {
    fn new(total: usize) -> Self {
        Self { state: Mutex::new(BudgetState { free: total, closed: false }), changed: Condvar::new(), total }
    }

    fn lock(&self) -> MutexGuard<'_, BudgetState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for room and takes it; `None` when nobody wants results any more.
    fn admit(&self, weight: usize) -> Option<usize> {
        let weight = weight.clamp(1, self.total);
        let mut state = self.lock();
        while state.free < weight && !state.closed {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return None;
        }
        state.free -= weight;
        Some(weight)
    }

    fn release(&self, weight: usize) {
        self.lock().free += weight;
        self.changed.notify_all();
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}

/// A panic in the work: a bug of ours, with its message.
#[derive(Debug, thiserror::Error)]
#[error("internal error: {0}")]
pub struct WorkPanicked(pub String);

/// Calls `sink` with `work(item)` for every item of `input`, in order, with `work` running on `pool`.
///
/// `weight` says what an item counts against `budget`; what one item weighs is given back when the sink is done
/// with it. Ends early, without waiting for the input, when the sink breaks.
///
/// # Errors
/// When `work` panics; results before that have been given to the sink.
pub fn map<T, R, B>(
    input: impl Iterator<Item = T> + Send + 'static,
    pool: &Arc<ThreadPool>,
    budget: usize,
    weight: impl Fn(&T) -> usize + Send + 'static,
    work: impl Fn(T) -> R + Send + Sync + 'static,
    mut sink: impl FnMut(R) -> ControlFlow<B>,
) -> Result<Option<B>, WorkPanicked>
where
    T: Send + 'static,
    R: Send + 'static,
{
    let budget = Arc::new(Budget::new(budget.max(1)));
    let (queue, results) = mpsc::channel::<(usize, mpsc::Receiver<thread::Result<R>>)>();
    let reader = {
        let (pool, budget, work) = (Arc::clone(pool), Arc::clone(&budget), Arc::new(work));
        // Not scoped: it may be blocked in a read of a terminal when the sink breaks, and then nobody waits for it.
        thread::Builder::new().name("reader".into()).spawn(move || {
            for item in input {
                let Some(admitted) = budget.admit(weight(&item)) else { return };
                let (answer, result) = mpsc::sync_channel(1);
                if queue.send((admitted, result)).is_err() {
                    return;
                }
                let work = Arc::clone(&work);
                pool.spawn(move || {
                    // The sink may be gone: then nobody wants the answer.
                    let _ = answer.send(panic::catch_unwind(AssertUnwindSafe(|| work(item))));
                });
            }
        })
    };
    let reader = reader.map_err(|e| WorkPanicked(format!("cannot start a thread: {e}")))?;
    for (admitted, result) in results {
        let Ok(result) = result.recv() else {
            budget.close();
            return Err(WorkPanicked("a worker is gone".into()));
        };
        let result = result.map_err(|payload| {
            budget.close();
            WorkPanicked(crate::pipeline::panic_message(&*payload))
        })?;
        let flow = sink(result);
        budget.release(admitted);
        if let ControlFlow::Break(value) = flow {
            budget.close();
            return Ok(Some(value));
        }
    }
    match reader.join() {
        Ok(()) => Ok(None),
        Err(payload) => Err(WorkPanicked(crate::pipeline::panic_message(&*payload))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    fn pool(threads: usize) -> Arc<ThreadPool> {
        Arc::new(rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap())
    }

    fn collect(threads: usize, budget: usize) -> Vec<u64> {
        let mut out = Vec::new();
        let slow_first = |n: u64| {
            thread::sleep(Duration::from_micros(if n.is_multiple_of(7) { 900 } else { 10 }));
            n * n
        };
        map(
            0..200_u64,
            &pool(threads),
            budget,
            |_| 1,
            slow_first,
            |r| {
                out.push(r);
                ControlFlow::<()>::Continue(())
            },
        )
        .unwrap();
        out
    }

    #[test]
    fn order_is_that_of_the_input_for_any_number_of_threads() {
        let expected: Vec<u64> = (0..200).map(|n| n * n).collect();
        for threads in [1, 2, 8] {
            assert_eq!(collect(threads, 1000), expected);
            assert_eq!(collect(threads, 1), expected, "one at a time");
        }
    }

    #[test]
    fn no_more_is_under_way_than_the_budget_allows() {
        static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let input = (0..100_usize).inspect(|_| {
            let now = UNDER_WAY.fetch_add(10, Ordering::SeqCst) + 10;
            MOST.fetch_max(now, Ordering::SeqCst);
        });
        map(
            input,
            &pool(4),
            50,
            |_| 10,
            |n| n,
            |_| {
                UNDER_WAY.fetch_sub(10, Ordering::SeqCst);
                ControlFlow::<()>::Continue(())
            },
        )
        .unwrap();
        // One item is read before it is admitted.
        assert!(MOST.load(Ordering::SeqCst) <= 60, "{MOST:?}");
    }

    #[test]
    fn an_item_over_the_budget_runs() {
        let mut seen = 0;
        map(
            0..3,
            &pool(2),
            10,
            |_| 1_000_000,
            |n| n,
            |_| {
                seen += 1;
                ControlFlow::<()>::Continue(())
            },
        )
        .unwrap();
        assert_eq!(seen, 3);
    }

    #[test]
    fn a_sink_that_breaks_ends_an_endless_input() {
        let broke = map(
            0_u64..,
            &pool(2),
            8,
            |_| 1,
            |n| n,
            |n| {
                if n == 20 { ControlFlow::Break(n) } else { ControlFlow::Continue(()) }
            },
        );
        assert_eq!(broke.unwrap(), Some(20));
    }

    #[test]
    fn a_panic_is_an_error_and_not_a_lost_item() {
        let work = |n: u32| if n == 5 { panic!("five") } else { n };
        let result = map(0..10, &pool(2), 100, |_| 1, work, |_| ControlFlow::<()>::Continue(()));
        assert!(result.unwrap_err().to_string().contains("five"));
    }
}
