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
        let filtered = frame_system::Error::<Runtime>::CallFiltered;
        refused("//Issuing//1", frame_system::Call::set_code { code: vec![] }, filtered);
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

#[test]
fn fails_replacing_a_banks_account_in_any_other_way() {
    run(|| {
        with_money();
        let replace = || pallet_participants::Call::replace_account { bank: BANK_A, new: account("//BankA2") };
        // The vote passes, the call fails: this bank can rotate by itself.
        let active = pallet_participants::Error::<Runtime>::BankNotSuspended;
        assert_eq!(enact(replace()), Err(active.into()));
        assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_A }));

        for uri in
            ["//BankA", "//BankB", "//Issuing//1", "//Supervising//1", "//Admitting//1", MEMBERS[0], "//ann", "//x"]
        {
            refused(uri, replace(), DispatchError::BadOrigin);
            let inner = || Box::new(RuntimeCall::from(replace()));
            refused(uri, pallet_utility::Call::batch_all { calls: vec![replace().into()] }, DispatchError::BadOrigin);
            refused(uri, pallet_utility::Call::as_derivative { index: 0, call: inner() }, DispatchError::BadOrigin);
            let as_root = Box::new(frame_system::RawOrigin::Root.into());
            refused(
                uri,
                pallet_utility::Call::dispatch_as { as_origin: as_root, call: inner() },
                DispatchError::BadOrigin,
            );
            let multisig = pallet_multisig::Call::as_multi_threshold_1 {
                other_signatories: vec![account("//other")],
                call: inner(),
            };
            refused(uri, multisig, DispatchError::BadOrigin);
        }

        // A proxy of a member of the committee has no more to say than the member.
        let add_proxy = pallet_proxy::Call::add_proxy {
            delegate: sp_runtime::MultiAddress::Id(account("//Clerk")),
            proxy_type: crate::configs::InstitutionProxy::Any,
            delay: 0,
        };
        assert_ok!(call(MEMBERS[0], add_proxy));
        let proxy = pallet_proxy::Call::proxy {
            real: sp_runtime::MultiAddress::Id(account(MEMBERS[0])),
            force_proxy_type: None,
            call: Box::new(replace().into()),
        };
        assert_ok!(call("//Clerk", proxy));
        assert_eq!(proxied(), Err(DispatchError::BadOrigin));

        // The committee itself reaches root through `enact` alone, and there without wrappers.
        let batch = pallet_utility::Call::batch_all { calls: vec![replace().into()] };
        let not_enactable = pallet_participants::Error::<Runtime>::NotEnactable;
        assert_eq!(enact(batch), Err(not_enactable.into()));
        let alone =
            pallet_collective::Call::<Runtime, _>::execute { proposal: Box::new(replace().into()), length_bound: 99 };
        assert_ok!(call(MEMBERS[0], alone));
        assert_eq!(pallet_participants::Banks::<Runtime>::get(BANK_A).expect("there").account, account("//BankA"));
        assert_ok!(enact(replace()));
    });
}

#[test]
fn fails_a_committee_that_could_not_decide() {
    use pallet_participants::Error;
    run(|| {
        let members = || pallet_collective::Members::<Runtime, frame_support::instances::Instance1>::get();
        let set = |uris: &[&str]| {
            let new_members = uris.iter().map(|uri| account(uri)).collect();
            enact(pallet_collective::Call::<Runtime, _>::set_members { new_members, prime: None, old_count: 3 })
        };
        let before = members();
        assert_eq!(set(&[]), Err(Error::<Runtime>::CommitteeTooSmall.into()));
        assert_eq!(set(&MEMBERS[..1]), Err(Error::<Runtime>::CommitteeTooSmall.into()));
        assert_eq!(set(&[MEMBERS[0], MEMBERS[0], MEMBERS[1]]), Err(Error::<Runtime>::DuplicateKey.into()));
        let crowd: Vec<String> = (0..33).map(|number| format!("//Member//{number}")).collect();
        let crowd: Vec<&str> = crowd.iter().map(String::as_str).collect();
        assert_eq!(set(&crowd), Err(Error::<Runtime>::CommitteeTooLarge.into()));
        assert_eq!(set(&[MEMBERS[0], MEMBERS[1], "//BankA"]), Err(Error::<Runtime>::AccountTaken.into()));
        assert_eq!(members(), before);
        assert_ok!(set(&[MEMBERS[0], MEMBERS[1], "//Committee//4"]));
        assert!(members().contains(&account("//Committee//4")));
    });
}

#[test]
fn what_takes_several_people_is_not_done_through_a_proxy() {
    run(|| {
        let add_proxy = |delegate: &str| pallet_proxy::Call::add_proxy {
            delegate: sp_runtime::MultiAddress::Id(account(delegate)),
            proxy_type: crate::configs::InstitutionProxy::Any,
            delay: 0,
        };
        let through = |delegate: &str, real: &str, inner: RuntimeCall| {
            let real = sp_runtime::MultiAddress::Id(account(real));
            System::reset_events();
            assert_ok!(call(
                delegate,
                pallet_proxy::Call::proxy { real, force_proxy_type: None, call: Box::new(inner) }
            ));
            proxied()
        };
        let filtered = || Err(frame_system::Error::<Runtime>::CallFiltered.into());
        assert_ok!(call("//Issuing//2", add_proxy("//Issuing//1")));
        assert_ok!(call("//Issuing//1", pallet_issuance::Call::propose_mint { denomination: TEN, count: 5 }));

        let approve = || RuntimeCall::from(pallet_issuance::Call::approve_mint { proposal: 0 });
        let propose = pallet_issuance::Call::propose_mint { denomination: TEN, count: 5 };
        let batch = pallet_utility::Call::batch_all { calls: vec![approve()] };
        for inner in [approve(), propose.into(), batch.into()] {
            assert_eq!(through("//Issuing//1", "//Issuing//2", inner), filtered());
        }
        assert_eq!(stock(VaultId::Issue, TEN), 0);

        assert_ok!(call(MEMBERS[1], add_proxy(MEMBERS[0])));
        let motion = RuntimeCall::from(frame_system::Call::remark { remark: vec![] });
        let vote = pallet_collective::Call::<Runtime, _>::vote {
            proposal: BlakeTwo256::hash_of(&motion),
            index: 0,
            approve: true,
        };
        assert_eq!(through(MEMBERS[0], MEMBERS[1], vote.into()), filtered());

        // What one person may do, a proxy may.
        let credit = pallet_vault::Call::credit { bank: BANK_A, amount: 5 };
        assert_eq!(through("//Issuing//1", "//Issuing//2", credit.into()), Ok(()));
    });
}

#[test]
fn silence_is_no_consent() {
    type Committee = pallet_collective::Call<Runtime, frame_support::instances::Instance1>;
    run(|| {
        // Given: a committee with a prime member, who alone votes for a motion.
        let new_members = MEMBERS.map(account).to_vec();
        assert_ok!(enact(Committee::set_members { new_members, prime: Some(account(MEMBERS[0])), old_count: 3 }));
        let before = pallet_issuance::Denominations::<Runtime>::get();
        let inner = pallet_issuance::Call::set_denominations { denominations: Default::default() };
        let motion: RuntimeCall = pallet_participants::Call::enact { call: Box::new(inner.into()) }.into();
        let (hash, length_bound) = (BlakeTwo256::hash_of(&motion), motion.encoded_size() as u32);
        assert_ok!(call(MEMBERS[0], Committee::propose { threshold: 2, proposal: Box::new(motion), length_bound }));
        assert_ok!(call(MEMBERS[0], Committee::vote { proposal: hash, index: 1, approve: true }));

        // When the time for votes is over
        start_block(1 + 3 * 86_400);
        let proposal_weight_bound = crate::configs::BLOCK_WEIGHT / 2;
        assert_ok!(call(
            MEMBERS[0],
            Committee::close { proposal_hash: hash, index: 1, proposal_weight_bound, length_bound }
        ));

        // Then
        assert!(System::events().iter().any(|record| {
            matches!(record.event, RuntimeEvent::Committee(pallet_collective::Event::Disapproved { .. }))
        }));
        assert_eq!(pallet_issuance::Denominations::<Runtime>::get(), before);
    });
}
