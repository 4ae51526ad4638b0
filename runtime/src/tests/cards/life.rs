//! What a card goes through when everybody is honest.

use super::{
    super::transactions::{refused_with, signed_by, validate},
    *,
};
use sp_runtime::MultiSignature;
use specie_primitives::{
    cards::{CardsOf, CardsPage},
    codes::Refusal,
};

/// A transaction that a card signs.
fn signed(card: u64, nonce: Nonce, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
    let sign = |bytes: &[u8]| MultiSignature::Ed25519(element(card).sign(bytes));
    signed_by(key_of(card), sign, nonce, call, System::block_hash(0))
}

#[test]
fn success_a_card_pays_like_any_owner() {
    run(|| {
        // Given
        with_money();
        refused_with(signed(0, 0, transfer(owner("ben"), vec![])), Refusal::UnknownSigner);
        assert_ok!(call(REGISTRY, personalise(BANK_A, &[0])));
        assert_eq!((info(0).state, info(0).purse), (CardState::Blank, None));
        refused_with(signed(0, 0, transfer(owner("ben"), vec![])), Refusal::UnknownSigner);
        // When
        assert_ok!(call("//BankA", hand_out(0, BANK_A)));
        load(0, 5);
        // Then
        assert_eq!((info(0).state, info(0).purse), (CardState::InUse, Some(purse(0))));
        let limits = Limits::info(purse(0)).expect("an owner");
        assert_eq!((limits.class, limits.held), (OwnerClass::AnonymousCard, 5_000));
        let paid = coins_in(purse(0))[..2].to_vec();
        let payment = signed(0, 0, transfer(owner("ben"), paid));
        assert_eq!(validate(payment.clone()), Ok(()));
        assert_ok!(Executive::apply_extrinsic(payment).expect("valid"));
        assert_eq!((coins_in(purse(0)).len(), coins_of("ben").len()), (3, 2));
        // Custody, too.
        let deposit = pallet_custody::Call::deposit {
            bank: BANK_B,
            coins: coins_in(purse(0))[..1].to_vec().try_into().expect("few"),
        };
        assert_ok!(by_card(0, deposit));
        assert_eq!(coins_in(purse(0)).len(), 2);
    });
}

#[test]
fn success_a_lost_anonymous_card_is_replaced_with_its_code() {
    run(|| {
        with_cards();
        let before = (coins_in(purse(0)), Limits::info(purse(0)));
        assert_ok!(call("//BankA", lost(0)));
        refused_with(signed(0, 0, transfer(owner("ben"), coins_in(purse(0)))), Refusal::OwnerSuspended);
        assert_eq!(by_card(0, transfer(owner("ben"), coins_in(purse(0)))), Err(DispatchError::BadOrigin));
        let ready = info(0).ready.expect("lost");
        start_block(ready - 1);
        refused("//BankA", replace(0, 1, BANK_A, &loss(0)), CardsError::<Runtime>::TooEarly);
        start_block(ready);
        assert_ok!(call("//BankA", replace(0, 1, BANK_A, &loss(0))));
        // No money moved, and it is the new card's.
        assert_eq!((coins_in(purse(0)), Limits::info(purse(0))), before);
        assert_eq!((info(0).state, info(0).purse), (CardState::Replaced { by: CardNumber(1) }, None));
        assert_eq!((info(1).state, info(1).purse), (CardState::InUse, Some(purse(0))));
        refused_with(signed(0, 0, transfer(owner("ben"), coins_in(purse(0)))), Refusal::RetiredKey);
        assert_eq!(by_card(0, transfer(owner("ben"), coins_in(purse(0)))), Err(DispatchError::BadOrigin));
        assert_ok!(by_card(1, transfer(owner("ben"), coins_in(purse(0)))));
        // Once more, with the code of the card that is lost now.
        assert_ok!(call("//BankA", lost(1)));
        wait();
        refused("//BankA", replace(1, 2, BANK_A, &loss(0)), CardsError::<Runtime>::BadEvidence);
        assert_ok!(call("//BankA", replace(1, 2, BANK_A, &loss(1))));
        assert_eq!(Identity::active_owner(&key_of(2)), Some(purse(0)));
    });
}

#[test]
fn success_a_holder_replaces_its_card_at_once() {
    run(|| {
        with_cards();
        assert_ok!(call("//BankA", bind(2, BANK_A, "cid", "//cid")));
        load(2, 3);
        assert_ok!(call("//cid", lost(2)));
        let since = System::block_number();
        assert!(matches!(info(2).state, CardState::Lost { by: Reporter::Holder, since: at, .. } if at == since));
        assert_eq!(by_card(2, transfer(owner("ben"), coins_in(purse(2)))), Err(DispatchError::BadOrigin));
        assert_ok!(call("//BankA", replace(2, 3, BANK_A, &pair("//cid"))));
        assert_eq!((info(3).purse, info(3).holder), (Some(purse(2)), Some(owner("cid"))));
        let listed = Cards::page(CardsOf::Holder(owner("cid")), CardNumber(0), 10);
        assert_eq!(listed.cards, [info(3)]);
        assert_ok!(by_card(3, transfer(owner("ben"), coins_in(purse(2)))));
    });
}

#[test]
fn success_a_card_turns_up_and_pays_again() {
    run(|| {
        with_cards();
        assert_ok!(call("//BankA", lost(0)));
        assert!(!Identity::is_active(purse(0)));
        // It is paid all the same.
        load(0, 1);
        assert_ok!(call("//BankA", found(0)));
        assert_eq!((info(0).state, coins_in(purse(0)).len()), (CardState::InUse, 6));
        assert_ok!(by_card(0, transfer(owner("ben"), coins_in(purse(0)))));
        refused("//BankA", found(0), CardsError::<Runtime>::NotLost);
    });
}

#[test]
fn success_the_issuer_takes_back_what_is_blank_or_empty() {
    run(|| {
        with_cards();
        assert_eq!(pallet_cards::Undelivered::<Runtime>::get(BANK_A), 3);
        assert_ok!(call(REGISTRY, withdraw(3)));
        assert_eq!((info(3).state, pallet_cards::Undelivered::<Runtime>::get(BANK_A)), (CardState::Withdrawn, 2));
        refused("//BankA", hand_out(3, BANK_A), CardsError::<Runtime>::NotBlank);
        refused(REGISTRY, withdraw(3), CardsError::<Runtime>::NotInUse);
        // Not what somebody's money is on.
        refused(REGISTRY, withdraw(0), pallet_ownership::Error::<Runtime>::CoinsLeft);
        assert_ok!(by_card(0, transfer(owner("ben"), coins_in(purse(0)))));
        for uri in ["//BankA", "//Issuing//1", "//ann"] {
            refused(uri, withdraw(0), DispatchError::BadOrigin);
        }
        assert_ok!(call(REGISTRY, withdraw(0)));
        refused_with(signed(0, 0, frame_system::Call::remark { remark: vec![1] }), Refusal::Closed);
        refused("//ann", transfer(purse(0), coins_of("ann")), IdentityError::<Runtime>::OwnerClosed);
        // Not even the supervisor opens it again.
        let reopen = pallet_identity::Call::reinstate { owner: purse(0) };
        refused("//Supervising//1", reopen, IdentityError::<Runtime>::CardPurse);
    });
}

#[test]
fn boundary_as_many_blank_cards_as_a_bank_may_have() {
    run(|| {
        with_cards();
        let set = |most| Call::set_allowance { bank: BANK_A, most };
        for uri in [REGISTRY, "//BankA", "//Issuing//1"] {
            refused(uri, set(9), DispatchError::BadOrigin);
        }
        assert_ok!(call("//Supervising//1", set(4)));
        refused(REGISTRY, personalise(BANK_A, &[5, 6]), CardsError::<Runtime>::OverAllowance);
        assert_ok!(call(REGISTRY, personalise(BANK_A, &[5])));
        assert_ok!(call("//BankA", hand_out(1, BANK_A)));
        assert_ok!(call(REGISTRY, personalise(BANK_A, &[6])));
        refused(REGISTRY, personalise(BANK_A, &[7]), CardsError::<Runtime>::OverAllowance);
        refused(REGISTRY, personalise(BANK_A, &[]), CardsError::<Runtime>::NoCards);
        refused(REGISTRY, personalise(BankId(77), &[7]), CardsError::<Runtime>::BankNotActive);
    });
}

#[test]
fn success_cards_are_listed_by_bank_in_pages() {
    run(|| {
        with_cards();
        let page = |from, limit| Cards::page(CardsOf::Bank(BANK_A), CardNumber(from), limit);
        let numbers = |page: &CardsPage| page.cards.iter().map(|info| info.card.0).collect::<Vec<_>>();
        let first = page(0, 3);
        assert_eq!((numbers(&first), first.cursor), (vec![0, 1, 2], Some(CardNumber(3))));
        let second = page(3, 3);
        assert_eq!((numbers(&second), second.cursor), (vec![3], None));
        assert_eq!(numbers(&Cards::page(CardsOf::Bank(BANK_B), CardNumber(0), 10)), [4]);
        assert_eq!(Cards::info_of(&key_of(4)), Some(info(4)));
        assert_eq!(Cards::info_of(&account("//ann")), None);
    });
}
