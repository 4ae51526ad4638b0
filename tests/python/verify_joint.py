#!/usr/bin/env python3
"""Checks docs/protocol/vectors/joint.json against docs/protocol/joint.md, written from that text alone.

The standard library does all of it but the check of signatures, which needs py-sr25519-bindings. Where that is missing the
step is left out, and the last line says so.
"""
import json
import pathlib
import sys

CLASSES = ["anonymous_card", "phone", "person", "firm"]
VECTORS = pathlib.Path(__file__).parents[2] / "docs/protocol/vectors/joint.json"


def raw(text):
    return bytes.fromhex(text.removeprefix("0x"))


def le(number, length):
    return number.to_bytes(length, "little")


def payload(fields):
    """What managers sign."""
    (kind, of), = fields.items()
    tag = {"open": b"specie/joint/open/v1", "replace": b"specie/joint/replace/v1"}[kind].ljust(24, b"\0")
    middle = le(CLASSES.index(of["class"]), 1) if kind == "open" else le(of["set"], 4)
    managers = le(len(of["managers"]) << 2, 1) + b"".join(raw(manager) for manager in of["managers"])
    rule = managers + le(of["threshold"], 1)
    return tag + raw(of["genesis"]) + raw(of["account"]) + le(of["bank"], 4) + middle + rule + le(of["expiry"], 4)


def main():
    vectors, checked, left_out = json.loads(VECTORS.read_text()), 0, []
    try:
        import sr25519
    except ImportError:
        sr25519 = None
        left_out.append("signatures (no py-sr25519-bindings)")

    for vector in vectors["documents"]:
        message = payload(vector["fields"])
        assert message.hex() == vector["payload"], vector["name"]
        for one in vector["signatures"]:
            signed = b"<Bytes>" + message + b"</Bytes>" if one["wrapped"] else message
            if sr25519:
                assert sr25519.verify(raw(one["signature"]), signed, raw(one["key"])), vector["name"]
        checked += 1
    assert checked > 2, "the file has hardly any vectors"
    print(f"{checked} vectors of joint accounts hold" + (f"; left out: {', '.join(left_out)}" if left_out else ""))


if __name__ == "__main__":
    sys.exit(main())
