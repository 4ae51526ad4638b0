//! What a vault has, and what to take out of it.

use crate::app::App;
use anyhow::{bail, Result};
use clap::Args;
use specie_primitives::{
    api::{CoinInfo, NetworkInfo},
    total_value, Balance, CoinId, CoinRange, CoinRef, Counts, Denomination, Holder, Lot, Selection, VaultId,
    MAX_COINS_PER_CALL,
};
use specie_wallet::{coins::SelectionError, select_counts, Change, HeldCoin, Money};
use std::collections::BTreeMap;
use subxt::rpcs::client::rpc_params;

/// Which coins to take out of a vault: an amount, face values and counts, or coins by name.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Wanted {
    /// Value to take, in the fewest coins that make it up, for instance 1000.00.
    #[arg(allow_negative_numbers = true)]
    pub amount: Option<String>,
    /// The coins instead: face value x count (100x20,50x2), or names of coins that circulated before (3-1041,3-1042).
    #[arg(long, alias = "lots", value_name = "LIST")]
    pub coins: Option<String>,
}

impl Wanted {
    /// What the coins are worth, unless they are named.
    pub fn value(&self, money: &Money) -> Result<Option<Balance>> {
        if let Some(text) = &self.amount {
            return Ok(Some(money.parse_positive(text)?));
        }
        match self.coins.as_deref().map(|text| Listed::read(text, money)).transpose()? {
            Some(Listed::Lots(lots)) => Ok(Some(worth(&lots))),
            _ => Ok(None),
        }
    }
}

/// What lots are worth in minor units.
pub fn worth(lots: &[Lot]) -> Balance {
    total_value(&lots.iter().map(|lot| (lot.denomination, lot.count.into())).collect::<Vec<_>>())
}

/// Coins as people list them.
#[derive(Debug, PartialEq, Eq)]
pub enum Listed {
    /// So many of a face value.
    Lots(Vec<Lot>),
    /// Single coins.
    Names(Vec<CoinId>),
}

impl Listed {
    /// Reads `100.00x20,50x2` or `3-1041,3-1042`.
    pub fn read(text: &str, money: &Money) -> Result<Self> {
        if !text.contains('-') {
            return Ok(Self::Lots(money.lots(text)?));
        }
        let mut names: Vec<CoinId> = Vec::new();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let Ok(coin) = name.parse() else {
                bail!(
                    "'{name}' is no name of a coin, those are batch-index such as 3-1041; names do not mix with counts"
                );
            };
            if names.contains(&coin) {
                bail!("coin {coin} is named twice");
            }
            names.push(coin);
        }
        Ok(Self::Names(names))
    }
}

/// What a call may name.
pub struct Limits {
    /// Never-issued coins.
    pub fresh: u64,
    /// Coins that circulated before.
    pub single: u64,
}

impl Limits {
    /// Of calls that move coins between vaults: never-issued coins move as ranges, whatever their number.
    pub const BETWEEN_VAULTS: Self = Self { fresh: u32::MAX as u64, single: MAX_COINS_PER_CALL as u64 };
    /// Of calls that give coins to an owner.
    pub const TO_OWNER: Self =
        Self { fresh: specie_primitives::MAX_FRESH_PER_CALL as u64, single: MAX_COINS_PER_CALL as u64 };
}

/// Decides what to take out of a vault. An amount, or a count of a face value, is met with never-issued coins first, then
/// with those that circulated before. Gives the value as well.
pub async fn choose(app: &App, vault: VaultId, wanted: &Wanted, limits: Limits) -> Result<(Selection, Balance)> {
    let money = app.money().await?;
    let listed = wanted.coins.as_deref().map(|text| Listed::read(text, &money)).transpose()?;
    if let Some(Listed::Names(names)) = &listed {
        let coins = by_name(app, Holder::Vault(vault), &app.holdings(Holder::Vault(vault)).await?.coins, names).await?;
        let references = coins.iter().map(HeldCoin::reference).collect();
        return Ok((Selection { fresh: Default::default(), coins: circulated(references)? }, value(&coins)));
    }
    let fresh = fresh(app, vault).await?;
    if let Some(text) = &wanted.amount {
        let amount = money.parse_positive(text)?;
        if let Ok(lots) = select_counts(&fresh, amount, limits.fresh) {
            return Ok((Selection { fresh: bounded(lots)?, coins: Default::default() }, amount));
        }
        let singles = loose(app, vault).await?;
        let mut all: BTreeMap<Denomination, u64> = fresh.iter().copied().collect();
        for coin in &singles {
            *all.entry(coin.denomination).or_default() += 1;
        }
        let all: Counts = all.into_iter().collect();
        let limit = limits.fresh.saturating_add(limits.single);
        let network = app.network().await?;
        let lots = select_counts(&all, amount, limit).map_err(|error| explain(network, &money, &all, amount, error))?;
        return Ok((split(&money, &fresh, &singles, &lots)?, amount));
    }
    let Some(Listed::Lots(lots)) = listed else { bail!("say which coins: an amount, or --coins") };
    let covered = lots.iter().all(|lot| count(&fresh, lot.denomination) >= lot.count.into());
    let singles = if covered { Vec::new() } else { loose(app, vault).await? };
    let value = worth(&lots);
    let selection = split(&money, &fresh, &singles, &lots)?;
    let number = selection.len().saturating_sub(selection.coins.len() as u64);
    if number > limits.fresh {
        bail!("{number} never-issued coins are wanted, {} fit into one transaction: do it in parts", limits.fresh);
    }
    Ok((selection, value))
}

/// Single coins of a vault, without those that the supervisor holds.
pub async fn loose(app: &App, vault: VaultId) -> Result<Vec<HeldCoin>> {
    let mut holdings = app.holdings(Holder::Vault(vault)).await?;
    let stuck = app.stuck_coins(&holdings.block.hash).await?;
    holdings.coins.retain(|coin| !stuck.contains(&coin.coin));
    Ok(holdings.coins)
}

/// Coins by name, out of all single coins of a holder.
pub async fn by_name(app: &App, holder: Holder, held: &[HeldCoin], names: &[CoinId]) -> Result<Vec<HeldCoin>> {
    let mut coins = Vec::new();
    for name in names {
        match held.iter().find(|coin| coin.coin == *name) {
            Some(coin) => coins.push(*coin),
            None => {
                let info = app.client().await?.request("specie_coin", rpc_params![name]).await?;
                bail!("{}", absent(&app.money().await?, holder, *name, info));
            },
        }
    }
    Ok(coins)
}

/// Why a coin cannot be taken from a holder by name.
fn absent(money: &Money, holder: Holder, name: CoinId, info: Option<CoinInfo>) -> String {
    match info {
        None => format!("there is no coin {name}: it was never minted, or it was retired"),
        Some(info) if info.holder != holder => {
            format!("coin {name} {}, it {}", is_with(&holder, false), is_with(&info.holder, true))
        },
        Some(CoinInfo { revision: None, denomination, .. }) => format!(
            "coin {name} never left a vault, and such coins have no names yet: take them by face value, --coins {}x1",
            money.format(denomination.0.into()),
        ),
        Some(CoinInfo { held: true, .. }) => {
            format!("the supervisor holds coin {name}: nobody moves it until it is released")
        },
        Some(_) => format!("the move of coin {name} to here is not final yet: try again in a moment"),
    }
}

/// That a coin is with a holder, or not, as the end of a sentence.
fn is_with(holder: &Holder, is: bool) -> String {
    match (holder, is) {
        (Holder::Owner(owner), true) => format!("belongs to {owner}"),
        (Holder::Owner(owner), false) => format!("does not belong to {owner}"),
        (Holder::Pickup(pickup), true) => format!("waits in pickup {pickup}"),
        (Holder::Pickup(pickup), false) => format!("does not wait in pickup {pickup}"),
        (vault, true) => format!("is in the {}", place(vault)),
        (vault, false) => format!("is not in the {}", place(vault)),
    }
}

/// A holder in words.
pub fn place(holder: &Holder) -> String {
    match holder {
        Holder::Owner(owner) => format!("coins of {owner}"),
        Holder::Vault(VaultId::Issue) => "issue vault".into(),
        Holder::Vault(VaultId::Bank(bank)) => format!("vault of bank {bank}"),
        Holder::Pickup(pickup) => format!("pickup {pickup}"),
    }
}

/// Numbers of coins by face value, largest first.
pub fn counts(coins: &[HeldCoin]) -> Counts {
    let mut counts = BTreeMap::new();
    for coin in coins {
        *counts.entry(coin.denomination).or_default() += 1;
    }
    counts.into_iter().rev().collect()
}

/// Value of coins in minor units.
pub fn value(coins: &[HeldCoin]) -> Balance {
    total_value(&counts(coins))
}

/// Never-issued coins of a vault by face value.
pub async fn fresh(app: &App, vault: VaultId) -> Result<Counts> {
    let client = app.client().await?;
    let ranges: Vec<CoinRange> = client.request("specie_ranges", rpc_params![vault]).await?;
    let mut batches: BTreeMap<u32, Denomination> = BTreeMap::new();
    let mut counts: BTreeMap<Denomination, u64> = BTreeMap::new();
    for range in ranges {
        let denomination = match batches.get(&range.batch) {
            Some(denomination) => *denomination,
            None => {
                let coin = CoinId { batch: range.batch, index: range.start };
                let info: Option<CoinInfo> = client.request("specie_coin", rpc_params![coin]).await?;
                let Some(info) = info else { bail!("the node lists coin {coin} in a vault but does not know it") };
                *batches.entry(range.batch).or_insert(info.denomination)
            },
        };
        *counts.entry(denomination).or_default() += u64::from(range.count);
    }
    Ok(counts.into_iter().collect())
}

/// A failed selection of some of the coins `available` for an amount, in the network's own words.
pub fn explain(
    network: &NetworkInfo,
    money: &Money,
    available: &Counts,
    amount: Balance,
    error: SelectionError,
) -> anyhow::Error {
    // Coins of face values that are minted no more stay valid.
    let faces = network.denominations.iter().chain(available.iter().map(|(face, _)| face));
    let unit = faces.fold(0, |unit, one| gcd(unit, one.0.into()));
    let text = match error {
        SelectionError::NotEnough { have, need } => {
            format!("there are coins worth {}, {} are needed", money.show(have), money.show(need))
        },
        SelectionError::NeedsChange(change) if unit > 0 && amount % unit > 0 => format!(
            "no coins of this network make up the amount, all are multiples of {}: {}",
            money.show(unit),
            nearest(money, &change),
        ),
        SelectionError::NeedsChange(change) => format!(
            "no coins add up to the amount: {}. For the exact amount, exchange a coin of {} for smaller ones: \
             'specie change', or deposit it at a bank and withdraw others",
            nearest(money, &change),
            money.show(change.exchange.0.into()),
        ),
        error => error.to_string(),
    };
    crate::failure::Failure::new(crate::failure::WALLET, text).into()
}

/// The amounts next to one that cannot be paid. Nothing is no payment.
fn nearest(money: &Money, change: &Change) -> String {
    match change.below {
        0 => format!("the least that can be paid is {}", money.show(change.above)),
        below => format!("{} or {} can be paid", money.show(below), money.show(change.above)),
    }
}

fn gcd(a: Balance, b: Balance) -> Balance {
    if b == 0 {
        a
    } else {
        gcd(b, a % b)
    }
}

/// Lots of a list in words: `20 × 100.00 + 2 × 50.00`.
pub fn describe(money: &Money, lots: &[(Denomination, u64)]) -> String {
    let parts = lots.iter().map(|(denomination, count)| format!("{count} × {}", money.format(denomination.0.into())));
    parts.collect::<Vec<_>>().join(" + ")
}

fn count(counts: &Counts, denomination: Denomination) -> u64 {
    counts.iter().find(|(of, _)| *of == denomination).map_or(0, |(_, count)| *count)
}

/// Takes each lot from the ranges as far as they go, the rest from single coins.
pub fn split(money: &Money, fresh: &Counts, singles: &[HeldCoin], lots: &[Lot]) -> Result<Selection> {
    let (mut from_ranges, mut coins) = (Vec::new(), Vec::<CoinRef>::new());
    for lot in lots {
        let from_range = count(fresh, lot.denomination).min(lot.count.into()) as u32;
        let rest = (lot.count - from_range) as usize;
        let before = coins.len();
        let of = singles.iter().filter(|coin| coin.denomination == lot.denomination);
        coins.extend(of.take(rest).map(HeldCoin::reference));
        let found = coins.len() - before;
        if found < rest {
            let (has, face) = (from_range as usize + found, money.show(lot.denomination.0.into()));
            bail!("the vault has {has} coins of {face}, {} are wanted", lot.count);
        }
        if from_range > 0 {
            from_ranges.push(Lot { denomination: lot.denomination, count: from_range });
        }
    }
    Ok(Selection { fresh: bounded(from_ranges)?, coins: circulated(coins)? })
}

/// Single coins of a selection.
pub fn circulated<B: TryFrom<Vec<CoinRef>>>(coins: Vec<CoinRef>) -> Result<B> {
    let number = coins.len();
    coins.try_into().map_err(|_| {
        anyhow::anyhow!(
            "{number} of the coins circulated before, {MAX_COINS_PER_CALL} of those fit into one transaction: do it in parts"
        )
    })
}

pub fn bounded<T, B: TryFrom<Vec<T>>>(items: Vec<T>) -> Result<B> {
    let number = items.len();
    items.try_into().map_err(|_| anyhow::anyhow!("{number} face values are more than one transaction takes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use specie_primitives::BankId;

    #[test]
    fn ranges_are_used_up_first() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let hundred = Denomination(10_000);
        let singles: Vec<HeldCoin> = (0..3)
            .map(|index| HeldCoin { coin: CoinId { batch: 1, index }, revision: 4, denomination: hundred })
            .collect();
        let fresh = vec![(hundred, 5)];
        let lots = |count| [Lot { denomination: hundred, count }];
        let selection = split(&money, &fresh, &singles, &lots(4)).unwrap();
        assert_eq!((selection.fresh.to_vec(), selection.coins.len()), (lots(4).to_vec(), 0));
        let selection = split(&money, &fresh, &singles, &lots(7)).unwrap();
        assert_eq!((selection.fresh.to_vec(), selection.coins.len()), (lots(5).to_vec(), 2));
        assert!(split(&money, &fresh, &singles, &lots(9)).is_err());
    }

    #[test]
    fn coins_are_listed_by_count_or_by_name() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let name = |batch, index| CoinId { batch, index };
        let read = |text| Listed::read(text, &money);
        let lot = |value, count| Lot { denomination: Denomination(value), count };
        assert_eq!(read("50x2,100.00x20").unwrap(), Listed::Lots(vec![lot(10_000, 20), lot(5_000, 2)]));
        assert_eq!(read("3-1041, 3-7,").unwrap(), Listed::Names(vec![name(3, 1_041), name(3, 7)]));
        for (text, reason) in [
            ("3-7,3-7", "named twice"),
            ("3-7,100x2", "'100x2' is no name"),
            ("3-x", "'3-x' is no name"),
            ("100", "face value x count"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn a_coin_that_cannot_be_taken_says_why() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let (coin, vault) = (CoinId { batch: 3, index: 7 }, Holder::Vault(VaultId::Bank(BankId(1))));
        let info =
            |revision, holder| CoinInfo { coin, denomination: Denomination(10_000), revision, holder, held: false };
        let why = |info| absent(&money, vault, coin, info);
        assert!(why(None).contains("no coin 3-7"));
        assert!(why(Some(info(None, vault))).contains("--coins 100.00x1"));
        assert!(why(Some(info(Some(2), vault))).contains("try again"));
        assert!(why(Some(CoinInfo { held: true, ..info(Some(2), vault) })).contains("until it is released"));
        let elsewhere = why(Some(info(None, Holder::Vault(VaultId::Issue))));
        assert_eq!(elsewhere, "coin 3-7 is not in the vault of bank 1, it is in the issue vault");
        let (ann, ben) = (specie_primitives::OwnerId([1; 24]), specie_primitives::OwnerId([2; 24]));
        let foreign = absent(&money, Holder::Owner(ann), coin, Some(info(Some(2), Holder::Owner(ben))));
        assert_eq!(foreign, format!("coin 3-7 does not belong to {ann}, it belongs to {ben}"));
    }

    #[test]
    fn amounts_that_cannot_be_paid_are_explained_by_the_coins_that_are_there() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let network = NetworkInfo {
            network_id: 1,
            owner_id_key: Default::default(),
            denominations: vec![Denomination(500), Denomination(1_000)],
            recoinable: vec![],
            decimals: 2,
            symbol: "SPC".into(),
            payments_stopped: None,
            quota: 0,
            quota_window: 1,
        };
        let why = |available: &Counts, amount| {
            let error = select_counts(available, amount, 512).unwrap_err();
            explain(&network, &money, available, amount, error).to_string()
        };
        let text = why(&vec![(Denomination(500), 3)], 700);
        assert!(text.contains("multiples of 5.00 SPC: 5.00 SPC or 10.00 SPC can be paid"), "{text}");
        // Twos are minted no more, but are still paid with.
        let text = why(&vec![(Denomination(200), 1), (Denomination(500), 1)], 600);
        assert!(text.contains("no coins add up") && !text.contains("multiples"), "{text}");
        let text = why(&vec![(Denomination(500), 3)], 300);
        assert!(text.contains("the least that can be paid is 5.00 SPC") && !text.contains(" 0.00"), "{text}");
    }
}
