//! Every check of the full scan finds what it looks for.

use super::*;

#[test]
fn finds_an_account_with_two_capacities() {
    ExtBuilder::default().breaks("I1: a key has two roles", || {
        Roles::<Test>::insert(Role::Registry, RoleKeys::try_from(vec![account(ADMITTING)]).unwrap());
    });
    ExtBuilder::default().breaks("I1: a delegate is listed twice", || {
        assert_ok!(Participants::add_delegate(signed(BANK), account(50)));
        DelegatesOf::<Test>::mutate(Institution::Issuer, |list| list.try_push(account(50)).unwrap());
    });
    ExtBuilder::default().breaks("I1: a nominee is listed twice", || {
        NomineesOf::<Test>::mutate(OF_BANK_1, |list| list.try_push(account(BANK_VALIDATOR)).unwrap());
    });
    ExtBuilder::default().breaks("I1: an account has two capacities", || {
        RetiredAccounts::<Test>::insert(account(BANK), BANK_1);
    });
    ExtBuilder::default().breaks("I1: an account has two capacities", || {
        frame_support::storage::unhashed::put(COMMITTEE_KEY, &vec![account(BANK)]);
    });
    ExtBuilder::default().breaks("I1: an institution's account is an owner's key", || {
        OwnerKeys::set(vec![account(BANK)]);
    });
}

#[test]
fn finds_lists_that_differ() {
    ExtBuilder::default().breaks("I2: Roles and RoleOf differ", || RoleOf::<Test>::remove(account(ADMITTING)));
    ExtBuilder::default().breaks("I2: DelegatesOf and Delegates differ", || {
        Delegates::<Test>::insert(account(50), Institution::Issuer);
    });
    ExtBuilder::default().breaks("I2: NomineesOf and Nominees differ", || {
        Nominees::<Test>::remove(account(VALIDATOR));
    });
}

#[test]
fn finds_issuing_with_one_key() {
    ExtBuilder::default().breaks("I3: the role issuing has fewer than two keys", || {
        Roles::<Test>::mutate(Role::Issuing, |keys| keys.truncate(1));
        RoleOf::<Test>::remove(account(ISSUING[1]));
    });
}

#[test]
fn finds_banks_that_do_not_fit() {
    ExtBuilder::default().breaks("I4: BankIds does not list every bank in order", || {
        BankIds::<Test>::put(BoundedVec::truncate_from(vec![BANK_2, BANK_1]));
    });
    ExtBuilder::default().breaks("I4: BankIds does not list every bank in order", || Banks::<Test>::remove(BANK_2));
    ExtBuilder::default().breaks("I4: BankOf and the banks' accounts differ", || {
        BankOf::<Test>::remove(account(BANK));
    });
    ExtBuilder::default().breaks("I4: a retired account belongs to no bank", || {
        RetiredAccounts::<Test>::insert(account(50), BankId(9));
    });
    ExtBuilder::default().breaks("I4: a delegate or nominee of a bank that is closed or unknown", || {
        Banks::<Test>::mutate(BANK_1, |record| record.as_mut().unwrap().status = BankStatus::Closed);
    });
}

#[test]
fn finds_validators_that_do_not_fit() {
    ExtBuilder::default().breaks("I5: a validator is listed twice", || {
        Validators::<Test>::mutate(|list| list.try_push((account(VALIDATOR), Institution::Issuer)).unwrap());
    });
    ExtBuilder::default().breaks("I5: a validator is not its institution's nominee", || {
        Validators::<Test>::mutate(|list| list.try_push((account(50), Institution::Issuer)).unwrap());
    });
}

#[test]
fn finds_missing_entries() {
    ExtBuilder::default().breaks("I6: an institution's account has no entry", || {
        Entered::<Test>::remove(account(BANK));
    });
    ExtBuilder::default().breaks("I6: an entry lost its provider reference", || {
        assert_ok!(System::dec_providers(&account(BANK)));
    });
}
