//! What the session pallet is told.

use super::*;
use crate::ValidatorIdOf;
use pallet_session::SessionManager;
use sp_runtime::traits::Convert;

fn new_session() -> Option<Vec<AccountId>> {
    <Participants as SessionManager<AccountId>>::new_session(1)
}

#[test]
fn a_session_is_planned_only_after_a_change_and_once() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(new_session(), None);
        assert_ok!(Participants::remove_validator(signed(ADMITTING), account(BANK_VALIDATOR)));
        assert_eq!(new_session(), Some(vec![account(VALIDATOR)]));
        assert_eq!(new_session(), None);
        assert_ok!(Participants::admit_validator(signed(ADMITTING), account(BANK_VALIDATOR)));
        assert_eq!(new_session(), Some(vec![account(VALIDATOR), account(BANK_VALIDATOR)]));
        assert_eq!(new_session(), None);
    });
}

#[test]
fn the_first_session_has_the_validators_of_genesis() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(Participants::new_session_genesis(0), Some(vec![account(VALIDATOR), account(BANK_VALIDATOR)]));
    });
    sp_io::TestExternalities::default().execute_with(|| {
        assert_eq!(Participants::new_session_genesis(0), None);
    });
}

#[test]
fn only_nominees_can_set_session_keys() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(ValidatorIdOf::<Test>::convert(account(VALIDATOR)), Some(account(VALIDATOR)));
        for number in [BANK, OPERATING, OWNER, 77] {
            assert_eq!(ValidatorIdOf::<Test>::convert(account(number)), None);
        }
        assert_ok!(Participants::nominate_validator(signed(BANK), account(50)));
        assert_eq!(ValidatorIdOf::<Test>::convert(account(50)), Some(account(50)));
    });
}
