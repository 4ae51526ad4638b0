//! Notices for banks: every movement that concerns a bank, its customers or listed owners, sent to the bank's own
//! systems as soon as it is final.
//!
//! * [`config`]: the file that says what is read where and goes where; [`wanted`] is what an endpoint wants.
//! * [`node`]: the record of movements, page by page, from whichever node answers.
//! * [`notice`] and [`signature`]: what is sent, and how its receiver knows who sent it and when.
//! * [`worker`]: one endpoint: reading, sending, trying again ([`backoff`]); [`state`] remembers how far it is.
//! * [`http`], [`metrics`], [`server`]: requests, counters, and the port where those are.
//!
//! **Invariants.** What an endpoint did not take is not passed over, unless it is on the list of refused notices. A
//! notice has the same id whenever and from wherever it is sent. An endpoint gets notices in the order of movements. No
//! identity is here: owners are owner ids. `docs/notices.md` is the specification.

pub mod backoff;
pub mod config;
pub mod http;
pub mod metrics;
pub mod node;
pub mod notice;
pub mod server;
pub mod signature;
pub mod state;
pub mod wanted;
pub mod worker;
