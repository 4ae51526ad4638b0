//! Holdings that a node lists, checked against the root of a state: the node need not be believed.
//!
//! A proof is the nodes of the state trie from its root to the entries of [`entries::of_holdings`]. It shows for each
//! coin who holds it at which revision, what it is worth, and, for an owner, how many coins of what value there are in
//! all: a node can neither invent a coin nor keep one back. That the root is one of the network's is shown by a header
//! that is final, see [`crate::finality`].

use crate::HeldCoin;
use sp_runtime::traits::BlakeTwo256;
use sp_state_machine::{create_proof_check_backend, prove_read, read_proof_check, StorageProof};
use specie_primitives::{
    accumulator::Accumulator,
    entries::{self, CoinPlace, PurseTotals},
    Balance, CoinId, Denomination, Hash, Holder,
};
use std::collections::{BTreeSet, HashMap};

/// Why a proof proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The nodes do not lead from the root to the entries.
    #[error("the proof does not fit the state: {0}")]
    Broken(String),
    /// There are more nodes than it takes, or one of them twice.
    #[error("the proof has nodes that belong to nothing")]
    Unused,
    /// The list names a coin twice.
    #[error("coin {0} is listed twice")]
    Twice(CoinId),
    /// The register has no such coin.
    #[error("coin {0} is not in the register")]
    Missing(CoinId),
    /// Somebody else holds the coin.
    #[error("coin {0} is held by somebody else")]
    OtherHolder(CoinId),
    /// The coin has another revision.
    #[error("coin {coin} is at revision {revision}, not {listed}")]
    OtherRevision {
        /// The coin.
        coin: CoinId,
        /// Revision in the register.
        revision: u32,
        /// Revision in the list.
        listed: u32,
    },
    /// The coin is not worth what is said.
    #[error("coin {0} has another face value")]
    OtherValue(CoinId),
    /// The list is not all that the owner holds.
    #[error("{listed} coins worth {listed_value} are listed, the owner holds {coins} worth {value}")]
    NotAll {
        /// Coins in the list.
        listed: u64,
        /// Their value in minor units.
        listed_value: Balance,
        /// Coins of the owner.
        coins: u64,
        /// Their value in minor units.
        value: Balance,
    },
}

/// Checks a list of holdings, page by page, all of one block.
#[derive(Clone, Debug)]
pub struct HoldingsCheck {
    state_root: Hash,
    holder: Holder,
    proven: BTreeSet<CoinId>,
    value: Balance,
    purse: PurseTotals,
}

impl HoldingsCheck {
    /// A list of what `holder` has in the state with this root.
    pub fn new(state_root: Hash, holder: Holder) -> Self {
        Self { state_root, holder, proven: BTreeSet::new(), value: 0, purse: PurseTotals::default() }
    }

    /// Checks one page of the list.
    pub fn page(&mut self, coins: &[HeldCoin], nodes: &[Vec<u8>]) -> Result<(), ProofError> {
        let keys = entries::of_holdings(self.holder, coins.iter().map(|held| held.coin));
        let entries = read(self.state_root, nodes, &keys)?;
        let value = |key: &[u8]| entries.get(key).and_then(Option::as_deref);
        for held in coins {
            self.coin(held, value(&entries::coin(held.coin)), value(&entries::batch(held.coin.batch)))?;
        }
        if let Holder::Owner(owner) = self.holder {
            self.purse = match value(&entries::purse(owner)) {
                Some(purse) => entries::begin(purse).ok_or_else(undecodable)?,
                None => PurseTotals::default(),
            };
        }
        Ok(())
    }

    fn coin(&mut self, held: &HeldCoin, place: Option<&[u8]>, batch: Option<&[u8]>) -> Result<(), ProofError> {
        let HeldCoin { coin, revision: listed, denomination } = *held;
        let place: CoinPlace = entries::begin(place.ok_or(ProofError::Missing(coin))?).ok_or_else(undecodable)?;
        if place.holder != self.holder {
            return Err(ProofError::OtherHolder(coin));
        }
        if place.revision != listed {
            return Err(ProofError::OtherRevision { coin, revision: place.revision, listed });
        }
        let face: Denomination = entries::begin(batch.ok_or(ProofError::Missing(coin))?).ok_or_else(undecodable)?;
        if face != denomination {
            return Err(ProofError::OtherValue(coin));
        }
        if !self.proven.insert(coin) {
            return Err(ProofError::Twice(coin));
        }
        self.value = self.value.saturating_add(face.value(1));
        Ok(())
    }

    /// Number and value of the coins so far.
    pub fn totals(&self) -> (u64, Balance) {
        (self.proven.len() as u64, self.value)
    }

    /// Checks that an owner holds no other coins. Vaults have no such totals: theirs are in the supply report.
    pub fn ensure_all(&self) -> Result<(), ProofError> {
        let (listed, listed_value) = self.totals();
        let (coins, value) = (u64::from(self.purse.coins), self.purse.value);
        match self.holder {
            Holder::Owner(_) if (listed, listed_value) != (coins, value) => {
                Err(ProofError::NotAll { listed, listed_value, coins, value })
            },
            _ => Ok(()),
        }
    }
}

/// The list of blocks in which orders were executed, in the state with this root.
pub fn order_blocks(state_root: Hash, nodes: &[Vec<u8>]) -> Result<Accumulator, ProofError> {
    let key = entries::order_blocks();
    let entries = read(state_root, nodes, std::slice::from_ref(&key))?;
    match entries.get(&key).and_then(Option::as_deref) {
        Some(blocks) => entries::begin(blocks).ok_or_else(undecodable),
        None => Ok(Accumulator::default()),
    }
}

fn undecodable() -> ProofError {
    ProofError::Broken("an entry is not what it should be".into())
}

/// Entries of a state by their keys; nothing for those that the proof shows to be absent. Every node must be needed.
fn read(root: Hash, nodes: &[Vec<u8>], keys: &[Vec<u8>]) -> Result<HashMap<Vec<u8>, Option<Vec<u8>>>, ProofError> {
    let broken = |error: Box<dyn sp_state_machine::Error>| ProofError::Broken(error.to_string());
    let proof = StorageProof::new(nodes.iter().cloned());
    let entries = read_proof_check::<BlakeTwo256, _>(root, proof.clone(), keys).map_err(broken)?;
    let backend = create_proof_check_backend::<BlakeTwo256>(root, proof).map_err(broken)?;
    let needed = prove_read(backend, keys).map_err(broken)?;
    if needed.len() != nodes.len() {
        return Err(ProofError::Unused);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;
    use proptest::prelude::*;
    use sp_runtime::StateVersion;
    use specie_primitives::{BankId, OwnerId, VaultId};
    use std::collections::BTreeMap;

    const ANN: Holder = Holder::Owner(OwnerId([1; 24]));
    const BEN: Holder = Holder::Owner(OwnerId([2; 24]));

    type Entries = Vec<(Vec<u8>, Vec<u8>)>;

    fn held(batch: u32, index: u32, revision: u32, value: u64) -> HeldCoin {
        HeldCoin { coin: CoinId { batch, index }, revision, denomination: Denomination(value) }
    }

    /// Ann has so many coins of 100 in batch 1, and two of 500 in batch 2; Ben and a vault have others.
    fn state(count: u32) -> (Entries, Vec<HeldCoin>) {
        let mut coins: Vec<HeldCoin> = (0..count).map(|index| held(1, index, index % 3, 100)).collect();
        coins.extend([held(2, 7, 4, 500), held(2, 300, 0, 500)]);
        // Something behind the beginning, as a later runtime may put it there.
        let place = |holder: Holder, revision: u32| (holder, revision, 0u8).encode();
        let mut entries: Entries =
            coins.iter().map(|held| (entries::coin(held.coin), place(ANN, held.revision))).collect();
        let vault = Holder::Vault(VaultId::Bank(BankId(1)));
        for index in 0..500 {
            let holder = if index % 2 == 0 { BEN } else { vault };
            entries.push((entries::coin(CoinId { batch: 3, index }), place(holder, 1)));
        }
        for (batch, value) in [(1u32, 100u64), (2, 500), (3, 1_000)] {
            entries.push((entries::batch(batch), (value, u32::MAX, [7u8; 32], 5u32).encode()));
        }
        let totals = PurseTotals { coins: coins.len() as u32, value: Balance::from(count) * 100 + 1_000 };
        entries.push((entries::purse(OwnerId([1; 24])), totals.encode()));
        (entries, coins)
    }

    fn prove(entries: &Entries, keys: &[Vec<u8>]) -> (Hash, Vec<Vec<u8>>) {
        let pairs: BTreeMap<_, _> = entries.iter().cloned().collect();
        let backend = sp_state_machine::InMemoryBackend::<BlakeTwo256>::from((pairs, StateVersion::V1));
        let root = *backend.root();
        (root, prove_read(backend, keys).unwrap().into_iter_nodes().collect())
    }

    fn proven(entries: &Entries, holder: Holder, coins: &[HeldCoin]) -> (Hash, Vec<Vec<u8>>) {
        prove(entries, &entries::of_holdings(holder, coins.iter().map(|held| held.coin)))
    }

    fn check(root: Hash, holder: Holder, coins: &[HeldCoin], nodes: &[Vec<u8>]) -> Result<(), ProofError> {
        let mut check = HoldingsCheck::new(root, holder);
        check.page(coins, nodes)?;
        check.ensure_all()
    }

    #[test]
    fn success_all_coins_of_an_owner_are_proven_at_once_and_in_pages() {
        let (entries, coins) = state(40);
        let (root, nodes) = proven(&entries, ANN, &coins);
        assert_eq!(check(root, ANN, &coins, &nodes), Ok(()));
        let mut paged = HoldingsCheck::new(root, ANN);
        for page in coins.chunks(9) {
            paged.page(page, &proven(&entries, ANN, page).1).unwrap();
        }
        assert_eq!((paged.ensure_all(), paged.totals()), (Ok(()), (42, 5_000)));
    }

    #[test]
    fn boundary_an_owner_without_coins_is_proven_to_have_none() {
        let (entries, _) = state(3);
        let nobody = Holder::Owner(OwnerId([9; 24]));
        let (root, nodes) = proven(&entries, nobody, &[]);
        assert_eq!(check(root, nobody, &[], &nodes), Ok(()));
        // The same nodes do not show that Ann has none.
        assert!(check(root, ANN, &[], &nodes).is_err());
    }

    #[test]
    fn fails_when_a_coin_is_kept_back_or_listed_twice() {
        let (entries, coins) = state(5);
        let some = &coins[1..];
        let (root, nodes) = proven(&entries, ANN, some);
        let error = check(root, ANN, some, &nodes).unwrap_err();
        assert_eq!(error, ProofError::NotAll { listed: 6, listed_value: 1_400, coins: 7, value: 1_500 });
        let twice = [&coins[1..], &coins[1..2]].concat();
        assert_eq!(check(root, ANN, &twice, &nodes), Err(ProofError::Twice(coins[1].coin)));
        // Nor does the second page hide it.
        let mut paged = HoldingsCheck::new(root, ANN);
        paged.page(some, &nodes).unwrap();
        let (_, again) = proven(&entries, ANN, &coins[1..2]);
        assert_eq!(paged.page(&coins[1..2], &again), Err(ProofError::Twice(coins[1].coin)));
    }

    #[test]
    fn fails_when_the_list_says_something_else() {
        let (entries, coins) = state(5);
        let (root, nodes) = proven(&entries, ANN, &coins);
        let altered = |change: fn(&mut HeldCoin)| {
            let mut coins = coins.clone();
            change(&mut coins[3]);
            check(root, ANN, &coins, &nodes).unwrap_err()
        };
        let coin = coins[3].coin;
        assert_eq!(altered(|held| held.revision += 1), ProofError::OtherRevision { coin, revision: 0, listed: 1 });
        assert_eq!(altered(|held| held.denomination.0 += 1), ProofError::OtherValue(coin));
        // Whichever of its nodes is looked for first.
        altered(|held| held.coin.index += 1_000);
        // Ben's coins are not Ann's, and the other way round.
        let bens = [held(3, 0, 1, 1_000)];
        let (root, nodes) = proven(&entries, ANN, &bens);
        assert_eq!(check(root, ANN, &bens, &nodes), Err(ProofError::OtherHolder(bens[0].coin)));
        let missing = [held(1, 4_000, 0, 100)];
        let (root, nodes) = proven(&entries, ANN, &missing);
        assert_eq!(check(root, ANN, &missing, &nodes), Err(ProofError::Missing(missing[0].coin)));
    }

    #[test]
    fn fails_against_another_state() {
        let (entries, coins) = state(5);
        let (_, nodes) = proven(&entries, ANN, &coins);
        let mut later = entries.clone();
        later[0].1[25] += 1;
        let (root, _) = proven(&later, ANN, &coins);
        assert!(matches!(check(root, ANN, &coins, &nodes), Err(ProofError::Broken(_))));
        assert!(matches!(check(Hash::zero(), ANN, &coins, &nodes), Err(ProofError::Broken(_))));
        assert!(matches!(check(root, ANN, &coins, &[]), Err(ProofError::Broken(_))));
    }

    #[test]
    fn fails_with_nodes_that_are_not_needed() {
        let (entries, coins) = state(5);
        let (root, nodes) = proven(&entries, ANN, &coins);
        let foreign = proven(&entries, BEN, &[held(3, 0, 1, 1_000)]).1.into_iter().find(|node| !nodes.contains(node));
        for extra in [foreign.unwrap(), nodes[0].clone(), vec![0; 8]] {
            let more = [&nodes[..], &[extra]].concat();
            assert_eq!(check(root, ANN, &coins, &more), Err(ProofError::Unused));
        }
    }

    #[test]
    fn fails_when_any_node_is_left_out() {
        let (entries, coins) = state(20);
        let (root, nodes) = proven(&entries, ANN, &coins);
        for place in 0..nodes.len() {
            let mut fewer = nodes.clone();
            fewer.remove(place);
            assert!(check(root, ANN, &coins, &fewer).is_err(), "without node {place}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn fails_when_any_byte_is_changed(node in any::<prop::sample::Index>(), byte in any::<prop::sample::Index>(), change in 1u8..) {
            let (entries, coins) = state(12);
            let (root, mut nodes) = proven(&entries, ANN, &coins);
            let node = node.index(nodes.len());
            let byte = byte.index(nodes[node].len());
            nodes[node][byte] ^= change;
            prop_assert!(check(root, ANN, &coins, &nodes).is_err());
        }
    }
}
