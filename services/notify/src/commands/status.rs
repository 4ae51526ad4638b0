//! `specie-notify status`

use crate::{
    failure::{result, Failure},
    Options,
};
use clap::Args;
use serde::Serialize;
use specie_notify::{
    config::Config,
    node::Nodes,
    state::{self, Dead, Progress},
};
use specie_primitives::BlockNumber;

/// Tell how far every endpoint is.
#[derive(Args)]
pub struct Status {
    /// List the notices that were refused for good, too.
    #[arg(long)]
    refused: bool,
}

#[derive(Serialize)]
struct Report {
    /// Last block that a node knows; nothing if none answers.
    head: Option<BlockNumber>,
    endpoints: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Vec<Dead>>,
}

#[derive(Serialize)]
struct Row {
    endpoint: String,
    /// Nothing before it began.
    progress: Option<Progress>,
    /// Blocks that are not done.
    behind: Option<BlockNumber>,
}

impl Status {
    /// Does it.
    pub async fn run(self, options: &Options) -> Result<(), Failure> {
        let config = Config::read(&options.config)?;
        let content = state::read(&config.state)?;
        let mut nodes = Nodes::new(config.nodes.clone(), content.genesis);
        let mut head = None;
        for _ in config.nodes.iter() {
            match nodes.head().await {
                Ok(number) => {
                    head = Some(number);
                    break;
                },
                Err(error) => eprintln!("note: {error}"),
            }
            nodes.leave();
        }
        let row = |name: &String| {
            let progress = content.endpoints.get(name).copied();
            let behind = |progress: Progress| Some(head?.saturating_add(1).saturating_sub(progress.next.block));
            Row { endpoint: name.clone(), progress, behind: progress.and_then(behind) }
        };
        let endpoints = config.endpoints.iter().map(|endpoint| row(&endpoint.name)).collect();
        let refused = if self.refused { Some(state::dead(&config.state)?) } else { None };
        let report = Report { head, endpoints, refused };
        result(options.json, &report, &report.text());
        Ok(())
    }
}

impl Report {
    fn text(&self) -> String {
        let head = self.head.map_or_else(|| "no node answers".into(), |head| format!("the nodes know block {head}"));
        let mut lines = vec![head];
        for Row { endpoint, progress, behind } in &self.endpoints {
            lines.push(match progress {
                None => format!("{endpoint}: has not begun"),
                Some(progress) => format!(
                    "{endpoint}: {} taken, {} refused for good, at block {}, behind by {} blocks",
                    progress.delivered,
                    progress.refused,
                    progress.next.block,
                    behind.map_or_else(|| "?".into(), |behind| behind.to_string()),
                ),
            });
        }
        for dead in self.refused.iter().flatten() {
            lines.push(format!("refused by {}: {} (HTTP {})", dead.endpoint, dead.id, dead.status));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use specie_notify::notice::Place;

    #[test]
    fn a_report_says_how_far_everybody_is() {
        let progress = Progress { next: Place { block: 7, place: 2 }, delivered: 5, refused: 1, last_ms: Some(1) };
        let row = |endpoint: &str, progress, behind| Row { endpoint: endpoint.into(), progress, behind };
        let record = serde_json::Value::Null;
        let dead = Dead { id: "ab-6-0".into(), endpoint: "core".into(), status: 422, time_ms: 1, record };
        let endpoints = vec![row("core", Some(progress), Some(3)), row("new", None, None)];
        let text = Report { head: Some(9), endpoints, refused: Some(vec![dead]) }.text();
        let expected = "the nodes know block 9\n\
            core: 5 taken, 1 refused for good, at block 7, behind by 3 blocks\n\
            new: has not begun\n\
            refused by core: ab-6-0 (HTTP 422)";
        assert_eq!(text, expected);
        let report = Report { head: None, endpoints: vec![row("core", Some(progress), None)], refused: None };
        assert!(report.text().starts_with("no node answers\n") && report.text().ends_with("behind by ? blocks"));
    }
}
