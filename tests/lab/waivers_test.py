"""Waivers in every state and attestations, in a real run: what each report says of them and what the exit code makes of it."""

import datetime
import pathlib
import time

import network
import peers
import processes
import run_scope_test
import servers
from names_test import named_targets
from program import Done, LabTest, program, targets
from record_test import alone

HOST, OTHER, AWAY = "127.0.0.11", "127.0.0.14", "127.0.0.15"
SELECT = 'select = "exposure.telnet-open"'


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc)


def day(offset):
    return (utc_now().date() + datetime.timedelta(days=offset)).isoformat()


def waiver(name="W-1", rule_glob="exposure.telnet-open", named=f'"{HOST}"', starts=-10, expires=100, more=""):
    return (f'\n[[waivers]]\nid = "{name}"\nrule = "{rule_glob}"\ntargets = {named}\nreason = "Replacement <ordered>"\n'
            f'approver = "j.doe"\nstarts = {day(starts)}\nexpires = {day(expires)}\n{more}\n')


def attestation(control, date, valid_for, status="pass"):
    return (f'\n[[attestations]]\ncontrol = "{control}"\nstatus = "{status}"\nby = "m.roe"\ndate = {day(date)}\n'
            f'valid_for = "{valid_for}"\nevidence = "Minutes in DOC-77"\n')


class WaiversTest(LabTest):
    def setUp(self):
        """A test is of one day: where that is about to end, it waits for the next."""
        super().setUp()
        while (utc_now() + datetime.timedelta(seconds=20 * processes.PATIENCE)).date() != utc_now().date():
            time.sleep(1)

    def telnet(self, *addresses):
        for address in addresses:
            self.enterContext(peers.saying(address, 23, b"login: "))

    def run_with(self, waivers, *words, addresses=(HOST,), head=SELECT, **options):
        return self.run_inventory(targets(*addresses, head=head) + waivers, *words, **options)

    def test_a_waived_failure_stays_a_failure_and_does_not_decide_the_exit_code(self):
        self.telnet(HOST)
        done = self.run_with(waiver(more='ticket = "CHG-112"'))
        self.assertEqual(done.code, 0, done)
        check = done.check("exposure.telnet-open", HOST)
        self.assertEqual((check["status"], check["waiver"]), ("fail", "W-1"), done)
        self.assertEqual((done.summary["fail"], done.summary["waived"], done.summary["score"]), (1, 1, 0), done)
        self.assertIn("waived by W-1", done.out)
        self.assertIn("CHG-112", done.out)

    def test_a_failure_whose_waiver_has_ended_is_told_as_new(self):
        self.telnet(HOST)
        state = self.directory / "state"
        notify = f'\n[[notify]]\nname = "page"\nkind = "command"\ncommand = ["{self.directory}/page"]\nwhen = ["new_failures >= low"]\n'
        page = self.write("page", "#!/bin/sh\nexec cat > told.json\n")
        page.chmod(0o755)
        kept = ("--state", state, "--allow-commands", "--fail-on", "new:low")
        told = []
        for expires in (100, 100, -1, -1):
            path = self.write("inventory.toml", targets(HOST, head=SELECT) + waiver(expires=expires) + notify)
            done = self.audit(path, *kept)
            told.append((done.code, "told page: new_failures" in done.err))
        self.assertEqual(told[1:], [(0, False), (1, True), (0, False)], done)
        diff = self.audit("diff", "last~2", "last~1", "--state", state)
        self.assertEqual(diff.code, 1, diff)
        self.assertIn("was: waived: W-1", diff.out)
        self.assertEqual(self.audit("diff", "last~1", "last", "--state", state).code, 0)

    def test_it_waives_only_what_it_names(self):
        self.telnet(HOST, OTHER)
        for named, more, code in ((f'"{HOST}"', "", 1), (f'["{HOST}", "{OTHER}"]', "", 0), ('"127.0.0.0/24"', "", 0),
                                  ('"127.0.0.11-127.0.0.14"', "", 0), ('"*"', "", 0), ('"127.0.1.0/24"', "", 1),
                                  ('"*"', 'endpoint = "tcp/23"', 0), ('"*"', 'endpoint = "tcp/24"', 1),
                                  ('"*"', f'endpoint = "tcp/{HOST}:23"', 1)):
            with self.subTest(named + more):
                done = self.run_with(waiver(named=named, more=more), addresses=(HOST, OTHER))
                self.assertEqual(done.code, code, done)

    def test_of_a_group_and_by_name(self):
        self.telnet(HOST)
        text = (f'schema = 1\n[audit]\n{SELECT}\n[groups.switches]\n[groups.access]\nparents = ["switches"]\n'
                f'[[targets]]\naddress = "{HOST}"\ngroups = ["access"]\n')
        self.assertEqual(self.run_inventory(text + waiver(named='"group:switches"')).code, 0)
        self.assertEqual(self.run_inventory(text + waiver(named='["group:access", "lab-*"]')).code, 0)

    def test_by_name(self):
        with servers.named(), peers.saying("127.0.0.13", 23, b"login: "):
            for named, waived in (('"both.lab.test"', ["both.lab.test"]), ('"both.*"', ["both.lab.test"]),
                                  ('["*.lab.test", "127.0.0.13"]', ["127.0.0.13", "both.lab.test"]),
                                  ('"127.0.0.12"', [])):
                with self.subTest(named):
                    text = named_targets("both.lab.test", "127.0.0.12", "127.0.0.13", select="exposure.telnet-open")
                    done = self.run_inventory(text + waiver(named=named))
                    self.assertEqual([target for _, target in done.failures()], ["127.0.0.13", "both.lab.test"], done)
                    self.assertEqual(sorted(check["target"] for check in done.report["checks"] if "waiver" in check),
                                     waived, done)

    def test_every_state_is_listed_in_every_report(self):
        self.telnet(HOST)
        html = self.directory / "report.html"
        done = self.run_with(waiver("W-future", starts=2, expires=20) + waiver("W-expired", starts=-20, expires=-2) +
                             waiver("W-expiring", starts=-20, expires=5) +
                             waiver("W-unused", named='"10.0.0.1"') + waiver("W-active") +
                             attestation("NIST-800-53/AC-17", -10, "365d") +
                             attestation("NIST-800-53/CM-7", -400, "365d", "fail"),
                             "--report", f"html={html}")
        self.assertEqual(done.code, 0, done)
        listed = {one["id"]: one for one in done.report["waivers"]}
        self.assertEqual({name: (one["state"], one["unused"], one["named"], one["matched"], one["waived"])
                          for name, one in listed.items()},
                         {"W-future": ("future", False, 1, 1, 0), "W-expired": ("expired", False, 1, 1, 0),
                          "W-expiring": ("expiring", False, 1, 1, 1), "W-unused": ("active", True, 0, 0, 0),
                          "W-active": ("active", False, 1, 1, 0)}, done)
        self.assertEqual(done.check("exposure.telnet-open", HOST)["waiver"], "W-expiring")
        page = html.read_text()
        for name, word in (("W-future", "future"), ("W-expired", "expired"), ("W-expiring", "expiring"),
                           ("W-unused", "active"), ("W-active", "active")):
            self.assertIn(f"{name} {word}", done.out)
            self.assertIn(f'<th scope="row">{name}</th><td>{word}', page)
        self.assertIn("unused: it names no result of this run", " ".join(done.out.split()))
        self.assertIn("active, unused", page)
        self.assertIn("Replacement &lt;ordered&gt;", page)
        self.assertEqual([(one["control"], one["status"], one["stated"], one["state"])
                          for one in done.report["attestations"]],
                         [("NIST-800-53/AC-17", "pass", "pass", "current"),
                          ("NIST-800-53/CM-7", "not_reviewed", "fail", "expired")], done)
        self.assertEqual(done.summary["attestations"], {"pass": 1, "fail": 0, "not_applicable": 0, "not_reviewed": 1})
        self.assertEqual(done.summary["planned"], 1, "an attestation is no check")
        for text in (done.out, page):
            self.assertIn("NIST-800-53/AC-17", text)
            self.assertIn("expired at the end of", " ".join(text.split()))

    def test_an_expired_waiver_fails_again(self):
        self.telnet(HOST)
        done = self.run_with(waiver(starts=-20, expires=-2))
        self.assertEqual(done.code, 1, done)
        self.assertNotIn("waiver", done.check("exposure.telnet-open", HOST))
        self.assertIn("1 result that it covered counts again", " ".join(done.out.split()))

    def test_a_host_known_to_be_away_lets_the_run_be_complete_and_stays_not_reviewed(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        away = waiver(rule_glob="*", named=f'"{AWAY}"', more='covers = ["unreachable"]')
        head = SELECT + '\n[limits]\ntimeout = "200ms"\nattempts = 1'
        with network.firewall() as firewall:
            for address in (AWAY, "127.0.0.16"):
                firewall.drop(address)
            done = self.run_with(away, addresses=(AWAY, OTHER), head=head)
            self.assertEqual(done.code, 0, done)
            self.assertEqual(done.status("exposure.telnet-open", AWAY)[0], "not_reviewed", done)
            self.assertEqual((done.summary["coverage"], done.summary["accepted_coverage"]), (0.5, 1), done)
            self.assertIn("hosts known to be away", " ".join(done.out.split()))
            of_failures = waiver(rule_glob="*", named=f'"{AWAY}"')
            self.assertEqual(self.run_with(of_failures, addresses=(AWAY, OTHER), head=head).code, 2)
            self.assertEqual(self.run_with(away, addresses=(AWAY, "127.0.0.16", OTHER), head=head).code, 2)

    def test_a_name_is_away_where_a_server_says_so_and_not_where_none_could_be_asked(self):
        away = waiver(rule_glob="*", named='"*"', more='covers = ["unreachable"]')
        quick = '[limits]\ntimeout = "300ms"\nattempts = 1'
        text = named_targets("nowhere.lab.test", select="exposure.telnet-open", more=quick) + away
        with servers.named():
            self.assertEqual(self.run_inventory(text).code, 0)
        for answer in (lambda data: [], lambda data: [data[:2] + b"\x81\x82" + data[4:]]):
            with peers.udp("127.0.0.1", 5353, answer):
                done = self.run_inventory(text)
            self.assertEqual((done.code, done.summary["waived_unseen"]), (2, 0), done)
            self.assertEqual(done.status("exposure.telnet-open", "nowhere.lab.test"), ("not_reviewed", "unresolved"), done)

    def test_a_fault_of_this_machine_is_not_a_host_away(self):
        with network.no_route("198.51.100.0/24"):
            away = waiver(rule_glob="*", named='"198.51.100.1"', more='covers = ["fail", "unreachable"]')
            done = self.run_with(away, addresses=("198.51.100.1", OTHER))
        self.assertEqual((done.code, done.summary["error"], done.summary["waived_unseen"]), (2, 1, 0), done)

    def test_a_host_known_to_be_away_that_is_there_and_fails_is_not_covered(self):
        self.telnet(HOST)
        self.assertEqual(self.run_with(waiver(more='covers = ["unreachable"]')).code, 1)

    def test_a_check_of_the_whole_run_is_waived_by_a_star_alone(self):
        for address in (run_scope_test.FIRST, run_scope_test.SECOND):
            self.enterContext(peers.saying(address, 7000, b"one\n"))
        for named, code in (('"*"', 0), ('["127.0.0.0/8", "*.lab.test"]', 1)):
            with self.subTest(named):
                done = self.run_with(waiver(rule_glob="lab.*", named=named), head="", rules=run_scope_test.RULES,
                                     addresses=(run_scope_test.FIRST, run_scope_test.SECOND))
                self.assertEqual((done.code, done.status(run_scope_test.RULE, "*")[0]), (code, "fail"), done)

    def test_malformed_ones_are_shown_with_their_place_before_anything_is_sent(self):
        self.telnet(HOST)
        good = waiver()
        for wrong, words in ((good.replace(day(100), day(-11)), ["before it starts"]),
                             (good.replace('approver = "j.doe"\n', ""), ["no approver", 'approver = "j.doe"']),
                             (good.replace("telnet-open", "telnet-opne"), ["W-1", "did you mean `exposure.telnet-open`?"]),
                             (good.replace(HOST, "10.0.0.300"), ["10.0.0.300"]),
                             (good + good, ["already"]),
                             (good + 'tickets = "1"\n', ["tickets", "ticket"]),
                             (attestation("NIST-80-53/AC-17", 0, "1d"), ["NIST-80-53", "NIST-800-53"])):
            with self.subTest(words[0]):
                done = self.run_with(wrong)
                self.assertMistake(done, "inventory.toml:", *words)

    def test_an_unknown_time_zone_is_a_mistake(self):
        done = self.run_with("", head=SELECT + '\ntimezone = "Europe/Berlln"')
        self.assertMistake(done, "inventory.toml:5:12", "Europe/Berlln", "Europe/Berlin")

    def test_the_day_is_that_of_the_time_zone(self):
        done = self.run_with("", head=SELECT + '\ntimezone = "Pacific/Kiritimati"')  # UTC+14: ahead of every other
        far = datetime.datetime.fromisoformat(done.report["run"]["started"].replace("Z", "+00:00")) + datetime.timedelta(hours=14)
        self.assertEqual((done.report["run"]["day"], done.report["run"]["timezone"]),
                         (far.date().isoformat(), "Pacific/Kiritimati"))

    def test_a_replay_judges_by_the_day_of_the_recorded_run(self):
        preload = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
        if not pathlib.Path(preload).exists():
            self.skipTest("libfaketime is not installed")
        if processes.PATIENCE > 1:
            self.skipTest("a sanitizer's runtime has to be loaded first, and so does libfaketime")
        self.telnet(HOST)
        transcript = self.directory / "old.transcript"
        then = waiver(starts=-420, expires=-350)
        recorded = self.run_with(then, "--record", transcript, environment={
            "LD_PRELOAD": preload, "FAKETIME": "-400d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        self.assertEqual((recorded.code, recorded.report["waivers"][0]["state"]), (0, "active"), recorded)
        path = self.directory / "replayed.json"
        command = [program(), self.directory / "inventory.toml", "--replay", transcript, "--report", f"json={path}"]
        done = alone(*command)
        replayed = Done(list(map(str, command)), done.returncode, done.stdout, done.stderr, 0, path)
        self.assertEqual(replayed.code, 0, replayed)
        self.assertEqual(replayed.report["waivers"], recorded.report["waivers"])
        self.assertEqual(self.run_with(then).code, 1, "today it is expired")
