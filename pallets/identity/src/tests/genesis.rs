//! The first block.

use super::*;

#[test]
fn genesis_registers_owners() {
    ExtBuilder::default().build_and_execute(|| {
        let record = OwnerRecord {
            bank: BANK_1,
            key: key("ann"),
            status: OwnerStatus::Active,
            registered: 0,
            class: OwnerClass::Phone,
            person: None,
            seen: 0,
            consent: 0,
            rotated: None,
        };
        assert_eq!(Owners::<Test>::get(ANN), Some(record));
        assert_eq!((RebindDelay::<Test>::get(), RebindApprovalValue::<Test>::get()), (DELAY, APPROVAL_VALUE));
        assert_eq!(DormancyDays::<Test>::get(), DORMANCY);
        assert_eq!(acts_for("ann"), Some(ANN));
        assert_eq!(System::sufficients(&key("ann")), 1);
    });
}

#[test]
fn genesis_holds_the_key_of_the_function() {
    ExtBuilder::default().build_and_execute(|| assert_eq!(OwnerIdKey::<Test>::get(), OWNER_ID_KEY));
}

fn with_another(owner: OwnerId, name: &str) {
    let mut builder = ExtBuilder::default();
    builder.0.owners.push((owner, BANK_1, key(name), OwnerClass::Phone, None));
    builder.build();
}

#[test]
#[should_panic(expected = "TagMissing")]
fn genesis_refuses_a_person_without_a_tag() {
    let mut builder = ExtBuilder::default();
    builder.0.owners.push((owner(2), BANK_1, key("ben"), OwnerClass::Person, None));
    builder.build();
}

#[test]
#[should_panic(expected = "AlreadyRegistered")]
fn genesis_refuses_an_owner_twice() {
    with_another(ANN, "ben");
}

#[test]
#[should_panic(expected = "KeyAlreadyBound")]
fn genesis_refuses_a_key_twice() {
    with_another(owner(2), "ann");
}

#[test]
#[should_panic(expected = "KeyNotForOwners")]
fn genesis_refuses_an_institutions_key() {
    with_another(owner(2), "institution");
}
