//! What is counted, as the text that Prometheus reads.

use specie_primitives::BlockNumber;
use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Counters since the start of the service, by endpoint.
#[derive(Default)]
pub struct Metrics(Mutex<BTreeMap<String, Counts>>);

#[derive(Default)]
struct Counts {
    delivered: u64,
    refused: u64,
    attempts: BTreeMap<&'static str, u64>,
    next_block: BlockNumber,
    head_block: BlockNumber,
    failures: u32,
}

impl Metrics {
    /// An attempt: `taken`, `refused` or `failed`.
    pub fn attempt(&self, endpoint: &str, outcome: &'static str) {
        let mut all = self.locked();
        let count = all.entry(endpoint.into()).or_default().attempts.entry(outcome).or_default();
        *count = count.saturating_add(1);
    }

    /// Notices that were taken, and some that were refused for good.
    pub fn done(&self, endpoint: &str, delivered: u64, refused: u64) {
        let mut all = self.locked();
        let counts = all.entry(endpoint.into()).or_default();
        counts.delivered = counts.delivered.saturating_add(delivered);
        counts.refused = counts.refused.saturating_add(refused);
    }

    /// The first block that is not done, and the last one that the node knows.
    pub fn at(&self, endpoint: &str, next: BlockNumber, head: Option<BlockNumber>) {
        let mut all = self.locked();
        let counts = all.entry(endpoint.into()).or_default();
        counts.next_block = next;
        counts.head_block = head.unwrap_or(counts.head_block);
    }

    /// Failures in a row, of the endpoint or of nodes.
    pub fn failing(&self, endpoint: &str, failures: u32) {
        self.locked().entry(endpoint.into()).or_default().failures = failures;
    }

    /// Everything. Labels are names from the configuration, none of which needs escaping.
    pub fn text(&self) -> String {
        let all = self.locked();
        let mut text = String::new();
        let mut family = |name: &str, kind: &str, help: &str, value: &dyn Fn(&Counts) -> u64| {
            let _ = writeln!(text, "# HELP specie_notify_{name} {help}\n# TYPE specie_notify_{name} {kind}");
            for (endpoint, counts) in all.iter() {
                let _ = writeln!(text, "specie_notify_{name}{{endpoint=\"{endpoint}\"}} {}", value(counts));
            }
        };
        family("delivered_total", "counter", "Notices that were taken.", &|counts| counts.delivered);
        family("refused_total", "counter", "Notices that were refused for good.", &|counts| counts.refused);
        family("next_block", "gauge", "First block that is not done.", &|counts| counts.next_block.into());
        family("head_block", "gauge", "Last block that the node knows.", &|counts| counts.head_block.into());
        family("failures", "gauge", "Failures in a row.", &|counts| counts.failures.into());
        text.push_str(
            "# HELP specie_notify_attempts_total Requests by outcome.\n# TYPE specie_notify_attempts_total counter\n",
        );
        for (endpoint, counts) in all.iter() {
            for (outcome, count) in &counts.attempts {
                let labels = format!("endpoint=\"{endpoint}\",outcome=\"{outcome}\"");
                let _ = writeln!(text, "specie_notify_attempts_total{{{labels}}} {count}");
            }
        }
        text
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, Counts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_add_up() {
        let metrics = Metrics::default();
        metrics.attempt("core", "failed");
        metrics.attempt("core", "taken");
        metrics.attempt("core", "taken");
        metrics.done("core", 3, 0);
        metrics.done("core", 1, 1);
        metrics.at("core", 8, Some(9));
        metrics.at("core", 9, None);
        metrics.failing("core", 2);
        metrics.failing("other", 0);
        let text = metrics.text();
        for line in [
            "specie_notify_delivered_total{endpoint=\"core\"} 4\n",
            "specie_notify_refused_total{endpoint=\"core\"} 1\n",
            "specie_notify_next_block{endpoint=\"core\"} 9\n",
            "specie_notify_head_block{endpoint=\"core\"} 9\n",
            "specie_notify_failures{endpoint=\"core\"} 2\n",
            "specie_notify_failures{endpoint=\"other\"} 0\n",
            "specie_notify_attempts_total{endpoint=\"core\",outcome=\"taken\"} 2\n",
            "specie_notify_attempts_total{endpoint=\"core\",outcome=\"failed\"} 1\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
    }
}
