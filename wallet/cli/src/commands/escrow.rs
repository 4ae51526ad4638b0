//! `specie escrow …`: custody that payer and payee set aside together, and every way out of it.

use super::{
    joint,
    order::{clock, lifetime, name_of, Out},
    parties::{self, Behalf},
    pickup::blocks,
    transfer::chosen,
};
use crate::{
    app::App,
    calls,
    client::hex,
    failure::{self, Failure},
    output,
};
use anyhow::{bail, Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{json, Value};
use specie_primitives::{
    escrow::EscrowInfo, orders::Action, AtExpiry, Balance, BlockNumber, Hash, Order, OrderId, OwnerId, Reason,
};
use specie_wallet::{order::unsigned, Money};
use std::path::{Path, PathBuf};
use subxt::{
    config::{substrate::BlakeTwo256, Hasher},
    rpcs::client::rpc_params,
};

/// Most escrows of a page.
const PAGE: u32 = 1_000;

/// Custody that payer and payee set aside together.
#[derive(Subcommand)]
#[command(after_help = "\
An ESCROW is named by the 64 hexadecimal digits of the order that made it, or by that order's file. Neither side takes the money \
alone. Example: Ann sets money aside for what Ben is to deliver, and gets it back after 30 days unless she releases it.
  specie --key ann escrow hold ben 186.00 --for 30d --then return --out deal.order
  specie --key ben order sign deal.order --out deal.order
  specie --key ben order submit deal.order               # from now on it is set aside
  specie --key ann escrow release deal.order all         # Ben delivered
  specie --key ann escrow return deal.order all --out back.order   # or not: Ben signs this as well, and it is submitted
  specie --key ben escrow dispute deal.order             # or they disagree: the supervisor decides

With --then pay, Ben gets it after the 30 days unless Ann disputes it before.")]
pub enum EscrowCommand {
    /// Write an order that sets your custody aside for somebody, and sign it. The payee signs it with `specie order sign`.
    Hold(Hold),
    /// Pay the payee a part or all. The payer signs.
    Release(Release),
    /// Write an order that gives the payer a part or all back, and sign it. The other side signs it, too.
    Return(Return),
    /// Have the supervisor decide. Payer or payee signs, each once, before the last block has passed.
    Dispute {
        /// The escrow.
        escrow: String,
        #[command(flatten)]
        behalf: Behalf,
        #[command(flatten)]
        written: Written,
    },
    /// Have what was agreed come about after the last block, as blocks do by themselves. Anybody signs.
    Conclude {
        /// The escrow.
        escrow: String,
    },
    /// Open escrows in which an owner is payer or payee. Nobody signs.
    List {
        /// Owner id, identity or key; by default the owner of --key.
        owner: Option<String>,
    },
    /// An open escrow. Nobody signs.
    Show {
        /// The escrow.
        escrow: String,
    },
}

/// Write an order that sets your custody aside for somebody, and sign it.
#[derive(Args)]
pub struct Hold {
    /// The payee: owner id, identity or key.
    to: String,
    /// Amount, for instance 186.00.
    #[arg(allow_negative_numbers = true)]
    amount: String,
    /// How long until what you agree on comes about by itself.
    #[arg(long = "for", value_name = "30d|12h|90m")]
    life: String,
    /// What comes about then.
    #[arg(long)]
    then: Then,
    /// Number of the bank at which you have the money; by default the one that looks after you.
    #[arg(long, value_name = "NUMBER")]
    from_bank: Option<u32>,
    /// Number of the bank at which the payee gets it; by default the one that looks after the payee.
    #[arg(long, value_name = "NUMBER")]
    to_bank: Option<u32>,
    /// A file with what you agree on: its hash goes into the order.
    #[arg(long, value_name = "FILE")]
    contract: Option<PathBuf>,
    /// How long the order can be executed, at most half of the time that you agree on.
    #[arg(long, default_value = "1d", value_name = "7d|12h|90m")]
    valid: String,
    #[command(flatten)]
    behalf: Behalf,
    #[command(flatten)]
    out: Out,
}

/// What comes about when the last block has passed.
#[derive(Clone, Copy, ValueEnum)]
pub enum Then {
    /// The payee gets what is left.
    Pay,
    /// The payer gets back what is left.
    Return,
}

impl From<Then> for AtExpiry {
    fn from(then: Then) -> Self {
        match then {
            Then::Pay => Self::Pay,
            Then::Return => Self::Return,
        }
    }
}

/// Pay the payee a part or all.
#[derive(Args)]
pub struct Release {
    /// The escrow.
    escrow: String,
    /// An amount, or all that is left.
    #[arg(value_name = "AMOUNT|all", allow_negative_numbers = true)]
    amount: String,
    #[command(flatten)]
    written: Written,
}

/// Give the payer a part or all back.
#[derive(Args)]
pub struct Return {
    /// The escrow.
    escrow: String,
    /// An amount, or all that is left.
    #[arg(value_name = "AMOUNT|all", allow_negative_numbers = true)]
    amount: String,
    /// How long the order can be executed.
    #[arg(long, default_value = "1d", value_name = "7d|12h|90m")]
    valid: String,
    #[command(flatten)]
    out: Out,
}

/// Whether an order is written in place of a transaction.
#[derive(Args)]
pub struct Written {
    /// Write an order that somebody else submits.
    #[arg(long)]
    order: bool,
    /// How long the order can be executed.
    #[arg(long, default_value = "1d", value_name = "7d|12h|90m", requires = "order")]
    valid: String,
    #[command(flatten)]
    out: Out,
}

impl EscrowCommand {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Hold(hold) => hold.run(app).await,
            Self::Release(release) => release.run(app).await,
            Self::Return(back) => back.run(app).await,
            Self::Dispute { escrow, behalf, written } => dispute(app, &escrow, &behalf, &written).await,
            Self::Conclude { escrow } => conclude(app, name_of(&escrow)?.0).await,
            Self::List { owner } => list(app, owner.as_deref()).await,
            Self::Show { escrow } => show(app, name_of(&escrow)?.0).await,
        }
    }
}

impl Hold {
    async fn run(self, app: &App) -> Result<()> {
        let (amount, to) = (app.amount(&self.amount).await?, app.owner(&self.to).await?);
        let own = self.behalf.owner(app).await?;
        if to == own {
            return Err(Failure::new(failure::WALLET, format!("payer and payee are the same owner, {own}")).into());
        }
        let payer = app.registered(own, None, None).await?;
        let payee = app.registered(to, Some(&self.to), None).await?;
        let (life, valid) = (blocks(&self.life)?, lifetime(&self.valid)?);
        let action = Action::Hold {
            from_bank: chosen(app, self.from_bank, &payer).await?,
            to_bank: chosen(app, self.to_bank, &payee).await?,
            amount,
            expires: clock(app).await?.saturating_add(life),
            at_expiry: self.then.into(),
            reference: self.contract.as_deref().map(hash_of).transpose()?,
        };
        write(app, (own, &[to]), action, in_time(valid, life), &self.out).await
    }
}

/// For how many blocks the order of an escrow of so many can be executed. Whoever signs last could bring it just before the last
/// one: what was agreed came about before the other side knows, and can dispute.
fn in_time(valid: BlockNumber, life: BlockNumber) -> BlockNumber {
    valid.min(life / 2)
}

/// Hash of a file.
fn hash_of(path: &Path) -> Result<Hash> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Hash::from(BlakeTwo256.hash(&text).0))
}

/// Writes an order of these owners, signed by the one whose key it is, in its own place or its seat.
async fn write(app: &App, owners: (OwnerId, &[OwnerId]), action: Action, valid: BlockNumber, out: &Out) -> Result<()> {
    out.ensure_new()?;
    let (money, now) = (app.money().await?, clock(app).await?);
    let window = (now, now.saturating_add(valid));
    let order = parties::order_of(app, owners, window, action).await?;
    let (words, details) = describe(app, &order, &money).await?;
    let (id, until) = (order.id(), order.valid_until);
    let mut document = unsigned(order);
    parties::sign(app, &mut document).await?;
    let (own, missing) = (app.owner_or_own(None).await?, parties::missing(app, &document).await?);
    let next = match missing.as_slice() {
        [] => "anybody submits it with `specie order submit`".into(),
        missing => {
            let names: Vec<_> = missing.iter().map(ToString::to_string).collect();
            format!("now {} signs it with `specie order sign`; then anybody submits it", names.join(", "))
        },
    };
    let words = format!("Order {id}\n  {words}\n  until block {until}; now it is {now}\n  {next}");
    let value = json!({
        "order": id, "action": details, "valid_from": now, "valid_until": until, "signed_by": own, "to_sign": missing,
    });
    out.write(app, &document, value, words)
}

/// Fails for a joint account: nobody sends transactions for it.
async fn ensure_sends(app: &App, owner: OwnerId) -> Result<()> {
    match joint::account(app, owner).await? {
        Some(_) => {
            let text = format!("owner {owner} is a joint account, for which nobody sends a transaction: give --order");
            Err(Failure::new(failure::WALLET, text).into())
        },
        None => Ok(()),
    }
}

impl Release {
    async fn run(self, app: &App) -> Result<()> {
        let info = open(app, name_of(&self.escrow)?.0).await?;
        let (escrow, amount) = (info.escrow, part(app, &info, &self.amount).await?);
        if self.written.order {
            let action = Action::Release { escrow, amount };
            let valid = lifetime(&self.written.valid)?;
            return write(app, (info.payer, &[]), action, valid, &self.written.out).await;
        }
        ensure_sends(app, info.payer).await?;
        let call =
            calls::call("Escrow", "release", [("escrow", calls::order(escrow)), ("amount", calls::amount(amount))]);
        let sent = app.client().await?.submit(&call, &app.signer()?, app.wait()).await;
        let mut receipt = app.with_limits(sent, info.payer, info.payee).await?;
        receipt.what = format!("Paid {} to {} out of escrow {escrow}", app.money().await?.show(amount), info.payee);
        receipt.data = json!({ "escrow": escrow, "payee": info.payee, "amount": amount, "rest": info.rest - amount });
        app.report(&receipt)
    }
}

impl Return {
    async fn run(self, app: &App) -> Result<()> {
        let info = open(app, name_of(&self.escrow)?.0).await?;
        let action = Action::Return { escrow: info.escrow, amount: part(app, &info, &self.amount).await? };
        write(app, (info.payer, &[info.payee]), action, lifetime(&self.valid)?, &self.out).await
    }
}

async fn dispute(app: &App, escrow: &str, behalf: &Behalf, written: &Written) -> Result<()> {
    let info = open(app, name_of(escrow)?.0).await?;
    let escrow = info.escrow;
    if written.order || behalf.is_joint() {
        let own = match behalf.is_joint() {
            true => behalf.owner(app).await?,
            false => side(app, &info).await?,
        };
        return write(app, (own, &[]), Action::Dispute { escrow }, lifetime(&written.valid)?, &written.out).await;
    }
    let call = calls::call("Escrow", "dispute", [("escrow", calls::order(escrow))]);
    let mut receipt = app.client().await?.submit(&call, &app.signer()?, app.wait()).await?;
    let due = receipt.field("Escrow.Disputed", "due").cloned().unwrap_or_default();
    receipt.what = format!("The supervisor decides escrow {escrow}, or what was agreed comes about after block {due}");
    receipt.data = json!({ "escrow": escrow, "due": due });
    app.report(&receipt)
}

/// The side of an escrow that the key speaks for: its owner, or a joint account that this one manages.
async fn side(app: &App, info: &EscrowInfo) -> Result<OwnerId> {
    let (own, sides) = (app.owner_or_own(None).await?, [info.payer, info.payee]);
    if !sides.contains(&own) {
        for side in sides {
            if joint::account(app, side).await?.is_some_and(|account| account.seat(own).is_some()) {
                return Ok(side);
            }
        }
    }
    Ok(own)
}

async fn conclude(app: &App, escrow: OrderId) -> Result<()> {
    let call = calls::call("Escrow", "conclude", [("escrow", calls::order(escrow))]);
    let mut receipt = app.client().await?.submit(&call, &app.signer()?, app.wait()).await?;
    receipt.what = match receipt.field("Escrow.Disputed", "due") {
        Some(due) => {
            format!("Who loses by the end of escrow {escrow} is suspended: the supervisor decides it until block {due}")
        },
        None => format!("Escrow {escrow} is over, as was agreed"),
    };
    receipt.data = json!({ "escrow": escrow });
    app.report(&receipt)
}

/// Decides an escrow; the supervising role signs.
pub async fn decide(app: &App, escrow: OrderId, to_payee: &str, reason: Reason) -> Result<()> {
    let info = open(app, escrow).await?;
    let to_payee = match to_payee {
        "0" => 0,
        text => part(app, &info, text).await?,
    };
    let arguments =
        [("escrow", calls::order(escrow)), ("to_payee", calls::amount(to_payee)), ("reason", calls::reason(reason))];
    let (money, to_payer) = (app.money().await?, info.rest.saturating_sub(to_payee));
    let (paid, back) = (money.show(to_payee), money.show(to_payer));
    let what = format!(
        "Decided escrow {escrow} ({}): {paid} for {}, {back} back to {}",
        reason.name(),
        info.payee,
        info.payer
    );
    let data = json!({ "escrow": escrow, "to_payee": to_payee, "to_payer": to_payer, "reason": reason });
    app.send_with(&calls::call("Escrow", "decide", arguments), what, data).await
}

/// An escrow that is open.
async fn open(app: &App, escrow: OrderId) -> Result<EscrowInfo> {
    let info = known(app, escrow).await?;
    let none = || format!("no escrow {escrow} is open: it is over, or never was");
    info.ok_or_else(|| Failure::new(failure::WALLET, none()).into())
}

/// What the node tells of an escrow. With the name of another one it would have that one released.
async fn known(app: &App, escrow: OrderId) -> Result<Option<EscrowInfo>> {
    let told: Option<EscrowInfo> = app.client().await?.request("specie_escrow", rpc_params![escrow]).await?;
    Ok(told.filter(|info| info.escrow == escrow))
}

/// A part of what is left, or all of it.
async fn part(app: &App, info: &EscrowInfo, text: &str) -> Result<Balance> {
    let amount = match text {
        "all" => info.rest,
        text => app.amount(text).await?,
    };
    if amount > info.rest {
        let rest = app.money().await?.show(info.rest);
        return Err(Failure::new(failure::WALLET, format!("only {rest} are left in this escrow")).into());
    }
    Ok(amount)
}

/// Open escrows in which an owner is payer or payee.
pub async fn of_owner(app: &App, owner: OwnerId) -> Result<Vec<EscrowInfo>> {
    let (client, mut all) = (app.client().await?, Vec::<EscrowInfo>::new());
    loop {
        let after = all.last().map(|last| last.escrow);
        let page: Vec<EscrowInfo> = client.request("specie_escrows", rpc_params![owner, after, PAGE]).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

async fn list(app: &App, owner: Option<&str>) -> Result<()> {
    let owner = app.owner_to_show(owner).await?;
    let (escrows, money) = (of_owner(app, owner).await?, app.money().await?);
    app.print(&json!({ "owner": owner, "escrows": escrows }), || {
        if escrows.is_empty() {
            return "No escrow is open".into();
        }
        let row = |info: &EscrowInfo| {
            let (side, other) = if info.payer == owner { ("payer", info.payee) } else { ("payee", info.payer) };
            let disputed = if info.stopped || !info.disputed_by.is_empty() { ", disputed" } else { "" };
            vec![
                info.escrow.to_string(),
                side.into(),
                other.to_string(),
                money.show(info.rest),
                info.due.to_string(),
                format!("{}{disputed}", in_words(info.at_expiry)),
            ]
        };
        let rows: Vec<_> = escrows.iter().map(row).collect();
        output::table(&["escrow", "side", "other side", "left", "last block", "then"], &rows, &[3, 4])
    })
}

async fn show(app: &App, escrow: OrderId) -> Result<()> {
    let (info, money) = (open(app, escrow).await?, app.money().await?);
    app.print(&info, || {
        let mut words = format!(
            "Escrow {escrow}\n  {} of {} left: from {} at bank {} to {} at bank {}\n  paid {}, given back {}\n  after block {} {}; \
             now it is {}",
            money.show(info.rest),
            money.show(info.amount),
            info.payer,
            info.from_bank,
            info.payee,
            info.to_bank,
            money.show(info.paid),
            money.show(info.returned),
            info.due,
            in_words(info.at_expiry),
            info.now,
        );
        if let Some(reference) = &info.reference {
            words.push_str(&format!("\n  contract {}", hex(&reference.0)));
        }
        for owner in &info.disputed_by {
            words.push_str(&format!("\n  disputed by {owner}"));
        }
        if info.stopped {
            words.push_str("\n  disputed by nobody: who loses by its end was suspended");
        }
        words
    })
}

fn in_words(at_expiry: AtExpiry) -> &'static str {
    match at_expiry {
        AtExpiry::Pay => "the payee gets what is left",
        AtExpiry::Return => "the payer has back what is left",
    }
}

/// What an order about an escrow asks for, for a person and a program.
pub async fn describe(app: &App, order: &Order, money: &Money) -> Result<(String, Value)> {
    let name = |place: usize| order.parties.get(place).map_or("nobody".into(), |party| party.owner.to_string());
    let (payer, payee) = (name(0), name(1));
    let (words, mut value, escrow) = match &order.action {
        Action::Hold { from_bank, to_bank, amount, expires, at_expiry, reference } => {
            let contract = reference.map(|hash| hex(&hash.0));
            let found = match order.parties.get(1) {
                Some(party) => app.owner_info(party.owner, None).await?,
                None => None,
            };
            // Whoever signs in a hurry reads that it is paid, and not by whose promise.
            let stranger = found
                .filter(|info| info.bank != *to_bank)
                .map(|info| format!("\n  BANK {to_bank} DOES NOT LOOK AFTER {payee}: bank {} does", info.bank));
            let words = format!(
                "{payer} sets {} of its custody at bank {from_bank} aside for {payee} at bank {to_bank}\n  {payer} releases it, \
                 both together give it back, and after block {expires} {}{}{}",
                money.show(*amount),
                in_words(*at_expiry),
                stranger.unwrap_or_default(),
                contract.as_ref().map(|hash| format!("\n  contract {hash}")).unwrap_or_default(),
            );
            let value = json!({
                "kind": "hold", "from_bank": from_bank, "to_bank": to_bank, "amount": amount.to_string(), "expires": expires,
                "at_expiry": at_expiry, "reference": contract,
            });
            return Ok((words, value));
        },
        Action::Release { escrow, amount } => {
            let words = format!("{payer} pays {} out of escrow {escrow}", money.show(*amount));
            (words, json!({ "kind": "release", "escrow": escrow, "amount": amount.to_string() }), *escrow)
        },
        Action::Return { escrow, amount } => {
            let words = format!("{payer} gets {} back out of escrow {escrow}, if {payee} agrees", money.show(*amount));
            (words, json!({ "kind": "return", "escrow": escrow, "amount": amount.to_string() }), *escrow)
        },
        Action::Dispute { escrow } => {
            let words = format!("{payer} has the supervisor decide escrow {escrow}");
            (words, json!({ "kind": "dispute", "escrow": escrow }), *escrow)
        },
        _ => bail!("this order is about no escrow"),
    };
    let info = known(app, escrow).await?;
    let of = match &info {
        Some(info) => {
            let (rest, from, to) = (money.show(info.rest), info.payer, info.payee);
            format!("in it {rest} of {from} are left for {to}")
        },
        None => "that escrow is over, or never was".into(),
    };
    value["in_escrow"] = json!(info);
    Ok((format!("{words}\n  {of}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_those_that_orders_name() {
        for (then, outcome, words) in
            [(Then::Pay, AtExpiry::Pay, "payee gets"), (Then::Return, AtExpiry::Return, "back")]
        {
            assert_eq!(AtExpiry::from(then), outcome);
            assert!(in_words(outcome).contains(words));
        }
    }

    #[test]
    fn boundary_nobody_brings_an_order_when_its_escrow_is_nearly_over() {
        assert_eq!(
            [(60, 120), (61, 120), (60, 121), (7, 1_000)].map(|(valid, life)| in_time(valid, life)),
            [60, 60, 60, 7]
        );
    }

    #[test]
    fn a_contract_is_named_by_its_hash() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "a house").unwrap();
        let hash = hash_of(file.path()).unwrap();
        assert_eq!(hash.0, OrderId::of(b"a house").0);
        assert!(hash_of(Path::new("/nowhere/at/all")).is_err());
    }
}
