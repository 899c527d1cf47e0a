"""Whom `audit watch` tells: of each confirmed change once, of what did not last nothing, and no round waits for them."""

import email
import email.policy
import signal
import threading

import certificates
import notify_servers
import peers
from notify_test import ENVIRONMENT, HEAD, notifier
from processes import wait_until
from program import targets
from watch_test import ASKS, FAST, HOST, Answers, WatchLab

HOOK = 'url = "http://127.0.0.41:8080/audit"'
CLEAR = "cleartext = true"
QUICK = ('timeout = "5s"', "attempts = 1")


class WatchNotifyTest(WatchLab):
    def watch(self, *words, notifiers=(), lua=ASKS, every="100ms", environment=None):
        self.write("rules/lab/rule.lua", lua)
        inventory = self.write("inventory.toml", targets(HOST, head="\n".join((FAST, *notifiers))))
        return self.start("watch", inventory, "--rules", self.directory / "rules", "--every", every, "--json", *words,
                          environment=environment)

    def told(self, *answers, when='["changed"]', more=()):
        """What a webhook gets of a watch of so many rounds, and the watch."""
        with notify_servers.hooks("127.0.0.41", 8080) as hooks, peers.serving(HOST, 7000, Answers(*answers)):
            running = self.watch("--rounds", str(len(answers)), *more,
                                 notifiers=[notifier("ops", "webhook", HOOK, CLEAR, *QUICK, when=when)])
            done = running.end()
        return [request.json for request in hooks.requests], done

    def test_a_flip_is_told_once_and_what_does_not_last_never(self):
        flap = (b"good", b"bad", b"bad", b"good", b"bad", b"good", b"good", b"good")
        said, done = self.told(*flap)
        self.assertEqual((said, done.code), ([], 0), done)
        said, done = self.told(b"good", b"bad", b"bad", b"bad", b"bad", b"bad")
        self.assertEqual(done.code, 1, done)
        [one] = said
        self.assertEqual((one["event"], one["reasons"], one["round"]["number"]), ("round", ["changed"], 4))
        [change] = one["round"]["changes"]["first"]
        self.assertEqual([change[key] for key in ("kind", "target", "name", "from", "to", "message")],
                         ["check", HOST, "lab.asks", "pass", "fail", "it says bad"])
        [failure] = one["change"]["new_failures"]["first"]
        self.assertEqual((failure["rule"], failure["severity"]), ("lab.asks", "medium"))
        self.assertIn("told ops: changed", done.err)

    def test_each_condition_holds_for_its_own_changes(self):
        story = (b"good", b"bad", b"bad", b"bad", None, None, None, b"good", b"good", b"good")
        expected = {"new_failures >= medium": [4], "new_failures >= high": [], "incomplete": [7], "recovered": [10], "changed": [4, 7, 10],
                    "always": [4, 7, 10], "waiver_expiring": []}
        with notify_servers.hooks("127.0.0.41", 8080) as hooks, peers.serving(HOST, 7000, Answers(*story)):
            hooked = [notifier(f"n{number}", "webhook", f'url = "http://127.0.0.41:8080/{number}"', CLEAR, *QUICK, when=f'["{when}"]')
                      for number, when in enumerate(expected)]
            done = self.watch("--rounds", str(len(story)), notifiers=hooked).end()
        self.assertEqual(done.code, 0, done)
        for number, (when, rounds) in enumerate(expected.items()):
            got = [request.json for request in hooks.requests if request.path == f"/{number}"]
            self.assertEqual([(one["round"]["number"], one["reasons"]) for one in got], [(told, [when]) for told in rounds], when)

    def test_what_fails_from_the_beginning_is_the_baseline_and_told_nobody(self):
        said, done = self.told(*[b"bad"] * 4, when='["changed", "new_failures >= low", "always"]')
        self.assertEqual((said, done.code), ([], 1), done)

    def test_nobody_is_told_where_nobody_is_to_be(self):
        said, done = self.told(b"good", b"bad", b"bad", b"bad", more=("--no-notify",))
        self.assertEqual((said, done.code), ([], 1), done)

    def test_a_notifier_that_hangs_holds_up_no_round_and_a_signal_ends_its_waiting(self):
        hung = threading.Event()

        def hang(connection, peer):
            hung.set()
            peer.closing.wait(300)

        answers = Answers(b"good", *[b"bad"] * 3, *[b"good"] * 3, *[b"bad"] * 3, b"good")
        with peers.serving("127.0.0.41", 8080, hang), peers.serving(HOST, 7000, answers):
            running = self.watch(notifiers=[notifier("ops", "webhook", HOOK, CLEAR, 'timeout = "60s"', 'give_up_after = "10m"',
                                                     when='["changed"]')])
            wait_until("the notifier to hang", hung.is_set)
            self.wait_for_round(running, self.round(running) + 8)
            done = self.end(running, signal.SIGTERM)
        self.assertEqual(done.code, 143, done)
        self.assertEqual(self.flips(running, "check")[:3], [("pass", "fail"), ("fail", "pass"), ("pass", "fail")])
        self.assertIn("notifier `ops` was not told (changed)", done.err)
        self.assertIn("rounds with changes", done.err)  # those that waited behind it
        self.assertLess(done.seconds, 55)

    def test_a_server_that_is_down_is_tried_again_and_then_hears_what_it_missed(self):
        answers = [(404, {})]
        with notify_servers.hooks("127.0.0.41", 8080, answers=answers) as hooks:
            story = (b"good", b"bad", b"bad", b"bad", b"good", b"good", b"good")
            with peers.serving(HOST, 7000, Answers(*story)):
                done = self.watch("--rounds", str(len(story)),
                                  notifiers=[notifier("ops", "webhook", HOOK, CLEAR, *QUICK, when='["changed"]')]).end()
        self.assertEqual(done.code, 0, done)
        self.assertEqual([request.json["round"]["untold"] for request in hooks.requests], [0, 1], done)
        self.assertIn("notifier `ops` was not told (changed): http://127.0.0.41:8080: HTTP status 404", done.err)

    def test_a_dead_mans_switch_hears_of_the_begin_and_of_rounds(self):
        with notify_servers.hooks("127.0.0.41", 8080) as hooks, peers.serving(HOST, 7000, Answers(b"bad")):
            running = self.watch(notifiers=[notifier("alive", "ping", 'url = "http://127.0.0.41:8080/beat"', CLEAR)])
            wait_until("three beats", lambda: [request.path for request in hooks.requests].count("/beat") >= 3)
            done = self.end(running)
        self.assertEqual(done.code, 143, done)
        self.assertLessEqual({request.path for request in hooks.requests}, {"/beat", "/beat/start"})

    def test_mail_says_what_changed(self):
        pair = certificates.Authority(self.directory).issue("smtpd", "IP:127.0.0.42")
        mail = notifier("netsec", "mail", 'server = "smtp://127.0.0.42:2525"', 'ca = "root.pem"', 'credential = "mail"',
                        'from = "audit@lab.test"', 'to = ["netsec@lab.test"]', *QUICK, when='["changed"]')
        story = (b"good", b"bad", b"bad", b"bad")
        with notify_servers.smtpd("127.0.0.42", 2525, pair) as smtp, peers.serving(HOST, 7000, Answers(*story)):
            done = self.watch("--rounds", str(len(story)), notifiers=[HEAD, mail], environment=ENVIRONMENT).end()
            self.assertEqual(done.code, 1, done)
            [message] = smtp.mails()
        mail = email.message_from_string(message["text"], policy=email.policy.default)
        self.assertEqual(mail["Subject"], "audit: lab: 1 change, 1 new failure")
        text, _ = mail.iter_parts()
        self.assertIn("check lab.asks on 127.0.0.11: pass → fail", text.get_content())
        self.assertNotIn(" on , ", text.get_content())  # which machine watches is said
