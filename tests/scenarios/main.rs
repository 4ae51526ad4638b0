//! What networks of real nodes must get right, each scenario on a network of its own. One program, so that it is linked
//! once; `cargo test … --test scenarios -- flood` runs one of them.

mod all_orders;
mod audit_outside;
mod cards;
mod ceremony;
mod certificates;
mod change;
mod codes;
mod custody;
mod escrow;
mod flood;
mod index;
mod instruments;
mod join;
mod joint;
mod kill;
mod limits;
mod notices;
mod orders;
mod owner_ids;
mod partition;
mod pickup;
mod privacy;
mod records;
mod recovery;
mod story;
mod supervision;
mod tampered;
mod upgrade;
mod validators;
mod wallet;
