//! What must come of an order, by the rules of `docs/protocol/orders.md`.

use super::{Asked, Document, World, JOINT};
use crate::tests::orders::{kinds::KINDS, *};

fn refuse(unless: bool, verdict: Verdict) -> Result<(), Verdict> {
    if unless {
        Ok(())
    } else {
        Err(verdict)
    }
}

/// Whether an action takes so many parties.
fn takes(action: &Action, parties: usize) -> bool {
    match action {
        Action::Hold { .. } | Action::Return { .. } | Action::Exchange { .. } => parties == 2,
        Action::Code(_) => parties <= 1,
        Action::SetManagers { .. } => parties >= 1,
        _ => parties == 1,
    }
}

impl World {
    /// What must come of a copy of an order that is submitted now.
    pub fn judge(&mut self, by: usize, copy: &Document) -> Verdict {
        let asked = match self.look_at(by, copy) {
            Ok(asked) => asked,
            Err(refusal) => return refusal,
        };
        // All of it or nothing.
        let mut after = self.clone();
        let done = KINDS.iter().find_map(|kind| (kind.act)(&mut after, &asked, &copy.order.action));
        match done.expect("a model of every action") {
            Err(error) => failed(error),
            Ok(()) => {
                assert!(after.executed.insert(asked.id), "executed twice");
                *self = after;
                Verdict::Executed
            },
        }
    }

    /// Who asks, or why it is not even tried.
    fn look_at(&self, by: usize, copy: &Document) -> Result<Asked, Verdict> {
        let (order, id) = (&copy.order, copy.order.id());
        refuse(!copy.is_cut, Verdict::Unreadable)?;
        refuse(order.genesis == System::block_hash(0), Verdict::OtherNetwork)?;
        let longest = <Runtime as pallet_orders::Config>::MaxWindow::get();
        let window = order.valid_until.checked_sub(order.valid_from);
        refuse(window.is_some_and(|window| window <= longest), Verdict::BadWindow)?;
        refuse(order.valid_from <= self.clock, Verdict::NotYet)?;
        refuse(self.clock <= order.valid_until, Verdict::Expired)?;
        refuse(!self.executed.contains(&id), Verdict::AlreadyExecuted)?;
        let is_reserved = order
            .processing
            .is_some_and(|number| self.clock <= number.until && self.processor(by) != Some(number.processor));
        refuse(!is_reserved, Verdict::OtherProcessor)?;
        refuse(takes(&order.action, order.parties.len()), Verdict::WrongParties)?;
        refuse(copy.is_complete(), Verdict::BadSignature)?;
        let parties: Vec<_> = order.parties.iter().map(|party| World::place(party.owner)).collect();
        for who in &parties {
            refuse(!self.cancelled.contains(&(id, *who)), Verdict::Cancelled)?;
            refuse(!self.is_stopped[*who], Verdict::PartyNotActive)?;
        }
        self.look_at_signatures(copy, &parties)?;
        let payer = match (&order.action, parties.first()) {
            (Action::Code(scan), who) => {
                let scanner = World::place(scan.scanner);
                refuse(who.is_none_or(|who| *who == scanner), Verdict::WrongParties)?;
                scanner
            },
            (_, who) => *who.expect("at least one"),
        };
        Ok(Asked { id, payer, parties })
    }

    /// First who may sign at all, then who did.
    fn look_at_signatures(&self, copy: &Document, parties: &[usize]) -> Result<(), Verdict> {
        let mut signers = Vec::new();
        for (place, (who, party)) in parties.iter().zip(&copy.order.parties).enumerate() {
            let marks = copy.of_party(place);
            if party.version == 0 {
                signers.extend(marks.into_iter().map(|mark| (*who, mark)));
                continue;
            }
            refuse(*who == JOINT && party.version == self.version, Verdict::OtherManagers)?;
            refuse(marks.len() >= usize::from(self.threshold), Verdict::BadSignature)?;
            for mark in marks {
                let manager = self.managers.get(usize::from(mark.seat)).copied().ok_or(Verdict::BadSignature)?;
                refuse(!self.is_stopped[manager], Verdict::ManagerNotActive)?;
                signers.push((manager, mark));
            }
        }
        refuse(signers.iter().all(|(who, mark)| copy.is_signed_by(*who, mark)), Verdict::BadSignature)
    }
}
