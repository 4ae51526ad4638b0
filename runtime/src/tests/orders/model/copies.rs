//! Orders as they travel: copies that are signed anew every time, by the right ones or not, as they were or altered.

use super::{World, JOINT, NAMES};
use crate::tests::orders::*;

/// How a copy of an order is signed.
#[derive(Clone, Copy, Debug)]
pub enum Seal {
    /// By those who must.
    Own,
    /// By those who must, as browser extensions do.
    Wrapped,
    /// The first signature is somebody else's.
    Other(usize),
    /// By nobody.
    Missing,
    /// The first signature stands there twice.
    Twice,
    /// By those who must, each in the place of another.
    Swapped,
    /// By those who must; half of it was lost on its way.
    Cut,
    /// By those who must, before somebody altered it.
    Altered(u8),
}

/// A signature: place of the party, seat, and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    pub party: u8,
    pub seat: u8,
    pub by: usize,
}

/// An order that somebody wrote, and who is to sign it where.
#[derive(Clone, Debug)]
pub struct Written {
    pub order: Order,
    pub marks: Vec<Mark>,
}

/// A copy of it, as it travels.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it says.
    pub order: Order,
    /// What was signed.
    signed: Order,
    pub marks: Vec<Mark>,
    is_wrapped: bool,
    pub is_cut: bool,
}

impl Written {
    /// The order with its parties, for whom so many managers sign as must, or one fewer.
    pub fn new(world: &World, order: Order, is_short: bool) -> Self {
        let (seats, missing) = (world.managers.len(), usize::from(is_short));
        let first = usize::from(order.random[0]);
        let mut marks = Vec::new();
        for (party, owner) in (0u8..).zip(&order.parties) {
            let who = World::place(owner.owner);
            if who != JOINT {
                marks.push(Mark { party, seat: 0, by: who });
                continue;
            }
            let count = usize::from(world.threshold).saturating_sub(missing);
            let mut places: Vec<_> = (0..count).map(|next| (first + next) % seats).collect();
            places.sort();
            marks.extend(places.into_iter().map(|seat| Mark { party, seat: seat as u8, by: world.managers[seat] }));
        }
        Self { order, marks }
    }

    pub fn copy(&self, seal: Seal) -> Document {
        let Self { order, marks } = self.clone();
        let is_wrapped = matches!(seal, Seal::Wrapped);
        let is_cut = matches!(seal, Seal::Cut);
        let mut copy = Document { signed: order.clone(), order, marks, is_wrapped, is_cut };
        match seal {
            Seal::Own | Seal::Wrapped | Seal::Cut => {},
            Seal::Other(who) => {
                // Never the right one.
                for mark in copy.marks.iter_mut().take(1) {
                    mark.by = (mark.by + 1 + who % 3) % JOINT;
                }
            },
            Seal::Missing => copy.marks.clear(),
            Seal::Twice => {
                if let Some(first) = copy.marks.first().copied() {
                    copy.marks.insert(0, first);
                }
            },
            Seal::Swapped => {
                let mut signers: Vec<_> = copy.marks.iter().map(|mark| mark.by).collect();
                let places = usize::from(!signers.is_empty());
                signers.rotate_left(places);
                for (mark, by) in copy.marks.iter_mut().zip(signers) {
                    mark.by = by;
                }
            },
            Seal::Altered(field) => alter(&mut copy.order, field),
        }
        copy
    }
}

/// Alters a field, unless that leaves it as it was.
fn alter(order: &mut Order, field: u8) {
    match field % 5 {
        0 => order.random[15] ^= 0x80,
        1 => order.valid_until = order.valid_until.saturating_add(1),
        2 => order.processing = None,
        3 => order.parties.iter_mut().take(1).for_each(|party| party.version ^= 1),
        _ => alter_action(&mut order.action),
    }
}

fn alter_action(action: &mut Action) {
    let next_owner = |to: &mut OwnerId| *to = owner(NAMES[(World::place(*to) + 1) % NAMES.len()]);
    let next_bank = |bank: &mut BankId| *bank = BankId(bank.0 % 3 + 1);
    match action {
        Action::Coins { to, .. } | Action::Custody { to, .. } | Action::Asset { to, .. } => next_owner(to),
        Action::CoinsWithChange(payment) => next_owner(&mut payment.to),
        Action::Cancel { valid_until, .. } => *valid_until = valid_until.saturating_sub(1),
        Action::Hold { amount, .. } | Action::Release { amount, .. } | Action::Return { amount, .. } => *amount += 1,
        Action::Redeem { amount, .. } => *amount += 1,
        Action::Dispute { escrow } => escrow.0[0] ^= 1,
        Action::SetManagers { rule } => rule.threshold ^= 1,
        Action::Code(scan) => next_bank(&mut scan.bank),
        Action::Answer { confirms, .. } => *confirms = !*confirms,
        Action::Exchange { give, take } => std::mem::swap(give, take),
        Action::Withdraw { bank, .. } | Action::Deposit { bank, .. } => next_bank(bank),
    }
}

impl Document {
    /// Its bytes, with new signatures.
    pub fn bytes(&self) -> Vec<u8> {
        let payload = self.signed.encode();
        let message = match self.is_wrapped {
            true => [b"<Bytes>".as_slice(), &payload, b"</Bytes>"].concat(),
            false => payload,
        };
        let one = |mark: &Mark| OrderSignature {
            party: mark.party,
            seat: mark.seat,
            signature: sign(&format!("//{}", NAMES[mark.by]), &message),
        };
        let signatures: Vec<_> = self.marks.iter().map(one).collect();
        let signatures = signatures.try_into().expect("few");
        let mut bytes = SignedOrder { order: self.order.clone(), signatures }.encode();
        if self.is_cut {
            bytes.truncate(bytes.len() / 2);
        }
        bytes
    }

    /// Signatures for the party at this place.
    pub fn of_party(&self, party: usize) -> Vec<Mark> {
        self.marks.iter().copied().filter(|mark| usize::from(mark.party) == party).collect()
    }

    /// Whether every party signed, in its place and in order, and nobody else did.
    pub fn is_complete(&self) -> bool {
        let parties = &self.order.parties;
        let ascending = self.marks.windows(2).all(|pair| (pair[0].party, pair[0].seat) < (pair[1].party, pair[1].seat));
        let has_seats = |party: usize| parties[party].version != 0;
        let known = |mark: &Mark| {
            let party = usize::from(mark.party);
            party < parties.len() && (mark.seat == 0 || has_seats(party))
        };
        ascending && self.marks.iter().all(known) && (0..parties.len()).all(|party| !self.of_party(party).is_empty())
    }

    /// Whether somebody's signature covers what it says.
    pub fn is_signed_by(&self, who: usize, mark: &Mark) -> bool {
        mark.by == who && self.order == self.signed
    }
}
