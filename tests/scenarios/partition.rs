//! A network falls into two halves, both make blocks, and comes together again.

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use specie_testnet::{
    chain::Chain,
    network::Peers,
    payments::{ensure_agreement, ensure_balanced, ensure_paid, ensure_same_holdings, Payments},
    people::{give_coins, register_all, Person},
    rpc::{Block, Rpc, PROGRESS},
    TestNetwork,
};

/// The halves. Neither has the two thirds that finality takes.
const HALVES: [[&str; 2]; 2] = [["issuer", "bank-a"], ["bank-b", "bank-c"]];
/// Coins of each payer.
const COINS: u32 = 6;
/// Blocks that each half makes on its own before they meet.
const APART: u32 = 6;
/// Further blocks in which the payments of a half must be.
const PAID: u32 = 20;
/// Blocks that must become final after they met.
const TOGETHER: u32 = 4;

#[tokio::test]
async fn a_retracted_block_loses_nothing() -> Result<()> {
    // Given: a payer for each half, with coins.
    let mut network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc("issuer").await?).await?;
    let payers = [Person::named("Ann")?, Person::named("Zoe")?];
    let payee = Person::named("Ben")?;
    register_all(&chain, &[&payers[0], &payers[1], &payee]).await?;
    let mut coins = Vec::new();
    for payer in &payers {
        give_coins(&chain, payer, COINS).await?;
        coins.push(chain.rpc().coins_of(payer.owner).await?);
    }
    let common = chain.rpc().finalized().await?.number;

    // When: the network falls apart, and payments are made in both halves.
    for name in HALVES.concat() {
        network.stop(name)?;
    }
    for half in HALVES {
        for name in half {
            network.start_with(name, &Peers::only(half), &[])?;
        }
    }
    let mut streams = Vec::new();
    let mut sides = Vec::new();
    for (half, (payer, coins)) in HALVES.iter().zip(payers.iter().zip(&coins)) {
        let chain = Chain::new(network.rpc(half[0]).await?).await?;
        network.rpc(half[1]).await?;
        streams.push(Payments::start(&chain, payer, payee.owner, coins).await?);
        sides.push(chain.rpc().clone());
    }
    let mut forks: Vec<Vec<Seen>> = Vec::new();
    for rpc in &sides {
        let mut best = rpc.wait_for_best(rpc.best().await?.number + APART, PROGRESS).await?;
        let last = best + PAID;
        let fork = loop {
            let fork = blocks(rpc, common + 1, best).await?;
            if fork.iter().map(|seen| seen.payments).sum::<usize>() >= COINS as usize {
                break fork;
            }
            ensure!(best < last, "{}: the payments of this half are in none of its blocks: {fork:?}", rpc.url());
            best = rpc.wait_for_best(best + 1, PROGRESS).await?;
        };
        forks.push(fork);
    }

    // Then: both have blocks of their own, and nothing became final.
    for (fork, other) in forks.iter().zip(forks.iter().rev()) {
        ensure!(fork.iter().any(|seen| !other.contains(seen)), "the halves made the same blocks: {forks:?}");
    }
    let apart = [sides[0].finalized().await?.number, sides[1].finalized().await?.number];
    for (rpc, stream) in sides.iter().zip(&streams) {
        ensure!(stream.count() == 0, "{}: payments became final with half of the validators", rpc.url());
        let best = rpc.best().await?.number;
        ensure!(
            rpc.finalized().await?.number + APART <= best,
            "{}: blocks became final with half of the validators",
            rpc.url()
        );
    }

    // When: they meet.
    let addresses: Vec<String> = network.nodes().iter().map(|node| node.multiaddress()).collect();
    for name in HALVES.concat() {
        let rpc = network.rpc(name).await?;
        for address in &addresses {
            // A node refuses its own address, and knows some already.
            let _: Result<Value> = rpc.request("system_addReservedPeer", json!([address])).await;
        }
    }
    let height = apart.into_iter().max().unwrap_or(common) + APART + TOGETHER;
    network.wait_for_finalized(height).await?;

    // Then: blocks that were the best of a half are not on the chain any more.
    let mut retracted = Vec::new();
    for (rpc, fork) in sides.iter().zip(&forks) {
        for seen in fork {
            if rpc.hash_of(seen.block.number).await? != Some(seen.block.hash) {
                retracted.push(*seen);
            }
        }
    }
    ensure!(!retracted.is_empty(), "no block was retracted: {forks:?}");
    let payments: usize = retracted.iter().map(|seen| seen.payments).sum();
    ensure!(payments > 0, "no payment was in a retracted block: {retracted:?}");
    println!("{} blocks with {payments} payments were retracted", retracted.len());

    // And: no payment is lost, and everybody agrees.
    for stream in streams {
        let paid = stream.finish().await?;
        ensure!(paid.len() == COINS as usize, "only {} payments became final", paid.len());
        ensure_paid(&network, &paid, payee.owner).await?;
    }
    let block = ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    let held = ensure_same_holdings(&network, payee.owner, block.number).await?;
    ensure!(held.len() == 2 * COINS as usize, "the payee holds {} coins", held.len());
    for payer in &payers {
        let left = ensure_same_holdings(&network, payer.owner, block.number).await?;
        ensure!(left.is_empty(), "a payer still holds {left:?}");
    }
    network.passed();
    Ok(())
}

/// A block that was on a node's best chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    block: Block,
    /// Transactions in it, without the one that every block begins with: the time.
    payments: usize,
}

/// The blocks of a node's best chain from one number to another.
async fn blocks(rpc: &Rpc, from: u32, to: u32) -> Result<Vec<Seen>> {
    let mut seen = Vec::new();
    for number in from..=to {
        let hash = rpc.hash_of(number).await?.with_context(|| format!("no block {number}"))?;
        let payments = rpc.extrinsics(hash).await?.len().saturating_sub(1);
        seen.push(Seen { block: Block { number, hash }, payments });
    }
    Ok(seen)
}
