//! The supervising role at work: alerts, holds with reasons and ends, and mandates, by the command line and on every
//! node.

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use sp_crypto_hashing::blake2_256;
use specie_primitives::{api::HoldInfo, BankId, BankStatus, BlockNumber, CoinRef, Hash, OwnerStatus, Reason, Target};
use specie_testnet::{
    chain::{account, Call, Chain},
    cli::{Cli, Receipt},
    network::Network,
    payments::{ensure_agreement, ensure_balanced},
    people::{give_coins, register_all, Person, FACE_VALUE},
    rpc::{Rpc, PROGRESS},
    TestNetwork,
};

const SUPERVISING: &str = "//Supervising//1";
const REGISTRY: &str = "//Registry//1";
const BANK: &str = "//BankA";
/// A key that Ann's coins hang on.
const ANN: &str = "//Test//Ann";
/// A key that Ben's coins hang on.
const BEN: &str = "//Test//Ben";
const ISSUER: &str = "issuer";
/// Coins that Ann starts with.
const COINS: u32 = 12;
/// Blocks of a hold that ends by itself: enough to try something meanwhile.
const SHORT: BlockNumber = 20;
/// Blocks for which coins would wait.
const KEPT: BlockNumber = 1_000;
/// Blocks that alerts are looked for in: more than this test takes.
const BACK: &str = "200";

/// The command line at the issuer's node.
struct Desk {
    cli: Cli,
    rpc: Rpc,
}

impl Desk {
    async fn send(&self, key: &str, args: &[&str]) -> Result<Receipt> {
        self.cli.run(self.rpc.url(), Some(key), args).await
    }

    async fn look(&self, args: &[&str]) -> Result<Value> {
        self.cli.run(self.rpc.url(), None, args).await
    }

    /// Checks that something is refused for a reason, and changes neither holds nor books.
    async fn refused(&self, key: &str, args: &[&str], reason: &str) -> Result<()> {
        let facts = async || {
            let supply = self.rpc.supply(None).await?;
            anyhow::Ok((self.holds().await?, supply.coins, supply.owners, supply.custody, supply.reserves))
        };
        let before = facts().await?;
        let failure = self.cli.refused(self.rpc.url(), key, args).await?;
        ensure!(failure.reason() == reason, "'{}' was refused, but not with {reason}: {failure:?}", args.join(" "));
        let after = facts().await?;
        ensure!(before == after, "'{}' was refused and changed {before:?} to {after:?}", args.join(" "));
        Ok(())
    }

    async fn holds(&self) -> Result<Vec<HoldInfo>> {
        self.rpc.request("specie_holds", json!([])).await
    }

    /// Kinds of the alerts so far, with the payers.
    async fn alerts(&self) -> Result<Vec<(String, String)>> {
        let told = self.look(&["supervisor", "alerts", "--blocks", BACK]).await?;
        let text = |alert: &Value, field: &str| alert[field].as_str().unwrap_or_default().to_owned();
        let alerts = told["alerts"].as_array().context("no list of alerts")?;
        Ok(alerts.iter().map(|alert| (text(alert, "kind"), text(alert, "owner"))).collect())
    }

    async fn status(&self, person: &Person, at: BlockNumber) -> Result<OwnerStatus> {
        self.rpc.wait_for_finalized(at, PROGRESS).await?;
        let hash = self.rpc.hash_of(at).await?.with_context(|| format!("no block {at}"))?;
        let info: Option<specie_primitives::api::OwnerInfo> =
            self.rpc.request("specie_owner", json!([person.owner, hash])).await?;
        Ok(info.context("the owner is not registered")?.status)
    }
}

/// Pays without the wallet's help and waits until that is final.
async fn pay(chain: &Chain, from: &Person, to: &Person, coins: &[CoinRef]) -> Result<()> {
    chain.finalize(&from.key, &Call::transfer(to.owner, coins)).await?;
    Ok(())
}

/// Checks that every node lists these targets as held.
async fn ensure_held(network: &Network, block: BlockNumber, targets: &[Target]) -> Result<()> {
    network.wait_for_finalized(block).await?;
    for node in network.nodes() {
        let holds: Vec<HoldInfo> = network.rpc(&node.name).await?.request("specie_holds", json!([])).await?;
        let mut found: Vec<_> = holds.iter().map(|hold| hold.target).collect();
        found.sort();
        ensure!(found == targets, "{} lists {holds:?} as held, not {targets:?}", node.name);
    }
    Ok(())
}

#[tokio::test]
async fn the_supervisor_watches_holds_and_traces() -> Result<()> {
    // Given: Ann with coins, and two payees.
    let network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc(ISSUER).await?).await?;
    let desk = Desk { cli: Cli::new(&network), rpc: chain.rpc().clone() };
    let (ann, ben, cid) = (Person::named("Ann")?, Person::named("Ben")?, Person::named("Cid")?);
    register_all(&chain, &[&ann, &ben, &cid]).await?;
    give_coins(&chain, &ann, COINS).await?;
    let coins = desk.rpc.coins_of(ann.owner).await?;
    let (anns, bens) = (ann.owner.to_string(), ben.owner.to_string());

    alerts(&desk, &chain, [&ann, &ben, &cid], &coins).await?;

    // When: a coin and an owner are held. Then: neither moves, on no node, and nobody else lets them go.
    let stolen = coins[5];
    let name = stolen.coin.to_string();
    let hold = ["supervisor", "hold-coin", &name, "--reason", "stolen"];
    desk.refused(BANK, &hold, "BadOrigin").await?;
    desk.refused(SUPERVISING, &["supervisor", "hold-coin", "99-1", "--reason", "stolen"], "Ownership.UnknownCoin")
        .await?;
    let held = desk.send(SUPERVISING, &hold).await?;
    ensure_held(&network, held.block, &[Target::Coin(stolen.coin)]).await?;
    ensure!(desk.holds().await?[0].reason == Reason::Stolen, "another reason than the one given");
    ensure!(chain.coin(stolen.coin).await?.context("the coin is gone")?.held, "the coin does not say that it is held");
    desk.refused(ANN, &["deposit", "--bank", "1", "--coins", &name], "Ownership.CoinHeld").await?;
    let both = [coins[6], stolen];
    let refused = pay(&chain, &ann, &ben, &both).await;
    ensure!(refused.is_err(), "a list with a held coin was paid");
    desk.refused(BANK, &["supervisor", "release-coin", &name], "BadOrigin").await?;
    // The wallet leaves it out: all other coins are paid, one is left.
    let info = desk.rpc.owner(ann.owner).await?.context("Ann is not registered")?;
    let rest = format!("{}.00", info.coins - 1);
    desk.send(ANN, &["pay", &bens, &rest]).await?;
    let left = desk.rpc.owner(ann.owner).await?.context("Ann is not registered")?.coins;
    ensure!(left == 1, "{left} coins are left instead of the held one");
    desk.send(SUPERVISING, &["supervisor", "release-coin", &name]).await?;
    desk.send(ANN, &["pay", &bens, "1.00"]).await?;

    // When: an owner is held for a while. Then: it goes on in the very block after.
    let short = SHORT.to_string();
    let hold = ["supervisor", "hold-owner", &bens, "--reason", "court-order", "--for", &short];
    desk.refused(BANK, &hold, "BadOrigin").await?;
    let held = desk.send(SUPERVISING, &hold).await?;
    let until = held.data["until"].as_u64().and_then(|until| u32::try_from(until).ok()).context("no end")?;
    desk.refused(BEN, &["pay", &anns, "1.00"], "OwnerSuspended").await?;
    desk.refused(BANK, &["owner", "reinstate", &bens], "Identity.SuspendedBySupervisor").await?;
    ensure!(desk.status(&ben, until).await? != OwnerStatus::Active, "the hold ended before block {until} was over");
    ensure!(desk.status(&ben, until + 1).await? == OwnerStatus::Active, "the hold did not end after block {until}");
    desk.send(BEN, &["pay", &anns, "2.00"]).await?;
    ensure_held(&network, until + 1, &[]).await?;

    // When: a bank is held. Then: it does nothing until it is released.
    desk.send(SUPERVISING, &["supervisor", "hold-bank", "3", "--reason", "inquiry"]).await?;
    let banks = desk.rpc.banks().await?;
    ensure!(banks.iter().any(|bank| bank.status == BankStatus::Suspended), "no bank is suspended: {banks:?}");
    desk.refused("//BankC", &["bank", "credit-owner", &anns, "1"], "BankSuspended").await?;
    desk.send(SUPERVISING, &["supervisor", "release-bank", "3"]).await?;

    mandates(&network, &desk, &ann, &stolen).await?;
    around(&desk, &chain, &ann, &ben).await?;
    ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    network.passed();
    Ok(())
}

/// Payments that look suspicious raise alerts, which every node tells, and go through.
async fn alerts(desk: &Desk, chain: &Chain, [ann, ben, cid]: [&Person; 3], coins: &[CoinRef]) -> Result<()> {
    // Given
    let set = ["supervisor", "set-thresholds", "--window", "1000", "--payments", "3", "--payees", "2", "--blocked"];
    desk.refused(BANK, &set, "BadOrigin").await?;
    desk.refused(SUPERVISING, &["supervisor", "set-thresholds", "--window", "0"], "Supervision.BadThresholds").await?;
    desk.send(SUPERVISING, &set).await?;
    let (anns, cids) = (ann.owner.to_string(), cid.owner.to_string());

    // When, then
    pay(chain, ann, ben, &coins[..1]).await?;
    ensure!(desk.alerts().await?.is_empty(), "one payment raised an alert");
    pay(chain, ann, cid, &coins[1..2]).await?;
    pay(chain, ann, ben, &coins[2..3]).await?;
    let expected = |kinds: &[&str]| kinds.iter().map(|kind| (kind.to_string(), anns.clone())).collect::<Vec<_>>();
    let found = desk.alerts().await?;
    ensure!(found == expected(&["FanOut", "Velocity"]), "{found:?}");
    desk.send(SUPERVISING, &["supervisor", "hold-owner", &cids, "--reason", "sanctions"]).await?;
    pay(chain, ann, cid, &coins[3..4]).await?;
    let found = desk.alerts().await?;
    ensure!(found == expected(&["FanOut", "Velocity", "BlockedPayee"]), "{found:?}");
    desk.send(SUPERVISING, &["supervisor", "release-owner", &cids]).await?;
    desk.send(SUPERVISING, &["supervisor", "set-thresholds", "--off"]).await?;
    let info = desk.rpc.owner(cid.owner).await?.context("Cid is not registered")?;
    ensure!(info.coins == 2, "an alert stopped a payment: {info:?}");
    Ok(())
}

/// Change, pickups and another bank lead past no hold, and the wallet tells what is held apart.
async fn around(desk: &Desk, chain: &Chain, ann: &Person, ben: &Person) -> Result<()> {
    // Given: Ben with coins, of which two wait for Ann, one lies in bank A's vault and one is held in his hands.
    let (anns, bens) = (ann.owner.to_string(), ben.owner.to_string());
    let left = desk.send(BEN, &["pay", &anns, "2.00", "--pickup", "--keep", "1d"]).await?;
    let code = left.data["code"].as_str().context("no code")?.to_owned();
    desk.rpc.wait_for_index(left.block, PROGRESS).await?;
    let coins = desk.rpc.coins_of(ben.owner).await?;
    let (name, other) = (coins[0].coin.to_string(), coins[1].coin.to_string());
    desk.send(BEN, &["deposit", "--bank", "1", "--coins", &other]).await?;
    let vault = CoinRef { revision: coins[1].revision + 1, ..coins[1] };
    let held = desk.send(SUPERVISING, &["supervisor", "hold-coin", &name, "--reason", "stolen"]).await?;
    desk.rpc.wait_for_index(held.block, PROGRESS).await?;

    // Then: it is told apart from what can be spent, and neither changed nor left for anybody.
    let part = |shown: &Value, part: &str| shown[part].as_u64().with_context(|| format!("no {part} in {shown}"));
    for look in [&["balance", &bens][..], &["owner", "show", &bens]] {
        let shown = desk.look(look).await?;
        let (settled, pending) = (part(&shown, "settled_value")?, part(&shown, "pending_value")?);
        ensure!((pending, part(&shown, "held_value")?) == (0, FACE_VALUE), "{shown}");
        ensure!(settled + FACE_VALUE == part(&shown, "coins_value")?, "{shown}");
    }
    let expires = desk.rpc.best().await?.number + KEPT;
    let exchange = Call::exchange(BankId(1), &coins[..1], &[], &[vault]);
    let leave = Call::deposit_for(ann.owner, &account(&ann.key), &coins[..1], expires);
    for call in [&exchange, &leave] {
        let done = chain.settled(chain.sign_and_submit(&ben.key, call).await?).await?;
        ensure!(done.event("System", "ExtrinsicFailed").is_some(), "a held coin moved: {done:?}");
    }
    desk.send(SUPERVISING, &["supervisor", "release-coin", &name]).await?;
    chain.finalize(&ben.key, &exchange).await?;

    // When: Ben is held. Then: all that he has is, and what he left goes on waiting.
    let held = desk.send(SUPERVISING, &["supervisor", "hold-owner", &bens, "--reason", "inquiry"]).await?;
    desk.rpc.wait_for_index(held.block, PROGRESS).await?;
    let shown = desk.look(&["balance", &bens]).await?;
    ensure!(part(&shown, "settled_value")? == 0, "{shown}");
    ensure!(part(&shown, "held_value")? == part(&shown, "coins_value")?, "{shown}");
    desk.refused(ANN, &["pickup", "claim", &code], "Pickup.OwnerHeld").await?;
    desk.refused(BEN, &["owner", "move", "--to-bank", "2"], "OwnerSuspended").await?;
    desk.refused(BEN, &["pay", &anns, "1.00", "--pickup", "--keep", "1d"], "OwnerSuspended").await?;
    desk.send(SUPERVISING, &["supervisor", "release-owner", &bens]).await?;
    desk.send(ANN, &["pickup", "claim", &code]).await?;
    Ok(())
}

/// Two people give a mandate, its use is on record before the answer, and an auditor can compare.
async fn mandates(network: &Network, desk: &Desk, ann: &Person, coin: &CoinRef) -> Result<()> {
    // Given
    let order = network.base().join("order.txt");
    std::fs::write(&order, "The court orders to trace.")?;
    let (order, anns) = (order.display().to_string(), ann.owner.to_string());
    let by = ["--reason", "court-order", "--authority", &order, "--for", "1000"];
    let open = [&["issuer", "mandate", "open", "--owner", &anns][..], &by].concat();
    desk.refused(REGISTRY, &open, "BadOrigin").await?;
    let opened = desk.send(SUPERVISING, &open).await?;
    ensure!(opened.data["mandate"] == 0, "{:?}", opened.data);

    // When: one person alone. Then: nothing is traced.
    let confirm = ["issuer", "mandate", "confirm", "0"];
    desk.refused(SUPERVISING, &["issuer", "trace", "0"], "Supervision.MandateNotConfirmed").await?;
    desk.refused(SUPERVISING, &confirm, "BadOrigin").await?;
    desk.send(REGISTRY, &confirm).await?;

    // When
    let out = network.base().join("trace.json").display().to_string();
    let traced = desk.send(SUPERVISING, &["issuer", "trace", "0", "--out", &out]).await?;

    // Then: the answer is there, and the auditor finds the hash of the query.
    let answer: Value = serde_json::from_slice(&std::fs::read(&out)?)?;
    ensure!(answer == traced.data, "the file says something else than the command");
    let movements = answer["path"]["movements"].as_array().context("no movements")?;
    ensure!(movements.iter().any(|one| one["kind"] == "transferred"), "{movements:?}");
    ensure!(movements.iter().any(|one| one["kind"] == "withdrawn"), "{movements:?}");
    let query = answer["query"].as_str().context("no query")?;
    let hash = Hash::from(blake2_256(query.as_bytes()));
    let seen = desk.look(&["audit", "traces"]).await?;
    let uses = seen["traces"].as_array().context("no list of uses")?;
    ensure!(uses.len() == 1 && uses[0]["query"] == json!(hash), "{uses:?}");
    let checked = desk.look(&["audit", "check", &out]).await?;
    ensure!(checked == uses[0], "{checked}");

    // And: a coin of which a mandate tells whose it was.
    let name = coin.coin.to_string();
    desk.send(SUPERVISING, &[&["issuer", "mandate", "open", "--coin", &name][..], &by].concat()).await?;
    desk.send(REGISTRY, &["issuer", "mandate", "confirm", "1"]).await?;
    let traced = desk.send(SUPERVISING, &["issuer", "trace", "1"]).await?;
    let path = traced.data["path"]["movements"].as_array().context("no movements")?;
    ensure!(
        path.last().is_some_and(|first| first["kind"] == "minted"),
        "the path does not begin at the mint: {path:?}"
    );
    ensure!(path.iter().any(|one| one["kind"] == "withdrawn"), "{path:?}");

    // When: it is closed. Then: nothing more is traced.
    desk.send(REGISTRY, &["issuer", "mandate", "close", "0"]).await?;
    desk.refused(SUPERVISING, &["issuer", "trace", "0"], "Supervision.MandateClosed").await?;
    let listed = desk.look(&["issuer", "mandate", "list"]).await?;
    ensure!(listed["mandates"][0]["standing"] == "closed" && listed["mandates"][1]["traces"] == 1, "{listed}");
    Ok(())
}
