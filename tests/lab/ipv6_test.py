"""TLS, SSH and DNS over IPv6, as openssl, ssh-keyscan and dig see them there."""

import json
import subprocess

import certificates
import servers
from processes import Process, find_program
from program import LabTest

HERE = "::1"


class Ipv6Test(LabTest):
    def seen(self, *words, code=0):
        done = self.audit("probe", *words, "--json")
        self.assertEqual(done.code, code, done)
        return json.loads(done.out)["seen"]

    def test_tls(self):
        pair = certificates.Authority(self.directory).issue("six", "IP:::1")
        server = Process([find_program("openssl"), "s_server", "-accept", "[::1]:443", "-cert", str(pair.certificate), "-key",
                          str(pair.key), "-quiet", "-www"], str(self.directory), "s_server")
        try:
            server.wait_until_it_accepts(HERE, 443)
            seen = self.seen("tls", HERE, "443", code=1)  # nobody vouches for it
            theirs = certificates.s_client("[::1]", 443)
        finally:
            server.end()
        self.assertEqual((seen["version"], seen["cipher"]), (theirs["version"], theirs["cipher"]))
        self.assertEqual([one["fingerprint_sha256"] for one in seen["chain"]], theirs["chain"])
        self.assertTrue(seen["name_matches"], seen)

    def test_ssh(self):
        with servers.sshd(HERE):
            seen = self.seen("ssh", HERE, "22")
            scanned = subprocess.run(["ssh-keyscan", "-6", HERE], capture_output=True, text=True, check=True, timeout=30).stdout
        keys = self.write("keys", scanned)
        listed = subprocess.run(["ssh-keygen", "-lf", str(keys)], capture_output=True, text=True, check=True).stdout
        self.assertEqual({key["fingerprint"] for key in seen["host_keys"]}, {line.split()[1] for line in listed.splitlines()})
        self.assertEqual(len(seen["host_keys"]), 2)

    def test_dns(self):
        records = "@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns AAAA ::1\nweb AAAA 2001:db8::7\n"
        with servers.named(HERE, 5353, zones={"lab.test": records}):
            seen = self.seen("dns", "web.lab.test", "AAAA", "--server", "[::1]:5353")
            told = subprocess.run(["dig", "-p5353", "@::1", "web.lab.test", "AAAA", "+short"], capture_output=True, text=True,
                                  check=True, timeout=20).stdout
        self.assertEqual([one["data"] for one in seen["answers"]], told.split())
        self.assertEqual(seen["server"], "[::1]:5353")
