"""What `dns` says of a real BIND is what dig says of it."""

import json
import subprocess

import servers
from dig import DigTest
from program import program, rule, targets

RECORDS = """
@        SOA ns hostmaster 7 3600 600 86400 60
@        NS  ns
@        MX  10 mail
@        MX  20 backup.example.net.
@        TXT "v=spf1 -all" "with \\"quotes\\" and \\\\ and \\; signs"
@        CAA 0 issue "ca.example.net"
ns       A   127.0.0.1
ns       AAAA ::1
mail     3600 A 127.0.0.13
alias    CNAME mail
_sip._tcp SRV 10 20 5060 mail
naptr    NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@lab.test!" .
loc      LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
rp       RP  hostmaster text
tlsa     TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
sshfp    SSHFP 4 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
hinfo    HINFO "cpu" "os"
ds       DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
odd      TYPE731 \\# 6 abcdef012345
wild.card A 127.0.0.14
web      HTTPS 1 . alpn=h2,h3 ipv4hint=127.0.0.13
""" + "".join(f"big TXT \"{'x' * 200}{n}\"\n" for n in range(20))
AT = "127.0.0.1:5353"


class DnsTest(DigTest):
    def test_records_flags_and_codes_are_those_that_dig_shows(self):
        with servers.named(zones={"lab.test": RECORDS}):
            for name, kind in (("lab.test", "SOA"), ("lab.test", "NS"), ("lab.test", "MX"), ("lab.test", "TXT"),
                               ("lab.test", "CAA"), ("ns.lab.test", "A"), ("ns.lab.test", "AAAA"), ("alias.lab.test", "A"),
                               ("alias.lab.test", "CNAME"), ("_sip._tcp.lab.test", "SRV"), ("naptr.lab.test", "NAPTR"),
                               ("loc.lab.test", "LOC"), ("rp.lab.test", "RP"), ("tlsa.lab.test", "TLSA"),
                               ("sshfp.lab.test", "SSHFP"), ("hinfo.lab.test", "HINFO"), ("odd.lab.test", "TYPE731"),
                               ("none.lab.test", "A"), ("ns.lab.test", "MX"), ("NS.LAB.test", "A"),
                               ("web.lab.test", "HTTPS"), ("other.test", "A")):
                with self.subTest(name=name, kind=kind):
                    self.compare(name, kind, digs=["+unknownformat"] if kind == "HTTPS" else [])

    def test_an_answer_that_does_not_fit_is_asked_again_over_tcp(self):
        with servers.named(zones={"lab.test": RECORDS}):
            fields = self.ask("big.lab.test", "TXT")
            self.assertEqual((fields["transport"], len(fields["answers"]), fields["flags"]["tc"]), ("tcp", 20, False))
            self.compare("big.lab.test", "TXT")
            self.assertEqual(self.ask("ns.lab.test", "A", "--tcp")["transport"], "tcp")
            self.assertEqual(self.ask("ns.lab.test", "A")["transport"], "udp")

    def test_a_zone_transfer_is_seen_whole_and_a_refused_one_is_an_answer(self):
        with servers.named(zones={"lab.test": RECORDS}):
            fields = self.ask("lab.test", "AXFR")
            self.assertTrue(fields["transferred"])
            out = subprocess.run(["dig", "-p5353", "@127.0.0.1", "lab.test", "AXFR", "+noall", "+answer"],
                                 capture_output=True, text=True, check=True, timeout=20).stdout
            self.assertEqual(fields["records"], len([line for line in out.splitlines() if line and line[0] != ";"]))
            refused = self.audit("probe", "dns", "other.test", "AXFR", "--server", AT, "--json")
            self.assertEqual(refused.code, 1, refused)
            self.assertEqual(json.loads(refused.out)["seen"]["transferred"], False)

    def test_a_rule_asks_the_target_itself_for_its_zone(self):
        body = ('    local zone = target:dns("lab.test", { type = "AXFR", server = target.address .. ":5353" })\n'
                '    if zone.transferred then return fail("the zone is for all to see", { zone = zone }) end\n'
                '    return pass("refused", { zone = zone })')
        with servers.named(zones={"lab.test": RECORDS}):
            done = self.run_inventory(targets("127.0.0.1"), rules={"lab/axfr.lua": rule(body, declares="ports = { 5353 }")})
        self.assertEqual(done.failures(), [("lab.rule", "127.0.0.1")], done)

    def test_the_servers_of_the_system_are_asked_where_none_is_named(self):
        resolv = self.write("resolv.conf", "search lab.test\nnameserver 127.0.0.1\n")

        def with_these(*words):
            """As dig and the program find them, in a mount namespace where the system has no other."""
            enter = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"', str(resolv)]
            return subprocess.run([*enter, *words], capture_output=True, text=True, check=True, timeout=20).stdout

        reverse = "@ SOA ns.lab.test. hostmaster.lab.test. 1 3600 600 86400 60\n@ NS ns.lab.test.\n13.0.0 PTR mail.lab.test.\n"
        with servers.named("127.0.0.1", 53, zones={"lab.test": RECORDS, "127.in-addr.arpa": reverse}):
            for ours, theirs in ((["mail.lab.test"], ["mail.lab.test", "A"]), (["-x", "127.0.0.13"], ["-x", "127.0.0.13"]),
                                 (["alias.lab.test", "AAAA"], ["alias.lab.test", "AAAA"])):
                with self.subTest(ours):
                    seen = json.loads(with_these(program(), "probe", "dns", *ours, "--json"))["seen"]
                    told = [line.split(maxsplit=4)[3:] for line in with_these("dig", "+noall", "+answer", *theirs).splitlines()]
                    self.assertEqual([[one["type"], one["data"]] for one in seen["answers"]], told)
                    self.assertEqual(seen["server"], "127.0.0.1:53")

    def test_a_rule_cannot_ask_a_server_outside_the_scope(self):
        body = ('    local answer = target:dns("lab.test", { server = "127.0.0.1:5353" })\n'
                '    return pass("asked", { answer = answer })')
        with servers.named(zones={"lab.test": RECORDS}):
            done = self.run_inventory(targets("127.0.0.61"),
                                      rules={"lab/out.lua": rule(body, declares='requires = "nothing"')})
        check = done.check("lab.rule", "127.0.0.61")
        self.assertEqual((check["status"], check["reason"]), ("not_reviewed", "out_of_scope"), check)
