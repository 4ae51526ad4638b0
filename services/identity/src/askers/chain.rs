//! Askers that the chain knows: active banks with their accounts, active owners with their current keys.

use super::{file::read_account, Asker, Askers, AskersError, Finding, Limits};
use hyper::Method;
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::{json, Value};
use specie_identity_client::{http, AccountKey};
use specie_prf::PublicKey;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    sync::{Mutex as Turn, Semaphore},
    time::timeout,
};

/// How long an answer of the node is taken for true. A suspension takes effect that much later.
const FRESH: Duration = Duration::from_secs(30);
/// How long a key is taken for a stranger's: whoever was just registered need not wait.
const STRANGE: Duration = Duration::from_secs(2);
/// How long the node may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer at most.
const MOST: usize = 4 * 1024 * 1024;
/// Owners' keys that are remembered at most.
const REMEMBERED: usize = 10_000;
/// Strangers' keys that are remembered at most, apart from owners': whoever makes up keys crowds nobody out.
const STRANGERS: usize = 1_000;
/// Keys that are looked up at once at most: strangers shall not keep the node busy. Banks need no look-up.
const LOOKUPS: usize = 8;

/// Asks a node (`specie_banks`, `specie_ownerOf`, `specie_owner`) about its last final block.
pub struct ChainAskers {
    node: String,
    limits: Limits,
    banks: Mutex<Option<(Instant, Arc<Banks>)>>,
    /// Held by the one that asks for the banks; the others wait for what it learns.
    turn: Turn<()>,
    owners: Mutex<HashMap<AccountKey, (Instant, Asker)>>,
    strangers: Mutex<HashMap<AccountKey, Instant>>,
    lookups: Semaphore,
}

/// Active banks by account.
type Banks = HashMap<AccountKey, u32>;

#[derive(Deserialize)]
struct Bank {
    bank: u32,
    account: String,
    status: Value,
}

#[derive(Deserialize)]
struct Owner {
    bank: u32,
    key: String,
    status: Value,
}

/// What a network says of its owner ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct NetworkFacts {
    /// Its number.
    pub network_id: u32,
    /// The public key that its state has held from the first block on.
    pub owner_id_key: PublicKey,
}

#[derive(Deserialize)]
struct RpcAnswer {
    #[serde(default)]
    result: Value,
    error: Option<RpcError>,
}

#[derive(Deserialize)]
struct RpcError {
    code: i64,
}

impl ChainAskers {
    /// Askers that the node at `http://host:port` knows.
    pub fn new(node: impl Into<String>, limits: Limits) -> Self {
        Self {
            node: node.into(),
            limits,
            banks: Mutex::default(),
            turn: Turn::default(),
            owners: Mutex::default(),
            strangers: Mutex::default(),
            lookups: Semaphore::new(LOOKUPS),
        }
    }

    /// The network that the node belongs to.
    pub async fn network(&self) -> Result<NetworkFacts, AskersError> {
        self.call("specie_network", json!([])).await
    }

    /// The owner with this key.
    async fn look_up(&self, key: &AccountKey) -> Result<Option<Asker>, AskersError> {
        let _permit = self.lookups.try_acquire().map_err(|_| AskersError::Busy)?;
        let account = format!("0x{}", hex::encode(key));
        // An owner's former keys are known as well.
        let Some(id) = self.call::<Option<String>>("specie_ownerOf", json!([account])).await? else { return Ok(None) };
        let Some(owner) = self.call::<Option<Owner>>("specie_owner", json!([id])).await? else { return Ok(None) };
        let mut bytes = [0; 24];
        hex::decode_to_slice(id.trim_start_matches("0x"), &mut bytes)
            .map_err(|_| AskersError::Node("an owner id has 48 hexadecimal digits".into()))?;
        let current = read_account(&owner.key).as_ref() == Some(key) && owner.status == "active";
        Ok(current.then(|| self.limits.of_owner(bytes, owner.bank)))
    }

    /// The active banks. One request asks the node, however many keys need the answer.
    async fn banks(&self) -> Result<Arc<Banks>, AskersError> {
        if let Some(banks) = self.fresh_banks() {
            return Ok(banks);
        }
        let _turn = timeout(PATIENCE, self.turn.lock()).await.map_err(|_| AskersError::Busy)?;
        if let Some(banks) = self.fresh_banks() {
            return Ok(banks);
        }
        let banks: Vec<Bank> = self.call("specie_banks", json!([])).await?;
        let banks: Banks = banks
            .into_iter()
            .filter(|bank| bank.status == "active")
            .filter_map(|bank| Some((read_account(&bank.account)?, bank.bank)))
            .collect();
        let banks = Arc::new(banks);
        *locked(&self.banks) = Some((Instant::now(), banks.clone()));
        Ok(banks)
    }

    fn fresh_banks(&self) -> Option<Arc<Banks>> {
        let known = locked(&self.banks);
        known.as_ref().filter(|(at, _)| at.elapsed() < FRESH).map(|(_, banks)| banks.clone())
    }

    async fn call<T: DeserializeOwned>(&self, method: &str, params: Value) -> Result<T, AskersError> {
        let bad = |reason: String| AskersError::Node(format!("{method}: {reason}"));
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string().into_bytes();
        let (_, answer) = http::send(Method::POST, &self.node, "", body, MOST, PATIENCE)
            .await
            .map_err(|error| bad(error.to_string()))?;
        let answer: RpcAnswer = serde_json::from_slice(&answer).map_err(|_| bad("no JSON-RPC answer".into()))?;
        if let Some(error) = answer.error {
            // The words may repeat what was asked, and this is logged.
            return Err(bad(format!("error {}", error.code)));
        }
        serde_json::from_value(answer.result).map_err(|_| bad("another answer than this version expects".into()))
    }

    /// An owner or a stranger, if that was found out a moment ago.
    fn remembered(&self, key: &AccountKey) -> Option<Option<Asker>> {
        if let Some((at, asker)) = locked(&self.owners).get(key) {
            if at.elapsed() < FRESH {
                return Some(Some(asker.clone()));
            }
        }
        let strange = locked(&self.strangers).get(key).is_some_and(|at| at.elapsed() < STRANGE);
        strange.then_some(None)
    }

    fn remember(&self, key: &AccountKey, asker: &Option<Asker>) {
        let now = Instant::now();
        match asker {
            Some(asker) => {
                insert(&mut locked(&self.owners), REMEMBERED, *key, (now, asker.clone()), |(at, _)| {
                    at.elapsed() < FRESH
                });
            },
            None => {
                // What it was before is no longer true.
                locked(&self.owners).remove(key);
                insert(&mut locked(&self.strangers), STRANGERS, *key, now, |at| at.elapsed() < STRANGE);
            },
        }
    }
}

impl Askers for ChainAskers {
    fn find<'a>(&'a self, key: &'a AccountKey) -> Finding<'a> {
        Box::pin(async move {
            if let Some(asker) = self.remembered(key) {
                return Ok(asker);
            }
            // Before anything that strangers can use up.
            let bank = self.banks().await?.get(key).copied();
            if let Some(bank) = bank {
                return Ok(Some(self.limits.of_bank(bank)));
            }
            let asker = self.look_up(key).await?;
            self.remember(key, &asker);
            Ok(asker)
        })
    }
}

/// Remembers a value while there is room; what is no longer fresh makes some.
fn insert<T>(map: &mut HashMap<AccountKey, T>, most: usize, key: AccountKey, value: T, fresh: impl Fn(&T) -> bool) {
    if map.len() >= most {
        map.retain(|_, value| fresh(value));
    }
    if map.len() < most || map.contains_key(&key) {
        map.insert(key, value);
    }
}

/// What is guarded here is replaced whole, so that it is good even if a thread panicked.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
