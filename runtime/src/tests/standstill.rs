//! Deadlines while payments stand still: nobody loses a right in blocks in which nobody could use it.

use super::*;
use codec::Encode;
use frame_support::BoundedVec;
use pallet_identity::Error as IdentityError;
use pallet_pickup::Error as PickupError;
use specie_primitives::{
    api::runtime_decl_for_specie_api::SpecieApi, identity::RebindProof, traits::Standstill, PickupClaim, PickupId,
    PickupReceiver,
};

/// Blocks of a stop.
pub const STOP: BlockNumber = 50;
/// Blocks for which coins wait.
const LIFE: BlockNumber = 1_000;
const FIRST: PickupId = PickupId(0);

/// Ends this block with books that are not equal, and repairs them.
fn stop() {
    pallet_custody::Flows::<Runtime>::mutate(BANK_A, |flows| flows.owner_credits += 1);
    Audit::on_finalize(System::block_number());
    pallet_custody::Flows::<Runtime>::mutate(BANK_A, |flows| flows.owner_credits -= 1);
    assert!(Audit::is_stopped());
}

/// The committee lets payments go on.
fn resume() {
    let resume = pallet_audit::Call::<Runtime>::resume { reason: BoundedVec::truncate_from(b"repaired".to_vec()) };
    assert_ok!(RuntimeCall::from(resume).dispatch(RuntimeOrigin::root()));
}

/// Payments stand still for [`STOP`] blocks.
pub fn stop_and_resume() {
    stop();
    start_block(System::block_number() + STOP);
    resume();
}

/// Ann leaves a coin for Dot, who is registered. Gives the last block.
fn leave() -> BlockNumber {
    let expires = System::block_number() + LIFE;
    let leave = pallet_pickup::Call::deposit_for {
        payee: owner("dot"),
        claim_key: pair("//the code").public(),
        coins: coins_of("ann")[..1].to_vec().try_into().expect("one"),
        expires,
    };
    assert_ok!(call("//ann", leave));
    expires
}

fn claim(pickup: PickupId) -> pallet_pickup::Call<Runtime> {
    let claim = PickupClaim::new(System::block_hash(0), pickup, PickupReceiver::Owner(owner("dot")));
    pallet_pickup::Call::claim_registered { pickup, signature: pair("//the code").sign(&claim.encode()) }
}

fn refund(pickup: PickupId) -> pallet_pickup::Call<Runtime> {
    pallet_pickup::Call::refund { pickup }
}

fn last_block(pickup: PickupId) -> Option<BlockNumber> {
    <Runtime as SpecieApi<Block>>::pickup(pickup).map(|info| info.expires)
}

#[test]
fn stops_are_counted() {
    run(|| {
        with_money();
        assert_eq!(Audit::stood_still(), 0);
        stop();
        // In this block payments ran.
        assert_eq!(Audit::stood_still(), 0);
        start_block(2);
        assert_eq!(Audit::stood_still(), 1);
        start_block(11);
        assert_eq!(Audit::stood_still(), 10);
        resume();
        assert_eq!(Audit::stood_still(), 10);
        start_block(100);
        assert_eq!(Audit::stood_still(), 10);
        stop_and_resume();
        assert_eq!(Audit::stood_still(), 10 + STOP);
    });
}

#[test]
fn boundary_the_last_block_of_coins_that_wait() {
    run(|| {
        // Given: coins that wait, and a stop.
        with_money();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        let expires = leave();
        assert_eq!(last_block(FIRST), Some(expires));
        stop();
        start_block(System::block_number() + STOP);
        assert_eq!(last_block(FIRST), Some(expires + STOP));
        resume();

        // Then: they can be collected as much longer, and are not given back before.
        for block in [expires + 1, expires + STOP] {
            start_block(block);
            refused("//ann", refund(FIRST), PickupError::<Runtime>::NotExpired);
        }
        let collected = frame_support::storage::transactional::with_transaction(|| {
            sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(call("//dot", claim(FIRST))))
        });
        assert_eq!(collected, Ok(Ok(())));
        assert_eq!(last_block(FIRST), Some(expires + STOP));
        start_block(expires + STOP + 1);
        refused("//dot", claim(FIRST), PickupError::<Runtime>::Expired);
        assert_ok!(call("//ann", refund(FIRST)));
    });
}

#[test]
fn a_stop_makes_nothing_good_again_and_no_later_coins_wait_longer() {
    run(|| {
        with_money();
        assert_ok!(register("//BankB", BANK_B, "dot"));
        let expires = leave();
        start_block(expires + 1);
        refused("//dot", claim(FIRST), PickupError::<Runtime>::Expired);
        stop_and_resume();
        refused("//dot", claim(FIRST), PickupError::<Runtime>::Expired);
        assert_ok!(call("//ann", refund(FIRST)));

        let (second, expires) = (PickupId(1), leave());
        assert_eq!(last_block(second), Some(expires));
        start_block(expires);
        refused("//ann", refund(second), PickupError::<Runtime>::NotExpired);
        start_block(expires + 1);
        refused("//dot", claim(second), PickupError::<Runtime>::Expired);
        assert_ok!(call("//ann", refund(second)));
    });
}

#[test]
fn boundary_the_waiting_time_of_another_key() {
    run(|| {
        // Given: a request for another key, and a stop.
        with_money();
        let expiry = System::block_number() + 100;
        let proof = RebindProof::new(System::block_hash(0), owner("ann"), BANK_A, account("//ann2"), expiry);
        let signature = pair("//ann2").sign(&proof.encode());
        let request =
            pallet_identity::Call::request_rebind { owner: owner("ann"), key: account("//ann2"), expiry, signature };
        assert_ok!(call("//BankA", request));
        let ready = System::block_number() + pallet_identity::RebindDelay::<Runtime>::get();
        stop_and_resume();

        // Then: whoever has the old key has as many more blocks to object.
        let complete = || pallet_identity::Call::complete_rebind { owner: owner("ann") };
        assert_eq!(Identity::recoveries().map(|info| info.ready).collect::<Vec<_>>(), [ready + STOP]);
        for block in [ready, ready + STOP - 1] {
            start_block(block);
            refused("//BankA", complete(), IdentityError::<Runtime>::TooEarly);
        }
        start_block(ready + STOP);
        assert_ok!(call("//BankA", complete()));
    });
}
