"""What a check costs in processor time of one core, on a scripted network: nobody else's program does the same."""

import subprocess

# Of each measure the most that it may be, and what it is.
WANTED = {"yield_us": (0.3, "us a yield and resume, `parallel {}` around it"),
          "ask_us": (4, "us a question whose answer is known"),
          "check_us": (4, "us a check that asks one such question"),
          "million_s": (6, "s a million of them"),
          "million_mib": (256, "MiB at the most"),
          "stall_ms": (50, "ms the longest turn with 2,000 checks alive, collection included")}


def lua(build, _folder):
    seen = {}
    for part in ("yield", "check", "stall"):
        done = subprocess.run([f"{build}/bench/lua_loop", part], capture_output=True, text=True, check=True)
        seen.update((name, float(value)) for name, value in (line.split() for line in done.stdout.splitlines()))
    print("lua: " + "; ".join(f"{seen[name]:g} {what} (wanted below {most})" for name, (most, what) in WANTED.items()))
    return all(seen[name] < most for name, (most, _) in WANTED.items())
