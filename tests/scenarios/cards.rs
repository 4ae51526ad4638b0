//! Cards on a running network, by the command line: made, handed out, paid with, lost and replaced, in a file and in a token
//! behind PKCS#11; and what banks and finders get who lack a code or a key.

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use specie_primitives::{
    api::OwnerInfo,
    cards::{CardInfo, CardState},
    AccountId, Balance, BlockNumber, CardNumber, OwnerId,
};
use specie_testnet::{
    chain::Chain,
    cli::{Cli, Failure, Receipt},
    payments::{ensure_agreement, ensure_balanced},
    people::{give_coins, register_all, Person},
    rpc::{Rpc, PROGRESS},
    TestNetwork,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const REGISTRY: &str = "//Registry//1";
const BANK_A: &str = "//BankA";
const BANK_B: &str = "//BankB";
const ANN: &str = "//Test//Ann";
const BEN: &str = "//Test//Ben";
const CID: &str = "//Test//Cid";
/// Coins of 1.00 that Ann has.
const COINS: u32 = 20;
/// PIN of every card.
const PIN: &str = "2718";
/// Where Debian's SoftHSM is.
const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

struct Desk {
    cli: Cli,
    rpc: Rpc,
    folder: PathBuf,
    pin_file: String,
}

impl Desk {
    fn place(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// As an institution or a person with a key.
    async fn send(&self, key: &str, args: &[&str]) -> Result<Receipt> {
        let args = [&["--pin-file", &self.pin_file][..], args].concat();
        let receipt: Receipt = self.cli.run(self.rpc.url(), Some(key), &args).await?;
        self.rpc.wait_for_index(receipt.block, PROGRESS).await?;
        Ok(receipt)
    }

    /// As whoever has a card.
    async fn by_card(&self, card: &str, args: &[&str]) -> Result<Receipt> {
        let args = [&["--pin-file", &self.pin_file, "--card", card][..], args].concat();
        let receipt: Receipt = self.cli.run(self.rpc.url(), None, &args).await?;
        self.rpc.wait_for_index(receipt.block, PROGRESS).await?;
        Ok(receipt)
    }

    /// Has a card sign an order for somebody; gives its text.
    async fn order(&self, card: &str, to: &str) -> Result<String> {
        let args = ["--pin-file", &self.pin_file, "--card", card, "order", "make", to, "1"];
        let made: Value = self.cli.run(self.rpc.url(), None, &args).await?;
        ensure!(made["signed"] == true && made["amount"] == 100, "{made}");
        Ok(made["text"].as_str().context("no order")?.into())
    }

    /// Checks that something is refused for a reason and moves no money.
    async fn refused(&self, key: &str, args: &[&str], reason: &str) -> Result<Failure> {
        let before = self.rpc.supply(None).await?.owners;
        let args = [&["--pin-file", &self.pin_file][..], args].concat();
        let failure = self.cli.refused(self.rpc.url(), key, &args).await?;
        ensure!(failure.reason() == reason, "'{}' was refused, but not with {reason}: {failure:?}", args.join(" "));
        ensure!(before == self.rpc.supply(None).await?.owners, "'{}' was refused and moved money", args.join(" "));
        Ok(failure)
    }

    async fn new_card(&self, place: &str) -> Result<AccountId> {
        let args = ["--pin-file", &self.pin_file, "card", "new", place];
        let made: Value = self.cli.run(self.rpc.url(), None, &args).await?;
        made["account"].as_str().context("no account")?.parse::<AccountId>().map_err(|error| anyhow::anyhow!("{error}"))
    }

    async fn card(&self, number: u64) -> Result<CardInfo> {
        let info: Option<CardInfo> = self.rpc.request("specie_card", json!([number])).await?;
        info.context("no such card")
    }

    async fn coins(&self, owner: OwnerId) -> Result<Balance> {
        let info: Option<OwnerInfo> = self.rpc.request("specie_owner", json!([owner])).await?;
        Ok(info.context("no such owner")?.coins_value)
    }

    /// The purse of a card.
    async fn purse(&self, number: u64) -> Result<OwnerId> {
        self.card(number).await?.purse.context("no purse")
    }

    /// The loss code of a card, in a file.
    fn code(&self, codes: &str, account: &AccountId) -> Result<String> {
        let text = fs::read_to_string(codes)?;
        let account = account.to_string();
        let line = text.lines().find(|line| line.starts_with(&account)).context("no code of this card")?;
        let file = self.place(&format!("code-{account}"));
        fs::write(&file, line.split(' ').next_back().context("no code")?)?;
        Ok(file)
    }
}

/// A place in a fresh SoftHSM token, for this program and those that it starts.
fn token(folder: &Path) -> Result<Option<String>> {
    if !Path::new(MODULE).exists() {
        eprintln!("SKIPPED: no card behind PKCS#11 was tried, {MODULE} is not there; scripts/setup installs it");
        return Ok(None);
    }
    let (tokens, configuration) = (folder.join("tokens"), folder.join("softhsm2.conf"));
    fs::create_dir(&tokens)?;
    fs::write(&configuration, format!("directories.tokendir = {}\n", tokens.display()))?;
    std::env::set_var("SOFTHSM2_CONF", &configuration);
    let made = Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", "cards", "--pin", PIN, "--so-pin", "31415926"])
        .output()?;
    ensure!(made.status.success(), "no token: {}", String::from_utf8_lossy(&made.stderr));
    Ok(Some(format!("pkcs11:token=cards;object=cid?module-path={MODULE}")))
}

#[tokio::test]
async fn cards_pay_and_what_is_on_a_lost_one_is_on_the_next() -> Result<()> {
    // Given: Ann with coins; Cid, whom bank A verified; Ben at bank B.
    let network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc("issuer").await?).await?;
    let (ann, ben, cid) = (Person::named("Ann")?, Person::named("Ben")?, Person::named("Cid")?);
    register_all(&chain, &[&ann, &ben, &cid]).await?;
    give_coins(&chain, &ann, COINS).await?;
    let folder = tempfile::tempdir()?;
    let pin_file = folder.path().join("pin").display().to_string();
    fs::write(&pin_file, PIN)?;
    let desk = Desk { cli: Cli::new(&network), rpc: chain.rpc().clone(), folder: folder.path().into(), pin_file };
    let [ben, cid] = [&ben, &cid].map(|person| person.owner);
    let (ben_id, cid_id) = (ben.to_string(), cid.to_string());
    let verify = ["bank", "change-class", &cid_id, "--class", "person", "--person", "DE-L01X00T47", "--owner-key", CID];
    desk.send(BANK_A, &verify).await?;
    desk.send(BEN, &["owner", "move", "--to-bank", "2"]).await?;
    desk.send(BANK_B, &["bank", "accept-owner", &ben_id]).await?;

    // When: the issuer makes four cards for bank A, one of them in a token.
    let places = [desk.place("0.json"), desk.place("1.json"), desk.place("3.json")];
    let named = token(folder.path())?.unwrap_or_else(|| desk.place("2.json"));
    let [first, second, third] = [&places[0], &places[1], &places[2]].map(String::as_str);
    let mut accounts = Vec::new();
    for place in [first, second, &named, third] {
        accounts.push(desk.new_card(place).await?);
    }
    let codes = desk.place("codes");
    let personalise = ["card", "personalise", "--bank", "1", first, second, &named, third, "--codes", &codes];
    desk.refused(BANK_A, &personalise, "BadOrigin").await?;
    fs::remove_file(&codes)?;
    desk.send(REGISTRY, &personalise).await?;

    // Then: bank A alone hands them out, the anonymous one to anybody, the other one to Cid with his key.
    desk.refused(BANK_B, &["card", "hand-out", first], "Cards.NotYourCard").await?;
    desk.send(BANK_A, &["card", "hand-out", first]).await?;
    desk.refused(BANK_A, &["card", "hand-out", first], "Cards.NotBlank").await?;
    desk.refused(BANK_A, &["card", "bind", &named, &cid_id, "--holder-key", ANN], "Cards.BadConsent").await?;
    desk.send(BANK_A, &["card", "bind", &named, &cid_id, "--holder-key", CID]).await?;

    // When: Ann loads both. Then: both pay Ben, who is at another bank.
    let (anonymous, of_cid) = (desk.purse(0).await?, desk.purse(2).await?);
    for purse in [anonymous, of_cid] {
        desk.send(ANN, &["pay", &purse.to_string(), "6"]).await?;
    }
    desk.by_card(first, &["pay", &ben_id, "1"]).await?;
    desk.by_card(&named, &["pay", &ben_id, "2"]).await?;

    // When: each signs an order, too. Then: Ben has them executed, with his key and without the cards.
    for card in [first, &named] {
        let order = desk.order(card, &ben_id).await?;
        desk.send(BEN, &["order", "submit", &order]).await?;
    }
    let late = desk.order(first, &ben_id).await?;
    let left = (desk.coins(anonymous).await?, desk.coins(of_cid).await?, desk.coins(ben).await?);
    ensure!(left == (400, 300, 500), "{left:?}");
    let balance = ["--card", first, "balance"];
    let shown: Value = desk.cli.run(desk.rpc.url(), None, &balance).await?;
    ensure!(shown["coins_value"] == 400, "{shown:#?}");

    // When: both are lost. Then: neither pays, and a bank without code or key gets nothing.
    desk.refused(BANK_B, &["card", "report-lost", "0"], "Cards.NotYourCard").await?;
    desk.refused(ANN, &["card", "report-lost", "2"], "Cards.NotYourCard").await?;
    desk.send(BANK_A, &["card", "report-lost", "0"]).await?;
    desk.send(CID, &["card", "report-lost", "2"]).await?;
    for card in [first, &named] {
        let pay = ["--card", card, "pay", &ben_id, "1"];
        desk.refused(ANN, &pay, "OwnerSuspended").await?;
    }
    desk.refused(BEN, &["order", "submit", &late], "PartyNotActive").await?;
    desk.refused(BANK_A, &["card", "found", "2"], "Cards.OtherReporter").await?;
    let purse = anonymous.to_string();
    desk.refused(BANK_A, &["bank", "recover", &purse, "--new-key", "//Thief"], "Identity.CardPurse").await?;
    desk.refused(BANK_A, &["card", "replace", "2", second, "--holder-key", ANN], "Cards.BadEvidence").await?;

    // When: Cid's card is replaced at once, and the anonymous one when it waited, with its own code.
    desk.send(BANK_A, &["card", "replace", "2", third, "--holder-key", CID]).await?;
    let code = desk.code(&codes, &accounts[0])?;
    let replace = ["card", "replace", "0", second, "--code-file", &code];
    desk.refused(BANK_A, &replace, "Cards.TooEarly").await?;
    let ready: BlockNumber = desk.card(0).await?.ready.context("not lost")?;
    desk.rpc.wait_for_finalized(ready, PROGRESS).await?;
    let other = desk.code(&codes, &accounts[1])?;
    desk.refused(BANK_A, &["card", "replace", "0", second, "--code-file", &other], "Cards.BadEvidence").await?;
    desk.send(BANK_A, &replace).await?;

    // Then: what was on the old cards is on the new ones, and the old ones are nobody's.
    let left = (desk.coins(anonymous).await?, desk.coins(of_cid).await?);
    ensure!(left == (400, 300), "{left:?}");
    ensure!(desk.card(0).await?.state == CardState::Replaced { by: CardNumber(1) }, "{:?}", desk.card(0).await?);
    for card in [first, &named] {
        // Its account is bound to the purse for good, and signs for it no more.
        desk.refused(ANN, &["--card", card, "pay", &ben_id, "1"], "RetiredKey").await?;
    }
    // The order that came too late names a coin of it still.
    desk.by_card(second, &["pay", &ben_id, "4", "--reuse"]).await?;
    desk.by_card(third, &["pay", &ben_id, "3"]).await?;
    ensure!(desk.coins(ben).await? == 1_200, "Ben has {}", desk.coins(ben).await?);

    // And: an empty card goes back, and all nodes agree.
    desk.send(REGISTRY, &["card", "withdraw", "1"]).await?;
    ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    network.passed();
    Ok(())
}
