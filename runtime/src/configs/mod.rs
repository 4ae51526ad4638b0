//! Configuration of the pallets, by theme.

mod consensus;
mod money;
mod people;
mod system;

pub use money::{DecisionTime, EscrowPatience, EscrowPause, MaxEscrowLife};
pub use people::{EnactableCalls, InstitutionProxy};
pub use system::{moves_value, CallFilter, BLOCK_WEIGHT};
