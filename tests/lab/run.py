#!/usr/bin/env python3
"""tests/lab/run.py [--tally FILE] [--share FOLDER] [--skip WHY] [FILTER]: the tests that need servers, one line each.

Run through tests/lab/enter.sh; AUDIT names the program. With --skip every test is counted as skipped, for that reason.
With --share only the files of tests that no other run with the same FOLDER has taken (tests/lab/side_by_side.py).
FILTER is a part of a test's name. The tally is three numbers (passed, failed, skipped) and then a line a skip.
"""

import argparse
import faulthandler
import itertools
import os
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
FOLDERS = (HERE, HERE.parent / "rules")
LONGEST = 300  # seconds that one test may take before the process says where it hangs and ends


class Lines(unittest.TestResult):
    """One line a test as it ends; failures in full, below their line."""

    def __init__(self, patience):
        super().__init__()
        self.passed = 0
        self.reasons = []
        self.skipped_tests, self.fallen_tests = set(), set()  # a test counts once, however many of its parts
        self._patience = patience
        self._began = time.monotonic()

    def startTest(self, test):
        super().startTest(test)
        self._began = time.monotonic()
        faulthandler.dump_traceback_later(LONGEST * self._patience, exit=True)

    def stopTest(self, test):
        faulthandler.cancel_dump_traceback_later()
        super().stopTest(test)

    def _line(self, word, test, more=""):
        print(f"{word:5} {time.monotonic() - self._began:6.2f} s  {name_of(test)}{more}", flush=True)

    def addSuccess(self, test):
        self.passed += 1
        self._line("ok", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.reasons.append(f"{name_of(test)}: {reason}")
        self.skipped_tests.add(whole_of(test))
        self._line("skip", test, f": {reason}")

    def _fell(self, test, error):
        self.fallen_tests.add(whole_of(test))
        self._line("FAIL", test)
        print("    " + self._exc_info_to_string(error, test).replace("\n", "\n    "), flush=True)

    addFailure = addError = _fell

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self._fell(subtest, error)


def whole_of(test):
    """The test that a subtest is a part of, or the test itself."""
    return getattr(test, "test_case", test).id()


def name_of(test):
    """file.Class.test_it_does_this → file: it does this."""
    if hasattr(test, "test_case"):  # a part of a test
        return f"{name_of(test.test_case)} [{test._subDescription().strip('[]()')}]"
    words = test.id().split(".")
    return f"{words[0]}: {words[-1].removeprefix('test_').replace('_', ' ')}" if len(words) > 1 else test.id()


def flatten(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flatten(item)
        else:
            yield item


def find_tests(wanted):
    sys.path[:0] = [str(folder) for folder in FOLDERS if folder.is_dir()]
    tests = []
    for folder in FOLDERS:
        if folder.is_dir():
            found = unittest.TestLoader().discover(str(folder), "*_test.py", str(folder))
            tests += [test for test in flatten(found) if wanted in test.id() or wanted in name_of(test)]
    return tests


def untaken(tests, folder):
    """The tests of each file that this run is the first to take; a file is taken when the one before it has ended."""
    for name, of_one_file in itertools.groupby(tests, key=lambda test: test.id().split(".")[0]):
        try:
            (folder / name).mkdir()
        except FileExistsError:
            continue
        yield list(of_one_file)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tally")
    parser.add_argument("--share", type=pathlib.Path)
    parser.add_argument("--skip")
    parser.add_argument("filter", nargs="?", default="")
    options = parser.parse_args()
    tests = find_tests(options.filter)
    if options.skip:
        passed, failed, reasons = 0, 0, [f"{len(tests)} tests with servers: {options.skip}"] if tests else []
        skipped = len(tests)
    else:
        result = Lines(float(os.environ.get("AUDIT_LAB_PATIENCE", "1")))
        if options.share:
            taken = []
            for of_one_file in untaken(tests, options.share):
                taken += of_one_file
                unittest.TestSuite(of_one_file).run(result)
            tests = taken
        else:
            unittest.TestSuite(tests).run(result)
        passed, skipped, reasons = result.passed, len(result.skipped_tests - result.fallen_tests), result.reasons
        failed = len(tests) - passed - skipped  # one that never ran has not passed
    print(f"lab: {passed} passed, {failed} failed, {skipped} skipped", flush=True)
    if options.tally:
        pathlib.Path(options.tally).write_text("\n".join([f"{passed} {failed} {skipped}", *reasons]) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
