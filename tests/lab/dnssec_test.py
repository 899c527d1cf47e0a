"""Signed zones, served by named and validated by unbound: `dns` shows every record of DNSSEC as dig +dnssec does, and AD."""

import json
import re
import tempfile

import dns_servers
import servers
from dig import DigTest, dig
from program import rule, targets

HEAD = "@ 3600 SOA ns.signed.test. hostmaster.signed.test. 1 3600 600 86400 600\n@ 3600 NS ns.signed.test.\n"
CHILD = HEAD + "www 3600 A 127.0.0.13\n*.wild 3600 TXT \"any\"\n"
PARENT = HEAD + """
ns       3600 A 127.0.0.1
www      3600 A 127.0.0.13
www      3600 AAAA ::1
alias    3600 CNAME www.nsec3
mx       3600 MX 10 www
*.wild   3600 TXT "any"
plain    3600 NS ns
""" + "".join(f"{child} 3600 NS ns\n" for child in ("nsec3", "optout", "bogus", "expired", "wrongds")) + """
{ds:nsec3.signed.test}
{ds:optout.signed.test}
{ds:bogus.signed.test}
{ds:expired.signed.test}
wrongds 3600 DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
"""
OPTOUT = CHILD + "unsigned 3600 NS ns.signed.test.\n"
TO_SIGN = {  # what is delegated stands before what delegates it
    "nsec3.signed.test": (CHILD, "RSASHA256", ["-3", "0badc0de", "-H", "5"]),
    "optout.signed.test": (OPTOUT, "ED25519", ["-3", "-", "-A"]),
    "bogus.signed.test": (CHILD, "ECDSAP256SHA256", []),
    "expired.signed.test": (CHILD, "ECDSAP256SHA256", ["-P", "-s", "20200101000000", "-e", "20200201000000"]),
    "wrongds.signed.test": (CHILD, "ECDSAP256SHA256", []),
    "signed.test": (PARENT, "ECDSAP384SHA384", []),
}
UNSIGNED = {"plain.signed.test": CHILD, "unsigned.optout.signed.test": CHILD}
KEYS = ("RRSIG", "DNSKEY", "NSEC", "NSEC3", "NSEC3PARAM", "DS")
RESOLVER, PORT = "127.0.0.2", 5354
# What is asked, and which types have to be in the answer for the comparison to be worth something.
QUESTIONS = (
    ("www.signed.test", "A", {"A", "RRSIG"}), ("signed.test", "DNSKEY", {"DNSKEY", "RRSIG"}), ("signed.test", "SOA", {"SOA", "RRSIG"}),
    ("www.signed.test", "NSEC", {"NSEC", "RRSIG"}), ("nsec3.signed.test", "DS", {"DS", "RRSIG"}), ("mx.signed.test", "MX", {"MX", "RRSIG"}),
    ("none.signed.test", "A", {"NSEC", "SOA", "RRSIG"}), ("www.signed.test", "TXT", {"NSEC", "SOA", "RRSIG"}),
    ("x.wild.signed.test", "TXT", {"TXT", "NSEC", "RRSIG"}), ("plain.signed.test", "DS", {"NSEC", "SOA", "RRSIG"}),
    ("nsec3.signed.test", "DNSKEY", {"DNSKEY", "RRSIG"}), ("nsec3.signed.test", "NSEC3PARAM", {"NSEC3PARAM", "RRSIG"}),
    ("www.nsec3.signed.test", "A", {"A", "RRSIG"}), ("none.nsec3.signed.test", "A", {"NSEC3", "SOA", "RRSIG"}),
    ("www.nsec3.signed.test", "TXT", {"NSEC3", "SOA", "RRSIG"}), ("x.wild.nsec3.signed.test", "TXT", {"TXT", "NSEC3", "RRSIG"}),
    ("optout.signed.test", "DNSKEY", {"DNSKEY", "RRSIG"}), ("www.optout.signed.test", "A", {"A", "RRSIG"}),
    ("none.optout.signed.test", "A", {"NSEC3", "SOA", "RRSIG"}), ("alias.signed.test", "A", {"CNAME", "RRSIG"}))


class SignedTest(DigTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.zones = dns_servers.sign(folder.name, TO_SIGN)
        # Signed, and then somebody moved www; its neighbour is as it was signed.
        honest = cls.zones.text["bogus.signed.test"]
        forged = re.sub(r"^(www\.bogus\.signed\.test\.\s+3600\s+IN A)\s+127\.0\.0\.13$", r"\1 127.0.0.66", honest, flags=re.M)
        assert forged != honest
        cls.zones.text.update({"bogus.signed.test": forged, **UNSIGNED})

    def setUp(self):
        super().setUp()
        self.enterContext(servers.named(zones=self.zones.text))

    def check_all(self):
        for name, kind, types in QUESTIONS:
            with self.subTest(name=name, kind=kind):
                seen = self.compare(name, kind, "--dnssec")
                self.assertLessEqual(types, {row["type"] for row in seen["answers"] + seen["authority"]}, seen)
                bare = self.compare(name, kind)
                shown = {row["type"] for row in bare["answers"] + bare["authority"]}
                self.assertLessEqual(shown & {"RRSIG", "NSEC", "NSEC3"}, {kind}, "without DO no signature was asked for")


class NamedTest(SignedTest):
    def test_every_record_is_written_as_dig_writes_it(self):
        self.check_all()

    def test_keys_and_digests_are_those_that_the_tools_of_the_zone_made(self):
        for zone in ("signed.test", "nsec3.signed.test", "optout.signed.test"):
            made = {"".join(line.split("DNSKEY")[1].split()) for line in self.zones.keys[zone]}
            shown = {"".join(row["data"].split()) for row in self.ask(zone, "DNSKEY")["answers"]}
            self.assertEqual(shown, made, zone)
        rows = self.ask("nsec3.signed.test", "DS")["answers"]
        self.assertEqual([row["data"] for row in rows], [self.zones.ds["nsec3.signed.test"].split("DS ")[1].lower()])

    def test_a_server_of_zones_does_not_say_that_they_are_authentic(self):
        flags = self.ask("www.signed.test", "A", "--dnssec")["flags"]
        self.assertEqual((flags["aa"], flags["ad"], flags["ra"]), (True, False, False))


class ValidatedTest(SignedTest):
    server, port, caches = RESOLVER, PORT, True

    def setUp(self):
        super().setUp()
        self.enterContext(dns_servers.unbound(stubs=self.zones.text, anchors=[self.zones.ds["signed.test"]]))

    def test_every_record_is_written_as_dig_writes_it(self):
        self.check_all()

    def test_what_is_signed_is_authentic_and_what_is_not_is_only_an_answer(self):
        for name, kind, authentic, rcode in (
                ("www.signed.test", "A", True, "NOERROR"), ("none.signed.test", "A", True, "NXDOMAIN"),
                ("www.nsec3.signed.test", "A", True, "NOERROR"), ("www.optout.signed.test", "A", True, "NOERROR"),
                ("www.plain.signed.test", "A", False, "NOERROR"), ("www.unsigned.optout.signed.test", "A", False, "NOERROR"),
                ("none.plain.signed.test", "A", False, "NXDOMAIN"), ("x.wild.bogus.signed.test", "TXT", True, "NOERROR")):
            with self.subTest(name=name):
                seen = self.compare(name, kind, "--dnssec")
                self.assertEqual((seen["flags"]["ad"], seen["rcode"]), (authentic, rcode))
                self.assertFalse(self.compare(name, kind)["flags"]["ad"], "who does not ask for DNSSEC is not told (RFC 6840 5.8)")

    def test_what_is_forged_expired_or_under_another_key_is_servfail(self):
        for name in ("www.bogus.signed.test", "www.expired.signed.test", "www.wrongds.signed.test"):
            with self.subTest(name=name):
                seen = self.compare(name, "A", "--dnssec")
                self.assertEqual((seen["rcode"], seen["answers"], seen["flags"]["ad"]), ("SERVFAIL", [], False))
                self.assertNotEqual(dig(RESOLVER, PORT, name, "A", "+cd")[2]["answers"], [], "there is something to refuse")

    def test_a_rule_tells_authentic_from_forged(self):
        body = f"""
    local told, last = {{}}, nil
    for _, name in ipairs {{ "www.signed.test", "www.plain.signed.test", "www.bogus.signed.test" }} do
      last = target:dns(name, {{ dnssec = true, server = target.address .. ":{PORT}" }})
      told[#told + 1] = last.rcode .. " " .. tostring(last.flags.ad) .. " " .. #last.answers
    end
    return info(table.concat(told, "|"), last)"""
        done = self.run_inventory(targets(RESOLVER), rules={"lab/asks.lua": rule(body, declares=f"ports = {{ {PORT} }}")})
        self.assertEqual(done.check("lab.rule", RESOLVER)["message"], "NOERROR true 2|NOERROR false 1|SERVFAIL false 0", done)

    def test_a_run_does_not_follow_a_forged_name(self):
        text = targets("www.bogus.signed.test", "www.signed.test", "127.0.0.13", "::1",
                       head=f'select = "dns.name-unresolved"\nresolvers = ["{RESOLVER}:{PORT}"]\n[scope]\ninclude = ["127.0.0.0/24", "::1"]')
        done = self.run_inventory(text)
        self.assertEqual(done.target("www.bogus.signed.test")["addresses"], [])
        self.assertEqual(done.target("www.signed.test")["addresses"], ["127.0.0.13", "::1"])
        check = done.check("dns.name-unresolved", "www.bogus.signed.test")
        self.assertEqual((check["status"] in ("error", "not_reviewed"), check["reason"]), (True, "unresolved"), json.dumps(check))


del SignedTest  # it has no test of its own
