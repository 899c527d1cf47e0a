"""`tls`: what a handshake shows equals what `openssl s_client` sees of the same server."""

import contextlib
import hashlib
import json
import socket
import ssl
import tempfile

import certificates
import peers
import tls_servers
from hostile_test import CONTROL, Page
from program import LabTest, rule, targets

ADDRESS = "127.0.0.31"


class TlsTest(LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls._folder.cleanup)
        cls.authority = certificates.Authority(cls._folder.name)
        cls.leaf = cls.authority.issue("leaf", f"DNS:web.lab.test,IP:{ADDRESS}")

    def tls(self, *words, port=443, trust=True):
        """Fields of one probe, or its reason and message."""
        extra = ["--trust", str(self.authority.root.certificate)] if trust else []
        done = self.audit("probe", "tls", ADDRESS, str(port), "--json", *extra, *words, timeout=60)
        line = json.loads(done.out)
        if line["reason"] != "observed":
            return f"{line['reason']}: {line['message']}"
        return line["seen"]

    def compare(self, seen, theirs):
        """Version, cipher, ALPN, chain, staple, verification and, before TLS 1.3, what RFC 5746 and 7627 mend are those
        of s_client."""
        self.assertNotIsInstance(seen, str, seen)
        self.assertEqual(seen["version"], theirs["version"], theirs["said"])
        self.assertEqual(seen["cipher"], theirs["cipher"], theirs["said"])
        self.assertEqual(seen["alpn"], theirs["alpn"])
        self.assertEqual([one["fingerprint_sha256"] for one in seen["chain"]], theirs["chain"], theirs["said"])
        self.assertNotEqual(seen["chain"], [])
        self.assertEqual(seen["staple"].get("status", ""), theirs["staple"])
        self.assertEqual(seen["verified"], theirs["code"] == "0", (seen["reason"], theirs["said"]))
        for mended in ("secure_renegotiation", "extended_master_secret"):
            self.assertEqual(seen.get(mended), None if seen["version"] == "TLSv1.3" else theirs[mended], theirs["said"])

    def both(self, *words, name=None, starttls=None, port=443, openssl=()):
        seen = self.tls(*(["--server-name", name] if name else []), *words, port=port)
        theirs = certificates.s_client(ADDRESS, port, *openssl, starttls=starttls, name=name, trust=self.authority.root.certificate)
        self.compare(seen, theirs)
        return seen

    def test_keys_of_every_kind(self):
        for kind, signature in (("rsa", "RSA-PSS SHA256"), ("ecdsa", "ECDSA SHA256"), ("ed25519", "ED25519")):
            with self.subTest(kind):
                pair = self.authority.issue(f"kind-{kind}", kind=kind)
                with tls_servers.s_server(ADDRESS, pair):
                    seen = self.both(name="web.lab.test")
                self.assertEqual(seen["chain"][0]["key"]["type"], kind)
                self.assertEqual(seen["signature"], signature)
                self.assertEqual(seen["group"], "x25519")
                self.assertTrue(seen["verified"])
                self.assertTrue(seen["name_matches"])

    def test_one_version_only(self):
        for words, version in ((["-tls1_2"], "TLSv1.2"), (["-tls1_3"], "TLSv1.3"),
                               (["-tls1_1", "-cipher", "ALL@SECLEVEL=0"], "TLSv1.1"), (["-tls1", "-cipher", "ALL@SECLEVEL=0"], "TLSv1")):
            with self.subTest(version), tls_servers.s_server(ADDRESS, self.leaf, *words):
                seen = self.both(openssl=["-cipher", "ALL:!aNULL@SECLEVEL=0"] if len(words) > 1 else [])
                self.assertEqual(seen["version"], version)

    def test_a_weak_suite_and_a_group_of_the_servers_own(self):
        pair = self.authority.issue("weak", f"IP:{ADDRESS}", kind="rsa")
        for cipher, group in (("DHE-RSA-AES128-SHA", "ffdhe"), ("AES128-SHA", ""), ("NULL-SHA256", "")):
            with self.subTest(cipher), tls_servers.s_server(ADDRESS, pair, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0"):
                seen = self.both(openssl=["-cipher", f"{cipher}:@SECLEVEL=0"])
                self.assertEqual(seen["cipher"], cipher)
                self.assertEqual(seen["group"] == "", group == "", seen["group"])

    def test_what_is_wrong_with_a_certificate_is_said_and_never_keeps_from_looking(self):
        expired = self.authority.issue("expired", f"IP:{ADDRESS}", expired=True)
        alone = self.authority.issue("alone", f"IP:{ADDRESS}", self_signed=True)
        other = self.authority.issue("other", "DNS:other.lab.test")
        for pair, reason, matches in ((expired, "certificate has expired", True), (alone, "self-signed certificate", True),
                                      (other, "", False)):
            with self.subTest(reason or "wrong name"), tls_servers.s_server(ADDRESS, pair):
                seen = self.both()
                self.assertEqual(seen["reason"], reason)
                self.assertEqual(seen["name_matches"], matches)
        self.assertLess(self.days(expired), 0)

    def test_keys_and_signatures_that_nobody_should_use_any_more_are_looked_at_all_the_same(self):
        for bits, digest in ((512, "sha1"), (1024, "md5"), (1024, "sha1"), (1024, "sha256")):
            pair = certificates.Pair(self.directory / "weak.pem", self.directory / "weak.key")
            certificates.openssl("req", "-x509", "-newkey", f"rsa:{bits}", f"-{digest}", "-nodes", "-subj", "/CN=weak", "-days", 30,
                                 "-keyout", pair.key, "-out", pair.certificate)
            with self.subTest((bits, digest)), tls_servers.s_server(ADDRESS, pair, "-tls1_2", "-cipher", "ALL:@SECLEVEL=0"):
                seen = self.both(openssl=["-cipher", "ALL:@SECLEVEL=0"])
                leaf = seen["chain"][0]
                self.assertEqual((leaf["key"]["bits"], leaf["signature_hash"]), (bits, digest))
                self.assertFalse(seen["verified"])

    def days(self, pair):
        with tls_servers.s_server(ADDRESS, pair):
            return self.tls()["chain"][0]["days_left"]

    def test_a_chain_with_and_without_its_intermediate(self):
        between = self.authority.issue("Lab Issuing", authority=True)
        below = self.authority.issue("below", f"IP:{ADDRESS}", issuer=between)
        with tls_servers.s_server(ADDRESS, below, "-cert_chain", between.certificate):
            seen = self.both()
            self.assertTrue(seen["verified"])
            self.assertEqual([one["is_ca"] for one in seen["chain"]], [False, True])
        with tls_servers.s_server(ADDRESS, below):
            seen = self.both()
            self.assertFalse(seen["verified"])
            self.assertEqual(seen["sent"], 1)

    def test_stapling_and_alpn(self):
        for status in ("good", "revoked"):
            staple = self.authority.staple(self.leaf, status)
            with self.subTest(status), tls_servers.s_server(ADDRESS, self.leaf, "-status_file", staple, "-alpn", "h2,http/1.1"):
                seen = self.both("--alpn", "http/1.1", openssl=["-alpn", "http/1.1"])
                self.assertEqual(seen["staple"]["status"], status)
                self.assertEqual(seen["alpn"], "http/1.1")

    def test_a_name_chooses_the_certificate(self):
        one = self.authority.issue("one", "DNS:one.lab.test")
        two = self.authority.issue("two", "DNS:two.lab.test", kind="rsa")
        with tls_servers.nginx(ADDRESS, {"one.lab.test": one, "two.lab.test": two}):
            for name, pair in (("one.lab.test", one), ("two.lab.test", two)):
                seen = self.both("--alpn", "h2", name=name, openssl=["-alpn", "h2"])
                self.assertEqual(seen["chain"][0]["fingerprint_sha256"], pair.fingerprint())
                self.assertTrue(seen["name_matches"])
            self.assertEqual(self.both()["chain"][0]["fingerprint_sha256"], one.fingerprint())

    def test_apache_in_several_set_ups(self):
        one = self.authority.issue("apache-one", f"DNS:one.lab.test,IP:{ADDRESS}")
        two = self.authority.issue("apache-two", "DNS:two.lab.test", kind="rsa")
        for settings, version in (("", "TLSv1.3"), ("SSLProtocol TLSv1.2", "TLSv1.2"), ("SSLProtocol TLSv1.3", "TLSv1.3"),
                                  ("SSLProtocol TLSv1.2\nSSLCipherSuite ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-SHA", "TLSv1.2"),
                                  ("SSLProtocol TLSv1.2\nSSLOpenSSLConfCmd Groups P-384", "TLSv1.2")):
            with self.subTest(settings), tls_servers.apache(ADDRESS, {"one.lab.test": one, "two.lab.test": two}, settings=settings):
                for name, pair in (("one.lab.test", one), ("two.lab.test", two)):
                    seen = self.both("--alpn", "h2", name=name, port=8443, openssl=["-alpn", "h2"])
                    self.assertEqual((seen["version"], seen["alpn"], seen["name_matches"]), (version, "h2", True))
                    self.assertEqual(seen["chain"][0]["fingerprint_sha256"], pair.fingerprint())
                    self.assertEqual(seen["group"], "secp384r1" if "P-384" in settings else "x25519")

    def test_gnutls_with_and_without_what_rfc_5746_and_7627_mend(self):
        pair = self.authority.issue("gnutls", f"IP:{ADDRESS}", kind="rsa")
        for priority, mended in (("", (True, True)), (":%DISABLE_SAFE_RENEGOTIATION", (False, True)),
                                 (":%NO_SESSION_HASH", (True, False)),
                                 (":%DISABLE_SAFE_RENEGOTIATION:%NO_SESSION_HASH", (False, False))):
            with self.subTest(priority), tls_servers.gnutls_serv(ADDRESS, pair, "NORMAL:-VERS-TLS1.3" + priority):
                seen = self.both(openssl=["-legacy_server_connect"])
                self.assertEqual((seen["secure_renegotiation"], seen["extended_master_secret"]), mended)

    def test_gnutls_in_every_version_and_with_groups_of_its_own(self):
        pair = self.authority.issue("gnutls-versions", f"IP:{ADDRESS}", kind="rsa")
        for priority, version, group in (("NORMAL", "TLSv1.3", "x25519"), ("NORMAL:-GROUP-ALL:+GROUP-SECP384R1", "TLSv1.3", "secp384r1"),
                                         ("NORMAL:-GROUP-ALL:+GROUP-FFDHE3072", "TLSv1.3", "ffdhe3072"),
                                         ("NORMAL:-VERS-ALL:+VERS-TLS1.2:-GROUP-ALL:+GROUP-X448", "TLSv1.2", "x448"),
                                         ("NORMAL:-VERS-ALL:+VERS-TLS1.1", "TLSv1.1", "x25519"),
                                         ("NORMAL:-VERS-ALL:+VERS-TLS1.0", "TLSv1", "x25519")):
            with self.subTest(priority), tls_servers.gnutls_serv(ADDRESS, pair, priority):
                old = ["-cipher", "ALL@SECLEVEL=0"] if version in ("TLSv1", "TLSv1.1") else []
                seen = self.both(openssl=["-groups", "X25519:P-384:X448:ffdhe3072", *old])
                self.assertEqual((seen["version"], seen["group"]), (version, group))

    def test_nul_and_control_characters_in_names_stay_bytes_in_every_format(self):
        hostile = self.authority.issue_hostile("hostile")
        page, text = self.directory / "report.html", self.directory / "report.txt"
        body = rule(declares="ports = { 443 }", body="""
            local tls = target:tls(443, { trust = "none", server_name = "bank.lab.test" })
            return fail("it is " .. tls.chain[1].subject .. " for " .. tls.chain[1].sans[1].text ..
                        (tls.name_matches and ", as asked" or ", not as asked"), tls)""")
        with tls_servers.s_server(ADDRESS, hostile):
            seen = self.tls("--server-name", "bank.lab.test")
            done = self.run_inventory(targets(ADDRESS), "--report", f"html={page}", "--report", f"text={text}", rules={"lab.lua": body})
            self.assertEqual(seen["chain"][0]["fingerprint_sha256"], certificates.s_client(ADDRESS, 443)["chain"][0])
        # A NUL ends a C string: who compares those takes the name of the bank for the certificate's own (CVE-2009-2408).
        self.assertFalse(seen["name_matches"], seen)
        names = [item["text"] for item in seen["chain"][0]["sans"]]
        self.assertEqual(len(names), 2, names)
        self.assertTrue(names[0].startswith("bank.lab.test\\") and names[0].endswith(".evil.test"), names)
        self.assertIn(", not as asked", done.check("lab.rule", ADDRESS)["message"])
        self.assertIn(".evil.test", done.check("lab.rule", ADDRESS)["message"])
        for name, written in (("json", done.report_path.read_text()), ("html", page.read_text()), ("text", text.read_text()),
                              ("standard output", done.out), ("standard error", done.err)):
            self.assertEqual(CONTROL.findall(written.replace("\n", "").replace("\t", "")), [], name)
        self.assertEqual(Page(page.read_text()).tags.count("script"), 1, "the page's own")
        self.assertIn("alert(1)", seen["chain"][0]["subject"])

    def test_the_systems_store_does_not_know_the_lab(self):
        with tls_servers.s_server(ADDRESS, self.leaf):
            seen = self.tls(trust=False)
            self.assertFalse(seen["verified"])
            self.assertIn("unable to get local issuer", seen["reason"])
            self.assertNotIn("verified", self.tls("--trust", "none", trust=False))

    def test_starttls_on_real_servers(self):
        pair = self.authority.issue("starttls", f"DNS:web.lab.test,IP:{ADDRESS}", kind="rsa")
        for path in (pair.certificate, pair.key):
            path.chmod(0o644)
        for name, server, port, words in (
                ("smtp", tls_servers.postfix, 25, "smtp"), ("imap", tls_servers.dovecot, 143, "imap"),
                ("pop3", tls_servers.dovecot, 110, "pop3"), ("ftp", tls_servers.vsftpd, 21, "ftp"),
                ("ldap", tls_servers.slapd, 389, "ldap"), ("postgres", tls_servers.postgres, 5432, "postgres"),
                ("mysql", tls_servers.mariadb, 3306, "mysql"), ("xmpp", tls_servers.prosody, 5222, "xmpp")):
            with self.subTest(name), contextlib.ExitStack() as started:
                try:
                    started.enter_context(server(ADDRESS, pair))
                except tls_servers.NotThere as why:
                    self.skipTest(str(why))
                openssl = ["-xmpphost", "web.lab.test"] if name == "xmpp" else []
                seen = self.both(name="web.lab.test", starttls=words, port=port, openssl=openssl)
                self.assertEqual(seen["starttls"], name)
                self.assertTrue(seen["verified"])
                self.assertTrue(seen["name_matches"])

    def test_peers_that_speak_no_tls_end_in_time_with_a_reason(self):
        for peer, reason in ((peers.silent, "timeout"), (peers.hostile, "tls_error")):
            with self.subTest(reason), peer(ADDRESS, 7000):
                said = self.tls("--timeout", "1", port=7000)
                self.assertIsInstance(said, str, said)
                self.assertTrue(said.startswith(f"{reason}: "), said)

    def test_a_certificate_that_is_no_x509_is_named_and_nothing_is_made_of_it(self):
        der = ssl.PEM_cert_to_DER_cert(self.leaf.certificate.read_text())

        def spoiling(connection, _peer):
            with socket.create_connection((ADDRESS, 4443)) as server:
                server.sendall(connection.recv(65536))
                flight = b""
                while der not in flight:
                    flight += server.recv(65536)
                connection.sendall(flight.replace(der, b"\x31" + der[1:]))  # a SET, where a certificate is a SEQUENCE
                while connection.recv(65536):
                    pass

        with tls_servers.s_server(ADDRESS, self.leaf, "-tls1_2", port=4443), peers.serving(ADDRESS, 443, spoiling):
            self.assertEqual(self.tls(), f"tls_error: tcp/{ADDRESS}:443: the TLS handshake failed: certificate 1 of the 1 that "
                             "the server sent cannot be read as X.509 (wrong tag)")
            text = rule('    return pass("verified", target:tls(443))', declares="ports = { 443 }")
            done = self.run_inventory(targets(ADDRESS), rules={"lab/tls.lua": text})
        check = done.check("lab.rule", ADDRESS)
        self.assertEqual((check["status"], check["reason"]), ("error", "tls_error"), done)
        self.assertIn("cannot be read as X.509", check["message"])
        kept = check["evidence"][0]["seen"]["tls"]
        self.assertEqual((kept["version"], kept["sent"]), ("TLSv1.2", 1))
        self.assertEqual(kept["chain"][0]["fingerprint_sha256"], hashlib.sha256(b"\x31" + der[1:]).hexdigest())

    def test_a_rule_reads_a_handshake(self):
        text = rule(declares="ports = { 443 }", body="""
            local tls = target:tls(443, { trust = "none" })
            return fail(tls.version .. " " .. #tls.chain[1].der, tls)""")
        with tls_servers.s_server(ADDRESS, self.leaf):
            done = self.run_inventory(targets(ADDRESS), rules={"lab.lua": text})
        size = len(certificates.der_of(self.leaf.certificate.read_text())[0])
        self.assertEqual(done.check("lab.rule", ADDRESS)["message"], f"TLSv1.3 {size}", done)
