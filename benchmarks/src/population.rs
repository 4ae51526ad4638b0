//! The owners, what each has, and who pays whom. The same for every configuration.

use anyhow::{ensure, Result};
use rand::{rngs::StdRng, seq::index, Rng, SeedableRng};
use sp_core::{sr25519, Pair};
use sp_crypto_hashing::blake2_256;
use specie_primitives::{AccountId, BankId, CoinRef, Nonce, OwnerClass, OwnerId, PersonTag};
use std::collections::HashMap;

/// Coins that everybody has at first.
pub const COINS: u32 = 3;
/// Banks that look after the owners.
const BANKS: u32 = 3;
/// One owner in so many is a person whom a bank verified.
const VERIFIED: u32 = 4;

/// An owner.
pub struct Person {
    number: u32,
    /// Its id.
    pub id: OwnerId,
    /// Its class.
    pub class: OwnerClass,
    /// Who stands behind it, if anybody was verified.
    pub tag: Option<PersonTag>,
    pair: sr25519::Pair,
    nonce: Nonce,
    purse: Vec<CoinRef>,
}

impl Person {
    fn new(number: u32) -> Self {
        let hash = |what: &str| blake2_256(format!("specie-bench/{what}/{number}").as_bytes());
        let mut id = [0; 24];
        id.copy_from_slice(&hash("owner")[..24]);
        let verified = number % VERIFIED == 0;
        Self {
            number,
            id: OwnerId(id),
            class: if verified { OwnerClass::Person } else { OwnerClass::Phone },
            tag: verified.then(|| PersonTag(hash("person"))),
            pair: sr25519::Pair::from_seed(&hash("key")),
            nonce: 0,
            purse: Vec::new(),
        }
    }

    /// The bank that looks after it.
    pub fn bank(&self) -> BankId {
        BankId(self.number % BANKS + 1)
    }

    /// The account of its key.
    pub fn key(&self) -> AccountId {
        self.pair.public().into()
    }
}

/// A payment of one coin.
#[derive(Clone, Copy, Debug)]
pub struct Payment {
    from: usize,
    to: usize,
    /// The coin.
    pub coin: CoinRef,
}

/// All owners.
pub struct Population {
    people: Vec<Person>,
    random: StdRng,
}

impl Population {
    /// So many owners, who pay each other as the seed has it.
    pub fn new(owners: u32, seed: u64) -> Self {
        Self { people: (0..owners).map(Person::new).collect(), random: StdRng::seed_from_u64(seed) }
    }

    /// Everybody.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.iter()
    }

    /// Gives everybody the coins of the first block, which are the same on every chain.
    pub fn endow(&mut self, coins: Vec<(OwnerId, CoinRef)>) -> Result<()> {
        let places: HashMap<OwnerId, usize> =
            self.people.iter().enumerate().map(|(place, person)| (person.id, place)).collect();
        self.people.iter_mut().for_each(|person| person.purse.clear());
        for (owner, coin) in coins {
            self.people[places[&owner]].purse.push(coin);
        }
        let all = self.people.iter().all(|person| person.purse.len() == COINS as usize);
        ensure!(all, "the first block does not give everybody {COINS} coins");
        Ok(())
    }

    /// Payments of a block, each by another owner that has a coin, to anybody else.
    pub fn plan(&mut self, payments: u32) -> Result<Vec<Payment>> {
        let able: Vec<usize> = (0..self.people.len()).filter(|place| !self.people[*place].purse.is_empty()).collect();
        let payments = payments as usize;
        ensure!(able.len() >= payments, "{} owners have a coin, too few: take more --owners", able.len());
        let chosen = index::sample(&mut self.random, able.len(), payments);
        let mut plan = Vec::new();
        for from in chosen.into_iter().map(|chosen| able[chosen]) {
            let step = self.random.gen_range(1..self.people.len());
            let to = (from + step) % self.people.len();
            let purse = &mut self.people[from].purse;
            let coin = purse.swap_remove(self.random.gen_range(0..purse.len()));
            plan.push(Payment { from, to, coin });
        }
        Ok(plan)
    }

    /// Notes that payments were made.
    pub fn settle(&mut self, payments: &[Payment]) {
        for Payment { from, to, coin } in payments {
            self.people[*from].nonce += 1;
            self.people[*to].purse.push(CoinRef { revision: coin.revision + 1, ..*coin });
        }
    }

    /// Who pays, with the nonce of its transaction, and who is paid.
    pub fn parties(&self, payment: &Payment) -> (&sr25519::Pair, Nonce, OwnerId) {
        let payer = &self.people[payment.from];
        (&payer.pair, payer.nonce, self.people[payment.to].id)
    }

    /// The id of who pays.
    pub fn payer_of(&self, payment: &Payment) -> OwnerId {
        self.people[payment.from].id
    }

    /// An owner that paid.
    pub fn payer(&self) -> Option<OwnerId> {
        self.people.iter().find(|person| person.nonce > 0).map(|person| person.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use specie_primitives::CoinId;
    use std::collections::HashSet;

    fn endowed(seed: u64) -> Population {
        let mut population = Population::new(10, seed);
        let ids: Vec<_> = population.people().map(|person| person.id).collect();
        let coins = (0..10 * COINS)
            .map(|index| (ids[index as usize % 10], CoinRef { coin: CoinId { batch: 0, index }, revision: 0 }));
        population.endow(coins.collect()).unwrap();
        population
    }

    #[test]
    fn nobody_pays_twice_in_a_block_or_with_what_it_does_not_have() {
        let mut population = endowed(1);
        let mut revisions = HashMap::new();
        for _ in 0..20 {
            let plan = population.plan(3).unwrap();
            let payers: HashSet<_> = plan.iter().map(|payment| payment.from).collect();
            assert_eq!(payers.len(), 3);
            for payment in &plan {
                assert_ne!(payment.from, payment.to);
                let revision = revisions.entry(payment.coin.coin).or_insert(0);
                assert_eq!(payment.coin.revision, *revision);
                *revision += 1;
            }
            population.settle(&plan);
        }
        let coins: usize = population.people.iter().map(|person| person.purse.len()).sum();
        assert_eq!(coins, 10 * COINS as usize);
        assert!(population.plan(11).is_err());
    }

    #[test]
    fn one_seed_gives_one_plan() {
        let plan = |seed| format!("{:?}", endowed(seed).plan(5).unwrap());
        assert_eq!(plan(1), plan(1));
        assert_ne!(plan(1), plan(2));
    }
}
