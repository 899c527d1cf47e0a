"""The main job, as the quickstart does it: real servers, the shipped rules, findings that a person can act on."""

import json
import re
import shlex
import subprocess

import network
import peers
import servers
from program import LabTest, program, targets

TELNET, SSH, WEB, NOBODY = "127.0.0.11", "127.0.0.12", "127.0.0.13", "127.0.0.14"
SELECT = 'select = "not dns.*"'


class MainJobTest(LabTest):
    def setUp(self):
        super().setUp()
        self.enterContext(servers.telnetd(TELNET))
        self.enterContext(servers.sshd(SSH))
        self.enterContext(servers.nginx(WEB))

    def inventory(self, head=SELECT):
        return targets(TELNET, SSH, WEB, NOBODY, head=head)

    def test_the_open_telnet_is_named_and_nothing_else_is_wrong(self):
        done = self.run_inventory(self.inventory())
        self.assertEqual(done.code, 1, done)
        self.assertIn(("exposure.telnet-open", TELNET), done.failures())
        self.assertEqual({target for _, target in done.failures()}, {TELNET}, done)
        self.assertEqual(done.summary["error"] + done.summary["not_reviewed"], 0, done)
        self.assertEqual(done.summary["coverage"], 1)
        for target in (SSH, WEB, NOBODY):
            self.assertEqual(done.status("exposure.telnet-open", target)[0], "pass")
        self.assertIn("23", done.check("exposure.telnet-open", TELNET)["message"])
        self.assertEqual(done.port_state(TELNET, 23), "open")

    def test_the_table_names_the_finding_and_its_remedy(self):
        done = self.run_inventory(self.inventory())
        for words in (TELNET, SSH, WEB, NOBODY, "exposure.telnet-open", f"planned {done.summary['planned']}"):
            self.assertIn(words, done.out, done)
        self.assertNotIn("\x1b", done.out + done.err, "colours, though nobody looks at a terminal")
        self.assertNotIn("\r", done.out + done.err, "a progress line, though nobody looks at a terminal")

    def test_every_rule_is_asked_of_every_target_once(self):
        done = self.run_inventory(self.inventory())
        rules = {rule["id"] for rule in done.report["rules"]}
        self.assertLessEqual({"exposure.telnet-open", "exposure.ftp-open", "ssh.version", "web.http-answers",
                              "access.management"}, rules)
        asked = {(check["rule"], check["target"]) for check in done.report["checks"]}
        of_the_run = {"ssh.shared-host-key"}
        self.assertLessEqual({(rule, target) for rule in rules - of_the_run if not rule.startswith("policy.")
                              for target in (TELNET, SSH, WEB, NOBODY)}, asked)
        self.assertEqual({target for rule, target in asked if rule in of_the_run}, {"*"})

    def test_the_command_of_the_report_is_what_one_types_to_have_the_run_again(self):
        path = self.write("it's an inventory.toml", self.inventory())
        report = self.directory / "again.json"
        words = [path, "--seed", "7", "--select", "exposure or ssh", "--limit", f"{TELNET},{SSH}", "--fail-on", "never", "--quiet",
                 "--allow-commands", "--max-runtime", "5m", "--report", f"json={report}"]
        done = self.audit(*words)
        first = json.loads(report.read_text())
        self.assertEqual(shlex.split(first["run"]["command"]), ["audit", "run", *map(str, words)], done)
        again = subprocess.run(first["run"]["command"].replace("audit", program(), 1), shell=True, capture_output=True,
                               check=False, timeout=60)
        self.assertEqual(again.returncode, done.code, again)
        second = json.loads(report.read_text())
        self.assertEqual((second["run"]["seed"], second["run"]["command"], second["summary"]["pass"]),
                         (7, first["run"]["command"], first["summary"]["pass"]))

    def test_all_formats_of_one_run_count_the_same(self):
        html, text = self.directory / "report.html", self.directory / "report.txt"
        done = self.run_inventory(self.inventory(), "--report", f"html={html}", "--report", f"text={text}")
        numbers = [str(done.summary[key]) for key in ("planned", "pass", "fail")]
        line = next(line for line in text.read_text().splitlines() if line.strip().startswith("planned"))
        for number in numbers:
            self.assertIn(number, re.findall(r"\d+", line), done)
        page = html.read_text(encoding="utf-8")
        for words in (TELNET, NOBODY, "exposure.telnet-open", *numbers):
            self.assertIn(words, page)
        self.assertEqual(page.lower().count("<script"), 1, "nothing of the run may be a script")
        self.assertIsNone(re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", re.sub(r"<a [^>]*>", "", page)),
                          "the page loads something from elsewhere")

    def test_a_report_without_a_path_has_standard_output_to_itself(self):
        path = self.write("inventory.toml", self.inventory())
        done = self.audit(path, "--report", "json")
        self.assertEqual(json.loads(done.out)["summary"]["fail"] > 0, True)
        self.assertEqual(done.code, 1, done)

    def test_a_text_report_on_standard_output_is_not_printed_twice(self):
        done = self.audit(self.write("inventory.toml", self.inventory()), "--report", "text")
        self.assertEqual((done.out + done.err).count("HOSTS AND SERVICES"), 1, done)

    def test_quiet_says_nothing_but_what_was_asked_for(self):
        done = self.run_inventory(self.inventory(), "--quiet")
        self.assertEqual(done.err, "", done)
        self.assertEqual(done.code, 1, done)

    def test_targets_on_the_command_line_need_no_file(self):
        done = self.audit("run", "--target", f"{TELNET},{SSH}", "--target", NOBODY, "--select", "exposure.telnet-open",
                          report=True)
        self.assertEqual(done.failures(), [("exposure.telnet-open", TELNET)], done)
        self.assertEqual(done.summary["planned"], 3, done)
        self.assertEqual(done.code, 1, done)

    def test_a_run_is_the_same_as_its_short_form(self):
        path = self.write("inventory.toml", self.inventory())
        short = self.audit(path, report=True)
        long = self.audit("run", path, report=True)
        self.assertEqual(long.code, short.code)

        def facts(done):
            return [(check["rule"], check["target"], check["status"], check["reason"]) for check in done.report["checks"]]
        self.assertEqual(facts(long), facts(short))

    def test_the_order_of_asking_changes_no_answer(self):
        path = self.write("inventory.toml", self.inventory())
        seen = set()
        for seed in ("1", "2", "77"):
            done = self.audit(path, "--seed", seed, report=True)
            seen.add(str([(c["rule"], c["target"], c["status"], c["reason"]) for c in done.report["checks"]]))
        self.assertEqual(len(seen), 1, seen)

    def test_service_names_come_from_the_inventory_first(self):
        done = self.run_inventory(self.inventory(SELECT + '\n[services]\n23 = "Old console"\n'))
        self.assertIn("Old console", done.out, done)


class PlanTest(LabTest):
    def setUp(self):
        super().setUp()
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)

    def test_a_plan_says_what_would_be_asked_and_sends_nothing(self):
        with network.firewall() as firewall, peers.silent(TELNET, 23) as peer:
            packets = firewall.count("127.0.0.0/8")
            path = self.write("inventory.toml", targets(TELNET, SSH, "a-name.lab.test", "127.0.9.0/24"))
            done = self.audit("plan", path)
            self.assertEqual(done.code, 0, done)
            self.assertEqual((firewall.counted(packets), peer.accepted), (0, 0), done)
        for words in ("exposure.telnet-open", "23"):
            self.assertIn(words, done.out, done)
