//! A bank's second validator comes and goes while the network runs, and the bank is suspended meanwhile: everything by
//! the command line, as the people of the bank and of the issuer do it.

use anyhow::{ensure, Context, Result};
use specie_primitives::{
    api::{BankInfo, InstitutionsInfo},
    books::SupplyReport,
    AccountId, BankId, BankStatus, BlockNumber, CoinRef, Institution,
};
use specie_testnet::{
    authors::{author, wait_for_block_by, AuraKey},
    chain::{Call, Chain},
    cli::{Cli, Receipt},
    dev,
    payments::{ensure_agreement, ensure_balanced, ensure_same_holdings},
    people::{give_coins, register_all, Person, FACE_VALUE},
    rpc::{bytes, Rpc, PROGRESS},
    Options, TestNetwork,
};

/// Session length in blocks: short, since a change of the validators takes effect at the next session but one.
const SESSION: BlockNumber = 6;
/// Blocks of which one must be made by a validator whose turn comes every fourth or fifth time.
const TURNS: BlockNumber = 60;
/// Blocks that must become final while a validator is down.
const FINAL: BlockNumber = 5;
/// Coins that the bank's customer holds.
const COINS: u32 = 4;
/// What the bank credits a customer with, in units.
const CREDIT: &str = "5";
/// The same in minor units.
const CREDIT_MINOR: u128 = 500;

const ADMITTING: &str = "//Admitting//1";
const SUPERVISING: &str = "//Supervising//1";
const ISSUING: &str = "//Issuing//1";
/// A key that Ann's coins and custody hang on.
const ANN: &str = "//Test//Ann";
/// Where the issuer's and the bank's people send their transactions.
const ISSUER: &str = "issuer";
/// Two of the first validators; with one of them down, the others are needed for finality.
const BYSTANDERS: [&str; 2] = ["bank-b", "bank-c"];

/// What a refused call must leave as it was.
#[derive(Debug, PartialEq)]
struct Facts {
    supply: SupplyReport,
    banks: Vec<BankInfo>,
    institutions: InstitutionsInfo,
}

impl Facts {
    async fn read(rpc: &Rpc) -> Result<Self> {
        // The number of the block tells nothing.
        let supply = SupplyReport { block: 0, ..rpc.supply(None).await? };
        Ok(Self { supply, banks: rpc.banks().await?, institutions: rpc.institutions().await? })
    }
}

/// The command line and the issuer's node.
struct Desk {
    cli: Cli,
    rpc: Rpc,
}

impl Desk {
    /// Does something and waits until it is final; gives the number of its block.
    async fn send(&self, key: &str, args: &[&str]) -> Result<BlockNumber> {
        let receipt: Receipt = self.cli.run(self.rpc.url(), Some(key), args).await?;
        Ok(receipt.block)
    }

    /// Checks that something is refused for a reason, and changes nothing.
    async fn refused(&self, key: &str, args: &[&str], reason: &str) -> Result<()> {
        let before = Facts::read(&self.rpc).await?;
        let failure = self.cli.refused(self.rpc.url(), key, args).await?;
        ensure!(failure.reason() == reason, "'{}' was refused, but not with {reason}: {failure:?}", args.join(" "));
        let after = Facts::read(&self.rpc).await?;
        ensure!(before == after, "'{}' was refused and changed {before:#?} to {after:#?}", args.join(" "));
        Ok(())
    }

    /// The accounts that make and finalise blocks after a final block.
    async fn active(&self, number: BlockNumber) -> Result<Vec<AccountId>> {
        self.rpc.wait_for_finalized(number, PROGRESS).await?;
        let hash = self.rpc.hash_of(number).await?.with_context(|| format!("no block {number}"))?;
        self.rpc.stored("Session", "Validators", hash).await
    }

    /// Waits until a change of the list in a block takes effect, and checks that it does so at the first block of the
    /// next session but one and not before; gives that block.
    async fn changed(
        &self,
        block: BlockNumber,
        before: &[AccountId],
        after: &[AccountId],
        why: &str,
    ) -> Result<BlockNumber> {
        let first = next_but_one(block);
        for (number, wanted) in [(first - 1, before), (first, after)] {
            let found = self.active(number).await?;
            ensure!(found == wanted, "{why} in block {block}: at block {number} {found:?} validate, not {wanted:?}");
        }
        Ok(first)
    }
}

/// The first block of the session after the next one.
fn next_but_one(block: BlockNumber) -> BlockNumber {
    (block / SESSION + 2) * SESSION
}

/// Checks that blocks become final while a node is down.
async fn goes_on_without(network: &mut TestNetwork, name: &str, rpc: &Rpc) -> Result<()> {
    network.stop(name)?;
    let height = rpc.wait_for_more_final(FINAL, PROGRESS).await.with_context(|| format!("{name} is down"))?;
    network.start(name)?;
    network.rpc(name).await?.wait_for_finalized(height, PROGRESS).await?;
    Ok(())
}

#[tokio::test]
async fn a_validator_of_a_suspended_bank_stays_until_it_is_removed() -> Result<()> {
    // Given: four validators, a customer of bank A with coins, and the node of a fifth validator.
    let options = Options { session_length: Some(SESSION), ..TestNetwork::options() };
    let mut network = TestNetwork::start(&options).await?;
    let chain = Chain::new(network.rpc(ISSUER).await?).await?;
    let desk = Desk { cli: Cli::new(&network), rpc: chain.rpc().clone() };
    let (ann, ben) = (Person::named("Ann")?, Person::named("Ben")?);
    register_all(&chain, &[&ann, &ben]).await?;
    give_coins(&chain, &ann, COINS).await?;
    let coins = desk.rpc.coins_of(ann.owner).await?;
    let name = network.add_candidate().await?;
    let index = network.node(&name)?.validator()?;
    let Institution::Bank(bank) = dev::institution(index) else { anyhow::bail!("{name} is the issuer's") };
    let (bank_key, number, customer) = (dev::bank_key(bank), bank.to_string(), ann.owner.to_string());
    let (key, account) = (dev::validator_key(index), dev::account(&dev::validator_key(index)));
    let four: Vec<_> = (0..index).map(|index| dev::account(&dev::validator_key(index))).collect();
    let five = [&four[..], std::slice::from_ref(&account)].concat();
    desk.send(ISSUING, &["issuer", "credit", &number, "1000"]).await?;

    // When: the bank nominates it. Then: the issuer cannot admit it before it has session keys.
    let admit = ["issuer", "admit-validator", &key];
    desk.refused(ADMITTING, &admit, "Participants.NotNominated").await?;
    let nominated = desk.send(bank_key, &["bank", "nominate-validator", &key]).await?;
    desk.refused(ADMITTING, &admit, "Participants.KeysMissing").await?;
    ensure!(desk.active(nominated).await? == four, "a nominee validates");

    // When: the node makes its session keys and the issuer admits it.
    let node = network.rpc(&name).await?;
    node.wait_for_finalized(nominated, PROGRESS).await?;
    let set: Receipt = desk.cli.run(node.url(), Some(&key), &["bank", "set-session-keys"]).await?;
    let aura = aura_key(&set)?;
    desk.rpc.wait_for_finalized(set.block, PROGRESS).await?;
    desk.refused(SUPERVISING, &admit, "BadOrigin").await?;
    let admitted = desk.send(ADMITTING, &admit).await?;
    let listed = desk.rpc.institutions().await?.validators;
    ensure!(listed.last() == Some(&(account.clone(), Institution::Bank(bank))), "{listed:?}");
    desk.refused(ADMITTING, &admit, "Participants.AlreadyValidator").await?;

    // Then: from the next session but one it makes blocks, and finality needs its vote when another is down.
    let from = desk.changed(admitted, &four, &five, "admitted").await?;
    wait_for_block_by(&desk.rpc, aura, from, TURNS).await?;
    goes_on_without(&mut network, BYSTANDERS[0], &desk.rpc).await?;

    // When: the bank is suspended. Then: it can do nothing and nothing can be done with it; its customers still pay.
    let suspend = ["issuer", "suspend-bank", &number];
    desk.refused(ADMITTING, &suspend, "BadOrigin").await?;
    let suspended = desk.send(SUPERVISING, &suspend).await?;
    ensure!(status(&desk.rpc, bank).await? == BankStatus::Suspended, "the bank is not suspended");
    let credit = ["bank", "credit-owner", &customer, CREDIT];
    let deposit = ["deposit", "--bank", &number, "--all"];
    desk.refused(bank_key, &credit, "BankSuspended").await?;
    desk.refused(bank_key, &["bank", "nominate-validator", "//Another"], "BankSuspended").await?;
    desk.refused(bank_key, &["bank", "withdraw-nomination", &key], "BankSuspended").await?;
    desk.refused(ANN, &deposit, "Vault.BankNotActive").await?;
    desk.refused(SUPERVISING, &suspend, "Participants.BankNotActive").await?;
    chain.finalize(&ann.key, &Call::transfer(ben.owner, &coins[..1])).await?;

    // And: its validators stay, one of them just came.
    let later = next_but_one(suspended);
    ensure!(desk.active(later).await? == five, "the validators changed with the bank's standing");
    wait_for_block_by(&desk.rpc, aura, later, TURNS).await?;

    // When: the issuer removes the validator. Then: it is out from the next session but one.
    let remove = ["issuer", "remove-validator", &key];
    desk.refused(SUPERVISING, &remove, "BadOrigin").await?;
    let removed = desk.send(ADMITTING, &remove).await?;
    desk.refused(ADMITTING, &remove, "Participants.NotValidator").await?;
    desk.refused(ADMITTING, &admit, "Participants.BankNotActive").await?;
    let until = desk.changed(removed, &five, &four, "removed").await?;

    // And: nobody needs it any more, not even when one of the four is down. Five could not do with three.
    network.stop(&name)?;
    goes_on_without(&mut network, BYSTANDERS[1], &desk.rpc).await?;
    made_by_others(&desk.rpc, until, aura).await?;

    // When: the bank is reinstated. Then: it works again, to the last minor unit.
    let reinstate = ["issuer", "reinstate-bank", &number];
    desk.refused(ADMITTING, &reinstate, "BadOrigin").await?;
    let before = desk.rpc.supply(None).await?;
    desk.send(SUPERVISING, &reinstate).await?;
    ensure!(status(&desk.rpc, bank).await? == BankStatus::Active, "the bank is not active");
    desk.send(ANN, &deposit).await?;
    desk.send(bank_key, &credit).await?;
    let left = u128::from(COINS - 1) * u128::from(FACE_VALUE);
    let after = desk.rpc.supply(None).await?;
    ensure!(after.owners == before.owners - left, "owners hold {} after {}", after.owners, before.owners);
    ensure!(
        after.custody == before.custody + left + CREDIT_MINOR,
        "{} is owed after {}",
        after.custody,
        before.custody
    );
    ensure!(after.coins == before.coins && after.reserves == before.reserves, "{after:#?} after {before:#?}");
    let block = ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    ensure!(ensure_same_holdings(&network, ann.owner, block.number).await?.is_empty(), "Ann still holds coins");
    let paid = CoinRef { revision: coins[0].revision + 1, ..coins[0] };
    ensure!(ensure_same_holdings(&network, ben.owner, block.number).await? == [paid], "Ben does not hold {paid:?}");
    network.passed();
    Ok(())
}

/// The key for making blocks among the session keys that a node made and its operator set.
fn aura_key(set: &Receipt) -> Result<AuraKey> {
    let keys = bytes(set.data["keys"].as_str().context("the command line does not tell the keys")?)?;
    Ok(*keys.first_chunk().context("the session keys are too short")?)
}

async fn status(rpc: &Rpc, bank: BankId) -> Result<BankStatus> {
    let banks = rpc.banks().await?;
    Ok(banks.iter().find(|info| info.bank == bank).with_context(|| format!("no bank {bank}"))?.status)
}

/// Checks that every final block above a number was made without a key.
async fn made_by_others(rpc: &Rpc, above: BlockNumber, key: AuraKey) -> Result<()> {
    for number in above + 1..=rpc.finalized().await?.number {
        let hash = rpc.hash_of(number).await?.with_context(|| format!("no block {number}"))?;
        ensure!(author(rpc, hash).await? != key, "the validator made block {number}, but was removed before");
    }
    Ok(())
}
