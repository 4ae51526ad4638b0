//! A validator is killed during a stream of payments and brought back.

use anyhow::{ensure, Result};
use specie_testnet::{
    authors::wait_for_block_by,
    chain::Chain,
    dev,
    payments::{ensure_agreement, ensure_balanced, ensure_paid, ensure_same_holdings, Payments},
    people::{give_coins, register_all, Person},
    rpc::PROGRESS,
    TestNetwork,
};

/// Payments of the stream, each of one coin.
const PAYMENTS: u32 = 120;
/// The validator dies when so many are final.
const BEFORE: usize = 20;
/// It comes back when so many more are.
const WITHOUT: usize = 40;
/// Blocks that must become final while it is away.
const BLOCKS_WITHOUT: u32 = 5;
/// Blocks of which one must be its own when it is back; each validator makes one of four.
const BLOCKS_UNTIL_ITS_OWN: u32 = 40;
/// Who dies.
const VICTIM: &str = "bank-c";
/// Whose node the payments go through.
const WITNESS: &str = "bank-b";

#[tokio::test]
async fn a_killed_validator_catches_up_and_no_final_payment_is_missing() -> Result<()> {
    // Given: a stream of payments.
    let mut network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc(WITNESS).await?).await?;
    let (ann, ben) = (Person::named("Ann")?, Person::named("Ben")?);
    register_all(&chain, &[&ann, &ben]).await?;
    give_coins(&chain, &ann, PAYMENTS).await?;
    let coins = chain.rpc().coins_of(ann.owner).await?;
    let mut payments = Payments::start(&chain, &ann, ben.owner, &coins).await?;
    payments.wait_for(BEFORE).await?;

    // When: a validator is killed in the middle of it, and comes back after a while.
    network.kill(VICTIM)?;
    let at_death = chain.rpc().finalized().await?.number;
    payments.wait_for(BEFORE + WITHOUT).await?;
    let without = chain.rpc().wait_for_finalized(at_death + BLOCKS_WITHOUT, PROGRESS).await?;
    network.start(VICTIM)?;
    let back = network.rpc(VICTIM).await?;

    // Then: it catches up, all payments became final, and everybody agrees.
    back.wait_for_finalized(without, PROGRESS).await?;
    let paid = payments.finish().await?;
    ensure!(paid.len() == coins.len(), "only {} of {} payments became final", paid.len(), coins.len());
    ensure_paid(&network, &paid, ben.owner).await?;
    let block = ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    let held = ensure_same_holdings(&network, ben.owner, block.number).await?;
    ensure!(held.len() == coins.len(), "Ben holds {} coins", held.len());

    // And: it makes blocks again.
    let key = dev::aura_key(network.node(VICTIM)?.validator()?);
    wait_for_block_by(&back, key, block.number, BLOCKS_UNTIL_ITS_OWN).await?;
    network.passed();
    Ok(())
}
