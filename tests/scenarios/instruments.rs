//! A bill on a running network, by the command line: a bank issues it, it is sold for custody at another bank and for coins, both
//! or neither, and goes back. Coins out of custody and back by order.

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use specie_primitives::{
    instruments::{InstrumentInfo, UnitsInfo},
    Balance, BankId, BlockNumber, OwnerId,
};
use specie_testnet::{
    chain::Chain,
    cli::{Cli, Receipt},
    payments::{ensure_agreement, ensure_balanced},
    people::{give_coins, register_all, Person, FACE_VALUE},
    rpc::{Rpc, PROGRESS},
    TestNetwork,
};
use std::path::PathBuf;

const ANN: &str = "//Test//Ann";
const BEN: &str = "//Test//Ben";
const CID: &str = "//Test//Cid";
const BANK_A: &str = "//BankA";
const BANK_B: &str = "//BankB";
const ISSUING: &str = "//Issuing//1";
const SUPERVISOR: &str = "//Supervising//1";
/// What the terms' document hashes to.
const REFERENCE: &str = "0707070707070707070707070707070707070707070707070707070707070707";
/// Coins of 1.00 that Ben has.
const COINS: u32 = 20;
/// What Cid has in custody at bank B, in units and in minor units.
const ALL: (&str, Balance) = ("100", 10_000);

/// The command line and two nodes.
struct Desk {
    cli: Cli,
    first: Rpc,
    second: Rpc,
    folder: PathBuf,
}

impl Desk {
    async fn send(&self, key: &str, args: &[&str]) -> Result<Receipt> {
        let receipt: Receipt = self.cli.run(self.first.url(), Some(key), args).await?;
        // Coins are chosen by the index.
        for node in [&self.first, &self.second] {
            node.wait_for_index(receipt.block, PROGRESS).await?;
        }
        Ok(receipt)
    }

    /// Checks that something is refused for a reason.
    async fn refused(&self, key: &str, args: &[&str], reason: &str) -> Result<()> {
        let failure = self.cli.refused(self.first.url(), key, args).await?;
        ensure!(failure.reason() == reason, "'{}' was refused, but not with {reason}: {failure:?}", args.join(" "));
        Ok(())
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// One writes an exchange with the other and signs it; the other signs it at another node. Gives the file.
    async fn exchange(&self, name: &str, one: &str, other: (&str, &Person), legs: [&str; 2]) -> Result<String> {
        let (half, whole) = (self.file(&format!("{name}-half")), self.file(name));
        let (key, who) = (other.0, other.1.owner.to_string());
        let args = ["order", "exchange", &who, "--give", legs[0], "--take", legs[1], "--out", &half];
        let made: Value = self.cli.run(self.first.url(), Some(one), &args).await?;
        let states = [&made["parties"][0]["state"], &made["parties"][1]["state"]];
        ensure!(states == [&json!("signed"), &json!("not signed")], "{made}");
        // Half of it binds nobody.
        let failure = self.cli.refused(self.first.url(), one, &["order", "submit", &half]).await?;
        ensure!(failure.kind == "wallet" && failure.message.contains("not signed by every party"), "{failure:?}");
        let args = ["order", "sign", &half, "--yes", "--out", &whole];
        let signed: Value = self.cli.run(self.second.url(), Some(key), &args).await?;
        ensure!(signed["parties"][1]["state"] == json!("signed"), "{signed}");
        Ok(whole)
    }

    /// Units of an owner.
    async fn units(&self, person: &Person) -> Result<Balance> {
        let held: Vec<UnitsInfo> = self.first.request("specie_units", json!([person.owner])).await?;
        Ok(held.iter().map(|units| units.amount).sum())
    }

    async fn instrument(&self) -> Result<InstrumentInfo> {
        let info: Option<InstrumentInfo> = self.first.request("specie_instrument", json!([0])).await?;
        info.context("no instrument")
    }

    /// What an owner has at a bank.
    async fn custody(&self, owner: OwnerId, bank: u32) -> Result<Balance> {
        let info = self.first.owner(owner).await?.context("no such owner")?;
        Ok(info.custody.iter().find(|(at, _)| *at == BankId(bank)).map_or(0, |(_, amount)| *amount))
    }

    async fn coins(&self, person: &Person) -> Result<Balance> {
        Ok(self.first.owner(person.owner).await?.map_or(0, |info| info.coins_value))
    }

    /// How many movements of a kind there were until a block.
    async fn moved(&self, kind: &str, block: BlockNumber) -> Result<usize> {
        self.first.wait_for_index(block, PROGRESS).await?;
        let page: Value = self.first.request("specie_records", json!([{ "kinds": [kind] }, null, 100])).await?;
        Ok(page["records"].as_array().context("no records")?.len())
    }
}

#[tokio::test]
async fn a_bill_is_delivered_for_payment_or_not_at_all() -> Result<()> {
    // Given: Ann and Ben at bank A, Cid at bank B with custody; Ben with coins.
    let network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc("issuer").await?).await?;
    let (ann, ben, cid) = (Person::named("Ann")?, Person::named("Ben")?, Person::named("Cid")?);
    register_all(&chain, &[&ann, &ben, &cid]).await?;
    give_coins(&chain, &ben, COINS).await?;
    let folder = network.base().join("orders");
    std::fs::create_dir_all(&folder)?;
    let (first, second) = (chain.rpc().clone(), network.rpc("bank-b").await?);
    let desk = Desk { cli: Cli::new(&network), first, second, folder };
    let ids = [&ann, &ben, &cid].map(|person| person.owner.to_string());
    let [ann_id, ben_id, cid_id] = ids.each_ref().map(String::as_str);
    desk.send(CID, &["owner", "move", "--to-bank", "2"]).await?;
    desk.send(BANK_B, &["bank", "accept-owner", cid_id]).await?;
    for bank in ["1", "2"] {
        desk.send(ISSUING, &["issuer", "credit", bank, ALL.0]).await?;
    }
    desk.send(BANK_B, &["bank", "credit-owner", cid_id, ALL.0]).await?;

    // When: bank A defines a bill and issues some of it to Ann.
    let terms = ["instrument", "define", "bill", "Bill of bank A", "BA1", "--most", "1000", "--reference", REFERENCE];
    let defined = desk.send(BANK_A, &terms).await?;
    ensure!(defined.data["instrument"] == 0, "{defined:?}");
    desk.send(BANK_A, &["instrument", "issue", "0", ann_id, "600"]).await?;

    // Then: nobody else issues it, not to strangers, and not more than was promised.
    desk.refused(BANK_B, &["instrument", "issue", "0", cid_id, "1"], "Instruments.NotYours").await?;
    desk.refused(BANK_A, &["instrument", "issue", "0", cid_id, "1"], "Instruments.NotCustomer").await?;
    desk.refused(BANK_A, &["instrument", "issue", "0", ann_id, "401"], "Instruments.OverMost").await?;
    desk.refused(ANN, &["instrument", "issue", "0", ann_id, "1"], "CallNotAllowed").await?;
    desk.refused(BEN, &["instrument", "transfer", "0", ann_id, "1"], "Instruments.UnitsTooLow").await?;
    let balance: Value = desk.cli.run(desk.first.url(), None, &["balance", ann_id]).await?;
    ensure!(balance["units"][0] == json!({ "instrument": 0, "amount": 600, "symbol": "BA1" }), "{balance}");

    // When: Ann sells some to Cid for custody, and Ben brings it.
    let sale = desk.exchange("sale", ANN, (CID, &cid), ["units:0:100", "custody:50"]).await?;
    let reserves: Vec<_> = desk.first.banks().await?.into_iter().map(|bank| bank.reserve).collect();
    desk.send(BEN, &["order", "submit", &sale]).await?;

    // Then: both legs, and reserves with them; and not again.
    ensure!(desk.units(&ann).await? == 500 && desk.units(&cid).await? == 100, "{:?}", desk.instrument().await?);
    ensure!(desk.custody(ann.owner, 1).await? == 5_000, "{:?}", desk.first.owner(ann.owner).await?);
    ensure!(desk.custody(cid.owner, 2).await? == ALL.1 - 5_000, "{:?}", desk.first.owner(cid.owner).await?);
    let after: Vec<_> = desk.first.banks().await?.into_iter().map(|bank| bank.reserve).collect();
    ensure!((after[0], after[1]) == (reserves[0] + 5_000, reserves[1] - 5_000), "{reserves:?}, then {after:?}");
    desk.refused(BANK_B, &["order", "submit", &sale], "AlreadyExecuted").await?;

    // When: a leg fails. Then: the other does not happen, either way round.
    let dear = desk.exchange("dear", ANN, (CID, &cid), ["units:0:100", "custody:50.01"]).await?;
    let much = desk.exchange("much", CID, (ANN, &ann), ["custody:10", "units:0:501"]).await?;
    for order in [&dear, &much] {
        desk.refused(BEN, &["order", "submit", order], "Failed").await?;
    }
    ensure!(desk.units(&ann).await? == 500 && desk.custody(cid.owner, 2).await? == 5_000, "half an exchange happened");

    // When: Ben buys with coins.
    let cash = desk.exchange("cash", ANN, (BEN, &ben), ["units:0:40", "coins:4"]).await?;
    let all = Balance::from(COINS) * Balance::from(FACE_VALUE);
    desk.send(CID, &["order", "submit", &cash]).await?;
    ensure!(desk.units(&ben).await? == 40 && desk.coins(&ann).await? == 400, "{:?}", desk.instrument().await?);
    ensure!(desk.coins(&ben).await? == all - 400, "{:?}", desk.first.owner(ben.owner).await?);

    // When: coins go into custody and come out again by order, brought by somebody else.
    let (paid_in, taken) = (desk.file("in"), desk.file("out"));
    let _: Value =
        desk.cli.run(desk.first.url(), Some(BEN), &["order", "deposit", "--bank", "1", "5", "--out", &paid_in]).await?;
    desk.send(ANN, &["order", "submit", &paid_in]).await?;
    ensure!(desk.custody(ben.owner, 1).await? == 500, "{:?}", desk.first.owner(ben.owner).await?);
    let _: Value =
        desk.cli.run(desk.first.url(), Some(BEN), &["order", "withdraw", "--bank", "1", "3", "--out", &taken]).await?;
    desk.send(ANN, &["order", "submit", &taken]).await?;
    ensure!(desk.custody(ben.owner, 1).await? == 200, "{:?}", desk.first.owner(ben.owner).await?);
    ensure!(desk.coins(&ben).await? == all - 400 - 200, "{:?}", desk.first.owner(ben.owner).await?);

    // When: units go by order and by call. Then: the supervisor stops them, and only that side lets them go on.
    let gift = desk.file("gift");
    let _: Value =
        desk.cli.run(desk.first.url(), Some(ANN), &["order", "units", "0", cid_id, "10", "--out", &gift]).await?;
    desk.send(BEN, &["order", "submit", &gift]).await?;
    desk.send(ANN, &["instrument", "transfer", "0", ben_id, "10"]).await?;
    desk.send(SUPERVISOR, &["instrument", "pause", "0"]).await?;
    desk.refused(ANN, &["instrument", "transfer", "0", ben_id, "1"], "Instruments.InstrumentPaused").await?;
    desk.refused(BANK_A, &["instrument", "resume", "0"], "Instruments.NothingToChange").await?;
    desk.send(SUPERVISOR, &["instrument", "resume", "0"]).await?;
    let listed: Value = desk.cli.run(desk.first.url(), None, &["instrument", "holders", "0"]).await?;
    let held: u64 =
        listed["holders"].as_array().context("no list")?.iter().filter_map(|one| one["amount"].as_u64()).sum();
    ensure!(held == 600 && listed["supply"] == 600, "{listed}");

    // When: everything goes back. Then: the bill is no more, and all of it is on record.
    desk.refused(BANK_A, &["instrument", "close", "0"], "Instruments.UnitsOut").await?;
    for (key, amount) in [(ANN, "440"), (BEN, "50"), (CID, "110")] {
        desk.send(key, &["instrument", "redeem", "0", amount]).await?;
    }
    let info = desk.instrument().await?;
    ensure!((info.flows.issued, info.flows.redeemed, info.supply) == (600, 600, 0), "{info:?}");
    let closed = desk.send(BANK_A, &["instrument", "close", "0"]).await?;
    for (kind, count) in [("issued", 1), ("units_moved", 4), ("redeemed", 3)] {
        let found = desk.moved(kind, closed.block).await?;
        ensure!(found == count, "{found} movements {kind}, not {count}");
    }

    // And: every node says the same.
    network.wait_for_finalized(closed.block).await?;
    ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    network.passed();
    Ok(())
}
