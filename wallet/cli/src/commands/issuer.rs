//! `specie issuer …`: what the issuer's departments do.

use crate::{
    app::App,
    calls,
    client::Wait,
    vaults::{self, Limits, Wanted},
};
use anyhow::{bail, Context, Result};
use clap::Subcommand;
use serde_json::json;
use specie_primitives::{BankId, VaultId};

/// The issuer. A key of the role named with each command signs.
#[derive(Subcommand)]
#[command(after_help = "A key of the department in brackets signs (--key). `specie network` shows those keys.")]
pub enum Issuer {
    /// Add to a bank's reserve (issuing).
    Credit {
        /// Number of the bank.
        bank: u32,
        /// Amount.
        amount: String,
    },
    /// Take from a bank's reserve (issuing).
    Debit {
        /// Number of the bank.
        bank: u32,
        /// Amount.
        amount: String,
    },
    /// Propose to mint a batch of coins; a second person approves it (issuing).
    ProposeMint {
        /// Face value of the coins, for instance 100.00.
        denomination: String,
        /// Number of coins.
        count: u32,
    },
    /// Approve a proposed batch: the coins come into the issue vault (another key of issuing).
    ApproveMint {
        /// Number of the proposal, as propose-mint printed it.
        proposal: u32,
    },
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
}

impl Issuer {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Credit { bank, amount } => reserve(app, bank, &amount, "credit", "Credited", "to").await,
            Self::Debit { bank, amount } => reserve(app, bank, &amount, "debit", "Debited", "from").await,
            Self::ProposeMint { denomination, count } => {
                let (call, what) = propose(app, &denomination, count).await?;
                let mut receipt = app.client().await?.submit(&call, &app.signer()?, app.wait()).await?;
                let proposal = receipt.field("Issuance.MintProposed", "proposal").cloned().unwrap_or_default();
                receipt.what = format!("{what}: proposal {proposal}");
                receipt.data = json!({ "proposal": proposal });
                app.report(&receipt)
            },
            Self::ApproveMint { proposal } => {
                let call = calls::call("Issuance", "approve_mint", [("proposal", calls::number(proposal))]);
                app.send(&call, format!("Approved proposal {proposal}: the coins are in the issue vault")).await
            },
            Self::WithdrawMint { proposal } => {
                let call = calls::call("Issuance", "withdraw_proposal", [("proposal", calls::number(proposal))]);
                app.send(&call, format!("Withdrew proposal {proposal}")).await
            },
            Self::Mint { denomination, count, second_key } => mint(app, &denomination, count, &second_key).await,
            Self::Retire(wanted) => {
                let (selection, value) = vaults::choose(app, VaultId::Issue, &wanted, Limits::BETWEEN_VAULTS).await?;
                let call = calls::call("Issuance", "retire", [("selection", calls::selection(&selection))]);
                let what = format!("Retired {} in {} coins", app.money().await?.show(value), selection.len());
                app.send_with(&call, what, json!({ "amount": value, "coins": selection.len() })).await
            },
            Self::AdmitBank { bank, name, account } => {
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
        }
    }
}

async fn reserve(app: &App, bank: u32, amount: &str, call: &str, done: &str, side: &str) -> Result<()> {
    let amount = app.amount(amount).await?;
    let call = calls::call("Vault", call, [("bank", calls::bank(BankId(bank))), ("amount", calls::amount(amount))]);
    let what = format!("{done} {} {side} the reserve of bank {bank}", app.money().await?.show(amount));
    app.send_with(&call, what, json!({ "bank": bank, "amount": amount })).await
}

async fn propose(app: &App, denomination: &str, count: u32) -> Result<(calls::Call, String)> {
    let money = app.money().await?;
    let denomination = money.denomination(denomination)?;
    let arguments = [("denomination", calls::denomination(denomination)), ("count", calls::number(count))];
    let what = format!("Proposed to mint {count} coins of {}", money.show(denomination.0.into()));
    Ok((calls::call("Issuance", "propose_mint", arguments), what))
}

async fn mint(app: &App, denomination: &str, count: u32, second_key: &str) -> Result<()> {
    let client = app.client().await?;
    let Ok([first, second]) = <[_; 2]>::try_from(app.keypairs([app.signer_name()?, second_key])?) else {
        bail!("two keys are needed");
    };
    let (call, what) = propose(app, denomination, count).await?;
    let mut proposed = client.submit(&call, &first, Wait::InBlock).await?;
    let number = proposed.field("Issuance.MintProposed", "proposal").and_then(|number| number.as_u64());
    let number = u32::try_from(number.context("the node did not report the proposal")?)?;
    proposed.what = format!("{what}: proposal {number}");
    let proposed = app.step(proposed)?;
    let call = calls::call("Issuance", "approve_mint", [("proposal", calls::number(number))]);
    let mut approved = client.submit(&call, &second, app.wait()).await?;
    let batch = approved.field("Issuance.Minted", "batch").cloned().unwrap_or_default();
    approved.what = format!("Approved proposal {number}: batch {batch} of {count} coins is in the issue vault");
    approved.data = json!({ "proposal": number, "batch": batch });
    app.report_steps(&[proposed, app.step(approved)?])
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
