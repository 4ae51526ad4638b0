//! What the services have in common.
//!
//! * [`journal`]: what they write on their standard error.
//! * [`stop`]: how they are told to stop.

pub mod journal;
pub mod stop;
