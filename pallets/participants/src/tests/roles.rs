//! `set_role_keys`.

use super::*;
use frame_support::storage::with_storage_layer;

fn keys(numbers: &[u8]) -> RoleKeys {
    BoundedVec::try_from(numbers.iter().copied().map(account).collect::<Vec<_>>()).unwrap()
}

/// As a dispatched call: a failure leaves nothing behind.
fn set(role: Role, numbers: &[u8]) -> frame_support::dispatch::DispatchResult {
    with_storage_layer(|| Participants::set_role_keys(root(), role, keys(numbers)))
}

#[test]
fn success_set_role_keys() {
    ExtBuilder::default().build_and_execute(|| {
        // When: one key stays, one goes, one comes
        assert_ok!(set(Role::Issuing, &[ISSUING[1], 50]));

        // Then
        happened(Event::RoleKeysSet { role: Role::Issuing, keys: keys(&[ISSUING[1], 50]) });
        assert_eq!(Roles::<Test>::get(Role::Issuing), keys(&[ISSUING[1], 50]));
        assert_eq!(Participants::role(&account(50)), Some(Role::Issuing));
        assert_eq!(Participants::role(&account(ISSUING[1])), Some(Role::Issuing));
        assert_eq!(Participants::role(&account(ISSUING[0])), None);
        assert!(!Participants::is_institutional(&account(ISSUING[0])));
        assert_eq!(System::providers(&account(50)), 1);
        assert_eq!(System::providers(&account(ISSUING[0])), 1);
        assert_eq!(System::providers(&account(ISSUING[1])), 1);
    });
}

#[test]
fn success_a_role_other_than_issuing_may_have_no_keys() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(set(Role::Supervising, &[]));
        assert_noop!(Participants::suspend_bank(signed(SUPERVISING), BANK_1), DispatchError::BadOrigin);
        assert_ok!(set(Role::Supervising, &[SUPERVISING]));
        assert_ok!(Participants::suspend_bank(signed(SUPERVISING), BANK_1));
    });
}

#[test]
fn fails_set_role_keys() {
    ExtBuilder::default().build_and_execute(|| {
        refuses_all_but(&[], |origin| Participants::set_role_keys(origin, Role::Registry, keys(&[50])));
        assert_noop!(set(Role::Issuing, &[]), Error::<Test>::TooFewKeys);
        assert_noop!(set(Role::Issuing, &[50]), Error::<Test>::TooFewKeys);
        assert_noop!(set(Role::Issuing, &[50, 50]), Error::<Test>::DuplicateKey);
        for (account, error) in taken() {
            let keys = BoundedVec::try_from(vec![account]).unwrap();
            assert_noop!(with_storage_layer(|| Participants::set_role_keys(root(), Role::Registry, keys)), error);
        }
    });
}

#[test]
fn boundary_sixteen_keys() {
    ExtBuilder::default().build_and_execute(|| {
        let most: Vec<u8> = (50..66).collect();
        assert_ok!(set(Role::Registry, &most));
        assert_eq!(Roles::<Test>::get(Role::Registry).len(), 16);
        assert!(RoleKeys::try_from(vec![account(50); 17]).is_err());
    });
}
