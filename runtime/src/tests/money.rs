//! Minting, drawing, withdrawing, paying, depositing, returning and retiring, and every way to cheat at it.

use super::*;
use frame_support::BoundedVec;
use pallet_custody::Error as CustodyError;
use pallet_issuance::Error as IssuanceError;
use pallet_ownership::Error as OwnershipError;
use pallet_vault::Error as VaultError;

fn reserve(bank: BankId) -> Balance {
    use specie_primitives::traits::Vaults;
    Vault::reserve(bank)
}

#[test]
fn success_the_whole_life_of_coins() {
    run(|| {
        // Given a reserve and two batches.
        with_money();
        assert_eq!(reserve(BANK_A), 10_000_000 - 1_000_000 - 1_000_000);
        assert_eq!(stock(VaultId::Issue, HUNDRED), 900);
        assert_eq!(stock(VaultId::Bank(BANK_A), HUNDRED), 90);
        assert_eq!(custody(BANK_A, "ann"), 500_000 - 110_000);
        assert_eq!(coins_of("ann").len(), 20);

        // When Ann pays Ben, and Ben pays in at bank B.
        let coins: Vec<_> = coins_of("ann").into_iter().take(3).collect();
        assert_ok!(call("//ann", pay(coins.clone())));
        let bens = coins_of("ben");
        assert_eq!(bens.len(), 3);
        assert!(bens.iter().all(|coin| coin.revision == 1));
        assert_ok!(call("//ben", pallet_custody::Call::deposit { bank: BANK_B, coins: bens.try_into().expect("few") }));
        assert_eq!(custody(BANK_B, "ben"), 3_000);
        assert_eq!(stock(VaultId::Bank(BANK_B), TEN), 3);

        // And bank B returns them, and the issuer retires them.
        let back = held(Holder::Vault(VaultId::Bank(BANK_B)));
        assert_ok!(call("//BankB", pallet_vault::Call::return_coins { selection: singles(back) }));
        assert_eq!(reserve(BANK_B), 10_000_000 + 3_000);
        let home = held(Holder::Vault(VaultId::Issue));
        assert!(home.iter().all(|coin| coin.revision == 3));
        assert_ok!(call("//Issuing//1", pallet_issuance::Call::retire { selection: singles(home) }));
        assert_ok!(call("//Issuing//1", pallet_issuance::Call::retire { selection: fresh(&[(HUNDRED, 900)]) }));

        // Then the books agree, and what is left is what was minted less what was retired.
        let report = Audit::report();
        assert!(report.balanced, "{report:#?}");
        assert_eq!(report.coins, 1_000_000 + 10_000_000 - 3_000 - 9_000_000);
    });
}

#[test]
fn fails_minting_by_one_person() {
    run(|| {
        assert_ok!(call("//Issuing//1", pallet_issuance::Call::propose_mint { denomination: TEN, count: 5 }));
        refused("//Issuing//1", pallet_issuance::Call::approve_mint { proposal: 0 }, IssuanceError::<Runtime>::SameKey);
        for other in ["//Supervising//1", "//BankA", "//Committee//1"] {
            refused(other, pallet_issuance::Call::approve_mint { proposal: 0 }, DispatchError::BadOrigin);
            refused(
                other,
                pallet_issuance::Call::propose_mint { denomination: TEN, count: 5 },
                DispatchError::BadOrigin,
            );
        }
        refused(
            "//Issuing//2",
            pallet_issuance::Call::approve_mint { proposal: 1 },
            IssuanceError::<Runtime>::UnknownProposal,
        );
        assert_eq!(stock(VaultId::Issue, TEN), 0);
        assert_ok!(call("//Issuing//2", pallet_issuance::Call::approve_mint { proposal: 0 }));
        assert_eq!(stock(VaultId::Issue, TEN), 5);
        refused(
            "//Issuing//2",
            pallet_issuance::Call::approve_mint { proposal: 0 },
            IssuanceError::<Runtime>::UnknownProposal,
        );
    });
}

#[test]
fn boundary_a_proposal_expires_after_its_last_block() {
    run(|| {
        let propose = || call("//Issuing//1", pallet_issuance::Call::propose_mint { denomination: TEN, count: 5 });
        assert_ok!(propose());
        assert_ok!(propose());
        let expires = pallet_issuance::Proposals::<Runtime>::get(0).expect("there").expires;
        start_block(expires);
        assert_ok!(call("//Issuing//2", pallet_issuance::Call::approve_mint { proposal: 0 }));
        start_block(expires + 1);
        refused(
            "//Issuing//2",
            pallet_issuance::Call::approve_mint { proposal: 1 },
            IssuanceError::<Runtime>::ProposalExpired,
        );
        assert_ok!(call("//Issuing//2", pallet_issuance::Call::withdraw_proposal { proposal: 1 }));
    });
}

#[test]
fn fails_minting_outside_the_policy() {
    run(|| {
        let propose = |denomination, count| pallet_issuance::Call::propose_mint { denomination, count };
        refused("//Issuing//1", propose(Denomination(7), 5), IssuanceError::<Runtime>::DenominationNotAllowed);
        refused("//Issuing//1", propose(TEN, 0), IssuanceError::<Runtime>::EmptyBatch);
        refused("//Issuing//1", propose(TEN, 1_000_000_001), IssuanceError::<Runtime>::BatchTooLarge);
    });
}

#[test]
fn fails_a_proposal_of_a_key_that_lost_its_role() {
    run(|| {
        assert_ok!(call("//Issuing//1", pallet_issuance::Call::propose_mint { denomination: TEN, count: 5 }));
        let keys = BoundedVec::truncate_from(vec![account("//Issuing//2"), account("//Issuing//3")]);
        let change = pallet_participants::Call::set_role_keys { role: specie_primitives::Role::Issuing, keys };
        assert_ok!(RuntimeCall::from(change).dispatch(RuntimeOrigin::root()));
        refused(
            "//Issuing//2",
            pallet_issuance::Call::approve_mint { proposal: 0 },
            IssuanceError::<Runtime>::ProposerNotIssuing,
        );
        refused("//Issuing//1", pallet_issuance::Call::approve_mint { proposal: 0 }, DispatchError::BadOrigin);
    });
}

#[test]
fn fails_drawing_more_than_reserve_or_vault() {
    run(|| {
        with_money();
        let draw = |lots: &[(Denomination, u32)]| pallet_vault::Call::draw { selection: fresh(lots) };
        refused("//BankA", draw(&[(HUNDRED, 901)]), VaultError::<Runtime>::NotEnoughCoins);
        refused("//BankA", draw(&[(HUNDRED, 801)]), VaultError::<Runtime>::ReserveTooLow);
        refused("//BankA", draw(&[(TEN, 1)]), VaultError::<Runtime>::NotEnoughCoins);
        refused("//BankA", draw(&[(HUNDRED, 0)]), VaultError::<Runtime>::NothingSelected);
        refused("//BankA", draw(&[(HUNDRED, 1), (TEN, 0)]), VaultError::<Runtime>::BadLot);
        refused("//BankA", draw(&[(HUNDRED, 1), (HUNDRED, 1)]), VaultError::<Runtime>::BadLot);
        refused("//BankA", draw(&[]), VaultError::<Runtime>::NothingSelected);
        refused("//ann", draw(&[(HUNDRED, 1)]), DispatchError::BadOrigin);
        assert_ok!(call("//BankA", draw(&[(HUNDRED, 800)])));
        assert_eq!(reserve(BANK_A), 0);
        // The bank's account survives an empty reserve.
        assert_ok!(call("//BankA", pallet_vault::Call::return_coins { selection: fresh(&[(HUNDRED, 800)]) }));
        assert_eq!(reserve(BANK_A), 8_000_000);
    });
}

#[test]
fn fails_returning_what_is_not_in_the_vault() {
    run(|| {
        with_money();
        let give = |selection| pallet_vault::Call::return_coins { selection };
        refused("//BankB", give(fresh(&[(TEN, 1)])), VaultError::<Runtime>::NotEnoughCoins);
        refused("//BankA", give(singles(coins_of("ann"))), OwnershipError::<Runtime>::NotHolder);
        refused(
            "//BankA",
            give(singles(vec![CoinRef { coin: coin(1, 99), revision: 0 }])),
            OwnershipError::<Runtime>::UnknownCoin,
        );
    });
}

#[test]
fn fails_paying_with_what_one_does_not_hold() {
    run(|| {
        with_money();
        let mine = coins_of("ann");
        let first = mine[0];
        // A wrong revision, in either direction.
        refused("//ann", pay(vec![CoinRef { revision: 1, ..first }]), OwnershipError::<Runtime>::WrongRevision);
        // A coin of a vault's range, of an undrawn range, beyond the batch, of no batch.
        for unknown in [coin(0, 500), coin(1, 999), coin(0, 5_000), coin(9, 0)] {
            refused("//ann", pay(vec![CoinRef { coin: unknown, revision: 0 }]), OwnershipError::<Runtime>::UnknownCoin);
        }
        // The same coin twice in one payment.
        refused("//ann", pay(vec![first, first]), OwnershipError::<Runtime>::DuplicateCoin);
        // One bad coin spoils the payment.
        refused(
            "//ann",
            pay(vec![first, CoinRef { coin: coin(9, 0), revision: 0 }]),
            OwnershipError::<Runtime>::UnknownCoin,
        );
        // Somebody else's coin, once it is Ben's and before.
        refused(
            "//ben",
            pallet_ownership::Call::transfer { to: owner("ann"), coins: vec![first].try_into().expect("one") },
            OwnershipError::<Runtime>::NotHolder,
        );
        refused("//ann", pay(vec![]), OwnershipError::<Runtime>::NoCoins);
        // Replayed: the revision has moved on.
        assert_ok!(call("//ann", pay(vec![first])));
        refused("//ann", pay(vec![first]), OwnershipError::<Runtime>::NotHolder);
        let back =
            pallet_ownership::Call::transfer { to: owner("ann"), coins: coins_of("ben").try_into().expect("one") };
        assert_ok!(call("//ben", back));
        refused("//ann", pay(vec![first]), OwnershipError::<Runtime>::WrongRevision);
    });
}

#[test]
fn fails_paying_whom_nobody_knows() {
    run(|| {
        with_money();
        let coins = || coins_of("ann").into_iter().take(1).collect::<Vec<_>>().try_into().expect("one");
        let to = |name: &str| pallet_ownership::Call::transfer { to: owner(name), coins: coins() };
        assert!(call("//ann", to("nobody")).is_err());
        refused("//ann", to("ann"), OwnershipError::<Runtime>::SameOwner);
        for institution in ["//BankA", "//Issuing//1", "//nobody"] {
            refused(institution, to("ben"), DispatchError::BadOrigin);
        }
    });
}

#[test]
fn a_bank_never_promises_more_than_it_has() {
    run(|| {
        with_money();
        // Reserve 8 000 000 + vault 990 000 + 900 000 − custody 390 000.
        let own = 8_000_000 + 990_000 + 900_000 - 390_000;
        let credit = |amount| pallet_custody::Call::credit { owner: owner("ben"), amount };
        refused("//BankA", credit(own + 1), CustodyError::<Runtime>::OwnFundsTooLow);
        refused("//BankA", credit(0), CustodyError::<Runtime>::ZeroAmount);
        refused("//BankA", credit(Balance::MAX), CustodyError::<Runtime>::CounterOutOfRange);
        refused("//ann", credit(1), DispatchError::BadOrigin);
        assert_ok!(call("//BankA", credit(own)));
        refused("//BankA", credit(1), CustodyError::<Runtime>::OwnFundsTooLow);
        // Nor does the issuer take what the bank owes.
        let debit = |amount| pallet_vault::Call::debit { bank: BANK_A, amount };
        refused("//Issuing//1", debit(1), VaultError::<Runtime>::OwnFundsTooLow);
        refused("//Issuing//1", debit(Balance::MAX), VaultError::<Runtime>::ReserveTooLow);
        refused("//BankA", debit(1), DispatchError::BadOrigin);
        assert_ok!(call("//BankA", pallet_custody::Call::debit { owner: owner("ben"), amount: 1_000 }));
        assert_ok!(call("//Issuing//1", debit(1_000)));
    });
}

#[test]
fn fails_withdrawing_more_than_custody_or_vault() {
    run(|| {
        with_money();
        let take = |bank, selection| pallet_custody::Call::withdraw { bank, selection };
        refused("//ann", take(BANK_A, fresh(&[(HUNDRED, 40)])), CustodyError::<Runtime>::CustodyTooLow);
        refused("//ben", take(BANK_A, fresh(&[(TEN, 1)])), CustodyError::<Runtime>::CustodyTooLow);
        refused("//ann", take(BANK_B, fresh(&[(TEN, 1)])), VaultError::<Runtime>::NotEnoughCoins);
        refused("//ann", take(BankId(9), fresh(&[(TEN, 1)])), VaultError::<Runtime>::UnknownBank);
        refused("//ann", take(BANK_A, fresh(&[(TEN, 513)])), VaultError::<Runtime>::TooManyCoins);
        refused("//ann", take(BANK_A, fresh(&[])), VaultError::<Runtime>::NothingSelected);
        // Coins that Ann holds herself are not in the vault.
        refused("//ann", take(BANK_A, singles(coins_of("ann"))), OwnershipError::<Runtime>::NotHolder);
        refused("//BankA", take(BANK_A, fresh(&[(TEN, 1)])), DispatchError::BadOrigin);
        refused(
            "//BankA",
            pallet_custody::Call::debit { owner: owner("ann"), amount: 390_001 },
            CustodyError::<Runtime>::CustodyTooLow,
        );
    });
}

#[test]
fn success_coins_that_came_back_are_paid_out_again() {
    run(|| {
        with_money();
        let coins = coins_of("ann");
        assert_ok!(call(
            "//ann",
            pallet_custody::Call::deposit { bank: BANK_A, coins: coins.clone().try_into().expect("few") }
        ));
        assert_eq!(custody(BANK_A, "ann"), 500_000);
        let lying = held(Holder::Vault(VaultId::Bank(BANK_A)));
        assert_eq!(lying.len(), 20);
        assert_ok!(call(
            "//ann",
            pallet_custody::Call::withdraw { bank: BANK_A, selection: singles(lying[..5].to_vec()) }
        ));
        assert_eq!(coins_of("ann").iter().map(|coin| coin.revision).collect::<Vec<_>>(), [2; 5]);
        // The old deposit cannot be played again.
        refused(
            "//ann",
            pallet_custody::Call::deposit { bank: BANK_A, coins: coins.try_into().expect("few") },
            OwnershipError::<Runtime>::WrongRevision,
        );
    });
}

#[test]
fn fails_retiring_what_is_not_in_the_issue_vault() {
    run(|| {
        with_money();
        let retire = |selection| pallet_issuance::Call::retire { selection };
        refused("//Issuing//1", retire(fresh(&[(TEN, 1)])), VaultError::<Runtime>::NotEnoughCoins);
        refused("//Issuing//1", retire(singles(coins_of("ann"))), OwnershipError::<Runtime>::NotHolder);
        refused("//Issuing//1", retire(fresh(&[])), IssuanceError::<Runtime>::NothingSelected);
        refused("//BankA", retire(fresh(&[(HUNDRED, 1)])), DispatchError::BadOrigin);
    });
}

#[test]
fn a_suspended_bank_moves_nothing_but_its_customers_keep_their_coins() {
    run(|| {
        with_money();
        assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_A }));
        let take = pallet_custody::Call::withdraw { bank: BANK_A, selection: fresh(&[(TEN, 1)]) };
        refused("//ann", take, VaultError::<Runtime>::BankNotActive);
        let coins = coins_of("ann").try_into().expect("few");
        refused("//ann", pallet_custody::Call::deposit { bank: BANK_A, coins }, VaultError::<Runtime>::BankNotActive);
        refused("//BankA", pallet_vault::Call::draw { selection: fresh(&[(HUNDRED, 1)]) }, DispatchError::BadOrigin);
        refused(
            "//Issuing//1",
            pallet_vault::Call::credit { bank: BANK_A, amount: 1 },
            VaultError::<Runtime>::BankNotActive,
        );
        refused(
            "//Issuing//1",
            pallet_vault::Call::credit { bank: BankId(9), amount: 1 },
            VaultError::<Runtime>::UnknownBank,
        );
        refused(
            "//Issuing//1",
            pallet_vault::Call::credit { bank: BANK_B, amount: 0 },
            VaultError::<Runtime>::ZeroAmount,
        );
        assert_ok!(call("//ann", pay(coins_of("ann"))));
        assert_ok!(call("//Supervising//1", pallet_participants::Call::reinstate_bank { bank: BANK_A }));
        assert_ok!(call("//BankA", pallet_vault::Call::draw { selection: fresh(&[(HUNDRED, 1)]) }));
    });
}

#[test]
fn boundary_the_largest_payment() {
    run(|| {
        with_money();
        assert_ok!(call("//BankA", pallet_custody::Call::credit { owner: owner("ann"), amount: 1_000_000 }));
        let take = |count| pallet_custody::Call::withdraw { bank: BANK_A, selection: fresh(&[(TEN, count)]) };
        assert_ok!(call("//ann", take(512)));
        let coins: Vec<_> = coins_of("ann").into_iter().filter(|coin| coin.coin.batch == 0).take(512).collect();
        assert_eq!(coins.len(), 512);
        assert_ok!(call("//ann", pay(coins)));
        assert_eq!(coins_of("ben").len(), 512);
    });
}

#[test]
fn native_money_and_assets_are_out_of_reach() {
    run(|| {
        with_money();
        let to = sp_runtime::MultiAddress::Id(account("//BankB"));
        let transfer = pallet_balances::Call::transfer_allow_death { dest: to.clone(), value: 1 };
        let asset =
            pallet_assets::Call::transfer { id: pallet_custody::AssetId::Custody(BANK_A), target: to, amount: 1 };
        let filtered = frame_system::Error::<Runtime>::CallFiltered;
        refused("//BankA", transfer.clone(), filtered);
        let filtered = frame_system::Error::<Runtime>::CallFiltered;
        refused("//ann", asset, filtered);
        // Nor through a batch or a proxy.
        let batch = pallet_utility::Call::batch_all { calls: vec![transfer.clone().into()] };
        refused("//BankA", batch, frame_system::Error::<Runtime>::CallFiltered);
        let proxied = pallet_proxy::Call::proxy {
            real: sp_runtime::MultiAddress::Id(account("//BankA")),
            force_proxy_type: None,
            call: Box::new(transfer.into()),
        };
        let add = pallet_proxy::Call::add_proxy {
            delegate: sp_runtime::MultiAddress::Id(account("//Clerk")),
            proxy_type: crate::configs::InstitutionProxy::Any,
            delay: 0,
        };
        assert_ok!(call("//BankA", add));
        let before = reserve(BANK_A);
        // The proxy pallet reports the inner refusal in an event.
        assert_ok!(call("//Clerk", proxied));
        assert_eq!(reserve(BANK_A), before);
    });
}

#[test]
fn boundary_an_amount_that_the_books_cannot_carry_is_refused() {
    use specie_primitives::books::MAX_FLOW;
    run(|| {
        let credit = |amount| pallet_vault::Call::credit { bank: BANK_A, amount };
        for absurd in [MAX_FLOW + 1, Balance::MAX / 2 + 1, Balance::MAX] {
            refused("//Issuing//1", credit(absurd), VaultError::<Runtime>::CounterOutOfRange);
        }
        assert_ok!(call("//Issuing//1", credit(MAX_FLOW)));
        refused("//Issuing//1", credit(1), VaultError::<Runtime>::CounterOutOfRange);
        assert_ok!(call("//Issuing//1", pallet_vault::Call::debit { bank: BANK_A, amount: MAX_FLOW }));
        assert_eq!(reserve(BANK_A), 0);
        assert_ok!(Audit::do_try_state());
    });
}

#[test]
fn boundary_the_largest_batch() {
    run(|| {
        with_money();
        // The scans behind this test look at every range of it, not at every coin.
        mint(HUNDRED, 1_000_000_000);
        assert_eq!(stock(VaultId::Issue, HUNDRED), 900 + 1_000_000_000);
    });
}

#[test]
fn success_scattered_ranges_move_at_once() {
    run(|| {
        with_money();
        // Given: two banks that draw in turn have every other coin each.
        let one = || fresh(&[(HUNDRED, 1)]);
        for _ in 0..50 {
            assert_ok!(call("//BankA", pallet_vault::Call::draw { selection: one() }));
            assert_ok!(call("//BankB", pallet_vault::Call::draw { selection: one() }));
        }
        let ranges = |vault| pallet_vault::Ranges::<Runtime>::get(vault, HUNDRED).len();
        assert_eq!((ranges(VaultId::Bank(BANK_B)), ranges(VaultId::Issue)), (50, 1));

        // When both give all of it back
        let all = |count| pallet_vault::Call::return_coins { selection: fresh(&[(HUNDRED, count)]) };
        assert_ok!(call("//BankB", all(50)));
        assert_eq!((ranges(VaultId::Bank(BANK_B)), ranges(VaultId::Issue)), (0, 50));
        assert_ok!(call("//BankA", all(140)));

        // Then the ranges are whole again, but for the coins that Ann holds.
        assert_eq!(ranges(VaultId::Issue), 1);
        assert_eq!(stock(VaultId::Issue, HUNDRED), 990);
    });
}

/// Numbers of ranges of hundreds: in the issue vault, in bank A's, in bank B's.
fn ranges() -> (usize, usize, usize) {
    let of = |vault| pallet_vault::Ranges::<Runtime>::get(vault, HUNDRED).len();
    (of(VaultId::Issue), of(VaultId::Bank(BANK_A)), of(VaultId::Bank(BANK_B)))
}

#[test]
fn a_bank_alone_cannot_scatter_the_issue_vault() {
    run(|| {
        with_money();
        // Owners take from one end of what the bank holds, the bank gives back from the other.
        let take = || pallet_custody::Call::withdraw { bank: BANK_A, selection: fresh(&[(HUNDRED, 1)]) };
        let give = || pallet_vault::Call::return_coins { selection: fresh(&[(HUNDRED, 1)]) };
        for _ in 0..30 {
            assert_ok!(call("//ann", take()));
            assert_ok!(call("//BankA", give()));
        }
        assert_eq!(ranges(), (1, 1, 0));
    });
}

#[test]
fn banks_that_scatter_the_issue_vault_stop_neither_minting_nor_drawing() {
    run(|| {
        // Given: two banks that draw in turn, and one that gives back.
        with_money();
        let draw = |count| pallet_vault::Call::draw { selection: fresh(&[(HUNDRED, count)]) };
        let give = |count| pallet_vault::Call::return_coins { selection: fresh(&[(HUNDRED, count)]) };
        for _ in 0..97 {
            assert_ok!(call("//BankA", draw(1)));
            assert_ok!(call("//BankB", draw(1)));
        }
        assert_ok!(call("//BankB", give(96)));
        assert_eq!(ranges(), (96, 97, 1));
        // From here on only minting adds ranges.
        refused("//BankB", give(1), VaultError::<Runtime>::TooManyRanges);
        for _ in 0..3 {
            mint(HUNDRED, 500);
        }
        assert_eq!(ranges().0, 99);

        // Then: a bank that draws gets few pieces, and what neighbours the vault's ranges is still given back.
        assert_ok!(call("//BankB", draw(600)));
        assert!(ranges().2 <= 17, "{:?}", ranges());
        assert_ok!(call("//BankB", give(600)));
        assert_ok!(call("//BankA", give(96)));
        assert_ok!(call("//BankB", give(1)));
    });
}
