//! Coins out of custody and back by order: the owner's own calls, whoever brings them.

use super::*;
use pallet_custody::Error as CustodyError;
use pallet_ownership::Error as OwnershipError;

fn order(random: u8, action: Action) -> Order {
    let now = Orders::clock();
    Order::new(System::block_hash(0), [random; 16], (now, now + 100), owner("ann"), action)
}

fn withdrawal(random: u8, bank: BankId, tens: u32) -> Vec<u8> {
    signed(&order(random, Action::Withdraw { bank, selection: fresh(&[(TEN, tens)]) }), &["//ann"])
}

fn deposit(random: u8, bank: BankId, coins: &[CoinRef]) -> Vec<u8> {
    let coins = coins.to_vec().try_into().expect("few");
    signed(&order(random, Action::Deposit { bank, coins }), &["//ann"])
}

#[test]
fn success_coins_go_out_and_come_back() {
    run(|| {
        // Given
        with_money();
        let (before, coins) = (custody(BANK_A, "ann"), coins_of("ann").len());

        // When: Ben brings both.
        assert_eq!(verdict("//ben", withdrawal(1, BANK_A, 3)), Verdict::Executed);

        // Then
        assert_eq!((custody(BANK_A, "ann"), coins_of("ann").len()), (before - 3_000, coins + 3));
        let back: Vec<CoinRef> = coins_of("ann")[..2].to_vec();
        let document = deposit(2, BANK_A, &back);
        assert_eq!(verdict("//ben", document.clone()), Verdict::Executed);
        assert_eq!((custody(BANK_A, "ann"), coins_of("ann").len()), (before - 1_000, coins + 1));
        is_refused("//ann", document, Verdict::AlreadyExecuted);
        // Into another bank's custody, too, as the call does.
        let other = coins_of("ann")[0];
        assert_eq!(verdict("//ben", deposit(3, BANK_B, &[other])), Verdict::Executed);
        assert_eq!(custody(BANK_B, "ann"), 1_000);
    });
}

#[test]
fn fails_as_the_owners_own_calls_do() {
    run(|| {
        with_money();
        is_refused("//ben", withdrawal(1, BANK_A, 391), failed(CustodyError::<Runtime>::CustodyTooLow));
        is_refused("//ben", withdrawal(2, BANK_B, 1), failed(pallet_vault::Error::<Runtime>::NotEnoughCoins));
        let mut coin = coins_of("ann")[0];
        coin.revision += 1;
        is_refused("//ben", deposit(3, BANK_A, &[coin]), failed(OwnershipError::<Runtime>::WrongRevision));
        assert_ok!(call("//ann", pay(coins_of("ann")[1..2].to_vec())));
        let bens = coins_of("ben");
        is_refused("//ben", deposit(4, BANK_A, &bens), failed(OwnershipError::<Runtime>::NotHolder));
        // Nobody else's signature opens an account.
        let action = Action::Withdraw { bank: BANK_A, selection: fresh(&[(TEN, 1)]) };
        is_refused("//ben", signed(&order(5, action), &["//ben"]), Verdict::BadSignature);
    });
}
