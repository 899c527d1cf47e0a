"""What dig says of a name, and a test that asks the same with `audit probe dns`.

Where the texts of one record differ, and why (`plain` makes them equal):
- hexadecimal and base32hex digits: dig writes them large (RFC 4034 5.3 and RFC 5155 3.3 allow either), we small.
- LOC: dig leaves the zeros out that its defaults imply (RFC 1876 3), we write them.
- HTTPS, SVCB and other types that we do not take apart have their name, and data as RFC 3597 5 says: those of
  `dig +unknownformat`, which says TYPE65 for HTTPS.
"""

import json
import re
import subprocess
import time

from processes import find_program
from program import LabTest

# Which words of the data are digits whose case means nothing; None: all.
DIGITS = {"TLSA": None, "SSHFP": None, "DS": None, "CDS": None, "NSEC3PARAM": None, "NSEC3": (3, 4)}
UNKNOWN = {"TYPE64": "SVCB", "TYPE65": "HTTPS"}
SECTIONS = {"ANSWER": "answers", "AUTHORITY": "authority", "ADDITIONAL": "additional"}


def plain(kind, data):
    """The data of a record in one way of writing it."""
    words = data.split()
    if kind == "LOC":
        return [float(word.rstrip("m")) if word[-1] not in "NSEW" else word for word in words]
    if kind in DIGITS or kind.startswith("TYPE") or words[:1] == ["\\#"]:
        small = DIGITS.get(kind)
        words = [word.lower() if small is None or number in small else word for number, word in enumerate(words)]
    return " ".join(words)


def unescaped(text):
    """The command shows a backslash as two, as it does with all that came from the network."""
    return text.replace("\\\\", "\\")


def without_ttl(row):
    return f"{row[0]} {row[2:]}"


def dig(server, port, *words):
    """rcode, flags and records, by section (name, TTL, type, data), as dig has them."""
    out = subprocess.run([find_program("dig"), f"-p{port}", f"@{server}", "+noall", "+comments", "+answer", "+authority",
                          "+additional", "+nocookie", "+noad", "+bufsize=1232", "+nosplit", *words],
                         capture_output=True, text=True, check=True, timeout=20, stdin=subprocess.DEVNULL).stdout
    status = re.search(r"status: (\w+)", out).group(1)
    flags = set(re.search(r";; flags: ([a-z ]*);", out).group(1).split()) - {"qr"}
    records, section = {name: [] for name in SECTIONS.values()}, None
    for line in out.splitlines():
        head = re.match(r";; (ANSWER|AUTHORITY|ADDITIONAL) SECTION", line)
        if head:
            section = SECTIONS[head.group(1)]
        elif section and line and not line.startswith(";"):
            name, ttl, _, kind, data = line.split(None, 4)
            kind = UNKNOWN.get(kind, kind)
            records[section].append((name.lower(), int(ttl), kind, plain(kind, data)))
    return status, flags, {key: sorted(rows, key=without_ttl) for key, rows in records.items()}


class DigTest(LabTest):
    """`server` and `port` are asked; the answers of one that caches grow older between our question and dig's."""

    server, port, caches = "127.0.0.1", 5353, False

    def ask(self, *words, code=0):
        done = self.audit("probe", "dns", *words, "--server", f"{self.server}:{self.port}", "--json")
        self.assertEqual(done.code, code, done)
        return json.loads(done.out)["seen"]

    def compare(self, name, kind, *options, digs=()):
        """Asks both; code, flags and every record of every section have to be the same. Gives what we saw."""
        theirs = [name, kind, *(["+dnssec"] if "--dnssec" in options else []), *(["+tcp"] if "--tcp" in options else []), *digs]
        if self.caches:
            dig(self.server, self.port, *theirs)  # the first answer has other additional records than the cached one
        began = time.monotonic()
        done = self.audit("probe", "dns", name, kind, *options, "--server", f"{self.server}:{self.port}", "--json")
        self.assertIn(done.code, (0, 1), done)
        ours = json.loads(done.out)["seen"]
        status, flags, records = dig(self.server, self.port, *theirs)
        older = int(time.monotonic() - began) + 1 if self.caches else 0
        self.assertEqual(ours["rcode"], status, (name, kind))
        self.assertEqual({flag for flag, on in ours["flags"].items() if on}, flags, (name, kind))
        for section, rows in records.items():
            mine = sorted(((row["name"].lower(), row["ttl"], row["type"], plain(row["type"], unescaped(row["data"])))
                           for row in ours[section]), key=without_ttl)
            self.assertEqual([without_ttl(row) for row in mine], [without_ttl(row) for row in rows], (name, kind, section))
            for row, other in zip(mine, rows):
                self.assertIn(row[1] - other[1], range(older + 1), (name, kind, section, row, other))
        return ours
