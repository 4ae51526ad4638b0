//! Sending transactions, and following them until it is known what came of them. A node that goes away in between is
//! replaced by another, which gets the very same bytes: at most one block can have them.

use crate::{
    client::{hex, name_of, Client, Receipt, Wait, LIFETIME},
    explain,
    failure::{self, Failure},
    nodes::Link,
};
use anyhow::{Context, Result};
use specie_primitives::{AccountId, BlockNumber, Hash};
use specie_wallet::{AccountSignature, Signs};
use std::time::{Duration, Instant};
use subxt::{
    config::{
        substrate::{BlakeTwo256, SubstrateExtrinsicParamsBuilder},
        Hasher,
    },
    rpcs::{
        client::{rpc_params, RpcSubscription},
        Error as RpcError,
    },
    transactions::Payload,
    utils::{AccountId32, MultiSignature, H256},
};

/// Time between two blocks.
const BLOCK_TIME: Duration = Duration::from_millis(specie_primitives::MILLISECS_PER_BLOCK);
/// Code with which a pool refuses what it could not execute.
const INVALID: i32 = 1010;
/// Code with which a pool refuses what it had a moment ago, for instance because a block has it now.
const BANNED: i32 = 1012;
/// Code with which a pool says that it has a transaction already.
const ALREADY_IMPORTED: i32 = 1013;

type Statuses = RpcSubscription<serde_json::Value>;

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
    /// Which node that was.
    link: Link,
    /// None when the node gives no watch: it has the transaction in its pool already, or in a block.
    statuses: Option<Statuses>,
}

/// What a node says to a transaction.
enum Taken {
    /// It watches it.
    Watched(Statuses),
    /// It has it already.
    Known,
    /// It refuses it, with this code.
    Refused(i32, Failure),
    /// It went away, and may have it or not.
    Gone(String),
}

/// What was seen of a transaction.
enum Seen {
    /// A block has it; so many milliseconds after submission that was final, if it was waited for.
    In(String, Option<u64>),
    /// The node went away.
    Gone(String),
}

impl Client {
    /// Signs, submits and watches. Fails if the transaction is refused or fails in its block.
    pub async fn submit<C: Payload>(&self, call: &C, key: &impl Signs, wait: Wait) -> Result<Receipt> {
        self.follow(self.send(self.sign(call, key).await?).await?, wait).await
    }

    /// Submits a call that nobody signs and watches it.
    pub async fn submit_bare<C: Payload>(&self, call: &C, wait: Wait) -> Result<Receipt> {
        let bare = self.best().await?.transactions().create_v5_unsigned(call)?;
        let after = self.finalized().await?.number;
        self.follow(self.send(Extrinsic::new(name(call), bare.into_encoded(), after, u32::MAX)).await?, wait).await
    }

    /// Signs, with the number that follows the key's transactions in blocks and in the node's pool.
    pub async fn sign<C: Payload>(&self, call: &C, key: &impl Signs) -> Result<Extrinsic> {
        let best = self.best().await?;
        let finalized = self.finalized().await?;
        let nonce: u64 = self.request("system_accountNextIndex", rpc_params![key.account().to_string()]).await?;
        let anchor: H256 = finalized.hash.parse().context("the node sent a bad block hash")?;
        let options = SubstrateExtrinsicParamsBuilder::new()
            .nonce(nonce)
            .mortal_from_unchecked(LIFETIME.into(), finalized.number.into(), anchor)
            .build();
        let mut unsigned = best.transactions().create_v4_signable_offline(call, options)?;
        let signature = match key.sign_transaction(&unsigned.signer_payload()?)? {
            AccountSignature::Sr25519(signature) => MultiSignature::Sr25519(signature),
            AccountSignature::Ed25519(signature) => MultiSignature::Ed25519(signature),
        };
        let account = AccountId32(raw(&key.account()));
        let signed = unsigned.sign_with_account_and_signature(&account, &signature)?;
        // The anchor is the first block of the lifetime.
        let until = finalized.number.saturating_add(LIFETIME - 1);
        Ok(Extrinsic::new(name(call), signed.into_encoded(), finalized.number, until))
    }

    /// Hands a transaction to the node. Returns when a node took it or refused it.
    pub async fn send(&self, extrinsic: Extrinsic) -> Result<Sent> {
        let (started, link) = (Instant::now(), self.nodes.link());
        let (link, statuses) = match hand_in(&link, &extrinsic).await {
            Taken::Watched(statuses) => (link, Some(statuses)),
            // A busy pool may take a transaction in while it is still being handed to it.
            Taken::Known => (link, None),
            Taken::Refused(_, failure) => return Err(failure.of(name_of(extrinsic.hash)).into()),
            Taken::Gone(reason) => self.send_again(&extrinsic, link, reason).await?,
        };
        Ok(Sent { extrinsic, started, link, statuses })
    }

    /// Hands a transaction to another node than the one that went away and may have passed it on. No refusal is a proof that
    /// it came to nothing then.
    async fn send_again(
        &self,
        extrinsic: &Extrinsic,
        mut gone: Link,
        mut reason: String,
    ) -> Result<(Link, Option<Statuses>)> {
        let name = name_of(extrinsic.hash);
        loop {
            if !self.nodes.leave(&gone).await {
                return Err(lost(&name, &reason));
            }
            let link = self.nodes.link();
            match hand_in(&link, extrinsic).await {
                Taken::Watched(statuses) => return Ok((link, Some(statuses))),
                Taken::Known => return Ok((link, None)),
                Taken::Refused(code, failure) if may_be_included(code, &failure) => return Ok((link, None)),
                Taken::Refused(_, failure) => return Err(lost(&name, &failure.message)),
                Taken::Gone(why) => (gone, reason) = (link, why),
            }
        }
    }

    /// Watches a transaction until it is where it is waited for. Fails if it fails in its block, once that is final.
    pub async fn follow(&self, sent: Sent, mut wait: Wait) -> Result<Receipt> {
        let Sent { extrinsic, started, mut link, mut statuses } = sent;
        let name = name_of(extrinsic.hash);
        let mut in_block_ms = None;
        loop {
            let seen = self.watch(&extrinsic, &link, statuses.take(), started, wait, &mut in_block_ms).await?;
            let (block_hash, final_ms) = match seen {
                Seen::In(block_hash, final_ms) => (block_hash, final_ms),
                Seen::Gone(reason) => {
                    (link, statuses) = self.send_again(&extrinsic, link, reason).await?;
                    continue;
                },
            };
            let (block, failure, events) = match outcome(&link, &extrinsic, &block_hash).await {
                Ok(outcome) => outcome,
                Err(error) if link.is_there().await => return Err(unread(&name, &block_hash, &error)),
                Err(error) => {
                    let again = self.send_again(&extrinsic, link, error.to_string()).await;
                    (link, statuses) = again.map_err(|_| unread(&name, &block_hash, &error))?;
                    continue;
                },
            };
            if !is_for_good(failure.as_ref(), final_ms) {
                wait = Wait::Final;
                continue;
            }
            if let Some(failure) = failure {
                return Err(Failure { block: Some(block), block_hash: Some(block_hash), ..failure.of(name) }.into());
            }
            return Ok(Receipt {
                what: String::new(),
                call: extrinsic.call,
                extrinsic: name,
                block,
                block_hash,
                in_block_ms: in_block_ms.unwrap_or_default(),
                final_ms,
                events: events.into_iter().map(|(event, _)| event).collect(),
                outcome: "success",
                data: serde_json::Value::Null,
            });
        }
    }

    /// Watches a transaction at one node.
    async fn watch(
        &self,
        extrinsic: &Extrinsic,
        link: &Link,
        mut statuses: Option<Statuses>,
        started: Instant,
        wait: Wait,
        in_block_ms: &mut Option<u64>,
    ) -> Result<Seen> {
        let name = name_of(extrinsic.hash);
        let silent = || Seen::Gone("the node says nothing any more".into());
        let mut dropped = None;
        while let Some(watched) = &mut statuses {
            let left = self.timeout.saturating_sub(started.elapsed());
            let status = match tokio::time::timeout(left, link.while_there(watched.next())).await {
                Ok(Some(Some(Ok(status)))) => status,
                Ok(Some(Some(Err(error)))) if link.is_there().await => return Err(lost(&name, &error.to_string())),
                Ok(Some(Some(Err(error)))) => return Ok(Seen::Gone(error.to_string())),
                // The pool now and then ends a watch without its last word: then the blocks themselves tell.
                Ok(Some(None)) => break,
                Ok(None) => return Ok(silent()),
                Err(_) => return Err(lost(&name, &format!("not done after {} s", self.timeout.as_secs()))),
            };
            let elapsed = started.elapsed().as_millis() as u64;
            if let Some(hash) = status.get("inBlock").and_then(|hash| hash.as_str()) {
                in_block_ms.get_or_insert(elapsed);
                if wait == Wait::InBlock {
                    return Ok(Seen::In(hash.to_string(), None));
                }
            } else if let Some(hash) = status.get("finalized").and_then(|hash| hash.as_str()) {
                in_block_ms.get_or_insert(elapsed);
                return Ok(Seen::In(hash.to_string(), Some(elapsed)));
            } else if let Some(reason) = dead_end(&status) {
                // What nobody signed spends nothing and never gets too old: there is no end to wait for.
                if extrinsic.until == u32::MAX {
                    return Err(Failure::new(failure::REFUSED, reason).of(name).into());
                }
                // Other nodes may have it all the same, and put it into a block.
                dropped = Some(reason);
                break;
            } else if status.get("finalityTimeout").is_some() {
                return Err(lost(&name, "its block has not become final for long"));
            }
        }
        if !link.is_there().await {
            return Ok(silent());
        }
        let left = self.timeout.saturating_sub(started.elapsed());
        let hash = match tokio::time::timeout(left, link.while_there(find_final(link, extrinsic))).await {
            Ok(Some(Err(error))) if !link.is_there().await => return Ok(Seen::Gone(error.to_string())),
            Ok(Some(found)) => settled(Ok(found), &name)?,
            Ok(None) => return Ok(silent()),
            Err(late) => settled(Err(late), &name)?,
        };
        let elapsed = started.elapsed().as_millis() as u64;
        in_block_ms.get_or_insert(elapsed);
        match hash {
            Some(hash) => Ok(Seen::In(hash, Some(elapsed))),
            None => Err(never(extrinsic.until, dropped).of(name).into()),
        }
    }
}

/// Hands a transaction to one node.
async fn hand_in(link: &Link, extrinsic: &Extrinsic) -> Taken {
    let params = rpc_params![hex(&extrinsic.encoded)];
    let handing =
        link.rpc.subscribe::<serde_json::Value>("author_submitAndWatchExtrinsic", params, "author_unwatchExtrinsic");
    match link.while_there(handing).await {
        Some(Ok(statuses)) => Taken::Watched(statuses),
        Some(Err(RpcError::User(error))) if error.code == ALREADY_IMPORTED => Taken::Known,
        Some(Err(RpcError::User(error))) => {
            let data = error.data.as_ref().map(|data| data.get()).unwrap_or_default();
            Taken::Refused(error.code, Failure::from_submission(error.code, &error.message, data))
        },
        Some(Err(error)) => Taken::Gone(error.to_string()),
        None => Taken::Gone("the node says nothing any more".into()),
    }
}

/// Whether a node that refuses a transaction, which another one may have had before, may have it in a block.
fn may_be_included(code: i32, failure: &Failure) -> bool {
    code == BANNED || (code == INVALID && failure.message.contains("outdated"))
}

/// Number of a block, why an extrinsic failed in it, and its events.
async fn outcome(
    link: &Link,
    extrinsic: &Extrinsic,
    block_hash: &str,
) -> Result<(BlockNumber, Option<Failure>, Vec<(explain::Event, Vec<u8>)>)> {
    let at = link.api.at_block(block_hash.parse::<H256>().context("the node sent a bad block hash")?).await?;
    let block = u32::try_from(at.block_number()).context("the node sent a bad block number")?;
    let place = link.place(block_hash, &extrinsic.encoded).await?;
    let place = place.with_context(|| format!("block {block_hash} lacks the extrinsic"))?;
    let events = explain::events_of(&at, place).await?;
    Ok((block, explain::dispatch_failure(&at.metadata(), &events), events))
}

/// The final block that holds an extrinsic; looks from a block on and waits for more. `None` when every block that can hold
/// it is final and does not.
async fn find_final(link: &Link, extrinsic: &Extrinsic) -> Result<Option<String>> {
    for number in extrinsic.after..=extrinsic.until {
        while link.finalized().await?.number < number {
            tokio::time::sleep(BLOCK_TIME).await;
        }
        let hash: String = link.request("chain_getBlockHash", rpc_params![number]).await?;
        if link.place(&hash, &extrinsic.encoded).await?.is_some() {
            return Ok(Some(hash));
        }
    }
    Ok(None)
}

fn name<C: Payload>(call: &C) -> String {
    format!("{}.{}", call.pallet_name(), call.call_name())
}

fn raw(account: &AccountId) -> [u8; 32] {
    account.clone().into()
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

/// A transaction that no block has and none can have any more, and why its node let go of it.
fn never(until: BlockNumber, dropped: Option<&str>) -> Failure {
    let why = dropped.map(|reason| format!("{reason}; ")).unwrap_or_default();
    Failure::new(failure::REFUSED, format!("{why}no block up to {until} has the transaction, and no later one can"))
}

/// Whether what came of a transaction in a block can be told. In another block in the place of one that is not final, what
/// failed may succeed: whoever was told that it failed would pay again.
fn is_for_good(failure: Option<&Failure>, final_ms: Option<u64>) -> bool {
    failure.is_none() || final_ms.is_some()
}

/// Why a status is the last one without a block. It speaks for one node's pool only.
fn dead_end(status: &serde_json::Value) -> Option<&'static str> {
    let word = status.as_str().map(str::to_string).or_else(|| status.as_object()?.keys().next().cloned())?;
    let reason = match word.as_str() {
        "invalid" => "the transaction became invalid while it waited: a coin moved, or its number was used",
        "dropped" => "the node dropped the transaction: its pool is full",
        "usurped" => "another transaction with the same number took its place",
        _ => return None,
    };
    Some(reason)
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
    fn a_pool_that_lets_go_of_a_transaction_is_not_the_last_word() {
        for (status, part) in [
            (serde_json::json!("dropped"), "its pool is full"),
            (serde_json::json!("invalid"), "became invalid"),
            (serde_json::json!({ "usurped": "0xcd" }), "took its place"),
        ] {
            let failure = never(73, dead_end(&status));
            assert_eq!(failure.kind, failure::REFUSED);
            assert!(failure.message.contains(part), "{failure}");
            let end = "; no block up to 73 has the transaction, and no later one can";
            assert!(failure.message.ends_with(end), "{failure}");
        }
        assert_eq!(dead_end(&serde_json::json!("ready")), None);
        assert_eq!(dead_end(&serde_json::json!({ "inBlock": "0xcd" })), None);
        assert!(never(73, None).message.starts_with("no block up to 73"));
    }

    #[test]
    fn a_failure_is_told_when_its_block_is_final() {
        let failed = Failure::new(failure::DISPATCH, "m");
        assert!(!is_for_good(Some(&failed), None) && is_for_good(Some(&failed), Some(7)));
        assert!(is_for_good(None, None) && is_for_good(None, Some(7)));
    }

    #[test]
    fn only_what_blocks_may_have_is_looked_for_in_them() {
        let refused = |code, data| may_be_included(code, &Failure::from_submission(code, "Invalid Transaction", data));
        assert!(refused(INVALID, "Transaction is outdated") && refused(BANNED, "") && !refused(1014, ""));
        assert!(!refused(INVALID, "Custom error: 3") && !refused(INVALID, "Transaction has a bad signature"));
    }
}
