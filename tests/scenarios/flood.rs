//! One registered owner sends as much as it can; the payments of another must get through.

use anyhow::{ensure, Context, Result};
use futures::future::join_all;
use specie_primitives::codes::Refusal;
use specie_testnet::{
    chain::{give_coins, register_all, Call, Chain, Person},
    rpc::PROGRESS,
    Options, TestNetwork,
};
use std::sync::{
    atomic::{AtomicBool, AtomicU32, Ordering},
    Arc,
};

/// Payments of the honest owner, one a block.
const PAYMENTS: u32 = 40;
/// Blocks within which 99 of 100 of them must be in a block.
const BOUND: u32 = 3;
/// What stands for a payment that the pool refused or a block never took.
const NEVER: u32 = u32::MAX;
/// Transactions that the flood signs at once.
const WAVE: usize = 2_000;
/// Transactions that the flood sends without waiting for answers.
const AT_ONCE: usize = 64;
/// A quota that nobody reaches.
const OFF: u32 = u32::MAX;

/// What came of a flood.
#[derive(Debug, Default)]
struct Flood {
    over: AtomicBool,
    accepted: AtomicU32,
    refused: AtomicU32,
}

impl Flood {
    /// Sends remarks, the longest that an owner may, for as long as the test wants; what is refused is sent again.
    async fn run(&self, chain: &Chain, sender: &Person) -> Result<()> {
        let remark = Call::remark(&"flood ".repeat(30));
        let quota = format!("Custom error: {}", Refusal::QuotaUsed as u8);
        while !self.over.load(Ordering::Relaxed) {
            let first = chain.next_nonce(&sender.key).await?;
            let wave = chain.sign_all(&sender.key, &vec![remark.clone(); WAVE], first).await?;
            for part in wave.chunks(AT_ONCE) {
                let answers = join_all(part.iter().map(|bytes| chain.submit_only(bytes))).await;
                let errors: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
                let refused = errors.iter().filter(|error| format!("{error:#}").contains(&quota)).count();
                self.accepted.fetch_add(u32::try_from(part.len() - errors.len())?, Ordering::Relaxed);
                self.refused.fetch_add(u32::try_from(refused)?, Ordering::Relaxed);
                if !errors.is_empty() || self.over.load(Ordering::Relaxed) {
                    break;
                }
            }
            chain.rpc().wait_for_best(chain.rpc().best().await?.number + 1, PROGRESS).await?;
        }
        Ok(())
    }
}

/// The 99th of 100 delays in blocks of an honest owner's payments during a flood, and what the flood achieved.
async fn delay_during_flood(quota: Option<u32>) -> Result<(u32, Arc<Flood>)> {
    let options = Options { quota, ..TestNetwork::options() };
    let network = TestNetwork::start(&options).await?;
    let chain = Chain::new(network.rpc("bank-a").await?).await?;
    let (honest, payee, flooder) = (Person::named("Ann")?, Person::named("Ben")?, Person::named("Eve")?);
    register_all(&chain, &[&honest, &payee, &flooder]).await?;
    give_coins(&chain, &honest, PAYMENTS).await?;
    let coins = chain.rpc().coins_of(honest.owner).await?;

    let flood = Arc::new(Flood::default());
    let task = {
        let (flood, chain) = (flood.clone(), Chain::new(network.rpc("bank-b").await?).await?);
        tokio::spawn(async move { flood.run(&chain, &flooder).await })
    };
    let calls: Vec<_> = coins.iter().map(|coin| Call::transfer(payee.owner, &[*coin])).collect();
    let first = chain.next_nonce(&honest.key).await?;
    let mut waiting = Vec::new();
    for bytes in chain.sign_all(&honest.key, &calls, first).await? {
        let before = chain.rpc().best().await?.number;
        let chain_of_payment = chain.clone();
        waiting.push(tokio::spawn(async move {
            let included = async { chain_of_payment.included(chain_of_payment.submit(bytes).await?).await }.await;
            included.map_or(NEVER, |done| done.block.number.saturating_sub(before))
        }));
        chain.rpc().wait_for_best(before + 1, PROGRESS).await?;
    }
    let mut delays = Vec::new();
    for payment in waiting {
        delays.push(payment.await?);
    }
    flood.over.store(true, Ordering::Relaxed);
    task.await?.context("the flood")?;
    delays.sort_unstable();
    println!("quota {quota:?}: delays in blocks {delays:?}, {flood:?}");
    let place = (delays.len() * 99).div_ceil(100).saturating_sub(1);
    network.passed();
    Ok((delays[place], flood))
}

#[tokio::test]
async fn honest_payments_get_through_while_a_flood_fills_its_quota() -> Result<()> {
    let (delay, flood) = delay_during_flood(None).await?;
    ensure!(flood.accepted.load(Ordering::Relaxed) > 0, "the flood never began: {flood:?}");
    ensure!(flood.refused.load(Ordering::Relaxed) > 0, "the flood never filled its quota: {flood:?}");
    ensure!(delay <= BOUND, "99 of 100 payments took up to {delay} blocks");
    Ok(())
}

/// The control: it is the quota that keeps the others' payments going.
#[tokio::test]
async fn without_quotas_the_same_flood_delays_everybody() -> Result<()> {
    let (delay, flood) = delay_during_flood(Some(OFF)).await?;
    ensure!(flood.refused.load(Ordering::Relaxed) == 0, "a quota is in force: {flood:?}");
    ensure!(delay > BOUND, "99 of 100 payments took {delay} blocks only: this test shows nothing");
    Ok(())
}
