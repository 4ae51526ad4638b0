//! `specie key restore`: a wallet from its recovery phrase and the chain, and from nothing else.

use super::{
    keys::{ensure_free, read_secret},
    pickup,
};
use crate::{
    app::App,
    failure::{self, Failure},
    output,
};
use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use specie_primitives::{api::OwnerInfo, AccountId, OwnerId, OwnerStatus, SuspendedBy};
use specie_wallet::{read_phrase, seed::GAP, Money, Seed, StoredKey};
use subxt::rpcs::client::rpc_params;

/// What neither the seed nor the chain has.
const NOT_RESTORED: &str = "Not restored, because neither the phrase nor the chain has it: names and identities that you noted \
                            with keys, the owner ids of identities that you asked about (the wallet asks again when you name \
                            one), codes of payments that others left for you, and keys that are not from this phrase.";

/// Bring a wallet back.
#[derive(Args)]
pub struct Restore {
    /// Name of the key; if several owners come back, the others get -2, -3 behind it.
    name: String,
    /// Read the recovery phrase from the first line of this file that is not blank; - for the standard input.
    #[arg(long, value_name = "FILE")]
    phrase_file: Option<String>,
}

/// An owner that came back.
struct Restored {
    name: String,
    number: u32,
    info: OwnerInfo,
    /// Payments that it left and that wait.
    left: usize,
}

impl Restore {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        ensure_free(app, &self.name)?;
        let secret = read_secret(self.phrase_file.as_deref(), "Recovery phrase: ", "--phrase-file")?;
        let seed = seed(&secret)?;
        let bound = bound(app, &seed).await?;
        let mut owners: Vec<OwnerId> = Vec::new();
        for (_, _, owner) in &bound {
            if !owners.contains(owner) {
                owners.push(*owner);
            }
        }
        let mut infos = Vec::new();
        for owner in owners {
            infos.push(app.owner_info(owner, None).await?);
        }
        let (present, elsewhere) = told_apart(&bound, infos);
        if present.is_empty() {
            return Err(Failure::new(failure::WALLET, nobody(&elsewhere)).into());
        }
        let mut restored = Vec::new();
        for (place, (number, info)) in (1..).zip(present) {
            let name = if place == 1 { self.name.clone() } else { format!("{}-{place}", self.name) };
            ensure_free(app, &name)?;
            let left = pickup::left_by(app, info.owner).await?.len();
            restored.push(Restored { name, number, info, left });
        }
        // Everything was looked up before the first key is written.
        let (store, password) = (app.keystore()?, app.password(true)?);
        for Restored { name, number, .. } in &restored {
            let key = StoredKey { secret: seed.secret(*number).to_string(), identity: None };
            store.add(name, &key, password)?;
        }
        report(app, &restored, &elsewhere).await
    }
}

/// What was typed: a recovery phrase, or a seed or URI as `specie key export` prints them.
fn seed(secret: &str) -> Result<Seed> {
    let secret = secret.trim();
    let seed = match secret.contains('/') || secret.starts_with("0x") {
        true => Seed::of(secret).0,
        false => Seed::of(&read_phrase(secret)?).0,
    };
    seed.key(0)?;
    Ok(seed)
}

/// Keys of the seed that are or were bound to an owner, in the order of their numbers.
async fn bound(app: &App, seed: &Seed) -> Result<Vec<(u32, AccountId, OwnerId)>> {
    let client = app.client().await?;
    let (mut found, mut number, mut unknown) = (Vec::new(), 0u32, 0);
    while unknown < GAP {
        let account = seed.key(number)?.account();
        let owner: Option<OwnerId> = client.request("specie_ownerOf", rpc_params![account.to_string()]).await?;
        match owner {
            Some(owner) => {
                found.push((number, account, owner));
                unknown = 0;
            },
            None => unknown += 1,
        }
        number = number.checked_add(1).context("there are no more keys")?;
    }
    Ok(found)
}

/// Owners whose present key is of the seed, with that key's number, and those that have another one. An id that was released
/// is nobody's, although the keys that it had are known: it is left out.
fn told_apart(
    bound: &[(u32, AccountId, OwnerId)],
    infos: Vec<Option<OwnerInfo>>,
) -> (Vec<(u32, OwnerInfo)>, Vec<OwnerInfo>) {
    let (mut present, mut elsewhere) = (Vec::new(), Vec::new());
    for info in infos.into_iter().flatten() {
        match bound.iter().find(|(_, account, _)| *account == info.key) {
            Some((number, _, _)) => present.push((*number, info)),
            None => elsewhere.push(info),
        }
    }
    (present, elsewhere)
}

/// Why nothing can be restored, and what to do.
fn nobody(elsewhere: &[OwnerInfo]) -> String {
    match elsewhere {
        [] => format!(
            "no owner is known under any of the first {GAP} keys of this phrase, on this network. If the words are right and \
             you were registered here, your bank gave you a key of another phrase later, or an owner id that was not used \
             for long was released. If that other phrase is lost too, go to your bank: make a new key with `specie key new \
             NAME`, and it asks for that key with `specie bank recover`. If you were never registered, `specie key import NAME` \
             stores the key"
        ),
        [info, ..] => format!(
            "owner {} once had a key of this phrase, but signs with {} now, which is not from this phrase. Restore from the \
             phrase of that key; if that is lost, go to bank {}, which can ask for another key with `specie bank recover`",
            info.owner, info.key, info.bank
        ),
    }
}

async fn report(app: &App, restored: &[Restored], elsewhere: &[OwnerInfo]) -> Result<()> {
    let money = app.money().await?;
    let row = |one: &Restored| {
        let Restored { name, number, info, left } = one;
        json!({
            "name": name, "number": number, "account": info.key, "owner": info.owner, "standing": info.status,
            "bank": info.bank, "class": info.class, "coins": info.coins, "coins_value": info.coins_value,
            "custody": info.custody.iter().map(|(bank, amount)| json!({ "bank": bank, "amount": amount })).collect::<Vec<_>>(),
            "pickups_left": left,
        })
    };
    let keys: Vec<_> = restored.iter().map(row).collect();
    let others: Vec<_> = elsewhere.iter().map(|info| json!({ "owner": info.owner, "key": info.key })).collect();
    app.print(&json!({ "keys": keys, "other_keys": others, "not_restored": NOT_RESTORED }), || {
        let mut parts: Vec<_> = restored.iter().map(|one| words(one, &money)).collect();
        parts.extend(
            elsewhere
                .iter()
                .map(|info| format!("Owner {} signs with {} now, which is not from this phrase", info.owner, info.key)),
        );
        parts.push(NOT_RESTORED.into());
        parts.join("\n")
    })
}

fn standing(status: OwnerStatus) -> &'static str {
    match status {
        OwnerStatus::Active => "active",
        OwnerStatus::Suspended(SuspendedBy::Bank) => "suspended by its bank: is paid, but cannot pay",
        OwnerStatus::Suspended(SuspendedBy::Supervisor) => "held by the supervisor: is paid, but cannot pay",
        OwnerStatus::Closed => "closed",
    }
}

/// What came back of one owner.
fn words(one: &Restored, money: &Money) -> String {
    let Restored { name, number, info, left } = one;
    let mut rows = vec![
        vec!["account".into(), format!("{}, number {number} of the phrase", info.key)],
        vec!["owner".into(), info.owner.to_string()],
        vec!["standing".into(), standing(info.status).into()],
        vec!["coins".into(), format!("{} worth {}", info.coins, money.show(info.coins_value))],
    ];
    rows.extend(info.custody.iter().map(|(bank, amount)| vec![format!("custody at {bank}"), money.show(*amount)]));
    if *left > 0 {
        let text = format!("{left} wait to be collected: `specie --key {name} pickup codes` shows their codes");
        rows.push(vec!["payments left".into(), text]);
    }
    rows.push(vec!["history".into(), format!("`specie --key {name} history`, as far back as the node knows")]);
    output::table(&["key", name], &rows, &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use specie_primitives::{BankId, OwnerClass, OwnerStatus};

    fn ann() -> OwnerInfo {
        OwnerInfo {
            owner: OwnerId([1; 24]),
            bank: BankId(2),
            key: AccountId::new([3; 32]),
            status: OwnerStatus::Active,
            class: OwnerClass::Phone,
            coins: 4,
            coins_value: 500,
            custody: vec![(BankId(2), 700)],
        }
    }

    #[test]
    fn phrases_seeds_and_uris_are_read() {
        let account = |secret: &str| seed(secret).map(|seed| seed.key(0).unwrap().account());
        let phrase = specie_wallet::keys::generate_phrase().unwrap();
        assert_eq!(account(&phrase).unwrap(), account(&phrase.to_uppercase()).unwrap());
        assert_eq!(account("//Ann").unwrap(), account(" //Ann//specie//7 ").unwrap());
        assert!(account(&format!("0x{}", "07".repeat(32))).is_ok());
        let error = account("letter advice cage").unwrap_err().to_string();
        assert!(error.contains("this has 3") && !error.contains("letter advice"), "{error}");
    }

    #[test]
    fn what_cannot_be_restored_says_what_to_do() {
        assert!(nobody(&[]).contains("bank recover") && nobody(&[]).contains("first 20 keys"));
        let text = nobody(&[ann()]);
        assert!(text.contains(&ann().key.to_string()) && text.contains("go to bank 2"), "{text}");
    }

    #[test]
    fn an_id_that_was_released_stands_in_nobodys_way() {
        let [released, elsewhere] = [OwnerId([7; 24]), OwnerId([8; 24])];
        let bound = [(0, AccountId::new([9; 32]), released), (3, ann().key, ann().owner)];
        let other = OwnerInfo { owner: elsewhere, key: AccountId::new([4; 32]), ..ann() };
        let (present, others) = told_apart(&bound, vec![None, Some(ann()), Some(other)]);
        assert_eq!(present.iter().map(|(number, info)| (*number, info.owner)).collect::<Vec<_>>(), [(3, ann().owner)]);
        assert_eq!(others.iter().map(|info| info.owner).collect::<Vec<_>>(), [elsewhere]);
    }

    #[test]
    fn what_came_back_is_told() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let one = Restored { name: "ann".into(), number: 1, info: ann(), left: 2 };
        let text = words(&one, &money);
        assert!(text.contains("number 1 of the phrase") && text.contains("4 worth 5.00 SPC"), "{text}");
        assert!(text.contains("7.00 SPC") && text.contains("2 wait") && text.contains("pickup codes"), "{text}");
        assert!(!words(&Restored { left: 0, ..one }, &money).contains("pickup codes"));
    }
}
