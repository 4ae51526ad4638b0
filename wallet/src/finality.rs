//! Headers that the voters of a network made final: whoever knows how a network began can check every block since.
//!
//! ```mermaid
//! flowchart LR
//!     spec["chain spec: first block, first voters"] --> handoff["header that names the next voters,\njustified by those before"]
//!     handoff --> handoff
//!     handoff --> last["last final header,\njustified by the present voters"] --> parents["its parents"]
//! ```
//!
//! A proof is what `specie_finalityProof` gives: such headers with their GRANDPA justifications, in SCALE, as in warp
//! sync. A justification counts when voters of more than two thirds of the weight signed its block or one behind it.

use codec::{Decode, DecodeAll, Encode};
use sp_consensus_grandpa::{
    check_message_signature, AuthorityList, ConsensusLog, GrandpaJustification, Message, ScheduledChange, SetId,
    GRANDPA_ENGINE_ID,
};
use sp_runtime::{
    generic,
    traits::{BlakeTwo256, Hash as _, Header as _},
    DigestItem, StateVersion,
};
use specie_primitives::{entries, BlockNumber, Hash, MILLISECS_PER_BLOCK};
use std::collections::{BTreeMap, BTreeSet};

/// Under which Aura names slots in headers.
const AURA_ENGINE_ID: [u8; 4] = *b"aura";

/// A header of the network.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;

/// Why a proof of finality proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FinalityError {
    /// Not the raw chain spec of a network.
    #[error("the chain spec cannot be used: {0}")]
    Spec(String),
    /// The bytes are no proof.
    #[error("the proof of finality cannot be read")]
    Unreadable,
    /// A justification is for another header than it comes with.
    #[error("the justification of block {0} is for another block")]
    OtherBlock(BlockNumber),
    /// A signature of a justification is wrong, or its signer does not vote.
    #[error("a vote for block {0} is not a voter's")]
    BadVote(BlockNumber),
    /// A vote is for a block that does not lie behind the justified one.
    #[error("a vote for block {0} is for another chain")]
    OtherChain(BlockNumber),
    /// Too few voters signed.
    #[error("block {number} has votes of weight {weight}, it takes {needed}")]
    TooFewVotes {
        /// Number of the block.
        number: BlockNumber,
        /// Weight of the valid votes.
        weight: u64,
        /// Least weight.
        needed: u64,
    },
    /// A header in between does not say who votes next.
    #[error("block {0} does not name the next voters, but more blocks follow")]
    NoHandoff(BlockNumber),
    /// The voters were changed without their consent, after finality had stood still.
    #[error("the voters were replaced at block {0}: ask other nodes for the header instead")]
    Forced(BlockNumber),
    /// The headers do not follow each other.
    #[error("block {0} is not the parent of the next header")]
    NotParent(BlockNumber),
}

/// Who votes on finality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voters {
    /// The last block that they or those before them are known to have made final.
    pub block: (BlockNumber, Hash),
    set: SetId,
    list: AuthorityList,
}

/// What comes with each header of a proof.
#[derive(Encode, Decode)]
struct Fragment {
    header: Header,
    justification: GrandpaJustification<Header>,
}

impl Voters {
    /// The first voters of the network that a raw chain spec describes. The block is its first one.
    pub fn of_spec(spec: &[u8]) -> Result<Self, FinalityError> {
        let bad = |why: &str| FinalityError::Spec(why.into());
        let spec: serde_json::Value = serde_json::from_slice(spec).map_err(|error| bad(&error.to_string()))?;
        let raw = &spec["genesis"]["raw"];
        let top = raw["top"].as_object().ok_or_else(|| bad("it is not raw: make it with --raw"))?;
        if raw["childrenDefault"].as_object().is_some_and(|children| !children.is_empty()) {
            return Err(bad("it has child tries"));
        }
        let bytes = |text: &str| hex::decode(text.strip_prefix("0x")?).ok();
        let pair = |(key, value): (&String, &serde_json::Value)| Some((bytes(key)?, bytes(value.as_str()?)?));
        let state: Option<BTreeMap<Vec<u8>, Vec<u8>>> = top.iter().map(pair).collect();
        let state = state.ok_or_else(|| bad("its state is not written in hexadecimal"))?;
        let list = state.get(&entries::voters()).and_then(|list| AuthorityList::decode(&mut &list[..]).ok());
        let list = list.filter(|list| !list.is_empty()).ok_or_else(|| bad("nobody votes on finality"))?;
        let root = |pairs: Vec<_>| BlakeTwo256::trie_root(pairs, StateVersion::V1);
        let state_root = root(state.into_iter().collect());
        let first = Header::new(0, root(Vec::new()), state_root, Hash::zero(), Default::default());
        Ok(Self { block: (0, first.hash()), set: 0, list })
    }

    /// Number of the set of voters, counted from the first block, and how many they are.
    pub fn set(&self) -> (SetId, usize) {
        (self.set, self.list.len())
    }

    /// Goes through a proof that begins after a block that is known. Gives the last header that it makes final, if it has
    /// one, and whether the proof goes to the end of the chain; otherwise the next one begins there.
    pub fn follow(&mut self, proof: &[u8]) -> Result<(Option<Header>, bool), FinalityError> {
        let (fragments, finished) =
            <(Vec<Fragment>, bool)>::decode_all(&mut &proof[..]).map_err(|_| FinalityError::Unreadable)?;
        let (mut next, count) = (self.clone(), fragments.len());
        let mut last = None;
        for (place, Fragment { header, justification }) in fragments.into_iter().enumerate() {
            next.ensure_final(&header, &justification)?;
            next.block = (header.number, header.hash());
            match handoff(&header)? {
                Some(list) => (next.set, next.list) = (next.set.saturating_add(1), list),
                None if finished && place.saturating_add(1) == count => {},
                None => return Err(FinalityError::NoHandoff(header.number)),
            }
            last = Some(header);
        }
        *self = next;
        Ok((last, finished))
    }

    /// Checks that enough voters signed this header or one behind it.
    fn ensure_final(&self, header: &Header, proof: &GrandpaJustification<Header>) -> Result<(), FinalityError> {
        let (number, target) = (header.number, header.hash());
        if (proof.commit.target_number, proof.commit.target_hash) != (number, target) {
            return Err(FinalityError::OtherBlock(number));
        }
        let parents: BTreeMap<Hash, Hash> =
            proof.votes_ancestries.iter().map(|header| (header.hash(), header.parent_hash)).collect();
        let weights: BTreeMap<_, u64> = self.list.iter().map(|(id, weight)| (id, *weight)).collect();
        let mut voted = BTreeSet::new();
        let mut weight = 0u64;
        for vote in &proof.commit.precommits {
            let message = Message::<Header>::Precommit(vote.precommit.clone());
            let of = weights.get(&vote.id).ok_or(FinalityError::BadVote(number))?;
            if !check_message_signature(&message, &vote.id, &vote.signature, proof.round, self.set).is_valid() {
                return Err(FinalityError::BadVote(number));
            }
            if !leads(&parents, vote.precommit.target_hash, target) {
                return Err(FinalityError::OtherChain(number));
            }
            // Who votes twice counts once.
            if voted.insert(&vote.id) {
                weight = weight.saturating_add(*of);
            }
        }
        let needed = needed(self.list.iter().fold(0, |sum, (_, weight)| sum.saturating_add(*weight)));
        if weight < needed {
            return Err(FinalityError::TooFewVotes { number, weight, needed });
        }
        Ok(())
    }
}

/// Least weight that more than two thirds are, when fewer than a third may cheat.
fn needed(total: u64) -> u64 {
    total.saturating_sub(total.saturating_sub(1) / 3)
}

/// Whether the way from a block over its parents comes to another one.
fn leads(parents: &BTreeMap<Hash, Hash>, from: Hash, to: Hash) -> bool {
    let way = std::iter::successors(Some(from), |block| parents.get(block).copied());
    // No way is longer than there are headers.
    way.take(parents.len().saturating_add(1)).any(|block| block == to)
}

/// The next voters that a header names.
fn handoff(header: &Header) -> Result<Option<AuthorityList>, FinalityError> {
    let log = |item: &DigestItem| match item {
        DigestItem::Consensus(GRANDPA_ENGINE_ID, data) => ConsensusLog::<BlockNumber>::decode(&mut &data[..]).ok(),
        _ => None,
    };
    let mut next = None;
    for log in header.digest.logs.iter().filter_map(log) {
        match log {
            ConsensusLog::ForcedChange(..) => return Err(FinalityError::Forced(header.number)),
            ConsensusLog::ScheduledChange(ScheduledChange { next_authorities, .. }) if next.is_none() => {
                next = Some(next_authorities);
            },
            _ => {},
        }
    }
    Ok(next)
}

/// When a block was made, in milliseconds since 1970: its author names the slot, and the others check it.
pub fn time_ms(header: &Header) -> Option<u64> {
    let slot = |item: &DigestItem| match item {
        DigestItem::PreRuntime(AURA_ENGINE_ID, data) => u64::decode(&mut &data[..]).ok(),
        _ => None,
    };
    header.digest.logs.iter().find_map(slot)?.checked_mul(MILLISECS_PER_BLOCK)
}

/// A header's hash, the name of its block.
pub fn hash(header: &Header) -> Hash {
    header.hash()
}

/// Checks that a header is the last one's ancestor: `between` are those after it, up to but without the last.
pub fn ensure_ancestor(header: &Header, between: &[Header], last: &Header) -> Result<(), FinalityError> {
    let mut parent = header;
    for next in between.iter().chain((header != last).then_some(last)) {
        if next.parent_hash != parent.hash() {
            return Err(FinalityError::NotParent(parent.number));
        }
        parent = next;
    }
    (parent == last).then_some(()).ok_or(FinalityError::NotParent(parent.number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sp_consensus_grandpa::{localized_payload, AuthorityPair, Precommit};
    use sp_core::Pair;

    const ROUND: u64 = 5;

    fn pair(seed: u8) -> AuthorityPair {
        AuthorityPair::from_seed_slice(&[seed; 32]).unwrap()
    }

    fn list(seeds: &[u8]) -> AuthorityList {
        seeds.iter().map(|seed| (pair(*seed).public(), 1)).collect()
    }

    fn voters(set: SetId, seeds: &[u8]) -> Voters {
        Voters { block: (0, Hash::zero()), set, list: list(seeds) }
    }

    /// Headers one after the other from number 1 on; those in `handoffs` name voters.
    fn chain(length: u32, handoffs: &[(u32, &[u8])]) -> Vec<Header> {
        let mut headers: Vec<Header> = Vec::new();
        for number in 1..=length {
            let parent = headers.last().map_or(Hash::zero(), |header| header.hash());
            let state = Hash::from_low_u64_be(number.into());
            let mut header = Header::new(number, Hash::zero(), state, parent, Default::default());
            if let Some((_, seeds)) = handoffs.iter().find(|(at, _)| *at == number) {
                let change = ScheduledChange { next_authorities: list(seeds), delay: 0 };
                let log = ConsensusLog::<BlockNumber>::ScheduledChange(change).encode();
                header.digest.push(DigestItem::Consensus(GRANDPA_ENGINE_ID, log));
            }
            headers.push(header);
        }
        headers
    }

    /// A justification of `target` by votes for the given headers.
    fn justified(target: &Header, set: SetId, votes: &[(u8, &Header)], ancestries: &[Header]) -> Fragment {
        let mut commit = sp_consensus_grandpa::Commit::<Header> {
            target_hash: target.hash(),
            target_number: target.number,
            precommits: Vec::new(),
        };
        for (seed, header) in votes {
            let precommit = Precommit::<Header>::new(header.hash(), header.number);
            let message = Message::<Header>::Precommit(precommit.clone());
            let signature = pair(*seed).sign(&localized_payload(ROUND, set, &message));
            commit.precommits.push(finality_grandpa::SignedPrecommit {
                precommit,
                signature,
                id: pair(*seed).public(),
            });
        }
        let votes_ancestries = ancestries.to_vec();
        let justification = GrandpaJustification { round: ROUND, commit, votes_ancestries };
        Fragment { header: target.clone(), justification }
    }

    fn proof(fragments: Vec<Fragment>, finished: bool) -> Vec<u8> {
        (fragments, finished).encode()
    }

    #[test]
    fn success_voters_hand_over_to_each_other() {
        // Given: four voters, who name others in block 3.
        let headers = chain(6, &[(3, &[5, 6, 7, 8])]);
        let (third, last) = (&headers[2], &headers[5]);
        let first = justified(third, 0, &[(1, third), (2, third), (3, third)], &[]);
        // One votes for a later block than is justified.
        let second = justified(&headers[4], 1, &[(5, &headers[4]), (6, last), (7, &headers[4])], &headers[5..]);

        // When
        let mut voters = voters(0, &[1, 2, 3, 4]);
        let (header, finished) = voters.follow(&proof(vec![first, second], true)).unwrap();

        // Then
        assert_eq!((header.as_ref(), finished, voters.set()), (Some(&headers[4]), true, (1, 4)));
        assert_eq!(voters.block, (5, headers[4].hash()));
        assert_eq!(voters.list, list(&[5, 6, 7, 8]));
        assert_eq!(ensure_ancestor(&headers[1], &headers[2..4], &headers[4]), Ok(()));
        assert_eq!(ensure_ancestor(&headers[4], &[], &headers[4]), Ok(()));
        // And it goes on from there.
        let third = justified(last, 1, &[(5, last), (6, last), (8, last)], &[]);
        assert_eq!(voters.follow(&proof(vec![third], true)).unwrap().0.as_ref(), Some(last));
        assert_eq!(voters.follow(&proof(vec![], true)), Ok((None, true)));
    }

    #[test]
    fn boundary_more_than_two_thirds_must_vote() {
        assert_eq!([1, 2, 3, 4, 6, 7, 10].map(needed), [1, 2, 3, 3, 5, 5, 7]);
        let headers = chain(1, &[]);
        let target = &headers[0];
        let votes: Vec<_> = (1..=7).map(|seed| (seed, target)).collect();
        let follow = |count: usize| {
            voters(0, &[1, 2, 3, 4, 5, 6, 7]).follow(&proof(vec![justified(target, 0, &votes[..count], &[])], true))
        };
        assert!(follow(5).is_ok());
        assert_eq!(follow(4), Err(FinalityError::TooFewVotes { number: 1, weight: 4, needed: 5 }));
        // One who votes five times is one.
        let same = vec![(1, target); 5];
        let error = voters(0, &[1, 2, 3, 4]).follow(&proof(vec![justified(target, 0, &same, &[])], true));
        assert_eq!(error, Err(FinalityError::TooFewVotes { number: 1, weight: 1, needed: 3 }));
    }

    #[test]
    fn fails_votes_of_others_for_others_and_of_another_set() {
        let headers = chain(4, &[]);
        let target = &headers[1];
        let follow = |fragment: Fragment| voters(0, &[1, 2, 3, 4]).follow(&proof(vec![fragment], true)).unwrap_err();
        let votes = [(1, target), (2, target), (3, target)];
        // Not a voter.
        let outsider = [(1, target), (2, target), (9, target)];
        assert_eq!(follow(justified(target, 0, &outsider, &[])), FinalityError::BadVote(2));
        // Signed as another set of voters.
        assert_eq!(follow(justified(target, 1, &votes, &[])), FinalityError::BadVote(2));
        // Another round than was signed.
        let mut fragment = justified(target, 0, &votes, &[]);
        fragment.justification.round += 1;
        assert_eq!(follow(fragment), FinalityError::BadVote(2));
        // A signature of another's.
        let mut fragment = justified(target, 0, &votes, &[]);
        fragment.justification.commit.precommits[0].signature =
            fragment.justification.commit.precommits[1].signature.clone();
        assert_eq!(follow(fragment), FinalityError::BadVote(2));
        // Votes for the block before, for a later one without the way to it, and for a fork.
        for other in [&headers[0], &headers[3]] {
            let votes = [(1, target), (2, target), (3, other)];
            assert_eq!(follow(justified(target, 0, &votes, &[])), FinalityError::OtherChain(2));
        }
        let fork = Header::new(3, Hash::zero(), Hash::zero(), headers[0].hash(), Default::default());
        let votes = [(1, target), (2, target), (3, &fork)];
        assert_eq!(follow(justified(target, 0, &votes, &[fork.clone()])), FinalityError::OtherChain(2));
    }

    #[test]
    fn fails_headers_that_do_not_belong_to_the_justification() {
        let headers = chain(4, &[(2, &[5, 6, 7, 8])]);
        let votes = |header| [(1, header), (2, header), (3, header)];
        let mut swapped = justified(&headers[1], 0, &votes(&headers[1]), &[]);
        swapped.header.state_root = Hash::repeat_byte(9);
        let mut known = voters(0, &[1, 2, 3, 4]);
        let before = known.clone();
        assert_eq!(known.follow(&proof(vec![swapped], true)), Err(FinalityError::OtherBlock(2)));
        // The handoff is left out: the next ones are not known.
        let later = justified(&headers[3], 1, &[(5, &headers[3]), (6, &headers[3]), (7, &headers[3])], &[]);
        assert_eq!(known.follow(&proof(vec![later], true)), Err(FinalityError::BadVote(4)));
        // A header in between without a handoff.
        let plain = || justified(&headers[0], 0, &votes(&headers[0]), &[]);
        let handing = justified(&headers[1], 0, &votes(&headers[1]), &[]);
        assert_eq!(known.follow(&proof(vec![plain(), handing], true)), Err(FinalityError::NoHandoff(1)));
        assert_eq!(known.follow(&proof(vec![plain()], false)), Err(FinalityError::NoHandoff(1)));
        assert_eq!(known, before, "a refused proof changes nothing");
    }

    #[test]
    fn fails_when_voters_are_replaced_by_force() {
        let mut header = chain(1, &[]).remove(0);
        let change = ScheduledChange { next_authorities: list(&[9]), delay: 0 };
        let log = ConsensusLog::<BlockNumber>::ForcedChange(0, change).encode();
        header.digest.push(DigestItem::Consensus(GRANDPA_ENGINE_ID, log));
        let fragment = justified(&header, 0, &[(1, &header)], &[]);
        assert_eq!(voters(0, &[1]).follow(&proof(vec![fragment], true)), Err(FinalityError::Forced(1)));
    }

    #[test]
    fn fails_when_bytes_are_changed_cut_or_added() {
        let headers = chain(2, &[(1, &[5, 6, 7, 8])]);
        let votes = |seeds: [u8; 3], header| seeds.map(|seed| (seed, header));
        let good = proof(
            vec![
                justified(&headers[0], 0, &votes([1, 2, 3], &headers[0]), &[]),
                justified(&headers[1], 1, &votes([6, 7, 8], &headers[1]), &[]),
            ],
            true,
        );
        let follow = |bytes: &[u8]| voters(0, &[1, 2, 3, 4]).follow(bytes);
        assert!(follow(&good).is_ok());
        // All but the last, which says whether there is more.
        for place in 0..good.len() - 1 {
            let mut bad = good.clone();
            bad[place] ^= 1;
            assert!(follow(&bad).is_err(), "byte {place}");
        }
        assert_eq!(follow(&good[..good.len() - 1]), Err(FinalityError::Unreadable));
        assert_eq!(follow(&[&good[..], &[0]].concat()), Err(FinalityError::Unreadable));
    }

    #[test]
    fn fails_headers_that_are_no_ancestors() {
        let headers = chain(5, &[]);
        let [one, two, three, four, five] = &headers[..] else { panic!("five headers") };
        assert_eq!(ensure_ancestor(one, &[], three), Err(FinalityError::NotParent(1)));
        let between = [two.clone(), four.clone()];
        assert_eq!(ensure_ancestor(one, &between, five), Err(FinalityError::NotParent(2)));
        assert_eq!(ensure_ancestor(five, &[], four), Err(FinalityError::NotParent(5)));
        let mut altered = two.clone();
        altered.state_root = Hash::zero();
        assert_eq!(ensure_ancestor(&altered, &[], three), Err(FinalityError::NotParent(2)));
        assert_eq!(ensure_ancestor(one, &headers[1..4], five), Ok(()));
    }

    #[test]
    fn a_header_tells_its_time_by_its_slot() {
        let mut header = chain(1, &[]).remove(0);
        assert_eq!(time_ms(&header), None);
        header.digest.push(DigestItem::PreRuntime(AURA_ENGINE_ID, 1_709_164_800u64.encode()));
        assert_eq!(time_ms(&header), Some(1_709_164_800_000));
        header.digest.logs[0] = DigestItem::PreRuntime(AURA_ENGINE_ID, u64::MAX.encode());
        assert_eq!(time_ms(&header), None);
    }

    #[test]
    fn the_first_voters_come_with_the_chain_spec() {
        let text = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
        let spec = |list: &AuthorityList| {
            serde_json::json!({ "genesis": { "raw": { "childrenDefault": {}, "top": {
                text(&entries::voters()): text(&list.encode()),
                "0x3a636f6465": "0x00",
            } } } })
        };
        let read = |spec: &serde_json::Value| Voters::of_spec(&serde_json::to_vec(spec).unwrap());
        let good = spec(&list(&[1, 2, 3]));
        let voters = read(&good).unwrap();
        assert_eq!((voters.set(), voters.list.clone(), voters.block.0), ((0, 3), list(&[1, 2, 3]), 0));
        // Whoever changes anything in it has another network.
        let mut other = good.clone();
        other["genesis"]["raw"]["top"]["0x3a636f6465"] = "0x01".into();
        assert_ne!(read(&other).unwrap().block, voters.block);
        for bad in [serde_json::json!({}), serde_json::json!({ "genesis": { "runtime": {} } }), spec(&list(&[]))] {
            assert!(matches!(read(&bad), Err(FinalityError::Spec(_))), "{bad}");
        }
        assert!(matches!(Voters::of_spec(b"no spec"), Err(FinalityError::Spec(_))));
    }
}
