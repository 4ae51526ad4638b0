//! The commands, one file a theme.

mod asked;
mod bank;
mod card;
mod certificate;
mod change;
mod code;
mod committee;
mod escrow;
mod exchange;
mod history;
mod info;
mod instrument;
mod issuer;
mod joint;
mod joint_orders;
mod keys;
mod limits;
mod mandate;
mod order;
mod order_coins;
mod order_wait;
mod owner;
mod parties;
mod pay;
mod payment;
mod pickup;
mod prove;
mod records;
mod recovery;
mod restore;
mod seats;
mod small_amounts;
mod supervisor;
mod transfer;

use crate::app::App;
use anyhow::Result;
use clap::Subcommand;

/// A command.
#[derive(Subcommand)]
pub enum Command {
    /// Make, store and list the keys that sign.
    #[command(subcommand)]
    Key(keys::Keys),
    /// Ask for the owner id of an identity.
    OwnerId(keys::OwnerIdOf),
    /// Register owners, replace their keys, suspend and close them.
    #[command(subcommand)]
    Owner(owner::Owner),
    /// What an owner has: coins by face value, and custody at banks.
    Balance(pay::Balance),
    /// What an owner received and paid, newest first.
    History(history::History),
    /// Pay an owner with coins.
    Pay(payment::Pay),
    /// Exchange coins for others of exactly the same value.
    Change(change::Change),
    /// Collect, take back and list payments that wait for somebody who is not registered.
    #[command(subcommand)]
    Pickup(pickup::Pickup),
    /// Orders: signed documents that anybody brings to the network. Make, show, sign, submit and cancel them.
    #[command(subcommand)]
    Order(order::OrderCommand),
    /// Payment codes: show one to be scanned, scan one, confirm payments that wait for you.
    #[command(subcommand)]
    Code(code::CodeCommand),
    /// Joint accounts: owners for which several sign. Open them, pay from them, give them other managers.
    #[command(subcommand)]
    Joint(joint::JointCommand),
    /// Custody that payer and payee set aside together: hold, release, return and dispute it.
    #[command(subcommand)]
    Escrow(escrow::EscrowCommand),
    /// Cards: make them, hand them out, report and replace lost ones. `--card` pays with one.
    #[command(subcommand)]
    Card(card::CardCommand),
    /// Send custody from account to account, at one bank or between banks; what of it waits.
    #[command(subcommand)]
    Transfer(transfer::Transfer),
    /// Bills, vouchers and securities: define, issue, transfer and redeem them; who holds them.
    #[command(subcommand)]
    Instrument(instrument::Instrument),
    /// Follow what an owner receives and pays, as it becomes final.
    Watch(history::Watch),
    /// Take coins out of custody at a bank.
    Withdraw(pay::Withdraw),
    /// Pay coins into custody at a bank.
    Deposit(pay::Deposit),
    /// What banks do: draw and return coins, serve owners, run validators.
    #[command(subcommand)]
    Bank(bank::Bank),
    /// What the issuer's departments do: reserves, minting, retiring, banks, validators.
    #[command(subcommand)]
    Issuer(issuer::Issuer),
    /// What the supervising role does: holds with reasons, alerts.
    #[command(subcommand)]
    Supervisor(supervisor::Supervisor),
    /// What an auditor looks at. Nobody signs.
    #[command(subcommand)]
    Audit(mandate::Audit),
    /// What the issuer's committee decides: upgrades, keys of roles, face values, quotas.
    #[command(subcommand)]
    Committee(committee::Committee),
    /// Everything that moved: of a coin, an owner, a bank, a period.
    #[command(subcommand)]
    Records(records::Records),
    /// Certificates of keys and coins: make, publish, revoke and check them, most of it without a network.
    #[command(subcommand)]
    Certificate(certificate::Certificate),
    /// Where all value is, and whether the books balance.
    Supply(info::Supply),
    /// Facts about the network and its institutions.
    Network,
    /// Find a transaction, or explain why one was refused.
    #[command(subcommand)]
    Tx(info::Tx),
    /// Send a text that moves no money, to test a key and the network.
    Remark(info::Remark),
}

impl Command {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Key(command) => command.run(app).await,
            Self::OwnerId(command) => command.run(app).await,
            Self::Owner(command) => command.run(app).await,
            Self::Balance(command) => command.run(app).await,
            Self::History(command) => command.run(app).await,
            Self::Pay(command) => command.run(app).await,
            Self::Change(command) => command.run(app).await,
            Self::Pickup(command) => command.run(app).await,
            Self::Order(command) => command.run(app).await,
            Self::Code(command) => command.run(app).await,
            Self::Joint(command) => command.run(app).await,
            Self::Escrow(command) => command.run(app).await,
            Self::Card(command) => command.run(app).await,
            Self::Transfer(command) => command.run(app).await,
            Self::Instrument(command) => command.run(app).await,
            Self::Watch(command) => command.run(app).await,
            Self::Withdraw(command) => command.run(app).await,
            Self::Deposit(command) => command.run(app).await,
            Self::Bank(command) => command.run(app).await,
            Self::Issuer(command) => command.run(app).await,
            Self::Supervisor(command) => command.run(app).await,
            Self::Audit(command) => command.run(app).await,
            Self::Committee(command) => command.run(app).await,
            Self::Records(command) => command.run(app).await,
            Self::Certificate(command) => command.run(app).await,
            Self::Supply(command) => command.run(app).await,
            Self::Network => info::network(app).await,
            Self::Tx(command) => command.run(app).await,
            Self::Remark(command) => command.run(app).await,
        }
    }
}
