//! The watch on the books.

use sp_api::ApiError;
use specie_node_service::{metrics::Metrics, watch::Watch};
use specie_primitives::books::Books;
use specie_primitives::books::SupplyReport;

fn report(balanced: bool) -> SupplyReport {
    let books = Books {
        issuance: vec![],
        issue_vault: vec![],
        owners: vec![],
        waiting: vec![],
        pickups: Default::default(),
        native_issuance: 0,
        banks: vec![],
        instruments: vec![],
    };
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
