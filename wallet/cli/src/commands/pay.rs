//! What owners do: look, withdraw, deposit.

use super::{escrow, instrument, transfer};
use crate::{
    app::{self, App},
    calls,
    client::Receipt,
    failure::{self, Failure},
    output,
    purse::{Parts, Purse},
    vaults::{self, counts, value, Limits, Listed, Wanted},
    verify::Trust,
};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use specie_primitives::{
    api::OwnerInfo, Balance as Units, BankId, CoinRef, Holder, Lot, OwnerStatus, SuspendedBy, VaultId,
};
use specie_wallet::{HeldCoin, Money, Signer};

/// What an owner has.
#[derive(Args)]
#[command(after_help = "\
With --verify the node need not be believed: it must prove the coins against the state of a block, all of them, and that \
block is shown to be the network's by voters whose first ones are in the chain spec (--spec), by other nodes (--witness), \
or by both. The other nodes named with --node are asked if neither is given. Custody is a bank's promise and is shown as \
the node tells it; so are the owner's standing and what the supervisor holds.")]
pub struct Balance {
    /// Owner id, identity or key; by default the owner of --key.
    owner: Option<String>,
    #[command(flatten)]
    trust: Trust,
}

impl Balance {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let named = self.owner.as_deref();
        let owner = app.owner_to_show(named).await?;
        let (purse, verified) = match self.trust.verify {
            true => {
                let (holdings, verified) = self.trust.holdings(app, Holder::Owner(owner)).await?;
                (Purse::look_at(app, owner, holdings).await?, Some(verified))
            },
            false => (Purse::look(app, owner).await?, None),
        };
        let holdings = purse.holdings();
        let OwnerInfo { status, custody, .. } =
            app.registered(owner, named, Some(holdings.block.hash.as_str())).await?;
        let (counts, coins_value) = (counts(&holdings.coins), value(&holdings.coins));
        let (money, parts) = (app.money().await?, purse.parts(status));
        let queued = transfer::of_owner(app, owner).await?;
        let set_aside = queued.iter().fold(0, |sum: Units, queued| sum.saturating_add(queued.amount));
        let escrows = escrow::of_owner(app, owner).await?;
        let own = escrows.iter().filter(|escrow| escrow.payer == owner);
        let escrowed = own.fold(0, |sum: Units, escrow| sum.saturating_add(escrow.rest));
        let mut units = Vec::new();
        for held in instrument::units_of(app, owner).await? {
            let info = instrument::known(app, held.instrument).await?;
            units.push((held, info));
        }
        let mut value = json!({
            "owner": owner,
            "standing": status,
            "block": holdings.block,
            "coins_value": coins_value,
            "denominations": counts.iter().map(|(denomination, count)| json!({ "denomination": denomination, "count": count })).collect::<Vec<_>>(),
            "coins": holdings.coins,
            "settled_value": parts.settled,
            "pending_value": parts.pending,
            "ordered_value": parts.ordered,
            "held_value": parts.held,
            "pending": purse.pending().coins(),
            "orders": purse.pending().orders(),
            "custody": custody.iter().map(|(bank, amount)| json!({ "bank": bank, "amount": amount })).collect::<Vec<_>>(),
            "set_aside_value": set_aside,
            "escrowed_value": escrowed,
            "units": units
                .iter()
                .map(|(held, info)| json!({ "instrument": held.instrument, "amount": held.amount, "symbol": info.symbol }))
                .collect::<Vec<_>>(),
        });
        if let Some(verified) = &verified {
            value["verified"] = json!(verified);
        }
        app.print(&value, || {
            let mut rows: Vec<_> = counts
                .iter()
                .map(|(denomination, count)| {
                    vec![
                        format!("{count} × {}", money.format(denomination.0.into())),
                        money.show(denomination.value(*count)),
                    ]
                })
                .collect();
            rows.push(vec!["coins".into(), money.show(coins_value)]);
            rows.extend(part_rows(&money, parts));
            rows.extend(
                custody.iter().map(|(bank, amount)| vec![format!("custody at bank {bank}"), money.show(*amount)]),
            );
            if set_aside > 0 {
                rows.push(vec!["set aside for transfers that wait".into(), money.show(set_aside)]);
            }
            if escrowed > 0 {
                rows.push(vec!["in escrow for others".into(), money.show(escrowed)]);
            }
            rows.extend(units.iter().map(|(held, info)| {
                let name = format!("instrument {} {:?}", held.instrument, info.name);
                vec![name, instrument::in_units(info, held.amount)]
            }));
            let table = output::table(&["", ""], &rows, &[1]);
            let verified = verified.map(|verified| format!("\n{}", verified.words())).unwrap_or_default();
            format!("Owner {owner}{} at block {}{table}{verified}", remark(status), holdings.block.number)
        })
    }
}

/// What can be spent of coins, what is on its way or in orders, and what the supervisor holds.
pub fn part_rows(money: &Money, parts: Parts) -> Vec<Vec<String>> {
    let Parts { settled, pending, ordered, held } = parts;
    let row = |name: &str, value: Units| vec![format!("of which {name}"), money.show(value)];
    let mut rows = vec![row("settled", settled), row("pending", pending)];
    // Few have orders.
    if ordered > 0 {
        rows.push(row("in orders that wait", ordered));
    }
    rows.push(row("held", held));
    rows
}

/// A word on an owner who does not simply pay and is paid.
fn remark(status: OwnerStatus) -> &'static str {
    match status {
        OwnerStatus::Active => "",
        OwnerStatus::Suspended(SuspendedBy::Supervisor) => ", HELD by the supervisor: is paid, but cannot pay,",
        OwnerStatus::Suspended(SuspendedBy::Bank) => ", SUSPENDED: is paid, but cannot pay,",
        OwnerStatus::Closed => ", CLOSED,",
    }
}

/// Take coins out of custody at a bank.
#[derive(Args)]
#[command(after_help = "Examples:
  specie --key ann withdraw --bank 1 500
  specie --key ann withdraw --bank 1 --coins 100x3,50x4")]
pub struct Withdraw {
    /// Number of the bank, see `specie bank list`.
    #[arg(long, value_name = "NUMBER")]
    bank: u32,
    #[command(flatten)]
    wanted: Wanted,
}

impl Withdraw {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (bank, money) = (app.bank(self.bank).await?.bank, app.money().await?);
        let own = app.owner_or_own(None).await?;
        let at = app.client().await?.best_hash().await?;
        let info = app.registered(own, None, Some(&at)).await?;
        let custody = info.custody.iter().find(|(at, _)| *at == bank).map_or(0, |(_, custody)| *custody);
        // What the owner has there comes first: the bank's vault is none of its business.
        if let Some(wanted) = self.wanted.value(&money)? {
            ensure_covered(&money, bank, custody, wanted)?;
        }
        let (selection, value) = vaults::choose(app, VaultId::Bank(bank), &self.wanted, Limits::TO_OWNER).await?;
        ensure_covered(&money, bank, custody, value)?;
        let call = calls::call(
            "Custody",
            "withdraw",
            [("bank", calls::bank(bank)), ("selection", calls::selection(&selection))],
        );
        let what = format!("Withdrew {} in {} coins from custody at bank {bank}", money.show(value), selection.len());
        app.send_with(&call, what, json!({ "bank": bank, "amount": value, "coins": selection.len() })).await
    }
}

fn ensure_covered(money: &Money, bank: BankId, custody: Units, wanted: Units) -> Result<()> {
    if wanted > custody {
        let (has, wanted) = (money.show(custody), money.show(wanted));
        let text = format!("the custody account at bank {bank} has {has}, {wanted} are wanted");
        return Err(Failure::new(failure::WALLET, text).into());
    }
    Ok(())
}

/// Pay coins into custody at a bank.
#[derive(Args)]
#[command(after_help = "Examples:
  specie --key ann deposit --bank 1 500
  specie --key ann deposit --bank 1 --coins 100x3,50x4
  specie --key ann deposit --bank 1 --coins 3-1041,3-1042
  specie --key ann deposit --bank 1 --all

Coins of a payment that is not final yet are left out.")]
pub struct Deposit {
    /// Number of the bank, see `specie bank list`.
    #[arg(long, value_name = "NUMBER")]
    bank: u32,
    #[command(flatten)]
    which: Which,
}

/// Which coins to pay in.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// Value to pay in, with the fewest coins that make it up, for instance 1000.00.
    #[arg(allow_negative_numbers = true)]
    amount: Option<String>,
    /// Every coin instead.
    #[arg(long)]
    all: bool,
    /// The coins instead: face value x count (100x20,50x2), or their names (3-1041,3-1042).
    #[arg(long, value_name = "LIST")]
    coins: Option<String>,
}

impl Deposit {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (bank, money) = (app.bank(self.bank).await?.bank, app.money().await?);
        let amount = self.which.amount.as_deref().map(|text| money.parse_positive(text)).transpose()?;
        let listed = self.which.coins.as_deref().map(|text| Listed::read(text, &money)).transpose()?;
        let own = app.owner_or_own(None).await?;
        let key = app.signer()?;
        let mut purse = Purse::open(app, own).await?;
        let coins = match (amount, listed) {
            (Some(amount), _) => purse.select(app, amount).await?,
            (None, Some(Listed::Lots(lots))) => of_lots(&purse, &lots, &money)?,
            (None, Some(Listed::Names(names))) => {
                let coins = vaults::by_name(app, Holder::Owner(own), &purse.holdings().coins, &names).await?;
                if let Some(coin) = coins.iter().find(|coin| purse.pending().of(coin).is_some()) {
                    return Err(purse.refuse(&money, format!("coin {} is on its way already", coin.coin)));
                }
                if let Some(coin) = coins.iter().find(|coin| purse.pending().promised(coin).is_some()) {
                    return Err(purse.refuse(&money, format!("an order names coin {}", coin.coin)));
                }
                coins
            },
            (None, None) => purse.free().to_vec(),
        };
        if coins.is_empty() {
            return Err(purse.refuse(&money, "there are no coins to pay in".into()));
        }
        let mut receipts = Vec::new();
        let result = pay_in(app, &mut purse, &key, bank, &coins, &mut receipts).await;
        app.finish_steps(&receipts, result)
    }
}

/// Pays coins in, as many in a transaction as it takes.
async fn pay_in(
    app: &App,
    purse: &mut Purse,
    key: &Signer,
    bank: BankId,
    coins: &[HeldCoin],
    receipts: &mut Vec<Receipt>,
) -> Result<()> {
    let money = app.money().await?;
    for part in coins.chunks(specie_primitives::MAX_COINS_PER_CALL as usize) {
        let value = value(part);
        let call = calls::call(
            "Custody",
            "deposit",
            [("bank", calls::bank(bank)), ("coins", calls::coins(&references(part)))],
        );
        let mut receipt = purse.spend(app, key, &call, part).await?;
        receipt.what =
            format!("Paid {} into custody at bank {bank} with {}", money.show(value), describe(&money, part));
        receipt.data = json!({ "bank": bank, "amount": value, "coins": app::names(part) });
        receipts.push(app.step(receipt)?);
    }
    Ok(())
}

/// Free coins by face value and count.
pub(super) fn of_lots(purse: &Purse, lots: &[Lot], money: &Money) -> Result<Vec<HeldCoin>> {
    let mut coins: Vec<HeldCoin> = Vec::new();
    for lot in lots {
        let of = purse.free().iter().filter(|coin| coin.denomination == lot.denomination);
        let before = coins.len();
        coins.extend(of.take(lot.count as usize));
        let found = coins.len() - before;
        if found < lot.count as usize {
            let face = money.show(lot.denomination.0.into());
            return Err(purse.refuse(money, format!("there are {found} coins of {face}, {} are wanted", lot.count)));
        }
    }
    Ok(coins)
}

pub(super) fn references(coins: &[HeldCoin]) -> Vec<CoinRef> {
    coins.iter().map(HeldCoin::reference).collect()
}

pub(super) fn describe(money: &Money, coins: &[HeldCoin]) -> String {
    vaults::describe(money, &counts(coins))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custody_is_said_first() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        assert!(ensure_covered(&money, BankId(1), 500, 500).is_ok());
        let text = ensure_covered(&money, BankId(1), 499, 500).unwrap_err().to_string();
        assert_eq!(text, "the custody account at bank 1 has 4.99 SPC, 5.00 SPC are wanted");
        let wanted = |amount: Option<&str>, coins: Option<&str>| {
            Wanted { amount: amount.map(Into::into), coins: coins.map(Into::into) }.value(&money).unwrap()
        };
        assert_eq!(wanted(Some("5"), None), Some(500));
        assert_eq!(wanted(None, Some("2x3,0.50x1")), Some(650));
        assert_eq!(wanted(None, Some("3-7")), None, "a name tells no value");
    }

    #[test]
    fn an_owner_who_cannot_pay_is_remarked_on() {
        assert_eq!(remark(OwnerStatus::Active), "");
        assert!(remark(OwnerStatus::Suspended(SuspendedBy::Bank)).contains("SUSPENDED"));
        assert!(remark(OwnerStatus::Suspended(SuspendedBy::Supervisor)).contains("HELD by the supervisor"));
        assert!(remark(OwnerStatus::Closed).contains("CLOSED"));
    }
}
