//! What a network is doing, for people and for programs.

use crate::{
    dev, identity,
    network::{Kind, Network, Node, Wallet},
    rpc::Rpc,
};
use anyhow::{ensure, Result};
use serde::Serialize;
use serde_json::{json, Value};
use specie_primitives::{AccountId, BankId, BlockNumber, Institution, OwnerId, Role};
use std::{fmt, path::PathBuf};

/// Everything that `status` shows.
#[derive(Debug, Serialize)]
pub struct Status {
    /// Folder of the network.
    pub base_path: PathBuf,
    /// Its chain spec.
    pub chain_spec: PathBuf,
    /// Its nodes.
    pub nodes: Vec<NodeStatus>,
    /// Its identity service.
    pub identity: IdentityStatus,
    /// Who may do what, with the keys to do it.
    pub accounts: Vec<Account>,
    /// Owners known to the chain.
    pub owners: Vec<OwnerId>,
    /// Keystores of owners.
    pub wallets: Vec<Wallet>,
}

/// One node.
#[derive(Debug, Serialize)]
pub struct NodeStatus {
    /// Its name.
    pub name: String,
    /// Whether it makes blocks.
    pub kind: Kind,
    /// Whether its process runs.
    pub alive: bool,
    /// Number of its process.
    pub pid: Option<u32>,
    /// Connected nodes.
    pub peers: Option<u64>,
    /// Its best block.
    pub best: Option<BlockNumber>,
    /// Its last final block.
    pub finalized: Option<BlockNumber>,
    /// JSON-RPC, by WebSocket and HTTP on one port.
    pub rpc: String,
    /// Metrics.
    pub metrics: String,
    /// Its log.
    pub log: PathBuf,
}

/// The identity service.
#[derive(Debug, Serialize)]
pub struct IdentityStatus {
    /// Whether its process runs.
    pub alive: bool,
    /// Number of its process.
    pub pid: Option<u32>,
    /// Where banks and wallets ask, once it was started.
    pub url: Option<String>,
    /// Its log.
    pub log: PathBuf,
}

impl IdentityStatus {
    fn of(network: &Network) -> Result<Self> {
        let service = network.identity();
        let alive = service.is_alive();
        let pid = service.process.filter(|_| alive).map(|process| process.pid);
        Ok(Self { alive, pid, url: service.url(), log: network.log(identity::NAME)? })
    }
}

/// An account that may do more than pay.
#[derive(Debug, Serialize)]
pub struct Account {
    /// What it is: `issuing`, `committee`, `bank 1 (Bank A)`, `validator of bank 1` …
    pub role: String,
    /// The account.
    pub account: AccountId,
    /// The public development key behind it, if it is one.
    pub key: Option<String>,
}

impl Status {
    /// Asks every node that runs. A node that gives no answer is shown without figures.
    pub async fn of(network: &Network) -> Result<Self> {
        let mut nodes = Vec::new();
        let mut accounts = Vec::new();
        let mut owners = Vec::new();
        for node in network.nodes() {
            let rpc = match node.is_alive() {
                true => answers(node).await.ok(),
                false => None,
            };
            if let Some(rpc) = rpc.as_ref().filter(|_| accounts.is_empty()) {
                accounts = accounts_at(rpc, network).await.unwrap_or_default();
                owners = rpc.owners().await.unwrap_or_default();
            }
            nodes.push(NodeStatus::of(node, rpc.as_ref()).await);
        }
        Ok(Self {
            base_path: network.base().to_owned(),
            chain_spec: network.spec(),
            nodes,
            identity: IdentityStatus::of(network)?,
            accounts,
            owners,
            wallets: network.wallets().to_vec(),
        })
    }
}

/// Where to find everything, as the demo leaves it for other programs.
pub fn endpoints(network: &Network) -> Value {
    let nodes = network.nodes().iter().map(|node| {
        json!({
            "name": node.name,
            "ws": node.url(),
            "http": node.url().replace("ws://", "http://"),
            "metrics": node.metrics_url(),
            "multiaddress": node.multiaddress(),
        })
    });
    json!({
        "base_path": network.base(),
        "chain_spec": network.spec(),
        "cli": network.program("specie"),
        "nodes": nodes.collect::<Vec<_>>(),
        "identity_service": network.identity().url(),
        "wallets": network.wallets(),
    })
}

impl NodeStatus {
    async fn of(node: &Node, rpc: Option<&Rpc>) -> Self {
        let (mut peers, mut best, mut finalized) = (None, None, None);
        if let Some(rpc) = rpc {
            peers = rpc.peers().await.ok();
            best = rpc.best().await.ok().map(|block| block.number);
            finalized = rpc.finalized().await.ok().map(|block| block.number);
        }
        let alive = node.is_alive();
        Self {
            name: node.name.clone(),
            kind: node.kind,
            alive,
            pid: node.process.filter(|_| alive).map(|process| process.pid),
            peers,
            best,
            finalized,
            rpc: node.url(),
            metrics: node.metrics_url(),
            log: node.log.clone(),
        }
    }
}

/// A connection to this very node: another may have its port.
async fn answers(node: &Node) -> Result<Rpc> {
    let rpc = Rpc::connect(&node.url()).await?;
    ensure!(rpc.peer_id().await? == node.peer_id, "another node answers");
    Ok(rpc)
}

/// Who may do what, according to the chain.
async fn accounts_at(rpc: &Rpc, network: &Network) -> Result<Vec<Account>> {
    let mut known: Vec<(AccountId, String)> = Vec::new();
    let banks = dev::BANKS.iter().map(|(_, _, key)| (*key).to_owned());
    let roles = dev::ROLES.iter().map(|(_, key)| (*key).to_owned());
    let committee = dev::COMMITTEE.iter().map(|key| (*key).to_owned());
    let validators = (0..network.nodes().len()).map(dev::validator_key);
    for key in banks.chain(roles).chain(committee).chain(validators) {
        known.push((dev::account(&key), key));
    }
    let entry = |role: String, account: AccountId| {
        let key = known.iter().find(|(of, _)| *of == account).map(|(_, key)| key.clone());
        Account { role, account, key }
    };
    let institutions = rpc.institutions().await?;
    let mut accounts = Vec::new();
    for (role, keys) in institutions.roles {
        accounts.extend(keys.into_iter().map(|account| entry(role_name(role).into(), account)));
    }
    accounts.extend(institutions.committee.into_iter().map(|account| entry("committee".into(), account)));
    for bank in rpc.banks().await? {
        accounts.push(entry(format!("bank {} ({})", bank.bank, bank.name), bank.account));
    }
    for (account, institution) in institutions.validators {
        accounts.push(entry(format!("validator of {}", institution_name(institution)), account));
    }
    Ok(accounts)
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Issuing => "issuing",
        Role::Supervising => "supervising",
        Role::Admitting => "admitting",
        Role::Operating => "operating",
        Role::Registry => "registry",
    }
}

fn institution_name(institution: Institution) -> String {
    match institution {
        Institution::Issuer => "the issuer".into(),
        Institution::Bank(BankId(number)) => format!("bank {number}"),
    }
}

/// A figure, or a dash where there is none.
fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".into(), |value| value.to_string())
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Network below {}", self.base_path.display())?;
        writeln!(f, "  {:<12} {:<9} {:>8} {:>6} {:>8} {:>8}  RPC", "node", "state", "pid", "peers", "best", "final")?;
        for node in &self.nodes {
            let state = match (node.alive, node.best) {
                (false, _) => "down",
                (true, None) => "starting",
                (true, Some(_)) => "running",
            };
            writeln!(
                f,
                "  {:<12} {:<9} {:>8} {:>6} {:>8} {:>8}  {}",
                node.name,
                state,
                or_dash(node.pid),
                or_dash(node.peers),
                or_dash(node.best),
                or_dash(node.finalized),
                node.rpc,
            )?;
        }
        let IdentityStatus { alive, pid, url, .. } = &self.identity;
        let state = if *alive { "running" } else { "down" };
        let url = url.as_deref().unwrap_or("-");
        writeln!(
            f,
            "  {:<12} {state:<9} {:>8} {:>6} {:>8} {:>8}  {url}",
            identity::NAME,
            or_dash(*pid),
            "-",
            "-",
            "-"
        )?;
        if !self.accounts.is_empty() {
            writeln!(f, "Accounts (public development keys; sign with --key)")?;
            for Account { role, account, key } in &self.accounts {
                writeln!(f, "  {role:<22} {account}  {}", key.as_deref().unwrap_or("-"))?;
            }
        }
        if !self.owners.is_empty() {
            writeln!(f, "Owners")?;
            for owner in &self.owners {
                let wallet = self.wallets.iter().find(|wallet| wallet.owner == *owner);
                let about = wallet.map_or_else(String::new, |wallet| {
                    format!(
                        "  {}: --key {} --keystore {}, SPECIE_PASSWORD={}",
                        wallet.name,
                        wallet.key,
                        wallet.keystore.display(),
                        wallet.passphrase
                    )
                });
                writeln!(f, "  {owner}{about}")?;
            }
        }
        write!(f, "Logs: {}/nodes/NODE/log, {}", self.base_path.display(), self.identity.log.display())
    }
}
