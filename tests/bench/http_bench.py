"""HTTP GET of one nginx on 1,024 loopback addresses through Lua rules: one GET each against nmap's http-title, both from
the start of the program to its end with the report that it prints; and eight each, of eight rules and with a report of
every check in JSON, against a plain C client with as many. All three ask for Connection: close, as nmap's library does.
What the C client makes of one GET each is said beside nmap's: what nginx and the kernel leave of two cores to whoever
asks."""

import json
import operator
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from processes import Process, find_program  # noqa: E402

ADDRESSES, PORT, PAGES, ROUNDS = 1024, 8080, 8, 9
FIRST = 0x20000  # 127.2.0.0
TITLE = "The title of the bench"
RULE = """return rule { id = "bench.title-%d", title = "The page has its title", severity = "low", ports = { %d },
  check = function(target)
    local answer = target:http(%d, { path = "/%d.html", headers = { Connection = "close" } })
    if answer.status == 200 and answer.title == "%s" then return pass(answer.title, answer) end
    return fail("another title: " .. answer.title, answer)
  end }
"""


def _nginx(folder):
    root = pathlib.Path(folder, "www")
    root.mkdir()
    page = f"<!doctype html><html><head><title>{TITLE}</title></head><body>{'x' * 400}</body></html>\n"
    for name in ("index", *range(PAGES)):
        (root / f"{name}.html").write_text(page)
    temporary = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config = pathlib.Path(folder, "nginx.conf")
    config.write_text(f"""{'user root;' if os.getuid() == 0 else ''}
daemon off; pid {folder}/nginx.pid; worker_processes 1;
events {{ worker_connections 16384; }}
http {{ access_log off; {temporary}
  server {{ listen 0.0.0.0:{PORT} backlog=4096; root {root}; types {{ text/html html; }} }} }}
""")
    server = Process([find_program("nginx"), "-e", "stderr", "-p", folder, "-c", str(config)], folder, "nginx")
    server.wait_until_it_accepts("127.0.0.1", PORT)
    return server


def _plain(build, cores, pages):
    """Requests a second of the C client, one process a core."""
    share = ADDRESSES // cores
    began = time.monotonic()
    loops = [subprocess.Popen([f"{build}/bench/http_loop", str(FIRST + core * share), str(share), str(PORT), str(pages), "256"],
                              stdout=subprocess.PIPE, text=True) for core in range(cores)]
    good, bad = map(sum, zip(*(map(int, loop.communicate()[0].split()) for loop in loops)))
    return good / (time.monotonic() - began), bad == 0 and good == share * cores * pages


def _audit(build, folder, pages, *report):
    began = time.monotonic()
    done = subprocess.run([f"{build}/audit", "run", f"{folder}/http.toml", "--rules", f"{folder}/rules-{pages}", "--quiet", *report],
                          capture_output=True, text=True, check=False)
    took = time.monotonic() - began
    counts = re.search(r"planned \d+ = pass (\d+) ", done.stdout)
    passed = int(counts[1]) if counts else 0
    return passed / took, passed == ADDRESSES * pages


def _audit_with_json(build, folder, pages):
    rate, right = _audit(build, folder, pages, "--report", f"json={folder}/http.json")
    with open(f"{folder}/http.json", encoding="utf-8") as file:
        return rate, right and json.load(file)["summary"]["pass"] == ADDRESSES * pages


def _nmap(folder):
    """What a person would type to be quick."""
    began = time.monotonic()
    done = subprocess.run([find_program("nmap"), "-Pn", "-n", "-sT", "-T5", "--min-parallelism", "256", "--min-hostgroup",
                           "1024", "-p", str(PORT), "--script", "http-title", "127.2.0.0/22"], capture_output=True, text=True, check=False)
    found = done.stdout.count(TITLE)
    return found / (time.monotonic() - began), found == ADDRESSES


def http(build, folder):
    cores = len(os.sched_getaffinity(0))
    for pages in (1, PAGES):
        os.mkdir(f"{folder}/rules-{pages}")
        for page in range(pages):
            pathlib.Path(folder, f"rules-{pages}", f"title-{page}.lua").write_text(RULE % (page, PORT, PORT, page, TITLE))
    pathlib.Path(folder, "http.toml").write_text(
        'schema = 1\n[limits]\nrate = 1_000_000\n[[targets]]\naddress = "127.2.0.0-127.2.3.255"\n')
    server = _nginx(folder)
    short, ours, plain, plain_short, nmap, correct, nmap_right = [], [], [], [], [], True, True
    try:
        for _ in range(ROUNDS):
            for rates, (rate, right) in ((plain, _plain(build, cores, PAGES)), (ours, _audit_with_json(build, folder, PAGES)),
                                         (plain_short, _plain(build, cores, 1)), (short, _audit(build, folder, 1))):
                rates.append(rate)
                correct = correct and right
            rate, right = _nmap(folder)
            nmap.append(rate)
            nmap_right = nmap_right and right
    finally:
        server.end()
    # Of each round, whose runs follow each other: the machine's own speed wanders by a third in a minute.
    times = statistics.median(map(operator.truediv, short, nmap))
    most = statistics.median(map(operator.truediv, plain_short, nmap))
    ratio = statistics.median(map(operator.truediv, ours, plain))
    ratio_of_one = statistics.median(map(operator.truediv, short, plain_short))
    short, ours, plain, nmap = map(statistics.median, (short, ours, plain, nmap))
    print(f"http: {ADDRESSES} titles of one nginx: audit {short:.0f}/s, nmap http-title {nmap:.0f}/s ({times:.1f} times, wanted 8; "
          f"plain C {most:.1f}); "
          f"{PAGES} pages each: audit {ours:.0f}/s, plain C {plain:.0f}/s (ratio {ratio:.2f}, wanted 0.4; {ratio_of_one:.2f} with one page), "
          f"answers {'correct' if correct else 'WRONG'}"
          f"{'' if nmap_right else ', nmap missed some'}")
    return correct and nmap_right and times >= 8 and min(ratio, ratio_of_one) >= 0.4
