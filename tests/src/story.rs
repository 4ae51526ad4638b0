//! The story: one coin's life from the press to the shredder, told by the command line on a real network.
//!
//! Every step is checked to the last minor unit: a model of who holds what is carried along by hand, and after each step
//! the chain must say the same.

use crate::{
    certificates::{Certificates, ISSUING},
    cli::{key_name, Cli, Receipt},
    network::{Network, Wallet},
    rpc::{Rpc, PROGRESS},
};
use anyhow::{bail, ensure, Context, Result};
use serde_json::{json, Value};
use specie_primitives::{
    api::{BankInfo, CoinInfo, OwnerInfo},
    Balance, BankId, Hash, OwnerId,
};
use std::{collections::BTreeMap, fmt, io::Write};

const A: BankId = BankId(1);
const B: BankId = BankId(2);
const C: BankId = BankId(3);

/// What the issuer credits each bank's reserve with, in minor units.
const RESERVE: Balance = 500_000_00;
/// What is minted: face value in units, number of coins. A million coins in all.
const MINTED: [(u32, u32); 6] = [(100, 1_000), (50, 9_000), (20, 90_000), (10, 200_000), (5, 300_000), (1, 400_000)];
/// What bank A draws, of the same face values: worth 200 000 in all. It takes every coin of 100, so that the issuer can
/// retire no other than one that comes back.
const DRAWN: [u32; 6] = [1_000, 1_000, 1_500, 1_500, 800, 1_000];
/// What bank A credits Ann with, in units.
const CREDITED: u32 = 500;
/// The coins that Ann takes out, of the same face values: worth 460.
const WITHDRAWN: [u32; 6] = [2, 2, 4, 5, 4, 10];
/// What Ann pays Ben, and Ben pays in at bank B, in units.
const PAID: u32 = 186;
/// What bank B returns and the issuer retires: one coin of 100.
const RETURNED: u32 = 100;

/// Identities of the two people, as they would give them at the counter.
const PEOPLE: [(&str, &str); 2] = [("Ann", "+49 171 5550101"), ("Ben", "+49 171 5550102")];

/// Names of their keys in the keystore.
pub fn keys() -> Vec<String> {
    PEOPLE.iter().map(|(name, _)| key_name(name)).collect()
}

/// Units in minor units.
const fn minor(units: u32) -> Balance {
    units as Balance * 100
}

/// Value of so many coins of each face value, in minor units.
fn worth(counts: &[u32; 6]) -> Balance {
    MINTED.iter().zip(counts).map(|((face, _), count)| minor(*face) * Balance::from(*count)).sum()
}

/// `100x2,50x1`: coins as the command line takes them.
fn lots(counts: &[u32; 6]) -> String {
    let parts: Vec<_> = MINTED.iter().zip(counts).map(|((face, _), count)| format!("{face}x{count}")).collect();
    parts.join(",")
}

/// An amount for people: `1'234.50`.
pub fn amount(minor: Balance) -> String {
    let units = (minor / 100).to_string();
    let mut text = String::new();
    for (place, digit) in units.chars().enumerate() {
        if place > 0 && (units.len() - place) % 3 == 0 {
            text.push('\'');
        }
        text.push(digit);
    }
    format!("{text}.{:02}", minor % 100)
}

/// What one bank has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct BankPosition {
    reserve: Balance,
    vault: Balance,
    owed: Balance,
}

/// What one person has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct OwnerPosition {
    coins: Balance,
    custody: BTreeMap<BankId, Balance>,
}

/// Who holds what, in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Positions {
    issue_vault: Balance,
    banks: BTreeMap<BankId, BankPosition>,
    owners: BTreeMap<String, OwnerPosition>,
}

impl Positions {
    fn bank(&mut self, bank: BankId) -> &mut BankPosition {
        self.banks.entry(bank).or_default()
    }

    fn owner(&mut self, name: &str) -> &mut OwnerPosition {
        self.owners.entry(name.into()).or_default()
    }

    /// What the chain says after a block.
    async fn read(rpc: &Rpc, people: &[Wallet], at: Hash) -> Result<Self> {
        let report = rpc.supply(Some(at)).await?;
        ensure!(report.balanced, "the books do not balance: {:#?}", report.equalities);
        let mut found = Self { issue_vault: report.issue_vault, ..Self::default() };
        let banks: Vec<BankInfo> = rpc.request("specie_banks", json!([at])).await?;
        for bank in banks {
            *found.bank(bank.bank) = BankPosition { reserve: bank.reserve, vault: bank.vault, owed: bank.custody };
        }
        for person in people {
            let info: Option<OwnerInfo> = rpc.request("specie_owner", json!([person.owner, at])).await?;
            if let Some(info) = info {
                *found.owner(&person.name) =
                    OwnerPosition { coins: info.coins_value, custody: info.custody.into_iter().collect() };
            }
        }
        Ok(found)
    }
}

impl fmt::Display for Positions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure = |value: Balance| if value == 0 { "-".to_owned() } else { amount(value) };
        writeln!(f, "      {:<12} {:>14} {:>14} {:>14}", "", "coins", "reserve", "custody")?;
        writeln!(f, "      {:<12} {:>14}", "issue vault", figure(self.issue_vault))?;
        for (bank, position) in &self.banks {
            let name = crate::dev::BANKS.iter().find(|(of, ..)| of == bank).map_or("a bank", |(_, name, _)| name);
            let BankPosition { reserve, vault, owed } = *position;
            let owed = if owed == 0 { "-".to_owned() } else { format!("owes {}", amount(owed)) };
            writeln!(f, "      {name:<12} {:>14} {:>14} {owed:>14}", figure(vault), figure(reserve))?;
        }
        for (name, OwnerPosition { coins, custody }) in &self.owners {
            writeln!(f, "      {name:<12} {:>14} {:>14} {:>14}", figure(*coins), "", figure(custody.values().sum()))?;
        }
        Ok(())
    }
}

/// The story on one network.
#[derive(Debug)]
pub struct Story<'n> {
    network: &'n mut Network,
    cli: Cli,
    expected: Positions,
    people: Vec<Wallet>,
    steps: u32,
}

impl<'n> Story<'n> {
    /// Gets ready on a network on which nothing has happened yet.
    pub fn new(network: &'n mut Network) -> Result<Self> {
        for name in ["issuer", "bank-a", "bank-b"] {
            ensure!(network.node(name)?.is_alive(), "the story needs the node {name}, which does not run");
        }
        let cli = Cli::new(network);
        let mut expected = Positions::default();
        for bank in [A, B, C] {
            expected.bank(bank);
        }
        Ok(Self { network, cli, expected, people: Vec::new(), steps: 0 })
    }

    fn url(&self, node: &str) -> Result<String> {
        Ok(self.network.node(node)?.url())
    }

    /// Sends a transaction through a node's RPC.
    async fn send(&self, node: &str, key: &str, args: &[&str]) -> Result<Receipt> {
        self.cli.run(&self.url(node)?, Some(key), args).await
    }

    /// Tells what happened and checks that the chain agrees with the model.
    async fn tell(&mut self, out: &mut impl Write, title: &str, receipts: &[Receipt]) -> Result<()> {
        self.steps += 1;
        writeln!(out, "\n{:>2}. {title}", self.steps)?;
        for receipt in receipts {
            let after = receipt.final_ms.context("the command line did not wait for finality")?;
            let (seconds, millis) = (after / 1_000, after % 1_000);
            writeln!(out, "      {}", receipt.what)?;
            writeln!(
                out,
                "      block {:<5} {}  final after {seconds}.{millis:03} s",
                receipt.block, receipt.extrinsic
            )?;
        }
        let last = receipts.last().context("a step without a transaction")?;
        // On every node, since the next step may begin at another one.
        self.network.wait_for_finalized(last.block).await?;
        let rpc = self.network.rpc("issuer").await?;
        let found = Positions::read(&rpc, &self.people, last.block_hash).await?;
        write!(out, "{found}")?;
        out.flush()?;
        if found != self.expected {
            bail!("step {}: the chain says\n{found}but it should be\n{}", self.steps, self.expected);
        }
        Ok(())
    }

    fn person(&self, name: &str) -> Result<&Wallet> {
        self.people.iter().find(|person| person.name == name).with_context(|| format!("nobody is called {name}"))
    }

    /// Plays all of it.
    pub async fn play(&mut self, out: &mut impl Write) -> Result<()> {
        self.issue(out).await?;
        self.certify(out).await?;
        self.open(out).await?;
        self.circulate(out).await?;
        self.retire(out).await?;
        self.reconcile(out).await
    }

    /// Reserves and coins come into being.
    async fn issue(&mut self, out: &mut impl Write) -> Result<()> {
        let mut receipts = Vec::new();
        let reserve = amount(RESERVE);
        for bank in [A, B, C] {
            receipts
                .push(self.send("issuer", "//Issuing//1", &["issuer", "credit", &bank.to_string(), &reserve]).await?);
            self.expected.bank(bank).reserve += RESERVE;
        }
        self.tell(out, "The issuer credits the banks' reserves", &receipts).await?;

        let mut receipts = Vec::new();
        for (face, count) in MINTED {
            let args = ["issuer", "mint", &face.to_string(), &count.to_string(), "--second-key", "//Issuing//2"];
            receipts.push(self.send("issuer", "//Issuing//1", &args).await?);
            self.expected.issue_vault += minor(face) * Balance::from(count);
        }
        let coins: u32 = MINTED.iter().map(|(_, count)| count).sum();
        self.tell(out, &format!("Two people of the issuer mint {coins} coins into the issue vault"), &receipts).await?;

        let value = worth(&DRAWN);
        let receipt = self.send("bank-a", "//BankA", &["bank", "draw", "--lots", &lots(&DRAWN)]).await?;
        self.expected.issue_vault -= value;
        self.expected.bank(A).vault += value;
        self.expected.bank(A).reserve -= value;
        self.tell(out, &format!("Bank A draws coins worth {} against its reserve", amount(value)), &[receipt]).await
    }

    /// The issuer signs what it minted; whoever has the root key can check a coin without a network.
    async fn certify(&mut self, out: &mut impl Write) -> Result<()> {
        let rpc = self.network.rpc("issuer").await?;
        let genesis = rpc.hash_of(0).await?.context("there is no first block")?;
        let desk = Certificates::new(&self.cli, rpc.url()).await?;
        let receipts = desk.publish_issuer(genesis).await?;
        self.tell(out, "The issuer publishes the certificates of its root, issuing and registry keys", &receipts)
            .await?;

        let (issuing, coin) = (desk.file("issuing.cert"), desk.file("coin.json"));
        let batches: Vec<String> = (0..MINTED.len()).map(|batch| batch.to_string()).collect();
        let mut args = vec!["batch", "--issuing", &issuing, "--issuing-key", ISSUING];
        args.extend(batches.iter().map(String::as_str));
        let receipt: Receipt = desk.online(Some("//Issuing//1"), &args).await?;
        self.tell(out, &format!("The issuer certifies its {} batches, a signature each", MINTED.len()), &[receipt])
            .await?;

        let _: Value = desk.online(None, &["coin", "0-999", "--export", &coin]).await?;
        let shown: Value = desk.offline(None, &["coin", "verify", &coin, "--root", desk.root_key()]).await?;
        ensure!(shown["denomination"] == u64::try_from(minor(MINTED[0].0))?, "the coin says {shown}");
        let serial = shown["serial"].as_str().context("the coin has no serial")?;
        writeln!(out, "      checked offline: coin 0-999, serial {serial}, made by the issuer")?;
        Ok(())
    }

    /// People come to bank A.
    async fn open(&mut self, out: &mut impl Write) -> Result<()> {
        let mut receipts = Vec::new();
        for (name, identity) in PEOPLE {
            let wallet = self.cli.new_wallet(&self.url("bank-a")?, "//BankA", name, identity).await?;
            let args = ["owner", "register", identity, "--owner-key", &wallet.key];
            receipts.push(self.send("bank-a", "//BankA", &args).await?);
            self.expected.owner(name);
            self.network.add_wallet(wallet.clone())?;
            self.people.push(wallet);
        }
        self.tell(
            out,
            "Bank A registers Ann and Ben: the identity service made owner ids of their phone numbers without seeing them",
            &receipts,
        )
        .await?;

        let ann = self.person("Ann")?.owner.to_string();
        let credit = CREDITED.to_string();
        let receipt = self.send("bank-a", "//BankA", &["bank", "credit-owner", &ann, &credit]).await?;
        self.expected.bank(A).owed += minor(CREDITED);
        self.expected.owner("Ann").custody.insert(A, minor(CREDITED));
        self.tell(out, "Bank A credits Ann's custody account", &[receipt]).await
    }

    /// Coins go from bank A to Ann to Ben to bank B.
    async fn circulate(&mut self, out: &mut impl Write) -> Result<()> {
        let (ann, ben) = (self.person("Ann")?.clone(), self.person("Ben")?.clone());
        let value = worth(&WITHDRAWN);
        let args = ["withdraw", "--bank", "1", "--coins", &lots(&WITHDRAWN)];
        let receipt = self.send("bank-a", &ann.key, &args).await?;
        self.expected.bank(A).vault -= value;
        self.expected.bank(A).owed -= value;
        self.expected.owner("Ann").custody.insert(A, minor(CREDITED) - value);
        self.expected.owner("Ann").coins += value;
        self.tell(out, "Ann withdraws coins", &[receipt]).await?;

        let paid = amount(minor(PAID));
        let receipt = self.send("bank-b", &ann.key, &["pay", &ben.identity, &paid]).await?;
        self.expected.owner("Ann").coins -= minor(PAID);
        self.expected.owner("Ben").coins += minor(PAID);
        self.tell(out, &format!("Ann pays Ben {paid} with coins her wallet picks, through bank B's node"), &[receipt])
            .await?;

        let receipt = self.send("bank-b", &ben.key, &["deposit", "--bank", "2", "--all"]).await?;
        self.expected.owner("Ben").coins -= minor(PAID);
        self.expected.owner("Ben").custody.insert(B, minor(PAID));
        self.expected.bank(B).vault += minor(PAID);
        self.expected.bank(B).owed += minor(PAID);
        self.tell(out, "Ben pays the coins in at bank B", &[receipt]).await
    }

    /// A coin comes home and is destroyed.
    async fn retire(&mut self, out: &mut impl Write) -> Result<()> {
        let lot = format!("{RETURNED}x1");
        let coin = self.coin_in_vault_of_b().await?;
        let receipt = self.send("bank-b", "//BankB", &["bank", "return", "--lots", &lot]).await?;
        self.expected.bank(B).vault -= minor(RETURNED);
        self.expected.bank(B).reserve += minor(RETURNED);
        self.expected.issue_vault += minor(RETURNED);
        self.tell(out, "Bank B returns a coin to the issuer for reserve", &[receipt]).await?;

        let receipt = self.send("issuer", "//Issuing//1", &["issuer", "retire", "--lots", &lot]).await?;
        self.expected.issue_vault -= minor(RETURNED);
        self.tell(out, "The issuer retires it", &[receipt]).await?;
        let rpc = self.network.rpc("issuer").await?;
        let gone: Option<CoinInfo> = rpc.request("specie_coin", json!([coin])).await?;
        ensure!(gone.is_none(), "coin {coin} should have been retired: {gone:?}");
        writeln!(out, "      coin {coin} is gone")?;
        Ok(())
    }

    /// The coin of 100 that Ben paid in.
    async fn coin_in_vault_of_b(&self) -> Result<String> {
        let rpc = self.network.rpc("bank-b").await?;
        rpc.wait_for_index(rpc.finalized().await?.number, PROGRESS).await?;
        let held = rpc.holdings(json!({ "vault": { "bank": B } })).await?.coins;
        let mut large = held.into_iter().filter(|coin| Balance::from(coin.denomination) == minor(RETURNED));
        match (large.next(), large.next()) {
            (Some(coin), None) => Ok(coin.coin),
            found => bail!("bank B's vault should hold one coin of {RETURNED}: {found:?}"),
        }
    }

    /// The supply report has the last word.
    async fn reconcile(&mut self, out: &mut impl Write) -> Result<()> {
        let report: specie_primitives::books::SupplyReport =
            self.cli.run(&self.url("bank-c")?, None, &["supply"]).await?;
        self.steps += 1;
        writeln!(
            out,
            "\n{:>2}. The supply report of block {}, from bank C's node, reconciles",
            self.steps, report.block
        )?;
        writeln!(out, "      {:<20} {:<18} {:>16} {:>16} {:>11}", "rule", "of", "flows", "stocks", "difference")?;
        for equality in &report.equalities {
            let specie_primitives::books::Equality { rule, subject, flows, stocks, difference } = equality;
            writeln!(out, "      {rule:<20} {subject:<18} {flows:>16} {stocks:>16} {difference:>11}")?;
        }
        for equality in &report.equalities {
            ensure!(equality.difference == "0", "{} of {} does not hold", equality.rule, equality.subject);
        }
        ensure!(report.balanced, "the report does not call the books balanced");
        let minted: Balance = MINTED.iter().map(|(face, count)| minor(*face) * Balance::from(*count)).sum();
        ensure!(report.coins == minted - minor(RETURNED), "{} minor units are in coins", report.coins);
        let kept: Balance = 3 * RESERVE - worth(&DRAWN) + minor(RETURNED);
        ensure!(report.reserves == kept, "{} minor units are in reserves", report.reserves);
        writeln!(
            out,
            "      all differences are zero: {} in coins, {} in reserves",
            amount(report.coins),
            amount(report.reserves)
        )?;
        let _: Value = self.check_balance("Ben", minor(0)).await?;
        Ok(())
    }

    /// What the command line shows an owner of his coins.
    async fn check_balance(&self, name: &str, coins: Balance) -> Result<Value> {
        let owner: OwnerId = self.person(name)?.owner;
        let balance: Value = self.cli.run(&self.url("bank-c")?, None, &["balance", &owner.to_string()]).await?;
        let shown = balance["coins_value"].as_u64().map(Balance::from);
        ensure!(shown == Some(coins), "{name}'s wallet shows {balance}");
        Ok(balance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_the_story_add_up() {
        assert_eq!(MINTED.iter().map(|(_, count)| count).sum::<u32>(), 1_000_000);
        assert_eq!(worth(&DRAWN), minor(200_000));
        assert_eq!(worth(&WITHDRAWN), minor(460));
        assert_eq!(DRAWN[0], MINTED[0].1);
        assert_eq!(amount(1_234_567_05), "1'234'567.05");
        assert_eq!(amount(100_00), "100.00");
        assert_eq!(amount(7), "0.07");
        assert_eq!(lots(&[2, 0, 0, 0, 0, 1]), "100x2,50x0,20x0,10x0,5x0,1x1");
    }
}
