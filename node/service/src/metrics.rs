//! What Prometheus reads of the money, beside the SDK's own figures of the node.
//!
//! | metric | meaning |
//! |---|---|
//! | `specie_index_height` | last finalised block in the index |
//! | `specie_coins_moved_total` | moves of single coins in finalised blocks since the node started |
//! | `specie_payments_total` | payments from owner to owner in finalised blocks since the node started |
//! | `specie_supply{place}` | value by place in minor units at a recent finalised block |
//! | `specie_books_balanced` | 1 if every equality of the books holds at a recent finalised block, else 0 |
//! | `specie_payments_stopped` | 1 if the audit stopped payments, else 0 |
//!
//! Places: `issue_vault`, `bank_vaults`, `owners`, `reserves`, `custody`.

use specie_primitives::{
    books::SupplyReport,
    flow::{Flow, FlowKind},
    Balance, BlockNumber,
};
use substrate_prometheus_endpoint::{register, Counter, Gauge, GaugeVec, Opts, PrometheusError, Registry, F64, U64};

/// The metrics. They count whether or not anybody reads them.
#[derive(Clone)]
pub struct Metrics {
    /// See the module.
    pub height: Gauge<U64>,
    /// See the module.
    pub coins_moved: Counter<U64>,
    /// See the module.
    pub payments: Counter<U64>,
    supply: GaugeVec<F64>,
    /// See the module.
    pub balanced: Gauge<U64>,
    /// See the module.
    pub stopped: Gauge<U64>,
}

impl Metrics {
    /// Makes the metrics and, if there is a registry, shows them there.
    pub fn new(registry: Option<&Registry>) -> Result<Self, PrometheusError> {
        let metrics = Self {
            height: Gauge::new("specie_index_height", "Last finalised block in the index")?,
            coins_moved: Counter::new(
                "specie_coins_moved_total",
                "Moves of single coins in finalised blocks since the node started",
            )?,
            payments: Counter::new(
                "specie_payments_total",
                "Payments from owner to owner in finalised blocks since the node started",
            )?,
            supply: GaugeVec::new(Opts::new("specie_supply", "Value by place in minor units"), &["place"])?,
            balanced: Gauge::new("specie_books_balanced", "Whether every equality of the books holds (1) or not (0)")?,
            stopped: Gauge::new("specie_payments_stopped", "Whether the audit stopped payments (1) or not (0)")?,
        };
        if let Some(registry) = registry {
            register(metrics.height.clone(), registry)?;
            register(metrics.coins_moved.clone(), registry)?;
            register(metrics.payments.clone(), registry)?;
            register(metrics.supply.clone(), registry)?;
            register(metrics.balanced.clone(), registry)?;
            register(metrics.stopped.clone(), registry)?;
        }
        Ok(metrics)
    }

    /// The index took in a block.
    pub fn indexed<'f>(&self, number: BlockNumber, flows: impl IntoIterator<Item = &'f Flow>) {
        self.height.set(number.into());
        for flow in flows {
            self.coins_moved.inc_by(u64::try_from(flow.coins.len()).unwrap_or(u64::MAX));
            if flow.kind == FlowKind::Transferred {
                self.payments.inc();
            }
        }
    }

    /// The books at a finalised block.
    pub fn supply(&self, report: &SupplyReport) {
        let places = [
            ("issue_vault", report.issue_vault),
            ("bank_vaults", report.bank_vaults),
            ("owners", report.owners),
            ("waiting", report.waiting),
            ("reserves", report.reserves),
            ("custody", report.custody),
        ];
        for (place, value) in places {
            self.supply.with_label_values(&[place]).set(gauge(value));
        }
        self.balanced.set(report.balanced.into());
    }

    /// Whether payments stand still.
    pub fn stopped(&self, stopped: bool) {
        self.stopped.set(stopped.into());
    }
}

/// Prometheus knows 64-bit floats only: exact up to 2^53 minor units, and close enough for a graph beyond.
fn gauge(value: Balance) -> f64 {
    value as f64
}
