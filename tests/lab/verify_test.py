"""Bundles of a run: packed, signed and verified; changed in every way, and told; hostile ones, and refused."""

import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile

import servers
from processes import find_program
from program import LabTest, rule, targets

RULES = {"lab/banner.lua": rule('    return fail("it says " .. target:banner(23).text, { target:banner(23) })', "lab.banner", "ports = { 23 }"),
         "lab/gone.lua": rule('    return info("it answers", target:port(23))', "lab.gone", "ports = { 23 }")}


def tool(*words, data=None):
    return subprocess.run([find_program(words[0]), *map(str, words[1:])], input=data, stdin=subprocess.DEVNULL if data is None else None,
                          capture_output=True, timeout=60, check=True).stdout


def unpack(bundle):
    """The members of a bundle, as [name, bytes]."""
    plain = tool("zstd", "-dc", bundle)
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        return [[member.name, tar.extractfile(member).read()] for member in tar]


def plain_tar(members, more=()):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for info in more:
            tar.addfile(info, io.BytesIO(b"\0" * info.size))
    return out.getvalue()


def merkle(leaves):
    """RFC 9162 2.1.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + merkle(leaves[:half]) + merkle(leaves[half:])).digest()


def digest_of(record):
    """The digest of a run, as docs/audit.1 says that anybody can compute it."""
    lines = record.split(b"\n")[:-1]
    parts = []
    for kind in ("header", "rule", "target", "check", "summary"):
        own = [line for line in lines if json.loads(line)["line"] == kind]
        parts.append(f"{kind} {len(own)} {merkle(own).hex()}".encode())
    return merkle(parts).hex()


class VerifyTest(LabTest):
    def setUp(self):
        super().setUp()
        self.state = self.directory / "state"
        self.bundle = self.directory / "run.tar.zst"
        self.key = self.directory / "auditor"
        tool("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "auditor", "-f", self.key)
        self.enterContext(servers.telnetd("127.0.0.11"))
        done = self.run_inventory(targets("127.0.0.11", "127.0.0.12"), "--state", self.state, rules=RULES)
        self.assertEqual(done.code, 1, done)

    def pack(self, *arguments, path=None):
        done = self.audit("report", "last", "--state", self.state, "--bundle", path or self.bundle, "--rules", self.directory / "rules",
                          *arguments)
        self.assertEqual(done.code, 0, done)
        return done

    def signed(self):
        self.pack("--sign", self.key)
        return unpack(self.bundle)

    def verify(self, code, *arguments, path=None):
        done = self.audit("verify", path or self.bundle, *arguments)
        self.assertEqual(done.code, code, done)
        return done

    def repacked(self, members, more=(), behind=b"", after=b""):
        path = self.directory / "changed.tar.zst"
        path.write_bytes(tool("zstd", "-qc", data=plain_tar(members, more) + behind) + after)
        return path

    def test_a_signed_bundle_is_verified_by_key_and_without(self):
        packed = self.pack("--sign", self.key)
        self.assertEqual(self.bundle.stat().st_mode & 0o777, 0o600)
        members = dict(unpack(self.bundle))
        self.assertEqual(list(members), ["manifest.json", "manifest.sig", "inventory/1-inventory.toml", "record.jsonl", "report.html",
                                         "report.json", "rules/lab.banner.lua", "rules/lab.gone.lua"])
        done = self.verify(0, "--key", f"{self.key}.pub")
        digest = digest_of(members["record.jsonl"])
        for text in (done.out, packed.err):
            self.assertIn(digest, text)
        self.assertIn("verified: 6 files", done.out)
        fingerprint = tool("ssh-keygen", "-lf", self.key).decode().split()[1]
        self.assertIn(f"by {fingerprint}, the key of --key", done.out)
        self.assertIn("whose key that is was not asked", self.verify(0).out)
        self.verify(0, "--key", self.key.with_suffix(".pub").read_text())
        self.assertEqual(members["inventory/1-inventory.toml"], (self.directory / "inventory.toml").read_bytes())
        self.assertEqual(members["rules/lab.gone.lua"], (self.directory / "rules/lab/gone.lua").read_bytes())
        self.assertEqual(json.loads(members["report.json"])["run"]["id"], json.loads(members["manifest.json"])["run"]["id"])

    def test_the_same_run_is_the_same_bundle(self):
        self.pack("--sign", self.key)
        first = self.bundle.read_bytes()
        self.pack("--sign", self.key)
        self.assertEqual(self.bundle.read_bytes(), first)

    def test_reports_that_are_asked_for_are_packed_and_written_where_they_are_wanted(self):
        path = self.directory / "r.csv"
        done = self.pack("--report", "markdown", "--report", f"csv={path}")
        self.assertEqual(done.out, "")
        members = dict(unpack(self.bundle))
        self.assertEqual(members["report.csv"], path.read_bytes())
        self.assertIn("report.md", members)
        self.verify(0)

    def test_openssh_and_openssl_check_the_signature_too(self):
        members = dict(self.signed())
        manifest = self.write("manifest.json", members["manifest.json"].decode())
        signature = self.write("manifest.sig", members["manifest.sig"].decode())
        allowed = self.write("allowed", f"auditor@example.net {self.key.with_suffix('.pub').read_text()}")
        tool("ssh-keygen", "-Y", "check-novalidate", "-n", "audit-bundle", "-s", signature, data=manifest.read_bytes())
        tool("ssh-keygen", "-Y", "verify", "-f", allowed, "-I", "auditor@example.net", "-n", "audit-bundle", "-s", signature,
             data=manifest.read_bytes())
        tool("ssh-keygen", "-q", "-Y", "sign", "-f", self.key, "-n", "audit-bundle", manifest)
        self.assertEqual((self.directory / "manifest.json.sig").read_bytes(), signature.read_bytes())

        pem = self.directory / "pem"
        tool("openssl", "genpkey", "-algorithm", "ed25519", "-out", pem)
        pem.chmod(0o600)
        public = self.write("pem.pub", tool("openssl", "pkey", "-in", pem, "-pubout").decode())
        self.pack("--sign", pem)
        members = dict(unpack(self.bundle))
        self.verify(0, "--key", public)
        self.verify(1, "--key", f"{self.key}.pub")
        raw = base64.b64decode(b"".join(members["manifest.sig"].split(b"\n")[1:-2]))
        fields = lambda *items: b"".join(len(item).to_bytes(4, "big") + item for item in items)
        blob = b"SSHSIG" + fields(b"audit-bundle", b"", b"sha512", hashlib.sha512(members["manifest.json"]).digest())
        (self.directory / "blob").write_bytes(blob)
        (self.directory / "raw").write_bytes(raw[-64:])
        tool("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", self.directory / "blob", "-sigfile",
             self.directory / "raw")

    def test_a_changed_byte_of_any_file_is_named(self):
        members = self.signed()
        self.verify(0, "--key", f"{self.key}.pub", path=self.repacked(members))
        for number, (name, data) in enumerate(members):
            with self.subTest(name):
                at = len(data) // 2
                changed = [list(member) for member in members]
                changed[number][1] = data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
                done = self.audit("verify", self.repacked(changed), "--key", f"{self.key}.pub")
                self.assertIn(done.code, (1, 78) if name == "manifest.json" else (1,), done)
                self.assertRegex(done.out + done.err, rf"changed: {name}: |has a {name} " if name != "manifest.json" else "manifest")
                self.assertNotIn("\nverified", done.out)

    def test_files_that_are_gone_or_new_are_named(self):
        members = self.signed()
        for number, (name, _) in enumerate(members[1:], 1):
            with self.subTest(name):
                less = self.repacked(members[:number] + members[number + 1:])
                self.assertIn(f"changed: {name}: is missing", self.verify(1, "--key", f"{self.key}.pub", path=less).out)
        more = self.repacked([*members, ["new.txt", b"x"]])
        self.assertIn("changed: new.txt: is not in the manifest", self.verify(1, path=more).out)

    def test_a_bundle_that_was_made_again_needs_the_key(self):
        self.pack()
        self.assertIn("signature: none: who made it is not known", self.verify(0).out)
        self.assertIn("changed: manifest.sig: is missing; the bundle is not signed", self.verify(1, "--key", f"{self.key}.pub").out)
        other = self.directory / "other"
        tool("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other)
        self.pack("--sign", other)
        self.assertIn("not of", self.verify(1, "--key", f"{self.key}.pub").out)

    def test_hostile_bundles_are_refused_and_write_nothing(self):
        members = self.signed()
        before = sorted(path.name for path in self.directory.rglob("*"))

        def info(name, kind=tarfile.REGTYPE, link="", size=0):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname, entry.size = kind, link, size
            return entry
        for name, more, words in (
                ("symbolic link", info("link", tarfile.SYMTYPE, "/etc/passwd"), "a link: link"),
                ("hard link", info("link", tarfile.LNKTYPE, "record.jsonl"), "a link: link"),
                ("parent", info("../escaped", size=3), "a path that no bundle has"),
                ("absolute", info(str(self.directory / "escaped"), size=3), "a path that no bundle has"),
                ("device", info("null", tarfile.CHRTYPE), "no file: null"),
                ("pipe", info("pipe", tarfile.FIFOTYPE), "no file: pipe"),
                ("folder", info("folder", tarfile.DIRTYPE), "no file: folder"),
                ("duplicate", info("report.html", size=3), "twice: report.html"),
                ("second manifest", info("manifest.json", size=3), "twice: manifest.json")):
            with self.subTest(name):
                done = self.verify(78, path=self.repacked(members, [more]))
                self.assertIn(words, done.err)
                self.assertEqual(done.out, "")
        self.assertIn("behind its end", self.verify(78, path=self.repacked(members, after=b"x")).err)
        self.assertIn("behind the end", self.verify(78, path=self.repacked(members, behind=b"x")).err)
        self.assertIn("does not begin", self.verify(78, path=self.repacked(members[::-1])).err)
        self.assertIn("no zstd", self.verify(78, path=self.key).err)
        (self.directory / "changed.tar.zst").unlink()
        self.assertEqual(sorted(path.name for path in self.directory.rglob("*")), before)

    def test_a_directory_is_no_bundle(self):
        done = self.audit("verify", self.directory)
        self.assertEqual(done.code, 64, done)
        self.assertIn("is a directory", done.err)

    def test_a_bomb_is_refused_before_it_is_unpacked(self):
        members = self.signed()[:1]
        head = plain_tar(members).rstrip(b"\0")
        head += b"\0" * (-len(head) % 512)
        entry = tarfile.TarInfo("bomb")
        entry.size = 4 << 30
        path = self.directory / "bomb.tar.zst"
        with open(path, "wb") as out, subprocess.Popen([find_program("zstd"), "-qc"], stdin=subprocess.PIPE, stdout=out) as packer:
            packer.stdin.write(head + entry.tobuf())
            for _ in range(256):
                packer.stdin.write(b"\0" * (1 << 20))
            packer.stdin.close()
        done = self.verify(78, path=path)
        self.assertIn("1000 times its size", done.err)

    def test_keys_that_cannot_be_used_are_told_before_anything_is_written(self):
        def refused(*words):
            done = self.audit("report", "last", "--state", self.state, *words)
            self.assertEqual(done.code, 64, done)
            self.assertFalse(self.bundle.exists())
            return done.err
        encrypted = self.directory / "encrypted"
        tool("ssh-keygen", "-q", "-t", "ed25519", "-N", "of the lab", "-f", encrypted)
        self.assertIn("ssh-keygen -p -f COPY", refused("--bundle", self.bundle, "--sign", encrypted))
        shutil.copy(self.key, self.directory / "open")
        (self.directory / "open").chmod(0o644)
        self.assertIn("chmod 600", refused("--bundle", self.bundle, "--sign", self.directory / "open"))
        self.assertIn("no file", refused("--bundle", self.bundle, "--sign", self.directory / "missing"))
        tool("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", self.directory / "ec")
        self.assertIn("none of Ed25519", refused("--bundle", self.bundle, "--sign", self.directory / "ec"))
        public = self.directory / "public"
        shutil.copy(f"{self.key}.pub", public)
        public.chmod(0o600)
        self.assertIn("is no private key", refused("--bundle", self.bundle, "--sign", public))
        self.assertIn("--bundle PATH", refused("--sign", self.key))
        self.pack()
        for words, text in ((("--key", self.key), "is a private key"), (("--key", self.directory / "missing"), "no such file")):
            self.assertIn(text, self.verify(64, *words).err)
        self.verify(64, path=self.directory / "missing")

    def test_rules_and_inventories_that_changed_are_named_as_not_packed(self):
        self.write("rules/lab/gone.lua", "return nil")
        self.write("inventory.toml", "schema = 1\n")
        (self.directory / "rules/lab/banner.lua").unlink()
        done = self.pack()
        self.assertIn("rule lab.gone: lab/gone.lua was changed since the run", done.err)
        self.assertRegex(done.err, "rule lab.banner: .* was not found; --rules PATH")
        self.assertRegex(done.err, r"inventory .*inventory.toml: it was changed since the run")
        self.assertIn("never packed: rule lab.gone: ", self.verify(0).out)
        self.assertEqual([name for name, _ in unpack(self.bundle)], ["manifest.json", "record.jsonl", "report.html", "report.json"])

    def test_an_inventory_that_is_gone_or_no_file_any_more_is_named_with_why(self):
        inventory = self.directory / "inventory.toml"
        inventory.unlink()
        self.assertIn("inventory.toml: cannot be read: No such file or directory", self.pack().err)
        os.mkfifo(inventory)
        self.assertIn("inventory.toml: is no ordinary file", self.pack().err)
        inventory.unlink()
        inventory.symlink_to("/proc/self/environ")
        self.assertIn("inventory.toml: is no ordinary file", self.pack().err)
        self.verify(0)

    def test_a_bundle_that_cannot_be_written_leaves_nothing(self):
        missing = self.directory / "missing/run.tar.zst"
        done = self.audit("report", "last", "--state", self.state, "--bundle", missing)
        self.assertEqual(done.code, 73, done)

    def test_the_digest_is_the_same_while_the_run_ends_and_from_the_history(self):
        page = self.directory / "page.html"
        done = self.run_inventory(targets("127.0.0.11"), "--state", self.state, "--report", f"html={page}", rules=RULES)
        self.assertEqual(done.code, 1, done)
        self.pack()
        digest = digest_of(dict(unpack(self.bundle))["record.jsonl"])
        again = self.directory / "again.html"
        self.audit("report", "last", "--state", self.state, "--report", f"html={again}")
        self.assertEqual(again.read_bytes(), page.read_bytes())
        if b"digest" in page.read_bytes().lower():
            self.assertIn(digest, page.read_text())
