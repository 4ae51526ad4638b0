//! Orders of two who exchange something, of units of an instrument, and of coins out of custody and back.

use super::{
    instrument,
    order::{clock, lifetime, look, Out},
    parties::{self, Behalf},
    pay::references,
};
use crate::{
    app::App,
    failure::{self, Failure},
    purse::{self, Purse},
    vaults::{self, Limits, Wanted},
};
use anyhow::{Context, Result};
use clap::Args;
use serde_json::{json, Value};
use specie_primitives::{
    api::CoinInfo,
    instruments::{InstrumentInfo, MAX_COINS_PER_LEG},
    orders::Action,
    Balance, BankId, CoinRef, InstrumentId, Leg, Order, OwnerId, VaultId,
};
use specie_wallet::{order::unsigned, Money};
use subxt::rpcs::client::rpc_params;

/// How an order is written.
#[derive(Args)]
struct Paper {
    /// How long it can be executed.
    #[arg(long, default_value = "1d", value_name = "7d|12h|90m")]
    valid: String,
    /// Leave the signature to another program.
    #[arg(long)]
    unsigned: bool,
    #[command(flatten)]
    behalf: Behalf,
    #[command(flatten)]
    out: Out,
}

impl Paper {
    /// Writes an order of these, and signs it where the owner of the key does.
    async fn write(&self, app: &App, own: OwnerId, others: &[OwnerId], action: Action) -> Result<()> {
        self.out.ensure_new()?;
        let now = clock(app).await?;
        let valid = (now, now.saturating_add(lifetime(&self.valid)?));
        let mut document = unsigned(parties::order_of(app, (own, others), valid, action).await?);
        if !self.unsigned {
            parties::sign(app, &mut document).await?;
        }
        purse::remember(app, own, &document.order).await?;
        let (words, value) = look(app, &document).await?.told();
        self.out.write(app, &document, value, words)
    }
}

/// Write an order to exchange something with somebody, and sign it.
#[derive(Args)]
#[command(after_help = "Examples:
  specie --key ann order exchange ben --give units:7:1000 --take coins:995.00 --out sale.order
  specie --key ann order exchange cid --give units:7:1000 --take custody:995.00 --out sale.order
  specie --key cid order sign sale.order --out sold.order
  specie --key cid order submit sold.order

What is given and what is taken is one of
  coins:AMOUNT                     coins that make it up, those of the other one for --take
  custody:AMOUNT[:FROM-BANK[:TO-BANK]]   by default from the bank that looks after the giver to that of the other
  units:INSTRUMENT:AMOUNT          units of a bill, a voucher or a security

Both go through, or neither. Custody never waits for reserves here.")]
pub struct Exchange {
    /// With whom: owner id, identity or key.
    other: String,
    /// What you give.
    #[arg(long, value_name = "WHAT")]
    give: String,
    /// What you get.
    #[arg(long, value_name = "WHAT")]
    take: String,
    #[command(flatten)]
    paper: Paper,
}

impl Exchange {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (own, other) = (self.paper.behalf.owner(app).await?, app.owner(&self.other).await?);
        if own == other {
            return Err(Failure::new(failure::WALLET, format!("both sides are the same owner, {own}")).into());
        }
        app.registered(other, Some(&self.other), None).await?;
        let (give, take) = (leg(app, &self.give, own, other).await?, leg(app, &self.take, other, own).await?);
        self.paper.write(app, own, &[other], Action::Exchange { give, take }).await
    }
}

/// Write an order to give units of an instrument to somebody, and sign it.
#[derive(Args)]
pub struct Units {
    /// Number of the instrument.
    instrument: u32,
    /// Who gets them: owner id, identity or key.
    to: String,
    /// How much.
    #[arg(allow_negative_numbers = true)]
    amount: String,
    #[command(flatten)]
    paper: Paper,
}

impl Units {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (own, to, instrument) =
            (self.paper.behalf.owner(app).await?, app.owner(&self.to).await?, InstrumentId(self.instrument));
        let amount = instrument::read_amount(&instrument::known(app, instrument).await?, &self.amount)?;
        app.registered(to, Some(&self.to), None).await?;
        self.paper.write(app, own, &[], Action::Asset { instrument, to, amount }).await
    }
}

/// Write an order to give units back for nothing, and sign it.
#[derive(Args)]
pub struct Redemption {
    /// Number of the instrument.
    instrument: u32,
    /// How much.
    #[arg(allow_negative_numbers = true)]
    amount: String,
    #[command(flatten)]
    paper: Paper,
}

impl Redemption {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (own, instrument) = (self.paper.behalf.owner(app).await?, InstrumentId(self.instrument));
        let amount = instrument::read_amount(&instrument::known(app, instrument).await?, &self.amount)?;
        self.paper.write(app, own, &[], Action::Redeem { instrument, amount }).await
    }
}

/// Write an order to take coins out of custody, and sign it.
#[derive(Args)]
pub struct Withdrawal {
    /// Number of the bank.
    #[arg(long, value_name = "NUMBER")]
    bank: u32,
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    paper: Paper,
}

impl Withdrawal {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (own, bank) = (self.paper.behalf.owner(app).await?, app.bank(self.bank).await?.bank);
        let (selection, _) = vaults::choose(app, VaultId::Bank(bank), &self.wanted, Limits::TO_OWNER).await?;
        self.paper.write(app, own, &[], Action::Withdraw { bank, selection }).await
    }
}

/// Write an order to pay coins into custody, and sign it.
#[derive(Args)]
pub struct Payment {
    /// Number of the bank.
    #[arg(long, value_name = "NUMBER")]
    bank: u32,
    /// Value, with the fewest coins that make it up.
    #[arg(allow_negative_numbers = true)]
    amount: String,
    #[command(flatten)]
    paper: Paper,
}

impl Payment {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (own, bank) = (self.paper.behalf.owner(app).await?, app.bank(self.bank).await?.bank);
        let amount = app.amount(&self.amount).await?;
        let coins = references(&Purse::look(app, own).await?.select(app, amount).await?);
        let coins = coins.try_into().map_err(|_| anyhow::anyhow!("too many coins for one order"))?;
        self.paper.write(app, own, &[], Action::Deposit { bank, coins }).await
    }
}

/// Reads what one gives another.
async fn leg(app: &App, text: &str, giver: OwnerId, taker: OwnerId) -> Result<Leg> {
    let bad = || format!("'{text}' is neither coins:AMOUNT, custody:AMOUNT nor units:INSTRUMENT:AMOUNT");
    match text.split(':').collect::<Vec<_>>().as_slice() {
        ["coins", amount] => {
            let amount = app.amount(amount).await?;
            let coins = references(&Purse::look(app, giver).await?.select(app, amount).await?);
            let many = |_| anyhow::anyhow!("an exchange takes {MAX_COINS_PER_LEG} coins at most");
            Ok(Leg::Coins(coins.try_into().map_err(many)?))
        },
        ["custody", amount, banks @ ..] if banks.len() <= 2 => {
            let amount = app.amount(amount).await?;
            let from_bank = bank(app, banks.first().copied(), giver).await?;
            let to_bank = bank(app, banks.get(1).copied(), taker).await?;
            Ok(Leg::Custody { from_bank, to_bank, amount })
        },
        ["units", number, amount] => {
            let instrument = InstrumentId(number.parse().with_context(bad)?);
            let info = instrument::known(app, instrument).await?;
            Ok(Leg::Units { instrument, amount: instrument::read_amount(&info, amount)? })
        },
        _ => Err(Failure::new(failure::WALLET, bad()).into()),
    }
}

/// The bank that is named, else the one that looks after the owner.
async fn bank(app: &App, number: Option<&str>, owner: OwnerId) -> Result<BankId> {
    let number = number.map(|text| text.parse::<u32>().with_context(|| format!("'{text}' is no number of a bank")));
    parties::bank_of(app, number.transpose()?, owner).await
}

/// What coins are worth.
async fn worth(app: &App, coins: &[CoinRef]) -> Result<Balance> {
    let mut value = Balance::default();
    for coin in coins {
        let info: Option<CoinInfo> = app.client().await?.request("specie_coin", rpc_params![coin.coin]).await?;
        let info = info.with_context(|| format!("there is no coin {}", coin.coin))?;
        value = value.saturating_add(info.denomination.0.into());
    }
    Ok(value)
}

fn names(coins: &[CoinRef]) -> Vec<String> {
    coins.iter().map(|coin| coin.coin.to_string()).collect()
}

/// What a leg says, for a person and a program.
async fn leg_told(app: &App, leg: &Leg, money: &Money) -> Result<(String, Value)> {
    match leg {
        Leg::Coins(coins) => {
            let value = worth(app, coins).await?;
            let words = format!("{} with {} coins", money.show(value), coins.len());
            Ok((words, json!({ "kind": "coins", "amount": value.to_string(), "coins": names(coins) })))
        },
        Leg::Custody { from_bank, to_bank, amount } => {
            let words =
                format!("{} from custody at bank {from_bank} to custody at bank {to_bank}", money.show(*amount));
            let value = json!({
                "kind": "custody", "from_bank": from_bank, "to_bank": to_bank, "amount": amount.to_string(),
            });
            Ok((words, value))
        },
        Leg::Units { instrument, amount } => {
            let words = units_told(app, *instrument, *amount).await?;
            Ok((words, json!({ "kind": "units", "instrument": instrument, "amount": amount.to_string() })))
        },
    }
}

/// Anybody who defines an instrument chooses its name and symbol, those of money for instance: what it is stands at the amount,
/// and the name, in quotes, behind the number.
fn units_in_words(info: &InstrumentInfo, amount: Balance) -> String {
    let InstrumentInfo { instrument, name, symbol, .. } = info;
    format!("{} of instrument {instrument}, {symbol:?} {name:?}", instrument::in_units(info, amount))
}

async fn units_told(app: &App, instrument: InstrumentId, amount: Balance) -> Result<String> {
    let info = instrument::known(app, instrument).await?;
    Ok(units_in_words(&info, amount))
}

/// What such an order asks for; nothing if it is another one.
pub async fn told(app: &App, order: &Order, money: &Money) -> Result<Option<(String, Value)>> {
    let payer = order.payer().map(|payer| payer.to_string()).unwrap_or_default();
    let told = match &order.action {
        Action::Asset { instrument, to, amount } => {
            let words = format!("{payer} gives {} to {to}", units_told(app, *instrument, *amount).await?);
            (words, json!({ "kind": "asset", "instrument": instrument, "to": to, "amount": amount.to_string() }))
        },
        Action::Redeem { instrument, amount } => {
            let words = format!("{payer} gives {} back for nothing", units_told(app, *instrument, *amount).await?);
            (words, json!({ "kind": "redeem", "instrument": instrument, "amount": amount.to_string() }))
        },
        Action::Exchange { give, take } => {
            let other = order.parties.get(1).map(|party| party.owner.to_string()).unwrap_or_default();
            let ((given, give), (taken, take)) = (leg_told(app, give, money).await?, leg_told(app, take, money).await?);
            let words = format!("{payer} gives {given}\n  {other} gives {taken}\n  both or neither");
            (words, json!({ "kind": "exchange", "give": give, "take": take }))
        },
        Action::Withdraw { bank, selection } => {
            let value = worth(app, &selection.coins).await?.saturating_add(vaults::worth(&selection.fresh));
            let words = format!(
                "{payer} takes {} out of custody at bank {bank} in {} coins",
                money.show(value),
                selection.len()
            );
            (words, json!({ "kind": "withdraw", "bank": bank, "amount": value.to_string() }))
        },
        Action::Deposit { bank, coins } => {
            let value = worth(app, coins).await?;
            let words =
                format!("{payer} pays {} into custody at bank {bank} with {} coins", money.show(value), coins.len());
            let value = json!({
                "kind": "deposit", "bank": bank, "amount": value.to_string(), "coins": names(coins),
            });
            (words, value)
        },
        _ => return Ok(None),
    };
    Ok(Some(told))
}

#[cfg(test)]
mod tests {
    use super::*;
    use specie_primitives::{
        instruments::{HolderRule, InstrumentKind},
        Institution,
    };

    #[test]
    fn units_are_not_taken_for_money() {
        let info = InstrumentInfo {
            instrument: InstrumentId(7),
            institution: Institution::Bank(BankId(1)),
            kind: InstrumentKind::Bill,
            name: "10\" of money\u{202e}".into(),
            symbol: "SPC".into(),
            decimals: 2,
            reference: Default::default(),
            holders: HolderRule::Anyone,
            transferable: true,
            most: 1_000_000,
            matures: None,
            agent: None,
            paused: Default::default(),
            flows: Default::default(),
            supply: 0,
        };
        let words = units_in_words(&info, 1_000);
        assert_eq!(words, "10.00 units of instrument 7, \"SPC\" \"10\\\" of money\\u{202e}\"");
    }
}
