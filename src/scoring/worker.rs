//! A model's threads: each owns a session, takes what waits, runs it, and answers. A run that fails or panics fails
//! its own request only: joined requests are run again one by one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use super::ask::Piece;
use super::engine::{Engine, Given};
use super::error::{InferError, ScoringError};
use super::queue::{Joining, Queue};
use super::statistics::Recorder;
use super::tensor::{Data, Tensor};

/// What a model's threads share.
#[derive(Debug)]
pub struct Works {
    /// What waits.
    pub queue: Queue,
    /// How it may be joined.
    pub joining: Joining,
    /// Whether outputs have a row for each row of the inputs.
    pub batches: bool,
    /// Where it is counted.
    pub recorder: Arc<Recorder>,
}

/// Starts a thread that works until the queue is closed.
///
/// # Errors
/// When the operating system gives no thread.
pub fn start(name: &str, works: &Arc<Works>, mut engine: Engine) -> Result<JoinHandle<()>, ScoringError> {
    let works = Arc::clone(works);
    let thread = std::thread::Builder::new().name(format!("score-{name}"));
    let work = move || {
        while let Some(pieces) = works.queue.take(works.joining) {
            works.answer(&mut engine, pieces);
        }
    };
    thread.spawn(work).map_err(|e| ScoringError::new(format!("starting a thread: {e}")))
}

impl Works {
    /// Runs pieces together and hands the outputs to their requests.
    pub fn answer(&self, engine: &mut Engine, pieces: Vec<Piece>) {
        let began = Instant::now();
        pieces.iter().for_each(|piece| self.recorder.waited(began.saturating_duration_since(piece.ask.came)));
        match self.run(engine, &pieces) {
            Ok(outputs) => hand_out(pieces, outputs),
            Err(what) if pieces.len() == 1 => {
                pieces
                    .iter()
                    .for_each(|piece| piece.ask.end(Err(InferError::Runtime { what: what.clone() })));
            }
            Err(_) => {
                for piece in pieces {
                    match self.run(engine, std::slice::from_ref(&piece)) {
                        Ok(outputs) => hand_out(vec![piece], outputs),
                        Err(what) => piece.ask.end(Err(InferError::Runtime { what })),
                    }
                }
            }
        }
    }

    fn run(&self, engine: &mut Engine, pieces: &[Piece]) -> Result<Vec<Tensor>, String> {
        let rows: usize = pieces.iter().map(|piece| piece.rows.len()).sum();
        let began = Instant::now();
        let ran = catch_unwind(AssertUnwindSafe(|| match pieces {
            [piece] => engine.run(&part(piece, self.batches)),
            several => {
                let together = together(several)?;
                engine.run(&super::engine::whole(&together))
            }
        }));
        let outputs = ran.unwrap_or_else(|_| Err("the run broke off (panic)".to_owned()))?;
        self.recorder.ran(rows, began.elapsed());
        let odd = outputs.iter().find(|tensor| self.batches && tensor.shape.first() != Some(&rows));
        match odd {
            None => Ok(outputs),
            Some(tensor) => {
                Err(format!("output {:?} has shape {:?} for {rows} rows", tensor.name, tensor.shape))
            }
        }
    }
}

/// A piece's rows as they lie in the request.
fn part(piece: &Piece, batches: bool) -> Vec<Given<'_>> {
    let given = |tensor| {
        let Tensor { shape, data, .. }: &Tensor = tensor;
        if !batches {
            return Given { shape: shape.clone(), data, elements: 0..data.len() };
        }
        let width: usize = shape.iter().skip(1).product();
        let mut shape = shape.clone();
        shape[0] = piece.rows.len();
        Given { shape, data, elements: piece.rows.start * width..piece.rows.end * width }
    };
    piece.ask.inputs.iter().map(given).collect()
}

/// Whole requests, one below the other.
fn together(pieces: &[Piece]) -> Result<Vec<Tensor>, String> {
    let rows: usize = pieces.iter().map(|piece| piece.rows.len()).sum();
    let first = pieces.first().map(|piece| piece.ask.inputs.as_slice()).unwrap_or_default();
    first
        .iter()
        .enumerate()
        .map(|(at, model)| {
            let width: usize = model.shape.iter().skip(1).product();
            let mut data = Data::with_capacity(model.data.datatype(), rows * width);
            for piece in pieces {
                let other = piece.ask.inputs.get(at).ok_or("requests of different inputs")?;
                if !data.extend(&other.data, 0..other.data.len()) {
                    return Err("requests of different types".to_owned());
                }
            }
            let mut shape = model.shape.clone();
            shape[0] = rows;
            Ok(Tensor { name: model.name.clone(), shape, data })
        })
        .collect()
}

/// Gives each request its rows of the outputs.
fn hand_out(pieces: Vec<Piece>, outputs: Vec<Tensor>) {
    if let [piece] = pieces.as_slice() {
        piece.ask.take(piece.place.0, outputs);
        return;
    }
    let mut from = 0;
    for piece in pieces {
        let to = from + piece.rows.len();
        piece.ask.take(piece.place.0, super::golden::rows(&outputs, from, to));
        from = to;
    }
}
