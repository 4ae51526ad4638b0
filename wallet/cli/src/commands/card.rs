//! `specie card …`: making cards, handing them out, and what comes after a loss.

use super::{keys::read_secret, owner::PROOF_LIFETIME};
use crate::{
    app::App,
    calls::{self, Call},
    failure::{self, Failure},
    output,
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::{json, Value as Json};
use specie_primitives::{
    cards::{CardInfo, CardState, CardsOf, CardsPage, MAX_CARDS_PER_CALL},
    AccountId, BankId, CardNumber, OwnerId,
};
use specie_wallet::{
    card::{self, CardError},
    keystore::write_whole,
    parse_identity, CardPlace, PickupCode,
};
use std::path::{Path, PathBuf};
use subxt::{dynamic::Value, rpcs::client::rpc_params};

/// Cards.
#[derive(Subcommand)]
#[command(after_help = "\
A PLACE of a card is a file, or pkcs11:token=NAME;object=NAME?module-path=FILE. A CARD is its number, its account, or its
place. A card's PIN is asked for, or read from --pin-file or SPECIE_PIN.

Example:
  specie card new 1.json
  specie --key registry card personalise --bank 1 1.json --codes codes.txt
  specie --key bank-a card hand-out 1.json
  specie --card 1.json pay key:ben 5
  specie --key bank-a card report-lost 0
  specie --key bank-a card replace 0 2.json")]
pub enum CardCommand {
    /// Make a card: a key that is made inside of it and never read out. Needs no network.
    New {
        /// Where: a file that is not there yet, or a token that is.
        #[arg(value_name = "PLACE")]
        place: CardPlace,
    },
    /// Enter cards for a bank, each with a loss code; the registry signs.
    Personalise(Personalise),
    /// Cards that were made for a bank, or are bound to an owner.
    List(List),
    /// A card: its key, its bank, where it is in its life, its purse; by default the one of --card.
    Show {
        /// The card.
        #[arg(value_name = "CARD")]
        which: Option<String>,
    },
    /// Hand a card out to somebody whose name is not asked for; the bank that it was made for signs.
    HandOut {
        /// The card, which must be here.
        #[arg(value_name = "PLACE")]
        place: CardPlace,
    },
    /// Hand a card out to an owner whom the bank verified: limits count for that person; the bank signs.
    Bind {
        /// The card, which must be here.
        #[arg(value_name = "PLACE")]
        place: CardPlace,
        /// Owner id, identity or key.
        holder: String,
        /// The holder's present key, which must consent: name of a stored key, or //Ann on development networks.
        #[arg(long, value_name = "NAME|//URI")]
        holder_key: String,
    },
    /// Stop a card from paying, at once; its bank or its holder signs.
    ReportLost {
        /// The card.
        #[arg(value_name = "CARD")]
        which: String,
    },
    /// Take a loss report back; whoever made it signs.
    Found {
        /// The card.
        #[arg(value_name = "CARD")]
        which: String,
    },
    /// Give what is on a lost card to another one; the bank signs.
    Replace(Replace),
    /// Take a card back that is blank or empty; the registry signs.
    Withdraw {
        /// The card.
        #[arg(value_name = "CARD")]
        which: String,
    },
    /// Set how many blank cards may lie at a bank; the supervisor signs.
    SetAllowance {
        /// Number of the bank.
        #[arg(long, value_name = "NUMBER")]
        bank: u32,
        /// Most.
        most: u32,
    },
}

/// Cards to enter.
#[derive(Args)]
pub struct Personalise {
    /// Number of the bank.
    #[arg(long, value_name = "NUMBER")]
    bank: u32,
    /// The cards: places or accounts.
    #[arg(required = true)]
    cards: Vec<String>,
    /// File to write with account and loss code of each card, before anything is sent. Seal each code with its card: nobody
    /// but the customer opens it.
    #[arg(long, value_name = "FILE")]
    codes: PathBuf,
}

/// Whose cards to list.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct List {
    /// Number of the bank that they were made for.
    #[arg(long, value_name = "NUMBER")]
    bank: Option<u32>,
    /// Owner id, identity or key that they are bound to.
    #[arg(long, value_name = "OWNER")]
    holder: Option<String>,
}

/// A replacement.
#[derive(Args)]
pub struct Replace {
    /// The lost card.
    lost: String,
    /// The new one, which must be here.
    #[arg(value_name = "PLACE")]
    place: CardPlace,
    /// Of a card with a holder: the holder's present key.
    #[arg(long, value_name = "NAME|//URI", conflicts_with = "code_file")]
    holder_key: Option<String>,
    /// Of an anonymous card: file with its loss code on the first line that is not blank; - reads the standard input.
    /// Otherwise it is asked for.
    #[arg(long, value_name = "FILE")]
    code_file: Option<String>,
}

impl CardCommand {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::New { place } => {
                let account = place.create(&app.pin(true)?)?.account().clone();
                app.print(&json!({ "account": account }), || format!("Card {account}"))
            },
            Self::Personalise(command) => command.run(app).await,
            Self::List(command) => command.run(app).await,
            Self::Show { which } => {
                let info = match which {
                    Some(which) => find(app, &which).await?,
                    None => asked(app, json!(app.signing_account()?.to_string())).await?,
                };
                app.print(&info, || table(std::slice::from_ref(&info)))
            },
            Self::HandOut { place } => hand_out(app, &place, None).await,
            Self::Bind { place, holder, holder_key } => {
                let holder = app.owner(&holder).await?;
                hand_out(app, &place, Some((holder, holder_key.as_str()))).await
            },
            Self::ReportLost { which } => about(app, &which, "report_lost", "Reported lost: card").await,
            Self::Found { which } => about(app, &which, "found", "Found: card").await,
            Self::Replace(command) => command.run(app).await,
            Self::Withdraw { which } => about(app, &which, "withdraw", "Withdrew card").await,
            Self::SetAllowance { bank, most } => {
                let bank = app.bank(bank).await?.bank;
                let call =
                    calls::call("Cards", "set_allowance", [("bank", calls::bank(bank)), ("most", calls::number(most))]);
                let what = format!("As many as {most} blank cards may lie at bank {bank}");
                app.send_with(&call, what, json!({ "bank": bank, "most": most })).await
            },
        }
    }
}

/// The account of a card that is named by it or by its place.
fn account(text: &str) -> Result<AccountId> {
    if let Ok(account) = text.parse() {
        return Ok(account);
    }
    text.parse::<CardPlace>()?.account().map_err(|error| match error {
        // Not repeated: it may be the holder's identity.
        CardError::Unknown(_) if parse_identity(text).is_ok() => {
            let text = "no card is named like that: write its number, its account or its place; \
                        'specie card list --holder OWNER' lists those of an owner";
            Failure::new(failure::WALLET, text).into()
        },
        error => error.into(),
    })
}

/// A card's number, in its one spelling: with a plus or zeros before it, it is a phone number in the wrong place.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

/// A card of the network by number, account or place.
async fn find(app: &App, text: &str) -> Result<CardInfo> {
    match number(text) {
        Some(number) => asked(app, json!(number)).await,
        None => asked(app, json!(account(text)?.to_string())).await,
    }
}

async fn asked(app: &App, card: Json) -> Result<CardInfo> {
    let text = format!("the network has no card {card}");
    let info: Option<CardInfo> = app.client().await?.request("specie_card", rpc_params![card]).await?;
    info.ok_or_else(|| Failure::new(failure::WALLET, text).into())
}

/// A call that takes nothing but a card.
async fn about(app: &App, card: &str, call: &str, done: &str) -> Result<()> {
    let card = find(app, card).await?.card;
    let call = calls::call("Cards", call, [("card", calls::card(card))]);
    app.send_with(&call, format!("{done} {card}"), json!({ "card": card })).await
}

impl Personalise {
    async fn run(self, app: &App) -> Result<()> {
        if self.cards.len() > MAX_CARDS_PER_CALL as usize {
            let text = format!("{} cards are named, one transaction takes {MAX_CARDS_PER_CALL}", self.cards.len());
            return Err(Failure::new(failure::WALLET, text).into());
        }
        ensure_free(&self.codes)?;
        let key = app.signer()?;
        let (bank, genesis) = (app.bank(self.bank).await?.bank, app.client().await?.genesis());
        let (mut codes, mut made, mut keys) = (String::new(), Vec::new(), Vec::new());
        for text in &self.cards {
            let (key, code) = (account(text)?, PickupCode::generate());
            let loss_key = card::loss_key(&code, genesis, &key)?.account();
            codes.push_str(&format!("{key} {code}\n"));
            made.push(Value::named_composite([("key", calls::account(&key)), ("loss_key", calls::account(&loss_key))]));
            keys.push(key);
        }
        // A code that is shown after the card is entered might never be shown.
        write_whole(&self.codes, codes.as_bytes(), false)
            .with_context(|| format!("the loss codes cannot be written to {}", self.codes.display()))?;
        let call = calls::call("Cards", "personalise", [("bank", calls::bank(bank)), ("cards", calls::list(made))]);
        let sent = app.client().await?.submit(&call, &key, app.wait()).await;
        let mut receipt = sent.map_err(|error| with_codes(&error, &self.codes))?;
        let first = receipt.field("Cards.Personalised", "first").and_then(Json::as_u64).unwrap_or_default();
        let rows: Vec<_> =
            keys.iter().zip(first..).map(|(key, card)| json!({ "card": card, "account": key })).collect();
        receipt.what = format!(
            "Made {} cards for bank {bank}, from number {first}\n  loss codes are in {}: seal each with its card",
            keys.len(),
            self.codes.display(),
        );
        receipt.data = json!({ "bank": bank, "cards": rows, "codes": self.codes });
        app.report(&receipt)
    }
}

/// Fails if loss codes would be written over.
fn ensure_free(codes: &Path) -> Result<()> {
    if codes.exists() {
        let codes = codes.display();
        let text = format!("{codes} exists already and may hold the only loss codes of cards: choose another file");
        return Err(Failure::new(failure::WALLET, text).into());
    }
    Ok(())
}

/// A failure says what the codes are worth that were written before.
fn with_codes(error: &anyhow::Error, codes: &Path) -> Failure {
    let (failure, codes) = (Failure::from_error(error), codes.display());
    let worth = match failure.kind {
        failure::NODE => format!("Should it be included, the loss codes of the cards are those in {codes}: keep it"),
        _ => format!("The loss codes in {codes} are of no card: delete it"),
    };
    Failure { message: format!("{}\n  {worth}", failure.message), ..failure }
}

impl List {
    async fn run(self, app: &App) -> Result<()> {
        let of = match (self.bank, &self.holder) {
            (Some(bank), _) => CardsOf::Bank(BankId(bank)),
            (None, Some(holder)) => CardsOf::Holder(app.owner(holder).await?),
            (None, None) => anyhow::bail!("whose cards?"),
        };
        let (client, mut all, mut from) = (app.client().await?, Vec::new(), Some(CardNumber(0)));
        while let Some(cursor) = from {
            let page: CardsPage = client.request("specie_cards", rpc_params![of, cursor, 1_000]).await?;
            all.extend(page.cards);
            from = page.cursor;
        }
        app.print(&json!({ "cards": all }), || table(&all))
    }
}

fn table(cards: &[CardInfo]) -> String {
    let row = |info: &CardInfo| {
        let or_none = |owner: Option<OwnerId>| owner.map_or("-".to_string(), |owner| owner.to_string());
        vec![
            info.card.to_string(),
            info.bank.to_string(),
            state(info),
            info.key.to_string(),
            or_none(info.purse),
            or_none(info.holder),
        ]
    };
    let rows: Vec<_> = cards.iter().map(row).collect();
    output::table(&["card", "bank", "state", "account", "purse", "holder"], &rows, &[0, 1])
}

/// Where a card is in its life, in words.
fn state(info: &CardInfo) -> String {
    match info.state {
        CardState::Blank => "blank".into(),
        CardState::InUse => "in use".into(),
        CardState::Lost { since, .. } => match (info.holder, info.ready) {
            (None, Some(ready)) => format!("LOST since block {since}, replaceable from {ready}"),
            _ => format!("LOST since block {since}"),
        },
        CardState::Replaced { by } => format!("replaced by {by}"),
        CardState::Withdrawn => "withdrawn".into(),
    }
}

/// Hands a card out: to nobody in particular, or to a holder with its key.
async fn hand_out(app: &App, place: &CardPlace, to: Option<(OwnerId, &str)>) -> Result<()> {
    let client = app.client().await?;
    let bank = app.own_bank().await?.bank;
    let number = asked(app, json!(place.account()?.to_string())).await?.card;
    let element = place.open(&app.pin(false)?)?;
    let expiry = client.best_number().await?.saturating_add(PROOF_LIFETIME);
    let holder = to.map(|(holder, _)| holder);
    let payload = card::hand_out(client.genesis(), number, element.account(), bank, holder, expiry);
    let signature = Value::from_bytes(element.sign(&payload)?);
    let (card, expiry) = (("card", calls::card(number)), ("expiry", calls::number(expiry)));
    let call: Call = match to {
        None => calls::call("Cards", "hand_out", [card, expiry, ("signature", signature)]),
        Some((holder, key)) => {
            let consent = Value::from_bytes(app.keypair(key)?.sign(&payload));
            let holder = ("holder", calls::owner(holder));
            calls::call("Cards", "bind", [card, holder, expiry, ("signature", signature), ("consent", consent)])
        },
    };
    let mut receipt = client.submit(&call, &app.signer()?, app.wait()).await?;
    let purse = specie_primitives::cards::purse_id(app.network().await?.network_id, element.account());
    receipt.what = match holder {
        None => format!("Handed out card {number}; its purse is {purse}"),
        Some(holder) => format!("Bound card {number} to owner {holder}; its purse is {purse}"),
    };
    receipt.data =
        json!({ "card": number, "account": element.account(), "purse": purse, "holder": holder, "bank": bank });
    app.report(&receipt)
}

impl Replace {
    async fn run(self, app: &App) -> Result<()> {
        let client = app.client().await?;
        let bank = app.own_bank().await?.bank;
        let lost = find(app, &self.lost).await?;
        let new = asked(app, json!(self.place.account()?.to_string())).await?.card;
        let signer = match (lost.holder, &self.holder_key) {
            (Some(_), Some(key)) => app.keypair(key)?,
            (Some(holder), None) => {
                let text = format!(
                    "the card is bound to owner {holder}: give --holder-key; a holder that lost its key, too, gets another \
                     one first ('specie bank recover')"
                );
                return Err(Failure::new(failure::WALLET, text).into());
            },
            (None, _) => {
                let code = read_secret(self.code_file.as_deref(), "Loss code: ", "--code-file")?;
                card::loss_key(&code.parse()?, client.genesis(), &lost.key)?
            },
        };
        let element = self.place.open(&app.pin(false)?)?;
        let expiry = client.best_number().await?.saturating_add(PROOF_LIFETIME);
        let payload = card::replacement(client.genesis(), lost.card, new, element.account(), bank, expiry);
        let arguments = [
            ("lost", calls::card(lost.card)),
            ("new", calls::card(new)),
            ("expiry", calls::number(expiry)),
            ("signature", Value::from_bytes(element.sign(&payload)?)),
            ("evidence", Value::from_bytes(signer.sign(&payload))),
        ];
        let what = format!("Card {new} has what was on card {}", lost.card);
        let data = json!({ "lost": lost.card, "card": new, "purse": lost.purse });
        app.send_with(&calls::call("Cards", "replace", arguments), what, data).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_of_a_card_is_told_in_words() {
        let lost = CardState::Lost { by: specie_primitives::cards::Reporter::Bank, since: 7, ready: 37 };
        let info = |state, holder| CardInfo {
            card: CardNumber(3),
            key: AccountId::new([1; 32]),
            loss_key: AccountId::new([2; 32]),
            bank: BankId(1),
            state,
            purse: None,
            holder,
            ready: Some(37),
        };
        assert_eq!(state(&info(CardState::InUse, None)), "in use");
        assert_eq!(state(&info(lost, None)), "LOST since block 7, replaceable from 37");
        assert_eq!(state(&info(lost, Some(OwnerId([4; 24])))), "LOST since block 7");
        assert_eq!(state(&info(CardState::Replaced { by: CardNumber(4) }, None)), "replaced by 4");
        let text = table(&[info(CardState::Blank, None)]);
        assert!(text.contains("blank") && text.lines().count() == 2, "{text}");
    }

    #[test]
    fn a_card_is_named_by_its_account_or_its_place() {
        let key = AccountId::new([1; 32]);
        assert_eq!(account(&key.to_string()).unwrap(), key);
        assert!(account("/nowhere/card.json").unwrap_err().to_string().contains("there is no card at"));
        assert!(account("pkcs11:token=a").unwrap_err().to_string().contains("is no place of a card"));
        assert_eq!(["7", "0"].map(number), [Some(7), Some(0)]);
        assert_eq!(["+491715550101", "00491715550101", "1.json"].map(number), [None; 3]);
        for identity in ["+49 171 5550101", "+491715550101", "ann@example.org", "alias:ann"] {
            let text = account(identity).unwrap_err().to_string();
            assert!(text.contains("card list --holder") && !text.contains(identity), "{text}");
        }
    }

    #[test]
    fn codes_are_kept_as_long_as_they_may_be_of_cards() {
        let codes = std::env::temp_dir().join(format!("specie-card-codes-{}", std::process::id()));
        let told = |kind| with_codes(&Failure::new(kind, "m").into(), &codes).message;
        assert!(told(failure::NODE).starts_with("m\n") && told(failure::NODE).ends_with("keep it"));
        for kind in [failure::REFUSED, failure::DISPATCH, failure::WALLET] {
            assert!(told(kind).ends_with("delete it"), "{kind}");
        }
        ensure_free(&codes).unwrap();
        std::fs::write(&codes, "").unwrap();
        let text = ensure_free(&codes).unwrap_err().to_string();
        assert!(text.contains("only loss codes") && text.contains("another file"), "{text}");
        std::fs::remove_file(&codes).unwrap();
    }
}
