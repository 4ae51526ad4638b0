//! A stream of payments, and what must be true of a network after it.

use crate::{
    chain::{Call, Chain},
    network::{Network, Node},
    people::Person,
    rpc::{Block, PROGRESS},
};
use anyhow::{ensure, Context, Result};
use futures::{stream, StreamExt, TryStreamExt};
use specie_primitives::{CoinRef, Hash, Holder, OwnerId};
use std::time::Duration;
use tokio::{sync::watch, task::JoinHandle, time::timeout};

/// Payments under way at the same time. With a block a second, so many stay below an owner's quota.
const UNDER_WAY: usize = 6;

/// A payment that a node reported final.
#[derive(Clone, Copy, Debug)]
pub struct Paid {
    /// The coin, as it was before.
    pub coin: CoinRef,
    /// The block it is in.
    pub block: Block,
    /// Time from submission to finality.
    pub after: Duration,
}

/// Payments of one coin each, one after the other, while the test does other things.
#[derive(Debug)]
pub struct Payments {
    task: JoinHandle<Result<Vec<Paid>>>,
    done: watch::Receiver<usize>,
}

impl Payments {
    /// Signs a payment of each coin and begins to send them through one node.
    pub async fn start(chain: &Chain, payer: &Person, payee: OwnerId, coins: &[CoinRef]) -> Result<Self> {
        let first = chain.next_nonce(&payer.key).await?;
        let calls: Vec<_> = coins.iter().map(|coin| Call::transfer(payee, &[*coin])).collect();
        let signed: Vec<_> = coins.iter().copied().zip(chain.sign_all(&payer.key, &calls, first).await?).collect();
        let (sender, done) = watch::channel(0);
        let chain = chain.clone();
        let task = tokio::spawn(async move {
            stream::iter(signed)
                .map(|(coin, bytes)| {
                    let (chain, sender) = (&chain, &sender);
                    async move {
                        let pending = chain.submit(bytes).await?;
                        let done = chain.finalized(pending).await?;
                        sender.send_modify(|count| *count += 1);
                        anyhow::Ok(Paid { coin, block: done.block, after: done.after })
                    }
                })
                .buffered(UNDER_WAY)
                .try_collect()
                .await
        });
        Ok(Self { task, done })
    }

    /// Waits until so many are final.
    pub async fn wait_for(&mut self, count: usize) -> Result<()> {
        let reached = timeout(PROGRESS, self.done.wait_for(|done| *done >= count)).await;
        // The sender goes away with an error of the task, which is told when it is joined.
        reached.with_context(|| format!("{count} payments are not final after {} s", PROGRESS.as_secs()))?.ok();
        Ok(())
    }

    /// How many are final.
    pub fn count(&self) -> usize {
        *self.done.borrow()
    }

    /// Waits for the rest.
    pub async fn finish(self) -> Result<Vec<Paid>> {
        self.task.await?
    }
}

/// Checks that all running nodes have one block and one state at the height that all of them know to be final; gives it.
pub async fn ensure_agreement(network: &Network) -> Result<Block> {
    let names = network.names(Node::is_alive);
    let mut height = 0;
    for name in &names {
        height = height.max(network.rpc(name).await?.finalized().await?.number);
    }
    let mut agreed: Option<(Hash, Hash)> = None;
    for name in &names {
        let rpc = network.rpc(name).await?;
        rpc.wait_for_finalized(height, PROGRESS).await?;
        let hash = rpc.hash_of(height).await?.with_context(|| format!("{name} has no block {height}"))?;
        let found = (hash, rpc.header(hash).await?.state_root);
        let first = *agreed.get_or_insert(found);
        ensure!(found == first, "{name} has {found:?} as block and state {height}, another node {first:?}");
    }
    let (hash, _) = agreed.context("no node runs")?;
    Ok(Block { number: height, hash })
}

/// Checks on every running node that payments which were reported final are there: in their blocks, and in the register.
pub async fn ensure_paid(network: &Network, paid: &[Paid], payee: OwnerId) -> Result<()> {
    let last = paid.iter().map(|payment| payment.block.number).max().unwrap_or_default();
    for name in network.names(Node::is_alive) {
        let chain = Chain::new(network.rpc(&name).await?).await?;
        chain.rpc().wait_for_finalized(last, PROGRESS).await?;
        for payment in paid {
            let hash = chain.rpc().hash_of(payment.block.number).await?;
            ensure!(hash == Some(payment.block.hash), "{name}: the block of {payment:?} is not on the chain: {hash:?}");
            let coin =
                chain.coin(payment.coin.coin).await?.with_context(|| format!("{name} does not know {payment:?}"))?;
            ensure!(coin.holder == Holder::Owner(payee), "{name}: {payment:?} is missing: {coin:?}");
            ensure!(coin.revision == Some(payment.coin.revision + 1), "{name}: {coin:?} after {payment:?}");
        }
    }
    Ok(())
}

/// Checks that every equality of the books holds on every running node, in the last final block.
pub async fn ensure_balanced(network: &Network) -> Result<()> {
    for name in network.names(Node::is_alive) {
        let report = network.rpc(&name).await?.supply(None).await?;
        ensure!(report.balanced, "{name}: the books do not balance: {:#?}", report.equalities);
    }
    Ok(())
}

/// Waits until the index of every running node has come to a block, and checks that all list the same coins of an owner.
/// Gives those coins.
pub async fn ensure_same_holdings(network: &Network, owner: OwnerId, block: u32) -> Result<Vec<CoinRef>> {
    let mut agreed: Option<Vec<CoinRef>> = None;
    for name in network.names(Node::is_alive) {
        let rpc = network.rpc(&name).await?;
        rpc.wait_for_index(block, PROGRESS).await?;
        let coins = rpc.coins_of(owner).await?;
        let first = agreed.get_or_insert_with(|| coins.clone());
        ensure!(*first == coins, "{name} lists other coins: {coins:?} instead of {first:?}");
        let count = rpc.owner(owner).await?.map_or(0, |info| info.coins);
        ensure!(coins.len() == count as usize, "{name}: the index lists {} coins, the chain {count}", coins.len());
    }
    agreed.context("no node runs")
}
