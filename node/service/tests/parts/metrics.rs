//! What Prometheus reads.

use specie_node_service::metrics::Metrics;
use specie_primitives::flow::{Flow, FlowKind};
use specie_primitives::{flow::Party, CoinId};
use substrate_prometheus_endpoint::Registry;

#[test]
fn metrics_register_once_and_count_payments() {
    let registry = Registry::new();
    let metrics = Metrics::new(Some(&registry)).unwrap();
    let coin = CoinId { batch: 0, index: 1 };
    let flow = |kind| Flow {
        extrinsic: None,
        kind,
        value: 5,
        from: Party::Issuer,
        to: Party::Issuer,
        coins: vec![coin, coin],
        ranges: vec![],
        others: vec![],
        order: None,
    };
    metrics.indexed(7, &[flow(FlowKind::Transferred), flow(FlowKind::Drawn)]);
    assert_eq!((metrics.height.get(), metrics.coins_moved.get(), metrics.payments.get()), (7, 4, 1));
    assert!(Metrics::new(Some(&registry)).is_err(), "names are taken");
    assert!(Metrics::new(None).is_ok());
}
