#!/usr/bin/env python3
"""tests/tally.py LOG: counts what a `ctest --verbose` log ran, in the cases of Catch2 where a test is one of its programs.

Prints "passed failed skipped", and then a line for each test that was skipped.
"""

import re
import sys


def tally(log):
    passed = failed = 0
    skips = []
    cases = {}  # number of a test → (passed, failed) of its cases
    for line in log:
        if found := re.match(r"(\d+): All tests passed \(.* in (\d+) test cases?\)", line):
            cases[found[1]] = (int(found[2]), 0)
        elif found := re.match(r"(\d+): test cases: +\d+ \|(.*)", line):
            words = dict(reversed(part.strip().split(maxsplit=1)) for part in found[2].split("|"))
            good = int(words.get("passed", 0)) + int(words.get("failed as expected", 0))
            cases[found[1]] = (good, int(words.get("failed", 0)))
        elif found := re.match(r" *\d+/\d+ Test +#(\d+): (\S+) [. ]*\**(Passed|Failed|Skipped|Not Run|.*)", line):
            number, name, outcome = found[1], found[2], found[3]
            good, bad = cases.get(number, (0, 0))
            if outcome.startswith("Passed"):
                passed += good if number in cases else 1
            elif outcome.startswith(("Skipped", "Not Run (Disabled)")):
                skips.append(f"{name}: skipped by itself")
            else:  # one that crashed or ran out of time has said nothing of its cases
                passed += good
                failed += max(bad, 1)
    return passed, failed, skips


def main():
    with open(sys.argv[1], encoding="utf-8", errors="backslashreplace") as log:
        passed, failed, skips = tally(log)
    print(passed, failed, len(skips))
    for skip in skips:
        print(skip)


if __name__ == "__main__":
    main()
