//! `nominate_validator`, `withdraw_nomination`, `admit_validator`, `remove_validator`.

use super::*;

/// Nominates an account for bank 1 and sets its session keys.
fn nominate(number: u8) {
    assert_ok!(Participants::nominate_validator(signed(BANK), account(number)));
    KeysSet::mutate(|set| set.push(account(number)));
}

#[test]
fn success_nominate_validator() {
    ExtBuilder::default().build_and_execute(|| {
        // When
        assert_ok!(Participants::nominate_validator(signed(BANK), account(50)));

        // Then
        happened(Event::ValidatorNominated { institution: OF_BANK_1, account: account(50) });
        assert_eq!(Participants::capacity(&account(50)), Some(Capacity::Nominee(OF_BANK_1)));
        assert!(!Participants::is_validator(&account(50)));
        assert_eq!(System::providers(&account(50)), 1);

        assert_ok!(Participants::nominate_validator(signed(OPERATING), account(51)));
        assert_eq!(Participants::capacity(&account(51)), Some(Capacity::Nominee(Institution::Issuer)));
    });
}

#[test]
fn fails_nominate_validator() {
    ExtBuilder::default().build_and_execute(|| {
        refuses_all_but(&[BANK, OPERATING], |origin| Participants::nominate_validator(origin, account(50)));
        for (account, error) in taken() {
            assert_noop!(Participants::nominate_validator(signed(BANK), account), error);
        }
    });
}

#[test]
fn boundary_thirty_two_nominees() {
    ExtBuilder::default().build_and_execute(|| {
        // One validates already.
        for number in 50..81 {
            assert_ok!(Participants::nominate_validator(signed(BANK), account(number)));
        }
        assert_noop!(Participants::nominate_validator(signed(BANK), account(81)), Error::<Test>::TooManyNominees);
        assert_ok!(Participants::withdraw_nomination(signed(BANK), account(50)));
        assert_ok!(Participants::nominate_validator(signed(BANK), account(81)));
    });
}

#[test]
fn success_withdraw_nomination() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Participants::nominate_validator(signed(BANK), account(50)));
        assert_ok!(Participants::withdraw_nomination(signed(BANK), account(50)));
        happened(Event::NominationWithdrawn { institution: OF_BANK_1, account: account(50) });
        assert_eq!(Participants::capacity(&account(50)), None);
        assert_eq!(System::providers(&account(50)), 1);
    });
}

#[test]
fn fails_withdraw_nomination() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Participants::nominate_validator(signed(BANK), account(50)));
        refuses_all_but(&[BANK, OPERATING], |origin| Participants::withdraw_nomination(origin, account(50)));
        for signer in [OTHER_BANK, OPERATING] {
            assert_noop!(Participants::withdraw_nomination(signed(signer), account(50)), Error::<Test>::NotNominated);
        }
        assert_noop!(
            Participants::withdraw_nomination(signed(BANK), account(BANK_VALIDATOR)),
            Error::<Test>::StillValidator
        );
    });
}

#[test]
fn success_admit_validator() {
    ExtBuilder::default().build_and_execute(|| {
        // Given
        nominate(50);
        let mut validators = Validators::<Test>::get().into_inner();

        // When
        assert_ok!(Participants::admit_validator(signed(ADMITTING), account(50)));

        // Then
        happened(Event::ValidatorAdmitted { institution: OF_BANK_1, account: account(50) });
        validators.push((account(50), OF_BANK_1));
        assert_eq!(Validators::<Test>::get().into_inner(), validators);
        assert!(Participants::is_validator(&account(50)));
        assert!(ValidatorsChanged::<Test>::get());
    });
}

#[test]
fn fails_admit_validator() {
    ExtBuilder::default().build_and_execute(|| {
        nominate(50);
        refuses_all_but(&[ADMITTING], |origin| Participants::admit_validator(origin, account(50)));
        let admit = |number| Participants::admit_validator(signed(ADMITTING), account(number));
        assert_noop!(admit(51), Error::<Test>::NotNominated);
        assert_noop!(admit(VALIDATOR), Error::<Test>::AlreadyValidator);
        assert_ok!(Participants::nominate_validator(signed(BANK), account(52)));
        assert_noop!(admit(52), Error::<Test>::KeysMissing);
        assert_ok!(Participants::suspend_bank(signed(SUPERVISING), BANK_1));
        assert_noop!(admit(50), Error::<Test>::BankNotActive);
    });
}

#[test]
fn boundary_a_hundred_validators() {
    ExtBuilder::default().build_and_execute(|| {
        // Nominations are limited by institution: four banks and the issuer fill the list.
        let fresh = |number: u8| AccountId::new([[number; 16], [1; 16]].concat().try_into().unwrap());
        for bank in 3..=4u8 {
            assert_ok!(Participants::admit_bank(
                signed(ADMITTING),
                BankId(bank.into()),
                name("Bank"),
                account(bank + 100)
            ));
        }
        let signers = [OPERATING, BANK, OTHER_BANK, 103, 104];
        let mut admitted = 2;
        for number in 0..=u8::MAX {
            let signer = signers[usize::from(number) % signers.len()];
            if Participants::nominate_validator(signed(signer), fresh(number)).is_err() {
                continue;
            }
            KeysSet::mutate(|set| set.push(fresh(number)));
            if admitted < 100 {
                assert_ok!(Participants::admit_validator(signed(ADMITTING), fresh(number)));
                admitted += 1;
            } else {
                assert_noop!(
                    Participants::admit_validator(signed(ADMITTING), fresh(number)),
                    Error::<Test>::TooManyValidators
                );
            }
        }
        assert_eq!(Validators::<Test>::get().len(), 100);
    });
}

#[test]
fn success_remove_validator_which_may_come_back() {
    ExtBuilder::default().build_and_execute(|| {
        // When
        assert_ok!(Participants::remove_validator(signed(ADMITTING), account(BANK_VALIDATOR)));

        // Then
        happened(Event::ValidatorRemoved { institution: OF_BANK_1, account: account(BANK_VALIDATOR) });
        assert_eq!(Validators::<Test>::get().into_inner(), vec![(account(VALIDATOR), Institution::Issuer)]);
        assert!(ValidatorsChanged::<Test>::get());
        assert_eq!(Participants::capacity(&account(BANK_VALIDATOR)), Some(Capacity::Nominee(OF_BANK_1)));

        assert_ok!(Participants::admit_validator(signed(ADMITTING), account(BANK_VALIDATOR)));
    });
}

#[test]
fn success_remove_validator_of_a_suspended_bank() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Participants::suspend_bank(signed(SUPERVISING), BANK_1));
        assert_ok!(Participants::remove_validator(signed(ADMITTING), account(BANK_VALIDATOR)));
        assert_ok!(Participants::close_bank(signed(ADMITTING), BANK_1));
    });
}

#[test]
fn fails_remove_validator() {
    ExtBuilder::default().build_and_execute(|| {
        refuses_all_but(&[ADMITTING], |origin| Participants::remove_validator(origin, account(VALIDATOR)));
        assert_noop!(Participants::remove_validator(signed(ADMITTING), account(50)), Error::<Test>::NotValidator);
        assert_ok!(Participants::remove_validator(signed(ADMITTING), account(VALIDATOR)));
        assert_noop!(
            Participants::remove_validator(signed(ADMITTING), account(BANK_VALIDATOR)),
            Error::<Test>::LastValidator
        );
    });
}
