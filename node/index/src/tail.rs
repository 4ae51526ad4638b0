//! Reading the record on and on: every movement once, oldest first, as far as the index has come.

use crate::{
    records::{block_of, last_place, Cursor, ForeignCursor, Order, Query, Record},
    store::{Gap, Head, Store, StoreError},
};

/// Bytes of records after which a piece ends: small, since pieces wait in memory for whoever reads slowly.
pub const MAX_BYTES: usize = 64 << 10;

/// Somebody who reads on and on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    query: Query,
    /// What comes behind it was not told yet.
    cursor: Option<Cursor>,
}

/// What is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// How far the index has come.
    pub head: Head,
    /// The movements; there may be none.
    pub records: Vec<Record>,
    /// Where they end: whoever goes on there, at whichever node, misses nothing and is told nothing twice.
    pub cursor: Cursor,
    /// Whether there is more already.
    pub more: bool,
}

impl Tail {
    /// Begins with the oldest movement that meets the query, or behind a cursor of it; whatever the query's order.
    pub fn new(query: Query, cursor: Option<Cursor>) -> Result<Self, ForeignCursor> {
        let query = Query { order: Order::Oldest, ..query };
        match &cursor {
            Some(cursor) if query.place(cursor).is_none() => Err(ForeignCursor),
            _ => Ok(Self { query, cursor }),
        }
    }

    /// The next piece, of up to `limit` movements. A gap if there is one ahead: it may be filled in later, and what is
    /// in it would be skipped now. `None` before the index was built.
    pub fn read(&mut self, store: &Store, limit: usize) -> Result<Option<Result<News, Gap>>, StoreError> {
        let Some(page) = store.page(&self.query, self.cursor.as_ref(), limit, MAX_BYTES)? else { return Ok(None) };
        let page = page.map_err(|_| StoreError::Contradiction("a cursor that was good before"))?;
        let behind = self.cursor.and_then(|cursor| self.query.place(&cursor));
        let next = block_of(behind.map_or(0, |place| place.saturating_add(1)));
        if let Some(gap) = page.unknown.iter().find(|gap| gap.last >= next) {
            return Ok(Some(Err(*gap)));
        }
        // The cursor may come from a node that was ahead of this one.
        let end = last_place(page.head.number).max(behind.unwrap_or_default());
        let cursor = page.cursor.unwrap_or_else(|| self.query.cursor(end));
        self.cursor = Some(cursor);
        Ok(Some(Ok(News { more: page.cursor.is_some(), head: page.head, records: page.records, cursor })))
    }
}
