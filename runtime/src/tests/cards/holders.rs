//! Cards that are bound to somebody: consent, the person's limits, and what happens to the holder.

use super::{
    super::{
        standstill::{stop_and_resume, STOP},
        supervision::{hold, record, release, SUPERVISOR},
    },
    *,
};
use pallet_supervision::AlertThresholds;
use specie_primitives::{
    cards::CardsOf, identity::RebindProof, AlertKind, OwnerStatus, PickupClaim, PickupId, PickupReceiver, SuspendedBy,
    Target,
};

/// Card 2 is Cid's, with three tens.
fn with_named_card() {
    with_cards();
    assert_ok!(call("//BankA", bind(2, BANK_A, "cid", "//cid")));
    load(2, 3);
}

fn pay_with(card: u64, purse: OwnerId, count: usize) -> Result<(), DispatchError> {
    by_card(card, transfer(owner("ben"), coins_in(purse)[..count].to_vec()))
}

/// Bank A asks for another key for Cid.
fn request_rebind(key: &str) -> pallet_identity::Call<Runtime> {
    let (of, genesis) = (owner("cid"), System::block_hash(0));
    let proof = RebindProof::new(genesis, of, BANK_A, account(key), expiry());
    let signature = pair(key).sign(&proof.encode());
    pallet_identity::Call::request_rebind { owner: of, key: account(key), expiry: expiry(), signature }
}

fn suspend() -> pallet_identity::Call<Runtime> {
    pallet_identity::Call::suspend { owner: owner("cid") }
}

fn reinstate() -> pallet_identity::Call<Runtime> {
    pallet_identity::Call::reinstate { owner: owner("cid") }
}

fn standing(purse: OwnerId) -> OwnerStatus {
    pallet_identity::Owners::<Runtime>::get(purse).expect("a purse").status
}

fn class_of(purse: OwnerId) -> (OwnerClass, Option<PersonTag>) {
    let record = pallet_identity::Owners::<Runtime>::get(purse).expect("a purse");
    (record.class, record.person)
}

#[test]
fn a_card_is_bound_with_both_consents_to_a_verified_owner_of_the_bank() {
    run(|| {
        with_cards();
        // Ann is registered with a phone number; nobody is Dot; Eve is bank B's.
        refused("//BankA", bind(2, BANK_A, "ann", "//ann"), CardsError::<Runtime>::HolderNotVerified);
        refused("//BankA", bind(2, BANK_A, "dot", "//dot"), CardsError::<Runtime>::UnknownHolder);
        assert_ok!(register_as("//BankB", BANK_B, "eve", "//eve", OwnerClass::Firm, Some(PersonTag([8; 32]))));
        refused("//BankA", bind(2, BANK_A, "eve", "//eve"), CardsError::<Runtime>::NotYourHolder);
        refused("//BankB", bind(2, BANK_B, "eve", "//eve"), CardsError::<Runtime>::NotYourCard);
        // The bank signs for the holder, or the holder for another card.
        refused("//BankA", bind(2, BANK_A, "cid", "//BankA"), CardsError::<Runtime>::BadConsent);
        let Call::bind { consent, .. } = bind(3, BANK_A, "cid", "//cid") else { panic!("a binding") };
        let Call::bind { card, holder, expiry, signature, .. } = bind(2, BANK_A, "cid", "//cid") else {
            panic!("a binding")
        };
        let other = Call::bind { card, holder, expiry, signature, consent };
        refused("//BankA", other, CardsError::<Runtime>::BadConsent);
        // A consent to an anonymous card is none.
        refused("//BankA", Call::hand_out { card, expiry, signature }, CardsError::<Runtime>::BadSignature);
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("cid") }));
        refused("//BankA", bind(2, BANK_A, "cid", "//cid"), CardsError::<Runtime>::HolderNotActive);
        assert_ok!(call("//BankA", pallet_identity::Call::reinstate { owner: owner("cid") }));
        assert_ok!(call("//BankA", bind(2, BANK_A, "cid", "//cid")));
        assert_eq!(class_of(purse(2)), (OwnerClass::Person, Some(TAG)));
    });
}

#[test]
fn a_purse_is_no_holder() {
    run(|| {
        with_named_card();
        // Of the person's class, and yet a card; the consent is of no use, since it is an ed25519 key's.
        let holder = purse(2);
        let payload = handed(System::block_hash(0), 3, BANK_A, Some(holder));
        let (signature, consent) = (element(3).sign(&payload), pair("//cid").sign(&payload));
        let call = Call::bind { card: CardNumber(3), holder, expiry: expiry(), signature, consent };
        refused("//BankA", call, CardsError::<Runtime>::HolderNotVerified);
    });
}

#[test]
fn boundary_limits_count_for_the_person_with_all_its_cards() {
    run(|| {
        with_named_card();
        super::super::limits::set_limits(OwnerClass::Person, None, Some(2_000), Some(5_000));
        assert_ok!(call("//BankA", bind(3, BANK_A, "cid", "//cid")));
        load(3, 2);
        assert_eq!(Limits::info(owner("cid")).expect("registered").held, 5_000);
        let over = pallet_limits::Error::<Runtime>::PayeeOverBalanceLimit;
        refused("//ann", transfer(purse(3), coins_of("ann")[..1].to_vec()), over);
        assert_ok!(pay_with(2, purse(2), 1));
        assert_ok!(pay_with(3, purse(3), 1));
        let daily: DispatchError = pallet_limits::Error::<Runtime>::OverDailyLimit.into();
        assert_eq!((pay_with(2, purse(2), 1), pay_with(3, purse(3), 1)), (Err(daily), Err(daily)));
        // A replacement renews nothing.
        assert_ok!(call("//cid", lost(2)));
        assert_ok!(call("//BankA", replace(2, 1, BANK_A, &pair("//cid"))));
        assert_eq!(pay_with(1, purse(2), 1), Err(daily));
    });
}

#[test]
fn boundary_so_many_cards_has_a_holder() {
    run(|| {
        with_cards();
        let most = u64::from(specie_primitives::cards::MAX_CARDS_PER_HOLDER);
        assert_ok!(call(REGISTRY, personalise(BANK_A, &(5..=13).collect::<Vec<_>>())));
        for card in 5..5 + most {
            assert_ok!(call("//BankA", bind(card, BANK_A, "cid", "//cid")));
        }
        refused("//BankA", bind(5 + most, BANK_A, "cid", "//cid"), CardsError::<Runtime>::TooManyCards);
        assert_ok!(call(REGISTRY, withdraw(5)));
        assert_ok!(call("//BankA", bind(5 + most, BANK_A, "cid", "//cid")));
    });
}

#[test]
fn only_the_holders_present_key_replaces_its_card() {
    run(|| {
        with_named_card();
        assert_ok!(call("//BankA", lost(2)));
        for other in ["//BankA", "//ann", "//loss//2", "//cid2"] {
            refused("//BankA", replace(2, 3, BANK_A, &pair(other)), CardsError::<Runtime>::BadEvidence);
        }
        wait();
        // However long it waits: the loss code is for anonymous cards.
        refused("//BankA", replace(2, 3, BANK_A, &loss(2)), CardsError::<Runtime>::BadEvidence);
        // The holder lost its phone, too: it gets another key by the rules for owners, and that one signs.
        assert_ok!(call("//BankA", request_rebind("//cid2")));
        refused("//BankA", replace(2, 3, BANK_A, &pair("//cid")), CardsError::<Runtime>::HolderNotActive);
        refused("//BankA", replace(2, 3, BANK_A, &pair("//cid2")), CardsError::<Runtime>::HolderNotActive);
        wait();
        assert_ok!(call("//BankA", pallet_identity::Call::complete_rebind { owner: owner("cid") }));
        // Its card is still lost.
        assert_eq!(pay_with(2, purse(2), 1), Err(DispatchError::BadOrigin));
        refused("//BankA", replace(2, 3, BANK_A, &pair("//cid")), CardsError::<Runtime>::BadEvidence);
        assert_ok!(call("//BankA", replace(2, 3, BANK_A, &pair("//cid2"))));
        assert_ok!(pay_with(3, purse(2), 1));
    });
}

#[test]
fn a_suspended_holder_pays_with_no_card() {
    run(|| {
        with_named_card();
        for (suspend, reinstate) in [("//Supervising//1", "//Supervising//1"), ("//BankA", "//Supervising//1")] {
            assert_ok!(call(suspend, pallet_identity::Call::suspend { owner: owner("cid") }));
            assert_eq!(pay_with(2, purse(2), 1), Err(DispatchError::BadOrigin));
            refused("//cid", lost(2), DispatchError::BadOrigin);
            assert_ok!(call(reinstate, pallet_identity::Call::reinstate { owner: owner("cid") }));
            assert_ok!(pay_with(2, purse(2), 1));
        }
        // A card that was lost meanwhile stays so, and found it waits for its holder.
        assert_ok!(call("//BankA", lost(2)));
        assert_ok!(call("//Supervising//1", pallet_identity::Call::suspend { owner: owner("cid") }));
        refused("//BankA", found(2), CardsError::<Runtime>::HolderNotActive);
        assert_ok!(call("//Supervising//1", pallet_identity::Call::reinstate { owner: owner("cid") }));
        assert_eq!(pay_with(2, purse(2), 1), Err(DispatchError::BadOrigin));
        assert_ok!(call("//BankA", found(2)));
        assert_ok!(pay_with(2, purse(2), 1));
    });
}

#[test]
fn cards_go_with_their_holder_to_another_class_and_another_bank() {
    run(|| {
        with_named_card();
        // Lowered by the supervisor: no card of an unverified person has a verified person's limits.
        let lower = pallet_identity::Call::change_class {
            owner: owner("cid"),
            class: OwnerClass::Phone,
            person: None,
            consent: None,
        };
        assert_ok!(call("//Supervising//1", lower));
        assert_eq!(class_of(purse(2)), (OwnerClass::AnonymousCard, None));
        assert_eq!(Limits::info(purse(2)).expect("a purse").held, 3_000);
        check_everything();
        assert_ok!(change_class("//BankA", BANK_A, "cid", "//cid", OwnerClass::Firm, Some(PersonTag([5; 32]))));
        assert_eq!(class_of(purse(2)), (OwnerClass::Firm, Some(PersonTag([5; 32]))));
        assert_eq!(Limits::info(owner("cid")).expect("registered").held, 3_000);
        check_everything();

        assert_ok!(call("//cid", pallet_identity::Call::move_to { bank: BANK_B, expiry: expiry() }));
        assert_ok!(call("//BankB", pallet_identity::Call::accept_move { owner: owner("cid") }));
        assert_eq!((Identity::bank(purse(2)), info(2).bank), (Some(BANK_B), BANK_B));
        refused("//BankA", lost(2), CardsError::<Runtime>::NotYourCard);
        assert_ok!(call("//BankB", lost(2)));
        refused("//BankB", replace(2, 3, BANK_B, &pair("//cid")), CardsError::<Runtime>::NotYourCard);
        assert_ok!(call("//BankB", replace(2, 4, BANK_B, &pair("//cid"))));
        assert_ok!(call("//Supervising//1", pallet_identity::Call::assign { owner: owner("cid"), bank: BANK_A }));
        assert_eq!(Identity::bank(purse(2)), Some(BANK_A));
    });
}

#[test]
fn an_owner_with_cards_does_not_close() {
    run(|| {
        with_named_card();
        let close = pallet_identity::Call::close { owner: owner("cid") };
        refused("//BankA", close.clone(), CardsError::<Runtime>::CardsLeft);
        assert_ok!(pay_with(2, purse(2), 3));
        refused("//BankA", close.clone(), CardsError::<Runtime>::CardsLeft);
        assert_ok!(call(REGISTRY, withdraw(2)));
        assert!(Cards::page(CardsOf::Holder(owner("cid")), CardNumber(0), 10).cards.is_empty());
        assert_ok!(call("//BankA", close));
    });
}

#[test]
fn a_hold_on_a_holder_reaches_its_cards() {
    run(|| {
        with_named_card();
        let (cid, card) = (Target::Owner(owner("cid")), Target::Owner(purse(2)));
        let stands = || pallet_identity::Owners::<Runtime>::get(purse(2)).expect("a purse").status;
        let supervisor = OwnerStatus::Suspended(SuspendedBy::Supervisor);

        // Together, for one reason and until one block; and released together.
        let until = System::block_number() + 5;
        assert_ok!(call(SUPERVISOR, hold([cid], Some(until))));
        assert_eq!(record(card), record(cid));
        assert_eq!((stands(), pay_with(2, purse(2), 1)), (supervisor, Err(DispatchError::BadOrigin)));
        check_everything();
        assert_ok!(call(SUPERVISOR, release([cid])));
        assert_eq!((stands(), record(card)), (OwnerStatus::Active, None));
        check_everything();

        // Until the same block.
        assert_ok!(call(SUPERVISOR, hold([cid], Some(until))));
        start_block(until + 1);
        assert_eq!((stands(), record(card)), (OwnerStatus::Active, None));

        // A hold of its own goes on when the holder's ends.
        assert_ok!(call(SUPERVISOR, hold([card], None)));
        let own = record(card);
        assert_ok!(call(SUPERVISOR, hold([cid], None)));
        assert_eq!(record(card), own);
        assert_ok!(call(SUPERVISOR, release([cid])));
        assert_eq!((stands(), record(card)), (supervisor, own));
        check_everything();

        // A card that is reported lost meanwhile stays so.
        assert_ok!(call("//BankA", lost(2)));
        assert_ok!(call(SUPERVISOR, release([card])));
        assert_eq!(stands(), OwnerStatus::Suspended(SuspendedBy::Bank));
        assert_eq!(pay_with(2, purse(2), 1), Err(DispatchError::BadOrigin));
        check_everything();
        assert_ok!(call("//BankA", found(2)));
        assert_ok!(pay_with(2, purse(2), 1));
    });
}

#[test]
fn boundary_approval_counts_what_is_on_the_cards() {
    run(|| {
        // Given: Cid has nothing but what is on the card, which another key of Cid's gets hold of at once.
        with_named_card();
        pallet_identity::RebindApprovalValue::<Runtime>::put(2_999);
        assert_ok!(call("//BankA", request_rebind("//thief")));
        wait();

        // When, then
        let complete = || pallet_identity::Call::complete_rebind { owner: owner("cid") };
        refused("//BankA", complete(), IdentityError::<Runtime>::ApprovalMissing);
        let waiting: Vec<_> = Identity::recoveries().map(|info| (info.needs_approval, info.held)).collect();
        assert_eq!(waiting, [(true, 3_000)]);
        pallet_identity::RebindApprovalValue::<Runtime>::put(3_000);
        assert_ok!(call("//BankA", complete()));
    });
}

#[test]
fn cards_that_were_suspended_with_their_holder_are_released_with_it() {
    run(|| {
        with_named_card();
        let (cid, card) = (Target::Owner(owner("cid")), Target::Owner(purse(2)));
        // By the call for owners, which is one act.
        assert_ok!(call(SUPERVISOR, suspend()));
        assert!(record(card).is_some() && record(card) == record(cid));
        assert_ok!(call(SUPERVISOR, release([cid])));
        assert_eq!((standing(purse(2)), record(card)), (OwnerStatus::Active, None));

        // With a reason and an end later on.
        assert_ok!(call(SUPERVISOR, suspend()));
        let until = System::block_number() + 2;
        assert_ok!(call(SUPERVISOR, hold([cid], Some(until))));
        assert_eq!(record(card), record(cid));
        check_everything();
        start_block(until + 1);
        assert_ok!(pay_with(2, purse(2), 1));

        // Held with a reason, and reinstated by the call for owners.
        assert_ok!(call(SUPERVISOR, hold([cid], Some(until + 9))));
        assert_ok!(call(SUPERVISOR, reinstate()));
        assert_eq!((record(card), pallet_supervision::Expiries::<Runtime>::iter().count()), (None, 0));
        assert_ok!(pay_with(2, purse(2), 1));
    });
}

#[test]
fn a_cards_own_hold_outlasts_what_happens_to_its_holder() {
    run(|| {
        with_named_card();
        let (cid, card) = (Target::Owner(owner("cid")), Target::Owner(purse(2)));
        assert_ok!(call(SUPERVISOR, hold([card], None)));
        let own = record(card).expect("held");
        let stands = || {
            let same = record(card).is_some_and(|hold| (hold.act, hold.reason) == (own.act, own.reason));
            assert!(same && standing(purse(2)) == OwnerStatus::Suspended(SuspendedBy::Supervisor));
            check_everything();
        };
        // The supervisor suspends and reinstates the holder, or reinstates one that it held or the bank suspended.
        let rounds: [(&str, RuntimeCall); 3] =
            [(SUPERVISOR, suspend().into()), (SUPERVISOR, hold([cid], None).into()), ("//BankA", suspend().into())];
        for (uri, stop) in rounds {
            assert_ok!(call(uri, stop));
            assert_ok!(call(SUPERVISOR, reinstate()));
            stands();
        }
        // The bank does, and binds another key.
        assert_ok!(call("//BankA", suspend()));
        assert_ok!(call("//BankA", reinstate()));
        stands();
        assert_ok!(call("//BankA", request_rebind("//cid2")));
        wait();
        assert_ok!(call("//BankA", pallet_identity::Call::complete_rebind { owner: owner("cid") }));
        stands();
        // All of that is over: nothing but the hold keeps the card from paying.
        assert_ok!(call(SUPERVISOR, release([card])));
        assert_eq!(standing(purse(2)), OwnerStatus::Active);
        assert_ok!(pay_with(2, purse(2), 1));
    });
}

#[test]
fn a_cards_own_hold_that_ends_frees_no_card_of_a_holder_that_is_stopped() {
    run(|| {
        with_named_card();
        let (cid, card) = (Target::Owner(owner("cid")), Target::Owner(purse(2)));
        let by_bank = OwnerStatus::Suspended(SuspendedBy::Bank);
        let stopped = || {
            assert_eq!((standing(purse(2)), record(card)), (by_bank, None));
            assert_eq!(pay_with(2, purse(2), 1), Err(DispatchError::BadOrigin));
            check_everything();
        };
        // Its own hold ends first, or is released.
        let now = System::block_number();
        assert_ok!(call(SUPERVISOR, hold([card], Some(now + 1))));
        assert_ok!(call(SUPERVISOR, hold([cid], Some(now + 3))));
        start_block(now + 2);
        stopped();
        assert!(Identity::is_held(purse(2)), "nor does a bank take anything");
        let own = pallet_identity::Call::reinstate { owner: purse(2) };
        refused(SUPERVISOR, own, IdentityError::<Runtime>::OwnerSuspended);
        // It goes on with its holder.
        start_block(now + 4);
        assert_eq!(standing(purse(2)), OwnerStatus::Active);
        assert!(!Identity::is_held(purse(2)));
        assert_ok!(pay_with(2, purse(2), 1));

        assert_ok!(call(SUPERVISOR, hold([cid], None)));
        assert_ok!(call(SUPERVISOR, hold([card], None)));
        assert_ok!(call(SUPERVISOR, release([card])));
        stopped();
        assert_ok!(call(SUPERVISOR, release([cid])));
        assert_ok!(pay_with(2, purse(2), 1));

        // Both end in one block, the card first.
        let now = System::block_number();
        assert_ok!(call(SUPERVISOR, hold([card], Some(now + 1))));
        assert_ok!(call(SUPERVISOR, hold([cid], Some(now + 1))));
        start_block(now + 2);
        assert_eq!(standing(purse(2)), OwnerStatus::Active);
        assert_eq!(pallet_supervision::Holds::<Runtime>::iter().count(), 0);

        // A loss that is reported meanwhile stays.
        assert_ok!(call(SUPERVISOR, hold([cid], None)));
        assert_ok!(call("//BankA", lost(2)));
        assert_ok!(call(SUPERVISOR, release([cid])));
        stopped();
    });
}

#[test]
fn the_scan_finds_a_card_that_pays_for_a_stopped_holder() {
    run(|| {
        with_named_card();
        let scan = frame_support::storage::transactional::with_transaction(|| {
            pallet_identity::Owners::<Runtime>::mutate_extant(owner("cid"), |record| {
                record.status = OwnerStatus::Suspended(SuspendedBy::Bank)
            });
            sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(Cards::do_try_state()))
        });
        let message = "I3: a card pays for a holder that does not";
        assert_eq!(scan, Ok(Err(DispatchError::Other(message))));
    });
}

#[test]
fn the_waiting_time_of_a_lost_card_stands_still_with_payments() {
    run(|| {
        with_cards();
        assert_ok!(call("//BankA", lost(0)));
        let ready = info(0).ready.expect("lost");
        stop_and_resume();
        assert_eq!(info(0).ready, Some(ready + STOP));
        start_block(ready + STOP - 1);
        refused("//BankA", replace(0, 1, BANK_A, &loss(0)), CardsError::<Runtime>::TooEarly);
        start_block(ready + STOP);
        assert_ok!(call("//BankA", replace(0, 1, BANK_A, &loss(0))));
    });
}

#[test]
fn alerts_count_what_a_holder_pays_with_its_cards_together() {
    run(|| {
        with_named_card();
        assert_ok!(call("//BankA", bind(3, BANK_A, "cid", "//cid")));
        load(3, 1);
        let thresholds = AlertThresholds {
            window: 10,
            structuring: None,
            payments: Some(2),
            value: None,
            payees: None,
            blocked: false,
        };
        let set = pallet_supervision::Call::set_thresholds { thresholds: Some(thresholds) };
        assert_ok!(call(SUPERVISOR, set));
        let alerts = || {
            let alert = |event: RuntimeEvent| match event {
                RuntimeEvent::Supervision(pallet_supervision::Event::Alerted { owner, kind, .. }) => {
                    Some((owner, kind))
                },
                _ => None,
            };
            System::events().into_iter().filter_map(|record| alert(record.event)).collect::<Vec<_>>()
        };
        assert_ok!(pay_with(2, purse(2), 1));
        assert_eq!(alerts(), []);
        assert_ok!(pay_with(3, purse(3), 1));
        assert_eq!(alerts(), [(purse(3), AlertKind::Velocity)]);
    });
}

#[test]
fn a_card_leaves_coins_and_collects_them_unless_its_holder_is_held() {
    run(|| {
        with_named_card();
        let code = "//the code";
        let claim = |pickup, receiver| {
            pair(code).sign(&PickupClaim::new(System::block_hash(0), PickupId(pickup), receiver).encode())
        };
        let leave = |payee, coins: Vec<CoinRef>| pallet_pickup::Call::deposit_for {
            payee,
            claim_key: pair(code).public(),
            coins: coins.try_into().expect("few"),
            expires: System::block_number() + 1_000,
        };

        // Given: Cid's card leaves a ten for Ben, and Ann one for the card.
        assert_ok!(by_card(2, leave(owner("ben"), coins_in(purse(2))[..1].to_vec())));
        assert_ok!(call("//ann", leave(purse(2), coins_of("ann")[..1].to_vec())));

        // Held with its holder, the card neither gives nor gets.
        assert_ok!(call(SUPERVISOR, hold([Target::Owner(owner("cid"))], None)));
        let to_ben = PickupReceiver::Owner(owner("ben"));
        let bens = || pallet_pickup::Call::claim_registered { pickup: PickupId(0), signature: claim(0, to_ben) };
        let to_card = PickupReceiver::Owner(purse(2));
        let cards = || pallet_pickup::Call::claim_registered { pickup: PickupId(1), signature: claim(1, to_card) };
        refused("//ben", bens(), pallet_pickup::Error::<Runtime>::OwnerHeld);
        assert_eq!(by_card(2, cards()), Err(DispatchError::BadOrigin));
        let custody = PickupReceiver::Custody { bank: BANK_A, owner: purse(2) };
        let at_bank =
            pallet_pickup::Call::claim_at_bank { pickup: PickupId(1), receiver: custody, signature: claim(1, custody) };
        refused("//BankA", at_bank, pallet_pickup::Error::<Runtime>::OwnerHeld);

        // Then: after the hold both are collected.
        assert_ok!(call(SUPERVISOR, release([Target::Owner(owner("cid"))])));
        assert_ok!(call("//ben", bens()));
        assert_ok!(by_card(2, cards()));
        assert_eq!((coins_of("ben").len(), coins_in(purse(2)).len()), (1, 3));
    });
}
