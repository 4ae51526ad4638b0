//! `add_delegate`, `remove_delegate`.

use super::*;

#[test]
fn success_add_delegate() {
    ExtBuilder::default().build_and_execute(|| {
        // When
        assert_ok!(Participants::add_delegate(signed(BANK), account(50)));

        // Then
        happened(Event::DelegateAdded { institution: OF_BANK_1, delegate: account(50) });
        assert_eq!(Participants::capacity(&account(50)), Some(Capacity::Delegate(OF_BANK_1)));
        assert_eq!(DelegatesOf::<Test>::get(OF_BANK_1).into_inner(), vec![account(50)]);
        assert_eq!(System::providers(&account(50)), 1);

        // Any role key speaks for the issuer.
        for (place, key) in [ISSUING[0], SUPERVISING, ADMITTING, OPERATING].into_iter().enumerate() {
            let delegate = account(60 + u8::try_from(place).unwrap());
            assert_ok!(Participants::add_delegate(signed(key), delegate.clone()));
            assert_eq!(Participants::capacity(&delegate), Some(Capacity::Delegate(Institution::Issuer)));
        }
    });
}

#[test]
fn fails_add_delegate() {
    ExtBuilder::default().build_and_execute(|| {
        let allowed = [ISSUING[0], SUPERVISING, ADMITTING, OPERATING, BANK];
        refuses_all_but(&allowed, |origin| Participants::add_delegate(origin, account(50)));
        for (account, error) in taken() {
            assert_noop!(Participants::add_delegate(signed(BANK), account), error);
        }
        // A delegate has one institution, and is none itself.
        assert_ok!(Participants::add_delegate(signed(BANK), account(50)));
        for signer in [BANK, OTHER_BANK, ADMITTING] {
            assert_noop!(Participants::add_delegate(signed(signer), account(50)), Error::<Test>::AccountTaken);
        }
        assert_noop!(Participants::add_delegate(signed(50), account(51)), DispatchError::BadOrigin);
    });
}

#[test]
fn boundary_sixteen_delegates() {
    ExtBuilder::default().build_and_execute(|| {
        for number in 50..66 {
            assert_ok!(Participants::add_delegate(signed(BANK), account(number)));
        }
        assert_noop!(Participants::add_delegate(signed(BANK), account(66)), Error::<Test>::TooManyDelegates);
        // Another institution has room of its own, and a removal makes room.
        assert_ok!(Participants::add_delegate(signed(OTHER_BANK), account(66)));
        assert_ok!(Participants::remove_delegate(signed(BANK), account(50)));
        assert_ok!(Participants::add_delegate(signed(BANK), account(67)));
    });
}

#[test]
fn success_remove_delegate_and_add_it_again() {
    ExtBuilder::default().build_and_execute(|| {
        // Given
        assert_ok!(Participants::add_delegate(signed(ADMITTING), account(50)));

        // When: another key of the same institution strikes it off
        assert_ok!(Participants::remove_delegate(signed(OPERATING), account(50)));

        // Then
        happened(Event::DelegateRemoved { institution: Institution::Issuer, delegate: account(50) });
        assert_eq!(Participants::capacity(&account(50)), None);
        assert!(DelegatesOf::<Test>::get(Institution::Issuer).is_empty());
        assert_eq!(System::providers(&account(50)), 1);

        // When
        assert_ok!(Participants::add_delegate(signed(BANK), account(50)));

        // Then: the entry is not counted twice
        assert_eq!(System::providers(&account(50)), 1);
    });
}

#[test]
fn fails_remove_delegate() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Participants::add_delegate(signed(BANK), account(50)));
        refuses_all_but(&[ISSUING[0], SUPERVISING, ADMITTING, OPERATING, BANK], |origin| {
            Participants::remove_delegate(origin, account(50))
        });
        for signer in [OTHER_BANK, ADMITTING] {
            assert_noop!(Participants::remove_delegate(signed(signer), account(50)), Error::<Test>::NotDelegate);
        }
        assert_noop!(Participants::remove_delegate(signed(BANK), account(51)), Error::<Test>::NotDelegate);
    });
}
