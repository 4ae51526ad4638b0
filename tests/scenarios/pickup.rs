//! Payments to somebody who is not registered: collected at a bank's counter, collected after registering, refunded; and
//! what everybody without the code gets.

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use specie_primitives::{api::PickupInfo, Balance, BankId, Hash, OwnerId, PickupId, PickupReceiver};
use specie_testnet::{
    chain::{key, Call, Chain},
    cli::{Cli, Receipt},
    payments::{ensure_agreement, ensure_balanced, ensure_same_holdings},
    people::{give_coins, register_all, Person, FACE_VALUE},
    rpc::{Rpc, PROGRESS},
    TestNetwork,
};
use specie_wallet::{pickup::sign, PickupCode};

const ANN: &str = "//Test//Ann";
const CID: &str = "//Test//Cid";
/// Coins of 1.00 that Ann has.
const COINS: u32 = 40;
/// What Ann leaves each time, in units and in minor units.
const LEFT: (&str, Balance) = ("5", 500);

/// The command line and one node.
struct Desk {
    cli: Cli,
    rpc: Rpc,
    genesis: Hash,
}

/// What a payer is told.
struct Left {
    pickup: PickupId,
    code: String,
    expires: u32,
}

impl Desk {
    async fn send(&self, key: &str, args: &[&str]) -> Result<Receipt> {
        self.cli.run(self.rpc.url(), Some(key), args).await
    }

    /// Ann leaves coins for somebody.
    async fn leave(&self, payee: OwnerId, keep: &str) -> Result<Left> {
        let left = self.send(ANN, &["pay", &payee.to_string(), LEFT.0, "--pickup", "--keep", keep]).await?;
        let code = left.data["code"].as_str().context("no code")?.to_owned();
        ensure!(left.what.contains(&code), "{}", left.what);
        let pickup = PickupId(left.data["pickup"].as_u64().context("no number")?);
        let expires = left.data["expires"].as_u64().context("no last block")? as u32;
        Ok(Left { pickup, code, expires })
    }

    async fn pickups(&self, owner: OwnerId) -> Result<Vec<PickupInfo>> {
        // One at a time, so that there are pages.
        let (mut all, mut cursor) = (Vec::new(), Value::Null);
        loop {
            let page: Value = self.rpc.request("specie_pickups", json!([owner, cursor, 1])).await?;
            let payments: Vec<PickupInfo> = serde_json::from_value(page["pickups"].clone())?;
            ensure!(payments.len() <= 1, "a page of {}", payments.len());
            all.extend(payments);
            cursor = page["cursor"].clone();
            if cursor.is_null() {
                return Ok(all);
            }
        }
    }

    async fn coins(&self, owner: OwnerId) -> Result<Balance> {
        Ok(self.rpc.owner(owner).await?.map_or(0, |info| info.coins_value))
    }

    /// The claim that the holder of a code would sign.
    fn claim(&self, code: &str, payee: OwnerId, pickup: PickupId, receiver: PickupReceiver) -> Result<[u8; 64]> {
        let key = code.parse::<PickupCode>()?.claim_key(self.genesis, payee)?;
        Ok(sign(&key, self.genesis, pickup, receiver))
    }
}

fn cash(bank: u32, receipt: u64) -> PickupReceiver {
    PickupReceiver::Counter { bank: BankId(bank), receipt }
}

#[tokio::test]
async fn only_the_code_collects_what_waits() -> Result<()> {
    // Given: Ann with coins, and two people whom nobody has registered.
    let network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc("issuer").await?).await?;
    let genesis = chain.rpc().hash_of(0).await?.context("no first block")?;
    let desk = Desk { cli: Cli::new(&network), rpc: chain.rpc().clone(), genesis };
    let (ann, cid, dot) = (Person::named("Ann")?, Person::named("Cid")?, Person::named("Dot")?);
    register_all(&chain, &[&ann]).await?;
    give_coins(&chain, &ann, COINS).await?;
    let all = Balance::from(COINS) * Balance::from(FACE_VALUE);
    let before = desk.rpc.supply(None).await?;

    // When: she leaves coins for both, and some that nobody will collect.
    let for_dot = desk.leave(dot.owner, "30d").await?;
    let for_cid = desk.leave(cid.owner, "2h").await?;
    let lost = desk.leave(dot.owner, "1m").await?;
    let report = desk.rpc.supply(None).await?;
    ensure!(report.waiting == 3 * LEFT.1 && report.owners == before.owners - 3 * LEFT.1, "{report:#?}");
    ensure!(desk.pickups(dot.owner).await?.len() == 2 && desk.pickups(ann.owner).await?.len() == 3, "not all wait");
    ensure!(desk.coins(ann.owner).await? == all - 3 * LEFT.1, "Ann has {}", desk.coins(ann.owner).await?);

    // Then: a bank that registers somebody's identity with a key of its own gets nothing.
    let thief = Person { owner: dot.owner, key: key("//Thief")? };
    register_all(&chain, &[&thief]).await?;
    let guess = PickupCode::generate().to_string();
    let failure = desk.cli.refused(desk.rpc.url(), "//Thief", &["pickup", "claim", &guess]).await?;
    ensure!(failure.reason().contains("none of them under this code"), "{failure:?}");
    let wrong = desk.claim(&guess, dot.owner, for_dot.pickup, cash(1, 7))?;
    let done = chain.finalize(&key("//BankA")?, &Call::claim_at_bank(for_dot.pickup, cash(1, 7), wrong)).await?;
    ensure!(done.event("Pickup", "WrongCode").is_some(), "{done:?}");

    // And: bank B, which sees bank C's claim on its way, cannot use it, neither as it is nor for itself.
    let seen = desk.claim(&for_dot.code, dot.owner, for_dot.pickup, cash(3, 4_711))?;
    let bank_b = key("//BankB")?;
    let copied = Call::claim_at_bank(for_dot.pickup, cash(3, 4_711), seen);
    let done = chain.settled(chain.sign_and_submit(&bank_b, &copied).await?).await?;
    ensure!(done.event("System", "ExtrinsicFailed").is_some(), "{done:?}");
    let done = chain.finalize(&bank_b, &Call::claim_at_bank(for_dot.pickup, cash(2, 4_711), seen)).await?;
    ensure!(done.event("Pickup", "WrongCode").is_some(), "{done:?}");
    let tried = desk.pickups(dot.owner).await?.into_iter().find(|info| info.pickup == for_dot.pickup);
    ensure!(tried.as_ref().is_some_and(|info| info.wrong_tries == 2), "{tried:?}");
    ensure!(desk.rpc.supply(None).await?.waiting == 3 * LEFT.1, "something was collected");

    // When: Dot goes to bank C's counter with the code.
    let number = for_dot.pickup.to_string();
    let counter = ["bank", "pay-out-pickup", &for_dot.code, "--pickup", &number, "--cash", "4711"];
    let paid = desk.send("//BankC", &counter).await?;
    ensure!(paid.what.contains("hand out the cash, receipt 4711"), "{}", paid.what);
    let failure = desk.cli.refused(desk.rpc.url(), "//BankC", &counter).await?;
    ensure!(failure.reason().contains("was collected or refunded"), "{failure:?}");
    let report = desk.rpc.supply(None).await?;
    let bank_c = report.books.banks.iter().find(|books| books.bank == BankId(3)).context("no bank 3")?;
    ensure!(bank_c.vault_flows.cashed == LEFT.1 && bank_c.custody == 0, "{bank_c:#?}");

    // When: Cid registers and collects with the code, as people type it.
    register_all(&chain, &[&cid]).await?;
    let typed = for_cid.code.to_lowercase().replace('-', " ");
    desk.send(CID, &["pickup", "claim", &typed]).await?;
    ensure!(desk.coins(cid.owner).await? == LEFT.1, "Cid has {}", desk.coins(cid.owner).await?);

    // When: nobody collects the rest. Then: it goes back when its time is over, and not before.
    let early = chain.settled(chain.sign_and_submit(&bank_b, &Call::refund(lost.pickup)).await?).await?;
    ensure!(early.event("System", "ExtrinsicFailed").is_some(), "{early:?}");
    desk.rpc.wait_for_finalized(lost.expires + 1, PROGRESS).await?;
    desk.send(ANN, &["pickup", "refund", &lost.pickup.to_string()]).await?;
    ensure!(desk.coins(ann.owner).await? == all - 2 * LEFT.1, "Ann has {}", desk.coins(ann.owner).await?);

    // And: all nodes agree, and nothing waits.
    let block = ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    ensure!(desk.rpc.supply(None).await?.waiting == 0, "something waits");
    for person in [&ann, &cid, &thief] {
        ensure_same_holdings(&network, person.owner, block.number).await?;
    }
    network.passed();
    Ok(())
}
