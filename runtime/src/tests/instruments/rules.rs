//! What the terms forbid, and what nobody may do whatever the terms are.

use super::*;
use crate::tests::{
    standstill::{stop_and_resume, STOP},
    supervision::{hold, person, release},
    transactions::{refused_with, signed as transaction, validate},
};
use pallet_audit::Breach;
use pallet_identity::Error as IdentityError;
use pallet_participants::Call as Banks;
use specie_primitives::{codes::Refusal, limits::DAY_MS};

fn terms_error() -> DispatchError {
    InstrumentsError::<Runtime>::BadTerms.into()
}

#[test]
fn fails_for_terms_that_nobody_can_read_or_count() {
    run(|| {
        let text = |bytes: &[u8]| bytes.to_vec();
        for bad in [
            Terms { decimals: MAX_DECIMALS + 1, ..bill() },
            Terms { decimals: u8::MAX, ..bill() },
            Terms { most: 0, ..bill() },
            Terms { most: MAX_UNITS + 1, ..bill() },
            Terms { most: Balance::MAX, ..bill() },
            Terms { name: text(b"Bill\x1b[2J").try_into().expect("short"), ..bill() },
            Terms { name: text(&[0xff]).try_into().expect("short"), ..bill() },
            Terms { symbol: text(b"").try_into().expect("short"), ..bill() },
            // What looks like another name, and what looks like more of it.
            Terms { name: text("Bill\u{200b}".as_bytes()).try_into().expect("short"), ..bill() },
            Terms { symbol: text(b"000 SPC").try_into().expect("short"), ..bill() },
        ] {
            refused("//BankA", define(bad), terms_error());
        }
        for last in [0, System::block_number()] {
            let past = Terms { matures: Some(last), ..bill() };
            refused("//BankA", define(past), InstrumentsError::<Runtime>::MaturesTooSoon);
        }
        assert_ok!(call("//BankA", define(Terms { decimals: MAX_DECIMALS, most: MAX_UNITS, ..bill() })));
    });
}

#[test]
fn fails_beyond_the_most() {
    run(|| {
        with_bill();
        let over = || InstrumentsError::<Runtime>::OverMost;
        refused("//BankA", issue(0, "ann", MOST - ANNS + 1), over());
        refused("//BankA", issue(0, "ann", Balance::MAX), over());
        refused("//BankA", issue(0, "ann", 0), InstrumentsError::<Runtime>::ZeroAmount);
        assert_ok!(call("//BankA", issue(0, "ann", MOST - ANNS)));
        refused("//BankA", issue(0, "ann", 1), over());
        // What came back can be issued again.
        assert_ok!(call("//ann", redeem(0, 10)));
        assert_ok!(call("//BankA", issue(0, "ben", 10)));
        refused("//BankA", issue(0, "ben", 1), over());
        assert_eq!(Instruments::supply(id(0)), MOST);
    });
}

#[test]
fn boundary_the_largest_numbers() {
    run(|| {
        with_money();
        assert_ok!(call("//BankA", define(Terms { most: MAX_UNITS, ..bill() })));
        assert_ok!(call("//BankA", issue(0, "ann", MAX_UNITS)));
        assert_ok!(call("//ann", give(0, "ben", MAX_UNITS - 1)));
        assert_eq!((units(0, "ann"), units(0, "ben")), (1, MAX_UNITS - 1));
        refused("//ben", give(0, "ann", Balance::MAX), InstrumentsError::<Runtime>::UnitsTooLow);
        // Altogether no more are ever issued.
        assert_ok!(call("//ben", redeem(0, MAX_UNITS - 1)));
        refused("//BankA", issue(0, "ann", 1), InstrumentsError::<Runtime>::CounterOutOfRange);
    });
}

#[test]
fn fails_for_another_institution() {
    run(|| {
        with_bill();
        let not_yours = || InstrumentsError::<Runtime>::NotYours;
        for uri in ["//BankB", ISSUING] {
            for tried in [issue(0, "ann", 1), list(0, "ann"), agent(0, "ann"), pause(0), close(0)] {
                refused(uri, tried, not_yours());
            }
        }
        for uri in ["//ann", "//Admitting//1", "//Mallory"] {
            for tried in [define(bill()), issue(0, "ann", 1), list(0, "ann"), close(0), pause(0)] {
                refused(uri, tried, DispatchError::BadOrigin);
            }
        }
        // Nor does anybody but an owner move what owners have.
        for uri in ["//BankA", ISSUING, SUPERVISOR, "//Mallory"] {
            refused(uri, give(0, "ben", 1), DispatchError::BadOrigin);
            refused(uri, redeem(0, 1), DispatchError::BadOrigin);
        }
        refused("//ben", redeem(0, 1), InstrumentsError::<Runtime>::UnitsTooLow);
        refused("//ben", give(0, "cid", 1), InstrumentsError::<Runtime>::UnitsTooLow);
        refused("//ann", give(0, "ann", 1), InstrumentsError::<Runtime>::SameOwner);
        refused("//ann", give(0, "ben", 0), InstrumentsError::<Runtime>::ZeroAmount);
        refused("//ann", redeem(0, 0), InstrumentsError::<Runtime>::ZeroAmount);
        refused("//ann", give(9, "ben", 1), InstrumentsError::<Runtime>::UnknownInstrument);
        refused("//ann", give(0, "nobody", 1), IdentityError::<Runtime>::UnknownOwner);
        // The pallet of balances takes no calls.
        let around = pallet_assets::Call::<Runtime>::transfer {
            id: id(0).asset(),
            target: owner("ben").account().into(),
            amount: 1,
        };
        refused("//ann", around, frame_system::Error::<Runtime>::CallFiltered);
    });
}

#[test]
fn fails_to_owners_that_may_not_hold() {
    run(|| {
        // Given: one for customers, one with a list.
        with_terms(Terms { holders: HolderRule::Customers, ..bill() });
        assert_ok!(call("//BankA", define(Terms { holders: HolderRule::Listed, ..bill() })));
        let may_not = || InstrumentsError::<Runtime>::MayNotHold;
        refused("//ann", give(0, "cid", 1), may_not());
        refused("//BankA", issue(0, "cid", 1), may_not());
        assert_ok!(call("//ann", give(0, "ben", 100)));

        // Who leaves the bank keeps what it has, and gets no more.
        let expiry = System::block_number() + 100;
        assert_ok!(call("//ben", pallet_identity::Call::move_to { bank: BANK_B, expiry }));
        assert_ok!(call("//BankB", pallet_identity::Call::accept_move { owner: owner("ben") }));
        refused("//ann", give(0, "ben", 1), may_not());
        assert_ok!(call("//ben", give(0, "ann", 50)));
        assert_ok!(call("//ben", redeem(0, 50)));

        // A list.
        refused("//BankA", issue(1, "ann", 1), may_not());
        assert_ok!(call("//BankA", list(1, "ann")));
        refused("//BankA", list(1, "ann"), InstrumentsError::<Runtime>::AlreadyListed);
        refused("//BankA", list(1, "nobody"), IdentityError::<Runtime>::UnknownOwner);
        assert_ok!(call("//BankA", issue(1, "ann", 100)));
        refused("//ann", give(1, "cid", 1), may_not());
        assert_ok!(call("//BankA", list(1, "cid")));
        assert_ok!(call("//ann", give(1, "cid", 40)));
        let unlist = |name| Instrumental::unlist { instrument: id(1), owner: owner(name) };
        assert_ok!(call("//BankA", unlist("cid")));
        refused("//BankA", unlist("cid"), InstrumentsError::<Runtime>::NotListed);
        refused("//ann", give(1, "cid", 1), may_not());
        // It keeps what it has.
        assert_eq!(units(1, "cid"), 40);
        assert_ok!(call("//cid", give(1, "ann", 40)));
        // While a list has names, or somebody has units, nothing closes.
        refused("//BankA", close(1), InstrumentsError::<Runtime>::UnitsOut);
        assert_ok!(call("//ann", redeem(1, 100)));
        refused("//BankA", close(1), InstrumentsError::<Runtime>::ListNotEmpty);
        assert_ok!(call("//BankA", unlist("ann")));
        assert_ok!(call("//BankA", close(1)));
    });
}

#[test]
fn whoever_gets_a_released_id_is_neither_agent_nor_listed() {
    run(|| {
        // Given: an instrument that holders give back to Dot only, and one that Dot may hold.
        limits::at(DAY_MS);
        with_terms(Terms { transferable: false, ..bill() });
        assert_ok!(register("//BankA", BANK_A, "dot"));
        assert_ok!(call("//BankA", agent(0, "dot")));
        assert_ok!(call("//ann", give(0, "dot", 1)));
        assert_ok!(call("//dot", redeem(0, 1)));
        assert_ok!(call("//BankA", define(Terms { holders: HolderRule::Listed, ..bill() })));
        assert_ok!(call("//BankA", list(1, "dot")));
        refused("//BankA", list(1, "dot"), InstrumentsError::<Runtime>::AlreadyListed);

        // When: her id is released, and Eve's.
        let days = u64::from(pallet_identity::DormancyDays::<Runtime>::get());
        limits::at((days + 1) * DAY_MS);
        start_block(System::block_number() + 1);
        assert_ok!(call("//BankC", pallet_identity::Call::release { owner: owner("dot") }));
        assert_eq!(Instruments::info(id(0)).expect("there").agent, None);
        assert_ok!(register_with("//BankA", BANK_A, "dot", "//eve"));

        // Then: Eve is nobody to the bank.
        assert_eq!(Instruments::info(id(0)).expect("there").agent, None);
        refused("//ann", give(0, "dot", 1), InstrumentsError::<Runtime>::NotTransferable);
        refused("//BankA", issue(1, "dot", 1), InstrumentsError::<Runtime>::MayNotHold);

        // Until it names her.
        start_block(System::block_number() + 1);
        assert_ok!(call("//BankA", agent(0, "dot")));
        assert_eq!(Instruments::info(id(0)).expect("there").agent, Some(owner("dot")));
        assert_ok!(call("//ann", give(0, "dot", 1)));
        assert_ok!(call("//BankA", list(1, "dot")));
        assert_ok!(call("//BankA", issue(1, "dot", 1)));
    });
}

#[test]
fn fails_to_strangers_that_nobody_asked() {
    run(|| {
        with_bill();
        // Anyone may hold it, but another bank's customer would not be asked.
        refused("//BankA", issue(0, "cid", 1), InstrumentsError::<Runtime>::NotCustomer);
        assert_ok!(call("//ann", give(0, "cid", 1)));
        assert_ok!(call("//cid", redeem(0, 1)));
    });
}

#[test]
fn after_the_last_block_units_only_go_back() {
    run(|| {
        let last = System::block_number() + 10;
        with_terms(Terms { matures: Some(last), ..bill() });
        assert_ok!(call("//BankA", agent(0, "ben")));
        start_block(last);
        assert_ok!(call("//ann", give(0, "cid", 1)));
        assert_ok!(call("//BankA", issue(0, "ann", 1)));
        start_block(last + 1);
        refused("//ann", give(0, "cid", 1), InstrumentsError::<Runtime>::Matured);
        refused("//BankA", issue(0, "ann", 1), InstrumentsError::<Runtime>::Matured);
        // Back to the agent, or back altogether; and the agent passes nothing on.
        assert_ok!(call("//cid", give(0, "ben", 1)));
        refused("//ben", give(0, "cid", 1), InstrumentsError::<Runtime>::Matured);
        assert_ok!(call("//ann", redeem(0, ANNS)));
    });
}

#[test]
fn a_stop_of_payments_shifts_the_last_block_and_stops_units() {
    run(|| {
        let last = System::block_number() + 10;
        with_terms(Terms { matures: Some(last), ..bill() });
        stop_and_resume();
        assert_eq!(Instruments::info(id(0)).expect("there").matures, Some(last + STOP));
        start_block(last + STOP);
        assert_ok!(call("//ann", give(0, "ben", 1)));
        start_block(last + STOP + 1);
        refused("//ann", give(0, "ben", 1), InstrumentsError::<Runtime>::Matured);
    });
}

#[test]
fn either_side_stops_and_each_ends_its_own() {
    run(|| {
        with_bill();
        let paused = || InstrumentsError::<Runtime>::InstrumentPaused;
        let stands_still = || {
            refused("//ann", give(0, "ben", 1), paused());
            refused("//BankA", issue(0, "ann", 1), paused());
        };
        assert_ok!(call(SUPERVISOR, pause(0)));
        stands_still();
        refused("//ann", redeem(0, 1), paused());
        refused(SUPERVISOR, pause(0), InstrumentsError::<Runtime>::NothingToChange);
        // The bank ends nothing that it did not begin.
        refused("//BankA", resume(0), InstrumentsError::<Runtime>::NothingToChange);
        assert_ok!(call("//BankA", pause(0)));
        refused("//ann", redeem(0, 1), paused());
        assert_ok!(call(SUPERVISOR, resume(0)));
        stands_still();
        // What the bank alone stopped still goes back.
        assert_ok!(call("//ann", redeem(0, 1)));
        assert_eq!(units(0, "ann"), ANNS - 1);
        assert_ok!(call("//BankA", resume(0)));
        assert_ok!(call("//ann", give(0, "ben", 1)));
        refused(SUPERVISOR, pause(9), InstrumentsError::<Runtime>::UnknownInstrument);
    });
}

#[test]
fn suspended_owners_and_banks_move_nothing() {
    run(|| {
        with_bill();
        assert_ok!(call("//ann", give(0, "cid", 100)));
        // An owner, by its bank and by the supervisor. It gets units all the same.
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        refused("//ann", give(0, "ben", 1), DispatchError::BadOrigin);
        refused("//ann", redeem(0, 1), DispatchError::BadOrigin);
        assert_ok!(call("//cid", give(0, "ann", 1)));
        assert_ok!(call("//BankA", pallet_identity::Call::reinstate { owner: owner("ann") }));
        assert_ok!(call(SUPERVISOR, hold([person("ann")], None)));
        refused("//ann", give(0, "ben", 1), DispatchError::BadOrigin);
        assert_ok!(call(SUPERVISOR, release([person("ann")])));

        // The bank that defined it: units only go back. Another bank is no matter.
        assert_ok!(call(SUPERVISOR, Banks::suspend_bank { bank: BANK_B }));
        assert_ok!(call("//ann", give(0, "ben", 1)));
        assert_ok!(call(SUPERVISOR, Banks::suspend_bank { bank: BANK_A }));
        refused("//ann", give(0, "ben", 1), InstrumentsError::<Runtime>::InstitutionNotActive);
        refused("//BankA", issue(0, "ann", 1), DispatchError::BadOrigin);
        refused("//BankA", define(bill()), DispatchError::BadOrigin);
        assert_ok!(call("//cid", redeem(0, 99)));
    });
}

#[test]
fn neither_owners_with_units_nor_banks_with_instruments_close() {
    run(|| {
        with_bill();
        assert_ok!(register("//BankA", BANK_A, "dot"));
        assert_ok!(call("//ann", give(0, "dot", 1)));
        let leave = || pallet_identity::Call::close { owner: owner("dot") };
        refused("//BankA", leave(), InstrumentsError::<Runtime>::UnitsLeft);
        assert_ok!(call("//dot", redeem(0, 1)));
        assert_ok!(call("//BankA", leave()));
        refused("//ann", give(0, "dot", 1), IdentityError::<Runtime>::OwnerClosed);

        use specie_primitives::traits::BankLifecycle;
        let empty = || <Instruments as BankLifecycle>::ensure_empty(BANK_A, &account("//BankA"));
        assert_eq!(empty(), Err(InstrumentsError::<Runtime>::InstrumentsLeft.into()));
        assert_ok!(call("//ann", redeem(0, ANNS - 1)));
        assert_ok!(call("//BankA", close(0)));
        assert_ok!(empty());
    });
}

#[test]
fn no_bank_keeps_owners_open_with_worthless_units_that_it_stopped() {
    run(|| {
        // Given: units that another bank's customer never wanted, and their bank lets nobody be rid of them by selling.
        with_bill();
        assert_ok!(call("//ann", give(0, "cid", 7)));
        assert_ok!(call("//BankA", pause(0)));
        let (to, amount) = (owner("ann"), 100_000);
        let all = pallet_custody::Call::transfer { from_bank: BANK_B, to_bank: BANK_A, to, amount, expires: None };
        assert_ok!(call("//cid", all));
        let leave = || pallet_identity::Call::close { owner: owner("cid") };
        refused("//BankB", leave(), InstrumentsError::<Runtime>::UnitsLeft);

        // When
        assert_ok!(call("//cid", redeem(0, 7)));

        // Then
        assert_ok!(call("//BankB", leave()));
        assert_eq!(Instruments::supply(id(0)), ANNS - 7);
    });
}

#[test]
fn what_does_not_balance_does_not_close() {
    run(|| {
        // Given: nobody holds any, and somebody found a way around the counters.
        with_bill();
        assert_ok!(call("//ann", redeem(0, ANNS)));
        pallet_instruments::Flows::<Runtime>::mutate(id(0), |flows| flows.issued += 5);

        // Then: the evidence stays, and stops payments.
        refused("//BankA", close(0), InstrumentsError::<Runtime>::UnitsOut);
        Audit::on_finalize(System::block_number());
        assert_eq!(&Breach::<Runtime>::get().expect("a breach").rule[..], b"M9");
        refused("//BankA", close(0), InstrumentsError::<Runtime>::UnitsOut);

        // When: it was repaired.
        pallet_instruments::Flows::<Runtime>::mutate(id(0), |flows| flows.issued -= 5);
        Breach::<Runtime>::kill();
        assert_ok!(call("//BankA", close(0)));
    });
}

#[test]
fn owners_transfer_and_give_back_and_do_nothing_that_institutions_do() {
    run(|| {
        with_bill();
        let nonce = System::account_nonce(account("//ann"));
        for open in [give(0, "ben", 1), redeem(0, 1)] {
            assert_eq!(validate(transaction("//ann", nonce, open)), Ok(()));
        }
        for banks in [define(bill()), issue(0, "ann", 1), pause(0), close(0), list(0, "ann"), agent(0, "ann")] {
            refused_with(transaction("//ann", nonce, banks), Refusal::CallNotAllowed);
        }
    });
}

#[test]
fn units_that_differ_from_their_flows_stop_payments_until_they_do_not() {
    use frame_support::traits::fungibles::Mutate;
    run(|| {
        with_bill();
        start_block(2);
        // Somebody finds a way around: the instrument did not move otherwise, and nobody looks.
        assert_ok!(call("//ann", give(0, "ben", 1)));
        assert_ok!(Assets::mint_into(id(0).asset(), &owner("ben").account(), 5));
        Audit::on_finalize(2);
        let finding = Breach::<Runtime>::get().expect("a breach");
        assert_eq!((&finding.rule[..], finding.bank), (&b"M9"[..], None));
        assert!(Instruments::do_try_state().is_err());
        start_block(3);
        refused("//ann", give(0, "ben", 1), frame_system::Error::<Runtime>::CallFiltered);
        refused("//ann", redeem(0, 1), frame_system::Error::<Runtime>::CallFiltered);
        refused("//BankA", issue(0, "ann", 1), frame_system::Error::<Runtime>::CallFiltered);
        // What is no movement goes on.
        assert_ok!(call(SUPERVISOR, pause(0)));
        assert_ok!(call(SUPERVISOR, resume(0)));
        // Blocks later it is still in sight, and payments are not resumed.
        start_block(9);
        assert_eq!(Moved::<Runtime>::get(), [id(0)]);
        let resume =
            || pallet_audit::Call::<Runtime>::resume { reason: b"counted".to_vec().try_into().expect("short") };
        let tried = RuntimeCall::from(resume()).dispatch(RuntimeOrigin::root()).map_err(|error| error.error);
        assert_eq!(tried, Err(pallet_audit::Error::<Runtime>::StillUnequal.into()));
        // Repaired.
        pallet_instruments::Flows::<Runtime>::mutate(id(0), |flows| flows.issued += 5);
        assert_ok!(RuntimeCall::from(resume()).dispatch(RuntimeOrigin::root()).map_err(|error| error.error));
        start_block(10);
        assert!(Moved::<Runtime>::get().is_empty());
        assert_ok!(call("//ben", redeem(0, 6)));
    });
}

#[test]
fn the_scan_finds_what_the_counters_do_not() {
    run(|| {
        with_bill();
        let broken = |alter: fn()| {
            let outcome = frame_support::storage::transactional::with_transaction(|| {
                alter();
                sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(Instruments::do_try_state()))
            });
            assert!(matches!(outcome, Ok(Err(_))), "the scan must fail");
        };
        broken(|| pallet_instruments::Flows::<Runtime>::mutate(id(0), |flows| flows.redeemed += 1));
        broken(|| Portfolios::<Runtime>::remove(owner("ann"), id(0)));
        broken(|| Portfolios::<Runtime>::insert(owner("ben"), id(0), ()));
        broken(|| OpenOf::<Runtime>::insert(Institution::Issuer, 1));
        broken(|| pallet_instruments::Known::<Runtime>::remove(id(0)));
        broken(|| pallet_instruments::NextInstrument::<Runtime>::kill());
    });
}
