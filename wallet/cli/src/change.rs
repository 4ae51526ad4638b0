//! Where a payer gets change, when its coins do not make up an amount.

use crate::{
    app::App,
    failure::{self, Failure},
    vaults,
};
use anyhow::Result;
use specie_primitives::{
    api::BankInfo, Balance, BankId, BankStatus, ChangeFrom, ChangePolicy, CoinRef, Counts, Denomination, Lot,
    Selection, VaultId, MAX_FRESH_PER_CALL,
};
use specie_wallet::{plan, ChangePlan, HeldCoin, Money};
use std::collections::BTreeMap;

/// How often a payment is tried when others take the coins of the vault first.
pub const TRIES: u32 = 3;

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
