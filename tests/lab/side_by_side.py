#!/usr/bin/env python3
"""tests/lab/side_by_side.py [--jobs N] [--tally FILE] [FILTER]: the tests that need servers, N files of them at once.

Each of N runs of tests/lab/run.py has namespaces of its own (tests/lab/enter.sh), and takes the next file of tests that
no other has taken. Most tests wait more than they compute: N is the processors and one more.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent


def print_lines(stream, lock):
    """A failure is several lines, all but the first indented: they stay together."""
    block = []
    for line in stream:
        if block and not line.startswith(" "):
            with lock:
                sys.stdout.writelines(block)
                sys.stdout.flush()
            block = []
        block.append(line)
    with lock:
        sys.stdout.writelines(block)
        sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=(os.cpu_count() or 1) + 1)
    parser.add_argument("--tally")
    parser.add_argument("filter", nargs="?", default="")
    options = parser.parse_args()
    lock = threading.Lock()
    with tempfile.TemporaryDirectory() as folder:
        taken = pathlib.Path(folder, "taken")
        taken.mkdir()
        runs = []
        for number in range(options.jobs):
            tally = pathlib.Path(folder, f"tally{number}")
            command = [HERE / "enter.sh", HERE / "run.py", "--share", taken, "--tally", tally, options.filter]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                       errors="replace")
            reader = threading.Thread(target=print_lines, args=(process.stdout, lock))
            reader.start()
            runs.append((process, reader, tally))
        counts, reasons = [0, 0, 0], []
        for process, reader, tally in runs:
            status = process.wait()
            reader.join()
            if tally.exists():
                numbers, *more = tally.read_text().splitlines()
                counts = [have + int(new) for have, new in zip(counts, numbers.split())]
                reasons += more
            else:
                print(f"lab: a run ended with {status} and no tally; what it had taken is counted as one failure")
                counts[1] += 1
    passed, failed, skipped = counts
    print(f"lab: {passed} passed, {failed} failed, {skipped} skipped, {options.jobs} files at once", flush=True)
    if options.tally:
        pathlib.Path(options.tally).write_text("\n".join([f"{passed} {failed} {skipped}", *reasons]) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
