//! Escrows on a network, by the command line: documents that travel from payer to payee, parts that are released, given back and
//! decided on, and an outcome that comes about while nobody does anything.

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use specie_primitives::{escrow::EscrowInfo, Balance, BankId, BlockNumber, OwnerId};
use specie_testnet::{
    chain::Chain,
    cli::{Cli, Receipt},
    payments::{ensure_agreement, ensure_balanced},
    people::{register_all, Person},
    rpc::{Rpc, PROGRESS},
    TestNetwork,
};
use std::{path::PathBuf, time::Duration};

const ANN: &str = "//Test//Ann";
const BEN: &str = "//Test//Ben";
const CID: &str = "//Test//Cid";
const BANK_A: &str = "//BankA";
const BANK_B: &str = "//BankB";
const ISSUING: &str = "//Issuing//1";
const SUPERVISING: &str = "//Supervising//1";
/// What Ann has in custody, and her bank in reserve, in units and in minor units.
const ALL: (&str, Balance) = ("100", 10_000);
/// More than the blocks take until an outcome comes about.
const OUTCOME: Duration = Duration::from_secs(300);

/// The command line and two nodes.
struct Desk {
    cli: Cli,
    first: Rpc,
    second: Rpc,
    folder: PathBuf,
}

impl Desk {
    async fn run(&self, key: &str, args: &[&str]) -> Result<Value> {
        self.cli.run(self.first.url(), Some(key), args).await
    }

    async fn send(&self, key: &str, args: &[&str]) -> Result<Receipt> {
        self.cli.run(self.first.url(), Some(key), args).await
    }

    /// Checks that something is refused for a reason and moves nothing.
    async fn refused(&self, key: &str, args: &[&str], reason: &str) -> Result<()> {
        let before = self.first.supply(None).await?.books;
        let failure = self.cli.refused(self.first.url(), key, args).await?;
        let found = failure.reason() == reason || failure.message.contains(reason);
        ensure!(found, "'{}' was refused, but not with {reason}: {failure:?}", args.join(" "));
        let after = self.first.supply(None).await?.books;
        ensure!(before == after, "'{}' was refused and moved something: {before:#?}, {after:#?}", args.join(" "));
        Ok(())
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Ben signs what Ann signed, and brings it to another node. Gives the block.
    async fn countersign(&self, file: &str) -> Result<BlockNumber> {
        self.refused(BEN, &["order", "submit", file], "not signed by every party").await?;
        self.run(BEN, &["order", "sign", file, "--yes", "--out", file]).await?;
        let receipt: Receipt = self.cli.run(self.second.url(), Some(BEN), &["order", "submit", file]).await?;
        for node in [&self.first, &self.second] {
            node.wait_for_index(receipt.block, PROGRESS).await?;
        }
        Ok(receipt.block)
    }

    /// Ann's escrow for Ben. Gives its name and the file of its order.
    async fn hold(&self, name: &str, ben: &str, more: &[&str]) -> Result<(String, String)> {
        let file = self.file(name);
        let args = [&["escrow", "hold", ben][..], more, &["--out", &file]].concat();
        let made = self.run(ANN, &args).await?;
        self.countersign(&file).await?;
        Ok((made["order"].as_str().context("no name")?.to_owned(), file))
    }

    async fn open(&self, escrow: &str) -> Result<Option<EscrowInfo>> {
        self.first.request("specie_escrow", json!([escrow])).await
    }

    /// What an owner has at a bank.
    async fn custody(&self, owner: OwnerId, bank: u32) -> Result<Balance> {
        let info = self.first.owner(owner).await?.context("no such owner")?;
        Ok(info.custody.iter().find(|(at, _)| *at == BankId(bank)).map_or(0, |(_, amount)| *amount))
    }

    /// What Ann has at bank A, and Ben at bank B.
    async fn both(&self, ann: &Person, ben: &Person) -> Result<(Balance, Balance)> {
        Ok((self.custody(ann.owner, 1).await?, self.custody(ben.owner, 2).await?))
    }
}

#[tokio::test]
async fn an_escrow_ends_by_both_by_one_or_by_itself() -> Result<()> {
    // Given: Ann at bank A with money, Ben at bank B without.
    let network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc("issuer").await?).await?;
    let folder = network.base().join("escrows");
    std::fs::create_dir_all(&folder)?;
    let (first, second) = (chain.rpc().clone(), network.rpc("bank-a").await?);
    let desk = Desk { cli: Cli::new(&network), first, second, folder };
    let (ann, ben, cid) = (Person::named("Ann")?, Person::named("Ben")?, Person::named("Cid")?);
    register_all(&chain, &[&ann, &ben, &cid]).await?;
    let (ann_id, ben_id) = (ann.owner.to_string(), ben.owner.to_string());
    desk.send(BEN, &["owner", "move", "--to-bank", "2"]).await?;
    desk.send(BANK_B, &["bank", "accept-owner", &ben_id]).await?;
    desk.send(ISSUING, &["issuer", "credit", "1", ALL.0]).await?;
    desk.send(BANK_A, &["bank", "credit-owner", &ann_id, ALL.0]).await?;

    // When: Ann sets 40 aside, and Ben signs, too.
    let contract = desk.file("contract.txt");
    std::fs::write(&contract, "a house")?;
    let (deal, file) =
        desk.hold("deal", &ben_id, &["40", "--for", "1h", "--then", "return", "--contract", &contract]).await?;

    // Then: it is neither's now, and both see it.
    ensure!(desk.both(&ann, &ben).await? == (6_000, 0), "{:?}", desk.both(&ann, &ben).await?);
    let info = desk.open(&deal).await?.context("no escrow")?;
    ensure!((info.payer, info.payee, info.rest) == (ann.owner, ben.owner, 4_000), "{info:?}");
    ensure!(info.reference.is_some(), "{info:?}");
    for key in [ANN, BEN] {
        let listed = desk.run(key, &["escrow", "list"]).await?;
        ensure!(listed["escrows"][0]["escrow"] == json!(deal), "{listed}");
    }
    let balance = desk.run(ANN, &["balance"]).await?;
    ensure!(balance["escrowed_value"] == json!(4_000), "{balance}");
    desk.refused(BEN, &["order", "submit", &file], "AlreadyExecuted").await?;

    // And: one alone takes nothing.
    desk.refused(BEN, &["escrow", "release", &deal, "1"], "Escrow.NotPayer").await?;
    desk.refused(CID, &["escrow", "dispute", &deal], "Escrow.NotParties").await?;
    desk.refused(ANN, &["escrow", "conclude", &deal], "Escrow.NotDue").await?;
    let too_early = ["supervisor", "decide-escrow", &deal, "--to-payee", "all", "--reason", "fraud"];
    desk.refused(SUPERVISING, &too_early, "Escrow.NotDisputed").await?;
    desk.refused(BANK_B, &["owner", "close", &ben_id], "Escrow.EscrowsOpen").await?;

    // When: she releases a part, also by an order that Ben brings, and both agree on another.
    desk.send(ANN, &["escrow", "release", &file, "10"]).await?;
    let part = desk.file("part");
    desk.run(ANN, &["escrow", "release", &deal, "5", "--order", "--out", &part]).await?;
    desk.send(BEN, &["order", "submit", &part]).await?;
    desk.refused(BEN, &["order", "submit", &part], "AlreadyExecuted").await?;
    let back = desk.file("back");
    desk.run(ANN, &["escrow", "return", &deal, "10", "--out", &back]).await?;
    desk.countersign(&back).await?;

    // Then
    ensure!(desk.both(&ann, &ben).await? == (7_000, 1_500), "{:?}", desk.both(&ann, &ben).await?);
    let shown = desk.run(ANN, &["escrow", "show", &deal]).await?;
    ensure!(
        (&shown["rest"], &shown["paid"], &shown["returned"]) == (&json!(1_500), &json!(1_500), &json!(1_000)),
        "{shown}"
    );
    desk.refused(ANN, &["escrow", "release", &deal, "15.01"], "are left").await?;

    // When: they quarrel, and the supervisor decides.
    desk.send(BEN, &["escrow", "dispute", &deal]).await?;
    desk.refused(BEN, &["escrow", "dispute", &deal], "Escrow.AlreadyDisputed").await?;
    let decide = ["supervisor", "decide-escrow", &deal, "--to-payee", "5", "--reason", "court-order"];
    for key in [ANN, BEN] {
        desk.refused(key, &decide, "CallNotAllowed").await?;
    }
    let decided = desk.send(SUPERVISING, &decide).await?;

    // Then: nothing is left.
    ensure!(desk.both(&ann, &ben).await? == (8_000, 2_000), "{:?}", desk.both(&ann, &ben).await?);
    ensure!(desk.open(&deal).await?.is_none() && decided.data["to_payer"] == json!(1_000), "{decided:?}");
    desk.refused(ANN, &["escrow", "release", &deal, "1"], "no escrow").await?;

    // When: they agree once more, and nobody does anything.
    let (paid, _) = desk.hold("paid", &ben_id, &["20", "--for", "2m", "--then", "pay"]).await?;
    let (returned, _) = desk.hold("returned", &ben_id, &["60", "--for", "2m", "--then", "return"]).await?;
    ensure!(desk.both(&ann, &ben).await? == (0, 2_000), "{:?}", desk.both(&ann, &ben).await?);
    let last = desk.open(&returned).await?.context("it is over too early")?.due;
    desk.first.wait_for_finalized(last + 2, OUTCOME).await?;

    // Then: what they agreed on came about by itself, with the reserve that goes with it.
    ensure!(desk.open(&paid).await?.is_none() && desk.open(&returned).await?.is_none(), "it did not end by itself");
    ensure!(desk.both(&ann, &ben).await? == (6_000, 4_000), "{:?}", desk.both(&ann, &ben).await?);
    let reserves: Vec<_> = desk.first.banks().await?.into_iter().take(2).map(|bank| bank.reserve).collect();
    ensure!(reserves == [6_000, 4_000], "{reserves:?}");

    // And: everything is on record, for both, and every node says the same.
    let end = desk.first.finalized().await?.number;
    desk.first.wait_for_index(end, PROGRESS).await?;
    for (kind, count) in [("escrowed", 3), ("escrow_paid", 4), ("escrow_returned", 3)] {
        for owner in [&ann_id, &ben_id] {
            let query = json!([{ "kinds": [kind], "owner": owner }, null, 100]);
            let page: Value = desk.first.request("specie_records", query).await?;
            let found = page["records"].as_array().context("no records")?.len();
            ensure!(found == count, "{found} movements {kind} of {owner}, not {count}: {page}");
        }
    }
    ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    network.passed();
    Ok(())
}
