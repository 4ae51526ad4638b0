//! Coins that a node lists, with proof that it lists the truth.
//!
//! The node proves them against the state of a block. That the block is the network's is shown by its voters, from the
//! first ones in the chain spec on, or by nodes of others, which know the same block as final. The checks themselves are
//! in [`specie_wallet::proof`] and [`specie_wallet::finality`].

use crate::{
    app::{App, Holdings},
    client::{BlockRef, Client},
    failure::{self, Failure},
    nodes, output,
};
use anyhow::{bail, ensure, Context, Result};
use clap::Args;
use serde::{Deserialize, Serialize};
use specie_primitives::{BlockNumber, Hash, Holder, OrderId};
use specie_wallet::{
    finality::{self, Header, Voters},
    order::{ensure_executed, read_proof},
    proof::{self, HoldingsCheck},
};
use std::{
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use subxt::rpcs::client::rpc_params;
use tokio::time::{sleep, Instant};

/// Coins proven at once.
const PAGE: u32 = 500;
/// Times that a list is read again because coins moved while it was read.
const ATTEMPTS: u32 = 5;
/// Pause before a node is asked again that does not know a block as final yet.
const AGAIN: Duration = Duration::from_millis(500);
/// Age in seconds from which a block is called old: whoever keeps blocks back cannot make them younger.
const OLD: u64 = 60;
/// Most headers between the block of a proof and the last final one.
const MOST_BETWEEN: BlockNumber = 1_000;

/// Whether the node is believed, and who else is.
#[derive(Args)]
pub struct Trust {
    /// Have the coins proven, instead of believing the node.
    #[arg(long)]
    pub verify: bool,
    /// Other nodes that must know the same block as final, separated by commas.
    #[arg(long, value_name = "NODES", requires = "verify")]
    witness: Option<String>,
    /// The network's raw chain spec: says who the first voters were.
    #[arg(long, value_name = "FILE", requires = "verify")]
    spec: Option<PathBuf>,
}

/// What was verified, and on whose word.
#[derive(Debug, Serialize)]
pub struct Verified {
    block: BlockRef,
    state_root: Hash,
    /// When the block was made, in milliseconds since 1970, according to its slot.
    time_ms: Option<u64>,
    /// How long that is ago by this machine's clock, in seconds.
    age: Option<u64>,
    /// Voters whose signatures make the block final.
    voters: Option<Voted>,
    /// Nodes that know the block as final.
    witnesses: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Voted {
    /// Number of the set, counted from the first block.
    set: u64,
    /// How many vote.
    voters: usize,
}

impl Verified {
    /// For people, of coins.
    pub fn words(&self) -> String {
        self.words_of("All of these coins are proven")
    }

    /// For people, of whatever is proven.
    pub fn words_of(&self, what: &str) -> String {
        let mut by = Vec::new();
        if let Some(Voted { set, voters }) = &self.voters {
            by.push(format!("by more than two thirds of its {voters} voters (set {set})"));
        }
        if !self.witnesses.is_empty() {
            by.push(format!("according to {}", self.witnesses.join(" and ")));
        }
        let number = self.block.number;
        let time = self.time_ms.map_or_else(|| "an unknown time".into(), |ms| format!("{} UTC", output::utc(ms)));
        let old = match self.age {
            Some(age) if age < OLD => String::new(),
            Some(age) => format!("\nTHIS BLOCK IS {} MINUTES OLD: later payments may be missing.", age / 60),
            None => "\nIT IS NOT KNOWN HOW OLD THIS BLOCK IS.".into(),
        };
        let by = by.join(", and ");
        format!("{what} in the state of block {number}, made at {time}, final {by}.{old}")
    }
}

/// A page of `specie_holdingsProof`.
#[derive(Deserialize)]
struct Page {
    holdings: Holdings,
    proof: StateProof,
}

#[derive(Deserialize)]
struct StateProof {
    block: BlockRef,
    nodes: Vec<String>,
}

impl StateProof {
    fn nodes(&self) -> Result<Vec<Vec<u8>>> {
        self.nodes.iter().map(|node| bytes(node)).collect()
    }
}

/// Where an order was executed, as `specie_orderProof` tells it.
#[derive(Deserialize)]
struct OrderProof {
    execution: Option<String>,
    proof: StateProof,
}

impl Trust {
    /// The block in which an order was executed, proven; nothing if the node proves none, which says nothing about the order.
    pub async fn execution(&self, app: &App, order: OrderId) -> Result<Option<(BlockNumber, Verified)>> {
        let client = app.client().await?;
        let (witnesses, (found, header)) = loop {
            let asked = client.address();
            let witnesses = self.witnesses(app.nodes()?, &asked)?;
            let found = executed(client, order).await?;
            if client.address() == asked {
                break (witnesses, found);
            }
        };
        let Some(block) = found else { return Ok(None) };
        let at = BlockRef { number: header.number, hash: format!("{:?}", finality::hash(&header)) };
        Ok(Some((block, self.vouched(app, at, &header, &witnesses).await?)))
    }

    /// All coins of a holder, proven.
    pub async fn holdings(&self, app: &App, holder: Holder) -> Result<(Holdings, Verified)> {
        let client = app.client().await?;
        // A node that takes the place of another one in between would be its own witness.
        let (witnesses, (holdings, header)) = loop {
            let asked = client.address();
            let witnesses = self.witnesses(app.nodes()?, &asked)?;
            let found = proven(client, holder).await?;
            if client.address() == asked {
                break (witnesses, found);
            }
        };
        let block = holdings.block.clone();
        Ok((holdings, self.vouched(app, block, &header, &witnesses).await?))
    }

    /// Has a block with this header vouched for.
    async fn vouched(&self, app: &App, block: BlockRef, header: &Header, witnesses: &[String]) -> Result<Verified> {
        let client = app.client().await?;
        let voters = match &self.spec {
            Some(file) => {
                let spec = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
                let voters = Voters::of_spec(&spec).with_context(|| file.display().to_string())?;
                ensure!(
                    voters.block.1 == client.genesis(),
                    "the node belongs to another network than {}: its first block is {:?}, not {:?}",
                    file.display(),
                    client.genesis(),
                    voters.block.1
                );
                Some(voted(client, voters, header, app.patience()).await?)
            },
            None => None,
        };
        for address in witnesses {
            witness(client, address, &block, app.patience()).await?;
        }
        let time_ms = finality::time_ms(header);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let age = time_ms.map(|ms| now.saturating_sub(ms / 1_000));
        let witnesses = witnesses.to_vec();
        Ok(Verified { block, state_root: header.state_root, time_ms, age, voters, witnesses })
    }

    /// Nodes to ask beside the one that is asked already, which is no witness of itself.
    fn witnesses(&self, known: Vec<String>, asked: &str) -> Result<Vec<String>> {
        let mut witnesses: Vec<String> = match (&self.witness, &self.spec) {
            (Some(witness), _) => nodes::addresses([witness.as_str()]),
            (None, Some(_)) => Vec::new(),
            (None, None) => known,
        };
        witnesses.retain(|address| address != asked);
        if witnesses.is_empty() && (self.spec.is_none() || self.witness.is_some()) {
            let text = "say who else is to be believed: --witness NODES, of others than --node, or --spec FILE, the \
                        network's raw chain spec";
            return Err(Failure::new(failure::WALLET, text).into());
        }
        Ok(witnesses)
    }
}

/// What a node said is wrong, or at least not shown to be right.
fn unproven(error: impl std::fmt::Display) -> anyhow::Error {
    Failure::new(failure::NODE, format!("NOT PROVEN, do not rely on what this node says: {error}")).into()
}

/// The block in which an order was executed, if the node proves one, and the header of the block whose state proves it.
async fn executed(client: &Client, order: OrderId) -> Result<(Option<BlockNumber>, Header)> {
    let OrderProof { execution, proof } = client.request("specie_orderProof", rpc_params![order]).await?;
    let header = header(client, &proof.block.hash).await?;
    let blocks = proof::order_blocks(header.state_root, &proof.nodes()?).map_err(unproven)?;
    let Some(execution) = execution else { return Ok((None, header)) };
    let execution = read_proof(&bytes(&execution)?).map_err(unproven)?;
    ensure_executed(order, &execution, blocks.root()).map_err(unproven)?;
    Ok((Some(execution.block), header))
}

/// All coins of a holder in the state of one block, with that block's header.
async fn proven(client: &Client, holder: Holder) -> Result<(Holdings, Header)> {
    // As in [`App::holdings`]: a payment that was final before this command must be seen by it.
    let (needed, deadline) = (client.finalized().await?.number, Instant::now() + Duration::from_secs(10));
    let mut attempt = 1;
    loop {
        let mut page = proven_page(client, holder, None, None).await?;
        if page.holdings.block.number < needed && Instant::now() < deadline {
            sleep(Duration::from_millis(50)).await;
            continue;
        }
        let block = page.proof.block.clone();
        let header = header(client, &block.hash).await?;
        let mut check = HoldingsCheck::new(header.state_root, holder);
        let mut coins = Vec::new();
        let result = loop {
            let nodes = page.proof.nodes()?;
            if page.proof.block != block || header.number != block.number {
                bail!(unproven("it proves another block than it says"));
            }
            if page.holdings.coins.is_empty() && page.holdings.cursor.is_some() {
                bail!(unproven("its list has no end"));
            }
            if let Err(error) = check.page(&page.holdings.coins, &nodes) {
                break Err(error);
            }
            coins.append(&mut page.holdings.coins);
            match page.holdings.cursor.take() {
                Some(cursor) => page = proven_page(client, holder, Some(&cursor), Some(&block.hash)).await?,
                None => break check.ensure_all(),
            }
        };
        match result {
            Ok(()) => {
                coins.sort();
                let (count, total) = check.totals();
                return Ok((Holdings { block, coins, total, count, cursor: None }, header));
            },
            // The index went on while it was read: later pages are of another block than is proven.
            Err(_) if page.holdings.block != block && attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(unproven(error)),
        }
    }
}

async fn proven_page(client: &Client, holder: Holder, cursor: Option<&str>, at: Option<&str>) -> Result<Page> {
    client.request("specie_holdingsProof", rpc_params![holder, cursor, PAGE, at]).await
}

/// A header that has this hash: it need not be believed.
async fn header(client: &Client, hash: &str) -> Result<Header> {
    let header: Option<Header> = client.request("chain_getHeader", rpc_params![hash]).await?;
    let header = header.ok_or_else(|| unproven(format!("it does not know block {hash}, which it proves")))?;
    if hex::decode(hash.trim_start_matches("0x")).ok().as_deref() != Some(finality::hash(&header).as_bytes()) {
        return Err(unproven(format!("it sent another header than that of block {hash}")));
    }
    Ok(header)
}

/// Has the network's voters vouch for a header.
async fn voted(client: &Client, mut voters: Voters, header: &Header, patience: Duration) -> Result<Voted> {
    let deadline = Instant::now() + patience;
    let mut last: Option<Header> = None;
    loop {
        let since = format!("{:?}", voters.block.1);
        let proof: String = client.request("specie_finalityProof", rpc_params![since]).await?;
        let (next, finished) = voters.follow(&bytes(&proof)?).map_err(unproven)?;
        let stands_still = next.is_none();
        last = next.or(last);
        if let Some(last) = last.as_ref().filter(|last| finished && last.number >= header.number) {
            let between = between(client, header.number, last.number).await?;
            finality::ensure_ancestor(header, &between, last).map_err(unproven)?;
            let (set, voters) = voters.set();
            return Ok(Voted { set, voters });
        }
        if finished || stands_still {
            ensure!(Instant::now() < deadline, unproven("it does not prove that its last final block is final"));
            sleep(AGAIN).await;
        }
    }
}

/// Headers after block `first`, up to but without block `last`.
async fn between(client: &Client, first: BlockNumber, last: BlockNumber) -> Result<Vec<Header>> {
    ensure!(last.saturating_sub(first) <= MOST_BETWEEN, unproven("it proves a block that is long past"));
    let mut headers = Vec::new();
    for number in first.saturating_add(1)..last {
        let hash: String = client.request("chain_getBlockHash", rpc_params![number]).await?;
        headers.push(header(client, &hash).await?);
    }
    Ok(headers)
}

/// Has another node vouch for a block.
async fn witness(client: &Client, address: &str, block: &BlockRef, patience: Duration) -> Result<()> {
    let other = Client::connect(&[address.into()], patience).await?;
    ensure!(other.genesis() == client.genesis(), "{address} is a node of another network");
    let name = async |client: &Client| client.request::<String>("system_localPeerId", rpc_params![]).await;
    ensure!(name(&other).await? != name(client).await?, "{address} is the same node, and no witness of itself");
    let deadline = Instant::now() + patience;
    while other.finalized().await?.number < block.number {
        ensure!(
            Instant::now() < deadline,
            unproven(format!("{address} does not know block {} as final", block.number))
        );
        sleep(AGAIN).await;
    }
    let hash: Option<String> = other.request("chain_getBlockHash", rpc_params![block.number]).await?;
    let same = hash.as_deref() == Some(block.hash.as_str());
    ensure!(same, unproven(format!("{address} has another block {}: {hash:?}, not {}", block.number, block.hash)));
    Ok(())
}

fn bytes(text: &str) -> Result<Vec<u8>> {
    hex::decode(text.trim_start_matches("0x")).map_err(|_| unproven("it sent no hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(witness: Option<&str>, spec: Option<&str>) -> Trust {
        Trust { verify: true, witness: witness.map(Into::into), spec: spec.map(Into::into) }
    }

    #[test]
    fn somebody_else_must_be_believed() {
        let witnesses = |witness, spec, known| trust(witness, spec).witnesses(nodes::addresses([known]), "ws://a:1");
        assert_eq!(witnesses(Some("ws://b:1, ws://c:1"), None, "ws://a:1").unwrap(), ["ws://b:1", "ws://c:1"]);
        for known in ["ws://a:1,ws://b:1", "ws://b:1,ws://a:1"] {
            assert_eq!(
                witnesses(None, None, known).unwrap(),
                ["ws://b:1"],
                "the node that is asked vouches for itself"
            );
        }
        assert!(witnesses(None, Some("spec.json"), "ws://a:1").unwrap().is_empty());
        assert_eq!(witnesses(Some("ws://b:1"), Some("spec.json"), "ws://a:1").unwrap(), ["ws://b:1"]);
        // Nor is it a witness because it is named as one, or because it took the place of a node that went away.
        assert_eq!(witnesses(Some("ws://a:1,ws://b:1"), None, "ws://a:1,ws://b:1").unwrap(), ["ws://b:1"]);
        let own = (Some("ws://a:1"), "ws://a:1,ws://b:1");
        for (witness, known) in [(None, "ws://a:1"), (Some(","), "ws://a:1,ws://b:1"), (None, ""), own] {
            assert!(witnesses(witness, None, known).unwrap_err().to_string().contains("--witness"));
        }
        assert!(witnesses(Some("ws://a:1"), Some("spec.json"), "ws://a:1").is_err(), "a witness was asked for");
    }

    #[test]
    fn it_is_told_on_whose_word_coins_are_proven() {
        let mut verified = Verified {
            block: BlockRef { number: 7, hash: "0x07".into() },
            state_root: Hash::zero(),
            time_ms: Some(1_709_164_800_000),
            age: Some(59),
            voters: Some(Voted { set: 2, voters: 4 }),
            witnesses: Vec::new(),
        };
        let text = verified.words();
        assert!(text.contains("block 7, made at 2024-02-29 00:00:00 UTC, final by more than two thirds"), "{text}");
        assert!(text.ends_with("of its 4 voters (set 2)."), "{text}");
        verified.witnesses = vec!["ws://b:1".into(), "ws://c:1".into()];
        assert!(verified.words().ends_with("(set 2), and according to ws://b:1 and ws://c:1."), "{}", verified.words());
        verified.voters = None;
        assert!(verified.words().contains("UTC, final according to ws://b:1"), "{}", verified.words());
        verified.age = Some(120);
        assert!(verified.words().contains("2 MINUTES OLD"), "{}", verified.words());
        (verified.time_ms, verified.age) = (None, None);
        assert!(verified.words().contains("NOT KNOWN HOW OLD"), "{}", verified.words());
    }
}
