"""`http` on real web servers says what curl says, and survives every server that does not behave."""

import contextlib
import gzip
import json
import re
import socket
import struct
import subprocess
import time

import peers
import web_servers
from processes import NotThere, find_program
from program import LabTest, rule, targets

ADDRESS = "127.0.0.31"


def unescaped(text):
    """The bytes of what `--json` shows, of a text that is all ASCII."""
    return text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t").replace("\\\\", "\\")


def headers_of(lines):
    """The last head of curl's dump as our fields: lower-case names, joined, Set-Cookie a list; no Date."""
    heads = re.split(r"\r?\n\r?\n", lines.strip("\r\n"))
    headers = {}
    for line in heads[-1].splitlines()[1:]:
        name, value = line.split(":", 1)
        name, value = name.lower(), value.strip()
        if name == "set-cookie":
            headers.setdefault(name, []).append(value)
        else:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    headers.pop("date", None)
    return headers


class HttpTest(LabTest):
    def ask(self, url, *options):
        done = self.audit("probe", "http", url, "--json", *options)
        self.assertNotEqual(done.out, "", done)
        return json.loads(done.out.splitlines()[0])

    def curl(self, url, *options):
        """status, number of redirects, last URL, headers, body."""
        body, head = self.directory / "body", self.directory / "head"
        body.write_bytes(b"")
        done = subprocess.run([find_program("curl"), "-sk", "-A", "audit", "-o", str(body), "-D", str(head), "-w",
                               "%{http_code} %{num_redirects} %{url_effective}", *options, url], capture_output=True,
                              text=True, timeout=30, stdin=subprocess.DEVNULL)
        status, redirects, last = done.stdout.split()
        said = b"" if "-I" in options else body.read_bytes()  # with -I the head is the body
        return int(status), int(redirects), last, headers_of(head.read_text()), said.decode()

    def assertAgrees(self, url, ours=(), curls=()):
        seen = self.ask(url, *ours)["seen"]
        status, redirects, last, headers, body = self.curl(url, *curls)
        mine = dict(seen["headers"])
        mine.pop("date", None)
        mine = {name: [unescaped(item) for item in value] if isinstance(value, list) else unescaped(value)
                for name, value in mine.items()}
        self.assertEqual((seen["status"], seen["url"], mine), (status, last, headers), url)
        self.assertEqual(sum(item["followed"] for item in seen["redirects"]), redirects, url)
        self.assertEqual(unescaped(seen["body"]), body[:len(unescaped(seen["body"]))], url)
        self.assertEqual(seen.get("body_bytes", len(unescaped(seen["body"]))), len(body), url)
        return seen

    def check_agreement(self, serve, plain, secure):
        with serve(ADDRESS):
            for scheme, host in (("http", plain), ("https", secure)):
                base = f"{scheme}://{host}"
                with self.subTest(scheme):
                    page = self.assertAgrees(base + "/")
                    self.assertEqual(page["title"], "The lab & its page")
                    self.assertEqual("tls" in page, scheme == "https")
                    for path in ("/permanent", "/down"):
                        self.assertAgrees(base + path)
                        self.assertAgrees(base + path, ["--follow", "5"], ["-L"])
                    if scheme == "https":
                        continue  # the rest is the same under TLS, and each start of a program costs
                    self.assertAgrees(base + "/none?a=b")
                    self.assertAgrees(base + "/long.txt", ["--max-body", "1000000"])
                    self.assertAgrees(base + "/cookies")
                    self.assertAgrees(base + "/nothing")
                    self.assertAgrees(base + "/long.txt", ["--method", "HEAD"], ["-I"])
                    self.assertAgrees(base + "/", ["--method", "OPTIONS"], ["-X", "OPTIONS"])
                    self.assertAgrees(base + "/none", ["--data", "a=b", "--header", "Content-Type: text/plain"],
                                      ["-d", "a=b", "-H", "Content-Type: text/plain"])
                    coded = self.assertAgrees(base + "/long.txt", ["--header", "Accept-Encoding: gzip"],
                                              ["--compressed", "-H", "Accept-Encoding: gzip"])
                    self.assertEqual(coded["encoding"], "gzip")
                    self.assertEqual(coded["decoded_bytes"], len(web_servers.LONG))
                    self.assertLess(coded["encoded_bytes"], coded["decoded_bytes"])
                    parts = self.ask(base + "/part.shtml")["seen"]
                    self.assertEqual(parts["headers"].get("transfer-encoding"), "chunked")
                    self.assertTrue(parts["body"].startswith("before ") and parts["body"].endswith(" after\\n"), parts)
                    denied = self.assertAgrees(base + "/private/")
                    self.assertEqual(denied["status"], 401)
                    self.assertAgrees(base + "/private/", ["--header", f"Authorization: {web_servers.authorization()}"],
                                      ["-u", f"{web_servers.USER}:{web_servers.PASSWORD}"])
                    for path in ("/moved", "/found", "/kept"):
                        self.assertAgrees(base + path)
                        self.assertAgrees(base + path, ["--follow", "5", "--max-body", "1000000"], ["-L"])
                    once = self.ask(base + "/found", "--follow", "1")["seen"]  # curl gives no body here
                    self.assertEqual((once["status"], once["url"], once["redirects"][1]["why"]),
                                     (301, base + "/moved", "limit"))
                    loop = self.assertAgrees(base + "/loop", ["--follow", "5"], [])
                    self.assertEqual([item["why"] for item in loop["redirects"]], ["loop"])
            down = self.ask(f"https://{secure}/down", "--follow", "5")["seen"]
            self.assertEqual([item["downgrade"] for item in down["redirects"]], [True])
            self.assertEqual(page["tls"]["verified"], False)

    def test_nginx_answers_as_curl_says(self):
        self.check_agreement(web_servers.nginx, ADDRESS, ADDRESS)

    def test_apache_answers_as_curl_says(self):
        try:
            find_program("apache2")
        except NotThere as why:
            self.skipTest(str(why))
        self.check_agreement(web_servers.apache, f"{ADDRESS}:8080", f"{ADDRESS}:8443")

    def test_a_redirect_off_the_target_is_listed_and_nobody_is_asked_there(self):
        with web_servers.nginx(ADDRESS), peers.http("127.0.0.99", 80, b"HTTP/1.1 200 OK\r\n\r\n") as outside:
            seen = self.ask(f"http://{ADDRESS}/out", "--follow", "10")["seen"]
            self.assertEqual((seen["status"], seen["redirects"][0]["why"]), (302, "out_of_scope"))
            self.assertEqual(outside.accepted, 0)

    def test_a_check_asks_over_one_connection_and_secrets_stay_out_of_the_report(self):
        body = """
    local headers = { Authorization = "%s" }
    local ports = {}
    for n = 1, 3 do
      local answer = target:http(443, { path = "/private/", headers = headers, fresh = true })
      ports[n] = answer["local"]
      if answer.status ~= 200 or answer.reused ~= (n > 1) or not answer.tls.version:find("^TLSv1") then
        return fail("answer " .. n .. " was " .. answer.status, answer)
      end
    end
    target:banner(80, { send = "GET / HTTP/1.0\\r\\n\\r\\n" })
    local last = target:http(443, { path = "/private/", headers = headers, fresh = true })
    if ports[1] ~= ports[3] or last.reused then return fail("not one connection", last) end
    return pass("one connection", last)""" % web_servers.authorization()
        with web_servers.nginx(ADDRESS):
            done = self.run_inventory(targets(ADDRESS), rules={"lab/kept.lua": rule(body, declares="ports = { 443 }")})
        self.assertEqual(done.status("lab.rule", ADDRESS), ("pass", "observed"), done)
        self.assertNotIn(web_servers.authorization().split()[1], done.report_path.read_text())
        self.assertIn("Authorization: (not shown)", done.report_path.read_text())

    def test_a_named_credential_opens_the_door_and_shows_nowhere(self):
        body = """
    local answer = target:http(80, { path = "/private/", auth = "door" })
    if answer.status == 200 then return pass(answer.body, answer) end
    return fail("status " .. answer.status, answer)"""
        rules = {"lab/door.lua": rule(body, declares="ports = { 80 }")}
        secret = f"{web_servers.USER}:{web_servers.PASSWORD}"
        page = self.directory / "report.html"
        (self.directory / "secret").write_text(secret + "\n")
        (self.directory / "secret").chmod(0o600)
        plans = {  # how the inventory names it: status, reason
            '[credentials.door]\nenv = "LAB_DOOR"': ("pass", "observed"),
            '[credentials.door]\nfile = "secret"': ("pass", "observed"),
            '[credentials.door]\nenv = "LAB_NOWHERE"': ("not_reviewed", "missing_credential"),
            '[groups.others]\n[credentials.door]\nenv = "LAB_DOOR"\ngroups = ["others"]': ("not_reviewed", "missing_credential"),
            '[credentials.other]\nenv = "LAB_DOOR"': ("not_reviewed", "missing_credential"),
        }
        with web_servers.nginx(ADDRESS):
            for written, ended in plans.items():
                with self.subTest(written):
                    done = self.run_inventory(targets(ADDRESS, head=written + "\ncleartext = true"), "--report", f"html={page}", rules=rules,
                                              environment={"LAB_DOOR": secret})
                    self.assertEqual(done.status("lab.rule", ADDRESS), ended, done)
                    for text in (done.out, done.err, done.report_path.read_text(), page.read_text()):
                        self.assertNotIn(web_servers.PASSWORD, text)
                        self.assertNotIn(web_servers.authorization().split()[1], text)
                    if ended[0] == "pass":
                        self.assertIn("Authorization: (credential door)", done.report_path.read_text())

    def test_a_server_that_closes_at_the_second_request_is_asked_again(self):
        def one_each(connection, peer):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            connection.recv(65536)
        body = """
    target:http(7000)
    local again = target:http(7000, { fresh = true })
    return pass("attempts " .. again.attempts .. " reused " .. tostring(again.reused), again)"""
        with peers.serving(ADDRESS, 7000, one_each):
            done = self.run_inventory(targets(ADDRESS), rules={"lab/again.lua": rule(body)})
        self.assertEqual(done.check("lab.rule", ADDRESS)["message"], "attempts 2 reused false", done)


OK = b"HTTP/1.1 200 OK\r\n"
BOMB = gzip.compress(b"\0" * 50_000_000, 9)
# What each says to one request, and what the engine makes of it: a status, or a kind and part of its message.
HOSTILE = {
    "negative length": (OK + b"Content-Length: -1\r\n\r\nx", "protocol_error", "Content-Length is no number"),
    "two lengths": (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy", "protocol_error", "smuggling"),
    "two framings": (OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "protocol_error", "smuggling"),
    "length overflow": (OK + b"Content-Length: 18446744073709551617\r\n\r\nx", "protocol_error", "too large"),
    "chunk overflow": (OK + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx", "protocol_error", "chunk size"),
    "negative chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nx", "protocol_error", "chunk size"),
    "nul in header": (OK + b"A: b\0c\r\n\r\n", "protocol_error", "not a valid HTTP answer"),
    "no http at all": (b"<html>hello</html>\r\n", "protocol_error", "status line"),
    "folded header": (OK + b"A: b\r\n c\r\nContent-Length: 1\r\n\r\nx", "200", "b c"),
    "closed in head": (OK + b"A: b", "eof", "within the head"),
    "closed in body": (OK + b"Content-Length: 9\r\n\r\nx", "eof", "after 1 byte"),
    "gzip bomb": (OK + b"Content-Encoding: gzip\r\n\r\n" + BOMB, "200", "1048576 true"),
    "gzip that is none": (OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", "200", "0 true"),
    "gzip cut short": (OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"abc")[:-4], "200", "3 true"),
}
ENDLESS = {  # said for ever, after this start
    "1 GB header": (OK + b"A: ", b"x" * 65536, "protocol_error", "head"),
    "1 GB of headers": (OK, b"A: b\r\n" * 8192, "protocol_error", "head"),
    "endless 1xx": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2048, "protocol_error", "interim"),
    "endless body": (OK + b"\r\n", b"x" * 65536, "200", "1048576 true"),
    "endless chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n", b"x" * 65536, "200", "1048576 true"),
    "endless chunk extension": (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x" * 65536, "protocol_error", "chunk"),
}
FOLLOWED = """
    local answer, kind, message = try(target.http, target, endpoint, { timeout = 1, redirects = 10 })
    local seen = { port = target:port(endpoint) }
    if not answer then return info(kind .. ": " .. message, seen) end
    return info(answer.status .. ": " .. (answer.headers.a or (#answer.body .. " " .. tostring(answer.body_truncated))), seen)"""


class HostileTest(LabTest):
    def results(self, count, **options):
        lua = rule(FOLLOWED, declares=f'ports = {{ "7001-{7000 + count}" }}, scope = "endpoint"').replace(
            "check = function(target)", "check = function(target, endpoint)")
        done = self.run_inventory(targets(ADDRESS), rules={"lab/hostile.lua": lua}, **options)
        check = done.check("lab.rule", ADDRESS)
        found = check.get("results") or [check]
        return done, {int(result["endpoint"].rsplit(":", 1)[1]): result["message"] for result in found}

    def assertSays(self, heard, number, name, kind, words):
        with self.subTest(name):
            self.assertTrue(heard[number].startswith(kind + ":"), f"{name}: {heard[number]}")
            self.assertIn(words, heard[number], name)

    def test_a_server_that_breaks_http_costs_its_own_answer(self):
        with contextlib.ExitStack() as stack:
            for number, (said, _, _) in enumerate(HOSTILE.values(), 7001):
                stack.enter_context(peers.http(ADDRESS, number, said))
            _, heard = self.results(len(HOSTILE))
        for number, (name, (_, kind, words)) in enumerate(HOSTILE.items(), 7001):
            self.assertSays(heard, number, name, kind, words)

    def test_a_server_without_end_is_read_up_to_the_cap_and_no_further(self):
        sent = dict.fromkeys(ENDLESS, 0)

        def talk_of(name, start, piece):
            def talk(connection, peer):
                connection.recv(65536)
                connection.sendall(start)
                while not peer.closing.is_set():
                    connection.sendall(piece)
                    sent[name] += len(piece)
            return talk

        with contextlib.ExitStack() as stack:
            for number, (name, (start, piece, _, _)) in enumerate(ENDLESS.items(), 7001):
                stack.enter_context(peers.serving(ADDRESS, number, talk_of(name, start, piece)))
            _, heard = self.results(len(ENDLESS))
        for number, (name, (_, _, kind, words)) in enumerate(ENDLESS.items(), 7001):
            self.assertSays(heard, number, name, kind, words)
            self.assertLess(sent[name], 16_000_000, f"{name}: what the sockets' buffers hold, and no more")

    def test_every_stage_of_an_exchange_may_trickle_hang_or_be_reset(self):
        whole = OK + b"Content-Length: 5\r\n\r\nhello"
        cuts = (0, 4, len(OK), len(OK) + 10, len(whole) - 2)

        def talk_of(cut, end):
            def talk(connection, peer):
                connection.recv(65536)
                connection.sendall(whole[:cut])
                if end == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                elif end == "hang":
                    peer.closing.wait(60)
                else:
                    while not peer.closing.wait(0.1):
                        connection.sendall(b"A: b\r\n"[:1])
            return talk

        plans = [(cut, end) for cut in cuts for end in ("reset", "hang")] + [(len(OK) + 3, "trickle")]
        with contextlib.ExitStack() as stack:
            for number, (cut, end) in enumerate(plans, 7001):
                stack.enter_context(peers.serving(ADDRESS, number, talk_of(cut, end)))
            began = time.monotonic()
            done, heard = self.results(len(plans), timeout=90)
        for number, (cut, end) in enumerate(plans, 7001):
            with self.subTest(cut=cut, end=end):
                kind = heard[number].split(":")[0]
                self.assertIn(kind, ("reset",) if end == "reset" else ("timeout",), heard[number])
        self.assertLess(time.monotonic() - began, 60, done)

    def test_a_redirect_loop_between_two_ports_ends(self):
        def to(port):
            return f"HTTP/1.1 302 Found\r\nLocation: http://{ADDRESS}:{port}/?x\r\nContent-Length: 0\r\n\r\n".encode()
        with peers.http(ADDRESS, 7001, to(7002)) as one, peers.http(ADDRESS, 7002, to(7001)) as two:
            _, heard = self.results(1)
            self.assertTrue(heard[7001].startswith("302:"), heard)
            self.assertLessEqual(one.accepted + two.accepted, 8)
