"""`audit rules test`: a rule's own cases, the cases that nobody writes, coverage, JUnit, watching."""

import json
import os
import pathlib
import re
import signal
import subprocess
import xml.etree.ElementTree as xml

import servers
from program import ROOT, LabTest, program

BANNER = """return rule {{
  id = "lab.{id}", title = "A rule of the lab", severity = "medium", ports = {{ 7000 }}, absent = "{absent}",
  params = {{ word = {{ type = "string", default = "good", help = "What it says." }} }},
  check = function(target)
{body}
  end,
}}
"""
READS = """    local stream <close> = target:connect(7000)
    local line = stream:read_line { timeout = 5 }
    if line == target.params.word then
      return pass("It says " .. line, stream)
    end
    return fail("It says " .. line, { greeting = stream })"""
CASES = """case "good" { peer { tcp = 7000, says = "good\\n" }, expect { status = "pass", message = "^It says good$" } }
case "bad" { peer { tcp = 7000, says = "bad\\n" }, expect { status = "fail", reason = "observed", severity = "medium", evidence = { "greeting" } } }
"""


class RulesTestTest(LabTest):
    def write_rule(self, body=READS, test=CASES, absent="not_applicable", name="a"):
        path = self.write(f"mine/lab/{name}.lua", BANNER.format(id=name, absent=absent, body=body))
        if test is not None:
            self.write(f"mine/lab/{name}_test.lua", test)
        return path

    def run_test(self, *options):
        return self.audit("rules", "test", self.directory / "mine", *options)

    def test_the_shipped_rules_pass_in_seconds_and_every_line_of_them_is_run(self):
        done = self.audit("rules", "test", "--coverage", "100")
        self.assertEqual(done.code, 0, done)
        self.assertLess(done.seconds, 30)
        found = re.search(r"(\d+) rules: (\d+) cases, 0 failed; (\d+) generated, 0 failed, (\d+) accepted", done.err)
        self.assertGreaterEqual(int(found[1]), 7)
        self.assertGreater(int(found[3]), 1000)
        self.assertNotIn("no test of", done.err)

    def test_each_shipped_rule_has_a_test_beside_it(self):
        for rule in (ROOT / "rules").glob("*/*.lua"):
            if not rule.stem.endswith("_test"):
                self.assertTrue(rule.with_name(rule.stem + "_test.lua").is_file(), rule)

    def test_a_rule_that_reads_whole_lines_passes(self):
        self.write_rule()
        done = self.run_test()
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.out, r"(?m)^ok +lab\.a +2 cases, \d+ generated, 100% of lines$")
        self.assertRegex(done.err, r"^1 rule: 2 cases, 0 failed; \d+ generated, 0 failed, 0 accepted; 6 of 6 lines run by cases\n$")

    def test_what_is_expected_and_not_seen_is_shown_with_the_conversation(self):
        self.write_rule(test='case "bad \\27[31m" {\n  peer { tcp = 7000, says = "b\\27d\\n", delay = 1 },\n'
                             '  expect { status = "pass", message = "good", evidence = { greeting = { remote = "x" } } } }')
        done = self.run_test()
        self.assertEqual(done.code, 1, done)
        self.assertNotIn("\x1b", done.out + done.err)
        for line in ("lab/a_test.lua:1: bad \\x1b[31m\n", "- status     pass\n    + status     fail\n",
                     '- message    pattern "good"\n', '+ message    "It says b\\x1bd"', "conversation with tcp/10.0.0.1:7000\n",
                     "1.002 s  < b\\x1bd\\n\n", "- evidence.greeting.remote \"x\"\n"):
            self.assertIn(line, done.out)

    def test_a_peer_that_takes_a_minute_takes_no_time(self):
        self.write_rule(test='case "slow" { peer { tcp = 7000, says = "good\\n", delay = 59 }, expect { status = "error", reason = "timeout" } }')
        done = self.run_test()
        self.assertEqual(done.code, 0, done)
        self.assertLess(done.seconds, 5)

    def test_a_verdict_on_a_part_is_found(self):
        # A banner that is compared byte by byte with what came so far fails where the peer is cut off.
        self.write_rule(body="""    local banner = target:banner(7000)
    if banner.bytes == "good\\n" then return pass("good", banner) end
    return fail("bad", banner)""", test='case "whole" { peer { tcp = 7000, says = "good\\n" }, expect { status = "pass" } }')
        done = self.run_test()
        self.assertEqual(done.code, 1, done)
        self.assertIn("closes after 1 of 5 bytes", done.out)
        self.assertIn("only a part was seen, and the whole ends as pass", done.out)

    def test_a_pass_that_rests_on_nothing_is_found_without_a_test_too(self):
        self.write_rule(test=None, body='    local bytes = try(target.banner, target, 7000)\n    return pass("well", target:port(7000))')
        done = self.run_test()
        self.assertEqual(done.code, 1, done)
        for what in ("open, and says nothing", "open, and closes at once", "open, and resets at once"):
            self.assertIn(f"its ports alone [tcp/10.0.0.1:7000 {what}]", done.out)
        self.assertIn("the peer said nothing, so nothing was seen that could pass", done.out)
        self.assertIn("1 rule has no test of its own", done.err)

    def test_a_rule_that_judges_the_port_alone_may_pass_on_silence(self):
        self.write_rule(test=None, body='    return pass("open", target:port(7000))')
        self.assertEqual(self.run_test().code, 0)

    def test_a_verdict_on_garbage_is_found(self):
        self.write_rule(test=None, body="""    local banner = target:banner(7000)
    if banner.bytes:find("bad") then return fail("bad", banner) end
    return pass("not bad", banner)""")
        done = self.run_test()
        self.assertEqual(done.code, 1, done)
        self.assertIn("what was said is garbage: a rule that passes on it does not look", done.out)

    def test_reading_in_pieces_must_come_to_the_same(self):
        self.write_rule(body="""    local stream <close> = target:connect(7000)
    local some = stream:read()
    if #some < 4 then return fail("too short", stream) end
    return pass("long enough", stream)""", test='case "whole" { peer { tcp = 7000, says = "good\\n" }, expect { status = "pass" } }')
        done = self.run_test()
        self.assertEqual(done.code, 1, done)
        self.assertIn("says it a byte at a time", done.out)
        self.assertIn("read one at a time, end as something else than pass (observed)", done.out)

    def test_what_the_author_accepts_is_counted_and_shown_with_the_reason(self):
        self.write_rule(body='    local bytes = try(target.banner, target, 7000)\n    return pass("well", target:port(7000))',
                        test='accept { kind = "*", why = "The lab says so." }\ncase "x" { peer { tcp = 7000 }, expect { status = "pass" } }')
        done = self.run_test()
        self.assertEqual(done.code, 0, done)
        self.assertIn("ends as pass (observed): well: The lab says so.", done.out)
        self.assertRegex(done.err, r"generated, 0 failed, [1-9]\d* accepted")

    def test_what_is_accepted_in_vain_fails(self):
        self.write_rule(test=CASES + 'accept { kind = "garbage", status = "pass", why = "Once it did." }')
        done = self.run_test()
        self.assertEqual(done.code, 1, done)
        self.assertIn("none: take it out", done.out)

    def test_absent_is_judged_by_the_sweep(self):
        self.write_rule(absent="pass", test="""case "closed" { expect { status = "pass", reason = "closed" } }
case "filtered" { peer { tcp = 7000, state = "filtered" }, host { echoes = true }, expect { status = "pass", reason = "filtered" } }
case "gone" { host { others = "filtered" }, expect { status = "not_reviewed", reason = "unreachable" } }
""")
        done = self.run_test()
        self.assertEqual(done.code, 0, done)

    def test_udp_names_tls_params_tags_and_conversations(self):
        self.write("mine/lab/b.lua", """return rule {
  id = "lab.b", title = "All of it", severity = "low", requires = "nothing", safety = "intrusive",
  params = { days = { type = "integer", default = 30, help = "How long." } },
  check = function(target)
    local reply = target:udp(161, { send = "ask" .. target.params.days })
    local name = target:dns(target.names[1], { type = "TXT" })
    local stream <close> = target:connect(25)
    stream:read_line()
    stream:write("EHLO me\\r\\n")
    stream:read_until("250 done\\r\\n")
    stream:write("STARTTLS\\r\\n")
    stream:read_line()
    local session = stream:starttls()
    stream:write("EHLO again\\r\\n")
    local last = stream:read_line()
    return info(table.concat({ reply.replies[1].bytes, name.answers[1].data, session.version, last, target.tags[1], target.groups[1], target.owner }, "|"), { reply = reply })
  end,
}
""")
        self.write("mine/lab/b_test.lua", """case "all of it" {
  target { name = "mail.example", tags = { "edge" }, groups = { "mailers" }, owner = "ops", params = { days = 7 } },
  dns { ["mail.example"] = { A = "10.0.0.1", TXT = "v=spf1 -all" } },
  peer { udp = 161, replies = function(request) return request:upper() end },
  peer { tcp = 25, says = "220 hello\\r\\n",
    { hears = "EHLO", says = "250-mail\\r\\n250 done\\r\\n", split = 3 },
    { hears = "STARTTLS", says = "220 go\\r\\n" },
    { tls = { version = "TLSv1.2" } },
    { hears = "\\r\\n", says = function(heard) if heard:find("again\\r\\n") then return "250 yes\\r\\n" end end },
  },
  expect { status = "informational", message = "ASK7|.*v=spf1 %-all.*|TLSv1.2|250 yes|edge|mailers|ops", sent = { "STARTTLS\\r\\n" } },
}
case "refused over UDP" {
  target { name = "mail.example" },
  expect { status = "error" },
}
""")
        done = self.run_test("--coverage", "100")
        self.assertEqual(done.code, 0, done)

    def test_a_transcript_answers_in_place_of_peers(self):
        transcript = self.directory / "mine/exposure/telnet.transcript"
        transcript.parent.mkdir(parents=True)
        with servers.telnetd("127.0.0.31"):
            self.audit("run", "--target", "127.0.0.31", "--select", "exposure.telnet-open", "--record", transcript)
        (self.directory / "mine/exposure/telnet.lua").write_text((ROOT / "rules/exposure/telnet-open.lua").read_text())
        self.write("mine/exposure/telnet_test.lua", 'case "as recorded" { transcript { file = "telnet.transcript", target = "127.0.0.31" }, '
                   'expect { status = "fail", evidence = { "banner" } } }\n')
        done = self.run_test()
        self.assertEqual(done.code, 0, done)
        self.assertIn("from 1 case none were generated", done.err)
        self.write("mine/exposure/telnet_test.lua", 'case "as recorded" { transcript { file = "none", target = "127.0.0.31" }, expect { status = "fail" } }\n')
        done = self.run_test()
        self.assertEqual(done.code, 1, done)
        self.assertIn("cannot be read", done.out)

    def test_coverage_names_the_lines_that_no_case_runs(self):
        path = self.write_rule(test=CASES.splitlines()[0])
        done = self.run_test("--coverage", "90")
        self.assertEqual(done.code, 1, done)
        self.assertRegex(done.out, r"(?m)^FAILED lab\.a .* 83% of lines$")
        self.assertIn(f"{path}: no case runs line 10\n", done.out)
        self.assertIn("5 of 6 lines run by cases, 1 rule below 90%", done.err)
        self.assertEqual(self.run_test("--coverage", "80").code, 0)
        self.assertEqual(self.run_test("--coverage", "101").code, 64)

    def test_a_test_file_that_is_wrong_is_said_with_its_line(self):
        for text, said in (("case 'x' {", "a_test.lua:1: "),
                           ("\nwhile true do end", "a_test.lua:2: it runs for too long"),
                           ("local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end", "while it is loaded"),
                           ("case 'x' { peer { tcp = 7000, sais = 'x' }, expect { status = 'pass' } }", "did you mean `says`?"),
                           ("case 'x' { expect { status = 'pas' } }", "`status` cannot be `pas`"),
                           ("case 'x' { }", "expects nothing"),
                           ("case 'x' { status = 'pass' }", "`status` stands in it by itself"),
                           ("case 'x'", "has no `{ … }`"),
                           ("case 'x' { peer { tcp = 1 }, peer { tcp = 1 }, expect { status = 'pass' } }", "declared twice"),
                           ("case 'x' { target { params = { day = 1 } }, expect { status = 'pass' } }", "do not fit the rule"),
                           ("accept { kind = 'x' } case 'x' { expect { status = 'pass' } }", "`why` is missing"),
                           ("pass('x')", "a_test.lua:1: "),
                           ("io.open('/etc/passwd')", "a_test.lua:1: "),
                           ("return 1", "declares no case")):
            with self.subTest(text):
                self.write_rule(test=text)
                done = self.run_test()
                self.assertEqual((done.code, done.out), (78, ""), done)
                self.assertIn(said, done.err)

    def test_a_function_of_a_test_that_loops_or_fails_ends_its_case(self):
        for body, said in (("while true do end", "runs for too long"), ("error('no')", "a_test.lua:1: no"), ("return 7", "returns a string")):
            with self.subTest(body):
                self.write_rule(test=f"case 'x' {{ peer {{ tcp = 7000, says = function() {body} end }}, expect {{ status = 'error' }} }}")
                done = self.run_test()
                self.assertEqual(done.code, 1, done)
                self.assertIn(said, done.out)

    def test_a_test_without_a_rule_and_a_rule_that_is_wrong_are_said(self):
        self.write_rule()
        orphan = self.write("mine/lab/orphan_test.lua", CASES)
        done = self.run_test()
        self.assertEqual((done.code, done.out), (78, ""), done)
        self.assertIn("there is no rule orphan.lua beside it", done.err)
        orphan.unlink()
        self.write("mine/lab/c.lua", "return rule {}")
        self.assertEqual(self.run_test().code, 78)
        self.assertEqual(self.audit("rules", "test", self.directory / "mine/lab/a_test.lua").code, 0)
        self.assertEqual(self.audit("rules", "test", "--nonsense").code, 64)

    def test_json_is_an_object_a_line(self):
        self.write_rule(test=CASES.replace('"fail"', '"pass"'))
        done = self.run_test("--json")
        self.assertEqual(done.code, 1, done)
        seen = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual([(one["case"], one["outcome"]) for one in seen if one.get("generated") == "" and "case" in one],
                         [("good", "passed"), ("bad", "failed")])
        self.assertEqual(seen[1]["differences"], [{"expected": "pass", "field": "status", "seen": "fail"}])
        self.assertEqual((seen[-1]["rule"], seen[-1]["good"], seen[-1]["uncovered"]), ("lab.a", False, []))

    def test_junit_is_well_formed_whatever_peers_say(self):
        hostile = r"]]><x a='1'>\27[31m\0\255\239\191\191&amp;\n"
        self.write_rule(test=CASES + f'case "<hostile & \\1 \\"quoted\\">" {{ peer {{ tcp = 7000, says = "{hostile}" }}, expect {{ status = "pass" }} }}')
        path = self.directory / "out.xml"
        done = self.run_test("--junit", path, "--coverage", "100")
        self.assertEqual(done.code, 1, done)
        text = path.read_bytes()
        root = xml.fromstring(text)
        check_junit(self, root)
        names = [case.get("name") for case in root.iter("testcase")]
        self.assertIn('<hostile & \\x01 "quoted">', names)
        self.assertTrue(any(name.startswith("good [truncated, ") for name in names), names)
        failures = [failure for case in root.iter("testcase") for failure in case.findall("failure")]
        self.assertEqual(len(failures), 1)
        self.assertIn("]]><x a='1'>", failures[0].text)
        self.assertNotRegex(text, b"[\x00-\x08\x0b-\x1f]")

    def test_a_junit_file_that_cannot_be_written_is_said(self):
        self.write_rule()
        done = self.run_test("--junit", self.directory / "absent/out.xml")
        self.assertEqual(done.code, 73, done)
        self.assertIn("cannot be written: No such file or directory", done.err)
        self.assertEqual(self.run_test("--junit", self.directory).code, 73)

    def test_a_watch_tests_again_what_changes_and_ends_by_sigint(self):
        path = self.write_rule()
        self.write_rule(name="b")
        process = subprocess.Popen([program(), "rules", "test", self.directory / "mine", "--watch"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        try:
            seen = []
            for line in process.stderr:
                seen.append(line)
                if line.startswith("watching"):
                    if any(one.startswith("changed: ") for one in seen):
                        break
                    text = path.read_text().replace('"It says "', '"It said "')
                    draft = path.with_suffix(".draft")
                    draft.write_text(text)
                    os.replace(draft, path)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
            process.wait()
        self.assertEqual(process.returncode, 130, seen)
        self.assertIn(f"changed: {path}\n", seen)
        self.assertTrue(any(one.startswith("2 rules: ") for one in seen), seen)
        self.assertTrue(any(one.startswith("1 rule: 2 cases, 1 failed") for one in seen), seen)
        self.assertIn("FAILED lab.a", out)

    def test_nothing_is_sent(self):
        self.write_rule()
        trace = self.directory / "trace"
        done = subprocess.run(["strace", "-f", "-e", "trace=network", "-o", trace, program(), "rules", "test", self.directory / "mine"],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=60,
                              env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
        self.assertEqual(done.returncode, 0, done)
        self.assertNotRegex(pathlib.Path(trace).read_text(), r"socket\(AF_INET|connect\(|sendto\(|sendmsg\(")


def check_junit(test, root):
    """The shape that readers of JUnit XML agree on."""
    test.assertEqual(root.tag, "testsuites")
    for suite in root:
        test.assertEqual(suite.tag, "testsuite")
        cases = suite.findall("testcase")
        test.assertEqual(len(cases), len(suite))
        test.assertEqual(int(suite.get("tests")), len(cases))
        test.assertEqual(int(suite.get("failures")), sum(case.find("failure") is not None for case in cases))
        float(suite.get("time"))
        for case in cases:
            test.assertTrue(case.get("name") and case.get("classname"))
            float(case.get("time"))
            test.assertLessEqual({child.tag for child in case}, {"failure", "system-out"})
            test.assertLessEqual(len(case.findall("failure")), 1)
