//! Which pattern an alert resembles: the one whose own features did most to raise the score.
//!
//! In: what each feature adds to the score at the alert's highest bin (the drop of the score's log-odds when that
//! feature alone is set to its usual value). Each pattern has features that show it; its weight is the mean of the
//! three largest additions among them, those below zero counting as zero. The heaviest pattern is named, unless even
//! that has no weight. The impact residual is no pattern's own: a size that is not meant and a price that is pushed
//! both leave one. A price run in the last five minutes resembles marking the close, any other pump and dump.

use super::feature::{FEATURE_COUNT, Feature};
use super::pattern::Pattern;
use crate::tape::{NANOS_PER_SECOND, Nanos};

/// How close to the close a price run is one that marks it.
const CLOSE_SECONDS: i64 = 300;
/// Additions that make a pattern's weight.
const HEAVIEST: usize = 3;

const STUFFING: &[Feature] = &[
    Feature::Quotes,
    Feature::QuotesMax,
    Feature::QuoteBurst,
    Feature::QuotesPerTrade,
    Feature::ShortLived,
    Feature::Flicker,
];
const LAYERING: &[Feature] = &[
    Feature::Imbalance,
    Feature::Reversal,
    Feature::SizeSpike,
    Feature::SizeVanished,
    Feature::FlowWithWeight,
    Feature::OfiMax,
];
const PRICE_RUN: &[Feature] = &[
    Feature::Rush,
    Feature::Run,
    Feature::Signed,
    Feature::SignedMax,
    Feature::Signed30,
    Feature::Signed300,
    Feature::Ofi,
    Feature::Ofi30,
    Feature::Ofi300,
    Feature::Impact,
    Feature::Return,
    Feature::Volatility,
    Feature::Return60,
    Feature::Return300,
    Feature::Reversal600,
];
const WASH: &[Feature] = &[
    Feature::EqualPrints,
    Feature::Alternating,
    Feature::Inside,
    Feature::Effective,
    Feature::Trades,
    Feature::TradesMax,
];

/// The pattern that these additions resemble most; none when nothing adds anything.
#[must_use]
pub fn resembles(additions: &[f64; FEATURE_COUNT], peak: Nanos, close: Nanos) -> Option<Pattern> {
    let run = if close.0 - peak.0 <= CLOSE_SECONDS * NANOS_PER_SECOND {
        Pattern::MarkingTheClose
    } else {
        Pattern::PumpAndDump
    };
    let weight = |shows: &[Feature]| {
        let mut added: Vec<f64> = shows.iter().map(|feature| additions[*feature as usize].max(0.0)).collect();
        added.sort_by(|a, b| b.total_cmp(a));
        added.iter().take(HEAVIEST).sum::<f64>() / HEAVIEST as f64
    };
    let candidates = [
        (Pattern::QuoteStuffing, weight(STUFFING)),
        (Pattern::Layering, weight(LAYERING)),
        (run, weight(PRICE_RUN)),
        (Pattern::WashTrades, weight(WASH)),
    ];
    let heaviest = candidates.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    (heaviest.1 > 0.0).then_some(heaviest.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(adding: &[(Feature, f64)], seconds_to_close: i64) -> Option<Pattern> {
        let mut additions = [0.0; FEATURE_COUNT];
        adding.iter().for_each(|(feature, added)| additions[*feature as usize] = *added);
        resembles(&additions, Nanos(0), Nanos(seconds_to_close * NANOS_PER_SECOND))
    }

    #[test]
    fn the_pattern_whose_features_raised_the_score_is_named() {
        let stuffing = [(Feature::Flicker, 2.0), (Feature::QuotesMax, 1.0), (Feature::Return, 0.5)];
        assert_eq!(told(&stuffing, 3_600), Some(Pattern::QuoteStuffing));
        assert_eq!(
            told(&[(Feature::SizeVanished, 1.0), (Feature::Trades, -9.0)], 60),
            Some(Pattern::Layering)
        );
        assert_eq!(told(&[(Feature::Inside, 1.0)], 60), Some(Pattern::WashTrades));
        assert_eq!(told(&[(Feature::Return60, 1.0)], 301), Some(Pattern::PumpAndDump));
        assert_eq!(told(&[(Feature::Return60, 1.0)], 300), Some(Pattern::MarkingTheClose));
        assert_eq!(told(&[(Feature::Return60, -1.0)], 60), None);
    }
}
