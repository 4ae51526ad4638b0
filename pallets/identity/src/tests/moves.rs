//! `move_to`, `accept_move`, `assign`.

use super::*;

fn offer(name: &str, to: BankId, expiry: BlockNumber) -> DispatchResult {
    with_storage_layer(|| Identity::move_to(signed(key(name)), to, expiry))
}

fn accept(bank: BankId) -> DispatchResult {
    with_storage_layer(|| Identity::accept_move(by_bank(bank), ANN))
}

fn bank() -> BankId {
    Owners::<Test>::get(ANN).unwrap().bank
}

#[test]
fn success_an_owner_goes_to_another_bank() {
    ExtBuilder::default().build_and_execute(|| {
        // When
        assert_ok!(offer("ann", BANK_2, START));
        happened(Event::MoveOffered { owner: ANN, to: BANK_2, expiry: START });
        assert_eq!(bank(), BANK_1);
        assert_ok!(accept(BANK_2));

        // Then: the new bank has the say, and the key is the same
        happened(Event::Moved { owner: ANN, from: BANK_1, to: BANK_2 });
        assert_eq!((bank(), acts_for("ann")), (BANK_2, Some(ANN)));
        assert_noop!(Identity::suspend(by_bank(BANK_1), ANN), Error::<Test>::NotYourOwner);
        assert_noop!(request(BANK_1, ANN, "ann2"), Error::<Test>::NotYourOwner);
        assert_ok!(request(BANK_2, ANN, "ann2"));
    });
}

#[test]
fn fails_move_to() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(offer("ann", BANK_1, START), Error::<Test>::SameBank);
        assert_noop!(offer("ann", BANK_2, START - 1), Error::<Test>::ProofExpired);
        assert_noop!(offer("ann", BANK_2, START + MAX_PROOF_AGE + 1), Error::<Test>::ExpiryTooFar);
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none(), by_bank(BANK_1), by_supervisor()] {
            assert_noop!(Identity::move_to(origin, BANK_2, START), DispatchError::BadOrigin);
        }
    });
}

#[test]
fn fails_accept_by_a_bank_that_was_not_named() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(accept(BANK_2), Error::<Test>::NoOffer);
        assert_ok!(offer("ann", BankId(3), START));
        assert_noop!(accept(BANK_2), Error::<Test>::NoOffer);
        // The offer still stands for the bank that it names.
        ActiveBanks::set(vec![BANK_1, BANK_2, BankId(3)]);
        assert_noop!(
            with_storage_layer(|| Identity::accept_move(by_bank(BANK_2), owner(2))),
            Error::<Test>::UnknownOwner
        );
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none(), signed(key("ann")), by_supervisor()] {
            assert_noop!(Identity::accept_move(origin, ANN), DispatchError::BadOrigin);
        }
        assert_ok!(accept(BankId(3)));
        assert_noop!(accept(BankId(3)), Error::<Test>::NoOffer);
    });
}

#[test]
fn boundary_an_offer_expires() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(offer("ann", BANK_2, START + 5));
        System::set_block_number(START + 6);
        assert_noop!(accept(BANK_2), Error::<Test>::NoOffer);
        System::set_block_number(START + 5);
        assert_ok!(accept(BANK_2));
    });
}

#[test]
fn a_later_offer_takes_the_place_of_an_earlier_one() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(offer("ann", BANK_2, START));
        assert_ok!(offer("ann", BankId(3), START));
        assert_noop!(accept(BANK_2), Error::<Test>::NoOffer);
        assert_eq!(Offers::<Test>::get(ANN), Some(Offer { to: BankId(3), expiry: START }));
    });
}

#[test]
fn an_offer_of_a_thief_does_not_outlast_the_loss_report() {
    let away: [fn(); 3] = [
        || {
            assert_ok!(Identity::suspend(by_bank(BANK_1), ANN));
        },
        || {
            assert_ok!(request(BANK_1, ANN, "ann2"));
        },
        || {
            let signature = sign("ann2", &rotation(ANN, "ann2", START));
            assert_ok!(Identity::rotate(signed(key("ann")), key("ann2"), START, signature));
        },
    ];
    for away in away {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(offer("ann", BANK_2, START + MAX_PROOF_AGE));
            away();
            assert_noop!(accept(BANK_2), Error::<Test>::NoOffer);
            assert_noop!(offer("ann", BANK_2, START), DispatchError::BadOrigin);
        });
    }
}

#[test]
fn success_the_supervisor_gives_an_owner_to_another_bank() {
    ExtBuilder::default().build_and_execute(|| {
        // Given: a thief moved the owner, and the bank that took it asks for a key of its own.
        assert_ok!(offer("ann", BANK_2, START));
        assert_ok!(accept(BANK_2));
        assert_ok!(request(BANK_2, ANN, "thief2"));

        // When
        assert_ok!(Identity::assign(by_supervisor(), ANN, BANK_1));

        // Then: that request is over, and the first bank can ask.
        happened(Event::Moved { owner: ANN, from: BANK_2, to: BANK_1 });
        assert_eq!((bank(), Rebinds::<Test>::contains_key(ANN)), (BANK_1, false));
        assert_ok!(request(BANK_1, ANN, "ann2"));
        System::set_block_number(START + DELAY);
        assert_ok!(Identity::complete_rebind(by_bank(BANK_1), ANN));
        assert_eq!(acts_for("ann2"), Some(ANN));
    });
}

#[test]
fn fails_assign() {
    ExtBuilder::default().build_and_execute(|| {
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none(), by_bank(BANK_2), signed(key("ann"))] {
            assert_noop!(Identity::assign(origin, ANN, BANK_2), DispatchError::BadOrigin);
        }
        assert_noop!(Identity::assign(by_supervisor(), owner(2), BANK_2), Error::<Test>::UnknownOwner);
        assert_noop!(Identity::assign(by_supervisor(), ANN, BANK_1), Error::<Test>::SameBank);
        assert_noop!(Identity::assign(by_supervisor(), ANN, BankId(99)), Error::<Test>::BankNotActive);
    });
}
