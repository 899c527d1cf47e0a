"""What tests/run.sh prints at its end: what crashed or said nothing has not passed, and what failed is named."""

import importlib.util
import pathlib
import unittest



def load(name):
    spec = importlib.util.spec_from_file_location(name, pathlib.Path(__file__).resolve().parents[1] / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TALLY = load("tally")
FAILURES = load("failures")


class TallyTest(unittest.TestCase):
    def test_each_way_that_a_test_may_end_is_counted(self):
        log = """
1: All tests passed (12 assertions in 3 test cases)
1/6 Test #1: base .............................   Passed    0.16 sec
2: test cases: 5 | 4 passed | 1 failed
2/6 Test #2: net ..............................***Failed    0.16 sec
3/6 Test #3: lua ..............................***Exception: SegFault  0.16 sec
4/6 Test #4: probe ............................***Timeout 300.01 sec
5/6 Test #5: bench ............................***Skipped   0.00 sec
6/6 Test #6: script ...........................   Passed    0.10 sec
""".splitlines()
        self.assertEqual(TALLY.tally(log), (3 + 4 + 1, 1 + 1 + 1, ["bench: skipped by itself"]))

    def test_a_program_that_crashed_after_good_cases_has_failed(self):
        log = ["1: All tests passed (1 assertion in 1 test case)", "1/1 Test #1: base ...***Exception: SegFault  0.16 sec"]
        self.assertEqual(TALLY.tally(log)[1], 1)


class FailuresTest(unittest.TestCase):
    def test_what_failed_is_shown_and_nothing_else(self):
        log = """
ok      0.10 s  life_test: one that passed
FAIL    0.20 s  life_test: one that failed
    Traceback (most recent call last):
      AssertionError: 1 != 2
    
ok      0.10 s  life_test: one after it
1: All tests passed (12 assertions in 3 test cases)
2: net_test.cpp:5: FAILED:
2: test cases: 5 | 4 passed | 1 failed
1/3 Test #1: base .............................   Passed    0.16 sec
2/3 Test #2: net ..............................***Failed    0.16 sec
3/3 Test #3: lua ..............................***Exception: SegFault  0.16 sec
lab: a run ended with -9 and no tally; what it had taken is counted as one failure
""".split("\n")
        self.assertEqual(FAILURES.failures(log), [
            ["FAIL    0.20 s  life_test: one that failed", "    Traceback (most recent call last):",
             "      AssertionError: 1 != 2", "    "],
            ["net: Failed    0.16 sec", "net_test.cpp:5: FAILED:", "test cases: 5 | 4 passed | 1 failed"],
            ["lua: Exception: SegFault  0.16 sec"],
            ["lab: a run ended with -9 and no tally; what it had taken is counted as one failure"]])

    def test_a_long_one_is_cut_in_its_middle_and_says_so(self):
        lines = [f"line {number}" for number in range(1000)]
        short = FAILURES.shorten(lines)
        self.assertEqual((short[0], short[-1], len(short)), ("line 0", "line 999", FAILURES.LONGEST + 1))
        self.assertIn("940 lines more", short[FAILURES.LONGEST // 2])
