// Counts and figures at a place on the curve of a report. In: the report of POST /v1/fraud/evaluations. Out: TP, FP,
// FN, TN and what follows from them; null is 0/0.

/** Figures that follow from the counts: names and words. */
export const NUMBERS = [
  ["precision", "Precision"],
  ["recall", "Recall"],
  ["f1", "F1"],
  ["g_mean", "G-mean"],
];

/** The place on the curve of a threshold: the lowest one shown that flags no more. */
export function at({ curves }, threshold) {
  let place = 0;
  // The first threshold is above all scores and null; they fall from there.
  while (place + 1 < curves.threshold.length && curves.threshold[place + 1] >= threshold) place += 1;
  return place;
}

/** What a place gives. Without weights the counts are whole. */
export function counts({ curves, weight, prevalence, n }, place) {
  const positives = rounded(prevalence * weight, weight, n);
  const tp = rounded((curves.tpr[place] ?? 0) * positives, weight, n);
  const fp = rounded((curves.fpr[place] ?? 0) * (weight - positives), weight, n);
  const [fn, tn] = [positives - tp, weight - positives - fp];
  const over = (part, whole) => (whole > 0 ? part / whole : null);
  const [recall, specificity] = [over(tp, tp + fn), over(tn, tn + fp)];
  return {
    tp,
    fp,
    fn,
    tn,
    precision: over(tp, tp + fp),
    recall,
    f1: over(2 * tp, 2 * tp + fp + fn),
    g_mean: recall === null || specificity === null ? null : Math.sqrt(recall * specificity),
  };
}

function rounded(value, weight, n) {
  return weight === n ? Math.round(value) : value;
}
