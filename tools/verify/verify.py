#!/usr/bin/python3
"""Checks an evidence bundle by spec/evidence.md alone. Needs Python 3.9 and the package `cryptography`.

    verify.py BUNDLE [--trust-hash HEX] [--witness VKEY]... [--witnesses-wanted N] [--old-checkpoint FILE] [--json]

Exit 0: nothing contradicts, 1: findings, 2: wrong usage, 4: the input cannot be read.
Written apart from verify.ts: the two share no line, and must find the same.
"""
import argparse
import base64
import datetime
import hashlib
import json
import re
import struct
import sys
import unicodedata
import zlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LIMIT = 1 << 30
MEANS = {
    "bundle-form": ("E0", "the bundle is not as the server made it"),
    "bundle-trust": ("E0", "every key in this bundle may be anybody's"),
    "entry-form": ("E1", "the file was edited"),
    "entry-gap": ("E1", "entries were left out, repeated or reordered"),
    "entry-join": ("E1", "an entry was changed, inserted or reordered"),
    "entry-body": ("E1", "the content of an entry was changed"),
    "ledger-proof": ("E1", "the ledger was changed, or the entry was never in it"),
    "checkpoint-signature": ("E2", "somebody without the key made it, or the chain of keys was broken"),
    "checkpoint-missing": ("E2", "a seal was taken away or added"),
    "witness-missing": ("E2", "nobody outside says that this is the only ledger"),
    "fork": ("E3", "two histories: a clone, a state that was set back, or a rewrite with a stolen key. "
                   "The signed statements are the proof"),
    "rolled-back": ("E3", "the tail was cut off"),
    "code-never-seen": ("E4", "the tail was cut off where the code was used, or the record of its use suppressed"),
    "use-not-issued": ("E5", "an answer that nobody gave: the device's code key is known to somebody, "
                             "or the grant was invented"),
    "use-twice": ("E5", "one answer was used again"),
    "counter-back": ("E6", "the state of the device was set back"),
    "boot-back": ("E6", "entries of different copies of a computer were mixed"),
    "more-than-granted": ("E7", "the agent gave more than was agreed"),
    "lowered-late": ("E7", "rights stood longer than agreed: the computer slept or was off, the agent was stopped, "
                           "or lowering failed"),
    "raised-unsealed": ("E7", "rights went up before their reason was sealed"),
    "receipt-missing": ("E9", "the tail was cut off and grew again"),
    "receipt-unknown": ("E9", "a receipt was invented, or the server denies one"),
}


class Broken(Exception):
    """The input cannot be looked at."""


class Bad(Exception):
    """A value has not the form that it must have."""


class Halt(Exception):
    """The checks that follow would have no ground."""


def need(condition, why="form"):
    if not condition:
        raise Bad(why)


def h(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# --- containers and canonical text

def unzip(data):
    if data[:4] != b"PK\x03\x04" or len(data) < 22:
        raise Broken("this is no zip file")
    if data[-22:-18] != b"PK\x05\x06":
        raise Broken("this zip file is cut, or has data behind its end")
    count, length, directory = struct.unpack("<HII", data[-12:-2])
    if directory + length != len(data) - 22:
        raise Broken("the list of files is not where it belongs, or this is a zip of another kind (zip64)")
    files, at, offset, total = {}, directory, 0, 0
    for _ in range(count):
        try:
            mark, _, fields, comment, _, _, _, start = struct.unpack("<4sH26sHHHII", data[at:at + 46])
            _, flags, method, _, _, crc, packed, size, named, extra = struct.unpack("<5H3I2H", fields)
        except struct.error:
            raise Broken("the list of files is cut") from None
        total += size
        if total > LIMIT:
            raise Broken(f"this zip says that it holds {total} bytes or more; the limit is {LIMIT}")
        raw = data[at + 46:at + 46 + named]
        head = data[offset:offset + 30 + named]
        if mark != b"PK\x01\x02" or comment or extra or start != offset or head != b"PK\x03\x04" + fields + raw:
            raise Broken("an entry of this zip and the list of files differ, or have data outside themselves")
        begin = offset + 30 + named
        if flags & ~0x0806 or method not in (0, 8) or begin + packed > directory:
            raise Broken("an entry of this zip is encrypted, cut, has no size, or is packed in another way")
        content = data[begin:begin + packed]
        if method == 8:
            unpacker = zlib.decompressobj(-15)
            try:
                content = unpacker.decompress(content, size + 1)
            except zlib.error:
                raise Broken("an entry of this zip is damaged") from None
            if not unpacker.eof or unpacker.unused_data:
                raise Broken("an entry of this zip is larger than it says, or has data outside itself")
        try:
            name = raw.decode()
        except UnicodeDecodeError:
            raise Broken("a file of this zip has no name") from None
        if len(content) != size or zlib.crc32(content) != crc or name in files:
            raise Broken(f"the file {ascii(name)} of this zip is damaged or there twice")
        files[name] = content
        at, offset = at + 46 + named, begin + packed
    if at != len(data) - 22 or offset != directory:
        raise Broken("this zip has data outside its entries")
    return files


def jcs(value, depth=0):
    need(depth <= 34)
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(jcs(n) + ":" + jcs(value[n], depth + 1) for n in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(jcs(each, depth + 1) for each in value) + "]"
    if isinstance(value, int) and not isinstance(value, bool):
        need(abs(value) < 2 ** 53)
    return json.dumps(value, ensure_ascii=False)


def deep(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(deep, inner), default=0)


def no_fraction(_):
    raise Bad("number")


def load(text, members=None):
    """A text that is its own canonical form; with `members`, an object of exactly these."""
    try:
        value = json.loads(text, parse_float=no_fraction, parse_constant=no_fraction)
        need(jcs(value) == text)
        text.encode()
    except (ValueError, RecursionError):
        raise Bad("not canonical") from None
    need(members is None or (isinstance(value, dict) and sorted(value) == members.split()))
    return value


def b64(text, length=None):
    try:
        raw = base64.b64decode(text.encode(), validate=True)
    except ValueError:
        raise Bad("base64") from None
    need(base64.b64encode(raw).decode() == text and length in (None, len(raw)))
    return raw


def unhex(text, length):
    need(isinstance(text, str) and re.fullmatch("[0-9a-f]*", text) and len(text) == 2 * length)
    return bytes.fromhex(text)


def natural(value):
    need(isinstance(value, int) and not isinstance(value, bool) and value >= 0)
    return value


def decimal(text):
    need(re.fullmatch("0|[1-9][0-9]{0,15}", text) and int(text) < 2 ** 53)
    return int(text)


def rows(text):
    return text[:-1].split("\n") if text else []


def attempt(what, *arguments):
    try:
        return what(*arguments)
    except Bad:
        return None


def moment(text):
    """Milliseconds since 1970."""
    need(isinstance(text, str) and re.fullmatch(r"[0-9]{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text, re.ASCII))
    try:
        at = datetime.datetime.fromisoformat(text[:-1] + "+00:00")
    except ValueError:
        raise Bad("time") from None
    return (at - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(milliseconds=1)


# --- trees, by the definitions of RFC 9162 2.1 and not by its loops

def pair(left, right):
    return h(b"\x01", left, right)


def split(n):
    return 1 << ((n - 1).bit_length() - 1)


class Mountains:
    """Perfect subtrees of a growing log, largest first, with their sizes."""

    def __init__(self, size, frontier):
        bits = [1 << i for i in range(size.bit_length()) if size >> i & 1]
        need(len(bits) == len(frontier), "frontier")
        self.size, self.peaks = size, list(zip(reversed(bits), frontier))

    def add(self, leaf):
        self.size += 1
        width = 1
        while self.peaks and self.peaks[-1][0] == width:
            leaf, width = pair(self.peaks.pop()[1], leaf), width * 2
        self.peaks.append((width, leaf))

    def root(self):
        if not self.peaks:
            return h()
        found = self.peaks[-1][1]
        for _, peak in reversed(self.peaks[:-1]):
            found = pair(peak, found)
        return found


def included(leaf, index, size, root, proof):
    rest = list(proof)

    def climb(i, n):
        if n == 1:
            return leaf
        k = split(n)
        below = climb(i, k) if i < k else climb(i - k, n - k)
        other = rest.pop(0)
        return pair(below, other) if i < k else pair(other, below)
    try:
        return index < size and climb(index, size) == root and not rest
    except IndexError:
        return False


def consistent(old, new, proof):
    rest = list(proof)

    def climb(m, n, known):
        if m == n:
            top = old["root"] if known else rest.pop(0)
            return top, top
        k = split(n)
        if m <= k:
            first, second = climb(m, k, known)
            return first, pair(second, rest.pop(0))
        first, second = climb(m - k, n - k, False)
        other = rest.pop(0)
        return pair(other, first), pair(other, second)
    if old["size"] in (0, new["size"]):
        return not rest and old["root"] == (new["root"] if old["size"] == new["size"] else h())
    try:
        return (old["size"] < new["size"] and climb(old["size"], new["size"], True) == (old["root"], new["root"])
                and not rest)
    except IndexError:
        return False


# --- keys and notes

SPACE = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000+]")


def key(name, kind, public):
    return name, h(name.encode(), b"\n", bytes([kind]), public)[:4], kind, public


def vkey(text):
    parts = text.split("+", 2)
    need(len(parts) == 3)
    raw = b64(parts[2], 33)
    need(parts[0] and not SPACE.search(parts[0]) and raw[0] in (1, 4))
    made = key(parts[0], raw[0], raw[1:])
    need(made[1].hex() == parts[1])
    return made


def signed(public, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def note(text):
    need(len(text) <= 65536 and "\n\n" in text and text.endswith("\n"))
    need(not re.search("[\x00-\x09\x0b-\x1f]", text))
    body, _, tail = text.rpartition("\n\n")
    lines = []
    for line in tail[:-1].split("\n"):
        words = line.split(" ")
        need(len(words) == 3 and words[0] == "—" and words[1] and not SPACE.search(words[1]))
        raw = b64(words[2])
        need(len(raw) > 4)
        lines.append((words[1], raw[:4], raw[4:]))
    need(len(lines) <= 32)
    return {"text": body + "\n", "lines": lines}


def signers(of, keys):
    """Names of keys that signed. Bad when a known key's line does not verify or is there twice."""
    found = []
    for name, short, raw in of["lines"]:
        for each in keys:
            if each[:2] != (name, short):
                continue
            message = of["text"].encode()
            if each[2] == 4:
                need(len(raw) == 72)
                message = b"cosignature/v1\ntime %d\n" % int.from_bytes(raw[:8], "big") + message
                raw = raw[8:]
            need(each not in found and signed(each[3], message, raw))
            found.append(each)
            break
    return [each[0] for each in found]


def checkpoint(text):
    lines = text.split("\n")
    need(len(lines) == 4 and lines[0] and not lines[3])
    return {"origin": lines[0], "size": decimal(lines[1]), "root": b64(lines[2], 32)}


def proof_of(lines):
    need(isinstance(lines, list) and len(lines) <= 63 and all(isinstance(each, str) for each in lines))
    return [b64(each, 32) for each in lines]


def entry(line, members):
    outer = load(line, members)
    header, salt, body = outer["header"], outer["salt"], outer["body"]
    need(isinstance(header, str) and len(header) <= 1000)
    it = load(header, "bh boot prev seq t type up v")
    need(it["v"] == 1 and it["v"] is not True and all(isinstance(it[n], str) for n in ("boot", "t", "type")))
    natural(it["seq"]), natural(it["up"])
    need(re.fullmatch("[A-Za-z0-9-]{1,64}", it["boot"]) and re.fullmatch("[a-z.-]{1,64}", it["type"]))
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", it["t"], re.ASCII))
    it["prev"], bh = unhex(it["prev"], 32), unhex(it["bh"], 32)
    it["leaf"] = h(b"\0", header.encode())
    dropped = salt is None and body is None
    it["good"] = dropped or (isinstance(salt, str) and bool(re.fullmatch("[A-Za-z0-9_-]{21}[AQgw]", salt))
                             and deep(body) <= 32 and h(salt.encode(), b".", jcs(body).encode()) == bh)
    it["body"] = body if it["good"] and isinstance(body, dict) else None
    it["proof"] = outer.get("proof")
    return it


class Checker:
    def __init__(self, files, known):
        self.files, self.known = files, known
        self.findings, self.skipped, self.sessions, self.unsealed = {}, {}, [], None

    def find(self, word, log, number, detail=""):
        self.findings.setdefault((MEANS[word][0], word, log, number), detail)

    def skip(self, what, why):
        self.skipped[f"{what}: {why}"] = True

    def run(self):
        try:
            self.bundle()
            self.logs()
        except Halt as stop:
            self.skip("everything else", str(stop))

    # 1, 2
    def bundle(self):
        try:
            self.manifest()
        except Bad as bad:
            self.find("bundle-form", "bundle", 0, str(bad))
            raise Halt("the bundle does not hold") from None

    def manifest(self):
        number = "(0|[1-9][0-9]{0,15})"
        allowed = re.compile(
            "README.txt|manifest.txt|bundle.json|events.jsonl|device-checkpoints.txt|ledger.jsonl|trust.json"
            "|ledger-checkpoint.txt|witnesses.txt|report.html".replace(".", r"\.")
            + rf"|receipts/{number}\.tlog-proof|consistency/{number}-{number}\.txt")
        texts = {}
        for name, raw in self.files.items():
            need(allowed.fullmatch(name), f"a file called {ascii(name)}")
            try:
                texts[name] = raw.decode()
            except UnicodeDecodeError:
                raise Bad(f"{name} is no text") from None
            need(not raw or raw.endswith(b"\n"), f"the last line of {name} has no end")
        for name in ("README.txt manifest.txt bundle.json events.jsonl device-checkpoints.txt ledger.jsonl "
                     "ledger-checkpoint.txt trust.json witnesses.txt").split():
            need(name in texts, f"{name} is missing")
        self.texts = texts
        b = load(texts["bundle.json"][:-1], "deviceId from frontier kind ledger madeAt sessionId tenant until v")
        self.b = b
        unhex(b["tenant"], 16), unhex(b["deviceId"], 16)
        need(b["v"] == 1 and b["v"] is not True and isinstance(b["madeAt"], str)
             and natural(b["from"]) <= natural(b["until"]), "bundle.json")
        need(b["kind"] in ("device", "session") and b["ledger"] in ("whole", "selected"), "bundle.json")
        need(isinstance(b["sessionId"], str) if b["kind"] == "session" else b["sessionId"] is None and not b["from"])
        need(isinstance(b["frontier"], list), "frontier")
        self.tree = Mountains(b["from"], [unhex(each, 32) for each in b["frontier"]])
        self.whole = b["ledger"] == "whole"
        self.device = f"stint/{b['tenant']}/device/{b['deviceId']}"
        self.origin = f"stint/{b['tenant']}/ledger"
        exporter = f"stint/{b['tenant']}/export"
        manifest = note(texts["manifest.txt"])
        sums = "".join(f"{h(self.files[n]).hex()}  {n}\n" for n in sorted(self.files, key=str.encode)
                       if n != "manifest.txt")
        need(manifest["text"] == f"{exporter}\nstint evidence bundle v1\n{sums}", "the manifest lists other content")
        publics = self.trust()
        self.log_keys = [key(self.origin, 1, public) for public in publics]
        need(signers(manifest, [key(exporter, 1, public) for public in publics]), "the manifest is not signed")

    def trust(self):
        times = re.findall(r'\\"t\\":\\"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{3}Z\\"', self.texts["ledger.jsonl"])
        try:
            texts = load(self.texts["trust.json"][:-1])
            need(isinstance(texts, list) and len(texts) == 1 and isinstance(texts[0], str))
            wanted = self.known.trust_hash
            need(wanted is None or h(texts[0].encode()).hex() == wanted)
            it = load(texts[0], "iat keys n tenant v")
            need(it["v"] == 1 and it["tenant"] == self.b["tenant"] and isinstance(it["keys"], list))
        except Bad:
            self.find("bundle-trust", "bundle", 0)
            raise Halt("the keys are not known") from None
        if wanted is None:
            self.skip("trust", "no --trust-hash was given, so the keys are only what this bundle says of itself")
        now = attempt(moment, max(times, default="") + ".000Z")
        publics = []
        for each in it["keys"]:
            try:
                need(isinstance(each, dict) and each.get("use") == "server-log" and now is not None)
                need(natural(each.get("nbf")) <= now // 1000 <= natural(each.get("exp")))
                publics.append(unhex(each.get("pub"), 32))
            except Bad:
                continue
        return publics

    # 3, 4, 5
    def logs(self):
        self.ledger_broken = self.journal_broken = False
        self.head()
        self.ledger()
        self.checkpoints()
        self.journal()
        for name in sorted(n for n in self.texts if n.startswith("receipts/")):
            self.receipt(name)
        self.compare()

    def head(self):
        text, witnesses = self.texts["ledger-checkpoint.txt"], self.known.witness
        read = attempt(note, text)
        self.top = attempt(checkpoint, read["text"]) if read else None
        names = attempt(signers, read, self.log_keys + witnesses) if read else None
        size = self.top["size"] if self.top else 0
        if not self.top or self.top["origin"] != self.origin or self.origin not in (names or []):
            self.find("checkpoint-signature", "ledger", size, "ledger-checkpoint.txt")
        if names is not None and len(set(names) - {self.origin}) < self.known.wanted:
            self.find("witness-missing", "ledger", size)
        if not self.known.wanted:
            self.skip("witnesses", "none was named, so nothing shows that the server keeps one ledger only")
        if not self.top:
            raise Halt("there is no ledger checkpoint")
        self.top_text = read["text"]

    def walk(self, log, name, members, first, strict, before):
        """Entries one by one, each with a right place; stops where the log breaks."""
        expected, prev = first, before
        for line in rows(self.texts[name]):
            it = attempt(entry, line, members)
            word = None
            if it is None:
                word = "entry-form"
            elif it["seq"] < expected or (strict and it["seq"] != expected):
                word = "entry-gap"
            elif strict and prev is not None and it["prev"] != prev:
                word = "entry-join"
            elif log == "journal" and expected >= self.b["until"]:
                word = "entry-gap"
            if word:
                self.broken(log, word, expected)
                return
            if not it["good"]:
                self.find("entry-body", log, it["seq"], it["type"])
            expected, prev = it["seq"] + 1, it["leaf"]
            yield it
        if log == "journal" and expected < self.b["until"]:
            self.broken(log, "entry-gap", expected)

    def broken(self, log, word, number):
        self.find(word, log, number)
        self.skip(f"everything in the {log} from entry {number} on", "it does not join what is before it")
        setattr(self, f"{log}_broken", True)

    def ledger(self):
        old = None
        if self.known.old is not None:
            read = attempt(note, self.known.old)
            old = attempt(checkpoint, read["text"]) if read else None
            if not old or not attempt(signers, read, self.log_keys):
                self.find("checkpoint-signature", "ledger", old["size"] if old else 0, "the checkpoint you brought")
                old = None
        tree, self.facts, old_root = Mountains(0, []), [], None
        for it in self.walk("ledger", "ledger.jsonl", "body header proof salt", 0, self.whole, bytes(32)):
            path = attempt(proof_of, it["proof"])
            if not (path == [] if self.whole else path is not None and included(
                    it["leaf"], it["seq"], self.top["size"], self.top["root"], path)):
                self.find("ledger-proof", "ledger", it["seq"], it["type"])
                it["body"] = None
            tree.add(it["leaf"])
            if old and self.whole and tree.size == old["size"]:
                old_root = tree.root()
            self.facts.append(it)
        if self.whole and not self.ledger_broken and (tree.size, tree.root()) != (self.top["size"], self.top["root"]):
            self.find("ledger-proof", "ledger", self.top["size"])
        if old:
            name = f"consistency/{old['size']}-{self.top['size']}.txt"
            if old["size"] > self.top["size"]:
                self.skip("your checkpoint", "it is newer than this bundle")
            elif old_root is not None or old["size"] == self.top["size"]:
                if old["root"] != (self.top["root"] if old_root is None else old_root):
                    self.find("fork", "ledger", old["size"], "the checkpoint you brought is of another ledger")
            elif name in self.texts:
                self.continues(name, old)
            else:
                self.skip("your checkpoint", f"the bundle has no {name}; ask for one")

    def continues(self, name, old):
        head, _, tail = self.texts[name].partition("\n\n")
        first, *lines = head.split("\n")
        path, read = attempt(proof_of, lines), attempt(note, tail)
        if not read or not attempt(signers, read, self.log_keys):
            self.find("checkpoint-signature", "ledger", self.top["size"], name)
        if (not read or read["text"] != self.top_text or first != f"old {old['size']}" or path is None
                or not consistent(old, self.top, path)):
            self.find("fork", "ledger", old["size"], name)

    def checkpoints(self):
        self.marks, last, lines = {}, self.b["from"], rows(self.texts["device-checkpoints.txt"])
        while lines:
            text, lines = "\n".join(lines[:5]) + "\n", lines[5:]
            read = attempt(note, text)
            point = attempt(checkpoint, read["text"]) if read else None
            if point is None:
                self.find("checkpoint-signature", "journal", last, "no checkpoint")
                return
            other = self.marks.get(point["size"])
            if other and other[1]["root"] != point["root"]:
                self.find("fork", "journal", point["size"], "two checkpoints of one size")
            elif point["size"] <= last:
                self.find("bundle-form", "bundle", 0, "device-checkpoints.txt does not rise")
            else:
                self.marks[point["size"]] = (text, point, read)
            last = max(last, point["size"])

    def first_key(self):
        own = [f for f in self.facts if f["type"] == "device.log-key" and (f["body"] or {}).get("deviceId") == self.b["deviceId"]]
        try:
            need(len(own) == 1)
            body = own[0]["body"]
            dik, lsk, sig = unhex(body.get("dik"), 32), unhex(body.get("lsk"), 32), unhex(body.get("sig"), 64)
            fields = [b"stint/v1/log/key", bytes.fromhex(self.b["tenant"]), unhex(body.get("tokenId"), 16), dik,
                      unhex(body.get("nD"), 16), lsk]
            need(signed(dik, b"".join(struct.pack(">H", len(f)) + f for f in fields), sig))
            return key(self.device, 1, lsk)
        except Bad:
            self.find("checkpoint-signature", "ledger", own[min(1, len(own) - 1)]["seq"] if own else 0, "device.log-key")
            return None

    def journal(self):
        start = self.b["from"]
        self.events, self.roots, self.sealed = [], {}, start
        present = self.first_key() if start == 0 else None
        opening, first, covered, ends = start > 0, 0, False, set()
        for it in self.walk("journal", "events.jsonl", "body header salt", start, True, None if start else bytes(32)):
            self.events.append(it)
            self.tree.add(it["leaf"])
            size = self.tree.size
            self.roots[size] = None
            if it["type"] in ("seal.rotate", "receipt") and it["body"] is None:
                self.find("entry-body", "journal", it["seq"], it["type"])
            self.roots[size] = self.tree.root()
            if it["type"] != "seal.rotate":
                continue
            ends.add(size)
            if size not in self.marks:
                self.find("checkpoint-missing", "journal", size)
            else:
                _, point, read = self.marks[size]
                right = point["root"] == self.roots[size]
                own = point["origin"] == self.device and len(read["lines"]) == 1
                good = own and present is not None and bool(attempt(signers, read, [present]))
                if not right:
                    self.find("fork", "journal", size, "the signed root is not the root of these entries")
                if not own or (present is not None and not good):
                    self.find("checkpoint-signature", "journal", size)
                elif present is None and not opening:
                    self.skip(f"the signature at size {size}", "its key is not known")
                first = size if opening else first
                covered = covered or (good and right)
                if right and (good or opening):
                    self.sealed = size
            opening = False
            following = attempt(vkey, it["body"]["next"]) if it["body"] and isinstance(it["body"].get("next"), str) else None
            if not following or following[2] != 1 or following[0] != self.device or following == present:
                self.find("checkpoint-signature", "journal", size, "the seal names no next key")
                following = None
            present = following
        self.end = self.tree.size
        for size in self.marks:
            if size not in ends and (size <= self.end or not self.journal_broken):
                self.find("checkpoint-missing", "journal", size)
        if start:
            self.skip("the chain of keys", f"it is seen only from size {first} on")
            told = any(f["size"] >= first and self.roots.get(f["size"]) == f["root"] for f in self.told())
            if first and not covered and not told:
                self.find("checkpoint-signature", "journal", first, "nothing else covers the first checkpoint")

    def told(self):
        for f in self.facts:
            body = f["body"]
            if f["type"] == "device.checkpoint" and body and body.get("deviceId") == self.b["deviceId"]:
                yield {"seq": f["seq"], "receipt": body.get("receipt"), "note": body.get("note"),
                       "size": attempt(natural, body.get("size")) or 0,
                       "length": attempt(natural, body.get("length")) or 0,
                       "root": attempt(unhex, body.get("root"), 32)}

    def receipt(self, name):
        size = int(re.search("[0-9]+", name).group())
        step = "receipt-form"
        try:
            head, _, tail = self.texts[name].partition("\n\n")
            lines = head.split("\n")
            need(len(self.texts[name]) <= 65536 and len(lines) >= 3 and lines[0] == "c2sp.org/tlog-proof@v1")
            need(lines[1].startswith("extra ") and lines[2].startswith("index "))
            raw, index, path, read = b64(lines[1][6:]), decimal(lines[2][6:]), proof_of(lines[3:]), note(tail)
            step = "receipt-signature"
            point = checkpoint(read["text"])
            need(point["origin"] == self.origin)
            need(self.origin in signers(read, self.log_keys + self.known.witness))
            step = "receipt-form"
            it = entry(raw.decode("utf-8", "replace"), "body header salt")
            body = it["body"]
            need(it["good"] and body is not None)
            step = "receipt-subject"
            need(it["seq"] == index and it["type"] == "device.checkpoint" and body.get("deviceId") == self.b["deviceId"])
            need(isinstance(body.get("note"), str))
            own = checkpoint(note(body["note"])["text"])
            need(own["size"] == size == body.get("size") and body.get("root") == own["root"].hex())
            need(size <= self.b["from"] or (size in self.marks and self.marks[size][0] == body["note"]))
            step = "receipt-proof"
            need(included(it["leaf"], index, point["size"], point["root"], path))
        except Bad:
            self.find("receipt-unknown", "receipt", size, step)
            return
        chain = f"consistency/{point['size']}-{self.top['size']}.txt"
        if point["size"] > self.top["size"]:
            self.find("rolled-back", "ledger", point["size"], name)
        elif point["size"] == self.top["size"]:
            if point["root"] != self.top["root"]:
                self.find("fork", "ledger", point["size"], name)
        elif chain in self.texts:
            self.continues(chain, point)
        else:
            self.find("bundle-form", "bundle", 0, f"{chain} is missing")

    # 6
    def of(self, kind, log=None):
        return [e for e in (self.events if log is None else log) if e["type"] == kind and e["body"] is not None]

    def hidden(self, *kinds):
        return any(e["type"] in kinds and e["body"] is None for e in self.events)

    def compare(self):
        boots, last = [], None
        for e in self.events:
            if last and last["boot"] == e["boot"] and e["up"] < last["up"]:
                self.find("boot-back", "journal", e["seq"], "up")
            if not last or last["boot"] != e["boot"]:
                if e["boot"] in boots:
                    self.find("boot-back", "journal", e["seq"], "boot")
                boots.append(e["boot"])
            last = e
        if self.hidden("request.created"):
            self.skip("E6 counter-back for some requests", "their bodies are not here")
        top = 0
        for e in self.of("request.created"):
            counter = attempt(natural, e["body"].get("counter"))
            if counter is not None and counter <= top:
                self.find("counter-back", "journal", e["seq"], f"{counter} after {top}")
            top = max(top, counter or 0)
        self.receipts_written()
        if self.ledger_broken:
            self.skip("E3 to E5, E7 and E9 against the ledger", "the ledger does not hold")
        else:
            self.against_ledger()
            self.answers()
        self.lowering()
        self.verdicts()

    def receipts_written(self):
        if self.b["from"]:
            self.skip("E9", "this bundle does not begin with the journal")
            return
        there = {h(raw).hex() for name, raw in self.files.items() if name.startswith("receipts/")}
        for e in self.of("receipt"):
            if not isinstance(e["body"].get("hash"), str):
                self.skip(f"E9 receipt-unknown of entry {e['seq']}", "it names no hash")
            elif e["body"]["hash"] not in there:
                self.find("receipt-unknown", "journal", e["seq"], "no such text")

    def against_ledger(self):
        session = self.b["kind"] == "session"
        if session:
            self.skip("E3 rolled-back", "this is the bundle of a session")
        elif self.journal_broken:
            self.skip("E3 rolled-back", "the journal does not hold")
        seen = {e["body"].get("hash"): e["seq"] for e in self.of("receipt") if isinstance(e["body"].get("hash"), str)}
        size = length = 0
        newest, named = -1, False
        for c in self.told():
            if c["size"] in self.roots and self.roots[c["size"]] != c["root"]:
                self.find("fork", "ledger", c["seq"], f"another root at size {c['size']}")
            short = not self.journal_broken and self.end < c["size"]
            if not session and (short or c["size"] < size or c["length"] < length):
                self.find("rolled-back", "ledger", c["seq"], f"the journal ends at {self.end}")
            size, length = max(size, c["size"]), max(length, c["length"])
            if self.b["from"]:
                continue
            at = seen.get(c["receipt"]) if isinstance(c["receipt"], str) else None
            if c["receipt"] is None:
                if named:
                    self.find("receipt-missing", "ledger", c["seq"], "it names none any more")
                continue
            named = True
            if c["length"] > len(self.events):
                self.skip(f"E9 receipt-missing of ledger entry {c['seq']}", f"the journal does not reach {c['length']}")
            elif at is None or at >= c["length"]:
                self.find("receipt-missing", "ledger", c["seq"], "no entry below names it")
            if at is not None and at < newest:
                self.find("receipt-missing", "ledger", c["seq"], "an older one than before")
            newest = max(newest, -1 if at is None else at)

    def answers(self):
        issued = self.of("code.issued", self.facts)
        lost = any(f["type"] == "code.issued" and f["body"] is None for f in self.facts)
        codes = [f for f in issued if f["body"].get("deviceId") == self.b["deviceId"]]
        requests, grants, used = self.of("request.created"), self.of("grant.admitted"), set()
        voids = [e["body"].get("requestId") for e in self.of("request.void")]
        for f in codes:
            counter = attempt(natural, f["body"].get("counter"))
            own = next((r["body"] for r in requests if r["body"].get("counter") == counter), None)
            later = [r["body"] for r in requests if (attempt(natural, r["body"].get("counter")) or 0) > (counter or 0)]
            if any(g["body"].get("counter") == counter for g in grants) or (own and own.get("requestId") in voids):
                continue
            if not any(own is None or r.get("userId") == own.get("userId") for r in later):
                continue
            if self.hidden("request.created", "request.void", "grant.admitted"):
                self.skip(f"E4 of ledger entry {f['seq']}", "bodies of the journal are not here")
            elif own is None and self.b["from"]:
                self.skip(f"E4 of ledger entry {f['seq']}", "its request is before this bundle")
            else:
                self.find("code-never-seen", "ledger", f["seq"], f"counter {counter}")
        for g in grants:
            body, counter = g["body"], attempt(natural, g["body"].get("counter"))
            if body.get("credential") not in ("response-code", "answer-token") or counter is None:
                self.skip(f"E4 and E5 of entry {g['seq']}", "not made for this kind of credential yet")
                continue
            if counter in used:
                self.find("use-twice", "journal", g["seq"], f"counter {counter}")
            used.add(counter)
            fit = [f["body"] for f in codes if f["body"].get("counter") == counter and (
                body["credential"] == "response-code" or f["body"].get("jti") == body.get("jti"))]
            granted = attempt(natural, body.get("grantedSeconds"))
            minutes = [attempt(natural, f.get("minutes")) for f in fit]
            if not fit and lost and not self.whole:
                self.skip(f"E5 and E7 of entry {g['seq']}", "bodies of code.issued are not here")
            elif not fit:
                self.find("use-not-issued", "journal", g["seq"], f"counter {counter}")
            elif granted is None or None in minutes:
                self.skip(f"E7 more-than-granted of entry {g['seq']}", "no minutes were written down")
            elif granted > 60 * max(minutes):
                self.find("more-than-granted", "journal", g["seq"], f"{granted} s of {max(minutes)} minutes")

    def lowering(self):
        grants, ends = self.of("grant.admitted"), self.of("session.end")
        for s in self.of("session.start"):
            body = s["body"]
            same = [g for g in grants if g["seq"] < s["seq"] and g["body"].get("sessionId") == body.get("sessionId")]
            if not same and self.hidden("grant.admitted"):
                self.skip(f"E7 of entry {s['seq']}", "its grant is not here")
                continue
            if not same or not any(e["type"] == "seal.rotate" and same[0]["seq"] < e["seq"] < s["seq"] for e in self.events):
                self.find("raised-unsealed", "journal", s["seq"])
            try:
                seconds = natural(same[0]["body"].get("grantedSeconds") if same else None)
                begin, until = moment(body.get("startedAt")), moment(body.get("endsAt"))
            except Bad:
                self.skip(f"E7 of entry {s['seq']}", "it says no times")
                continue
            if until - begin > 1000 * seconds:
                self.find("more-than-granted", "journal", s["seq"], f"until {body['endsAt']}")
            for e in ends:
                if e["seq"] > s["seq"] and e["body"].get("sessionId") == body.get("sessionId"):
                    if e["boot"] != s["boot"] or e["up"] - s["up"] > 1000 * (seconds + 60):
                        self.find("lowered-late", "journal", e["seq"])
                    break

    def verdicts(self):
        if self.end > self.sealed:
            self.unsealed = (self.sealed, self.end - 1)
        begins = {}
        for e in self.events:
            if e["type"] in ("grant.admitted", "session.start") and e["body"] and isinstance(e["body"].get("sessionId"), str):
                begins.setdefault(e["body"]["sessionId"], e["seq"])
        for session, begin in begins.items():
            own = [e for e in self.events if e["body"] and e["body"].get("sessionId") == session]
            over = next((e["seq"] for e in own if e["type"] == "session.end"), None)
            seal = next((e["seq"] for e in self.events if over is not None and e["type"] == "seal.rotate" and e["seq"] > over), None)
            if seal is None or seal >= self.sealed:
                self.sessions.append((session, "not yet reported", begin, self.end - 1, None))
                continue
            words = [w for (_, w, log, n) in self.findings if log == "journal"
                     and begin <= n <= seal + w.startswith("checkpoint-")]
            gaps = [e["body"].get("cause", "") for e in own if e["type"] == "recording.gap"]
            because = (words + gaps or [None])[0]
            self.sessions.append((session, "complete" if because is None else "incomplete", begin, seal, because))
        if self.b["sessionId"] is not None and self.b["sessionId"] not in begins:
            self.skip(f"the verdict of session {self.b['sessionId']}", "its bodies are not here")
        if self.hidden("session.start"):
            self.skip("the verdict of some sessions", "their bodies are not here")

    def output(self, as_json):
        count = len(self.findings)
        verdict = f"{count} finding{'s' * (count != 1)}" if count else "nothing here contradicts anything else here"
        if as_json:
            names = ("code", "word", "log", "number")
            told = [dict(zip(names, f), detail=d, means=MEANS[f[1]][1]) for f, d in self.findings.items()]
            shown = [dict(zip(("sessionId", "verdict", "from", "to", "because"), s)) for s in self.sessions]
            unsealed = dict(zip(("from", "to"), self.unsealed)) if self.unsealed else None
            return json.dumps({"findings": told, "notMade": list(self.skipped), "notSealed": unsealed,
                               "sessions": shown, "verdict": verdict})
        lines = []
        for finding, detail in self.findings.items():
            lines.append(" ".join(map(str, finding)))
            lines.append(f"    here:  {detail or '-'}")
            lines.append(f"    means: {MEANS[finding[1]][1]}")
        lines += [f"not made: {each}" for each in self.skipped]
        if self.unsealed:
            lines.append(f"not sealed: entries {self.unsealed[0]} to {self.unsealed[1]} of the journal")
        for session, what, first, last, because in self.sessions:
            lines.append(f"session {session}: {what}, entries {first} to {last}" + (f", because {because}" if because else ""))
        clean = ["".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp") else f"\\u{{{ord(c):x}}}" for c in line)
                 for line in lines + [verdict]]
        return "\n".join(clean)


def read(path, limit):
    try:
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Broken(f"{path} cannot be read ({error.strerror})") from None
    if len(data) > limit:
        raise Broken(f"{path} is larger than {limit} bytes")
    return data


def main():
    parser = argparse.ArgumentParser(prog="verify.py")
    parser.add_argument("bundle")
    parser.add_argument("--trust-hash", type=str.lower)
    parser.add_argument("--witness", action="append", default=[])
    parser.add_argument("--witnesses-wanted", type=int, dest="wanted")
    parser.add_argument("--old-checkpoint", dest="old")
    parser.add_argument("--json", action="store_true")
    known = parser.parse_args()
    known.witness = [attempt(vkey, text) for text in known.witness]
    if any(each is None or each[2] != 4 for each in known.witness):
        parser.error("a --witness is no vkey of a witness (kind 0x04)")
    names = len({each[0] for each in known.witness})
    known.wanted = names if known.wanted is None else known.wanted
    if not 0 <= known.wanted <= names:
        parser.error("name as many different witnesses as you want")
    if known.trust_hash is not None and not re.fullmatch("[0-9a-f]{64}", known.trust_hash):
        parser.error("the --trust-hash has 64 hex digits")
    try:
        if known.old is not None:
            known.old = read(known.old, 65536).decode("utf-8", "replace")
        checker = Checker(unzip(read(known.bundle, LIMIT)), known)
    except Broken as broken:
        print(f"verify: {broken}", file=sys.stderr)
        return 4
    checker.run()
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    print(checker.output(known.json))
    return 1 if checker.findings else 0


if __name__ == "__main__":
    sys.exit(main())
