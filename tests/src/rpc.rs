//! Asking nodes, and waiting for them. Every wait has a limit and fails with what it saw last.

use anyhow::{anyhow, bail, Context, Result};
use codec::Decode;
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::{json, Value};
use specie_primitives::{
    api::{BankInfo, InstitutionsInfo, OwnerInfo},
    books::SupplyReport,
    BlockNumber, CoinRef, Hash, OwnerId,
};
use std::time::{Duration, Instant};
use subxt::rpcs::{client::RpcParams, RpcClient};
use tokio::time::timeout;

/// Time for one answer.
pub const ANSWER: Duration = Duration::from_secs(30);
/// Time for a node to open its RPC port after it was started.
pub const READY: Duration = Duration::from_secs(120);
/// Time for a network that does something to make a block, or a block final. A block takes a second; a machine that is
/// busy with other things may take many times that.
pub const PROGRESS: Duration = Duration::from_secs(180);
/// Pause before a node that did not answer is asked again.
const AGAIN: Duration = Duration::from_millis(200);

/// A block by number and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its number.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: Hash,
}

/// The parts of a header that are looked at.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Number in hexadecimal digits.
    number: String,
    /// Hash of the block before.
    pub parent_hash: Hash,
    /// Root of the state after the block.
    pub state_root: Hash,
    /// What the consensus says about it.
    digest: Digest,
}

#[derive(Clone, Debug, Deserialize)]
struct Digest {
    /// Each in hexadecimal digits.
    logs: Vec<String>,
}

impl Header {
    /// The block's number.
    pub fn number(&self) -> Result<BlockNumber> {
        Ok(BlockNumber::from_str_radix(self.number.trim_start_matches("0x"), 16)?)
    }

    /// The digest's items, encoded.
    pub fn digest(&self) -> Result<Vec<Vec<u8>>> {
        self.digest.logs.iter().map(|log| bytes(log)).collect()
    }
}

/// What `specie_holdings` answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HoldingsPage {
    /// Block that the index has come to.
    pub block: IndexedBlock,
    /// The coins of this page.
    pub coins: Vec<HeldCoin>,
    /// Value of all coins of the holder.
    pub total: u128,
    /// Number of all coins of the holder.
    pub count: u64,
    /// Where the next page begins.
    pub cursor: Option<String>,
}

/// A block as the index names it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct IndexedBlock {
    /// Its number.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: Hash,
}

/// A coin as the index lists it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct HeldCoin {
    /// `batch-index`.
    pub coin: String,
    /// How often it changed hands.
    pub revision: u32,
    /// Face value in minor units.
    pub denomination: u64,
}

/// What `specie_indexStatus` answers.
#[derive(Clone, Debug, Deserialize)]
pub struct IndexStatus {
    /// Block that the index has come to.
    pub block: IndexedBlock,
    /// First block that it saw.
    pub since: BlockNumber,
    /// `ready` or `building`.
    pub state: String,
    /// Coins in it.
    pub coins: u64,
}

/// Where the entries of a storage item begin.
pub fn storage_prefix(pallet: &str, item: &str) -> Vec<u8> {
    [sp_crypto_hashing::twox_128(pallet.as_bytes()), sp_crypto_hashing::twox_128(item.as_bytes())].concat()
}

/// Bytes as JSON-RPC writes them: `0x` and hexadecimal digits.
pub fn bytes(text: &str) -> Result<Vec<u8>> {
    Ok(hex::decode(text.trim_start_matches("0x"))?)
}

/// An error of a node with all that it says: the reason stands in its data.
pub fn explain(error: subxt::rpcs::Error) -> anyhow::Error {
    match &error {
        subxt::rpcs::Error::User(said) => {
            let data = said.data.as_ref().map_or("", |data| data.get());
            anyhow!("{} ({}) {data}", said.message, said.code)
        },
        _ => error.into(),
    }
}

/// A connection to one node.
#[derive(Clone, Debug)]
pub struct Rpc {
    client: RpcClient,
    url: String,
}

impl Rpc {
    /// Connects to a node that is up.
    pub async fn connect(url: &str) -> Result<Self> {
        let client = timeout(ANSWER, RpcClient::from_insecure_url(url))
            .await
            .map_err(|_| anyhow!("{url} does not accept the connection"))?
            .with_context(|| format!("could not connect to {url}"))?;
        Ok(Self { client, url: url.into() })
    }

    /// Connects to a node that is being started. `alive` tells whether waiting on makes sense.
    pub async fn connect_within(url: &str, limit: Duration, alive: impl Fn() -> bool) -> Result<Self> {
        let start = Instant::now();
        loop {
            let error = match Self::connect(url).await {
                Ok(rpc) => match rpc.request::<Value>("system_health", json!([])).await {
                    Ok(_) => return Ok(rpc),
                    Err(error) => error,
                },
                Err(error) => error,
            };
            if !alive() {
                bail!("the node at {url} ended");
            }
            if start.elapsed() > limit {
                return Err(error.context(format!("no answer after {} s", limit.as_secs())));
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Where the node is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The client underneath.
    pub fn client(&self) -> &RpcClient {
        &self.client
    }

    /// Calls a method; `params` is a JSON array.
    pub async fn request<T: DeserializeOwned>(&self, method: &str, params: Value) -> Result<T> {
        let mut list = RpcParams::new();
        for param in params.as_array().into_iter().flatten() {
            list.push(param)?;
        }
        timeout(ANSWER, self.client.request(method, list))
            .await
            .map_err(|_| anyhow!("{} gave no answer to {method}", self.url))?
            .map_err(explain)
            .with_context(|| format!("{method} at {}", self.url))
    }

    /// The header of a block.
    pub async fn header(&self, hash: Hash) -> Result<Header> {
        self.request::<Option<Header>>("chain_getHeader", json!([hash]))
            .await?
            .with_context(|| format!("{} does not know block {hash:?}", self.url))
    }

    /// The block that the node builds on.
    pub async fn best(&self) -> Result<Block> {
        let header: Header = self.request("chain_getHeader", json!([])).await?;
        let number = header.number()?;
        // Between the two questions another block may have taken its place: both are the best of their moment.
        let hash = self.hash_of(number).await?.with_context(|| format!("{} lost block {number}", self.url))?;
        Ok(Block { number, hash })
    }

    /// The last final block.
    pub async fn finalized(&self) -> Result<Block> {
        let hash: Hash = self.request("chain_getFinalizedHead", json!([])).await?;
        Ok(Block { number: self.header(hash).await?.number()?, hash })
    }

    /// The hash of the block with this number on the best chain.
    pub async fn hash_of(&self, number: BlockNumber) -> Result<Option<Hash>> {
        self.request("chain_getBlockHash", json!([number])).await
    }

    /// Name of the node that answers, as other nodes know it.
    pub async fn peer_id(&self) -> Result<String> {
        self.request("system_localPeerId", json!([])).await
    }

    /// The transactions of a block, each `0x` and hexadecimal digits; the first is the block's time.
    pub async fn extrinsics(&self, hash: Hash) -> Result<Vec<String>> {
        let block: Value = self.request("chain_getBlock", json!([hash])).await?;
        Ok(serde_json::from_value(block["block"]["extrinsics"].clone()).context("a block without a body")?)
    }

    /// A storage item without keys in the state of a block; nothing is an error.
    pub async fn stored<T: Decode>(&self, pallet: &str, item: &str, at: Hash) -> Result<T> {
        let key = format!("0x{}", hex::encode(storage_prefix(pallet, item)));
        let value: Option<String> = self.request("state_getStorage", json!([key, at])).await?;
        let value = bytes(&value.with_context(|| format!("{pallet}.{item} is empty at block {at:?}"))?)?;
        Ok(T::decode(&mut &value[..])?)
    }

    /// Number of connected nodes.
    pub async fn peers(&self) -> Result<u64> {
        let health: Value = self.request("system_health", json!([])).await?;
        health["peers"].as_u64().context("system_health without peers")
    }

    /// The supply report, of the last final block or the given one.
    pub async fn supply(&self, at: Option<Hash>) -> Result<SupplyReport> {
        self.request("specie_supply", json!([at])).await
    }

    /// Every bank.
    pub async fn banks(&self) -> Result<Vec<BankInfo>> {
        self.request("specie_banks", json!([])).await
    }

    /// Institutions and their keys.
    pub async fn institutions(&self) -> Result<InstitutionsInfo> {
        self.request("specie_institutions", json!([])).await
    }

    /// An owner.
    pub async fn owner(&self, owner: OwnerId) -> Result<Option<OwnerInfo>> {
        self.request("specie_owner", json!([owner])).await
    }

    /// Every owner, in the order of their ids.
    pub async fn owners(&self) -> Result<Vec<OwnerId>> {
        /// Keys asked for at once.
        const PAGE: usize = 500;
        let prefix = format!("0x{}", hex::encode(storage_prefix("Identity", "Owners")));
        let mut owners = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let keys: Vec<String> = self.request("state_getKeysPaged", json!([prefix, PAGE, after])).await?;
            for key in &keys {
                // The owner id ends every key, whatever the hasher puts before it.
                let id = key.get(key.len().saturating_sub(48)..).context("a storage key is too short")?;
                owners.push(id.parse().map_err(anyhow::Error::msg)?);
            }
            match keys.last() {
                Some(last) if keys.len() == PAGE => after = Some(last.clone()),
                _ => break,
            }
        }
        owners.sort();
        Ok(owners)
    }

    /// What the index has come to.
    pub async fn index_status(&self) -> Result<IndexStatus> {
        self.request("specie_indexStatus", json!([])).await
    }

    /// All coins of a holder, sorted, with the block of the first page.
    pub async fn holdings(&self, holder: Value) -> Result<HoldingsPage> {
        let mut all: HoldingsPage = self.request("specie_holdings", json!([holder])).await?;
        let mut cursor = all.cursor.take();
        while let Some(from) = cursor {
            let page: HoldingsPage = self.request("specie_holdings", json!([holder, from])).await?;
            all.coins.extend(page.coins);
            cursor = page.cursor;
        }
        all.coins.sort();
        Ok(all)
    }

    /// All coins of an owner, in their order.
    pub async fn coins_of(&self, owner: OwnerId) -> Result<Vec<CoinRef>> {
        let held = self.holdings(json!({ "owner": owner })).await?.coins;
        let mut coins = held
            .into_iter()
            .map(|held| Ok(CoinRef { coin: held.coin.parse().map_err(anyhow::Error::msg)?, revision: held.revision }))
            .collect::<Result<Vec<_>>>()?;
        coins.sort();
        Ok(coins)
    }

    /// Every entry below a storage prefix in the state of a block: raw keys and values.
    pub async fn pairs(&self, prefix: &[u8], at: Hash) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        /// Keys asked for at once.
        const PAGE: usize = 500;
        let prefix = format!("0x{}", hex::encode(prefix));
        let mut pairs = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let keys: Vec<String> = self.request("state_getKeysPaged", json!([prefix, PAGE, after, at])).await?;
            let Some(last) = keys.last() else { break };
            let sets: Vec<Value> = self.request("state_queryStorageAt", json!([keys, at])).await?;
            for change in sets.iter().flat_map(|set| set["changes"].as_array().into_iter().flatten()) {
                if let (Some(key), Some(value)) = (change[0].as_str(), change[1].as_str()) {
                    pairs.push((bytes(key)?, bytes(value)?));
                }
            }
            after = Some(last.clone());
        }
        Ok(pairs)
    }

    /// Whether the node still has the state of a block.
    pub async fn has_state(&self, at: Hash) -> bool {
        self.request::<Value>("state_getRuntimeVersion", json!([at])).await.is_ok()
    }

    /// Follows heads until one satisfies `enough`; fails after `limit` without it.
    async fn follow(
        &self,
        (subscribe, unsubscribe): (&str, &str),
        limit: Duration,
        what: &str,
        mut enough: impl FnMut(BlockNumber) -> bool,
    ) -> Result<BlockNumber> {
        let mut last = None;
        let wait = async {
            let mut heads = self.client.subscribe::<Header>(subscribe, RpcParams::new(), unsubscribe).await?;
            while let Some(head) = heads.next().await {
                let number = head?.number()?;
                last = Some(number);
                if enough(number) {
                    return Ok(number);
                }
            }
            bail!("{} closed the connection", self.url)
        };
        match timeout(limit, wait).await {
            Ok(result) => result,
            Err(_) => bail!("{}: no {what} within {} s; the last was {last:?}", self.url, limit.as_secs()),
        }
    }

    /// Waits until block `number` or a later one is the best.
    pub async fn wait_for_best(&self, number: BlockNumber, limit: Duration) -> Result<BlockNumber> {
        let heads = ("chain_subscribeNewHeads", "chain_unsubscribeNewHeads");
        self.follow(heads, limit, &format!("best block {number}"), |head| head >= number).await
    }

    /// Waits until block `number` or a later one is final.
    pub async fn wait_for_finalized(&self, number: BlockNumber, limit: Duration) -> Result<BlockNumber> {
        let heads = ("chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads");
        self.follow(heads, limit, &format!("final block {number}"), |head| head >= number).await
    }

    /// Waits until `count` more blocks are final than now.
    pub async fn wait_for_more_final(&self, count: BlockNumber, limit: Duration) -> Result<BlockNumber> {
        let now = self.finalized().await?.number;
        self.wait_for_finalized(now + count, limit).await
    }

    /// Waits until the index has come to block `number`; looks again at every final block.
    pub async fn wait_for_index(&self, number: BlockNumber, limit: Duration) -> Result<IndexStatus> {
        let start = Instant::now();
        loop {
            let status = self.index_status().await?;
            if status.state == "ready" && status.block.number >= number {
                return Ok(status);
            }
            let left = limit.checked_sub(start.elapsed());
            let left =
                left.with_context(|| format!("{}: the index stays behind block {number}: {status:?}", self.url))?;
            self.wait_for_more_final(1, left).await?;
        }
    }
}
