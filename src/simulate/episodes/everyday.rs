//! What an honest day holds that resembles an episode: the tape's own false alarms, none of them labelled.
//!
//! Without it a drawn tape has no two quotes within 50 ms, no two trades within a millisecond, no print between the
//! quotes and no run of trades with its price, and whatever an injector does would be told by that alone. One act
//! after another is drawn, [`WAIT_SECONDS`] apart on average, with V and q as in `script.rs`:
//!
//! ```text
//! sweep    40 %    2-6 prints of one side, 0.1-0.9 ms apart
//! hidden   20 %    1-4 prints at the mid, sides by a coin, half of the time of one size, 20-2,000 ms apart
//! flurry   25 %    1-3 times 1-30 flickers of a best quote in 20-500 ms, many small ones and few large
//! spike    13 %    a side's size x 1.3-7 for 0.5-20 s, then gone; half of the time 1-2 prints of that side meanwhile
//! order    1 %     0.15-4.5 V shares of one side in 20-150 s, the quotes following; half to all of that stays, and
//!                  without trades the rest decays in 20-120 s
//! equal    1 %     2-8 prints of one size and side at the quotes, 50-1,500 ms apart
//! closing          on three days of four, 0.15-4.5 V shares of one side within the last 30-240 s
//! ```

use super::super::dice::Dice;
use super::script::{Act, RUN_ANSWER, Scale, Script, on_grid, run};
use crate::tape::{NANOS_PER_SECOND, Session, Sign, Symbol};

/// Mean wait from the end of one act to the next.
pub const WAIT_SECONDS: f64 = 12.0;
const MILLISECOND: i64 = NANOS_PER_SECOND / 1_000;
/// Days of four with a large order at the close.
const CLOSINGS: u64 = 3;

/// A day's acts at their moments, in order of time.
pub(super) fn draw(seed: u64, symbol: &Symbol, session: &Session, scale: &Scale) -> Vec<(i64, Act)> {
    let mut dice = Dice::new(seed, symbol, session.date, "everyday");
    let closing = (dice.below(4) < CLOSINGS).then(|| dice.between(30, 240) * NANOS_PER_SECOND);
    let end = session.close.0 - closing.unwrap_or(0) - NANOS_PER_SECOND;
    let mut everyday = Everyday { scale: *scale, dice, shift: 0 };
    let (mut acts, mut now) = (Vec::new(), session.open.0 + NANOS_PER_SECOND);
    loop {
        now += (everyday.dice.uniform().ln() * -WAIT_SECONDS * 1e9) as i64;
        let script = everyday.next();
        if now + script.length() >= end {
            break;
        }
        acts.extend(script.acts.iter().map(|(at, act)| (now + at, *act)));
        now += script.length();
    }
    if let Some(lasts) = closing {
        // What did not fit any more has not happened.
        everyday.shift = acts.iter().rev().find_map(shift_of).unwrap_or(0);
        let script = everyday.large_order(lasts - NANOS_PER_SECOND, 1.0);
        acts.extend(script.acts.iter().map(|(at, act)| (end + at, *act)));
    }
    acts
}

fn shift_of((_, act): &(i64, Act)) -> Option<i64> {
    if let Act::Shift(shift) = act { Some(*shift) } else { None }
}

struct Everyday {
    scale: Scale,
    dice: Dice,
    /// How far large orders have moved the price so far, nano-dollars.
    shift: i64,
}

impl Everyday {
    fn next(&mut self) -> Script {
        match self.dice.below(100) {
            0..40 => self.sweep(),
            40..60 => self.hidden(),
            60..85 => self.flurry(),
            85..98 => self.spike(),
            98 => {
                let (lasts, stays) = (self.dice.between(20, 150), 0.5 + 0.5 * self.dice.uniform());
                self.large_order(lasts * NANOS_PER_SECOND, stays)
            }
            _ => self.equal(),
        }
    }

    fn side(&mut self) -> Sign {
        if self.dice.coin() { Sign::Buy } else { Sign::Sell }
    }

    /// One to five usual trades.
    fn shares(&mut self) -> i64 {
        self.scale.trade_shares * self.dice.between(1, 5)
    }

    /// Even in the logarithm.
    fn even_log(&mut self, low: f64, high: f64) -> f64 {
        low * (high / low).powf(self.dice.uniform())
    }

    fn sweep(&mut self) -> Script {
        let (aggressor, mut script) = (self.side(), Script::default());
        for print in 0..self.dice.between(2, 6) {
            let at = print * self.dice.between(100_000, 900_000);
            let shares = self.scale.trade_shares * self.dice.between(1, 2);
            let last = script.length();
            script.acts.push((at.max(last), Act::Print { aggressor, shares }));
        }
        script
    }

    fn hidden(&mut self) -> Script {
        let (is_equal, first, mut script) = (self.dice.coin(), self.shares(), Script::default());
        let mut at = 0;
        for _ in 0..self.dice.between(1, 4) {
            let shares = if is_equal { first } else { self.shares() };
            script.acts.push((at, Act::InsidePrint { aggressor: self.side(), shares }));
            at += self.dice.between(20, 2_000) * MILLISECOND;
        }
        script
    }

    fn flurry(&mut self) -> Script {
        let (side, mut script, mut at) = (self.side(), Script::default(), 0);
        let flickers = self.even_log(1.0, 30.0).round() as i64;
        for _ in 0..self.dice.between(1, 3) {
            let step = (self.dice.between(20, 500) * MILLISECOND / (2 * flickers)).max(1_000);
            for flicker in 0..flickers {
                script.acts.push((at + 2 * flicker * step, Act::Flicker { side, is_on: true }));
                script.acts.push((at + (2 * flicker + 1) * step, Act::Flicker { side, is_on: false }));
            }
            at += 2 * flickers * step + self.dice.between(300, 3_000) * MILLISECOND;
        }
        script
    }

    fn spike(&mut self) -> Script {
        let (side, times) = (self.side(), 1.0 + self.even_log(0.3, 6.0));
        let stands = self.dice.between(500, 20_000) * MILLISECOND;
        let prints = if self.dice.coin() { self.dice.between(1, 2) } else { 0 };
        let mut script = Script::default();
        script.acts.push((0, Act::Weight { side, times }));
        for print in 0..prints {
            let shares = self.scale.trade_shares * self.dice.between(1, 3);
            script.acts.push((stands * (print + 1) / (prints + 1), Act::Print { aggressor: side, shares }));
        }
        script.acts.push((stands, Act::Weight { side, times: 1.0 }));
        script
    }

    /// An order worked in parts, and how much of its price effect stays.
    fn large_order(&mut self, lasts: i64, stays: f64) -> Script {
        let shares = (3.0 * self.even_log(0.05, 1.5) * self.scale.shares_per_minute).max(1.0);
        let mut script = Script { side: self.side(), ..Script::default() };
        let peak = run(&mut script, (0, lasts), shares, self.shift, &self.scale, &mut self.dice);
        let back = self.dice.between(20, 120) * NANOS_PER_SECOND;
        let rests = self.shift + (stays * (peak - self.shift) as f64) as i64;
        let steps = if stays < 1.0 { 12 } else { 0 };
        for step in 1..=steps {
            let now = peak as i128 + (rests - peak) as i128 * step / 12;
            let at = lasts + RUN_ANSWER + back * step as i64 / 12;
            script.acts.push((at, Act::Shift(on_grid(now as i64, &self.scale))));
        }
        self.shift = script.acts.iter().rev().find_map(shift_of).unwrap_or(self.shift);
        script
    }

    fn equal(&mut self) -> Script {
        let (aggressor, shares, mut script) = (self.side(), self.shares(), Script::default());
        let mut at = 0;
        for _ in 0..self.dice.between(2, 8) {
            script.acts.push((at, Act::Print { aggressor, shares }));
            at += self.dice.between(50, 1_500) * MILLISECOND;
        }
        script
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::{Law, episodes::scale_of, session};

    #[test]
    fn a_day_of_acts_is_in_order_inside_the_session_and_undoes_what_it_held() {
        for seed in 0..20 {
            let session = session(crate::simulate::tests::day("2018-01-02"));
            let acts = draw(seed, &Symbol::new("A"), &session, &scale_of(&Law::default()));
            assert!(acts.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{seed}");
            assert!(session.open.0 <= acts[0].0 && acts[acts.len() - 1].0 < session.close.0, "{seed}");
            let last =
                acts.iter().rev().find(|(_, act)| matches!(act, Act::Weight { .. })).map(|(_, act)| *act);
            assert!(matches!(last, Some(Act::Weight { times, .. }) if times == 1.0), "{seed} {last:?}");
        }
    }
}
