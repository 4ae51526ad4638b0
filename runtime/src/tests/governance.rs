//! The committee: what it can have done, and what nobody can.

use super::*;
use codec::Encode;
use frame_support::BoundedVec;
use sp_runtime::traits::{BlakeTwo256, Hash as _};

const MEMBERS: [&str; 3] = ["//Committee//1", "//Committee//2", "//Committee//3"];

/// Proposes, votes and closes with two of three members. Gives what the enacted call gave.
pub fn enact(inner: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
    let motion: RuntimeCall = pallet_participants::Call::enact { call: Box::new(inner.into()) }.into();
    let hash = BlakeTwo256::hash_of(&motion);
    let length = motion.encoded_size() as u32;
    let index = pallet_collective::ProposalCount::<Runtime, frame_support::instances::Instance1>::get();
    call(
        MEMBERS[0],
        pallet_collective::Call::<Runtime, _>::propose {
            threshold: 2,
            proposal: Box::new(motion),
            length_bound: length,
        },
    )?;
    for member in &MEMBERS[..2] {
        call(member, pallet_collective::Call::<Runtime, _>::vote { proposal: hash, index, approve: true })?;
    }
    call(
        MEMBERS[0],
        pallet_collective::Call::<Runtime, _>::close {
            proposal_hash: hash,
            index,
            proposal_weight_bound: crate::configs::BLOCK_WEIGHT / 2,
            length_bound: length,
        },
    )?;
    // The motion's own outcome, then the enacted call's.
    let outcome = System::events().into_iter().rev().find_map(|record| match record.event {
        RuntimeEvent::Participants(pallet_participants::Event::Enacted { result }) => Some(result),
        _ => None,
    });
    let executed = System::events().into_iter().rev().find_map(|record| match record.event {
        RuntimeEvent::Committee(pallet_collective::Event::Executed { result, .. }) => Some(result),
        _ => None,
    });
    executed.expect("the motion was executed")?;
    outcome.expect("an outcome").map(|_| ())
}

#[test]
fn success_what_the_committee_may_enact() {
    run(|| {
        let denominations = BoundedVec::truncate_from(vec![Denomination(100), Denomination(20_000)]);
        assert_ok!(enact(pallet_issuance::Call::set_denominations { denominations: denominations.clone() }));
        assert_eq!(pallet_issuance::Denominations::<Runtime>::get(), denominations);
        assert_ok!(enact(frame_system::Call::authorize_upgrade { code_hash: Hash::repeat_byte(7) }));
        assert!(System::events().iter().any(|record| {
            matches!(record.event, RuntimeEvent::System(frame_system::Event::UpgradeAuthorized { .. }))
        }));
    });
}

#[test]
fn fails_enacting_anything_else() {
    run(|| {
        with_money();
        let forbidden: Vec<RuntimeCall> = vec![
            frame_system::Call::set_code { code: vec![1] }.into(),
            frame_system::Call::set_storage { items: vec![(vec![1], vec![2])] }.into(),
            frame_system::Call::authorize_upgrade_without_checks { code_hash: Hash::zero() }.into(),
            frame_system::Call::kill_prefix { prefix: vec![], subkeys: 9 }.into(),
            pallet_balances::Call::force_set_balance {
                who: sp_runtime::MultiAddress::Id(account("//BankA")),
                new_free: 1,
            }
            .into(),
            pallet_utility::Call::batch {
                calls: vec![pallet_issuance::Call::set_denominations { denominations: Default::default() }.into()],
            }
            .into(),
            pallet_utility::Call::dispatch_as {
                as_origin: Box::new(frame_system::RawOrigin::Signed(account("//BankA")).into()),
                call: Box::new(frame_system::Call::remark { remark: vec![] }.into()),
            }
            .into(),
            pallet_custody::Call::credit { owner: owner("ann"), amount: 1 }.into(),
        ];
        for inner in forbidden {
            System::reset_events();
            let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
            let outcome = frame_support::storage::transactional::with_transaction(|| {
                sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(enact(inner.clone())))
            });
            assert!(matches!(outcome, Ok(Err(_))), "{inner:?} must be refused");
            assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1));
        }
    });
}

#[test]
fn fails_enacting_by_anybody_else() {
    run(|| {
        let inner = || {
            Box::new(RuntimeCall::from(pallet_issuance::Call::set_denominations { denominations: Default::default() }))
        };
        for uri in ["//Issuing//1", "//Supervising//1", "//BankA", "//Committee//1", "//nobody"] {
            refused(uri, pallet_participants::Call::enact { call: inner() }, DispatchError::BadOrigin);
        }
        // Root's own calls, without the committee.
        refused(
            "//Committee//1",
            pallet_issuance::Call::set_denominations { denominations: Default::default() },
            DispatchError::BadOrigin,
        );
        refused("//Issuing//1", frame_system::Call::set_code { code: vec![] }, DispatchError::BadOrigin);
    });
}

#[test]
fn fails_a_motion_with_too_few_votes() {
    run(|| {
        let inner: RuntimeCall = pallet_issuance::Call::set_denominations { denominations: Default::default() }.into();
        let motion: RuntimeCall = pallet_participants::Call::enact { call: Box::new(inner) }.into();
        let length = motion.encoded_size() as u32;
        // A threshold of one dispatches at once, but not as two thirds.
        let alone = pallet_collective::Call::<Runtime, _>::propose {
            threshold: 1,
            proposal: Box::new(motion),
            length_bound: length,
        };
        let before = pallet_issuance::Denominations::<Runtime>::get();
        assert_ok!(call(MEMBERS[0], alone));
        assert_eq!(pallet_issuance::Denominations::<Runtime>::get(), before);
        let refused = System::events().into_iter().any(|record| {
            matches!(
                record.event,
                RuntimeEvent::Committee(pallet_collective::Event::Executed {
                    result: Err(DispatchError::BadOrigin),
                    ..
                })
            )
        });
        assert!(refused);
    });
}

#[test]
fn a_validator_never_leaves_silently() {
    run(|| {
        refused("//Validator//1", pallet_session::Call::purge_keys {}, frame_system::Error::<Runtime>::CallFiltered);
    });
}
