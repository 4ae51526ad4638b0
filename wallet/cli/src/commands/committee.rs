//! `specie committee …`: what two thirds of the issuer's committee have the network do.

use super::recovery::SetRecovery;
use crate::{
    app::App,
    calls::{self, Call},
    client::{hex, Receipt, Wait},
    failure::{self, Failure},
    output,
};
use anyhow::{bail, Context, Result};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};
use specie_primitives::{AccountId, BankId, BlockNumber, Role};
use specie_wallet::{Keypair, Money, Signs};
use std::path::{Path, PathBuf};
use subxt::{
    config::{substrate::BlakeTwo256, Hasher},
    dynamic::{transaction, Value},
};

/// Weight that a closed proposal may use: a quarter of a block's time. Only listed calls run, and all are small.
const WEIGHT: (u64, u64) = (100_000_000_000, 1_000_000);

/// The committee.
#[derive(Subcommand)]
#[command(after_help = "\
Members at different desks: one runs propose-enact, which prints hash and number of the proposal; two thirds of all \
members run vote with them, the proposer too; one runs close. With all keys at hand, enact does it in one go; if it \
breaks off, the same command goes on where it stopped. `specie committee proposals` shows what is open.")]
pub enum Committee {
    /// Propose, vote and carry out in one go, with the keys of two thirds of the members.
    Enact {
        /// Members' keys, separated by commas: names of stored keys, or //URIs on development networks.
        #[arg(long, value_delimiter = ',', required = true, value_name = "NAME|//URI")]
        keys: Vec<String>,
        /// What to enact.
        #[command(subcommand)]
        what: What,
    },
    /// Propose something; a member signs. Proposing is not voting yet.
    ProposeEnact {
        /// What to enact.
        #[command(subcommand)]
        what: What,
    },
    /// Open proposals: what they do, their votes, hash and number. Nobody signs.
    Proposals,
    /// Vote for a proposal, or against it; a member signs.
    Vote {
        /// Hash of the proposal, as propose-enact printed it.
        proposal: String,
        /// Number of the proposal, as propose-enact printed it.
        index: u32,
        /// Vote against it.
        #[arg(long)]
        against: bool,
    },
    /// Carry out a proposal that has its votes; a member signs.
    Close {
        /// Hash of the proposal, as propose-enact printed it.
        proposal: String,
        /// Number of the proposal, as propose-enact printed it.
        index: u32,
        /// Most bytes that the proposed call may have.
        #[arg(long, default_value_t = 10_000, value_name = "BYTES")]
        length: u32,
    },
    /// Hand in the code of an upgrade that the committee authorised; nobody signs.
    ApplyUpgrade {
        /// The Wasm file.
        wasm: PathBuf,
    },
}

/// What the committee may enact.
#[derive(Subcommand)]
pub enum What {
    /// Any call that the committee may make, SCALE-encoded.
    Call {
        /// The encoded call in hexadecimal.
        hex: String,
    },
    /// Upgrade the runtime; enact hands in the code too, otherwise apply-upgrade does.
    Upgrade {
        /// The Wasm file.
        wasm: PathBuf,
    },
    /// Set the face values that may be minted; coins of others stay valid.
    SetDenominations {
        /// All of them, for instance 1.00,5.00,10.00.
        #[arg(value_delimiter = ',', required = true)]
        denominations: Vec<String>,
    },
    /// Set how owners get another key after a loss, and when they are dormant.
    SetRecovery(SetRecovery),
    /// Set the face values whose coins owners may have destroyed and made anew for change.
    SetRecoinable {
        /// All of them, for instance 1.00,5.00; nothing for none.
        #[arg(value_delimiter = ',')]
        denominations: Vec<String>,
    },
    /// Replace all keys of a role of the issuer.
    SetRoleKeys {
        /// issuing, supervising, admitting, operating or registry.
        role: String,
        /// All its accounts from now on, separated by commas: addresses, stored keys, or //URIs on development networks;
        /// none leaves the role without keys.
        #[arg(value_delimiter = ',')]
        keys: Vec<String>,
    },
    /// Replace the members of the committee.
    SetMembers {
        /// All members from now on, separated by commas: addresses, stored keys, or //URIs on development networks.
        #[arg(value_delimiter = ',', required = true)]
        members: Vec<String>,
    },
    /// Limit the transactions that an owner may send in a window of blocks.
    SetQuota {
        /// How many; zero for no limit.
        quota: u32,
        /// Length of the window in blocks.
        window: u32,
    },
    /// Limit the transactions that all owners of one bank may send together in the same window.
    SetBankQuota {
        /// How many; zero for no limit.
        quota: u32,
    },
    /// Give a suspended bank, whose key was lost or stolen, another account. Reinstate it afterwards.
    ReplaceBankAccount {
        /// The bank's number.
        bank: u32,
        /// Its account from now on: an address, a stored key, or a //URI on development networks.
        account: String,
    },
    /// Replace the root key of the issuer's certificates.
    ReplaceRoot {
        /// The key from now on, as `specie certificate root show` prints it.
        key: String,
        /// Last block in which the one before is still known; 0 withdraws it at once, if it was stolen.
        #[arg(long, value_name = "BLOCK")]
        known_until: BlockNumber,
    },
    /// Let finality start again from a block after it stalled.
    NoteStalled {
        /// Blocks until the change.
        delay: u32,
        /// Number of the last final block.
        block: u32,
    },
    /// Let payments go on after the audit stopped them.
    Resume {
        /// Why, for the record.
        reason: String,
    },
}

impl What {
    async fn call(&self, app: &App) -> Result<Call> {
        let accounts = |names: &[String]| -> Result<Vec<Value>> {
            names.iter().map(|name| Ok(calls::account(&app.account(name.trim())?))).collect()
        };
        Ok(match self {
            Self::Call { hex } => {
                let data = hex::decode(hex.trim_start_matches("0x")).context("the call is not hexadecimal")?;
                app.client().await?.decode(&data).await?
            },
            Self::Upgrade { wasm } => {
                let hash = BlakeTwo256.hash(&read_code(wasm)?);
                calls::call("System", "authorize_upgrade", [("code_hash", Value::from_bytes(hash))])
            },
            Self::SetDenominations { denominations } => face_values(app, "set_denominations", denominations).await?,
            Self::SetRecovery(rules) => rules.call(app).await?,
            Self::SetRecoinable { denominations } => face_values(app, "set_recoinable", denominations).await?,
            Self::SetRoleKeys { role, keys } => {
                let found = Role::ALL.into_iter().find(|known| format!("{known:?}").eq_ignore_ascii_case(role));
                let role = found.with_context(|| format!("there is no role '{role}'"))?;
                calls::call(
                    "Participants",
                    "set_role_keys",
                    [("role", calls::role(role)), ("keys", calls::list(accounts(keys)?))],
                )
            },
            Self::SetMembers { members } => {
                let number = self::members(app).await?.len();
                calls::call(
                    "Committee",
                    "set_members",
                    [
                        ("new_members", Value::unnamed_composite(accounts(members)?)),
                        ("prime", Value::unnamed_variant("None", [])),
                        ("old_count", calls::number(number as u32)),
                    ],
                )
            },
            Self::SetQuota { quota, window } => calls::call(
                "Admission",
                "set_quota",
                [("quota", calls::number(*quota)), ("window", calls::number(*window))],
            ),
            Self::SetBankQuota { quota } => {
                calls::call("Admission", "set_bank_quota", [("quota", calls::number(*quota))])
            },
            Self::ReplaceBankAccount { bank, account } => calls::call(
                "Participants",
                "replace_account",
                [("bank", calls::bank(BankId(*bank))), ("new", calls::account(&app.account(account)?))],
            ),
            Self::ReplaceRoot { key, known_until } => calls::call(
                "Certificates",
                "replace_root",
                [
                    ("key", calls::bytes(&super::certificate::public_key(key)?.encode())),
                    ("known_until", calls::number(*known_until)),
                ],
            ),
            Self::NoteStalled { delay, block } => calls::call(
                "Grandpa",
                "note_stalled",
                [("delay", calls::number(*delay)), ("best_finalized_block_number", calls::number(*block))],
            ),
            Self::Resume { reason } => calls::call("Audit", "resume", [("reason", calls::bytes(reason.as_bytes()))]),
        })
    }
}

async fn face_values(app: &App, call: &str, denominations: &[String]) -> Result<Call> {
    let money = app.money().await?;
    let mut values = denominations.iter().map(|text| money.denomination(text)).collect::<Result<Vec<_>, _>>()?;
    values.sort();
    let values = calls::list(values.into_iter().map(calls::denomination));
    Ok(calls::call("Issuance", call, [("denominations", values)]))
}

impl Committee {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Enact { keys, what } => enact(app, &keys, &what).await,
            Self::ProposeEnact { what } => {
                let draft = Draft::new(app, &what).await?;
                app.report(&propose(app, draft, &app.signer()?, app.wait()).await?.receipt)
            },
            Self::Proposals => proposals(app).await,
            Self::Vote { proposal, index, against } => {
                let hash = hash(&proposal)?;
                let motion = motion(app, &hash).await?.with_context(|| not_open(&hash))?;
                if motion.votes.index != index {
                    bail!("that proposal has number {}, not {index}", motion.votes.index);
                }
                let side = if against { "against" } else { "for" };
                let what = format!("Voted {side} proposal {index}: {}", describe(&motion.call, &app.money().await?));
                let data = json!({ "proposal": hex(&hash), "index": index, "call": motion.call });
                app.send_with(&vote(&hash, index, !against), what, data).await
            },
            Self::Close { proposal, index, length } => {
                let receipt = close(app, &hash(&proposal)?, index, length, &app.signer()?, app.wait()).await?;
                app.report(&receipt)
            },
            Self::ApplyUpgrade { wasm } => app.report(&apply_upgrade(app, &wasm).await?),
        }
    }
}

/// What was proposed.
struct Proposal {
    receipt: Receipt,
    index: u32,
    length: u32,
}

/// A motion as the committee's pallet counts its votes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Votes {
    index: u32,
    threshold: u32,
    ayes: Vec<AccountId>,
    nays: Vec<AccountId>,
    end: BlockNumber,
}

/// An open motion.
struct Motion {
    votes: Votes,
    /// The decoded call.
    call: Json,
    /// Bytes of the encoded call.
    length: u32,
}

/// The open motion with this hash.
async fn motion(app: &App, hash: &[u8]) -> Result<Option<Motion>> {
    let client = app.client().await?;
    let key = || vec![Value::from_bytes(hash)];
    let Some(votes) = client.stored("Committee", "Voting", key()).await? else { return Ok(None) };
    let Some(call) = client.stored("Committee", "ProposalOf", key()).await? else { return Ok(None) };
    let length = u32::try_from(call.encoded.len())?;
    Ok(Some(Motion { votes: serde_json::from_value(votes.fields)?, call: call.fields, length }))
}

fn not_open(hash: &[u8]) -> String {
    format!("there is no open proposal {}: 'specie committee proposals' lists those that are", hex(hash))
}

async fn proposals(app: &App) -> Result<()> {
    let (client, money) = (app.client().await?, app.money().await?);
    let block = client.best_number().await?;
    let hashes = client.stored("Committee", "Proposals", vec![]).await?;
    let hashes: Vec<String> =
        hashes.map(|stored| serde_json::from_value(stored.fields)).transpose()?.unwrap_or_default();
    let mut open = Vec::new();
    for text in hashes {
        // One that was closed meanwhile is left out.
        if let Some(motion) = motion(app, &hash(&text)?).await? {
            open.push((text, motion));
        }
    }
    let list: Vec<_> = open
        .iter()
        .map(|(hash, Motion { votes, call, length })| {
            json!({
                "proposal": hash,
                "index": votes.index,
                "call": call,
                "threshold": votes.threshold,
                "ayes": votes.ayes,
                "nays": votes.nays,
                "end": votes.end,
                "length": length,
            })
        })
        .collect();
    app.print(&json!({ "block": block, "proposals": list }), || {
        if open.is_empty() {
            return format!("No proposals are open at block {block}");
        }
        let texts = open.iter().map(|(hash, Motion { votes, call, .. })| {
            let join = |who: &[AccountId]| who.iter().map(|who| format!("\n    {who}")).collect::<String>();
            format!(
                "Proposal {}: {}\n  hash      {hash}\n  votes     {} for of {} needed, {} against; until block {}\n  \
                 for{}\n  against{}",
                votes.index,
                describe(call, &money),
                votes.ayes.len(),
                votes.threshold,
                votes.nays.len(),
                votes.end,
                join(&votes.ayes),
                join(&votes.nays),
            )
        });
        texts.collect::<Vec<_>>().join("\n")
    })
}

/// A decoded call in a line: `Admission.set_quota {"quota":10,"window":100}`; what `enact` wraps stands for itself.
fn describe(call: &Json, money: &Money) -> String {
    let only = |value: &Json| value.as_object().filter(|map| map.len() == 1)?.clone().into_iter().next();
    let Some((pallet, inner)) = only(call) else { return call.to_string() };
    let (name, arguments) = match only(&inner) {
        Some((name, arguments)) => (name, arguments),
        // Without arguments.
        None => (inner.as_str().map_or_else(|| inner.to_string(), str::to_string), Json::Null),
    };
    match (pallet.as_str(), name.as_str()) {
        ("Participants", "enact") => {
            arguments.get("call").map_or_else(|| call.to_string(), |call| describe(call, money))
        },
        ("Issuance", "set_denominations" | "set_recoinable") => {
            let values = arguments.get("denominations").and_then(Json::as_array).cloned().unwrap_or_default();
            let shown = values.iter().filter_map(Json::as_u64).map(|value| money.format(value.into()));
            format!("{pallet}.{name} {} {}", shown.collect::<Vec<_>>().join(", "), money.symbol)
        },
        _ if arguments.is_null() => format!("{pallet}.{name}"),
        _ => format!("{pallet}.{name} {}", output::printable(&arguments.to_string())),
    }
}

/// What the committee would vote on: the call of a pallet, wrapped, and how that is encoded.
struct Draft {
    name: String,
    call: Call,
    encoded: Vec<u8>,
}

impl Draft {
    async fn new(app: &App, what: &What) -> Result<Self> {
        let inner = what.call(app).await?;
        let name = format!("{}.{}", inner.pallet_name(), inner.call_name());
        let call = calls::call("Participants", "enact", [("call", inner.into_value())]);
        let encoded = app.client().await?.encode(&call).await?;
        Ok(Self { name, call, encoded })
    }

    /// Hash by which it is voted on.
    fn hash(&self) -> Vec<u8> {
        BlakeTwo256.hash(&self.encoded).as_bytes().to_vec()
    }
}

async fn propose(app: &App, draft: Draft, key: &impl Signs, wait: Wait) -> Result<Proposal> {
    let client = app.client().await?;
    let (hash, Draft { name, call: proposal, encoded }) = (draft.hash(), draft);
    let threshold = threshold(app).await?;
    let length = u32::try_from(encoded.len())?;
    let call = calls::call(
        "Committee",
        "propose",
        [
            ("threshold", calls::number(threshold as u32)),
            ("proposal", proposal.into_value()),
            ("length_bound", calls::number(length)),
        ],
    );
    let mut receipt = client.submit(&call, key, wait).await?;
    // With a threshold of one the proposal is carried out at once and has no number.
    let index = receipt.field("Committee.Proposed", "proposal_index").and_then(|index| index.as_u64());
    let index = u32::try_from(index.unwrap_or_default())?;
    receipt.what = format!(
        "Proposed {name}; {threshold} votes are needed\n  proposal  {}\n  number    {index}, {length} bytes",
        hex(&hash)
    );
    receipt.data = json!({ "proposal": hex(&hash), "index": index, "length": length, "threshold": threshold });
    Ok(Proposal { receipt, index, length })
}

/// Votes that a proposal needs: two thirds of the members, rounded up.
async fn threshold(app: &App) -> Result<usize> {
    Ok((members(app).await?.len() * 2).div_ceil(3))
}

async fn members(app: &App) -> Result<Vec<AccountId>> {
    Ok(app.institutions().await?.committee)
}

fn vote(proposal: &[u8], index: u32, approve: bool) -> Call {
    calls::call(
        "Committee",
        "vote",
        [("proposal", Value::from_bytes(proposal)), ("index", calls::number(index)), ("approve", Value::bool(approve))],
    )
}

async fn close(app: &App, proposal: &[u8], index: u32, length: u32, key: &impl Signs, wait: Wait) -> Result<Receipt> {
    let weight = [("ref_time", Value::u128(WEIGHT.0.into())), ("proof_size", Value::u128(WEIGHT.1.into()))];
    let call = calls::call(
        "Committee",
        "close",
        [
            ("proposal_hash", Value::from_bytes(proposal)),
            ("index", calls::number(index)),
            ("proposal_weight_bound", Value::named_composite(weight)),
            ("length_bound", calls::number(length)),
        ],
    );
    let mut receipt = app.client().await?.submit(&call, key, wait).await?;
    ensure_accepted(&receipt, index)?;
    ensure_enacted(app, &receipt).await?;
    receipt.what = format!("Closed proposal {index}: it was carried out");
    Ok(receipt)
}

/// A rejection does not fail the transaction that closes the vote: it is in its events.
fn ensure_accepted(receipt: &Receipt, index: u32) -> Result<()> {
    let happened = |name: &str| receipt.events.iter().any(|event| event.name() == name);
    let (name, message) = if happened("Committee.Executed") {
        return Ok(());
    } else if happened("Committee.Disapproved") {
        let votes = |side| receipt.field("Committee.Closed", side).and_then(Json::as_u64);
        let counted = votes("yes").zip(votes("no")).map(|(yes, no)| format!(": {yes} for, {no} against"));
        (Some("Disapproved"), format!("proposal {index} was rejected{}", counted.unwrap_or_default()))
    } else {
        (None, format!("the node does not say that proposal {index} was carried out"))
    };
    let (block, block_hash) = (Some(receipt.block), Some(receipt.block_hash.clone()));
    let pallet = name.map(|_| "Committee".into());
    let failure = Failure { pallet, name: name.map(Into::into), ..Failure::new(failure::DISPATCH, message) };
    Err(Failure { block, block_hash, ..failure.of(&receipt.extrinsic) }.into())
}

/// A proposal's own failure does not fail the transaction that carries it out: it is in its events.
async fn ensure_enacted(app: &App, receipt: &Receipt) -> Result<()> {
    let results = [("Committee.Executed", "result"), ("Participants.Enacted", "result")];
    for error in results.iter().filter_map(|(event, field)| receipt.field(event, field)?.get("Err")) {
        let cause = app.explain_error(error).await?;
        let message = format!("the proposal was accepted, but its call failed: {}", cause.message);
        let block_hash = Some(receipt.block_hash.clone());
        return Err(Failure { message, block: Some(receipt.block), block_hash, ..cause.of(&receipt.extrinsic) }.into());
    }
    Ok(())
}

async fn enact(app: &App, keys: &[String], what: &What) -> Result<()> {
    let pairs = app.keypairs(keys.iter().map(|name| name.trim()))?;
    ensure_members(&members(app).await?, &pairs.iter().map(Keypair::account).collect::<Vec<_>>())?;
    let mut receipts = Vec::new();
    let result = enact_steps(app, &pairs, what, &mut receipts).await;
    app.finish_steps(&receipts, result)
}

/// Fails unless every key is a member's, and none is named twice.
fn ensure_members(members: &[AccountId], keys: &[AccountId]) -> Result<()> {
    for (place, key) in keys.iter().enumerate() {
        if !members.contains(key) {
            bail!("{key} is no member of the committee: `specie network` shows the members");
        }
        if keys.iter().take(place).any(|before| before == key) {
            bail!("{key} is named twice: every vote needs another member");
        }
    }
    Ok(())
}

/// The keys whose votes are still needed, in their order: as many as are missing, of members who have not voted for it.
fn voters<'a>(keys: &'a [AccountId], threshold: usize, ayes: &[AccountId]) -> Result<Vec<&'a AccountId>> {
    let missing = threshold.saturating_sub(ayes.len());
    let voters: Vec<_> = keys.iter().filter(|key| !ayes.contains(key)).take(missing).collect();
    if voters.len() < missing {
        let (have, given) = (voters.len(), ayes.len());
        bail!("{threshold} votes are needed, {given} are given, and the keys make only {have} more");
    }
    Ok(voters)
}

async fn enact_steps(app: &App, pairs: &[Keypair], what: &What, receipts: &mut Vec<Receipt>) -> Result<()> {
    let client = app.client().await?;
    let (accounts, first) = (pairs.iter().map(Keypair::account).collect::<Vec<_>>(), pairs.first().context("no keys")?);
    let draft = Draft::new(app, what).await?;
    let hash = draft.hash();
    // An earlier try, or another member, may have proposed it: the committee has it once at a time.
    let open = motion(app, &hash).await?;
    let threshold = match &open {
        Some(motion) => motion.votes.threshold as usize,
        None => threshold(app).await?,
    };
    let ayes = open.as_ref().map(|motion| motion.votes.ayes.as_slice()).unwrap_or_default();
    let voters = voters(&accounts, threshold, ayes)?;
    let (index, length) = match &open {
        Some(Motion { votes, length, .. }) => {
            if !app.options.json {
                let (given, hash) = (votes.ayes.len(), hex(&hash));
                eprintln!("Proposal {} is open already, with {given} of {threshold} votes: {hash}", votes.index);
            }
            (votes.index, *length)
        },
        None => {
            let proposal = propose(app, draft, first, Wait::InBlock).await?;
            let (index, length) = (proposal.index, proposal.length);
            // With a threshold of one it is carried out at once.
            let enacted = ensure_enacted(app, &proposal.receipt).await;
            receipts.push(app.step(proposal.receipt)?);
            enacted?;
            (index, length)
        },
    };
    if threshold > 1 {
        for key in pairs.iter().filter(|key| voters.contains(&&key.account())) {
            let mut receipt = client.submit(&vote(&hash, index, true), key, Wait::InBlock).await?;
            receipt.what = format!("{} voted for it", key.account());
            receipts.push(app.step(receipt)?);
        }
        let closed = close(app, &hash, index, length, first, app.wait()).await?;
        receipts.push(app.step(closed)?);
    }
    if let What::Upgrade { wasm } = what {
        receipts.push(app.step(apply_upgrade(app, wasm).await?)?);
    }
    Ok(())
}

async fn apply_upgrade(app: &App, wasm: &Path) -> Result<Receipt> {
    let code = read_code(wasm)?;
    let hash = hex(BlakeTwo256.hash(&code).as_bytes());
    let size = code.len();
    // Bytes as they are: a million dynamic values would take a hundred times the memory.
    let call = transaction("System", "apply_authorized_upgrade", (code,));
    let sent = app.client().await?.submit_bare(&call, app.wait()).await;
    let mut receipt = sent.map_err(|error| not_authorised(error, &hash))?;
    if receipt.events.iter().any(|event| event.name() == "System.RejectedInvalidAuthorizedUpgrade") {
        let failure = Failure::new(
            failure::DISPATCH,
            "the authorised code was rejected: is its version higher than the present one?",
        );
        return Err(failure.of(receipt.extrinsic).into());
    }
    receipt.what = format!("Handed in {size} bytes of code: the next block runs on it");
    Ok(receipt)
}

/// Why nobody takes the code of an upgrade: the runtime accepts this unsigned call for an authorised hash only.
fn not_authorised(error: anyhow::Error, hash: &str) -> anyhow::Error {
    match error.downcast_ref::<Failure>() {
        Some(failure) if failure.kind == failure::REFUSED && failure.message.contains(UNEXPECTED_CALL) => {
            let message = format!("no upgrade with this code's hash is authorised: {hash}");
            Failure { message, ..failure.clone() }.into()
        },
        _ => error,
    }
}

/// What nodes say of an unsigned call that its pallet does not expect.
const UNEXPECTED_CALL: &str = "Transaction call is not expected";

/// Start of a Wasm module.
const WASM: &[u8] = b"\0asm";
/// Start of a packed one, as `sp-maybe-compressed-blob` writes it.
const PACKED: [u8; 8] = [82, 188, 83, 118, 70, 219, 142, 5];

/// Reads the code of a runtime.
fn read_code(path: &Path) -> Result<Vec<u8>> {
    let code = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    if !is_code(&code) {
        bail!("{} is no runtime: neither Wasm nor packed Wasm", path.display());
    }
    Ok(code)
}

fn is_code(bytes: &[u8]) -> bool {
    bytes.starts_with(WASM) || bytes.starts_with(&PACKED)
}

fn hash(text: &str) -> Result<Vec<u8>> {
    let bytes = hex::decode(text.trim_start_matches("0x")).context("the proposal is named by its hash")?;
    if bytes.len() != 32 {
        bail!("the proposal is named by its hash of 32 bytes");
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::Event;

    fn key(seed: u8) -> AccountId {
        AccountId::new([seed; 32])
    }

    fn receipt(events: &[(&str, Json)]) -> Receipt {
        let event = |(name, fields): &(&str, Json)| {
            let (pallet, event) = name.split_once('.').unwrap();
            Event { pallet: pallet.into(), event: event.into(), fields: fields.clone() }
        };
        Receipt {
            what: String::new(),
            call: "Committee.close".into(),
            extrinsic: "0x01".into(),
            block: 7,
            block_hash: "0x07".into(),
            in_block_ms: 1,
            final_ms: None,
            events: events.iter().map(event).collect(),
            outcome: "success",
            data: Json::Null,
        }
    }

    #[test]
    fn a_rejected_proposal_is_not_carried_out() {
        let closed = ("Committee.Closed", json!({ "yes": 1, "no": 2 }));
        let rejected = receipt(&[closed.clone(), ("Committee.Disapproved", json!({}))]);
        let error = ensure_accepted(&rejected, 3).unwrap_err();
        let failure = error.downcast_ref::<Failure>().unwrap();
        assert_eq!(failure.message, "proposal 3 was rejected: 1 for, 2 against");
        assert_eq!(
            (failure.kind, failure.extrinsic.as_deref(), failure.block),
            (failure::DISPATCH, Some("0x01"), Some(7))
        );
        assert_eq!(failure.name.as_deref(), Some("Disapproved"));
        // Neither carried out nor rejected.
        assert!(ensure_accepted(&receipt(std::slice::from_ref(&closed)), 3).is_err());
        let accepted = receipt(&[closed, ("Committee.Approved", json!({})), ("Committee.Executed", json!({}))]);
        assert!(ensure_accepted(&accepted, 3).is_ok());
    }

    #[tokio::test]
    async fn an_accepted_proposal_whose_call_failed_says_so() {
        use clap::Parser;
        let app = App::new(crate::Cli::parse_from(["specie", "network"]).options);
        let good = ("Committee.Executed", json!({ "result": { "Ok": [] } }));
        let enacted = |result| receipt(&[good.clone(), ("Participants.Enacted", json!({ "result": result }))]);
        assert!(ensure_enacted(&app, &enacted(json!({ "Ok": [] }))).await.is_ok());
        let error = ensure_enacted(&app, &enacted(json!({ "Err": "BadOrigin" }))).await.unwrap_err().to_string();
        assert!(error.starts_with("the proposal was accepted, but its call failed") && error.contains("BadOrigin"));
        let inner = receipt(&[("Committee.Executed", json!({ "result": { "Err": "BadOrigin" } }))]);
        assert!(ensure_enacted(&app, &inner).await.is_err());
    }

    #[test]
    fn keys_are_members_and_each_votes_once() {
        let members = [key(1), key(2), key(3)];
        assert!(ensure_members(&members, &members[..2]).is_ok());
        assert!(ensure_members(&members, &[key(1), key(9)]).unwrap_err().to_string().contains("is no member"));
        assert!(ensure_members(&members, &[key(1), key(1)]).unwrap_err().to_string().contains("named twice"));

        let keys = [key(1), key(2), key(3)];
        assert_eq!(voters(&keys, 2, &[]).unwrap(), [&key(1), &key(2)]);
        assert_eq!(voters(&keys, 2, &[key(1)]).unwrap(), [&key(2)], "who voted does not vote again");
        assert_eq!(voters(&keys[..2], 2, &[key(3)]).unwrap(), [&key(1)]);
        assert!(voters(&keys, 2, &[key(1), key(2)]).unwrap().is_empty(), "all that is left is to close it");
        assert!(voters(&keys[..1], 2, &[]).is_err());
        assert!(voters(&keys[..1], 2, &[key(1)]).is_err());
    }

    #[test]
    fn votes_are_read_as_the_node_stores_them() {
        let who = key(1).to_string();
        let fields = json!({ "index": 3, "threshold": 2, "ayes": [who], "nays": [], "end": 99 });
        let votes: Votes = serde_json::from_value(fields).unwrap();
        assert_eq!(votes, Votes { index: 3, threshold: 2, ayes: vec![key(1)], nays: vec![], end: 99 });
    }

    #[test]
    fn proposed_calls_are_described() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let enact = |call: Json| describe(&json!({ "Participants": { "enact": { "call": call } } }), &money);
        let quota = json!({ "Admission": { "set_quota": { "quota": 10, "window": 100 } } });
        assert_eq!(enact(quota), r#"Admission.set_quota {"quota":10,"window":100}"#);
        let faces = json!({ "Issuance": { "set_denominations": { "denominations": [50, 10_000] } } });
        assert_eq!(enact(faces), "Issuance.set_denominations 0.50, 100.00 SPC");
        assert_eq!(enact(json!({ "Audit": "halt" })), "Audit.halt");
        assert_eq!(describe(&json!([1]), &money), "[1]");
    }

    #[test]
    fn only_code_is_taken_for_a_runtime() {
        assert!(is_code(b"\0asm\x01\0\0\0") && is_code(&[&PACKED[..], b"rest"].concat()));
        assert!(!is_code(b"") && !is_code(b"\0as") && !is_code(b"{}") && !is_code(&PACKED[..7]));
    }

    #[test]
    fn an_upgrade_that_nobody_authorised_is_told_as_that() {
        let refused = |data: &str| -> anyhow::Error {
            Failure::from_submission(1010, "Invalid Transaction", data).of("0x01").into()
        };
        let told = not_authorised(refused(UNEXPECTED_CALL), "0xab").to_string();
        assert!(told.starts_with("no upgrade with this code's hash is authorised: 0xab"), "{told}");
        let other = not_authorised(refused("Transaction is outdated"), "0xab").to_string();
        assert!(!other.contains("authorised"), "{other}");
    }
}
