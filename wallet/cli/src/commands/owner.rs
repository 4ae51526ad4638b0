//! `specie owner …`: registering owners and looking after them.

use super::{
    limits::{self, Verified},
    pay,
    prove::{Consent, NewKey, OwnerKey, Prove},
    recovery,
};
use crate::{app::App, calls, output, purse::Purse};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;
use specie_wallet::Purpose;
use subxt::dynamic::Value;

/// Blocks for which the consent of a key that is at hand is good.
pub const PROOF_LIFETIME: u32 = 100;

/// Owners.
#[derive(Subcommand)]
pub enum Owner {
    /// Register an owner with its key; a bank signs.
    #[command(after_help = REGISTER_HELP)]
    Register(Registration),
    /// Prove that you have a key (--key), in a file for your bank, which then needs no key of yours.
    #[command(after_help = PROVE_HELP)]
    Prove(Prove),
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
    Rotate(NewKey),
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

const PROVE_HELP: &str = "\
Examples; the bank tells you your owner id, which its own `specie owner-id` gives it:
  specie --key ann owner prove OWNER --for register --bank 1 --out ann.proof
  specie --key bank-a bank register '+49 171 5550101' --proof ann.proof

  specie --key ann-2 owner prove OWNER --for recover --bank 1 --out ann-2.proof
  specie --key bank-a bank recover '+49 171 5550101' --proof ann-2.proof

You are shown what your key consents to, and asked. Another bank or network cannot use the proof, and nobody can after its
last block.";

/// Help that follows the options of a registration.
pub const REGISTER_HELP: &str = "\
Examples, with the keys of bank and owner in this key store:
  specie --key bank-a bank register '+49 171 5550101' --owner-key ann
  specie --key bank-a bank register '+49 171 5550101' --owner-key ann --class person --person DE-L01X00T47

With a proof that the customer made, and no key of the customer:
  specie --key bank-a bank register '+49 171 5550101' --proof ann.proof

Somebody who is no owner yet cannot ask the identity service: the bank asks for the owner id.";

/// A registration.
#[derive(Args)]
pub struct Registration {
    /// Identity of the owner; it stays off the chain. - reads it from the standard input.
    identity: String,
    #[command(flatten)]
    owner_key: OwnerKey,
    #[command(flatten)]
    verified: Verified,
}

impl Owner {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Register(registration) => registration.run(app).await,
            Self::Prove(prove) => prove.run(app).await,
            Self::Show { owner } => show(app, owner.as_deref()).await,
            Self::Limits { owner } => limits::show(app, owner.as_deref()).await,
            Self::Object => recovery::object(app).await,
            Self::Move { to_bank } => recovery::move_to(app, to_bank).await,
            Self::Rotate(new_key) => rotate(app, &new_key).await,
            Self::Suspend { owner } => standing(app, &owner, "suspend", "Suspended").await,
            Self::Reinstate { owner } => standing(app, &owner, "reinstate", "Reinstated").await,
            Self::Close { owner } => standing(app, &owner, "close", "Closed").await,
        }
    }
}

impl Registration {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let bank = app.own_bank().await?.bank;
        let (class, person) = self.verified.read(app).await?;
        let owner = app.owner_of_identity(&self.identity).await?;
        let Consent { key, expiry, signature } =
            self.owner_key.consent(app, owner, Purpose::Register { bank, class }).await?;
        let call = calls::call(
            "Identity",
            "register",
            [
                ("owner", calls::owner(owner)),
                ("key", calls::account(&key)),
                ("class", calls::class(class)),
                ("person", calls::person(person)),
                ("expiry", calls::number(expiry)),
                ("signature", Value::from_bytes(signature)),
            ],
        );
        let what = format!("Bank {bank} registered owner {owner} of class {class} with key {key}");
        let data = json!({ "owner": owner, "key": key, "bank": bank, "class": class, "person": person });
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
    value["ordered_value"] = json!(parts.ordered);
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

async fn rotate(app: &App, new_key: &NewKey) -> Result<()> {
    let owner = app.owner_or_own(None).await?;
    let Consent { key, expiry, signature } = new_key.consent(app, owner, Purpose::Rotate).await?;
    let call = calls::call(
        "Identity",
        "rotate",
        [("key", calls::account(&key)), ("expiry", calls::number(expiry)), ("signature", Value::from_bytes(signature))],
    );
    let what = format!("Owner {owner} now signs with {key}");
    app.send_with(&call, what, json!({ "owner": owner, "key": key })).await
}

async fn standing(app: &App, owner: &str, call: &str, done: &str) -> Result<()> {
    let owner = app.owner(owner).await?;
    let call = calls::call("Identity", call, [("owner", calls::owner(owner))]);
    app.send_with(&call, format!("{done} owner {owner}"), json!({ "owner": owner })).await
}
