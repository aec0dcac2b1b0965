//! How many jobs there are: in, the record of jobs; out, a number by state.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::MetricType;

use crate::jobs::{Jobs, Status};

/// The jobs, looked at when asked.
#[derive(Debug)]
pub struct Scrape(pub Arc<Jobs>);

impl Collector for Scrape {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        let Status { queued, running, done, failed, cancelled } = match self.0.status() {
            Ok(status) => status,
            Err(error) => {
                // The other metrics are told all the same.
                tracing::warn!(cause = %error, "the jobs cannot be counted");
                return Ok(());
            }
        };
        let help = "Jobs in the record, by state";
        let mut metric = to.encode_descriptor("impactd_jobs", help, None, MetricType::Gauge)?;
        for (state, count) in [
            ("queued", queued),
            ("running", running),
            ("done", done),
            ("failed", failed),
            ("cancelled", cancelled),
        ] {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            metric.encode_family(&[("state", state)])?.encode_gauge(&count)?;
        }
        Ok(())
    }
}
