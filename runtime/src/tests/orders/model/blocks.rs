//! What happens around orders: calls, stops, blocks that go by, and what they do by themselves.

use super::{Held, World, ADMITTING, JOINT, NAMES, SUBMITTERS};
use crate::tests::{escrow, orders::*};
use frame_support::ensure;
use pallet_escrow::Event as EscrowEvent;
use specie_primitives::AtExpiry;

/// What becomes of an escrow that is due.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Pays,
    Returns,
    Waits,
}

impl World {
    /// An owner takes its consent back: what must come of it.
    pub fn cancel(&mut self, who: usize, order: OrderId, valid_until: BlockNumber) -> Result<(), DispatchError> {
        let most = self.clock + <Runtime as pallet_orders::Config>::MaxAhead::get();
        ensure!(valid_until >= self.clock, OrdersError::<Runtime>::OrderExpired);
        ensure!(valid_until <= most, OrdersError::<Runtime>::OrderTooFar);
        ensure!(!self.executed.contains(&order), OrdersError::<Runtime>::OrderExecuted);
        self.cancelled.insert((order, who));
        Ok(())
    }

    /// The same by a call of its own, on the chain too.
    pub fn call_cancel(&mut self, who: usize, order: &Order) {
        assert_ne!(who, JOINT, "nobody calls for the joint account");
        let (id, valid_until) = (order.id(), order.valid_until);
        let expected = match self.is_stopped[who] {
            true => Err(DispatchError::BadOrigin),
            false => self.cancel(who, id, valid_until),
        };
        let cancel = OrdersCall::cancel { order: id, valid_until };
        match expected {
            Ok(()) => {
                assert_ok!(call(SUBMITTERS[who], cancel));
            },
            Err(error) => refused(SUBMITTERS[who], cancel, error),
        }
    }

    /// The supervisor suspends an owner, or lets it go on.
    pub fn stop(&mut self, who: usize, is_stopped: bool) {
        if self.is_stopped[who] == is_stopped {
            return;
        }
        let owner = owner(NAMES[who]);
        let done = match is_stopped {
            true => call("//Supervising//1", pallet_identity::Call::suspend { owner }),
            false => call("//Supervising//1", pallet_identity::Call::reinstate { owner }),
        };
        assert_ok!(done);
        self.is_stopped[who] = is_stopped;
    }

    /// The issuer admits the fourth owner as a processor, or dismisses it.
    pub fn admit(&mut self, is_processor: bool) {
        if self.is_processor == is_processor {
            return;
        }
        let owner = owner(NAMES[3]);
        let done = match is_processor {
            true => call(ADMITTING, OrdersCall::admit_processor { owner }),
            false => call(ADMITTING, OrdersCall::dismiss_processor { owner }),
        };
        assert_ok!(done);
        self.is_processor = is_processor;
    }

    /// Blocks go by, and so many steps of forgetting. Escrows that are due come to their end, and payments that waited too
    /// long are forgotten.
    pub fn pass(&mut self, blocks: BlockNumber, steps: u64) {
        start_block(System::block_number() + blocks);
        self.clock += blocks;
        Orders::do_forget(steps);
        Codes::do_forget(u64::MAX);
        let now = self.clock;
        self.waiting.retain(|_, payment| payment.until >= now);
        escrow::idle();
        self.look();
    }

    /// What must become of an escrow that is due. Nobody is patient for as long as a test takes.
    fn end(&self, held: &Held) -> End {
        let covers = held.from_bank == held.to_bank || self.reserves[held.from_bank] >= held.rest;
        match held.at_expiry {
            AtExpiry::Return => End::Returns,
            AtExpiry::Pay if self.is_stopped[held.payer] || !covers => End::Waits,
            AtExpiry::Pay => End::Pays,
        }
    }

    /// Takes over what a block did by itself, one after the other, and asserts that it was right.
    fn look(&mut self) {
        for event in escrow::told() {
            let (id, done) = match event {
                EscrowEvent::Paid { escrow, .. } => (escrow, End::Pays),
                EscrowEvent::Returned { escrow, .. } => (escrow, End::Returns),
                EscrowEvent::Postponed { escrow, .. } => (escrow, End::Waits),
                other => panic!("a block did {other:?}"),
            };
            let held = self.escrows.get(&id).cloned().expect("it is open");
            assert!(held.look < self.clock, "{held:?} came about too early");
            assert_eq!(self.end(&held), done, "{held:?}");
            match done {
                End::Pays => {
                    assert_eq!(self.pay_out_of(id, held.rest), Ok(()));
                },
                End::Returns => self.give_back(id, held.rest),
                End::Waits => {
                    let look = self.clock + escrow::PAUSE;
                    self.escrows.insert(id, Held { look, ..held });
                },
            }
        }
        let late = self.escrows.values().find(|held| held.look < self.clock);
        assert!(late.is_none(), "a block passed over {late:?}");
    }
}
