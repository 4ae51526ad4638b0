//! Orders on a network: one signs, another brings it, through another node; and everything that must not work twice, late, or
//! for the wrong one. What was executed is proven, whatever a node says.

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use specie_primitives::{Balance, Order, SignedOrder};
use specie_testnet::{
    chain::Chain,
    cli::{Cli, Failure, Receipt},
    payments::{ensure_agreement, ensure_balanced, ensure_same_holdings},
    people::{give_coins, register_all, Person, FACE_VALUE},
    rpc::{Rpc, PROGRESS},
    TestNetwork,
};
use specie_wallet::{
    order::{read_text, sign_order, to_text, unsigned},
    Keypair,
};
use std::path::{Path, PathBuf};
use subxt::rpcs::client::RpcParams;
use tokio::time::timeout;

const ANN: &str = "//Test//Ann";
const BEN: &str = "//Test//Ben";
const BANK_A: &str = "//BankA";
const BANK_B: &str = "//BankB";
const ADMITTING: &str = "//Admitting//1";
/// The node through which orders come, and another one.
const NODES: [&str; 2] = ["issuer", "bank-a"];
/// Coins of 1.00 that Ann has.
const COINS: u32 = 40;
/// What she orders each time, in units and in minor units.
const PAID: (&str, Balance) = ("2", 200);
/// Blocks until the last one of an order that nobody brings.
const SOON: u32 = 5;

/// The command line and two nodes.
struct Desk {
    cli: Cli,
    first: Rpc,
    second: Rpc,
    folder: PathBuf,
}

impl Desk {
    async fn run(&self, rpc: &Rpc, key: &str, args: &[&str]) -> Result<Value> {
        self.cli.run(rpc.url(), Some(key), args).await
    }

    /// Ann signs an order; gives the file and its name.
    async fn make(&self, name: &str, to: &Person, more: &[&str]) -> Result<(String, String)> {
        let file = self.folder.join(name).display().to_string();
        let to = to.owner.to_string();
        let args = [&["order", "make", &to, PAID.0, "--out", &file][..], more].concat();
        let made = self.run(&self.first, ANN, &args).await?;
        let id = made["order"].as_str().context("no name")?.to_owned();
        ensure!(made["amount"] == json!(PAID.1) && made["signed"] == json!(true), "{made}");
        Ok((file, id))
    }

    /// Has orders executed, and waits until both nodes know.
    async fn submit(&self, rpc: &Rpc, key: &str, files: &[&str]) -> Result<Receipt> {
        let args = [&["order", "submit"][..], files].concat();
        let receipt: Receipt = self.cli.run(rpc.url(), Some(key), &args).await?;
        for node in [&self.first, &self.second] {
            node.wait_for_index(receipt.block, PROGRESS).await?;
        }
        Ok(receipt)
    }

    async fn refused(&self, rpc: &Rpc, key: &str, files: &[&str]) -> Result<Failure> {
        self.cli.refused(rpc.url(), key, &[&["order", "submit"][..], files].concat()).await
    }

    async fn coins(&self, person: &Person) -> Result<Balance> {
        Ok(self.first.owner(person.owner).await?.map_or(0, |info| info.coins_value))
    }
}

fn document(file: &str) -> Result<SignedOrder> {
    Ok(read_text(&std::fs::read_to_string(file)?)?)
}

/// Writes an order that differs from another one, with a new signature of this key.
fn altered(file: &str, name: &Path, by: &str, alter: impl FnOnce(&mut Order)) -> Result<String> {
    let mut order = document(file)?.order;
    alter(&mut order);
    let mut document = unsigned(order);
    sign_order(&mut document, 0, &Keypair::from_uri(by)?)?;
    std::fs::write(name, to_text(&document))?;
    Ok(name.display().to_string())
}

/// What a node tells whoever subscribes to an order.
async fn told(rpc: &Rpc, asked: Value) -> Result<Value> {
    let mut params = RpcParams::new();
    for param in asked.as_array().context("a list is wanted")? {
        params.push(param)?;
    }
    let (begin, end) = ("specie_subscribeOrder", "specie_unsubscribeOrder");
    let mut news = rpc.client().subscribe::<Value>(begin, params, end).await?;
    Ok(timeout(PROGRESS, news.next()).await.context("nothing was told")?.context("the subscription ended")??)
}

#[tokio::test]
async fn an_order_is_executed_once_whoever_brings_it() -> Result<()> {
    // Given: Ann with coins, and Ben.
    let mut network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc(NODES[0]).await?).await?;
    let (ann, ben) = (Person::named("Ann")?, Person::named("Ben")?);
    register_all(&chain, &[&ann, &ben]).await?;
    give_coins(&chain, &ann, COINS).await?;
    let all = Balance::from(COINS) * Balance::from(FACE_VALUE);
    let folder = network.base().join("orders");
    std::fs::create_dir_all(&folder)?;
    let (first, second) = (chain.rpc().clone(), network.rpc(NODES[1]).await?);
    let desk = Desk { cli: Cli::new(&network), first, second, folder };

    // When: she orders a payment, Ben looks at it, and brings it to another node than she asked.
    let (rent, id) = desk.make("rent", &ben, &["--png", &desk.folder.join("rent.png").display().to_string()]).await?;
    let shown = desk.run(&desk.second, BEN, &["order", "show", &rent]).await?;
    ensure!(shown["verdict"] == json!("Executed") && shown["action"]["amount"] == json!(PAID.1), "{shown}");
    ensure!(shown["parties"][0]["state"] == json!("signed"), "{shown}");
    let spec = network.spec().display().to_string();
    let proven = desk.run(&desk.first, BEN, &["order", "show", &rent, "--verify", "--spec", &spec]).await?;
    ensure!(proven["proven"][0]["amount"] == json!(PAID.1), "{proven}");
    ensure!(desk.coins(&ben).await? == 0, "an order that nobody submitted moved money");
    let paid = desk.submit(&desk.second, BEN, &[&rent]).await?;
    ensure!(paid.data["outcomes"][0] == json!({ "order": id, "verdict": "Executed" }), "{paid:?}");
    ensure!(desk.coins(&ben).await? == PAID.1 && desk.coins(&ann).await? == all - PAID.1, "not what was ordered");

    // Then: nobody has it executed again, through no node, nor a copy that was signed anew.
    let again = altered(&rent, &desk.folder.join("again"), ANN, |_| {})?;
    ensure!(document(&again)?.order.id() == document(&rent)?.order.id(), "signed anew it has another name");
    for (rpc, by) in [(&desk.first, BEN), (&desk.second, ANN), (&desk.first, BANK_A), (&desk.second, BANK_B)] {
        for file in [&rent, &again] {
            let failure = desk.refused(rpc, by, &[file]).await?;
            ensure!(failure.name.as_deref() == Some("AlreadyExecuted"), "{failure:?}");
        }
    }
    ensure!(desk.coins(&ben).await? == PAID.1, "Ben has {}", desk.coins(&ben).await?);

    // And: where it was executed is proven by the network's voters.
    let name = id.as_str();
    let status = desk.run(&desk.second, BEN, &["order", "status", name]).await?;
    ensure!(status["executed"]["block"] == json!(paid.block), "{status}");
    let proven = desk.run(&desk.second, BEN, &["order", "status", name, "--verify", "--spec", &spec]).await?;
    ensure!(proven["block"] == json!(paid.block), "{proven}");
    let other = altered(&rent, &desk.folder.join("other"), ANN, |order| order.random = [7; 16])?;
    let never = document(&other)?.order.id().to_string();
    let failure =
        desk.cli.refused(desk.second.url(), BEN, &["order", "status", &never, "--verify", "--spec", &spec]).await?;
    ensure!(failure.message.contains("proves no execution"), "{failure:?}");

    // And: the record has it under its name, everywhere that somebody may look.
    let listed = desk.run(&desk.second, BEN, &["records", "list", "--order", name]).await?;
    ensure!(listed["records"].as_array().map(Vec::len) == Some(1), "{listed}");
    ensure!(
        listed["records"][0]["order"] == json!(id) && listed["records"][0]["block"] == json!(paid.block),
        "{listed}"
    );
    let history = desk.run(&desk.first, BEN, &["history"]).await?;
    ensure!(history["entries"] == listed["records"], "{history}");
    let file = desk.folder.join("records.csv").display().to_string();
    desk.run(&desk.first, BEN, &["records", "export", "--order", name, "-o", &file]).await?;
    let exported = std::fs::read_to_string(&file)?;
    ensure!(exported.lines().count() == 2 && exported.trim_end().ends_with(&format!(",{id},")), "{exported}");
    let withdrawn = desk.run(&desk.first, ANN, &["records", "list", "--kind", "withdrawn", "--limit", "1"]).await?;
    ensure!(withdrawn["records"][0]["order"].is_null(), "{withdrawn}");

    // And: whoever waits for it is told, by either node.
    for rpc in [&desk.first, &desk.second] {
        let told = told(rpc, json!([id])).await?;
        ensure!(told["state"] == "executed" && told["executed_in"] == json!(paid.block), "{told}");
    }
    let waited = desk.run(&desk.second, BEN, &["order", "wait", &rent]).await?;
    ensure!(waited["order"] == json!(id) && waited["state"] == "executed", "{waited}");

    // And: what fails is told with the error that the payer's own transaction would have had.
    let shown = desk.run(&desk.first, BEN, &["order", "show", &other]).await?;
    let why = shown["reason"].as_str().unwrap_or_default();
    ensure!(shown["verdict"] == json!("Failed") && why.starts_with("Ownership."), "{shown}");

    // When: one of her orders waits. Then: her wallet does not spend its coins otherwise, unless she says so.
    let (taken, _) = desk.make("taken", &ben, &[]).await?;
    let waits = desk.run(&desk.first, ANN, &["balance"]).await?;
    ensure!(waits["ordered_value"] == json!(PAID.1) && waits["pending_value"] == json!(0), "{waits}");
    ensure!(waits["settled_value"] == json!(all - 2 * PAID.1), "{waits}");
    let (to, rest) = (ben.owner.to_string(), (COINS - 2).to_string());
    let pays = ["order", "make", &to, &rest];
    let failure = desk.cli.refused(desk.second.url(), ANN, &pays).await?;
    ensure!(failure.message.contains("in orders that may still be executed"), "{failure:?}");
    let both = desk.run(&desk.second, ANN, &[&pays[..], &["--reuse"]].concat()).await?;
    // One that this wallet wrote is named, as a file may be lost.
    let name = both["order"].as_str().context("no name")?;
    desk.run(&desk.first, BEN, &["order", "cancel", name]).await.err().context("Ben cancelled Ann's order")?;
    desk.run(&desk.first, ANN, &["order", "cancel", name]).await?;

    // When: she takes an order back. Then: nobody executes it, and who waits for it is told.
    desk.run(&desk.first, BEN, &["order", "cancel", &taken]).await.err().context("Ben cancelled Ann's order")?;
    desk.run(&desk.first, ANN, &["order", "cancel", &taken]).await?;
    let free = desk.run(&desk.first, ANN, &["balance"]).await?;
    ensure!(free["ordered_value"] == json!(0) && free["orders"] == json!([]), "{free}");
    let failure = desk.refused(&desk.second, BANK_B, &[&taken]).await?;
    ensure!(failure.name.as_deref() == Some("Cancelled"), "{failure:?}");
    let status = desk.run(&desk.first, BEN, &["order", "status", &taken]).await?;
    ensure!(status["cancelled_by"] == json!([ann.owner]), "{status}");
    let failure = desk.cli.refused(desk.first.url(), BEN, &["order", "wait", &taken]).await?;
    ensure!(failure.name.as_deref() == Some("Cancelled"), "{failure:?}");

    // When: the last block of one passes. Then: who waits for it is told that, too.
    let now: u32 = desk.first.request("specie_orderClock", json!([])).await?;
    let soon = altered(&taken, &desk.folder.join("soon"), ANN, |order| order.valid_until = now + SOON)?;
    let failure = desk.cli.refused(desk.second.url(), BEN, &["order", "wait", &soon]).await?;
    ensure!(failure.name.as_deref() == Some("Expired"), "{failure:?}");

    // When: somebody changes what was signed. Then: the wallet says so, and the network too.
    let (more, _) = desk.make("more", &ben, &[]).await?;
    let to = ben.owner.to_string();
    let again = desk.cli.refused(desk.first.url(), ANN, &["order", "make", &to, PAID.0, "--out", &more]).await?;
    ensure!(again.message.contains("is there already"), "{again:?}");
    let long = desk.cli.refused(desk.first.url(), ANN, &["order", "make", &to, PAID.0, "--valid", "8d"]).await?;
    ensure!(long.message.contains("7d at most"), "{long:?}");
    let forged = altered(&more, &desk.folder.join("forged"), BEN, |order| order.valid_until += 1)?;
    let failure = desk.refused(&desk.first, BEN, &[&forged]).await?;
    ensure!(failure.message.contains("not signed by every party"), "{failure:?}");
    let shown = desk.run(&desk.first, BEN, &["order", "show", &forged]).await?;
    ensure!(shown["verdict"] == json!("BadSignature"), "{shown}");

    // When: it is too early or too late. Then: nobody executes it.
    for (name, window, expected) in [("early", (u32::MAX - 600, u32::MAX), "NotYet"), ("late", (1, 2), "Expired")] {
        let file = altered(&more, &desk.folder.join(name), ANN, |order| {
            (order.valid_from, order.valid_until) = window;
        })?;
        let failure = desk.refused(&desk.second, BANK_B, &[&file]).await?;
        ensure!(failure.name.as_deref() == Some(expected), "{failure:?}");
    }

    // When: a bank brings several, one of them twice. Then: each succeeds or fails by itself.
    let failure = desk.refused(&desk.first, BEN, &[&more, &rent]).await?;
    ensure!(failure.name.as_deref() == Some("CallNotAllowed"), "{failure:?}");
    let failure = desk.refused(&desk.first, BANK_B, &[&more, &rent, &more]).await?;
    ensure!(failure.message.starts_with("1 of 3 orders were executed"), "{failure:?}");
    ensure!(failure.message.matches("it was executed before").count() == 2, "{failure:?}");
    ensure!(desk.coins(&ben).await? == 2 * PAID.1, "Ben has {}", desk.coins(&ben).await?);

    // When: an order bears a number of bank B. Then: nobody else has it executed.
    let numbered = ["--processor", "bank:2", "--number", "4711"];
    let (numbered, _) = desk.make("numbered", &ben, &numbered).await?;
    for by in [BEN, BANK_A] {
        let failure = desk.refused(&desk.first, by, &[&numbered]).await?;
        ensure!(failure.name.as_deref() == Some("OtherProcessor"), "{failure:?}");
    }
    desk.submit(&desk.second, BANK_B, &[&numbered]).await?;

    // When: the issuer admits Ben as a processor. Then: he brings several.
    desk.run(&desk.first, ADMITTING, &["order", "admit-processor", &ben.owner.to_string()]).await?;
    let (last, _) = desk.make("last", &ben, &[]).await?;
    let failure = desk.refused(&desk.first, BEN, &[&last, &last]).await?;
    ensure!(failure.message.starts_with("1 of 2 orders were executed"), "{failure:?}");
    ensure!(desk.coins(&ben).await? == 4 * PAID.1, "Ben has {}", desk.coins(&ben).await?);

    // When: somebody waits for an order, and the node that was asked dies before it is brought. Then: the other one tells.
    let (awaited, _) = desk.make("awaited", &ben, &[]).await?;
    let addresses = format!("{},{}", desk.second.url(), desk.first.url());
    let (cli, file) = (desk.cli.clone(), awaited.clone());
    let waiting = tokio::spawn(async move { cli.run::<Value>(&addresses, Some(BEN), &["order", "wait", &file]).await });
    let last = document(&awaited)?.order;
    let heard = tokio::spawn({
        let (rpc, asked) = (desk.first.clone(), json!([last.id(), [ann.owner], last.valid_until]));
        async move { told(&rpc, asked).await }
    });
    // The program that waits may take its time to begin.
    desk.run(&desk.second, BEN, &["order", "show", &awaited]).await?;
    network.kill(NODES[1])?;
    let brought: Receipt = desk.cli.run(desk.first.url(), Some(BEN), &["order", "submit", &awaited]).await?;
    for ended in [waiting, heard] {
        let told = timeout(PROGRESS, ended).await.context("nothing was told")???;
        ensure!(told["state"] == "executed" && told["executed_in"] == json!(brought.block), "{told}");
    }

    // When: the node comes back. Then: it remembers what was executed, too.
    network.start(NODES[1])?;
    let (back, height) = (network.rpc(NODES[1]).await?, desk.first.finalized().await?.number);
    back.wait_for_index(height, PROGRESS).await?;
    let failure = desk.refused(&back, BEN, &[&rent]).await?;
    ensure!(failure.name.as_deref() == Some("AlreadyExecuted"), "{failure:?}");
    let told = told(&back, json!([id])).await?;
    ensure!(told["executed_in"] == json!(paid.block), "{told}");

    // And: all nodes agree, and the books balance.
    let block = ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    for person in [&ann, &ben] {
        ensure_same_holdings(&network, person.owner, block.number).await?;
    }
    network.passed();
    Ok(())
}
