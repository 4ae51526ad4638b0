//! Signed transactions as they arrive: through the extensions, with codes for every refusal.

use super::*;
use codec::Encode;
use pallet_admission::{Admit, CheckNonce};
use sp_runtime::{
    generic::Era,
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
    MultiAddress, MultiSignature,
};
use specie_primitives::codes::Refusal;

/// A transaction of this key with this nonce.
pub fn signed(uri: &str, nonce: Nonce, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
    signed_for(uri, nonce, call, System::block_hash(0))
}

fn signed_for(uri: &str, nonce: Nonce, call: impl Into<RuntimeCall>, genesis: Hash) -> UncheckedExtrinsic {
    signed_by(account(uri), |bytes| MultiSignature::Sr25519(pair(uri).sign(bytes)), nonce, call, genesis)
}

/// A transaction that this account signs, whatever kind of key it has.
pub fn signed_by(
    who: AccountId,
    sign: impl FnOnce(&[u8]) -> MultiSignature,
    nonce: Nonce,
    call: impl Into<RuntimeCall>,
    genesis: Hash,
) -> UncheckedExtrinsic {
    let call = call.into();
    let extension: TxExtension = (
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckEra::from(Era::Immortal),
        Admit::new(),
        CheckNonce::from(nonce),
        frame_system::CheckWeight::new(),
        frame_system::WeightReclaim::new(),
    );
    let implicit = ((), VERSION.spec_version, VERSION.transaction_version, genesis, genesis, (), (), (), ());
    let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
    let signature = payload.using_encoded(sign);
    UncheckedExtrinsic::new_signed(call, MultiAddress::Id(who), signature, extension)
}

pub fn validate(transaction: UncheckedExtrinsic) -> Result<(), TransactionValidityError> {
    Executive::validate_transaction(TransactionSource::External, transaction, System::parent_hash()).map(|_| ())
}

pub fn refused_with(transaction: UncheckedExtrinsic, refusal: Refusal) {
    assert_eq!(validate(transaction), Err(InvalidTransaction::Custom(refusal as u8).into()), "{refusal:?}");
}

fn remark() -> frame_system::Call<Runtime> {
    frame_system::Call::remark { remark: vec![1, 2, 3] }
}

#[test]
fn those_who_are_known_may_send() {
    run(|| {
        with_money();
        for uri in ["//Issuing//1", "//Supervising//1", "//Committee//3", "//BankC", "//Validator//2", "//ann"] {
            assert_eq!(validate(signed(uri, System::account_nonce(account(uri)), remark())), Ok(()), "{uri}");
        }
    });
}

#[test]
fn a_payment_is_applied_and_costs_nothing() {
    run(|| {
        with_money();
        let transaction = signed("//ann", 0, pay(coins_of("ann")));
        assert_ok!(Executive::apply_extrinsic(transaction.clone()).expect("valid"));
        assert_eq!(coins_of("ben").len(), 20);
        assert_eq!(System::account_nonce(account("//ann")), 1);
        // Replayed.
        assert_eq!(Executive::apply_extrinsic(transaction), Err(InvalidTransaction::Stale.into()));
    });
}

#[test]
fn boundary_calls_around_calls() {
    run(|| {
        let next = || System::account_nonce(account("//BankA"));
        let around = |call: RuntimeCall| -> RuntimeCall {
            pallet_utility::Call::<Runtime>::batch_all { calls: vec![remark().into(), call] }.into()
        };
        let batches = |times: usize| (0..times).fold(RuntimeCall::from(remark()), |call, _| around(call));
        assert_eq!(validate(signed("//BankA", next(), batches(8))), Ok(()));
        refused_with(signed("//BankA", next(), batches(9)), Refusal::CallNotAllowed);
        // Whatever is around them counts.
        let real = MultiAddress::Id(account("//BankB"));
        let by_proxy = |call: RuntimeCall| pallet_proxy::Call::<Runtime>::proxy {
            real: real.clone(),
            force_proxy_type: None,
            call: Box::new(call),
        };
        assert_eq!(validate(signed("//BankA", next(), by_proxy(batches(7)))), Ok(()));
        refused_with(signed("//BankA", next(), by_proxy(batches(8))), Refusal::CallNotAllowed);
        let by_two = pallet_multisig::Call::<Runtime>::as_multi_threshold_1 {
            other_signatories: vec![account("//BankB")],
            call: Box::new(batches(8)),
        };
        refused_with(signed("//BankA", next(), by_two), Refusal::CallNotAllowed);
    });
}

#[test]
fn refusals_have_their_codes() {
    run(|| {
        with_money();
        refused_with(signed("//nobody", 0, remark()), Refusal::UnknownSigner);
        refused_with(
            signed("//ann", 0, pallet_vault::Call::credit { bank: BANK_A, amount: 1 }),
            Refusal::CallNotAllowed,
        );
        refused_with(signed("//Validator//1", 0, pay(coins_of("ann"))), Refusal::CallNotAllowed);
        let off = pallet_supervision::Call::set_thresholds { thresholds: None };
        refused_with(signed("//ann", 0, off), Refusal::CallNotAllowed);
        let policy = specie_primitives::ChangePolicy::Anyone;
        refused_with(signed("//ann", 0, pallet_vault::Call::set_change { policy }), Refusal::CallNotAllowed);
        let pickup = specie_primitives::PickupId(0);
        let receiver = specie_primitives::PickupReceiver::Counter { bank: BANK_A, receipt: 1 };
        let signature = sr25519::Signature::from_raw([0; 64]);
        let at_bank = pallet_pickup::Call::claim_at_bank { pickup, receiver, signature };
        refused_with(signed("//ann", 0, at_bank), Refusal::CallNotAllowed);
        let own: [RuntimeCall; 2] = [
            pallet_pickup::Call::claim_registered { pickup, signature }.into(),
            pallet_pickup::Call::refund { pickup }.into(),
        ];
        for own in own {
            assert_eq!(validate(signed("//ann", 0, own)), Ok(()));
        }
        let long = frame_system::Call::remark { remark: vec![0; 10_000] };
        refused_with(signed("//ann", 0, long), Refusal::CallNotAllowed);
        let batch = pallet_utility::Call::batch { calls: vec![pay(coins_of("ann")).into()] };
        refused_with(signed("//ann", 0, batch), Refusal::CallNotAllowed);

        assert_ok!(call("//BankA", pallet_identity::Call::suspend { owner: owner("ann") }));
        refused_with(signed("//ann", 0, pay(coins_of("ann"))), Refusal::OwnerSuspended);
        assert_ok!(call("//BankA", pallet_identity::Call::reinstate { owner: owner("ann") }));

        assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_B }));
        refused_with(signed("//BankB", 0, remark()), Refusal::BankSuspended);

        pallet_vault::Flows::<Runtime>::mutate(BANK_A, |flows| flows.credited += 1);
        Audit::on_finalize(1);
        refused_with(signed("//ann", 0, pay(coins_of("ann"))), Refusal::PaymentsStopped);
        assert_eq!(validate(signed("//ann", 0, remark())), Ok(()));
        pallet_vault::Flows::<Runtime>::mutate(BANK_A, |flows| flows.credited -= 1);
        pallet_audit::Breach::<Runtime>::kill();
    });
}

/// Most of them weigh much before they fail: they must not take a place in a block.
#[test]
fn roots_calls_do_not_enter_the_pool() {
    run(|| {
        with_money();
        let calls: [RuntimeCall; 7] = [
            frame_system::Call::kill_prefix { prefix: vec![0], subkeys: 16 }.into(),
            frame_system::Call::set_code { code: vec![0] }.into(),
            frame_system::Call::set_storage { items: vec![] }.into(),
            frame_system::Call::authorize_upgrade { code_hash: Hash::zero() }.into(),
            pallet_balances::Call::force_set_balance { who: MultiAddress::Id(account("//BankA")), new_free: 1 }.into(),
            pallet_session::Call::purge_keys {}.into(),
            pallet_proxy::Call::create_pure { proxy_type: crate::configs::InstitutionProxy::Any, delay: 0, index: 0 }
                .into(),
        ];
        for refused in calls {
            for uri in ["//BankA", "//Issuing//1", "//Committee//1"] {
                let nonce = System::account_nonce(account(uri));
                refused_with(signed(uri, nonce, refused.clone()), Refusal::CallNotAllowed);
                super::refused(uri, refused.clone(), frame_system::Error::<Runtime>::CallFiltered);
            }
            let batch = pallet_utility::Call::force_batch { calls: vec![refused] };
            System::reset_events();
            assert_ok!(call("//BankA", batch));
            assert!(System::events().iter().any(|record| {
                matches!(&record.event, RuntimeEvent::Utility(pallet_utility::Event::ItemFailed { error })
                    if *error == frame_system::Error::<Runtime>::CallFiltered.into())
            }));
        }
    });
}

/// So that a bank which fills the blocks can be suspended.
#[test]
fn the_issuers_transactions_go_first() {
    run(|| {
        with_money();
        let priority = |uri: &str| {
            let transaction = signed(uri, System::account_nonce(account(uri)), remark());
            Executive::validate_transaction(TransactionSource::External, transaction, System::parent_hash())
                .expect("valid")
                .priority
        };
        for issuer in ["//Supervising//1", "//Admitting//1", "//Committee//2"] {
            assert!(priority(issuer) > priority("//BankA"));
        }
        assert_eq!(priority("//ann"), priority("//BankA"));
    });
}

#[test]
fn a_transaction_of_another_network_is_refused() {
    run(|| {
        with_money();
        let other = signed_for("//ann", 0, pay(coins_of("ann")), Hash::repeat_byte(9));
        assert_eq!(validate(other), Err(InvalidTransaction::BadProof.into()));
    });
}

#[test]
fn an_owner_cannot_exceed_its_quota_and_others_are_not_held_up() {
    run(|| {
        with_money();
        let quota = pallet_admission::Quota::<Runtime>::get();
        assert!(quota > 0);
        for nonce in 0..quota {
            assert_ok!(Executive::apply_extrinsic(signed("//ann", nonce, remark())).expect("within the quota"));
        }
        refused_with(signed("//ann", quota, remark()), Refusal::QuotaUsed);
        assert_eq!(
            Executive::apply_extrinsic(signed("//ann", quota, remark())),
            Err(InvalidTransaction::Custom(Refusal::QuotaUsed as u8).into())
        );
        // Not even ahead of time, in the pool.
        refused_with(signed("//ben", quota, remark()), Refusal::QuotaUsed);
        assert_eq!(validate(signed("//ben", 0, remark())), Ok(()));
        assert_eq!(validate(signed("//BankA", System::account_nonce(account("//BankA")), remark())), Ok(()));
        // The next window opens.
        let window = pallet_admission::Window::<Runtime>::get();
        start_block(1 + window);
        assert_ok!(Executive::apply_extrinsic(signed("//ann", quota, remark())).expect("a new window"));
    });
}

#[test]
fn the_flows_of_a_block_name_every_movement() {
    run(|| {
        with_money();
        start_block(2);
        let coins = coins_of("ann");
        assert_ok!(Executive::apply_extrinsic(signed("//ann", 0, pay(coins.clone()))).expect("valid"));
        let flows = crate::flows::of_block();
        assert_eq!(flows.len(), 1);
        assert_eq!(flows[0].value, 110_000);
        assert_eq!(flows[0].coins, coins.iter().map(|coin| coin.coin).collect::<Vec<_>>());
        assert_eq!(flows[0].from.owner(), Some(owner("ann")));
        assert_eq!(flows[0].to.owner(), Some(owner("ben")));
    });
}

#[test]
fn the_largest_payment_fits_into_a_block() {
    use frame_support::dispatch::GetDispatchInfo;
    let coins = vec![CoinRef { coin: coin(0, 0), revision: 0 }; 512];
    let weight = RuntimeCall::from(pay(coins)).get_dispatch_info().total_weight();
    assert!(weight.ref_time() < crate::configs::BLOCK_WEIGHT.ref_time() / 5, "{weight:?}");
}

#[test]
fn an_entry_of_the_register_fits_into_32_bytes() {
    use codec::MaxEncodedLen;
    assert!(pallet_ownership::CoinEntry::max_encoded_len() <= 32);
}

#[test]
fn a_new_key_brings_no_new_quota() {
    run(|| {
        with_money();
        let quota = pallet_admission::Quota::<Runtime>::get();
        for nonce in 0..quota - 2 {
            assert_ok!(Executive::apply_extrinsic(signed("//ann", nonce, remark())).expect("within the quota"));
        }
        let rotation = signed("//ann", quota - 2, rotation("ann", "//ann2"));
        assert_ok!(Executive::apply_extrinsic(rotation).expect("within the quota"));
        refused_with(signed("//ann", quota - 1, remark()), Refusal::RetiredKey);
        assert_ok!(Executive::apply_extrinsic(signed("//ann2", 0, remark())).expect("the last of the quota"));
        refused_with(signed("//ann2", 1, remark()), Refusal::QuotaUsed);
        start_block(1 + pallet_admission::Window::<Runtime>::get());
        assert_ok!(Executive::apply_extrinsic(signed("//ann2", 1, remark())).expect("a new window"));
    });
}

#[test]
fn nobody_sends_for_a_suspended_bank_or_with_a_replaced_account() {
    run(|| {
        let new_delegate = pallet_participants::Call::add_delegate { delegate: account("//ClerkB") };
        assert_ok!(call("//BankB", new_delegate));
        for uri in ["//ClerkB", "//Validator//2"] {
            assert_eq!(validate(signed(uri, 0, remark())), Ok(()));
        }
        assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_B }));
        for uri in ["//BankB", "//ClerkB", "//Validator//2"] {
            refused_with(signed(uri, 0, remark()), Refusal::BankSuspended);
        }
        assert_eq!(validate(signed("//Validator//1", 0, remark())), Ok(()));

        let replace = pallet_participants::Call::replace_account { bank: BANK_B, new: account("//BankB2") };
        assert_ok!(super::governance::enact(replace));
        refused_with(signed("//BankB", 0, remark()), Refusal::RetiredKey);
        refused_with(signed("//BankB2", 0, remark()), Refusal::BankSuspended);
        assert_ok!(call("//Supervising//1", pallet_participants::Call::reinstate_bank { bank: BANK_B }));
        refused_with(signed("//BankB", 0, remark()), Refusal::RetiredKey);
        for uri in ["//BankB2", "//ClerkB", "//Validator//2"] {
            assert_eq!(validate(signed(uri, 0, remark())), Ok(()));
        }
    });
}
