"""Runs `audit` and, whatever a test is about, checks after every run that its report keeps the first law."""

import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import processes

ROOT = pathlib.Path(__file__).resolve().parents[2]
STATUSES = ("pass", "fail", "error", "not_applicable", "not_reviewed", "informational")
PRECEDENCE = ("fail", "error", "not_reviewed", "pass", "informational", "not_applicable")
SEVERITIES = ("info", "low", "medium", "high", "critical")
# Reasons of our own making: an observation that ended so saw nothing of the peer.
BLIND = {"missing_credential", "out_of_scope", "not_recorded", "over_budget", "rule_error", "rule_stuck", "local_fault",
         "stopped"}
STOPPED = {130, 143}


def program():
    path = pathlib.Path(os.environ.get("AUDIT", ROOT / "build/release/audit"))
    if not path.is_file():
        raise RuntimeError(f"{path} is not built, or AUDIT names no program: cmake --build --preset release")
    return str(path.resolve())


def reasons():
    """The closed set, from the one place that defines it."""
    text = (ROOT / "engine/base/reason.hpp").read_text()
    return set(re.findall(r"^\s+(\w+),$", text, re.MULTILINE))


def one_of_each_key(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a JSON object repeats a key: {keys}")
    return dict(pairs)


class Broken(AssertionError):
    """A law does not hold."""


def _require(condition, what):
    if not condition:
        raise Broken(what)


def _results_of(check):
    return check.get("results") or [check]


def _saw_something(evidence):
    return any("probe" in item and item["reason"] not in BLIND for item in evidence)


def check_the_arithmetic(report):
    """Law 1 and the definitions of score and coverage, recomputed from the checks themselves."""
    summary, checks = report["summary"], report["checks"]
    count = {status: sum(check["status"] == status for check in checks) for status in STATUSES}
    _require({status: summary[status] for status in STATUSES} == count,
             f"the summary says {summary}, the checks say {count}")
    _require(sum(count.values()) == summary["planned"], f"{count} does not sum to {summary['planned']} planned")
    ids = [(check["rule"], check["target"]) for check in checks]
    _require(len(ids) == len(set(ids)), f"checks reported twice: {sorted({i for i in ids if ids.count(i) > 1})}")
    results = {status: sum(result["status"] == status for check in checks for result in _results_of(check))
               for status in STATUSES}
    _require(summary["results"] == results, f"the summary counts results {summary['results']}, there are {results}")
    failures = {severity: sum(result["status"] == "fail" and result["severity"] == severity
                              for check in checks for result in _results_of(check)) for severity in SEVERITIES}
    _require(summary["failures"] == failures, f"the summary counts failures {summary['failures']}, not {failures}")
    waived = {severity: sum(result["status"] == "fail" and result["severity"] == severity and "waiver" in result
                            for check in checks for result in _results_of(check)) for severity in SEVERITIES}
    _require(summary["waived_failures"] == waived, f"the summary waives {summary['waived_failures']}, not {waived}")
    _require(summary["waived"] == sum(waived.values()), f"{summary['waived']} waived, not {sum(waived.values())}")
    unseen = sum(check["status"] == "not_reviewed" and all("waiver" in result for result in _results_of(check)
                                                           if result["status"] == "not_reviewed") for check in checks)
    _require(summary["waived_unseen"] == unseen, f"{summary['waived_unseen']} checks of hosts away, not {unseen}")
    scored = count["pass"] + count["fail"] + count["error"] + count["not_reviewed"]
    judged = summary["planned"] - count["error"] - count["not_reviewed"]
    score = count["pass"] / scored if scored else 0
    coverage = judged / summary["planned"] if summary["planned"] else 0
    _require(abs(summary["score"] - score) < 1e-9, f"score {summary['score']}, not {score}")
    _require(abs(summary["coverage"] - coverage) < 1e-9, f"coverage {summary['coverage']}, not {coverage}")
    accepted = (judged + unseen) / summary["planned"] if summary["planned"] else 0
    _require(abs(summary["accepted_coverage"] - accepted) < 1e-9,
             f"accepted coverage {summary['accepted_coverage']}, not {accepted}")
    for kind in ("dark", "excluded"):
        listed = sum(entry["count"] for entry in report[kind])
        _require(summary[kind] == listed, f"{summary[kind]} {kind} in the summary, {listed} in the list")
    _require(summary["targets"] == len(report["targets"]), f"{summary['targets']} targets, {len(report['targets'])} listed")


def check_each_check(report):
    """No verdict without something seen, no word outside the closed sets, no check of an unknown rule or target."""
    known = reasons()
    rules = {rule["id"] for rule in report["rules"]}
    targets = {target["id"]: target for target in report["targets"]}
    _require(len(targets) == len(report["targets"]), "two targets have one id")
    for check in report["checks"]:
        name = f"{check['rule']} on {check['target']}"
        _require(check["rule"] in rules, f"{name}: a rule that is not listed")
        _require(check["target"] in targets or check["target"] == "*", f"{name}: a target that is not listed")
        statuses = [result["status"] for result in _results_of(check)]
        foremost = next(status for status in PRECEDENCE if status in statuses)
        _require(check["status"] == foremost, f"{name}: is {check['status']}, its results {statuses}")
        for result in [check, *_results_of(check)]:
            _require(result["reason"] in known, f"{name}: unknown reason {result['reason']}")
            _require(result["message"] or result["status"] in ("pass", "not_applicable"), f"{name}: says nothing")
            if result["status"] in ("pass", "fail"):
                _require(_saw_something(result["evidence"]), f"{name}: {result['status']} that saw nothing: {result}")
                _require(result["reason"] not in BLIND, f"{name}: {result['status']} for {result['reason']}")
        if check["status"] == "pass" and check["target"] in targets and targets[check["target"]]["life"] != "alive":
            answered = [item for item in check["evidence"] if item.get("probe") == "dns" and item["reason"] == "observed"]
            _require(answered, f"{name}: passes on a target that is {targets[check['target']]['life']}")


def expected_exit(report, fail_on="low"):
    """What the exit code has to be, of a run that was not stopped and whose reports could be written."""
    summary = report["summary"]
    code = 0
    if fail_on != "never":
        serious = SEVERITIES[SEVERITIES.index(fail_on):]
        if any(summary["failures"][severity] > summary["waived_failures"][severity] for severity in serious):
            code |= 1
    covered = summary["accepted_coverage"] >= summary["require_coverage"]
    if summary["planned"] == 0 or not report["run"]["complete"] or not covered:
        code |= 2
    return code


class Done:
    """One ended run: code, out, err, seconds, and its report where there was one."""

    def __init__(self, command, code, out, err, seconds, report_path):
        self.command, self.code, self.out, self.err, self.seconds = command, code, out, err, seconds
        self.report = None
        self.report_path = report_path
        if report_path is not None and report_path.is_file():
            self.report = json.loads(report_path.read_text(encoding="utf-8"), object_pairs_hook=one_of_each_key)
            check_the_arithmetic(self.report)
            check_each_check(self.report)

    def __str__(self):
        return f"{' '.join(self.command)}\nexit {self.code} after {self.seconds:.2f} s\n{self.out}\n{self.err}"

    @property
    def summary(self):
        return self.report["summary"]

    def check(self, rule, target):
        found = [check for check in self.report["checks"] if (check["rule"], check["target"]) == (rule, target)]
        if len(found) != 1:
            planned = [(check["rule"], check["target"]) for check in self.report["checks"]]
            raise AssertionError(f"{len(found)} checks {rule} on {target} among {planned}\n{self}")
        return found[0]

    def status(self, rule, target):
        check = self.check(rule, target)
        return check["status"], check["reason"]

    def report_size(self):
        return self.report_path.stat().st_size

    def failures(self):
        return sorted((check["rule"], check["target"]) for check in self.report["checks"] if check["status"] == "fail")

    def target(self, name):
        return next(target for target in self.report["targets"] if target["id"] == name)

    def port_state(self, target, port):
        """What the sweep said of a TCP port that has a row of its own; None where it is only counted."""
        for row in self.target(target)["ports"]:
            if row["endpoint"].startswith("tcp/") and row["endpoint"].endswith(f":{port}"):
                return row["state"]
        return None


class Running:
    """A run under way, whose output is read as it comes."""

    def __init__(self, command, report_path, environment, before):
        self.command, self.report_path = command, report_path
        self.started = time.monotonic()
        self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, env=environment, preexec_fn=before,
                                      start_new_session=True)
        self._pieces = {"out": [], "err": []}
        self._readers = [threading.Thread(target=self._read, args=(name, pipe), daemon=True)
                         for name, pipe in (("out", self.child.stdout), ("err", self.child.stderr))]
        for reader in self._readers:
            reader.start()

    def _read(self, name, pipe):
        with pipe:
            while piece := os.read(pipe.fileno(), 65536):
                self._pieces[name].append(piece)

    def send(self, number):
        self.child.send_signal(number)

    def end(self, timeout=60):
        try:
            self.child.wait(timeout * processes.PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()
            raise AssertionError(f"{' '.join(self.command)} did not end in {timeout * processes.PATIENCE:g} s: "
                                 f"{self._text('out')}{self._text('err')}") from None
        for reader in self._readers:
            reader.join()
        done = Done(self.command, self.child.returncode, self._text("out"), self._text("err"),
                    time.monotonic() - self.started, self.report_path)
        _require(done.code >= 0, f"ended by signal: {done}")
        _require("Sanitizer" not in done.err and "runtime error:" not in done.err, str(done))
        return done

    def _text(self, name):
        return b"".join(self._pieces[name]).decode("utf-8", "backslashreplace")


def limits(descriptors=None, memory=None):
    """A function that limits the child before it starts; `memory` is its address space in bytes."""
    def before():
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if descriptors:
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return before


class LabTest(unittest.TestCase):
    """A test with a directory of its own, in which it writes inventories and rules and runs `audit`."""

    def setUp(self):
        held = tempfile.TemporaryDirectory(prefix="audit-", ignore_cleanup_errors=True)
        self.directory = pathlib.Path(self.enterContext(held))

    def write(self, name, text):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def start(self, *arguments, report=False, environment=None, before=None):
        """Starts `audit` with these arguments; `report` adds a JSON report that the laws are checked on."""
        command = [program(), *map(str, arguments)]
        path = None
        if report:
            path = self.directory / "report.json"
            path.unlink(missing_ok=True)
            command += ["--report", f"json={path}"]
        running = Running(command, path, {**os.environ, **(environment or {})}, before or limits())
        self.addCleanup(self._kill, running.child)
        return running

    @staticmethod
    def _kill(child):
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def audit(self, *arguments, timeout=60, **options):
        """Any command of the program, run to its end."""
        return self.start(*arguments, **options).end(timeout)

    def run_inventory(self, text, *arguments, fail_on="low", rules=None, timeout=60, **options):
        """A run of an inventory given as text, `rules` a map from file name to Lua in place of the shipped ones."""
        words = [self.write("inventory.toml", text), "--seed", "1", *arguments]
        if fail_on != "low":
            words += ["--fail-on", fail_on]
        if rules is not None:
            for name, lua in rules.items():
                self.write(f"rules/{name}", lua)
            words += ["--rules", self.directory / "rules"]
        done = self.audit(*words, report=True, timeout=timeout, **options)
        if done.report is not None and done.code not in STOPPED and done.code != 73:
            self.assertEqual(done.code, expected_exit(done.report, fail_on), f"the exit code belies the report: {done}")
        return done

    def assertMistake(self, done, *words):
        """Exit 78, with these words on standard error and no report."""
        self._assert_refused(78, done, words)

    def assertUsage(self, done, *words):
        """Exit 64, for what stands on the command line itself, alike."""
        self._assert_refused(64, done, words)

    def _assert_refused(self, code, done, words):
        self.assertEqual(done.code, code, done)
        self.assertIsNone(done.report, done)
        for word in words:
            self.assertIn(word, done.err, done)


def targets(*addresses, head=""):
    """An inventory of these targets; `head` goes into [audit] and whatever tables follow it."""
    entries = "".join(f'\n[[targets]]\naddress = "{address}"\n' for address in addresses)
    return f"schema = 1\n[audit]\nname = \"lab\"\n{head}\n{entries}"


def rule(body, rule_id="lab.rule", declares='ports = { 7000 }', head=""):
    """A rule file whose check is `body`."""
    return f"""{head}return rule {{
  id = "{rule_id}", title = "A rule of the lab", severity = "medium", safety = "normal", tags = {{ "lab" }},
  rationale = "Asked by a test.", remediation = "None.", references = {{}},
  {declares},
  check = function(target)
{body}
  end,
}}
"""
