//! Random holds, suspensions, losses and replacements: a card pays if and only if nothing stops it, and every scan passes.

use super::{
    super::supervision::{hold, record, release, SUPERVISOR},
    *,
};
use pallet_identity::Call as Identify;
use proptest::prelude::*;
use specie_primitives::{OwnerStatus, Target};

#[derive(Clone, Debug)]
enum Step {
    Hold(Vec<usize>, Option<u32>),
    Release(Vec<usize>),
    Suspend(bool, usize),
    Reinstate(bool, usize),
    Lost(bool, u64),
    Found(bool, u64),
    Replace(u64),
    Rebind,
    CompleteRebind,
    NextBlock,
}

fn step() -> impl Strategy<Value = Step> {
    let (some, one, card) = (prop::collection::vec(0usize..3, 1..3), 0usize..3, 1u64..4);
    prop_oneof![
        3 => (some.clone(), prop::option::of(0u32..5)).prop_map(|(some, blocks)| Step::Hold(some, blocks)),
        2 => some.prop_map(Step::Release),
        2 => (any::<bool>(), one.clone()).prop_map(|(bank, one)| Step::Suspend(bank, one)),
        2 => (any::<bool>(), one).prop_map(|(bank, one)| Step::Reinstate(bank, one)),
        2 => (any::<bool>(), card.clone()).prop_map(|(bank, card)| Step::Lost(bank, card)),
        2 => (any::<bool>(), card.clone()).prop_map(|(bank, card)| Step::Found(bank, card)),
        1 => card.prop_map(Step::Replace),
        1 => Just(Step::Rebind),
        1 => Just(Step::CompleteRebind),
        3 => Just(Step::NextBlock),
    ]
}

/// Cid and the purses of both cards.
fn named(place: usize) -> OwnerId {
    match place {
        0 => owner("cid"),
        1 => purse(2),
        _ => purse(3),
    }
}

fn take(step: Step) -> Result<(), DispatchError> {
    let now = System::block_number();
    let targets = |places: Vec<usize>| places.into_iter().map(|place| Target::Owner(named(place))).collect::<Vec<_>>();
    let overseer = |bank: bool| if bank { "//BankA" } else { SUPERVISOR };
    let reporter = |bank: bool| if bank { "//BankA" } else { "//cid" };
    match step {
        Step::Hold(places, blocks) => call(SUPERVISOR, hold(targets(places), blocks.map(|blocks| now + blocks))),
        Step::Release(places) => call(SUPERVISOR, release(targets(places))),
        Step::Suspend(bank, one) => call(overseer(bank), Identify::suspend { owner: named(one) }),
        Step::Reinstate(bank, one) => call(overseer(bank), Identify::reinstate { owner: named(one) }),
        Step::Lost(bank, card) => call(reporter(bank), lost(card)),
        Step::Found(bank, card) => call(reporter(bank), found(card)),
        // By the card that is blank until then.
        Step::Replace(card) => call("//BankA", replace(card, 1, BANK_A, &pair("//cid"))),
        Step::Rebind => {
            let (of, genesis) = (owner("cid"), System::block_hash(0));
            let key = account("//cid2");
            let proof = specie_primitives::identity::RebindProof::new(genesis, of, BANK_A, key.clone(), expiry());
            let signature = pair("//cid2").sign(&proof.encode());
            call("//BankA", Identify::request_rebind { owner: of, key, expiry: expiry(), signature })
        },
        Step::CompleteRebind => call("//BankA", Identify::complete_rebind { owner: owner("cid") }),
        Step::NextBlock => {
            start_block(now + 1);
            Ok(())
        },
    }
}

fn is_active(of: OwnerId) -> bool {
    pallet_identity::Owners::<Runtime>::get(of).is_some_and(|record| record.status == OwnerStatus::Active)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_card_pays_if_and_only_if_nothing_stops_it(steps in prop::collection::vec(step(), 1..80)) {
        run(|| {
            with_cards();
            for card in [2, 3] {
                assert_ok!(call("//BankA", bind(card, BANK_A, "cid", "//cid")));
            }
            pallet_identity::RebindDelay::<Runtime>::put(2);
            for step in steps {
                let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
                if take(step.clone()).is_err() {
                    let after = sp_io::storage::root(sp_runtime::StateVersion::V1);
                    assert_eq!(before, after, "refused, yet the state changed: {step:?}");
                }
                check_everything();
                for of in [purse(2), purse(3)] {
                    let card = pallet_cards::CardOf::<Runtime>::get(of).expect("a card's");
                    let lost = matches!(info(card.0).state, CardState::Lost { .. });
                    let stopped = lost || record(Target::Owner(of)).is_some() || !is_active(owner("cid"));
                    assert_eq!(is_active(of), !stopped, "{of} after {step:?}");
                }
            }
        });
    }
}
