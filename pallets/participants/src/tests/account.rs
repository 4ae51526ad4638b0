//! `rotate_account`, `replace_account`.

use super::*;

#[test]
fn success_rotate_account() {
    ExtBuilder::default().build_and_execute(|| {
        // Given
        Told::take();

        // When
        assert_ok!(Participants::rotate_account(signed(BANK), account(50)));

        // Then
        happened(Event::AccountRotated { bank: BANK_1, old: account(BANK), new: account(50) });
        assert_eq!(Participants::account(BANK_1), Some(account(50)));
        assert_eq!(Participants::bank_of(&account(50)), Some(BANK_1));
        assert_eq!(Participants::bank_of(&account(BANK)), None);
        assert_eq!(Participants::capacity(&account(BANK)), Some(Capacity::Retired(BANK_1)));
        assert!(Participants::is_institutional(&account(BANK)));
        assert_eq!(System::providers(&account(50)), 1);
        assert_eq!(System::providers(&account(BANK)), 1);
        assert_eq!(Told::get(), vec![("rotated from", BANK_1, account(BANK)), ("rotated to", BANK_1, account(50))]);
        assert_noop!(Participants::rotate_account(signed(BANK), account(51)), DispatchError::BadOrigin);
        assert_ok!(Participants::rotate_account(signed(50), account(51)));
    });
}

#[test]
fn fails_rotate_account() {
    ExtBuilder::default().build_and_execute(|| {
        refuses_all_but(&[BANK], |origin| Participants::rotate_account(origin, account(50)));
        for (account, error) in taken() {
            assert_noop!(Participants::rotate_account(signed(BANK), account), error);
        }
        assert_noop!(Participants::rotate_account(signed(BANK), account(BANK)), Error::<Test>::AccountTaken);
        // A retired account is never used again, by its own bank neither.
        assert_ok!(Participants::rotate_account(signed(BANK), account(50)));
        assert_noop!(Participants::rotate_account(signed(50), account(BANK)), Error::<Test>::AccountTaken);
        assert_noop!(Participants::add_delegate(signed(50), account(BANK)), Error::<Test>::AccountTaken);

        assert_ok!(Participants::suspend_bank(signed(SUPERVISING), BANK_1));
        assert_noop!(Participants::rotate_account(signed(50), account(51)), DispatchError::BadOrigin);
        LifecycleFails::set(true);
        assert_noop!(
            frame_support::storage::with_storage_layer(|| Participants::rotate_account(
                signed(OTHER_BANK),
                account(51)
            )),
            DispatchError::Other("the keeper fails")
        );
    });
}

#[test]
fn success_replace_account() {
    ExtBuilder::default().build_and_execute(|| {
        // Given
        assert_ok!(Participants::add_delegate(signed(BANK), account(60)));
        assert_ok!(Participants::suspend_bank(signed(SUPERVISING), BANK_1));
        Told::take();

        // When
        assert_ok!(Participants::replace_account(root(), BANK_1, account(50)));

        // Then
        happened(Event::AccountRotated { bank: BANK_1, old: account(BANK), new: account(50) });
        assert_eq!(Participants::account(BANK_1), Some(account(50)));
        assert_eq!(Participants::capacity(&account(50)), Some(Capacity::Bank(BANK_1)));
        assert_eq!(Participants::capacity(&account(BANK)), Some(Capacity::Retired(BANK_1)));
        assert_eq!(Participants::capacity(&account(60)), Some(Capacity::Delegate(OF_BANK_1)));
        assert_eq!(System::providers(&account(50)), 1);
        assert_eq!(Told::get(), vec![("rotated from", BANK_1, account(BANK)), ("rotated to", BANK_1, account(50))]);
        // It is the supervisor who lets the bank go on.
        assert_eq!(status(BANK_1), Some(BankStatus::Suspended));
        assert_noop!(Participants::remove_delegate(signed(50), account(60)), DispatchError::BadOrigin);
        assert_ok!(Participants::reinstate_bank(signed(SUPERVISING), BANK_1));
        assert_noop!(Participants::remove_delegate(signed(BANK), account(60)), DispatchError::BadOrigin);
        assert_ok!(Participants::remove_delegate(signed(50), account(60)));
    });
}

#[test]
fn fails_replace_account() {
    ExtBuilder::default().build_and_execute(|| {
        refuses_all_but(&[], |origin| Participants::replace_account(origin, BANK_1, account(50)));
        assert_noop!(Participants::replace_account(root(), BankId(9), account(50)), Error::<Test>::UnknownBank);
        assert_noop!(Participants::replace_account(root(), BANK_1, account(50)), Error::<Test>::BankNotSuspended);
        assert_ok!(Participants::close_bank(signed(ADMITTING), BANK_2));
        assert_noop!(Participants::replace_account(root(), BANK_2, account(50)), Error::<Test>::BankNotSuspended);

        assert_ok!(Participants::suspend_bank(signed(SUPERVISING), BANK_1));
        refuses_all_but(&[], |origin| Participants::replace_account(origin, BANK_1, account(50)));
        for (account, error) in taken() {
            assert_noop!(Participants::replace_account(root(), BANK_1, account), error);
        }
        assert_noop!(Participants::replace_account(root(), BANK_1, account(BANK)), Error::<Test>::AccountTaken);
        LifecycleFails::set(true);
        assert_noop!(
            frame_support::storage::with_storage_layer(|| Participants::replace_account(root(), BANK_1, account(50))),
            DispatchError::Other("the keeper fails")
        );
    });
}
