//! Known lambda through the whole river, files in and fits out: do the 95 % intervals hold what they claim?

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use impactd::simulate::{self, Format, Law};
use impactd::store::Table;
use impactd::tape::Symbol;

use crate::support::{batch, request, rows};

const DATE: &str = "2018-01-02";

/// A day's Kyle fit on 10 s bars: coefficient and errors, dollars a share, and the bars behind it.
#[derive(Clone, Copy, Debug)]
struct Kyle {
    coefficient: f64,
    ols: f64,
    white: f64,
    hac: f64,
    n: i64,
}

/// Simulates a day under a law, writes it as CSV, batches it, and reads the fit back.
fn kyle(law: &Law, seed: u64) -> Kyle {
    let folder = tempfile::tempdir().expect("a folder");
    let date = DATE.parse().expect("a date");
    let symbols = [Symbol::new("SIM")];
    simulate::run(law, seed, &symbols, date, &[Format::Csv], folder.path()).expect("a tape");
    let tape = std::fs::read_dir(folder.path().join("csv")).expect("a tape").flatten();
    let out = folder.path().join("out");
    let mut request = request(tape.map(|f| f.path()).collect(), &out);
    request.jobs = 1;
    batch(&request);
    let fits = rows(&out, Table::Fits, DATE, "SIM");
    let text = |name: &str| fits.column(name).expect("a column").str().expect("text").clone();
    let (model, term, unit, window) = (text("model"), text("term"), text("unit"), text("window"));
    let row = (0..fits.height())
        .find(|row| {
            model.get(*row) == Some("kyle")
                && window.get(*row) == Some("day")
                && term.get(*row) == Some("trade_imbalance")
                && unit.get(*row) == Some("cents_per_share")
        })
        .expect("a Kyle fit");
    let usd = |name: &str| {
        fits.column(name).expect("a column").f64().expect("floats").get(row).expect("set") / 100.0
    };
    Kyle {
        coefficient: usd("coefficient"),
        ols: usd("se_ols"),
        white: usd("se_white"),
        hac: usd("se_hac"),
        n: fits.column("n").expect("n").i64().expect("whole").get(row).expect("set"),
    }
}

/// Fits of seeds 1 to `seeds`, on two threads.
fn fits(law: &Law, seeds: u64) -> Vec<Kyle> {
    let (next, all) = (AtomicU64::new(1), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > seeds {
                        return;
                    }
                    let fit = kyle(law, seed);
                    all.lock().expect("unpoisoned").push(fit);
                }
            });
        }
    });
    all.into_inner().expect("unpoisoned")
}

/// Flow autocorrelated, noise heteroskedastic and autocorrelated: the classic error is too small.
#[test]
fn newey_west_intervals_cover_the_true_lambda() {
    let law = Law { trades_per_step: 3, flickers_per_step: 0, noise_autocorrelation: 0.3, ..Law::default() };
    let seeds = std::env::var("IMPACTD_COVERAGE_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(500);
    let fits = fits(&law, seeds);
    assert!(fits.iter().all(|fit| fit.n >= 2_000));
    let truth = law.lambda_usd_per_share;
    let coverage = |error: fn(&Kyle) -> f64| {
        let covers = |fit: &&Kyle| (fit.coefficient - truth).abs() <= 1.959_964 * error(fit);
        fits.iter().filter(covers).count() as f64 / fits.len() as f64
    };
    let (hac, white, ols) = (coverage(|f| f.hac), coverage(|f| f.white), coverage(|f| f.ols));
    println!(
        "95 % intervals of {seeds} seeds cover lambda: Newey-West {hac:.3}, White {white:.3}, OLS {ols:.3}"
    );
    assert!((0.925..=0.975).contains(&hac), "Newey-West covers {hac}");
    assert!(ols < hac, "OLS covers {ols}, which is not less than Newey-West's {hac}");
}

/// With accuracy p, and true signs that are independent, the slope shrinks to (2p - 1) lambda.
#[test]
fn wrong_signs_shrink_the_slope_as_two_p_minus_one() {
    for mis_sign in [0.1, 0.25] {
        let law = Law { flow_autocorrelation: 0.0, mis_sign, ..Law::default() };
        let fits = fits(&law, 60);
        let mean = fits.iter().map(|f| f.coefficient).sum::<f64>() / fits.len() as f64;
        let error = (fits.iter().map(|f| f.hac * f.hac).sum::<f64>()).sqrt() / fits.len() as f64;
        let expected = (1.0 - 2.0 * mis_sign) * law.lambda_usd_per_share;
        println!("mis-signed {mis_sign}: slope {mean:.3e}, expected {expected:.3e}, error {error:.1e}");
        assert!((mean - expected).abs() < 4.0 * error, "{mean} against {expected} with error {error}");
        assert!(error < 0.05 * expected, "the test can tell: {error}");
    }
}
