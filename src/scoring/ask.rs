//! A request on its way through a model: cut into pieces, put together again, answered once.

use std::ops::Range;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

use super::error::InferError;
use super::statistics::Recorder;
use super::tensor::{Data, Tensor};

/// A request's end.
pub type Answer = Result<Vec<Tensor>, InferError>;

/// Where the answer goes.
#[derive(Debug)]
pub enum Reply {
    /// To a task.
    Task(oneshot::Sender<Answer>),
    /// To a thread that waits.
    Thread(SyncSender<Answer>),
}

/// A request that was taken.
#[derive(Debug)]
pub struct Ask {
    /// In the graph's order.
    pub inputs: Vec<Tensor>,
    /// Rows of it.
    pub rows: usize,
    /// Whether no other's rows may run with its own.
    pub alone: bool,
    /// When it came.
    pub came: Instant,
    /// When it is too late.
    pub deadline: Instant,
    recorder: Arc<Recorder>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    pieces: Vec<Option<Vec<Tensor>>>,
    /// Taken by whoever ends the request; none: it has ended.
    reply: Option<Reply>,
}

/// A part of a request's rows.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Whose.
    pub ask: Arc<Ask>,
    /// Which rows.
    pub rows: Range<usize>,
    /// The how manieth of how many.
    pub place: (usize, usize),
}

impl Piece {
    /// Whether it is its request's last.
    pub fn is_last(&self) -> bool {
        self.place.0 + 1 == self.place.1
    }

    /// Whether it is all of its request, and may run with others.
    pub fn is_joinable(&self) -> bool {
        self.place.1 == 1 && !self.ask.alone
    }
}

impl Ask {
    /// A request in pieces of so many rows.
    pub fn cut(
        (inputs, rows): (Vec<Tensor>, usize),
        alone: bool,
        deadline: Instant,
        recorder: &Arc<Recorder>,
        reply: Reply,
        piece_rows: usize,
    ) -> (Arc<Self>, Vec<Piece>) {
        let count = rows.div_ceil(piece_rows).max(1);
        let state = Mutex::new(State { pieces: vec![None; count], reply: Some(reply) });
        let (recorder, came) = (Arc::clone(recorder), Instant::now());
        let ask = Arc::new(Self { inputs, rows, alone, came, deadline, recorder, state });
        let pieces = (0..count)
            .map(|at| Piece {
                ask: Arc::clone(&ask),
                rows: at * piece_rows..rows.min((at + 1).saturating_mul(piece_rows)),
                place: (at, count),
            })
            .collect();
        (ask, pieces)
    }

    /// Elements of its inputs.
    pub fn elements(&self) -> usize {
        self.inputs.iter().map(|tensor| tensor.data.len()).sum()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it was answered, failed or given up.
    pub fn has_ended(&self) -> bool {
        self.state().reply.is_none()
    }

    /// Ends it, unless it has ended.
    pub fn end(&self, answer: Answer) {
        let Some(reply) = self.state().reply.take() else { return };
        self.recorder.end(&answer);
        // Nobody waits any more: then nobody is told.
        match reply {
            Reply::Task(sender) => drop(sender.send(answer)),
            Reply::Thread(sender) => drop(sender.try_send(answer)),
        }
    }

    /// Ends it because time is over or its caller left.
    pub fn give_up(&self) {
        let seconds = self.deadline.saturating_duration_since(self.came).as_secs_f64();
        self.end(Err(InferError::TimedOut { seconds }));
    }

    /// Takes a piece's outputs; with the last of them the request is answered.
    pub fn take(&self, place: usize, outputs: Vec<Tensor>) {
        let mut state = self.state();
        if let Some(slot) = state.pieces.get_mut(place) {
            *slot = Some(outputs);
        }
        if state.pieces.iter().all(Option::is_some) {
            let pieces = std::mem::take(&mut state.pieces);
            drop(state);
            self.end(joined(pieces.into_iter().flatten().collect()));
        }
    }
}

/// Outputs of pieces, one after the other.
pub fn joined(mut pieces: Vec<Vec<Tensor>>) -> Answer {
    if pieces.len() == 1 {
        return Ok(pieces.swap_remove(0));
    }
    let first = pieces.first().cloned().unwrap_or_default();
    first
        .into_iter()
        .enumerate()
        .map(|(at, mut whole)| {
            let parts = || pieces.iter().filter_map(|piece| piece.get(at));
            let (mut rows, mut data) =
                (0, Data::with_capacity(whole.data.datatype(), parts().map(|part| part.data.len()).sum()));
            for part in parts() {
                rows += part.shape.first().copied().unwrap_or_default();
                if part.shape.get(1..) != whole.shape.get(1..) || !data.extend(&part.data, 0..part.data.len())
                {
                    let what = format!("output {:?} changes its shape from row to row", whole.name);
                    return Err(InferError::Runtime { what });
                }
            }
            if let Some(first) = whole.shape.first_mut() {
                *first = rows;
            }
            whole.data = data;
            Ok(whole)
        })
        .collect()
}
