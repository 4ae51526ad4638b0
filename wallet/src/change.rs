//! How to pay exactly an amount that no coins make up.
//!
//! Some coins go to the payee as they are. One coin goes to a place that has others, a bank's vault or the issuer: from
//! there the payee gets what lacks to the amount, and the payer the rest of that coin. One coin is always enough, because
//! every coin beside the best set below the amount is worth more than what that set lacks.

use crate::{
    coins::{select, select_counts, HeldCoin, SelectionError},
    total,
};
use specie_primitives::{Balance, Counts, Denomination, Lot, MAX_FRESH_PER_CALL};

/// A payment with change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangePlan {
    /// Coins that go to the payee as they are.
    pub own: Vec<HeldCoin>,
    /// The coin that is given for others.
    pub give: HeldCoin,
    /// What the payee gets for it.
    pub pay: Vec<Lot>,
    /// What the payer gets back.
    pub change: Vec<Lot>,
}

impl ChangePlan {
    /// Coins that move.
    pub fn moved(&self) -> u64 {
        let lots = self.pay.iter().chain(&self.change).map(|lot| u64::from(lot.count)).sum::<u64>();
        self.own.len() as u64 + 1 + lots
    }

    /// What comes back, in minor units.
    pub fn returned(&self) -> Balance {
        total(&self.change)
    }

    /// The payer's coins that it spends.
    pub fn spent(&self) -> Vec<HeldCoin> {
        self.own.iter().copied().chain([self.give]).collect()
    }
}

/// Plans a payment of `amount` minor units with change from a `stock` of other coins, so that few coins move. For each
/// face value that may be given, the best set below the amount is tried, and that set without its smallest coins. `None`
/// when the stock does not have what it takes, or the coins are worth too little.
pub fn plan(
    held: &[HeldCoin],
    amount: Balance,
    stock: &Counts,
    may_give: impl Fn(Denomination) -> bool,
) -> Option<ChangePlan> {
    let mut best: Option<ChangePlan> = None;
    let mut faces: Vec<Denomination> =
        held.iter().map(|coin| coin.denomination).filter(|face| may_give(*face)).collect();
    faces.sort();
    faces.dedup();
    for face in faces {
        let give = held.iter().filter(|coin| coin.denomination == face).min_by_key(|coin| coin.coin).copied()?;
        let others: Vec<HeldCoin> = held.iter().filter(|coin| coin.coin != give.coin).copied().collect();
        let mut own = below(&others, amount);
        loop {
            let lacking = amount.saturating_sub(worth(&own));
            if lacking > 0 && lacking < Balance::from(face.0) {
                if let Some((pay, change)) = change(stock, lacking, Balance::from(face.0) - lacking) {
                    let plan = ChangePlan { own: own.clone(), give, pay, change };
                    if best.as_ref().is_none_or(|best| plan.moved() < best.moved()) {
                        best = Some(plan);
                    }
                }
            }
            // The largest come first.
            if lacking >= Balance::from(face.0) || own.pop().is_none() {
                break;
            }
        }
    }
    best
}

/// The largest value below the amount that some coins are worth.
fn below(held: &[HeldCoin], amount: Balance) -> Vec<HeldCoin> {
    match select(held, amount) {
        Err(SelectionError::NeedsChange(change)) => select(held, change.below).unwrap_or_default(),
        Err(SelectionError::NotEnough { have, .. }) => select(held, have).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The coins of a stock that make up both amounts.
fn change(stock: &Counts, pay: Balance, back: Balance) -> Option<(Vec<Lot>, Vec<Lot>)> {
    let limit = u64::from(MAX_FRESH_PER_CALL);
    let paid = select_counts(stock, pay, limit).ok()?;
    let taken = |face| paid.iter().filter(|lot| lot.denomination == face).map(|lot| u64::from(lot.count)).sum::<u64>();
    let left: Counts = stock.iter().map(|(face, count)| (*face, count.saturating_sub(taken(*face)))).collect();
    let used: u64 = paid.iter().map(|lot| u64::from(lot.count)).sum();
    let back = select_counts(&left, back, limit.saturating_sub(used)).ok()?;
    Some((paid, back))
}

fn worth(coins: &[HeldCoin]) -> Balance {
    coins.iter().map(|coin| Balance::from(coin.denomination.0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use specie_primitives::CoinId;

    fn coins(counts: &[(u64, u32)]) -> Vec<HeldCoin> {
        let mut held = Vec::new();
        for (batch, (value, count)) in counts.iter().enumerate() {
            held.extend((0..*count).map(|index| HeldCoin {
                coin: CoinId { batch: batch as u32, index },
                revision: index % 3,
                denomination: Denomination(*value),
            }));
        }
        held
    }

    fn stock(counts: &[(u64, u64)]) -> Counts {
        counts.iter().map(|(value, count)| (Denomination(*value), *count)).collect()
    }

    fn lot(value: u64, count: u32) -> Lot {
        Lot { denomination: Denomination(value), count }
    }

    fn any(_: Denomination) -> bool {
        true
    }

    #[test]
    fn one_large_coin_is_changed() {
        let plan = plan(&coins(&[(1_000, 1)]), 700, &stock(&[(100, 9), (200, 9), (500, 9)]), any).unwrap();
        assert!(plan.own.is_empty());
        assert_eq!(
            (plan.pay.clone(), plan.change.clone()),
            (vec![lot(500, 1), lot(200, 1)], vec![lot(200, 1), lot(100, 1)])
        );
        assert_eq!((plan.returned(), plan.moved(), plan.spent().len()), (300, 5, 1));
    }

    #[test]
    fn own_coins_pay_what_they_can_if_fewer_move() {
        let plan =
            plan(&coins(&[(10_000, 2), (5_000, 1), (1_000, 1)]), 15_200, &stock(&[(100, 99), (200, 9), (500, 9)]), any);
        let plan = plan.unwrap();
        let own: Vec<u64> = plan.own.iter().map(|coin| coin.denomination.0).collect();
        assert_eq!((own, plan.give.denomination.0, plan.returned()), (vec![10_000, 5_000], 1_000, 800));
    }

    #[test]
    fn nothing_is_planned_without_the_coins_for_it() {
        let held = coins(&[(1_000, 1)]);
        assert_eq!(plan(&held, 700, &stock(&[(500, 9)]), any), None);
        // Six hundreds: the payment takes them all and nothing is left for the change.
        assert_eq!(plan(&held, 700, &stock(&[(100, 7)]), any), None);
        assert_eq!(plan(&held, 1_001, &stock(&[(1, 9_999)]), any), None);
        assert_eq!(plan(&held, 700, &stock(&[(100, 99)]), |face| face.0 < 1_000), None);
        assert_eq!(plan(&[], 700, &stock(&[(100, 99)]), any), None);
        assert!(plan(&held, 700, &stock(&[(100, 10)]), any).is_some());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn plans_keep_every_value(
            counts in prop::collection::vec((0usize..6, 1u32..5), 1..5),
            amount in 1u128..400,
            scarce in 0u64..6,
        ) {
            let usual = [1u64, 2, 5, 10, 20, 50];
            let held = coins(&counts.iter().map(|(face, count)| (usual[*face], *count)).collect::<Vec<_>>());
            let stock = stock(&usual.map(|value| (value, scarce)));
            let found = plan(&held, amount, &stock, any);
            if let Some(plan) = &found {
                prop_assert_eq!(worth(&plan.own) + total(&plan.pay), amount);
                prop_assert_eq!(total(&plan.pay) + plan.returned(), Balance::from(plan.give.denomination.0));
                let spent = plan.spent();
                let distinct: std::collections::BTreeSet<_> = spent.iter().map(|coin| coin.coin).collect();
                prop_assert!(distinct.len() == spent.len() && spent.iter().all(|coin| held.contains(coin)));
                for (face, count) in &stock {
                    let lots = plan.pay.iter().chain(&plan.change).filter(|lot| lot.denomination == *face);
                    prop_assert!(lots.map(|lot| u64::from(lot.count)).sum::<u64>() <= *count);
                }
            }
            // With coins enough in stock, whatever is worth the amount can be paid.
            if scarce >= 5 && matches!(select(&held, amount), Err(SelectionError::NeedsChange(_))) {
                prop_assert!(found.is_some());
            }
        }
    }
}
