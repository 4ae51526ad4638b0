//! Exchanges: both legs or none, and only what both signed.

use super::*;
use crate::tests::{
    limits,
    supervision::{hold, piece},
};
use codec::Encode;
use pallet_custody::{Call as Custodial, Error as CustodyError};
use pallet_limits::Error as LimitsError;
use pallet_ownership::Error as OwnershipError;
use specie_primitives::{
    traits::{CustodyTransfers, InstrumentTransfers, Vaults},
    QueuePolicy, SignedOrder,
};

/// Units that are sold, and what is paid for them.
const SOLD: Balance = 100;
const PRICE: Balance = 50_000;

/// Ann sells units to Cid for custody at another bank.
fn sale(random: u8) -> Order {
    order_of("ann", "cid", random, leg_of_units(0, SOLD), leg_of_custody(BANK_B, BANK_A, PRICE))
}

fn both(order: &Order) -> Vec<u8> {
    signed(order, &["//ann", "//cid"])
}

#[test]
fn success_a_bill_against_custody_between_two_banks() {
    run(|| {
        // Given
        with_bill();
        start_block(2);
        let before = (custody(BANK_A, "ann"), Vault::reserve(BANK_A), Vault::reserve(BANK_B));

        // When: a third brings it.
        assert_eq!(verdict("//ben", both(&sale(1))), Verdict::Executed);

        // Then: reserves moved with the money, in the same block.
        assert_eq!((units(0, "ann"), units(0, "cid")), (ANNS - SOLD, SOLD));
        assert_eq!((custody(BANK_A, "ann"), custody(BANK_B, "cid")), (before.0 + PRICE, 100_000 - PRICE));
        assert_eq!((Vault::reserve(BANK_A), Vault::reserve(BANK_B)), (before.1 + PRICE, before.2 - PRICE));
        // Money counts for limits, units do not.
        assert_eq!((limits::info("cid").paid_today, limits::info("ann").paid_today), (PRICE, 0));
        let exchanged = Event::<Runtime>::Exchanged { one: owner("ann"), other: owner("cid") };
        System::assert_has_event(exchanged.into());
        // Once.
        is_refused("//ben", both(&sale(1)), Verdict::AlreadyExecuted);
    });
}

#[test]
fn success_a_bill_against_coins() {
    run(|| {
        with_bill();
        assert_ok!(call("//ann", pay(coins_of("ann")[..3].to_vec())));
        let coins = coins_of("ben");
        let order = order_of("ann", "ben", 1, leg_of_units(0, SOLD), leg_of_coins(&coins[..2]));
        assert_eq!(verdict("//ann", signed(&order, &["//ann", "//ben"])), Verdict::Executed);
        assert_eq!((units(0, "ben"), coins_of("ben")), (SOLD, coins[2..].to_vec()));
        assert_eq!(limits::info("ben").paid_today, 2_000);
    });
}

#[test]
fn success_payment_against_payment_and_delivery_against_delivery() {
    run(|| {
        with_bill();
        let coin = coins_of("ann")[0];
        let order = order_of("ann", "cid", 1, leg_of_coins(&[coin]), leg_of_custody(BANK_B, BANK_A, 1_000));
        assert_eq!(verdict("//ann", both(&order)), Verdict::Executed);
        assert_eq!(coins_of("cid"), [CoinRef { revision: coin.revision + 1, ..coin }]);

        assert_ok!(call("//BankB", define(bill())));
        assert_ok!(call("//BankB", issue(1, "cid", 7)));
        let order = order_of("ann", "cid", 2, leg_of_units(0, 5), leg_of_units(1, 7));
        assert_eq!(verdict("//ann", both(&order)), Verdict::Executed);
        assert_eq!((units(0, "cid"), units(1, "ann"), units(1, "cid")), (5, 7, 0));
    });
}

#[test]
fn success_the_agent_pays_for_what_matured() {
    run(|| {
        let last = System::block_number() + 5;
        with_terms(Terms { matures: Some(last), ..bill() });
        assert_ok!(call("//BankA", agent(0, "cid")));
        start_block(last + 1);
        let to_ben = order_of("ann", "ben", 1, leg_of_units(0, 1), leg_of_custody(BANK_A, BANK_A, 1));
        is_refused("//ann", signed(&to_ben, &["//ann", "//ben"]), failed(InstrumentsError::<Runtime>::Matured));
        assert_eq!(verdict("//ann", both(&sale(2))), Verdict::Executed);
        assert_ok!(call("//cid", redeem(0, SOLD)));
        assert_eq!(Instruments::supply(id(0)), ANNS - SOLD);
    });
}

#[test]
fn one_leg_fails_and_nothing_happens() {
    run(|| {
        with_bill();
        let (anns, low) = (coins_of("ann"), CustodyError::<Runtime>::CustodyTooLow);
        let all = custody(BANK_B, "cid");
        let pay = |amount| leg_of_custody(BANK_B, BANK_A, amount);
        let cases: Vec<(Leg, Leg, DispatchError)> = vec![
            (leg_of_units(0, ANNS + 1), pay(1), InstrumentsError::<Runtime>::UnitsTooLow.into()),
            (leg_of_units(0, 0), pay(1), InstrumentsError::<Runtime>::ZeroAmount.into()),
            (leg_of_units(9, 1), pay(1), InstrumentsError::<Runtime>::UnknownInstrument.into()),
            (leg_of_units(0, 1), pay(all + 1), low.into()),
            (leg_of_units(0, 1), pay(0), CustodyError::<Runtime>::ZeroAmount.into()),
            // Money of a bank that owes Cid nothing, or to one that does not look after Ann.
            (leg_of_units(0, 1), leg_of_custody(BANK_A, BANK_A, 1), CustodyError::<Runtime>::CustodyTooLow.into()),
            (leg_of_units(0, 1), leg_of_custody(BANK_B, BANK_B, 1), CustodyError::<Runtime>::NotCustomer.into()),
            // Ann's own coins for her own units.
            (leg_of_units(0, 1), leg_of_coins(&anns[..1]), OwnershipError::<Runtime>::NotHolder.into()),
            (leg_of_units(0, 1), leg_of_coins(&[]), OwnershipError::<Runtime>::NoCoins.into()),
            (leg_of_coins(&[anns[0], anns[0]]), pay(1), OwnershipError::<Runtime>::DuplicateCoin.into()),
        ];
        for (give, take, error) in cases {
            let order = order_of("ann", "cid", 1, give, take);
            is_refused("//ann", both(&order), failed(error));
        }
        // A limit of the one who pays, of the one who is paid.
        limits::set_limits(OwnerClass::Phone, Some(PRICE - 1), None, None);
        is_refused("//ann", both(&sale(1)), failed(LimitsError::<Runtime>::OverPaymentLimit));
        limits::set_limits(OwnerClass::Phone, None, None, Some(limits::info("ann").held + PRICE - 1));
        is_refused("//ann", both(&sale(1)), failed(LimitsError::<Runtime>::PayeeOverBalanceLimit));
        limits::set_limits(OwnerClass::Phone, None, None, None);
        assert_eq!(verdict("//ann", both(&sale(1))), Verdict::Executed);
    });
}

#[test]
fn what_comes_back_as_it_went_is_no_exchange() {
    run(|| {
        with_bill();
        let coin = coins_of("ann")[0];
        let next = CoinRef { revision: coin.revision + 1, ..coin };
        let same = || failed(InstrumentsError::<Runtime>::SameLegs);
        // At the revision that it has then, Cid would pay Ann with Ann's coin.
        let pairs = [
            (leg_of_coins(&[coin]), leg_of_coins(&[next])),
            (leg_of_coins(&[coin]), leg_of_coins(&[coin])),
            (leg_of_units(0, 5), leg_of_units(0, 4)),
            (leg_of_custody(BANK_A, BANK_B, 5), leg_of_custody(BANK_A, BANK_B, 5)),
        ];
        for (give, take) in pairs {
            is_refused("//ann", both(&order_of("ann", "cid", 1, give, take)), same());
        }
        // Nor is one with oneself.
        let alone = order_of("ann", "ann", 1, leg_of_units(0, 1), leg_of_custody(BANK_A, BANK_A, 1));
        is_refused("//ann", signed(&alone, &["//ann", "//ann"]), failed(InstrumentsError::<Runtime>::SameOwner));
    });
}

#[test]
fn nobody_is_bound_by_what_it_did_not_sign() {
    run(|| {
        with_bill();
        let good = sale(1);
        let signatures = SignedOrder::read(&both(&good)).expect("an order").signatures;
        let with = |order: Order| SignedOrder { order, signatures: signatures.clone() }.encode();
        let Action::Exchange { give, take } = good.action.clone() else { panic!("an exchange") };
        let swapped = Action::Exchange { give: take.clone(), take: give.clone() };
        let cheaper = Action::Exchange { give: give.clone(), take: leg_of_custody(BANK_B, BANK_A, PRICE - 1) };
        let more = Action::Exchange { give: leg_of_units(0, SOLD + 1), take };
        for action in [swapped, cheaper, more] {
            is_refused("//cid", with(Order { action, ..good.clone() }), Verdict::BadSignature);
        }
        let turned: Vec<_> = good.parties.iter().rev().copied().collect();
        let turned = Order { parties: turned.try_into().expect("two"), ..good.clone() };
        is_refused("//cid", with(turned), Verdict::BadSignature);
        // One signature, the wrong ones, or each in the other's place.
        for keys in [&["//ann"][..], &["//ann", "//ann"], &["//cid", "//ann"], &["//ann", "//ben"]] {
            is_refused("//cid", signed(&good, keys), Verdict::BadSignature);
        }
        for number in [1, 3] {
            let parties: Vec<_> = (0..number).map(|_| good.parties[0]).collect();
            let order = Order { parties: parties.try_into().expect("few"), ..good.clone() };
            is_refused("//cid", signed(&order, &vec!["//ann"; number]), Verdict::WrongParties);
        }
        // Either of both takes its consent back.
        for (random, uri) in [(2, "//ann"), (3, "//cid")] {
            let order = sale(random);
            let cancel = pallet_orders::Call::cancel { order: order.id(), valid_until: order.valid_until };
            assert_ok!(call(uri, cancel));
            is_refused("//ben", both(&order), Verdict::Cancelled);
        }
        assert_eq!(verdict("//cid", both(&good)), Verdict::Executed);
    });
}

#[test]
fn custody_of_a_leg_never_waits() {
    run(|| {
        // Given: bank B with nothing in reserve, which lets transfers wait.
        with_bill();
        assert_ok!(call("//BankB", pallet_vault::Call::draw { selection: fresh(&[(HUNDRED, 900)]) }));
        assert_ok!(call(ISSUING, pallet_vault::Call::debit { bank: BANK_B, amount: 1_000_000 }));
        assert_ok!(call("//BankB", Custodial::set_queue { policy: QueuePolicy::InOrder }));
        assert_eq!(Vault::free_reserve(BANK_B), 0);

        // Then: nothing is delivered for what waits.
        let too_low = || failed(CustodyError::<Runtime>::ReserveTooLow);
        is_refused("//ann", both(&sale(1)), too_low());
        // Nor when the reserve would do, but others come first.
        let (to, expires) = (owner("ann"), Some(System::block_number() + 10));
        let waits = Custodial::transfer { from_bank: BANK_B, to_bank: BANK_A, to, amount: 50_001, expires };
        assert_ok!(call("//cid", waits));
        assert_ok!(call(ISSUING, pallet_vault::Call::credit { bank: BANK_B, amount: PRICE }));
        let small = order_of("ann", "cid", 2, leg_of_units(0, 1), leg_of_custody(BANK_B, BANK_A, 1));
        is_refused("//ann", both(&small), too_low());
    });
}

#[test]
fn the_rules_of_an_instrument_hold_in_legs() {
    run(|| {
        // Given: one for customers, one with a list, one that only goes back, one that ends.
        let last = System::block_number() + 5;
        with_terms(Terms { holders: HolderRule::Customers, ..bill() });
        for terms in [
            Terms { holders: HolderRule::Listed, ..bill() },
            Terms { transferable: false, ..bill() },
            Terms { matures: Some(last), ..bill() },
        ] {
            assert_ok!(call("//BankA", define(terms)));
        }
        assert_ok!(call("//BankA", list(1, "ann")));
        for number in 1..4 {
            assert_ok!(call("//BankA", issue(number, "ann", SOLD)));
        }
        start_block(last + 1);
        let expected = [
            InstrumentsError::<Runtime>::MayNotHold,
            InstrumentsError::<Runtime>::MayNotHold,
            InstrumentsError::<Runtime>::NotTransferable,
            InstrumentsError::<Runtime>::Matured,
        ];

        // Then: neither given nor taken.
        for (number, error) in (0..).zip(expected) {
            let error = failed(error);
            let (units, money) = (leg_of_units(number, 1), leg_of_custody(BANK_B, BANK_A, 1));
            let given = order_of("ann", "cid", 1, units.clone(), money.clone());
            is_refused("//ann", both(&given), error);
            let taken = order_of("cid", "ann", 2, money, units);
            is_refused("//ann", signed(&taken, &["//cid", "//ann"]), error);
        }
    });
}

#[test]
fn stopped_parties_coins_and_instruments_exchange_nothing() {
    run(|| {
        with_bill();
        let paused = || failed(InstrumentsError::<Runtime>::InstrumentPaused);
        assert_ok!(call(SUPERVISOR, pause(0)));
        is_refused("//ann", both(&sale(1)), paused());
        assert_ok!(call(SUPERVISOR, resume(0)));
        for (bank, name) in [("//BankA", "ann"), ("//BankB", "cid")] {
            assert_ok!(call(bank, pallet_identity::Call::suspend { owner: owner(name) }));
            is_refused("//ben", both(&sale(1)), Verdict::PartyNotActive);
            assert_ok!(call(bank, pallet_identity::Call::reinstate { owner: owner(name) }));
        }
        let coin = coins_of("ann")[0];
        assert_ok!(call(SUPERVISOR, hold([piece(&coin)], None)));
        let order = order_of("ann", "cid", 2, leg_of_coins(&[coin]), leg_of_custody(BANK_B, BANK_A, 1_000));
        is_refused("//ann", both(&order), failed(OwnershipError::<Runtime>::CoinHeld));
        assert_ok!(call(SUPERVISOR, pallet_participants::Call::suspend_bank { bank: BANK_A }));
        is_refused("//ann", both(&sale(1)), failed(InstrumentsError::<Runtime>::InstitutionNotActive));
        assert_ok!(call(SUPERVISOR, pallet_participants::Call::reinstate_bank { bank: BANK_A }));
        assert_eq!(verdict("//ann", both(&sale(1))), Verdict::Executed);
    });
}

#[test]
fn an_exchange_costs_as_much_as_both_its_legs() {
    run(|| {
        let (units, money) = (leg_of_units(0, 1), leg_of_custody(BANK_A, BANK_B, 1));
        let weight = <Instruments as InstrumentTransfers>::exchange_weight(&units, &money);
        let legs = <Instruments as InstrumentTransfers>::transfer_weight()
            .saturating_add(<Custody as CustodyTransfers>::weight());
        assert!(weight.all_gte(legs) && weight.ref_time() > legs.ref_time(), "{weight:?} for {legs:?}");
    });
}
