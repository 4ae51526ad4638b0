//! The bytes that travel.
//!
//! ```text
//! request    version (1) ‖ n (u8, 1 to 64) ‖ n blinded elements of 32 bytes
//! response   version (1) ‖ n (u8, 1 to 64) ‖ n evaluated elements of 32 bytes ‖ proof: c, s of 32 bytes each
//! ```
//!
//! Elements and scalars are written as RFC 9496 and RFC 9497 say. Every value has one encoding, and nothing may follow.

use crate::{Blinded, PrfError, MAX_BATCH, VERSION};
use voprf::{BlindedElement, EvaluationElement, Proof, Ristretto255};

/// Version and count.
const HEAD: usize = 2;
/// A point.
const ELEMENT: usize = 32;
/// Two scalars.
const PROOF: usize = 64;

/// What a wallet asks: blinded elements, in the order of the answer.
#[derive(Clone)]
pub struct Request(Vec<BlindedElement<Ristretto255>>);

impl core::fmt::Debug for Request {
    // Blinded elements stay out of logs.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Request({} elements)", self.0.len())
    }
}

impl Request {
    /// Asks for 1 to 64 identities of one network.
    pub fn new(blinded: &[Blinded]) -> Result<Self, PrfError> {
        check_count(blinded.len())?;
        if blinded.iter().any(|other| Some(other.network()) != blinded.first().map(Blinded::network)) {
            return Err(PrfError::Networks);
        }
        blinded
            .iter()
            .enumerate()
            .map(|(index, blinded)| element(index, blinded.element()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Reads a request; every element is checked.
    pub fn decode(bytes: &[u8]) -> Result<Self, PrfError> {
        let (elements, _) = split(bytes, 0)?;
        elements.enumerate().map(|(index, bytes)| element(index, bytes)).collect::<Result<_, _>>().map(Self)
    }

    /// Its bytes, 2 + 32 n.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = head(self.0.len());
        self.0.iter().for_each(|element| bytes.extend_from_slice(&element.serialize()));
        bytes
    }

    /// Number of elements, 1 to 64: each costs the asker one evaluation.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn elements(&self) -> &Vec<BlindedElement<Ristretto255>> {
        &self.0
    }
}

pub(crate) fn encode_response(elements: &[EvaluationElement<Ristretto255>], proof: &Proof<Ristretto255>) -> Vec<u8> {
    let mut bytes = head(elements.len());
    elements.iter().for_each(|element| bytes.extend_from_slice(&element.serialize()));
    bytes.extend_from_slice(&proof.serialize());
    bytes
}

pub(crate) fn decode_response(
    bytes: &[u8],
) -> Result<(Vec<EvaluationElement<Ristretto255>>, Proof<Ristretto255>), PrfError> {
    let (elements, proof) = split(bytes, PROOF)?;
    let elements = elements
        .enumerate()
        .map(|(index, bytes)| EvaluationElement::deserialize(bytes).map_err(|_| PrfError::Element(index)))
        .collect::<Result<_, _>>()?;
    Ok((elements, Proof::deserialize(proof).map_err(|_| PrfError::ProofEncoding)?))
}

fn element(index: usize, bytes: &[u8]) -> Result<BlindedElement<Ristretto255>, PrfError> {
    BlindedElement::deserialize(bytes).map_err(|_| PrfError::Element(index))
}

fn check_count(count: usize) -> Result<(), PrfError> {
    if (1..=MAX_BATCH).contains(&count) {
        Ok(())
    } else {
        Err(PrfError::Count(count))
    }
}

/// Version and count of up to 64 elements.
fn head(count: usize) -> Vec<u8> {
    vec![VERSION, u8::try_from(count).unwrap_or(u8::MAX)]
}

/// The elements of a message and the `tail` bytes behind them.
fn split(bytes: &[u8], tail: usize) -> Result<(impl Iterator<Item = &[u8]>, &[u8]), PrfError> {
    let short = PrfError::Length { expected: HEAD + ELEMENT + tail, found: bytes.len() };
    let [version, count, rest @ ..] = bytes else { return Err(short) };
    if *version != VERSION {
        return Err(PrfError::Version(*version));
    }
    let count = usize::from(*count);
    check_count(count)?;
    let length = PrfError::Length { expected: HEAD + count * ELEMENT + tail, found: bytes.len() };
    let (elements, rest) = rest.split_at_checked(count * ELEMENT).ok_or(length)?;
    if rest.len() != tail {
        return Err(length);
    }
    Ok((elements.chunks_exact(ELEMENT), rest))
}
