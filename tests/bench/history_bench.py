"""What it costs to keep a run, to go on with one that was killed, and to compare two: about a million checks of closed ports."""

import os
import pathlib
import re
import signal
import sqlite3
import statistics
import subprocess
import time

NETWORK, CHECKS, ROUNDS = "127.0.0.0/13", 1_048_572, 3  # two rules of each of 524,286 addresses


def connects():
    """Connections that anybody in this network namespace has begun."""
    rows = [line.split() for line in pathlib.Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Tcp:")]
    return int(dict(zip(*rows))["ActiveOpens"])


def records(state):
    try:
        with sqlite3.connect(f"file:{state}/audit.db?mode=ro", uri=True) as database:
            return database.execute("SELECT coalesce(sum(records), 0) FROM segments").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def history(build, folder):
    with open(f"{folder}/kept.toml", "w") as file:
        file.write(f'schema = 1\n[limits]\nrate = 1_000_000\n[[targets]]\naddress = "{NETWORK}"\nassume_up = true\n')
    words = [f"{build}/audit", f"{folder}/kept.toml", "--select", "exposure.telnet-open or exposure.ftp-open", "--quiet", "--report", "text=/dev/null"]

    def timed(*more):
        began = time.monotonic()
        done = subprocess.run([*words, *more], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 0, done
        return time.monotonic() - began

    without, kept = [], []
    for _ in range(ROUNDS):
        without.append(timed())
        kept.append(timed("--state", f"{folder}/state"))
    cost = statistics.median(kept) / statistics.median(without) - 1
    with sqlite3.connect(f"{folder}/state/audit.db") as database:
        planned, size = database.execute("SELECT planned, (SELECT sum(length(body)) FROM segments WHERE run = runs.number) FROM runs").fetchone()
    each = size / planned
    print(f"history: {planned} checks, {planned / statistics.median(without):.0f} a second; keeping them costs {100 * cost:.1f} % (wanted 5); "
          f"{each:.1f} bytes a check, 20,000,000 in {20 * each:.0f} MB (wanted 300)")

    done = subprocess.run(["/usr/bin/time", "-f", "%e %M", f"{build}/audit", "diff", "last~1", "last", "--state", f"{folder}/state", "--format", "json"],
                          capture_output=True, text=True, check=False)
    took, memory = done.stderr.split()
    print(f"history: two runs compared in {float(took):.1f} s (wanted 10), {int(memory) / 1000:.0f} MB (wanted 300), exit {done.returncode}")

    state = f"{folder}/killed"
    run = subprocess.Popen([*words, "--state", state], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while records(state) < 0.95 * planned / 2:  # a record a target
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    left = planned - 2 * records(state)
    before, began = connects(), time.monotonic()
    run = subprocess.Popen([*words, "--state", state, "--resume", "--on-overlap", "wait"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while connects() == before and run.poll() is None:
        time.sleep(0.01)
    first = time.monotonic() - began
    code = run.wait()
    shown = subprocess.run([f"{build}/audit", "history", "--state", state], capture_output=True, text=True, check=False).stdout
    whole = re.search(r"pass=(\d+)", shown)
    print(f"history: of a killed run {planned - left} checks were kept; it went on after {first:.1f} s (wanted 3) with the other {left}, exit {code}")
    return done.returncode == 0 and code == 0 and planned == CHECKS and whole and int(whole[1]) == planned
