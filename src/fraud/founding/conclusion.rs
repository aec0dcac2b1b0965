//! What the study's numbers say of its conclusion, "a combined F1 score and g-mean, in that specific order", and of what
//! later work disputes. Every sentence is made of the numbers; whether a claim holds is computed.

use serde::Serialize;

use super::Settings;
use super::metrics::Metrics;
use super::ranking::{Against, Ranking};
use super::tables::{Series, SeriesPoint};
use crate::fraud::judging::noise::Truth;

/// A claim, whether these numbers bear it out, and the numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Claim {
    /// A stable name.
    pub code: &'static str,
    /// What is claimed, and by whom.
    pub claim: &'static str,
    /// Whether it holds here.
    pub holds: bool,
    /// The numbers.
    pub found: String,
}

/// Standard errors by which a difference must exceed 0 to count.
const SURE: f64 = 2.0;

/// All claims.
pub(super) fn conclusion(settings: &Settings, series: &[Series], ranking: &Ranking) -> Vec<Claim> {
    let mut claims = vec![accuracy_is_blind(settings), g_mean_alone(settings), g_mean_second(settings)];
    claims.extend([missed(series), accused(series), prevalence(series)].into_iter().flatten());
    claims.push(ties(ranking));
    claims.push(order_matters_little(ranking));
    for (code, claim, rule) in [
        ("f1_then_g_or_mcc", "F1, then G-mean ranks classifiers better than MCC does under noise", "mcc"),
        ("f1_then_g_or_davis", "... than the Davis-Goadrich area does", "auprc_davis"),
        ("f1_then_g_or_average_precision", "... than average precision does", "average_precision"),
        ("f1_then_g_or_auroc", "... than AUROC does", "auroc"),
        ("f1_then_g_or_g_mean", "... than G-mean alone does", "g_mean"),
    ] {
        claims.push(against(code, claim, rule, ranking));
    }
    claims
}

fn metrics(settings: &Settings, tpr: f64, fpr: f64) -> Metrics {
    Metrics::of(&Truth { prevalence: settings.prevalence(), tpr, fpr }.counts(settings.rows as f64))
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "undefined".to_owned(), |value| format!("{value:.4}"))
}

fn accuracy_is_blind(settings: &Settings) -> Claim {
    let never = metrics(settings, 0.0, 0.0);
    Claim {
        code: "accuracy_is_blind",
        claim: "accuracy says nothing where frauds are rare",
        holds: never.accuracy > Some(0.99) && never.f1 == Some(0.0),
        found: format!(
            "never flagging has accuracy {}, F1 {}, G-mean {}; its precision and MCC are undefined",
            shown(never.accuracy),
            shown(never.f1),
            shown(never.g_mean)
        ),
    }
}

fn g_mean_alone(settings: &Settings) -> Claim {
    let (few, many) = (metrics(settings, 0.9, 0.001), metrics(settings, 0.9, 0.02));
    let lost = |a: Option<f64>, b: Option<f64>| 1.0 - b.unwrap_or(0.0) / a.unwrap_or(f64::NAN);
    Claim {
        code: "f1_first",
        claim: "G-mean alone hardly sees false alarms, so F1 comes first (founding study)",
        holds: lost(few.g_mean, many.g_mean) < 0.05 && lost(few.f1, many.f1) > 0.5,
        found: format!(
            "twenty times the false alarms (FPR 0.001 to 0.02 at TPR 0.9) move G-mean {} to {} and F1 {} to {}",
            shown(few.g_mean),
            shown(many.g_mean),
            shown(few.f1),
            shown(many.f1)
        ),
    }
}

fn g_mean_second(settings: &Settings) -> Claim {
    let good = metrics(settings, 0.9, 0.001);
    // The same counts with precision and recall exchanged: recall as good as the precision was, and the other way.
    let precision = good.precision.unwrap_or(0.0);
    let pi = settings.prevalence();
    let fpr = pi / (1.0 - pi) * precision * (1.0 / 0.9 - 1.0);
    let mirrored = metrics(settings, precision, fpr);
    Claim {
        code: "g_mean_second",
        claim: "of equal F1, G-mean takes the one that finds more frauds (founding study)",
        holds: good.g_mean > mirrored.g_mean,
        found: format!(
            "precision {} with recall {} and the reverse have F1 {} and {}; G-mean {} against {}",
            shown(good.precision),
            shown(good.recall),
            shown(good.f1),
            shown(mirrored.f1),
            shown(good.g_mean),
            shown(mirrored.g_mean)
        ),
    }
}

/// A series' first point, and the one at x.
fn ends<'a>(series: &'a [Series], name: &str, x: f64) -> Option<(&'a SeriesPoint, &'a SeriesPoint)> {
    let found = series.iter().find(|s| s.name == name)?;
    Some((found.points.first()?, found.points.iter().find(|p| (p.x - x).abs() < 1e-9)?))
}

fn missed(series: &[Series]) -> Option<Claim> {
    let (clean, noisy) = ends(series, "missed_good", 0.5)?;
    let of = |p: &SeriesPoint| (p.measured.f1.unwrap_or(0.0), p.measured.g_mean.unwrap_or(0.0));
    let ((f1, g), (f1_noisy, g_noisy)) = (of(clean), of(noisy));
    Some(Claim {
        code: "missed_frauds_bias_f1",
        claim: "frauds that annotators miss bias F1 and leave G-mean alone, against \"F1 is robust\"",
        holds: f1_noisy < 0.9 * f1 && (g_noisy - g).abs() < 0.01,
        found: format!(
            "half of the frauds missed: F1 {f1:.4} measures as {f1_noisy:.4}, G-mean {g:.4} as {g_noisy:.4}, MCC {} as {}; \
             with the rate known F1 comes back as {}",
            shown(clean.measured.mcc),
            shown(noisy.measured.mcc),
            shown(noisy.corrected.and_then(|m| m.f1))
        ),
    })
}

fn accused(series: &[Series]) -> Option<Claim> {
    let (_, one) = ends(series, "accused_perfect", 1e-3)?;
    let (_, missed) = ends(series, "missed_perfect", 0.1)?;
    let cap = |p: &SeriesPoint| p.measured.f1.unwrap_or(0.0);
    Some(Claim {
        code: "false_accusations_cap_f1",
        claim: "false accusations cap F1 far more than missed frauds do",
        holds: cap(one) < cap(missed),
        found: format!(
            "a perfect classifier measures F1 {:.4} when 1 genuine row in 1,000 is accused, {:.4} when 1 fraud in 10 is \
             missed; G-mean {} and {}",
            cap(one),
            cap(missed),
            shown(one.measured.g_mean),
            shown(missed.measured.g_mean)
        ),
    })
}

fn prevalence(series: &[Series]) -> Option<Claim> {
    let found = series.iter().find(|s| s.name == "prevalence_good")?;
    let (rare, even) = (found.points.first()?, found.points.last()?);
    let gap = |get: fn(&SeriesPoint) -> Option<f64>| get(even).zip(get(rare)).map_or(0.0, |(a, b)| a - b);
    Some(Claim {
        code: "f1_and_average_precision_follow_prevalence",
        claim: "F1 and average precision measure prevalence too, G-mean and AUROC do not (McDermott et al. 2024)",
        holds: gap(|p| p.measured.f1) > 0.1
            && gap(|p| p.average_precision) > 0.1
            && gap(|p| p.measured.g_mean).abs() < 1e-9
            && gap(|p| p.auroc).abs() < 1e-9,
        found: format!(
            "one classifier, frauds from half of all rows to 1 in 10,000: F1 {} to {}, average precision {} to {}, G-mean \
             {} to {}, AUROC {} to {}: groups of different prevalence must not be compared by the first two",
            shown(even.measured.f1),
            shown(rare.measured.f1),
            shown(even.average_precision),
            shown(rare.average_precision),
            shown(even.measured.g_mean),
            shown(rare.measured.g_mean),
            shown(even.auroc),
            shown(rare.auroc)
        ),
    })
}

fn ties(ranking: &Ranking) -> Claim {
    let most = ranking.decisions.iter().map(|d| d.f1_tied).fold(0.0, f64::max);
    let close: Vec<f64> = ranking.decisions.iter().map(|d| d.f1_within_se).collect();
    Claim {
        code: "exact_ties_hardly_occur",
        claim: "taken strictly, F1 then G-mean is F1: exact ties hardly occur",
        holds: most < 0.01,
        found: format!(
            "F1 was exactly tied in at most {:.2} % of pairs, and within one standard error in {:.0} to {:.0} %",
            100.0 * most,
            100.0 * close.iter().copied().fold(f64::INFINITY, f64::min),
            100.0 * close.iter().copied().fold(0.0, f64::max)
        ),
    }
}

fn order_matters_little(ranking: &Ranking) -> Claim {
    let pairs: Vec<&Against> = ranking.against.iter().filter(|a| a.rule == "f1_then_g_within_se").collect();
    Claim {
        code: "within_one_standard_error",
        claim: "letting G-mean decide within one standard error of F1 ranks better than strict F1 does",
        holds: pairs.iter().all(|a| a.difference <= SURE * a.se)
            && pairs.iter().any(|a| -a.difference > SURE * a.se),
        found: tally(&pairs),
    }
}

fn against(code: &'static str, claim: &'static str, rule: &str, ranking: &Ranking) -> Claim {
    let pairs: Vec<&Against> = ranking.against.iter().filter(|a| a.rule == rule).collect();
    let noisy = pairs.iter().filter(|a| a.alpha + a.beta > 0.0);
    Claim {
        code,
        claim,
        holds: noisy.clone().all(|a| a.difference > -SURE * a.se)
            && noisy.clone().any(|a| a.difference > SURE * a.se),
        found: tally(&pairs),
    }
}

/// How often the strict order wins, draws and loses, and by criterion the mean difference.
fn tally(pairs: &[&Against]) -> String {
    let wins = pairs.iter().filter(|a| a.difference > SURE * a.se).count();
    let losses = pairs.iter().filter(|a| -a.difference > SURE * a.se).count();
    let by_criterion: Vec<String> = super::CRITERIA
        .into_iter()
        .map(|criterion| {
            let of: Vec<f64> =
                pairs.iter().filter(|a| a.criterion == criterion).map(|a| a.difference).collect();
            let mean = of.iter().sum::<f64>() / of.len().max(1) as f64;
            format!("{criterion} {:+.1}", 100.0 * mean)
        })
        .collect();
    format!(
        "over {} errors and criteria strict F1-then-G is right more often in {wins}, less often in {losses} (by two \
         standard errors); mean difference in points, by true criterion: {}",
        pairs.len(),
        by_criterion.join(", ")
    )
}
