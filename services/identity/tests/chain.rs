//! Askers that a node knows. The node here is a peer that speaks its JSON-RPC; the scenarios of the workspace ask a real
//! one.

mod common;

use common::*;
use rand::rngs::OsRng;
use serde_json::{json, Value};
use specie_identity_client::evaluate;
use specie_identity_service::{
    askers::{Askers, AskersError, ChainAskers, Limits, NetworkFacts},
    limits::{Limit, Payer},
};
use specie_prf::{Key, PublicKey};
use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    time::Duration,
};

const BANK: u8 = 1;
const SUSPENDED_BANK: u8 = 2;
const OWNER: u8 = 3;
const FORMER_KEY: u8 = 4;
const SUSPENDED_OWNER: u8 = 5;
const STRANGER: u8 = 6;

fn limits() -> Limits {
    let limit = |per_minute| Limit { per_minute, per_day: 100 };
    Limits { bank: limit(10), owner: limit(2), owners_of_bank: limit(3) }
}

/// The key that the network was made with.
fn public() -> PublicKey {
    Key::from_bytes(&[1; 32]).unwrap().public()
}

/// What a node answers.
fn answer(method: &str, parameter: &str) -> Value {
    let key = |seed| account(&pair(seed));
    let id = |seed: u8| hex::encode([seed; 24]);
    match method {
        "specie_network" => json!({ "network_id": NETWORK, "owner_id_key": public(), "symbol": "SPC" }),
        "specie_banks" => json!([
            { "bank": 1, "name": "A", "account": key(BANK), "status": "active", "reserve": 1 },
            { "bank": 2, "name": "B", "account": key(SUSPENDED_BANK), "status": "suspended", "reserve": 1 },
        ]),
        "specie_ownerOf" => {
            let owners = [OWNER, FORMER_KEY, SUSPENDED_OWNER];
            let owner = owners.into_iter().find(|seed| key(*seed) == parameter);
            // A former key still names its owner.
            owner.map_or(Value::Null, |seed| json!(id(if seed == FORMER_KEY { OWNER } else { seed })))
        },
        "specie_owner" => {
            let (seed, status) = if parameter == id(OWNER) {
                (OWNER, json!("active"))
            } else {
                (SUSPENDED_OWNER, json!({ "suspended": "bank" }))
            };
            json!({ "owner": parameter, "bank": 1, "key": key(seed), "status": status, "coins": 0 })
        },
        other => panic!("{other}"),
    }
}

async fn node() -> (String, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let url = peer(move |body| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            let call: Value = serde_json::from_slice(&body).unwrap();
            let parameter = call["params"][0].as_str().unwrap_or_default().to_string();
            json!({ "jsonrpc": "2.0", "id": 1, "result": answer(call["method"].as_str().unwrap(), &parameter) })
                .to_string()
        }
    })
    .await;
    (url, calls)
}

#[tokio::test]
async fn the_chain_says_who_may_ask() {
    let (url, calls) = node().await;
    let askers = ChainAskers::new(url, limits());
    assert_eq!(askers.network().await, Ok(NetworkFacts { network_id: NETWORK, owner_id_key: public() }));
    let find = |seed: u8| {
        let (askers, key) = (&askers, pair(seed).public.to_bytes());
        async move { askers.find(&key).await.unwrap() }
    };
    let bank = find(BANK).await.unwrap();
    assert_eq!((bank.label.as_str(), charges(&bank)), ("bank-1", vec![(Payer::Bank(1), limits().bank)]));
    let owner = find(OWNER).await.unwrap();
    assert_eq!(owner.label, "owners", "no metric names an owner");
    assert_eq!(
        charges(&owner),
        [(Payer::Owner([OWNER; 24]), limits().owner), (Payer::OwnersOf(1), limits().owners_of_bank)]
    );
    for seed in [SUSPENDED_BANK, FORMER_KEY, SUSPENDED_OWNER, STRANGER] {
        assert_eq!(find(seed).await, None, "{seed}");
    }
    // What is known is not asked for again at once.
    let before = calls.load(Ordering::SeqCst);
    find(BANK).await;
    find(STRANGER).await;
    assert_eq!(calls.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn strangers_do_not_keep_banks_waiting() {
    // Given: a node that never says whose a key is, and strangers who ask with so many keys as are looked up at once.
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let url = peer(move |body| {
        let call: Value = serde_json::from_slice(&body).unwrap();
        let method = call["method"].as_str().unwrap().to_string();
        if method == "specie_ownerOf" {
            counted.fetch_add(1, Ordering::SeqCst);
        }
        async move {
            if method == "specie_ownerOf" {
                std::future::pending::<()>().await;
            }
            json!({ "jsonrpc": "2.0", "id": 1, "result": answer(&method, "") }).to_string()
        }
    })
    .await;
    let askers = Arc::new(ChainAskers::new(url, limits()));
    let find = |seed: u8| {
        let (askers, key) = (askers.clone(), pair(seed).public.to_bytes());
        async move { askers.find(&key).await }
    };
    let waiting: Vec<_> = (10..18).map(|seed| tokio::spawn(find(seed))).collect();
    while asked.load(Ordering::SeqCst) < waiting.len() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    // Then: one more is refused, a bank is not.
    assert_eq!(find(STRANGER).await, Err(AskersError::Busy));
    assert!(find(BANK).await.unwrap().is_some());
    waiting.iter().for_each(|task| task.abort());
}

#[tokio::test]
async fn an_owner_pays_for_itself_and_for_its_bank() {
    let (folder, key) = (tempfile::tempdir().unwrap(), Key::generate(&mut OsRng));
    let (public, url) = (key.public(), node().await.0);
    let running = Running::start(folder.path(), key, Box::new(ChainAskers::new(url, limits()))).await;
    let owner = pair(OWNER);
    assert!(evaluate(&running.url, &public, &signer(&owner), &blinded(2)).await.is_ok());
    let outcome = evaluate(&running.url, &public, &signer(&owner), &blinded(1)).await;
    assert_eq!(refusal(outcome), (429, "limit".into()));
    let stranger = pair(STRANGER);
    let outcome = evaluate(&running.url, &public, &signer(&stranger), &blinded(1)).await;
    assert_eq!(refusal(outcome), (403, "asker".into()));
    let metrics = running.service.metrics().text();
    assert!(!metrics.contains(&hex::encode([OWNER; 24])), "{metrics}");
    running.stop().await;
}

#[tokio::test]
async fn fails_without_a_node_and_with_a_bad_one() {
    let alice = pair(BANK);
    let bad = [
        "http://127.0.0.1:1".to_string(),
        peer(|_| async { "no JSON".to_string() }).await,
        peer(|_| async { json!({ "error": { "code": 9011, "message": "no state" } }).to_string() }).await,
        peer(|_| async { json!({ "result": { "bank": 1 } }).to_string() }).await,
    ];
    for url in bad {
        let askers = ChainAskers::new(&url, limits());
        assert!(matches!(askers.find(&alice.public.to_bytes()).await, Err(AskersError::Node(_))), "{url}");
        let (folder, key) = (tempfile::tempdir().unwrap(), Key::generate(&mut OsRng));
        let public = key.public();
        let running = Running::start(folder.path(), key, Box::new(askers)).await;
        let outcome = evaluate(&running.url, &public, &signer(&alice), &blinded(1)).await;
        assert_eq!(refusal(outcome), (503, "unavailable".into()));
        running.stop().await;
    }
}
