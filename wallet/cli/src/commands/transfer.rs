//! `specie transfer …`: custody sent from account to account, what of it waits, and the queues of banks.

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
    api::OwnerInfo,
    custody::{QueueInfo, QueuedInfo},
    BankId, OwnerId, QueuePolicy, TransferId,
};
use specie_wallet::Money;
use subxt::rpcs::client::rpc_params;

/// Custody sent from account to account.
#[derive(Subcommand)]
pub enum Transfer {
    /// Send custody to an owner, or to your own account at another bank.
    Send(Send),
    /// Take back a transfer that still waits; its payer or the payer's bank signs, and anyone after its last block.
    Cancel {
        /// Number of the transfer, as `specie transfer list` shows it.
        transfer: u64,
        /// Number of the bank in whose queue it waits; by default where one of the owner of --key with this number does.
        #[arg(long, value_name = "NUMBER")]
        bank: Option<u32>,
    },
    /// What an owner sent that still waits.
    List {
        /// Owner id, identity or key; by default the owner of --key.
        owner: Option<String>,
    },
    /// Have the network look at all queues now, as every block does that has room.
    Settle,
}

/// A transfer.
#[derive(Args)]
#[command(after_help = "Examples:
  specie --key ann transfer send ben 186.00
  specie --key ann transfer send '+49 171 5550101' 20 --from-bank 1 --wait 2h
  specie --key ann transfer send key:ann 500 --from-bank 1 --to-bank 2

Between two banks the reserve of your bank moves with it. If that does not cover the transfer, it fails, or waits as long as \
--wait says where the bank lets transfers wait ('specie bank queue NUMBER'): the money has left your account, and is back \
in it when the time is over or you cancel the transfer.")]
pub struct Send {
    /// The payee: owner id, identity or key; - reads an identity from the standard input.
    to: String,
    /// Amount, for instance 186.00.
    #[arg(allow_negative_numbers = true)]
    amount: String,
    /// Number of the bank at which you have the money; by default the one that looks after you.
    #[arg(long, value_name = "NUMBER")]
    from_bank: Option<u32>,
    /// Number of the bank at which the payee gets it; by default the one that looks after the payee.
    #[arg(long, value_name = "NUMBER")]
    to_bank: Option<u32>,
    /// How long it may wait for the reserve of the bank, in days, hours or minutes.
    #[arg(long, value_name = "1d|12h|90m")]
    wait: Option<String>,
}

impl Transfer {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Send(send) => send.run(app).await,
            Self::Cancel { transfer, bank } => cancel(app, TransferId(transfer), bank).await,
            Self::List { owner } => list(app, owner.as_deref()).await,
            Self::Settle => {
                let call = calls::call("Custody", "settle", []);
                app.send(&call, "Looked at the transfers that wait").await
            },
        }
    }
}

impl Send {
    async fn run(self, app: &App) -> Result<()> {
        let (amount, life) = (app.amount(&self.amount).await?, self.wait.as_deref().map(blocks).transpose()?);
        let to = app.owner(&self.to).await?;
        let own = app.owner_or_own(None).await?;
        let client = app.client().await?;
        let at = client.best_hash().await?;
        let payer = app.registered(own, None, Some(&at)).await?;
        let payee = app.registered(to, Some(&self.to), Some(&at)).await?;
        let from_bank = chosen(app, self.from_bank, &payer).await?;
        let to_bank = chosen(app, self.to_bank, &payee).await?;
        let expires = match life {
            Some(life) => Some(client.best_number().await?.saturating_add(life)),
            None => None,
        };
        let arguments = [
            ("from_bank", calls::bank(from_bank)),
            ("to_bank", calls::bank(to_bank)),
            ("to", calls::owner(to)),
            ("amount", calls::amount(amount)),
            ("expires", calls::option(expires.map(calls::number))),
        ];
        let call = calls::call("Custody", "transfer", arguments);
        let sent = client.submit(&call, &app.signer()?, app.wait()).await;
        let mut receipt = app.with_limits(sent, own, to).await?;
        let queued = receipt.field("Custody.TransferQueued", "transfer").cloned();
        let what = format!("{} from bank {from_bank} to {to} at bank {to_bank}", app.money().await?.show(amount));
        receipt.what = match (&queued, expires) {
            (Some(transfer), Some(expires)) => format!(
                "Set aside {what}\n  transfer {transfer} waits for the bank's reserve until block {expires}; \
                 `specie transfer list` shows it while it does"
            ),
            _ => format!("Sent {what}"),
        };
        receipt.data = json!({
            "from": own,
            "from_bank": from_bank,
            "to": to,
            "to_bank": to_bank,
            "amount": amount,
            "transfer": queued,
            "expires": expires,
        });
        app.report(&receipt)
    }
}

/// The bank that is named, else the one that looks after the owner.
pub(super) async fn chosen(app: &App, number: Option<u32>, owner: &OwnerInfo) -> Result<BankId> {
    match number {
        Some(number) => Ok(app.bank(number).await?.bank),
        None => Ok(owner.bank),
    }
}

async fn cancel(app: &App, transfer: TransferId, bank: Option<u32>) -> Result<()> {
    let bank = match bank {
        Some(number) => app.bank(number).await?.bank,
        None => {
            let own = app.owner_or_own(None).await?;
            let found = of_owner(app, own).await?.into_iter().find(|queued| queued.transfer == transfer);
            let text = || format!("no transfer {transfer} of yours waits: it settled or went back, or never was");
            found.ok_or_else(|| Failure::new(failure::WALLET, text()))?.from_bank
        },
    };
    take_back(app, bank, transfer).await
}

/// Takes back what waits at a bank.
pub async fn take_back(app: &App, bank: BankId, transfer: TransferId) -> Result<()> {
    let call = calls::call(
        "Custody",
        "cancel_transfer",
        [("bank", calls::bank(bank)), ("transfer", calls::transfer(transfer))],
    );
    let what = format!("Transfer {transfer} no longer waits: its payer has the money again");
    app.send_with(&call, what, json!({ "bank": bank, "transfer": transfer })).await
}

/// Puts a transfer first in the queue of the bank that signs.
pub async fn prioritise(app: &App, transfer: TransferId) -> Result<()> {
    let call = calls::call("Custody", "prioritise", [("transfer", calls::transfer(transfer))]);
    let what = format!("Transfer {transfer} is first in the bank's queue");
    app.send_with(&call, what, json!({ "transfer": transfer })).await
}

/// Transfers of an owner that wait.
pub async fn of_owner(app: &App, owner: OwnerId) -> Result<Vec<QueuedInfo>> {
    app.client().await?.request("specie_queued", rpc_params![owner]).await
}

async fn list(app: &App, owner: Option<&str>) -> Result<()> {
    let owner = app.owner_to_show(owner).await?;
    let (queued, money) = (of_owner(app, owner).await?, app.money().await?);
    app.print(&json!({ "owner": owner, "transfers": queued }), || match queued.as_slice() {
        [] => "Nothing waits".into(),
        queued => table(queued, &money),
    })
}

/// The queue of a bank, and what the bank does with it.
pub async fn queue(app: &App, bank: BankId) -> Result<()> {
    let info: Option<QueueInfo> = app.client().await?.request("specie_queue", rpc_params![bank]).await?;
    let (info, money) = (info.with_context(|| format!("there is no bank {bank}"))?, app.money().await?);
    app.print(&info, || {
        let QueueInfo { policy, free_reserve, set_aside, transfers, .. } = &info;
        let head = format!(
            "Bank {bank}: transfers that its reserve does not cover {}; free reserve {}, set aside {}",
            in_words(*policy),
            money.show(*free_reserve),
            money.show(*set_aside),
        );
        match transfers.as_slice() {
            [] => head,
            transfers => format!("{head}\n{}", table(transfers, &money)),
        }
    })
}

fn table(queued: &[QueuedInfo], money: &Money) -> String {
    let row = |queued: &QueuedInfo| {
        vec![
            queued.transfer.to_string(),
            money.show(queued.amount),
            queued.from_bank.to_string(),
            queued.from.to_string(),
            queued.to_bank.to_string(),
            queued.to.to_string(),
            queued.expires.to_string(),
        ]
    };
    let rows: Vec<_> = queued.iter().map(row).collect();
    output::table(&["transfer", "amount", "at bank", "from", "to bank", "to", "last block"], &rows, &[0, 1, 2, 4, 6])
}

/// What a bank does with transfers that its reserve does not cover.
#[derive(Clone, Copy, ValueEnum)]
pub enum Queue {
    /// They are refused.
    Refuse,
    /// They wait, and others that the reserve covers overtake them.
    Overtake,
    /// They wait, and nothing overtakes them.
    InOrder,
}

impl From<Queue> for QueuePolicy {
    fn from(queue: Queue) -> Self {
        match queue {
            Queue::Refuse => Self::Refuse,
            Queue::Overtake => Self::Overtake,
            Queue::InOrder => Self::InOrder,
        }
    }
}

/// Says what a bank does with them; the bank signs.
pub async fn set_queue(app: &App, queue: Queue) -> Result<()> {
    let policy = QueuePolicy::from(queue);
    let call = calls::call("Custody", "set_queue", [("policy", calls::queue_policy(policy))]);
    let what = format!("Transfers that the bank's reserve does not cover {}", in_words(policy));
    app.send_with(&call, what, json!({ "policy": policy })).await
}

fn in_words(policy: QueuePolicy) -> &'static str {
    match policy {
        QueuePolicy::Refuse => "are refused",
        QueuePolicy::Overtake => "wait, and others overtake them",
        QueuePolicy::InOrder => "wait in their order",
    }
}
