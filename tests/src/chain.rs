//! Signing and sending without the command line: for tests that need many transactions, or refused ones.

use crate::rpc::{explain, Block, Rpc, PROGRESS};
use anyhow::{anyhow, bail, ensure, Context, Result};
use serde_json::{json, Value as Json};
use specie_primitives::{
    AccountId, Balance, BankId, BlockNumber, CoinId, CoinRef, Hash, OwnerId, PickupId, PickupReceiver,
};
use std::{
    str::FromStr,
    time::{Duration, Instant},
};
use subxt::{
    client::{ClientAtBlock, OnlineClientAtBlockImpl},
    config::{substrate::SubstrateConfig, DefaultExtrinsicParamsBuilder},
    dynamic::{self, At, Value},
    events::Phase,
    ext::scale_value::{Composite, ValueDef},
    rpcs::client::RpcSubscription,
    OnlineClient,
};
use subxt_signer::{sr25519::Keypair, SecretUri};
use tokio::time::timeout;

/// How the chain's blocks and transactions look.
pub type Config = SubstrateConfig;
/// The chain at one block.
pub type AtBlock = ClientAtBlock<Config, OnlineClientAtBlockImpl<Config>>;

/// The key of a URI such as `//BankA`.
pub fn key(uri: &str) -> Result<Keypair> {
    Ok(Keypair::from_uri(&SecretUri::from_str(uri)?)?)
}

/// The account of a key.
pub fn account(key: &Keypair) -> AccountId {
    AccountId::new(key.public_key().0)
}

/// A call, by the names that the metadata has.
#[derive(Clone, Debug)]
pub struct Call {
    pallet: &'static str,
    name: &'static str,
    fields: Vec<Value>,
}

/// An event: pallet, name, fields.
pub type Event = (String, String, Value);

/// So many never-issued coins of a face value in minor units.
pub type Lots<'a> = &'a [(u64, u32)];

impl Call {
    /// A call with its arguments in order.
    pub fn new(pallet: &'static str, name: &'static str, fields: Vec<Value>) -> Self {
        Self { pallet, name, fields }
    }

    /// A remark, which changes nothing.
    pub fn remark(text: &str) -> Self {
        Self::new("System", "remark", vec![Value::from_bytes(text)])
    }

    /// The issuer credits a bank's reserve.
    pub fn credit_reserve(bank: BankId, amount: Balance) -> Self {
        Self::new("Vault", "credit", vec![number(bank.0), Value::u128(amount)])
    }

    /// One of two people mints.
    pub fn propose_mint(denomination: u64, count: u32) -> Self {
        Self::new("Issuance", "propose_mint", vec![number(denomination), number(count)])
    }

    /// The other agrees.
    pub fn approve_mint(proposal: u32) -> Self {
        Self::new("Issuance", "approve_mint", vec![number(proposal)])
    }

    /// The issuer destroys coins of the issue vault.
    pub fn retire(fresh: Lots, coins: &[CoinRef]) -> Self {
        Self::new("Issuance", "retire", vec![selection(fresh, coins)])
    }

    /// A bank takes coins against its reserve.
    pub fn draw(fresh: Lots, coins: &[CoinRef]) -> Self {
        Self::new("Vault", "draw", vec![selection(fresh, coins)])
    }

    /// A bank gives coins back.
    pub fn return_coins(fresh: Lots, coins: &[CoinRef]) -> Self {
        Self::new("Vault", "return_coins", vec![selection(fresh, coins)])
    }

    /// A bank credits an owner's account.
    pub fn credit_owner(owner: OwnerId, amount: Balance) -> Self {
        Self::new("Custody", "credit", vec![Value::from_bytes(owner.0), Value::u128(amount)])
    }

    /// A bank debits an owner's account.
    pub fn debit_owner(owner: OwnerId, amount: Balance) -> Self {
        Self::new("Custody", "debit", vec![Value::from_bytes(owner.0), Value::u128(amount)])
    }

    /// An owner takes coins out of custody.
    pub fn withdraw(bank: BankId, fresh: Lots, coins: &[CoinRef]) -> Self {
        Self::new("Custody", "withdraw", vec![number(bank.0), selection(fresh, coins)])
    }

    /// An owner pays coins into custody.
    pub fn deposit(bank: BankId, coins: &[CoinRef]) -> Self {
        Self::new("Custody", "deposit", vec![number(bank.0), list(coins)])
    }

    /// An owner sends custody to an account, if need be with a last block until which it waits.
    pub fn send_custody(
        from_bank: BankId,
        to_bank: BankId,
        to: OwnerId,
        amount: Balance,
        expires: Option<BlockNumber>,
    ) -> Self {
        let expires = match expires {
            Some(block) => Value::unnamed_variant("Some", [number(block)]),
            None => Value::unnamed_variant("None", []),
        };
        let fields =
            vec![number(from_bank.0), number(to_bank.0), Value::from_bytes(to.0), Value::u128(amount), expires];
        Self::new("Custody", "transfer", fields)
    }

    /// Somebody takes back a transfer that waits at a bank.
    pub fn cancel_transfer(bank: BankId, transfer: u64) -> Self {
        Self::new("Custody", "cancel_transfer", vec![number(bank.0), number(transfer)])
    }

    /// A bank says what becomes of transfers that its reserve does not cover: `Refuse`, `Overtake` or `InOrder`.
    pub fn set_queue(policy: &str) -> Self {
        Self::new("Custody", "set_queue", vec![Value::unnamed_variant(policy, [])])
    }

    /// An owner pays another.
    pub fn transfer(to: OwnerId, coins: &[CoinRef]) -> Self {
        Self::new("Ownership", "transfer", vec![Value::from_bytes(to.0), list(coins)])
    }

    /// An owner gives coins for others of a bank's vault.
    pub fn exchange(bank: BankId, give: &[CoinRef], fresh: Lots, coins: &[CoinRef]) -> Self {
        let at = Value::unnamed_variant("Vault", [number(bank.0)]);
        Self::new("Ownership", "exchange", vec![at, list(give), selection(fresh, coins)])
    }

    /// An owner leaves coins for somebody to pick up with a key.
    pub fn deposit_for(payee: OwnerId, claim_key: &AccountId, coins: &[CoinRef], expires: BlockNumber) -> Self {
        let key = Value::from_bytes(<AccountId as AsRef<[u8]>>::as_ref(claim_key));
        let fields = vec![Value::from_bytes(payee.0), key, list(coins), number(expires)];
        Self::new("Pickup", "deposit_for", fields)
    }

    /// A bank collects coins that wait, for cash of its counter.
    pub fn claim_at_bank(pickup: PickupId, receiver: PickupReceiver, signature: [u8; 64]) -> Self {
        let receiver = match receiver {
            PickupReceiver::Owner(owner) => Value::unnamed_variant("Owner", [Value::from_bytes(owner.0)]),
            PickupReceiver::Custody { bank, owner } => {
                Value::named_variant("Custody", [("bank", number(bank.0)), ("owner", Value::from_bytes(owner.0))])
            },
            PickupReceiver::Counter { bank, receipt } => {
                Value::named_variant("Counter", [("bank", number(bank.0)), ("receipt", number(receipt))])
            },
        };
        Self::new("Pickup", "claim_at_bank", vec![number(pickup.0), receiver, Value::from_bytes(signature)])
    }

    /// Anybody gives coins that waited too long back to the payer.
    pub fn refund(pickup: PickupId) -> Self {
        Self::new("Pickup", "refund", vec![number(pickup.0)])
    }
}

/// A number as an argument of a call.
pub(crate) fn number(number: impl Into<u128>) -> Value {
    Value::u128(number.into())
}

fn list(coins: &[CoinRef]) -> Value {
    Value::unnamed_composite(coins.iter().map(|CoinRef { coin, revision }| {
        let coin = Value::named_composite([("batch", number(coin.batch)), ("index", number(coin.index))]);
        Value::named_composite([("coin", coin), ("revision", number(*revision))])
    }))
}

fn selection(fresh: Lots, coins: &[CoinRef]) -> Value {
    let fresh = fresh.iter().map(|(denomination, count)| {
        Value::named_composite([("denomination", number(*denomination)), ("count", number(*count))])
    });
    Value::named_composite([("fresh", Value::unnamed_composite(fresh)), ("coins", list(coins))])
}

/// Code with which a pool says that it has a transaction already.
const ALREADY_IMPORTED: i32 = 1013;

/// A transaction that was submitted and not seen final yet.
#[derive(Debug)]
pub struct Pending {
    /// Its bytes.
    bytes: Vec<u8>,
    /// None when the pool had it already and gives no watch.
    updates: Option<RpcSubscription<Json>>,
    start: Instant,
    /// Best block when it was submitted.
    since: BlockNumber,
}

impl Pending {
    /// What the pool says next; nothing more when the blocks must tell.
    async fn next(&mut self) -> Option<Result<Json, subxt::rpcs::Error>> {
        match &mut self.updates {
            Some(updates) => updates.next().await,
            None => None,
        }
    }
}

/// A transaction in a final block, and what it did there.
#[derive(Debug)]
pub struct Done {
    /// The block.
    pub block: Block,
    /// Time from submission to finality.
    pub after: Duration,
    /// Its events.
    pub events: Vec<Event>,
}

impl Done {
    /// The fields of the first of its events with this name.
    pub fn event(&self, pallet: &str, name: &str) -> Option<&Value> {
        self.events.iter().find(|(of, event, _)| of == pallet && event == name).map(|(.., fields)| fields)
    }

    /// A number in a field of one of its events.
    pub fn number(&self, pallet: &str, name: &str, field: &str) -> Result<u128> {
        let fields = self.event(pallet, name);
        number_in(fields.with_context(|| format!("no event {pallet}.{name} in {:?}", self.events))?, field)
    }
}

/// A number among decoded fields, also where types of their own wrap it, as they do denominations and banks; of several
/// numbers the first.
pub fn number_in(fields: &Value, field: &str) -> Result<u128> {
    let mut value = fields.at(field).with_context(|| format!("no field {field} in {fields}"))?;
    while let Some(inner) = value.at(0) {
        value = inner;
    }
    value.as_u128().with_context(|| format!("{field} is no number in {fields}"))
}

/// A connection to one node that can sign and send.
#[derive(Clone, Debug)]
pub struct Chain {
    rpc: Rpc,
    client: OnlineClient<Config>,
}

impl Chain {
    /// Reads the metadata.
    pub async fn new(rpc: Rpc) -> Result<Self> {
        let client = OnlineClient::from_rpc_client(rpc.client().clone()).await?;
        Ok(Self { rpc, client })
    }

    /// The node.
    pub fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// The chain at a block, decoded by its metadata.
    pub async fn at(&self, hash: Hash) -> Result<AtBlock> {
        Ok(self.client.at_block(subxt::config::substrate::H256(hash.0)).await?)
    }

    /// The nonce of the next transaction of an account, with those that wait for a block.
    pub async fn next_nonce(&self, signer: &Keypair) -> Result<u64> {
        self.rpc.request("system_accountNextIndex", json!([account(signer)])).await
    }

    /// A signed transaction that never expires.
    pub async fn sign(&self, signer: &Keypair, call: &Call, nonce: u64) -> Result<Vec<u8>> {
        let mut signed = self.sign_all(signer, std::slice::from_ref(call), nonce).await?;
        signed.pop().context("nothing was signed")
    }

    /// Signed transactions with nonces from `first` on.
    pub async fn sign_all(&self, signer: &Keypair, calls: &[Call], first: u64) -> Result<Vec<Vec<u8>>> {
        let at = self.client.at_current_block().await?;
        let mut all = Vec::new();
        for (nonce, call) in (first..).zip(calls) {
            let payload = dynamic::transaction(call.pallet, call.name, call.fields.clone());
            let params = DefaultExtrinsicParamsBuilder::new().immortal().nonce(nonce).build();
            all.push(at.tx().create_signable_offline(&payload, params)?.sign(signer)?.into_encoded());
        }
        Ok(all)
    }

    /// Submits bytes and does not wait for what becomes of them.
    pub async fn submit_only(&self, bytes: &[u8]) -> Result<Hash> {
        self.rpc.request("author_submitExtrinsic", json!([format!("0x{}", hex::encode(bytes))])).await
    }

    /// Submits bytes; the pool may refuse them.
    pub async fn submit(&self, bytes: Vec<u8>) -> Result<Pending> {
        let since = self.rpc.best().await?.number;
        let start = Instant::now();
        let mut params = subxt::rpcs::client::RpcParams::new();
        params.push(format!("0x{}", hex::encode(&bytes)))?;
        let updates =
            self.rpc.client().subscribe("author_submitAndWatchExtrinsic", params, "author_unwatchExtrinsic").await;
        let updates = match updates {
            Ok(updates) => Some(updates),
            // A busy pool may take a transaction in while it is still being handed to it.
            Err(subxt::rpcs::Error::User(error)) if error.code == ALREADY_IMPORTED => None,
            Err(error) => return Err(explain(error)),
        };
        Ok(Pending { bytes, updates, start, since })
    }

    /// Signs with the next nonce and submits.
    pub async fn sign_and_submit(&self, signer: &Keypair, call: &Call) -> Result<Pending> {
        let nonce = self.next_nonce(signer).await?;
        self.submit(self.sign(signer, call, nonce).await?).await
    }

    /// Sends a call and waits until it is final; an error if it failed.
    pub async fn finalize(&self, signer: &Keypair, call: &Call) -> Result<Done> {
        let done = self.finalize_all(signer, std::slice::from_ref(call)).await?.pop();
        done.context("nothing was sent")
    }

    /// Sends calls of one signer, which take effect in their order, and waits until all are final; an error if one failed.
    pub async fn finalize_all(&self, signer: &Keypair, calls: &[Call]) -> Result<Vec<Done>> {
        let first = self.next_nonce(signer).await?;
        let mut pending = Vec::new();
        for (call, bytes) in calls.iter().zip(self.sign_all(signer, calls, first).await?) {
            pending.push(self.submit(bytes).await.with_context(|| describe(call))?);
        }
        let mut done = Vec::new();
        for (call, pending) in calls.iter().zip(pending) {
            done.push(self.finalized(pending).await.with_context(|| describe(call))?);
        }
        Ok(done)
    }

    /// Waits until a submitted transaction is final; an error if it failed.
    pub async fn finalized(&self, pending: Pending) -> Result<Done> {
        let done = self.settled(pending).await?;
        match done.event("System", "ExtrinsicFailed") {
            Some(fields) => bail!("failed in block {}: {fields}", done.block.number),
            None => Ok(done),
        }
    }

    /// Times from submission until a transaction was in a block, and until it was final.
    pub async fn times(&self, mut pending: Pending) -> Result<(Duration, Duration)> {
        let mut in_block = None;
        timeout(PROGRESS, async {
            while let Some(update) = pending.next().await {
                let update = update?;
                if update.get("inBlock").is_some() {
                    in_block.get_or_insert(pending.start.elapsed());
                }
                if update.get("finalized").is_some() {
                    let after = pending.start.elapsed();
                    return Ok((in_block.unwrap_or(after), after));
                }
                ensure!(update != "invalid" && update != "dropped", "the transaction is {update}");
            }
            self.find_final(&pending.bytes, pending.since).await?;
            let after = pending.start.elapsed();
            Ok((in_block.unwrap_or(after), after))
        })
        .await
        .map_err(|_| anyhow!("the transaction is not final after {} s", PROGRESS.as_secs()))?
    }

    /// The final block that holds a transaction; looks from a block on and waits for more.
    async fn find_final(&self, bytes: &[u8], since: BlockNumber) -> Result<Hash> {
        let mut number = since;
        loop {
            self.rpc.wait_for_finalized(number, PROGRESS).await?;
            let hash = self.rpc.hash_of(number).await?.context("a final block is gone")?;
            if self.place(bytes, hash).await?.is_some() {
                return Ok(hash);
            }
            number += 1;
        }
    }

    /// Place of a transaction in a block.
    async fn place(&self, bytes: &[u8], hash: Hash) -> Result<Option<usize>> {
        let text = format!("0x{}", hex::encode(bytes));
        Ok(self.rpc.extrinsics(hash).await?.into_iter().position(|extrinsic| extrinsic == text))
    }

    /// Waits until a submitted transaction is final, whether it did what it should or failed.
    pub async fn settled(&self, mut pending: Pending) -> Result<Done> {
        let hash = timeout(PROGRESS, async {
            while let Some(update) = pending.next().await {
                let update = update?;
                if let Some(hash) = update.get("finalized") {
                    return Ok(serde_json::from_value::<Hash>(hash.clone())?);
                }
                let over = ["invalid", "dropped"].map(|word| update == word).contains(&true)
                    || ["usurped", "finalityTimeout"].iter().any(|word| update.get(word).is_some());
                ensure!(!over, "the transaction is {update}");
            }
            // The pool now and then ends a watch without its last word: then the blocks themselves tell.
            self.find_final(&pending.bytes, pending.since).await
        })
        .await
        .map_err(|_| anyhow!("the transaction is not final after {} s", PROGRESS.as_secs()))??;
        let after = pending.start.elapsed();
        let block = Block { number: self.rpc.header(hash).await?.number()?, hash };
        Ok(Done { block, after, events: self.events_of(&pending.bytes, hash).await? })
    }

    /// What a transaction did in a block.
    async fn events_of(&self, bytes: &[u8], hash: Hash) -> Result<Vec<Event>> {
        let place = self.place(bytes, hash).await?;
        let place = place.with_context(|| format!("block {hash:?} does not hold the transaction"))?;
        let place = Phase::ApplyExtrinsic(u32::try_from(place)?);
        let events = self.events(hash).await?;
        Ok(events.into_iter().filter(|(phase, _)| *phase == place).map(|(_, event)| event).collect())
    }

    /// Everything that happened in a block, and when in it.
    pub async fn events(&self, hash: Hash) -> Result<Vec<(Phase, Event)>> {
        let at = self.at(hash).await?;
        let mut found = Vec::new();
        for event in at.events().fetch().await?.iter() {
            let event = event?;
            let fields: Composite<()> = event.decode_fields_unchecked_as()?;
            let fields = Value { value: ValueDef::Composite(fields), context: () };
            found.push((event.phase(), (event.pallet_name().to_owned(), event.event_name().to_owned(), fields)));
        }
        Ok(found)
    }

    /// A coin, in the last final block.
    pub async fn coin(&self, coin: CoinId) -> Result<Option<specie_primitives::api::CoinInfo>> {
        self.rpc.request("specie_coin", json!([coin])).await
    }
}

fn describe(call: &Call) -> String {
    format!("{}.{}", call.pallet, call.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_through_its_wrappers() {
        let weight = Value::named_composite([("ref_time", number(5u8)), ("proof_size", number(7u8))]);
        let fields = Value::named_composite([
            ("bank", Value::unnamed_composite([number(3u8)])),
            ("dispatch_info", Value::named_composite([("weight", weight.clone())])),
            ("max_total", Value::unnamed_variant("Some", [weight])),
        ]);
        let found = ["bank", "dispatch_info", "max_total"].map(|field| number_in(&fields, field).unwrap());
        assert_eq!(found, [3, 5, 5]);
        assert!(number_in(&fields, "nothing").is_err());
    }
}
