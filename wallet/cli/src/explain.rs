//! Events and dispatch errors in words, by the runtime's own metadata.

use crate::{
    client::hex,
    failure::{self, Failure},
    output,
};
use anyhow::{Context, Result};
use scale_info::{form::PortableForm, PortableRegistry, Type, TypeDef, TypeDefPrimitive};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use specie_primitives::{api::LimitsInfo, AccountId};
use specie_wallet::Money;
use subxt::{
    config::substrate::SubstrateConfig,
    error::DispatchError,
    events::Phase,
    ext::scale_value::{scale, Composite, Primitive, Value, ValueDef},
    metadata::{ArcMetadata, Metadata},
    OnlineClientAtBlock,
};

/// What the runtime said about a transaction.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// Its pallet.
    pub pallet: String,
    /// Its name within the pallet.
    pub event: String,
    /// Its fields: owner ids in hexadecimal, accounts in SS58, coins as batch-index, amounts in minor units.
    pub fields: Json,
}

impl Event {
    /// `Pallet.Event`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.pallet, self.event)
    }
}

/// Events of one extrinsic of a block, each with its raw fields.
pub async fn events_of(at: &OnlineClientAtBlock<SubstrateConfig>, index: u32) -> Result<Vec<(Event, Vec<u8>)>> {
    wanted_events(at, |phase, _| phase == Phase::ApplyExtrinsic(index)).await
}

/// Events of one pallet in a block.
pub async fn events_of_pallet(at: &OnlineClientAtBlock<SubstrateConfig>, pallet: &str) -> Result<Vec<Event>> {
    let events = wanted_events(at, |_, of| of == pallet).await?;
    Ok(events.into_iter().map(|(event, _)| event).collect())
}

async fn wanted_events(
    at: &OnlineClientAtBlock<SubstrateConfig>,
    wanted: impl Fn(Phase, &str) -> bool,
) -> Result<Vec<(Event, Vec<u8>)>> {
    let metadata = at.metadata();
    let all = at.events().fetch().await?;
    let mut events = Vec::new();
    for event in all.iter() {
        let event = event?;
        if !wanted(event.phase(), event.pallet_name()) {
            continue;
        }
        let variant = metadata
            .pallet_by_event_index(event.pallet_index())
            .and_then(|pallet| pallet.event_variant_by_index(event.event_index()))
            .context("the node sent an event that its metadata does not know")?;
        let mut bytes = event.field_bytes();
        let mut fields = Map::new();
        for (place, field) in variant.fields.iter().enumerate() {
            let value = scale::decode_as_type(&mut bytes, field.ty.id, metadata.types())
                .map_err(|error| anyhow::anyhow!("event {}.{}: {error}", event.pallet_name(), event.event_name()))?;
            let name = field.name.clone().unwrap_or_else(|| place.to_string());
            fields.insert(name, json(&value, metadata.types()));
        }
        let named =
            Event { pallet: event.pallet_name().into(), event: event.event_name().into(), fields: fields.into() };
        events.push((named, event.field_bytes().to_vec()));
    }
    Ok(events)
}

/// Encoded bytes as JSON.
pub fn decoded(mut bytes: &[u8], shape: u32, types: &PortableRegistry) -> Result<Json> {
    let value = scale::decode_as_type(&mut bytes, shape, types)
        .map_err(|error| anyhow::anyhow!("the node sent what its metadata does not describe: {error}"))?;
    Ok(json(&value, types))
}

/// Why the transaction failed, if it did.
pub fn dispatch_failure(metadata: &ArcMetadata, events: &[(Event, Vec<u8>)]) -> Option<Failure> {
    let (_, bytes) = events.iter().find(|(event, _)| event.name() == "System.ExtrinsicFailed")?;
    Some(match DispatchError::decode_from(bytes.as_slice(), metadata.clone()) {
        Ok(DispatchError::Module(error)) => module_error(metadata, error.pallet_index(), error.error_index()),
        Ok(error) => Failure { name: Some(variant_name(&error)), ..Failure::new(failure::DISPATCH, plain(&error)) },
        Err(error) => Failure::new(failure::DISPATCH, format!("failed for a reason this version cannot read: {error}")),
    })
}

/// What an error number of a pallet means.
pub fn module_error(metadata: &Metadata, pallet: u8, error: u8) -> Failure {
    let known = metadata
        .pallet_by_error_index(pallet)
        .and_then(|pallet| pallet.error_variant_by_index(error).map(|variant| (pallet.name().to_string(), variant)));
    match known {
        Some((pallet, variant)) => {
            let docs = plain_docs(&variant.docs.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" "));
            let docs = if docs.is_empty() { String::new() } else { format!(": {docs}") };
            let message = format!("{pallet}.{}{docs}", variant.name);
            Failure {
                pallet: Some(pallet),
                name: Some(variant.name.clone()),
                ..Failure::new(failure::DISPATCH, message)
            }
        },
        None => Failure::new(
            failure::DISPATCH,
            format!("error {error} of pallet {pallet}, which the metadata does not know"),
        ),
    }
}

/// Numbers of a pallet and of its error, from a dispatch error as events tell it.
pub fn module_error_of(error: &Json) -> Option<(u8, u8)> {
    let module = error.get("Module")?;
    let number = |name: &str| {
        // The error's own bytes are its index and three more, in hexadecimal.
        let value = module.get(name)?;
        let byte = value.as_u64().or_else(|| u64::from_str_radix(value.as_str()?.get(2..4)?, 16).ok());
        byte.and_then(|byte| u8::try_from(byte).ok())
    };
    number("index").zip(number("error"))
}

/// Whether a limit stood in the way, and of whom: the payee, or else whoever pays or is credited.
pub fn is_of_payee(failure: &Failure) -> Option<bool> {
    let of_limits = failure.pallet.as_deref() == Some("Limits");
    let payee = failure.name.as_deref() == Some("PayeeOverBalanceLimit");
    of_limits.then_some(payee)
}

/// What is left of the limit that stood in the way, in a sentence.
pub fn left_of_limit(failure: &Failure, info: &LimitsInfo, money: &Money) -> Option<String> {
    let LimitsInfo { class, limits, left, .. } = info;
    match failure.name.as_deref()? {
        "OverPaymentLimit" => {
            Some(format!("a payment of class {class} is worth {} at most", money.show(limits.per_payment?)))
        },
        "OverDailyLimit" => Some(format!(
            "{} of {} were paid today, {} are left until {} UTC",
            money.show(info.paid_today),
            money.show(limits.per_day?),
            money.show(left.per_day?),
            output::utc(info.day_ends_ms),
        )),
        "PayeeOverBalanceLimit" => Some(format!("the payee may receive {} more", money.show(left.balance?))),
        "OverBalanceLimit" => Some(format!(
            "the owner holds {} of {} and may receive {} more",
            money.show(info.held),
            money.show(limits.balance?),
            money.show(left.balance?),
        )),
        _ => None,
    }
}

/// A failure that also says what is left of a limit. Descriptions of errors end with a full stop.
pub fn with_left(failure: Failure, left: &str) -> Failure {
    Failure { message: format!("{}; {left}", failure.message.trim_end_matches('.')), ..failure }
}

/// Documentation without references to other items of the code, which nobody has at hand who sees an error.
fn plain_docs(docs: &str) -> String {
    let docs = match docs.split_once(": see [`") {
        Some((before, rest)) => {
            let after = rest.split_once(']').map_or("", |(_, after)| after);
            format!("{before}{after}")
        },
        None => docs.to_string(),
    };
    docs.replace("[`", "").replace("`]", "").replace('`', "")
}

fn plain(error: &DispatchError) -> String {
    match error {
        DispatchError::BadOrigin => "BadOrigin: this signer may not make this call, it needs another role".into(),
        error => error.to_string(),
    }
}

/// First word of the debug form, which is the variant's name.
fn variant_name(error: &DispatchError) -> String {
    format!("{error:?}").split(|sign: char| !sign.is_alphanumeric()).next().unwrap_or_default().to_string()
}

/// A decoded value as JSON.
pub fn json(value: &Value<u32>, types: &PortableRegistry) -> Json {
    let shape = types.resolve(value.context);
    let ident = shape.and_then(|shape| shape.path.ident()).unwrap_or_default();
    match &value.value {
        ValueDef::Primitive(primitive) => match primitive {
            Primitive::Bool(flag) => (*flag).into(),
            Primitive::Char(sign) => sign.to_string().into(),
            Primitive::String(text) => text.as_str().into(),
            // JSON numbers beyond 64 bits are read wrongly by most programs.
            Primitive::U128(number) => u64::try_from(*number).map_or_else(|_| number.to_string().into(), Json::from),
            Primitive::I128(number) => i64::try_from(*number).map_or_else(|_| number.to_string().into(), Json::from),
            Primitive::U256(bytes) | Primitive::I256(bytes) => hex(bytes).into(),
        },
        ValueDef::BitSequence(bits) => bits.iter().map(|bit| if bit { '1' } else { '0' }).collect::<String>().into(),
        ValueDef::Variant(variant) => match (variant.name.as_str(), ident.as_str()) {
            ("None", "Option") => Json::Null,
            ("Some", "Option") => variant.values.values().next().map_or(Json::Null, |inner| json(inner, types)),
            (name, _) if variant.values.is_empty() => name.into(),
            (name, _) => Json::Object(Map::from_iter([(name.to_string(), fields(&variant.values, types))])),
        },
        ValueDef::Composite(composite) => {
            let raw = bytes(value);
            match (ident.as_str(), raw) {
                ("AccountId32", Some(raw)) if raw.len() == 32 => {
                    <[u8; 32]>::try_from(raw).map_or(Json::Null, |raw| AccountId::new(raw).to_string().into())
                },
                ("OwnerId" | "OrderId", Some(raw)) => hex::encode(raw).into(),
                ("H256", Some(raw)) => hex(&raw).into(),
                ("CoinId", _) => coin(composite).map_or_else(|| fields(composite, types), Json::from),
                (_, Some(raw)) if shape.is_some_and(|shape| is_bytes(shape, types)) => {
                    match std::str::from_utf8(&raw) {
                        Ok(text) if !text.is_empty() && text.chars().all(|sign| !sign.is_control()) => text.into(),
                        _ => hex(&raw).into(),
                    }
                },
                _ if shape.is_some_and(|shape| is_list(shape)) => {
                    composite.values().map(|item| json(item, types)).collect::<Vec<_>>().into()
                },
                _ => fields(composite, types),
            }
        },
    }
}

/// Named fields as an object, one unnamed field as itself, several as a list.
fn fields(composite: &Composite<u32>, types: &PortableRegistry) -> Json {
    match composite {
        Composite::Named(items) => {
            items.iter().map(|(name, item)| (name.clone(), json(item, types))).collect::<Map<_, _>>().into()
        },
        Composite::Unnamed(items) => match items.as_slice() {
            [only] => json(only, types),
            items => items.iter().map(|item| json(item, types)).collect::<Vec<_>>().into(),
        },
    }
}

fn coin(composite: &Composite<u32>) -> Option<String> {
    let mut parts = composite.values().map(|part| part.as_u128());
    Some(format!("{}-{}", parts.next()??, parts.next()??))
}

/// The bytes of a value that is nothing but bytes, through any wrappers.
fn bytes(value: &Value<u32>) -> Option<Vec<u8>> {
    let ValueDef::Composite(composite) = &value.value else { return None };
    let mut values = composite.values();
    if let (Some(only), None) = (values.next(), values.next()) {
        if matches!(only.value, ValueDef::Composite(_)) {
            return bytes(only);
        }
    }
    composite.values().map(|item| item.as_u128().and_then(|item| u8::try_from(item).ok())).collect()
}

fn is_list(shape: &Type<PortableForm>) -> bool {
    matches!(shape.type_def, TypeDef::Sequence(_) | TypeDef::Array(_))
}

/// Whether a type is a list of bytes, through any wrappers.
fn is_bytes(shape: &Type<PortableForm>, types: &PortableRegistry) -> bool {
    let is_u8 =
        |id| types.resolve(id).is_some_and(|item| matches!(item.type_def, TypeDef::Primitive(TypeDefPrimitive::U8)));
    match &shape.type_def {
        TypeDef::Sequence(list) => is_u8(list.type_param.id),
        TypeDef::Array(list) => is_u8(list.type_param.id),
        TypeDef::Composite(composite) => match composite.fields.as_slice() {
            [only] => types.resolve(only.ty.id).is_some_and(|inner| is_bytes(inner, types)),
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use specie_primitives::{ClassLimits, OwnerClass, OwnerId};

    #[test]
    fn a_limit_is_told_with_what_is_left() {
        let (limits, left) = ([100_00, 200_00, 300_00].map(Some), [40_00, 40_00, 0].map(Some));
        let of = |[per_payment, per_day, balance]: [Option<u128>; 3]| ClassLimits { per_payment, per_day, balance };
        let info = LimitsInfo {
            owner: OwnerId([1; 24]),
            class: OwnerClass::Phone,
            limits: of(limits),
            paid_today: 160_00,
            held: 300_00,
            left: of(left),
            day: 1,
            day_ends_ms: 2 * 86_400_000,
        };
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let failure = |name: &str| Failure {
            pallet: Some("Limits".into()),
            name: Some(name.into()),
            ..Failure::new(failure::DISPATCH, "m")
        };
        for (name, payee, sentence) in [
            ("OverPaymentLimit", false, "a payment of class phone is worth 100.00 SPC at most"),
            (
                "OverDailyLimit",
                false,
                "160.00 SPC of 200.00 SPC were paid today, 40.00 SPC are left until 1970-01-03 00:00:00 UTC",
            ),
            ("PayeeOverBalanceLimit", true, "the payee may receive 0.00 SPC more"),
            ("OverBalanceLimit", false, "the owner holds 300.00 SPC of 300.00 SPC and may receive 0.00 SPC more"),
        ] {
            assert_eq!(is_of_payee(&failure(name)), Some(payee));
            assert_eq!(left_of_limit(&failure(name), &info, &money).as_deref(), Some(sentence));
        }
        // The limit was lifted meanwhile.
        let lifted = LimitsInfo { limits: ClassLimits::default(), ..info.clone() };
        assert_eq!(left_of_limit(&failure("OverDailyLimit"), &lifted, &money), None);
        assert_eq!(left_of_limit(&failure("UnknownOwner"), &info, &money), None);
        assert_eq!(is_of_payee(&Failure { pallet: Some("Vault".into()), ..failure("OverDailyLimit") }), None);
    }

    #[test]
    fn errors_in_events_are_found_by_their_numbers() {
        let of = |error: Json| module_error_of(&serde_json::json!({ "Module": { "index": 24, "error": error } }));
        assert_eq!(of("0x02000000".into()), Some((24, 2)));
        assert_eq!(of("0x1f000000".into()), Some((24, 31)));
        assert_eq!(of(7.into()), Some((24, 7)));
        assert_eq!((of("0x".into()), of(Json::Null), of(256.into())), (None, None, None));
        assert_eq!(module_error_of(&"BadOrigin".into()), None);
    }

    #[test]
    fn what_is_left_is_one_sentence_with_the_error() {
        let left = "a payment of class phone is worth 100.00 SPC at most";
        for message in [
            "Limits.OverPaymentLimit: above the limit of a payment.",
            "Limits.OverPaymentLimit: above the limit of a payment",
        ] {
            let told = with_left(Failure::new(failure::DISPATCH, message), left);
            assert_eq!(told.message, format!("Limits.OverPaymentLimit: above the limit of a payment; {left}"));
            assert_eq!(told.kind, failure::DISPATCH);
        }
    }

    #[test]
    fn documentation_loses_its_references() {
        for (docs, plain) in [
            ("The account is an institution's already: see [`Capacity`].", "The account is an institution's already."),
            ("More than [`MAX`] coins.", "More than MAX coins."),
            ("The bank is closed.", "The bank is closed."),
            ("", ""),
        ] {
            assert_eq!(plain_docs(docs), plain);
        }
    }
}
