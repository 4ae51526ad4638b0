//! `enact`.

use super::*;
use codec::Encode;
use frame_support::{
    dispatch::{DispatchResult, GetDispatchInfo},
    traits::{EnsureOrigin, SortedMembers},
};

fn new_keys(numbers: &[u8]) -> RuntimeCall {
    let keys = BoundedVec::try_from(numbers.iter().copied().map(account).collect::<Vec<_>>()).unwrap();
    Call::set_role_keys { role: Role::Issuing, keys }.into()
}

fn new_committee(members: Vec<AccountId>) -> RuntimeCall {
    frame_system::Call::set_storage { items: vec![(COMMITTEE_KEY.to_vec(), members.encode())] }.into()
}

fn enact(call: RuntimeCall) -> DispatchResult {
    Participants::enact(signed(ENACTOR), Box::new(call))
}

#[test]
fn success_enact() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(enact(new_keys(&[50, 51])));
        happened(Event::Enacted { result: Ok(()) });
        assert_eq!(Participants::role(&account(50)), Some(Role::Issuing));
        assert_eq!(Participants::role(&account(ISSUING[0])), None);
    });
}

#[test]
fn success_enact_records_a_failure_that_leaves_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(enact(new_keys(&[50])));
        happened(Event::Enacted { result: Err(Error::<Test>::TooFewKeys.into()) });
        // The second key is taken, when the first is written already.
        assert_ok!(enact(new_keys(&[50, BANK])));
        happened(Event::Enacted { result: Err(Error::<Test>::AccountTaken.into()) });
        assert_eq!(System::events().len(), 2);
        assert_eq!(Participants::role(&account(ISSUING[0])), Some(Role::Issuing));
        assert_eq!(Participants::role(&account(50)), None);
        assert_eq!(System::providers(&account(50)), 0);
    });
}

#[test]
fn success_enact_gives_new_members_an_entry() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(enact(new_committee(vec![account(MEMBERS[0]), account(MEMBERS[2]), account(50)])));
        happened(Event::Enacted { result: Ok(()) });
        assert_eq!(Participants::capacity(&account(50)), Some(Capacity::Committee));
        assert_eq!(Participants::capacity(&account(MEMBERS[1])), None);
        assert_eq!(System::providers(&account(50)), 1);
        assert_eq!(System::providers(&account(MEMBERS[0])), 1);
    });
}

#[test]
fn success_enact_refuses_a_member_with_another_capacity() {
    ExtBuilder::default().build_and_execute(|| {
        for (number, error) in [(BANK, Error::AccountTaken), (OWNER, Error::<Test>::OwnerKey)] {
            let mut members = [MEMBERS[0], MEMBERS[1], number].map(account).to_vec();
            members.sort();
            assert_ok!(enact(new_committee(members)));
            happened(Event::Enacted { result: Err(error.into()) });
            assert_eq!(Participants::capacity(&account(MEMBERS[0])), Some(Capacity::Committee));
        }
    });
}

#[test]
fn boundary_a_committee_must_be_able_to_decide() {
    ExtBuilder::default().build_and_execute(|| {
        let attempt = |members: Vec<u8>| {
            assert_ok!(enact(new_committee(members.into_iter().map(account).collect())));
            match last_event() {
                RuntimeEvent::Participants(Event::Enacted { result }) => result,
                other => panic!("{other:?}"),
            }
        };
        let before = Members::sorted_members();
        assert_refused(attempt(vec![]), Error::CommitteeTooSmall);
        assert_refused(attempt(vec![50, 51]), Error::CommitteeTooSmall);
        assert_refused(attempt((50..83).collect()), Error::CommitteeTooLarge);
        assert_refused(attempt(vec![50, 50, 51]), Error::DuplicateKey);
        assert_eq!(Members::sorted_members(), before);
        assert_eq!(System::providers(&account(50)), 0);
        assert_ok!(attempt((50..82).collect()));
        assert_ok!(attempt(MEMBERS.to_vec()));
    });
}

fn assert_refused(result: DispatchResult, error: Error<Test>) {
    assert_eq!(result, Err(error.into()));
}

#[test]
fn fails_enact() {
    ExtBuilder::default().build_and_execute(|| {
        refuses_all_but(&[ENACTOR], |origin| Participants::enact(origin, Box::new(new_keys(&[50, 51]))));
        assert_noop!(Participants::enact(root(), Box::new(new_keys(&[50, 51]))), DispatchError::BadOrigin);
        let nested = Call::enact { call: Box::new(new_keys(&[50, 51])) };
        let others: [RuntimeCall; 3] = [
            frame_system::Call::remark { remark: vec![] }.into(),
            Call::suspend_bank { bank: BANK_1 }.into(),
            nested.into(),
        ];
        for call in others {
            assert_noop!(enact(call), Error::<Test>::NotEnactable);
        }
    });
}

#[test]
fn enact_weighs_what_it_enacts() {
    ExtBuilder::default().build_and_execute(|| {
        let inner = new_keys(&[50, 51]);
        let info = inner.get_dispatch_info();
        let outer: RuntimeCall = Call::enact { call: Box::new(inner) }.into();
        assert!(outer.get_dispatch_info().call_weight.all_gte(info.call_weight));
        assert_eq!(outer.get_dispatch_info().class, info.class);
    });
}

#[test]
fn origins_name_who_passed() {
    use crate::{Admitting, EnsureBank, EnsureInstitution, EnsureOperator, EnsureRole, Issuing, Operating, Registry};
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(EnsureRole::<Test, Issuing>::ensure_origin(signed(ISSUING[1])).ok(), Some(account(ISSUING[1])));
        assert_eq!(EnsureRole::<Test, Admitting>::ensure_origin(signed(ADMITTING)).ok(), Some(account(ADMITTING)));
        assert_eq!(EnsureRole::<Test, Operating>::ensure_origin(signed(OPERATING)).ok(), Some(account(OPERATING)));
        assert!(EnsureRole::<Test, Registry>::ensure_origin(signed(OPERATING)).is_err());
        assert!(EnsureRole::<Test, Issuing>::ensure_origin(root()).is_err());
        assert_eq!(EnsureBank::<Test>::ensure_origin(signed(OTHER_BANK)).ok(), Some(BANK_2));
        assert!(EnsureBank::<Test>::ensure_origin(root()).is_err());
        assert_eq!(EnsureInstitution::<Test>::ensure_origin(signed(SUPERVISING)).ok(), Some(Institution::Issuer));
        assert_eq!(EnsureInstitution::<Test>::ensure_origin(signed(BANK)).ok(), Some(OF_BANK_1));
        assert_eq!(EnsureOperator::<Test>::ensure_origin(signed(BANK)).ok(), Some(OF_BANK_1));
        assert!(EnsureOperator::<Test>::ensure_origin(signed(SUPERVISING)).is_err());
        // Who does not pass keeps the origin.
        let back = EnsureRole::<Test, Issuing>::try_origin(signed(77)).unwrap_err();
        assert_eq!(frame_system::ensure_signed(back).ok(), Some(account(77)));
    });
}
