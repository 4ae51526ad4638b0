//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
pub use specie_primitives::instruments::Paused;
use specie_primitives::{BlockNumber, Institution, OwnerId, Terms};

/// An instrument. Its number stays its own when it is closed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Instrument {
    /// Who defined it.
    pub institution: Institution,
    /// What was promised. The last block counts without those in which payments stood still.
    pub terms: Terms,
    /// Through whom the institution sells units and takes them back.
    pub agent: Option<Agent>,
    /// Who stopped it.
    pub paused: Paused,
}

/// Through whom an institution sells units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Agent {
    /// The owner.
    pub owner: OwnerId,
    /// The block in which it was named: whoever has its id after a later release is not.
    pub since: BlockNumber,
}
