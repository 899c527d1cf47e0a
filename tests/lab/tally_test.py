"""The count that tests/run.sh prints: what crashed or said nothing has not passed."""

import importlib.util
import pathlib
import unittest

SPEC = importlib.util.spec_from_file_location("tally", pathlib.Path(__file__).resolve().parents[1] / "tally.py")
TALLY = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(TALLY)


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
