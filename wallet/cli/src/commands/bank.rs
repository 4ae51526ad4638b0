//! `specie bank …`: what banks do.

use super::{
    limits::{self, ChangeClass, Verified},
    owner::{Registration, REGISTER_HELP},
    recovery::{self, Recover},
};
use crate::{
    app::App,
    calls,
    client::hex,
    commands::{pickup, transfer},
    output,
    vaults::{self, Limits, Wanted},
};
use anyhow::{bail, Context, Result};
use clap::{Subcommand, ValueEnum};
use serde::Deserialize;
use serde_json::json;
use specie_primitives::{api::BankInfo, ChangePolicy, TransferId, VaultId};
use specie_wallet::Money;
use subxt::{dynamic::Value, rpcs::client::rpc_params};

/// Banks. The bank's account signs.
#[derive(Subcommand)]
#[command(
    after_help = "The bank's account signs (--key) where nothing else is said. Nobody signs for show, queue and list."
)]
pub enum Bank {
    /// Register an owner with its key; the same as `specie owner register`.
    #[command(after_help = REGISTER_HELP)]
    Register(Registration),
    /// Give an owner another class, with its consent; what it paid today counts on.
    ChangeClass(ChangeClass),
    /// The tag of a person or firm, to be named in a proof for another class. Nobody signs.
    PersonTag(Verified),
    /// Ask for another key for an owner whose key was lost, and suspend the owner.
    #[command(after_help = "\
Example, with the keys of the bank and the owner's new one in this key store:
  specie --key bank-a bank recover '+49 171 5550101' --new-key ann-2
  specie --key bank-a bank complete-recovery '+49 171 5550101'")]
    Recover(Recover),
    /// Take that back; the owner stays suspended.
    CancelRecovery {
        /// Owner id or identity.
        owner: String,
    },
    /// Bind the other key when the waiting time is over, and let the owner pay again.
    CompleteRecovery {
        /// Owner id or identity.
        owner: String,
    },
    /// Take over an owner that offered itself to the bank with `specie owner move`.
    AcceptOwner {
        /// Owner id, identity or key.
        owner: String,
    },
    /// Make the id of an owner free that holds nothing and was not active for long, so that it can be registered anew.
    ReleaseOwner {
        /// Owner id or identity.
        owner: String,
    },
    /// Credit an owner's custody account: the bank got money for it outside the network.
    CreditOwner {
        /// Owner id, identity or key.
        owner: String,
        /// Amount.
        #[arg(allow_negative_numbers = true)]
        amount: String,
    },
    /// Debit an owner's custody account: the bank paid the money out outside the network.
    DebitOwner {
        /// Owner id, identity or key.
        owner: String,
        /// Amount.
        #[arg(allow_negative_numbers = true)]
        amount: String,
    },
    /// Take coins from the issue vault into the bank's vault; the reserve falls by their value.
    #[command(after_help = "\
Examples:
  specie --key bank-a bank draw 10000
  specie --key bank-a bank draw --coins 100x50,50x100")]
    Draw(Wanted),
    /// Give coins from the bank's vault back to the issue vault; the reserve rises by their value.
    #[command(after_help = "\
Examples:
  specie --key bank-a bank return 10000
  specie --key bank-a bank return --coins 100x50,50x100
  specie --key bank-a bank return --coins 3-1041,3-1042

Only coins that owners paid in have names; those that never left a vault are given by face value and count.")]
    Return(Wanted),
    /// Say for whom the bank changes coins against those of its vault; without it, for its own customers.
    SetChange {
        /// For whom.
        policy: ChangeFor,
    },
    /// Say what becomes of transfers to other banks that the bank's reserve does not cover; without it, they are refused.
    SetQueue {
        /// What becomes of them.
        policy: transfer::Queue,
    },
    /// Transfers that wait for the reserve of a bank, first the one that is next. Nobody signs.
    Queue {
        /// Number of the bank; by default the one whose account is --key.
        bank: Option<u32>,
    },
    /// Put a transfer first in the bank's queue.
    Prioritise {
        /// Number of the transfer.
        transfer: u64,
    },
    /// Give a transfer that waits in the bank's queue back to its payer.
    RejectTransfer {
        /// Number of the transfer.
        transfer: u64,
    },
    /// Pay out coins that wait for somebody who stands at the counter with the pickup code.
    #[command(after_help = "\
Examples:
  specie --key bank-a bank pay-out-pickup --payee '+49 171 5550103' --cash 4711
  specie --key bank-a bank pay-out-pickup --payee '+49 171 5550103' --to ann

You are asked for the code. Check who the person is before: the bank vouches for it. The coins go to the bank's vault.")]
    PayOutPickup(pickup::PayOut),
    /// Reserve, vault and custody of a bank.
    Show {
        /// Number of the bank; by default the one whose account is --key.
        bank: Option<u32>,
    },
    /// Every bank with its number, standing, reserve, vault and custody.
    List,
    /// Replace the bank's account by another; the present one signs. It cannot be taken back.
    RotateAccount {
        /// The new account: address, stored key, or //URI on development networks.
        new: String,
    },
    /// Name an account that may validate for the bank, or for the issuer when its operating key signs.
    NominateValidator {
        /// The account: address, stored key, or //URI on development networks.
        account: String,
    },
    /// Take such a nomination back.
    WithdrawNomination {
        /// The account: address, stored key, or //URI on development networks.
        account: String,
    },
    /// Have the connected node make session keys and set them; the validator's account signs.
    SetSessionKeys,
    /// Keys that act for the bank in multisigs and proxies.
    #[command(subcommand)]
    Delegate(Delegate),
}

/// For whom a bank changes coins.
#[derive(Clone, Copy, ValueEnum)]
pub enum ChangeFor {
    /// For nobody.
    Nobody,
    /// For owners that it looks after.
    OwnCustomers,
    /// For every owner.
    Anyone,
}

impl From<ChangeFor> for ChangePolicy {
    fn from(of: ChangeFor) -> Self {
        match of {
            ChangeFor::Nobody => Self::Nobody,
            ChangeFor::OwnCustomers => Self::OwnCustomers,
            ChangeFor::Anyone => Self::Anyone,
        }
    }
}

fn in_words(policy: ChangePolicy) -> &'static str {
    match policy {
        ChangePolicy::Nobody => "nobody",
        ChangePolicy::OwnCustomers => "its own customers",
        ChangePolicy::Anyone => "anyone",
    }
}

/// Delegates.
#[derive(Subcommand)]
pub enum Delegate {
    /// List a delegate.
    Add {
        /// The account: address, stored key, or //URI on development networks.
        account: String,
    },
    /// Strike a delegate off.
    Remove {
        /// The account: address, stored key, or //URI on development networks.
        account: String,
    },
}

const TAKEN_BACK: &str =
    "Took back the request for another key; until `specie owner reinstate` it stays suspended: owner";

impl Bank {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Register(registration) => registration.run(app).await,
            Self::ChangeClass(change) => change.run(app).await,
            Self::PersonTag(verified) => limits::person_tag(app, &verified).await,
            Self::Recover(recover) => recover.run(app).await,
            Self::CancelRecovery { owner } => recovery::about(app, &owner, "cancel_rebind", TAKEN_BACK).await,
            Self::CompleteRecovery { owner } => recovery::complete(app, &owner).await,
            Self::AcceptOwner { owner } => recovery::about(app, &owner, "accept_move", "Took over owner").await,
            Self::ReleaseOwner { owner } => recovery::about(app, &owner, "release", "Released the id of owner").await,
            Self::CreditOwner { owner, amount } => custody(app, &owner, &amount, "credit", "Credited", "to").await,
            Self::DebitOwner { owner, amount } => custody(app, &owner, &amount, "debit", "Debited", "from").await,
            Self::Draw(wanted) => draw(app, &wanted).await,
            Self::Return(wanted) => give_back(app, &wanted).await,
            Self::SetChange { policy } => {
                let policy = ChangePolicy::from(policy);
                let call = calls::call("Vault", "set_change", [("policy", calls::change_policy(policy))]);
                app.send_with(
                    &call,
                    format!("The bank changes coins for {}", in_words(policy)),
                    json!({ "change": policy }),
                )
                .await
            },
            Self::SetQueue { policy } => transfer::set_queue(app, policy).await,
            Self::Queue { bank } => transfer::queue(app, shown(app, bank).await?.bank).await,
            Self::Prioritise { transfer } => transfer::prioritise(app, TransferId(transfer)).await,
            Self::RejectTransfer { transfer } => {
                let bank = app.own_bank().await?.bank;
                transfer::take_back(app, bank, TransferId(transfer)).await
            },
            Self::PayOutPickup(wanted) => pickup::pay_out(app, wanted).await,
            Self::Show { bank } => {
                let (info, money) = (shown(app, bank).await?, app.money().await?);
                app.print(&info, || show(&info, &money))
            },
            Self::List => list(app).await,
            Self::RotateAccount { new } => {
                let new = app.account(&new)?;
                let call = calls::call("Participants", "rotate_account", [("new", calls::account(&new))]);
                app.send(&call, format!("The bank's account is now {new}")).await
            },
            Self::NominateValidator { account } => {
                participants(app, "nominate_validator", "account", &account, "Nominated validator").await
            },
            Self::WithdrawNomination { account } => {
                participants(app, "withdraw_nomination", "account", &account, "Took back the nomination of").await
            },
            Self::SetSessionKeys => set_session_keys(app).await,
            Self::Delegate(Delegate::Add { account }) => {
                participants(app, "add_delegate", "delegate", &account, "Listed delegate").await
            },
            Self::Delegate(Delegate::Remove { account }) => {
                participants(app, "remove_delegate", "delegate", &account, "Struck off delegate").await
            },
        }
    }
}

/// The bank to show: the one named, else that of the key.
async fn shown(app: &App, number: Option<u32>) -> Result<BankInfo> {
    if let Some(number) = number {
        return app.bank(number).await;
    }
    let Some(key) = &app.options.key else { bail!("give the bank's number") };
    let account = app.account(key)?;
    let found = app.banks().await?.into_iter().find(|info| info.account == account);
    found.with_context(|| format!("{account} is no bank's account now: give the bank's number"))
}

async fn custody(app: &App, owner: &str, amount: &str, call: &str, done: &str, side: &str) -> Result<()> {
    let owner = app.owner(owner).await?;
    let amount = app.amount(amount).await?;
    let call = calls::call("Custody", call, [("owner", calls::owner(owner)), ("amount", calls::amount(amount))]);
    let what = format!("{done} {} {side} the custody account of {owner}", app.money().await?.show(amount));
    let sent = app.send_with(&call, what, json!({ "owner": owner, "amount": amount })).await;
    app.with_limits(sent, owner, owner).await
}

async fn draw(app: &App, wanted: &Wanted) -> Result<()> {
    let (selection, value) = vaults::choose(app, VaultId::Issue, wanted, Limits::BETWEEN_VAULTS).await?;
    let call = calls::call("Vault", "draw", [("selection", calls::selection(&selection))]);
    let what = format!("Drew {} in {} coins against the reserve", app.money().await?.show(value), selection.len());
    app.send_with(&call, what, json!({ "amount": value, "coins": selection.len() })).await
}

async fn give_back(app: &App, wanted: &Wanted) -> Result<()> {
    let bank = app.own_bank().await?.bank;
    let (selection, value) = vaults::choose(app, VaultId::Bank(bank), wanted, Limits::BETWEEN_VAULTS).await?;
    let call = calls::call("Vault", "return_coins", [("selection", calls::selection(&selection))]);
    let what = format!("Returned {} in {} coins for reserve", app.money().await?.show(value), selection.len());
    app.send_with(&call, what, json!({ "amount": value, "coins": selection.len() })).await
}

async fn participants(app: &App, call: &str, argument: &str, account: &str, done: &str) -> Result<()> {
    let account = app.account(account)?;
    let call = calls::call("Participants", call, [(argument, calls::account(&account))]);
    app.send_with(&call, format!("{done} {account}"), json!({ "account": account })).await
}

async fn set_session_keys(app: &App) -> Result<()> {
    #[derive(Deserialize)]
    struct Generated {
        keys: String,
        proof: String,
    }
    let account = app.signing_account()?;
    let owner = hex(account.as_ref());
    let made: Generated = app.client().await?.request_here("author_rotateKeysWithOwner", rpc_params![owner]).await?;
    let bytes = |text: &str| hex::decode(text.trim_start_matches("0x")).context("the node sent bad session keys");
    let keys = bytes(&made.keys)?;
    // Two keys of 32 bytes in the order of the runtime's session keys.
    let (aura, grandpa) = keys.split_at_checked(32).context("the node sent bad session keys")?;
    let call = calls::call(
        "Session",
        "set_keys",
        [
            (
                "keys",
                Value::named_composite([("aura", Value::from_bytes(aura)), ("grandpa", Value::from_bytes(grandpa))]),
            ),
            ("proof", Value::from_bytes(bytes(&made.proof)?)),
        ],
    );
    app.send_with(
        &call,
        format!("Set the node's session keys for {account}"),
        json!({ "account": account, "keys": made.keys }),
    )
    .await
}

fn show(info: &BankInfo, money: &Money) -> String {
    let rows = vec![
        vec!["account".into(), info.account.to_string()],
        vec!["standing".into(), format!("{:?}", info.status)],
        vec!["reserve".into(), money.show(info.reserve)],
        vec!["vault".into(), format!("{}  ({})", money.show(info.vault), vaults::describe(money, &info.stock))],
        vec!["owed in custody".into(), money.show(info.custody)],
        vec!["changes coins for".into(), in_words(info.change).into()],
    ];
    output::table(&[&format!("bank {}", info.bank), &info.name], &rows, &[])
}

async fn list(app: &App) -> Result<()> {
    let (banks, money) = (app.banks().await?, app.money().await?);
    let row = |info: &BankInfo| {
        vec![
            info.bank.to_string(),
            info.name.clone(),
            format!("{:?}", info.status),
            money.show(info.reserve),
            money.show(info.vault),
            money.show(info.custody),
            info.account.to_string(),
        ]
    };
    let rows: Vec<_> = banks.iter().map(row).collect();
    app.print(&json!({ "banks": banks }), || {
        output::table(&["bank", "name", "standing", "reserve", "vault", "custody", "account"], &rows, &[0, 3, 4, 5])
    })
}
