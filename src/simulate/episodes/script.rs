//! What an episode does, message by message: acts at nanoseconds after its start.
//!
//! With strength s, the symbol's shares a minute V, its usual trade q and Kyle's lambda:
//!
//! ```text
//! quote_stuffing     3-8 bursts, 0.5-2 s apart, of k = max(2, round(20 s)) flickers of one best quote in 50-500 ms
//! layering           1-4 times: one side's size x (1 + 4 s) for 1-8 s, 1-3 trades of q-3q against the other side
//!                    meanwhile, and the size gone; 2-6 s apart
//! pump_and_dump      3 s V shares of one side in 20-60 s, the quotes following by lambda x shares traded so far;
//!                    a plateau of 10-40 s; half as many shares the other way in 20-60 s, the quotes going back
//! wash_trades        max(2, round(10 s)) prints of one size (q-5q), sides in turn, 20-400 ms apart; all at the mid, or
//!                    buys at the ask and sells at the bid
//! marking_the_close  2 s V shares of one side in the last 30-180 s, the quotes following, until the close
//! ```

use std::collections::BTreeMap;

use super::super::dice::Dice;
use crate::fraud::watching::Pattern;
use crate::tape::{NANOS_PER_SECOND, Sign};

const MILLISECOND: i64 = NANOS_PER_SECOND / 1_000;
/// Prints of one side within this are a rush.
const RUSH_STEP: i64 = 200_000;
/// The quotes follow a print after this.
const ANSWER: i64 = 500_000;
/// The last print of a run and its answer come at most this long after the run's length.
pub(super) const RUN_ANSWER: i64 = 2 * RUSH_STEP + ANSWER;
/// Most prints of one run.
const PRINTS_MAX: i64 = 400;

/// What a symbol's trading is like: the measure of an episode's size.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Scale {
    /// Kyle's lambda: what a share moves the mid by, dollars.
    pub lambda_usd_per_share: f64,
    /// Shares traded a minute.
    pub shares_per_minute: f64,
    /// Shares of a usual trade.
    pub trade_shares: i64,
    /// The grid of quoted prices, nano-dollars.
    pub tick_nanos: i64,
}

/// One message, or what original messages look like from now on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Act {
    /// The best quote of a side shows a better price, or another size where the spread has no room; then back.
    Flicker { side: Sign, is_on: bool },
    /// A side's size is shown so many times as large.
    Weight { side: Sign, times: f64 },
    /// Quotes and prints stand so far from where they were, nano-dollars.
    Shift(i64),
    /// A trade at the quote that its aggressor meets.
    Print { aggressor: Sign, shares: i64 },
    /// A trade between the quotes.
    InsidePrint { aggressor: Sign, shares: i64 },
}

/// An episode's acts, in order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Script {
    pub acts: Vec<(i64, Act)>,
    /// The side it favours.
    pub side: Sign,
    /// What was drawn.
    pub parameters: BTreeMap<&'static str, f64>,
}

impl Script {
    /// Nanoseconds from the first act to the last.
    pub fn length(&self) -> i64 {
        self.acts.last().map_or(0, |(at, _)| *at)
    }

    fn act(&mut self, at: i64, act: Act) {
        self.acts.push((at, act));
    }

    fn note(&mut self, name: &'static str, value: f64) {
        self.parameters.insert(name, value);
    }
}

/// Draws an episode.
pub(super) fn draw(pattern: Pattern, strength: f64, scale: &Scale, dice: &mut Dice) -> Script {
    let side = if dice.coin() { Sign::Buy } else { Sign::Sell };
    let mut script = Script { side, ..Script::default() };
    match pattern {
        Pattern::QuoteStuffing => stuffing(&mut script, strength, dice),
        Pattern::Layering => layering(&mut script, strength, scale, dice),
        Pattern::PumpAndDump => pump(&mut script, strength, scale, dice),
        Pattern::WashTrades => wash(&mut script, strength, scale, dice),
        Pattern::MarkingTheClose => mark(&mut script, strength, scale, dice),
    }
    script
}

fn stuffing(script: &mut Script, strength: f64, dice: &mut Dice) {
    let (bursts, flickers) = (dice.between(3, 8), ((20.0 * strength).round() as i64).max(2));
    let burst = dice.between(50, 500) * MILLISECOND;
    let step = (burst / (2 * flickers)).max(1_000);
    let mut at = 0;
    for _ in 0..bursts {
        for flicker in 0..flickers {
            let on = at + 2 * flicker * step;
            script.act(on, Act::Flicker { side: script.side, is_on: true });
            script.act(on + step, Act::Flicker { side: script.side, is_on: false });
        }
        at += 2 * flickers * step + dice.between(500, 2_000) * MILLISECOND;
    }
    script.note("bursts", bursts as f64);
    script.note("flickers_per_burst", flickers as f64);
    script.note("burst_ms", (burst / MILLISECOND) as f64);
}

fn layering(script: &mut Script, strength: f64, scale: &Scale, dice: &mut Dice) {
    let (cycles, times) = (dice.between(1, 4), 1.0 + 4.0 * strength);
    let mut at = 0;
    for _ in 0..cycles {
        script.act(at, Act::Weight { side: script.side, times });
        let stands = dice.between(1_000, 8_000) * MILLISECOND;
        let prints = dice.between(1, 3);
        for print in 0..prints {
            // Weight on the bid draws buyers to the seller who put it there.
            let shares = scale.trade_shares * dice.between(1, 3);
            let when = at + stands * (print + 1) / (prints + 1);
            script.act(when, Act::Print { aggressor: script.side, shares });
        }
        script.act(at + stands, Act::Weight { side: script.side, times: 1.0 });
        at += stands + dice.between(2_000, 6_000) * MILLISECOND;
    }
    script.note("cycles", cycles as f64);
    script.note("size_times", times);
}

fn wash(script: &mut Script, strength: f64, scale: &Scale, dice: &mut Dice) {
    let prints = ((10.0 * strength).round() as i64).max(2);
    let shares = scale.trade_shares * dice.between(1, 5);
    let is_inside = dice.coin();
    let (mut at, mut aggressor) = (0, script.side);
    for _ in 0..prints {
        script.act(
            at,
            if is_inside { Act::InsidePrint { aggressor, shares } } else { Act::Print { aggressor, shares } },
        );
        aggressor = Sign::of(-aggressor.value());
        at += dice.between(20, 400) * MILLISECOND;
    }
    script.note("prints", prints as f64);
    script.note("at_mid", f64::from(u8::from(is_inside)));
    script.note("shares_per_print", shares as f64);
}

fn pump(script: &mut Script, strength: f64, scale: &Scale, dice: &mut Dice) {
    let shares = (3.0 * strength * scale.shares_per_minute).max(1.0);
    let seconds = |dice: &mut Dice, from, to| dice.between(from, to) * NANOS_PER_SECOND;
    let (ramp, plateau, back) = (seconds(dice, 20, 60), seconds(dice, 10, 40), seconds(dice, 20, 60));
    let peak = run(script, (0, ramp), shares, 0, scale, dice);
    let from = ramp + plateau;
    let prints = prints_of(shares / 2.0, scale);
    let each = whole_lots(shares / 2.0 / prints as f64, scale);
    let aggressor = Sign::of(-script.side.value());
    for print in 0..prints {
        let at = from + back * print / prints;
        script.act(at, Act::Print { aggressor, shares: each });
        let left = peak as i128 * i128::from(prints - print - 1) / i128::from(prints);
        script.act(at + ANSWER, Act::Shift(on_grid(left as i64, scale)));
    }
    script.note("shares", shares);
    script.note("ramp_s", (ramp / NANOS_PER_SECOND) as f64);
    script.note("plateau_s", (plateau / NANOS_PER_SECOND) as f64);
    script.note("reversal_s", (back / NANOS_PER_SECOND) as f64);
    script.note("peak_usd", peak as f64 / 1e9);
}

fn mark(script: &mut Script, strength: f64, scale: &Scale, dice: &mut Dice) {
    let shares = (2.0 * strength * scale.shares_per_minute).max(1.0);
    let lasts = dice.between(30, 180) * NANOS_PER_SECOND;
    let peak = run(script, (0, lasts), shares, 0, scale, dice);
    script.note("shares", shares);
    script.note("lasts_s", (lasts / NANOS_PER_SECOND) as f64);
    script.note("moved_usd", peak as f64 / 1e9);
}

/// A run of trades of the script's side, in groups of up to three within a millisecond, the quotes following by
/// lambda from the shift that it begins at; gives the shift it ends at.
pub(super) fn run(
    script: &mut Script,
    (from, lasts): (i64, i64),
    shares: f64,
    from_shift: i64,
    scale: &Scale,
    dice: &mut Dice,
) -> i64 {
    let mut shift = from_shift;
    let prints = prints_of(shares, scale);
    let each = whole_lots(shares / prints as f64, scale);
    let (mut done, mut traded) = (0, 0);
    while done < prints {
        let at = from + lasts * done / prints;
        let group = dice.between(1, 3).min(prints - done);
        for print in 0..group {
            script.act(at + print * RUSH_STEP, Act::Print { aggressor: script.side, shares: each });
        }
        done += group;
        traded += group * each;
        let moved = scale.lambda_usd_per_share * traded as f64 * 1e9;
        shift = from_shift + script.side.value() * on_grid(moved.min(1e15) as i64, scale);
        script.act(at + (group - 1) * RUSH_STEP + ANSWER, Act::Shift(shift));
    }
    shift
}

fn prints_of(shares: f64, scale: &Scale) -> i64 {
    let usual = 3.0 * scale.trade_shares as f64;
    ((shares / usual).round() as i64).clamp(6, PRINTS_MAX)
}

/// Round lots where the symbol trades in them.
fn whole_lots(shares: f64, scale: &Scale) -> i64 {
    const LOT: i64 = 100;
    let lot = if scale.trade_shares >= LOT { LOT } else { 1 };
    ((shares / lot as f64).round() as i64).max(1) * lot
}

pub(super) fn on_grid(nanos: i64, scale: &Scale) -> i64 {
    (nanos as f64 / scale.tick_nanos as f64).round() as i64 * scale.tick_nanos
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::Symbol;

    const SCALE: Scale = Scale {
        lambda_usd_per_share: 1e-5,
        shares_per_minute: 7_200.0,
        trade_shares: 200,
        tick_nanos: 10_000_000,
    };

    fn drawn(pattern: Pattern, strength: f64, seed: u64) -> Script {
        let mut dice = Dice::new(seed, &Symbol::new("A"), chrono::NaiveDate::MIN, "test");
        draw(pattern, strength, &SCALE, &mut dice)
    }

    #[test]
    fn acts_come_in_time_and_undo_what_they_did() {
        for pattern in Pattern::ALL {
            for seed in 0..20 {
                let script = drawn(pattern, 0.1 * 1.3_f64.powi(seed as i32), seed);
                assert!(script.acts.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{pattern:?} {seed}");
                let last = |is: fn(&Act) -> bool| script.acts.iter().rev().map(|(_, act)| *act).find(is);
                if pattern == Pattern::PumpAndDump {
                    assert_eq!(last(|act| matches!(act, Act::Shift(_))), Some(Act::Shift(0)));
                }
                if let Some(Act::Weight { times, .. }) = last(|act| matches!(act, Act::Weight { .. })) {
                    assert!((times - 1.0).abs() < f64::EPSILON);
                }
                if let Some(Act::Flicker { is_on, .. }) = last(|act| matches!(act, Act::Flicker { .. })) {
                    assert!(!is_on);
                }
            }
        }
    }

    #[test]
    fn strength_is_the_size_of_what_is_done() {
        let (weak, strong) = (drawn(Pattern::PumpAndDump, 0.1, 3), drawn(Pattern::PumpAndDump, 10.0, 3));
        // lambda x 3 s V, to the tick and the lot.
        assert!((weak.parameters["peak_usd"].abs() - 0.02).abs() < 0.011, "{:?}", weak.parameters);
        assert!((strong.parameters["peak_usd"].abs() - 2.16).abs() < 0.2, "{:?}", strong.parameters);
        assert_eq!(drawn(Pattern::QuoteStuffing, 10.0, 1).parameters["flickers_per_burst"], 200.0);
    }
}
