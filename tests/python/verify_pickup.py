#!/usr/bin/env python3
"""Checks docs/protocol/vectors/pickup.json against docs/protocol/pickup.md, written from that text alone.

The standard library does all of it but two steps: the seed needs argon2-cffi, the claim key py-sr25519-bindings. Where
one is missing the step is left out, and the last line says so.
"""
import json
import pathlib
import sys

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VECTORS = pathlib.Path(__file__).parents[2] / "docs/protocol/vectors/pickup.json"


def twice(value):
    """Multiplies by x in the field of 32 elements modulo x^5 + x^2 + 1."""
    return value << 1 ^ 0b100101 if value & 16 else value << 1


def check(values):
    total = 0
    for value in values:
        total = twice(total) ^ value
    return total


def read(text):
    """The sixteen values of a code, or None."""
    text = "".join(sign for sign in text.upper() if sign != "-" and not sign.isspace())
    text = text.replace("O", "0").replace("I", "1").replace("L", "1")
    if len(text) != 16 or any(sign not in SIGNS for sign in text):
        return None
    values = [SIGNS.index(sign) for sign in text]
    return values if check(values) == 0 else None


def write(values):
    text = "".join(SIGNS[value] for value in values)
    return "-".join(text[start:start + 4] for start in range(0, 16, 4))


def raw(text):
    return bytes.fromhex(text.removeprefix("0x"))


def receiver_bytes(receiver):
    (kind, fields), = receiver.items()
    if kind == "owner":
        return b"\0" + raw(fields)
    bank = fields["bank"].to_bytes(4, "little")
    if kind == "custody":
        return b"\1" + bank + raw(fields["owner"])
    return b"\2" + bank + fields["receipt"].to_bytes(8, "little")


def main():
    vectors, checked, left_out = json.loads(VECTORS.read_text()), 0, []
    try:
        from argon2.low_level import Type, hash_secret_raw
    except ImportError:
        hash_secret_raw = None
        left_out.append("seeds (no argon2-cffi)")
    try:
        import sr25519
    except ImportError:
        sr25519 = None
        left_out.append("claim keys (no py-sr25519-bindings)")

    for vector in vectors["codes"]:
        values = read(vector["written"])
        assert values is not None and write(values) == vector["code"], vector
        # The secret decides the check sign.
        assert twice(check(values[:15])) == values[15], vector
        salt = b"specie/pickup-key/v1" + raw(vector["genesis"]) + raw(vector["payee"])
        assert salt.hex() == vector["salt"], vector
        secret = "".join(SIGNS[value] for value in values[:15]).encode()
        if hash_secret_raw:
            seed = hash_secret_raw(secret, salt, time_cost=3, memory_cost=65536, parallelism=1, hash_len=32, type=Type.ID)
            assert seed.hex() == vector["seed"], vector
        if sr25519:
            assert sr25519.pair_from_seed(raw(vector["seed"]))[0].hex() == vector["claim_key"], vector
        checked += 1
    for text in vectors["refused"]:
        assert read(text) is None, text
        checked += 1
    for vector in vectors["claims"]:
        payload = b"specie/pickup/v1".ljust(24, b"\0") + raw(vector["genesis"])
        payload += vector["pickup"].to_bytes(8, "little") + receiver_bytes(vector["receiver"])
        assert payload.hex() == vector["payload"], vector
        checked += 1
    assert checked > 10, "the file has hardly any vectors"
    print(f"{checked} pickup vectors hold" + (f"; left out: {', '.join(left_out)}" if left_out else ""))


if __name__ == "__main__":
    sys.exit(main())
