//! `specie-identity check`

use super::{key_password, AskersOptions};
use crate::{
    failure::{result, Failure},
    Options,
};
use clap::Args;
use serde::Serialize;
use specie_identity_client::describe;
use specie_identity_service::{askers::NetworkFacts, files, store::Store};
use specie_prf::PublicKey;
use std::path::PathBuf;

/// Look whether the service could run like this.
#[derive(Args)]
pub struct Check {
    /// The encrypted key file; it is opened.
    #[arg(long, env = "SPECIE_IDENTITY_KEY", value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    askers: AskersOptions,
    /// The state file; it must not be in use.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// A running service, http://host:port.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Public key that the network's state holds: key file, node and running service must have it.
    #[arg(long, value_name = "KEY")]
    public_key: Option<PublicKey>,
}

#[derive(Serialize)]
struct Finding {
    what: &'static str,
    ok: bool,
    found: String,
}

impl Check {
    /// Does it.
    pub async fn run(self, options: &Options) -> Result<(), Failure> {
        let mut findings = Vec::new();
        let mut note = |what, found: Result<String, String>| {
            findings.push(Finding { what, ok: found.is_ok(), found: found.unwrap_or_else(|reason| reason) });
        };
        let mut ours = None;
        if let Some(path) = &self.key {
            let opened = key_password(options, false).and_then(|password| Ok(files::open(path, &password)?.0));
            ours = opened.as_ref().ok().map(|header| (header.network, header.public_key));
            let found = opened.map_err(|failure| failure.message).and_then(|header| {
                self.expected(header.public_key).map(|key| format!("network {}, public key {key}", header.network))
            });
            note("key file", found);
        }
        if let Some(path) = &self.state {
            let sizes = Store::open(path).and_then(|store| store.sizes());
            let found = sizes.map(|(payers, requests)| format!("{payers} payers, {requests} recent requests"));
            note("state file", found.map_err(|error| error.to_string()));
        }
        if self.askers.askers.is_some() || self.askers.node.is_some() {
            match self.askers.read() {
                Err(failure) => note("askers", Err(failure.message)),
                Ok((listed, chain)) => {
                    note("askers", Ok(format!("{} listed keys", listed.count())));
                    if let Some(chain) = chain {
                        let found = chain.network().await.map_err(|error| error.to_string());
                        note("node", found.and_then(|facts| self.same_network(ours, facts)));
                    }
                },
            }
        }
        if let Some(url) = &self.url {
            let said = describe(url).await.map_err(|error| error.to_string());
            let found = said.and_then(|(network_id, owner_id_key)| {
                self.same_network(ours, NetworkFacts { network_id, owner_id_key })
            });
            note("service", found);
        }
        if findings.is_empty() {
            return Err(Failure::new("check", "nothing to check: give --key, --state, --askers, --node or --url"));
        }
        let lines: Vec<_> = findings
            .iter()
            .map(|finding| {
                format!("{:<4} {:<10} {}", if finding.ok { "ok" } else { "BAD" }, finding.what, finding.found)
            })
            .collect();
        result(options.json, &findings, &lines.join("\n"));
        match findings.iter().filter(|finding| !finding.ok).count() {
            0 => Ok(()),
            // With --json the findings are the whole output.
            _ if options.json => std::process::exit(1),
            bad => Err(Failure::new("check", format!("{bad} of {} checks failed", findings.len()))),
        }
    }

    /// Whether a node or a service belongs to the network and the key of the key file.
    fn same_network(&self, ours: Option<(u32, PublicKey)>, found: NetworkFacts) -> Result<String, String> {
        let NetworkFacts { network_id, owner_id_key } = found;
        match ours {
            Some((network, _)) if network != network_id => {
                return Err(format!("network {network_id}, but the key is for network {network}"));
            },
            Some((_, key)) if key != owner_id_key => {
                return Err(format!("public key {owner_id_key}, but the key file has {key}"));
            },
            _ => {},
        }
        Ok(format!("network {network_id}, public key {}", self.expected(owner_id_key)?))
    }

    fn expected(&self, key: PublicKey) -> Result<PublicKey, String> {
        match self.public_key {
            Some(expected) if expected != key => Err(format!("public key {key}, but {expected} is expected")),
            _ => Ok(key),
        }
    }
}
