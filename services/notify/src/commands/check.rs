//! `specie-notify check`

use crate::{
    failure::{result, Failure},
    Options,
};
use clap::Args;
use serde::Serialize;
use specie_notify::{
    config::Config,
    node::{NodeError, Nodes},
    notice::Place,
    state::{self, Content},
    worker::greet,
};
use specie_primitives::Hash;
use std::sync::Arc;

/// Look whether it could run like this. Secrets and certificates are read, every node is asked, nothing is written.
#[derive(Args)]
pub struct Check {
    /// Send every endpoint a signed request without notices.
    #[arg(long)]
    greet: bool,
}

#[derive(Serialize)]
struct Finding {
    what: String,
    ok: bool,
    found: String,
}

impl Check {
    /// Does it.
    pub async fn run(self, options: &Options) -> Result<(), Failure> {
        let config = Config::read(&options.config)?;
        let mut findings = Vec::new();
        let mut note = |what: String, found: Result<String, String>| {
            let ok = found.is_ok();
            findings.push(Finding { what, ok, found: found.unwrap_or_else(|reason| reason) });
        };
        note("configuration".into(), Ok(format!("{} endpoints", config.endpoints.len())));
        let (content, found) = match state::read(&config.state) {
            Ok(content) => {
                let words = format!("{} endpoints have begun", content.endpoints.len());
                (content, Ok(words))
            },
            Err(error) => (Content::default(), Err(error.to_string())),
        };
        note("state".into(), found);
        let mut genesis = content.genesis;
        for peer in config.nodes.iter() {
            let mut nodes = Nodes::new(Arc::new(vec![peer.clone()]), genesis);
            let found = ask(&config, &content, &mut nodes).await;
            // All of them must belong to the network of the first.
            genesis = genesis.or(found.as_ref().ok().map(|(genesis, _)| *genesis));
            note(format!("node {peer}"), found.map(|(_, words)| words));
        }
        if self.greet {
            for endpoint in &config.endpoints {
                let found = greet(endpoint, genesis.unwrap_or_default()).await;
                note(format!("endpoint {}", endpoint.name), found.map(|()| "it took a greeting".into()));
            }
        }
        let lines: Vec<_> = findings
            .iter()
            .map(|Finding { what, ok, found }| format!("{:<4} {what}: {found}", if *ok { "ok" } else { "BAD" }))
            .collect();
        result(options.json, &findings, &lines.join("\n"));
        match findings.iter().filter(|finding| !finding.ok).count() {
            0 => Ok(()),
            // With --json the findings are the whole output.
            _ if options.json => std::process::exit(1),
            bad => Err(Failure::new("check", format!("{bad} of {} checks failed", findings.len()))),
        }
    }
}

/// Whether a node belongs to the network, and knows everything from where the endpoints are.
async fn ask(config: &Config, content: &Content, nodes: &mut Nodes) -> Result<(Hash, String), String> {
    let words = |error: NodeError| error.to_string();
    let genesis = nodes.network().await.map_err(words)?;
    let head = nodes.head().await.map_err(words)?;
    for endpoint in &config.endpoints {
        let first = Place::first_of(endpoint.from_block.unwrap_or(head.saturating_add(1)));
        let next = content.endpoints.get(&endpoint.name).map_or(first, |progress| progress.next);
        nodes.page(&endpoint.wanted.query(next.block), None, next).await.map_err(words)?;
    }
    Ok((genesis, format!("it knows everything that is to be sent, up to block {head}")))
}
