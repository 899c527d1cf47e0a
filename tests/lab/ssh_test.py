"""The word `ssh` on real servers: its answers equal those of ssh-audit, ssh-keyscan, sshd -T and ssh -Q.

Where they differ, and why:
- ssh-audit 2.5 gives one list where a direction has one each: it is compared with both. It asks for the fingerprints of
  ssh-ed25519 and ssh-rsa only, and `keysize` of a group exchange is what it was given after asking for small groups.
- sshd -T prints what is configured: the KEXINIT has besides it the marker of strict key exchange (CVE-2023-48795), and of
  the host-key algorithms only those that it has a key for.
- ssh-keyscan asks for one key a type; of ECDSA that is the curve that the server prefers. Certificates are asked for with -c.
"""

import json
import pathlib
import subprocess

import peers
import servers
from processes import find_program
from program import LabTest, rule, targets

ADDRESS = "127.0.0.12"
STRICT = "kex-strict-s-v00@openssh.com"
METHODS = ("curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384",
           "ecdh-sha2-nistp521", "diffie-hellman-group14-sha256", "diffie-hellman-group14-sha1",
           "diffie-hellman-group16-sha512", "diffie-hellman-group18-sha512", "diffie-hellman-group1-sha1",
           "diffie-hellman-group-exchange-sha256", "diffie-hellman-group-exchange-sha1")


def run(program, *words, codes=(0,)):
    done = subprocess.run([find_program(program), *map(str, words)], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=60)
    if done.returncode not in codes:
        raise AssertionError(f"{program} {words} ended with {done.returncode}: {done.stdout} {done.stderr}")
    return done.stdout


def ssh_audit(address, port=22):
    # Its exit code says what it thinks of the server: 1 it could not ask, 2 and 3 warnings and failures.
    return json.loads(run("ssh-audit", "-j", "-p", port, address, codes=(0, 2, 3)))


def listed(path):
    """(bits, fingerprint) of each key in a file, by ssh-keygen."""
    return {tuple(line.split()[:2]) for line in run("ssh-keygen", "-l", "-f", path).splitlines()}


class SshTest(LabTest):
    def ssh(self, port=22, *words, code=0):
        done = self.audit("probe", "ssh", ADDRESS, port, "--json", *words)
        self.assertEqual(done.code, code, done)
        return json.loads(done.out)["seen"]

    def keyscan(self, *words, port=22):
        path = self.write("scanned", run("ssh-keyscan", "-p", port, *words, ADDRESS))
        return listed(path)

    def assertEqualsSshAudit(self, seen, audited):
        self.assertEqual(seen["banner"], audited["banner"]["raw"])
        self.assertEqual(seen["protocol"], ".".join(map(str, audited["banner"]["protocol"])))
        self.assertEqual(seen["software"], audited["banner"]["software"])
        self.assertEqual(seen["comment"] or None, audited["banner"]["comments"])
        self.assertEqual(seen["kex"], [row["algorithm"] for row in audited["kex"]])
        self.assertEqual(seen["host_key_algorithms"], [row["algorithm"] for row in audited["key"]])
        for direction in ("client_to_server", "server_to_client"):
            self.assertEqual(seen["ciphers"][direction], audited["enc"])
            self.assertEqual(seen["macs"][direction], audited["mac"])
            self.assertEqual(seen["compression"][direction], audited["compression"])
        ours = {(key["type"], key["fingerprint"].partition(":")[2]) for key in seen["host_keys"]}
        ours |= {(key["type"], key["md5"].partition(":")[2]) for key in seen["host_keys"]}
        for row in audited["fingerprints"]:
            self.assertIn((row["hostkey"], row["hash"]), ours)
        bits = {key["type"]: key["bits"] for key in seen["host_keys"]}
        for row in audited["key"]:
            if row["algorithm"] in ("rsa-sha2-256", "rsa-sha2-512", "ssh-rsa") and "keysize" in row:
                self.assertEqual(bits["ssh-rsa"], row["keysize"])

    def assertEqualsConfiguration(self, seen, server):
        settings = dict(line.split(" ", 1) for line in run("sshd", "-T", "-f", server.config).splitlines() if " " in line)
        self.assertEqual(seen["kex"], settings["kexalgorithms"].split(",") + [STRICT])
        self.assertTrue(seen["strict_kex"])
        for direction in ("client_to_server", "server_to_client"):
            self.assertEqual(seen["ciphers"][direction], settings["ciphers"].split(","))
            self.assertEqual(seen["macs"][direction], settings["macs"].split(","))
        configured = settings["hostkeyalgorithms"].split(",")
        self.assertLessEqual(set(seen["host_key_algorithms"]), set(configured))
        for words, names in (("kex", seen["kex"]), ("cipher", seen["ciphers"]["server_to_client"]),
                             ("mac", seen["macs"]["server_to_client"]), ("HostKeyAlgorithms", seen["host_key_algorithms"])):
            self.assertLessEqual(set(names) - {STRICT}, set(run("ssh", "-Q", words).split()))

    def assertKeysOfFiles(self, seen, server, kinds):
        folder = pathlib.Path(server.config).parent
        expected = {key for kind in kinds for key in listed(folder / f"key_{kind}.pub")}
        plain = [key for key in seen["host_keys"] if "certificate" not in key]
        self.assertEqual({(str(key["bits"]), key["fingerprint"]) for key in plain}, expected)
        self.assertEqual(len(plain), len(kinds))
        for key in seen["host_keys"]:
            self.assertTrue(key["proven"], key)

    def test_sshd_as_it_comes_equals_what_others_see(self):
        kinds = ("rsa", "ecdsa", "ed25519")
        with servers.sshd(ADDRESS, kinds=kinds) as server:
            seen = self.ssh()
            self.assertEqualsSshAudit(seen, ssh_audit(ADDRESS))
            self.assertEqualsConfiguration(seen, server)
            self.assertKeysOfFiles(seen, server, kinds)
            self.assertEqual({(str(key["bits"]), key["fingerprint"]) for key in seen["host_keys"]}, self.keyscan())
        self.assertEqual(seen["connections"], 3)
        self.assertFalse(seen["ssh1"])

    def test_sshd_with_one_key_takes_one_connection(self):
        with servers.sshd(ADDRESS, kinds=("ed25519",)) as server:
            seen = self.ssh()
            self.assertEqualsSshAudit(seen, ssh_audit(ADDRESS))
            self.assertKeysOfFiles(seen, server, ("ed25519",))
        self.assertEqual(seen["connections"], 1)

    def test_sshd_with_every_kind_of_key_shows_each_of_them(self):
        kinds = ("rsa", "ecdsa-256", "ecdsa-384", "ecdsa-521", "ed25519", "dsa")
        with servers.sshd(ADDRESS, kinds=kinds, settings="HostKeyAlgorithms +ssh-rsa,ssh-dss") as server:
            seen = self.ssh()
            self.assertKeysOfFiles(seen, server, kinds)
            self.assertLessEqual(self.keyscan("-t", "rsa,dsa,ecdsa,ed25519"),
                                 {(str(key["bits"]), key["fingerprint"]) for key in seen["host_keys"]})
        self.assertEqual({key["type"] for key in seen["host_keys"]},
                         {"ssh-rsa", "ssh-dss", "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                          "ecdsa-sha2-nistp521"})
        self.assertEqual(seen["connections"], 6)

    def test_rsa_is_proven_by_each_of_its_signatures(self):
        for name in ("ssh-rsa", "rsa-sha2-256", "rsa-sha2-512"):
            with self.subTest(name), servers.sshd(ADDRESS, kinds=("rsa-1024",), settings=f"""
HostKeyAlgorithms {name}
RequiredRSASize 1024""") as server:
                seen = self.ssh()
                self.assertKeysOfFiles(seen, server, ("rsa-1024",))
                self.assertEqual(seen["host_keys"][0]["algorithm"], name)
                self.assertEqual(seen["host_keys"][0]["bits"], 1024)

    def test_every_method_of_key_exchange_proves_the_key(self):
        for name in METHODS:
            with self.subTest(name), servers.sshd(ADDRESS, kinds=("ed25519",), settings=f"KexAlgorithms {name}") as server:
                seen = self.ssh()
                self.assertKeysOfFiles(seen, server, ("ed25519",))
                self.assertEqual(seen["host_keys"][0]["kex"], name)

    def test_a_method_that_audit_does_not_speak_leaves_the_lists(self):
        with servers.sshd(ADDRESS, settings="KexAlgorithms sntrup761x25519-sha512@openssh.com") as server:
            seen = self.ssh(code=1)
            self.assertEqualsConfiguration(seen, server)
        self.assertEqual([(key["unsupported"], "error" in key) for key in seen["host_keys"]], [(True, False)] * 2)

    def test_restricted_algorithms_are_what_was_configured(self):
        settings = """Ciphers aes128-cbc,3des-cbc
MACs hmac-md5
KexAlgorithms diffie-hellman-group1-sha1,ecdh-sha2-nistp256
Compression no"""
        with servers.sshd(ADDRESS, settings=settings) as server:
            seen = self.ssh()
            self.assertEqualsSshAudit(seen, ssh_audit(ADDRESS))
            self.assertEqualsConfiguration(seen, server)
            self.assertKeysOfFiles(seen, server, ("ed25519", "ecdsa"))
        self.assertEqual(seen["ciphers"]["server_to_client"], ["aes128-cbc", "3des-cbc"])
        self.assertEqual(seen["compression"]["client_to_server"], ["none"])
        self.assertEqual(seen["host_keys"][0]["kex"], "ecdh-sha2-nistp256")

    def test_a_host_certificate_shows_its_authority(self):
        for kind in ("ed25519", "rsa", "ecdsa-521"):
            with self.subTest(kind), servers.sshd(ADDRESS, kinds=(kind,), certificate=True) as server:
                seen = self.ssh()
                self.assertEqualsConfiguration(seen, server)
                self.assertKeysOfFiles(seen, server, (kind,))
                certified = [key for key in seen["host_keys"] if "certificate" in key]
                self.assertEqual(len(certified), 1)
                key, certificate = certified[0], certified[0]["certificate"]
                folder = pathlib.Path(server.config).parent
                self.assertEqual({(str(key["bits"]), key["fingerprint"])}, listed(folder / f"key_{kind}-cert.pub"))
                self.assertEqual({(str(certificate["ca_bits"]), certificate["ca_fingerprint"])}, listed(folder / "ca.pub"))
                self.assertTrue(certificate["proven"])
                self.assertEqual((certificate["key_id"], certificate["principals"], certificate["serial"]),
                                 ("lab host", ["host.lab.test"], "17"))
                # What -c brings is compared as a blob: the certificate itself.
                scanned = run("ssh-keyscan", "-c", ADDRESS).split()
                self.assertIn((folder / f"key_{kind}-cert.pub").read_text().split()[1], scanned)

    def test_dropbear_equals_what_others_see(self):
        with servers.dropbear(ADDRESS) as server:
            seen = self.ssh()
            self.assertEqualsSshAudit(seen, ssh_audit(ADDRESS))
            own = listed(self.write("own", "\n".join(server.public) + "\n"))
            self.assertEqual({(str(key["bits"]), key["fingerprint"]) for key in seen["host_keys"]}, own)
            self.assertEqual(self.keyscan(), own)
        self.assertTrue(all(key["proven"] for key in seen["host_keys"]), seen)
        self.assertTrue(seen["software"].startswith("dropbear_"), seen)

    def test_a_server_that_takes_few_strangers_at_once_still_shows_its_keys(self):
        with servers.sshd(ADDRESS, kinds=("rsa", "ecdsa", "ed25519"), settings="MaxStartups 2") as server:
            seen = self.ssh()
            self.assertKeysOfFiles(seen, server, ("rsa", "ecdsa", "ed25519"))

    def test_the_server_hears_who_asks(self):
        with servers.sshd(ADDRESS, settings="LogLevel DEBUG1") as server:
            seen = self.ssh()
            self.assertEqual(server.log.read_text().count("remote software version audit"), seen["connections"])

    def test_a_server_that_shows_no_key_passes_nothing(self):
        def packet(kex, keys):
            lists = [kex, keys, b"aes128-ctr", b"aes128-ctr", b"hmac-sha2-256", b"hmac-sha2-256", b"none", b"none", b"", b""]
            payload = b"\x14" + bytes(16) + b"".join(len(one).to_bytes(4, "big") + one for one in lists) + bytes(5)
            padding = 4 + -(len(payload) + 9) % 8
            return (len(payload) + padding + 1).to_bytes(4, "big") + bytes([padding]) + payload + bytes(padding)
        for kex, keys in ((b"", b"ssh-ed25519"), (b"curve25519-sha256", b""), (b"", b"")):
            with self.subTest(kex=kex, keys=keys), peers.saying(ADDRESS, 22, b"SSH-2.0-Odd_1\r\n" + packet(kex, keys)):
                self.ssh(code=1)
                done = self.run_inventory(targets(ADDRESS, head='select = "ssh.shared-host-key"'))
                self.assertEqual([check["status"] for check in done.report["checks"]], ["not_reviewed"], done)

    def test_a_server_of_ssh_1_says_so(self):
        with peers.ssh1(ADDRESS):
            seen = self.ssh(code=1)  # it has no host key to prove
        self.assertEqual((seen["protocol"], seen["ssh1"], seen["software"]), ("1.5", True, "1.2.27"))
        self.assertNotIn("kex", seen)

    def test_what_is_no_ssh_server_is_an_error(self):
        for peer, word in ((peers.silent, "timeout"), (peers.resetting, "reset"), (peers.closing, "(eof|reset)"),
                           (peers.flood, "protocol_error"), (peers.hostile, "timeout")):
            with self.subTest(peer.__name__), peer(ADDRESS, 7000):
                done = self.audit("probe", "ssh", ADDRESS, 7000, "--timeout", "0.4")
                self.assertEqual(done.code, 2, done)
                # A peer that closes with our identification unread resets the connection.
                self.assertRegex(done.err, f"audit probe ssh: {word}: tcp/{ADDRESS}:7000")

    def test_a_person_is_shown_lists_and_keys(self):
        with servers.sshd(ADDRESS):
            done = self.audit("probe", "ssh", ADDRESS, "22")
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.out, r"host key ssh-ed25519 256 SHA256:\S{43}, proven")
        self.assertIn("\n  ciphers: chacha20-poly1305@openssh.com ", done.out)

    def test_a_rule_reads_every_field(self):
        body = """    local ssh = target:ssh(22, { timeout = 5 })
    for _, key in ipairs(ssh.host_keys) do
      if not key.proven then return fail(key.type .. " is not proven", ssh) end
    end
    return pass(#ssh.host_keys .. " keys, " .. ssh.protocol .. ", " .. ssh.ciphers.server_to_client[1], ssh)"""
        with servers.sshd(ADDRESS):
            done = self.run_inventory(targets(ADDRESS), rules={"ssh.lua": rule(body, declares="ports = { 22 }")})
        self.assertEqual(done.code, 0, done)
        check = done.report["checks"][0]
        self.assertEqual(check["message"], "2 keys, 2.0, chacha20-poly1305@openssh.com")
        asked = [item["seen"] for item in check["evidence"] if item.get("probe") == "ssh"]
        self.assertEqual(asked[0]["protocol"], "2.0")
        self.assertEqual(asked[1]["host_key"]["type"], "ecdsa-sha2-nistp256")
