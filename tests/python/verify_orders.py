#!/usr/bin/env python3
"""Checks docs/protocol/vectors/orders.json against docs/protocol/orders.md, written from that text alone.

The standard library does all of it but the check of signatures, which needs py-sr25519-bindings, and cryptography for those of
cards. Where one is missing the step is left out, and the last line says so.
"""
import hashlib
import json
import pathlib
import sys

SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
PREFIX = "SPECIE-ORDER:"
TAG = b"specie/order/v1".ljust(24, b"\0")
CARDS = "signatures of cards (no cryptography)"
VECTORS = pathlib.Path(__file__).parents[2] / "docs/protocol/vectors/orders.json"


def raw(text):
    return bytes.fromhex(text.removeprefix("0x"))


def blake2_256(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def le(number, length):
    return number.to_bytes(length, "little")


def compact(number):
    """The length of a list."""
    if number < 1 << 6:
        return le(number << 2, 1)
    if number < 1 << 14:
        return le(number << 2 | 1, 2)
    return le(number << 2 | 2, 4)


def processing_bytes(processing):
    if processing is None:
        return b"\0"
    (kind, who), = processing["processor"].items()
    processor = b"\0" + le(who, 4) if kind == "bank" else b"\1" + raw(who)
    return b"\1" + processor + le(processing["number"], 8) + le(processing["until"], 4)


def coins_bytes(coins):
    return compact(len(coins)) + b"".join(le(part, 4) for coin in coins for part in coin)


def part_bytes(part):
    """What comes out of a vault: so many coins of each face value, and coins by name."""
    fresh = b"".join(le(face, 8) + le(count, 4) for face, count in part["fresh"])
    return compact(len(part["fresh"])) + fresh + coins_bytes(part["coins"])


def leg_bytes(leg):
    (kind, fields), = leg.items()
    if kind == "coins":
        return b"\0" + coins_bytes(fields)
    if kind == "custody":
        return b"\1" + le(fields["from_bank"], 4) + le(fields["to_bank"], 4) + le(int(fields["amount"]), 16)
    assert kind == "units", kind
    return b"\2" + le(fields["instrument"], 4) + le(int(fields["amount"]), 16)


def action_bytes(action):
    (kind, fields), = action.items()
    if kind == "coins":
        return b"\0" + raw(fields["to"]) + coins_bytes(fields["coins"])
    if kind == "coins_with_change":
        at = b"\1" if fields["at"] == "issuer" else b"\0" + le(fields["at"]["vault"], 4)
        taken = b"".join(part_bytes(fields[side]) for side in ("pay", "change"))
        return le(14, 1) + raw(fields["to"]) + coins_bytes(fields["coins"]) + at + coins_bytes(fields["give"]) + taken
    if kind == "custody":
        banks = b"".join(le(fields[name], 4) for name in ("from_bank", "to_bank"))
        expires = b"\0" if fields["expires"] is None else b"\1" + le(fields["expires"], 4)
        return b"\1" + banks + raw(fields["to"]) + le(int(fields["amount"]), 16) + expires
    if kind == "cancel":
        return b"\2" + raw(fields["order"]) + le(fields["valid_until"], 4)
    if kind == "hold":
        banks = b"".join(le(fields[name], 4) for name in ("from_bank", "to_bank"))
        outcome = {"pay": b"\0", "return": b"\1"}[fields["at_expiry"]]
        reference = b"\0" if fields["reference"] is None else b"\1" + raw(fields["reference"])
        return b"\3" + banks + le(int(fields["amount"]), 16) + le(fields["expires"], 4) + outcome + reference
    if kind in ("release", "return"):
        number = {"release": b"\4", "return": b"\5"}[kind]
        return number + raw(fields["escrow"]) + le(int(fields["amount"]), 16)
    if kind == "dispute":
        return b"\6" + raw(fields["escrow"])
    if kind == "asset":
        return b"\x0a" + le(fields["instrument"], 4) + raw(fields["to"]) + le(int(fields["amount"]), 16)
    if kind == "redeem":
        return b"\x0f" + le(fields["instrument"], 4) + le(int(fields["amount"]), 16)
    if kind == "exchange":
        return b"\x0b" + leg_bytes(fields["give"]) + leg_bytes(fields["take"])
    if kind == "withdraw":
        fresh = b"".join(le(face, 8) + le(count, 4) for face, count in fields["fresh"])
        return b"\x0c" + le(fields["bank"], 4) + compact(len(fields["fresh"])) + fresh + coins_bytes(fields["coins"])
    if kind == "deposit":
        return b"\x0d" + le(fields["bank"], 4) + coins_bytes(fields["coins"])
    assert kind == "set_managers", kind
    managers = b"".join(raw(manager) for manager in fields["managers"])
    return b"\7" + compact(len(fields["managers"])) + managers + le(fields["threshold"], 1)


def order_bytes(order):
    parties = b"".join(raw(party["owner"]) + le(party["version"], 4) for party in order["parties"])
    return b"".join([
        TAG,
        raw(order["genesis"]),
        raw(order["random"]),
        le(order["valid_from"], 4),
        le(order["valid_until"], 4),
        processing_bytes(order["processing"]),
        compact(len(order["parties"])),
        parties,
        action_bytes(order["action"]),
    ])


def document_bytes(payload, signatures):
    signed = b"".join(le(one["party"], 1) + le(one["seat"], 1) + raw(one["signature"]) for one in signatures)
    return payload + compact(len(signatures)) + signed


def to_text(document):
    bits = "".join(f"{byte:08b}" for byte in document)
    bits += "0" * (-len(bits) % 5)
    return PREFIX + "".join(SIGNS[int(bits[start:start + 5], 2)] for start in range(0, len(bits), 5))


def card_holds(key, signature, message):
    """Whether a card's signature is good; nothing if nobody can tell here."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def entry(data):
    return blake2_256(b"\0" + data)


class Tree:
    """A list whose trees are perfect, the largest first."""

    def __init__(self, entries):
        self.entries, self.trees = list(entries), []
        for hash_ in self.entries:
            tree = [[hash_]]
            while self.trees and len(self.trees[-1][0]) == len(tree[0]):
                left = self.trees.pop()
                top = blake2_256(b"\1" + left[-1][0] + tree[-1][0])
                tree = [one + two for one, two in zip(left, tree)] + [[top]]
            self.trees.append(tree)

    def root(self):
        peaks = [tree[-1][0] for tree in self.trees]
        bag = peaks.pop() if peaks else bytes(32)
        while peaks:
            bag = blake2_256(b"\2" + peaks.pop() + bag)
        return blake2_256(b"\3" + le(len(self.entries), 8) + bag)

    def path(self, place):
        """The path of an entry, as it is encoded."""
        beside, peaks, first = [], [], 0
        for tree in self.trees:
            count = len(tree[0])
            if first <= place < first + count:
                beside = [level[(place - first >> height) ^ 1] for height, level in enumerate(tree[:-1])]
            else:
                peaks.append(tree[-1][0])
            first += count
        lists = [compact(len(hashes)) + b"".join(hashes) for hashes in (beside, peaks)]
        return le(place, 8) + le(len(self.entries), 8) + b"".join(lists)


def blocks_tree(blocks):
    """The list of blocks, and of the orders of each."""
    within = [Tree(entry(raw(order)) for order in block["orders"]) for block in blocks]
    hashes = [entry(le(block["number"], 4) + tree.root()) for block, tree in zip(blocks, within)]
    return Tree(hashes), within


def main():
    vectors, checked, left_out = json.loads(VECTORS.read_text()), 0, []
    try:
        import sr25519
    except ImportError:
        sr25519 = None
        left_out.append("signatures (no py-sr25519-bindings)")

    for vector in vectors["orders"]:
        payload = order_bytes(vector["order"])
        assert payload.hex() == vector["payload"], vector["name"]
        assert blake2_256(payload).hex() == vector["id"], vector["name"]
        document = document_bytes(payload, vector["signatures"])
        assert document.hex() == vector["document"], vector["name"]
        assert to_text(document) == vector["text"], vector["name"]
        for one in vector["signatures"]:
            if raw(vector["order"]["parties"][one["party"]]["owner"]).startswith(b"sp/card/"):
                holds = card_holds(raw(one["key"]), raw(one["signature"]), payload)
                assert holds is not False and not one["wrapped"], vector["name"]
                if holds is None and CARDS not in left_out:
                    left_out.append(CARDS)
                continue
            message = b"<Bytes>" + payload + b"</Bytes>" if one["wrapped"] else payload
            if sr25519:
                assert sr25519.verify(raw(one["signature"]), message, raw(one["key"])), vector["name"]
        checked += 1
    for vector in vectors["lists"]:
        chain, within = blocks_tree(vector["blocks"])
        assert chain.root().hex() == vector["root"], vector
        assert (b"specie/orders/v1" + chain.root()).hex() == vector["digest"], vector
        for proof in vector["proofs"]:
            block = vector["blocks"][proof["place"]]
            path = within[proof["place"]].path(block["orders"].index(proof["order"]))
            assert (le(block["number"], 4) + path + chain.path(proof["place"])).hex() == proof["proof"], proof
            checked += 1
    assert checked > 10, "the file has hardly any vectors"
    print(f"{checked} vectors of orders hold" + (f"; left out: {', '.join(left_out)}" if left_out else ""))


if __name__ == "__main__":
    sys.exit(main())
