//! Every check of the full scan finds what it looks for.

use super::*;

#[test]
fn finds_a_current_key_that_is_not_bound() {
    ExtBuilder::default().breaks("I1: an owner's current key is not bound to it", || {
        Owners::<Test>::mutate(ANN, |record| record.as_mut().unwrap().key = key("ben"));
    });
    ExtBuilder::default().breaks("I1: an owner's current key is not bound to it", || {
        OwnerOf::<Test>::insert(key("ann"), owner(2));
    });
}

#[test]
fn finds_a_key_of_nobody() {
    ExtBuilder::default().breaks("I2: a key is bound to an unknown owner", || {
        OwnerOf::<Test>::insert(key("ben"), owner(2));
    });
}

#[test]
fn finds_a_key_without_a_nonce() {
    ExtBuilder::default().breaks("I3: a bound key has no sufficient reference", || {
        System::dec_sufficients(&key("ann"));
    });
}

#[test]
fn finds_a_tag_that_does_not_go_with_the_class() {
    ExtBuilder::default().breaks("I6: class and tag of an owner do not go together", || {
        Owners::<Test>::mutate(ANN, |record| record.as_mut().unwrap().class = OwnerClass::Firm);
    });
    ExtBuilder::default().breaks("I6: class and tag of an owner do not go together", || {
        Owners::<Test>::mutate(ANN, |record| record.as_mut().unwrap().person = Some(TAG));
    });
}

#[test]
fn finds_a_request_of_an_owner_that_can_pay() {
    ExtBuilder::default().breaks("I7: the owner of a request is not suspended", || {
        assert_ok!(request(BANK_1, ANN, "ann2"));
        Owners::<Test>::mutate(ANN, |record| record.as_mut().unwrap().status = OwnerStatus::Active);
    });
}

#[test]
fn finds_an_offer_that_cannot_be_accepted() {
    for to in [BANK_1, BANK_2] {
        ExtBuilder::default().breaks("I8: an offer that cannot be accepted", || {
            Offers::<Test>::insert(ANN, Offer { to, expiry: START });
            if to == BANK_2 {
                Owners::<Test>::mutate(ANN, |record| record.as_mut().unwrap().status = OwnerStatus::Closed);
            }
        });
    }
}

#[test]
fn finds_an_institutions_key() {
    ExtBuilder::default().breaks("I4: a bound key is an institution's", || Institutional::set(vec![key("ann")]));
}

#[test]
fn finds_a_network_without_a_key_of_the_function() {
    ExtBuilder::default().breaks("I5: the network has no key of the function behind owner ids", || {
        OwnerIdKey::<Test>::kill();
    });
}
