//! The audit: each counter altered stops payments, reading and governance go on, and only repaired books resume them.

use super::*;
use frame_support::BoundedVec;
use pallet_audit::{Breach, Error as AuditError};

/// Ends a block, as far as the audit is concerned.
fn end_block() {
    Audit::on_finalize(System::block_number());
}

fn resume() -> pallet_audit::Call<Runtime> {
    pallet_audit::Call::resume { reason: BoundedVec::truncate_from(b"repaired".to_vec()) }
}

#[test]
fn equal_books_pass() {
    run(|| {
        with_money();
        end_block();
        assert_eq!(Breach::<Runtime>::get(), None);
    });
}

#[test]
fn each_counter_altered_stops_payments() {
    let alterations: Vec<(&str, fn())> = vec![
        ("M1", || {
            pallet_vault::Stock::<Runtime>::mutate(VaultId::Issue, |stock| {
                *stock.get_mut(&HUNDRED).expect("there") += 1
            })
        }),
        ("M1", || pallet_ownership::Circulation::<Runtime>::mutate(|all| *all.get_mut(&TEN).expect("there") -= 1)),
        ("M1", || pallet_issuance::Flows::<Runtime>::mutate(|all| all.get_mut(&TEN).expect("there").minted += 1)),
        ("M2b", || pallet_vault::Flows::<Runtime>::mutate(BANK_A, |flows| flows.credited += 1)),
        ("M2b", || pallet_vault::Flows::<Runtime>::mutate(BANK_A, |flows| flows.drawn -= 1)),
        ("M3", || pallet_vault::Flows::<Runtime>::mutate(BANK_A, |flows| flows.paid_out += 1)),
        ("M4", || pallet_custody::Flows::<Runtime>::mutate(BANK_A, |flows| flows.owner_credits += 1)),
        ("M4", || pallet_custody::Flows::<Runtime>::mutate(BANK_B, |flows| flows.paid_in += 1)),
        ("M1", || pallet_issuance::Flows::<Runtime>::mutate(|all| all.get_mut(&TEN).expect("there").change_in += 1)),
        ("M1", || {
            pallet_ownership::Waiting::<Runtime>::mutate(|all| {
                let _ = all.try_insert(TEN, 1);
            })
        }),
        ("M3", || pallet_vault::Flows::<Runtime>::mutate(BANK_A, |flows| flows.exchanged_out += 1)),
        ("M3", || pallet_vault::Flows::<Runtime>::mutate(BANK_A, |flows| flows.cashed += 1)),
        ("M2b", || pallet_vault::Flows::<Runtime>::mutate(BANK_A, |flows| flows.interbank_in += 1)),
        ("M4", || pallet_custody::Flows::<Runtime>::mutate(BANK_B, |flows| flows.received += 1)),
        ("M7 (transfers)", || pallet_custody::Flows::<Runtime>::mutate(BANK_A, |flows| flows.set_aside += 1)),
        ("M7 (escrows)", || pallet_escrow::Flows::<Runtime>::mutate(BANK_A, |flows| flows.held += 1)),
        ("M7 (pickups)", || pallet_pickup::Flows::<Runtime>::mutate(|flows| flows.refunded += 1)),
    ];
    for (rule, alter) in alterations {
        let undo = || {
            frame_support::storage::transactional::with_transaction(|| {
                alter();
                end_block();
                let finding = Breach::<Runtime>::get().expect("a breach");
                assert_eq!(String::from_utf8_lossy(&finding.rule), rule);
                assert!(System::events().iter().any(|record| {
                    matches!(&record.event, RuntimeEvent::Audit(pallet_audit::Event::Breached { .. }))
                }));
                // Value stands still, for everybody and through every wrapper.
                refused("//ann", pay(coins_of("ann")), frame_system::Error::<Runtime>::CallFiltered);
                let credit = pallet_vault::Call::credit { bank: BANK_A, amount: 1 };
                refused("//Issuing//1", credit.clone(), frame_system::Error::<Runtime>::CallFiltered);
                let batch = pallet_utility::Call::batch_all { calls: vec![credit.into()] };
                refused("//Issuing//1", batch, frame_system::Error::<Runtime>::CallFiltered);
                // The rest goes on.
                assert_ok!(call("//Supervising//1", pallet_identity::Call::suspend { owner: owner("ben") }));
                // Nobody resumes while the books are not equal.
                assert_eq!(
                    RuntimeCall::from(resume()).dispatch(RuntimeOrigin::root()).map_err(|error| error.error),
                    Err(AuditError::<Runtime>::StillUnequal.into())
                );
                sp_runtime::TransactionOutcome::Rollback(Ok::<(), DispatchError>(()))
            })
        };
        run(|| {
            with_money();
            assert_ok!(undo());
        });
    }
}

#[test]
fn only_the_committee_resumes_and_only_repaired_books() {
    run(|| {
        with_money();
        pallet_vault::Flows::<Runtime>::mutate(BANK_A, |flows| flows.credited += 1);
        end_block();
        for uri in ["//Issuing//1", "//Supervising//1", "//BankA", "//Committee//1"] {
            refused(uri, resume(), DispatchError::BadOrigin);
        }
        pallet_vault::Flows::<Runtime>::mutate(BANK_A, |flows| flows.credited -= 1);
        assert_ok!(super::governance::enact(resume()));
        assert_eq!(Breach::<Runtime>::get(), None);
        assert_ok!(call("//ann", pay(coins_of("ann"))));
        let again = RuntimeCall::from(resume()).dispatch(RuntimeOrigin::root()).map_err(|error| error.error);
        assert_eq!(again, Err(AuditError::<Runtime>::NotStopped.into()));
    });
}

#[test]
fn the_scans_find_what_the_counters_do_not() {
    run(|| {
        with_money();
        let broken = |alter: fn(), scan: fn() -> Result<(), sp_runtime::TryRuntimeError>| {
            let outcome = frame_support::storage::transactional::with_transaction(|| {
                alter();
                sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(scan()))
            });
            assert!(matches!(outcome, Ok(Err(_))), "the scan must fail");
        };
        // Purses and circulation against the register.
        broken(
            || pallet_ownership::Purses::<Runtime>::mutate(owner("ann"), |purse| purse.coins += 1),
            Ownership::do_try_state,
        );
        broken(
            || {
                pallet_ownership::Circulation::<Runtime>::mutate(|all| {
                    all.remove(&TEN);
                })
            },
            Ownership::do_try_state,
        );
        broken(|| pallet_ownership::Coins::<Runtime>::remove(coin(0, 0)), Ownership::do_try_state);
        // Ranges against stock, against each other, against the register.
        let grow = || {
            pallet_vault::Ranges::<Runtime>::mutate(VaultId::Bank(BANK_A), TEN, |ranges| {
                ranges.iter_mut().for_each(|range| range.count += 1)
            })
        };
        broken(grow, Vault::do_try_state);
        let overlap = || {
            pallet_vault::Ranges::<Runtime>::mutate(VaultId::Issue, HUNDRED, |ranges| {
                ranges.iter_mut().for_each(|range| range.start -= 1)
            })
        };
        broken(overlap, Vault::do_try_state);
        let swallow = || {
            pallet_vault::Ranges::<Runtime>::mutate(VaultId::Bank(BANK_A), TEN, |ranges| {
                ranges.iter_mut().for_each(|range| range.start -= 1)
            })
        };
        broken(swallow, Vault::do_try_state);
        // Native currency outside the banks.
        let leak = || {
            use frame_support::traits::fungible::Mutate;
            assert_ok!(Balances::mint_into(&account("//Mallory"), 5));
        };
        broken(leak, Vault::do_try_state);
        broken(leak, Audit::do_try_state);
        // Batches against what was minted.
        broken(|| pallet_issuance::Batches::<Runtime>::remove(0), Issuance::do_try_state);
        broken(
            || {
                pallet_issuance::Flows::<Runtime>::mutate(|all| {
                    all.remove(&TEN);
                })
            },
            Issuance::do_try_state,
        );
        // Custody against its flows and against the bank's funds.
        broken(|| pallet_custody::Flows::<Runtime>::remove(BANK_A), Custody::do_try_state);
        broken(|| pallet_vault::Stock::<Runtime>::remove(VaultId::Bank(BANK_A)), Vault::do_try_state);
    });
}
