//! What headers say of orders, and proofs that outlast the chain's memory.

use super::*;
use specie_primitives::{
    accumulator::{Accumulator, Path},
    orders::{block_entry, read_digest, runtime_decl_for_orders_api::OrdersApi, ExecutionProof},
};

/// Ends this block and begins the next one, with a header of its own. Gives what was executed, and what the header said.
fn end_block() -> (BlockNumber, Vec<OrderId>, Option<Hash>) {
    let (number, before) = (System::block_number(), System::digest().logs.len());
    Orders::on_finalize(number);
    let said = System::digest().logs.into_iter().skip(before).find_map(|log| match log {
        sp_runtime::DigestItem::Other(item) => read_digest(&item),
        _ => None,
    });
    let executed = <Runtime as OrdersApi<Block>>::executed_orders();
    let ended = (number, executed.orders, said);
    start_block(number + 1);
    ended
}

#[test]
fn executed_orders_are_proven_by_headers_for_good() {
    run(|| {
        // Given: blocks with none, one, several and refused orders.
        with_money();
        let orders: Vec<_> = (0..6).map(pay_ben).collect();
        let send = |places: &[usize]| {
            verdicts("//BankA", places.iter().map(|place| signed(&orders[*place], &["//ann"])).collect())
        };
        let mut blocks = Vec::new();
        for places in [&[0][..], &[], &[1, 2, 3], &[3], &[4, 5]] {
            if !places.is_empty() {
                send(places);
            }
            blocks.push(end_block());
        }

        // Then: headers say something where orders were executed, and nothing elsewhere.
        let number: Vec<_> = blocks.iter().map(|(_, executed, root)| (executed.len(), root.is_some())).collect();
        assert_eq!(number, [(1, true), (0, false), (3, true), (0, false), (2, true)]);

        // And: whoever knows the last of those headers can be shown each order in its block.
        let with_orders: Vec<_> = blocks.iter().filter(|(_, executed, _)| !executed.is_empty()).collect();
        let entries: Vec<_> = with_orders.iter().map(|(number, executed, _)| block_entry(*number, executed)).collect();
        let root = with_orders.last().and_then(|(_, _, root)| *root).expect("the last one has it");
        assert_eq!(Accumulator::of(entries.iter().copied()).root(), root);
        for (place, (number, executed, _)) in with_orders.iter().enumerate() {
            for id in executed {
                let path = Path::of(place as u64, &entries).expect("it is there");
                let proof = ExecutionProof::new(*id, *number, executed, path).expect("it is there");
                assert_eq!(proof.root(*id), Some(root));
                assert_ne!(proof.root(OrderId([7; 32])), Some(root));
                assert_ne!(ExecutionProof { block: number + 1, ..proof }.root(*id), Some(root));
            }
        }
    });
}

#[test]
fn the_network_answers_questions_about_orders() {
    run(|| {
        with_money();
        let (order, other) = (pay_ben(0), pay_ben(1));
        let document = signed(&order, &["//ann"]);
        let ask = |document: &[u8], uri: &str| {
            let document = document.to_vec();
            // As in a call of the runtime's interface, nothing is kept.
            frame_support::storage::transactional::with_transaction(|| {
                let outcome = <Runtime as OrdersApi<Block>>::try_order(document, account(uri));
                sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(outcome.verdict))
            })
        };
        assert_eq!(ask(&document, "//ben"), Ok(Verdict::Executed));
        assert_eq!(ask(&signed(&order, &["//ben"]), "//ben"), Ok(Verdict::BadSignature));
        assert!(!is_done(&order));
        assert_eq!(verdict("//ben", document.clone()), Verdict::Executed);
        assert_eq!(ask(&document, "//ben"), Ok(Verdict::AlreadyExecuted));

        assert_ok!(call("//ann", OrdersCall::cancel { order: other.id(), valid_until: other.valid_until }));
        let info = <Runtime as OrdersApi<Block>>::order(other.id());
        assert_eq!((info.executed, info.cancelled_by, info.now), (None, vec![owner("ann")], 1));
        let cancelled = |order, names: &[&str]| {
            let owners = names.iter().map(|name| owner(name)).collect();
            <Runtime as OrdersApi<Block>>::cancelled_by(order, owners)
        };
        assert_eq!(cancelled(other.id(), &["ben", "ann"]), [owner("ann")]);
        assert!(cancelled(other.id(), &["ben"]).is_empty() && cancelled(order.id(), &["ann"]).is_empty());
        // As many as an order has parties, and no more.
        assert!(cancelled(other.id(), &["ben", "ben", "ben", "ben", "ann"]).is_empty());
        let info = <Runtime as OrdersApi<Block>>::order(order.id());
        assert_eq!(info.executed.map(|executed| executed.block), Some(1));
        assert_eq!(<Runtime as OrdersApi<Block>>::order_clock(), 1);
    });
}
