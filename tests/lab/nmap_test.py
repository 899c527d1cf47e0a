"""Port states as nmap has them (-sT, -sS, -sU), on one host whose firewall answers in every way it can.

Where we differ on purpose, the test says so and why:
- a TCP port that the firewall rejects with ICMP port unreachable: `nmap -sT` sees only ECONNREFUSED and says closed; we ask the
  kernel whether a segment came, and say filtered, as `nmap -sS` does.
- a UDP port behind a router that says net or host unreachable: nmap says filtered; we raise `unreachable`, for nothing is known
  of the port, nor whether the host is there.
"""

import contextlib
import json
import re
import subprocess
import tempfile
import unittest

import certificates
import dns_servers
import hosts
import network
import servers
import tls_servers
from processes import NotThere, find_program
from program import LabTest, rule, targets

HERE = "127.0.0.1"
UNREACHABLE = ("net-unreachable", "host-unreachable", "prot-unreachable", "port-unreachable", "net-prohibited",
               "host-prohibited", "admin-prohibited")
UNREACHABLE6 = ("no-route", "admin-prohibited", "addr-unreachable", "port-unreachable")


def nmap(address, kind, ports):
    """{port: state}."""
    words = ["-6"] if ":" in address else []
    done = subprocess.run([find_program("nmap"), kind, "--privileged", "-n", "-Pn", "-T4", "--max-retries", "2", *words,
                           "-p", ",".join(map(str, ports)), "-oG", "-", address], text=True, capture_output=True,
                          check=False, timeout=200)
    found = {int(port): state for port, state in re.findall(r"(\d+)/([a-z|]+)/(?:tcp|udp)/", done.stdout)}
    if set(found) != set(ports):
        raise AssertionError(f"nmap told of {sorted(found)}: {done.stdout}{done.stderr}")
    return found


class RealServersTest(LabTest):
    """The lab's servers on one address, and what nmap says of their ports."""

    def setUp(self):
        super().setUp()
        try:
            find_program("nmap")
        except NotThere as why:
            self.skipTest(str(why))

    def test_tcp_ports_of_real_servers_are_nmaps(self):
        with contextlib.ExitStack() as started:
            for server in (servers.sshd(HERE), servers.dropbear(HERE, 2222), servers.nginx(HERE, (80, 443)), servers.vsftpd(HERE),
                           servers.named(HERE, 53), dns_servers.unbound(HERE, 5354), servers.memcached(HERE), servers.telnetd(HERE)):
                started.enter_context(server)
            self.assert_as_nmap((21, 22, 23, 53, 80, 443, 2222, 5354, 11211), closed=(25, 110, 7001))

    def test_tcp_ports_of_mail_directory_and_database_servers_are_nmaps(self):
        open_ports = (25, 110, 143, 389, 636, 3306, 4433, 5432, 8443)
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as started:
            pair = certificates.Authority(folder).issue("ports", kind="rsa")
            for path in (pair.certificate, pair.key):
                path.chmod(0o644)
            try:
                for server in (tls_servers.postfix(HERE, pair), tls_servers.dovecot(HERE, pair), tls_servers.slapd(HERE, pair),
                               tls_servers.postgres(HERE, pair), tls_servers.mariadb(HERE, pair),
                               tls_servers.apache(HERE, {"ports.lab.test": pair}), tls_servers.s_server(HERE, pair, port=4433)):
                    started.enter_context(server)
            except NotThere as why:
                self.skipTest(str(why))
            self.assert_as_nmap(open_ports, closed=(21, 465, 1433))

    def assert_as_nmap(self, open_ports, closed):
        ports = [*open_ports, *closed]
        done = self.audit("probe", "port", HERE, ",".join(map(str, ports)), "--json")
        lines = [json.loads(line) for line in done.out.splitlines()]
        ours = {int(line["endpoint"].rsplit(":", 1)[1]): line["reason"] for line in lines}
        self.assertEqual(ours, {port: "open" if port in open_ports else "closed" for port in ports})
        self.assertEqual(ours, nmap(HERE, "-sT", ports))

    def test_udp_ports_of_real_servers_are_nmaps(self):
        with contextlib.ExitStack() as started:
            # unbound on a port without a usual payload keeps silent to what is no question.
            for server in (servers.named(HERE, 53), servers.snmpd(HERE), servers.ntpd(), dns_servers.unbound(HERE, 5354)):
                started.enter_context(server)
            ports = [53, 123, 161, 5354, 69, 7001]
            body = f"""
    local udp_payloads, states, last = require("udp_payloads"), {{}}, nil
    for _, port in ipairs {{ {", ".join(map(str, ports))} }} do
      last = udp_payloads.ask(target, port)
      states[#states + 1] = port .. " " .. last.state
    end
    return info(table.concat(states, ","), last)"""
            done = self.run_inventory(targets(HERE, head='[limits]\ntimeout = "500ms"\nattempts = 2'),
                                      rules={"lab.lua": rule(body, declares='requires = "nothing"')})
            told = (word.split(" ") for word in done.check("lab.rule", HERE)["message"].split(","))
            ours = {int(port): state for port, state in told}
            self.assertEqual(ours, {53: "open", 123: "open", 161: "open", 5354: "open|filtered", 69: "closed", 7001: "closed"})
            self.assertEqual(ours, nmap(HERE, "-sU", ports))


class AgreementTest(LabTest):
    def setUp(self):
        super().setUp()
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        try:
            find_program("nmap")
        except Exception as error:  # named in the tally
            raise unittest.SkipTest(str(error)) from error
        self.host = self.enterContext(hosts.host())

    def tcp(self, address, ports):
        done = self.audit("probe", "port", address, ",".join(map(str, ports)), "--json", "--timeout", "0.5")
        lines = [json.loads(line) for line in done.out.splitlines()]
        return {int(line["endpoint"].rsplit(":", 1)[1]): line["reason"] for line in lines}

    def udp(self, address, port):
        done = self.audit("probe", "udp", address, port, "--send", "x", "--json", "--timeout", "0.5")
        line = json.loads(done.out)
        return line.get("seen", {}).get("state", line["reason"]), line

    def test_tcp_states_are_nmaps(self):
        self.host.listen(7001)
        self.host.rule("tcp dport 7003 drop")
        self.host.rule("tcp dport 7004 reject with tcp reset")
        for at, code in enumerate(UNREACHABLE):
            self.host.rule(f"ip version 4 tcp dport {7010 + at} reject with icmp type {code}")
        ports = [7001, 7002, 7003, 7004, *range(7010, 7010 + len(UNREACHABLE))]
        ours = self.tcp(self.host.v4, ports)
        expected = {7001: "open", 7002: "closed", 7003: "filtered", 7004: "closed",
                    **{port: "filtered" for port in range(7010, 7010 + len(UNREACHABLE))}}
        self.assertEqual(ours, expected)
        self.assertEqual(ours, nmap(self.host.v4, "-sS", ports))
        theirs = nmap(self.host.v4, "-sT", ports)
        differ = {port: (ours[port], theirs[port]) for port in ports if ours[port] != theirs[port]}
        self.assertEqual(differ, {7010 + UNREACHABLE.index("port-unreachable"): ("filtered", "closed")})

    def test_tcp_states_over_ipv6_are_nmaps(self):
        self.host.listen(7001)
        self.host.rule("tcp dport 7003 drop")
        for at, code in enumerate(UNREACHABLE6):
            self.host.rule(f"meta nfproto ipv6 tcp dport {7010 + at} reject with icmpv6 type {code}")
        ports = [7001, 7002, 7003, *range(7010, 7010 + len(UNREACHABLE6))]
        ours = self.tcp(self.host.v6, ports)
        self.assertEqual(ours, {7001: "open", 7002: "closed", 7003: "filtered",
                                **{port: "filtered" for port in range(7010, 7010 + len(UNREACHABLE6))}})
        self.assertEqual(ours, nmap(self.host.v6, "-sS", ports))

    def test_a_conversation_with_a_port_that_a_firewall_rejects_is_not_refused_by_the_host(self):
        self.host.listen(80)
        self.host.rule("tcp dport 7010 reject with icmp type port-unreachable")
        done = self.audit("probe", "tcp", self.host.v4, "7010", "--json")
        self.assertEqual(json.loads(done.out)["reason"], "unreachable", done)

    def test_udp_states_are_nmaps(self):
        self.host.udp_echo(7001)
        self.host.rule("udp dport 7003 drop")
        for at, code in enumerate(UNREACHABLE):
            self.host.rule(f"ip version 4 udp dport {7010 + at} reject with icmp type {code}")
        ports = [7001, 7002, 7003, *range(7010, 7010 + len(UNREACHABLE))]
        ours = {port: self.udp(self.host.v4, port)[0] for port in ports}
        rejected = {7010 + at: "closed" if code == "port-unreachable" else "filtered" for at, code in enumerate(UNREACHABLE)}
        self.assertEqual(ours, {7001: "open", 7002: "closed", 7003: "open|filtered", **rejected})
        self.assertEqual(ours, nmap(self.host.v4, "-sU", ports))

    def test_udp_states_over_ipv6_are_nmaps(self):
        self.host.udp_echo(7001)
        self.host.rule("udp dport 7003 drop")
        for at, code in enumerate(UNREACHABLE6):
            self.host.rule(f"meta nfproto ipv6 udp dport {7010 + at} reject with icmpv6 type {code}")
        ports = [7001, 7002, 7003, *range(7010, 7010 + len(UNREACHABLE6))]
        ours = {port: self.udp(self.host.v6, port)[0] for port in ports}
        self.assertEqual(ours, nmap(self.host.v6, "-sU", ports))

    def test_a_router_that_knows_no_way_says_nothing_of_the_port(self):
        self.host.write("/proc/sys/net/ipv4/ip_forward", "1")
        self.host.run("ip", "route", "add", "unreachable", "10.99.0.0/24")
        network._run("ip", "route", "add", "10.99.0.0/24", "via", self.host.v4)
        state, line = self.udp("10.99.0.1", 7001)
        self.assertEqual(state, "unreachable")
        self.assertIn(f"unreachable from {self.host.v4}", line["message"])
        self.assertEqual(nmap("10.99.0.1", "-sU", [7001]), {7001: "filtered"})

    def test_the_icmp_error_and_its_sender_are_in_the_answer(self):
        self.host.rule("udp dport 7010 reject with icmp type admin-prohibited")
        _, line = self.udp(self.host.v4, 7010)
        self.assertEqual(line["seen"]["icmp"], "communication administratively prohibited")
        self.assertEqual(line["seen"]["icmp_from"], self.host.v4)
