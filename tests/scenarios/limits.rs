//! Limits of classes on a running network, by the command line: what a wallet is told, and the ways around that are none.

use anyhow::{ensure, Context, Result};
use serde_json::json;
use specie_primitives::{api::LimitsInfo, Balance, BlockNumber, OwnerClass, OwnerId};
use specie_testnet::{
    chain::Chain,
    cli::{Cli, Receipt},
    payments::{ensure_agreement, ensure_balanced},
    people::{give_coins, register_all, Person},
    rpc::{Rpc, PROGRESS},
    TestNetwork,
};

const SUPERVISING: &str = "//Supervising//1";
const BANK: &str = "//BankA";
/// Keys of Ann, of Anna, who is the same person, of Ben, and Ann's next one.
const ANN: &str = "//Test//Ann";
const ANNA: &str = "//Test//Anna";
const BEN: &str = "//Test//Ben";
const ANN_2: &str = "//Test//Ann2";
/// The number by which the state knows Ann, in two spellings.
const NUMBER: [&str; 2] = ["DE-L01X00T47", "de l01x00t47"];
/// Coins of 1.00 that Ann has.
const COINS: u32 = 20;
/// Minutes of a day.
const DAY: u64 = 24 * 60;

struct Desk {
    cli: Cli,
    rpc: Rpc,
}

impl Desk {
    async fn send(&self, key: &str, args: &[&str]) -> Result<BlockNumber> {
        let receipt: Receipt = self.cli.run(self.rpc.url(), Some(key), args).await?;
        self.rpc.wait_for_index(receipt.block, PROGRESS).await?;
        Ok(receipt.block)
    }

    /// Checks that something is refused for a reason, and that the message says this about what is left.
    async fn refused(&self, key: &str, args: &[&str], reason: &str, left: &str) -> Result<()> {
        let before = self.rpc.supply(None).await?.owners;
        let failure = self.cli.refused(self.rpc.url(), key, args).await?;
        ensure!(failure.reason() == reason, "'{}' was refused, but not with {reason}: {failure:?}", args.join(" "));
        ensure!(failure.message.contains(left), "'{}' does not say '{left}': {failure:?}", args.join(" "));
        let after = self.rpc.supply(None).await?.owners;
        ensure!(before == after, "'{}' was refused and moved {before} to {after}", args.join(" "));
        Ok(())
    }

    async fn limits(&self, owner: OwnerId) -> Result<LimitsInfo> {
        let info: Option<LimitsInfo> = self.rpc.request("specie_limits", json!([owner])).await?;
        info.context("no such owner")
    }

    /// What an owner's subject paid today and holds.
    async fn counted(&self, owner: OwnerId) -> Result<(Balance, Balance)> {
        let info = self.limits(owner).await?;
        Ok((info.paid_today, info.held))
    }

    async fn set(&self, class: &str, [payment, day, balance]: [&str; 3]) -> Result<()> {
        let limits = ["--per-payment", payment, "--per-day", day, "--balance", balance];
        self.send(SUPERVISING, &[&["issuer", "set-limits", class][..], &limits[..]].concat()).await?;
        Ok(())
    }

    /// Moves midnight half a day away, so that the day does not end in the middle of the test.
    async fn set_noon(&self) -> Result<()> {
        let now: u64 = self.rpc.stored("Timestamp", "Now", self.rpc.finalized().await?.hash).await?;
        let offset = i64::try_from(DAY / 2)? - i64::try_from(now / 60_000 % DAY)?;
        self.send(SUPERVISING, &["issuer", "set-calendar", &format!("1970-01-01={offset}")]).await?;
        Ok(())
    }
}

#[tokio::test]
async fn no_detour_leads_past_a_limit() -> Result<()> {
    // Given: Ann twice and Ben, of whom nobody knows more than a number.
    let network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc("issuer").await?).await?;
    let desk = Desk { cli: Cli::new(&network), rpc: chain.rpc().clone() };
    let (ann, anna, ben) = (Person::named("Ann")?, Person::named("Anna")?, Person::named("Ben")?);
    register_all(&chain, &[&ann, &anna, &ben]).await?;
    give_coins(&chain, &ann, COINS).await?;
    let all = Balance::from(COINS) * 100;
    desk.set_noon().await?;
    // Own funds, out of which the bank credits.
    desk.send("//Issuing//1", &["issuer", "credit", "1", "100"]).await?;
    ensure!(desk.limits(ann.owner).await?.class == OwnerClass::Phone, "Ann is of another class");
    ensure!(desk.counted(ann.owner).await? == (0, all), "{:?}", desk.counted(ann.owner).await?);
    let ids = [&ann, &anna, &ben].map(|person| person.owner.to_string());
    let [ann_id, anna_id, ben_id] = ids.each_ref().map(String::as_str);

    // When: the bank verifies who Ann is. Then: both ids count together.
    for ((id, key), number) in [(ann_id, ANN), (anna_id, ANNA)].into_iter().zip(NUMBER) {
        let change = ["bank", "change-class", id, "--class", "person", "--person", number, "--owner-key", key];
        desk.send(BANK, &change).await?;
    }
    ensure!(desk.counted(anna.owner).await? == (0, all), "Anna does not count with Ann");

    // When: the issuer limits persons. Then: wallets are told which limit stands in the way, and what is left.
    let limits = ["issuer", "set-limits", "person", "--per-payment", "3", "--per-day", "5", "--balance", "none"];
    desk.refused("//Issuing//1", &limits, "BadOrigin", "").await?;
    desk.set("person", ["3", "5", "none"]).await?;
    let over = "3.00 SPC at most";
    desk.refused(ANN, &["pay", ben_id, "4"], "Limits.OverPaymentLimit", over).await?;
    desk.send(ANN, &["pay", ben_id, "3"]).await?;
    let left = |left: &str| format!("5.00 SPC were paid today, {left} SPC are left until");
    let daily = "Limits.OverDailyLimit";
    desk.refused(ANN, &["pay", ben_id, "3"], daily, &left("2.00")).await?;
    // Splitting, another id of the same person, another key, another class: all of it counts.
    desk.send(ANN, &["pay", anna_id, "2"]).await?;
    desk.refused(ANN, &["pay", ben_id, "1"], daily, &left("0.00")).await?;
    desk.refused(ANNA, &["pay", ben_id, "1"], daily, &left("0.00")).await?;
    desk.send(ANN, &["owner", "rotate", "--new-key", ANN_2]).await?;
    desk.refused(ANN_2, &["pay", ben_id, "1"], daily, &left("0.00")).await?;
    desk.set("phone", ["3", "5", "none"]).await?;
    let back = ["bank", "change-class", ann_id, "--class", "phone", "--owner-key", ANN_2];
    desk.send(BANK, &back).await?;
    desk.refused(ANN_2, &["pay", ben_id, "1"], daily, &left("0.00")).await?;
    ensure!(desk.counted(ann.owner).await? == (500, all - 500), "{:?}", desk.counted(ann.owner).await?);
    ensure!(desk.counted(anna.owner).await? == (500, 200), "{:?}", desk.counted(anna.owner).await?);
    // What is paid in and taken out is no payment.
    desk.send(ANN_2, &["deposit", "--bank", "1", "4"]).await?;
    desk.send(ANN_2, &["withdraw", "--bank", "1", "2"]).await?;
    ensure!(desk.counted(ann.owner).await? == (500, all - 500), "{:?}", desk.counted(ann.owner).await?);

    // When: Ben may hold no more. Then: nobody pays or credits him, until he gives something away.
    desk.set("phone", ["none", "none", "4"]).await?;
    let payee = "Limits.PayeeOverBalanceLimit";
    desk.refused(ANN_2, &["pay", ben_id, "2"], payee, "the payee may receive 1.00 SPC more").await?;
    desk.refused(BANK, &["bank", "credit-owner", ben_id, "1.01"], "Limits.OverBalanceLimit", "1.00 SPC more").await?;
    desk.send(ANN_2, &["pay", ben_id, "1"]).await?;
    desk.refused(ANN_2, &["pay", ben_id, "1"], payee, "0.00 SPC more").await?;
    desk.send(BEN, &["pay", anna_id, "1"]).await?;
    desk.send(ANN_2, &["pay", ben_id, "1"]).await?;

    // Then: every node says the same, and the supervisor has lowered Anna without her.
    let block = desk.send(SUPERVISING, &["issuer", "lower-class", anna_id, "phone"]).await?;
    network.wait_for_finalized(block).await?;
    let told: LimitsInfo = desk.cli.run(desk.rpc.url(), None, &["owner", "limits", anna_id]).await?;
    ensure!((told.class, told.paid_today, told.held) == (OwnerClass::Phone, 500, 300), "{told:?}");
    for name in ["bank-a", "bank-b", "bank-c"] {
        let info: Option<LimitsInfo> = network.rpc(name).await?.request("specie_limits", json!([anna.owner])).await?;
        ensure!(info.as_ref() == Some(&told), "{name} says {info:?}, not {told:?}");
    }
    ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    network.passed();
    Ok(())
}
