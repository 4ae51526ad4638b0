//! `specie owner …`: registering owners and looking after them.

use super::{
    limits::{self, Verified},
    pay, recovery,
};
use crate::{app::App, calls, output, purse::Purse};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;
use specie_wallet::registration;
use subxt::dynamic::Value;

/// Blocks for which a proof of possession is good.
pub const PROOF_LIFETIME: u32 = 100;

/// Owners.
#[derive(Subcommand)]
pub enum Owner {
    /// Register an owner with its key; a bank signs.
    #[command(after_help = REGISTER_HELP)]
    Register(Registration),
    /// Standing, bank, key and holdings of an owner.
    Show {
        /// Owner id, identity or key; by default the owner of --key.
        owner: Option<String>,
    },
    /// Limits of an owner's class, what was paid today and what is left.
    Limits {
        /// Owner id, identity or key; by default the owner of --key.
        owner: Option<String>,
    },
    /// Object to another key that the bank asked for, with the present key; the supervising role decides.
    Object,
    /// Offer the owner of --key to another bank, which takes it over with `specie bank accept-owner`. Custody stays where it
    /// is.
    Move {
        /// Number of that bank, see `specie bank list`.
        #[arg(long, value_name = "NUMBER")]
        to_bank: u32,
    },
    /// Replace an owner's key by another; the present key signs. It cannot be taken back, and is done once a business day at
    /// most.
    Rotate {
        /// The new key, which must consent: name of a stored key, or //Ann on development networks.
        #[arg(long, value_name = "NAME|//URI")]
        new_key: String,
    },
    /// Stop an owner from paying, not from being paid; the bank that registered it or the supervisor signs.
    Suspend {
        /// Owner id, identity or key.
        owner: String,
    },
    /// Let a suspended owner pay again; a bank lifts its own suspension only, the supervisor any.
    Reinstate {
        /// Owner id, identity or key.
        owner: String,
    },
    /// Close an owner that holds nothing, for good; the bank that registered it signs.
    Close {
        /// Owner id, identity or key.
        owner: String,
    },
}

/// Help that follows the options of a registration.
pub const REGISTER_HELP: &str = "\
Examples, with the keys of bank and owner in this key store:
  specie --key bank-a bank register '+49 171 5550101' --owner-key ann
  specie --key bank-a bank register '+49 171 5550101' --owner-key ann --class person --person DE-L01X00T47

Somebody who is no owner yet cannot ask the identity service: the bank asks for the owner id.";

/// A registration.
#[derive(Args)]
pub struct Registration {
    /// Identity of the owner; it stays off the chain. - reads it from the standard input.
    identity: String,
    /// The owner's key, which must consent: name of a stored key, or //Ann on development networks.
    #[arg(long, value_name = "NAME|//URI")]
    owner_key: String,
    #[command(flatten)]
    verified: Verified,
}

impl Owner {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Register(registration) => registration.run(app).await,
            Self::Show { owner } => show(app, owner.as_deref()).await,
            Self::Limits { owner } => limits::show(app, owner.as_deref()).await,
            Self::Object => recovery::object(app).await,
            Self::Move { to_bank } => recovery::move_to(app, to_bank).await,
            Self::Rotate { new_key } => rotate(app, &new_key).await,
            Self::Suspend { owner } => standing(app, &owner, "suspend", "Suspended").await,
            Self::Reinstate { owner } => standing(app, &owner, "reinstate", "Reinstated").await,
            Self::Close { owner } => standing(app, &owner, "close", "Closed").await,
        }
    }
}

impl Registration {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let client = app.client().await?;
        let bank = app.own_bank().await?.bank;
        let (class, person) = self.verified.read(app).await?;
        let owner = app.owner_of_identity(&self.identity).await?;
        let key = app.keypair(&self.owner_key)?;
        let expiry = client.best_number().await?.saturating_add(PROOF_LIFETIME);
        let proof = registration::registration(&key, client.genesis(), owner, bank, class, expiry);
        let call = calls::call(
            "Identity",
            "register",
            [
                ("owner", calls::owner(owner)),
                ("key", calls::account(&key.account())),
                ("class", calls::class(class)),
                ("person", calls::person(person)),
                ("expiry", calls::number(expiry)),
                ("signature", Value::from_bytes(proof)),
            ],
        );
        let what = format!("Bank {bank} registered owner {owner} of class {class} with key {}", key.account());
        let data = json!({ "owner": owner, "key": key.account(), "bank": bank, "class": class, "person": person });
        app.send_with(&call, what, data).await
    }
}

async fn show(app: &App, owner: Option<&str>) -> Result<()> {
    let id = app.owner_to_show(owner).await?;
    let purse = Purse::look(app, id).await?;
    let info = app.registered(id, owner, Some(purse.holdings().block.hash.as_str())).await?;
    let (money, parts) = (app.money().await?, purse.parts(info.status));
    let mut value = serde_json::to_value(&info)?;
    value["settled_value"] = json!(parts.settled);
    value["pending_value"] = json!(parts.pending);
    value["held_value"] = json!(parts.held);
    app.print(&value, || {
        let mut rows = vec![
            vec!["owner".into(), info.owner.to_string()],
            vec!["standing".into(), format!("{:?}", info.status)],
            vec!["class".into(), info.class.to_string()],
            vec!["registered by".into(), format!("bank {}", info.bank)],
            vec!["key".into(), info.key.to_string()],
            vec!["coins".into(), format!("{} worth {}", info.coins, money.show(info.coins_value))],
        ];
        rows.extend(pay::part_rows(&money, parts));
        rows.extend(info.custody.iter().map(|(bank, amount)| vec![format!("custody at {bank}"), money.show(*amount)]));
        let head = rows.remove(0);
        output::table(&[&head[0], &head[1]], &rows, &[])
    })
}

async fn rotate(app: &App, new_key: &str) -> Result<()> {
    let client = app.client().await?;
    let owner = app.owner_or_own(None).await?;
    let key = app.keypair(new_key)?;
    let expiry = client.best_number().await?.saturating_add(PROOF_LIFETIME);
    let proof = registration::rotation(&key, client.genesis(), owner, expiry);
    let call = calls::call(
        "Identity",
        "rotate",
        [
            ("key", calls::account(&key.account())),
            ("expiry", calls::number(expiry)),
            ("signature", Value::from_bytes(proof)),
        ],
    );
    let what = format!("Owner {owner} now signs with {}", key.account());
    app.send_with(&call, what, json!({ "owner": owner, "key": key.account() })).await
}

async fn standing(app: &App, owner: &str, call: &str, done: &str) -> Result<()> {
    let owner = app.owner(owner).await?;
    let call = calls::call("Identity", call, [("owner", calls::owner(owner))]);
    app.send_with(&call, format!("{done} owner {owner}"), json!({ "owner": owner })).await
}
