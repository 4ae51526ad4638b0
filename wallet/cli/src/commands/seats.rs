//! Who signed an order, and where somebody signs: owners for themselves, managers in their seats of joint accounts.

use super::joint;
use crate::{
    app::App,
    failure::{self, Failure},
};
use anyhow::Result;
use serde_json::{json, Value};
use specie_primitives::{orders::OrderParty, AccountId, Order, OwnerId, OwnerStatus, SignedOrder};
use specie_wallet::order::{is_signed, is_signed_in_seat};
use std::collections::BTreeMap;

const SIGNED: &str = "signed";

/// Whether somebody signed.
fn state(is_signed: Option<bool>) -> &'static str {
    match is_signed {
        Some(true) => SIGNED,
        Some(false) => "BAD SIGNATURE",
        None => "not signed",
    }
}

/// Who signed for a party, for a person and a program.
pub struct Signers {
    pub words: String,
    pub value: Value,
    /// Whether that is enough.
    pub is_signed: bool,
}

/// Looks who signed for the party at this place.
pub async fn of_party(app: &App, document: &SignedOrder, place: usize, party: &OrderParty) -> Result<Signers> {
    if party.version != 0 {
        return of_managers(app, document, place, party).await;
    }
    let info = app.owner_info(party.owner, None).await?;
    let state = state(info.and_then(|info| is_signed(document, place, &info.key)));
    let words = format!("\n  party {}: {state}", party.owner);
    Ok(Signers { words, value: json!({ "owner": party.owner, "state": state }), is_signed: state == SIGNED })
}

async fn of_managers(app: &App, document: &SignedOrder, place: usize, party: &OrderParty) -> Result<Signers> {
    let OrderParty { owner, version } = party;
    let present = joint::account(app, *owner).await?;
    let Some(info) = present.filter(|info| info.version == *version) else {
        let words = format!("\n  party {owner}: HAS OTHER MANAGERS than set {version}, for which this order is");
        let value = json!({ "owner": owner, "version": version, "state": "other managers" });
        return Ok(Signers { words, value, is_signed: false });
    };
    let (mut lines, mut seats, mut count, mut good) = (String::new(), Vec::new(), 0usize, true);
    for (seat, manager) in (0u8..).zip(&info.managers) {
        let known = app.owner_info(*manager, None).await?;
        let signed = known.as_ref().and_then(|known| is_signed_in_seat(document, place, seat, &known.key));
        let is_active = known.is_some_and(|known| known.status == OwnerStatus::Active);
        let state = match (signed, is_active) {
            (Some(true), false) => "SIGNED, BUT SUSPENDED",
            _ => state(signed),
        };
        count += usize::from(state == SIGNED);
        good &= signed.is_none() || state == SIGNED;
        lines.push_str(&format!("\n    seat {seat}  {manager}: {state}"));
        seats.push(json!({ "seat": seat, "manager": manager, "state": state }));
    }
    let (threshold, of) = (usize::from(info.threshold), info.managers.len());
    let is_signed = good && count >= threshold;
    let missing = match threshold.saturating_sub(count) {
        0 => String::new(),
        missing => format!(", {missing} more must sign"),
    };
    let words = format!("\n  party {owner}: {count} signed of {of}, {threshold} must{missing}{lines}");
    let value = json!({
        "owner": owner, "version": version, "state": if is_signed { SIGNED } else { "not signed" },
        "threshold": threshold, "signed": count, "managers": seats,
    });
    Ok(Signers { words, value, is_signed })
}

/// The present keys of those who sign an order, by their party and seat.
pub async fn keys(app: &App, order: &Order) -> Result<BTreeMap<(usize, u8), AccountId>> {
    let mut keys = BTreeMap::new();
    for (place, party) in order.parties.iter().enumerate() {
        let owners = match party.version {
            0 => vec![party.owner],
            version => {
                let info = joint::account(app, party.owner).await?.filter(|info| info.version == version);
                info.map(|info| info.managers).unwrap_or_default()
            },
        };
        for (seat, owner) in (0u8..).zip(owners) {
            let info = app.owner_info(owner, None).await?;
            keys.extend(info.map(|info| ((place, seat), info.key)));
        }
    }
    Ok(keys)
}

/// Where an owner signs with its present key: as the party itself, or in its seat as a manager of one; first where that key has
/// not signed yet.
pub async fn place_of(app: &App, document: &SignedOrder, own: OwnerId) -> Result<(usize, u8)> {
    let mut places = Vec::new();
    for (place, party) in document.order.parties.iter().enumerate() {
        if party.version == 0 {
            places.extend((party.owner == own).then_some((place, 0)));
            continue;
        }
        let info = joint::account(app, party.owner).await?.filter(|info| info.version == party.version);
        places.extend(info.and_then(|info| info.seat(own)).map(|seat| (place, seat)));
    }
    let key = app.signing_account()?;
    let is_free = |(place, seat): &&(usize, u8)| is_signed_in_seat(document, *place, *seat, &key) != Some(true);
    let found = places.iter().find(is_free).or(places.first()).copied();
    let text =
        || format!("owner {own} is no party of this order, and no manager of one with the set that the order names");
    found.ok_or_else(|| Failure::new(failure::WALLET, text()).into())
}
