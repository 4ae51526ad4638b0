//! What is forgotten.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use specie_primitives::{OrderId, OwnerId};

/// Something that is remembered until a block. The order comes first, so that keys begin with a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Entry {
    /// The order.
    pub order: OrderId,
    /// Who takes no part in it any more; nobody when it was executed.
    pub cancelled_by: Option<OwnerId>,
}
