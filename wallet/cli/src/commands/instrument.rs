//! `specie instrument …`: bills, vouchers and securities, who issues them and who holds them.

use super::pickup::blocks;
use crate::{
    app::App,
    calls,
    failure::{self, Failure},
    output,
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use specie_primitives::{
    instruments::{HolderRule, InstrumentInfo, InstrumentKind, InstrumentsPage, Paused, UnitsInfo, MAX_UNITS},
    Balance, Hash, Institution, InstrumentId, OwnerId, Terms,
};
use specie_wallet::Money;
use subxt::rpcs::client::rpc_params;

/// Entries asked for at once.
const PAGE: u32 = 1_000;

/// Bills, vouchers and securities.
#[derive(Subcommand)]
#[command(after_help = "\
Units for money, both or nothing, are an order that two sign: `specie order exchange`. Nobody signs for list, show and holders.
Example: bank A defines a voucher and issues ten; Ann gives Ben two and sells him three; Ben uses one.
  specie --key bank-a instrument define voucher 'Ten coffees' COFFEE --most 1000 --reference HASH
  specie --key bank-a instrument issue 7 ann 10          # 7 is the number that define printed
  specie --key ann instrument transfer 7 ben 2
  specie --key ann order exchange ben --give units:7:3 --take coins:9 --out sale.order
  specie --key ben order sign sale.order --out sold.order
  specie --key ben order submit sold.order
  specie --key ben instrument redeem 7 1                 # given back: it is no more")]
pub enum Instrument {
    /// Define a bill, a voucher or a security. A bank signs, or the role issuing.
    Define(Define),
    /// Issue units to a customer of the bank; the issuer issues to anyone. Who defined the instrument signs.
    Issue {
        /// Number of the instrument.
        instrument: u32,
        /// Owner id, identity or key.
        to: String,
        /// How much, with as many digits behind the point as the instrument has.
        #[arg(allow_negative_numbers = true)]
        amount: String,
    },
    /// Give units to another owner.
    Transfer {
        /// Number of the instrument.
        instrument: u32,
        /// Owner id, identity or key.
        to: String,
        /// How much.
        #[arg(allow_negative_numbers = true)]
        amount: String,
    },
    /// Give units back for nothing: they are no more.
    Redeem {
        /// Number of the instrument.
        instrument: u32,
        /// How much.
        #[arg(allow_negative_numbers = true)]
        amount: String,
    },
    /// Let an owner hold an instrument that has a list. Who defined it signs.
    ListHolder {
        /// Number of the instrument.
        instrument: u32,
        /// Owner id, identity or key.
        owner: String,
    },
    /// End that; it keeps what it has.
    UnlistHolder {
        /// Number of the instrument.
        instrument: u32,
        /// Owner id, identity or key.
        owner: String,
    },
    /// Name the owner through whom units are sold and taken back, or nobody.
    SetAgent {
        /// Number of the instrument.
        instrument: u32,
        /// Owner id, identity or key.
        owner: Option<String>,
    },
    /// Stop an instrument: nothing of it moves. Who defined it signs, or the supervising role.
    Pause {
        /// Number of the instrument.
        instrument: u32,
    },
    /// End what the signer's side stopped.
    Resume {
        /// Number of the instrument.
        instrument: u32,
    },
    /// End an instrument that nobody holds and whose list is empty.
    Close {
        /// Number of the instrument.
        instrument: u32,
    },
    /// All instruments.
    List,
    /// One of them.
    Show {
        /// Number of the instrument.
        instrument: u32,
    },
    /// Who holds one.
    Holders {
        /// Number of the instrument.
        instrument: u32,
    },
}

/// Terms of an instrument, which never change.
#[derive(Args)]
#[command(after_help = "Examples:
  specie --key bank-a instrument define bill 'Bill 7 of bank A' BA7 --most 1000000 --decimals 2 --life 90d --reference HASH
  specie --key bank-b instrument define voucher 'Book voucher' BOOK --most 5000 --holders customers --returns-only --reference HASH")]
pub struct Define {
    /// What it is.
    kind: Kind,
    /// Its name.
    name: String,
    /// How amounts of it are marked: letters and digits, a letter first.
    symbol: String,
    /// Most that there is of it at a time.
    #[arg(long, value_name = "AMOUNT")]
    most: String,
    /// Digits behind the point.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    decimals: u8,
    /// Hash of the document with all terms, 64 hexadecimal digits.
    #[arg(long, value_name = "HASH")]
    reference: String,
    /// Who may hold it.
    #[arg(long, value_enum, default_value = "anyone")]
    holders: Holders,
    /// Holders do not pass it on to each other.
    #[arg(long)]
    returns_only: bool,
    /// How long it is issued and passed on; then it only goes back.
    #[arg(long, value_name = "90d|12h|90m")]
    life: Option<String>,
}

/// What an instrument is.
#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// A promise to pay on a day.
    Bill,
    /// A right to goods or services.
    Voucher,
    /// A bond, a share.
    Security,
}

impl From<Kind> for InstrumentKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Bill => Self::Bill,
            Kind::Voucher => Self::Voucher,
            Kind::Security => Self::Security,
        }
    }
}

/// Who may hold an instrument.
#[derive(Clone, Copy, ValueEnum)]
enum Holders {
    /// Any owner.
    Anyone,
    /// Customers of the bank that defined it.
    Customers,
    /// Owners on a list.
    Listed,
}

impl From<Holders> for HolderRule {
    fn from(holders: Holders) -> Self {
        match holders {
            Holders::Anyone => Self::Anyone,
            Holders::Customers => Self::Customers,
            Holders::Listed => Self::Listed,
        }
    }
}

impl Instrument {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Define(define) => define.run(app).await,
            Self::Issue { instrument, to, amount } => issue(app, instrument, &to, &amount).await,
            Self::Transfer { instrument, to, amount } => transfer(app, instrument, &to, &amount).await,
            Self::Redeem { instrument, amount } => redeem(app, instrument, &amount).await,
            Self::ListHolder { instrument, owner } => set_holder(app, instrument, &owner, true).await,
            Self::UnlistHolder { instrument, owner } => set_holder(app, instrument, &owner, false).await,
            Self::SetAgent { instrument, owner } => set_agent(app, instrument, owner.as_deref()).await,
            Self::Pause { instrument } => plain(app, "pause", instrument, "is stopped").await,
            Self::Resume { instrument } => {
                plain(app, "resume", instrument, "is not stopped by the signer any more").await
            },
            Self::Close { instrument } => plain(app, "close", instrument, "is no more").await,
            Self::List => list(app).await,
            Self::Show { instrument } => show(app, instrument).await,
            Self::Holders { instrument } => holders(app, instrument).await,
        }
    }
}

/// An instrument that must be there.
pub async fn known(app: &App, instrument: InstrumentId) -> Result<InstrumentInfo> {
    let info: Option<InstrumentInfo> =
        app.client().await?.request("specie_instrument", rpc_params![instrument]).await?;
    info.ok_or_else(|| Failure::new(failure::WALLET, format!("there is no instrument {instrument}")).into())
}

/// How amounts of an instrument are written.
fn form(info: &InstrumentInfo) -> Money {
    Money { decimals: info.decimals, symbol: info.symbol.clone() }
}

/// An amount of an instrument where money stands beside it: whoever defined it may have given it the symbol of money.
pub fn in_units(info: &InstrumentInfo, amount: Balance) -> String {
    Money { symbol: "units".into(), ..form(info) }.show(amount)
}

/// Reads how much of an instrument.
pub fn read_amount(info: &InstrumentInfo, text: &str) -> Result<Balance> {
    let amount = form(info).parse_positive(text)?;
    if amount > MAX_UNITS {
        return Err(Failure::new(failure::WALLET, "there is never so much of an instrument").into());
    }
    Ok(amount)
}

/// All that an owner holds.
pub async fn units_of(app: &App, owner: OwnerId) -> Result<Vec<UnitsInfo>> {
    let (client, mut all) = (app.client().await?, Vec::<UnitsInfo>::new());
    loop {
        let after = all.last().map(|last| last.instrument);
        let page: Vec<UnitsInfo> = client.request("specie_units", rpc_params![owner, after, PAGE]).await?;
        let is_last = page.len() < PAGE as usize;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

impl Define {
    async fn run(self, app: &App) -> Result<()> {
        let form = Money { decimals: self.decimals, symbol: self.symbol.clone() };
        let most = form.parse_positive(&self.most)?;
        let reference = hex::decode(self.reference.trim().trim_start_matches("0x")).ok().filter(|raw| raw.len() == 32);
        let reference = reference.context("a document is named by its hash, 64 hexadecimal digits")?;
        let life = self.life.as_deref().map(blocks).transpose()?;
        let matures = match life {
            Some(life) => Some(app.client().await?.best_number().await?.saturating_add(life)),
            None => None,
        };
        let too_long = |what: &str| Failure::new(failure::WALLET, format!("the {what} is too long"));
        let terms = Terms {
            kind: self.kind.into(),
            name: self.name.into_bytes().try_into().map_err(|_| too_long("name"))?,
            symbol: self.symbol.into_bytes().try_into().map_err(|_| too_long("symbol"))?,
            decimals: self.decimals,
            reference: Hash::from_slice(&reference),
            holders: self.holders.into(),
            transferable: !self.returns_only,
            most,
            matures,
        };
        if !terms.are_sound() {
            let text = "such terms are refused: names are text without signs that do not show, symbols letters and digits behind a \
                        letter, decimals 12 at most, and the most has 64 bits";
            return Err(Failure::new(failure::WALLET, text).into());
        }
        let call = calls::call("Instruments", "define", [("terms", calls::terms(&terms))]);
        let mut receipt = app.client().await?.submit(&call, &app.signer()?, app.wait()).await?;
        let number = receipt.field("Instruments.Defined", "instrument").cloned();
        let number = number.context("the network told no number")?;
        receipt.what = format!("Defined instrument {number}; nobody has any of it yet");
        receipt.data = json!({ "instrument": number, "matures": matures });
        app.report(&receipt)
    }
}

async fn issue(app: &App, instrument: u32, to: &str, amount: &str) -> Result<()> {
    let (instrument, owner) = (InstrumentId(instrument), app.owner(to).await?);
    let info = known(app, instrument).await?;
    let amount = read_amount(&info, amount)?;
    app.registered(owner, Some(to), None).await?;
    let arguments =
        [("instrument", calls::instrument(instrument)), ("to", calls::owner(owner)), ("amount", calls::amount(amount))];
    let what = format!("Issued {} (instrument {instrument}) to {owner}", form(&info).show(amount));
    let data = json!({ "instrument": instrument, "to": owner, "amount": amount });
    app.send_with(&calls::call("Instruments", "issue", arguments), what, data).await
}

async fn transfer(app: &App, instrument: u32, to: &str, amount: &str) -> Result<()> {
    let (instrument, owner) = (InstrumentId(instrument), app.owner(to).await?);
    let info = known(app, instrument).await?;
    let amount = read_amount(&info, amount)?;
    app.registered(owner, Some(to), None).await?;
    let arguments =
        [("instrument", calls::instrument(instrument)), ("to", calls::owner(owner)), ("amount", calls::amount(amount))];
    let what = format!("Gave {} (instrument {instrument}) to {owner}", form(&info).show(amount));
    let data = json!({ "instrument": instrument, "to": owner, "amount": amount });
    app.send_with(&calls::call("Instruments", "transfer", arguments), what, data).await
}

async fn redeem(app: &App, instrument: u32, amount: &str) -> Result<()> {
    let instrument = InstrumentId(instrument);
    let info = known(app, instrument).await?;
    let amount = read_amount(&info, amount)?;
    let arguments = [("instrument", calls::instrument(instrument)), ("amount", calls::amount(amount))];
    let what = format!("Gave {} (instrument {instrument}) back: they are no more", form(&info).show(amount));
    let data = json!({ "instrument": instrument, "amount": amount });
    app.send_with(&calls::call("Instruments", "redeem", arguments), what, data).await
}

async fn set_holder(app: &App, instrument: u32, owner: &str, may: bool) -> Result<()> {
    let (instrument, owner) = (InstrumentId(instrument), app.owner(owner).await?);
    let arguments = [("instrument", calls::instrument(instrument)), ("owner", calls::owner(owner))];
    let (name, how) = if may { ("list", "may hold") } else { ("unlist", "gets no more of") };
    let what = format!("Owner {owner} {how} instrument {instrument}");
    let data = json!({ "instrument": instrument, "owner": owner });
    app.send_with(&calls::call("Instruments", name, arguments), what, data).await
}

async fn set_agent(app: &App, instrument: u32, owner: Option<&str>) -> Result<()> {
    let instrument = InstrumentId(instrument);
    let agent = match owner {
        Some(text) => Some(app.owner(text).await?),
        None => None,
    };
    let arguments = [("instrument", calls::instrument(instrument)), ("agent", calls::option(agent.map(calls::owner)))];
    let what = match agent {
        Some(agent) => format!("Owner {agent} is the agent for instrument {instrument}"),
        None => format!("Instrument {instrument} has no agent"),
    };
    let data = json!({ "instrument": instrument, "agent": agent });
    app.send_with(&calls::call("Instruments", "set_agent", arguments), what, data).await
}

/// A call that takes the instrument alone.
async fn plain(app: &App, name: &str, instrument: u32, how: &str) -> Result<()> {
    let instrument = InstrumentId(instrument);
    let call = calls::call("Instruments", name, [("instrument", calls::instrument(instrument))]);
    app.send_with(&call, format!("Instrument {instrument} {how}"), json!({ "instrument": instrument })).await
}

async fn list(app: &App) -> Result<()> {
    let (client, mut all, mut cursor) = (app.client().await?, Vec::new(), None::<InstrumentId>);
    loop {
        let page: InstrumentsPage = client.request("specie_instruments", rpc_params![cursor, PAGE]).await?;
        all.extend(page.instruments);
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    app.print(&json!({ "instruments": all }), || {
        let row = |info: &InstrumentInfo| {
            vec![
                info.instrument.to_string(),
                kind(info).to_string(),
                info.name.clone(),
                institution(info),
                form(info).show(info.supply),
                info.matures.map(|last| last.to_string()).unwrap_or_default(),
                standing(info).into(),
            ]
        };
        let rows: Vec<_> = all.iter().map(row).collect();
        output::table(&["instrument", "kind", "name", "of", "supply", "last block", ""], &rows, &[0, 4, 5])
    })
}

async fn show(app: &App, instrument: u32) -> Result<()> {
    let info = known(app, InstrumentId(instrument)).await?;
    app.print(&info, || {
        let form = form(&info);
        let rows = [
            ("kind", kind(&info).to_string()),
            ("name", info.name.clone()),
            ("defined by", institution(&info)),
            ("terms", format!("{:?}", info.reference)),
            ("holders", who(&info)),
            ("most", form.show(info.most)),
            ("issued", form.show(info.flows.issued)),
            ("given back", form.show(info.flows.redeemed)),
            ("supply", form.show(info.supply)),
            ("last block", info.matures.map_or("none".into(), |last| last.to_string())),
            ("agent", info.agent.map_or("none".into(), |agent| agent.to_string())),
            ("standing", standing(&info).to_string()),
        ];
        let rows: Vec<_> = rows.into_iter().map(|(name, value)| vec![name.to_string(), value]).collect();
        output::table(&["instrument", &info.instrument.to_string()], &rows, &[])
    })
}

async fn holders(app: &App, instrument: u32) -> Result<()> {
    let info = known(app, InstrumentId(instrument)).await?;
    let (client, mut all) = (app.client().await?, Vec::<UnitsInfo>::new());
    loop {
        let after = all.last().map(|last| last.owner);
        let asked = rpc_params![info.instrument, after, PAGE];
        let page: Vec<UnitsInfo> = client.request("specie_instrumentHolders", asked).await?;
        let is_last = page.len() < PAGE as usize;
        all.extend(page);
        if is_last {
            break;
        }
    }
    all.sort_by_key(|units| units.owner);
    app.print(&json!({ "instrument": info.instrument, "supply": info.supply, "holders": all }), || {
        let form = form(&info);
        let rows: Vec<_> = all.iter().map(|units| vec![units.owner.to_string(), form.show(units.amount)]).collect();
        output::table(&["owner", "units"], &rows, &[1])
    })
}

fn kind(info: &InstrumentInfo) -> &'static str {
    match info.kind {
        InstrumentKind::Bill => "bill",
        InstrumentKind::Voucher => "voucher",
        InstrumentKind::Security => "security",
    }
}

fn institution(info: &InstrumentInfo) -> String {
    match info.institution {
        Institution::Issuer => "issuer".into(),
        Institution::Bank(bank) => format!("bank {bank}"),
    }
}

fn who(info: &InstrumentInfo) -> String {
    let who = match info.holders {
        HolderRule::Anyone => "anyone",
        HolderRule::Customers => "customers of the bank",
        HolderRule::Listed => "owners on its list",
    };
    let how = if info.transferable { "who pass it on" } else { "who only give it back" };
    format!("{who}, {how}")
}

fn standing(info: &InstrumentInfo) -> &'static str {
    match info.paused {
        Paused { by_supervisor: true, .. } => "STOPPED by the supervisor",
        Paused { by_institution: true, .. } => "STOPPED by who defined it",
        Paused { .. } => "",
    }
}
