"""Zones signed with BIND's tools, and unbound, which validates them and fetches from named on 127.0.0.1:5353.

    zones = dns_servers.sign(directory, {"signed.test": RECORDS})
    with servers.named(zones=zones.text), dns_servers.unbound(stubs=zones.text, anchors=[zones.ds["signed.test"]]): …
"""

import contextlib
import dataclasses
import pathlib
import shutil
import subprocess

from processes import Process, find_program, scratch


@dataclasses.dataclass
class Signed:
    """By zone: its text for named, its DS record as a line, and its DNSKEYs as lines."""
    text: dict = dataclasses.field(default_factory=dict)
    ds: dict = dataclasses.field(default_factory=dict)
    keys: dict = dataclasses.field(default_factory=dict)


def _run(directory, name, *words):
    done = subprocess.run([find_program(name), *map(str, words)], cwd=directory, capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{name} {' '.join(map(str, words))}: {done.stderr[-1000:]}")
    return done.stdout


def _sign(directory, zone, records, kind, words):
    names = []
    for flags in ([], ["-f", "KSK"]):
        # Small keys of RSA: their making is most of the time.
        bits = ["-b", "1024"] if kind.startswith("RSA") else []
        names.append(_run(directory, "dnssec-keygen", "-q", "-a", kind, *bits, *flags, zone).strip())
    keys = [pathlib.Path(directory, name + ".key").read_text() for name in names]
    file = pathlib.Path(directory, zone)
    file.write_text("$TTL 60\n" + records + "".join(keys))
    _run(directory, "dnssec-signzone", "-o", zone, "-f", f"{file}.signed", *words, file, *names)
    ds = _run(directory, "dnssec-dsfromkey", "-2", names[1] + ".key").strip()
    return pathlib.Path(f"{file}.signed").read_text(), ds, [line for key in keys for line in key.splitlines() if line[0] != ";"]


def sign(directory, zones):
    """Signs each zone with a key pair of its own: {name: (records, algorithm, words of dnssec-signzone)}. A zone stands
    before the one that it is delegated from, which gets its DS as `{ds:name}` in the records."""
    signed = Signed()
    for zone, (records, kind, words) in zones.items():
        for child, line in signed.ds.items():
            records = records.replace("{ds:" + child + "}", line)
        signed.text[zone], signed.ds[zone], signed.keys[zone] = _sign(directory, zone, records, kind, words)
    return signed


@contextlib.contextmanager
def unbound(address="127.0.0.2", port=5354, stubs=(), anchors=(), settings="", upstream="127.0.0.1@5353"):
    """unbound, which asks `upstream` for the zones of `stubs` and validates by the DS or DNSKEY lines of `anchors`."""
    with scratch() as directory:
        # A copy: on a Debian with AppArmor /usr/sbin/unbound may not read a configuration that lies elsewhere.
        program = shutil.copy(find_program("unbound"), directory)
        lines = [f'trust-anchor: "{anchor}"' for anchor in anchors]
        lines += [f'local-zone: "{zone}" nodefault' for zone in ("test.", "127.in-addr.arpa.")]
        stub = "".join(f'stub-zone:\n  name: "{zone}"\n  stub-addr: {upstream}\n' for zone in stubs)
        config = pathlib.Path(directory, "unbound.conf")
        config.write_text("server:\n" + "\n".join("  " + line for line in [
            f"interface: {address}", f"port: {port}", 'username: ""', 'chroot: ""', f'directory: "{directory}"', 'pidfile: ""',
            "use-syslog: no", "num-threads: 1", "do-daemonize: no", "do-not-query-localhost: no", "access-control: 127.0.0.0/8 allow",
            # The root is not to be asked: nobody in the lab is it.
            'module-config: "validator iterator"', "minimal-responses: no", *lines, *settings.splitlines()]) +
            f"\n{stub}remote-control:\n  control-enable: no\n")
        process = Process([program, "-d", "-p", "-c", str(config)], directory, "unbound")
        try:
            process.wait_until_it_accepts(address, port)
            yield process
        finally:
            process.end()
