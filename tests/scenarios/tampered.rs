//! A network that begins with one counter altered: the audit stops payments, everything else goes on.

use anyhow::{bail, ensure, Context, Result};
use codec::{Decode, Encode};
use serde_json::Value;
use specie_primitives::{books::VaultFlows, codes::Refusal, BankId, CoinRef};
use specie_testnet::{
    chain::{key, Call, Chain},
    metrics,
    network::Genesis,
    rpc::{storage_prefix, PROGRESS},
    Options, TestNetwork,
};
use std::fs;

/// The only validator of the development network.
const NODE: &str = "issuer";
/// The bank whose books are altered.
const BANK: BankId = BankId(1);
/// What shows in the metrics whether the books balance.
const BALANCED: &str = "specie_books_balanced";
/// What shows in the metrics whether payments stand still.
const STOPPED: &str = "specie_payments_stopped";
/// Blocks that must become final although payments stand still.
const GOES_ON: u32 = 5;
/// Final blocks within which the metrics must show it.
const NOTICED: u32 = 20;

fn options() -> Options {
    Options { genesis: Genesis::Development, validators: 1, ..TestNetwork::options() }
}

/// Makes and starts a development network with a changed chain spec; waits for two final blocks, so that the audit has
/// spoken.
async fn start(alter: impl FnOnce(&mut Value) -> Result<()>) -> Result<TestNetwork> {
    let mut network = TestNetwork::create_altered(&options(), alter)?;
    network.start_all()?;
    network.wait_for_finalized(2).await?;
    Ok(network)
}

/// One coin of Ann's, and who else there is.
async fn a_coin_of_ann(chain: &Chain) -> Result<(specie_primitives::OwnerId, CoinRef)> {
    let owner_of = |uri: &'static str| async move {
        let account = specie_testnet::dev::account(uri);
        let owner: Option<specie_primitives::OwnerId> =
            chain.rpc().request("specie_ownerOf", serde_json::json!([account])).await?;
        owner.with_context(|| format!("{uri} is no owner"))
    };
    let (ann, ben) = (owner_of("//Ann").await?, owner_of("//Ben").await?);
    chain.rpc().wait_for_index(1, PROGRESS).await?;
    let coin = *chain.rpc().coins_of(ann).await?.first().context("Ann has no coins")?;
    Ok((ben, coin))
}

#[tokio::test]
async fn an_altered_counter_stops_payments() -> Result<()> {
    // Given: a chain spec in which a bank has drawn one minor unit more than it has.
    let network = start(|spec| {
        let mut prefix = storage_prefix("Vault", "Flows");
        prefix.extend(sp_crypto_hashing::twox_64(&BANK.encode()));
        prefix.extend(BANK.encode());
        let top = spec["genesis"]["raw"]["top"].as_object_mut().context("the chain spec is not raw")?;
        let entry = top.get_mut(&format!("0x{}", hex::encode(prefix))).context("the bank has no flows")?;
        let text = entry.as_str().context("no text")?;
        let mut flows = VaultFlows::decode(&mut &hex::decode(text.trim_start_matches("0x"))?[..])?;
        flows.drawn += 1;
        *entry = format!("0x{}", hex::encode(flows.encode())).into();
        Ok(())
    })
    .await?;
    let chain = Chain::new(network.rpc(NODE).await?).await?;
    let (ben, coin) = a_coin_of_ann(&chain).await?;

    // When: an owner pays. Then: it is refused with the code for stopped payments.
    match chain.sign_and_submit(&key("//Ann")?, &Call::transfer(ben, &[coin])).await {
        Ok(_) => bail!("the payment was accepted"),
        Err(error) => {
            let code = format!("Custom error: {}", Refusal::PaymentsStopped as u8);
            ensure!(format!("{error:#}").contains(&code), "refused, but not with '{code}': {error:#}");
        },
    }

    // And: reading goes on, blocks become final, nothing moved.
    chain.rpc().wait_for_more_final(GOES_ON, PROGRESS).await?;
    let report = chain.rpc().supply(None).await?;
    ensure!(!report.balanced, "the report calls the books balanced");
    let wrong: Vec<_> = report.equalities.iter().filter(|equality| equality.difference != "0").collect();
    ensure!(wrong.iter().any(|equality| equality.rule == "M2b" && equality.difference == "1"), "{wrong:#?}");
    let info = chain.coin(coin.coin).await?.context("the coin is gone")?;
    ensure!(info.revision == Some(coin.revision), "the coin moved: {info:?}");
    let about: Value = chain.rpc().request("specie_network", serde_json::json!([])).await?;
    ensure!(about["payments_stopped"].is_string(), "the network does not say why payments stand still: {about}");

    // And: the alert is out.
    let node = network.node(NODE)?;
    metrics::wait_for(node, chain.rpc(), STOPPED, 1.0, NOTICED).await?;
    metrics::wait_for(node, chain.rpc(), BALANCED, 0.0, NOTICED).await?;
    ensure!(fs::read_to_string(&node.log)?.contains("ALERT"), "no ALERT in the log");
    network.passed();
    Ok(())
}

#[tokio::test]
async fn an_unaltered_network_keeps_paying() -> Result<()> {
    let network = start(|_| Ok(())).await?;
    let chain = Chain::new(network.rpc(NODE).await?).await?;
    let (ben, coin) = a_coin_of_ann(&chain).await?;
    let done = chain.finalize(&key("//Ann")?, &Call::transfer(ben, &[coin])).await?;
    chain.rpc().wait_for_index(done.block.number, PROGRESS).await?;
    let held = chain.rpc().coins_of(ben).await?;
    ensure!(held.contains(&CoinRef { revision: coin.revision + 1, ..coin }), "Ben does not hold {coin:?}: {held:?}");
    ensure!(chain.rpc().supply(None).await?.balanced, "the books do not balance");
    let node = network.node(NODE)?;
    metrics::wait_for(node, chain.rpc(), BALANCED, 1.0, NOTICED).await?;
    metrics::wait_for(node, chain.rpc(), STOPPED, 0.0, NOTICED).await?;
    ensure!(!fs::read_to_string(&node.log)?.contains("ALERT"), "an ALERT in the log");
    network.passed();
    Ok(())
}
