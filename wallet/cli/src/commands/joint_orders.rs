//! Orders of joint accounts: one manager writes and signs them, others sign what travels.

use super::{
    joint,
    order::{self, Out, Seen},
    parties,
    pay::references,
    pickup::blocks,
};
use crate::{
    app::App,
    failure::{self, Failure},
    purse::{self, Purse},
};
use anyhow::{anyhow, bail, Result};
use clap::Args;
use specie_primitives::{
    joint::JointInfo,
    orders::{Action, MAX_PARTIES},
    OwnerId,
};
use specie_wallet::{
    joint::signing_rule,
    order::{sign_in_seat, unsigned},
};

/// How long an order can be executed, and where it goes.
#[derive(Args)]
struct Written {
    /// How long it can be executed.
    #[arg(long, default_value = "1d", value_name = "7d|12h|90m")]
    valid: String,
    #[command(flatten)]
    out: Out,
}

/// Write an order to pay somebody with coins of an account.
#[derive(Args)]
pub struct Pay {
    /// The account: owner id or identity.
    account: String,
    /// The payee: owner id, identity or key.
    to: String,
    /// Amount, for instance 186.00.
    #[arg(allow_negative_numbers = true)]
    amount: String,
    #[command(flatten)]
    written: Written,
}

/// Write an order to send custody of an account.
#[derive(Args)]
pub struct Send {
    /// The account: owner id or identity.
    account: String,
    /// The payee: owner id, identity or key.
    to: String,
    /// Amount, for instance 186.00.
    #[arg(allow_negative_numbers = true)]
    amount: String,
    /// Number of the bank at which the account has it; by default the one that looks after it.
    #[arg(long, value_name = "NUMBER")]
    from_bank: Option<u32>,
    /// Number of the bank at which the payee gets it; by default the one that looks after the payee.
    #[arg(long, value_name = "NUMBER")]
    to_bank: Option<u32>,
    /// How long from now it may wait for the reserve of the bank.
    #[arg(long, value_name = "1d|12h|90m")]
    wait: Option<String>,
    #[command(flatten)]
    written: Written,
}

/// Write an order that gives an account other managers.
#[derive(Args)]
#[command(after_help = "\
Those who are new sign the order as well, `specie order sign`; at most three are new in one order.")]
pub struct Managers {
    /// The account: owner id or identity.
    account: String,
    /// All managers in the order of their seats: owner ids, identities or keys.
    #[arg(long, value_name = "OWNER,OWNER", value_delimiter = ',', required = true)]
    managers: Vec<String>,
    /// How many of them must sign.
    #[arg(long, value_name = "NUMBER")]
    threshold: u8,
    #[command(flatten)]
    written: Written,
}

/// Write an order that takes the account's consent to another order back.
#[derive(Args)]
pub struct Cancel {
    /// That order.
    file: String,
    #[command(flatten)]
    written: Written,
}

impl Written {
    /// Writes an order of an account, and signs it as the manager with the key.
    async fn write(&self, app: &App, info: &JointInfo, newcomers: &[OwnerId], action: Action) -> Result<()> {
        let (now, own) = (order::clock(app).await?, app.owner_or_own(None).await?);
        let other = || Failure::new(failure::WALLET, format!("owner {own} is no manager of account {}", info.account));
        let seat = info.seat(own).ok_or_else(other)?;
        self.out.ensure_new()?;
        let until = now.saturating_add(order::lifetime(&self.valid)?);
        if newcomers.len() >= MAX_PARTIES as usize {
            bail!("at most three managers are new in one order: change the others by another one");
        }
        let order = parties::order_of(app, (info.account, newcomers), (now, until), action).await?;
        let mut document = unsigned(order);
        sign_in_seat(&mut document, 0, seat, &order::key(app)?)?;
        purse::remember(app, info.account, &document.order).await?;
        let Seen { words, value, .. } = order::look(app, &document).await?;
        self.out.write(app, &document, value, words)
    }
}

impl Pay {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (info, to) = (joint::named(app, &self.account).await?, app.owner(&self.to).await?);
        let amount = app.amount(&self.amount).await?;
        app.registered(to, Some(&self.to), None).await?;
        let coins = Purse::look(app, info.account).await?.select(app, amount).await?;
        let coins = references(&coins).try_into().map_err(|_| anyhow!("too many coins for one order"))?;
        self.written.write(app, &info, &[], Action::Coins { to, coins }).await
    }
}

impl Send {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (info, to) = (joint::named(app, &self.account).await?, app.owner(&self.to).await?);
        let amount = app.amount(&self.amount).await?;
        let from_bank = parties::bank_of(app, self.from_bank, info.account).await?;
        let to_bank = parties::bank_of(app, self.to_bank, to).await?;
        let now = order::clock(app).await?;
        let expires = self.wait.as_deref().map(blocks).transpose()?.map(|life| now.saturating_add(life));
        self.written.write(app, &info, &[], Action::Custody { from_bank, to_bank, to, amount, expires }).await
    }
}

impl Managers {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let info = joint::named(app, &self.account).await?;
        let managers = joint::owners(app, &self.managers).await?;
        let rule = signing_rule(&managers, self.threshold)?;
        let is_new = |manager: &OwnerId| info.seat(*manager).is_none();
        let newcomers: Vec<_> = managers.into_iter().filter(is_new).collect();
        self.written.write(app, &info, &newcomers, Action::SetManagers { rule }).await
    }
}

impl Cancel {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (document, own) = (order::read(app, &self.file).await?, app.owner_or_own(None).await?);
        let (order, valid_until) = (document.order.id(), document.order.valid_until);
        for party in document.order.parties.iter().filter(|party| party.version != 0) {
            let info = joint::account(app, party.owner).await?;
            if let Some(info) = info.filter(|info| info.seat(own).is_some()) {
                return self.written.write(app, &info, &[], Action::Cancel { order, valid_until }).await;
            }
        }
        let text = format!("owner {own} is no manager of a party of this order: there is nothing to take back");
        Err(Failure::new(failure::WALLET, text).into())
    }
}
