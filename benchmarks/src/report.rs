//! Figures: microseconds a payment, and ratios within a round.

use anyhow::Result;
use serde::Serialize;

/// What was measured, and with what.
#[derive(Debug, Serialize)]
pub struct Setting {
    /// What the figures are.
    pub measures: &'static str,
    /// Payments in a block.
    pub payments: u32,
    /// Owners in the state.
    pub owners: u32,
    /// Seed of the payments.
    pub seed: u64,
}

/// What every round took, configuration by configuration.
#[derive(Debug, Serialize)]
pub struct Report {
    #[serde(flatten)]
    setting: Setting,
    configurations: Vec<Figures>,
    /// What else is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    facts: Vec<Fact>,
}

/// A figure that is not measured round by round.
#[derive(Debug, Serialize)]
struct Fact {
    what: String,
    figure: f64,
}

/// Figures of a configuration.
#[derive(Debug, Serialize)]
struct Figures {
    name: String,
    /// Microseconds a payment, round by round.
    micros: Vec<f64>,
    /// Those of the same round divided by the first configuration's.
    ratios: Vec<f64>,
    /// Filled in at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Summary>,
}

/// Spread of the figures of a configuration.
#[derive(Clone, Copy, Debug, Serialize)]
struct Summary {
    micros: Spread,
    ratio: Spread,
}

/// The middle half of some figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Spread {
    median: f64,
    lower_quartile: f64,
    upper_quartile: f64,
}

impl Spread {
    /// Of at least one figure.
    fn of(figures: &[f64]) -> Self {
        let mut sorted = figures.to_vec();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len() - 1;
        let at = |quarters: usize| {
            // Between the two nearest.
            let (place, rest) = (last * quarters / 4, (last * quarters % 4) as f64 / 4.0);
            sorted[place] + rest * (sorted[(place + 1).min(last)] - sorted[place])
        };
        Self { median: at(2), lower_quartile: at(1), upper_quartile: at(3) }
    }
}

impl Report {
    /// An empty one for these configurations.
    pub fn new<'a>(setting: Setting, names: impl Iterator<Item = &'a str>) -> Self {
        let empty =
            |name: &str| Figures { name: name.to_owned(), micros: Vec::new(), ratios: Vec::new(), summary: None };
        Self { setting, configurations: names.map(empty).collect(), facts: Vec::new() }
    }

    /// Adds a round: microseconds a payment of every configuration.
    pub fn add(&mut self, micros: &[f64]) {
        for (figures, time) in self.configurations.iter_mut().zip(micros) {
            figures.micros.push(*time);
            figures.ratios.push(time / micros[0]);
        }
    }

    /// Median of the microseconds a payment of the configuration in this place, of at least one round.
    pub fn median(&self, place: usize) -> f64 {
        Spread::of(&self.configurations[place].micros).median
    }

    /// Notes something that stands below the figures.
    pub fn add_fact(&mut self, what: String, figure: f64) {
        self.facts.push(Fact { what, figure });
    }

    /// Prints it.
    pub fn print(mut self, json: bool) -> Result<()> {
        for figures in &mut self.configurations {
            let summary = Summary { micros: Spread::of(&figures.micros), ratio: Spread::of(&figures.ratios) };
            figures.summary = Some(summary);
        }
        if json {
            println!("{}", serde_json::to_string_pretty(&self)?);
        } else {
            print!("{}", self.text());
        }
        Ok(())
    }

    fn text(&self) -> String {
        let Self { setting: Setting { measures, payments, owners, .. }, configurations, facts } = self;
        let rounds = configurations.first().map_or(0, |figures| figures.micros.len());
        let mut text = format!("{measures}\n{owners} owners, {payments} payments a block, {rounds} rounds\n\n");
        text += &format!("{:<18} {:>10} {:>17} {:>8} {:>15}\n", "", "µs, median", "quartiles", "ratio", "quartiles");
        for Figures { name, summary, .. } in configurations {
            let Some(Summary { micros, ratio }) = summary else { continue };
            let times = format!("{:.1}-{:.1}", micros.lower_quartile, micros.upper_quartile);
            let ratios = format!("{:.3}-{:.3}", ratio.lower_quartile, ratio.upper_quartile);
            text += &format!("{name:<18} {:>10.1} {times:>17} {:>8.3} {ratios:>15}\n", micros.median, ratio.median);
        }
        if !facts.is_empty() {
            text += "\n";
        }
        for Fact { what, figure } in facts {
            text += &format!("{figure:>10.2}  {what}\n");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_middle_half() {
        let spread = |figures: &[f64]| {
            let Spread { lower_quartile, median, upper_quartile } = Spread::of(figures);
            [lower_quartile, median, upper_quartile]
        };
        assert_eq!(spread(&[7.0]), [7.0; 3]);
        assert_eq!(spread(&[5.0, 1.0, 3.0, 2.0, 4.0]), [2.0, 3.0, 4.0]);
        assert_eq!(spread(&[1.0, 2.0]), [1.25, 1.5, 1.75]);
    }

    #[test]
    fn ratios_are_those_within_a_round() {
        let setting = Setting { measures: "something", payments: 1, owners: 2, seed: 1 };
        let mut report = Report::new(setting, ["one", "two"].into_iter());
        // The machine is half as fast in the second round.
        report.add(&[100.0, 150.0]);
        report.add(&[200.0, 300.0]);
        assert_eq!(report.configurations[0].ratios, [1.0, 1.0]);
        assert_eq!(report.configurations[1].ratios, [1.5, 1.5]);
        assert_eq!(report.configurations[1].micros, [150.0, 300.0]);
        assert_eq!((report.median(0), report.median(1)), (150.0, 225.0));
    }
}
