"""What the lab's network does to packets: dropped, refused, counted, not routed. Only inside tests/lab/enter.sh."""

import contextlib
import json
import os
import subprocess

from processes import find_program


def inside_the_lab():
    return os.environ.get("AUDIT_LAB") == "inside"


def _run(*arguments, script=None):
    if not inside_the_lab():
        raise RuntimeError("this would change the machine's own network: run it through tests/lab/enter.sh")
    done = subprocess.run([find_program(arguments[0]), *arguments[1:]], input=script, text=True, capture_output=True,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def why_no_firewall():
    """Why packets cannot be dropped or counted here; None where they can."""
    try:
        _run("nft", "add", "table", "inet", "lab_try")
        _run("nft", "delete", "table", "inet", "lab_try")
    except Exception as error:  # the reason is what is asked for
        return str(error)
    return None


class Firewall:
    """One nftables table. Addresses may be prefixes; a rule is about packets that arrive."""

    def __init__(self, name):
        self._name = name
        self._counters = 0

    def _add(self, match, verdict):
        _run("nft", "-f", "-", script=f"add rule inet {self._name} arriving {match} {verdict}\n")

    @staticmethod
    def _to(address):
        return f"{'ip6' if ':' in address else 'ip'} daddr {address}"

    def drop(self, address, port=None):
        """Nothing answers there: filtered where the host is otherwise alive, else dark."""
        self._add(self._to(address) + (f" tcp dport {port}" if port else ""), "drop")

    def reject(self, address, kind="host-unreachable"):
        """An ICMP message comes back: host-unreachable, admin-prohibited, port-unreachable…"""
        self._add(self._to(address), f"reject with icmp type {kind}")

    def lose(self, first, address, port):
        """The first so many datagrams for a UDP port do not arrive."""
        self._add(f"{self._to(address)} udp dport {port} numgen inc mod 65536 < {first}", "drop")

    def count(self, address, ports=None, transport="tcp"):
        """Counts what arrives for an address, or its ports ("1-1024"), of what an earlier rule has not dropped; read with
        counted()."""
        return self.count_matching(self._to(address) + (f" {transport} dport {ports}" if ports else ""))

    def count_matching(self, match):
        """The same in nftables' own words: "ip daddr 127.0.0.1 tcp flags syn"."""
        self._counters += 1
        name = f"c{self._counters}"
        _run("nft", "-f", "-", script=f"add counter inet {self._name} {name}\n")
        self._add(match, f"counter name {name}")
        return name

    def counted(self, counter):
        listing = json.loads(_run("nft", "-j", "list", "counter", "inet", self._name, counter))
        return next(item["counter"]["packets"] for item in listing["nftables"] if "counter" in item)


@contextlib.contextmanager
def firewall(name="lab"):
    _run("nft", "-f", "-", script=f"""
add table inet {name}
add chain inet {name} arriving {{ type filter hook input priority 0; policy accept; }}
""")
    try:
        yield Firewall(name)
    finally:
        _run("nft", "delete", "table", "inet", name)


@contextlib.contextmanager
def no_route(prefix, kind="unreachable"):
    """The machine itself has no way there: `unreachable` (EHOSTUNREACH), `blackhole` (EINVAL), `prohibit` (EACCES).
    Anything outside 127.0.0.0/8 that has no route at all is ENETUNREACH already."""
    _run("ip", "route", "add", kind, prefix)
    try:
        yield
    finally:
        _run("ip", "route", "del", kind, prefix)


@contextlib.contextmanager
def link(prefix="10.77.0.1/24"):
    """A pair of devices with one address: every other address of the prefix is on the link, and nobody answers there."""
    _run("ip", "link", "add", "lab0", "type", "veth", "peer", "name", "lab1")
    try:
        _run("ip", "addr", "add", prefix, "dev", "lab0")
        _run("ip", "link", "set", "lab0", "up")
        _run("ip", "link", "set", "lab1", "up")
        yield
    finally:
        _run("ip", "link", "del", "lab0")
