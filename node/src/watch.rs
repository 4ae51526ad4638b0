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
struct Watch {
    metrics: Metrics,
    reported: Option<BlockNumber>,
    stopped: Option<String>,
}

impl Watch {
    fn new(metrics: Metrics) -> Self {
        Self { metrics, reported: None, stopped: None }
    }

    /// Looks at a block: why payments stand still, if they do, and the full report if it is due.
    fn look(
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

#[cfg(test)]
mod tests {
    use super::*;
    use specie_primitives::books::Books;

    fn report(balanced: bool) -> SupplyReport {
        let books = Books { issuance: vec![], issue_vault: vec![], owners: vec![], native_issuance: 0, banks: vec![] };
        SupplyReport { balanced, ..SupplyReport::new(1, books) }
    }

    fn broken() -> Result<SupplyReport, ApiError> {
        Err(ApiError::StateBackendIsNotTrie)
    }

    #[test]
    fn a_stop_is_noticed_at_once_and_reported_until_it_is_read() {
        let mut watch = Watch::new(Metrics::new(None).unwrap());
        let seen = |watch: &Watch| (watch.metrics.stopped.get(), watch.metrics.balanced.get());
        let stop = || Some("M1 does not hold since block 3".to_owned());
        watch.look(1, None, || Ok(report(true))).unwrap();
        assert_eq!(seen(&watch), (0, 1));

        // Between two reports nothing is asked.
        watch.look(2, None, broken).unwrap();
        // A stop is seen although the report fails; the report is asked for again.
        assert!(watch.look(3, stop(), broken).is_err());
        assert_eq!(seen(&watch), (1, 1));
        watch.look(4, stop(), || Ok(report(false))).unwrap();
        assert_eq!(seen(&watch), (1, 0));

        watch.look(5, None, || Ok(report(true))).unwrap();
        assert_eq!(seen(&watch), (0, 1));
        watch.look(14, None, broken).unwrap();
        assert!(watch.look(15, None, broken).is_err(), "a report is due after ten blocks");
    }
}
