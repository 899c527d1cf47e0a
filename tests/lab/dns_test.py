"""What `dns` says of a real BIND is what dig says of it."""

import json
import re
import subprocess

import servers
from program import LabTest, rule, targets

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
""" + "".join(f"big TXT \"{'x' * 200}{n}\"\n" for n in range(20))
PORT = 5353
AT = f"127.0.0.1:{PORT}"


def plain(kind, data):
    """Both write the same data in ways of their own: hexadecimal digits in another case, a LOC's zeros left out or not."""
    data = " ".join(data.split())
    if kind in ("TLSA", "SSHFP", "DS") or kind.startswith("TYPE"):
        return data.lower()
    if kind == "LOC":
        return [float(word.rstrip("m")) if word[-1] not in "NSEW" else word for word in data.split()]
    return data


def unescaped(text):
    """The command shows a backslash as two, as it does with all that came from the network."""
    return text.replace("\\\\", "\\")


def dig(*words):
    """rcode, flags and records as dig has them."""
    out = subprocess.run(["dig", f"-p{PORT}", "@127.0.0.1", "+noall", "+comments", "+answer", "+authority", "+additional",
                          "+nocookie", "+noad", "+bufsize=1232", "+nosplit", *words],
                         capture_output=True, text=True, check=True, timeout=20).stdout
    status = re.search(r"status: (\w+)", out).group(1)
    flags = set(re.search(r";; flags: ([a-z ]*);", out).group(1).split()) - {"qr"}
    records, section = {"answers": [], "authority": [], "additional": []}, None
    for line in out.splitlines():
        head = re.match(r";; (ANSWER|AUTHORITY|ADDITIONAL) SECTION", line)
        if head:
            section = {"ANSWER": "answers", "AUTHORITY": "authority", "ADDITIONAL": "additional"}[head.group(1)]
        elif section and line and not line.startswith(";"):
            name, ttl, _, kind, data = line.split(None, 4)
            records[section].append((name.lower(), int(ttl), kind, plain(kind, data)))
    return status, flags, {key: sorted(rows) for key, rows in records.items()}


class DnsTest(LabTest):
    def ask(self, *words, code=0):
        done = self.audit("probe", "dns", *words, "--server", AT, "--json")
        self.assertEqual(done.code, code, done)
        return json.loads(done.out)["seen"]

    def compare(self, name, kind, *options):
        done = self.audit("probe", "dns", name, kind, *options, "--server", AT, "--json")
        self.assertIn(done.code, (0, 1), done)
        ours = json.loads(done.out)["seen"]
        status, flags, records = dig(name, kind, *(["+dnssec"] if "--dnssec" in options else []))
        self.assertEqual(ours["rcode"], status, (name, kind))
        self.assertEqual({flag for flag, on in ours["flags"].items() if on}, flags, (name, kind))
        for section, rows in records.items():
            mine = sorted((row["name"].lower(), row["ttl"], row["type"], plain(row["type"], unescaped(row["data"])))
                          for row in ours[section])
            self.assertEqual(mine, rows, (name, kind, section))

    def test_records_flags_and_codes_are_those_that_dig_shows(self):
        with servers.named(zones={"lab.test": RECORDS}):
            for name, kind in (("lab.test", "SOA"), ("lab.test", "NS"), ("lab.test", "MX"), ("lab.test", "TXT"),
                               ("lab.test", "CAA"), ("ns.lab.test", "A"), ("ns.lab.test", "AAAA"), ("alias.lab.test", "A"),
                               ("alias.lab.test", "CNAME"), ("_sip._tcp.lab.test", "SRV"), ("naptr.lab.test", "NAPTR"),
                               ("loc.lab.test", "LOC"), ("rp.lab.test", "RP"), ("tlsa.lab.test", "TLSA"),
                               ("sshfp.lab.test", "SSHFP"), ("hinfo.lab.test", "HINFO"), ("odd.lab.test", "TYPE731"),
                               ("none.lab.test", "A"), ("ns.lab.test", "MX"), ("NS.LAB.test", "A")):
                with self.subTest(name=name, kind=kind):
                    self.compare(name, kind)

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
            out = subprocess.run(["dig", f"-p{PORT}", "@127.0.0.1", "lab.test", "AXFR", "+noall", "+answer"],
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

    def test_a_rule_cannot_ask_a_server_outside_the_scope(self):
        body = ('    local answer = target:dns("lab.test", { server = "127.0.0.1:5353" })\n'
                '    return pass("asked", { answer = answer })')
        with servers.named(zones={"lab.test": RECORDS}):
            done = self.run_inventory(targets("127.0.0.61"),
                                      rules={"lab/out.lua": rule(body, declares='requires = "nothing"')})
        check = done.check("lab.rule", "127.0.0.61")
        self.assertEqual((check["status"], check["reason"]), ("not_reviewed", "out_of_scope"), check)
