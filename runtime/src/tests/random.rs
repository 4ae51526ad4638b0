//! Random calls by random signers in random order: whatever happens, the books stay equal and every scan passes.

use super::*;
use codec::Encode;
use proptest::prelude::*;
use specie_primitives::{
    traits::{EscrowOrders, Owners},
    AtExpiry, ChangeFrom, EscrowTerms, OrderId, PickupClaim, PickupId, PickupReceiver, QueuePolicy, TransferId,
};

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
    /// Coins given, tens taken, single coins taken.
    Exchange(usize, usize, usize, u32, u32),
    /// Tens for the payee and tens that come back, for the payer's last coin.
    PayWithChange(usize, usize, usize, u32, u32),
    Leave(usize, usize, usize),
    Collect(usize, u64, bool),
    CollectAtBank(usize, usize, u64, bool),
    Refund(u64),
    /// Banks, payer and payee, amount.
    Send(usize, usize, usize, usize, u64),
    LetWait(usize, bool),
    CancelTransfer(usize, usize, u64),
    Settle,
    /// Banks, payer and payee, amount, and whether the payee is paid at the end.
    SetAside(usize, usize, usize, usize, u64, bool),
    /// Which escrow, in which way, who, and how much of it.
    EndEscrow(usize, usize, usize, u64),
    LookAtEscrows,
    Pass(u32),
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
        owner.clone().prop_map(Step::Reinstate),
        (bank.clone(), owner.clone(), 0usize..4, 0u32..12, 0u32..2)
            .prop_map(|(bank, owner, count, tens, singles)| Step::Exchange(bank, owner, count, tens, singles)),
        (bank.clone(), owner.clone(), owner.clone(), 0u32..11, 0u32..11)
            .prop_map(|(bank, from, to, pay, back)| Step::PayWithChange(bank, from, to, pay, back)),
        (owner.clone(), owner.clone(), 0usize..4).prop_map(|(from, to, count)| Step::Leave(from, to, count)),
        (owner.clone(), 0u64..4, any::<bool>()).prop_map(|(owner, pickup, code)| Step::Collect(owner, pickup, code)),
        (bank.clone(), owner.clone(), 0u64..4, any::<bool>())
            .prop_map(|(bank, owner, pickup, code)| Step::CollectAtBank(bank, owner, pickup, code)),
        (bank.clone(), bank.clone(), owner.clone(), owner.clone(), 0u64..200_000)
            .prop_map(|(from_bank, to_bank, from, to, amount)| Step::Send(from_bank, to_bank, from, to, amount)),
        (bank.clone(), any::<bool>()).prop_map(|(bank, in_order)| Step::LetWait(bank, in_order)),
        Just(Step::Settle),
        (bank.clone(), bank.clone(), owner.clone(), owner.clone(), 0u64..100_000, any::<bool>()).prop_map(
            |(from_bank, to_bank, from, to, amount, pays)| {
                Step::SetAside(from_bank, to_bank, from, to, amount, pays)
            }
        ),
        (0usize..4, 0usize..5, owner.clone(), 0u64..60_000)
            .prop_map(|(which, way, who, amount)| Step::EndEscrow(which, way, who, amount)),
        Just(Step::LookAtEscrows),
        (bank, owner, 0u64..8).prop_map(|(bank, owner, transfer)| Step::CancelTransfer(bank, owner, transfer)),
        (0u64..4).prop_map(Step::Refund),
        (1u32..80).prop_map(Step::Pass),
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
        Step::Exchange(bank, who, count, tens, singles) => {
            let give = pick(Holder::Owner(owner(OWNERS[who])), count).try_into().expect("few");
            let take = mixed(TEN, tens, pick(vault(bank), singles as usize));
            let at = ChangeFrom::Vault(BANKS[bank].1);
            call(&key(who), pallet_ownership::Call::exchange { at, give, take })
        },
        Step::PayWithChange(bank, from, to, pay, back) => {
            let mut coins = held(Holder::Owner(owner(OWNERS[from])));
            // The last one is of the later batch, a hundred in most cases.
            let give = coins.pop().into_iter().collect::<Vec<_>>().try_into().expect("one");
            let part = |count| mixed(TEN, count, vec![]);
            let pays = pallet_ownership::Call::transfer_with_change {
                to: owner(OWNERS[to]),
                coins: coins.into_iter().take(1).collect::<Vec<_>>().try_into().expect("one"),
                at: ChangeFrom::Vault(BANKS[bank].1),
                give,
                pay: part(pay),
                change: part(back),
            };
            call(&key(from), pays)
        },
        Step::Leave(from, to, count) => {
            let leave = pallet_pickup::Call::deposit_for {
                payee: owner(OWNERS[to]),
                claim_key: pair("//the code").public(),
                coins: pick(Holder::Owner(owner(OWNERS[from])), count).try_into().expect("few"),
                expires: System::block_number() + 60,
            };
            call(&key(from), leave)
        },
        Step::Collect(who, pickup, code) => {
            let signature = claim(pickup, PickupReceiver::Owner(owner(OWNERS[who])), code);
            let pickup = PickupId(pickup);
            call(&key(who), pallet_pickup::Call::claim_registered { pickup, signature })
        },
        Step::CollectAtBank(bank, who, pickup, code) => {
            let at = BANKS[bank].1;
            let receiver = match who {
                0 => PickupReceiver::Counter { bank: at, receipt: 1 },
                who => PickupReceiver::Custody { bank: at, owner: owner(OWNERS[who]) },
            };
            let signature = claim(pickup, receiver, code);
            let pickup = PickupId(pickup);
            call(BANKS[bank].0, pallet_pickup::Call::claim_at_bank { pickup, receiver, signature })
        },
        Step::Send(from_bank, to_bank, from, to, amount) => {
            let transfer = pallet_custody::Call::transfer {
                from_bank: BANKS[from_bank].1,
                to_bank: BANKS[to_bank].1,
                to: owner(OWNERS[to]),
                amount: amount.into(),
                expires: Some(System::block_number() + 60),
            };
            call(&key(from), transfer)
        },
        Step::LetWait(bank, in_order) => {
            let policy = if in_order { QueuePolicy::InOrder } else { QueuePolicy::Overtake };
            call(BANKS[bank].0, pallet_custody::Call::set_queue { policy })
        },
        Step::CancelTransfer(bank, who, transfer) => {
            let transfer = TransferId(transfer);
            call(&key(who), pallet_custody::Call::cancel_transfer { bank: BANKS[bank].1, transfer })
        },
        Step::Settle => call("//BankC", pallet_custody::Call::settle {}),
        Step::SetAside(from_bank, to_bank, from, to, amount, pays) => {
            let (payer, payee) = (owner(OWNERS[from]), owner(OWNERS[to]));
            // As an order that both sign is judged.
            if ![payer, payee].into_iter().all(<Identity as Owners>::is_active) {
                return Err(DispatchError::BadOrigin);
            }
            let terms = EscrowTerms {
                from_bank: BANKS[from_bank].1,
                to_bank: BANKS[to_bank].1,
                amount: amount.into(),
                expires: Orders::clock() + 40,
                at_expiry: if pays { AtExpiry::Pay } else { AtExpiry::Return },
                reference: None,
            };
            let name = OrderId::of(&(System::block_number(), payer, payee, amount).encode());
            <Escrow as EscrowOrders>::hold(name, payer, payee, &terms)
        },
        Step::EndEscrow(which, way, who, amount) => {
            let mut open: Vec<_> = pallet_escrow::Escrows::<Runtime>::iter().collect();
            open.sort_by_key(|(escrow, _)| *escrow);
            let Some((escrow, record)) = open.get(which).cloned() else { return Ok(()) };
            let amount = Balance::from(amount);
            match way {
                0 => call(&key(who), pallet_escrow::Call::release { escrow, amount }),
                1 => <Escrow as EscrowOrders>::give_back(record.payer, record.payee, escrow, amount),
                2 => call(&key(who), pallet_escrow::Call::dispute { escrow }),
                3 => {
                    let decide = pallet_escrow::Call::decide {
                        escrow,
                        to_payee: amount,
                        reason: specie_primitives::Reason::Fraud,
                    };
                    call("//Supervising//1", decide)
                },
                _ => call("//BankC", pallet_escrow::Call::conclude { escrow }),
            }
        },
        Step::LookAtEscrows => {
            Escrow::on_idle(System::block_number(), frame_support::weights::Weight::MAX);
            Ok(())
        },
        Step::Refund(pickup) => call("//BankC", pallet_pickup::Call::refund { pickup: PickupId(pickup) }),
        Step::Pass(blocks) => {
            start_block(System::block_number() + blocks);
            Ok(())
        },
    }
}

/// A claim key's signature, or another key's.
fn claim(pickup: u64, receiver: PickupReceiver, code: bool) -> sr25519::Signature {
    let signer = if code { "//the code" } else { "//another" };
    pair(signer).sign(&PickupClaim::new(System::block_hash(0), PickupId(pickup), receiver).encode())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_books_stay_equal(steps in prop::collection::vec(step(), 1..120)) {
        run(|| {
            // Something to move, so that most steps can succeed.
            with_money();
            let mut moved = Vec::new();
            for step in steps {
                if let Step::Pass(_) = step {
                    // The next block forgets the events of this one.
                    moved.extend(crate::flows::of_block());
                }
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
            moved.extend(crate::flows::of_block());
            records::check_movements(&moved);
        });
    }
}
