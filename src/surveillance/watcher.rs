//! The watch over one symbol's session: feature rows in, in any pieces; scores out at once, and alerts as soon as they
//! can grow no more. A whole day at once is one piece: batch and live watch the same way.

use super::{Alert, Reason, ScoreRow, Surveillance, Watched};
use crate::fraud::watching::{Alarms, FEATURE_COUNT, FEATURES, FeatureRow, ScoredBin, Stretch, resembles};
use crate::scoring::{InferError, contributions};
use crate::tape::{NANOS_PER_SECOND, Nanos, Session};

/// How far a replay reaches before and behind an alert: what was usual, and what came of it.
const REPLAY_MARGIN_SECONDS: i64 = 300;
/// Reasons of an alert.
const REASONS: usize = 5;

/// Watches one symbol's session.
#[derive(Clone, Debug)]
pub struct Watcher {
    surveillance: Surveillance,
    session: Session,
    alarms: Alarms,
    /// The row with the highest score of the stretch under way.
    peak: Option<(FeatureRow, ScoreRow)>,
}

impl Watcher {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(surveillance: Surveillance, session: Session) -> Self {
        Self { alarms: Alarms::new(surveillance.threshold()), surveillance, session, peak: None }
    }

    /// Who watches.
    #[must_use]
    pub fn surveillance(&self) -> &Surveillance {
        &self.surveillance
    }

    /// The next rows, in order of time: their scores, and the alerts that they show to be over.
    ///
    /// # Errors
    /// When the model cannot score.
    pub fn take(&mut self, rows: &[FeatureRow]) -> Result<Watched, InferError> {
        let mut watched = Watched::default();
        for row in rows {
            // One row a run: how sums round hangs on how many rows are computed together, and a bin scores the same
            // whether it comes alone or with its day.
            let told = self.surveillance.model.score_blocking(&row.values, 1)?;
            let score = told.scores.first().copied().ok_or(InferError::NoScore)?;
            let unusual = told.unusual.and_then(|unusual| unusual.first().copied());
            let bin = ScoredBin { start: row.start, end: row.end, score: f64::from(score) };
            let is_alert = bin.score >= self.surveillance.threshold;
            let score = ScoreRow { bin, unusual, is_alert };
            if let Some(stretch) = self.alarms.bin(&bin) {
                watched.alerts.extend(self.alert(&stretch)?);
            }
            if is_alert && self.peak.is_none_or(|(_, peak)| bin.score > peak.bin.score) {
                self.peak = Some((*row, score));
            }
            watched.scores.push(score);
        }
        Ok(watched)
    }

    /// The session is over: the alert under way.
    ///
    /// # Errors
    /// When the model cannot score.
    pub fn finish(mut self) -> Result<Option<Alert>, InferError> {
        let last = self.alarms.finish();
        last.map_or(Ok(None), |stretch| self.alert(&stretch))
    }

    /// A stretch that is over, with the reasons of its peak.
    fn alert(&mut self, stretch: &Stretch) -> Result<Option<Alert>, InferError> {
        let Some((row, peak)) = self.peak.take() else { return Ok(None) };
        let ranked = contributions(&self.surveillance.model, &row.values, &self.surveillance.usual)?;
        let mut additions = [0.0; FEATURE_COUNT];
        ranked.iter().for_each(|(feature, added)| additions[*feature] = *added);
        let margin = REPLAY_MARGIN_SECONDS * NANOS_PER_SECOND;
        let reason = |(feature, log_odds): &(usize, f64)| Reason {
            feature: FEATURES[*feature],
            log_odds: *log_odds,
            value: row.values[*feature],
        };
        Ok(Some(Alert {
            start: stretch.start,
            end: stretch.end,
            peak: stretch.peak,
            alarms: stretch.alarms,
            score: stretch.score,
            unusual: peak.unusual,
            pattern: resembles(&additions, stretch.peak, self.session.close),
            reasons: ranked.iter().filter(|(_, added)| *added > 0.0).take(REASONS).map(reason).collect(),
            replay_from: Nanos((stretch.start.0 - margin).max(self.session.open.0)),
            replay_to: Nanos((stretch.end.0 + margin).min(self.session.close.0)),
        }))
    }
}
