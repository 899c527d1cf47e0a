"""The check of the laws, which every other test relies on, sees each way of breaking them."""

import copy
import unittest

from program import Broken, check_each_check, check_the_arithmetic, expected_exit

SEEN = {"probe": "port", "endpoint": "tcp/127.0.0.1:23", "reason": "open", "attempts": 1}


def check(rule, status, reason="observed", evidence=(SEEN,), severity="high"):
    return {"rule": rule, "target": "127.0.0.1", "status": status, "reason": reason, "severity": severity,
            "message": "so it is", "evidence": list(evidence)}


def sound():
    checks = [check("a", "pass"), check("b", "fail", "open"), check("c", "not_reviewed", "stopped", [])]
    zero = {"error": 0, "not_applicable": 0, "informational": 0}
    counts = {"pass": 1, "fail": 1, "not_reviewed": 1, **zero}
    return {
        "run": {"complete": True},
        "summary": {**counts, "planned": 3, "targets": 1, "dark": 2, "excluded": 0, "waived": 0, "score": 1 / 3,
                    "waived_failures": {"critical": 0, "high": 0, "medium": 0, "low": 0, "info": 0},
                    "waived_unseen": 0, "accepted_coverage": 2 / 3,
                    "coverage": 2 / 3, "require_coverage": 1.0, "results": dict(counts),
                    "failures": {"critical": 0, "high": 1, "medium": 0, "low": 0, "info": 0}},
        "rules": [{"id": rule} for rule in "abc"],
        "targets": [{"id": "127.0.0.1", "life": "alive"}],
        "checks": checks,
        "dark": [{"count": 2}], "excluded": [],
    }


def miscount(report):
    report["summary"]["pass"] += 1


def lose(report):
    report["checks"].pop()


def repeat(report):
    report["checks"].append(copy.deepcopy(report["checks"][0]))
    for count in (report["summary"], report["summary"]["results"]):
        count["pass"] += 1
    report["summary"]["planned"] += 1


def flatter(report):
    report["summary"]["score"] = 0.5


def overrate(report):
    report["summary"]["coverage"] = 1.0


def forget_the_dark(report):
    report["dark"] = []


def pass_blindly(report):
    report["checks"][0]["evidence"] = []


def pass_on_a_note(report):
    report["checks"][0]["evidence"] = [{"label": "trust me", "value": 1}]


def pass_on_a_fault_of_ours(report):
    report["checks"][0]["evidence"] = [{**SEEN, "reason": "local_fault"}]


def pass_for_want_of_a_deadline(report):
    report["checks"][0]["reason"] = "over_budget"


def pass_on_a_silent_target(report):
    report["targets"][0]["life"] = "silent"


def invent_a_reason(report):
    report["checks"][0]["reason"] = "because"


def hide_a_failed_part(report):
    report["checks"][0]["results"] = [check("a", "pass"), check("a", "fail", "open")]


def waive_without_a_waiver(report):
    report["summary"]["waived"] = 1
    report["summary"]["waived_failures"]["high"] = 1


def waive_and_not_count_it(report):
    report["checks"][1]["waiver"] = "W-1"


def excuse_what_is_not_away(report):
    report["summary"]["waived_unseen"] = 1
    report["summary"]["accepted_coverage"] = 1.0


def judge_a_stranger(report):
    report["checks"][0]["target"] = "127.0.0.2"


class LawsTest(unittest.TestCase):
    def test_a_sound_report_is_sound(self):
        check_the_arithmetic(sound())
        check_each_check(sound())

    def test_each_way_of_breaking_it_is_seen(self):
        for harm in (miscount, lose, repeat, flatter, overrate, forget_the_dark, pass_blindly, pass_on_a_note,
                     pass_on_a_fault_of_ours, pass_for_want_of_a_deadline, pass_on_a_silent_target, invent_a_reason,
                     hide_a_failed_part, judge_a_stranger, waive_without_a_waiver, waive_and_not_count_it,
                     excuse_what_is_not_away):
            with self.subTest(harm.__name__):
                report = sound()
                harm(report)
                with self.assertRaises(Broken):
                    check_the_arithmetic(report)
                    check_each_check(report)

    def test_the_exit_code_follows_from_the_report(self):
        report = sound()
        self.assertEqual(expected_exit(report), 3)
        self.assertEqual(expected_exit(report, "critical"), 2)
        report["summary"]["require_coverage"] = 0.5
        self.assertEqual(expected_exit(report), 1)
        self.assertEqual(expected_exit(report, "never"), 0)
        report["summary"]["waived_failures"]["high"] = 1
        self.assertEqual(expected_exit(report), 0)
        report["summary"].update(require_coverage=1.0, accepted_coverage=1.0)
        self.assertEqual(expected_exit(report), 0)
        report["run"]["complete"] = False
        self.assertEqual(expected_exit(report, "never"), 2)
