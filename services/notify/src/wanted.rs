//! Which movements an endpoint wants.

use crate::notice::Record;
use serde::Serialize;
use specie_primitives::{flow::FlowKind, BankId, BlockNumber, OwnerId};
use std::collections::BTreeSet;

/// Which movements an endpoint wants: those that one of bank, customers and owners is a reason for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// This bank's reserve, vault, counter or accounts are on one side.
    pub bank: Option<BankId>,
    /// They concern an owner that this bank looks after.
    pub customers: Option<BankId>,
    /// They concern one of these owners.
    pub owners: BTreeSet<OwnerId>,
    /// Of these kinds; of any if there is none.
    pub kinds: Vec<FlowKind>,
}

/// What a node is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Query {
    /// An owner whom all of it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<OwnerId>,
    /// A bank that is on one side of all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankId>,
    /// Kinds.
    pub kinds: Vec<FlowKind>,
    /// The first block.
    pub from_block: BlockNumber,
    /// `oldest` comes first.
    pub order: &'static str,
}

impl Wanted {
    /// The narrowest question that brings everything which is wanted from a block on.
    pub fn query(&self, from_block: BlockNumber) -> Query {
        let mut query = Query { owner: None, bank: None, kinds: self.kinds.clone(), from_block, order: "oldest" };
        match (self.bank, self.customers, self.owners.len()) {
            (Some(bank), None, 0) => query.bank = Some(bank),
            (None, None, 1) => query.owner = self.owners.first().copied(),
            _ => {},
        }
        query
    }

    /// Whether a movement is wanted; `None` if that depends on whose customers the owners are whom it concerns.
    pub fn wants(&self, record: &Record) -> Option<bool> {
        if !self.kinds.is_empty() && !self.kinds.contains(&record.kind) {
            return Some(false);
        }
        let of_bank = self.bank.is_some_and(|bank| record.banks().contains(&bank));
        let owners = record.owners();
        if of_bank || !self.owners.is_disjoint(&owners) {
            return Some(true);
        }
        if self.customers.is_none() || owners.is_empty() {
            return Some(false);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::tests::{coins, record, ANN, BEN};
    use specie_primitives::flow::Party;

    const BANK: BankId = BankId(1);

    #[test]
    fn nodes_are_asked_for_little() {
        let bank = Wanted { bank: Some(BANK), ..Wanted::default() };
        assert_eq!((bank.query(7).bank, bank.query(7).from_block), (Some(BANK), 7));
        let ann = Wanted { owners: [ANN].into(), kinds: vec![FlowKind::Transferred], ..Wanted::default() };
        assert_eq!((ann.query(0).owner, ann.query(0).kinds), (Some(ANN), vec![FlowKind::Transferred]));
        for wide in [
            Wanted { customers: Some(BANK), ..bank.clone() },
            Wanted { owners: [ANN, BEN].into(), ..Wanted::default() },
            Wanted { owners: [ANN].into(), ..bank },
        ] {
            let query = wide.query(0);
            assert_eq!((query.owner, query.bank), (None, None), "{wide:?}");
        }
        let text = serde_json::to_value(ann.query(3)).unwrap();
        assert_eq!(text["order"], "oldest");
        assert!(text.get("bank").is_none());
    }

    #[test]
    fn any_reason_is_enough() {
        let payment = record(FlowKind::Transferred, coins(ANN), coins(BEN));
        let paid_in = record(FlowKind::OwnerCredited, Party::Counter(BANK), Party::Custody(BANK, ANN));
        let minted = record(FlowKind::Minted, Party::Issuer, Party::Reserve(BankId(2)));
        let bank = Wanted { bank: Some(BANK), ..Wanted::default() };
        assert_eq!(
            [&payment, &paid_in, &minted].map(|record| bank.wants(record)),
            [Some(false), Some(true), Some(false)]
        );
        let with_customers = Wanted { customers: Some(BANK), ..bank };
        let wants = |record: &Record| with_customers.wants(record);
        assert_eq!([&payment, &paid_in, &minted].map(wants), [None, Some(true), Some(false)]);
        let ben = Wanted { owners: [BEN].into(), ..Wanted::default() };
        assert_eq!([&payment, &paid_in].map(|record| ben.wants(record)), [Some(true), Some(false)]);
        let minted_only = Wanted { kinds: vec![FlowKind::Minted], ..with_customers.clone() };
        assert_eq!([&payment, &paid_in].map(|record| minted_only.wants(record)), [Some(false), Some(false)]);
        // Somebody for whom coins wait is concerned, too.
        let mut waiting = record(FlowKind::Left, coins(ANN), Party::Issuer);
        waiting.others = vec![BEN];
        assert_eq!(ben.wants(&waiting), Some(true));
    }
}
