"""What an inventory expects besides TCP ports, judged on real servers: UDP ports, names, certificates, host keys, services."""

import pathlib
import subprocess

import certificates
import peers
import servers
import tls_servers
from processes import find_program
from program import LabTest

HEAD = """schema = 1
[audit]
select = "exposure.telnet-open"
resolvers = ["127.0.0.1:5353"]
[limits]
timeout = "500ms"
attempts = 2
"""


def expecting(address, expect):
    return f'{HEAD}[[targets]]\naddress = "{address}"\n[targets.expect]\n{expect}\n'


def fingerprint(key):
    said = subprocess.run([find_program("ssh-keygen"), "-l", "-f", key], capture_output=True, text=True, check=True)
    return said.stdout.split()[1]


class ExpectationsTest(LabTest):
    def judged(self, rule, address, expect):
        return self.run_inventory(expecting(address, expect)).check(rule, address)

    def test_a_port_that_is_denied_fails_inside_what_its_group_allows(self):
        text = f"""{HEAD}[groups.servers]
expect.tcp = {{ sweep = "7000-7010", allow = ["7000-7010"] }}
[[targets]]
address = "127.0.0.12"
groups = ["servers"]
expect.tcp.deny = [7002]
"""
        with peers.silent("127.0.0.12", 7001), peers.silent("127.0.0.12", 7002):
            done = self.run_inventory(text)
        self.assertEqual(done.failures(), [("policy.port-denied", "127.0.0.12")], done)

    def test_other_ports_may_only_be_told(self):
        with peers.silent("127.0.0.12", 7001):
            done = self.run_inventory(expecting("127.0.0.12", 'tcp = { sweep = "7000-7010", other = "info" }'))
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.check("policy.port-unexpected", "127.0.0.12")["status"], "informational", done)

    def test_the_reason_of_an_allowed_port_is_in_the_report_where_it_is_open(self):
        with peers.silent("127.0.0.12", 7001):
            done = self.run_inventory(expecting(
                "127.0.0.12", 'tcp = { sweep = "7000-7010", allow = [{ port = 7001, why = "CHG-112" }] }'))
        self.assertEqual(done.code, 0, done)
        told = [one for one in done.check("policy.port-unexpected", "127.0.0.12")["results"] if one.get("key") == "allowed"]
        self.assertIn("CHG-112", told[0]["message"])

    def test_udp_ports_are_asked_in_their_own_words(self):
        expect = 'udp = { sweep = [53, 123, 161], require = [161], deny = [123] }'
        with servers.snmpd("127.0.0.41"):
            done = self.run_inventory(expecting("127.0.0.41", expect))
            other = self.run_inventory(expecting("127.0.0.41", 'udp = { sweep = [161] }'))
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.status("policy.udp-missing", "127.0.0.41"), ("pass", "open"), done)
        self.assertEqual(done.status("policy.udp-denied", "127.0.0.41"), ("pass", "closed"), done)
        self.assertEqual(other.failures(), [("policy.udp-unexpected", "127.0.0.41")], other)

    def test_a_udp_port_that_nobody_has_is_missing(self):
        self.assertEqual(self.judged("policy.udp-missing", "127.0.0.41", "udp = { require = [161] }")["reason"], "closed")

    def test_a_udp_port_that_says_nothing_is_not_reviewed(self):
        with peers.udp("127.0.0.41", 7001, lambda _: []):
            done = self.run_inventory(expecting("127.0.0.41", "udp = { sweep = [7001], require = [7001] }"))
        self.assertEqual(done.status("policy.udp-missing", "127.0.0.41"), ("not_reviewed", "filtered"), done)
        self.assertEqual(done.status("policy.udp-unexpected", "127.0.0.41"), ("not_reviewed", "filtered"), done)

    def test_ssh_host_keys_are_those_that_ssh_keygen_prints(self):
        with servers.sshd("127.0.0.12", 2222) as sshd:
            keys = [fingerprint(str(path)) for path in sorted(pathlib.Path(sshd.config).parent.glob("key_*.pub"))]
            items = ", ".join(f'{{ port = 2222, fingerprint = "{key}" }}' for key in keys)
            right = self.judged("policy.ssh-host-key", "127.0.0.12", f"ssh_host_keys = [{items}]")
            wrong = self.judged("policy.ssh-host-key", "127.0.0.12",
                                f'ssh_host_keys = [{{ port = 2222, fingerprint = "{keys[0]}" }}]')
        self.assertEqual(right["status"], "pass", right)
        self.assertEqual(wrong["status"], "fail", wrong)
        self.assertIn(keys[1], wrong["message"])

    def test_certificates_are_told_by_fingerprint_and_issuer(self):
        authority = certificates.Authority(self.directory)
        pair, other = authority.issue("web.lab.test"), authority.issue("other.lab.test", "DNS:other.lab.test")
        with tls_servers.nginx("127.0.0.13", {"web.lab.test": pair, "other.lab.test": other}, 8443):
            expect = [f'certificates = [{{ port = 8443, {one} }}]' for one in (
                f'fingerprint = "sha256:{pair.fingerprint()}"', 'issuer = "CN=Lab Root"',
                f'server_name = "other.lab.test", fingerprint = "{other.fingerprint()}"',
                f'fingerprint = "{other.fingerprint()}"', 'issuer = "CN=Somebody"')]
            checks = [self.judged("policy.certificate", "127.0.0.13", one) for one in expect]
            either = self.judged("policy.certificate", "127.0.0.13", f"""certificates = [
  {{ port = 8443, fingerprint = "{other.fingerprint()}" }}, {{ port = 8443, fingerprint = "{pair.fingerprint()}" }}]""")
        self.assertEqual([check["status"] for check in checks], ["pass", "pass", "pass", "fail", "fail"], checks)
        self.assertEqual(either["status"], "pass", either)

    def test_names_are_those_of_the_reverse_zone(self):
        with servers.named():
            right = self.judged("policy.name", "127.0.0.12", 'names = ["SSH.lab.test"]')
            glob = self.judged("policy.name", "127.0.0.12", 'names = ["*.lab.test"]')
            wrong = self.judged("policy.name", "127.0.0.12", 'names = ["web.lab.test"]')
            none = self.judged("policy.name", "127.0.0.12", "names = []")
        self.assertEqual([one["status"] for one in (right, glob, wrong, none)], ["pass", "pass", "fail", "fail"])
        silent = self.judged("policy.name", "127.0.0.12", 'names = ["ssh.lab.test"]')
        self.assertIn(silent["status"], ("error", "not_reviewed"), silent)

    def test_addresses_are_those_of_the_name(self):
        def judged(addresses, more=""):
            text = expecting("ssh.lab.test", f"addresses = {addresses}")
            return self.run_inventory(text + more).status("policy.address", "ssh.lab.test")
        scope = '[[targets]]\naddress = "127.0.0.12"\n'
        with servers.named():
            self.assertEqual(judged('["127.0.0.12"]', scope), ("pass", "observed"))
            self.assertEqual(judged('["127.0.0.13"]', scope), ("fail", "observed"))
            # A loopback address that the inventory does not name is nobody's to ask.
            self.assertEqual(judged('["127.0.0.12"]'), ("not_reviewed", "out_of_scope"))
            self.assertEqual(judged('["127.0.0.13"]'), ("fail", "observed"))

    def test_services_are_told_by_what_they_speak(self):
        authority = certificates.Authority(self.directory)
        pair = authority.issue("web.lab.test")
        with servers.sshd("127.0.0.12", 2222), servers.nginx("127.0.0.12", (8080,)), \
                tls_servers.nginx("127.0.0.12", {"web.lab.test": pair}, 8443), servers.vsftpd("127.0.0.12", 2121), \
                tls_servers.postfix("127.0.0.12", pair, 2525):
            speaks = {2222: "ssh", 8080: "http", 8443: "https", 2121: "ftp", 2525: "smtp"}
            def asked(services):
                items = ", ".join(f'{{ port = {port}, service = "{name}" }}' for port, name in services.items())
                return self.judged("policy.service", "127.0.0.12", f"services = [{items}]")
            right = asked(speaks)
            swapped = asked({2222: "http", 8080: "ssh", 8443: "http", 2121: "smtp", 2525: "ftp"})
        self.assertEqual(right["status"], "pass", right)
        self.assertEqual([one["status"] for one in swapped["results"]], ["fail"] * 5, swapped)

    def test_services_of_mail_directories_and_databases_are_told_too(self):
        pair = certificates.Authority(self.directory).issue("web.lab.test")
        address = "127.0.0.13"
        with tls_servers.dovecot(address, pair, 1143, 1110), tls_servers.slapd(address, pair, 3389), \
                tls_servers.postgres(address, pair, 5433), tls_servers.mariadb(address, pair, 3307), \
                servers.redis(address, 6380):
            speaks = {1143: "imap", 1110: "pop3", 3389: "ldap", 5433: "postgresql", 3307: "mysql", 6380: "redis"}
            def asked(services):
                items = ", ".join(f'{{ port = {port}, service = "{name}" }}' for port, name in services.items())
                return self.judged("policy.service", address, f"services = [{items}]")
            right = asked(speaks)
            swapped = asked({1143: "pop3", 1110: "imap", 3307: "smtp"})
        self.assertEqual([one["status"] for one in right["results"]], ["pass"] * 6, right)
        self.assertEqual([one["status"] for one in swapped["results"]], ["fail"] * 3, swapped)

    def test_a_plan_says_what_udp_costs(self):
        done = self.audit("plan", self.write("inventory.toml", expecting("127.0.0.41", 'udp = { sweep = "1-800" }')))
        self.assertIn("UDP: 800 datagrams at one attempt each", done.out)
        self.assertIn("takes about 1 min 40 s", done.out)
        self.assertIn("policy.udp-unexpected", done.out)

    def test_the_policies_are_among_the_rules(self):
        listed = self.audit("rules", "list", "--select", "policy.*").out
        for name in ("address", "certificate", "name", "port-denied", "service", "ssh-host-key", "udp-missing"):
            self.assertIn(f"policy.{name} ", listed)
        self.assertIn("expect.ssh_host_keys", self.audit("rules", "show", "policy.ssh-host-key").out)

