//! Watches the books at every finalised block, and raises the alarm when payments are stopped.

use crate::{metrics::Metrics, service::FullClient};
use futures::StreamExt;
use log::{debug, error, info};
use sc_client_api::BlockchainEvents;
use sp_api::{ApiError, ProvideRuntimeApi};
use specie_primitives::{api::SpecieApi, BlockNumber, Hash};
use std::sync::Arc;

/// Finalised blocks between two full reports.
const REPORT_EVERY: BlockNumber = 10;

/// Watches for as long as the node runs.
pub async fn run(client: Arc<FullClient>, metrics: Metrics) {
    let mut finalized = client.finality_notification_stream();
    let mut watch = Watch { client, metrics, reported: None, stopped: None };
    while let Some(notification) = finalized.next().await {
        // While syncing, states may be gone before they are looked at: the next block will do.
        if let Err(error) = watch.look(notification.header.number, notification.hash) {
            debug!(target: "specie", "The books at block #{} cannot be read: {error}", notification.header.number);
        }
    }
}

struct Watch {
    client: Arc<FullClient>,
    metrics: Metrics,
    reported: Option<BlockNumber>,
    stopped: Option<String>,
}

impl Watch {
    fn look(&mut self, number: BlockNumber, block: Hash) -> Result<(), ApiError> {
        let stopped = self.client.runtime_api().network(block)?.payments_stopped;
        let changed = stopped != self.stopped;
        if changed {
            match &stopped {
                Some(why) => error!(
                    target: "specie",
                    "🚨 ALERT: payments are stopped at block #{number}: {why}. Reading goes on; the committee resumes payments."
                ),
                None => info!(target: "specie", "Payments go on since block #{number}"),
            }
            self.metrics.stopped(stopped.is_some());
            self.stopped = stopped;
        }
        if changed || self.reported.map_or(true, |last| number.saturating_sub(last) >= REPORT_EVERY) {
            let report = self.client.runtime_api().supply(block)?;
            self.metrics.supply(&report);
            self.reported = Some(number);
        }
        Ok(())
    }
}
