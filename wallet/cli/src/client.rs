//! One connection to one node: reading, submitting and watching.

use crate::{
    calls::Call,
    explain,
    failure::{self, Failure},
};
use anyhow::{bail, Context, Result};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use specie_primitives::{AccountId, BlockNumber, Hash};
use specie_wallet::Keypair;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use subxt::{
    backend::LegacyBackend,
    config::{
        substrate::{BlakeTwo256, SubstrateConfig, SubstrateExtrinsicParamsBuilder},
        Hasher,
    },
    dynamic::Value,
    rpcs::{
        client::{rpc_params, RpcClient, RpcParams, RpcSubscription},
        Error as RpcError,
    },
    transactions::Payload,
    utils::{AccountId32, MultiSignature, H256},
    OnlineClient, OnlineClientAtBlock,
};

/// Blocks for which a signed transaction may be included. Well below the number of block hashes that a runtime keeps.
const LIFETIME: BlockNumber = 64;
/// How long one node may take to accept a connection before the next one is tried.
const CONNECT: Duration = Duration::from_secs(5);
/// Time between two blocks.
const BLOCK_TIME: Duration = Duration::from_millis(specie_primitives::MILLISECS_PER_BLOCK);

/// A connected node.
pub struct Client {
    rpc: RpcClient,
    api: OnlineClient<SubstrateConfig>,
    genesis: Hash,
    timeout: Duration,
}

/// A transaction that is ready to be submitted.
pub struct Extrinsic {
    /// `Pallet.call`.
    call: String,
    encoded: Vec<u8>,
    /// Its hash.
    pub hash: Hash,
    /// Last final block when it was made: only later ones can have it.
    pub after: BlockNumber,
    /// Last block that it may enter.
    pub until: BlockNumber,
}

impl Extrinsic {
    fn new(call: String, encoded: Vec<u8>, after: BlockNumber, until: BlockNumber) -> Self {
        let hash = Hash::from(BlakeTwo256.hash(&encoded).0);
        Self { call, encoded, hash, after, until }
    }
}

/// A transaction that a node took into its pool.
pub struct Sent {
    extrinsic: Extrinsic,
    started: Instant,
    /// None when the pool had the transaction already and gives no watch.
    statuses: Option<RpcSubscription<serde_json::Value>>,
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

#[derive(Deserialize)]
struct Header {
    number: String,
}

impl Header {
    fn number(&self) -> Result<BlockNumber> {
        BlockNumber::from_str_radix(self.number.trim_start_matches("0x"), 16)
            .context("the node sent a bad block number")
    }
}

/// Code with which a pool says that it has a transaction already.
const ALREADY_IMPORTED: i32 = 1013;

impl Client {
    /// Connects to the first of these nodes that answers; addresses are separated by commas.
    pub async fn connect(addresses: &str, timeout: Duration) -> Result<Self> {
        let mut reasons = Vec::new();
        for address in addresses.split(',').map(str::trim).filter(|address| !address.is_empty()) {
            match tokio::time::timeout(CONNECT, Self::connect_one(address, timeout)).await {
                Ok(Ok(client)) => return Ok(client),
                Ok(Err(error)) => reasons.push(format!("{address}: {error:#}")),
                Err(_) => reasons.push(format!("{address}: no answer in {} s", CONNECT.as_secs())),
            }
        }
        let message = format!("no node answers, give another with --node ws://host:port\n  {}", reasons.join("\n  "));
        Err(Failure::new(failure::NODE, message).into())
    }

    async fn connect_one(address: &str, timeout: Duration) -> Result<Self> {
        if !is_address(address) {
            bail!("this is no address of a node, write ws://host:port");
        }
        let rpc = RpcClient::from_insecure_url(address).await?;
        let backend = Arc::new(LegacyBackend::builder().build(rpc.clone()));
        let api = OnlineClient::<SubstrateConfig>::from_backend(backend).await?;
        let genesis = Hash::from(api.genesis_hash().0);
        Ok(Self { rpc, api, genesis, timeout })
    }

    /// Hash of the network's first block.
    pub fn genesis(&self) -> Hash {
        self.genesis
    }

    /// Asks the node.
    pub async fn request<T: DeserializeOwned>(&self, method: &str, params: RpcParams) -> Result<T> {
        self.rpc.request(method, params).await.map_err(|error| unanswered(method, error))
    }

    /// The last final block.
    pub async fn finalized(&self) -> Result<BlockRef> {
        let hash: String = self.request("chain_getFinalizedHead", rpc_params![]).await?;
        Ok(BlockRef { number: self.header(&hash).await?.number()?, hash })
    }

    /// Number of the best block.
    pub async fn best_number(&self) -> Result<BlockNumber> {
        self.request::<Header>("chain_getHeader", rpc_params![]).await?.number()
    }

    /// Hash of the best block.
    pub async fn best_hash(&self) -> Result<String> {
        self.request("chain_getBlockHash", rpc_params![]).await
    }

    async fn header(&self, hash: &str) -> Result<Header> {
        let header: Option<Header> = self.request("chain_getHeader", rpc_params![hash]).await?;
        header.ok_or_else(|| Failure::new(failure::NODE, format!("the node does not know block {hash}")).into())
    }

    /// Calls `each` with every final block that the node reports, until that returns an error or the node goes away.
    pub async fn each_finalized(&self, mut each: impl AsyncFnMut() -> Result<()>) -> Result<()> {
        let mut heads = self
            .rpc
            .subscribe::<serde_json::Value>(
                "chain_subscribeFinalizedHeads",
                rpc_params![],
                "chain_unsubscribeFinalizedHeads",
            )
            .await
            .map_err(|error| unanswered("chain_subscribeFinalizedHeads", error))?;
        while let Some(head) = heads.next().await {
            head.map_err(|error| unanswered("chain_subscribeFinalizedHeads", error))?;
            each().await?;
        }
        Err(Failure::new(failure::NODE, "the node closed the connection").into())
    }

    /// The runtime of the best block: what is submitted will most likely run under it.
    async fn best(&self) -> Result<OnlineClientAtBlock<SubstrateConfig>> {
        let hash: H256 = self.request("chain_getBlockHash", rpc_params![]).await?;
        self.api.at_block(hash).await.map_err(unread_state)
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
        let best = self.best().await?;
        let Some(value) = best.storage().try_fetch((pallet, entry), keys).await.map_err(unread_state)? else {
            return Ok(None);
        };
        let fields = explain::decoded(value.bytes(), value.type_id(), best.metadata_ref().types())?;
        Ok(Some(Stored { encoded: value.into_bytes(), fields }))
    }

    /// All entries of a map of the best block's state whose keys are numbers, in ascending order.
    pub async fn numbered(&self, pallet: &str, entry: &str) -> Result<Vec<(u32, serde_json::Value)>> {
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
    pub async fn times<'a>(&self, blocks: impl IntoIterator<Item = &'a str>) -> Result<BTreeMap<String, u64>> {
        let best = self.best().await?;
        let key = hex(&best.storage().entry(("Timestamp", "Now"))?.key_prefix());
        let mut times = BTreeMap::new();
        for block in blocks {
            if times.contains_key(block) {
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

    /// Looks for an extrinsic in the node's pool and in the best block and so many before it.
    pub async fn find(&self, hash: Hash, back: BlockNumber) -> Result<Found> {
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
            let time_ms = self.times([block_hash.as_str()]).await?.remove(&block_hash);
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

    /// Events of a pallet in a final block.
    pub async fn events_of_pallet(&self, number: BlockNumber, pallet: &str) -> Result<Vec<explain::Event>> {
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

    /// What an error number of a pallet means to the runtime of the best block.
    pub async fn explain_module_error(&self, pallet: u8, error: u8) -> Result<Failure> {
        Ok(explain::module_error(&self.best().await?.metadata(), pallet, error))
    }

    /// Signs, submits and watches. Fails if the transaction is refused or fails in its block.
    pub async fn submit<C: Payload>(&self, call: &C, key: &Keypair, wait: Wait) -> Result<Receipt> {
        self.follow(self.send(self.sign(call, key).await?).await?, wait).await
    }

    /// Submits a call that nobody signs and watches it.
    pub async fn submit_bare<C: Payload>(&self, call: &C, wait: Wait) -> Result<Receipt> {
        let bare = self.best().await?.transactions().create_v5_unsigned(call)?;
        let after = self.finalized().await?.number;
        self.follow(self.send(Extrinsic::new(name(call), bare.into_encoded(), after, u32::MAX)).await?, wait).await
    }

    /// Signs, with the number that follows the key's transactions in blocks and in the node's pool.
    pub async fn sign<C: Payload>(&self, call: &C, key: &Keypair) -> Result<Extrinsic> {
        let best = self.best().await?;
        let finalized = self.finalized().await?;
        let nonce: u64 = self.request("system_accountNextIndex", rpc_params![key.account().to_string()]).await?;
        let anchor: H256 = finalized.hash.parse().context("the node sent a bad block hash")?;
        let options = SubstrateExtrinsicParamsBuilder::new()
            .nonce(nonce)
            .mortal_from_unchecked(LIFETIME.into(), finalized.number.into(), anchor)
            .build();
        let mut unsigned = best.transactions().create_v4_signable_offline(call, options)?;
        let signature = MultiSignature::Sr25519(key.sign(&unsigned.signer_payload()?));
        let account = AccountId32(raw(&key.account()));
        let signed = unsigned.sign_with_account_and_signature(&account, &signature)?;
        // The anchor is the first block of the lifetime.
        let until = finalized.number.saturating_add(LIFETIME - 1);
        Ok(Extrinsic::new(name(call), signed.into_encoded(), finalized.number, until))
    }

    /// Hands a transaction to the node. Returns when the node took it or refused it.
    pub async fn send(&self, extrinsic: Extrinsic) -> Result<Sent> {
        let started = Instant::now();
        let params = rpc_params![hex(&extrinsic.encoded)];
        let statuses = self
            .rpc
            .subscribe::<serde_json::Value>("author_submitAndWatchExtrinsic", params, "author_unwatchExtrinsic")
            .await;
        let statuses = match statuses {
            Ok(statuses) => Some(statuses),
            // A busy pool may take a transaction in while it is still being handed to it.
            Err(RpcError::User(error)) if error.code == ALREADY_IMPORTED => None,
            Err(RpcError::User(error)) => {
                let data = error.data.as_ref().map(|data| data.get()).unwrap_or_default();
                return Err(Failure::from_submission(error.code, &error.message, data)
                    .of(name_of(extrinsic.hash))
                    .into());
            },
            Err(error) => return Err(lost(&name_of(extrinsic.hash), &error.to_string())),
        };
        Ok(Sent { extrinsic, started, statuses })
    }

    /// Watches a transaction until it is where it is waited for. Fails if it fails in its block.
    pub async fn follow(&self, sent: Sent, wait: Wait) -> Result<Receipt> {
        let Sent { extrinsic: Extrinsic { call, encoded, hash, after: since, .. }, started, mut statuses } = sent;
        let extrinsic = name_of(hash);
        let mut in_block_ms = None;
        let (block_hash, final_ms) = loop {
            let left = self.timeout.saturating_sub(started.elapsed());
            let next = async {
                match &mut statuses {
                    Some(statuses) => statuses.next().await,
                    None => None,
                }
            };
            let status = match tokio::time::timeout(left, next).await {
                Ok(Some(Ok(status))) => status,
                Ok(Some(Err(error))) => return Err(lost(&extrinsic, &error.to_string())),
                // The pool now and then ends a watch without its last word: then the blocks themselves tell.
                Ok(None) => {
                    let limit = self.timeout.saturating_sub(started.elapsed());
                    let found = tokio::time::timeout(limit, self.find_final(&encoded, since)).await;
                    let hash = settled(found, &extrinsic)?;
                    let elapsed = started.elapsed().as_millis() as u64;
                    in_block_ms.get_or_insert(elapsed);
                    break (hash, Some(elapsed));
                },
                Err(_) => return Err(lost(&extrinsic, &format!("not done after {} s", self.timeout.as_secs()))),
            };
            let elapsed = started.elapsed().as_millis() as u64;
            if let Some(hash) = status.get("inBlock").and_then(|hash| hash.as_str()) {
                in_block_ms.get_or_insert(elapsed);
                if wait == Wait::InBlock {
                    break (hash.to_string(), None);
                }
            } else if let Some(hash) = status.get("finalized").and_then(|hash| hash.as_str()) {
                in_block_ms.get_or_insert(elapsed);
                break (hash.to_string(), Some(elapsed));
            } else if let Some(reason) = dead_end(&status) {
                return Err(Failure::new(failure::REFUSED, reason).of(&extrinsic).into());
            } else if status.get("finalityTimeout").is_some() {
                return Err(lost(&extrinsic, "its block has not become final for long"));
            }
        };
        let read = async {
            let at = self.api.at_block(block_hash.parse::<H256>().context("the node sent a bad block hash")?).await?;
            let block = u32::try_from(at.block_number()).context("the node sent a bad block number")?;
            let place = self.place(&block_hash, &encoded).await?;
            let place = place.with_context(|| format!("block {block_hash} lacks the extrinsic"))?;
            let events = explain::events_of(&at, place).await?;
            anyhow::Ok((block, explain::dispatch_failure(&at.metadata(), &events), events))
        };
        let (block, failure, events) = read.await.map_err(|error| unread(&extrinsic, &block_hash, &error))?;
        if let Some(failure) = failure {
            return Err(Failure { block: Some(block), block_hash: Some(block_hash), ..failure.of(extrinsic) }.into());
        }
        Ok(Receipt {
            what: String::new(),
            call,
            extrinsic,
            block,
            block_hash,
            in_block_ms: in_block_ms.unwrap_or_default(),
            final_ms,
            events: events.into_iter().map(|(event, _)| event).collect(),
            outcome: "success",
            data: serde_json::Value::Null,
        })
    }

    /// The final block that holds an extrinsic; looks from a block on and waits for more.
    async fn find_final(&self, encoded: &[u8], since: u32) -> Result<String> {
        let mut number = since;
        loop {
            while self.finalized().await?.number < number {
                tokio::time::sleep(BLOCK_TIME).await;
            }
            let hash: String = self.request("chain_getBlockHash", rpc_params![number]).await?;
            if self.place(&hash, encoded).await?.is_some() {
                return Ok(hash);
            }
            number += 1;
        }
    }

    /// Place of an extrinsic in a block, if it is there.
    async fn place(&self, block_hash: &str, encoded: &[u8]) -> Result<Option<u32>> {
        let wanted = hex(encoded);
        let place = self.extrinsics(block_hash).await?.iter().position(|extrinsic| *extrinsic == wanted);
        Ok(place.map(|place| place as u32))
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

/// Whether a node can be at this address: `ws://host:port` or `wss://host:port`, with a path or not.
fn is_address(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("ws://").or_else(|| address.strip_prefix("wss://")) else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.rsplit_once(':') {
        // The brackets of an IPv6 address have colons of their own.
        Some((host, port)) if !port.ends_with(']') => !host.is_empty() && port.parse::<u16>().is_ok(),
        _ => !authority.is_empty(),
    }
}

/// A stored 64-bit number.
fn little_endian(text: &str) -> Option<u64> {
    let bytes = hex::decode(text.trim_start_matches("0x")).ok()?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
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

fn name<C: Payload>(call: &C) -> String {
    format!("{}.{}", call.pallet_name(), call.call_name())
}

/// An extrinsic's hash as JSON-RPC writes it.
fn name_of(hash: Hash) -> String {
    hex(hash.as_bytes())
}

fn raw(account: &AccountId) -> [u8; 32] {
    account.clone().into()
}

fn unanswered(method: &str, error: RpcError) -> anyhow::Error {
    let reason = match error {
        RpcError::User(error) => {
            let data = error.data.as_ref().map(|data| format!(": {}", data.get())).unwrap_or_default();
            format!("{}{data}", error.message)
        },
        error => error.to_string(),
    };
    Failure::new(failure::NODE, format!("the node did not answer {method}: {reason}")).into()
}

fn unread_state(error: impl std::fmt::Display) -> anyhow::Error {
    Failure::new(failure::NODE, format!("the node did not answer: {error}")).into()
}

fn lost(extrinsic: &str, reason: &str) -> anyhow::Error {
    let message = format!(
        "{reason}: the transaction may still be included. Before sending another, look for it: \
         `specie tx find {extrinsic}`"
    );
    Failure::new(failure::NODE, message).of(extrinsic).into()
}

/// The outcome of a search for a transaction that the node does not watch any more. Whatever broke it off, the
/// transaction may still come.
fn settled<T>(found: Result<Result<T>, tokio::time::error::Elapsed>, extrinsic: &str) -> Result<T> {
    match found {
        Ok(found) => found.map_err(|error| lost(extrinsic, &format!("{error:#}"))),
        Err(_) => Err(lost(extrinsic, "the node stopped watching it")),
    }
}

/// A block has the transaction, but what came of it is not known.
fn unread(extrinsic: &str, block_hash: &str, error: &anyhow::Error) -> anyhow::Error {
    let message = format!(
        "the transaction is in block {block_hash}, but what came of it is not known: {error:#}. Before sending another, \
         look for it: `specie tx find {extrinsic}`"
    );
    let block_hash = Some(block_hash.to_string());
    Failure { block_hash, ..Failure::new(failure::NODE, message).of(extrinsic) }.into()
}

/// Why a status is the last one without a block.
fn dead_end(status: &serde_json::Value) -> Option<String> {
    let word = status.as_str().map(str::to_string).or_else(|| status.as_object()?.keys().next().cloned())?;
    let reason = match word.as_str() {
        "invalid" => "the transaction became invalid while it waited: a coin moved, or its number was used",
        "dropped" => "the node dropped the transaction: its pool is full",
        "usurped" => "another transaction with the same number took its place",
        _ => return None,
    };
    Some(reason.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure_of(error: anyhow::Error) -> Failure {
        error.downcast_ref::<Failure>().expect("a failure with its kind").clone()
    }

    #[tokio::test]
    async fn a_transaction_that_was_sent_is_never_lost_from_sight() {
        let broken = || -> anyhow::Error { Failure::new(failure::NODE, "the connection broke").into() };
        let late = tokio::time::timeout(Duration::ZERO, std::future::pending::<Result<()>>()).await;
        for (error, reason) in [
            (lost("0xab", "the connection broke"), "the connection broke"),
            (settled::<()>(Ok(Err(broken())), "0xab").unwrap_err(), "the connection broke"),
            (settled(late, "0xab").unwrap_err(), "stopped watching"),
        ] {
            let failure = failure_of(error);
            assert_eq!((failure.kind, failure.extrinsic.as_deref()), (failure::NODE, Some("0xab")));
            assert!(failure.message.contains("may still be included"), "{failure}");
            assert!(failure.message.contains("specie tx find 0xab") && failure.message.contains(reason), "{failure}");
        }
        assert_eq!(settled(Ok(Ok(7)), "0xab").unwrap(), 7);

        let failure = failure_of(unread("0xab", "0xcd", &broken()));
        assert_eq!((failure.kind, failure.extrinsic.as_deref()), (failure::NODE, Some("0xab")));
        assert_eq!(failure.block_hash.as_deref(), Some("0xcd"));
        assert!(failure.message.contains("is in block 0xcd") && failure.message.contains("tx find 0xab"), "{failure}");
    }

    #[test]
    fn what_is_not_found_says_what_that_means() {
        let text = not_found(700, 1_000);
        assert!(text.contains("from 700 to 1000") && text.contains("before block 936"), "{text}");
        assert!(not_found(0, 10).contains("before block 0"));
    }

    #[test]
    fn addresses_of_nodes_have_a_scheme_and_a_host() {
        for address in ["ws://127.0.0.1:9944", "wss://node.example/rpc", "ws://[::1]:9944", "ws://[::1]", "ws://a"] {
            assert!(is_address(address), "{address}");
        }
        for address in
            ["", "127.0.0.1:9944", "localhost", "http://a:9944", "ws://", "ws://:9944", "ws://a:x", "ws://a:"]
        {
            assert!(!is_address(address), "{address}");
        }
    }

    #[test]
    fn stored_times_are_read() {
        assert_eq!(little_endian("0x0100000000000000"), Some(1));
        assert_eq!(little_endian("0x00"), None);
        assert_eq!(little_endian("x"), None);
    }
}
