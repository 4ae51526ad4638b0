//! Orders of cards: ed25519 signatures, which count for their purses alone, and nobody else's for these.

use super::*;
use crate::tests::cards::{
    coins_in, element, hand_out, load, loss, lost, purse as purse_of, replace, wait, with_cards,
};
use sp_core::ed25519;
use specie_primitives::orders::OrderParty;

/// An order of a card's purse to pay Ben with its first coin.
fn pays(card: u64, number: u8) -> Order {
    let parties = vec![OrderParty { owner: purse_of(card), version: 0 }].try_into().expect("one");
    Order { parties, ..order(number, coins("ben", &coins_in(purse_of(card))[..1])) }
}

/// A signature of an ed25519 key, in the place of one of sr25519.
fn bytes_of(key: &ed25519::Pair, message: &[u8]) -> Signature {
    Signature::from_raw(key.sign(message).0)
}

/// An order with the signature of a card.
fn by(card: u64, order: &Order) -> Vec<u8> {
    with_signatures(order, vec![bytes_of(&element(card), &order.encode())])
}

#[test]
fn success_a_card_orders_a_payment() {
    run(|| {
        // Given
        with_cards();
        start_block(2);
        let (order, before) = (pays(0, 1), purse("ben"));
        let document = by(0, &order);
        assert_eq!(document.len(), 215);

        // When, then
        assert_eq!(verdict("//cid", document.clone()), Verdict::Executed);
        assert_eq!((purse("ben"), coins_in(purse_of(0)).len()), (before + 1_000, 4));
        assert_eq!(crate::flows::of_block().pop().and_then(|flow| flow.order), Some(order.id()));
        is_refused("//ben", document, Verdict::AlreadyExecuted);

        // And: it takes an order of its own back, by another order.
        let second = pays(0, 2);
        let cancel = Action::Cancel { order: second.id(), valid_until: second.valid_until };
        let cancel = Order { parties: second.parties.clone(), ..self::order(3, cancel) };
        assert_eq!(verdict("//BankB", by(0, &cancel)), Verdict::Executed);
        is_refused("//ben", by(0, &second), Verdict::Cancelled);
    });
}

#[test]
fn no_key_signs_on_another_curve_than_its_own() {
    run(|| {
        // Given: two cards in use, and Ann, whose seed somebody took for a key of the other curve, too.
        with_cards();
        assert_ok!(call("//BankA", hand_out(1, BANK_A)));
        load(1, 2);
        let ann = ed25519::Pair::from_string("//ann", None).expect("a development URI");
        let (of_card, of_ann) = (pays(0, 1), pay_ben(0));
        let (card_says, ann_says) = (of_card.encode(), of_ann.encode());

        // Then: nothing but the card's own signature over the bytes as they are counts for the purse.
        let wrapped = [b"<Bytes>".as_slice(), &card_says, b"</Bytes>"].concat();
        let sr25519_of_card = sr25519::Pair::from_seed(&sp_io::hashing::blake2_256(&0u64.to_le_bytes()));
        for signature in [
            sign("//ann", &card_says),
            sign("//BankA", &card_says),
            sr25519_of_card.sign(&card_says),
            bytes_of(&ann, &card_says),
            bytes_of(&element(1), &card_says),
            bytes_of(&element(0), &wrapped),
            bytes_of(&element(0), &sp_io::hashing::blake2_256(&card_says)),
            bytes_of(&element(0), &pays(0, 2).encode()),
            Signature::from_raw([0; 64]),
        ] {
            is_refused("//ben", with_signatures(&of_card, vec![signature]), Verdict::BadSignature);
        }
        // And: no card's counts for Ann, whatever the seed, raw or wrapped.
        let wrapped = [b"<Bytes>".as_slice(), &ann_says, b"</Bytes>"].concat();
        for message in [ann_says, wrapped] {
            for key in [&ann, &element(0)] {
                let document = with_signatures(&of_ann, vec![bytes_of(key, &message)]);
                is_refused("//ben", document, Verdict::BadSignature);
            }
        }
        assert_eq!(verdict("//ben", by(0, &of_card)), Verdict::Executed);
        assert_eq!(verdict("//ben", signed(&of_ann, &["//ann"])), Verdict::Executed);
    });
}

#[test]
fn a_lost_card_orders_nothing_and_the_next_one_does() {
    run(|| {
        // Given
        with_cards();
        let early = pays(0, 1);
        assert_ok!(call("//BankA", lost(0)));
        is_refused("//ben", by(0, &early), Verdict::PartyNotActive);

        // When: another card takes its place.
        wait();
        assert_ok!(call("//BankA", replace(0, 1, BANK_A, &loss(0))));

        // Then: it signs for the same purse, and the lost one does not.
        let order = pays(0, 2);
        is_refused("//ben", by(0, &order), Verdict::BadSignature);
        assert_eq!(verdict("//ben", by(1, &order)), Verdict::Executed);
    });
}
