//! Who takes part in orders that are written here: owners with keys of their own, and joint accounts with their present managers.

use super::{joint, order, seats};
use crate::app::App;
use anyhow::{anyhow, Result};
use clap::Args;
use specie_primitives::{
    orders::{Action, OrderParty},
    BankId, BlockNumber, Order, OwnerId, SignedOrder,
};

/// For whom an order is written.
#[derive(Args)]
pub struct Behalf {
    /// Write it for a joint account that you manage, and sign in your seat: owner id or identity of the account. The others sign
    /// with `specie order sign`.
    #[arg(long, value_name = "ACCOUNT")]
    joint: Option<String>,
}

impl Behalf {
    /// The joint account, else the owner of the key.
    pub async fn owner(&self, app: &App) -> Result<OwnerId> {
        match &self.joint {
            Some(account) => Ok(joint::named(app, account).await?.account),
            None => app.owner_or_own(None).await,
        }
    }

    /// Whether it is a joint account: then others sign, too, and nobody sends a transaction for it.
    pub fn is_joint(&self) -> bool {
        self.joint.is_some()
    }
}

/// An order of these owners, the payer before the others. A joint account is a party with its present managers.
pub async fn order_of(
    app: &App,
    (payer, others): (OwnerId, &[OwnerId]),
    window: (BlockNumber, BlockNumber),
    action: Action,
) -> Result<Order> {
    let mut order = Order::new(app.client().await?.genesis(), rand::random(), window, payer, action);
    let mut parties = Vec::new();
    for owner in std::iter::once(&payer).chain(others) {
        let version = joint::account(app, *owner).await?.map_or(0, |info| info.version);
        parties.push(OrderParty { owner: *owner, version });
    }
    order.parties = parties.try_into().map_err(|_| anyhow!("too many parties for one order"))?;
    Ok(order)
}

/// Signs an order where the owner of the key does: as a party, or in its seat as a manager of one.
pub async fn sign(app: &App, document: &mut SignedOrder) -> Result<()> {
    let own = app.owner_or_own(None).await?;
    let (place, seat) = seats::place_of(app, document, own).await?;
    order::sign(app, document, place, seat)
}

/// Parties for whom not enough have signed.
pub async fn missing(app: &App, document: &SignedOrder) -> Result<Vec<OwnerId>> {
    let mut missing = Vec::new();
    for (place, party) in document.order.parties.iter().enumerate() {
        if !seats::of_party(app, document, place, party).await?.is_signed {
            missing.push(party.owner);
        }
    }
    Ok(missing)
}

/// The bank that is named, else the one that looks after an owner.
pub async fn bank_of(app: &App, number: Option<u32>, owner: OwnerId) -> Result<BankId> {
    match number {
        Some(number) => Ok(app.bank(number).await?.bank),
        None => Ok(app.registered(owner, None, None).await?.bank),
    }
}

#[cfg(test)]
mod tests {
    use crate::Cli;
    use clap::Parser;

    #[test]
    fn whatever_writes_an_order_writes_it_for_joint_accounts() {
        let reads = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        for line in [
            "order make ben 7",
            "order exchange ben --give coins:1 --take units:7:1",
            "order units 7 ben 5",
            "order redeem 7 5",
            "order deposit 20 --bank 1",
            "escrow hold ben 7 --for 30d --then pay",
            "escrow dispute deal.order",
            "code request 7",
            "code offer --reusable",
            "code scan till.png",
            "code confirm 0a",
            "code refuse 0a",
        ] {
            assert!(reads(&format!("specie {line}")) && reads(&format!("specie {line} --joint our-flat")), "{line}");
            assert!(!reads(&format!("specie {line} --joint")), "{line}");
        }
        // Whose these are is known.
        assert!(!reads("specie escrow release deal.order all --joint our-flat"));
        assert!(!reads("specie escrow return deal.order all --joint our-flat"));
    }
}
