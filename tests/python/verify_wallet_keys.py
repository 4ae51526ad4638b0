#!/usr/bin/env python3
"""Checks docs/protocol/vectors/wallet-keys.json against docs/protocol/wallet-keys.md, written from that text alone.

The standard library makes the paths of keys, and the pickup codes from their secret. The public keys were computed with
polkadot.js, so nothing of ours stands behind them.
"""
import hashlib
import json
import pathlib
import sys

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VECTORS = pathlib.Path(__file__).parents[2] / "docs/protocol/vectors/wallet-keys.json"


def blake2_256(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def raw(text):
    return bytes.fromhex(text.removeprefix("0x"))


def number(value):
    return value.to_bytes(4, "little")


def twice(value):
    """Multiplies by x in the field of 32 elements modulo x^5 + x^2 + 1."""
    return value << 1 ^ 0b100101 if value & 16 else value << 1


def code(digest):
    values, total = [byte & 31 for byte in digest[:15]], 0
    for value in values:
        total = twice(total) ^ value
    text = "".join(SIGNS[value] for value in values + [twice(total)])
    return "-".join(text[start:start + 4] for start in range(0, 16, 4))


def uri(secret, key):
    base, slashes, password = secret.partition("///")
    return base + (f"//specie//{key}" if key else "") + slashes + password


def main():
    vectors, checked = json.loads(VECTORS.read_text()), 0
    for vector in vectors["keys"]:
        assert uri(vector["secret"], vector["number"]) == vector["uri"], vector
        checked += 1
    for vector in vectors["codes"]:
        batch, index = map(int, vector["coin"].split("-"))
        message = raw(vector["secret"]) + raw(vector["genesis"]) + raw(vector["payee"])
        digest = blake2_256(message + number(batch) + number(index) + number(vector["revision"]))
        assert digest.hex() == vector["hash"] and code(digest) == vector["code"], vector
        checked += 1
    assert checked > 10, "the file has hardly any vectors"
    print(f"{checked} wallet key vectors hold")


if __name__ == "__main__":
    sys.exit(main())
