#!/usr/bin/env python3
"""Checks docs/protocol/vectors/codes.json against docs/protocol/codes.md, written from that text alone.

The standard library does all of it but the check of signatures, which needs py-sr25519-bindings. Where that is missing the
step is left out, and the last line says so.
"""
import base64
import hashlib
import json
import pathlib
import sys

PREFIX = "SPECIE-PAY:"
TAG = b"specie/payment-code/v1".ljust(24, b"\0")
SCAN, ANSWER = 8, 9
VECTORS = pathlib.Path(__file__).parents[2] / "docs/protocol/vectors/codes.json"


def raw(text):
    return bytes.fromhex(text.removeprefix("0x"))


def le(number, length):
    return number.to_bytes(length, "little")


def compact(number):
    """A number in as few bytes as it takes."""
    for mode, bits in enumerate((6, 14, 30)):
        if number < 1 << bits:
            return le(number << 2 | mode, 1 << mode)
    length = (number.bit_length() + 7) // 8
    return le(length - 4 << 2 | 3, 1) + le(number, length)


def code_bytes(code):
    flags = 0x10 | (code["side"] == "payee") | code["reusable"] << 1
    flags |= (code["amount"] is not None) << 2 | (code["until"] is not None) << 3
    return b"".join([
        le(flags, 1),
        raw(code["owner"]),
        compact(code["bank"]),
        b"" if code["amount"] is None else compact(int(code["amount"])),
        b"" if code["until"] is None else le(code["until"], 4),
        raw(code["random"]),
    ])


def to_text(document):
    return PREFIX + base64.b32encode(document).decode().rstrip("=")


def read_text(text):
    """The parts of a text: check, code, signature. Fails if it is none."""
    signs = "".join(text.split()).upper()
    assert signs.startswith(PREFIX)
    signs = signs.removeprefix(PREFIX)
    document = base64.b32decode(signs + "=" * (-len(signs) % 8))
    assert to_text(document) == PREFIX + signs
    check, rest = document[:4], document[4:]
    flags, place = rest[0], 25
    assert flags >> 4 == 1
    lengths = []
    for there in (True, flags & 4):
        if there:
            mode = rest[place] & 3
            length = 1 << mode if mode < 3 else 5 + (rest[place] >> 2)
            number = int.from_bytes(rest[place:place + length], "little") >> 2
            if mode == 3:
                number = int.from_bytes(rest[place + 1:place + length], "little")
            assert compact(number) == rest[place:place + length]
            lengths.append(number)
            place += length
    assert lengths[0] < 1 << 32 and lengths[-1] < 1 << 128
    place += (4 if flags & 8 else 0) + 8
    signature = rest[place:]
    assert len(check) == 4 and len(rest) >= place and len(signature) in (0, 64)
    return check, rest[:place], signature


def action_bytes(action):
    """What an order says that is about a code."""
    (kind, fields), = action.items()
    if kind == "answer":
        return le(ANSWER, 1) + raw(fields["payment"]) + le(fields["confirms"], 1)
    code = raw(fields["code"])
    signature = b"\0" if fields["signature"] is None else b"\1" + raw(fields["signature"])
    amount = b"\0" if fields["amount"] is None else b"\1" + le(int(fields["amount"]), 16)
    return le(SCAN, 1) + compact(len(code)) + code + signature + raw(fields["scanner"]) + le(fields["bank"], 4) + amount


def is_code(text):
    try:
        read_text(text)
    except (AssertionError, IndexError, ValueError):
        return False
    return True


def main():
    vectors, left_out = json.loads(VECTORS.read_text()), []
    try:
        import sr25519
    except ImportError:
        sr25519 = None
        left_out.append("signatures (no py-sr25519-bindings)")

    for vector in vectors["codes"]:
        name, code = vector["name"], code_bytes(vector["code"])
        assert code.hex() == vector["bytes"], name
        payload = TAG + raw(vector["genesis"]) + code
        assert payload.hex() == vector["payload"], name
        assert hashlib.blake2b(payload, digest_size=32).hexdigest() == vector["id"], name
        signature = raw(vector["signature"] or "")
        assert to_text(raw(vector["genesis"])[:4] + code + signature) == vector["text"], name
        assert read_text(vector["text"].lower()) == (raw(vector["genesis"])[:4], code, signature), name
        if sr25519 and signature:
            message = b"<Bytes>" + payload + b"</Bytes>" if vector["wrapped"] else payload
            assert sr25519.verify(signature, message, raw(vector["key"])), name
    for vector in vectors["actions"]:
        assert action_bytes(vector["action"]).hex() == vector["bytes"], vector["name"]
    for text in vectors["refused"]:
        assert not is_code(text), text
    checked = len(vectors["codes"]) + len(vectors["actions"]) + len(vectors["refused"])
    assert checked > 10, "the file has hardly any vectors"
    print(f"{checked} vectors of payment codes hold" + (f"; left out: {', '.join(left_out)}" if left_out else ""))


if __name__ == "__main__":
    sys.exit(main())
