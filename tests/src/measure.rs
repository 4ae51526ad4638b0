//! How long payments take on a network of real nodes: from submission to a block, and to finality.

use crate::{
    chain::{Call, Chain},
    network::Options,
    people::{give_coins_to_all, register_all, Person},
    test_network::TestNetwork,
};
use anyhow::{ensure, Result};
use futures::future::try_join_all;
use serde::Serialize;
use specie_primitives::MILLISECS_PER_BLOCK;
use std::time::{Duration, Instant};

/// Owners who pay. A payment waits for those of the same owner before it, whose nonces precede its own: so each has one
/// under way at a time. That is one a block at most, a tenth of what the local preset's quota allows an owner.
const PAYERS: usize = 8;

/// Half of the payments took no longer than the first, 99 of 100 no longer than the second, none longer than the third.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quantiles {
    /// Milliseconds.
    pub p50_ms: u64,
    /// Milliseconds.
    pub p99_ms: u64,
    /// Milliseconds.
    pub most_ms: u64,
}

/// What was measured: times that a person sees who pays, with some others paying as well.
///
/// Every payer submits a payment of one coin to a node, waits until that node reports it final, pauses for up to a
/// block's time, and pays again. The pauses differ so that payments come at every moment of a block's time: without
/// them all would come right after a block became final.
#[derive(Clone, Debug, Serialize)]
pub struct Measurement {
    /// How it was measured, in words.
    pub about: String,
    /// Validators of the network.
    pub validators: usize,
    /// Owners who paid, each with one payment under way at a time, through the validators' nodes in turn.
    pub payers: usize,
    /// Payments of one coin each, of all payers together.
    pub payments: usize,
    /// Time from one block to the next, on average, in milliseconds.
    pub block_ms: u64,
    /// From submission until the node reports the payment in a block.
    pub in_block: Quantiles,
    /// From submission until the node reports it final.
    pub finalised: Quantiles,
}

fn quantiles(mut times: Vec<Duration>) -> Quantiles {
    times.sort_unstable();
    let at = |share: usize| {
        let place = (times.len() * share).div_ceil(100).saturating_sub(1);
        times.get(place).map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    };
    Quantiles { p50_ms: at(50), p99_ms: at(99), most_ms: at(100) }
}

/// How many of all payments each payer makes.
fn shares(payments: usize) -> [usize; PAYERS] {
    std::array::from_fn(|payer| payments / PAYERS + usize::from(payer < payments % PAYERS))
}

/// The pause before a payer's payment with this number.
fn pause(payer: usize, number: usize) -> Duration {
    // Steps near the golden section of a block's time spread evenly from the first few on.
    const STEP: u64 = MILLISECS_PER_BLOCK * 619 / 1_000;
    let count = u64::try_from(number * PAYERS + payer).unwrap_or_default();
    Duration::from_millis(count.wrapping_mul(STEP) % MILLISECS_PER_BLOCK)
}

/// Makes a payer's payments one after the other; gives their times to a block and to finality.
async fn pay(chain: &Chain, payer: usize, signed: Vec<Vec<u8>>) -> Result<Vec<(Duration, Duration)>> {
    let mut times = Vec::new();
    for (number, bytes) in signed.into_iter().enumerate() {
        tokio::time::sleep(pause(payer, number)).await;
        times.push(chain.times(chain.submit(bytes).await?).await?);
    }
    Ok(times)
}

/// Starts a network of its own, pays on it and measures.
pub async fn measure(options: &Options, payments: u32) -> Result<Measurement> {
    ensure!(payments > 0, "there is nothing to measure without payments");
    let network = TestNetwork::start(options).await?;
    let mut chains = Vec::new();
    for node in network.nodes() {
        chains.push(Chain::new(network.rpc(&node.name).await?).await?);
    }
    let chain = &chains[0];
    let payee = Person::named("Payee")?;
    let payers = (1..=PAYERS).map(|number| Person::named(&format!("Payer{number}"))).collect::<Result<Vec<_>>>()?;
    let everybody: Vec<_> = payers.iter().chain([&payee]).collect();
    register_all(chain, &everybody).await?;
    let shares = shares(usize::try_from(payments)?);
    // The first payer makes the most.
    give_coins_to_all(chain, &everybody[..PAYERS], u32::try_from(shares[0])?).await?;
    let mut signed = Vec::new();
    for (payer, share) in payers.iter().zip(shares) {
        let coins = chain.rpc().coins_of(payer.owner).await?;
        let calls: Vec<_> = coins.iter().take(share).map(|coin| Call::transfer(payee.owner, &[*coin])).collect();
        signed.push(chain.sign_all(&payer.key, &calls, chain.next_nonce(&payer.key).await?).await?);
    }
    network.wait_for_finalized(chain.rpc().finalized().await?.number).await?;

    let (start, from) = (Instant::now(), chain.rpc().best().await?.number);
    let streams =
        signed.into_iter().enumerate().map(|(payer, signed)| pay(&chains[payer % chains.len()], payer, signed));
    let times = try_join_all(streams).await?.concat();
    let blocks = chain.rpc().best().await?.number.saturating_sub(from).max(1);
    let block_ms = u64::try_from(start.elapsed().as_millis())? / u64::from(blocks);
    ensure!(times.len() == usize::try_from(payments)?, "{} payments were made instead of {payments}", times.len());
    let (in_block, finalised) = times.iter().copied().unzip();
    network.passed();
    Ok(Measurement {
        about: format!(
            "{payments} payments of one coin each by {PAYERS} owners through the nodes of {} validators in turn; each \
             owner waits until a payment is final, pauses for up to a block's time and makes the next",
            chains.len()
        ),
        validators: options.validators,
        payers: PAYERS,
        payments: times.len(),
        block_ms,
        in_block: quantiles(in_block),
        finalised: quantiles(finalised),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_hundred() {
        let found = quantiles((1..=100).rev().map(Duration::from_millis).collect());
        assert_eq!((found.p50_ms, found.p99_ms, found.most_ms), (50, 99, 100));
        assert_eq!(quantiles(Vec::new()).most_ms, 0);
    }

    #[test]
    fn every_payment_has_a_payer() {
        for payments in [1, 7, 8, 1_000, 1_003] {
            let shares = shares(payments);
            assert_eq!(shares.iter().sum::<usize>(), payments);
            assert_eq!(shares.iter().max(), shares.first());
        }
    }

    #[test]
    fn pauses_spread_over_a_block() {
        // Of each tenth of a block's time there are as many as of any other, but for a few.
        let tenth = |pause: Duration| pause.as_millis() * 10 / u128::from(MILLISECS_PER_BLOCK);
        for payer in 0..PAYERS {
            for wanted in 0..10 {
                let count = (0..125).filter(|number| tenth(pause(payer, *number)) == wanted).count();
                assert!((10..=15).contains(&count), "payer {payer}: {count} pauses in tenth {wanted}");
            }
        }
    }
}
