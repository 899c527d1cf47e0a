"""DNS queries a second of one BIND against `dnsperf` with the same names in the same run: by the primitive alone, one shard a
core, as dnsperf asks; and by the whole program, from its start through a Lua rule to the end of its report."""

import json
import os
import re
import statistics
import subprocess
import sys
import time

TARGETS, NAMES, ROUNDS = 1024, 20, 7
ZONE = {"lab.test": "@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n*.many A 127.0.0.7\n"}


def dns(build, folder):
    """20,480 names, each asked once; the rule's checks ask 20 each."""
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lab"))
    import servers
    with open(f"{folder}/dns.lua", "w") as file:
        file.write('return rule { id = "bench.dns", title = "DNS", severity = "low", requires = "nothing", check = function(target)\n'
                   '  local last\n'
                   '  local rest = "-" .. target.id:gsub("%.", "-") .. ".many.lab.test"\n'
                   f'  for i = 1, {NAMES} do\n'
                   '    last = target:dns("n" .. i .. rest)\n'
                   '    if #last.answers ~= 1 then return fail("no answer", last) end\n'
                   '  end\n'
                   '  return pass(last) end }\n')
    with open(f"{folder}/dns.toml", "w") as file:
        file.write('schema = 1\n[audit]\nresolvers = ["127.0.0.1:5353"]\n[limits]\nrate = 1_000_000\n'
                   '[[targets]]\naddress = "127.2.0.0-127.2.3.255"\nassume_up = true\n')
    with open(f"{folder}/names", "w") as file:
        for a in range(4):
            for b in range(256):
                for i in range(NAMES):
                    file.write(f"n{i + 1}-127-2-{a}-{b}.many.lab.test A\n")
    count, rates, correct = TARGETS * NAMES, {"primitive": [], "program": [], "dnsperf": []}, True

    def timed(name, command):
        began = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True)
        rates[name].append(count / (time.monotonic() - began))
        return done

    with servers.named(zones=ZONE):
        for _ in range(ROUNDS):
            said = timed("primitive", [f"{build}/bench/dns_loop", "5353", f"{folder}/names"]).stdout
            correct = correct and said == f"{count} 0\n"
            done = timed("program", [f"{build}/audit", "run", f"{folder}/dns.toml", "--rules", f"{folder}/dns.lua", "--quiet",
                                     "--report", f"json={folder}/dns.json"])
            correct = correct and done.returncode == 0 and json.load(open(f"{folder}/dns.json"))["summary"]["pass"] == TARGETS
            said = timed("dnsperf", ["dnsperf", "-s", "127.0.0.1", "-p", "5353", "-d", f"{folder}/names", "-n", "1", "-T",
                                     str(len(os.sched_getaffinity(0)))]).stdout
            correct = correct and int(re.search(r"Queries completed:\s+(\d+)", said).group(1)) == count

    def ratio(name):
        return statistics.median(our / their for our, their in zip(rates[name], rates["dnsperf"]))

    middle = {name: statistics.median(all_rates) for name, all_rates in rates.items()}
    print(f"dns: {count} queries: the primitive {middle['primitive']:,.0f}/s, dnsperf {middle['dnsperf']:,.0f}/s, "
          f"ratio {ratio('primitive'):.2f} (wanted 0.50); whole program with Lua and report {middle['program']:,.0f}/s, "
          f"ratio {ratio('program'):.2f}; answers {'correct' if correct else 'WRONG'}")
    return correct and ratio("primitive") >= 0.5


def dns_hostile(build, _):
    """The most that reading one hostile message of up to 64 KB costs: those of tests/proto/dns_cost_test.cpp, without a network."""
    program = f"{build}/tests/proto/test_proto"
    if not os.path.exists(program):
        print(f"dns_hostile: {program} is not there: configure with -DAUDIT_TESTS=ON and build the target test_proto")
        return False
    done = subprocess.run([program, "[dns-cost]"], capture_output=True, text=True, check=False,
                          env={**os.environ, "AUDIT_COSTS": "1"})
    cost = re.search(r"^dns messages (\d+) most (\d+) us (\d+) bytes$", done.stdout, re.MULTILINE)
    messages, microseconds, most = map(int, cost.groups())
    print(f"dns_hostile: of {messages} hostile messages the slowest is read in {microseconds / 1e3:.1f} ms (wanted below 10), the "
          f"largest with {most / 1024:.0f} KiB (wanted below 1,024), answers {'correct' if done.returncode == 0 else 'WRONG'}")
    return done.returncode == 0 and microseconds < 10_000 and most < 1 << 20
