//! Where a payer gets change, when its coins do not make up an amount.

use crate::{
    app::App,
    calls,
    client::{Receipt, Wait},
    failure::{self, Failure},
    purse::Purse,
    vaults,
};
use anyhow::Result;
use serde_json::json;
use specie_primitives::{
    api::BankInfo, Balance, BankId, BankStatus, ChangeFrom, ChangePolicy, CoinRef, Counts, Denomination, Lot, OwnerId,
    Selection, VaultId, MAX_FRESH_PER_CALL,
};
use specie_wallet::{plan, ChangePlan, HeldCoin, Money, Signs};
use std::collections::BTreeMap;

/// How often a payment is tried when others take the coins of the vault first.
pub const TRIES: u32 = 3;

/// How a payer wants change.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    /// Not at all.
    pub exact: bool,
    /// From this bank and no other.
    pub bank: Option<u32>,
}

/// A payment with change that can be sent.
pub struct Offer {
    /// Where the change comes from.
    pub at: ChangeFrom,
    /// That place in words: `Bank A's vault`.
    pub place: String,
    /// Which coins.
    pub plan: ChangePlan,
    /// What the payee gets from there.
    pub pay: Selection,
    /// What the payer gets back.
    pub change: Selection,
}

/// Has a coin changed in a transaction of its own, unless free coins make up the amount, at most so many. Gives coins that do.
/// Should what follows fail, the same command goes on from there: then there are such coins.
pub async fn first(
    app: &App,
    key: &impl Signs,
    payer: OwnerId,
    (amount, most): (Balance, u64),
    wish: Wish,
    receipts: &mut Vec<Receipt>,
) -> Result<(Purse, Vec<HeldCoin>)> {
    let (own, money) = (app.registered(payer, None, None).await?.bank, app.money().await?);
    let mut tries = 1;
    loop {
        let mut purse = Purse::open(app, payer).await?;
        let refused = match purse.select(app, amount).await {
            Ok(coins) => return Ok((purse, coins)),
            Err(error) => error,
        };
        // Once is enough, unless another command spends what came back.
        let offer = match wish.exact || !receipts.is_empty() {
            true => None,
            false => offer(app, own, wish.bank, purse.free(), amount).await?,
        };
        let offer = offer.ok_or(refused)?;
        ensure_few(&purse, &money, (offer.plan.own.len() as u64).saturating_add(offer.pay.len()), most)?;
        match exchange(app, &mut purse, key, payer, &offer).await {
            Ok(receipt) => receipts.push(app.step(receipt)?),
            Err(error) if was_taken(&error) && tries < TRIES => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Fails if coins that make up an amount are too many for the call that is to take them.
pub fn ensure_few(purse: &Purse, money: &Money, coins: u64, most: u64) -> Result<()> {
    if coins <= most {
        return Ok(());
    }
    let text = format!(
        "the amount takes {coins} coins, {most} can wait together: pay in parts, or 'specie change' some for larger ones"
    );
    Err(purse.refuse(money, text))
}

/// Exchanges the coin of an offer for both of its parts. Waits until they can be spent.
async fn exchange(app: &App, purse: &mut Purse, key: &impl Signs, owner: OwnerId, offer: &Offer) -> Result<Receipt> {
    let (money, give, take) = (app.money().await?, offer.plan.give, together(&offer.pay, &offer.change)?);
    let arguments = [
        ("at", calls::change_from(offer.at)),
        ("give", calls::coins(&[give.reference()])),
        ("take", calls::selection(&take)),
    ];
    let call = calls::call("Ownership", "exchange", arguments);
    let mut receipt = purse.spend_until(app, key, &call, &[give], Wait::Final).await?;
    let (number, value) = (take.len(), Balance::from(give.denomination.0));
    receipt.what =
        format!("Exchanged a coin of {} for {number} coins of the same value from {}", money.show(value), offer.place);
    receipt.data = json!({ "owner": owner, "at": offer.at, "amount": value, "given": [give.coin], "coins": number });
    Ok(receipt)
}

/// Both parts of an offer as one.
fn together(pay: &Selection, change: &Selection) -> Result<Selection> {
    let mut fresh = BTreeMap::<Denomination, u32>::new();
    for lot in pay.fresh.iter().chain(change.fresh.iter()) {
        let count = fresh.entry(lot.denomination).or_default();
        *count = count.saturating_add(lot.count);
    }
    let fresh: Vec<Lot> = fresh.into_iter().map(|(denomination, count)| Lot { denomination, count }).collect();
    let coins: Vec<CoinRef> = pay.coins.iter().chain(change.coins.iter()).copied().collect();
    Ok(Selection { fresh: vaults::bounded(fresh)?, coins: vaults::circulated(coins)? })
}

/// Looks for change: in the vault of the bank that is asked for, else in that of the payer's own bank, then of the others
/// that change for anyone, then from the issuer. `None` if nobody has it.
pub async fn offer(
    app: &App,
    own: BankId,
    asked: Option<u32>,
    free: &[HeldCoin],
    amount: Balance,
) -> Result<Option<Offer>> {
    for bank in willing(app.banks().await?, own, asked)? {
        let vault = VaultId::Bank(bank.bank);
        let fresh = vaults::fresh(app, vault).await?;
        let (at, place) = (ChangeFrom::Vault(bank.bank), place(&bank));
        if let Some(plan) = plan(free, amount, &fresh, |_| true) {
            let (pay, change) = (of_lots(&plan.pay)?, of_lots(&plan.change)?);
            return Ok(Some(Offer { at, place, plan, pay, change }));
        }
        // Coins that circulated before have names: two payers who want the same one get in each other's way.
        let singles = vaults::loose(app, vault).await?;
        if let Some(plan) = plan(free, amount, &all(&fresh, &singles), |_| true) {
            let (pay, change) = named(&app.money().await?, fresh, singles, &plan)?;
            return Ok(Some(Offer { at, place, plan, pay, change }));
        }
    }
    if asked.is_some() {
        return Ok(None);
    }
    let faces = &app.network().await?.recoinable;
    let stock: Counts = faces.iter().map(|face| (*face, MAX_FRESH_PER_CALL.into())).collect();
    let Some(plan) = plan(free, amount, &stock, |face| faces.contains(&face)) else { return Ok(None) };
    let (pay, change) = (of_lots(&plan.pay)?, of_lots(&plan.change)?);
    Ok(Some(Offer { at: ChangeFrom::Issuer, place: "the issuer".into(), plan, pay, change }))
}

/// A bank's vault in words.
pub fn place(bank: &BankInfo) -> String {
    format!("{}'s vault", crate::output::printable(&bank.name))
}

/// Banks that change for a customer of `own`, that one first.
fn willing(banks: Vec<BankInfo>, own: BankId, asked: Option<u32>) -> Result<Vec<BankInfo>> {
    let changes = |bank: &BankInfo| match bank.change {
        ChangePolicy::Nobody => false,
        ChangePolicy::OwnCustomers => bank.bank == own,
        ChangePolicy::Anyone => true,
    };
    let mut found: Vec<BankInfo> =
        banks.into_iter().filter(|bank| bank.status == BankStatus::Active && changes(bank)).collect();
    if let Some(number) = asked {
        found.retain(|bank| bank.bank == BankId(number));
        if found.is_empty() {
            let text = format!("bank {number} changes no coins for you: 'specie bank list' shows the banks");
            return Err(Failure::new(failure::WALLET, text).into());
        }
    }
    found.sort_by_key(|bank| (bank.bank != own, bank.bank));
    Ok(found)
}

/// Never-issued and single coins of a vault together.
fn all(fresh: &Counts, singles: &[HeldCoin]) -> Counts {
    let mut all: BTreeMap<Denomination, u64> = fresh.iter().copied().collect();
    for coin in singles {
        *all.entry(coin.denomination).or_default() += 1;
    }
    all.into_iter().collect()
}

/// Both parts of the change with coins of a vault, each coin once.
fn named(
    money: &Money,
    mut fresh: Counts,
    mut singles: Vec<HeldCoin>,
    plan: &ChangePlan,
) -> Result<(Selection, Selection)> {
    let pay = vaults::split(money, &fresh, &singles, &plan.pay)?;
    for lot in &pay.fresh {
        let of = fresh.iter_mut().filter(|(face, _)| *face == lot.denomination);
        of.for_each(|(_, count)| *count = count.saturating_sub(lot.count.into()));
    }
    let taken: Vec<CoinRef> = pay.coins.to_vec();
    singles.retain(|coin| !taken.contains(&coin.reference()));
    Ok((pay, vaults::split(money, &fresh, &singles, &plan.change)?))
}

/// Never-issued coins only.
pub fn of_lots(lots: &[Lot]) -> Result<Selection> {
    Ok(Selection { fresh: vaults::bounded(lots.to_vec())?, coins: Default::default() })
}

/// Whether somebody else took a coin of the vault first, so that another try may find others.
pub fn was_taken(error: &anyhow::Error) -> bool {
    let Some(failure) = error.downcast_ref::<Failure>() else { return false };
    let reason = (failure.pallet.as_deref(), failure.name.as_deref());
    failure.kind == failure::DISPATCH
        && matches!(
            reason,
            (Some("Vault"), Some("NotEnoughCoins")) | (Some("Ownership"), Some("NotHolder" | "WrongRevision"))
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use specie_primitives::{AccountId, CoinId};

    fn bank(number: u32, change: ChangePolicy, status: BankStatus) -> BankInfo {
        BankInfo {
            bank: BankId(number),
            name: format!("Bank {number}"),
            account: AccountId::new([0; 32]),
            status,
            reserve: 0,
            vault: 0,
            stock: Vec::new(),
            custody: 0,
            change,
        }
    }

    #[test]
    fn the_own_bank_is_asked_first_and_only_those_that_are_open() {
        use {BankStatus::*, ChangePolicy::*};
        let banks = || {
            vec![
                bank(1, Anyone, Active),
                bank(2, OwnCustomers, Active),
                bank(3, OwnCustomers, Active),
                bank(4, Nobody, Active),
                bank(5, Anyone, Suspended),
            ]
        };
        let numbers = |own, asked| {
            willing(banks(), BankId(own), asked).map(|found| found.iter().map(|bank| bank.bank.0).collect::<Vec<_>>())
        };
        assert_eq!(numbers(2, None).unwrap(), [2, 1]);
        assert_eq!(numbers(4, None).unwrap(), [1]);
        assert_eq!(numbers(2, Some(1)).unwrap(), [1]);
        for closed in [3, 4, 5, 9] {
            let text = numbers(2, Some(closed)).unwrap_err().to_string();
            assert!(text.contains(&format!("bank {closed} changes no coins")), "{text}");
        }
    }

    #[test]
    fn no_coin_of_a_vault_is_named_twice() {
        let single =
            |index| HeldCoin { coin: CoinId { batch: 1, index }, revision: 2, denomination: Denomination(100) };
        let lot = |value, count| Lot { denomination: Denomination(value), count };
        let fresh = vec![(Denomination(100), 1), (Denomination(500), 1)];
        let plan =
            ChangePlan { own: vec![], give: single(9), pay: vec![lot(100, 2)], change: vec![lot(100, 2), lot(500, 1)] };
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let (pay, change) = named(&money, fresh.clone(), (0..3).map(single).collect(), &plan).unwrap();
        assert_eq!((pay.fresh.to_vec(), pay.coins.to_vec()), (vec![lot(100, 1)], vec![single(0).reference()]));
        assert_eq!(change.fresh.to_vec(), [lot(500, 1)]);
        assert_eq!(change.coins.to_vec(), [single(1).reference(), single(2).reference()]);
        assert_eq!(all(&fresh, &[single(0)]), [(Denomination(100), 2), (Denomination(500), 1)]);
        assert!(named(&money, fresh, vec![single(0)], &plan).is_err());
        // In one exchange each face value is named once, and each coin.
        let both = together(&pay, &change).unwrap();
        assert_eq!(both.fresh.to_vec(), [lot(100, 1), lot(500, 1)]);
        assert_eq!(both.coins.to_vec(), (0..3).map(|index| single(index).reference()).collect::<Vec<_>>());
        let twice = together(&of_lots(&[lot(100, 2)]).unwrap(), &of_lots(&[lot(100, 3)]).unwrap()).unwrap();
        assert_eq!((twice.fresh.to_vec(), twice.len()), (vec![lot(100, 5)], 5));
    }

    #[test]
    fn only_a_lost_race_is_tried_again() {
        let lost = |kind, pallet: &str, name: &str| {
            let failure = Failure { pallet: Some(pallet.into()), name: Some(name.into()), ..Failure::new(kind, "") };
            was_taken(&failure.into())
        };
        assert!(
            lost(failure::DISPATCH, "Vault", "NotEnoughCoins") && lost(failure::DISPATCH, "Ownership", "NotHolder")
        );
        assert!(!lost(failure::DISPATCH, "Vault", "NoChange") && !lost(failure::NODE, "Vault", "NotEnoughCoins"));
        assert!(!was_taken(&anyhow::anyhow!("the connection broke")));
    }
}
