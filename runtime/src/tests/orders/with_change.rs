//! Payments by order of which a part is changed: as the payer's own call does it, with the same refusals, and once.

use super::*;
use crate::tests::change;
use frame_support::dispatch::GetDispatchInfo;
use pallet_identity::Error as IdentityError;
use pallet_limits::Error as LimitsError;
use pallet_ownership::Error as OwnershipError;
use pallet_vault::Error as VaultError;
use specie_primitives::{
    change::{ChangePart, ChangePayment},
    flow::FlowKind,
    ChangeFrom, ChangePolicy, ClassLimits,
};

const ONE: Denomination = Denomination(100);
const FIVE: Denomination = Denomination(500);
const VAULT_A: ChangeFrom = ChangeFrom::Vault(BANK_A);

/// Ann's coins of one face value.
fn of(denomination: Denomination) -> Vec<CoinRef> {
    use specie_primitives::traits::Coinage;
    let is = |coin: &CoinRef| Issuance::denomination(coin.coin.batch) == Some(denomination);
    coins_of("ann").into_iter().filter(is).collect()
}

fn part(selection: Selection) -> ChangePart {
    selection.try_into().expect("few")
}

/// A ten and most of a hundred of Ann's for somebody: 70.00, of which 40.00 come back.
fn seventy(to: &str) -> ChangePayment {
    ChangePayment {
        to: owner(to),
        coins: of(TEN)[..1].to_vec().try_into().expect("one"),
        at: VAULT_A,
        give: of(HUNDRED)[..1].to_vec().try_into().expect("one"),
        pay: part(fresh(&[(TEN, 6)])),
        change: part(fresh(&[(TEN, 4)])),
    }
}

fn by_order(number: u8, payment: ChangePayment) -> Order {
    order(number, Action::CoinsWithChange(payment))
}

fn by_ann(number: u8, payment: ChangePayment) -> Vec<u8> {
    signed(&by_order(number, payment), &["//ann"])
}

#[test]
fn success_the_payee_gets_exactly_the_amount() {
    run(|| {
        // Given
        with_money();
        start_block(2);
        let (order, before) = (by_order(1, seventy("ben")), purse("ann"));
        let document = signed(&order, &["//ann"]);

        // When
        assert_eq!(verdict("//ben", document.clone()), Verdict::Executed);

        // Then: the values are right, limits count what was paid, and the record tells all three movements by the order.
        assert_eq!((purse("ben"), purse("ann")), (7_000, before - 7_000));
        assert_eq!((of(TEN).len(), of(HUNDRED).len()), (9 + 4, 9));
        assert_eq!(Limits::info(owner("ann")).expect("registered").paid_today, 7_000);
        let moved: Vec<_> = crate::flows::of_block().into_iter().map(|flow| (flow.kind, flow.order)).collect();
        let kinds = [FlowKind::Exchanged, FlowKind::Exchanged, FlowKind::Transferred];
        assert_eq!(moved, kinds.map(|kind| (kind, Some(order.id()))));

        // And: neither the same nor a copy signed anew pays again.
        is_refused("//BankB", document, Verdict::AlreadyExecuted);
        is_refused("//ann", signed(&order, &["//ann"]), Verdict::AlreadyExecuted);
    });
}

#[test]
fn success_coins_are_made_anew_where_the_policy_allows_it() {
    run(|| {
        change::with_fives();
        let payment = ChangePayment {
            coins: Default::default(),
            at: ChangeFrom::Issuer,
            give: of(FIVE)[..1].to_vec().try_into().expect("one"),
            pay: part(fresh(&[(ONE, 3)])),
            change: part(fresh(&[(ONE, 2)])),
            ..seventy("ben")
        };
        let before = purse("ann");
        assert_eq!(verdict("//ben", by_ann(1, payment)), Verdict::Executed);
        assert_eq!((purse("ben"), purse("ann"), of(ONE).len()), (300, before - 300, 2));
    });
}

#[test]
fn fails_what_the_payers_own_call_would_fail() {
    run(|| {
        // Given
        with_money();
        let good = seventy("ben");
        let hundreds = of(HUNDRED);
        let one = |coin: CoinRef| vec![coin].try_into().expect("one");

        // Change of another value, be it more for the one or for the other; nothing given, or nothing taken.
        for (to_ben, back) in [(6, 5), (7, 4), (6, 3), (5, 4)] {
            let (pay, change) = (part(fresh(&[(TEN, to_ben)])), part(fresh(&[(TEN, back)])));
            let payment = ChangePayment { pay, change, ..good.clone() };
            is_refused("//ben", by_ann(1, payment), failed(VaultError::<Runtime>::NotSameValue));
        }
        let nothing_given = ChangePayment { give: Default::default(), ..good.clone() };
        is_refused("//ben", by_ann(1, nothing_given), failed(OwnershipError::<Runtime>::NoCoins));
        let nothing_taken = ChangePayment { pay: Default::default(), ..good.clone() };
        is_refused("//ben", by_ann(1, nothing_taken), failed(VaultError::<Runtime>::NothingSelected));

        // Coins that are not hers, were hers, or are to go both ways.
        let nobodys = CoinRef { coin: coin(1, 900), revision: 0 };
        let foreign = ChangePayment { give: one(nobodys), ..good.clone() };
        is_refused("//ben", by_ann(1, foreign), failed(OwnershipError::<Runtime>::UnknownCoin));
        let stale = ChangePayment { give: one(CoinRef { revision: 9, ..hundreds[0] }), ..good.clone() };
        is_refused("//ben", by_ann(1, stale), failed(OwnershipError::<Runtime>::WrongRevision));
        let twice = ChangePayment { coins: vec![hundreds[0]].try_into().expect("one"), ..good.clone() };
        is_refused("//ben", by_ann(1, twice), failed(OwnershipError::<Runtime>::NotHolder));
        let owners = ChangePayment { change: part(singles(vec![hundreds[5]])), ..good.clone() };
        is_refused("//ben", by_ann(1, owners), failed(OwnershipError::<Runtime>::NotHolder));

        // More than the vault has, or changes; a bank that does not change for her.
        let lacking = ChangePayment { pay: part(fresh(&[(FIVE, 12)])), ..good.clone() };
        is_refused("//ben", by_ann(1, lacking), failed(VaultError::<Runtime>::NotEnoughCoins));
        let elsewhere = ChangePayment { at: ChangeFrom::Vault(BANK_B), ..good.clone() };
        is_refused("//ben", by_ann(1, elsewhere), failed(VaultError::<Runtime>::NoChange));
        let anew = ChangePayment { at: ChangeFrom::Issuer, ..good.clone() };
        assert!(matches!(verdict("//ben", by_ann(1, anew)), Verdict::Failed(_)));
        let set = |policy| {
            assert_ok!(call("//BankA", pallet_vault::Call::set_change { policy }));
        };
        set(ChangePolicy::Nobody);
        is_refused("//ben", by_ann(1, good.clone()), failed(VaultError::<Runtime>::NoChange));
        set(ChangePolicy::OwnCustomers);

        // Whom one cannot pay, and more than one may.
        is_refused("//ben", by_ann(1, seventy("ann")), failed(OwnershipError::<Runtime>::SameOwner));
        is_refused("//ben", by_ann(1, seventy("dot")), failed(IdentityError::<Runtime>::UnknownOwner));
        let limits = |per_payment| {
            let limits = ClassLimits { per_payment, per_day: None, balance: None };
            let class = OwnerClass::Phone;
            assert_ok!(call("//Supervising//1", pallet_limits::Call::set_limits { class, limits }));
        };
        limits(Some(6_999));
        is_refused("//ben", by_ann(1, good.clone()), failed(LimitsError::<Runtime>::OverPaymentLimit));
        limits(Some(7_000));

        // None of it used anything up, or moved anything.
        assert_eq!(verdict("//ben", by_ann(1, good)), Verdict::Executed);
    });
}

#[test]
fn nobody_takes_the_change() {
    run(|| {
        // Given: what Ann signed.
        with_money();
        let good = by_order(1, seventy("ben"));
        let signature = sign("//ann", &good.encode());
        let ChangePayment { pay, change, .. } = seventy("ben");

        // Then: nobody makes the change the payee's, or the payment somebody else's.
        for altered in [
            ChangePayment { pay: change.clone(), change: pay, ..seventy("ben") },
            ChangePayment { pay: part(fresh(&[(TEN, 10)])), change: ChangePart::default(), ..seventy("ben") },
            ChangePayment { coins: Default::default(), ..seventy("ben") },
            ChangePayment { at: ChangeFrom::Vault(BANK_B), ..seventy("ben") },
            seventy("ann"),
        ] {
            let altered = by_order(1, altered);
            is_refused("//ben", with_signatures(&altered, vec![signature]), Verdict::BadSignature);
        }
        is_refused("//ben", signed(&good, &["//ben"]), Verdict::BadSignature);
        assert_eq!(verdict("//ben", with_signatures(&good, vec![signature])), Verdict::Executed);
    });
}

#[test]
fn change_is_paid_for_by_weight() {
    run(|| {
        with_money();
        let weight = |action: Action| {
            let document = signed(&order(1, action), &["//ann"]);
            submission(vec![document]).get_dispatch_info().call_weight
        };
        let payment = seventy("ben");
        let plain = weight(coins("ben", &payment.coins));
        let own = pallet_ownership::Call::<Runtime>::transfer_with_change {
            to: payment.to,
            coins: payment.coins.to_vec().try_into().expect("one"),
            at: payment.at,
            give: payment.give.to_vec().try_into().expect("one"),
            pay: payment.pay.clone().into(),
            change: payment.change.clone().into(),
        };
        let with_change = weight(Action::CoinsWithChange(payment.clone()));
        assert!(with_change.all_gte(own.get_dispatch_info().call_weight) && with_change.all_gte(plain));
        // Whatever an order says comes back is charged, as far as it can be done at all.
        let much = ChangePayment { change: part(fresh(&[(TEN, u32::MAX)])), ..payment };
        assert!(weight(Action::CoinsWithChange(much)).all_gt(with_change));
    });
}
