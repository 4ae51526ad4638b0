//! What a block says of itself to others: its movements, and entries of its state by their keys.

use super::*;
use specie_primitives::{
    entries::{self, CoinPlace, PurseTotals},
    flow::{Flow, FlowKind, Party},
};
use std::collections::BTreeMap;

/// Who holds each coin after these movements. Fails when a movement does not begin where the coins are, or is worth
/// something else than they are.
pub fn replay(flows: &[Flow]) -> BTreeMap<CoinId, Holder> {
    let mut holders = BTreeMap::new();
    let place = |party: &Party| match party {
        Party::Coins(holder) => Some(*holder),
        Party::Custody(bank, _) => Some(Holder::Vault(VaultId::Bank(*bank))),
        _ => None,
    };
    for flow in flows {
        let ranges =
            flow.ranges.iter().flat_map(|range| (range.start..range.end()).map(move |index| coin(range.batch, index)));
        let coins: Vec<CoinId> = flow.coins.iter().copied().chain(ranges).collect();
        let mut value = 0;
        for coin in &coins {
            assert_eq!(holders.remove(coin), place(&flow.from), "{coin} in {flow:?}");
            if let Some(to) = place(&flow.to) {
                holders.insert(*coin, to);
            }
            let batch = pallet_issuance::Batches::<Runtime>::get(coin.batch).expect("a batch");
            value += batch.denomination.value(1);
        }
        let moves_no_coins = [FlowKind::Credited, FlowKind::Debited, FlowKind::OwnerCredited, FlowKind::OwnerDebited]
            .contains(&flow.kind);
        assert_eq!(value, if moves_no_coins { 0 } else { flow.value }, "{flow:?}");
    }
    holders
}

/// Who holds each coin according to the register and the vaults.
fn holders() -> BTreeMap<CoinId, Holder> {
    let singles = pallet_ownership::Coins::<Runtime>::iter().map(|(coin, entry)| (coin, entry.holder));
    let ranges = pallet_vault::Ranges::<Runtime>::iter().flat_map(|(vault, _, ranges)| {
        ranges.into_iter().flat_map(move |range| {
            (range.start..range.end()).map(move |index| (coin(range.batch, index), Holder::Vault(vault)))
        })
    });
    singles.chain(ranges).collect()
}

/// Checks that the movements of the block, which must be all that there were, lead to what the chain says.
pub fn check_movements() {
    assert!(replay(&crate::flows::of_block()) == holders(), "the movements do not lead to the register");
}

#[test]
fn movements_lead_to_the_register() {
    run(|| {
        with_money();
        let coins: Vec<_> = coins_of("ann").into_iter().take(5).collect();
        assert_ok!(call("//ann", pay(coins)));
        let bens = coins_of("ben");
        assert_ok!(call("//ben", pallet_custody::Call::deposit { bank: BANK_B, coins: bens.try_into().expect("few") }));
        let back = held(Holder::Vault(VaultId::Bank(BANK_B)));
        assert_ok!(call("//BankB", pallet_vault::Call::return_coins { selection: singles(back) }));
        assert_ok!(call("//BankA", pallet_vault::Call::return_coins { selection: fresh(&[(TEN, 7), (HUNDRED, 3)]) }));
        let home = held(Holder::Vault(VaultId::Issue));
        let mut selection = fresh(&[(HUNDRED, 40)]);
        selection.coins = home.try_into().expect("few");
        assert_ok!(call("//Issuing//1", pallet_issuance::Call::retire { selection }));

        let flows = crate::flows::of_block();
        let kinds: Vec<_> = flows.iter().map(|flow| flow.kind).collect();
        for kind in [FlowKind::Minted, FlowKind::Drawn, FlowKind::Returned, FlowKind::Retired] {
            assert!(kinds.contains(&kind), "{kind:?}");
            assert!(flows.iter().any(|flow| flow.kind == kind && !flow.ranges.is_empty()), "{kind:?} without ranges");
        }
        check_movements();
    });
}

#[test]
fn a_block_tells_its_time() {
    run(|| {
        pallet_timestamp::Now::<Runtime>::put(1_709_164_800_000u64);
        let flows = crate::flows::timed();
        assert_eq!((flows.time_ms, flows.flows), (1_709_164_800_000, crate::flows::of_block()));
    });
}

#[test]
fn entries_are_where_others_look_for_them() {
    run(|| {
        with_money();
        let coins: Vec<_> = coins_of("ann").into_iter().take(2).collect();
        assert_ok!(call("//ann", pay(coins.clone())));
        let get = |key: Vec<u8>| sp_io::storage::get(&key).map(|value| value.to_vec());

        let (paid, ann, ben) = (coins[0].coin, owner("ann"), owner("ben"));
        assert_eq!(entries::coin(paid), pallet_ownership::Coins::<Runtime>::hashed_key_for(paid));
        let place = CoinPlace { holder: Holder::Owner(ben), revision: 1 };
        assert_eq!(get(entries::coin(paid)).and_then(|value| entries::begin(&value)), Some(place));

        assert_eq!(entries::purse(ann), pallet_ownership::Purses::<Runtime>::hashed_key_for(ann));
        let purse = pallet_ownership::Purses::<Runtime>::get(ann);
        let totals = PurseTotals { coins: purse.coins, value: purse.value };
        assert_eq!(get(entries::purse(ann)).and_then(|value| entries::begin(&value)), Some(totals));
        assert_eq!(totals.coins, 18);

        assert_eq!(entries::batch(1), pallet_issuance::Batches::<Runtime>::hashed_key_for(1u32));
        assert_eq!(get(entries::batch(1)).and_then(|value| entries::begin(&value)), Some(HUNDRED));

        assert_eq!(entries::voters(), pallet_grandpa::Authorities::<Runtime>::hashed_key());
        let voters: Option<sp_consensus_grandpa::AuthorityList> =
            get(entries::voters()).and_then(|value| entries::begin(&value));
        assert_eq!(voters, Some(Grandpa::grandpa_authorities()));
        assert_eq!(voters.map(|list| list.len()), Some(4));
    });
}
