"""Ten thousand rounds of a watch over a peer that answers and one that does not: memory and descriptors, as the rounds go by."""

import json
import os
import re
import socket
import subprocess
import threading
import time

ROUNDS, EACH = 10_000, 1_000
RULE = """return rule { id = "bench.greeting", title = "It greets", severity = "low", ports = { 7000, 7001 }, absent = "not_applicable",
  check = function(target)
    return pass("it greets", target:banner(7000))
  end }
"""


def greet(listener):
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"hello\r\n")


def held(pid):
    with open(f"/proc/{pid}/status") as file:
        resident = int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) / 1024
    return resident, len(os.listdir(f"/proc/{pid}/fd"))


def watch(build, folder):
    """Flat: after the first thousand rounds, no more than 1 MiB and no descriptor come to it."""
    listener = socket.create_server(("127.9.1.1", 7000), backlog=1024)
    threading.Thread(target=greet, args=(listener,), daemon=True).start()
    with open(f"{folder}/greeting.lua", "w") as file:
        file.write(RULE)
    with open(f"{folder}/watch.toml", "w") as file:
        file.write('schema = 1\n[[targets]]\naddress = "127.9.1.1"\n[[targets]]\naddress = "127.9.1.2"\n')
    began = time.monotonic()
    program = subprocess.Popen([f"{build}/audit", "watch", f"{folder}/watch.toml", "--rules", f"{folder}/greeting.lua", "--json",
                                "--every", "1ms", "--rounds", str(ROUNDS), "--textfile", f"{folder}/watch.prom"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, "AUDIT_WATCH_LEAST": "1ms"})
    worker, thousands, changes = None, [], 0
    for line in program.stdout:
        event = json.loads(line)
        changes += event["event"] == "change"
        if event["event"] != "round" or event["round"] == ROUNDS:
            continue
        if worker is None:
            with open(f"/proc/{program.pid}/task/{program.pid}/children") as file:
                worker = int(file.read().split()[0])
        try:
            resident, descriptors = held(worker)
        except (FileNotFoundError, ProcessLookupError, TypeError):
            continue  # it has ended, and its last lines are read
        if (event["round"] - 1) % EACH == 0:
            thousands.append((resident, descriptors))
        thousands[-1] = max(thousands[-1][0], resident), min(thousands[-1][1], descriptors)
    code = program.wait()
    first, last = thousands[1], thousands[-1]
    print(f"watch: {ROUNDS} rounds in {time.monotonic() - began:.0f} s, exit {code}, {changes} changes; resident "
          f"{' '.join(f'{resident:.1f}' for resident, _ in thousands)} MiB, descriptors "
          f"{' '.join(str(descriptors) for _, descriptors in thousands)} (wanted: flat)")
    return code == 0 and changes == 0 and last[0] - first[0] < 1 and last[1] <= first[1]
