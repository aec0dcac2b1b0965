//! The bootstrap against closed forms, plain row-by-row resampling and itself.

use super::*;
use crate::fraud::judging::{Counts, Groups};

/// Frauds one standard deviation and more above genuine rows.
fn simulated(frauds: usize, genuine: usize, seed: u64) -> Sample {
    let mut chance = Chance::new(seed, 1, 0);
    let labels: Vec<bool> = (0..frauds + genuine).map(|k| k < frauds).collect();
    let scores = labels.iter().map(|l| chance.normal() + if *l { 2.0 } else { 0.0 }).collect();
    Sample::new(labels, scores).unwrap()
}

#[test]
fn the_error_of_recall_is_binomial() {
    let sample = simulated(80, 2_000, 1);
    let found = bootstrap(&sample, Some(1.5), &Settings { draws: 1_000, ..Settings::default() }).unwrap();
    let recall = &found.fixed["recall"];
    let p = Counts::at(&sample, 1.5).recall().unwrap();
    assert!((recall.estimate.unwrap() - p).abs() < 1e-15);
    let exact = (p * (1.0 - p) / 80.0).sqrt();
    assert!((recall.se.unwrap() / exact - 1.0).abs() < 0.08, "{:?} {exact}", recall.se);
}

#[test]
fn atoms_have_the_law_of_rows() {
    let sample = simulated(40, 4_000, 2);
    let settings = Settings { draws: 1_000, ..Settings::default() };
    let by_atoms = bootstrap(&sample, Some(1.5), &settings).unwrap();
    // Each row on its own: one group a row, so that nothing is compressed, positives and negatives apart by hand.
    let mut values = [Vec::new(), Vec::new(), Vec::new()];
    for draw in 0..1_000 {
        let mut chance = Chance::new(77, 0, draw);
        let pick = |chance: &mut Chance, from: usize, n: usize| from + chance.below(n as u64) as usize;
        let mut rows: Vec<usize> = (0..40).map(|_| pick(&mut chance, 0, 40)).collect();
        rows.extend((0..4_000).map(|_| pick(&mut chance, 40, 4_000)));
        let resample = sample.rows(&rows).unwrap();
        let steps = crate::fraud::judging::Steps::of(&resample);
        let gains: Vec<_> = steps
            .gains()
            .map(|(positive, negative)| crate::fraud::judging::walk::Step { positive, negative })
            .collect();
        let walked = crate::fraud::judging::walk::walk(&gains);
        values[0].push(walked.auroc);
        values[1].push(walked.average_precision);
        values[2].push(walked.best.and_then(|(_, c)| c.f1().ok()));
    }
    for (name, of, values) in [
        ("auroc", &by_atoms.ranking, &values[0]),
        ("average_precision", &by_atoms.ranking, &values[1]),
        ("f1", &by_atoms.tuned, &values[2]),
    ] {
        let plain = Interval::new(None, values, None, 0.95);
        let ratio = of[name].se.unwrap() / plain.se.unwrap();
        assert!((ratio - 1.0).abs() < 0.09, "{name}: {ratio}");
        for end in [0, 1] {
            let gap = of[name].percentile.unwrap()[end] - plain.percentile.unwrap()[end];
            assert!(gap.abs() < 0.35 * plain.se.unwrap(), "{name} {end}: {gap}");
        }
    }
}

#[test]
fn workers_do_not_change_a_byte() {
    let sample = simulated(30, 500, 3);
    let settings = Settings { draws: 64, ..Settings::default() };
    let run = |workers| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(workers).build().unwrap();
        serde_json::to_string(&pool.install(|| bootstrap(&sample, Some(1.0), &settings)).unwrap()).unwrap()
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn clusters_of_copies_are_less_sure_than_rows() {
    let base = simulated(20, 200, 4);
    let rows: Vec<usize> = (0..220).flat_map(|row| [row; 9]).collect();
    let of = rows.iter().map(|row| *row as u32).collect();
    let names = (0..220).map(|k| k.to_string()).collect();
    let copies = base.rows(&rows).unwrap().with_groups(Groups { names, of }).unwrap();
    let settings = Settings { draws: 400, ..Settings::default() };
    let by_rows = bootstrap(&copies, Some(1.0), &settings).unwrap();
    let by_groups =
        bootstrap(&copies, Some(1.0), &Settings { resample: Resample::Groups, ..settings }).unwrap();
    assert_eq!(by_groups.groups, Some(220));
    let ratio = by_groups.ranking["auroc"].se.unwrap() / by_rows.ranking["auroc"].se.unwrap();
    // Nine copies of a row hold a ninth of what nine rows would: three times the error.
    assert!((2.5..3.6).contains(&ratio), "{ratio}");
}

#[test]
fn a_class_in_few_groups_leaves_undefined_draws() {
    let sample = Sample::new(vec![true, false, false, false], vec![0.9, 0.1, 0.2, 0.3]).unwrap();
    let groups = Groups { names: vec!["a".into(), "b".into()], of: vec![0, 0, 1, 1] };
    let sample = sample.with_groups(groups).unwrap();
    let settings = Settings { draws: 200, resample: Resample::Groups, ..Settings::default() };
    let found = bootstrap(&sample, Some(0.5), &settings).unwrap();
    let undefined = found.fixed["recall"].undefined_draws;
    // A quarter of the draws takes the second group twice.
    assert!((30..=70).contains(&undefined), "{undefined}");
}

#[test]
fn merged_scores_hardly_move_an_interval_and_bound_the_work() {
    let sample = simulated(60_000, 60_000, 5);
    let atoms = Atoms::new(&sample, Some(1.0), Resample::StratifiedRows);
    assert!(atoms.is_merged());
    assert!(atoms.all.len() <= crate::limits::BOOTSTRAP_ATOMS_MAX, "{}", atoms.all.len());
    let merged = Measures::of(&atoms.steps(&atoms.whole()), &atoms.ladder, true);
    let exact = Counts::at(&sample, 1.0);
    assert_eq!(merged.fixed[4], exact.f1().ok());
    let area = crate::numeric::normal_cdf(2.0_f64.sqrt());
    assert!((merged.ranking[0].unwrap() - area).abs() < 0.005);
    assert_eq!(affordable(2_000, usize::MAX), 2);
}

#[test]
fn a_score_differs_from_itself_by_nothing_and_from_a_worse_one_surely() {
    let sample = simulated(60, 1_500, 6);
    let settings = Settings { draws: 300, ..Settings::default() };
    let same = paired_difference((&sample, Some(1.5)), (&sample, Some(1.5)), &settings).unwrap();
    assert_eq!(same.fixed["f1"].percentile, Some([0.0, 0.0]));
    let mut chance = Chance::new(8, 0, 0);
    let noisy = sample.scores().iter().map(|s| s + 2.0 * chance.normal()).collect();
    let worse = Sample::new(sample.labels().to_vec(), noisy).unwrap();
    let found = paired_difference((&sample, None), (&worse, None), &settings).unwrap();
    assert!(found.ranking["auroc"].percentile.unwrap()[0] > 0.0);
    assert!(found.fixed.is_empty());
    let other = Sample::new(vec![true, false], vec![0.1, 0.2]).unwrap();
    let refused = paired_difference((&sample, None), (&other, None), &settings);
    assert_eq!(refused.unwrap_err(), PairedError::OtherRows(1));
}

#[test]
fn what_cannot_be_resampled_is_refused() {
    let sample = simulated(3, 9, 7);
    let groups = Settings { resample: Resample::Groups, ..Settings::default() };
    assert_eq!(bootstrap(&sample, None, &groups).unwrap_err(), BootstrapError::NoGroups);
    let few = Settings { draws: 1, ..Settings::default() };
    assert_eq!(bootstrap(&sample, None, &few).unwrap_err(), BootstrapError::TooFewDraws(1));
}

#[test]
fn differing_weights_of_many_rows_stand_as_equal_ones() {
    let plain = simulated(200, 60_000, 9);
    let mut chance = Chance::new(10, 0, 0);
    let weights: Vec<f64> = (0..plain.len()).map(|_| 0.5 + chance.uniform()).collect();
    let total: f64 = weights.iter().sum();
    let sample = plain.with_weights(weights).unwrap();
    let atoms = Atoms::new(&sample, Some(1.0), Resample::StratifiedRows);
    assert!(atoms.all.len() < 1_000 && !atoms.is_merged(), "{}", atoms.all.len());
    let mass = |power: i32| atoms.all.iter().map(|a| a.rows as f64 * a.weight.powi(power)).sum::<f64>();
    assert!((mass(1) / total - 1.0).abs() < 1e-12);
    // The variance of a resample is that of its squared weights.
    let squares: f64 = (0..sample.len()).map(|row| sample.weight(row).powi(2)).sum();
    assert!((mass(2) / squares - 1.0).abs() < 0.01, "{}", mass(2) / squares);
    let whole = Measures::of(&atoms.steps(&atoms.whole()), &atoms.ladder, true);
    let exact = Counts::at(&sample, 1.0).f1().unwrap();
    assert!((whole.fixed[4].unwrap() - exact).abs() < 1e-12);
}
