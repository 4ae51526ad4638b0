//! The events of a block as flows: the one place that reads the runtime's own events for the node's index.

use crate::{Runtime, RuntimeEvent};
use alloc::{boxed::Box, vec, vec::Vec};
use frame_system::{EventRecord, Phase};
use specie_primitives::{
    flow::{BlockFlows, Flow, FlowKind, Party},
    orders::Outcome,
    Balance, CoinId, CoinRange, Hash, Holder, OrderId, OwnerId, PickupReceiver, VaultId,
};

type Event = Box<EventRecord<RuntimeEvent, Hash>>;

/// What moved in the block whose state this is, and when.
pub fn timed() -> BlockFlows {
    BlockFlows { time_ms: pallet_timestamp::Now::<Runtime>::get(), flows: of_block() }
}

/// What moved in the block whose state this is.
pub fn of_block() -> Vec<Flow> {
    let events: Vec<Event> = frame_system::Pallet::<Runtime>::read_events_no_consensus().collect();
    let orders = orders(&events);
    events
        .into_iter()
        .zip(orders)
        .flat_map(|(record, order)| {
            let extrinsic = match record.phase {
                Phase::ApplyExtrinsic(index) => Some(index),
                _ => None,
            };
            let (ranges, others) = (ranges(&record.event), others(&record.event));
            movements(record.event).into_iter().map(move |(kind, value, from, to, coins)| Flow {
                extrinsic,
                kind,
                value,
                from,
                to,
                coins,
                ranges: ranges.clone(),
                others: others
                    .iter()
                    .copied()
                    .filter(|owner| ![from.owner(), to.owner()].contains(&Some(*owner)))
                    .collect(),
                order,
            })
        })
        .collect()
}

/// Which order deposited each of the events, if one did. Those of the orders of a call stand directly in front of the event
/// that tells what came of them, whatever the call was wrapped in.
fn orders(events: &[Event]) -> Vec<Option<OrderId>> {
    let mut orders = vec![None; events.len()];
    for (place, record) in events.iter().enumerate() {
        let RuntimeEvent::Orders(pallet_orders::Event::Submitted { outcomes, events, .. }) = &record.event else {
            continue;
        };
        let mut end = place;
        for (Outcome { order, .. }, count) in outcomes.iter().zip(events).rev() {
            let start = end.saturating_sub(usize::try_from(*count).unwrap_or(usize::MAX));
            orders.get_mut(start..end).unwrap_or_default().fill(Some(*order));
            end = start;
        }
    }
    orders
}

/// Never-issued coins that an event moved.
fn ranges(event: &RuntimeEvent) -> Vec<CoinRange> {
    use pallet_issuance::Event as Issuance;
    use pallet_vault::Event as Vault;

    match event {
        RuntimeEvent::Issuance(Issuance::Minted { batch, count, .. }) => {
            vec![CoinRange { batch: *batch, start: 0, count: *count }]
        },
        RuntimeEvent::Issuance(Issuance::Retired { ranges, .. })
        | RuntimeEvent::Vault(Vault::Drawn { ranges, .. } | Vault::Returned { ranges, .. }) => ranges.clone(),
        _ => vec![],
    }
}

/// Owners whom an event concerns, whether or not they are on a side.
fn others(event: &RuntimeEvent) -> Vec<OwnerId> {
    use pallet_custody::Event as Custody;
    use pallet_escrow::Event as Escrow;
    use pallet_pickup::Event as Pickup;

    match event {
        RuntimeEvent::Custody(
            Custody::TransferQueued { from, to, .. }
            | Custody::TransferSettled { from, to, .. }
            | Custody::TransferReturned { from, to, .. },
        ) => vec![*from, *to],
        RuntimeEvent::Escrow(
            Escrow::Held { payer, payee, .. }
            | Escrow::Paid { payer, payee, .. }
            | Escrow::Returned { payer, payee, .. },
        ) => vec![*payer, *payee],
        RuntimeEvent::Pickup(
            Pickup::Deposited { payer, payee, .. }
            | Pickup::Claimed { payer, payee, .. }
            | Pickup::Refunded { payer, payee, .. },
        ) => vec![*payer, *payee],
        _ => vec![],
    }
}

type Movement = (FlowKind, Balance, Party, Party, Vec<CoinId>);

/// An exchange is two movements; most events are one or none.
fn movements(event: RuntimeEvent) -> Vec<Movement> {
    use pallet_custody::Event as Custody;
    use pallet_escrow::Event as Escrow;
    use pallet_instruments::Event as Instruments;
    use pallet_issuance::Event as Issuance;
    use pallet_ownership::Event as Ownership;
    use pallet_pickup::Event as Pickup;
    use pallet_vault::Event as Vault;

    let issue_vault = Party::Coins(Holder::Vault(VaultId::Issue));
    let bank_vault = |bank| Party::Coins(Holder::Vault(VaultId::Bank(bank)));
    let purse = |owner| Party::Coins(Holder::Owner(owner));
    let waiting = |pickup| Party::Coins(Holder::Pickup(pickup));
    let one = match event {
        RuntimeEvent::Issuance(Issuance::Minted { value, .. }) => {
            (FlowKind::Minted, value, Party::Issuer, issue_vault, vec![])
        },
        RuntimeEvent::Issuance(Issuance::Retired { value, coins, .. }) => {
            (FlowKind::Retired, value, issue_vault, Party::Issuer, coins)
        },
        RuntimeEvent::Vault(Vault::Credited { bank, amount }) => {
            (FlowKind::Credited, amount, Party::Issuer, Party::Reserve(bank), vec![])
        },
        RuntimeEvent::Vault(Vault::Debited { bank, amount }) => {
            (FlowKind::Debited, amount, Party::Reserve(bank), Party::Issuer, vec![])
        },
        RuntimeEvent::Vault(Vault::Drawn { bank, value, coins, .. }) => {
            (FlowKind::Drawn, value, issue_vault, bank_vault(bank), coins)
        },
        RuntimeEvent::Vault(Vault::Returned { bank, value, coins, .. }) => {
            (FlowKind::Returned, value, bank_vault(bank), issue_vault, coins)
        },
        RuntimeEvent::Ownership(Ownership::Transferred { from, to, value, coins }) => {
            (FlowKind::Transferred, value, purse(from), purse(to), coins.iter().map(|coin| coin.coin).collect())
        },
        RuntimeEvent::Custody(Custody::Credited { bank, owner, amount }) => {
            (FlowKind::OwnerCredited, amount, Party::Counter(bank), Party::Custody(bank, owner), vec![])
        },
        RuntimeEvent::Custody(Custody::Debited { bank, owner, amount }) => {
            (FlowKind::OwnerDebited, amount, Party::Custody(bank, owner), Party::Counter(bank), vec![])
        },
        RuntimeEvent::Custody(Custody::Withdrawn { bank, owner, value, coins }) => {
            (FlowKind::Withdrawn, value, Party::Custody(bank, owner), purse(owner), coins)
        },
        RuntimeEvent::Custody(Custody::Deposited { bank, owner, value, coins }) => {
            (FlowKind::Deposited, value, purse(owner), Party::Custody(bank, owner), coins)
        },
        RuntimeEvent::Custody(Custody::Transferred { from_bank, from, to_bank, to, amount }) => {
            (FlowKind::Sent, amount, Party::Custody(from_bank, from), Party::Custody(to_bank, to), vec![])
        },
        RuntimeEvent::Custody(Custody::TransferQueued { transfer, from_bank, from, amount, .. }) => {
            (FlowKind::Queued, amount, Party::Custody(from_bank, from), Party::Queue(from_bank, transfer), vec![])
        },
        RuntimeEvent::Custody(Custody::TransferSettled { transfer, from_bank, to_bank, to, amount, .. }) => {
            (FlowKind::Settled, amount, Party::Queue(from_bank, transfer), Party::Custody(to_bank, to), vec![])
        },
        RuntimeEvent::Custody(Custody::TransferReturned { transfer, from_bank, from, amount, .. }) => {
            (FlowKind::GivenBack, amount, Party::Queue(from_bank, transfer), Party::Custody(from_bank, from), vec![])
        },
        RuntimeEvent::Escrow(Escrow::Held { escrow, from_bank, payer, amount, .. }) => {
            (FlowKind::Escrowed, amount, Party::Custody(from_bank, payer), Party::Escrow(from_bank, escrow), vec![])
        },
        RuntimeEvent::Escrow(Escrow::Paid { escrow, from_bank, to_bank, payee, amount, .. }) => {
            (FlowKind::EscrowPaid, amount, Party::Escrow(from_bank, escrow), Party::Custody(to_bank, payee), vec![])
        },
        RuntimeEvent::Escrow(Escrow::Returned { escrow, from_bank, payer, amount, .. }) => (
            FlowKind::EscrowReturned,
            amount,
            Party::Escrow(from_bank, escrow),
            Party::Custody(from_bank, payer),
            vec![],
        ),
        RuntimeEvent::Vault(Vault::Exchanged { bank, owner, value, given, taken }) => {
            return vec![
                (FlowKind::Exchanged, value, purse(owner), bank_vault(bank), given),
                (FlowKind::Exchanged, value, bank_vault(bank), purse(owner), taken),
            ];
        },
        RuntimeEvent::Ownership(Ownership::Recoined { owner, value, given, made }) => {
            return vec![
                (FlowKind::Recoined, value, purse(owner), Party::Issuer, given),
                (FlowKind::Recoined, value, Party::Issuer, purse(owner), made),
            ];
        },
        RuntimeEvent::Ownership(Ownership::TransferredWithChange { from, to, value, coins }) => {
            (FlowKind::Transferred, value, purse(from), purse(to), coins)
        },
        RuntimeEvent::Pickup(Pickup::Deposited { pickup, payer, value, coins, .. }) => {
            (FlowKind::Left, value, purse(payer), waiting(pickup), coins)
        },
        RuntimeEvent::Pickup(Pickup::Claimed { pickup, receiver, value, coins, .. }) => {
            let to = match receiver {
                PickupReceiver::Owner(owner) => purse(owner),
                PickupReceiver::Custody { bank, owner } => Party::Custody(bank, owner),
                PickupReceiver::Counter { bank, .. } => Party::Counter(bank),
            };
            (FlowKind::PickedUp, value, waiting(pickup), to, coins)
        },
        RuntimeEvent::Pickup(Pickup::Refunded { pickup, payer, value, coins, .. }) => {
            (FlowKind::Refunded, value, waiting(pickup), purse(payer), coins)
        },
        RuntimeEvent::Instruments(Instruments::Issued { instrument, institution, to, amount }) => {
            let promise = Party::Promise(instrument, institution);
            (FlowKind::Issued, amount, promise, Party::Units(instrument, to), vec![])
        },
        RuntimeEvent::Instruments(Instruments::Transferred { instrument, from, to, amount }) => {
            (FlowKind::UnitsMoved, amount, Party::Units(instrument, from), Party::Units(instrument, to), vec![])
        },
        RuntimeEvent::Instruments(Instruments::Redeemed { instrument, institution, owner, amount }) => {
            let promise = Party::Promise(instrument, institution);
            (FlowKind::Redeemed, amount, Party::Units(instrument, owner), promise, vec![])
        },
        _ => return vec![],
    };
    vec![one]
}
