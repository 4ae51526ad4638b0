//! Nodes that join late: one executes every block, one takes the state of the last final block.

use anyhow::{ensure, Context, Result};
use specie_testnet::{
    chain::Chain,
    network::Sync,
    payments::{ensure_agreement, ensure_same_holdings, Payments},
    people::{give_coins, register_all, Person},
    rpc::PROGRESS,
    TestNetwork,
};

/// Payments before anybody joins.
const PAYMENTS: u32 = 10;
/// Blocks before anybody joins: more than GRANDPA leaves between two kept justifications, so that there is one to
/// warp to.
const HEIGHT: u32 = 40;
/// A block whose state only nodes have that executed it.
const EARLY: u32 = 2;

#[tokio::test]
async fn nodes_that_join_late_report_the_same() -> Result<()> {
    // Given: a network with a past.
    let mut network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc("issuer").await?).await?;
    let (ann, ben) = (Person::named("Ann")?, Person::named("Ben")?);
    register_all(&chain, &[&ann, &ben]).await?;
    give_coins(&chain, &ann, PAYMENTS * 2).await?;
    let coins = chain.rpc().coins_of(ann.owner).await?;
    Payments::start(&chain, &ann, ben.owner, &coins[..PAYMENTS as usize]).await?.finish().await?;
    chain.rpc().wait_for_finalized(HEIGHT, PROGRESS).await?;
    let early = chain.rpc().hash_of(EARLY).await?.context("no early block")?;

    // When: two nodes join.
    let full = network.add_full(Sync::Full)?;
    network.start(&full)?;
    let warp = network.add_full(Sync::Warp)?;
    network.start(&warp)?;
    let height = chain.rpc().finalized().await?.number;
    for name in [&full, &warp] {
        network.rpc(name).await?.wait_for_finalized(height, PROGRESS).await?;
    }

    // Then: the one has executed the early block, the other has not.
    ensure!(network.rpc(&full).await?.has_state(early).await, "the full node has no state of block {EARLY}");
    ensure!(
        !network.rpc(&warp).await?.has_state(early).await,
        "the node did not warp: it has the state of block {EARLY}"
    );
    // A node that warped begins its index anew when it has the state.
    let since = async |name: &str| anyhow::Ok(network.rpc(name).await?.wait_for_index(height, PROGRESS).await?.since);
    let (of_full, of_warp) = (since(&full).await?, since(&warp).await?);
    ensure!(of_full == 0, "the full node's index begins at block {of_full}, not at the first");
    ensure!(of_warp > EARLY, "the warped node's index claims to know the blocks since block {of_warp}");
    same_everywhere(&network, &ann, &ben).await?;

    // And: so it is after a restart, and with payments that came since.
    network.stop(&warp)?;
    Payments::start(&chain, &ann, ben.owner, &coins[PAYMENTS as usize..]).await?.finish().await?;
    network.start(&warp)?;
    let height = chain.rpc().finalized().await?.number;
    network.rpc(&warp).await?.wait_for_finalized(height, PROGRESS).await?;
    same_everywhere(&network, &ann, &ben).await?;
    let held = network.rpc(&warp).await?.coins_of(ben.owner).await?;
    ensure!(held.len() == coins.len(), "Ben holds {} coins", held.len());
    network.passed();
    Ok(())
}

/// Checks that all nodes agree on a block, its supply and the coins of both people.
async fn same_everywhere(network: &TestNetwork, ann: &Person, ben: &Person) -> Result<()> {
    let block = ensure_agreement(network).await?;
    let mut first = None;
    for node in network.nodes() {
        let report = network.rpc(&node.name).await?.supply(Some(block.hash)).await?;
        ensure!(report.balanced, "{}: {:#?}", node.name, report.equalities);
        let first = first.get_or_insert_with(|| report.clone());
        ensure!(*first == report, "{} reports another supply: {report:#?} instead of {first:#?}", node.name);
    }
    for person in [ann, ben] {
        ensure_same_holdings(network, person.owner, block.number).await?;
    }
    Ok(())
}
