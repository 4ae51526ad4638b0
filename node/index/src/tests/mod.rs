//! Tests of the index: the database by itself, and the follower on a chain made up for the purpose.

mod chain;
mod follow;
mod store;

use crate::store::{CoinState, Head, SCHEMA};
use specie_primitives::{
    flow::{Flow, FlowKind, Party},
    BankId, BlockNumber, CoinId, Denomination, Hash, Holder, OwnerId, VaultId,
};

const ANN: OwnerId = OwnerId([1; 24]);
const BEN: OwnerId = OwnerId([2; 24]);
const VAULT: Holder = Holder::Vault(VaultId::Bank(BankId(1)));
const GENESIS: Hash = Hash::zero();

fn coin(index: u32) -> CoinId {
    CoinId { batch: 1, index }
}

fn held(holder: Holder, revision: u32, denomination: u64) -> CoinState {
    CoinState { holder, revision, denomination: Denomination(denomination) }
}

fn hash(number: BlockNumber) -> Hash {
    Hash::from_low_u64_be(number.into())
}

fn head(number: BlockNumber) -> Head {
    Head { schema: SCHEMA, genesis: GENESIS, number, hash: hash(number), since: 0 }
}

fn payment(from: OwnerId, to: OwnerId, coins: &[u32]) -> Flow {
    Flow {
        extrinsic: Some(1),
        kind: FlowKind::Transferred,
        value: 10,
        from: Party::Coins(Holder::Owner(from)),
        to: Party::Coins(Holder::Owner(to)),
        coins: coins.iter().copied().map(coin).collect(),
    }
}
