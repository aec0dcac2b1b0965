//! The patterns that a stretch of tape may resemble.

/// A pattern. What shows it on a tape of trades and best quotes stands beside each.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Pattern {
    /// Bursts of changes of the best quotes within milliseconds, without trades.
    QuoteStuffing,
    /// A large size on one side, trades on the other, and the size gone untraded.
    Layering,
    /// A run of trades of one side that moves the price, a plateau, and the way back.
    PumpAndDump,
    /// Equal prints of alternating sides between the quotes.
    WashTrades,
    /// A run of trades of one side in the last minutes that moves the close.
    MarkingTheClose,
}

impl Pattern {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::QuoteStuffing, Self::Layering, Self::PumpAndDump, Self::WashTrades, Self::MarkingTheClose];

    /// Its name in files, tables and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::QuoteStuffing => "quote_stuffing",
            Self::Layering => "layering",
            Self::PumpAndDump => "pump_and_dump",
            Self::WashTrades => "wash_trades",
            Self::MarkingTheClose => "marking_the_close",
        }
    }
}
