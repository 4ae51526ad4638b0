//! `rotate_account`.

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
