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
fn finds_an_institutions_key() {
    ExtBuilder::default().breaks("I4: a bound key is an institution's", || Institutional::set(vec![key("ann")]));
}

#[test]
fn finds_a_network_without_a_key_of_the_function() {
    ExtBuilder::default().breaks("I5: the network has no key of the function behind owner ids", || {
        OwnerIdKey::<Test>::kill();
    });
}
