//! Watches the books at every finalised block, and raises the alarm when payments are stopped.

use crate::{metrics::Metrics, service::FullClient};
use futures::StreamExt;
use log::{debug, error, info};
use sc_client_api::BlockchainEvents;
use sp_api::{ApiError, ProvideRuntimeApi};
use specie_primitives::{api::SpecieApi, books::SupplyReport, BlockNumber};
use std::sync::Arc;

/// Finalised blocks between two full reports.
const REPORT_EVERY: BlockNumber = 10;

/// Watches for as long as the node runs.
pub async fn run(client: Arc<FullClient>, metrics: Metrics) {
    let mut finalized = client.finality_notification_stream();
    let mut watch = Watch::new(metrics);
    while let Some(notification) = finalized.next().await {
        let (number, block) = (notification.header.number, notification.hash);
        let mut look = || {
            let stopped = client.runtime_api().network(block)?.payments_stopped;
            watch.look(number, stopped, || client.runtime_api().supply(block))
        };
        // While syncing, a state may be gone before it is looked at: the next block will do.
        if let Err(error) = look() {
            debug!(target: "specie", "The books at block #{number} cannot be read: {error}");
        }
    }
}

/// What was seen last.
pub struct Watch {
    /// Where it is told.
    pub metrics: Metrics,
    reported: Option<BlockNumber>,
    stopped: Option<String>,
}

impl Watch {
    /// Has seen nothing yet.
    pub fn new(metrics: Metrics) -> Self {
        Self { metrics, reported: None, stopped: None }
    }

    /// Looks at a block: why payments stand still, if they do, and the full report if it is due.
    pub fn look(
        &mut self,
        number: BlockNumber,
        stopped: Option<String>,
        report: impl FnOnce() -> Result<SupplyReport, ApiError>,
    ) -> Result<(), ApiError> {
        if stopped != self.stopped {
            match &stopped {
                Some(why) => error!(
                    target: "specie",
                    "🚨 ALERT: payments are stopped at block #{number}: {why}. Reading goes on; the committee resumes payments."
                ),
                None => info!(target: "specie", "Payments go on since block #{number}"),
            }
            self.metrics.stopped(stopped.is_some());
            self.stopped = stopped;
            self.reported = None;
        }
        if self.reported.map_or(true, |last| number.saturating_sub(last) >= REPORT_EVERY) {
            self.metrics.supply(&report()?);
            self.reported = Some(number);
        }
        Ok(())
    }
}
