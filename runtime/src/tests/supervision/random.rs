//! Random holds, releases, suspensions and payments: every scan passes after each, and what is held does not move.

use super::{
    around::exchange,
    pickups::{collect, leave},
    *,
};
use pallet_identity::Call as Identify;
use pallet_participants::Call as Participate;
use proptest::prelude::*;
use specie_primitives::{ChangeFrom, PickupId};

const OWNERS: [&str; 2] = ["ann", "ben"];

#[derive(Clone, Debug)]
enum Step {
    Hold(Vec<usize>, Option<u32>),
    Release(Vec<usize>),
    Suspend(bool, usize),
    Reinstate(bool, usize),
    SuspendBank,
    ReinstateBank,
    Pay(usize, usize),
    Deposit(usize, usize),
    Exchange(usize, usize),
    Leave(usize, usize),
    Collect(usize, u64),
    NextBlock,
}

fn step() -> impl Strategy<Value = Step> {
    let (some, owner) = (prop::collection::vec(0usize..8, 1..4), 0usize..2);
    prop_oneof![
        3 => (some.clone(), prop::option::of(0u32..6)).prop_map(|(some, blocks)| Step::Hold(some, blocks)),
        2 => some.prop_map(Step::Release),
        1 => (any::<bool>(), owner.clone()).prop_map(|(bank, owner)| Step::Suspend(bank, owner)),
        1 => (any::<bool>(), owner.clone()).prop_map(|(bank, owner)| Step::Reinstate(bank, owner)),
        1 => Just(Step::SuspendBank),
        1 => Just(Step::ReinstateBank),
        3 => (owner.clone(), 0usize..4).prop_map(|(owner, coin)| Step::Pay(owner, coin)),
        1 => (owner.clone(), 0usize..4).prop_map(|(owner, coin)| Step::Deposit(owner, coin)),
        1 => (owner.clone(), 0usize..4).prop_map(|(owner, coin)| Step::Exchange(owner, coin)),
        2 => (owner.clone(), 0usize..4).prop_map(|(owner, coin)| Step::Leave(owner, coin)),
        2 => (owner, 0u64..4).prop_map(|(owner, pickup)| Step::Collect(owner, pickup)),
        3 => Just(Step::NextBlock),
    ]
}

/// Five coins, two owners and a bank.
fn target(place: usize) -> Target {
    match place {
        0..=4 => Target::Coin(coin(0, place as u32)),
        5 | 6 => person(OWNERS[place - 5]),
        _ => Target::Bank(BANK_A),
    }
}

fn take(step: Step) -> Result<(), DispatchError> {
    let now = System::block_number();
    let targets = |places: Vec<usize>| places.into_iter().map(target).collect::<Vec<_>>();
    let by = |bank: bool| if bank { "//BankA" } else { SUPERVISOR };
    let one =
        |who: usize, place: usize| -> Vec<CoinRef> { coins_of(OWNERS[who]).into_iter().skip(place).take(1).collect() };
    let key = |who: usize| format!("//{}", OWNERS[who]);
    match step {
        Step::Hold(places, blocks) => call(SUPERVISOR, hold(targets(places), blocks.map(|blocks| now + blocks))),
        Step::Release(places) => call(SUPERVISOR, release(targets(places))),
        Step::Suspend(bank, who) => call(by(bank), Identify::suspend { owner: owner(OWNERS[who]) }),
        Step::Reinstate(bank, who) => call(by(bank), Identify::reinstate { owner: owner(OWNERS[who]) }),
        Step::SuspendBank => call(SUPERVISOR, Participate::suspend_bank { bank: BANK_A }),
        Step::ReinstateBank => call(SUPERVISOR, Participate::reinstate_bank { bank: BANK_A }),
        Step::Pay(who, place) => {
            let coins = one(who, place).try_into().expect("one");
            call(&key(who), pallet_ownership::Call::transfer { to: owner(OWNERS[1 - who]), coins })
        },
        Step::Deposit(who, place) => {
            let coins = one(who, place).try_into().expect("one");
            call(&key(who), pallet_custody::Call::deposit { bank: BANK_A, coins })
        },
        Step::Exchange(who, place) => {
            call(&key(who), exchange(ChangeFrom::Vault(BANK_A), one(who, place), fresh(&[(TEN, 1)])))
        },
        Step::Leave(who, place) => call(&key(who), leave(OWNERS[1 - who], &one(who, place))),
        Step::Collect(who, pickup) => call(&key(who), collect(OWNERS[who], PickupId(pickup))),
        Step::NextBlock => {
            start_block(now + 1);
            Ok(())
        },
    }
}

/// Where a coin is, and at which revision.
fn entry(coin: CoinId) -> (Holder, u32) {
    let entry = pallet_ownership::Coins::<Runtime>::get(coin).expect("there");
    (entry.holder, entry.revision)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_held_stays_and_every_scan_passes(steps in prop::collection::vec(step(), 1..80)) {
        run(|| {
            with_money();
            for step in steps {
                let held: Vec<_> = (0..5u32)
                    .map(|index| coin(0, index))
                    .filter(|coin| record(Target::Coin(*coin)).is_some())
                    .map(|coin| (coin, entry(coin)))
                    .collect();
                let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
                if take(step.clone()).is_err() {
                    let after = sp_io::storage::root(sp_runtime::StateVersion::V1);
                    assert_eq!(before, after, "refused, yet the state changed: {step:?}");
                }
                for (coin, was) in held {
                    assert_eq!(entry(coin), was, "{coin} moved while it was held: {step:?}");
                }
                check_everything();
                // Nobody is stopped by accident: what the scan finds stopped has a hold, so the rest pays.
                for name in OWNERS {
                    let by_bank = status(name) == OwnerStatus::Suspended(SuspendedBy::Bank);
                    let stopped = record(person(name)).is_some() || by_bank;
                    assert_eq!(stopped, status(name) != OwnerStatus::Active, "{name} after {step:?}");
                }
            }
        });
    }
}
