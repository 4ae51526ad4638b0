//! The index of a node: right after a restart, and when its database is gone.

use anyhow::{ensure, Result};
use specie_primitives::CoinRef;
use specie_testnet::{
    chain::Chain,
    folder::remove_index,
    payments::{ensure_same_holdings, Payments},
    people::{give_coins, register_all, Person},
    rpc::{Rpc, PROGRESS},
    TestNetwork,
};

/// Coins at the start; half of them are paid before the first restart.
const COINS: u32 = 20;
/// The node that is restarted.
const SUBJECT: &str = "bank-a";

#[tokio::test]
async fn the_index_survives_restarts_and_its_own_loss() -> Result<()> {
    // Given: a node whose index has something to say.
    let mut network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc("issuer").await?).await?;
    let (ann, ben) = (Person::named("Ann")?, Person::named("Ben")?);
    register_all(&chain, &[&ann, &ben]).await?;
    give_coins(&chain, &ann, COINS).await?;
    let coins = chain.rpc().coins_of(ann.owner).await?;
    let (early, late) = coins.split_at(coins.len() / 2);
    Payments::start(&chain, &ann, ben.owner, early).await?.finish().await?;
    let height = chain.rpc().finalized().await?.number;
    let before = ensure_same_holdings(&network, ben.owner, height).await?;
    ensure!(before.len() == early.len(), "Ben holds {} coins", before.len());

    // When: it is stopped, and restarted with nothing moved since. Then: its first answer is right.
    for kill in [false, true] {
        if kill {
            network.kill(SUBJECT)?;
        } else {
            network.stop(SUBJECT)?;
        }
        network.start(SUBJECT)?;
        let first = first_answer(&network.rpc(SUBJECT).await?, &ben).await?;
        ensure!(first == before, "right after a restart (killed: {kill}) Ben holds {first:?} instead of {before:?}");
    }

    // When: coins move while it is down. Then: it catches up.
    network.stop(SUBJECT)?;
    let paid = Payments::start(&chain, &ann, ben.owner, late).await?.finish().await?;
    let height = paid.iter().map(|payment| payment.block.number).max().unwrap_or_default();
    network.start(SUBJECT)?;
    network.rpc(SUBJECT).await?.wait_for_finalized(height, PROGRESS).await?;
    let all = ensure_same_holdings(&network, ben.owner, height).await?;
    ensure!(all.len() == coins.len(), "Ben holds {} coins", all.len());

    // When: its database is gone. Then: it is built again and says the same.
    network.stop(SUBJECT)?;
    let removed = remove_index(&network.folder(SUBJECT).join("data"))?;
    ensure!(removed > 0, "no index was found below the node's folder");
    network.start(SUBJECT)?;
    network.rpc(SUBJECT).await?.wait_for_index(height, PROGRESS).await?;
    let again = ensure_same_holdings(&network, ben.owner, height).await?;
    ensure!(again == all, "rebuilt, the index lists {again:?} instead of {all:?}");
    network.passed();
    Ok(())
}

/// What the node lists as soon as it lists anything.
async fn first_answer(rpc: &Rpc, person: &Person) -> Result<Vec<CoinRef>> {
    loop {
        match rpc.coins_of(person.owner).await {
            Err(error) if format!("{error:#}").contains("building") => rpc.wait_for_more_final(1, PROGRESS).await?,
            answer => return answer,
        };
    }
}
