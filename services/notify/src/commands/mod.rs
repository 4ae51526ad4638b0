//! The commands.

pub mod check;
pub mod run;
pub mod secret;
pub mod status;
