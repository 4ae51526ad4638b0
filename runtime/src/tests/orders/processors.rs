//! Who submits how many, and orders that bear a processor's number.

use super::*;
use crate::signers::Signers;
use pallet_admission::ClassifySigner;
use specie_primitives::codes::Refusal;

const ADMITTING: &str = "//Admitting//1";

fn admit(name: &str) -> OrdersCall<Runtime> {
    OrdersCall::admit_processor { owner: owner(name) }
}

fn numbered(place: usize, processor: Processor, until: BlockNumber) -> Vec<u8> {
    let processing = Some(Processing { processor, number: 4_711, until });
    signed(&Order { processing, ..pay_ben(place) }, &["//ann"])
}

/// Whether the network takes this call of this signer into a block.
fn is_admitted(uri: &str, call: OrdersCall<Runtime>) -> Result<(), Refusal> {
    let who = account(uri);
    let standing = Signers::classify(&who)?;
    Signers::allowed(&who, &standing, &call.into())
}

#[test]
fn several_come_from_banks_and_processors_only() {
    run(|| {
        with_money();
        assert_ok!(register("//BankB", BANK_B, "cid"));
        let batch = |places: &[usize]| -> Vec<Vec<u8>> {
            places.iter().map(|place| signed(&pay_ben(*place), &["//ann"])).collect()
        };
        for uri in ["//cid", "//ann", "//Issuing//1", "//Supervising//1"] {
            refused(uri, submission(batch(&[0, 1])), OrdersError::<Runtime>::NotProcessor);
        }
        refused("//BankA", submission(vec![]), OrdersError::<Runtime>::NoOrders);
        assert_eq!(is_admitted("//cid", submission(batch(&[0, 1]))), Err(Refusal::CallNotAllowed));
        assert_eq!(is_admitted("//cid", submission(vec![])), Err(Refusal::CallNotAllowed));
        assert_eq!(is_admitted("//cid", submission(batch(&[0]))), Ok(()));
        assert_eq!(is_admitted("//cid", admit("cid")), Err(Refusal::CallNotAllowed));
        assert_eq!(is_admitted("//BankB", submission(batch(&[0, 1]))), Ok(()));

        assert_ok!(call(ADMITTING, admit("cid")));
        assert_eq!(is_admitted("//cid", submission(batch(&[0, 1]))), Ok(()));
        assert_eq!(verdicts("//cid", batch(&[0, 1])), [Verdict::Executed; 2]);
        assert_ok!(call(ADMITTING, OrdersCall::dismiss_processor { owner: owner("cid") }));
        refused("//cid", submission(batch(&[0, 1])), OrdersError::<Runtime>::NotProcessor);
        // A suspended bank is none.
        assert_ok!(call("//Supervising//1", pallet_participants::Call::suspend_bank { bank: BANK_B }));
        refused("//BankB", submission(batch(&[0, 1])), OrdersError::<Runtime>::NotProcessor);
    });
}

#[test]
fn only_the_admitting_role_admits_processors() {
    run(|| {
        with_money();
        for uri in ["//BankA", "//ann", "//Issuing//1", "//Supervising//1"] {
            refused(uri, admit("ben"), DispatchError::BadOrigin);
            refused(uri, OrdersCall::dismiss_processor { owner: owner("ben") }, DispatchError::BadOrigin);
        }
        refused(ADMITTING, admit("dot"), pallet_identity::Error::<Runtime>::UnknownOwner);
        let dismiss = OrdersCall::dismiss_processor { owner: owner("ben") };
        refused(ADMITTING, dismiss, OrdersError::<Runtime>::NotProcessor);
        assert_ok!(call(ADMITTING, admit("ben")));
        refused(ADMITTING, admit("ben"), OrdersError::<Runtime>::AlreadyProcessor);
    });
}

#[test]
fn nobody_inherits_a_processor() {
    run(|| {
        with_money();
        assert_ok!(register("//BankB", BANK_B, "cid"));
        assert_ok!(call(ADMITTING, admit("cid")));
        // An id that is free again is somebody else's next.
        let close = || pallet_identity::Call::close { owner: owner("cid") };
        refused("//BankB", close(), OrdersError::<Runtime>::StillProcessor);
        assert_ok!(call(ADMITTING, OrdersCall::dismiss_processor { owner: owner("cid") }));
        assert_ok!(call("//BankB", close()));
        refused(ADMITTING, admit("cid"), pallet_identity::Error::<Runtime>::OwnerClosed);
    });
}

#[test]
fn boundary_a_number_is_one_processors_until_it_expires() {
    run(|| {
        with_money();
        let until = Orders::clock() + 10;
        let (first, second) =
            (numbered(0, Processor::Bank(BANK_A), until), numbered(1, Processor::Bank(BANK_A), until));
        for uri in ["//BankB", "//ann", "//ben", "//Issuing//1"] {
            is_refused(uri, first.clone(), Verdict::OtherProcessor);
        }
        assert_eq!(verdict("//BankA", first), Verdict::Executed);
        start_block(until);
        is_refused("//BankB", second.clone(), Verdict::OtherProcessor);
        start_block(until + 1);
        // The bank sat on its number.
        assert_eq!(verdict("//ben", second.clone()), Verdict::Executed);
        is_refused("//BankA", second, Verdict::AlreadyExecuted);
    });
}

#[test]
fn a_number_of_an_owner_counts_while_it_is_a_processor() {
    run(|| {
        with_money();
        assert_ok!(register("//BankB", BANK_B, "cid"));
        let until = Orders::clock() + 10;
        let document = numbered(0, Processor::Owner(owner("cid")), until);
        is_refused("//cid", document.clone(), Verdict::OtherProcessor);
        assert_ok!(call(ADMITTING, admit("cid")));
        is_refused("//ann", document.clone(), Verdict::OtherProcessor);
        assert_eq!(verdict("//cid", document), Verdict::Executed);
    });
}

#[test]
fn a_processor_takes_no_orders_from_another() {
    run(|| {
        with_money();
        let until = Orders::clock() + WINDOW;
        let order = Order {
            processing: Some(Processing { processor: Processor::Bank(BANK_A), number: 1, until }),
            ..pay_ben(0)
        };
        // Bank B writes its own name in, with Ann's signature on the other one.
        let taken = Order {
            processing: Some(Processing { processor: Processor::Bank(BANK_B), number: 1, until }),
            ..order.clone()
        };
        let signature = sign("//ann", &order.encode());
        is_refused("//BankB", with_signatures(&taken, vec![signature]), Verdict::BadSignature);
        let without = Order { processing: None, ..order.clone() };
        is_refused("//BankB", with_signatures(&without, vec![signature]), Verdict::BadSignature);
        assert_eq!(verdict("//BankA", with_signatures(&order, vec![signature])), Verdict::Executed);
    });
}
