//! What is told of a bin: the list of features, their units, formulas and scales. A model names this list by its
//! version; a change of any line is a new version.
//!
//! Raw values are formed from the ticks of the bin and of those before it; then [`super::usual`] states most of them
//! against what is usual for the symbol in this session. Shares, prices and counts come from `clean`, signs from
//! `sign`.

/// Version of the list, its formulas and its standardisation.
pub const FEATURES_VERSION: &str = "tape-1";

/// How a raw value becomes a feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// Against its trailing median, in units of its trailing spread but of no less than this.
    Usual(f64),
    /// As it is.
    AsIs,
}

macro_rules! features {
    ($($variant:ident $name:literal $unit:literal $scale:expr, $formula:literal;)*) => {
        /// A feature; `as usize` is its place in a row.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Feature {
            $(#[doc = $formula] $variant,)*
        }

        /// How many there are.
        pub const FEATURE_COUNT: usize = [$($name),*].len();

        /// Their names, in the order of a row's values.
        pub const FEATURES: [&str; FEATURE_COUNT] = [$($name),*];

        /// Units of the raw values.
        pub const UNITS: [&str; FEATURE_COUNT] = [$($unit),*];

        /// What each is made of.
        pub const FORMULAS: [&str; FEATURE_COUNT] = [$($formula),*];

        /// How each is stated.
        pub const SCALES: [Scale; FEATURE_COUNT] = [$($scale),*];
    };
}

use Scale::{AsIs, Usual};

features! {
    Trades "trades" "log(1 + n)" Usual(0.25), "trades of the bin";
    TradesMax "trades_max_1s" "log(1 + n)" Usual(0.25), "most trades in a second of it";
    Rush "rush_trades" "log(1 + n)" Usual(0.25), "trades at most 1 ms after one of the same side";
    Run "longest_run" "log(1 + n)" Usual(0.25), "longest run of trades of one side that reaches into the bin";
    Volume "volume" "log(1 + shares)" Usual(0.25), "shares traded";
    Signed "signed_volume" "shares" Usual(100.0), "shares bought less shares sold, by aggressors";
    SignedMax "signed_volume_max_1s" "shares" Usual(100.0), "largest |signed volume| of a second";
    Signed30 "signed_volume_30s" "shares" Usual(100.0), "signed volume of this bin and the two before";
    Signed300 "signed_volume_300s" "shares" Usual(100.0), "signed volume of this bin and the 29 before";
    Ofi "ofi" "shares" Usual(100.0), "order-flow imbalance of the best quotes (Cont, Kukanov, Stoikov 2014)";
    OfiMax "ofi_max_1s" "shares" Usual(100.0), "largest |order-flow imbalance| of a second";
    Ofi30 "ofi_30s" "shares" Usual(100.0), "order-flow imbalance of this bin and the two before";
    Ofi300 "ofi_300s" "shares" Usual(100.0), "order-flow imbalance of this bin and the 29 before";
    Residual "impact_residual" "bp" Usual(0.1), "return less a + b OFI + c signed volume, fitted on the bins before";
    ResidualT "impact_residual_t" "t" AsIs, "the same over the root mean square of such residuals of the bins before";
    SlopeChange "impact_slope_change" "cents per 1,000 shares" Usual(0.1),
        "Kyle's slope over the last 18 bins less that over the last 180, both before this bin";
    Quotes "quotes" "log(1 + n)" Usual(0.25), "states of the best bid and offer that began in the bin";
    QuotesMax "quotes_max_1s" "log(1 + n)" Usual(0.25), "most states that began in a second";
    QuoteBurst "quotes_max_10ms" "log(1 + n)" Usual(0.25), "most states that began within one 10 ms of the clock";
    QuotesPerTrade "quotes_per_trade" "log" Usual(0.25), "log((1 + states) / (1 + trades))";
    ShortLived "short_lived_share" "share" Usual(0.05), "of the states that ended in the bin, those that lived < 50 ms";
    Flicker "flicker_share" "share" Usual(0.05),
        "of the states begun, those that restore the one before last in < 50 ms";
    Imbalance "size_imbalance" "share" Usual(0.05),
        "time-weighted mean of (bid size - ask size) / (bid size + ask size)";
    Reversal "imbalance_reversal" "share" Usual(0.05),
        "largest change of size imbalance between two states at the same prices with no trade between";
    SizeSpike "size_spike" "log" Usual(0.1), "log of the largest best size over what that side usually shows";
    SizeVanished "size_vanished" "log" Usual(0.1),
        "the same of a size of which half or more went within 30 s without being traded";
    FlowWithWeight "flow_with_weight" "share" Usual(0.05),
        "sum of sign x shares x size imbalance at the trade, over shares traded";
    Spread "spread" "bp" Usual(0.05), "time-weighted mean spread";
    SpreadJump "spread_jump" "bp" Usual(0.05), "widest spread less the mean one";
    Effective "effective_spread" "bp" Usual(0.05), "share-weighted mean of 2 |price - mid|";
    Impact "impact_10s" "bp" Usual(0.1),
        "effective less realised spread: 2 sign (mid 10 s after the trade's second - mid at the trade), \
         share-weighted, of trades whose 10 s ended in the bin";
    Return "return" "bp" Usual(0.1), "change of the close mid";
    Volatility "volatility" "bp" Usual(0.1), "root of the sum of squared one-second returns";
    Return60 "return_60s" "bp" Usual(0.1), "change of the close mid over a minute";
    Return300 "return_300s" "bp" Usual(0.1), "change of the close mid over five minutes";
    Reversal600 "reversal_600s" "bp" Usual(0.1),
        "over ten minutes, the smaller of the way from the start to the farthest close mid and from there to now";
    EqualPrints "equal_print_share" "share" Usual(0.05), "trades of the size and price of the trade before";
    Alternating "alternating_print_share" "share" Usual(0.05),
        "trades of the size of the trade before, and the other side";
    Inside "inside_spread_share" "share" Usual(0.05), "trades printed between the quotes, both excluded";
    OddLots "odd_lot_share" "share" Usual(0.05), "trades of less than 100 shares";
    ToClose "hours_to_close" "hours" AsIs, "from the end of the bin to the close";
}

/// Raw values of a bin; NaN where there is nothing to tell.
pub type Raw = [f64; FEATURE_COUNT];

/// log(1 + n), for what is counted.
pub(super) fn log_count(count: i64) -> f64 {
    (count.max(0) as f64).ln_1p()
}

/// `numerator / denominator`; NaN, for nothing to tell, when there is no denominator.
pub(super) fn ratio(numerator: f64, denominator: f64) -> f64 {
    if denominator > 0.0 { numerator / denominator } else { f64::NAN }
}
