//! Change on a running network, by the command line as people use it: in a payment, by hand, by two owners at a time, by
//! coins made anew; and what nobody gets.

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use specie_primitives::{Balance, BankId, OwnerId};
use specie_testnet::{
    chain::{Call, Chain},
    cli::{Cli, Receipt},
    payments::{ensure_agreement, ensure_balanced, ensure_same_holdings},
    people::{register_all, Person},
    rpc::{Rpc, PROGRESS},
    TestNetwork,
};

const ISSUING: &str = "//Issuing//1";
const SECOND: &str = "//Issuing//2";
const BANK: &str = "//BankA";
const ANN: &str = "//Test//Ann";
const BEN: &str = "//Test//Ben";
const CID: &str = "//Test//Cid";
/// What each of the three takes out, in minor units.
const TAKEN: Balance = 50_00;
/// What Ann leaves for somebody who is not registered, in units and in minor units.
const LEFT: (&str, Balance) = ("4", 4_00);
/// Nobody has registered it.
const STRANGER: [u8; 24] = [7; 24];

/// The command line and one node.
struct Desk {
    cli: Cli,
    rpc: Rpc,
}

impl Desk {
    async fn send(&self, key: &str, args: &[&str]) -> Result<Receipt> {
        self.cli.run(self.rpc.url(), Some(key), args).await
    }

    async fn refused(&self, key: &str, args: &[&str], reason: &str) -> Result<()> {
        let before = self.rpc.supply(None).await?.books;
        let failure = self.cli.refused(self.rpc.url(), key, args).await?;
        let found = failure.reason();
        ensure!(found.contains(reason), "'{}' was refused, but not with {reason}: {failure:?}", args.join(" "));
        ensure!(self.rpc.supply(None).await?.books == before, "'{}' was refused and moved money", args.join(" "));
        Ok(())
    }

    /// Value of an owner's coins.
    async fn coins(&self, owner: OwnerId) -> Result<Balance> {
        Ok(self.rpc.owner(owner).await?.context("not registered")?.coins_value)
    }
}

#[tokio::test]
async fn change_comes_from_a_vault_or_is_made_anew() -> Result<()> {
    // Given: bank A with coins in its vault, and three customers with five coins of 10 each.
    let network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc("issuer").await?).await?;
    let desk = Desk { cli: Cli::new(&network), rpc: chain.rpc().clone() };
    let (ann, ben, cid) = (Person::named("Ann")?, Person::named("Ben")?, Person::named("Cid")?);
    register_all(&chain, &[&ann, &ben, &cid]).await?;
    desk.send(ISSUING, &["issuer", "credit", "1", "10000"]).await?;
    for (face, count) in [("10", "200"), ("5", "200"), ("1", "400")] {
        desk.send(ISSUING, &["issuer", "mint", face, count, "--second-key", SECOND]).await?;
    }
    desk.send(BANK, &["bank", "draw", "--coins", "10x100,5x100,1x200"]).await?;
    for (key, person) in [(ANN, &ann), (BEN, &ben), (CID, &cid)] {
        desk.send(BANK, &["bank", "credit-owner", &person.owner.to_string(), "100"]).await?;
        desk.send(key, &["withdraw", "--bank", "1", "--coins", "10x5"]).await?;
    }
    let before = desk.rpc.supply(None).await?;

    // When: Ann pays 7.00 and has only tens. Then: Ben has exactly that, Ann the rest, the bank what it had.
    let payee = ben.owner.to_string();
    let paid = desk.send(ANN, &["pay", &payee, "7"]).await?;
    ensure!(paid.what.contains("3.00 SPC came back from Bank A's vault"), "{}", paid.what);
    ensure!(paid.data["change"]["amount"] == 300 && paid.data["amount"] == 700, "{}", paid.data);
    ensure!(desk.coins(ann.owner).await? == TAKEN - 700, "Ann has {}", desk.coins(ann.owner).await?);
    ensure!(desk.coins(ben.owner).await? == TAKEN + 700, "Ben has {}", desk.coins(ben.owner).await?);
    let after = desk.rpc.supply(None).await?;
    let places = |report: &specie_primitives::books::SupplyReport| {
        (report.coins, report.owners, report.bank_vaults, report.custody, report.reserves)
    };
    ensure!(places(&before) == places(&after), "{after:#?} after {before:#?}");
    let flows = after.books.banks[0].vault_flows;
    ensure!(flows.exchanged_in == 1_000 && flows.exchanged_out == 1_000, "{flows:?}");

    // When: she leaves 4.00 for somebody who is not registered, with tens and three ones. Then: a coin is changed first.
    let stranger = OwnerId(STRANGER).to_string();
    let leave = ["pay", &stranger, LEFT.0, "--pickup"];
    let exact = [&leave[..], &["--exact"][..]].concat();
    desk.refused(ANN, &exact, "no coins add up to the amount").await?;
    let left = desk.send(ANN, &leave).await?;
    ensure!(left.data["amount"] == 400 && left.data["code"].is_string(), "{}", left.data);
    ensure!(desk.rpc.supply(None).await?.waiting == LEFT.1, "not exactly that waits");
    let ann_has = TAKEN - 700 - LEFT.1;
    ensure!(desk.coins(ann.owner).await? == ann_has, "Ann has {}", desk.coins(ann.owner).await?);
    let flows = desk.rpc.supply(None).await?.books.banks[0].vault_flows;
    ensure!(flows.exchanged_in == 2_000 && flows.exchanged_out == 2_000, "{flows:?}");

    // When: she exchanges by hand. Then: the node knows of both sides of it.
    let by_hand = desk.send(ANN, &["change", "--give", "10x1", "--take", "5x2"]).await?;
    ensure!(desk.coins(ann.owner).await? == ann_has, "an exchange changed what Ann has");
    desk.rpc.wait_for_index(by_hand.block, PROGRESS).await?;
    let page: Value = desk.rpc.request("specie_records", json!([{ "owner": ann.owner }, null, 2])).await?;
    let kinds: Vec<_> = page["records"].as_array().into_iter().flatten().map(|record| &record["kind"]).collect();
    ensure!(kinds == ["exchanged", "exchanged"], "{page:#}");

    // When: both change at the same time. Then: both get what they asked for.
    let tens = ["change", "--give", "10x1", "--take", "5x1,1x5"];
    tokio::try_join!(desk.send(ANN, &tens), desk.send(BEN, &tens))?;

    // Nobody gets more than is given, not even past the command line.
    let coins = desk.rpc.coins_of(ann.owner).await?;
    let greedy = Call::exchange(BankId(1), &coins[..1], &[(1_000, 2)], &[]);
    let done = chain.settled(chain.sign_and_submit(&ann.key, &greedy).await?).await?;
    ensure!(done.event("System", "ExtrinsicFailed").is_some(), "{done:?}");
    desk.refused(ANN, &["change", "--give", "10x1", "--take", "5x1"], "both must be the same").await?;
    desk.refused(ANN, &["change", "--give", "10x1", "--take", "5x2", "--bank", "2"], "the vault has 0 coins").await?;

    // When: Cid, who has tens alone, orders 3.00 for Ben, and Ben brings the order. Then: he has exactly that, Cid the rest.
    let file = network.base().join("with-change.order").display().to_string();
    let run = async |key: &str, args: &[&str]| desk.cli.run::<Value>(desk.rpc.url(), Some(key), args).await;
    desk.refused(CID, &["order", "make", &payee, "3", "--exact"], "no coins add up to the amount").await?;
    let made = run(CID, &["order", "make", &payee, "3", "--out", &file]).await?;
    ensure!(made["amount"] == 300 && made["change"]["amount"] == 700, "{made}");
    let shown = run(BEN, &["order", "show", &file]).await?;
    ensure!(shown["verdict"] == "Executed" && shown["action"]["change"]["amount"] == "700", "{shown}");
    let had = desk.coins(ben.owner).await?;
    let brought = desk.send(BEN, &["order", "submit", &file]).await?;
    ensure!(desk.coins(ben.owner).await? == had + 300, "Ben has {}", desk.coins(ben.owner).await?);
    ensure!(desk.coins(cid.owner).await? == TAKEN - 300, "Cid has {}", desk.coins(cid.owner).await?);
    desk.rpc.wait_for_index(brought.block, PROGRESS).await?;
    let page: Value = desk.rpc.request("specie_records", json!([{ "order_id": made["order"] }])).await?;
    let kinds: Vec<_> = page["records"].as_array().into_iter().flatten().map(|record| &record["kind"]).collect();
    ensure!(kinds == ["transferred", "exchanged", "exchanged"], "{page:#}");

    // Nobody gets change from a bank that is not open for it.
    desk.send(BANK, &["bank", "set-change", "nobody"]).await?;
    let fives = ["change", "--give", "10x1", "--take", "5x2"];
    desk.refused(ANN, &fives, "Vault.NoChange").await?;

    // When: the issuer lets fives be made into ones. Then: that goes on without the bank, and tens stay as they are.
    let anew = ["change", "--give", "5x1", "--take", "1x5", "--anew"];
    desk.refused(ANN, &anew, "Issuance.NoChangeBatch").await?;
    for face in ["1", "5"] {
        desk.send(ISSUING, &["issuer", "mint", face, "1000", "--second-key", SECOND, "--for-change"]).await?;
    }
    let minted = desk.rpc.supply(None).await?.coins;
    desk.send(ANN, &anew).await?;
    desk.refused(ANN, &["change", "--give", "10x1", "--take", "1x10", "--anew"], "Issuance.NotRecoinable").await?;
    ensure!(desk.rpc.supply(None).await?.coins == minted, "coins were made for nothing");
    ensure!(desk.coins(ann.owner).await? == ann_has, "coins made anew changed what Ann has");

    // And: all nodes agree.
    let block = ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    ensure_same_holdings(&network, ann.owner, block.number).await?;
    ensure_same_holdings(&network, ben.owner, block.number).await?;
    ensure_same_holdings(&network, cid.owner, block.number).await?;
    network.passed();
    Ok(())
}
