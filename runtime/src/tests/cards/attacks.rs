//! What banks, finders and strangers try.

use super::*;
use specie_primitives::identity::RebindProof;

#[test]
fn only_the_registry_makes_cards_and_only_of_keys_that_are_nobodys() {
    run(|| {
        with_cards();
        for uri in ["//BankA", "//Issuing//1", "//Supervising//1", "//Admitting//1", "//ann"] {
            refused(uri, personalise(BANK_A, &[9]), DispatchError::BadOrigin);
        }
        // A card's key, twice in one batch or again for another bank.
        refused(REGISTRY, personalise(BANK_A, &[9, 9]), CardsError::<Runtime>::KeyTaken);
        refused(REGISTRY, personalise(BANK_B, &[0]), CardsError::<Runtime>::KeyTaken);
        let of = |key: AccountId, loss_key: AccountId| Call::personalise {
            bank: BANK_A,
            cards: vec![NewCard { key, loss_key }].try_into().expect("one"),
        };
        // Points that anybody signs for: the identity on both curves, one of order two.
        let sound: AccountId = loss(9).public().into();
        let mut identity = [0; 32];
        identity[0] = 1;
        for weak in [[0; 32], identity, [0xff; 32]] {
            refused(REGISTRY, of(AccountId::new(weak), sound.clone()), CardsError::<Runtime>::BadKey);
        }
        refused(REGISTRY, of(key_of(9), AccountId::new([0; 32])), CardsError::<Runtime>::BadKey);
        assert_ok!(call(REGISTRY, of(key_of(9), sound)));
    });
}

#[test]
fn keys_of_owners_and_institutions_are_no_cards() {
    run(|| {
        with_cards();
        // An ed25519 key that is an owner's already.
        pallet_identity::OwnerOf::<Runtime>::insert(key_of(9), owner("ann"));
        let error = IdentityError::<Runtime>::KeyAlreadyBound;
        refused(REGISTRY, personalise(BANK_A, &[9]), error);
        pallet_identity::OwnerOf::<Runtime>::remove(key_of(9));
        let delegate = |delegate| pallet_participants::Call::add_delegate { delegate };
        let roles = pallet_participants::Call::set_role_keys {
            role: specie_primitives::Role::Operating,
            keys: vec![key_of(9)].try_into().expect("one"),
        };
        assert_ok!(super::super::governance::enact(roles));
        refused(REGISTRY, personalise(BANK_A, &[9]), IdentityError::<Runtime>::KeyNotForOwners);
        // A bank that lists a key, before it is a card's or later, keeps nobody from it.
        assert_ok!(call("//BankB", delegate(key_of(8))));
        assert_ok!(call(REGISTRY, personalise(BANK_A, &[8])));
        assert_eq!(Participants::capacity(&key_of(8)), None);
        assert_ok!(call("//BankB", delegate(key_of(1))));
        assert_ok!(call("//BankA", hand_out(1, BANK_A)));
        assert_eq!(Participants::capacity(&key_of(1)), None);
    });
}

#[test]
fn a_bank_hands_out_what_it_has_and_once() {
    run(|| {
        with_cards();
        refused("//BankB", hand_out(1, BANK_B), CardsError::<Runtime>::NotYourCard);
        refused("//BankB", hand_out(1, BANK_A), CardsError::<Runtime>::NotYourCard);
        refused("//BankA", hand_out(4, BANK_A), CardsError::<Runtime>::NotYourCard);
        refused("//BankA", hand_out(0, BANK_A), CardsError::<Runtime>::NotBlank);
        refused("//BankA", hand_out(77, BANK_A), CardsError::<Runtime>::UnknownCard);
        for uri in ["//ann", REGISTRY, "//Supervising//1"] {
            refused(uri, hand_out(1, BANK_A), DispatchError::BadOrigin);
        }
    });
}

#[test]
fn a_proof_holds_for_its_own_facts_only() {
    run(|| {
        with_cards();
        let genesis = System::block_hash(0);
        let handed_out = |signature| Call::hand_out { card: CardNumber(1), expiry: expiry(), signature };
        for payload in [
            handed(Hash::repeat_byte(7), 1, BANK_A, None),
            handed(genesis, 2, BANK_A, None),
            handed(genesis, 1, BANK_B, None),
            handed(genesis, 1, BANK_A, Some(owner("cid"))),
            [b"<Bytes>".as_slice(), &handed(genesis, 1, BANK_A, None), b"</Bytes>"].concat(),
        ] {
            refused("//BankA", handed_out(element(1).sign(&payload)), CardsError::<Runtime>::BadSignature);
        }
        // Another card's signature, and one that holds for another block.
        let right = handed(genesis, 1, BANK_A, None);
        refused("//BankA", handed_out(element(2).sign(&right)), CardsError::<Runtime>::BadSignature);
        let signature = element(1).sign(&right);
        let later = Call::hand_out { card: CardNumber(1), expiry: expiry() + 1, signature };
        refused("//BankA", later, CardsError::<Runtime>::BadSignature);
        let call_of_now = handed_out(signature);
        start_block(expiry() + 1);
        refused("//BankA", call_of_now, IdentityError::<Runtime>::ProofExpired);
    });
}

#[test]
fn strangers_report_nothing() {
    run(|| {
        with_cards();
        assert_ok!(call("//BankA", bind(2, BANK_A, "cid", "//cid")));
        for card in [0, 2] {
            for uri in ["//ann", "//BankB"] {
                refused(uri, lost(card), CardsError::<Runtime>::NotYourCard);
            }
            for uri in [REGISTRY, "//Supervising//1"] {
                refused(uri, lost(card), DispatchError::BadOrigin);
            }
        }
        // An anonymous card has no holder, and its own key says nothing.
        refused("//cid", lost(0), CardsError::<Runtime>::NotYourCard);
        assert_eq!(by_card(0, lost(0)), Err(CardsError::<Runtime>::NotYourCard.into()));
        refused("//BankA", lost(1), CardsError::<Runtime>::NotInUse);
        // Who did not report does not take back.
        assert_ok!(call("//BankA", lost(2)));
        refused("//BankA", lost(2), CardsError::<Runtime>::NotInUse);
        refused("//cid", found(2), CardsError::<Runtime>::OtherReporter);
        refused("//BankB", found(2), CardsError::<Runtime>::NotYourCard);
        assert_ok!(call("//BankA", found(2)));
    });
}

#[test]
fn a_replacement_needs_a_loss_and_the_code_of_that_card() {
    run(|| {
        with_cards();
        assert_ok!(call("//BankA", hand_out(1, BANK_A)));
        refused("//BankA", replace(0, 2, BANK_A, &loss(0)), CardsError::<Runtime>::NotLost);
        assert_ok!(call("//BankA", lost(0)));
        wait();
        // A bank's own key, the code of another card, of the new card, the card's own seed.
        for other in ["//BankA", "//loss//1", "//loss//2", "//ann"] {
            refused("//BankA", replace(0, 2, BANK_A, &pair(other)), CardsError::<Runtime>::BadEvidence);
        }
        // A new card that is none: in use, the lost one itself, another bank's, one that is not there.
        refused("//BankA", replace(0, 1, BANK_A, &loss(0)), CardsError::<Runtime>::NotBlank);
        refused("//BankA", replace(0, 0, BANK_A, &loss(0)), CardsError::<Runtime>::NotBlank);
        refused("//BankA", replace(0, 4, BANK_A, &loss(0)), CardsError::<Runtime>::NotYourCard);
        refused("//BankA", replace(0, 77, BANK_A, &loss(0)), CardsError::<Runtime>::UnknownCard);
        // A new card that does not sign.
        let Call::replace { lost, new, expiry, evidence, .. } = replace(0, 2, BANK_A, &loss(0)) else {
            panic!("a replacement");
        };
        let unsigned = Call::replace { lost, new, expiry, signature: element(3).sign(b"something else"), evidence };
        refused("//BankA", unsigned, CardsError::<Runtime>::BadSignature);
        assert_ok!(call("//BankA", replace(0, 2, BANK_A, &loss(0))));
        // The code is of no use any more.
        refused("//BankA", replace(0, 3, BANK_A, &loss(0)), CardsError::<Runtime>::NotLost);
        refused("//BankA", super::lost(0), CardsError::<Runtime>::NotInUse);
    });
}

#[test]
fn evidence_seen_on_its_way_is_of_use_to_nobody_else() {
    run(|| {
        with_cards();
        assert_ok!(call("//BankA", lost(0)));
        wait();
        // Bank B sees it, and has a blank card of its own.
        let seen = replace(0, 1, BANK_A, &loss(0));
        refused("//BankB", seen.clone(), CardsError::<Runtime>::NotYourCard);
        let Call::replace { lost, expiry, evidence, .. } = seen.clone() else { panic!("a replacement") };
        refused("//BankB", replace(0, 4, BANK_B, &loss(0)), CardsError::<Runtime>::NotYourCard);
        // The same bank takes another card.
        for (card, bank, uri) in [(2, BANK_A, "//BankA"), (4, BANK_B, "//BankB")] {
            let payload = Replacement::new(System::block_hash(0), lost, CardNumber(card), key_of(card), bank, expiry);
            let signature = element(card).sign(&payload.encode());
            let stolen = Call::replace { lost, new: CardNumber(card), expiry, signature, evidence };
            let error: DispatchError = match bank {
                BANK_A => CardsError::<Runtime>::BadEvidence.into(),
                _ => CardsError::<Runtime>::NotYourCard.into(),
            };
            refused(uri, stolen, error);
        }
        // The supervisor gives the purse to bank B: not even then.
        let assign = pallet_identity::Call::assign { owner: purse(0), bank: BANK_B };
        assert_ok!(call("//Supervising//1", assign));
        let payload = Replacement::new(System::block_hash(0), lost, CardNumber(4), key_of(4), BANK_B, expiry).encode();
        let stolen = Call::replace { lost, new: CardNumber(4), expiry, signature: element(4).sign(&payload), evidence };
        refused("//BankB", stolen, CardsError::<Runtime>::BadEvidence);
        refused("//BankA", seen, CardsError::<Runtime>::NotYourCard);
        assert_ok!(call("//BankB", replace(0, 4, BANK_B, &loss(0))));
        assert_eq!(Identity::active_owner(&key_of(4)), Some(purse(0)));
    });
}

#[test]
fn a_bank_gets_at_no_purse_by_the_calls_for_owners() {
    run(|| {
        with_cards();
        let (of, genesis, card_purse) = (purse(0), System::block_hash(0), IdentityError::<Runtime>::CardPurse);
        let key = account("//thief");
        let rebind = RebindProof::new(genesis, of, BANK_A, key.clone(), expiry()).encode();
        let signature = pair("//thief").sign(&rebind);
        let request =
            pallet_identity::Call::request_rebind { owner: of, key: key.clone(), expiry: expiry(), signature };
        let class = ClassProof::new(genesis, of, BANK_A, OwnerClass::Phone, None, expiry()).encode();
        let consent = pallet_identity::Consent { expiry: expiry(), signature: pair("//thief").sign(&class) };
        let reclass = |consent| pallet_identity::Call::change_class {
            owner: of,
            class: OwnerClass::Phone,
            person: None,
            consent,
        };
        let calls: [RuntimeCall; 6] = [
            request.into(),
            reclass(Some(consent)).into(),
            pallet_identity::Call::suspend { owner: of }.into(),
            pallet_identity::Call::reinstate { owner: of }.into(),
            pallet_identity::Call::close { owner: of }.into(),
            pallet_identity::Call::release { owner: of }.into(),
        ];
        for of_bank in calls {
            refused("//BankA", of_bank, IdentityError::<Runtime>::CardPurse);
        }
        refused("//Supervising//1", reclass(None), IdentityError::<Runtime>::CardPurse);
        // The card neither changes its key nor its bank.
        let expiry = expiry();
        assert_eq!(by_card(0, pallet_identity::Call::move_to { bank: BANK_B, expiry }), Err(card_purse.into()));
        let proof = RotationProof::new(genesis, of, key.clone(), expiry).encode();
        let signature = pair("//thief").sign(&proof);
        let rotate = pallet_identity::Call::rotate { key: key.clone(), expiry, signature };
        assert_eq!(by_card(0, rotate), Err(IdentityError::<Runtime>::CardPurse.into()));
        // The purse of a card that is blank yet is nobody's to register.
        let proof = RegistrationProof::new(genesis, purse(1), BANK_B, key.clone(), OwnerClass::Phone, expiry).encode();
        let register = pallet_identity::Call::register {
            owner: purse(1),
            key,
            class: OwnerClass::Phone,
            person: None,
            expiry,
            signature: pair("//thief").sign(&proof),
        };
        refused("//BankB", register, IdentityError::<Runtime>::CardPurse);
        assert_ok!(call("//BankA", hand_out(1, BANK_A)));
    });
}

#[test]
fn the_supervisors_suspension_outlasts_everything_about_cards() {
    run(|| {
        with_cards();
        let suspend = pallet_identity::Call::suspend { owner: purse(0) };
        let reinstate = pallet_identity::Call::reinstate { owner: purse(0) };
        assert_ok!(call("//Supervising//1", suspend.clone()));
        assert_ok!(call("//BankA", lost(0)));
        wait();
        let suspended = IdentityError::<Runtime>::SuspendedBySupervisor;
        refused("//BankA", found(0), suspended);
        refused("//BankA", replace(0, 1, BANK_A, &loss(0)), IdentityError::<Runtime>::SuspendedBySupervisor);
        // It ends, and the loss report does not.
        assert_ok!(call("//Supervising//1", reinstate.clone()));
        assert_eq!(by_card(0, transfer(owner("ben"), coins_in(purse(0)))), Err(DispatchError::BadOrigin));
        refused("//Supervising//1", reinstate.clone(), IdentityError::<Runtime>::CardLost);
        assert_ok!(call("//BankA", found(0)));
        assert_ok!(call("//Supervising//1", suspend));
        assert_eq!(by_card(0, transfer(owner("ben"), coins_in(purse(0)))), Err(DispatchError::BadOrigin));
        assert_ok!(call("//Supervising//1", reinstate));
        assert_ok!(by_card(0, transfer(owner("ben"), coins_in(purse(0)))));
    });
}

#[test]
fn a_suspended_bank_does_nothing_with_cards() {
    run(|| {
        with_cards();
        assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_A }));
        for of_bank in [hand_out(1, BANK_A), lost(0), replace(0, 1, BANK_A, &loss(0))] {
            refused("//BankA", of_bank, DispatchError::BadOrigin);
        }
        refused(REGISTRY, personalise(BANK_A, &[9]), CardsError::<Runtime>::BankNotActive);
    });
}

#[test]
fn boundary_limits_of_anonymous_cards_hold_for_each() {
    run(|| {
        with_cards();
        super::super::limits::set_limits(OwnerClass::AnonymousCard, Some(1_000), Some(2_000), Some(6_000));
        assert_ok!(call("//BankA", hand_out(1, BANK_A)));
        let pay = |card, count: usize| by_card(card, transfer(owner("ben"), coins_in(purse(card))[..count].to_vec()));
        assert_eq!(pay(0, 2), Err(pallet_limits::Error::<Runtime>::OverPaymentLimit.into()));
        assert_ok!(pay(0, 1));
        assert_ok!(pay(0, 1));
        assert_eq!(pay(0, 1), Err(pallet_limits::Error::<Runtime>::OverDailyLimit.into()));
        load(0, 3);
        let more = transfer(purse(0), coins_of("ann")[..1].to_vec());
        refused("//ann", more, pallet_limits::Error::<Runtime>::PayeeOverBalanceLimit);
        // A second card has limits of its own: nobody knows that one person has both.
        load(1, 1);
        assert_ok!(pay(1, 1));
        // Another card in place of a lost one renews nothing.
        assert_ok!(call("//BankA", lost(0)));
        wait();
        assert_ok!(call("//BankA", replace(0, 2, BANK_A, &loss(0))));
        let again = by_card(2, transfer(owner("ben"), coins_in(purse(0))[..1].to_vec()));
        assert_eq!(again, Err(pallet_limits::Error::<Runtime>::OverDailyLimit.into()));
    });
}

#[test]
fn try_state_finds_what_is_broken() {
    let breakages: Vec<(&str, fn())> = vec![
        ("I1: a card's key is another's", || pallet_cards::NumberOf::<Runtime>::insert(key_of(1), CardNumber(2))),
        ("I2: a purse is another card's", || pallet_cards::CardOf::<Runtime>::insert(purse(0), CardNumber(2))),
        ("I2: another key signs for a card's purse", || {
            pallet_identity::Owners::<Runtime>::mutate_extant(purse(0), |record| record.key = key_of(1))
        }),
        ("I3: the purse of a lost card is active", || {
            pallet_cards::Cards::<Runtime>::mutate_extant(CardNumber(0), |card| {
                card.state = CardState::Lost { by: Reporter::Bank, since: 1, ready: 1 }
            })
        }),
        ("I4: a holder's list has too many or too few", || {
            pallet_cards::CardsOf::<Runtime>::insert(
                owner("cid"),
                frame_support::BoundedVec::truncate_from(vec![CardNumber(0)]),
            )
        }),
        ("I5: a purse does not count for its holder", || {
            pallet_identity::Owners::<Runtime>::mutate_extant(purse(0), |record| record.class = OwnerClass::Phone)
        }),
        ("I6: blank cards are not those counted", || pallet_cards::Undelivered::<Runtime>::insert(BANK_A, 7)),
    ];
    run(|| {
        with_cards();
        for (message, alter) in breakages {
            frame_support::storage::transactional::with_transaction(|| {
                alter();
                assert_eq!(Cards::do_try_state(), Err(DispatchError::Other(message)));
                sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(()))
            })
            .expect("rolled back");
        }
    });
}
