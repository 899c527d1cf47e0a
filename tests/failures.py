#!/usr/bin/env python3
"""tests/failures.py [--names] LOG: what a log of tests says of those that failed, and of no other.

Reads what tests/lab/run.py prints (a line "FAIL …" and the indented lines below it) and what `ctest --verbose` prints (the
lines of each program that did not pass). Long ones are cut in the middle, which is said: the whole is in the log. With
--names a line each.
"""

import re
import sys

LONGEST = 60  # lines of one failure


def failures(log):
    """Lists of lines, one list a failure."""
    found, programs, block = [], {}, None
    for line in (line.rstrip("\n") for line in log):
        if block is not None and line.startswith("    "):
            block.append(line)
            continue
        block = None
        if line.startswith("FAIL ") or line.startswith("lab: a run ended"):
            block = [line]
            found.append(block)
        elif said := re.match(r"(\d+): (.*)", line):
            programs.setdefault(said[1], []).append(said[2])
        elif ended := re.match(r" *\d+/\d+ Test +#(\d+): (\S+) [. ]*(\**)(\w.*)", line):
            if not ended[4].startswith(("Passed", "Skipped", "Not Run (Disabled)")):
                found.append([f"{ended[2]}: {ended[4]}", *programs.get(ended[1], [])])
            programs.pop(ended[1], None)
    return found


def shorten(lines):
    if len(lines) <= LONGEST:
        return lines
    half = LONGEST // 2
    return [*lines[:half], f"    … {len(lines) - 2 * half} lines more …", *lines[-half:]]


def main():
    *options, path = sys.argv[1:]
    with open(path, encoding="utf-8", errors="backslashreplace") as log:
        for lines in failures(log):
            print("\n".join(lines[:1] if options == ["--names"] else shorten(lines)))


if __name__ == "__main__":
    main()
