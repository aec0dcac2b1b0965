//! Costs from tape to figure: a simulated tape whose lambda is known, and the real IBM tapes.

use std::fs;
use std::path::{Path, PathBuf};

use impactd::cost::{
    Almgren2005, Blend, CostModel, Day, Horizon, Market, Propagator, Schedule, SquareRoot, TapeModel,
    calibrate, paper_scores, reference, timing_risk_bps, twap,
};
use impactd::flow::Widths;
use impactd::simulate::{self, Format, Law};
use impactd::store::Archive;
use impactd::tape::{NANOS_PER_SECOND, Nanos, Session, SessionHours, Symbol};

use crate::support::{batch, real_data, request};

/// IBM's shares outstanding in October 2013, from its quarterly report.
const IBM_SHARES: f64 = 1.0857e9;

/// Trading days of January 2018.
const DATES: [&str; 10] = [
    "2018-01-02",
    "2018-01-03",
    "2018-01-04",
    "2018-01-05",
    "2018-01-08",
    "2018-01-09",
    "2018-01-10",
    "2018-01-11",
    "2018-01-12",
    "2018-01-16",
];

/// Batches tapes with bars of 60 seconds into a folder.
fn archive(tapes: Vec<PathBuf>, out: &Path) -> Archive {
    let mut request = request(tapes, out);
    request.widths = Widths::parse("60s").expect("a width");
    batch(&request);
    Archive::open(out).expect("results")
}

fn days(archive: &Archive, symbol: &str) -> Vec<Day> {
    let day = |date: &str| {
        let bars = archive.bars(date, symbol, 60 * NANOS_PER_SECOND).expect("bars");
        let date = date.parse().expect("a date");
        Day { date, session: Session::nyse(date, SessionHours::default()), bars }
    };
    archive.dates_of(symbol).map(day).collect()
}

#[test]
fn a_simulated_lambda_is_found_as_permanent_impact_and_intervals_cover() {
    let folder = tempfile::tempdir().expect("a folder");
    let names = ["A", "B", "C"];
    let symbols = names.map(Symbol::new);
    let law = Law { flow_autocorrelation: 0.0, ..Law::default() };
    let mut tapes = Vec::new();
    for date in DATES {
        let into = folder.path().join(date);
        let date = date.parse().expect("a date");
        let written = simulate::run(&law, 42, &symbols, date, &[Format::Csv], &into).expect("a tape");
        tapes.extend(written.files.into_iter().filter(|file| file.extension().is_some_and(|e| e == "csv")));
    }
    let archive = archive(tapes, &folder.path().join("results"));
    let (mut inside, mut judged) = (0.0, 0);
    for symbol in names {
        let days = days(&archive, symbol);
        let end = days[9].session.close;
        let known = reference(&days, end).market(None).expect("ten days");
        let found = calibrate(&days, end).coefficients.expect("ten days").permanent;
        // lambda in dollars a share, as volatilities per day's volume.
        let expected = law.lambda_usd_per_share * 1e4 / 100.0 * known.adv_shares / known.volatility_daily_bps;
        assert!((found.value - expected).abs() < 3.0 * found.error, "{symbol}: {found:?} {expected}");
        assert!(found.error < 0.1 * expected, "{symbol}: {found:?} {expected}");
        let coverage = paper_scores(&days, end, 300).backtest(0.9);
        inside += coverage.realised.expect("judged") * coverage.n as f64;
        judged += coverage.n;
    }
    let realised = inside / judged as f64;
    println!("90 % intervals of {judged} paper orders cover {realised:.4}");
    assert!((0.88..=0.92).contains(&realised) && judged > 2_000, "{realised} of {judged}");
}

#[test]
fn real_data_ibm_is_calibrated_and_priced() {
    let Some(folder) = real_data("equity-nbbo") else { return };
    let out = tempfile::tempdir().expect("a folder");
    let zips = fs::read_dir(folder.join("ibm")).expect("tapes").flatten().map(|zip| zip.path()).collect();
    let days = days(&archive(zips, out.path()), "IBM");
    let last = days.last().expect("a day").session;
    let start = Nanos(last.open.0 + 5_400 * NANOS_PER_SECOND);
    let known = reference(&days, start);
    let market = known.market(Some(IBM_SHARES)).expect("known");
    let calibration = calibrate(&days, start);
    let found = calibration.coefficients.expect("five days");
    println!("{market:?}\n{:?}\n{found:#?}", known.curve);
    let end = Nanos(start.0 + 1_800 * NANOS_PER_SECOND);
    let horizon = Horizon::new(last, start, end, &known.curve, market.adv_shares).expect("a window");
    let schedule = twap(50_000, &horizon);
    print_costs(&market, &schedule, TapeModel { coefficients: found.clone() });
    for seconds in [300, 1_800, 3_600] {
        let scores = paper_scores(&days, last.close, seconds);
        println!("{seconds} s: {:?} {:?}", scores.multiplier(0.9), scores.backtest(0.9));
    }
    let propagator = Propagator::of_tape(&days, last.close).expect("days");
    println!("{propagator:?} gone {:?}", [1, 2, 5, 10].map(|bars| propagator.gone_after(bars)));
    // Impact of a bar's flow is there and no more than a few days' volatility per day's volume.
    assert!(found.permanent.value > 1.0 && found.permanent.value < 100.0);
    assert_eq!((calibration.days, calibration.n > 1_500), (5, true));
}

/// Prints and checks the cost of a schedule under every model.
fn print_costs(market: &Market, schedule: &Schedule, tape: TapeModel) {
    let models = [
        CostModel::Almgren2005(Almgren2005::new(market).expect("shares are known")),
        CostModel::SquareRoot(SquareRoot),
        CostModel::Tape(tape.clone()),
        CostModel::Blend(Blend::new(Some(tape))),
    ];
    let risk = timing_risk_bps(market, schedule);
    println!("participation {:.4}, timing risk {risk:.2} bps", schedule.mean_over_shares(|p| p));
    for model in models {
        let (cost, error) = (model.components(market, schedule), model.error_bps(market, schedule));
        println!("{:12} {:6.2} ± {error:.2} bps {cost:?}", model.name(), cost.total());
        if let CostModel::Blend(blend) = &model {
            println!("{:?}", blend.weights());
        }
        assert!(cost.total() > market.half_spread_bps() && cost.total() < 50.0);
    }
}
