//! Costs on the real IBM tapes: what the calibration finds, and what an order costs under every model.

use std::fs;

use impactd::cost::{
    Almgren2005, Blend, CostModel, Day, Horizon, SquareRoot, TapeModel, calibrate, paper_scores, reference,
    timing_risk_bps, twap,
};
use impactd::store::Archive;
use impactd::tape::{NANOS_PER_SECOND, Nanos, Session, SessionHours};

use crate::support::{impactd, real_data, stderr};

/// IBM's shares outstanding in October 2013, its 10-Q of that quarter.
const IBM_SHARES: f64 = 1.0857e9;

/// The days of IBM's bars of 60 seconds, as a batch writes them.
fn ibm_days() -> Option<Vec<Day>> {
    let folder = real_data("equity-nbbo")?;
    let out = tempfile::tempdir().expect("a folder");
    let mut arguments = vec!["batch".to_owned(), "--bar".into(), "60s".into(), "--out".into()];
    arguments.push(out.path().display().to_string());
    let zips = fs::read_dir(folder.join("ibm")).expect("tapes").flatten();
    arguments.extend(zips.map(|zip| zip.path().display().to_string()));
    let borrowed: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = impactd(&borrowed);
    assert!(done.status.success(), "{}", stderr(&done));
    let archive = Archive::open(out.path()).expect("results");
    let day = |date: &str| {
        let bars = archive.bars(date, "IBM", 60 * NANOS_PER_SECOND).expect("bars");
        let date = date.parse().expect("a date");
        Day { date, session: Session::nyse(date, SessionHours::default()), bars }
    };
    Some(archive.dates_of("IBM").map(day).collect())
}

#[test]
fn real_data_ibm_is_calibrated_and_priced() {
    let Some(days) = ibm_days() else { return };
    let last = days.last().expect("a day").session;
    let start = Nanos(last.open.0 + 5_400 * NANOS_PER_SECOND);
    let known = reference(&days, start);
    println!("{known:?}");
    let calibration = calibrate(&days, start);
    println!("{calibration:#?}");
    let market = known.market(Some(IBM_SHARES)).expect("known");
    let end = Nanos(start.0 + 1_800 * NANOS_PER_SECOND);
    let horizon = Horizon::new(last, start, end, &known.curve, market.adv_shares).expect("a window");
    let schedule = twap(50_000, &horizon);
    let tape = calibration.coefficients.ok().map(|coefficients| TapeModel { coefficients });
    let models = [
        Almgren2005::new(&market).map(CostModel::Almgren2005),
        Some(CostModel::SquareRoot(SquareRoot)),
        tape.clone().map(CostModel::Tape),
        Some(CostModel::Blend(Blend::new(tape))),
    ];
    println!("{market:?} {}", schedule.mean_over_shares(|p| p));
    let risk = timing_risk_bps(&market, &schedule);
    for model in models.into_iter().flatten() {
        let (cost, error) = (model.components(&market, &schedule), model.error_bps(&market, &schedule));
        println!("{:12} {:6.2} {cost:?} +- {error:.2}", model.name(), cost.total());
        if let CostModel::Blend(blend) = &model {
            println!("{:?}", blend.weights());
        }
        assert!(cost.total() > market.half_spread_bps() && cost.total() < 200.0);
    }
    for seconds in [300, 1_800] {
        let scores = paper_scores(&days, last.close, seconds);
        println!("risk {risk:.2} {:?} {:?}", scores.multiplier(0.9), scores.backtest(0.9));
    }
}
