//! How often a metric, measured against noisy labels, puts two classifiers in their true order.
//!
//! A draw: a sample sets every classifier's threshold (highest F1, then G-mean, against its labels), a second one of the
//! same law measures it there. Both have the stated number of frauds; annotators miss Binomial(frauds, alpha) and accuse
//! Binomial(genuine, beta), the same rows for all classifiers; scores are independent between classifiers given the
//! truth. The true order is that of the classifiers' true rates at those thresholds. A rule that cannot tell two apart
//! is right half the time. Agreement is the mean over draws of the share of pairs, its error the standard deviation
//! over draws / sqrt(draws).

use std::cmp::Ordering;

use rayon::prelude::*;
use serde::Serialize;

use super::Settings;
use super::rules::{CRITERIA, RULES, Seen, is_f1_close, is_f1_tied, order, worth};
use super::scorers::{Shape, pool};
use crate::fraud::judging::Counts;
use crate::fraud::judging::chance::Chance;
use crate::fraud::judging::noise::{AnnotationError, Truth};
use crate::fraud::judging::walk::{Step, walk};

/// Annotation errors under which classifiers are ranked: alpha, beta.
const ERRORS: [[f64; 2]; 8] =
    [[0.0, 0.0], [0.1, 0.0], [0.3, 0.0], [0.5, 0.0], [0.0, 1e-4], [0.0, 1e-3], [0.1, 1e-4], [0.3, 1e-3]];

/// The ranking's results.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranking {
    /// Pairs of classifiers.
    pub pairs: usize,
    /// By error, criterion and rule.
    pub agreement: Vec<Agreement>,
    /// F1-then-G less each other rule, on the same draws.
    pub against: Vec<Against>,
    /// By error: what decided.
    pub decisions: Vec<Decisions>,
}

/// How often a rule is right.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// Share of frauds that annotators miss.
    pub alpha: f64,
    /// Share of genuine rows that they accuse.
    pub beta: f64,
    /// What makes a classifier truly better.
    pub criterion: &'static str,
    /// What was measured.
    pub rule: &'static str,
    /// Share of pairs in the true order.
    pub agreement: f64,
    /// Its standard error.
    pub se: f64,
}

/// By how much F1-then-G (strict) is right more often than another rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Against {
    /// Share of frauds that annotators miss.
    pub alpha: f64,
    /// Share of genuine rows that they accuse.
    pub beta: f64,
    /// What makes a classifier truly better.
    pub criterion: &'static str,
    /// The other rule.
    pub rule: &'static str,
    /// Agreement of F1-then-G less that of the other.
    pub difference: f64,
    /// Its standard error, from differences draw by draw.
    pub se: f64,
}

/// What decided between two classifiers under F1-then-G.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decisions {
    /// Share of frauds that annotators miss.
    pub alpha: f64,
    /// Share of genuine rows that they accuse.
    pub beta: f64,
    /// Share of pairs whose F1 was the same to the last bit, so that G-mean decided.
    pub f1_tied: f64,
    /// Share of pairs whose F1 was within one standard error.
    pub f1_within_se: f64,
}

/// Shares of pairs in one draw.
#[derive(Clone)]
struct Draw {
    right: [[f64; RULES.len()]; CRITERIA.len()],
    tied: f64,
    close: f64,
}

/// Ranks all pairs under all errors.
pub(super) fn ranking(settings: &Settings) -> Ranking {
    let shapes: Vec<Shape> = pool().into_iter().map(super::scorers::Scorer::shape).collect();
    let mut found = Ranking {
        pairs: shapes.len() * (shapes.len() - 1) / 2,
        agreement: Vec::new(),
        against: Vec::new(),
        decisions: Vec::new(),
    };
    for (place, [alpha, beta]) in ERRORS.into_iter().enumerate() {
        let error = AnnotationError { alpha, beta };
        let draws: Vec<Draw> = (0..settings.draws)
            .into_par_iter()
            .map(|draw| {
                let mut chance = Chance::new(settings.seed, place as u64, u64::from(draw));
                one_draw(settings, &shapes, error, &mut chance)
            })
            .collect();
        found.add(error, &draws);
    }
    found
}

impl Ranking {
    fn add(&mut self, AnnotationError { alpha, beta }: AnnotationError, draws: &[Draw]) {
        for (c, criterion) in CRITERIA.into_iter().enumerate() {
            for (r, rule) in RULES.into_iter().enumerate() {
                let (agreement, se) = mean_and_error(draws, |d| d.right[c][r]);
                self.agreement.push(Agreement { alpha, beta, criterion, rule, agreement, se });
                if r > 0 {
                    let (difference, se) = mean_and_error(draws, |d| d.right[c][0] - d.right[c][r]);
                    self.against.push(Against { alpha, beta, criterion, rule, difference, se });
                }
            }
        }
        let f1_tied = mean_and_error(draws, |d| d.tied).0;
        let f1_within_se = mean_and_error(draws, |d| d.close).0;
        self.decisions.push(Decisions { alpha, beta, f1_tied, f1_within_se });
    }
}

fn mean_and_error(draws: &[Draw], of: impl Fn(&Draw) -> f64) -> (f64, f64) {
    let n = draws.len() as f64;
    let mean = draws.iter().map(&of).sum::<f64>() / n;
    let squares = draws.iter().map(|d| (of(d) - mean).powi(2)).sum::<f64>();
    (mean, (squares / (n - 1.0).max(1.0) / n).sqrt())
}

fn one_draw(settings: &Settings, shapes: &[Shape], error: AnnotationError, chance: &mut Chance) -> Draw {
    let tuning = Labels::draw(settings, error, chance);
    let test = Labels::draw(settings, error, chance);
    let mut measured = Vec::with_capacity(shapes.len());
    for shape in shapes {
        let at = walk(&tuning.steps(shape, chance)).best.map_or(0, |(step, _)| step);
        let steps = test.steps(shape, chance);
        let truth = Truth {
            prevalence: settings.prevalence(),
            tpr: shape.fraud.iter().take(at + 1).sum(),
            fpr: shape.genuine.iter().take(at + 1).sum(),
        };
        measured.push((worth(&truth), Seen::new(&counts_at(&steps, at), walk(&steps), error)));
    }
    compare(&measured)
}

fn compare(measured: &[([f64; CRITERIA.len()], Seen)]) -> Draw {
    let mut draw = Draw { right: [[0.0; RULES.len()]; CRITERIA.len()], tied: 0.0, close: 0.0 };
    let mut pairs = 0.0;
    for (i, (worth_a, a)) in measured.iter().enumerate() {
        for (worth_b, b) in &measured[i + 1..] {
            pairs += 1.0;
            draw.tied += f64::from(u8::from(is_f1_tied(a, b)));
            draw.close += f64::from(u8::from(is_f1_close(a, b)));
            for r in 0..RULES.len() {
                let said = order(r, a, b);
                for c in 0..CRITERIA.len() {
                    draw.right[c][r] += agreement(said, worth_a[c].total_cmp(&worth_b[c]));
                }
            }
        }
    }
    draw.right.iter_mut().flatten().for_each(|right| *right /= pairs);
    Draw { right: draw.right, tied: draw.tied / pairs, close: draw.close / pairs }
}

fn agreement(said: Ordering, true_order: Ordering) -> f64 {
    if said == Ordering::Equal || true_order == Ordering::Equal {
        0.5
    } else {
        f64::from(u8::from(said == true_order))
    }
}

/// Rows of a sample by truth and label.
struct Labels {
    found: u64,
    missed: u64,
    accused: u64,
    cleared: u64,
}

impl Labels {
    fn draw(settings: &Settings, error: AnnotationError, chance: &mut Chance) -> Self {
        let frauds = (settings.ranking_rows as f64 * settings.prevalence()).round() as u64;
        let genuine = settings.ranking_rows.saturating_sub(frauds);
        let missed = chance.binomial(frauds, error.alpha);
        let accused = chance.binomial(genuine, error.beta);
        Self { found: frauds - missed, missed, accused, cleared: genuine - accused }
    }

    /// A classifier's scores of these rows, as they look by their labels.
    fn steps(&self, shape: &Shape, chance: &mut Chance) -> Vec<Step> {
        let mut steps = vec![Step::default(); shape.fraud.len()];
        for (rows, law, is_labelled) in [
            (self.found, &shape.fraud, true),
            (self.missed, &shape.fraud, false),
            (self.accused, &shape.genuine, true),
            (self.cleared, &shape.genuine, false),
        ] {
            let mut next = steps.iter_mut();
            chance.multinomial(rows, 1.0, law.iter().copied(), |drawn| {
                if let Some(step) = next.next() {
                    let mass = if is_labelled { &mut step.positive } else { &mut step.negative };
                    *mass += drawn as f64;
                }
            });
        }
        steps
    }
}

fn counts_at(steps: &[Step], last: usize) -> Counts {
    let mut counts = Counts { tp: 0.0, fp: 0.0, fn_: 0.0, tn: 0.0 };
    for (index, step) in steps.iter().enumerate() {
        if index <= last {
            counts.tp += step.positive;
            counts.fp += step.negative;
        } else {
            counts.fn_ += step.positive;
            counts.tn += step.negative;
        }
    }
    counts
}
