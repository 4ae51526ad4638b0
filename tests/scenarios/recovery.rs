//! A phone is lost and found by somebody else: another key for its owner on a running network, by the command line, and
//! every way to do it too early, without leave or for somebody else. Then the owner goes to another bank.

use anyhow::{ensure, Context, Result};
use serde_json::json;
use specie_primitives::{
    api::{OwnerInfo, RecoveryInfo},
    BankId, BlockNumber, OwnerStatus, SuspendedBy,
};
use specie_testnet::{
    chain::Chain,
    cli::{Cli, Receipt},
    payments::{ensure_agreement, ensure_balanced},
    people::{give_coins, register_all, Person},
    rpc::{Rpc, PROGRESS},
    TestNetwork,
};

const SUPERVISING: &str = "//Supervising//1";
const BANK_A: &str = "//BankA";
const BANK_B: &str = "//BankB";
const BANK_C: &str = "//BankC";
/// Ann's key that is lost.
const LOST: &str = "//Test//Ann";
/// The key that takes its place.
const NEW: &str = "//Test//Ann2";
/// A key that a thief would like.
const OTHER: &str = "//Test//Thief";
/// Blocks that a request waits.
const DELAY: BlockNumber = 30;
/// Coins of 1.00 that Ann has, more than what needs no approval.
const COINS: u32 = 4;
const FREE: &str = "3.99";

struct Desk {
    cli: Cli,
    rpc: Rpc,
    ann: Person,
    id: String,
}

impl Desk {
    async fn send(&self, key: &str, args: &[&str]) -> Result<Receipt> {
        let receipt: Receipt = self.cli.run(self.rpc.url(), Some(key), args).await?;
        self.rpc.wait_for_index(receipt.block, PROGRESS).await?;
        Ok(receipt)
    }

    /// Checks that something is refused for a reason, and leaves Ann and her request as they were.
    async fn refused(&self, key: &str, args: &[&str], reason: &str) -> Result<()> {
        let before = (self.ann().await?, self.requests().await?);
        let failure = self.cli.refused(self.rpc.url(), key, args).await?;
        ensure!(failure.reason() == reason, "'{}' was refused, but not with {reason}: {failure:?}", args.join(" "));
        let after = (self.ann().await?, self.requests().await?);
        ensure!(before == after, "'{}' was refused and changed {before:#?} to {after:#?}", args.join(" "));
        Ok(())
    }

    async fn ann(&self) -> Result<OwnerInfo> {
        self.rpc.owner(self.ann.owner).await?.context("Ann is not registered")
    }

    async fn requests(&self) -> Result<Vec<RecoveryInfo>> {
        self.rpc.request("specie_recoveries", json!([])).await
    }

    /// A bank asks for a key; gives the first block in which it can be completed.
    async fn recover(&self, bank: &str, key: &str) -> Result<BlockNumber> {
        let receipt = self.send(bank, &["bank", "recover", &self.id, "--new-key", key]).await?;
        let ready = receipt.data["ready"].as_u64().context("no first block")?;
        Ok(ready.try_into()?)
    }
}

#[tokio::test]
async fn an_owner_gets_another_key_and_another_bank() -> Result<()> {
    // Given: Ann, who has coins, and Ben.
    let network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc("issuer").await?).await?;
    let (ann, ben) = (Person::named("Ann")?, Person::named("Ben")?);
    register_all(&chain, &[&ann, &ben]).await?;
    give_coins(&chain, &ann, COINS).await?;
    let (id, ben) = (ann.owner.to_string(), ben.owner.to_string());
    let desk = Desk { cli: Cli::new(&network), rpc: chain.rpc().clone(), ann, id };
    let id = desk.id.as_str();
    let delay = DELAY.to_string();
    let rules = ["issuer", "set-recovery", "--delay", &delay, "--approval-value", FREE, "--dormancy-days", "730"];
    desk.refused(BANK_A, &rules, "BadOrigin").await?;
    desk.send(SUPERVISING, &rules).await?;

    // When: she loses her phone, and her bank asks for another key. Then: nobody else can.
    desk.refused(BANK_B, &["bank", "recover", id, "--new-key", OTHER], "Identity.NotYourOwner").await?;
    desk.refused(BANK_A, &["bank", "recover", id, "--new-key", BANK_C], "Identity.KeyNotForOwners").await?;
    let ready = desk.recover(BANK_A, NEW).await?;
    ensure!(desk.ann().await?.status == OwnerStatus::Suspended(SuspendedBy::Bank), "{:?}", desk.ann().await?);
    let recover_again = ["bank", "recover", id, "--new-key", OTHER];
    desk.refused(BANK_A, &recover_again, "Identity.RebindPending").await?;

    // Then: whoever has the phone can pay nothing, replace no key and go to no other bank; but it can object.
    desk.refused(LOST, &["pay", &ben, "1"], "OwnerSuspended").await?;
    desk.refused(LOST, &["owner", "rotate", "--new-key", OTHER], "OwnerSuspended").await?;
    desk.refused(LOST, &["owner", "move", "--to-bank", "2"], "OwnerSuspended").await?;
    desk.refused(NEW, &["remark", "me"], "UnknownSigner").await?;
    let complete = ["bank", "complete-recovery", id];
    desk.refused(BANK_A, &complete, "Identity.TooEarly").await?;
    desk.send(LOST, &["owner", "object"]).await?;
    desk.refused(LOST, &["owner", "object"], "OwnerSuspended").await?;

    // When: the waiting time is over. Then: objection and money stand in the way, one after the other.
    desk.rpc.wait_for_finalized(ready, PROGRESS).await?;
    desk.refused(BANK_A, &complete, "Identity.ObjectionPending").await?;
    desk.refused(BANK_A, &["issuer", "decide-recovery", id, "--overrule"], "BadOrigin").await?;
    desk.send(SUPERVISING, &["issuer", "decide-recovery", id, "--overrule"]).await?;
    desk.refused(BANK_A, &complete, "Identity.ApprovalMissing").await?;
    desk.refused(BANK_A, &["issuer", "approve-recovery", id], "BadOrigin").await?;
    desk.send(SUPERVISING, &["issuer", "approve-recovery", id]).await?;
    desk.refused(BANK_B, &complete, "Identity.NotYourOwner").await?;
    desk.send(BANK_A, &complete).await?;

    // Then: the money is the new key's, and the old one is nobody's.
    ensure!(desk.requests().await?.is_empty(), "a request is left: {:?}", desk.requests().await?);
    ensure!(desk.ann().await?.status == OwnerStatus::Active, "{:?}", desk.ann().await?);
    desk.refused(LOST, &["pay", &ben, "1"], "RetiredKey").await?;
    desk.refused(LOST, &["owner", "object"], "RetiredKey").await?;
    desk.send(NEW, &["pay", &ben, "1"]).await?;
    desk.refused(BANK_A, &["bank", "recover", id, "--new-key", LOST], "Identity.KeyAlreadyBound").await?;

    // When: an objection stands, or the bank takes its request back. Then: the key stays the same.
    desk.recover(BANK_A, OTHER).await?;
    desk.send(NEW, &["owner", "object"]).await?;
    desk.send(SUPERVISING, &["issuer", "decide-recovery", id, "--uphold"]).await?;
    desk.refused(BANK_A, &complete, "Identity.NoRebind").await?;
    desk.recover(BANK_A, OTHER).await?;
    desk.send(BANK_A, &["bank", "cancel-recovery", id]).await?;
    desk.send(BANK_A, &["owner", "reinstate", id]).await?;
    desk.send(NEW, &["deposit", "--bank", "1", "2"]).await?;

    // When: Ann goes to bank B. Then: bank B alone looks after her, and what bank A owes her is within reach.
    let accept = ["bank", "accept-owner", id];
    desk.refused(BANK_B, &accept, "Identity.NoOffer").await?;
    desk.send(NEW, &["owner", "move", "--to-bank", "2"]).await?;
    desk.refused(BANK_C, &accept, "Identity.NoOffer").await?;
    desk.send(BANK_B, &accept).await?;
    let moved = desk.ann().await?;
    ensure!((moved.bank, moved.custody.as_slice()) == (BankId(2), &[(BankId(1), 200)][..]), "{moved:?}");
    desk.refused(BANK_A, &["owner", "suspend", id], "Identity.NotYourOwner").await?;
    desk.refused(BANK_A, &["bank", "recover", id, "--new-key", OTHER], "Identity.NotYourOwner").await?;
    desk.send(NEW, &["withdraw", "--bank", "1", "2"]).await?;
    desk.send(BANK_B, &["owner", "suspend", id]).await?;
    desk.refused(BANK_B, &["bank", "release-owner", id], "Identity.NotDormant").await?;
    ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    network.passed();
    Ok(())
}
