//! `impactd simulate`: a tape with known lambda, known order-flow slope and known aggressors.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::simulate_episodes::{self, Episodes};
use super::{Failure, exit};
use crate::simulate::{self, Concave, Format, Law, Output, SimulateError};
use crate::tape::{Price, Symbol, parse_duration};

/// Write a simulated tape from a stated law, and the truth behind it.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Folder for the tape: one folder a format in it, and truth.json
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The same seed gives the same bytes
    #[arg(long)]
    seed: u64,
    /// The day
    #[arg(long, value_name = "DATE", default_value = "2018-01-02")]
    date: NaiveDate,
    /// The symbols; of recorded tapes, only these [default: SIM; of recorded tapes, all]
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    symbols: Vec<String>,
    /// File formats
    #[arg(long, value_name = "F,..", value_enum, value_delimiter = ',', default_value = "csv")]
    format: Vec<Format>,
    /// Price levels in the orderbook files (lobster)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=100))]
    levels: u16,
    /// Kyle's lambda, dollars a share
    #[arg(long, value_name = "USD", default_value_t = Law::default().lambda_usd_per_share)]
    lambda: f64,
    /// Concave impact: V0, the flow of a step beyond which impact bends, shares [default: none, a line]
    #[arg(long, value_name = "SHARES")]
    impact_scale: Option<f64>,
    /// Concave impact: alpha, how sharply it bends
    #[arg(long, value_name = "N", default_value_t = 2, requires = "impact_scale")]
    impact_alpha: u32,
    /// Concave impact: beta; 1 saturates, below that impact grows on as flow^(1 - beta)
    #[arg(long, value_name = "BETA", default_value_t = 1.0, requires = "impact_scale")]
    impact_beta: f64,
    /// First mid, dollars
    #[arg(long, value_name = "USD", default_value_t = Law::default().start_price.usd())]
    start_price: f64,
    /// Price step of a depletion, dollars
    #[arg(long, value_name = "USD", default_value_t = Law::default().tick.usd())]
    tick: f64,
    /// Spread, in ticks
    #[arg(long, value_name = "TICKS", default_value_t = Law::default().spread_ticks)]
    spread_ticks: i64,
    /// The law holds for bars of whole steps
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "10s")]
    step: i64,
    /// Grid of the time stamps
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "1ms")]
    stamp: i64,
    /// Trades a step
    #[arg(long, value_name = "N", default_value_t = Law::default().trades_per_step)]
    trades: u64,
    /// Exactly so many trades in every step, before its quotes: the law holds in market-order time too
    #[arg(long)]
    orders_first: bool,
    /// Mean trade size, round lots
    #[arg(long, value_name = "LOTS", default_value_t = Law::default().lots_per_trade)]
    lots: f64,
    /// Autocorrelation of successive trade signs
    #[arg(long, value_name = "RHO", default_value_t = Law::default().flow_autocorrelation)]
    autocorrelation: f64,
    /// Standard deviation of a step's noise without flow, dollars
    #[arg(long, value_name = "USD", default_value_t = Law::default().noise_usd)]
    noise: f64,
    /// How that grows with the step's flow, dollars a share
    #[arg(long, value_name = "USD", default_value_t = Law::default().noise_usd_per_share)]
    noise_per_share: f64,
    /// Autocorrelation of the noise from step to step
    #[arg(long, value_name = "RHO", default_value_t = Law::default().noise_autocorrelation)]
    noise_autocorrelation: f64,
    /// Standard deviation of price changes without any flow, dollars
    #[arg(long, value_name = "USD", default_value_t = Law::default().quote_noise_usd)]
    quote_noise: f64,
    /// Mean depth of each side, shares
    #[arg(long, value_name = "SHARES", default_value_t = Law::default().depth_shares)]
    depth: i64,
    /// The same depth all day, so that the day's order-flow slope is known
    #[arg(long)]
    flat_depth: bool,
    /// Share of trades printed on the wrong side
    #[arg(long, value_name = "SHARE", default_value_t = Law::default().mis_sign)]
    mis_sign: f64,
    /// Share of NBBO changes that stand only in the venue file (nyse-taq, wrds-taq)
    #[arg(long, value_name = "SHARE", default_value_t = Law::default().venue_only_share)]
    venue_only: f64,
    /// Size-only quote changes a step
    #[arg(long, value_name = "N", default_value_t = Law::default().flickers_per_step)]
    flickers: u64,
    /// At least so many quotes a symbol; chooses flickers and stamp grid
    #[arg(long, value_name = "N", conflicts_with_all = ["flickers", "stamp"])]
    quotes: Option<u64>,
    /// Add what honest days hold and resembles an episode: sweeps, hidden prints, flurries of quotes, sizes that
    /// vanish, large orders
    #[arg(long, conflicts_with = "onto")]
    everyday: bool,
    #[command(flatten)]
    episodes: Episodes,
    /// Print the truth (of recorded tapes, the episodes) to stdout
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// When the law is impossible or the files cannot be written.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (law, seed, date) = (arguments.law(), arguments.seed, arguments.date);
    let injection = arguments.episodes.injection(seed);
    if arguments.episodes.is_onto() {
        let injection = injection.ok_or_else(|| Failure::usage("--onto needs --episodes N"))?;
        return arguments.episodes.onto(&injection, &arguments.symbols, &arguments.out, arguments.json);
    }
    let named = if arguments.symbols.is_empty() { vec!["SIM".to_owned()] } else { arguments.symbols.clone() };
    let symbols: Vec<Symbol> = named.iter().map(|s| Symbol::new(s)).collect();
    let whose = (seed, symbols.as_slice(), date);
    let output = Output { formats: &arguments.format, dir: &arguments.out, levels: arguments.levels };
    let written = simulate::run_with(&law, whose, output, injection.as_ref())?;
    written.episodes.iter().for_each(simulate_episodes::told);
    for symbol in &written.truth.symbols {
        eprintln!("{}: {} quotes, {} trades", symbol.symbol, symbol.quotes, symbol.trades);
    }
    for file in &written.files {
        eprintln!("wrote {}", file.display());
    }
    if arguments.json {
        println!("{:#}", serde_json::json!(written.truth));
    }
    Ok(())
}

impl Arguments {
    fn law(&self) -> Law {
        let law = Law {
            start_price: dollars(self.start_price),
            tick: dollars(self.tick),
            spread_ticks: self.spread_ticks,
            lambda_usd_per_share: self.lambda,
            concave: self.impact_scale.map(|scale_shares| Concave {
                scale_shares,
                alpha: self.impact_alpha,
                beta: self.impact_beta,
            }),
            step_ns: self.step,
            stamp_ns: self.stamp,
            trades_per_step: self.trades,
            everyday: self.everyday,
            orders_first: self.orders_first,
            lots_per_trade: self.lots,
            flow_autocorrelation: self.autocorrelation,
            noise_usd: self.noise,
            noise_usd_per_share: self.noise_per_share,
            noise_autocorrelation: self.noise_autocorrelation,
            quote_noise_usd: self.quote_noise,
            depth_shares: self.depth,
            flat_depth: self.flat_depth,
            flickers_per_step: self.flickers,
            mis_sign: self.mis_sign,
            venue_only_share: self.venue_only,
        };
        self.quotes.map_or(law.clone(), |quotes| law.with_quotes(quotes, self.date))
    }
}

fn dollars(usd: f64) -> Price {
    Price((usd * 1e9).round() as i64)
}

impl From<SimulateError> for Failure {
    fn from(error: SimulateError) -> Self {
        let code = if matches!(error, SimulateError::Io { .. }) { exit::TRY_AGAIN } else { exit::USAGE };
        Self { message: error.to_string(), code }
    }
}
