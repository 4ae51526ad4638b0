//! The committee puts the next version of the runtime on a running network while payments go on.

use anyhow::{bail, ensure, Context, Result};
use serde_json::{json, Value};
use sp_maybe_compressed_blob::CODE_BLOB_BOMB_LIMIT;
use specie_primitives::{codes::Refusal, CoinRef, Holder};
use specie_testnet::{
    chain::{Call, Chain},
    cli::{Cli, Receipt},
    network::find_built,
    payments::{ensure_agreement, ensure_balanced, ensure_same_holdings},
    people::{give_coins, register_all, Person},
    rpc::{Block, Rpc, PROGRESS},
    TestNetwork,
};
use std::fs;
use tokio::sync::watch;

/// The runtime to come, built by scripts/build with one visible difference.
const NEXT: &str = "specie_runtime_next.wasm";
/// That difference: owners may send remarks of this length, which are too long now.
const REMARK: usize = 300;
/// Coins to pay with; the stream ends earlier when the test has seen enough.
const COINS: u32 = 120;
/// Payments before the upgrade begins, and after it is done.
const ON_EACH_SIDE: usize = 5;
/// Times that a payment is signed anew when the runtime changed under it.
const TRIES: u32 = 20;
/// Committee members who vote.
const KEYS: &str = "//Committee//1,//Committee//2,//Committee//3";

async fn version(rpc: &Rpc) -> Result<u64> {
    let version: Value = rpc.request("state_getRuntimeVersion", json!([])).await?;
    version["specVersion"].as_u64().context("no version")
}

/// Pays with a coin as a wallet does: what was signed for the runtime before is signed again for the one after.
async fn pay(chain: &Chain, payer: &Person, payee: &Person, coin: CoinRef) -> Result<Block> {
    let call = Call::transfer(payee.owner, &[coin]);
    for _ in 0..TRIES {
        let pending = chain.sign_and_submit(&payer.key, &call).await;
        let error = match pending {
            Ok(pending) => match chain.finalized(pending).await {
                Ok(done) => return Ok(done.block),
                Err(error) => error,
            },
            Err(error) => error,
        };
        let text = format!("{error:#}");
        let gone =
            ["invalid", "bad signature", "outdated", "1010"].iter().any(|word| text.to_lowercase().contains(word));
        ensure!(gone, "a payment failed: {text}");
        chain.rpc().wait_for_best(chain.rpc().best().await?.number + 1, PROGRESS).await?;
    }
    bail!("a payment with {coin:?} was refused {TRIES} times")
}

#[tokio::test]
async fn the_committee_upgrades_a_running_network() -> Result<()> {
    // Given: a network with a stream of payments, on which a long remark is refused.
    let network = TestNetwork::start(&TestNetwork::options()).await?;
    // Packed, since a block holds no more than so many bytes.
    let code = sp_maybe_compressed_blob::compress_strongly(&fs::read(find_built(NEXT)?)?, CODE_BLOB_BOMB_LIMIT);
    let next = network.base().join("next.wasm");
    fs::write(&next, code.context("the code cannot be packed")?)?;
    let chain = Chain::new(network.rpc("issuer").await?).await?;
    let (ann, ben) = (Person::named("Ann")?, Person::named("Ben")?);
    register_all(&chain, &[&ann, &ben]).await?;
    give_coins(&chain, &ann, COINS).await?;
    let coins = chain.rpc().coins_of(ann.owner).await?;
    let remark = Call::remark(&"r".repeat(REMARK));
    match chain.sign_and_submit(&ben.key, &remark).await {
        Ok(_) => bail!("a remark of {REMARK} bytes was accepted before the upgrade"),
        Err(error) => {
            let code = format!("Custom error: {}", Refusal::CallNotAllowed as u8);
            ensure!(format!("{error:#}").contains(&code), "refused, but not with '{code}': {error:#}");
        },
    }
    let (stop, stopped) = watch::channel(false);
    let (count, mut paid) = watch::channel(Vec::new());
    let stream = {
        let (chain, ann, ben) = (Chain::new(network.rpc("bank-b").await?).await?, ann.clone(), ben.clone());
        tokio::spawn(async move {
            for coin in coins {
                if *stopped.borrow() {
                    break;
                }
                let block = pay(&chain, &ann, &ben, coin).await?;
                count.send_modify(|list| list.push((coin, block)));
            }
            anyhow::Ok(())
        })
    };
    paid.wait_for(|list| list.len() >= ON_EACH_SIDE).await.context("the payments stopped")?;

    // When: the committee enacts the upgrade.
    let before = version(chain.rpc()).await?;
    let wasm = next.display().to_string();
    let node = network.node("issuer")?.url();
    let args = ["committee", "enact", "--keys", KEYS, "upgrade", &wasm];
    let receipt: Receipt = Cli::new(&network).run(&node, None, &args).await?;
    chain.rpc().wait_for_finalized(receipt.block + 1, PROGRESS).await?;

    // Then: every node runs the next version, and payments go on.
    let after = |list: &Vec<(CoinRef, Block)>| list.iter().filter(|(_, block)| block.number > receipt.block).count();
    paid.wait_for(|list| after(list) >= ON_EACH_SIDE).await.context("the payments stopped")?;
    stop.send(true)?;
    stream.await??;
    network.wait_for_finalized(receipt.block + 1).await?;
    for node in network.nodes() {
        let now = version(&network.rpc(&node.name).await?).await?;
        ensure!(now == before + 1, "{} runs version {now} after version {before}", node.name);
    }
    let paid = paid.borrow().clone();
    let early = paid.iter().filter(|(_, block)| block.number <= receipt.block).count();
    let late = paid.len() - early;
    ensure!(early >= ON_EACH_SIDE && late >= ON_EACH_SIDE, "{early} payments before the upgrade, {late} after");
    for (coin, block) in &paid {
        ensure!(chain.rpc().hash_of(block.number).await? == Some(block.hash), "block {block:?} with {coin:?} is gone");
        let info = chain.coin(coin.coin).await?.with_context(|| format!("{coin:?} is gone"))?;
        ensure!(info.holder == Holder::Owner(ben.owner) && info.revision == Some(coin.revision + 1), "{info:?}");
    }

    // And: what the next version changes can be seen.
    Chain::new(network.rpc("issuer").await?).await?.finalize(&ben.key, &remark).await?;
    let block = ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    let held = ensure_same_holdings(&network, ben.owner, block.number).await?;
    ensure!(held.len() == paid.len(), "Ben holds {} coins after {} payments", held.len(), paid.len());
    network.passed();
    Ok(())
}
