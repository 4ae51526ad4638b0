//! `admit_bank`, `suspend_bank`, `reinstate_bank`, `close_bank`.

use super::*;
use specie_primitives::MAX_BANKS;

fn admit(bank: u32, number: u8) -> frame_support::dispatch::DispatchResult {
    Participants::admit_bank(signed(ADMITTING), BankId(bank), name("Bank C"), account(number))
}

#[test]
fn success_admit_bank() {
    ExtBuilder::default().build_and_execute(|| {
        // Given
        Told::take();
        assert_eq!(System::providers(&account(50)), 0);

        // When
        assert_ok!(admit(0, 50));

        // Then
        happened(Event::BankAdmitted { bank: BankId(0), account: account(50) });
        assert_eq!(Participants::all(), vec![BankId(0), BANK_1, BANK_2]);
        let record = BankRecord { account: account(50), name: name("Bank C"), status: BankStatus::Active };
        assert_eq!(Banks::<Test>::get(BankId(0)), Some(record));
        assert_eq!(Participants::bank_of(&account(50)), Some(BankId(0)));
        assert!(Participants::is_active(BankId(0)));
        assert_eq!(Participants::capacity(&account(50)), Some(Capacity::Bank(BankId(0))));
        assert_eq!(System::providers(&account(50)), 1);
        assert_eq!(Told::get(), vec![("admitted", BankId(0), account(50))]);
    });
}

#[test]
fn fails_admit_bank() {
    ExtBuilder::default().build_and_execute(|| {
        refuses_all_but(&[ADMITTING], |origin| Participants::admit_bank(origin, BankId(3), name("C"), account(50)));
        let refused =
            |bank, text, account| Participants::admit_bank(signed(ADMITTING), BankId(bank), name(text), account);
        assert_noop!(refused(1, "C", account(50)), Error::<Test>::BankExists);
        // Nothing; a line break, an escape sequence, an end of text, and a control character beyond ASCII.
        for text in ["", "Bank\nC", "\u{1b}[2JC", "C\0", "C\u{7f}", "C\u{9b}"] {
            assert_noop!(refused(3, text, account(50)), Error::<Test>::BadName);
        }
        let bytes = BoundedVec::try_from(vec![0xff]).unwrap();
        assert_noop!(
            Participants::admit_bank(signed(ADMITTING), BankId(3), bytes, account(50)),
            Error::<Test>::BadName
        );
        for (account, error) in taken() {
            assert_noop!(refused(3, "C", account), error);
        }
        LifecycleFails::set(true);
        assert_noop!(
            frame_support::storage::with_storage_layer(|| refused(3, "C", account(50))),
            DispatchError::Other("the keeper fails")
        );
    });
}

#[test]
fn boundary_admit_bank_up_to_the_most() {
    ExtBuilder::default().build_and_execute(|| {
        // Two are there, and account numbers from 100 on are free.
        for number in 3..=u8::try_from(MAX_BANKS).unwrap() {
            assert_ok!(admit(number.into(), number + 100));
        }
        assert_eq!(Participants::all().len(), 64);
        assert_noop!(admit(65, 200), Error::<Test>::TooManyBanks);
        // A closed bank does not make room: its books are still checked.
        assert_ok!(Participants::close_bank(signed(ADMITTING), BankId(3)));
        assert_noop!(admit(65, 200), Error::<Test>::TooManyBanks);
    });
}

#[test]
fn boundary_admit_bank_with_the_longest_name() {
    ExtBuilder::default().build_and_execute(|| {
        let longest = name(&"x".repeat(64));
        assert_ok!(Participants::admit_bank(signed(ADMITTING), BankId(3), longest, account(50)));
        // Other signs than ASCII are letters like any.
        assert_ok!(Participants::admit_bank(signed(ADMITTING), BankId(4), name("Bänk “C”"), account(51)));
        assert!(BankName::try_from(vec![b'x'; 65]).is_err());
    });
}

#[test]
fn success_suspend_and_reinstate_bank() {
    ExtBuilder::default().build_and_execute(|| {
        // Given
        let validators = Validators::<Test>::get();

        // When
        assert_ok!(Participants::suspend_bank(signed(SUPERVISING), BANK_1));

        // Then
        happened(Event::BankSuspended { bank: BANK_1 });
        assert_eq!(status(BANK_1), Some(BankStatus::Suspended));
        assert!(!Participants::is_active(BANK_1));
        assert_eq!(Participants::bank_of(&account(BANK)), Some(BANK_1));
        assert_eq!(Validators::<Test>::get(), validators);
        assert!(!ValidatorsChanged::<Test>::get());
        assert_noop!(Participants::add_delegate(signed(BANK), account(50)), DispatchError::BadOrigin);

        // When
        assert_ok!(Participants::reinstate_bank(signed(SUPERVISING), BANK_1));

        // Then
        happened(Event::BankReinstated { bank: BANK_1 });
        assert_eq!(status(BANK_1), Some(BankStatus::Active));
    });
}

#[test]
fn success_the_supervisors_reasons_stop_and_resume() {
    use specie_primitives::traits::Stoppable;
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(Participants::stop(BANK_1), Ok(false));
        assert_eq!((status(BANK_1), Participants::all_stopped()), (Some(BankStatus::Suspended), vec![BANK_1]));
        assert_noop!(Participants::stop(BANK_1), Error::<Test>::BankNotActive);
        assert_ok!(Participants::resume(BANK_1, false));
        assert_eq!((status(BANK_1), Participants::all_stopped()), (Some(BankStatus::Active), vec![]));
        assert_noop!(Participants::resume(BANK_1, false), Error::<Test>::BankNotSuspended);
        assert_noop!(Participants::stop(BankId(9)), Error::<Test>::UnknownBank);
    });
}

#[test]
fn fails_suspend_bank() {
    ExtBuilder::default().build_and_execute(|| {
        refuses_all_but(&[SUPERVISING], |origin| Participants::suspend_bank(origin, BANK_1));
        assert_noop!(Participants::suspend_bank(signed(SUPERVISING), BankId(9)), Error::<Test>::UnknownBank);
        assert_ok!(Participants::suspend_bank(signed(SUPERVISING), BANK_1));
        assert_noop!(Participants::suspend_bank(signed(SUPERVISING), BANK_1), Error::<Test>::BankNotActive);
        assert_ok!(Participants::close_bank(signed(ADMITTING), BANK_2));
        assert_noop!(Participants::suspend_bank(signed(SUPERVISING), BANK_2), Error::<Test>::BankNotActive);
    });
}

#[test]
fn fails_reinstate_bank() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Participants::suspend_bank(signed(SUPERVISING), BANK_1));
        refuses_all_but(&[SUPERVISING], |origin| Participants::reinstate_bank(origin, BANK_1));
        assert_noop!(Participants::reinstate_bank(signed(SUPERVISING), BankId(9)), Error::<Test>::UnknownBank);
        assert_noop!(Participants::reinstate_bank(signed(SUPERVISING), BANK_2), Error::<Test>::BankNotSuspended);
        assert_ok!(Participants::close_bank(signed(ADMITTING), BANK_2));
        assert_noop!(Participants::reinstate_bank(signed(SUPERVISING), BANK_2), Error::<Test>::BankNotSuspended);
    });
}

#[test]
fn success_close_bank() {
    ExtBuilder::default().build_and_execute(|| {
        // Given
        assert_ok!(Participants::add_delegate(signed(OTHER_BANK), account(50)));
        assert_ok!(Participants::nominate_validator(signed(OTHER_BANK), account(51)));

        // When
        assert_ok!(Participants::close_bank(signed(ADMITTING), BANK_2));

        // Then
        happened(Event::BankClosed { bank: BANK_2 });
        assert_eq!(status(BANK_2), Some(BankStatus::Closed));
        assert_eq!(Participants::all(), vec![BANK_1, BANK_2]);
        assert_eq!(Participants::capacity(&account(50)), None);
        assert_eq!(Participants::capacity(&account(51)), None);
        assert_eq!(Participants::capacity(&account(OTHER_BANK)), Some(Capacity::Bank(BANK_2)));
        // The number and the account stay taken, and the accounts keep their nonces.
        assert_noop!(admit(2, 60), Error::<Test>::BankExists);
        assert_noop!(admit(3, OTHER_BANK), Error::<Test>::AccountTaken);
        assert_eq!(System::providers(&account(50)), 1);
        assert_noop!(Participants::rotate_account(signed(OTHER_BANK), account(60)), DispatchError::BadOrigin);
    });
}

#[test]
fn success_close_bank_while_suspended() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Participants::suspend_bank(signed(SUPERVISING), BANK_2));
        assert_ok!(Participants::close_bank(signed(ADMITTING), BANK_2));
        assert_eq!(status(BANK_2), Some(BankStatus::Closed));
    });
}

#[test]
fn fails_close_bank() {
    ExtBuilder::default().build_and_execute(|| {
        refuses_all_but(&[ADMITTING], |origin| Participants::close_bank(origin, BANK_2));
        assert_noop!(Participants::close_bank(signed(ADMITTING), BankId(9)), Error::<Test>::UnknownBank);
        assert_noop!(Participants::close_bank(signed(ADMITTING), BANK_1), Error::<Test>::ValidatorsLeft);
        SomethingLeft::set(true);
        assert_noop!(Participants::close_bank(signed(ADMITTING), BANK_2), DispatchError::Other("something is left"));
        SomethingLeft::set(false);
        assert_ok!(Participants::close_bank(signed(ADMITTING), BANK_2));
        assert_noop!(Participants::close_bank(signed(ADMITTING), BANK_2), Error::<Test>::BankClosed);
    });
}
