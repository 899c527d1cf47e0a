"""Hosts of their own: each a network namespace on a link of its own, with its own firewall. Only inside tests/lab/enter.sh."""

import contextlib
import subprocess
import sys

from network import inside_the_lab
from processes import find_program

UDP_ECHO = """
import socket, sys
sockets = [socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) for _ in sys.argv[1:]]
for one, port in zip(sockets, sys.argv[1:]):
    one.bind(("::", int(port)))
print("ready", flush=True)
import select
while True:
    for one in select.select(sockets, [], [])[0]:
        data, peer = one.recvfrom(65535)
        one.sendto(b"echo " + data, peer)
"""
TCP_LISTENER = """
import socket, sys
listeners = [socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True) for port in sys.argv[1:]]
print("ready", flush=True)
import select
while True:
    for one in select.select(listeners, [], [])[0]:
        one.accept()[0].close()
"""
# Between the ends of a link: what the host sends is held back where it is an echo reply (ICMP type 0, ICMPv6 type 129).
RELAY = """
import heapq, select, socket, sys, time
delays = [float(word) for word in sys.argv[1:]]
near, far = (socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) for _ in range(2))
near.bind(("near", 0))
far.bind(("far", 0))
print("ready", flush=True)
held, echoes = [], 0
def is_echo_reply(frame):
    four = frame[12:14] == bytes.fromhex("0800") and frame[23] == 1 and frame[34] == 0
    return four or frame[12:14] == bytes.fromhex("86dd") and frame[20] == 58 and frame[54] == 129
while True:
    ends = select.select([near, far], [], [], max(0, held[0][0] - time.monotonic()) if held else None)[0]
    for end in ends:
        frame, (_, _, kind, *_) = end.recvfrom(65536)
        if kind == socket.PACKET_OUTGOING:
            continue
        if end is near:
            far.send(frame)
        elif is_echo_reply(frame):
            heapq.heappush(held, (time.monotonic() + delays[echoes % len(delays)], echoes, frame))
            echoes += 1
        else:
            near.send(frame)
    while held and held[0][0] <= time.monotonic():
        near.send(heapq.heappop(held)[2])
"""


def _run(*arguments, script=None, missing_is_fine=False):
    if not inside_the_lab():
        raise RuntimeError("this would change the machine's own network: run it through tests/lab/enter.sh")
    done = subprocess.run([find_program(arguments[0]), *arguments[1:]], input=script, text=True, capture_output=True,
                          check=False)
    if done.returncode != 0 and not missing_is_fine:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


class Host:
    """10.88.<number>.2 and fd00:88:<number>::2; this machine is .1 and ::1 on the same link. With `delays`, in seconds, its
    echo replies are that long under way at least, each the next of them, in turn: for kernels that have no netem."""

    def __init__(self, number, delays=()):
        self.v4, self.v6 = f"10.88.{number}.2", f"fd00:88:{number}::2"
        self.link = f"10.88.{number}.0/29"
        self._device = f"lab{number}"
        self._children = []
        self._counters = 0
        self._keeper = self._namespace()
        self._link(delays)
        _run("ip", "addr", "add", f"10.88.{number}.1/24", "dev", self._device)
        _run("ip", "-6", "addr", "add", f"fd00:88:{number}::1/64", "dev", self._device, "nodad")
        _run("ip", "link", "set", self._device, "up")
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "addr", "add", f"{self.v4}/24", "dev", "eth0")
        self.run("ip", "-6", "addr", "add", f"{self.v6}/64", "dev", "eth0", "nodad")
        self.run("ip", "link", "set", "eth0", "up")
        self.run("ip", "route", "add", "default", "via", f"10.88.{number}.1")
        # As many ICMP errors as are asked for: the default limit of one a second would look like silence.
        self.write("/proc/sys/net/ipv4/icmp_ratemask", "0")
        self.write("/proc/sys/net/ipv6/icmp/ratelimit", "0")
        self.run("nft", "-f", "-", script="add table inet lab\nadd chain inet lab arriving "
                 "{ type filter hook input priority 0; policy accept; }\n")

    def _namespace(self):
        return self._start(["unshare", "--net", "sh", "-c", "echo ready; exec sleep infinity"])

    def _link(self, delays):
        host = str(self._keeper.pid)
        if not delays:
            _run("ip", "link", "add", self._device, "type", "veth", "peer", "name", "eth0", "netns", host)
            return
        relay = self._namespace()
        within = self._entering(relay)
        _run(*within, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6")
        _run("ip", "link", "add", self._device, "type", "veth", "peer", "name", "near", "netns", str(relay.pid))
        _run(*within, "ip", "link", "add", "far", "type", "veth", "peer", "name", "eth0", "netns", host)
        for device in ("near", "far"):
            _run(*within, "ip", "link", "set", device, "up")
        self._start([*within, sys.executable, "-c", RELAY, *map(str, delays)])

    @staticmethod
    def _entering(keeper):
        return "nsenter", "--net", "--target", str(keeper.pid)

    def _start(self, command):
        child = subprocess.Popen([find_program(command[0]), *command[1:]], stdout=subprocess.PIPE, text=True)
        self._children.append(child)
        if child.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{' '.join(command[:4])} did not start")
        return child

    def run(self, *arguments, script=None):
        return _run(*self._entering(self._keeper), find_program(arguments[0]), *arguments[1:], script=script)

    def write(self, path, value):
        # /proc/sys/net shows the namespace of who opens it.
        self.run("sh", "-c", f"echo {value} > {path}")

    def rule(self, text):
        """An nftables rule about packets that arrive: "udp dport 7 drop"."""
        self.run("nft", "-f", "-", script=f"add rule inet lab arriving {text}\n")

    def count(self, match):
        """Counts what arrives and matches; read with counted()."""
        return self._counting("insert", match)

    def drop(self, match):
        """Drops what arrives and matches, and counts it; read with counted()."""
        return self._counting("add", match, "drop")

    def _counting(self, how, match, verdict=""):
        self._counters += 1
        name = f"c{self._counters}"
        self.run("nft", "-f", "-", script=f"add counter inet lab {name}\n"
                 f"{how} rule inet lab arriving {match} counter name {name} {verdict}\n")
        return name

    def counted(self, counter):
        words = self.run("nft", "list", "counter", "inet", "lab", counter).split()
        return int(words[words.index("packets") + 1])

    def udp_echo(self, *ports):
        self._serve(UDP_ECHO, ports)

    def listen(self, *ports):
        self._serve(TCP_LISTENER, ports)

    def _serve(self, program, ports):
        self._start([*self._entering(self._keeper), sys.executable, "-c", program, *map(str, ports)])

    def close(self):
        for child in reversed(self._children):
            child.kill()
            child.wait()
            child.stdout.close()
        _run("ip", "link", "del", self._device, missing_is_fine=True)


@contextlib.contextmanager
def host(number=1, delays=()):
    one = Host(number, delays)
    try:
        yield one
    finally:
        one.close()
