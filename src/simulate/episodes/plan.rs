//! Which episodes a symbol-day gets, and when: drawn from its own stream of chance.

use super::super::dice::Dice;
use super::super::error::SimulateError;
use super::script::{Act, Scale, Script, draw};
use super::{GAP_SECONDS, Injection, WARM_UP_SECONDS};
use crate::fraud::watching::Pattern;
use crate::tape::{NANOS_PER_SECOND, Session, Symbol};

/// What the end of the session is kept free of, but for marking the close.
const CLOSING: i64 = 60 * NANOS_PER_SECOND;

/// An episode with its place in time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Planned {
    pub pattern: Pattern,
    pub strength: f64,
    pub start: i64,
    /// When the last original message is left as it was again.
    pub end: i64,
    pub script: Script,
}

impl Planned {
    /// Its acts at moments of the day.
    pub fn acts(&self) -> impl Iterator<Item = (i64, Act)> + '_ {
        self.script.acts.iter().map(|(at, act)| (self.start + at, *act))
    }
}

/// Draws a symbol-day's episodes, in order of time.
///
/// # Errors
/// When they do not fit into the session.
pub(super) fn plan(
    injection: &Injection,
    symbol: &Symbol,
    session: Session,
    scale: &Scale,
) -> Result<Vec<Planned>, SimulateError> {
    let mut dice = Dice::new(injection.seed, symbol, session.date, "episodes");
    let mut drawn: Vec<(Pattern, f64, Script)> = Vec::new();
    for pattern in patterns(injection, &mut dice) {
        let strength = strength(injection.strength, &mut dice);
        let script = injection.disguise.of(pattern, draw(pattern, strength, scale, &mut dice));
        drawn.push((pattern, strength, script));
    }
    let closing = drawn.iter().position(|(pattern, ..)| *pattern == Pattern::MarkingTheClose);
    let closing = closing.map(|at| drawn.remove(at));
    let mut end = session.close.0 - CLOSING;
    let mut planned = Vec::new();
    if let Some((pattern, strength, script)) = closing {
        let start = session.close.0 - NANOS_PER_SECOND - script.length();
        end = end.min(start - GAP_SECONDS * NANOS_PER_SECOND);
        planned.push(Planned { pattern, strength, start, end: session.close.0 - 1, script });
    }
    let first = session.open.0 + WARM_UP_SECONDS * NANOS_PER_SECOND;
    let starts = starts(&drawn, (first, end), &mut dice)?;
    for ((pattern, strength, script), start) in drawn.into_iter().zip(starts) {
        planned.push(Planned { pattern, strength, start, end: start + script.length(), script });
    }
    planned.sort_by_key(|episode| episode.start);
    Ok(planned)
}

/// The patterns in turn from a random one on, in random order; a session has one close to mark.
fn patterns(injection: &Injection, dice: &mut Dice) -> Vec<Pattern> {
    let all = &injection.patterns;
    let others: Vec<Pattern> = all.iter().copied().filter(|p| *p != Pattern::MarkingTheClose).collect();
    let turn = dice.below(all.len() as u64) as usize;
    let mut chosen = Vec::new();
    let mut marked = false;
    for k in 0..injection.per_day {
        let mut pattern = all[(turn + k) % all.len()];
        if pattern == Pattern::MarkingTheClose && std::mem::replace(&mut marked, true) {
            let Some(other) = others.get(k % others.len().max(1)) else { break };
            pattern = *other;
        }
        chosen.push(pattern);
    }
    for at in (1..chosen.len()).rev() {
        chosen.swap(at, dice.below(at as u64 + 1) as usize);
    }
    chosen
}

/// Even in the logarithm, to a thousandth.
fn strength((low, high): (f64, f64), dice: &mut Dice) -> f64 {
    let drawn = low * (high / low).powf(dice.uniform());
    (drawn * 1e3).round().max(1.0) / 1e3
}

/// Where episodes begin: what is left of the session is shared out at random before, between and behind them.
fn starts(
    drawn: &[(Pattern, f64, Script)],
    (first, end): (i64, i64),
    dice: &mut Dice,
) -> Result<Vec<i64>, SimulateError> {
    let gap = GAP_SECONDS * NANOS_PER_SECOND;
    let lengths: i64 = drawn.iter().map(|(.., script)| script.length()).sum();
    let free = end - first - lengths - gap * (drawn.len() as i64 - 1).max(0);
    if free < 0 {
        let wanted = "so few that they fit into the session, five minutes apart and ten after the open";
        return Err(SimulateError::parameter("episodes", &drawn.len(), wanted));
    }
    let mut offsets: Vec<i64> = drawn.iter().map(|_| dice.between(0, free)).collect();
    offsets.sort_unstable();
    let mut taken = 0;
    let mut starts = Vec::new();
    for (offset, (.., script)) in offsets.into_iter().zip(drawn) {
        starts.push(first + offset + taken);
        taken += script.length() + gap;
    }
    Ok(starts)
}
