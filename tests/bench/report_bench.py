"""How long each report format takes to write a run of a million checks on ten thousand targets, and what memory the whole takes:
no more than for half of them."""

import subprocess

CHECKS = 1_000_000
STREAMED = {"json", "jsonl", "csv", "sarif"}  # which are wanted in under 10 s
LONGEST, FLAT = 10.0, 1.2


def reports(build, _):
    loop = f"{build}/bench/report_loop"
    good = True
    for name in subprocess.run([loop], capture_output=True, text=True, check=True).stdout.split():
        took, peak = [], []
        for checks in (CHECKS // 2, CHECKS):
            done = subprocess.run([loop, name, str(checks)], capture_output=True, text=True, check=True).stdout.split()
            took.append(float(done[0]))
            peak.append(int(done[1]))
        print(f"reports: {CHECKS} checks as {name}: {took[1]:.2f} s{' (wanted under 10 s)' if name in STREAMED else ''}, "
              f"{peak[1] / 1e6:.0f} MB ({peak[0] / 1e6:.0f} MB for half of it)")
        good = good and (name not in STREAMED or (took[1] < LONGEST and peak[1] < FLAT * peak[0]))
    return good
