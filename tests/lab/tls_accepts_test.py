"""`tls_accepts` against real servers: the same versions, suites and groups as sslscan finds; and hostile peers."""

import contextlib
import re
import subprocess
import tempfile
import xml.etree.ElementTree as xml

import certificates
import peers
import servers
import tls_servers
from processes import NotThere, Process, find_program, scratch
from program import LabTest, rule, targets

HOST = "127.0.0.31"
PORT = 4433

# sslscan calls one version by another name than OpenSSL.
VERSIONS = {"TLSv1.0": "TLSv1"}

# sslscan calls groups by another name than IANA in places.
GROUPS = {"prime256v1": "secp256r1", "secp256r1 (NIST P-256)": "secp256r1", "secp384r1 (NIST P-384)": "secp384r1",
          "secp521r1 (NIST P-521)": "secp521r1"}


def certificate(directory, name, *key):
    """A self-signed certificate and its key, as `openssl s_server` takes them."""
    subprocess.run([find_program("openssl"), "req", "-x509", "-newkey", *key, "-nodes", "-days", "30", "-subj",
                    f"/CN={name}", "-keyout", f"{directory}/{name}.key", "-out", f"{directory}/{name}.pem"],
                   check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return f"{directory}/{name}.pem", f"{directory}/{name}.key"


@contextlib.contextmanager
def s_server(*options, rsa=True, ecdsa=False, host=HOST, port=PORT):
    with scratch() as directory:
        arguments = [find_program("openssl"), "s_server", "-accept", f"{host}:{port}", "-quiet", *options]
        if rsa:
            pem, key = certificate(directory, "rsa", "rsa:2048")
            arguments += ["-cert", pem, "-key", key]
        if ecdsa:
            pem, key = certificate(directory, "ecdsa", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
            arguments += ["-dcert", pem, "-dkey", key] if rsa else ["-cert", pem, "-key", key]
        process = Process(arguments, directory, "s_server")
        try:
            process.wait_until_it_accepts(host, port)
            yield process
        finally:
            process.end()


@contextlib.contextmanager
def gnutls_serv(priority):
    with scratch() as directory:
        pair = certificates.Pair(*certificate(directory, "rsa", "rsa:2048"))
        with tls_servers.gnutls_serv(HOST, pair, priority, PORT) as process:
            yield process


def standard_names(*options):
    """OpenSSL's names of suites, by which sslscan goes, to IANA's."""
    listed = subprocess.run([find_program("openssl"), "ciphers", "-stdname", *options, "ALL:COMPLEMENTOFALL:@SECLEVEL=0"],
                            check=True, capture_output=True, text=True).stdout
    return {words[2]: words[0] for words in (line.split() for line in listed.splitlines())}


def scanned(host, port, *options):
    """What sslscan finds: suites by version, in its order; and groups by version."""
    # Its own patience of 3 s is too short for ffdhe8192 on a busy machine.
    out = subprocess.run([find_program("sslscan"), "--timeout=60", "--connect-timeout=60", "--xml=-", *options,
                          f"{host}:{port}"],
                         capture_output=True, text=True, timeout=180, check=True).stdout
    names = standard_names()
    suites, groups = {}, {}
    test = xml.fromstring(out).find("ssltest")
    for cipher in test.iter("cipher"):
        name, version = cipher.get("cipher"), cipher.get("sslversion")
        suites.setdefault(VERSIONS.get(version, version), []).append(names.get(name, name))
    for group in test.iter("group"):
        name = group.get("name")
        groups.setdefault(group.get("sslversion"), set()).add(GROUPS.get(name, name))
    return suites, groups


def negotiated(version, group, beside):
    """Does OpenSSL's client agree on this group, which it offers before the one `beside`?"""
    names = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "x25519": "X25519", "x448": "X448"}
    shown = {"secp256r1": "prime256v1"}.get(group, group)
    offer = ":".join([names[group]] + [name for name in beside if name != names[group]])
    done = subprocess.run([find_program("openssl"), "s_client", "-connect", f"{HOST}:{PORT}", "-groups", offer,
                           {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}[version]], capture_output=True, text=True,
                          input="", timeout=20)
    return re.search(f"Server Temp Key: (ECDH, )?{shown},", done.stdout, re.IGNORECASE) is not None


class Accepts:
    """The text of `audit probe tls_accepts`, taken apart."""

    def __init__(self, text):
        self.suites, self.groups, self.order, self.rest = {}, {}, {}, {}
        for line in text.splitlines()[1:]:
            if found := re.match(r"  (\S+v[0-9.]+)(?: \((the \w+'s|the server's) order\))?:$", line):
                version = found[1]
                self.suites[version] = []
                self.order[version] = found[2]
            elif line.startswith("    "):
                self.suites[version].append(line.strip())
            elif found := re.match(r"  groups of (\S+): (.*)$", line):
                self.groups[found[1]] = found[2].split()
            elif found := re.match(r"  (.*?): (.*)$", line):
                self.rest[found[1]] = found[2]
        self.connections = int(re.search(r"\((\d+) connection", text)[1])


class TlsAcceptsTest(LabTest):
    def accepts(self, *options, host=HOST, port=PORT):
        done = self.audit("probe", "tls_accepts", host, str(port), *options, timeout=120)
        self.assertEqual(done.code, 0, done)
        return Accepts(done.out)

    def compare(self, host=HOST, port=PORT, ordered=True, groups_beside=None, starttls=(), asked=()):
        """The same versions, suites and groups as sslscan finds. `groups_beside`: where it does not find all groups,
        each of ours is agreed on with OpenSSL's client, which offers these behind it."""
        ours = self.accepts(*asked, host=host, port=port)
        suites, groups = scanned(host, port, *starttls)
        self.assertEqual(set(ours.suites), set(suites))
        for version, found in suites.items():
            self.assertEqual(set(ours.suites[version]), set(found), version)
            if ordered and ours.order[version] == "the server's":
                self.assertEqual(ours.suites[version], found, f"{version}: not the server's order")
        for version, found in ours.groups.items():
            if groups_beside is None:
                self.assertEqual(set(found), groups.get(version, set()), version)
            else:
                self.assertEqual([group for group in found if not negotiated(version, group, groups_beside)], [],
                                 version)
        # A connection for each suite, the end of each version, its order, each group and the ends of those, the prime
        # and the fallback; and two more for each refusal that had to be made sure of.
        count = sum(map(len, ours.suites.values())) + sum(map(len, ours.groups.values()))
        self.assertLessEqual(ours.connections, count + 5 * 2 + 2 + 2 + 5 * 2)
        return ours

    def test_tls_1_2_only(self):
        with s_server("-tls1_2"):
            ours = self.compare()
        self.assertEqual(list(ours.suites), ["TLSv1.2"])
        self.assertEqual(ours.rest["TLSv1.3 refused"], "protocol_version")
        self.assertEqual(ours.rest["secure renegotiation"], "yes")
        self.assertEqual(ours.rest["extended master secret"], "yes")
        self.assertNotIn("protection against fallback", ours.rest)

    def test_tls_1_3_only(self):
        with s_server("-tls1_3"):
            ours = self.compare()
        self.assertEqual(list(ours.suites), ["TLSv1.3"])
        self.assertNotIn("compression", ours.rest)

    def test_few_suites_in_the_order_of_the_server(self):
        wanted = ["ECDHE-RSA-CHACHA20-POLY1305", "AES128-SHA", "DHE-RSA-AES256-GCM-SHA384"]
        with s_server("-tls1_2", "-cipher", ":".join(wanted), "-serverpref"):
            ours = self.compare(groups_beside=())  # sslscan asks for groups with AES suites only
        names = standard_names()
        self.assertEqual(ours.suites["TLSv1.2"], [names[name] for name in wanted])
        self.assertEqual(ours.rest["DHE prime"], "2048 bits")

    def test_both_kinds_of_certificate(self):
        with s_server("-serverpref", ecdsa=True):
            ours = self.compare()
        found = " ".join(ours.suites["TLSv1.2"])
        self.assertIn("ECDHE_ECDSA", found)
        self.assertIn("ECDHE_RSA", found)
        self.assertEqual(ours.rest["protection against fallback"], "yes")

    def test_an_ecdsa_certificate_alone(self):
        # sslscan offers one group at a time, and the curve of an ECDSA certificate has to be among those offered: it
        # sees that curve alone (RFC 8422 5.1). A client that offers several gets the others.
        with s_server("-tls1_2", rsa=False, ecdsa=True):
            ours = self.compare(groups_beside=("P-256",))
        self.assertEqual(len(ours.groups["TLSv1.2"]), 5)

    def test_a_limited_list_of_groups(self):
        with s_server("-groups", "X448:P-384", "-serverpref"):
            ours = self.compare()
        self.assertEqual(ours.groups["TLSv1.3"], ["x448", "secp384r1"])
        self.assertEqual(ours.groups["TLSv1.2"], ["x448", "secp384r1"])

    def test_everything_that_openssl_can(self):
        with s_server("-cipher", "ALL:eNULL:@SECLEVEL=0", "-serverpref", ecdsa=True):
            ours = self.compare()
        self.assertEqual(list(ours.suites), ["TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1"])
        self.assertIn("TLS_RSA_WITH_NULL_MD5", ours.suites["TLSv1"])
        self.assertIn("TLS_DH_anon_WITH_AES_128_CBC_SHA", ours.suites["TLSv1.2"])
        self.assertIn("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", ours.suites["TLSv1.2"])

    def test_the_prime_of_a_weak_dhe(self):
        with scratch() as directory:
            subprocess.run([find_program("openssl"), "dhparam", "-dsaparam", "-out", f"{directory}/dh.pem", "1024"],
                           check=True, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            pem, key = certificate(directory, "rsa", "rsa:2048")
            location = (f"listen {HOST}:{PORT} ssl; ssl_certificate {pem}; ssl_certificate_key {key};"
                        f"ssl_protocols TLSv1.2; ssl_ciphers DHE:@SECLEVEL=0; ssl_dhparam {directory}/dh.pem;")
            with servers.nginx(HOST, (8080,), location=location):
                ours = self.accepts()
        self.assertEqual(ours.rest["DHE prime"], "1024 bits")

    def test_nginx_with_its_defaults(self):
        with scratch() as directory:
            pem, key = certificate(directory, "rsa", "rsa:2048")
            location = f"listen {HOST}:{PORT} ssl; ssl_certificate {pem}; ssl_certificate_key {key};"
            with servers.nginx(HOST, (8080,), location=location):
                self.compare()

    def test_nginx_that_prefers_its_own_order(self):
        with scratch() as directory:
            pem, key = certificate(directory, "rsa", "rsa:2048")
            location = (f"listen {HOST}:{PORT} ssl; ssl_certificate {pem}; ssl_certificate_key {key};"
                        "ssl_protocols TLSv1.2; ssl_prefer_server_ciphers on; ssl_ciphers AES128-SHA:AES256-SHA;")
            with servers.nginx(HOST, (8080,), location=location):
                ours = self.compare()
        self.assertEqual(ours.suites["TLSv1.2"], ["TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"])
        self.assertEqual(ours.order["TLSv1.2"], "the server's")

    def test_apache_with_its_defaults_and_with_an_order_of_its_own(self):
        with tempfile.TemporaryDirectory() as folder:
            pair = certificates.Authority(folder).issue("apache", kind="rsa")
            for settings, suites in (("", None), ("SSLProtocol TLSv1.2\nSSLHonorCipherOrder on\nSSLCipherSuite AES128-SHA:AES256-SHA",
                                                  ["TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"])):
                with self.subTest(settings), tls_servers.apache(HOST, {"web.lab.test": pair}, PORT, settings):
                    ours = self.compare()
                    self.assertIn("TLSv1.2", ours.suites)
                    if suites:
                        self.assertEqual((ours.suites, ours.order["TLSv1.2"]), ({"TLSv1.2": suites}, "the server's"))

    def test_gnutls(self):
        with gnutls_serv("NORMAL:+VERS-TLS1.0:+VERS-TLS1.1:+CAMELLIA-128-GCM"):
            ours = self.compare(ordered=False)  # sslscan asks for what OpenSSL has not got after all else
        self.assertIn("TLSv1.1", ours.suites)
        self.assertIn("TLS_DHE_RSA_WITH_CAMELLIA_128_GCM_SHA256", ours.suites["TLSv1.2"])

    def test_gnutls_with_few_groups(self):
        with gnutls_serv("NORMAL:-GROUP-ALL:+GROUP-SECP384R1:+GROUP-X448:+GROUP-FFDHE3072"):
            ours = self.compare(ordered=False)
        self.assertEqual({version: set(groups) for version, groups in ours.groups.items()},
                         {"TLSv1.3": {"x448", "secp384r1", "ffdhe3072"}, "TLSv1.2": {"x448", "secp384r1"}})
        self.assertEqual(ours.rest["DHE prime"], "3072 bits")

    def test_gnutls_without_secure_renegotiation_is_looked_at_like_any_other(self):
        found = []
        for priority, secure in (("NORMAL", True), ("NORMAL:%DISABLE_SAFE_RENEGOTIATION", False)):
            with gnutls_serv(priority):
                ours = self.accepts()
                theirs = certificates.s_client(HOST, PORT, "-tls1_2", "-legacy_server_connect")
                suites, _ = scanned(HOST, PORT)
            self.assertEqual(theirs["secure_renegotiation"], secure, theirs["said"])
            self.assertEqual(ours.rest["secure renegotiation"], "yes" if secure else "no")
            # sslscan, being OpenSSL, speaks no version with such a server in which it could renegotiate.
            self.assertEqual(set(suites), set(ours.suites) if secure else {"TLSv1.3"})
            found.append((ours.suites, ours.groups))
        self.assertEqual(found[0], found[1])

    def test_a_server_behind_starttls(self):
        with s_server("-tls1_2", "-cipher", "AES128-SHA") as _, relay_after_smtp("127.0.0.32", 25):
            ours = self.accepts(host="127.0.0.32", port=25)
        self.assertEqual(ours.suites, {"TLSv1.2": ["TLS_RSA_WITH_AES_128_CBC_SHA"]})

    def test_real_servers_behind_starttls(self):
        def xmpp(address, pair):
            return tls_servers.prosody(address, pair, hosts=("web.lab.test", address))  # sslscan asks for the address

        # sslscan 2.0.7 gets no result from slapd's StartTLS: the next test compares that one with s_client.
        with tempfile.TemporaryDirectory() as folder:
            pair = certificates.Authority(folder).issue("starttls", kind="rsa")
            for path in (pair.certificate, pair.key):
                path.chmod(0o644)
            for name, server, port in (("smtp", tls_servers.postfix, 25), ("imap", tls_servers.dovecot, 143),
                                       ("pop3", tls_servers.dovecot, 110), ("psql", tls_servers.postgres, 5432),
                                       ("ftp", tls_servers.vsftpd, 21), ("mysql", tls_servers.mariadb, 3306),
                                       ("xmpp", xmpp, 5222)):
                with self.subTest(name), contextlib.ExitStack() as started:
                    try:
                        started.enter_context(server(HOST, pair))
                    except NotThere as why:
                        self.skipTest(str(why))
                    ours = self.compare(port=port, ordered=False, starttls=[f"--starttls-{name}"],
                                        asked=["--server-name", "web.lab.test"] if name == "xmpp" else [])
                    self.assertIn("TLSv1.3", ours.suites)

    def test_a_directory_behind_starttls_accepts_what_openssls_client_can_agree_on(self):
        def agrees(*words):
            return subprocess.run([find_program("openssl"), "s_client", "-connect", f"{HOST}:389", "-starttls", "ldap", *words],
                                  capture_output=True, input=b"", timeout=20).returncode == 0

        old = {"TLSv1": "-tls1", "TLSv1.1": "-tls1_1", "TLSv1.2": "-tls1_2"}
        with tempfile.TemporaryDirectory() as folder:
            pair = certificates.Authority(folder).issue("directory", kind="rsa")
            for path in (pair.certificate, pair.key):
                path.chmod(0o644)
            with tls_servers.slapd(HOST, pair):
                ours = self.accepts(port=389)
                agreed = {version: {iana for name, iana in standard_names("-s", option).items()
                                    if agrees(option, "-cipher", f"{name}:@SECLEVEL=0")} for version, option in old.items()}
                agreed["TLSv1.3"] = {iana for iana in standard_names("-s", "-tls1_3").values()
                                     if agrees("-tls1_3", "-ciphersuites", iana)}
        known = set(standard_names().values())
        self.assertEqual({version: set(suites) & known for version, suites in ours.suites.items()},
                         {version: suites for version, suites in agreed.items() if suites})
        self.assertIn("TLSv1.3", ours.suites)

    def test_only_an_intrusive_rule_may_ask(self):
        body = '    local seen = target:tls_accepts(4433)\n    return pass("ok", { seen = seen })'
        head = '[groups.lab]\nsafety = "intrusive"\n'
        inventory = targets(HOST, head='select = "lab"\n' + head).replace('address =', 'groups = ["lab"]\naddress =')
        asked = rule(body, "lab.asks", f"ports = {{ {PORT} }}")
        intrusive = asked.replace('safety = "normal"', 'safety = "intrusive"')
        with s_server("-tls1_2", "-cipher", "AES128-SHA"):
            done = self.run_inventory(inventory, rules={"lab/asks.lua": asked})
            self.assertEqual(done.status("lab.asks", HOST), ("error", "rule_error"), done)
            self.assertIn('safety = "intrusive"', done.check("lab.asks", HOST)["message"])
            done = self.run_inventory(inventory, rules={"lab/asks.lua": intrusive})
        self.assertEqual(done.status("lab.asks", HOST), ("pass", "observed"), done)
        fields = done.check("lab.asks", HOST)["evidence"][0]["seen"]
        self.assertEqual(fields["ciphers"], {"TLSv1.2": ["TLS_RSA_WITH_AES_128_CBC_SHA"]})
        self.assertTrue(fields["complete"])


def relay_after_smtp(host, port):
    """An SMTP server that, once STARTTLS is agreed, is the s_server of this test."""
    import socket
    import threading

    def talk(connection, peer):
        connection.sendall(b"220 mx\r\n")
        for answer in (b"250-mx\r\n250 STARTTLS\r\n", b"220 go\r\n"):
            line = b""
            while not line.endswith(b"\r\n"):
                piece = connection.recv(1)
                if not piece:
                    return
                line += piece
            connection.sendall(answer)
        with socket.create_connection((HOST, PORT)) as behind:
            def back():
                with contextlib.suppress(OSError):
                    while piece := behind.recv(65536):
                        connection.sendall(piece)
                    connection.shutdown(socket.SHUT_WR)
            thread = threading.Thread(target=back, daemon=True)
            thread.start()
            with contextlib.suppress(OSError):
                while piece := connection.recv(65536):
                    behind.sendall(piece)
                behind.shutdown(socket.SHUT_WR)
            thread.join(5)
    return peers.serving(host, port, talk)


class HostileTest(LabTest):
    """Whatever a peer does instead of answering, the word ends in time, with an error that names it."""

    def refuse(self, reason, host="127.0.0.33", port=4433, *options):
        done = self.audit("probe", "tls_accepts", host, str(port), *options, timeout=60)
        self.assertEqual(done.code, 2, done)
        self.assertRegex(done.out + done.err, reason, done)
        return done

    def test_a_peer_that_closes_resets_or_is_silent(self):
        with peers.closing("127.0.0.33", 4433):
            self.refuse("Connection reset|closed the connection")  # as it closed before or after it had read
        with peers.resetting("127.0.0.33", 4433):
            self.refuse("reset")
        with peers.silent("127.0.0.33", 4433):
            self.refuse("timeout")
        with peers.trickling("127.0.0.33", 4433):
            self.refuse("protocol_error")

    def test_plain_text_wrong_lengths_and_an_endless_answer(self):
        with peers.saying("127.0.0.33", 4433, b"HTTP/1.1 400 Bad Request\r\n\r\n"):
            done = self.refuse("protocol_error")
            self.assertIn("not TLS", done.out + done.err)
        with peers.saying("127.0.0.33", 4433, b"\x16\x03\x03\xff\xff" + b"x" * 70_000):
            self.refuse("protocol_error")
        with peers.endless("127.0.0.33", 4433, b"\x16\x03\x03\x00\x04\x00\x00\x00\x00" * 400):
            self.refuse("truncated")

    def test_a_server_that_goes_away_in_the_middle_is_no_answer(self):
        alert = b"\x15\x03\x03\x00\x02\x02\x46"
        hello = b"\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03" + b"r" * 32 + b"\x00\x00\x35\x00"
        for what, reason in ((b"", "eof"), (b"\x16\x03", "eof"), (b"\x15\x03\x03\x00\x02\x02\x50", "tls_error"),
                             (b"\x16\x03\x03\x00\x00", "protocol_error")):
            answers = [alert, hello]

            def talk(connection, peer):
                connection.recv(65536)
                connection.sendall(answers.pop(0) if answers else what)
            with peers.serving("127.0.0.33", 4433, talk):
                self.refuse(reason)
