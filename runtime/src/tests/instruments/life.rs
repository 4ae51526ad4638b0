//! From the definition of an instrument to its end, when everything is right.

use super::*;
use crate::tests::limits;
use specie_primitives::{
    flow::{FlowKind, Party},
    instruments::{runtime_decl_for_instruments_api::InstrumentsApi, InstrumentsPage, UnitsInfo},
    traits::InstrumentLedger,
};

#[test]
fn success_from_definition_to_close() {
    run(|| {
        // Given
        with_bill();
        let bank = Institution::Bank(BANK_A);
        let held = limits::info("ann");
        assert_eq!((units(0, "ann"), Instruments::supply(id(0)), OpenOf::<Runtime>::get(bank)), (ANNS, ANNS, 1));

        // When: Ann passes some on, and both give everything back.
        start_block(2);
        assert_ok!(call("//ann", give(0, "ben", 200)));
        assert_ok!(call("//ben", give(0, "cid", 50)));
        assert_eq!((units(0, "ann"), units(0, "ben"), units(0, "cid")), (400, 150, 50));
        assert_eq!((limits::info("ann").held, limits::info("ann").paid_today), (held.held, held.paid_today));
        for (uri, amount) in [("//ann", 400), ("//ben", 150), ("//cid", 50)] {
            assert_ok!(call(uri, redeem(0, amount)));
        }

        // Then: it is all on record, and equal.
        let books = Instruments::moved();
        assert_eq!(books.len(), 1);
        assert_eq!((books[0].flows, books[0].supply), (InstrumentFlows { issued: ANNS, redeemed: ANNS }, 0));
        let of = |name| Party::Units(id(0), owner(name));
        let promise = Party::Promise(id(0), bank);
        let flows: Vec<_> = crate::flows::of_block();
        let flows: Vec<_> = flows.iter().map(|flow| (flow.kind, flow.value, flow.from, flow.to)).collect();
        let expected = [
            (FlowKind::UnitsMoved, 200, of("ann"), of("ben")),
            (FlowKind::UnitsMoved, 50, of("ben"), of("cid")),
            (FlowKind::Redeemed, 400, of("ann"), promise),
            (FlowKind::Redeemed, 150, of("ben"), promise),
            (FlowKind::Redeemed, 50, of("cid"), promise),
        ];
        assert_eq!(flows, expected);
        assert_eq!((promise.bank(), of("ann").owner()), (Some(BANK_A), Some(owner("ann"))));
        assert_eq!(Portfolios::<Runtime>::iter().count(), 0);

        // And: nobody holds it, so it ends, and its number is no other's.
        assert_ok!(call("//BankA", close(0)));
        assert_eq!((Instruments::info(id(0)), OpenOf::<Runtime>::get(bank)), (None, 0));
        assert!(!pallet_assets::Asset::<Runtime>::contains_key(id(0).asset()));
        refused("//BankA", issue(0, "ann", 1), InstrumentsError::<Runtime>::UnknownInstrument);
        assert_ok!(call("//BankA", define(bill())));
        assert!(Instruments::info(id(1)).is_some());
    });
}

#[test]
fn success_the_issuer_defines_for_everybody() {
    run(|| {
        with_bill();
        let terms =
            Terms { kind: InstrumentKind::Security, name: b"Bond".to_vec().try_into().expect("short"), ..bill() };
        assert_ok!(call(ISSUING, define(terms)));
        assert_eq!(Instruments::info(id(1)).map(|info| info.institution), Some(Institution::Issuer));
        // It looks after nobody, and issues to anyone.
        for name in ["ann", "cid"] {
            assert_ok!(call("//Issuing//2", issue(1, name, 100)));
        }
        assert_ok!(call("//cid", give(1, "ben", 100)));
        for uri in ["//BankA", "//BankB"] {
            refused(uri, issue(1, "ann", 1), InstrumentsError::<Runtime>::NotYours);
        }
        let customers = Terms { holders: HolderRule::Customers, ..bill() };
        refused(ISSUING, define(customers), InstrumentsError::<Runtime>::BadTerms);
    });
}

#[test]
fn success_answers_tell_who_holds_what() {
    run(|| {
        with_bill();
        assert_ok!(call("//BankB", define(Terms { most: 5, ..bill() })));
        assert_ok!(call("//BankB", issue(1, "cid", 5)));
        assert_ok!(call("//cid", give(1, "ann", 2)));
        let of = |number: u32, name: &str, amount| UnitsInfo { instrument: id(number), owner: owner(name), amount };
        assert_eq!(Instruments::units_of(owner("ann"), None, 9), [of(0, "ann", ANNS), of(1, "ann", 2)]);
        assert_eq!(Instruments::units_of(owner("ann"), Some(id(0)), 9), [of(1, "ann", 2)]);
        assert_eq!(Instruments::units_of(owner("ann"), None, 1), [of(0, "ann", ANNS)]);
        assert!(Instruments::units_of(owner("ben"), None, 9).is_empty());
        let InstrumentsPage { instruments, cursor } = Instruments::page(id(0), 1);
        assert_eq!((instruments.len(), cursor), (1, Some(id(1))));
        let InstrumentsPage { instruments, cursor } = Instruments::page(id(1), u32::MAX);
        assert_eq!((instruments.len(), instruments[0].supply, cursor), (1, 5, None));
        assert_eq!(Instruments::page(id(7), 5), InstrumentsPage { instruments: vec![], cursor: None });
        // Holders come page by page, each once.
        let holders =
            |number, after, limit| <Runtime as InstrumentsApi<Block>>::instrument_holders(id(number), after, limit);
        let all = holders(1, None, 10);
        assert_eq!(all.len(), 2);
        let first = holders(1, None, 1);
        let second = holders(1, Some(first[0].owner), 10);
        assert_eq!([first, second].concat(), all);
        assert!(holders(7, None, 10).is_empty());
    });
}

#[test]
fn success_the_agent_sells_and_takes_back_what_others_do_not_pass_on() {
    run(|| {
        // Given: units that only go back, and an agent of the bank.
        with_terms(Terms { transferable: false, holders: HolderRule::Customers, ..bill() });
        refused("//ann", give(0, "ben", 1), InstrumentsError::<Runtime>::NotTransferable);
        assert_ok!(call("//BankA", agent(0, "cid")));

        // When: whichever bank looks after it. That it is the agent brings it nothing by itself.
        refused("//BankA", issue(0, "cid", 100), InstrumentsError::<Runtime>::NotCustomer);
        assert_ok!(call("//ann", give(0, "cid", ANNS)));
        assert_ok!(call("//cid", give(0, "ben", 30)));

        // Then
        assert_eq!((units(0, "ann"), units(0, "ben"), units(0, "cid")), (0, 30, ANNS - 30));
        refused("//ben", give(0, "ann", 1), InstrumentsError::<Runtime>::NotTransferable);
        // Nobody is agent any more: what it has goes back to the bank.
        assert_ok!(call("//BankA", Instrumental::set_agent { instrument: id(0), agent: None }));
        refused("//ben", give(0, "cid", 1), InstrumentsError::<Runtime>::NotTransferable);
        refused("//cid", give(0, "ben", 1), InstrumentsError::<Runtime>::NotTransferable);
        assert_ok!(call("//cid", redeem(0, ANNS - 30)));
    });
}

#[test]
fn success_by_order_whoever_brings_it() {
    run(|| {
        with_bill();
        let action = Action::Asset { instrument: id(0), to: owner("cid"), amount: 100 };
        let now = Orders::clock();
        let order = Order::new(System::block_hash(0), [1; 16], (now, now + 100), owner("ann"), action);
        is_refused("//cid", signed(&order, &["//cid"]), Verdict::BadSignature);
        assert_eq!(verdict("//cid", signed(&order, &["//ann"])), Verdict::Executed);
        assert_eq!((units(0, "ann"), units(0, "cid")), (ANNS - 100, 100));
        is_refused("//BankB", signed(&order, &["//ann"]), Verdict::AlreadyExecuted);
        // More than there is: the pallet's own error.
        let action = Action::Asset { instrument: id(0), to: owner("cid"), amount: ANNS };
        let order = Order::new(System::block_hash(0), [2; 16], (now, now + 100), owner("ann"), action);
        is_refused("//cid", signed(&order, &["//ann"]), failed(InstrumentsError::<Runtime>::UnitsTooLow));
    });
}
