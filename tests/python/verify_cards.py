#!/usr/bin/env python3
"""Checks docs/protocol/vectors/cards.json against docs/protocol/cards.md, written from that text alone."""
import hashlib
import json
import pathlib
import sys

VECTORS = pathlib.Path(__file__).parents[2] / "docs/protocol/vectors/cards.json"


def number(value, length):
    return value.to_bytes(length, "little")


def tag(text):
    return text.encode().ljust(24, b"\0")


def raw(text):
    return bytes.fromhex(text.removeprefix("0x"))


def purse(vector):
    message = b"specie/card/v1" + number(vector["network"], 4) + raw(vector["key"])
    return b"sp/card/" + hashlib.blake2b(message, digest_size=32).digest()[:16]


def hand_out(vector):
    holder = b"\0" if vector["holder"] is None else b"\1" + raw(vector["holder"])
    card = number(vector["card"], 8) + raw(vector["key"])
    ends = number(vector["bank"], 4) + holder + number(vector["expiry"], 4)
    return tag("specie/card-handout/v1") + raw(vector["genesis"]) + card + ends


def replacement(vector):
    cards = number(vector["lost"], 8) + number(vector["new"], 8) + raw(vector["key"])
    ends = number(vector["bank"], 4) + number(vector["expiry"], 4)
    return tag("specie/card-replace/v1") + raw(vector["genesis"]) + cards + ends


def main():
    vectors = json.loads(VECTORS.read_text())
    checks = [(purse, "purses", "purse"), (hand_out, "hand_outs", "payload"), (replacement, "replacements", "payload")]
    wrong = []
    for make, kind, field in checks:
        assert vectors[kind], f"no {kind}"
        wrong += [f"{kind} {place}" for place, one in enumerate(vectors[kind]) if make(one) != raw(one[field])]
    if wrong:
        sys.exit(f"cards: these differ: {', '.join(wrong)}")
    print(f"cards: {sum(len(vectors[kind]) for _, kind, _ in checks)} vectors agree")


main()
