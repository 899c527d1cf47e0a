"""`audit probe`: one question by hand, the same answers as in a run."""

import json
import socket

import network
import peers
import servers
from program import LabTest, rule, targets


class ProbeTest(LabTest):
    def probe(self, *words, **options):
        return self.audit("probe", *words, **options)

    def json_of(self, *words):
        done = self.probe(*words, "--json")
        try:
            document = json.loads(done.out)
        except ValueError:
            document = [json.loads(line) for line in done.out.splitlines()]
        self.assertNotEqual(document, [], done)
        return done, document

    def test_port_tells_open_from_closed_on_every_address_and_port(self):
        with servers.sshd("127.0.0.12"):
            done = self.probe("port", "127.0.0.12", "127.0.0.14", "22-25,443")
        self.assertRegex(done.out, r"(?m)127\.0\.0\.12.*\b22\b.*open")
        self.assertIn("closed", done.out, done)
        self.assertIn(done.code, (0, 1), done)

    def test_port_takes_a_cidr(self):
        with peers.silent("127.0.9.3", 7000):
            done = self.probe("port", "127.0.9.0/29", "7000")
        self.assertRegex(done.out, r"(?m)127\.0\.9\.3.*open")
        self.assertNotIn("127.0.9.0 ", done.out)

    def test_port_says_filtered_where_nothing_answers(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with network.firewall() as firewall:
            firewall.drop("127.0.0.66")
            done = self.probe("port", "127.0.0.66", "23", timeout=60)
        self.assertRegex(done.out, "filtered|unreachable", done)
        self.assertNotIn("closed", done.out)

    def test_a_local_fault_is_never_closed(self):
        with network.no_route("198.51.100.0/24"):
            done = self.probe("port", "198.51.100.1", "23")
        self.assertNotIn("closed", done.out, done)
        self.assertIn("local_fault", done.out + done.err, done)
        self.assertNotEqual(done.code, 0, done)

    def test_banner_shows_what_is_said_first(self):
        with servers.sshd("127.0.0.12"):
            done, document = self.json_of("banner", "127.0.0.12", "22")
        self.assertIn("SSH-2.0-OpenSSH", str(document), done)
        self.assertEqual(done.code, 0, done)

    def test_a_hostile_banner_is_escaped(self):
        with peers.hostile("127.0.0.20", 7000):
            done = self.probe("banner", "127.0.0.20", "7000")
        self.assertNotIn("\x1b", done.out)
        self.assertNotIn("\x00", done.out)
        self.assertIn("<script>", done.out, done)

    def test_what_a_message_quotes_of_a_peer_is_escaped_once(self):
        words = b"\x16\x03 C:\\x41 \x00\xff\r\n"
        shown = "\\x16\\x03 C:\\\\x41 \\x00\\xff"
        rules = {"quoted.lua": rule('    target:ssh(22)', "lab.quoted", "ports = { 22 }"),
                 "again.lua": rule('    local _, _, message = try(target.ssh, target, 22)\n    return info(message)', "lab.again", "ports = { 22 }")}
        with peers.serving("127.0.0.20", 22, lambda connection, peer: connection.sendall(words)):
            done = self.probe("ssh", "127.0.0.20", "22")
            self.assertEqual(done.code, 2, done)
            self.assertIn(f"`{shown}`", done.err, done)
            done, document = self.json_of("ssh", "127.0.0.20", "22")
            self.assertIn(f"`{shown}`", document["message"], done)
            done = self.run_inventory(targets("127.0.0.20"), rules=rules)
        self.assertIsNotNone(done.report, done)
        for check in done.report["checks"]:
            self.assertIn(f"`{shown}`", check["message"], check)
            self.assertIn(f"`{shown}`", done.out.replace("\n", ""), done)

    def test_of_a_network_a_host_that_accepts_and_says_nothing_is_told(self):
        with peers.saying("127.0.0.21", 7000, b"hello\r\n"), peers.silent("127.0.0.22", 7000):
            done = self.probe("tcp", "127.0.0.20/30", "7000", "--timeout", "0.5")
        self.assertEqual((done.code, done.out), (2, "hello\\r\\n\n"), done)
        self.assertIn("tcp/127.0.0.22:7000", done.err)

    def test_a_backslash_that_begins_no_escape_is_a_mistake(self):
        for text, named in (("a\\q", "\\q"), ("\\", "\\"), ("\\x4", "\\x"), ("\\\\\\z", "\\z"), ("\\u{110000}", "\\u"), ("\\u{d800}", "\\u"), ("\\u{}", "\\u")):
            for option in ("--send", "--expect"):
                with self.subTest(option, text=text):
                    self.assertUsage(self.probe("tcp", "127.0.0.13", "80", option, text), f"{option}: `{named}` is none of the escapes")
        with peers.saying("127.0.0.20", 7000, b"a\\b\tA"):
            done = self.probe("tcp", "127.0.0.20", "7000", "--expect", "a\\\\b\\t\\x41")
        self.assertEqual(done.code, 0, done)

    def test_a_network_hides_no_local_fault_and_counts_who_was_passed_over(self):
        for words in (("ssh",), ("banner", "--json"), ("tls",)):
            with self.subTest(words):
                done = self.probe(words[0], "10.9.9.0/30", "22", *words[1:])
                self.assertEqual((done.code, "local_fault" in done.out + done.err), (2, True), done)
        with peers.saying("127.0.0.21", 7000, b"hello\r\n"):
            for words in (("banner",), ("tcp", "--expect", "hello")):
                with self.subTest(words):
                    done = self.probe(words[0], "127.0.0.20/30", "7000", *words[1:])
                    self.assertEqual((done.code, "1 closed, 0 without an answer" in done.err), (0, True), done)
            done = self.probe("tcp", "127.0.0.20/30", "7000", "--expect", "goodbye")
            self.assertEqual(done.code, 1, done)
        done = self.probe("banner", "127.0.0.24/30", "7000")
        self.assertEqual(done.code, 1, done)

    def test_no_redirect_leads_to_a_printer(self):
        heard = []
        def printer(connection, _peer):
            heard.append(connection.recv(4096))
        def web(connection, _peer):
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.31:9100/print\r\nContent-Length: 0\r\n\r\n")
        with peers.serving("127.0.0.31", 80, web), peers.serving("127.0.0.31", 9100, printer):
            done = self.probe("http", "http://127.0.0.31/", "--follow", "1")
            self.assertEqual(heard, [], done)
            self.assertIn("9100", done.out + done.err)
            self.probe("http", "http://127.0.0.31:9100/", "--timeout", "1")
            self.assertEqual(len(heard), 1, "named alone it is asked")

    def test_timeout_is_of_the_answer_too(self):
        def late(connection, peer):
            peer.closing.wait(6)
            connection.sendall(b"hello\r\n")
        with peers.serving("127.0.0.20", 7000, late):
            done = self.probe("tcp", "127.0.0.20", "7000", "--timeout", "50", "--expect", "hello")
            self.assertEqual(done.code, 0, "it says hello after more than the 5 seconds that are usual")

    def test_a_header_is_given_once(self):
        done = self.probe("http", "http://127.0.0.31/", "--header", "X-A: 1", "--header", "x-a: 2")
        self.assertUsage(done, "`x-a` is given twice")

    def test_tcp_says_something_and_expects_an_answer(self):
        with servers.nginx("127.0.0.13"):
            done = self.probe("tcp", "127.0.0.13", "80", "--send", "GET / HTTP/1.0\\r\\n\\r\\n", "--expect", "200 OK")
            self.assertEqual(done.code, 0, done)
            self.assertIn("200 OK", done.out)
            done = self.probe("tcp", "127.0.0.13", "80", "--send", "hex:474554202f20485454502f312e300d0a0d0a", "--expect", "nginx")
            self.assertEqual(done.code, 0, done)
            done = self.probe("tcp", "127.0.0.13", "80", "--send", "GET / HTTP/1.0\\r\\n\\r\\n", "--expect", "no such words")
            self.assertNotEqual(done.code, 0, done)

    def test_udp_says_something_and_expects_an_answer(self):
        with peers.udp("127.0.0.20", 7007, lambda data: [b"echo " + data]):
            done = self.probe("udp", "127.0.0.20", "7007", "--send", "hello", "--expect", "echo hello")
            self.assertEqual(done.code, 0, done)
            self.assertIn("echo hello", done.out)
        done = self.probe("udp", "127.0.0.20", "7007", "--send", "hello")
        self.assertIn("closed", done.out, done)

    def test_udp_from_another_source_is_not_the_answer(self):
        # Another address, another port of the same: the first word of each would be the answer.
        for source in (("127.0.0.21", 7007), ("127.0.0.20", 7008)):
            with self.subTest(source), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked, \
                    socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                asked.bind(("127.0.0.20", 7007))
                other.bind(source)
                running = self.start("probe", "udp", "127.0.0.20", "7007", "--send", "hello", "--timeout", "20", "--json")
                _, client = asked.recvfrom(100)
                other.sendto(b"a lie", client)
                asked.sendto(b"the truth", client)
                done = running.end()
                self.assertIn("the truth", done.out, done)
                self.assertNotIn("a lie", done.out, done)

    def test_http_shows_the_status_line(self):
        with servers.nginx("127.0.0.13"):
            done, document = self.json_of("http", "http://127.0.0.13/")
        self.assertIn("200", str(document), done)
        self.assertEqual(done.code, 0, done)

    def test_words_that_make_no_sense_are_usage_errors(self):
        for words in (["port", "127.0.0.1", "0-70000"], ["port", "300.0.0.1/99", "22"], ["tcp", "127.0.0.1"],
                      ["tcp", "127.0.0.1", "22", "--send", "hex:0g"], ["http", "gopher://127.0.0.1/"], ["dns", "-x", "no-address"]):
            with self.subTest(words):
                done = self.probe(*words)
                self.assertEqual(done.code, 64, done)
                self.assertNotEqual(done.err, "")

    def test_a_range_that_runs_over_the_ports_of_printers_leaves_them_out_and_says_so(self):
        with peers.silent("127.0.0.20", 9101) as printer, peers.silent("127.0.0.20", 9110) as other:
            done = self.probe("banner", "127.0.0.20", "9099-9110", "--timeout", "0.2")
            self.assertEqual((printer.accepted, other.accepted > 0), (0, True), done)
            self.assertIn("left out tcp/9100-9107", done.err)
            done = self.probe("port", "127.0.0.20", "9101,9110")
            self.assertEqual(printer.accepted, 0, done)
            self.assertIn("left out tcp/9101, where printers print what they are sent; name it alone", done.err)
            done = self.probe("port", "127.0.0.20", "9101")
            self.assertRegex(done.out, r"tcp/9101 .*open")
            self.assertEqual((done.code, done.err), (0, ""), done)

    def test_what_is_no_domain_name_is_asked_of_nobody(self):
        done = self.probe("dns", "a..b")
        self.assertEqual(done.code, 64, done)
        self.assertIn("a label is empty", done.err)

    def test_dns_needs_a_resolver_and_says_where_there_is_none(self):
        done = self.probe("dns", "ssh.lab.test", timeout=60)
        self.assertNotEqual(done.code, 0, done)
        self.assertNotIn("127.0.0.12", done.out)
