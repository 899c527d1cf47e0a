"""Being told: webhooks, mail, syslog, commands and a dead-man's switch, on real servers; whatever becomes of them, the
audit's result stands."""

import email
import email.policy
import hashlib
import hmac
import json
import signal
import threading

import certificates
import network
import notify_servers
import peers
import tls_servers
from processes import wait_until
from program import LabTest, rule, targets

SECRET = "correct-horse-battery"
USER, PASSWORD = "lab", "swordfish-7"
HEAD = ('[credentials.hook]\nenv = "HOOK_SECRET"\nnotify = true\n'
        '[credentials.mail]\nenv = "MAIL_LOGIN"\nnotify = true\n')
ENVIRONMENT = {"HOOK_SECRET": SECRET, "MAIL_LOGIN": f"{USER}:{PASSWORD}"}
FAILS = {"lab/rule.lua": rule('    local seen = target:banner(7000)\n    return fail("it said " .. seen.text, seen)')}
PASSES = {"lab/rule.lua": rule('    return pass("open", target:port(7000))')}
QUICK = 'attempts = 1\ntimeout = "5s"\n'


def notifier(name, kind, *lines, when='["always"]'):
    told = "" if kind == "ping" else f"when = {when}\n"
    return f'[[notify]]\nname = "{name}"\nkind = "{kind}"\n{told}' + "".join(f"{line}\n" for line in lines)


class NotifyTest(LabTest):
    def setUp(self):
        super().setUp()
        self.authority = certificates.Authority(self.directory)

    def pair(self, address):
        return self.authority.issue(f"at-{address}", f"IP:{address}")

    def tell(self, *notifiers, rules=PASSES, more=(), hosts=("127.0.0.11",), **options):
        """A run of a port that is open, told to these."""
        with peers.saying("127.0.0.11", 7000, options.pop("banner", b"hello\r\n")):
            options.setdefault("environment", ENVIRONMENT)
            return self.run_inventory(targets(*hosts, head=HEAD + "".join(notifiers)), *more, rules=rules, **options)

    def assertTold(self, done, name):
        self.assertIn(f"told {name}: ", done.err, done)
        self.assertNotIn("was not told", done.err, done)

    def assertNotTold(self, done, name, *words):
        line = next((line for line in done.err.splitlines() if f"notifier `{name}` was not told" in line), "")
        for word in ("was not told", *words):
            self.assertIn(word, line, done)
        for secret in (SECRET, PASSWORD):
            self.assertNotIn(secret, done.err + done.out, done)


class WebhookTest(NotifyTest):
    URL = 'url = "https://127.0.0.41:8443/audit/T0P-SECRET-PATH"'

    def hook(self, *lines, when='["always"]'):
        return notifier("ops", "webhook", self.URL, 'ca = "root.pem"', *lines, when=when)

    def test_a_signed_webhook_says_what_the_report_says(self):
        with notify_servers.hooks("127.0.0.41", 8443, self.pair("127.0.0.41")) as hooks:
            done = self.tell(self.hook('credential = "hook"'), rules=FAILS)
        self.assertEqual(done.code, 1, done)
        self.assertTold(done, "ops")
        [request] = hooks.requests
        self.assertEqual(request.path, "/audit/T0P-SECRET-PATH")
        self.assertEqual(request.headers["Content-Type"], "application/json")
        expected = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
        self.assertEqual(request.headers["X-Audit-Signature"], f"sha256={expected}")
        self.assertEqual(request.headers["Idempotency-Key"], done.report["run"]["id"])
        said = request.json
        self.assertEqual((said["schema"], said["event"], said["reasons"]), (1, "run", ["always"]))
        self.assertEqual((said["run"]["id"], said["run"]["exit_code"], said["run"]["complete"]), (done.report["run"]["id"], 1, True))
        for key in ("planned", "pass", "fail", "error", "not_reviewed", "score", "coverage"):
            self.assertEqual(said["summary"][key], done.summary[key], key)
        [failure] = said["failures"]["first"]
        self.assertEqual((failure["rule"], failure["target"], failure["severity"]), ("lab.rule", "127.0.0.11", "medium"))
        self.assertEqual((said["change"], said["note"]), (None, "no earlier run to compare with"))

    def test_one_that_answers_500_twice_is_told_at_the_third_attempt_of_the_same_key(self):
        with notify_servers.hooks("127.0.0.41", 8443, self.pair("127.0.0.41"), [(500, {}), (503, {})]) as hooks:
            done = self.tell(self.hook())
        self.assertTold(done, "ops")
        self.assertEqual(len(hooks.requests), 3)
        self.assertEqual(len({request.headers["Idempotency-Key"] for request in hooks.requests}), 1)
        self.assertEqual(len({request.body for request in hooks.requests}), 1)

    def test_one_that_answers_404_is_not_asked_again(self):
        with notify_servers.hooks("127.0.0.41", 8443, self.pair("127.0.0.41"), [(404, {})]) as hooks:
            done = self.tell(self.hook())
        self.assertNotTold(done, "ops", "https://127.0.0.41:8443: HTTP status 404")
        self.assertEqual(len(hooks.requests), 1)
        self.assertNotIn("T0P-SECRET-PATH", done.err)

    def test_a_redirect_is_not_followed(self):
        answers = [(307, {"Location": "https://127.0.0.42:8443/"})]
        with (notify_servers.hooks("127.0.0.41", 8443, self.pair("127.0.0.41"), answers),
              notify_servers.hooks("127.0.0.42", 8443, self.pair("127.0.0.42")) as elsewhere):
            done = self.tell(self.hook())
        self.assertNotTold(done, "ops", "HTTP status 307, a redirect")
        self.assertEqual(elsewhere.requests, [])

    def test_nothing_goes_to_a_server_whose_certificate_does_not_verify(self):
        stranger = certificates.Authority(self.enterContext(notify_servers.scratch()), "Somebody Else")
        for pair in (stranger.issue("stranger", "IP:127.0.0.41"), self.pair("127.0.0.99")):
            with self.subTest(pair.certificate), notify_servers.hooks("127.0.0.41", 8443, pair) as hooks:
                done = self.tell(self.hook())
                self.assertNotTold(done, "ops", "https://127.0.0.41:8443", "certificate")
                self.assertEqual(hooks.requests, [])

    def test_no_proxy_of_the_environment_is_used(self):
        with (notify_servers.hooks("127.0.0.41", 8443, self.pair("127.0.0.41")) as hooks,
              peers.silent("127.0.0.77", 3128) as proxy):
            proxies = {name: "http://127.0.0.77:3128" for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY")}
            done = self.tell(self.hook(), environment={**ENVIRONMENT, **proxies})
        self.assertTold(done, "ops")
        self.assertEqual((len(hooks.requests), proxy.accepted), (1, 0))

    def test_a_server_that_trickles_costs_its_timeout_and_no_more(self):
        def trickle(connection, peer):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not peer.closing.wait(0.05):
                connection.sendall(b"x")

        with peers.serving("127.0.0.41", 8080, trickle):
            done = self.tell(notifier("slow", "webhook", 'url = "http://127.0.0.41:8080/"', "cleartext = true", 'timeout = "300ms"', "attempts = 1"))
        self.assertNotTold(done, "slow", "http://127.0.0.41:8080", "given up after 1 attempt")
        self.assertEqual(done.code, 0, done)

    def test_a_server_that_never_ends_its_answer_was_told_all_the_same(self):
        def flood(connection, _):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                connection.sendall(b"x" * 65536)

        with peers.serving("127.0.0.41", 8080, flood) as server:
            done = self.tell(notifier("loud", "webhook", 'url = "http://127.0.0.41:8080/"', "cleartext = true"))
        self.assertTold(done, "loud")
        self.assertEqual(server.accepted, 1)

    def test_a_dead_server_changes_no_exit_code(self):
        dead = notifier("dead", "webhook", 'url = "https://127.0.0.41:9/"', QUICK)
        for rules, code in ((PASSES, 0), (FAILS, 1)):
            done = self.tell(dead, rules=rules)
            self.assertEqual(done.code, code, done)
            self.assertNotTold(done, "dead", "https://127.0.0.41:9", "given up after 1 attempt")

    def test_a_missing_secret_is_said_and_nothing_is_sent_unsigned(self):
        with notify_servers.hooks("127.0.0.41", 8443, self.pair("127.0.0.41")) as hooks:
            head = HEAD.replace("HOOK_SECRET", "NOBODY_SET_THIS") + self.hook('credential = "hook"')
            with peers.saying("127.0.0.11", 7000, b"hello\r\n"):
                done = self.run_inventory(targets("127.0.0.11", head=head), rules=PASSES)
        self.assertNotTold(done, "ops", "credential `hook`", "NOBODY_SET_THIS")
        self.assertEqual((done.code, hooks.requests), (0, []), done)

    def test_who_asks_for_incomplete_runs_hears_of_no_other(self):
        with notify_servers.hooks("127.0.0.41", 8443, self.pair("127.0.0.41")) as hooks:
            self.assertNotIn("ops", self.tell(self.hook(when='["incomplete"]')).err)
            self.assertEqual(hooks.requests, [])
            with network.no_route("198.51.100.0/24"):
                done = self.tell(self.hook(when='["incomplete"]'), hosts=("127.0.0.11", "198.51.100.1"))
        self.assertEqual(done.code, 2, done)
        self.assertEqual([request.json["reasons"] for request in hooks.requests], [["incomplete"]])

    def test_without_history_changes_are_told_and_that_nothing_is_known(self):
        with notify_servers.hooks("127.0.0.41", 8443, self.pair("127.0.0.41")) as hooks:
            self.tell(notifier("ops", "webhook", self.URL, 'ca = "root.pem"').replace('when = ["always"]\n', ""))
        self.assertEqual(hooks.requests[0].json["reasons"], ["changed (no earlier run to compare with)"])

    def test_no_notify_and_a_replay_tell_nobody(self):
        record = self.directory / "run.record"
        with notify_servers.hooks("127.0.0.41", 8443, self.pair("127.0.0.41")) as hooks:
            self.tell(self.hook(), more=("--no-notify", "--record", record))
            self.tell(self.hook(), more=("--replay", record))
        self.assertEqual(hooks.requests, [])

    def test_an_interrupt_ends_the_waiting_and_not_the_result(self):
        heard = threading.Event()

        def hang(connection, peer):
            connection.recv(65536)
            heard.set()
            peer.closing.wait()

        head = HEAD + notifier("slow", "webhook", 'url = "http://127.0.0.41:8080/"', "cleartext = true", 'timeout = "1m"', 'give_up_after = "10m"')
        with peers.serving("127.0.0.41", 8080, hang), peers.saying("127.0.0.11", 7000, b"hello\r\n"):
            self.write("rules/lab/rule.lua", FAILS["lab/rule.lua"])
            running = self.start(self.write("inventory.toml", targets("127.0.0.11", head=head)), "--rules", self.directory / "rules", report=True)
            wait_until("the webhook", heard.is_set)
            running.send(signal.SIGINT)
            done = running.end(30)
        self.assertEqual(done.code, 1, done)
        self.assertNotTold(done, "slow", "asked to end")

    def test_hostile_bytes_of_a_peer_stay_bytes(self):
        with notify_servers.hooks("127.0.0.41", 8443, self.pair("127.0.0.41")) as hooks:
            self.tell(self.hook(), rules=FAILS, banner=peers.HOSTILE_BANNER)
        body = hooks.requests[0].body
        message = json.loads(body.decode("utf-8"))["failures"]["first"][0]["message"]
        self.assertIn("\\x1b[31mred", message)
        self.assertNotRegex(message, "[\x00-\x1f\x7f-\x9f\u202e]")


class PingTest(NotifyTest):
    PING = notifier("dead-man", "ping", 'url = "http://127.0.0.41:8080/2b7c"', "cleartext = true", QUICK)

    def test_a_run_pings_its_start_before_anything_is_asked_and_then_its_success(self):
        with notify_servers.hooks("127.0.0.41", 8080) as hooks:
            seen = []

            def speak(connection, _):
                seen.append(hooks.paths)
                connection.sendall(b"hello\r\n")

            with peers.serving("127.0.0.11", 7000, speak):
                done = self.run_inventory(targets("127.0.0.11", head=self.PING), rules=FAILS)
        self.assertEqual(done.code, 1, done)  # it found something, and did its work
        self.assertEqual(hooks.paths, ["/2b7c/start", "/2b7c"])
        self.assertEqual(seen[0], ["/2b7c/start"])

    def test_an_incomplete_run_pings_its_failure(self):
        with notify_servers.hooks("127.0.0.41", 8080) as hooks, network.no_route("198.51.100.0/24"):
            done = self.tell(self.PING, hosts=("198.51.100.1",))
        self.assertEqual(done.code, 2, done)
        self.assertEqual(hooks.paths, ["/2b7c/start", "/2b7c/fail"])

    def test_a_run_that_is_refused_pings_nothing(self):
        with notify_servers.hooks("127.0.0.41", 8080) as hooks:
            done = self.run_inventory(targets("127.0.0.11", head=self.PING + 'bad = "key"\n'))
        self.assertMistake(done, "unknown key \"bad\"")
        self.assertEqual(hooks.requests, [])


class MailTest(NotifyTest):
    def mail(self, address, *lines):
        return notifier("mail", "mail", f'server = "smtp://{address}:2525"', 'from = "audit@lab.test"',
                        'to = ["netsec@lab.test", "ops@lab.test"]', QUICK, 'ca = "root.pem"', *lines)

    def test_postfix_delivers_it_after_starttls(self):
        with tls_servers.postfix("127.0.0.42", self.pair("127.0.0.42"), 2525, mailboxes=True) as postfix:
            done = self.tell(self.mail("127.0.0.42").replace('name = "mail"', 'name = "post"'), rules=FAILS, banner=peers.HOSTILE_BANNER)
            self.assertTold(done, "post")
            wait_until("two mails", lambda: len(postfix.mails()) == 2)
            mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in postfix.mails()]
        self.assertEqual(len({mail["Message-ID"] for mail in mails}), 1)
        mail = mails[0]
        self.assertEqual(mail.defects, [])
        self.assertEqual((mail["From"], mail["Subject"]), ("audit@lab.test", "audit: lab: 1 failure"))
        self.assertEqual(mail["To"], "netsec@lab.test, ops@lab.test")
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        self.assertIn("TLSv1.", str(mail.get_all("Received")))
        text, attached = mail.iter_parts()
        self.assertEqual((text.get_content_type(), text.get_content_charset()), ("text/plain", "utf-8"))
        self.assertIn("\\x1b[31mred", text.get_content())
        self.assertNotRegex(text.get_content(), "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")
        self.assertEqual((attached.get_content_type(), attached.get_filename()), ("application/json", "audit.json"))
        self.assertEqual(json.loads(attached.get_payload(decode=True))["run"]["id"], done.report["run"]["id"])

    def test_a_password_goes_to_a_server_that_asks_within_tls(self):
        with notify_servers.smtpd("127.0.0.42", 2525, self.pair("127.0.0.42"), USER, PASSWORD) as smtp:
            done = self.tell(self.mail("127.0.0.42", 'credential = "mail"'))
            [mail] = smtp.mails()
        self.assertTold(done, "mail")
        self.assertEqual((mail["user"], mail["tls"], mail["from"]), (USER, True, "audit@lab.test"))
        self.assertEqual(mail["to"], ["netsec@lab.test", "ops@lab.test"])

    def test_a_wrong_password_is_said_without_it_and_not_tried_again(self):
        with notify_servers.smtpd("127.0.0.42", 2525, self.pair("127.0.0.42"), USER, "another") as smtp:
            done = self.tell(self.mail("127.0.0.42", 'credential = "mail"').replace("attempts = 1", "attempts = 5"))
            self.assertEqual(smtp.mails(), [])
        self.assertNotTold(done, "mail", "smtp://127.0.0.42:2525", "535")
        self.assertNotIn("given up after", done.err)

    def test_a_name_beyond_ascii_is_read_as_it_was_written(self):
        with notify_servers.smtpd("127.0.0.42", 2525, self.pair("127.0.0.42"), USER, PASSWORD) as smtp:
            with peers.saying("127.0.0.11", 7000, b"hello\r\n"):
                text = targets("127.0.0.11", head=HEAD + self.mail("127.0.0.42", 'credential = "mail"'))
                self.run_inventory(text.replace('name = "lab"', 'name = "Zürich – Büro =?x?="'), rules=PASSES, environment=ENVIRONMENT)
            [mail] = smtp.mails()
        read = email.message_from_string(mail["text"], policy=email.policy.default)
        self.assertEqual(read["Subject"], "audit: Zürich – Büro =?x?=: 0 failures")

    def test_nothing_goes_in_clear_text_to_a_server_without_starttls(self):
        said = []

        def plain(connection, _):
            connection.sendall(b"220 lab\r\n")
            while line := connection.recv(4096):
                said.append(line)
                connection.sendall(b"250 lab\r\n" if not line.startswith(b"QUIT") else b"221 bye\r\n")

        with peers.serving("127.0.0.42", 2525, plain):
            done = self.tell(self.mail("127.0.0.42", 'credential = "mail"'))
        self.assertNotTold(done, "mail", "STARTTLS")
        self.assertNotIn(b"MAIL FROM", b"".join(said))
        self.assertNotIn(b"AUTH", b"".join(said))


class SyslogTest(NotifyTest):
    def test_rsyslog_hears_rfc_5424_over_udp_and_tcp(self):
        with notify_servers.rsyslogd("127.0.0.43", 5514) as log:
            done = self.tell(notifier("u", "syslog", 'server = "udp://127.0.0.43:5514"', 'facility = "local3"'),
                             notifier("t", "syslog", 'server = "tcp://127.0.0.43:5514"', 'facility = "local3"'), rules=FAILS)
            wait_until("two lines", lambda: len(log.lines()) == 2)
            lines = log.lines()
        self.assertTold(done, "u")
        self.assertTold(done, "t")
        self.assertEqual(sorted(line["input"] for line in lines), ["imtcp", "imudp"])
        for line in lines:
            self.assertEqual((line["facility"], line["severity"], line["program"], line["version"], line["id"]),
                             ("local3", "warning", "audit", "1", "run"))
            self.assertIn(f'run="{done.report["run"]["id"]}"', line["data"])
            self.assertIn('fail="1"', line["data"])
            self.assertEqual(line["text"].strip(), "audit: lab: 1 failure")

    def test_a_port_where_nobody_hears_is_said(self):
        done = self.tell(notifier("t", "syslog", 'server = "tcp://127.0.0.43:5514"', QUICK),
                         notifier("u", "syslog", 'server = "udp://127.0.0.43:5514"', QUICK),
                         notifier("l", "syslog", f'server = "unix://{self.directory}/none"', QUICK))
        self.assertNotTold(done, "t", "tcp://127.0.0.43:5514: Connection refused")
        self.assertNotTold(done, "u", "udp://127.0.0.43:5514: Connection refused")
        self.assertNotTold(done, "l", "No such file")
        self.assertEqual(done.code, 0, done)


class CommandTest(NotifyTest):
    def setUp(self):
        super().setUp()
        self.write("page", "#!/bin/sh\ncat > told.json\n").chmod(0o755)
        self.page = notifier("page", "command", f'command = ["{self.directory}/page"]')

    def test_a_command_reads_the_json(self):
        done = self.tell(self.page, more=("--allow-commands",))
        self.assertTold(done, "page")
        self.assertEqual(json.loads((self.directory / "told.json").read_text())["run"]["id"], done.report["run"]["id"])

    def test_the_history_shows_who_was_told_and_who_was_not(self):
        state = self.directory / "state"
        dead = notifier("dead", "webhook", 'url = "https://127.0.0.41:9/"', QUICK)
        self.tell(self.page, dead, more=("--allow-commands", "--state", state))
        shown = self.audit("history", "show", "last", "--state", state)
        self.assertRegex(shown.out, r"(?m)^    told page \(always\), after 1 attempt")
        self.assertRegex(shown.out, r"(?m)^    NOT TOLD: dead \(always\), after 1 attempt: .*127\.0\.0\.41")
        told = json.loads(self.audit("history", "show", "last", "--state", state, "--json").out)["notifications"]
        self.assertEqual([(one["notifier"], one["delivered"], one["attempts"]) for one in told],
                         [("page", True, 1), ("dead", False, 1)])

    def test_who_heard_of_an_incomplete_night_hears_of_the_whole_one_after_it(self):
        page = notifier("page", "command", f'command = ["{self.directory}/page"]', when='["recovered", "incomplete"]')
        more = ("--allow-commands", "--state", self.directory / "state")
        rules = {"lab/rule.lua": rule('    return pass("it spoke", target:banner(7000, { timeout = 1 }))')}
        told = []
        for peer in (peers.hostile, peers.resetting, peers.hostile, peers.hostile):
            with peer("127.0.0.11", 7000):
                done = self.run_inventory(targets("127.0.0.11", head=HEAD + page), *more, rules=rules)
            told.append([word for word in ("incomplete", "recovered") if f"told page: {word}" in done.err])
        self.assertEqual(told[1:], [["incomplete"], ["recovered"], []])  # of the first nobody knows what was before

    def test_no_command_runs_without_leave(self):
        done = self.tell(self.page)
        self.assertNotTold(done, "page", "--allow-commands")
        self.assertFalse((self.directory / "told.json").exists())


class CommandLineTest(NotifyTest):
    def test_plan_names_who_is_told_and_not_the_path_of_a_webhook(self):
        hook = notifier("ops", "webhook", 'url = "https://hooks.lab.test/T0P-SECRET-PATH"')
        path = self.write("inventory.toml", targets("127.0.0.11", head=hook + PingTest.PING))
        done = self.audit("plan", path, environment=ENVIRONMENT)
        self.assertIn("Notifies, outside the scope: ops (webhook) https://hooks.lab.test:443, when always\n", done.out)
        self.assertIn("Notifies, outside the scope: dead-man (ping) http://127.0.0.41:8080, at the start and the end\n", done.out)
        self.assertNotIn("T0P-SECRET-PATH", done.out + done.err)

    def test_a_test_reaches_each_notifier_or_one_and_asks_no_target(self):
        head = HEAD + notifier("a", "webhook", 'url = "http://127.0.0.41:8080/a"', "cleartext = true") + notifier(
            "b", "webhook", 'url = "http://127.0.0.41:8080/b"', "cleartext = true", when='["incomplete"]')
        path = self.write("inventory.toml", targets("127.0.0.11", head=head))
        with notify_servers.hooks("127.0.0.41", 8080) as hooks, peers.silent("127.0.0.11", 7000) as target:
            both = self.audit("notify", "test", path, environment=ENVIRONMENT)
            one = self.audit("notify", "test", path, "b", environment=ENVIRONMENT)
        self.assertEqual((both.code, one.code, target.accepted), (0, 0, 0), both)
        self.assertEqual(sorted(hooks.paths), ["/a", "/b", "/b"])
        self.assertEqual({request.json["event"] for request in hooks.requests}, {"test"})
        self.assertRegex(both.out, r"a +webhook +http://127.0.0.41:8080 +told, 1 attempt\n")

    def test_a_test_that_fails_says_why_and_exits_with_1(self):
        path = self.write("inventory.toml", targets("127.0.0.11", head=notifier(
            "dead", "webhook", 'url = "http://127.0.0.41:8080/"', "cleartext = true", QUICK)))
        done = self.audit("notify", "test", path)
        self.assertEqual(done.code, 1, done)
        self.assertIn("not told: http://127.0.0.41:8080: ", done.out)

    def test_a_notifier_that_is_not_there_is_a_mistake_of_usage(self):
        path = self.write("inventory.toml", targets("127.0.0.11", head=PingTest.PING))
        self.assertUsage(self.audit("notify", "test", path, "dead-men"), "did you mean \"dead-man\"?")
        nobody = self.write("nobody.toml", targets("127.0.0.11"))
        self.assertUsage(self.audit("notify", "test", nobody), "[[notify]]")
