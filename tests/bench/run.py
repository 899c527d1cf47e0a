#!/usr/bin/env python3
"""Benchmarks of the whole program against plain peers, within one run; prints ratios with the correctness beside them.

    tests/lab/enter.sh python3 tests/bench/run.py build/release [sweep | memory | start | tls | http | dns | lua | rules |
                                                           inventory | history | watch | reports]

Runs in a network namespace of its own (tests/lab/enter.sh), so that the firewall of the memory benchmark is nobody's.
"""

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from dns_bench import dns, dns_hostile
from history_bench import history
from http_bench import http
from lua_bench import lua
from report_bench import reports
from watch_bench import watch

ADDRESSES, PORTS, FIRST_PORT = 4096, 100, 2000
ROUNDS = 5


def rule(path, ports):
    with open(path, "w") as file:
        file.write('return rule { id = "bench.closed", title = "Nothing listens", severity = "low", ports = { %s },\n'
                   '  absent = "pass", check = function(target) return fail("open", target:port(%d)) end }\n'
                   % (ports, FIRST_PORT))


def audit(build, *words, **options):
    return subprocess.run([f"{build}/audit", *words], capture_output=True, text=True, **options)


def sweep(build, folder):
    """Closed loopback ports, all cores, pacing on, against connect + epoll in C, one process a core."""
    cores = len(os.sched_getaffinity(0))
    rule(f"{folder}/closed.lua", f'"{FIRST_PORT}-{FIRST_PORT + PORTS - 1}"')
    with open(f"{folder}/sweep.toml", "w") as file:
        file.write('schema = 1\n[limits]\nrate = 1_000_000\n[[targets]]\naddress = "127.1.0.0-127.1.15.255"\n')
    ours, theirs, correct = [], [], True
    for _ in range(ROUNDS):
        began = time.monotonic()
        share = ADDRESSES // cores
        loops = [subprocess.Popen([f"{build}/bench/connect_loop", str(0x10000 + core * share), str(share), str(FIRST_PORT),
                                   str(PORTS), "1024"], stdout=subprocess.PIPE, text=True) for core in range(cores)]
        refused = sum(int(loop.communicate()[0].split()[1]) for loop in loops)
        theirs.append(refused / (time.monotonic() - began))
        began = time.monotonic()
        done = audit(build, "run", f"{folder}/sweep.toml", "--rules", f"{folder}/closed.lua", "--quiet",
                     "--report", f"json={folder}/sweep.json")
        took = time.monotonic() - began
        summary = json.load(open(f"{folder}/sweep.json"))["summary"]
        ours.append(ADDRESSES * PORTS / took)
        correct = correct and done.returncode == 0 and summary["pass"] == ADDRESSES and refused == ADDRESSES * PORTS
    ratios = [our / their for our, their in zip(ours, theirs)]
    print(f"sweep: {ADDRESSES * PORTS} closed ports, {cores} cores: audit {statistics.median(ours):,.0f}/s, "
          f"C loop {statistics.median(theirs):,.0f}/s, ratio {statistics.median(ratios):.2f} (wanted 0.85), "
          f"answers {'correct' if correct else 'WRONG'}")
    return correct


def worker_of(program):
    """The process that does the work of a run; its parent stands over it."""
    while program.poll() is None:
        with open(f"/proc/{program.pid}/task/{program.pid}/children") as file:
            if children := file.read().split():
                return int(children[0])
    return program.pid


def resident(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS"))


def memory(build, folder):
    """Filtered probes in flight, as many as the descriptor limit allows, and what each costs in user space."""
    subprocess.run(["nft", "-f", "-"], input="table inet bench {\n chain silent {\n type filter hook input priority 0;\n "
                   "ip daddr 127.9.0.0/16 tcp flags syn drop\n }\n}\n", text=True, check=True)
    rule(f"{folder}/filtered.lua", f'"{FIRST_PORT}-{FIRST_PORT + 31}"')
    with open(f"{folder}/memory.toml", "w") as file:
        file.write('schema = 1\n[limits]\nrate = 1_000_000\ntimeout = "5s"\nattempts = 1\n'
                   '[[targets]]\naddress = "127.9.0.0-127.9.3.255"\n')
    command = [f"{build}/audit", "run", f"{folder}/memory.toml", "--rules", f"{folder}/filtered.lua", "--quiet"]
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    base, peak, flight = 0, 0, 0
    worker = worker_of(program)
    while program.poll() is None:
        try:
            descriptors = len(os.listdir(f"/proc/{worker}/fd"))
            now = resident(worker)
        except (FileNotFoundError, StopIteration, ProcessLookupError):
            continue
        if descriptors > flight:
            flight, peak = descriptors, now
        time.sleep(0.02)
    idle = subprocess.run(["/usr/bin/env", "python3", "-c",
                           "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); "
                           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)",
                           f"{build}/audit", "run", "--target", "127.0.0.1", "--rules", f"{folder}/filtered.lua", "--quiet"],
                          capture_output=True, text=True)
    base = int(idle.stdout)
    each = (peak - base) / max(flight, 1)
    print(f"memory: {flight} descriptors in flight, {peak / 1e6:.1f} MB resident, {base / 1e6:.1f} MB when idle: "
          f"{each:.0f} bytes each (wanted under 2500)")
    return flight > 1000


def start(build, folder):
    """Start to exit: ten targets, ten rules, on loopback."""
    os.mkdir(f"{folder}/ten")
    for number in range(10):
        with open(f"{folder}/ten/rule{number}.lua", "w") as file:
            file.write(f'return rule {{ id = "bench.rule{number}", title = "Rule {number}", severity = "low", '
                       f'requires = "nothing", check = function(target) return pass({{ target:port({FIRST_PORT + number}) }}) end }}\n')
    targets = ",".join(f"127.0.0.{number}" for number in range(1, 11))
    times, correct = [], True
    for _ in range(20):
        began = time.monotonic()
        done = audit(build, "run", "--target", targets, "--rules", f"{folder}/ten", "--quiet", "--report", f"json={folder}/ten.json")
        times.append(time.monotonic() - began)
        correct = correct and done.returncode == 0 and json.load(open(f"{folder}/ten.json"))["summary"]["pass"] == 100
    print(f"start: 10 targets x 10 rules from start to exit: median {statistics.median(times) * 1e3:.0f} ms, "
          f"slowest {max(times) * 1e3:.0f} ms (wanted under 100 ms), answers {'correct' if correct else 'WRONG'}")
    return correct


def cpu_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def tls(build, folder):
    """New TLS 1.3 handshakes with one nginx from every core, against `openssl s_time -new`, one process a core; both as the
    clock sees them (the server takes its part of the cores) and by the processor time of the client alone."""
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lab"))
    import certificates
    import tls_servers
    cores = len(os.sched_getaffinity(0))
    pair = certificates.Authority(folder).issue("bench", "DNS:bench.lab.test")
    with open(f"{folder}/tls.lua", "w") as file:
        file.write('return rule { id = "bench.tls", title = "TLS", severity = "low", ports = { 443 }, check = function(target)\n'
                   '  local tls = target:tls(443, { trust = "none" })\n'
                   '  if tls.version == "TLSv1.3" and #tls.chain == 1 then return pass(tls) end\n'
                   '  return fail("not as it was set up", tls) end }\n')
    with open(f"{folder}/tls.toml", "w") as file:
        file.write('schema = 1\n[limits]\nrate = 1_000_000\n[[targets]]\naddress = "127.2.0.0-127.2.7.255"\n')
    count, ours, theirs, correct = 2048, [], [], True
    with tls_servers.nginx("0.0.0.0", {"bench.lab.test": pair}, settings="ssl_protocols TLSv1.3;", workers=cores):
        for _ in range(ROUNDS):
            before, began = cpu_of_children(), time.monotonic()
            done = audit(build, "run", f"{folder}/tls.toml", "--rules", f"{folder}/tls.lua", "--quiet",
                         "--report", f"json={folder}/tls.json")
            ours.append((count / (time.monotonic() - began), count / (cpu_of_children() - before)))
            correct = correct and done.returncode == 0 and json.load(open(f"{folder}/tls.json"))["summary"]["pass"] == count
            before, began = cpu_of_children(), time.monotonic()
            clients = [subprocess.Popen(["openssl", "s_time", "-connect", f"127.2.0.{core + 1}:443", "-new", "-time", "2",
                                         "-tls1_3"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                       for core in range(cores)]
            made = sum(int(re.search(r"^(\d+) connections in \d+ real", client.communicate()[0], re.MULTILINE).group(1))
                       for client in clients)
            theirs.append((made / (time.monotonic() - began), made / (cpu_of_children() - before)))
    wall, cpu = ([our[i] / their[i] for our, their in zip(ours, theirs)] for i in (0, 1))
    print(f"tls: {count} handshakes, {cores} cores: audit {statistics.median(our[0] for our in ours):,.0f}/s, "
          f"s_time {statistics.median(their[0] for their in theirs):,.0f}/s, ratio {statistics.median(wall):.2f} (wanted 0.70); "
          f"by the client's processor time {statistics.median(our[1] for our in ours):,.0f} and "
          f"{statistics.median(their[1] for their in theirs):,.0f}, ratio {statistics.median(cpu):.2f}, "
          f"answers {'correct' if correct else 'WRONG'}")
    return correct and statistics.median(wall) >= 0.7


def rules(build, _):
    """The tests of all shipped rules, with the cases that are made up for them."""
    times, done = [], None
    for _ in range(ROUNDS):
        began = time.monotonic()
        done = audit(build, "rules", "test")
        times.append(time.monotonic() - began)
    print(f"rules: audit rules test in {statistics.median(times):.2f} s (wanted under 30 s): {done.stdout.strip().splitlines()[-1]}")
    return done.returncode == 0 and statistics.median(times) < 30


def inventory(build, folder):
    """Loading 100,000 targets in groups, and one /8: processor time and memory of a whole `audit plan`; and inventories that are
    large where it hurts: globs that exclude, groups in groups, mistakes."""
    head = 'schema = 1\n[audit]\nselect = "exposure.telnet-open"\n[groups.g]\nlimits.gap = "1ms"\n'
    addresses = "".join(f'[[targets]]\naddress = "10.{i >> 16}.{i >> 8 & 255}.{i & 255}"\ngroups = ["g"]\n' for i in range(100_000))
    globs = ", ".join(f'"lab-{i}-*"' for i in range(1_000)) + ", " + ", ".join(f'"*.{i}.lan"' for i in range(1_000))
    names = "".join(f'[[targets]]\naddress = "web-{i}.site.lan"\n' for i in range(20_000))
    nested = json.dumps({f"g{i}": {"children": [f"g{i + 1}"], "hosts": [f"h{i}"]} for i in range(20_000)})
    with open(f"{folder}/nested.json", "w") as file:
        file.write(nested)
    plans, refused = (0, "Nothing was sent"), 78 << 8
    good = True
    for name, text, (status_wanted, words), mebibytes in (
            ("100,000 targets", head + addresses, plans, 200),
            ("a /8", head + '[[targets]]\naddress = "10.0.0.0/8"\ngroups = ["g"]\n', plans, 200),
            ("2,000 globs and 20,000 names", f"{head}[scope]\nexclude = [{globs}]\n{names}", plans, 200),
            ("20,000 groups of Ansible, each in the next", head + '[[sources]]\nformat = "ansible"\nfile = "nested.json"\n',
             (refused, "more than 100 groups"), 200),
            ("500,000 unknown keys", "".join(f"key{i} = 1\n" for i in range(500_000)), (refused, "more mistakes"), 300)):
        with open(f"{folder}/large.toml", "w") as file:
            file.write(text)
        measured = []
        for _ in range(ROUNDS):
            with tempfile.TemporaryFile("w+") as out:
                child = subprocess.Popen([f"{build}/audit", "plan", f"{folder}/large.toml"], stdout=out, stderr=subprocess.STDOUT)
                _, status, usage = os.wait4(child.pid, 0)
                out.seek(0)
                correct = status == status_wanted and words in out.read()
            measured.append((usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))
        took, most = statistics.median(one[0] for one in measured), max(one[1] for one in measured)
        print(f"inventory: {name}: {took:.2f} s (wanted below 2), {most:.0f} MiB (wanted below {mebibytes}), "
              f"{'answers correct' if correct else 'ANSWERS WRONG'}")
        good = good and correct and took < 2 and most < mebibytes
    return good


def main():
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/release")
    benchmarks = {"sweep": sweep, "memory": memory, "start": start, "tls": tls, "http": http, "dns": dns,
                  "dns_hostile": dns_hostile, "lua": lua, "rules": rules, "inventory": inventory, "history": history,
                  "watch": watch, "reports": reports}
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[2:] or benchmarks:
            good = benchmarks[name](build, folder) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
