//! `specie joint …`: owners for which several sign. Their orders are in `joint_orders`.

use super::{
    issuer::confirmed,
    joint_orders::{Cancel, Managers, Pay, Send},
    limits::Verified,
};
use crate::{
    app::App,
    calls,
    failure::{self, Failure},
    output,
};
use anyhow::{bail, Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;
use specie_primitives::{
    joint::{JointInfo, ProposalInfo},
    BlockNumber, OwnerClass, OwnerId,
};
use specie_wallet::{joint::JointPurpose, key_proof::MAX_LIFETIME, keystore::write_whole, JointDocument};
use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
};
use subxt::rpcs::client::rpc_params;

/// Blocks for which a document is good unless something else is asked for: fifty minutes.
const USUAL_LIFE: BlockNumber = 3_000;

/// Joint accounts.
#[derive(Subcommand)]
#[command(after_help = "\
Example: Ann and Ben have bank 1 open an account for which any two of three sign, and pay from it.
  specie --key ann joint prepare alias:our-flat --bank 1 --managers ann,ben,cid --threshold 2 --out flat.json
  specie --key ann joint sign flat.json        # and so do Ben and Cid, each with the file
  specie --key bank-a joint open flat.json
  specie --key ann pay alias:our-flat 1000     # money goes in as to any owner
  specie --key ann joint pay alias:our-flat landlord 950 --out rent.order
  specie --key ben order sign rent.order --out rent.order
  specie --key ben order submit rent.order

The file may also go to all at once: `joint join` and `order join` put the copies together. Other orders are written with --joint: \
see `order make`, `order exchange`, `escrow hold` and `code scan`.")]
pub enum JointCommand {
    /// Write the document with which a bank opens an account, or proposes other managers.
    Prepare(Prepare),
    /// Look at such a document, and sign it as a manager, into its file.
    Sign {
        /// The document.
        file: PathBuf,
        /// Sign without being asked.
        #[arg(long)]
        yes: bool,
    },
    /// Put the signatures of copies of one document together, into the first file. Nobody signs.
    Join {
        /// The copies.
        #[arg(required = true, num_args = 2..)]
        files: Vec<PathBuf>,
    },
    /// Open the account of a document that all managers signed; the bank signs.
    Open(Open),
    /// Who signs for an account, and other managers that its bank proposed. Nobody signs.
    Show {
        /// Owner id or identity of the account.
        account: String,
    },
    /// Accounts that an owner manages. Nobody signs.
    List {
        /// Owner id, identity or key; by default the owner of --key.
        manager: Option<String>,
    },
    /// Write an order to pay somebody with coins of an account, and sign it as a manager.
    Pay(Pay),
    /// Write an order to send custody of an account, and sign it as a manager.
    Send(Send),
    /// Write an order that gives an account other managers, and sign it as a manager.
    Managers(Managers),
    /// Write an order that takes the account's consent to another order back, and sign it as a manager.
    Cancel(Cancel),
    /// Propose other managers for an account whose own cannot be reached; its bank signs, and the supervising role decides.
    Propose {
        /// A document that those who are new signed, made by `specie joint prepare --replace`.
        file: PathBuf,
    },
    /// Take such a proposal back; the bank signs.
    Withdraw {
        /// Owner id or identity of the account.
        account: String,
    },
    /// Object to it as a present manager; the supervising role decides.
    Object {
        /// Owner id or identity of the account.
        account: String,
    },
    /// Give an account the managers that its bank proposed, when the waiting time is over; the supervising role signs.
    Approve {
        /// Owner id or identity of the account.
        account: String,
        /// Number of the proposal, as `specie joint show` tells it.
        #[arg(long, value_name = "NUMBER")]
        proposal: u32,
        /// How many managers object; should more do so meanwhile, nothing is approved.
        #[arg(long, default_value_t = 0, value_name = "NUMBER")]
        objections: u8,
    },
    /// Reject the managers that a bank proposed; the supervising role signs.
    Reject {
        /// Owner id or identity of the account.
        account: String,
        /// Number of the proposal, as `specie joint show` tells it.
        #[arg(long, value_name = "NUMBER")]
        proposal: u32,
    },
}

/// Write the document with which a bank opens an account, or proposes other managers.
#[derive(Args)]
pub struct Prepare {
    /// The account: its identity, or its owner id, which the bank tells.
    account: String,
    /// Number of the bank that opens it, see `specie bank list`.
    #[arg(long, value_name = "NUMBER", required_unless_present = "replace", conflicts_with = "replace")]
    bank: Option<u32>,
    /// Which limits apply: phone, person or firm.
    #[arg(long, default_value = "phone", conflicts_with = "replace")]
    class: OwnerClass,
    /// It is there, and so many of its managers cannot be reached that the rest cannot sign.
    #[arg(long)]
    replace: bool,
    /// All managers in the order of their seats: owner ids, identities or keys.
    #[arg(long, value_name = "OWNER,OWNER", value_delimiter = ',', required = true)]
    managers: Vec<String>,
    /// How many of them must sign.
    #[arg(long, value_name = "NUMBER")]
    threshold: u8,
    /// For how many blocks, of about a second, the document is good.
    #[arg(long, default_value_t = USUAL_LIFE, value_name = "BLOCKS")]
    valid: BlockNumber,
    /// Where the document goes. There is nothing secret in it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Open the account of a document that all managers signed.
#[derive(Args)]
pub struct Open {
    /// The document.
    file: PathBuf,
    #[command(flatten)]
    verified: Verified,
}

impl JointCommand {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Prepare(prepare) => prepare.run(app).await,
            Self::Sign { file, yes } => sign(app, &file, yes).await,
            Self::Join { files } => join(app, &files),
            Self::Open(open) => open.run(app).await,
            Self::Show { account } => show(app, &account).await,
            Self::List { manager } => list(app, manager.as_deref()).await,
            Self::Pay(pay) => pay.run(app).await,
            Self::Send(send) => send.run(app).await,
            Self::Managers(managers) => managers.run(app).await,
            Self::Cancel(cancel) => cancel.run(app).await,
            Self::Propose { file } => propose(app, &file).await,
            Self::Withdraw { account } => {
                about(app, &account, "withdraw", "Took back the proposal of other managers for").await
            },
            Self::Object { account } => {
                about(app, &account, "object", "The supervising role knows that you object to other managers for").await
            },
            Self::Approve { account, proposal, objections } => {
                let account = app.owner(&account).await?;
                let arguments = [
                    ("account", calls::owner(account)),
                    ("proposal", calls::number(proposal)),
                    ("objections", calls::number(objections.into())),
                ];
                let what = format!("Joint account {account} has the managers of proposal {proposal}");
                app.send_with(&calls::call("Joint", "approve", arguments), what, json!({ "account": account })).await
            },
            Self::Reject { account, proposal } => {
                let account = app.owner(&account).await?;
                let arguments = [("account", calls::owner(account)), ("proposal", calls::number(proposal))];
                let what = format!("Joint account {account} keeps its managers");
                app.send_with(&calls::call("Joint", "reject", arguments), what, json!({ "account": account })).await
            },
        }
    }
}

/// A joint account, if it is one.
pub async fn account(app: &App, account: OwnerId) -> Result<Option<JointInfo>> {
    app.client().await?.request("specie_jointAccount", rpc_params![account]).await
}

/// The joint account that is meant.
pub async fn named(app: &App, text: &str) -> Result<JointInfo> {
    let owner = app.owner(text).await?;
    let why = || Failure::new(failure::WALLET, format!("owner {owner} is no joint account"));
    account(app, owner).await?.ok_or_else(|| why().into())
}

/// Owners in this order.
pub async fn owners(app: &App, names: &[String]) -> Result<Vec<OwnerId>> {
    let mut owners = Vec::new();
    for name in names {
        owners.push(app.owner(name).await?);
    }
    Ok(owners)
}

async fn about(app: &App, account: &str, call: &str, done: &str) -> Result<()> {
    let account = app.owner(account).await?;
    let call = calls::call("Joint", call, [("account", calls::owner(account))]);
    app.send_with(&call, format!("{done} joint account {account}"), json!({ "account": account })).await
}

impl Prepare {
    async fn run(self, app: &App) -> Result<()> {
        if self.valid > MAX_LIFETIME {
            bail!("the network takes documents for at most {MAX_LIFETIME} blocks");
        }
        let client = app.client().await?;
        let (account, managers) = (app.owner(&self.account).await?, owners(app, &self.managers).await?);
        let (bank, purpose) = match self.bank {
            Some(number) => (app.bank(number).await?.bank, JointPurpose::Open { class: self.class }),
            None => {
                let set = named(app, &account.to_string()).await?.version;
                (app.registered(account, Some(&self.account), None).await?.bank, JointPurpose::Replace { set })
            },
        };
        let expiry = client.best_number().await?.saturating_add(self.valid);
        let rule = (managers, self.threshold);
        let document = JointDocument::new(purpose, client.genesis(), account, bank, rule, expiry)?;
        write(&self.out, &document, false)?;
        app.print(&json!({ "file": self.out, "document": document }), || {
            let who = if self.replace { "those who are new sign" } else { "every manager signs" };
            format!("{}\nWrote {}: {who} it with `specie joint sign`", document.words(), self.out.display())
        })
    }
}

fn write(path: &Path, document: &JointDocument, overwrite: bool) -> Result<()> {
    let text = document.to_text()?;
    write_whole(path, text.as_bytes(), overwrite).with_context(|| format!("cannot write {}", path.display()))
}

fn read(path: &Path) -> Result<JointDocument> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    JointDocument::read(&text).with_context(|| path.display().to_string())
}

/// Reads a document that the network could take now.
async fn usable(app: &App, path: &Path) -> Result<JointDocument> {
    let (document, client) = (read(path)?, app.client().await?);
    document.ensure_usable(client.genesis(), client.best_number().await?)?;
    Ok(document)
}

async fn sign(app: &App, path: &Path, yes: bool) -> Result<()> {
    let mut document = usable(app, path).await?;
    let own = app.owner_or_own(None).await?;
    eprintln!("{}", document.words());
    if !yes && (app.options.json || !std::io::stdin().is_terminal() || !confirmed("sign? [y/N] ")?) {
        return Err(
            Failure::new(failure::WALLET, "not signed: read what the document says, then sign it with --yes").into()
        );
    }
    document.sign(own, &super::order::key(app)?)?;
    write(path, &document, true)?;
    let mut missing = Vec::new();
    for manager in &document.managers {
        let info = app.owner_info(*manager, None).await?;
        if info.and_then(|info| document.is_signed(*manager, &info.key)) != Some(true) {
            missing.push(*manager);
        }
    }
    app.print(&json!({ "file": path, "signed": own, "missing": missing }), || match missing.as_slice() {
        [] => format!("Signed {}: everybody has", path.display()),
        missing => {
            let missing: Vec<_> = missing.iter().map(|manager| format!("\n  {manager}")).collect();
            format!("Signed {}; these have not:{}", path.display(), missing.concat())
        },
    })
}

fn join(app: &App, files: &[PathBuf]) -> Result<()> {
    let [first, others @ ..] = files else { bail!("give the copies") };
    let mut document = read(first)?;
    for other in others {
        document.join(&read(other)?)?;
    }
    write(first, &document, true)?;
    app.print(&json!({ "file": first, "document": document }), || format!("Wrote {}", first.display()))
}

/// The signatures of these, in this order.
async fn signatures(app: &App, document: &JointDocument, signers: &[OwnerId]) -> Result<Vec<[u8; 64]>> {
    let mut signatures = Vec::new();
    for signer in signers {
        let key = app.registered(*signer, None, None).await?.key;
        signatures.push(document.signature(*signer, &key)?);
    }
    Ok(signatures)
}

/// Fails unless the bank of the key may use a document.
async fn ensure_own(app: &App, document: &JointDocument) -> Result<()> {
    let (is, wanted) = (document.bank, app.own_bank().await?.bank);
    if is != wanted {
        return Err(
            Failure::new(failure::WALLET, format!("the document is for bank {is}, this is bank {wanted}")).into()
        );
    }
    Ok(())
}

impl Open {
    async fn run(self, app: &App) -> Result<()> {
        let document = usable(app, &self.file).await?;
        ensure_own(app, &document).await?;
        let (class, person) = self.verified.read(app).await?;
        match document.purpose {
            JointPurpose::Open { class: of } if of == class => {},
            JointPurpose::Open { class: of } => {
                bail!("the document is for class {of}, not for {class}: give --class {of}")
            },
            JointPurpose::Replace { .. } => bail!("the document proposes other managers: `specie joint propose`"),
        }
        let (account, rule) = (document.account, document.rule()?);
        let signatures = signatures(app, &document, &document.managers).await?;
        let arguments = [
            ("account", calls::owner(account)),
            ("class", calls::class(class)),
            ("person", calls::person(person)),
            ("rule", calls::rule(&rule)),
            ("expiry", calls::number(document.expiry)),
            ("signatures", calls::signatures(&signatures)),
        ];
        let (bank, threshold, of) = (document.bank, rule.threshold, rule.managers.len());
        let what = format!("Bank {bank} opened joint account {account}, for which any {threshold} of {of} sign");
        let data = json!({ "account": account, "bank": bank, "class": class, "managers": document.managers });
        app.send_with(&calls::call("Joint", "open", arguments), what, data).await
    }
}

async fn propose(app: &App, path: &Path) -> Result<()> {
    let document = usable(app, path).await?;
    ensure_own(app, &document).await?;
    let info = named(app, &document.account.to_string()).await?;
    match document.purpose {
        JointPurpose::Replace { set } if set == info.version => {},
        JointPurpose::Replace { .. } => {
            bail!("the account has other managers since the document was made: make another")
        },
        JointPurpose::Open { .. } => bail!("the document opens an account: `specie joint open`"),
    }
    let is_new = |manager: &OwnerId| info.seat(*manager).is_none();
    let newcomers: Vec<_> = document.managers.iter().copied().filter(is_new).collect();
    let (account, rule) = (document.account, document.rule()?);
    let signatures = signatures(app, &document, &newcomers).await?;
    let arguments = [
        ("account", calls::owner(account)),
        ("rule", calls::rule(&rule)),
        ("expiry", calls::number(document.expiry)),
        ("signatures", calls::signatures(&signatures)),
    ];
    let call = calls::call("Joint", "propose", arguments);
    let mut receipt = app.client().await?.submit(&call, &app.signer()?, app.wait()).await?;
    let field = |name| receipt.field("Joint.ManagersProposed", name).cloned().unwrap_or_default();
    let (proposal, ready) = (field("proposal"), field("ready"));
    receipt.what = format!(
        "Proposal {proposal} of other managers for joint account {account}: the supervising role decides from block {ready} on"
    );
    receipt.data = json!({ "account": account, "proposal": proposal, "ready": ready });
    app.report(&receipt)
}

async fn show(app: &App, text: &str) -> Result<()> {
    let info = named(app, text).await?;
    app.print(&info, || words(&info))
}

async fn list(app: &App, manager: Option<&str>) -> Result<()> {
    let manager = app.owner_to_show(manager).await?;
    let accounts: Vec<JointInfo> = app.client().await?.request("specie_jointAccounts", rpc_params![manager]).await?;
    app.print(&json!({ "manager": manager, "accounts": accounts }), || {
        let rows: Vec<_> = accounts.iter().map(|info| row(info, manager)).collect();
        match rows.as_slice() {
            [] => format!("Owner {manager} manages no joint account"),
            rows => output::table(&["joint account", "seat", "sign", "set"], rows, &[1, 3]),
        }
    })
}

fn row(info: &JointInfo, manager: OwnerId) -> Vec<String> {
    vec![
        info.account.to_string(),
        info.seat(manager).map_or_else(String::new, |seat| seat.to_string()),
        format!("{} of {}", info.threshold, info.managers.len()),
        info.version.to_string(),
    ]
}

fn words(info: &JointInfo) -> String {
    let JointInfo { account, managers, threshold, version, proposal } = info;
    let mut words = format!(
        "Joint account {account}\n  any {threshold} of {} sign; this is set {version}{}",
        managers.len(),
        seats(managers)
    );
    if let Some(ProposalInfo { proposal, managers, threshold, ready, objections }) = proposal {
        words.push_str(&format!(
            "\n  PROPOSAL {proposal}, to be decided from block {ready} on: any {threshold} of {} sign{}",
            managers.len(),
            seats(managers)
        ));
        objections.iter().for_each(|manager| words.push_str(&format!("\n    objects {manager}")));
    }
    words
}

fn seats(managers: &[OwnerId]) -> String {
    let line = |(seat, manager): (usize, &OwnerId)| format!("\n    seat {seat}  {manager}");
    managers.iter().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cli;
    use clap::Parser;

    #[test]
    fn accounts_are_told_with_seats_and_objections() {
        let id = |of: u8| OwnerId([of; 24]);
        let proposal = ProposalInfo {
            proposal: 7,
            managers: vec![id(1), id(3)],
            threshold: 1,
            ready: 99,
            objections: vec![id(2)],
        };
        let info = JointInfo {
            account: id(9),
            managers: vec![id(1), id(2)],
            threshold: 2,
            version: 4,
            proposal: Some(proposal),
        };
        let text = words(&info);
        assert!(
            text.contains("any 2 of 2 sign; this is set 4") && text.contains(&format!("seat 1  {}", id(2))),
            "{text}"
        );
        assert!(text.contains("PROPOSAL 7") && text.contains(&format!("objects {}", id(2))), "{text}");
        assert_eq!(row(&info, id(2)), [id(9).to_string(), "1".into(), "2 of 2".into(), "4".into()]);
        assert!(!words(&JointInfo { proposal: None, ..info }).contains("PROPOSAL"));
    }

    #[test]
    fn joint_accounts_are_read() {
        let reads = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        let prepare = "specie joint prepare flat --managers ann,ben --threshold 2 --out f";
        assert!(reads(&format!("{prepare} --bank 1 --class firm")) && reads(&format!("{prepare} --replace")));
        assert!(!reads(prepare) && !reads(&format!("{prepare} --bank 1 --replace")));
        assert!(!reads("specie joint prepare flat --bank 1 --threshold 2 --out f"));
        assert!(reads("specie joint sign f --yes") && reads("specie joint join f g") && !reads("specie joint join f"));
        assert!(reads("specie joint open f --class firm --person DE-HRB1") && reads("specie joint propose f"));
        assert!(reads("specie joint show flat") && reads("specie joint list") && reads("specie joint list ben"));
        assert!(reads("specie joint pay flat ben 7 --out g") && reads("specie joint send flat ben 7 --wait 2h --qr"));
        assert!(reads("specie joint managers flat --managers ann,cid --threshold 1") && reads("specie joint cancel f"));
        assert!(!reads("specie joint managers flat --managers ann,cid"));
        assert!(reads("specie joint withdraw flat") && reads("specie joint object flat"));
        assert!(reads("specie joint approve flat --proposal 7 --objections 1") && !reads("specie joint approve flat"));
        assert!(reads("specie joint reject flat --proposal 7") && !reads("specie joint reject flat"));
        assert!(reads("specie order join f g --out h") && !reads("specie order join f"));
    }
}
