//! Custody sent from account to account on a running network, by the command line: inside a bank, between banks, and a ring of
//! three banks without reserves, none of which could pay first.

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use specie_primitives::{
    custody::{QueueInfo, QueuedInfo},
    Balance, BankId, BlockNumber, OwnerId, QueuePolicy,
};
use specie_testnet::{
    chain::Chain,
    cli::{Cli, Receipt},
    payments::{ensure_agreement, ensure_balanced},
    people::{register_all, Person},
    rpc::{Rpc, PROGRESS},
    TestNetwork,
};

const ISSUING: &str = "//Issuing//1";
/// Banks with the keys of the owners that they look after.
const BANKS: [(&str, &str); 3] = [("//BankA", ANN), ("//BankB", BEN), ("//BankC", CID)];
const ANN: &str = "//Test//Ann";
const BEN: &str = "//Test//Ben";
const CID: &str = "//Test//Cid";
/// What each of them has in custody, in units and in minor units.
const ALL: (&str, Balance) = ("100", 10_000);

struct Desk {
    cli: Cli,
    rpc: Rpc,
}

impl Desk {
    async fn send(&self, key: &str, args: &[&str]) -> Result<Receipt> {
        self.cli.run(self.rpc.url(), Some(key), args).await
    }

    /// Checks that something is refused for a reason and moves nothing.
    async fn refused(&self, key: &str, args: &[&str], reason: &str) -> Result<()> {
        let before = self.rpc.supply(None).await?.books;
        let failure = self.cli.refused(self.rpc.url(), key, args).await?;
        ensure!(failure.reason() == reason, "'{}' was refused, but not with {reason}: {failure:?}", args.join(" "));
        let after = self.rpc.supply(None).await?.books;
        ensure!(before == after, "'{}' was refused and moved something: {before:#?}, {after:#?}", args.join(" "));
        Ok(())
    }

    /// What an owner has at a bank.
    async fn custody(&self, owner: OwnerId, bank: u32) -> Result<Balance> {
        let info = self.rpc.owner(owner).await?.context("no such owner")?;
        Ok(info.custody.iter().find(|(at, _)| *at == BankId(bank)).map_or(0, |(_, amount)| *amount))
    }

    async fn queue(&self, bank: u32) -> Result<QueueInfo> {
        let info: Option<QueueInfo> = self.rpc.request("specie_queue", json!([bank])).await?;
        info.context("no such bank")
    }

    async fn queued(&self, owner: OwnerId) -> Result<Vec<QueuedInfo>> {
        self.rpc.request("specie_queued", json!([owner])).await
    }

    /// Reserves of the three banks.
    async fn reserves(&self) -> Result<Vec<Balance>> {
        Ok(self.rpc.banks().await?.into_iter().map(|bank| bank.reserve).collect())
    }

    /// How many movements of a kind there were until a block.
    async fn moved(&self, kind: &str, block: BlockNumber) -> Result<usize> {
        self.rpc.wait_for_index(block, PROGRESS).await?;
        let page: Value = self.rpc.request("specie_records", json!([{ "kinds": [kind] }, null, 100])).await?;
        Ok(page["records"].as_array().context("no records")?.len())
    }
}

#[tokio::test]
async fn a_ring_of_banks_settles_what_none_could_pay() -> Result<()> {
    // Given: three banks with a customer each, and everything that they own in coins.
    let network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc("issuer").await?).await?;
    let desk = Desk { cli: Cli::new(&network), rpc: chain.rpc().clone() };
    let (ann, ben, cid, dot) =
        (Person::named("Ann")?, Person::named("Ben")?, Person::named("Cid")?, Person::named("Dot")?);
    register_all(&chain, &[&ann, &ben, &cid, &dot]).await?;
    let ids = [&ann, &ben, &cid, &dot].map(|person| person.owner.to_string());
    let [ann_id, ben_id, cid_id, dot_id] = ids.each_ref().map(String::as_str);
    for ((number, (bank, key)), id) in (1..).zip(BANKS).zip([ann_id, ben_id, cid_id]) {
        let number: u32 = number;
        if number > 1 {
            desk.send(key, &["owner", "move", "--to-bank", &number.to_string()]).await?;
            desk.send(bank, &["bank", "accept-owner", id]).await?;
        }
        desk.send(ISSUING, &["issuer", "credit", &number.to_string(), ALL.0]).await?;
        desk.send(bank, &["bank", "credit-owner", id, ALL.0]).await?;
    }
    desk.send(ISSUING, &["issuer", "mint", "1", "300", "--second-key", "//Issuing//2"]).await?;
    for (bank, _) in BANKS {
        desk.send(bank, &["bank", "draw", ALL.0]).await?;
    }
    ensure!(desk.reserves().await? == [0; 3], "{:?}", desk.reserves().await?);

    // Then: inside a bank that is no matter; to another bank nothing goes, not even to wait.
    desk.send(ANN, &["transfer", "send", dot_id, "10"]).await?;
    desk.send("//Test//Dot", &["transfer", "send", ann_id, "10"]).await?;
    let no_reserve = "Custody.ReserveTooLow";
    desk.refused(ANN, &["transfer", "send", ben_id, "40"], no_reserve).await?;
    desk.refused(ANN, &["transfer", "send", ben_id, "40", "--wait", "1h"], no_reserve).await?;
    let others_bank = ["transfer", "send", cid_id, "1", "--to-bank", "2"];
    desk.refused(ANN, &others_bank, "Custody.NotCustomer").await?;
    let others_money = ["transfer", "send", ann_id, "1", "--from-bank", "2"];
    desk.refused(ANN, &others_money, "Custody.CustodyTooLow").await?;

    // When: the banks let transfers wait, each as it likes, and two of three are there.
    for ((bank, _), policy) in BANKS.into_iter().zip(["overtake", "in-order", "overtake"]) {
        desk.send(bank, &["bank", "set-queue", policy]).await?;
    }
    desk.refused(ANN, &["bank", "set-queue", "refuse"], "CallNotAllowed").await?;
    desk.refused(ANN, &["transfer", "send", ben_id, "40"], no_reserve).await?;
    let first = desk.send(ANN, &["transfer", "send", ben_id, "40", "--wait", "1h"]).await?;
    ensure!(first.data["transfer"] == 0 && first.what.contains("waits for the bank's reserve"), "{first:?}");
    desk.send(BEN, &["transfer", "send", cid_id, "40", "--wait", "1h"]).await?;

    // Then: both wait, their payers cannot spend them again, and strangers cannot take them back.
    ensure!(desk.custody(ann.owner, 1).await? == 6_000, "{:?}", desk.rpc.owner(ann.owner).await?);
    let too_low = "Custody.CustodyTooLow";
    desk.refused(ANN, &["transfer", "send", ben_id, "60.01", "--wait", "1h"], too_low).await?;
    desk.refused(BEN, &["transfer", "cancel", "0", "--bank", "1"], "Custody.NotYours").await?;
    let queued = desk.queued(ann.owner).await?;
    ensure!(queued.len() == 1 && queued[0].amount == 4_000 && queued[0].to == ben.owner, "{queued:?}");
    let told: Value = desk.cli.run(desk.rpc.url(), None, &["transfer", "list", ann_id]).await?;
    ensure!(told["transfers"] == serde_json::to_value(&queued)?, "{told}");
    let balance: Value = desk.cli.run(desk.rpc.url(), None, &["balance", ann_id]).await?;
    ensure!(balance["set_aside_value"] == 4_000 && balance["custody"][0]["amount"] == 6_000, "{balance}");
    let told: QueueInfo = desk.cli.run(desk.rpc.url(), None, &["bank", "queue", "2"]).await?;
    ensure!(told == desk.queue(2).await? && told.policy == QueuePolicy::InOrder && told.set_aside == 4_000, "{told:?}");
    ensure!(desk.custody(ben.owner, 2).await? == 6_000 && desk.custody(cid.owner, 3).await? == ALL.1, "it moved");

    // When: the third closes the ring.
    let last = desk.send(CID, &["transfer", "send", ann_id, "40", "--wait", "1h"]).await?;

    // Then: all of them settle in its block, and no reserve was needed.
    for (owner, bank) in [(ann.owner, 1), (ben.owner, 2), (cid.owner, 3)] {
        ensure!(desk.custody(owner, bank).await? == ALL.1, "{:?}", desk.rpc.owner(owner).await?);
        ensure!(desk.queue(bank).await?.transfers.is_empty(), "{:?}", desk.queue(bank).await?);
    }
    ensure!(desk.reserves().await? == [0; 3], "{:?}", desk.reserves().await?);
    for books in desk.rpc.supply(None).await?.books.banks {
        let (vault, custody) = (books.vault_flows, books.custody_flows);
        ensure!((vault.interbank_in, vault.interbank_out) == (4_000, 4_000), "{vault:?}");
        ensure!((custody.received, custody.sent, custody.settled) == (4_000, 4_000, 4_000), "{custody:?}");
    }
    ensure!(desk.moved("settled", last.block).await? == 3, "not three movements settled");

    // When: a transfer waits and its payer thinks again, and another waits until the issuer lends the bank reserve.
    desk.send(ANN, &["transfer", "send", ben_id, "20", "--wait", "1h"]).await?;
    desk.send(ANN, &["transfer", "cancel", "3"]).await?;
    ensure!(desk.custody(ann.owner, 1).await? == ALL.1, "{:?}", desk.rpc.owner(ann.owner).await?);
    desk.send(ANN, &["transfer", "send", ben_id, "20", "--wait", "1h"]).await?;
    let lent = desk.send(ISSUING, &["issuer", "credit", "1", "20"]).await?;

    // Then: the reserve goes with it, and everything is on record.
    ensure!(desk.custody(ben.owner, 2).await? == ALL.1 + 2_000, "{:?}", desk.rpc.owner(ben.owner).await?);
    ensure!(desk.reserves().await? == [0, 2_000, 0], "{:?}", desk.reserves().await?);
    let kinds = [("queued", 5), ("settled", 4), ("given_back", 1), ("sent", 2)];
    for (kind, count) in kinds {
        let found = desk.moved(kind, lent.block).await?;
        ensure!(found == count, "{found} movements {kind}, not {count}");
    }
    // Bank B has reserve now: a payment to bank C needs nobody's queue.
    let sent = desk.send(BEN, &["transfer", "send", cid_id, "20"]).await?;
    ensure!(sent.data["transfer"].is_null() && desk.reserves().await? == [0, 0, 2_000], "{sent:?}");
    desk.refused(ANN, &["transfer", "settle"], "Custody.NothingWaits").await?;

    // And: every node says the same.
    network.wait_for_finalized(sent.block).await?;
    ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    network.passed();
    Ok(())
}
