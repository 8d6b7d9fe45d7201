#!/usr/bin/env python3
"""Checks keys, request codes, response codes and trees of spec/vectors with Python's standard library alone, and
the signature of a checkpoint where the package `cryptography` is installed.

Written from spec/*.md. Exit code 1 when a value differs. Usage: crosscheck.py [folder of the vectors]
"""
import base64
import hashlib
import hmac
import json
import pathlib
import sys
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DAMM = ["0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
        "3674209581", "5869720134", "8945362017", "9438617205", "2581436790"]


def bits(value, width):
    return value.to_bytes((width + 7) // 8, "big")


def enc(*fields):
    raw = [unicodedata.normalize("NFC", f).encode() if isinstance(f, str) else f for f in fields]
    return b"".join(len(f).to_bytes(2, "big") + f for f in raw)


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def hkdf(ikm, salt, info):
    return mac(mac(salt, ikm), info + b"\x01")


def trunc(width, data):
    return int.from_bytes(data, "big") >> (8 * len(data) - width)


def symbols(value, width):
    return "".join(ALPHABET[(value >> shift) & 31] for shift in range(width - 5, -1, -5))


def times_alpha(a):
    return ((a << 1) ^ (0x25 if a & 16 else 0)) & 31


def check_symbol(text, seed):
    for symbol in text:
        seed = times_alpha(seed) ^ ALPHABET.index(symbol)
    return ALPHABET[times_alpha(seed)]


def damm_digit(digits, row):
    for digit in digits:
        row = int(DAMM[row][int(digit)])
    return str(row)


def groups(text, size, separator):
    return separator.join(text[i:i + size] for i in range(0, len(text), size))


def sub_keys(tenant, device_id, epoch, crk, pepper):
    names = {"req": "req", "app": "app", "rsp0": "rsp/0", "rsp1": "rsp/1", "rec": "rec"}
    return {key: hkdf(crk + pepper, tenant + device_id, enc("stint/v1/code/" + name, bits(epoch, 32)))
            for key, name in names.items()}


def request_code(tenant, device_id, keys, v):
    head = 0
    for value, width in ((0, 1), (v["kind"], 2), (v["devNo"], 22), (v["epoch"] % 4, 2), (v["userSlot"], 4),
                         (v["counter"] % 32, 5), (v["nonce"], 19)):
        head = head << width | value
    counter, app = bits(v["counter"], 64), b""
    if v["kind"] == 1:
        app = bits(trunc(25, mac(keys["app"], enc("stint/v1/app", device_id, counter, bits(v["nonce"], 32),
                                                  bytes.fromhex(v["appDigest"])))), 25)
    tag = trunc(20, mac(keys["req"], enc("stint/v1/req", tenant, device_id, bits(v["epoch"], 32), bits(head, 55),
                                         counter, bits(v["pol"], 32), v["userId"], app)))
    code = head << 20 | tag
    return (code << 25 | int.from_bytes(app, "big"), 100) if app else (code, 75)


def response(tenant, device_id, keys, v, code, width):
    params = v["params"]
    p = params["dur"] << 5 | params["end"] << 4 | params["profile"] << 1 | params["slot"]
    key = keys["rsp1" if params["slot"] else "rsp0"]
    tag = trunc(35, mac(key, enc("stint/v1/rsp", tenant, device_id, bits(v["epoch"], 32), bits(code, width),
                                 bits(v["counter"], 64), bits(v["pol"], 32), v["userId"], bytes([p >> 8]), bytes([p & 255]))))
    payload = p << 35 | tag
    seed = hashlib.sha256(enc("stint/v1/chk", bits(code, width))).digest()[0] >> 3
    text, digits = symbols(payload, 45), str(payload).zfill(14)
    return groups(text + check_symbol(text, seed), 5, "-"), groups(digits + damm_digit(digits, seed % 10), 5, " ")


def check_code(v, expected):
    tenant, device_id = bytes.fromhex(v["tenant"]), bytes.fromhex(v["deviceId"])
    keys = sub_keys(tenant, device_id, v["epoch"], bytes.fromhex(v["crk"]), bytes.fromhex(v["pepper"]))
    code, width = request_code(tenant, device_id, keys, v)
    found = {"request": groups(symbols(code, width), 5, "-")}
    if "params" in v:
        found["response"], found["digits"] = response(tenant, device_id, keys, v, code, width)
    return all(found[name] == expected[name] for name in expected)


def check_keys(v, expected):
    keys = sub_keys(*(bytes.fromhex(v[n]) for n in ("tenant", "deviceId")), v["epoch"],
                    *(bytes.fromhex(v[n]) for n in ("crk", "pepper")))
    return all(keys[name].hex() == value for name, value in expected.items())


def node(*parts):
    return hashlib.sha256(b"\x01" + b"".join(parts)).digest()


def tree_root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return node(tree_root(leaves[:k]), tree_root(leaves[k:]))


def check_tree(v, expected):
    leaves = [hashlib.sha256(b"\x00leaf %d" % i).digest() for i in range(v["leafCount"])]
    return tree_root(leaves).hex() == expected["root"]


def check_checkpoint(v):
    """One ledger checkpoint: key id and signature of its first line. True also without the package."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return True
    text, _, lines = v["note"].rpartition("\n\n")
    text += "\n"
    name, encoded = lines.split("\n")[0].removeprefix("\u2014 ").split(" ")
    line = base64.b64decode(encoded, validate=True)
    vkey_name, vkey_id, material = v["logKeys"][0].split("+", 2)
    key = base64.b64decode(material, validate=True)
    key_id = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    Ed25519PublicKey.from_public_bytes(key[1:]).verify(line[4:], text.encode())
    return name == vkey_name and key_id == line[:4] == bytes.fromhex(vkey_id)


def cases(folder):
    """Every case this script knows: its name and whether it agrees."""
    def read(name):
        return json.loads((folder / name).read_text(encoding="utf-8"))["vectors"]
    first = {v["id"]: v for v in read("vectors.json")}
    device = {**first["keys-1"]["in"]}
    for v in [first["keys-1"], *read("keys.json")]:
        if "crk" in v["in"]:
            yield v["id"], check_keys(v["in"], v["out"])
    for v in first.values():
        if "devNo" in v["in"] and "kind" in v["in"]:
            expected = ({"request": v["in"]["request"], "response": v["out"]["text"], "digits": v["out"]["digits"]}
                        if "params" in v["in"] else {"request": v["out"]["text"]})
            yield v["id"], check_code({**device, **v["in"]}, expected)
    for v in read("codes.json"):
        yield v["id"], check_code(v["in"], v["out"])
    for v in read("tree.json"):
        yield v["id"], check_tree(v["in"], v["out"])
    for v in read("notes.json"):
        if v["id"] == "note-cosigned":
            yield v["id"], check_checkpoint(v["in"])


def main():
    default = pathlib.Path(__file__).resolve().parents[3] / "spec" / "vectors"
    results = list(cases(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default))
    failed = [name for name, agrees in results if not agrees]
    for name in failed:
        print(f"{name} differs")
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
