//! Reading from a network, by whichever of its nodes answers. What is sent to it is in `submit`.

use crate::{
    calls::Call,
    explain,
    failure::{self, Failure},
    nodes::{little_endian, unanswered, Header, Link, Nodes},
};
use anyhow::{Context, Result};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use specie_primitives::{BlockNumber, Hash, Order, OrderId};
use specie_wallet::order;
use std::{collections::BTreeMap, time::Duration};
use subxt::{
    config::{
        substrate::{BlakeTwo256, SubstrateConfig},
        Hasher,
    },
    dynamic::Value,
    rpcs::{
        client::{rpc_params, RpcParams},
        Error as RpcError,
    },
    utils::H256,
    OnlineClientAtBlock,
};

/// Blocks for which a signed transaction may be included. Well below the number of block hashes that a runtime keeps.
pub const LIFETIME: BlockNumber = 64;

/// A connected network.
pub struct Client {
    pub(crate) nodes: Nodes,
    pub(crate) timeout: Duration,
}

/// An entry of the state.
pub struct Stored {
    /// As it is stored.
    pub encoded: Vec<u8>,
    /// Its fields, written as those of events are.
    pub fields: serde_json::Value,
}

/// Where a transaction is.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// Hash of the extrinsic.
    pub extrinsic: String,
    /// `block` or `pool`.
    pub place: &'static str,
    /// The block that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<BlockRef>,
    /// When that block was made, in milliseconds since 1970, if its state is still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_ms: Option<u64>,
    /// Whether that block is final.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// `success`, `failed`, or nothing while it waits and when the state of its block is gone.
    pub outcome: Option<&'static str>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// How long to wait for a transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Until a block has it.
    InBlock,
    /// Until that block is final.
    Final,
}

/// What became of a transaction.
#[derive(Clone, Debug, Serialize)]
pub struct Receipt {
    /// What was done, in words.
    pub what: String,
    /// `Pallet.call`.
    pub call: String,
    /// Hash of the extrinsic.
    pub extrinsic: String,
    /// Number of the block that has it.
    pub block: BlockNumber,
    /// Hash of that block.
    pub block_hash: String,
    /// Milliseconds from submission to the first block that had it.
    pub in_block_ms: u64,
    /// Milliseconds from submission to finality; none if it was not waited for.
    pub final_ms: Option<u64>,
    /// What the runtime said about it.
    pub events: Vec<explain::Event>,
    /// `success`: what failed is reported as an error.
    pub outcome: &'static str,
    /// Figures of the command, if it has any.
    #[serde(skip_serializing_if = "serde_json::Value::is_null")]
    pub data: serde_json::Value,
}

impl Receipt {
    /// A field of the first event of this name.
    pub fn field(&self, event: &str, field: &str) -> Option<&serde_json::Value> {
        let event = self.events.iter().find(|candidate| candidate.name() == event)?;
        event.fields.get(field)
    }
}

/// A block as nodes name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockRef {
    /// Its number.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: String,
}

impl Client {
    /// Connects to the first of these nodes that answers and keeps up; later, should it go away, to another one.
    pub async fn connect(addresses: &[String], timeout: Duration) -> Result<Self> {
        Ok(Self { nodes: Nodes::connect(addresses).await?, timeout })
    }

    /// Where the node is that is asked now.
    pub fn address(&self) -> String {
        self.nodes.link().address
    }

    /// Hash of the network's first block.
    pub fn genesis(&self) -> Hash {
        self.nodes.genesis()
    }

    /// Asks a node.
    pub async fn request<T: DeserializeOwned>(&self, method: &str, params: RpcParams) -> Result<T> {
        self.nodes.ask(async |link: Link| link.request(method, params.clone()).await).await
    }

    /// Asks the node that is connected now, and no other one: what it does, it does for itself.
    pub async fn request_here<T: DeserializeOwned>(&self, method: &str, params: RpcParams) -> Result<T> {
        self.nodes.link().request(method, params).await
    }

    /// The last final block.
    pub async fn finalized(&self) -> Result<BlockRef> {
        self.nodes.ask(async |link: Link| link.finalized().await).await
    }

    /// Number of the best block.
    pub async fn best_number(&self) -> Result<BlockNumber> {
        self.nodes.ask(async |link: Link| link.best_number().await).await
    }

    /// The order of this name, if the block of this number has it.
    pub async fn order_in(&self, block: BlockNumber, order: OrderId) -> Result<Option<Order>> {
        self.nodes.ask(async |link: Link| link.order_in(block, order).await).await
    }

    /// Hash of the best block.
    pub async fn best_hash(&self) -> Result<String> {
        self.request("chain_getBlockHash", rpc_params![]).await
    }

    /// Calls `each` with every final block that a node reports, until that returns an error or the last node goes away.
    pub async fn each_finalized(&self, mut each: impl AsyncFnMut() -> Result<()>) -> Result<()> {
        loop {
            let link = self.nodes.link();
            let heads = link.rpc.subscribe::<serde_json::Value>(
                "chain_subscribeFinalizedHeads",
                rpc_params![],
                "chain_unsubscribeFinalizedHeads",
            );
            // What ended the stream, and not what `each` says.
            let ended: anyhow::Error = match link.while_there(heads).await {
                Some(Ok(mut heads)) => loop {
                    match link.while_there(heads.next()).await {
                        Some(Some(Ok(_))) => each().await?,
                        Some(Some(Err(error))) => break unanswered("chain_subscribeFinalizedHeads", error),
                        Some(None) | None => {
                            break Failure::new(failure::NODE, "the node closed the connection").into();
                        },
                    }
                },
                Some(Err(error)) => unanswered("chain_subscribeFinalizedHeads", error),
                None => Failure::new(failure::NODE, "the node says nothing any more").into(),
            };
            if !self.nodes.leave(&link).await {
                return Err(ended);
            }
        }
    }

    /// The runtime of the best block: what is submitted will most likely run under it.
    pub(crate) async fn best(&self) -> Result<OnlineClientAtBlock<SubstrateConfig>> {
        self.nodes.ask(async |link: Link| link.best().await).await
    }

    /// Encoded call data, for proposals.
    pub async fn encode(&self, call: &Call) -> Result<Vec<u8>> {
        Ok(self.best().await?.transactions().call_data(call)?)
    }

    /// The call behind encoded call data.
    pub async fn decode(&self, data: &[u8]) -> Result<Call> {
        Ok(self.best().await?.transactions().from_call_data_bytes(data)?)
    }

    /// An entry of the best block's state.
    pub async fn stored(&self, pallet: &str, entry: &str, keys: Vec<Value>) -> Result<Option<Stored>> {
        self.nodes.ask(async |link: Link| link.stored(pallet, entry, keys.clone()).await).await
    }

    /// All entries of a map of the best block's state whose keys are numbers, in ascending order.
    pub async fn numbered(&self, pallet: &str, entry: &str) -> Result<Vec<(u32, serde_json::Value)>> {
        self.nodes.ask(async |link: Link| link.numbered(pallet, entry).await).await
    }

    /// Looks for an extrinsic in the node's pool and in the best block and so many before it.
    pub async fn find(&self, hash: Hash, back: BlockNumber) -> Result<Found> {
        self.nodes.ask(async |link: Link| link.find(hash, back).await).await
    }

    /// Events of a pallet in a final block.
    pub async fn events_of_pallet(&self, number: BlockNumber, pallet: &str) -> Result<Vec<explain::Event>> {
        self.nodes.ask(async |link: Link| link.events_of_pallet(number, pallet).await).await
    }

    /// What an error number of a pallet means to the runtime of the best block.
    pub async fn explain_module_error(&self, pallet: u8, error: u8) -> Result<Failure> {
        Ok(explain::module_error(&self.best().await?.metadata(), pallet, error))
    }
}

impl Link {
    /// The last final block.
    pub async fn finalized(&self) -> Result<BlockRef> {
        let hash: String = self.request("chain_getFinalizedHead", rpc_params![]).await?;
        let header: Option<Header> = self.request("chain_getHeader", rpc_params![&hash]).await?;
        let unknown = || Failure::new(failure::NODE, format!("the node does not know block {hash}"));
        let number = header.ok_or_else(unknown)?.number()?;
        Ok(BlockRef { number, hash })
    }

    async fn best_number(&self) -> Result<BlockNumber> {
        self.request::<Header>("chain_getHeader", rpc_params![]).await?.number()
    }

    async fn best(&self) -> Result<OnlineClientAtBlock<SubstrateConfig>> {
        let hash: H256 = self.request("chain_getBlockHash", rpc_params![]).await?;
        self.api.at_block(hash).await.map_err(unread_state)
    }

    async fn stored(&self, pallet: &str, entry: &str, keys: Vec<Value>) -> Result<Option<Stored>> {
        let best = self.best().await?;
        let Some(value) = best.storage().try_fetch((pallet, entry), keys).await.map_err(unread_state)? else {
            return Ok(None);
        };
        let fields = explain::decoded(value.bytes(), value.type_id(), best.metadata_ref().types())?;
        Ok(Some(Stored { encoded: value.into_bytes(), fields }))
    }

    async fn numbered(&self, pallet: &str, entry: &str) -> Result<Vec<(u32, serde_json::Value)>> {
        let best = self.best().await?;
        let mut entries = best.storage().iter((pallet, entry), Vec::<Value>::new()).await.map_err(unread_state)?;
        let mut found = Vec::new();
        while let Some(entry) = entries.next().await {
            let entry = entry.map_err(unread_state)?;
            let key = entry.key()?.part(0).context("the node sent a bad key")?;
            let number: Option<u32> = key.decode_as()?;
            let value = entry.value();
            let fields = explain::decoded(value.bytes(), value.type_id(), best.metadata_ref().types())?;
            found.push((number.context("the node sent a bad key")?, fields));
        }
        found.sort_by_key(|(number, _)| *number);
        Ok(found)
    }

    /// When these blocks were made, in milliseconds since 1970; the newest come first. Blocks whose state the node has
    /// dropped are left out, and so are those after them.
    async fn times(&self, blocks: &[&str]) -> Result<BTreeMap<String, u64>> {
        let best = self.best().await?;
        let key = hex(&best.storage().entry(("Timestamp", "Now"))?.key_prefix());
        let mut times = BTreeMap::new();
        for block in blocks {
            if times.contains_key(*block) {
                continue;
            }
            let answer: Result<Option<String>, RpcError> =
                self.rpc.request("state_getStorage", rpc_params![&key, block]).await;
            let value = match answer {
                Ok(value) => value,
                Err(RpcError::User(_)) => break,
                Err(error) => return Err(unanswered("state_getStorage", error)),
            };
            if let Some(ms) = value.as_deref().and_then(little_endian) {
                times.insert(block.to_string(), ms);
            }
        }
        Ok(times)
    }

    async fn find(&self, hash: Hash, back: BlockNumber) -> Result<Found> {
        let name = name_of(hash);
        let is_it = |extrinsic: &String| {
            let encoded = hex::decode(extrinsic.trim_start_matches("0x")).unwrap_or_default();
            BlakeTwo256.hash(&encoded).0 == hash.0
        };
        // The pool first: what leaves it meanwhile is in a block that is looked at after that.
        let waiting: Vec<String> = self.request("author_pendingExtrinsics", rpc_params![]).await?;
        let waits = waiting.iter().any(is_it);
        let best = self.best_number().await?;
        let first = best.saturating_sub(back);
        for number in (first..=best).rev() {
            let block_hash: Option<String> = self.request("chain_getBlockHash", rpc_params![number]).await?;
            // The best block changed meanwhile.
            let Some(block_hash) = block_hash else { continue };
            let Some(place) = self.extrinsics(&block_hash).await?.iter().position(is_it) else { continue };
            let (outcome, failure) = self.outcome(&block_hash, place as u32).await;
            let time_ms = self.times(&[block_hash.as_str()]).await?.remove(&block_hash);
            return Ok(Found {
                extrinsic: name,
                place: "block",
                is_final: number <= self.finalized().await?.number,
                block: Some(BlockRef { number, hash: block_hash }),
                time_ms,
                outcome,
                failure,
            });
        }
        if !waits {
            return Err(Failure::new(failure::WALLET, not_found(first, best)).of(name).into());
        }
        let place = "pool";
        Ok(Found { extrinsic: name, place, block: None, time_ms: None, is_final: false, outcome: None, failure: None })
    }

    /// What came of an extrinsic of a block; nothing if the state of that block is gone.
    async fn outcome(&self, block_hash: &str, place: u32) -> (Option<&'static str>, Option<Failure>) {
        let read = async {
            let at = self.api.at_block(block_hash.parse::<H256>().context("the node sent a bad block hash")?).await?;
            let events = explain::events_of(&at, place).await?;
            anyhow::Ok(explain::dispatch_failure(&at.metadata(), &events))
        };
        match read.await {
            Ok(None) => (Some("success"), None),
            Ok(failure) => (Some("failed"), failure),
            Err(_) => (None, None),
        }
    }

    async fn events_of_pallet(&self, number: BlockNumber, pallet: &str) -> Result<Vec<explain::Event>> {
        let hash: H256 = self.request("chain_getBlockHash", rpc_params![number]).await?;
        let read = async { explain::events_of_pallet(&self.api.at_block(hash).await?, pallet).await };
        read.await.map_err(|error| {
            let text = format!(
                "the node cannot tell what happened in block {number}; it may have dropped the state: look at later blocks, \
                 or ask a node that keeps all states\n  {error:#}"
            );
            Failure::new(failure::NODE, text).into()
        })
    }

    /// Place of an extrinsic in a block, if it is there.
    pub async fn place(&self, block_hash: &str, encoded: &[u8]) -> Result<Option<u32>> {
        let wanted = hex(encoded);
        let place = self.extrinsics(block_hash).await?.iter().position(|extrinsic| *extrinsic == wanted);
        Ok(place.map(|place| place as u32))
    }

    async fn order_in(&self, block: BlockNumber, order: OrderId) -> Result<Option<Order>> {
        let hash: Option<String> = self.request("chain_getBlockHash", rpc_params![block]).await?;
        let Some(hash) = hash else { return Ok(None) };
        let extrinsics = self.extrinsics(&hash).await?;
        let bytes = |extrinsic: &String| hex::decode(extrinsic.trim_start_matches("0x")).ok();
        Ok(extrinsics.iter().filter_map(bytes).find_map(|bytes| order::find(&bytes, order)))
    }

    /// The extrinsics of a block in hexadecimal.
    async fn extrinsics(&self, block_hash: &str) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Signed {
            block: Body,
        }
        #[derive(Deserialize)]
        struct Body {
            extrinsics: Vec<String>,
        }
        let signed: Option<Signed> = self.request("chain_getBlock", rpc_params![block_hash]).await?;
        let gone = || Failure::new(failure::NODE, format!("the node does not have block {block_hash}"));
        Ok(signed.ok_or_else(gone)?.block.extrinsics)
    }
}

/// What it means that no block from `first` to `best` has a transaction, nor the pool.
fn not_found(first: BlockNumber, best: BlockNumber) -> String {
    let since = best.saturating_sub(LIFETIME);
    format!(
        "no block from {first} to {best} has this transaction, nor does the node's pool. If it was signed before block \
         {since}, it will never be in a later one; if it was sent just now, look again in a minute. --blocks N looks \
         further back"
    )
}

/// Bytes as JSON-RPC writes them.
pub fn hex(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

/// An extrinsic's hash as JSON-RPC writes it.
pub(crate) fn name_of(hash: Hash) -> String {
    hex(hash.as_bytes())
}

fn unread_state(error: impl std::fmt::Display) -> anyhow::Error {
    Failure::new(failure::NODE, format!("the node did not answer: {error}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_found_says_what_that_means() {
        let text = not_found(700, 1_000);
        assert!(text.contains("from 700 to 1000") && text.contains("before block 936"), "{text}");
        assert!(not_found(0, 10).contains("before block 0"));
    }
}
