//! Which coins pay an amount.
//!
//! An amount is payable without change if some of the held coins add up to it exactly. [`select`] finds such a set
//! whenever there is one, and the smallest; [`crate::change`] plans what to do otherwise.
//!
//! Face values are taken largest first. After a face value, all that matters of the choices so far is the amount that
//! is left and the fewest coins that lead there; that table is carried from one face value to the next. What is left
//! can be no more than the smaller coins are worth and differs between entries by multiples of what divides the larger
//! face values, so for face values such as 1, 2, 5, 10 … a table stays below a few entries a coin. Within a table, a
//! sliding minimum over each residue class makes the work proportional to its size, whatever the number of coins.
//! Face values that share no structure could still make tables large: work is bounded by [`MAX_STATES`].

use serde::{Deserialize, Serialize};
use specie_primitives::{Balance, CoinId, CoinRef, Denomination, Lot, MAX_COINS_PER_CALL};
use std::collections::VecDeque;

/// Most table entries that one search looks at; a search that needs more gives up with
/// [`SelectionError::TooComplex`]. About half a second of one core and 200 MB at worst.
pub const MAX_STATES: usize = 4_000_000;

/// A coin that an owner holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeldCoin {
    /// The coin.
    pub coin: CoinId,
    /// How often it changed hands.
    pub revision: u32,
    /// Face value in minor units.
    pub denomination: Denomination,
}

impl HeldCoin {
    /// The coin as a transaction names it.
    pub fn reference(&self) -> CoinRef {
        CoinRef { coin: self.coin, revision: self.revision }
    }
}

/// What can be paid instead of an amount for which there is no exact set. Minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The largest payable amount below.
    pub below: Balance,
    /// The smallest payable amount above.
    pub above: Balance,
    /// A coin of this face value, paid in at a bank and taken out in smaller ones, would do.
    pub exchange: Denomination,
}

/// Why no coins were selected. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// Zero pays nothing.
    #[error("the amount is zero")]
    Zero,
    /// The coins are worth less than the amount.
    #[error("the coins are worth {have}, {need} are needed")]
    NotEnough {
        /// Value of all coins.
        have: Balance,
        /// The amount.
        need: Balance,
    },
    /// No set of coins adds up to the amount.
    #[error("no coins add up to the amount: {} or {} can be paid; exchange a coin of {} at a bank", .0.below, .0.above, .0.exchange.0)]
    NeedsChange(Change),
    /// More coins than one transaction takes.
    #[error("the amount takes {needed} coins, {limit} fit into one transaction: pay in parts or exchange coins for larger ones")]
    TooManyCoins {
        /// The fewest coins that add up to the amount.
        needed: u64,
        /// Coins that one transaction takes.
        limit: u64,
    },
    /// The search was given up.
    #[error("the face values are too irregular to search all sets: name the coins")]
    TooComplex,
}

/// Selects the fewest of the held coins that add up to `amount` minor units, at most [`MAX_COINS_PER_CALL`].
/// Of equal coins those with the lowest ids go first.
pub fn select(held: &[HeldCoin], amount: Balance) -> Result<Vec<HeldCoin>, SelectionError> {
    let mut coins = held.to_vec();
    coins.sort_by(|a, b| b.denomination.cmp(&a.denomination).then(a.coin.cmp(&b.coin)));
    coins.dedup_by_key(|coin| coin.coin);
    let mut counts: Vec<(Denomination, u64)> = Vec::new();
    for coin in &coins {
        match counts.last_mut() {
            Some((denomination, count)) if *denomination == coin.denomination => *count += 1,
            _ => counts.push((coin.denomination, 1)),
        }
    }
    let lots = select_counts(&counts, amount, MAX_COINS_PER_CALL.into())?;
    let mut selected = Vec::new();
    for lot in lots {
        let of = coins.iter().filter(|coin| coin.denomination == lot.denomination);
        selected.extend(of.take(lot.count as usize));
    }
    Ok(selected)
}

/// Selects the fewest coins by face value: at most `limit` in all and at most so many of each as are available. The
/// largest face value comes first.
pub fn select_counts(
    available: &[(Denomination, u64)],
    amount: Balance,
    limit: u64,
) -> Result<Vec<Lot>, SelectionError> {
    if amount == 0 {
        return Err(SelectionError::Zero);
    }
    let mut kinds: Vec<Kind> = Vec::new();
    for (denomination, count) in available {
        match kinds.iter_mut().find(|kind| kind.value == Balance::from(denomination.0)) {
            Some(kind) => kind.count = kind.count.saturating_add(*count),
            None => kinds.push(Kind { value: denomination.0.into(), count: *count }),
        }
    }
    kinds.retain(|kind| kind.count > 0 && kind.value > 0);
    kinds.sort_by(|a, b| b.value.cmp(&a.value));
    let have = kinds.iter().fold(0u128, |sum, kind| sum.saturating_add(kind.total()));
    if have < amount {
        return Err(SelectionError::NotEnough { have, need: amount });
    }
    // Sets of nearly the fewest coins conceivable are searched first: there usually is one, and few states lead there.
    let (fewest, mut slack) = (conceivable(&kinds, amount), 16);
    loop {
        let cap = limit.min(fewest.saturating_add(slack));
        if let Some(found) = search(&kinds, amount, Some(cap), Goal::Exact)? {
            return Ok(lots(&kinds, &found.taken));
        }
        if cap == limit {
            break;
        }
        slack = slack.saturating_mul(8);
    }
    if let Some(found) = search(&kinds, amount, None, Goal::Exact)? {
        return Err(SelectionError::TooManyCoins { needed: found.taken.iter().sum(), limit });
    }
    Err(SelectionError::NeedsChange(nearest(&kinds, have, amount)?))
}

/// Coins of one face value.
#[derive(Clone, Copy)]
struct Kind {
    value: Balance,
    count: u64,
}

impl Kind {
    fn total(&self) -> Balance {
        self.value.saturating_mul(self.count.into())
    }
}

/// Fewest coins that could make up the amount if coins could be split: no set has fewer.
fn conceivable(kinds: &[Kind], amount: Balance) -> u64 {
    let (mut left, mut coins) = (amount, 0u64);
    for kind in kinds {
        let whole = left.div_ceil(kind.value).min(kind.count.into());
        coins = coins.saturating_add(u64::try_from(whole).unwrap_or(u64::MAX));
        left = left.saturating_sub(kind.value.saturating_mul(whole));
    }
    coins
}

fn lots(kinds: &[Kind], taken: &[u64]) -> Vec<Lot> {
    kinds
        .iter()
        .zip(taken)
        .filter(|(_, taken)| **taken > 0)
        // A face value came in as u64, and counts here are below the limit of a transaction, a u32.
        .map(|(kind, taken)| Lot { denomination: Denomination(kind.value as u64), count: *taken as u32 })
        .collect()
}

/// The payable amounts next to one that is not payable.
fn nearest(kinds: &[Kind], have: Balance, amount: Balance) -> Result<Change, SelectionError> {
    let below = search(kinds, amount, None, Goal::Nearest)?.ok_or(SelectionError::TooComplex)?;
    // The coins that stay behind are the largest set worth no more than the rest.
    let behind = search(kinds, have - amount, None, Goal::Nearest)?.ok_or(SelectionError::TooComplex)?;
    // Every coin that is not in the lower set is worth more than what that set lacks, or it would be in the set.
    let spare = kinds.iter().zip(&below.taken).rev().find(|(kind, taken)| kind.count > **taken);
    Ok(Change {
        below: amount - below.left,
        above: amount + behind.left,
        exchange: Denomination(spare.map_or(0, |(kind, _)| kind.value as u64)),
    })
}

/// What a search is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    /// Nothing left.
    Exact,
    /// As little left as possible.
    Nearest,
}

/// A way to pay part of the amount with the face values so far.
#[derive(Clone, Copy)]
struct State {
    /// What is left to pay.
    left: Balance,
    /// Fewest coins that lead here.
    used: u64,
    /// How many of them have the last face value.
    taken: u64,
}

struct Found {
    left: Balance,
    /// Coins of each kind.
    taken: Vec<u64>,
}

/// Runs through the kinds, largest first. With a cap, only sets of at most so many coins count.
fn search(kinds: &[Kind], amount: Balance, cap: Option<u64>, goal: Goal) -> Result<Option<Found>, SelectionError> {
    let mut tables: Vec<Vec<State>> = vec![vec![State { left: amount, used: 0, taken: 0 }]];
    let mut work = 0;
    for (place, kind) in kinds.iter().enumerate() {
        let smaller = kinds.get(place + 1..).unwrap_or_default();
        let rest = Rest {
            value: smaller.iter().fold(0, |sum, kind| sum.saturating_add(kind.total())),
            divisor: smaller.iter().fold(0, |divisor, kind| gcd(divisor, kind.value)),
            largest: smaller.first().map(|kind| kind.value),
        };
        let table = step(tables.last().map_or(&[], Vec::as_slice), kind, &rest, cap, goal, &mut work)?;
        tables.push(table);
    }
    // Tables are ascending, so the first entry of the last one has the least left.
    let Some(best) =
        tables.last().and_then(|table| table.first()).filter(|best| goal == Goal::Nearest || best.left == 0)
    else {
        return Ok(None);
    };
    let (mut left, mut taken) = (best.left, vec![0; kinds.len()]);
    for place in (0..kinds.len()).rev() {
        let table = &tables[place + 1];
        let Ok(found) = table.binary_search_by(|state| state.left.cmp(&left)) else { return Ok(None) };
        taken[place] = table[found].taken;
        left += kinds[place].value * Balance::from(taken[place]);
    }
    Ok(Some(Found { left: best.left, taken }))
}

/// What the face values after the present one can still do.
struct Rest {
    value: Balance,
    divisor: Balance,
    largest: Option<Balance>,
}

/// The table after `kind`, ascending, from the table before it.
fn step(
    before: &[State],
    kind: &Kind,
    rest: &Rest,
    cap: Option<u64>,
    goal: Goal,
    work: &mut usize,
) -> Result<Vec<State>, SelectionError> {
    let count = Balance::from(kind.count);
    // Entries whose lefts differ by multiples of the face value meet; as (residue, quotient, used), quotients falling.
    let mut entries: Vec<(Balance, Balance, u64)> =
        before.iter().map(|state| (state.left % kind.value, state.left / kind.value, state.used)).collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    let mut after: Vec<State> = Vec::new();
    // Of what the smaller coins cannot pay in full, only the least can matter, and only if something may be left.
    let mut beyond: Option<State> = None;
    for class in entries.chunk_by(|a, b| a.0 == b.0) {
        let residue = class[0].0;
        // Quotients below this are within reach of the smaller coins.
        let reach = if residue > rest.value { 0 } else { (rest.value - residue) / kind.value + 1 };
        for (_, quotient, used) in class.iter().filter(|(_, quotient, _)| goal == Goal::Nearest && *quotient >= reach) {
            let to = reach.max(quotient.saturating_sub(count));
            let taken = (quotient - to) as u64;
            let state = State { left: to * kind.value + residue, used: used + taken, taken };
            if beyond.is_none_or(|beyond| (state.left, state.used) < (beyond.left, beyond.used)) {
                beyond = Some(state);
            }
        }
        let Some(top) = reach.checked_sub(1) else { continue };
        let mut quotient = top.min(class[0].1);
        let mut waiting = class.iter().peekable();
        // Candidates for the fewest coins, best first: `used + quotient` orders them for every lower quotient alike.
        let mut window: VecDeque<(Balance, Balance, u64)> = VecDeque::new();
        loop {
            while let Some((_, from, used)) = waiting.next_if(|(_, from, _)| *from >= quotient) {
                let key = Balance::from(*used) + from;
                while window.back().is_some_and(|(other, ..)| *other > key) {
                    window.pop_back();
                }
                window.push_back((key, *from, *used));
            }
            while window.front().is_some_and(|(_, from, _)| from - quotient > count) {
                window.pop_front();
            }
            *work += 1;
            if *work > MAX_STATES {
                return Err(SelectionError::TooComplex);
            }
            if let Some((_, from, used)) = window.front() {
                let taken = (from - quotient) as u64;
                let state = State { left: quotient * kind.value + residue, used: used + taken, taken };
                if is_useful(&state, rest, cap, goal) {
                    after.push(state);
                }
                let Some(next) = quotient.checked_sub(1) else { break };
                quotient = next;
            } else {
                let Some((_, next, _)) = waiting.peek() else { break };
                quotient = *next;
            }
        }
    }
    after.extend(beyond);
    after.sort_by_key(|state| state.left);
    Ok(after)
}

fn is_useful(state: &State, rest: &Rest, cap: Option<u64>, goal: Goal) -> bool {
    let divides = goal == Goal::Nearest || rest.divisor == 0 || state.left % rest.divisor == 0;
    let fits = cap.is_none_or(|cap| {
        let least = rest.largest.map_or(0, |largest| state.left.div_ceil(largest));
        Balance::from(state.used).saturating_add(least) <= Balance::from(cap)
    });
    divides && fits
}

fn gcd(a: Balance, b: Balance) -> Balance {
    if b == 0 {
        a
    } else {
        gcd(b, a % b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

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

    fn value(coins: &[HeldCoin]) -> Balance {
        coins.iter().map(|coin| Balance::from(coin.denomination.0)).sum()
    }

    /// Every payable amount with the fewest coins that pay it, by trying all sets.
    fn brute_force(held: &[HeldCoin]) -> std::collections::BTreeMap<Balance, usize> {
        let mut sums = std::collections::BTreeMap::from([(0, 0)]);
        for coin in held {
            for (sum, used) in sums.clone() {
                let best = sums.entry(sum + Balance::from(coin.denomination.0)).or_insert(usize::MAX);
                *best = (*best).min(used + 1);
            }
        }
        sums
    }

    #[test]
    fn the_fewest_coins_pay() {
        let held = coins(&[(10_000, 3), (5_000, 2), (2_000, 5), (500, 4), (100, 9)]);
        let selected = select(&held, 18_600).unwrap();
        assert_eq!(value(&selected), 18_600);
        let by_value: Vec<u64> = selected.iter().map(|coin| coin.denomination.0).collect();
        assert_eq!(
            by_value,
            [10_000, 5_000, 2_000, 500, 500, 500, 100],
            "of two sets of seven, the one with larger coins"
        );
    }

    #[test]
    fn taking_the_largest_first_is_not_enough() {
        // 60 = 3 × 20; after a 50 nothing pays the 10.
        let selected = select(&coins(&[(50, 1), (20, 3)]), 60).unwrap();
        assert_eq!(selected.len(), 3);
    }

    #[test]
    fn change_is_explained() {
        let held = coins(&[(5_000, 1), (2_000, 2)]);
        assert_eq!(
            select(&held, 6_500),
            Err(SelectionError::NeedsChange(Change { below: 5_000, above: 7_000, exchange: Denomination(2_000) })),
        );
        assert_eq!(
            select(&held, 100),
            Err(SelectionError::NeedsChange(Change { below: 0, above: 2_000, exchange: Denomination(2_000) })),
        );
        assert_eq!(select(&held, 9_001), Err(SelectionError::NotEnough { have: 9_000, need: 9_001 }));
        assert_eq!(select(&held, 0), Err(SelectionError::Zero));
        assert_eq!(select(&[], 1), Err(SelectionError::NotEnough { have: 0, need: 1 }));
    }

    #[test]
    fn the_limit_of_a_transaction_is_kept() {
        let held = coins(&[(1, 600), (2, 100)]);
        assert_eq!(select(&held, 612).unwrap().len(), 512);
        assert_eq!(select(&held, 613), Err(SelectionError::TooManyCoins { needed: 513, limit: 512 }));
    }

    #[test]
    fn a_coin_named_twice_counts_once() {
        let held = [coins(&[(5, 1)]), coins(&[(5, 1)])].concat();
        assert_eq!(select(&held, 10), Err(SelectionError::NotEnough { have: 5, need: 10 }));
    }

    #[test]
    fn ten_thousand_coins_of_many_face_values() {
        let values = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
        let held = coins(&values.map(|value| (value, 625)));
        assert_eq!(held.len(), 10_000);
        let total = value(&held);
        for amount in [1, 3, 18_600, 99_999, 1_234_567, 7_654_321, 31_250_000, 51_100_000] {
            let selected = select(&held, amount).unwrap();
            assert_eq!(value(&selected), amount);
            assert!(selected.len() <= 512);
        }
        assert!(matches!(select(&held, total), Err(SelectionError::TooManyCoins { needed: 10_000, limit: 512 })));
        // No cents: odd amounts have no set, and their neighbours are found.
        let even =
            coins(&values[1..].iter().filter(|value| *value % 10 == 0).map(|value| (*value, 769)).collect::<Vec<_>>());
        assert_eq!(
            select(&even, 123_456),
            Err(SelectionError::NeedsChange(Change { below: 123_450, above: 123_460, exchange: Denomination(10) })),
        );
        // A vault: many more coins than one payment takes.
        let vault = values.map(|value| (Denomination(value), 1_000_000));
        let lots = select_counts(&vault, 20_000_000_003, u32::MAX.into()).unwrap();
        assert_eq!(lots.iter().map(|lot| lot.denomination.value(lot.count.into())).sum::<Balance>(), 20_000_000_003);
        assert_eq!(lots.iter().map(|lot| lot.count).sum::<u32>(), 200_002);
        // Face values without structure, few enough to be searched.
        let odd = coins(&[(9_973, 2_000), (7_919, 2_000), (6_007, 2_000), (4_999, 2_000), (3_001, 2_000)]);
        let amount = 9_973 * 31 + 7_919 * 29 + 6_007 * 23 + 4_999 * 19 + 3_001 * 17;
        assert_eq!(value(&select(&odd, amount).unwrap()), amount);
    }

    #[test]
    fn hopeless_searches_end() {
        let primes =
            [982_451_653, 961_748_941, 941_083_987, 920_419_823, 899_809_363, 879_190_841, 858_599_509, 838_041_647u64];
        let held = coins(&primes.map(|prime| (prime, 1_250)));
        let outcome = select(&held, 400 * 900_000_001);
        assert!(matches!(outcome, Err(SelectionError::TooComplex)), "{outcome:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn agrees_with_trying_all_sets(
            counts in prop::collection::vec((1u64..60, 1u32..5), 1..5),
            chain in any::<bool>(),
            amount in 1u128..400,
        ) {
            // Half of the cases use face values as central banks like them.
            let usual = [1u64, 2, 5, 10, 20, 50];
            let counts: Vec<(u64, u32)> = counts
                .into_iter()
                .map(|(value, count)| (if chain { usual[value as usize % usual.len()] } else { value }, count))
                .collect();
            let held = coins(&counts);
            let sums = brute_force(&held);
            match select(&held, amount) {
                Ok(selected) => {
                    prop_assert_eq!(value(&selected), amount);
                    prop_assert_eq!(Some(&selected.len()), sums.get(&amount));
                    let distinct: BTreeSet<CoinId> = selected.iter().map(|coin| coin.coin).collect();
                    prop_assert_eq!(distinct.len(), selected.len());
                    prop_assert!(selected.iter().all(|coin| held.contains(coin)));
                },
                Err(SelectionError::NotEnough { have, need }) => {
                    prop_assert_eq!((have, need), (value(&held), amount));
                    prop_assert!(have < need);
                },
                Err(SelectionError::NeedsChange(change)) => {
                    prop_assert!(!sums.contains_key(&amount));
                    prop_assert_eq!(Some(change.below), sums.range(..amount).next_back().map(|(sum, _)| *sum));
                    prop_assert_eq!(Some(change.above), sums.range(amount..).next().map(|(sum, _)| *sum));
                    prop_assert!(held.iter().any(|coin| coin.denomination == change.exchange));
                    prop_assert!(Balance::from(change.exchange.0) > amount - change.below);
                },
                Err(error) => prop_assert!(false, "{}", error),
            }
        }

        #[test]
        fn a_limit_is_exact(counts in prop::collection::vec((1u64..40, 1u64..6), 1..5), amount in 1u128..200, limit in 1u64..8) {
            let held = coins(&counts.iter().map(|(value, count)| (*value, *count as u32)).collect::<Vec<_>>());
            let available: Vec<_> = counts.iter().map(|(value, count)| (Denomination(*value), *count)).collect();
            let fewest = brute_force(&held).get(&amount).map(|used| *used as u64);
            match select_counts(&available, amount, limit) {
                Ok(lots) => {
                    prop_assert_eq!(Some(lots.iter().map(|lot| u64::from(lot.count)).sum()), fewest);
                    prop_assert!(fewest <= Some(limit));
                },
                Err(SelectionError::TooManyCoins { needed, .. }) => {
                    prop_assert_eq!(Some(needed), fewest);
                    prop_assert!(needed > limit);
                },
                Err(_) => prop_assert_eq!(fewest, None),
            }
        }
    }
}
