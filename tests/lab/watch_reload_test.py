"""`audit watch` reads its inventory and rules again on SIGHUP, between two rounds; one that is bad changes nothing."""

import os
import pty
import signal

import notify_servers
import peers
from notify_test import notifier
from processes import wait_until
from program import program, rule, targets
from watch_test import FAST, HOST, OPEN, WatchLab, limits

OTHER = "127.0.0.12"
SECOND = rule('    return fail("it is open", target:port(7000))', "lab.second")


class WatchReloadTest(WatchLab):
    def reload(self, running, number=1):
        running.send(signal.SIGHUP)
        wait_until("the inventory to be read again", lambda: len(self.of(running, "reload")) >= number or running.child.poll() is not None)
        self.assertIsNone(running.child.poll(), running._text("err"))
        return self.of(running, "reload")[-1]

    def test_what_came_and_went_is_said_and_what_is_gone_is_no_change(self):
        with peers.silent(HOST, 7000), peers.silent(OTHER, 7000):
            running = self.watch("--confirm", "2")
            self.wait_for_round(running, 2)
            self.write("inventory.toml", targets(OTHER, head=FAST))
            self.write("rules/lab/second.lua", SECOND)
            said = self.reload(running)
            self.assertEqual((said["came"], said["went"]), (["rule lab.second", f"target {OTHER}"], [f"target {HOST}"]))
            self.wait_for_flip(running, "check", ("new", "fail"))
            self.wait_for_round(running, self.round(running) + 4)
            done = self.end(running)
        self.assertEqual(done.code, 143, done)
        self.assertEqual({line["target"] for line in self.of(running, "change")}, {OTHER}, done)  # the other one is not lost: it went
        self.assertEqual(self.of(running, "round")[-1]["target"], {"up": 1})
        self.assertEqual([line["target"] for line in self.of(running, "summary")], [OTHER])

    def test_one_that_is_bad_is_said_with_its_line_and_the_old_one_goes_on(self):
        with peers.silent(HOST, 7000):
            running = self.watch()
            self.wait_for_round(running, 1)
            for bad, said in ((targets(HOST, head="rat = 5"), "inventory.toml:4:1: unknown key"), ("", "inventory.toml")):
                self.write("inventory.toml", bad)
                running.send(signal.SIGHUP)
                wait_until("the mistake to be said", lambda: said in running._text("err"))
                self.wait_for_round(running, self.round(running) + 2)
            self.write("inventory.toml", targets(HOST, head=FAST))
            self.write("rules/lab/rule.lua", "return rule {")
            running.send(signal.SIGHUP)
            wait_until("the rule's mistake to be said", lambda: "rule.lua:1" in running._text("err"))
            self.write("rules/lab/rule.lua", OPEN)
            said = self.reload(running)
            self.assertEqual((said["came"], said["went"]), ([], []))
            done = self.end(running)
        self.assertEqual(done.code, 143, done)
        self.assertEqual(done.err.count("goes on with the inventory and the rules as they were read before"), 3, done)
        self.assertEqual(self.of(running, "change"), [])
        rounds = [line["round"] for line in self.of(running, "round")]
        self.assertEqual(rounds, list(range(1, len(rounds) + 1)))

    def test_other_notifiers_are_told_from_then_on(self):
        def hook(name):
            return notifier(name, "webhook", f'url = "http://127.0.0.41:8080/{name}"', "cleartext = true", when='["changed"]')

        with notify_servers.hooks("127.0.0.41", 8080) as hooks:
            with peers.silent(HOST, 7000):
                self.write("rules/lab/rule.lua", OPEN)
                inventory = self.write("inventory.toml", targets(HOST, head=f"{FAST}\n{hook('old')}"))
                running = self.start("watch", inventory, "--rules", self.directory / "rules", "--every", "100ms", "--json")
                self.wait_for_round(running, 1)
                self.write("inventory.toml", targets(HOST, head=f"{FAST}\n{hook('new')}"))
                said = self.reload(running)
                self.assertEqual((said["came"], said["went"]), (["notifier new"], ["notifier old"]))
            self.wait_for_flip(running, "check", ("pass", "not_applicable"))
            wait_until("the new one to hear", lambda: hooks.requests)
            self.end(running)
        self.assertEqual({request.path for request in hooks.requests}, {"/new"})

    def test_a_watch_whose_terminal_is_gone_ends(self):
        self.write("rules/lab/rule.lua", OPEN)
        inventory = self.write("inventory.toml", targets(HOST, head=FAST))
        with peers.silent(HOST, 7000) as peer:
            child, terminal = pty.fork()
            if child == 0:
                limits()()
                os.execv(program(), [program(), "watch", str(inventory), "--rules", str(self.directory / "rules"), "--every", "100ms"])
            wait_until("a round", lambda: peer.accepted > 0)
            os.close(terminal)
            _, status = os.waitpid(child, 0)
        self.assertIn(os.waitstatus_to_exitcode(status), (143, 73))  # 73: it had something to say before it heard
