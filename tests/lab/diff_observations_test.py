"""What two runs saw differently: ports, certificates, host keys and banners of real servers; and since when something fails."""

import collections
import json

import certificates
import network
import peers
import servers
import tls_servers
from program import LabTest, rule, targets

ADDRESS = "127.0.0.61"
RULES = {
    "banner.lua": rule('    return info("it speaks", target:banner(25))', "lab.banner", "ports = { 25 }"),
    "keys.lua": rule('    return info("it has keys", target:ssh(22))', "lab.keys", "ports = { 22 }"),
    "certificate.lua": rule('    return info("it has one", target:tls(443, { trust = "none" }))', "lab.certificate", "ports = { 443 }"),
    "telnet.lua": rule('    return fail("Telnet answers", target:port(23))', "lab.telnet", 'ports = { 23 }, absent = "pass"'),
}


class DiffObservationsTest(LabTest):
    def setUp(self):
        super().setUp()
        self.state = self.directory / "state"
        self.reports = []

    def kept(self, rules=None, text=None):
        done = self.run_inventory(text or targets(ADDRESS), "--state", self.state, rules=rules or RULES)
        path = self.directory / f"run-{len(self.reports)}.json"
        path.write_bytes(done.report_path.read_bytes())
        self.reports.append(path)
        return done

    def differences(self, *sides, code, options=()):
        done = self.audit("diff", "--observations", *sides, "--state", self.state, "--format", "json", *options)
        self.assertEqual(done.code, code, done)
        return json.loads(done.out)

    def counted(self, told):
        return collections.Counter((one["change"], one["kind"]) for one in told["differences"])

    def test_what_real_servers_show_otherwise_is_told_from_the_history_and_from_reports_alike(self):
        authority = certificates.Authority(self.directory)
        pairs = [authority.issue(name) for name in ("one", "two")]
        with tls_servers.s_server(ADDRESS, pairs[0]), servers.sshd(ADDRESS, kinds=("ed25519", "ecdsa")), \
                servers.telnetd(ADDRESS), peers.saying(ADDRESS, 25, b"220 one\x1b[31m\r\n"):
            self.kept()
        with tls_servers.s_server(ADDRESS, pairs[1]), servers.sshd(ADDRESS, kinds=("ed25519",)), \
                peers.saying(ADDRESS, 25, b"220 two\x1b[31m\r\n"):
            self.kept()
        told = self.differences("last~1", "last", code=1)
        self.assertEqual(self.counted(told), {("gone", "port"): 1, ("changed", "certificate"): 1, ("changed", "host_key"): 1,
                                              ("gone", "host_key"): 1, ("changed", "banner"): 1}, told)
        by = {(one["change"], one["kind"]): one for one in told["differences"]}
        self.assertEqual(by["gone", "port"]["endpoint"], f"tcp/{ADDRESS}:23")
        certificate = by["changed", "certificate"]
        self.assertEqual([certificate[side][0]["fingerprint_sha256"] for side in ("was", "now")], [pair.fingerprint() for pair in pairs])
        self.assertEqual([certificate[side][0]["subject"] for side in ("was", "now")], ["CN=one", "CN=two"])
        self.assertEqual(by["changed", "host_key"]["type"], "ssh-ed25519")
        self.assertEqual(by["gone", "host_key"]["type"], "ecdsa-sha2-nistp256")
        self.assertEqual([by["changed", "banner"][side][0]["bytes"] for side in ("was", "now")],
                         [f"220 {word}\\x1b[31m\\r\\n" for word in ("one", "two")])
        for sides in ((self.reports[0], self.reports[1]), ("last~1", self.reports[1]), (self.reports[0], "last")):
            self.assertEqual(self.differences(*sides, code=1)["differences"], told["differences"], sides)
        back = self.differences("last", "last~1", code=1)
        self.assertEqual(self.counted(back), {("new", "port"): 1, ("changed", "certificate"): 1, ("changed", "host_key"): 1,
                                              ("new", "host_key"): 1, ("changed", "banner"): 1})
        for sides in (("last", "last"), (self.reports[0], "last~1"), (self.reports[1], self.reports[1])):
            same = self.differences(*sides, code=0)
            self.assertEqual((same["differences"], same["summary"]["same"] > 0), ([], True))
        for form in ("text", "markdown", "html"):
            done = self.audit("diff", "last~1", "last", "--observations", "--state", self.state, "--format", form)
            self.assertEqual(done.code, 1, done)
            for words in ("CN=one", "CN=two", "SSH host key", ADDRESS):
                self.assertIn(words, done.out.replace("\\", ""), form)
            self.assertNotIn("\x1b", done.out)

    def test_what_was_not_looked_at_or_gave_no_answer_is_unknown_and_never_gone(self):
        with servers.sshd(ADDRESS), servers.telnetd(ADDRESS), peers.saying(ADDRESS, 25, b"220 one\r\n"):
            self.kept()
            fewer = {name: RULES[name] for name in ("banner.lua", "telnet.lua")}
            (self.directory / "rules/keys.lua").unlink()
            (self.directory / "rules/certificate.lua").unlink()
            self.kept(fewer)
            told = self.differences("last~1", "last", code=2)
            self.assertEqual(self.counted(told), {("unknown_now", "port"): 1, ("unknown_now", "host_key"): 2}, told)
            self.assertEqual({one["endpoint"] for one in told["differences"]}, {f"tcp/{ADDRESS}:22"})
            self.assertEqual(self.counted(self.differences("last", "last~1", code=1)),
                             {("unknown_before", "port"): 1, ("unknown_before", "host_key"): 2})
        with servers.sshd("127.0.0.62"):
            self.kept(RULES, targets("127.0.0.62"))
        elsewhere = self.differences(self.reports[0], self.reports[2], code=3)
        self.assertEqual(elsewhere["summary"]["gone"] + elsewhere["summary"]["changed"] + elsewhere["summary"]["new"], 0, elsewhere)
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with network.firewall() as firewall:
            firewall.drop(ADDRESS)
            self.kept()
        silent = self.differences(self.reports[0], self.reports[3], code=2)
        self.assertEqual({one["change"] for one in silent["differences"]}, {"unknown_now"})
        self.assertEqual(self.counted(silent)["unknown_now", "port"], 3, silent)

    def test_a_port_of_a_large_sweep_is_gone_once_it_is_closed(self):
        text = targets(ADDRESS, head='select = "policy.*"').replace(f'"{ADDRESS}"', f'"{ADDRESS}"\nexpect.tcp = {{ sweep = "1-1024", allow = [22] }}')
        with servers.sshd(ADDRESS), servers.telnetd(ADDRESS), peers.saying(ADDRESS, 25, b"220 one\r\n"):
            self.kept(RULES, text)
        with servers.sshd(ADDRESS), peers.saying(ADDRESS, 25, b"220 one\r\n"):
            self.kept(RULES, text)
        with servers.sshd(ADDRESS):
            self.kept(RULES, text)
        for sides in (("last~2", "last~1"), (self.reports[0], self.reports[1]), ("last~1", "last")):
            told = self.differences(*sides, code=1)
            self.assertEqual(self.counted(told), {("gone", "port"): 1}, told)

    def test_reports_say_since_when_something_fails_and_keep_it(self):
        with servers.telnetd(ADDRESS):
            first = self.kept()
            began = first.report["run"]["started"]
            self.assertEqual(self.dates(first.report), (began, began))
            RULES_REWORDED = {**RULES, "telnet.lua": RULES["telnet.lua"].replace("Telnet answers", "In other words")}
            second = self.kept(RULES_REWORDED)
            self.assertEqual(self.dates(second.report), (began, second.report["run"]["started"]))
            self.assertIn(f"In other words (since {began[:10]})", second.out)
            without = self.run_inventory(targets(ADDRESS), rules=RULES)
            self.assertNotIn("first_seen", json.dumps(without.report))
            self.assertNotIn("(since ", without.out)
        for number, word in enumerate(("last~1", "last")):
            again = self.directory / "again.json"
            self.assertEqual(self.audit("report", word, "--state", self.state, "--report", f"json={again}").code, 0)
            self.assertEqual(again.read_bytes(), self.reports[number].read_bytes())
        page = self.audit("report", "last", "--state", self.state, "--report", "html").out
        self.assertIn(f'Since <time datetime="{began}">', page)
        self.kept()
        for sides in ((self.reports[0], self.reports[1]), ("last~2", "last~1")):
            done = self.audit("diff", *sides, "--state", self.state, "--format", "json")
            (changed,) = json.loads(done.out)["changed"]
            self.assertEqual((changed["first_seen"], changed["last_seen"]), (began, second.report["run"]["started"]))
        done = self.audit("diff", "last~1", "last", "--state", self.state, "--format", "json")
        (fixed,) = json.loads(done.out)["fixed"]
        self.assertEqual((fixed["first_seen"], fixed["last_seen"]), (began, second.report["run"]["started"]))
        self.assertIn(f"since {began[:10]}, last seen {began[:10]}", self.audit("diff", "last~1", "last", "--state", self.state).out)

    @staticmethod
    def dates(report):
        (found,) = [check for check in report["checks"] if check["rule"] == "lab.telnet"]
        return found["first_seen"], found["last_seen"]
