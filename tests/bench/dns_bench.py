"""DNS queries a second of one BIND, by Lua rules against `dnsperf` with the same names in the same run."""

import json
import os
import re
import statistics
import subprocess
import sys
import time

TARGETS, NAMES, ROUNDS = 1024, 20, 3
ZONE = {"lab.test": "@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n*.many A 127.0.0.7\n"}


def dns(build, folder):
    """Each of 1,024 checks asks 20 names of its own, which nobody has asked before; dnsperf asks as many."""
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lab"))
    import servers
    with open(f"{folder}/dns.lua", "w") as file:
        file.write('return rule { id = "bench.dns", title = "DNS", severity = "low", requires = "nothing", check = function(target)\n'
                   '  local last\n'
                   f'  for i = 1, {NAMES} do\n'
                   '    local name = ("n%d-%s.many.lab.test"):format(i, (target.id:gsub("%.", "-")))\n'
                   '    last = target:dns(name)\n'
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
    count, ours, theirs, correct = TARGETS * NAMES, [], [], True
    with servers.named(zones=ZONE):
        for _ in range(ROUNDS):
            began = time.monotonic()
            done = subprocess.run([f"{build}/audit", "run", f"{folder}/dns.toml", "--rules", f"{folder}/dns.lua", "--quiet",
                                   "--report", f"json={folder}/dns.json"], capture_output=True, text=True)
            ours.append(count / (time.monotonic() - began))
            correct = correct and done.returncode == 0 and json.load(open(f"{folder}/dns.json"))["summary"]["pass"] == TARGETS
            began = time.monotonic()
            said = subprocess.run(["dnsperf", "-s", "127.0.0.1", "-p", "5353", "-d", f"{folder}/names", "-n", "1", "-T",
                                   str(len(os.sched_getaffinity(0)))], capture_output=True, text=True).stdout
            theirs.append(count / (time.monotonic() - began))
            correct = correct and int(re.search(r"Queries completed:\s+(\d+)", said).group(1)) == count
    ratio = statistics.median(our / their for our, their in zip(ours, theirs))
    print(f"dns: {count} queries: audit {statistics.median(ours):,.0f}/s, dnsperf {statistics.median(theirs):,.0f}/s, "
          f"ratio {ratio:.2f} (wanted 0.50), answers {'correct' if correct else 'WRONG'}")
    return correct
