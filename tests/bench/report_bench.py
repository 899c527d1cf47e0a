"""How long each report format takes to write a run of a million checks, and what memory that takes besides the run's own."""

import subprocess

CHECKS = 1_000_000
STREAMED = {"json", "jsonl", "csv", "sarif"}  # which are wanted in under 10 s
LONGEST, MOST = 10.0, 64e6


def reports(build, _):
    loop = f"{build}/bench/report_loop"
    good = True
    for name in subprocess.run([loop], capture_output=True, text=True, check=True).stdout.split():
        took, grown = [], []
        for checks in (CHECKS // 2, CHECKS):
            done = subprocess.run([loop, name, str(checks)], capture_output=True, text=True, check=True).stdout.split()
            took.append(float(done[0]))
            grown.append(int(done[1]))
        print(f"reports: {CHECKS} checks as {name}: {took[1]:.2f} s{' (wanted under 10 s)' if name in STREAMED else ''}, "
              f"{grown[1] / 1e6:.1f} MB besides the run ({grown[0] / 1e6:.1f} MB for half of it)")
        good = good and (name not in STREAMED or (took[1] < LONGEST and grown[1] < MOST))
    return good
