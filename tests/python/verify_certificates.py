#!/usr/bin/env python3
"""Checks docs/protocol/vectors/certificates.json from docs/protocol/certificates.md alone.

A second implementation: standard library only, and nothing of the first one's code. Not for secrets: it takes its time
and its time tells what it computes.

    verify_certificates.py [vectors.json]

Exit code 1 and a line for each vector that does not agree. The same for files: certificates, certificates of batches,
digests and exported coins of one network, which hang together below a root key that is known from elsewhere.

    verify_certificates.py --root KEY FILE...

Exit code 1 and a line for each file that does not hold. The newest digest among them says what is revoked.
"""

import hashlib
import json
import pathlib
import sys
import time

VECTORS = pathlib.Path(__file__).parents[2] / "docs/protocol/vectors/certificates.json"


class Fault(Exception):
    """A verdict other than Ok, and how far below the root it fell."""

    def __init__(self, name, position=None):
        super().__init__(name)
        self.name, self.position = name, position


class at:
    """Gives a position to the faults raised inside."""

    def __init__(self, position):
        self.position = position

    def __enter__(self):
        return self

    def __exit__(self, kind, fault, trace):
        if kind is Fault and fault.position is None:
            fault.position = self.position


def require(condition, name):
    if not condition:
        raise Fault(name)


def blake(*parts):
    return hashlib.blake2b(b"".join(parts), digest_size=32).digest()


def tag(text):
    return text.encode().ljust(24, b"\0")


def le(number, length):
    return number.to_bytes(length, "little")


# Curve25519 in Edwards form: -x² + y² = 1 + d x² y² over the integers modulo 2^255 - 19.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def square_root_of_ratio(u, v):
    """Whether u/v is a square, and a root of u/v or of i·u/v, the even one (RFC 9496, section 4.2)."""
    root = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * root * root % P
    was_square = check in (u % P, -u % P)
    if check in (-u % P, -u * ROOT_OF_MINUS_1 % P):
        root = root * ROOT_OF_MINUS_1 % P
    return was_square, P - root if root & 1 else root


def decompress(data):
    """The point of any encoding that ZIP-215 admits, else None."""
    number = int.from_bytes(data, "little")
    y, sign = (number & (2**255 - 1)) % P, number >> 255
    found, x = square_root_of_ratio(y * y - 1, D * y * y + 1)
    if not found:
        return None
    return extended((-x % P if sign else x), y)


def extended(x, y):
    return (x, y, 1, x * y % P)


def compress(point):
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    x, y = x * inverse % P, y * inverse % P
    return le(y | (x & 1) << 255, 32)


def add(one, two):
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, point):
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def is_identity(point):
    return point[0] % P == 0 and (point[1] - point[2]) % P == 0


BASE = decompress(le(4 * pow(5, -1, P) % P, 32))


def verify_ed25519(key, message, signature):
    a = decompress(key)
    require(a, "NotOnCurve")
    r, s = decompress(signature[:32]), int.from_bytes(signature[32:], "little")
    require(r and s < L, "BadSignature")
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    negative = (-a[0] % P, a[1], a[2], -a[3] % P)
    rest = add(multiply(s, BASE), multiply(k, negative))
    negative = (-r[0] % P, r[1], r[2], -r[3] % P)
    require(is_identity(multiply(8, add(rest, negative))), "BadSignature")


def check_ed25519(data):
    point = decompress(data)
    require(point, "NotOnCurve")
    require(compress(point) == data, "NonCanonicalKey")
    require(not is_identity(multiply(8, point)), "SmallOrderKey")
    require(is_identity(multiply(L, point)), "MixedOrderKey")


def check_sr25519(data):
    """Decoding of ristretto255, RFC 9496, section 4.3.1."""
    s = int.from_bytes(data, "little")
    require(s < P and s & 1 == 0, "NotOnCurve")
    u1, u2 = (1 - s * s) % P, (1 + s * s) % P
    v = (-D * u1 * u1 - u2 * u2) % P
    found, inverse = square_root_of_ratio(1, v * u2 * u2 % P)
    dx = inverse * u2 % P
    dy = inverse * dx * v % P
    x, y = 2 * s * dx % P, u1 * dy % P
    x = P - x if x & 1 else x
    require(found and not x * y % P & 1 and y, "NotOnCurve")
    require(s, "SmallOrderKey")


# P-256: y² = x³ - 3x + b modulo p, a group of prime order n.

p = 2**256 - 2**224 + 2**192 + 2**96 - 1
n = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def p256_point(data):
    x = int.from_bytes(data[1:], "big")
    require(data[0] in (2, 3) and x < p, "NonCanonicalKey")
    square = (x**3 - 3 * x + b) % p
    y = pow(square, (p + 1) // 4, p)
    require(y * y % p == square, "NotOnCurve")
    return x, y if y & 1 == data[0] & 1 else p - y


def p256_add(one, two):
    """None is the point at infinity."""
    if one is None or two is None:
        return one or two
    if one[0] == two[0]:
        if (one[1] + two[1]) % p == 0:
            return None
        slope = (3 * one[0] ** 2 - 3) * pow(2 * one[1], -1, p)
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, p)
    x = (slope * slope - one[0] - two[0]) % p
    return x, (slope * (one[0] - x) - one[1]) % p


def p256_multiply(scalar, point):
    total = None
    while scalar:
        if scalar & 1:
            total = p256_add(total, point)
        point = p256_add(point, point)
        scalar >>= 1
    return total


def verify_p256(key, message, signature):
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    require(0 < r < n and 0 < s < n, "BadSignature")
    require(s <= n // 2, "HighS")
    z = int.from_bytes(hashlib.sha256(message).digest(), "big")
    w = pow(s, -1, n)
    point = p256_add(p256_multiply(z * w % n, G), p256_multiply(r * w % n, p256_point(key)))
    require(point and point[0] % n == r, "BadSignature")


# Keys, signatures and the reading of fields.


class Reader:
    def __init__(self, data):
        self.data, self.place = data, 0

    def take(self, length):
        require(self.place + length <= len(self.data), "Truncated")
        self.place += length
        return self.data[self.place - length : self.place]

    def number(self, length):
        return int.from_bytes(self.take(length), "little")

    def finish(self):
        require(self.place == len(self.data), "TrailingBytes")


def read_key(reader):
    algorithm = reader.number(1)
    require(algorithm in (1, 2, 3), "UnknownAlgorithm")
    point = reader.take(33 if algorithm == 2 else 32)
    {1: check_ed25519, 2: p256_point, 3: check_sr25519}[algorithm](point)
    return bytes([algorithm]) + point


def read_signature(reader):
    algorithm = reader.number(1)
    require(algorithm in (1, 2), "UnknownAlgorithm")
    return bytes([algorithm]) + reader.take(64)


def read_all(data, read):
    reader = Reader(data)
    value = read(reader)
    reader.finish()
    return value


def key_item(key):
    return blake(tag("specie/key/v1"), key)[:16]


def key_id(key):
    return key_item(key)[:8]


def verify(key, message, signature):
    require(key[0] == signature[0], "WrongAlgorithm")
    {1: verify_ed25519, 2: verify_p256}[key[0]](key[1:], message, signature[1:])


# Certificates.

ROOT, ISSUING, REGISTRY, BANK, OWNER, DEVICE = range(1, 7)
KINDS = ["Root", "Issuing", "Registry", "Bank", "Owner", "Device"]
ISSUER = {ISSUING: ROOT, REGISTRY: ROOT, BANK: ROOT, OWNER: BANK, DEVICE: BANK}


class Certificate:
    def __init__(self, data, genesis=None):
        reader = Reader(data)
        require(reader.number(1) == 1, "UnknownVersion")
        self.kind = reader.number(1)
        require(self.kind in range(1, 7), "UnknownKind")
        self.genesis = genesis or reader.take(32)
        self.serial = reader.number(8)
        self.issuer = reader.take(8)
        self.not_before = reader.number(4)
        self.not_after = reader.number(4)
        self.flags = reader.number(1)
        require(self.flags < 4, "UnknownFlags")
        self.class_ = reader.number(1)
        self.max_hops = reader.number(1)
        self.bank = reader.number(4)
        self.owner = reader.take(24)
        self.subject = read_key(reader)
        body = data[: reader.place]
        self.signature = read_signature(reader)
        reader.finish()
        if genesis:
            body = body[:2] + genesis + body[2:]
        self.payload = tag("specie/certificate/v1") + body
        self.check()

    def check(self):
        anonymous, has_owner = self.flags & 2, any(self.owner)
        require(self.not_before <= self.not_after, "EmptyValidity")
        require(self.subject[0] != 3 or self.kind == OWNER, "AlgorithmNotAllowed")
        allowed = {
            "flags": self.kind == DEVICE,
            "class_": self.kind in (OWNER, DEVICE),
            "max_hops": self.kind in (BANK, DEVICE),
            "bank": self.kind in (BANK, OWNER, DEVICE),
        }
        for field, may in allowed.items():
            require(may or getattr(self, field) == 0, "FieldNotAllowed")
        require(not has_owner or (self.kind in (OWNER, DEVICE) and not anonymous), "FieldNotAllowed")
        require(has_owner or anonymous or self.kind not in (OWNER, DEVICE), "OwnerMissing")
        require(self.max_hops <= (1 if anonymous else 10), "TooManyHops")
        own = self.issuer == key_id(self.subject)
        require(own or self.kind != ROOT, "NotSelfSigned")
        require(not own or self.kind == ROOT, "SelfSigned")

    def item(self):
        return blake(self.payload)[:16]

    def check_time(self, now):
        require(now >= self.not_before, "NotYetValid")
        require(now <= self.not_after, "Expired")

    def show(self):
        return {
            "kind": KINDS[self.kind - 1],
            "genesis": self.genesis.hex(),
            "serial": str(self.serial),
            "issuer": self.issuer.hex(),
            "not_before": self.not_before,
            "not_after": self.not_after,
            "rollback_resistant": bool(self.flags & 1),
            "anonymous": bool(self.flags & 2),
            "class": self.class_,
            "max_hops": self.max_hops,
            "bank": self.bank,
            "owner": self.owner.hex(),
            "subject": self.subject.hex(),
        }


def pin(root, genesis, key):
    require(root.genesis == genesis, "WrongNetwork")
    require(root.kind == ROOT, "WrongKind")
    require(root.subject == key, "WrongRoot")
    verify(key, root.payload, root.signature)


def verify_chain(root, chain, now, digest):
    with at(0):
        root.check_time(now)
    parent = root
    for position, child in enumerate(chain, 1):
        with at(position):
            require(position <= 2, "ChainTooLong")
            require(child.genesis == parent.genesis, "WrongNetwork")
            require(ISSUER.get(child.kind) == parent.kind, "WrongKind")
            require(child.issuer == key_id(parent.subject), "WrongIssuer")
            if parent.kind == BANK:
                require(child.bank == parent.bank, "WrongBank")
                require(child.max_hops <= parent.max_hops, "TooManyHops")
            child.check_time(now)
            verify(parent.subject, child.payload, child.signature)
            if digest:
                revoked = digest.contains(key_item(child.subject)) or digest.contains(child.item())
                require(not revoked, "Revoked")
        parent = child
    with at(1):
        require(chain, "EmptyChain")
    return {
        "kind": KINDS[parent.kind - 1],
        "key": parent.subject.hex(),
        "bank": parent.bank if parent.kind in (BANK, OWNER, DEVICE) else None,
        "owner": parent.owner.hex() if any(parent.owner) else None,
        "class": parent.class_,
        "max_hops": parent.max_hops,
        "rollback_resistant": bool(parent.flags & 1),
        "anonymous": bool(parent.flags & 2),
        "valid_until": min(certificate.not_after for certificate in [root, *chain]),
    }


def check_renewal(old, new):
    require(new.genesis == old.genesis, "WrongNetwork")
    require(new.kind == old.kind, "WrongKind")
    require(new.subject == old.subject, "OtherKey")
    require((new.bank, new.owner) == (old.bank, old.owner), "OtherHolder")
    if new.issuer == old.issuer:
        require(new.serial > old.serial, "NotNewer")
    else:
        require(new.not_before > old.not_before, "NotNewer")


# Coins.

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def times_x(value):
    value <<= 1
    return value ^ 0b100101 if value & 32 else value


def check_digit(digits):
    """The sum of x^(19-i) times digit i in GF(32)."""
    total = 0
    for i, digit in enumerate(digits):
        for _ in range(19 - i):
            digit = times_x(digit)
        total ^= digit
    return total


def print_serial(digits):
    text = "".join(DIGITS[digit] for digit in [*digits, check_digit(digits)])
    return "-".join(text[i : i + 4] for i in range(0, 20, 4))


def coin_serial(genesis, seed, batch, index):
    data = blake(tag("specie/serial/v1"), genesis, seed, le(batch, 4), le(index, 4))
    bits = f"{int.from_bytes(data, 'big'):0256b}"
    return print_serial([int(bits[i : i + 5], 2) for i in range(0, 95, 5)])


def read_serial(text):
    digits = []
    for sign in text:
        if sign in "- ":
            continue
        sign = sign.upper() if sign.isascii() else sign
        digit = DIGITS.find({"O": "0", "I": "1", "L": "1"}.get(sign, sign))
        require(digit >= 0, "SerialSign")
        require(len(digits) < 20, "SerialLength")
        digits.append(digit)
    require(len(digits) == 20, "SerialLength")
    require(check_digit(digits[:19]) == digits[19], "SerialCheck")
    return print_serial(digits[:19])


class Batch:
    def __init__(self, data):
        self.data = data
        reader = Reader(data)
        require(reader.number(1) == 1, "UnknownVersion")
        self.genesis = reader.take(32)
        self.batch = reader.number(4)
        self.denomination = reader.number(8)
        self.count = reader.number(4)
        self.seed = reader.take(32)
        self.signed_at = reader.number(4)
        self.issuer = reader.take(8)
        self.payload = tag("specie/batch/v1") + data[: reader.place]
        self.signature = read_signature(reader)
        reader.finish()
        require(self.denomination, "ZeroValue")
        require(self.count, "EmptyBatch")

    def item(self):
        return blake(self.payload)[:16]

    def coin(self, index):
        if index >= self.count:
            return {"index": index, "verdict": "NotInBatch"}
        serial = coin_serial(self.genesis, self.seed, self.batch, index)
        return {"index": index, "verdict": "Ok", "serial": serial}


def verify_batch(root, issuing, data, now, digest):
    with at(2):
        batch = Batch(data)
        require(batch.genesis == root.genesis, "WrongNetwork")
    with at(0):
        root.check_time(now)
    with at(2):
        require(batch.signed_at <= now, "NotYetValid")
    verify_chain(root, [issuing], batch.signed_at, digest)
    with at(1):
        require(issuing.kind == ISSUING, "WrongKind")
    with at(2):
        require(batch.issuer == key_id(issuing.subject), "WrongIssuer")
        verify(issuing.subject, batch.payload, batch.signature)
        require(not (digest and digest.contains(batch.item())), "Revoked")
    return batch


# Revocation.


class Edition:
    """What lists and digests have in common."""

    def __init__(self, data):
        require(len(data) >= 65, "Truncated")
        body, signature = data[:-65], data[-65:]
        reader = Reader(body)
        require(reader.number(1) == 1, "UnknownVersion")
        self.genesis = reader.take(32)
        self.number = reader.number(4)
        self.issued_at = reader.number(4)
        self.next_at = reader.number(4)
        self.issuer = reader.take(8)
        self.count = reader.number(4)
        self.salt = reader.take(16)
        require(self.issued_at <= self.next_at, "EmptyValidity")
        require(self.count <= 4_000_000, "TooManyEntries")
        self.read(reader)
        self.signature = read_all(signature, read_signature)
        self.payload = tag(self.TAG) + body

    def accept(self, root, registry, held):
        with at(2):
            require(self.genesis == root.genesis, "WrongNetwork")
        verify_chain(root, [registry], self.issued_at, held)
        with at(1):
            require(registry.kind == REGISTRY, "WrongKind")
        with at(2):
            require(self.issuer == key_id(registry.subject), "WrongIssuer")
            self.standing = (registry.serial, self.number)
            require(held is None or self.standing > held.standing, "NotNewer")
            verify(registry.subject, self.payload, self.signature)
        return self


class List(Edition):
    TAG = "specie/revoked-list/v1"

    def read(self, reader):
        self.items = []
        for _ in range(self.count):
            self.items.append(reader.take(16))
            require(reader.number(1) in range(1, 6), "UnknownReason")
            reader.take(4)
        reader.finish()
        require(all(one < two for one, two in zip(self.items, self.items[1:])), "NotAscending")

    def contains(self, item):
        return item in self.items


def probe(genesis, number, salt, count, item):
    first = blake(tag("specie/revoked-probe/v1"), genesis, le(number, 4), salt, item)[:8]
    return int.from_bytes(first, "big") * (count << 20) >> 64


def encode_digest(genesis, number, salt, items):
    """The code of a digest; only for comparison, digests are read by their own code below."""
    bits, last = [], 0
    for value in sorted(probe(genesis, number, salt, len(items), item) for item in items):
        quotient, remainder = divmod(value - last, 1 << 20)
        bits.append(f"{'1' * quotient}0{remainder:020b}")
        last = value
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    return int(text or "0", 2).to_bytes(len(text) // 8, "big")


class Digest(Edition):
    TAG = "specie/revoked-digest/v1"

    def read(self, reader):
        code = reader.take(len(reader.data) - reader.place)
        text = "".join(f"{byte:08b}" for byte in code)
        self.values, last, place = set(), 0, 0
        for _ in range(self.count):
            zero = text.find("0", place)
            require(zero >= 0 and zero + 21 <= len(text), "BadCode")
            last += (zero - place << 20) + int(text[zero + 1 : zero + 21], 2)
            require(last < self.count << 20, "BadCode")
            self.values.add(last)
            place = zero + 21
        rest = text[place:]
        require(len(rest) < 8 and "1" not in rest, "BadCode")

    def contains(self, item):
        return probe(self.genesis, self.number, self.salt, self.count, item) in self.values


# Vectors. Each check returns what the vector must show besides its verdict.


def check_key(vector, _):
    key = read_all(bytes.fromhex(vector["key"]), read_key)
    return {"item": key_item(key).hex(), "id": key_id(key).hex()}


def check_raw_ed25519(vector, _):
    verify_ed25519(*(bytes.fromhex(vector[field]) for field in ("key", "message", "signature")))
    return {}


def check_signature(vector, _):
    key, message, signature = (bytes.fromhex(vector[field]) for field in ("key", "message", "signature"))
    signature = read_all(signature, read_signature)
    verify(read_all(key, read_key), message, signature)
    return {}


def check_certificate(vector, _):
    data = bytes.fromhex(vector["certificate"])
    certificate = Certificate(data)
    short = data[:2] + data[34:]
    if Certificate(short, certificate.genesis).payload != certificate.payload:
        raise Fault("the short form says something else")
    return {"body": certificate.show(), "item": certificate.item().hex(), "short": short.hex()}


def check_root(vector, _):
    genesis, key = bytes.fromhex(vector["genesis"]), bytes.fromhex(vector["key"])
    pin(Certificate(bytes.fromhex(vector["certificate"])), genesis, key)
    return {}


def check_chain(vector, digests):
    root = Certificate(bytes.fromhex(vector["root"]))
    chain = []
    for position, data in enumerate(vector["chain"], 1):
        with at(position):
            chain.append(Certificate(bytes.fromhex(data)))
    return {"verified": verify_chain(root, chain, vector["now"], digests[vector["digest"]])}


def check_renewals(vector, _):
    check_renewal(Certificate(bytes.fromhex(vector["old"])), Certificate(bytes.fromhex(vector["new"])))
    return {}


def check_possession(vector, _):
    certificate = Certificate(bytes.fromhex(vector["certificate"]))
    payload = tag("specie/possession/v1") + certificate.payload[24:]
    verify(certificate.subject, payload, read_all(bytes.fromhex(vector["possession"]), read_signature))
    return {}


def check_batch(vector, digests):
    root, issuing, data = (bytes.fromhex(vector[field]) for field in ("root", "issuing", "batch"))
    digest = digests[vector["digest"]]
    batch = verify_batch(Certificate(root), Certificate(issuing), data, vector["now"], digest)
    coins = [batch.coin(coin["index"]) for coin in vector["coins"]]
    return {"item": batch.item().hex(), "denomination": str(batch.denomination), "coins": coins}


def check_serial(vector, _):
    return {"serial": read_serial(vector["text"])}


def check_document(vector, digests):
    root, registry, data = (bytes.fromhex(vector[field]) for field in ("root", "registry", "document"))
    with at(2):
        document = (List if vector["form"] == "list" else Digest)(data)
    held = digests[vector["held"]] if vector["held"] else None
    document.accept(Certificate(root), Certificate(registry), held)
    return {
        "standing": {"registry": str(document.standing[0]), "number": document.standing[1]},
        "issued_at": document.issued_at,
        "next_at": document.next_at,
        "revoked": [document.contains(bytes.fromhex(item)) for item in vector["probes"]],
    }


CHECKS = {
    "keys": check_key,
    "ed25519": check_raw_ed25519,
    "signatures": check_signature,
    "certificates": check_certificate,
    "roots": check_root,
    "chains": check_chain,
    "renewals": check_renewals,
    "possessions": check_possession,
    "batches": check_batch,
    "serials": check_serial,
    "documents": check_document,
}


def run(check, vector, digests):
    """What is wrong with a vector, or None."""
    try:
        shown = check(vector, digests)
        verdict, position = "Ok", None
    except Fault as fault:
        shown, verdict, position = {}, fault.name, fault.position
    if verdict != vector["verdict"]:
        return f"{verdict}, but the vector says {vector['verdict']}"
    if "position" in vector and position != vector["position"]:
        return f"{verdict} at {position}, but the vector says {vector['position']}"
    for field, value in shown.items():
        if vector.get(field) != value:
            return f"{field} is {value}, but the vector says {vector.get(field)}"
    return None


def check_small_order(section):
    """Every pair of key and R of small order with S = 0."""
    message = bytes.fromhex(section["message"])
    encodings = [bytes.fromhex(data) for data in section["encodings"]]
    for key in encodings:
        for r in encodings:
            try:
                verify_ed25519(key, message, r + bytes(32))
                yield None
            except Fault as fault:
                yield f"{key.hex()}, {r.hex()}: {fault.name}"


def test_item(i):
    return blake(b"specie/test/item", le(i, 4))[:16]


def check_sizes(section):
    """Digests of long lists: the whole payload is computed and its hash compared."""
    genesis, issuer, salt = (bytes.fromhex(section[field]) for field in ("genesis", "issuer", "salt"))
    for entry in section["entries"]:
        count = entry["count"]
        code = encode_digest(genesis, section["number"], salt, [test_item(i) for i in range(count)])
        head = b"\1" + genesis + le(section["number"], 4) + le(section["issued_at"], 4) + le(section["next_at"], 4)
        payload = tag(Digest.TAG) + head + issuer + le(count, 4) + salt + code
        length = len(payload) - 24 + 65
        agree = length == entry["length"] and blake(payload).hex() == entry["payload_hash"]
        yield None if agree else f"digest of {count}: {length} bytes, or others than these"


# Files of a network.


def read_file(path):
    """Whatever a file holds. A short digest may be as long as something else, but nothing else is a digest."""
    data = path.read_bytes()
    if data.lstrip().startswith(b"{"):
        return json.loads(data)
    reader = {158: Batch, 187: Certificate, 188: Certificate}.get(len(data), Digest)
    try:
        return Digest(data)
    except Fault:
        return reader(data)


def only(found, name):
    found = list(found)
    require(found, name)
    return max(found, key=lambda one: one.serial)


def check_coin(proof, key, now, digest):
    data = {field: bytes.fromhex(proof[field].removeprefix("0x")) for field in ("root", "issuing", "batch")}
    root = Certificate(data["root"])
    pin(root, root.genesis, key)
    batch = verify_batch(root, Certificate(data["issuing"]), data["batch"], now, digest)
    number, index = (int(part) for part in proof["coin"].split("-"))
    require(number == batch.batch, "WrongBatch")
    coin = batch.coin(index)
    require(coin["verdict"] == "Ok", coin["verdict"])
    require(proof["denomination"] == batch.denomination, "WrongValue")
    require(read_serial(proof["serial"]) == coin["serial"], "WrongSerial")


def check_files(key, paths):
    now, key = int(time.time()), bytes.fromhex(key.removeprefix("0x"))
    files, wrong = {}, {}
    for path in paths:
        try:
            files[path] = read_file(path)
        except (Fault, ValueError) as fault:
            wrong[path] = getattr(fault, "name", "Unreadable")
    certificates = [one for one in files.values() if isinstance(one, Certificate)]

    def issuer(kind, wanted):
        of = (one for one in certificates if one.kind == kind and key_id(one.subject) == wanted)
        return only(of, "RootMissing" if kind == ROOT else "IssuerMissing")

    def root():
        found = issuer(ROOT, key_id(key))
        pin(found, found.genesis, key)
        return found

    def check(document, digest):
        if isinstance(document, dict):
            check_coin(document, key, now, digest)
        elif isinstance(document, Digest):
            registry = issuer(REGISTRY, document.issuer)
            document.accept(root(), registry, None)
            verify_chain(root(), [registry], document.issued_at, digest)
        elif isinstance(document, Batch):
            verify_batch(root(), issuer(ISSUING, document.issuer), document.data, now, digest)
        elif document.kind == ROOT:
            pin(document, document.genesis, key)
            document.check_time(now)
        else:
            above = [] if ISSUER[document.kind] == ROOT else [issuer(BANK, document.issuer)]
            verify_chain(root(), [*above, document], now, digest)

    def verdict(document, digest):
        try:
            check(document, digest)
        except Fault as fault:
            return fault.name

    held = [one for one in files.values() if isinstance(one, Digest) and not verdict(one, None)]
    newest = None
    for one in sorted(held, key=lambda one: one.standing):
        try:
            newest = one.accept(root(), issuer(REGISTRY, one.issuer), newest)
        except Fault:
            pass
    for path, document in files.items():
        if name := verdict(document, newest):
            wrong[path] = name
    for path, name in wrong.items():
        print(f"{path.name}: {name}", file=sys.stderr)
    print(f"{len(wrong)} of {len(paths)} files do not hold" if wrong else f"{len(paths)} files hold")
    sys.exit(1 if wrong else 0)


def main():
    if sys.argv[1:2] == ["--root"]:
        check_files(sys.argv[2], [pathlib.Path(path) for path in sys.argv[3:]])
    vectors = json.loads(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else VECTORS).read_text())
    known = {*CHECKS, "about", "small_order", "digests", "sizes"}
    results = [(section, "unknown section") for section in vectors if section not in known]
    digests = {}
    for vector in vectors["digests"]:
        root, registry = (Certificate(bytes.fromhex(vector[field])) for field in ("root", "registry"))
        digests[vector["name"]] = Digest(bytes.fromhex(vector["digest"])).accept(root, registry, None)
        results.append((vector["name"], None))
    for section, check in CHECKS.items():
        for vector in vectors[section]:
            results.append((f"{section}: {vector['name']}", run(check, vector, digests)))
    results += [("small order", result) for result in check_small_order(vectors["small_order"])]
    results += [("sizes", result) for result in check_sizes(vectors["sizes"])]
    wrong = [(name, result) for name, result in results if result]
    for name, result in wrong:
        print(f"{name}: {result}", file=sys.stderr)
    print(f"{len(results) - len(wrong)} vectors agree" + (f", {len(wrong)} do not" if wrong else ""))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
