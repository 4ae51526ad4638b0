//! Random calls by random signers in random order: whatever happens, the books stay equal and every scan passes.

use super::*;
use proptest::prelude::*;

const BANKS: [(&str, BankId); 3] = [("//BankA", BankId(1)), ("//BankB", BankId(2)), ("//BankC", BankId(3))];
const OWNERS: [&str; 4] = ["ann", "ben", "cid", "dot"];

/// One call; indices are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    Mint(bool, u32),
    Credit(usize, u64),
    Debit(usize, u64),
    Draw(usize, u32, usize),
    Return(usize, u32, usize),
    Register(usize, usize),
    CreditOwner(usize, usize, u64),
    DebitOwner(usize, usize, u64),
    Withdraw(usize, usize, u32, usize),
    Pay(usize, usize, usize, u32),
    Deposit(usize, usize, usize),
    Retire(u32, usize),
    Suspend(usize),
    Reinstate(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (bank, owner) = (0usize..3, 0usize..4);
    prop_oneof![
        (any::<bool>(), 1u32..300).prop_map(|(ten, count)| Step::Mint(ten, count)),
        (bank.clone(), 0u64..3_000_000).prop_map(|(bank, amount)| Step::Credit(bank, amount)),
        (bank.clone(), 0u64..1_000_000).prop_map(|(bank, amount)| Step::Debit(bank, amount)),
        (bank.clone(), 0u32..60, 0usize..4).prop_map(|(bank, count, singles)| Step::Draw(bank, count, singles)),
        (bank.clone(), 0u32..20, 0usize..4).prop_map(|(bank, count, singles)| Step::Return(bank, count, singles)),
        (bank.clone(), owner.clone()).prop_map(|(bank, owner)| Step::Register(bank, owner)),
        (bank.clone(), owner.clone(), 0u64..500_000)
            .prop_map(|(bank, owner, amount)| Step::CreditOwner(bank, owner, amount)),
        (bank.clone(), owner.clone(), 0u64..100_000)
            .prop_map(|(bank, owner, amount)| Step::DebitOwner(bank, owner, amount)),
        (bank.clone(), owner.clone(), 0u32..12, 0usize..4)
            .prop_map(|(bank, owner, count, singles)| Step::Withdraw(bank, owner, count, singles)),
        (owner.clone(), owner.clone(), 0usize..6, 0u32..2)
            .prop_map(|(from, to, count, stale)| Step::Pay(from, to, count, stale)),
        (bank.clone(), owner.clone(), 0usize..6).prop_map(|(bank, owner, count)| Step::Deposit(bank, owner, count)),
        (0u32..40, 0usize..4).prop_map(|(count, singles)| Step::Retire(count, singles)),
        owner.clone().prop_map(Step::Suspend),
        owner.prop_map(Step::Reinstate),
    ]
}

fn pick(holder: Holder, count: usize) -> Vec<CoinRef> {
    held(holder).into_iter().take(count).collect()
}

fn mixed(denomination: Denomination, count: u32, coins: Vec<CoinRef>) -> Selection {
    let mut selection = if count == 0 { Selection::default() } else { fresh(&[(denomination, count)]) };
    selection.coins = coins.try_into().expect("few");
    selection
}

/// Makes the call; refusals are as good as successes.
fn take(step: Step) -> Result<(), DispatchError> {
    let vault = |bank: usize| Holder::Vault(VaultId::Bank(BANKS[bank].1));
    let key = |owner: usize| format!("//{}", OWNERS[owner]);
    match step {
        Step::Mint(ten, count) => {
            mint(if ten { TEN } else { HUNDRED }, count);
            Ok(())
        },
        Step::Credit(bank, amount) => {
            call("//Issuing//1", pallet_vault::Call::credit { bank: BANKS[bank].1, amount: amount.into() })
        },
        Step::Debit(bank, amount) => {
            call("//Issuing//2", pallet_vault::Call::debit { bank: BANKS[bank].1, amount: amount.into() })
        },
        Step::Draw(bank, count, singles) => {
            let coins = pick(Holder::Vault(VaultId::Issue), singles);
            call(BANKS[bank].0, pallet_vault::Call::draw { selection: mixed(TEN, count, coins) })
        },
        Step::Return(bank, count, singles) => {
            let coins = pick(vault(bank), singles);
            call(BANKS[bank].0, pallet_vault::Call::return_coins { selection: mixed(TEN, count, coins) })
        },
        Step::Register(bank, owner) => register(BANKS[bank].0, BANKS[bank].1, OWNERS[owner]),
        Step::CreditOwner(bank, who, amount) => {
            call(BANKS[bank].0, pallet_custody::Call::credit { owner: owner(OWNERS[who]), amount: amount.into() })
        },
        Step::DebitOwner(bank, who, amount) => {
            call(BANKS[bank].0, pallet_custody::Call::debit { owner: owner(OWNERS[who]), amount: amount.into() })
        },
        Step::Withdraw(bank, who, count, singles) => {
            let selection = mixed(TEN, count, pick(vault(bank), singles));
            call(&key(who), pallet_custody::Call::withdraw { bank: BANKS[bank].1, selection })
        },
        Step::Pay(from, to, count, stale) => {
            let mut coins = pick(Holder::Owner(owner(OWNERS[from])), count);
            coins.iter_mut().for_each(|coin| coin.revision += stale);
            let coins = coins.try_into().expect("few");
            call(&key(from), pallet_ownership::Call::transfer { to: owner(OWNERS[to]), coins })
        },
        Step::Deposit(bank, who, count) => {
            let coins = pick(Holder::Owner(owner(OWNERS[who])), count).try_into().expect("few");
            call(&key(who), pallet_custody::Call::deposit { bank: BANKS[bank].1, coins })
        },
        Step::Retire(count, singles) => {
            let coins = pick(Holder::Vault(VaultId::Issue), singles);
            call("//Issuing//1", pallet_issuance::Call::retire { selection: mixed(TEN, count, coins) })
        },
        Step::Suspend(who) => call("//Supervising//1", pallet_identity::Call::suspend { owner: owner(OWNERS[who]) }),
        Step::Reinstate(who) => {
            call("//Supervising//1", pallet_identity::Call::reinstate { owner: owner(OWNERS[who]) })
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_books_stay_equal(steps in prop::collection::vec(step(), 1..120)) {
        run(|| {
            // Something to move, so that most steps can succeed.
            with_money();
            for step in steps {
                let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
                match take(step.clone()) {
                    Ok(()) => {},
                    Err(_) => assert_eq!(
                        before,
                        sp_io::storage::root(sp_runtime::StateVersion::V1),
                        "refused, yet the state changed: {step:?}"
                    ),
                }
                check_everything();
            }
            records::check_movements();
        });
    }
}
