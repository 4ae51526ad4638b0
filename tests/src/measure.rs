//! How long payments take on a network of real nodes: from submission to a block, and to finality.

use crate::{
    chain::{give_coins, register_all, Call, Chain, Person},
    network::{Options, TestNetwork},
};
use anyhow::Result;
use futures::{stream, StreamExt, TryStreamExt};
use serde::Serialize;
use std::time::{Duration, Instant};

/// Payments under way at the same time.
const UNDER_WAY: usize = 8;

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

/// What was measured.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Measurement {
    /// Validators of the network.
    pub validators: usize,
    /// Payments of one coin each, by one owner, eight under way at a time.
    pub payments: usize,
    /// Time from one block to the next, on average, in milliseconds.
    pub block_ms: u64,
    /// From submission until the payment is in a block.
    pub in_block: Quantiles,
    /// From submission until it is final.
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

/// Starts a network of its own, pays on it and measures.
pub async fn measure(options: &Options, payments: u32) -> Result<Measurement> {
    let network = TestNetwork::start(options).await?;
    let chain = Chain::new(network.rpc("bank-a").await?).await?;
    let (ann, ben) = (Person::named("Ann")?, Person::named("Ben")?);
    register_all(&chain, &[&ann, &ben]).await?;
    give_coins(&chain, &ann, payments).await?;
    let first = chain.next_nonce(&ann.key).await?;
    let mut signed = Vec::new();
    for (nonce, coin) in (first..).zip(chain.rpc().coins_of(ann.owner).await?) {
        signed.push(chain.sign(&ann.key, &Call::transfer(ben.owner, &[coin]), nonce).await?);
    }

    let (start, from) = (Instant::now(), chain.rpc().best().await?.number);
    let times: Vec<(Duration, Duration)> = stream::iter(signed)
        .map(|bytes| async { chain.times(chain.submit(bytes).await?).await })
        .buffered(UNDER_WAY)
        .try_collect()
        .await?;
    let blocks = chain.rpc().best().await?.number.saturating_sub(from).max(1);
    let block_ms = u64::try_from(start.elapsed().as_millis())? / u64::from(blocks);
    let (in_block, finalised) = times.iter().copied().unzip();
    network.passed();
    Ok(Measurement {
        validators: options.validators,
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
}
