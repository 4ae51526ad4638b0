//! What a block says of itself to others: its movements, and entries of its state by their keys.

use super::*;
use codec::Encode;
use specie_primitives::{
    entries::{self, CoinPlace, PurseTotals},
    flow::{Flow, FlowKind, Party},
    ChangeFrom, PickupClaim, PickupId, PickupReceiver,
};
use std::collections::BTreeMap;

/// Who holds each coin after these movements. Fails when a movement does not begin where the coins are, or is worth
/// something else than they are.
pub fn replay(flows: &[Flow]) -> BTreeMap<CoinId, Holder> {
    let mut holders = BTreeMap::new();
    let place = |party: &Party| match party {
        Party::Coins(holder) => Some(*holder),
        // Coins that are paid in, or for which cash is handed out, lie in the bank's vault.
        Party::Custody(bank, _) | Party::Counter(bank) => Some(Holder::Vault(VaultId::Bank(*bank))),
        Party::Issuer | Party::Reserve(_) | Party::Queue(..) | Party::Escrow(..) => None,
        // No money.
        Party::Units(..) | Party::Promise(..) => None,
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
        let moves_no_coins = matches!(
            flow.kind,
            FlowKind::Credited
                | FlowKind::Debited
                | FlowKind::OwnerCredited
                | FlowKind::OwnerDebited
                | FlowKind::Sent
                | FlowKind::Queued
                | FlowKind::Settled
                | FlowKind::GivenBack
                | FlowKind::Escrowed
                | FlowKind::EscrowPaid
                | FlowKind::EscrowReturned
                | FlowKind::Issued
                | FlowKind::Redeemed
                | FlowKind::UnitsMoved
        );
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

/// Checks that movements, which must be all that there were, lead to what the chain says.
pub fn check_movements(flows: &[Flow]) {
    assert!(replay(flows) == holders(), "the movements do not lead to the register");
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
        check_movements(&flows);
    });
}

/// Kinds of what happened to a coin, in their order.
fn life(flows: &[Flow], coin: CoinId) -> Vec<FlowKind> {
    flows.iter().filter(|flow| flow.moves(coin)).map(|flow| flow.kind).collect()
}

#[test]
fn coins_are_followed_through_change() {
    run(|| {
        // Given: batches of tens, hundreds, fives, and of ones for change.
        change::with_fives();
        let of = |name: &str, batch: u32| -> Vec<CoinRef> {
            coins_of(name).into_iter().filter(|held| held.coin.batch == batch).collect()
        };
        let (hundred, five) = (of("ann", 1)[0], of("ann", 2)[0]);

        // When Ann pays Ben with change from the bank, and has a five made anew.
        let pays = pallet_ownership::Call::transfer_with_change {
            to: owner("ben"),
            coins: Default::default(),
            at: ChangeFrom::Vault(BANK_A),
            give: vec![hundred].try_into().expect("one"),
            pay: fresh(&[(TEN, 7)]),
            change: fresh(&[(TEN, 3)]),
        };
        assert_ok!(call("//ann", pays));
        let anew = pallet_ownership::Call::exchange {
            at: ChangeFrom::Issuer,
            give: vec![five].try_into().expect("one"),
            take: fresh(&[(Denomination(100), 5)]),
        };
        assert_ok!(call("//ann", anew));

        // Then the record of every coin begins where it was made, and ends where it is or was destroyed.
        let flows = crate::flows::of_block();
        check_movements(&flows);
        let (minted, drawn, withdrawn) = (FlowKind::Minted, FlowKind::Drawn, FlowKind::Withdrawn);
        assert_eq!(life(&flows, hundred.coin), [minted, drawn, withdrawn, FlowKind::Exchanged]);
        assert_eq!(life(&flows, five.coin), [minted, drawn, withdrawn, FlowKind::Recoined]);
        let paid = of("ben", 0)[0].coin;
        assert_eq!(life(&flows, paid), [minted, drawn, FlowKind::Exchanged, FlowKind::Transferred]);
        let ones = of("ann", 3);
        assert_eq!((ones.len(), life(&flows, ones[0].coin)), (5, vec![FlowKind::Recoined]));
    });
}

#[test]
fn a_pickup_names_its_payer_and_its_payee() {
    run(|| {
        // Given: Ann leaves a coin for Dot three times.
        with_money();
        let (ann, ben, dot) = (owner("ann"), owner("ben"), owner("dot"));
        let coins = coins_of("ann");
        let expires = System::block_number() + 1_000;
        for coin in &coins[..3] {
            let leave = pallet_pickup::Call::deposit_for {
                payee: dot,
                claim_key: pair("//the code").public(),
                coins: vec![*coin].try_into().expect("one"),
                expires,
            };
            assert_ok!(call("//ann", leave));
        }
        let claim = |pickup, receiver| {
            let pickup = PickupId(pickup);
            let said = PickupClaim::new(System::block_hash(0), pickup, receiver);
            let signature = pair("//the code").sign(&said.encode());
            pallet_pickup::Call::claim_at_bank { pickup, receiver, signature }
        };

        // When one goes into an account of Ben's, one is paid out in cash, and one goes back.
        let account = PickupReceiver::Custody { bank: BANK_A, owner: ben };
        assert_ok!(call("//BankA", claim(0, account)));
        assert_ok!(call("//BankB", claim(1, PickupReceiver::Counter { bank: BANK_B, receipt: 1 })));
        let mut flows = crate::flows::of_block();
        start_block(expires + 1);
        assert_ok!(call("//ben", pallet_pickup::Call::refund { pickup: PickupId(2) }));
        flows.extend(crate::flows::of_block());

        // Then each of them is told with everybody whom it concerns, nobody twice, and replays to the register.
        check_movements(&flows);
        let waited: Vec<_> =
            flows.iter().filter(|flow| coins[..3].iter().any(|held| flow.coins == [held.coin])).collect();
        let told: Vec<_> = waited.iter().map(|flow| (flow.kind, flow.to, flow.others.clone())).collect();
        let waiting = |pickup| Party::Coins(Holder::Pickup(PickupId(pickup)));
        assert_eq!(
            told,
            [
                (FlowKind::Left, waiting(0), vec![dot]),
                (FlowKind::Left, waiting(1), vec![dot]),
                (FlowKind::Left, waiting(2), vec![dot]),
                (FlowKind::PickedUp, Party::Custody(BANK_A, ben), vec![ann, dot]),
                (FlowKind::PickedUp, Party::Counter(BANK_B), vec![ann, dot]),
                (FlowKind::Refunded, Party::Coins(Holder::Owner(ann)), vec![dot]),
            ]
        );
        assert!(waited.iter().all(|flow| flow.owners().contains(&ann) && flow.owners().contains(&dot)));
        assert_eq!(waited.iter().filter(|flow| flow.owners().contains(&ben)).count(), 1);
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
