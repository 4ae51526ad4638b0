//! What is counted, as the text that Prometheus reads.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
};

/// Counters since the start of the service.
#[derive(Default)]
pub struct Metrics(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    /// By asker and outcome.
    requests: BTreeMap<(String, &'static str), u64>,
    /// By asker.
    evaluations: BTreeMap<String, u64>,
}

/// Label of requests that were refused before it was known who asks.
pub const NOBODY: &str = "unknown";

impl Metrics {
    /// Counts a request: `outcome` is `ok` or a refusal's code.
    pub fn request(&self, asker: &str, outcome: &'static str, evaluations: u64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.requests.entry((asker.into(), outcome)).or_default() += 1;
        if evaluations > 0 {
            *counts.evaluations.entry(asker.into()).or_default() += evaluations;
        }
    }

    /// All counters. Labels are names from the service's own file or made from numbers, so that none needs escaping.
    pub fn text(&self) -> String {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::from(
            "# HELP specie_identity_requests_total Requests by asker and outcome.\n\
             # TYPE specie_identity_requests_total counter\n",
        );
        for ((asker, outcome), count) in &counts.requests {
            let _ = writeln!(text, "specie_identity_requests_total{{asker=\"{asker}\",outcome=\"{outcome}\"}} {count}");
        }
        text.push_str(
            "# HELP specie_identity_evaluations_total Evaluations by asker.\n\
             # TYPE specie_identity_evaluations_total counter\n",
        );
        for (asker, count) in &counts.evaluations {
            let _ = writeln!(text, "specie_identity_evaluations_total{{asker=\"{asker}\"}} {count}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_add_up() {
        let metrics = Metrics::default();
        metrics.request("bank-1", "ok", 3);
        metrics.request("bank-1", "ok", 1);
        metrics.request(NOBODY, "signature", 0);
        let text = metrics.text();
        assert!(text.contains("requests_total{asker=\"bank-1\",outcome=\"ok\"} 2\n"), "{text}");
        assert!(text.contains("requests_total{asker=\"unknown\",outcome=\"signature\"} 1\n"));
        assert!(text.contains("evaluations_total{asker=\"bank-1\"} 4\n"));
        assert!(!text.contains("evaluations_total{asker=\"unknown\"}"));
    }
}
