//! A joint account on a network: documents that travel as files between three people with a wallet each, payments that two of
//! them sign, other managers, and everything that one of them, a stranger or the bank must not do alone.

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use specie_primitives::{joint::JointInfo, Balance, BlockNumber, OwnerId};
use specie_testnet::{
    chain::Chain,
    cli::{Cli, Failure, Receipt, PASSPHRASE},
    payments::{ensure_agreement, ensure_balanced, ensure_same_holdings},
    people::{give_coins, register_all, Person},
    rpc::{Rpc, PROGRESS},
    TestNetwork,
};
use std::path::PathBuf;

const NODES: [&str; 2] = ["issuer", "bank-a"];
const BANK_A: &str = "//BankA";
const BANK_B: &str = "//BankB";
const SUPERVISING: &str = "//Supervising//1";
/// Coins of 1.00 that Ann puts into the account.
const COINS: u32 = 20;
/// Blocks that a proposal of other managers waits.
const DELAY: BlockNumber = 30;

/// Somebody with a wallet of its own, which asks a node of its own.
struct Home {
    cli: Cli,
    rpc: Rpc,
    key: String,
    person: Person,
}

impl Home {
    async fn new(network: &TestNetwork, node: &str, name: &str) -> Result<Self> {
        let folder = network.base().join(format!("home-{name}"));
        Ok(Self {
            cli: Cli::of(network, &folder, PASSPHRASE),
            rpc: network.rpc(node).await?,
            key: format!("//Test//{name}"),
            person: Person::named(name)?,
        })
    }

    fn id(&self) -> String {
        self.person.owner.to_string()
    }

    async fn run(&self, args: &[&str]) -> Result<Value> {
        self.cli.run(self.rpc.url(), Some(&self.key), args).await
    }

    async fn refused(&self, args: &[&str]) -> Result<Failure> {
        self.cli.refused(self.rpc.url(), &self.key, args).await
    }

    /// Sends a transaction, and waits until this node and another know what came of it.
    async fn send(&self, other: &Home, args: &[&str]) -> Result<Receipt> {
        let receipt: Receipt = self.cli.run(self.rpc.url(), Some(&self.key), args).await?;
        for rpc in [&self.rpc, &other.rpc] {
            rpc.wait_for_index(receipt.block, PROGRESS).await?;
        }
        Ok(receipt)
    }

    async fn coins(&self, owner: OwnerId) -> Result<Balance> {
        Ok(self.rpc.owner(owner).await?.map_or(0, |info| info.coins_value))
    }
}

/// A bank's or an issuer's key with the wallet of a home.
async fn send_as(home: &Home, key: &str, args: &[&str]) -> Result<Receipt> {
    let receipt: Receipt = home.cli.run(home.rpc.url(), Some(key), args).await?;
    home.rpc.wait_for_index(receipt.block, PROGRESS).await?;
    Ok(receipt)
}

async fn account(home: &Home, owner: OwnerId) -> Result<Option<JointInfo>> {
    home.rpc.request("specie_jointAccount", json!([owner])).await
}

/// What a wallet says about those who signed for the first party of an order.
async fn party(home: &Home, file: &str) -> Result<Value> {
    let shown = home.run(&["order", "show", file]).await?;
    let mut party = shown["parties"][0].clone();
    party["verdict"] = shown["verdict"].clone();
    Ok(party)
}

#[tokio::test]
async fn two_of_three_spend_and_nobody_does_alone() -> Result<()> {
    // Given: Ann, Ben and Cid with a wallet each, and Dot, whom they pay.
    let network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc(NODES[0]).await?).await?;
    let [ann, ben, cid, dot] = [
        Home::new(&network, NODES[0], "Ann").await?,
        Home::new(&network, NODES[1], "Ben").await?,
        Home::new(&network, NODES[0], "Cid").await?,
        Home::new(&network, NODES[1], "Dot").await?,
    ];
    register_all(&chain, &[&ann.person, &ben.person, &cid.person, &dot.person]).await?;
    give_coins(&chain, &ann.person, COINS).await?;
    let folder: PathBuf = network.base().join("travels");
    std::fs::create_dir_all(&folder)?;
    let path = |name: &str| folder.join(name).display().to_string();
    let flat = Person::named("Flat")?.owner;
    let id = flat.to_string();
    let delay = DELAY.to_string();
    let rules = ["issuer", "set-recovery", "--delay", &delay, "--approval-value", "1.00", "--dormancy-days", "730"];
    send_as(&ann, SUPERVISING, &rules).await?;

    // When: the document has two of three signatures. Then: no bank opens the account, and none but the one named does.
    let opening = path("flat.json");
    let managers = [ann.id(), ben.id(), cid.id()].join(",");
    let prepare =
        ["joint", "prepare", &id, "--bank", "1", "--managers", &managers, "--threshold", "2", "--out", &opening];
    ann.run(&prepare).await?;
    for home in [&ann, &ben] {
        home.run(&["joint", "sign", &opening, "--yes"]).await?;
    }
    let open = ["joint", "open", &opening];
    let failure = ann.cli.refused(ann.rpc.url(), BANK_A, &open).await?;
    ensure!(failure.message.contains("has not signed"), "{failure:?}");
    let failure = dot.refused(&["joint", "sign", &opening, "--yes"]).await?;
    ensure!(failure.message.contains("no manager"), "{failure:?}");
    let signed = cid.run(&["joint", "sign", &opening, "--yes"]).await?;
    ensure!(signed["missing"] == json!([]), "{signed}");
    let failure = ann.cli.refused(ann.rpc.url(), BANK_B, &open).await?;
    ensure!(failure.message.contains("is for bank 1"), "{failure:?}");
    let opened = send_as(&ann, BANK_A, &open).await?;
    ben.rpc.wait_for_index(opened.block, PROGRESS).await?;
    let info = account(&ben, flat).await?.context("there is no account")?;
    let owners = [&ann, &ben, &cid].map(|home| home.person.owner);
    ensure!((info.managers.as_slice(), info.threshold, info.version) == (&owners[..], 2, 1), "{info:?}");
    ensure!(ben.run(&["joint", "list"]).await?["accounts"][0]["account"] == json!(flat), "Ben manages nothing");
    let twice = ann.cli.refused(ann.rpc.url(), BANK_A, &open).await?;
    ensure!(twice.reason() == "Identity.AlreadyRegistered", "{twice:?}");
    ann.send(&ben, &["pay", &id, "20"]).await?;

    // When: Ann orders a payment. Then: she cannot have it executed alone, and a stranger's signature helps nothing.
    let rent = path("rent");
    ann.run(&["joint", "pay", &id, &dot.id(), "3", "--out", &rent]).await?;
    let seen = party(&ben, &rent).await?;
    ensure!(seen["signed"] == json!(1) && seen["threshold"] == json!(2), "{seen}");
    ensure!(seen["verdict"] == json!("BadSignature"), "{seen}");
    let failure = ann.refused(&["order", "submit", &rent]).await?;
    ensure!(failure.message.contains("not signed by every party"), "{failure:?}");
    let failure = dot.refused(&["order", "sign", &rent, "--yes"]).await?;
    ensure!(failure.message.contains("no manager"), "{failure:?}");
    let failure = ann.refused(&["order", "sign", &rent, "--yes"]).await?;
    ensure!(failure.message.contains("signed the order already"), "{failure:?}");

    // When: Ben and Cid sign copies, and those are put together. Then: Dot has it executed, once.
    let (of_ben, of_cid, all) = (path("rent-ben"), path("rent-cid"), path("rent-all"));
    ben.run(&["order", "sign", &rent, "--yes", "--out", &of_ben]).await?;
    cid.run(&["order", "sign", &rent, "--yes", "--out", &of_cid]).await?;
    dot.run(&["order", "join", &of_ben, &of_cid, "--out", &all]).await?;
    let seen = party(&dot, &all).await?;
    ensure!(seen["signed"] == json!(3) && seen["verdict"] == json!("Executed"), "{seen}");
    dot.send(&ann, &["order", "submit", &all]).await?;
    ensure!(dot.coins(dot.person.owner).await? == 300, "Dot has {}", dot.coins(dot.person.owner).await?);
    for file in [&of_ben, &of_cid, &all] {
        let failure = dot.refused(&["order", "submit", file]).await?;
        ensure!(failure.name.as_deref() == Some("AlreadyExecuted"), "{failure:?}");
    }

    // When: two take an order back. Then: nobody executes it.
    let (taken, back) = (path("taken"), path("back"));
    ann.run(&["joint", "pay", &id, &dot.id(), "2", "--out", &taken]).await?;
    ben.run(&["order", "sign", &taken, "--yes", "--out", &taken]).await?;
    cid.run(&["joint", "cancel", &taken, "--out", &back]).await?;
    ben.run(&["order", "sign", &back, "--yes", "--out", &back]).await?;
    ben.send(&ann, &["order", "submit", &back]).await?;
    let failure = dot.refused(&["order", "submit", &taken]).await?;
    ensure!(failure.name.as_deref() == Some("Cancelled"), "{failure:?}");

    // When: other orders are written for the account. Then: they name its set, whoever writes one signs in a seat, and no
    // stranger writes any.
    let (made, paid_in, hold, release) = (path("made"), path("paid-in"), path("hold"), path("release"));
    ann.run(&["order", "make", &dot.id(), "1", "--exact", "--joint", &id, "--out", &made]).await?;
    let seen = party(&cid, &made).await?;
    ensure!(seen["version"] == json!(1) && seen["signed"] == json!(1), "{seen}");
    cid.run(&["order", "sign", &made, "--yes", "--out", &made]).await?;
    dot.send(&ann, &["order", "submit", &made]).await?;
    ensure!(dot.coins(dot.person.owner).await? == 400, "Dot has {}", dot.coins(dot.person.owner).await?);
    let failure = dot.refused(&["order", "make", &ann.id(), "1", "--exact", "--joint", &id]).await?;
    ensure!(failure.message.contains("no manager"), "{failure:?}");
    ben.run(&["order", "deposit", "2", "--bank", "1", "--joint", &id, "--out", &paid_in]).await?;
    ann.run(&["order", "sign", &paid_in, "--yes", "--out", &paid_in]).await?;
    ann.send(&dot, &["order", "submit", &paid_in]).await?;
    let dot_id = dot.id();
    let aside = ["escrow", "hold", &dot_id, "2", "--for", "1d", "--then", "return", "--joint", &id, "--out", &hold];
    let written = ann.run(&aside).await?;
    ensure!(written["to_sign"] == json!([flat, dot.person.owner]), "{written}");
    for home in [&ben, &dot] {
        home.run(&["order", "sign", &hold, "--yes", "--out", &hold]).await?;
    }
    dot.send(&ann, &["order", "submit", &hold]).await?;
    let failure = ann.refused(&["escrow", "release", &hold, "all"]).await?;
    ensure!(failure.message.contains("joint account"), "{failure:?}");
    ann.run(&["escrow", "release", &hold, "all", "--order", "--out", &release]).await?;
    cid.run(&["order", "sign", &release, "--yes", "--out", &release]).await?;
    cid.send(&dot, &["order", "submit", &release]).await?;
    let failure = dot.refused(&["escrow", "show", &hold]).await?;
    ensure!(failure.message.contains("is over"), "{failure:?}");

    // When: Dot takes Cid's place. Then: she consents, and what was signed for the set before is nothing any more.
    let (pending, change) = (path("pending"), path("change"));
    ann.run(&["joint", "pay", &id, &dot.id(), "2", "--out", &pending]).await?;
    ben.run(&["order", "sign", &pending, "--yes", "--out", &pending]).await?;
    let managers = [ann.id(), ben.id(), dot.id()].join(",");
    let others = ["joint", "managers", &id, "--managers", &managers, "--threshold", "2", "--out", &change];
    ann.run(&others).await?;
    ben.run(&["order", "sign", &change, "--yes", "--out", &change]).await?;
    let failure = ben.refused(&["order", "submit", &change]).await?;
    ensure!(failure.message.contains("not signed by every party"), "{failure:?}");
    dot.run(&["order", "sign", &change, "--yes", "--out", &change]).await?;
    ben.send(&ann, &["order", "submit", &change]).await?;
    let seen = party(&ann, &pending).await?;
    ensure!(seen["state"] == json!("other managers") && seen["verdict"] == json!("OtherManagers"), "{seen}");
    ensure!(account(&ann, flat).await?.is_some_and(|info| info.version == 2), "the set is the old one");

    // When: the bank wants the account for people of its own. Then: it cannot give it a key, and its proposal of other managers
    // waits for the supervising role, which knows who objects.
    let rebind = ["bank", "recover", &id, "--new-key", "//Test//Thief"];
    let failure = ann.cli.refused(ann.rpc.url(), BANK_A, &rebind).await?;
    ensure!(failure.reason() == "Identity.JointAccount", "{failure:?}");
    let proposal = path("proposal.json");
    let managers = [dot.id(), cid.id()].join(",");
    let replace =
        ["joint", "prepare", &id, "--replace", "--managers", &managers, "--threshold", "1", "--out", &proposal];
    cid.run(&replace).await?;
    cid.run(&["joint", "sign", &proposal, "--yes"]).await?;
    let proposed = send_as(&ann, BANK_A, &["joint", "propose", &proposal]).await?;
    let ready = proposed.data["ready"].as_u64().context("no first block")?;
    let number = proposed.data["proposal"].to_string();
    ben.rpc.wait_for_index(proposed.block, PROGRESS).await?;
    ben.send(&ann, &["joint", "object", &id]).await?;
    ann.rpc.wait_for_finalized(ready.try_into()?, PROGRESS).await?;
    let approve = ["joint", "approve", &id, "--proposal", &number];
    for (by, reason) in [(BANK_A, "BadOrigin"), (SUPERVISING, "Joint.OtherObjections")] {
        let failure = ann.cli.refused(ann.rpc.url(), by, &approve).await?;
        ensure!(failure.reason() == reason, "{failure:?}");
    }
    send_as(&ann, SUPERVISING, &["joint", "reject", &id, "--proposal", &number]).await?;
    let info = account(&ann, flat).await?.context("the account is gone")?;
    ensure!(info.proposal.is_none() && info.version == 2, "{info:?}");

    // And: all nodes agree, and the books balance.
    let block = ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    for owner in [flat, dot.person.owner] {
        ensure_same_holdings(&network, owner, block.number).await?;
    }
    network.passed();
    Ok(())
}
