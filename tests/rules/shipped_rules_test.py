"""Each shipped rule against a real server that is as it should be, one that is not, and none at all."""

import network
import peers
import servers
import web_servers
from program import LabTest, targets

ADDRESS = "127.0.0.20"


class RuleTest(LabTest):
    RULE = ""

    def judge(self, head=""):
        done = self.run_inventory(targets(ADDRESS, head=f'select = "{self.RULE}"\n{head}\n'))
        self.assertEqual([rule["id"] for rule in done.report["rules"]], [self.RULE], done)
        return done.check(self.RULE, ADDRESS)

    def judge_silent(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with network.firewall() as firewall:
            firewall.drop(ADDRESS)
            return self.judge('[limits]\ntimeout = "200ms"\nattempts = 1')

    def judge_without_a_route(self):
        done = self.run_inventory(targets("192.0.2.1", head=f'select = "{self.RULE}"\n[limits]\ntimeout = "200ms"\nattempts = 1'))
        return done.check(self.RULE, "192.0.2.1")


class TelnetTest(RuleTest):
    RULE = "exposure.telnet-open"

    def test_an_open_telnet_fails_with_its_banner(self):
        with servers.telnetd(ADDRESS):
            check = self.judge()
        self.assertEqual((check["status"], check["severity"]), ("fail", "high"), check)
        self.assertIn("banner", [item.get("label") for item in check["evidence"]], check)

    def test_a_closed_telnet_passes(self):
        self.assertEqual(self.judge()["status"], "pass")

    def test_a_telnet_port_that_says_nothing_fails_all_the_same(self):
        with peers.silent(ADDRESS, 23):
            self.assertEqual(self.judge('[limits]\ntimeout = "300ms"')["status"], "fail")

    def test_a_host_that_gives_no_sign_of_life_is_not_reviewed(self):
        self.assertEqual(self.judge_silent()["status"], "not_reviewed")

    def test_no_route_is_an_error(self):
        check = self.judge_without_a_route()
        self.assertEqual((check["status"], check["reason"]), ("error", "local_fault"))


class FtpTest(RuleTest):
    RULE = "exposure.ftp-open"

    def test_an_open_ftp_fails(self):
        with servers.vsftpd(ADDRESS):
            check = self.judge()
        self.assertEqual(check["status"], "fail", check)
        self.assertIn("vsFTPd", str(check["evidence"]))

    def test_a_closed_ftp_passes(self):
        self.assertEqual(self.judge()["status"], "pass")

    def test_a_host_that_gives_no_sign_of_life_is_not_reviewed(self):
        self.assertEqual(self.judge_silent()["status"], "not_reviewed")


class SshVersionTest(RuleTest):
    RULE = "ssh.version"

    def test_a_current_server_passes_with_its_banner(self):
        with servers.sshd(ADDRESS):
            check = self.judge()
        self.assertEqual(check["status"], "pass", check)
        self.assertIn("SSH-2.0-OpenSSH", str(check))

    def test_ssh_1_fails(self):
        with peers.ssh1(ADDRESS):
            check = self.judge()
        self.assertEqual(check["status"], "fail", check)
        self.assertIn("SSH-1.5", str(check))

    def test_a_server_that_also_speaks_ssh_1_fails(self):
        # RFC 4253, section 5.1: 1.99 says that both are spoken.
        with peers.saying(ADDRESS, 22, b"SSH-1.99-Old_1.0\r\n"):
            self.assertEqual(self.judge()["status"], "fail")

    def test_something_else_on_the_port_does_not_pass(self):
        with peers.saying(ADDRESS, 22, b"220 mail ready\r\n"):
            self.assertNotEqual(self.judge()["status"], "pass")

    def test_a_port_that_says_nothing_does_not_pass(self):
        with peers.silent(ADDRESS, 22):
            check = self.judge('[limits]\ntimeout = "300ms"\nattempts = 1')
        self.assertEqual((check["status"], check["reason"]), ("error", "timeout"), check)

    def test_a_banner_after_other_lines_is_found(self):
        # RFC 4253, section 4.2: a server may send other lines first.
        with peers.saying(ADDRESS, 22, b"Welcome\r\nto the lab\r\nSSH-2.0-Polite\r\n"):
            self.assertEqual(self.judge()["status"], "pass")

    def test_no_server_is_not_applicable(self):
        self.assertEqual(self.judge()["status"], "not_applicable")

    def test_a_host_that_gives_no_sign_of_life_is_not_reviewed(self):
        self.assertEqual(self.judge_silent()["status"], "not_reviewed")


class SharedHostKeyTest(LabTest):
    RULE = "ssh.shared-host-key"
    HEAD = f'select = "{RULE}"\n{{}}\n[limits]\ntimeout = "200ms"\nattempts = 1\n'
    FIRST, SECOND, THIRD = "127.0.0.21", "127.0.0.22", "127.0.0.23"

    def judge(self, *addresses, head=""):
        done = self.run_inventory(targets(*addresses, head=self.HEAD.format(head)))
        self.assertEqual(done.report["summary"]["planned"], 1, done)
        return done.check(self.RULE, "*")

    def test_hosts_with_keys_of_their_own_pass(self):
        with servers.sshd(self.FIRST), servers.dropbear(self.SECOND):
            check = self.judge(self.FIRST, self.SECOND, self.THIRD)
        self.assertEqual((check["status"], check["message"]),
                         ("pass", "5 keys of 2 targets: no two hosts share one"), check)
        self.assertEqual(check["evidence"][-1]["value"], {"absent": 1, "collected": 2, "missing": 0, "targets": 3}, check)

    def test_two_hosts_with_one_key_fail_with_both_as_evidence(self):
        with servers.sshd(self.FIRST, settings=f"ListenAddress {self.SECOND}"), servers.sshd(self.THIRD):
            check = self.judge(self.FIRST, self.SECOND, self.THIRD)
        self.assertEqual((check["status"], check["severity"]), ("fail", "high"), check)
        self.assertRegex(check["message"], rf"SHA256:\S+ is the key of {self.FIRST}, {self.SECOND}; SHA256:\S+ is")
        labels = {item["label"] for item in check["evidence"]}
        self.assertEqual(labels, {self.FIRST, self.SECOND, "collection"}, check)
        self.assertNotIn(self.THIRD, check["message"])

    def test_a_host_under_two_names_shares_its_keys_with_nobody(self):
        with servers.sshd("127.0.0.12"), servers.named():
            check = self.judge("127.0.0.12", "ssh.lab.test", head='resolvers = ["127.0.0.1:5353"]')
        self.assertEqual((check["status"], check["evidence"][-1]["value"]["collected"]), ("pass", 2), check)

    def test_a_server_that_says_no_key_leaves_it_not_reviewed(self):
        with servers.sshd(self.FIRST), peers.saying(self.SECOND, 22, b"SSH-2.0-none\r\n" + bytes(64)):
            check = self.judge(self.FIRST, self.SECOND)
        self.assertEqual(check["status"], "not_reviewed", check)
        self.assertIn("1 of 2 targets is missing", check["message"])

    def test_a_silent_host_leaves_it_not_reviewed(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with network.firewall() as firewall, servers.sshd(self.FIRST):
            firewall.drop(self.SECOND)
            check = self.judge(self.FIRST, self.SECOND)
        self.assertEqual((check["status"], check["reason"]), ("not_reviewed", "unreachable"), check)

    def test_no_ssh_at_all_is_not_applicable(self):
        self.assertEqual(self.judge(self.FIRST, self.SECOND)["status"], "not_applicable")


class WebTest(RuleTest):
    RULE = "web.http-answers"

    def test_a_web_server_on_any_of_its_ports_is_seen_with_its_status_line(self):
        for port in (80, 8080):
            with self.subTest(port), servers.nginx(ADDRESS, port):
                check = self.judge()
                self.assertIn(check["status"], ("pass", "informational"), check)
                self.assertIn("200", str(check))

    def test_a_port_that_speaks_no_http_does_not_pass(self):
        with peers.saying(ADDRESS, 80, b"220 mail ready\r\n"):
            check = self.judge('[limits]\ntimeout = "500ms"\nattempts = 1')
        self.assertNotIn(check["status"], ("pass", "informational"), check)

    def test_a_server_that_answers_with_an_error_of_its_own_fails(self):
        with servers.nginx(ADDRESS, 80, location="location / { return 503; }"):
            check = self.judge()
        self.assertEqual(check["status"], "fail", check)
        self.assertIn("503", check["message"])

    def test_one_port_of_several_that_speaks_no_http_fails_the_check(self):
        with servers.nginx(ADDRESS, 8080), peers.saying(ADDRESS, 80, b"220 mail ready\r\n"):
            check = self.judge('[limits]\ntimeout = "500ms"\nattempts = 1')
        self.assertEqual(check["status"], "fail", check)
        self.assertEqual([result["status"] for result in check["results"]].count("pass"), 1, check)

    def test_a_web_server_behind_tls_is_asked_over_tls(self):
        with web_servers.nginx(ADDRESS):
            check = self.judge()
        self.assertEqual([result["status"] for result in check["results"]], ["pass", "pass"], check)

    def test_a_port_443_that_speaks_something_else_fails(self):
        with servers.sshd(ADDRESS, 443):
            self.assertEqual(self.judge()["status"], "fail")

    def test_a_port_443_that_answers_with_tls_is_not_called_broken(self):
        with peers.saying(ADDRESS, 443, b"\x15\x03\x01\x00\x02\x02\x46"):
            self.assertEqual(self.judge()["status"], "informational")

    def test_no_server_is_not_applicable(self):
        self.assertEqual(self.judge()["status"], "not_applicable")

    def test_a_host_that_gives_no_sign_of_life_is_not_reviewed(self):
        self.assertEqual(self.judge_silent()["status"], "not_reviewed")


class ManagementTest(RuleTest):
    RULE = "access.management"

    def test_ssh_is_ssh_even_beside_telnet(self):
        with servers.sshd(ADDRESS), servers.telnetd(ADDRESS):
            check = self.judge()
        self.assertRegex(check["message"], r"\bssh\b", check)
        self.assertNotIn("telnet-only", check["message"])

    def test_telnet_alone_is_telnet_only(self):
        with servers.telnetd(ADDRESS):
            self.assertIn("telnet-only", self.judge()["message"])

    def test_neither_is_unreachable(self):
        check = self.judge()
        self.assertIn("unreachable", check["message"], check)

    def test_a_silent_host_is_classified_too(self):
        check = self.judge_silent()
        self.assertIn("unreachable", str(check), check)
        self.assertNotEqual(check["status"], "pass")

    def test_no_route_is_no_class(self):
        check = self.judge_without_a_route()
        self.assertEqual((check["status"], check["reason"]), ("error", "local_fault"), check)


class NamesTest(LabTest):
    """dns.name-unresolved and dns.reverse-missing are in tests/lab/names_test.py, which has their name server."""

    def test_both_rules_are_shipped(self):
        with servers.named():
            done = self.run_inventory(targets(ADDRESS, head='select = "dns.*"\nresolvers = ["127.0.0.1:5353"]'))
        self.assertEqual({rule["id"] for rule in done.report["rules"]}, {"dns.name-unresolved", "dns.reverse-missing"})
