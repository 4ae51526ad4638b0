//! `specie issuer …`: what the issuer's departments do.

use super::{
    limits::{self, SetCalendar, SetLimits},
    mandate::{Mandate, Trace},
    recovery::{self, Decision, SetRecovery},
};
use crate::{
    app::App,
    calls,
    client::{Receipt, Wait},
    failure::{self, Failure},
    output,
    vaults::{self, Limits, Wanted},
};
use anyhow::{bail, Context, Result};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use serde_json::json;
use specie_primitives::{
    api::InstitutionsInfo, AccountId, Balance, BankId, BlockNumber, Denomination, OwnerClass, Role, VaultId,
};
use specie_wallet::{Keypair, Money};
use std::io::IsTerminal;
use subxt::dynamic::Value;

/// The issuer. A key of the role named with each command signs.
#[derive(Subcommand)]
#[command(after_help = "A key of the department in brackets signs (--key). `specie network` shows those keys.")]
pub enum Issuer {
    /// Add to a bank's reserve (issuing).
    Credit {
        /// Number of the bank.
        bank: u32,
        /// Amount.
        #[arg(allow_negative_numbers = true)]
        amount: String,
    },
    /// Take from a bank's reserve (issuing).
    Debit {
        /// Number of the bank.
        bank: u32,
        /// Amount.
        #[arg(allow_negative_numbers = true)]
        amount: String,
    },
    /// Propose to mint a batch of coins; a second person approves it (issuing).
    ProposeMint {
        /// Face value of the coins, for instance 100.00.
        denomination: String,
        /// Number of coins.
        count: u32,
        /// A batch for change: no coin exists until an owner has others destroyed for it, and the number is the most.
        #[arg(long)]
        for_change: bool,
    },
    /// Approve a proposed batch: the coins come into the issue vault (another key of issuing).
    #[command(after_help = "\
Example, for 20000 coins of 100.00 and nothing else:
  specie --key issuing-2 issuer approve-mint 7 --expect 20000x100.00

What is about to be minted is shown first; on a terminal you are asked, unless --expect says it.")]
    ApproveMint {
        /// Number of the proposal: `specie issuer proposals` lists what waits.
        proposal: u32,
        /// Approve only if it is this: number of coins x face value, for instance 20000x100.00; change:20000x1.00 for a
        /// batch for change.
        #[arg(long, value_name = "COUNTxFACE")]
        expect: Option<String>,
    },
    /// Batches that wait for the second person: how many coins of which face value, by whom, until when. Nobody signs.
    Proposals,
    /// Drop a proposed batch (issuing).
    WithdrawMint {
        /// Number of the proposal, as propose-mint printed it.
        proposal: u32,
    },
    /// Propose and approve a batch in one go, with two keys (issuing).
    #[command(after_help = "\
Example, 20000 coins of 100.00:
  specie --key issuing-1 issuer mint 100.00 20000 --second-key issuing-2")]
    Mint {
        /// Face value of the coins, for instance 100.00.
        denomination: String,
        /// Number of coins.
        count: u32,
        /// The key that approves, another than --key: name of a stored key, or //URI on development networks.
        #[arg(long, value_name = "NAME|//URI")]
        second_key: String,
        /// A batch for change: no coin exists until an owner has others destroyed for it, and the number is the most.
        #[arg(long)]
        for_change: bool,
    },
    /// Destroy coins that lie in the issue vault, for good (issuing).
    #[command(after_help = "\
Examples:
  specie --key issuing-1 issuer retire 10000
  specie --key issuing-1 issuer retire --coins 100x50,50x100
  specie --key issuing-1 issuer retire --coins 3-1041,3-1042

Only coins that circulated have names; those that never left a vault are given by face value and count.")]
    Retire(Wanted),
    /// Admit a bank (admitting).
    AdmitBank {
        /// The number it gets, for good.
        bank: u32,
        /// Its name.
        name: String,
        /// Its account: address, stored key, or //URI on development networks.
        account: String,
    },
    /// Suspend a bank: it keeps what it holds and moves nothing (supervising).
    SuspendBank {
        /// Number of the bank.
        bank: u32,
    },
    /// Let a suspended bank work again (supervising).
    ReinstateBank {
        /// Number of the bank.
        bank: u32,
    },
    /// Close a bank that has nothing left, for good (admitting).
    CloseBank {
        /// Number of the bank.
        bank: u32,
    },
    /// Admit a nominated validator (admitting).
    AdmitValidator {
        /// Its account: address, stored key, or //URI on development networks.
        account: String,
    },
    /// Remove a validator (admitting).
    RemoveValidator {
        /// Its account: address, stored key, or //URI on development networks.
        account: String,
    },
    /// Set the limits of a class of owners, from the next payment on (supervising).
    #[command(after_help = "\
Example:
  specie --key supervising-1 issuer set-limits phone --per-payment 1000 --per-day 2000 --balance 5000")]
    SetLimits(SetLimits),
    /// Set when business days begin, by which limits of a day count (supervising).
    SetCalendar(SetCalendar),
    /// Lower the class of an owner (supervising).
    LowerClass {
        /// Owner id, identity or key.
        owner: String,
        /// The class: anonymous_card or phone.
        class: OwnerClass,
    },
    /// Make stricter how owners get another key after a loss, and when they are dormant (supervising). `committee enact
    /// set-recovery` does what is not stricter.
    SetRecovery(SetRecovery),
    /// Give an owner to another bank: its own closed or stands still, or a thief moved it (supervising).
    AssignOwner {
        /// Owner id, identity or key.
        owner: String,
        /// Number of that bank, see `specie bank list`.
        #[arg(long, value_name = "NUMBER")]
        to_bank: u32,
    },
    /// Requests for another key after a loss that wait. Nobody signs.
    Recoveries,
    /// Approve such a request whatever the owner holds (supervising).
    ApproveRecovery {
        /// Owner id or identity.
        owner: String,
    },
    /// Decide on the objection of an owner's present key to such a request (supervising).
    DecideRecovery {
        /// Owner id or identity.
        owner: String,
        #[command(flatten)]
        decision: Decision,
    },
    /// Leave to trace an owner or a coin, given by two people.
    #[command(subcommand)]
    Mandate(Mandate),
    /// Trace what a mandate is for (supervising). The use is recorded on the chain first.
    Trace(Trace),
}

impl Issuer {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Credit { bank, amount } => reserve(app, bank, &amount, "credit", "Credited", "to").await,
            Self::Debit { bank, amount } => reserve(app, bank, &amount, "debit", "Debited", "from").await,
            Self::ProposeMint { denomination, count, for_change } => {
                let (call, what) = propose(app, &denomination, count, purpose(for_change)).await?;
                let mut receipt = app.client().await?.submit(&call, &app.signer()?, app.wait()).await?;
                let proposal = receipt.field(purpose(for_change).proposed(), "proposal").cloned().unwrap_or_default();
                receipt.what = format!("{what}: proposal {proposal}");
                receipt.data = json!({ "proposal": proposal });
                app.report(&receipt)
            },
            Self::ApproveMint { proposal, expect } => approve(app, proposal, expect.as_deref()).await,
            Self::Proposals => proposals(app).await,
            Self::WithdrawMint { proposal } => {
                let call = calls::call("Issuance", "withdraw_proposal", [("proposal", calls::number(proposal))]);
                app.send(&call, format!("Withdrew proposal {proposal}")).await
            },
            Self::Mint { denomination, count, second_key, for_change } => {
                mint(app, &denomination, count, purpose(for_change), &second_key).await
            },
            Self::Retire(wanted) => {
                let (selection, value) = vaults::choose(app, VaultId::Issue, &wanted, Limits::BETWEEN_VAULTS).await?;
                let call = calls::call("Issuance", "retire", [("selection", calls::selection(&selection))]);
                let what = format!("Retired {} in {} coins", app.money().await?.show(value), selection.len());
                app.send_with(&call, what, json!({ "amount": value, "coins": selection.len() })).await
            },
            Self::AdmitBank { bank, name, account } => {
                ensure_name(&name)?;
                let account = app.account(&account)?;
                let call = calls::call(
                    "Participants",
                    "admit_bank",
                    [
                        ("bank", calls::bank(BankId(bank))),
                        ("name", calls::bytes(name.as_bytes())),
                        ("account", calls::account(&account)),
                    ],
                );
                app.send(&call, format!("Admitted bank {bank}, {name}, with account {account}")).await
            },
            Self::SuspendBank { bank } => standing(app, bank, "suspend_bank", "Suspended").await,
            Self::ReinstateBank { bank } => standing(app, bank, "reinstate_bank", "Reinstated").await,
            Self::CloseBank { bank } => standing(app, bank, "close_bank", "Closed").await,
            Self::AdmitValidator { account } => validator(app, &account, "admit_validator", "Admitted").await,
            Self::RemoveValidator { account } => validator(app, &account, "remove_validator", "Removed").await,
            Self::SetLimits(set) => set.run(app).await,
            Self::SetCalendar(set) => set.run(app).await,
            Self::LowerClass { owner, class } => limits::lower_class(app, &owner, class).await,
            Self::SetRecovery(rules) => {
                let (call, what) = (rules.call(app).await?, rules.what(app).await?);
                app.send(&call, what).await
            },
            Self::AssignOwner { owner, to_bank } => recovery::assign(app, &owner, to_bank).await,
            Self::Recoveries => recovery::list(app).await,
            Self::ApproveRecovery { owner } => recovery::approve(app, &owner).await,
            Self::DecideRecovery { owner, decision } => recovery::decide(app, &owner, &decision).await,
            Self::Mandate(command) => command.run(app).await,
            Self::Trace(command) => command.run(app).await,
        }
    }
}

async fn reserve(app: &App, bank: u32, amount: &str, call: &str, done: &str, side: &str) -> Result<()> {
    let amount = app.amount(amount).await?;
    let call = calls::call("Vault", call, [("bank", calls::bank(BankId(bank))), ("amount", calls::amount(amount))]);
    let what = format!("{done} {} {side} the reserve of bank {bank}", app.money().await?.show(amount));
    app.send_with(&call, what, json!({ "bank": bank, "amount": amount })).await
}

async fn propose(app: &App, denomination: &str, count: u32, purpose: Purpose) -> Result<(calls::Call, String)> {
    let money = app.money().await?;
    let denomination = money.denomination(denomination)?;
    let arguments = [("denomination", calls::denomination(denomination)), ("count", calls::number(count))];
    let face = money.show(denomination.0.into());
    Ok(match purpose {
        Purpose::Vault => {
            (calls::call("Issuance", "propose_mint", arguments), format!("Proposed to mint {count} coins of {face}"))
        },
        Purpose::Change => (
            calls::call("Issuance", "propose_change_batch", arguments),
            format!("Proposed to let owners have up to {count} coins of {face} made for change"),
        ),
    })
}

/// What a batch is for, as it is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Purpose {
    #[default]
    Vault,
    Change,
}

impl Purpose {
    /// The event that says it was proposed.
    fn proposed(self) -> &'static str {
        match self {
            Self::Vault => "Issuance.MintProposed",
            Self::Change => "Issuance.ChangeBatchProposed",
        }
    }
}

fn purpose(for_change: bool) -> Purpose {
    if for_change {
        Purpose::Change
    } else {
        Purpose::Vault
    }
}

/// A batch that waits for the second person, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Proposal {
    proposer: AccountId,
    denomination: Denomination,
    count: u32,
    #[serde(default)]
    purpose: Purpose,
    expires: BlockNumber,
}

impl Proposal {
    fn total(&self) -> Balance {
        self.denomination.value(self.count.into())
    }

    /// `20000 × 100.00 = 2'000'000.00 SPC`; of a batch for change, the most that may be made.
    fn words(&self, money: &Money) -> String {
        let coins = vaults::describe(money, &[(self.denomination, self.count.into())]);
        match self.purpose {
            Purpose::Vault => format!("{coins} = {}", money.show(self.total())),
            Purpose::Change => format!("up to {coins} for change"),
        }
    }

    /// Fails unless it is what is expected: number of coins x face value, with `change:` before it for a batch for change.
    fn ensure_is(&self, expected: &str, money: &Money) -> Result<()> {
        let (coins, purpose) = match expected.trim().strip_prefix("change:") {
            Some(coins) => (coins, Purpose::Change),
            None => (expected, Purpose::Vault),
        };
        if purpose != self.purpose {
            let text = format!("the proposal is {}, not {expected}: nothing was approved", self.words(money));
            return Err(Failure::new(failure::WALLET, text).into());
        }
        let parts = coins.split_once(['x', 'X', '×', '*']);
        let (count, face) = parts.with_context(|| format!("'{expected}' is no COUNTxFACE, such as 20000x100.00"))?;
        let count: u32 = count.trim().parse().with_context(|| format!("'{count}' is no number of coins"))?;
        let face = money.denomination(face)?;
        if (count, face) != (self.count, self.denomination) {
            let other = vaults::describe(money, &[(face, count.into())]);
            let text = format!("the proposal is {}, not {other}: nothing was approved", self.words(money));
            return Err(Failure::new(failure::WALLET, text).into());
        }
        Ok(())
    }
}

async fn approve(app: &App, number: u32, expected: Option<&str>) -> Result<()> {
    let (client, money) = (app.client().await?, app.money().await?);
    let stored = client.stored("Issuance", "Proposals", vec![Value::u128(number.into())]).await?;
    let unknown = || format!("there is no proposal {number} that waits: 'specie issuer proposals' lists those that do");
    let proposal: Proposal = serde_json::from_value(stored.with_context(unknown)?.fields)?;
    let (json, words) = (app.options.json, proposal.words(&money));
    if !json {
        eprintln!("Proposal {number}: {words}, by {}", proposal.proposer);
    }
    match expected {
        Some(expected) => proposal.ensure_is(expected, &money)?,
        None if !json && std::io::stdin().is_terminal() && !confirmed("approve? [y/N] ")? => {
            return Err(Failure::new(failure::WALLET, format!("proposal {number} was not approved")).into());
        },
        None => {},
    }
    let call = calls::call("Issuance", "approve_mint", [("proposal", calls::number(number))]);
    let mut receipt = client.submit(&call, &app.signer()?, app.wait()).await?;
    receipt.what = format!("Approved proposal {number}: {}", minted(&receipt, &money));
    receipt.data = json!({
        "proposal": number,
        "batch": made(&receipt, "batch"),
        "denomination": made(&receipt, "denomination"),
        "count": made(&receipt, "count"),
        "amount": receipt.field("Issuance.Minted", "value"),
    });
    app.report(&receipt)
}

/// What a transaction minted, in words.
fn minted(receipt: &Receipt, money: &Money) -> String {
    let field = |name| made(receipt, name).and_then(|value| value.as_u64());
    let Some(((batch, face), count)) = field("batch").zip(field("denomination")).zip(field("count")) else {
        return "the node did not report what was minted, see `specie supply`".into();
    };
    let denomination = Denomination(face);
    let (coins, total) = (vaults::describe(money, &[(denomination, count)]), money.show(denomination.value(count)));
    match receipt.field("Issuance.ChangeBatchOpened", "batch") {
        Some(_) => format!("up to {coins} may be made for change, batch {batch}"),
        None => format!("minted {coins} = {total} into the issue vault, batch {batch}"),
    }
}

/// A field of the event of whichever batch there is now.
fn made<'r>(receipt: &'r Receipt, field: &str) -> Option<&'r serde_json::Value> {
    receipt.field("Issuance.Minted", field).or_else(|| receipt.field("Issuance.ChangeBatchOpened", field))
}

/// Asks on the terminal; anything but yes is no.
pub(super) fn confirmed(question: &str) -> Result<bool> {
    eprint!("{question}");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).context("no answer")?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

async fn proposals(app: &App) -> Result<()> {
    let (client, money) = (app.client().await?, app.money().await?);
    let block = client.best_number().await?;
    let mut proposals: Vec<(u32, Proposal)> = Vec::new();
    for (number, fields) in client.numbered("Issuance", "Proposals").await? {
        proposals.push((number, serde_json::from_value(fields)?));
    }
    let list: Vec<_> = proposals
        .iter()
        .map(|(number, proposal)| {
            json!({
                "number": number,
                "count": proposal.count,
                "denomination": proposal.denomination,
                "total": units(proposal.total()),
                "purpose": proposal.purpose,
                "proposer": proposal.proposer,
                "expires": proposal.expires,
            })
        })
        .collect();
    app.print(&json!({ "block": block, "proposals": list }), || {
        let row = |(number, proposal): &(u32, Proposal)| {
            let until = if proposal.expires < block { " (expired)" } else { "" };
            vec![
                number.to_string(),
                vaults::describe(&money, &[(proposal.denomination, proposal.count.into())]),
                match proposal.purpose {
                    Purpose::Vault => money.show(proposal.total()),
                    Purpose::Change => "for change".into(),
                },
                format!("{}{until}", proposal.expires),
                proposal.proposer.to_string(),
            ]
        };
        let rows: Vec<_> = proposals.iter().map(row).collect();
        let head = ["number", "coins", "total", "last block", "proposed by"];
        if rows.is_empty() {
            format!("No proposals wait at block {block}")
        } else {
            format!("At block {block}\n{}", output::table(&head, &rows, &[0, 1, 2]))
        }
    })
}

/// An amount for programs: JSON has no numbers beyond 64 bits that all of them read.
fn units(amount: Balance) -> serde_json::Value {
    u64::try_from(amount).map_or_else(|_| amount.to_string().into(), Into::into)
}

/// Fails unless a bank can have this name.
fn ensure_name(name: &str) -> Result<()> {
    match name.len() {
        0 => bail!("the name is empty"),
        // The runtime's bound; it counts bytes.
        1..=64 => {},
        bytes => bail!("the name has {bytes} bytes, 64 are allowed (a letter with an accent has two or more)"),
    }
    if name.chars().any(char::is_control) {
        bail!("the name has control characters, such as a line break: '{}'", output::printable(name));
    }
    Ok(())
}

/// Fails unless two different keys have the issuing role, before anything is proposed.
fn ensure_issuing(institutions: &InstitutionsInfo, first: &AccountId, second: &AccountId) -> Result<()> {
    if first == second {
        bail!("--key and --second-key are the same key, {first}: another person approves");
    }
    let issuing = institutions.roles.iter().filter(|(role, _)| *role == Role::Issuing).flat_map(|(_, keys)| keys);
    let issuing: Vec<_> = issuing.collect();
    match [("--key", first), ("--second-key", second)].into_iter().find(|(_, key)| !issuing.contains(key)) {
        Some((option, key)) => bail!("{option} {key} does not have the issuing role: `specie network` shows who has"),
        None => Ok(()),
    }
}

async fn mint(app: &App, denomination: &str, count: u32, purpose: Purpose, second_key: &str) -> Result<()> {
    let Ok([first, second]) = <[_; 2]>::try_from(app.keypairs([app.signer_name()?, second_key])?) else {
        bail!("two keys are needed");
    };
    ensure_issuing(&app.institutions().await?, &first.account(), &second.account())?;
    let mut receipts = Vec::new();
    let result = propose_and_approve(app, denomination, count, purpose, [&first, &second], &mut receipts).await;
    app.finish_steps(&receipts, result)
}

async fn propose_and_approve(
    app: &App,
    denomination: &str,
    count: u32,
    purpose: Purpose,
    [first, second]: [&Keypair; 2],
    receipts: &mut Vec<Receipt>,
) -> Result<()> {
    let (client, money) = (app.client().await?, app.money().await?);
    let (call, what) = propose(app, denomination, count, purpose).await?;
    let mut proposed = client.submit(&call, first, Wait::InBlock).await?;
    let number = proposed.field(purpose.proposed(), "proposal").and_then(|number| number.as_u64());
    let number = u32::try_from(number.context("the node did not report the proposal")?)?;
    proposed.what = format!("{what}: proposal {number}");
    proposed.data = json!({ "proposal": number });
    receipts.push(app.step(proposed)?);
    let call = calls::call("Issuance", "approve_mint", [("proposal", calls::number(number))]);
    let mut approved = client.submit(&call, second, app.wait()).await?;
    approved.what = format!("Approved proposal {number}: {}", minted(&approved, &money));
    approved.data = json!({ "proposal": number, "batch": made(&approved, "batch") });
    receipts.push(app.step(approved)?);
    Ok(())
}

async fn standing(app: &App, bank: u32, call: &str, done: &str) -> Result<()> {
    let call = calls::call("Participants", call, [("bank", calls::bank(BankId(bank)))]);
    app.send(&call, format!("{done} bank {bank}")).await
}

async fn validator(app: &App, account: &str, call: &str, done: &str) -> Result<()> {
    let account = app.account(account)?;
    let call = calls::call("Participants", call, [("account", calls::account(&account))]);
    app.send(&call, format!("{done} validator {account}, from the next session but one")).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::Event;

    fn money() -> Money {
        Money { decimals: 2, symbol: "SPC".into() }
    }

    fn key(seed: u8) -> AccountId {
        AccountId::new([seed; 32])
    }

    #[test]
    fn proposals_are_read_as_the_node_stores_them() {
        let fields = json!({ "proposer": key(1).to_string(), "denomination": 10_000, "count": 20_000, "expires": 90 });
        let proposal: Proposal = serde_json::from_value(fields).unwrap();
        assert_eq!((proposal.count, proposal.total()), (20_000, 200_000_000));
        let largest = Proposal { denomination: Denomination(u64::MAX), count: u32::MAX, ..proposal.clone() };
        assert_eq!(units(proposal.total()), 200_000_000);
        assert_eq!(units(largest.total()), largest.total().to_string());
        assert_eq!(proposal.words(&money()), "20000 × 100.00 = 2'000'000.00 SPC");

        for same in ["20000x100.00", "20000x100", "20000 × 100.0", "20000X100"] {
            assert!(proposal.ensure_is(same, &money()).is_ok(), "{same}");
        }
        for (other, reason) in [
            ("200000x10.00", "the proposal is 20000 × 100.00 = 2'000'000.00 SPC, not 200000 × 10.00"),
            // The other way round, as --coins has it, is not taken for it.
            ("100x20000", "nothing was approved"),
            ("20000x10.00", "nothing was approved"),
            ("20000", "COUNTxFACE"),
            ("20'000x100", "no number of coins"),
            ("20000x", "empty"),
        ] {
            let error = proposal.ensure_is(other, &money()).unwrap_err().to_string();
            assert!(error.contains(reason), "{other}: {error}");
        }

        // Whoever expects one kind of batch does not approve the other.
        let change = json!({
            "proposer": key(1).to_string(), "denomination": 10_000, "count": 20_000, "purpose": "Change", "expires": 90
        });
        let change: Proposal = serde_json::from_value(change).unwrap();
        assert_eq!(change.words(&money()), "up to 20000 × 100.00 for change");
        assert!(change.ensure_is("change:20000x100", &money()).is_ok());
        for (wanted, proposal) in [("20000x100", &change), ("change:20000x100", &proposal)] {
            let error = proposal.ensure_is(wanted, &money()).unwrap_err().to_string();
            assert!(error.contains("nothing was approved"), "{error}");
        }
    }

    #[test]
    fn the_minted_amount_comes_from_the_event() {
        let mut receipt = Receipt {
            what: String::new(),
            call: "Issuance.approve_mint".into(),
            extrinsic: "0x01".into(),
            block: 7,
            block_hash: "0x07".into(),
            in_block_ms: 1,
            final_ms: None,
            events: Vec::new(),
            outcome: "success",
            data: serde_json::Value::Null,
        };
        assert!(minted(&receipt, &money()).contains("did not report"));
        let fields = json!({ "batch": 3, "denomination": 10_000, "count": 20, "value": 200_000 });
        receipt.events.push(Event { pallet: "Issuance".into(), event: "Minted".into(), fields });
        assert_eq!(minted(&receipt, &money()), "minted 20 × 100.00 = 2'000.00 SPC into the issue vault, batch 3");
    }

    #[test]
    fn only_yes_is_yes() {
        assert!(is_yes("y\n") && is_yes(" YES "));
        assert!(!is_yes("") && !is_yes("\n") && !is_yes("n") && !is_yes("yo"));
    }

    #[test]
    fn names_of_banks_are_checked_before_anything_is_sent() {
        assert!(ensure_name("Bank A").is_ok() && ensure_name(&"x".repeat(64)).is_ok());
        for (name, reason) in
            [("", "empty"), (&*"é".repeat(33), "66 bytes"), ("a\nb", "'a\\nb'"), ("\u{7f}", "control")]
        {
            let error = ensure_name(name).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn both_keys_of_a_mint_are_checked_first() {
        let roles = vec![(Role::Issuing, vec![key(1), key(2)]), (Role::Admitting, vec![key(3)])];
        let institutions = InstitutionsInfo { roles, committee: vec![key(4)], validators: vec![] };
        let why = |first, second| ensure_issuing(&institutions, &key(first), &key(second)).unwrap_err().to_string();
        assert!(ensure_issuing(&institutions, &key(1), &key(2)).is_ok());
        assert!(why(1, 1).contains("the same key"));
        assert!(why(3, 1).starts_with("--key ") && why(1, 4).starts_with("--second-key "));
    }
}
