//! Change: coins for others of the same value, against a bank's vault and made anew, and every way to cheat at it.

use super::*;
use pallet_issuance::Error as IssuanceError;
use pallet_ownership::Error as OwnershipError;
use pallet_vault::Error as VaultError;
use specie_primitives::{
    books::VaultFlows,
    flow::{FlowKind, Party},
    ChangeFrom, ChangePolicy,
};

const ONE: Denomination = Denomination(100);
const FIVE: Denomination = Denomination(500);
const VAULT_A: ChangeFrom = ChangeFrom::Vault(BANK_A);

fn exchange(at: ChangeFrom, give: Vec<CoinRef>, take: Selection) -> pallet_ownership::Call<Runtime> {
    pallet_ownership::Call::exchange { at, give: give.try_into().expect("few"), take }
}

/// Ann pays Ben.
fn pay_with_change(
    at: ChangeFrom,
    coins: Vec<CoinRef>,
    give: Vec<CoinRef>,
    pay: Selection,
    change: Selection,
) -> pallet_ownership::Call<Runtime> {
    pallet_ownership::Call::transfer_with_change {
        to: owner("ben"),
        coins: coins.try_into().expect("few"),
        at,
        give: give.try_into().expect("few"),
        pay,
        change,
    }
}

/// Coins of one face value.
fn of(name: &str, denomination: Denomination) -> Vec<CoinRef> {
    use specie_primitives::traits::Coinage;
    let is = |coin: &CoinRef| Issuance::denomination(coin.coin.batch) == Some(denomination);
    coins_of(name).into_iter().filter(is).collect()
}

fn purse(name: &str) -> (u32, Balance) {
    let purse = pallet_ownership::Purses::<Runtime>::get(owner(name));
    (purse.coins, purse.value)
}

fn reserve(bank: BankId) -> Balance {
    use specie_primitives::traits::Vaults;
    Vault::reserve(bank)
}

fn flows(bank: BankId) -> VaultFlows {
    pallet_vault::Flows::<Runtime>::get(bank)
}

fn set_change(policy: ChangePolicy) {
    assert_ok!(call("//BankA", pallet_vault::Call::set_change { policy }));
}

#[test]
fn success_a_coin_is_exchanged_for_smaller_ones_and_back() {
    run(|| {
        // Given
        with_money();
        let before = (purse("ann"), custody(BANK_A, "ann"), reserve(BANK_A));
        let hundred = of("ann", HUNDRED)[0];

        // When a hundred becomes ten tens
        assert_ok!(call("//ann", exchange(VAULT_A, vec![hundred], fresh(&[(TEN, 10)]))));

        // Then the values are where they were, and the coins are others.
        assert_eq!((of("ann", HUNDRED).len(), of("ann", TEN).len()), (9, 20));
        assert_eq!(purse("ann"), (29, before.0 .1));
        assert_eq!((custody(BANK_A, "ann"), reserve(BANK_A)), (before.1, before.2));
        assert_eq!((stock(VaultId::Bank(BANK_A), TEN), stock(VaultId::Bank(BANK_A), HUNDRED)), (980, 91));
        let VaultFlows { exchanged_in, exchanged_out, paid_in, paid_out, .. } = flows(BANK_A);
        assert_eq!((exchanged_in, exchanged_out, paid_in, paid_out), (10_000, 10_000, 0, 110_000));

        // When ten tens become the same hundred, which lies in the vault by name
        let (tens, named) = (of("ann", TEN)[..10].to_vec(), CoinRef { revision: 1, ..hundred });
        assert_ok!(call("//ann", exchange(VAULT_A, tens, singles(vec![named]))));
        let back = of("ann", HUNDRED).into_iter().find(|coin| coin.coin == hundred.coin);
        assert_eq!(back, Some(CoinRef { revision: 2, ..hundred }));
        assert_eq!(purse("ann"), (20, before.0 .1));
        // What was signed for the coin as it was is of no use any more.
        refused(
            "//ann",
            exchange(VAULT_A, vec![hundred], fresh(&[(TEN, 10)])),
            OwnershipError::<Runtime>::WrongRevision,
        );
    });
}

#[test]
fn success_the_payee_gets_exactly_the_amount() {
    run(|| {
        // Given
        with_money();
        let (ann, ben) = (purse("ann").1, purse("ben").1);
        let (ten, hundred) = (of("ann", TEN)[0], of("ann", HUNDRED)[0]);

        // When Ann pays 70.00 with a ten and most of a hundred
        start_block(2);
        let call_ = pay_with_change(VAULT_A, vec![ten], vec![hundred], fresh(&[(TEN, 6)]), fresh(&[(TEN, 4)]));
        assert_ok!(call("//ann", call_));

        // Then
        assert_eq!((purse("ben"), purse("ann").1), ((7, ben + 7_000), ann - 7_000));
        let revisions: Vec<u32> = coins_of("ben").iter().map(|coin| coin.revision).collect();
        assert_eq!(revisions.iter().sum::<u32>(), 1, "one coin changed hands, six are new");
        assert_eq!(flows(BANK_A).exchanged_in, 10_000);

        // And the flow record tells all of it: the exchange on both sides, then the payment.
        let (payer, payee) = (Party::Coins(Holder::Owner(owner("ann"))), Party::Coins(Holder::Owner(owner("ben"))));
        let vault = Party::Coins(Holder::Vault(VaultId::Bank(BANK_A)));
        let flows: Vec<_> = crate::flows::of_block()
            .into_iter()
            .map(|flow| (flow.kind, flow.value, flow.from, flow.to, flow.coins.len()))
            .collect();
        assert_eq!(
            flows,
            [
                (FlowKind::Exchanged, 10_000, payer, vault, 1),
                (FlowKind::Exchanged, 10_000, vault, payer, 10),
                (FlowKind::Transferred, 7_000, payer, payee, 7),
            ]
        );
    });
}

#[test]
fn success_all_that_is_given_may_go_to_the_payee() {
    run(|| {
        with_money();
        let hundred = of("ann", HUNDRED)[0];
        let all = pay_with_change(VAULT_A, vec![], vec![hundred], fresh(&[(TEN, 10)]), Selection::default());
        assert_ok!(call("//ann", all));
        assert_eq!((purse("ben"), of("ann", HUNDRED).len()), ((10, 10_000), 9));
    });
}

#[test]
fn fails_change_of_another_value() {
    run(|| {
        with_money();
        let (tens, hundreds) = (of("ann", TEN), of("ann", HUNDRED));
        let error = || VaultError::<Runtime>::NotSameValue;
        for take in [fresh(&[(TEN, 9)]), fresh(&[(TEN, 11)]), fresh(&[(HUNDRED, 2)]), fresh(&[(HUNDRED, 1), (TEN, 1)])]
        {
            refused("//ann", exchange(VAULT_A, vec![hundreds[0]], take), error());
        }
        for (pay, change) in [(6, 5), (6, 3), (10, 1), (9, 0)] {
            let change = if change == 0 { Selection::default() } else { fresh(&[(TEN, change)]) };
            let call = pay_with_change(VAULT_A, vec![tens[0]], vec![hundreds[0]], fresh(&[(TEN, pay)]), change);
            refused("//ann", call, error());
        }
    });
}

#[test]
fn fails_change_with_coins_that_are_not_the_payers() {
    run(|| {
        with_money();
        let (tens, hundreds) = (of("ann", TEN), of("ann", HUNDRED));
        assert_ok!(call("//ann", pay(vec![hundreds[9]])));
        let ten = || fresh(&[(TEN, 10)]);
        let (nobody, theirs) = (CoinRef { coin: coin(1, 999), revision: 0 }, CoinRef { revision: 1, ..hundreds[9] });
        refused("//ann", exchange(VAULT_A, vec![theirs], ten()), OwnershipError::<Runtime>::NotHolder);
        refused("//ann", exchange(VAULT_A, vec![hundreds[9]], ten()), OwnershipError::<Runtime>::NotHolder);
        refused("//ann", exchange(VAULT_A, vec![nobody], ten()), OwnershipError::<Runtime>::UnknownCoin);
        refused("//ann", exchange(VAULT_A, vec![], ten()), OwnershipError::<Runtime>::NoCoins);
        let twice = vec![hundreds[0], hundreds[0]];
        refused("//ann", exchange(VAULT_A, twice, fresh(&[(TEN, 20)])), OwnershipError::<Runtime>::DuplicateCoin);
        // One coin for the payee and for the vault.
        let both =
            pay_with_change(VAULT_A, vec![hundreds[0]], vec![hundreds[0]], fresh(&[(TEN, 6)]), fresh(&[(TEN, 4)]));
        refused("//ann", both, OwnershipError::<Runtime>::NotHolder);
        // Nothing for the vault, or nothing from it.
        let free = pay_with_change(VAULT_A, vec![tens[0]], vec![], fresh(&[(TEN, 6)]), fresh(&[(TEN, 4)]));
        refused("//ann", free, OwnershipError::<Runtime>::NoCoins);
        let none =
            pay_with_change(VAULT_A, vec![tens[0]], vec![hundreds[0]], Selection::default(), fresh(&[(TEN, 10)]));
        refused("//ann", none, VaultError::<Runtime>::NothingSelected);
        refused("//ann", exchange(VAULT_A, vec![hundreds[0]], fresh(&[])), VaultError::<Runtime>::NothingSelected);
        // Nobody but owners changes coins.
        for other in ["//BankA", "//Issuing//1", "//Committee//1"] {
            refused(other, exchange(VAULT_A, vec![hundreds[0]], ten()), DispatchError::BadOrigin);
        }
        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        refused("//ann", exchange(VAULT_A, vec![hundreds[0]], ten()), DispatchError::BadOrigin);
    });
}

#[test]
fn fails_change_that_the_vault_does_not_have() {
    run(|| {
        with_money();
        let hundreds = of("ann", HUNDRED);
        // A coin of the vault for the payee and for the change.
        assert_ok!(call("//ann", exchange(VAULT_A, vec![hundreds[0]], fresh(&[(TEN, 10)]))));
        let named = CoinRef { revision: 1, ..hundreds[0] };
        let twice =
            pay_with_change(VAULT_A, vec![], hundreds[1..3].to_vec(), singles(vec![named]), singles(vec![named]));
        refused("//ann", twice, OwnershipError::<Runtime>::NotHolder);
        let twice = exchange(VAULT_A, hundreds[1..3].to_vec(), singles(vec![named, named]));
        refused("//ann", twice, OwnershipError::<Runtime>::DuplicateCoin);
        // Coins of an owner, or of another vault.
        let own = exchange(VAULT_A, vec![hundreds[1]], singles(vec![hundreds[2]]));
        refused("//ann", own, OwnershipError::<Runtime>::NotHolder);
        refused(
            "//ann",
            exchange(VAULT_A, vec![hundreds[1]], fresh(&[(FIVE, 20)])),
            VaultError::<Runtime>::NotEnoughCoins,
        );
        assert_ok!(call("//BankA", pallet_vault::Call::return_coins { selection: fresh(&[(TEN, 980)]) }));
        let ten = || fresh(&[(TEN, 10)]);
        refused("//ann", exchange(VAULT_A, vec![hundreds[1]], ten()), VaultError::<Runtime>::NotEnoughCoins);
        refused(
            "//ann",
            exchange(VAULT_A, vec![hundreds[1]], fresh(&[(TEN, 0), (HUNDRED, 1)])),
            VaultError::<Runtime>::BadLot,
        );
        let many = pay_with_change(VAULT_A, vec![], vec![hundreds[1]], fresh(&[(TEN, 512)]), fresh(&[(TEN, 1)]));
        refused("//ann", many, VaultError::<Runtime>::TooManyCoins);
    });
}

#[test]
fn fails_change_at_a_bank_that_is_not_open_for_it() {
    run(|| {
        with_money();
        assert_ok!(register("//BankB", BANK_B, "cid"));
        assert_ok!(call("//ann", pay(of("ann", HUNDRED)[8..].to_vec())));
        let to_cid = |coins| pallet_ownership::Call::transfer { to: owner("cid"), coins };
        assert_ok!(call("//ben", to_cid(coins_of("ben").try_into().expect("few"))));
        let ten = || fresh(&[(TEN, 10)]);
        let by_ann = || exchange(VAULT_A, vec![of("ann", HUNDRED)[0]], ten());
        let by_cid = || exchange(VAULT_A, vec![of("cid", HUNDRED)[0]], ten());

        // By default for its own customers.
        refused("//cid", by_cid(), VaultError::<Runtime>::NoChange);
        assert_ok!(call("//ann", by_ann()));
        set_change(ChangePolicy::Anyone);
        assert_ok!(call("//cid", by_cid()));
        set_change(ChangePolicy::Nobody);
        refused("//ann", by_ann(), VaultError::<Runtime>::NoChange);
        set_change(ChangePolicy::OwnCustomers);
        for other in ["//ann", "//Issuing//1", "//Supervising//1"] {
            refused(other, pallet_vault::Call::set_change { policy: ChangePolicy::Anyone }, DispatchError::BadOrigin);
        }
        // Neither a bank that is not there, nor a suspended one.
        let nowhere = ChangeFrom::Vault(BankId(9));
        let call_ = exchange(nowhere, vec![of("ann", HUNDRED)[0]], ten());
        refused("//ann", call_, VaultError::<Runtime>::UnknownBank);
        assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_A }));
        refused("//ann", by_ann(), VaultError::<Runtime>::BankNotActive);
        refused("//BankA", pallet_vault::Call::set_change { policy: ChangePolicy::Anyone }, DispatchError::BadOrigin);
    });
}

#[test]
fn fails_paying_with_change_whom_one_cannot_pay() {
    run(|| {
        with_money();
        let hundred = of("ann", HUNDRED)[0];
        let to = |name: &str| pallet_ownership::Call::transfer_with_change {
            to: owner(name),
            coins: Default::default(),
            at: VAULT_A,
            give: vec![hundred].try_into().expect("one"),
            pay: fresh(&[(TEN, 6)]),
            change: fresh(&[(TEN, 4)]),
        };
        refused("//ann", to("ann"), OwnershipError::<Runtime>::SameOwner);
        refused("//ann", to("dot"), pallet_identity::Error::<Runtime>::UnknownOwner);
        assert_ok!(call("//BankA", pallet_identity::Call::close { owner: owner("ben") }));
        refused("//ann", to("ben"), pallet_identity::Error::<Runtime>::OwnerClosed);
    });
}

#[test]
fn owners_who_change_at_the_same_time_do_not_get_in_each_others_way() {
    run(|| {
        with_money();
        assert_ok!(call("//ann", pay(of("ann", HUNDRED)[5..].to_vec())));
        // Both were signed before either was executed, and ask for the same.
        let (ann, ben) = (of("ann", HUNDRED)[0], of("ben", HUNDRED)[0]);
        let calls = [("//ann", ann), ("//ben", ben)]
            .map(|(key, coin)| (key, exchange(VAULT_A, vec![coin], fresh(&[(TEN, 10)]))));
        for (key, exchange) in calls {
            assert_ok!(call(key, exchange));
        }
        assert_eq!((of("ann", TEN).len(), of("ben", TEN).len()), (20, 10));
    });
}

/// Ann has four fives, and a hundred ones and a hundred fives may be made.
pub fn with_fives() {
    with_money();
    mint(FIVE, 10);
    assert_ok!(call("//BankA", pallet_vault::Call::draw { selection: fresh(&[(FIVE, 10)]) }));
    assert_ok!(call("//ann", pallet_custody::Call::withdraw { bank: BANK_A, selection: fresh(&[(FIVE, 4)]) }));
    for denomination in [ONE, FIVE] {
        let proposal = pallet_issuance::NextProposal::<Runtime>::get();
        let propose = pallet_issuance::Call::propose_change_batch { denomination, count: 100 };
        assert_ok!(call("//Issuing//1", propose));
        assert_ok!(call("//Issuing//2", pallet_issuance::Call::approve_mint { proposal }));
    }
}

#[test]
fn success_coins_are_split_and_merged_and_no_name_comes_twice() {
    run(|| {
        // Given
        with_fives();
        let (value, minted) = (purse("ann").1, Audit::report().coins);
        let mut names: std::collections::BTreeSet<CoinId> = of("ann", FIVE).iter().map(|coin| coin.coin).collect();
        let mut known = names.len();

        for _ in 0..3 {
            // When a five becomes five ones
            let five = of("ann", FIVE)[0];
            assert_ok!(call("//ann", exchange(ChangeFrom::Issuer, vec![five], fresh(&[(ONE, 5)]))));
            assert_eq!((of("ann", ONE).len(), of("ann", FIVE).len()), (5, 3));
            // Then it is gone for good.
            assert!(!pallet_ownership::Coins::<Runtime>::contains_key(five.coin));
            refused("//ann", pay(vec![five]), OwnershipError::<Runtime>::UnknownCoin);
            assert!(of("ann", ONE).iter().all(|coin| coin.revision == 0));
            names.extend(of("ann", ONE).iter().map(|coin| coin.coin));
            known += 5;
            assert_eq!(names.len(), known, "a name came twice");

            // When the ones become a five
            let ones = of("ann", ONE);
            assert_ok!(call("//ann", exchange(ChangeFrom::Issuer, ones, fresh(&[(FIVE, 1)]))));
            names.extend(of("ann", FIVE).iter().map(|coin| coin.coin));
            known += 1;
            assert_eq!(names.len(), known, "a name came twice");
            check_everything();
        }

        // Then there is as much money as before.
        assert_eq!((purse("ann").1, Audit::report().coins), (value, minted));
        let flows = pallet_issuance::Flows::<Runtime>::get();
        assert_eq!((flows[&ONE].change_in, flows[&ONE].change_out), (15, 15));
        assert_eq!((flows[&FIVE].change_in, flows[&FIVE].change_out), (3, 3));
        // The bank has nothing to do with it.
        assert_eq!(self::flows(BANK_A).exchanged_in, 0);
    });
}

#[test]
fn success_a_coin_made_for_change_circulates_and_retires_like_others() {
    run(|| {
        with_fives();
        let five = of("ann", FIVE)[0];
        assert_ok!(call("//ann", exchange(ChangeFrom::Issuer, vec![five], fresh(&[(ONE, 5)]))));
        let ones: frame_support::BoundedVec<_, _> = of("ann", ONE).try_into().expect("few");
        assert_ok!(call("//ann", pallet_custody::Call::deposit { bank: BANK_A, coins: ones }));
        let lying = |vault| held(Holder::Vault(vault));
        let returned = singles(lying(VaultId::Bank(BANK_A)));
        assert_ok!(call("//BankA", pallet_vault::Call::return_coins { selection: returned }));
        let home = singles(lying(VaultId::Issue));
        assert_ok!(call("//Issuing//1", pallet_issuance::Call::retire { selection: home }));
        let flows = pallet_issuance::Flows::<Runtime>::get();
        assert_eq!((flows[&ONE].minted, flows[&ONE].change_in, flows[&ONE].retired), (0, 5, 5));
    });
}

#[test]
fn success_a_payment_with_coins_made_anew() {
    run(|| {
        with_fives();
        let (ann, fives) = (purse("ann").1, of("ann", FIVE));
        start_block(2);
        let three = pay_with_change(ChangeFrom::Issuer, vec![], vec![fives[0]], fresh(&[(ONE, 3)]), fresh(&[(ONE, 2)]));
        assert_ok!(call("//ann", three));
        assert_eq!((purse("ben"), purse("ann").1), ((3, 300), ann - 300));
        let kinds: Vec<_> =
            crate::flows::of_block().into_iter().map(|flow| (flow.kind, flow.value, flow.from)).collect();
        let payer = Party::Coins(Holder::Owner(owner("ann")));
        assert_eq!(
            kinds,
            [
                (FlowKind::Recoined, 500, payer),
                (FlowKind::Recoined, 500, Party::Issuer),
                (FlowKind::Transferred, 300, payer)
            ]
        );
    });
}

#[test]
fn fails_making_coins_anew_for_another_value_or_outside_the_policy() {
    run(|| {
        with_fives();
        let (tens, fives) = (of("ann", TEN), of("ann", FIVE));
        let anew = |give: &[CoinRef], take| exchange(ChangeFrom::Issuer, give.to_vec(), take);
        let one = |count| fresh(&[(ONE, count)]);
        for count in [1, 4, 6] {
            refused("//ann", anew(&fives[..1], one(count)), OwnershipError::<Runtime>::NotSameValue);
        }
        refused("//ann", anew(&fives[..1], fresh(&[(FIVE, 2)])), OwnershipError::<Runtime>::NotSameValue);
        // Neither into a face value that is not named, nor out of one.
        refused("//ann", anew(&fives[..2], fresh(&[(TEN, 1)])), IssuanceError::<Runtime>::NotRecoinable);
        refused("//ann", anew(&tens[..1], one(10)), IssuanceError::<Runtime>::NotRecoinable);
        refused("//ann", anew(&fives[..1], fresh(&[(ONE, 0), (FIVE, 1)])), IssuanceError::<Runtime>::EmptyBatch);
        refused("//ann", anew(&fives[..1], Selection::default()), IssuanceError::<Runtime>::NothingSelected);
        refused("//ann", anew(&fives[..1], singles(vec![fives[1]])), OwnershipError::<Runtime>::NotNew);
        refused("//ann", anew(&fives[..1], one(513)), OwnershipError::<Runtime>::TooManyCoins);
        refused("//ann", anew(&[fives[0], fives[0]], one(10)), OwnershipError::<Runtime>::DuplicateCoin);
        refused("//ben", anew(&fives[..1], one(5)), OwnershipError::<Runtime>::NotHolder);
        let stale = CoinRef { revision: 1, ..fives[0] };
        refused("//ann", anew(&[stale], one(5)), OwnershipError::<Runtime>::WrongRevision);
        // The committee ends it.
        assert_ok!(super::governance::enact(pallet_issuance::Call::set_recoinable {
            denominations: Default::default()
        }));
        refused("//ann", anew(&fives[..1], one(5)), IssuanceError::<Runtime>::NotRecoinable);
    });
}

#[test]
fn fails_more_change_than_a_batch_may_have() {
    run(|| {
        with_fives();
        let fives = of("ann", FIVE);
        let ones = |five: CoinRef| exchange(ChangeFrom::Issuer, vec![five], fresh(&[(ONE, 5)]));
        // Given: a batch with room for seven.
        let batch = pallet_issuance::ChangeBatch::<Runtime>::get(ONE).expect("open");
        pallet_issuance::Batches::<Runtime>::mutate(batch, |batch| batch.as_mut().expect("there").count = 7);
        assert_ok!(call("//ann", ones(fives[0])));
        refused("//ann", ones(fives[1]), IssuanceError::<Runtime>::ChangeBatchUsedUp);
        // Another batch goes on, and the first one's names are not given again.
        let propose = pallet_issuance::Call::propose_change_batch { denomination: ONE, count: 50 };
        let proposal = pallet_issuance::NextProposal::<Runtime>::get();
        assert_ok!(call("//Issuing//2", propose));
        assert_ok!(call("//Issuing//1", pallet_issuance::Call::approve_mint { proposal }));
        assert_ok!(call("//ann", ones(fives[1])));
        assert_eq!(pallet_issuance::Issued::<Runtime>::get(batch), Some(5));
        let batches: std::collections::BTreeSet<u32> = of("ann", ONE).iter().map(|coin| coin.coin.batch).collect();
        assert_eq!(batches.len(), 2);
    });
}

#[test]
fn fails_opening_a_batch_for_change_alone() {
    run(|| {
        with_money();
        let propose = |count| pallet_issuance::Call::propose_change_batch { denomination: ONE, count };
        let approve = |proposal| pallet_issuance::Call::approve_mint { proposal };
        for other in ["//Supervising//1", "//BankA", "//Committee//1", "//ann"] {
            refused(other, propose(5), DispatchError::BadOrigin);
        }
        refused("//Issuing//1", propose(0), IssuanceError::<Runtime>::EmptyBatch);
        let proposal = pallet_issuance::NextProposal::<Runtime>::get();
        let minted = Audit::report().coins;
        assert_ok!(call("//Issuing//1", propose(5)));
        refused("//Issuing//1", approve(proposal), IssuanceError::<Runtime>::SameKey);
        assert_eq!(pallet_issuance::ChangeBatch::<Runtime>::get(ONE), None);
        assert_ok!(call("//Issuing//2", approve(proposal)));
        // An open batch is not money.
        assert_eq!((Audit::report().coins, stock(VaultId::Issue, ONE)), (minted, 0));
        let batch = pallet_issuance::ChangeBatch::<Runtime>::get(ONE).expect("open");
        let unmade = CoinRef { coin: coin(batch, 0), revision: 0 };
        refused("//ann", pay(vec![unmade]), OwnershipError::<Runtime>::UnknownCoin);
    });
}

#[test]
fn the_committee_names_face_values_that_may_be_minted_and_no_others() {
    run(|| {
        let set = |faces: &[Denomination]| {
            let denominations = faces.to_vec().try_into().expect("few");
            super::governance::enact(pallet_issuance::Call::set_recoinable { denominations })
        };
        assert_ok!(set(&[ONE, TEN]));
        assert_eq!(set(&[TEN, ONE]), Err(IssuanceError::<Runtime>::DenominationsNotAscending.into()));
        let unknown = set(&[Denomination(7)]);
        assert_eq!(unknown, Err(IssuanceError::<Runtime>::DenominationNotAllowed.into()));
        assert_eq!(pallet_issuance::Recoinable::<Runtime>::get().into_inner(), [ONE, TEN]);
        // A face value that is dropped is not made any more.
        let denominations = vec![FIVE, TEN].try_into().expect("few");
        assert_ok!(super::governance::enact(pallet_issuance::Call::set_denominations { denominations }));
        assert_eq!(pallet_issuance::Recoinable::<Runtime>::get().into_inner(), [TEN]);
        let alone = pallet_issuance::Call::set_recoinable { denominations: Default::default() };
        refused("//Issuing//1", alone, DispatchError::BadOrigin);
    });
}
