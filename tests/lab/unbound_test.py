"""What `dns` says of a real resolver, unbound, is what dig says of it; and a run may resolve its names there."""

import json
import subprocess

import dns_servers
import servers
from dig import DigTest, dig
from processes import find_program
from program import rule, targets

RECORDS = """
@        3600 SOA ns hostmaster 7 3600 600 86400 600
@        3600 NS  ns
@        3600 MX  10 mail
@        3600 TXT "v=spf1 -all" "two"
@        3600 CAA 0 issue "ca.example.net"
ns       3600 A   127.0.0.1
mail     3600 A   127.0.0.13
mail     3600 AAAA ::1
alias    3600 CNAME mail
dangling 3600 CNAME nowhere
loop     3600 CNAME loop
_sip._tcp 3600 SRV 10 20 5060 mail
web      3600 HTTPS 1 . alpn=h2 ipv4hint=127.0.0.13
odd      3600 TYPE731 \\# 6 abcdef012345
*.wild   3600 A 127.0.0.14
""" + "".join(f"big 3600 TXT \"{'x' * 200}{n}\"\n" for n in range(20))
REVERSE = "@ 3600 SOA ns.lab.test. hostmaster.lab.test. 1 3600 600 86400 60\n@ 3600 NS ns.lab.test.\n13.0.0 3600 PTR mail.lab.test.\n"
ZONES = {"lab.test": RECORDS, "127.in-addr.arpa": REVERSE}
SETTINGS = 'local-zone: "refused.test." refuse\nlocal-zone: "silent.test." deny'
ADDRESS, PORT = "127.0.0.2", 5354


class UnboundTest(DigTest):
    server, port, caches = ADDRESS, PORT, True

    def setUp(self):
        super().setUp()
        self.enterContext(servers.named(zones=ZONES))
        # named refuses to speak of nobody.test, of which unbound therefore knows nothing: SERVFAIL.
        self.enterContext(dns_servers.unbound(stubs=[*ZONES, "nobody.test"], settings=SETTINGS))

    def test_records_flags_and_codes_are_those_that_dig_shows(self):
        codes = set()
        for name, kind in (("lab.test", "SOA"), ("lab.test", "NS"), ("lab.test", "MX"), ("lab.test", "TXT"), ("lab.test", "CAA"),
                           ("mail.lab.test", "A"), ("mail.lab.test", "AAAA"), ("MAIL.Lab.test", "A"), ("alias.lab.test", "A"),
                           ("alias.lab.test", "CNAME"), ("dangling.lab.test", "A"), ("_sip._tcp.lab.test", "SRV"),
                           ("odd.lab.test", "TYPE731"), ("any.wild.lab.test", "A"), ("none.lab.test", "A"), ("mail.lab.test", "MX"),
                           ("x.refused.test", "A"), ("nobody.test", "A"), ("13.0.0.127.in-addr.arpa", "PTR")):
            with self.subTest(name=name, kind=kind):
                seen = self.compare(name, kind)
                codes.add(seen["rcode"])
                self.assertEqual((seen["transport"], seen["flags"]["ra"], seen["flags"]["ad"]), ("udp", True, False))
        self.assertEqual(codes, {"NOERROR", "NXDOMAIN", "REFUSED", "SERVFAIL"})

    def test_a_type_that_is_not_taken_apart_is_written_as_dig_writes_unknown_ones(self):
        self.assertTrue(self.compare("web.lab.test", "HTTPS", digs=["+unknownformat"])["answers"][0]["data"].startswith("\\\\# "))

    def test_a_negative_answer_is_an_answer_and_has_its_soa(self):
        for name, rcode in (("none.lab.test", "NXDOMAIN"), ("mail.lab.test", "NOERROR")):
            seen = self.ask(name, "MX", code=1)
            self.assertEqual((seen["rcode"], seen["answers"], [row["type"] for row in seen["authority"]]), (rcode, [], ["SOA"]))

    def test_an_answer_that_does_not_fit_is_asked_again_over_tcp(self):
        seen = self.compare("big.lab.test", "TXT")
        self.assertEqual((seen["transport"], len(seen["answers"]), seen["flags"]["tc"]), ("tcp", 20, False))
        self.assertIn("tc", dig(ADDRESS, PORT, "big.lab.test", "TXT", "+ignore")[1])
        self.assertEqual(self.compare("mail.lab.test", "A", "--tcp")["transport"], "tcp")

    def test_a_zone_transfer_is_refused_as_dig_is(self):
        done = self.audit("probe", "dns", "lab.test", "AXFR", "--server", f"{ADDRESS}:{PORT}", "--json")
        seen = json.loads(done.out)["seen"]
        out = subprocess.run([find_program("dig"), f"-p{PORT}", f"@{ADDRESS}", "lab.test", "AXFR", "+noall", "+comments"],
                             capture_output=True, text=True, timeout=20, check=False, stdin=subprocess.DEVNULL).stdout
        self.assertEqual((done.code, seen["transferred"], seen["records"]), (1, False, 0), done)
        self.assertIn("Transfer failed.", out)
        self.assertIn(seen["rcode"], ("REFUSED", "NOTIMP"))  # which dig does not show

    def test_a_resolver_that_keeps_silent_is_a_timeout_and_no_answer(self):
        done = self.audit("probe", "dns", "x.silent.test", "--server", f"{ADDRESS}:{PORT}", "--json", "--timeout", "0.2")
        self.assertEqual((done.code, json.loads(done.out)["reason"]), (2, "timeout"), done)

    def test_a_rule_reads_what_dig_shows(self):
        body = f"""
    local told, last = {{}}, nil
    local function ask(name, type, recursion)
      last = target:dns(name, {{ type = type, server = target.address .. ":{PORT}", recursion = recursion }})
      local words = {{ last.rcode }}
      for _, flag in ipairs {{ "aa", "tc", "rd", "ra", "ad", "cd" }} do
        if last.flags[flag] then words[#words + 1] = flag end
      end
      for _, row in ipairs(last.answers) do words[#words + 1] = row.name .. " " .. row.type .. " " .. row.data end
      told[#told + 1] = table.concat(words, ",")
    end
    ask("mail.lab.test", "A")
    ask("alias.lab.test", "AAAA")
    ask("none.lab.test", "A")
    ask("nobody.test", "A")
    ask("x.refused.test", "A")
    ask("mail.lab.test", "A", false)
    return info(table.concat(told, "|"), last)"""
        done = self.run_inventory(targets(ADDRESS), rules={"lab/asks.lua": rule(body, declares=f'ports = {{ {PORT} }}')})
        expected = []
        for words in (["mail.lab.test", "A"], ["alias.lab.test", "AAAA"], ["none.lab.test", "A"], ["nobody.test", "A"],
                      ["x.refused.test", "A"], ["mail.lab.test", "A", "+norecurse"]):
            status, flags, records = dig(ADDRESS, PORT, *words)
            expected.append(",".join([status, *(flag for flag in ("aa", "tc", "rd", "ra", "ad", "cd") if flag in flags),
                                      *(f"{name} {kind} {data}" for name, _, kind, data in records["answers"])]))
        self.assertEqual(done.check("lab.rule", ADDRESS)["message"].split("|"), expected, done)

    def test_a_run_resolves_its_names_there(self):
        text = targets("mail.lab.test", "127.0.0.13", "::1", "none.lab.test", "x.refused.test", "nobody.test",
                       head=f'select = "dns.name-unresolved"\nresolvers = ["{ADDRESS}:{PORT}"]\n'
                            '[scope]\ninclude = ["127.0.0.0/24", "::1"]')
        done = self.run_inventory(text)
        self.assertEqual(done.status("dns.name-unresolved", "mail.lab.test")[0], "pass", done)
        self.assertEqual(done.target("mail.lab.test")["addresses"], ["127.0.0.13", "::1"])
        self.assertEqual(done.failures(), [("dns.name-unresolved", "none.lab.test")], done)
        for name, rcode in (("x.refused.test", "REFUSED"), ("nobody.test", "SERVFAIL")):
            check = done.check("dns.name-unresolved", name)
            self.assertIn(check["status"], ("error", "not_reviewed"), check)
            self.assertEqual(check["reason"], "unresolved", check)
            self.assertIn(rcode, check["message"])
