"""The lab itself: every server says what the others rely on, and nothing outlives its test."""

import os
import socket
import subprocess
import time
import unittest

import network
import peers
import servers
from processes import accepts, find_program


def ask(address, port, request=b"", size=200):
    with socket.create_connection((address, port), 5) as stream:
        stream.settimeout(5)
        if request:
            stream.sendall(request)
        return stream.recv(size)


def dig(*words):
    return subprocess.run([find_program("dig"), "@127.0.0.1", "-p", "5353", "+short", *words], check=True,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout.split()


class ServersTest(unittest.TestCase):
    def test_telnetd_negotiates(self):
        with servers.telnetd("127.0.0.11"):
            self.assertEqual(ask("127.0.0.11", 23)[:1], b"\xff")

    def test_sshd_greets(self):
        with servers.sshd("127.0.0.12"):
            self.assertTrue(ask("127.0.0.12", 22).startswith(b"SSH-2.0-OpenSSH_"))

    def test_nginx_answers_on_every_port_it_was_given(self):
        with servers.nginx("127.0.0.13", (80, 443, 8080)):
            for port in (80, 443, 8080):
                self.assertTrue(ask("127.0.0.13", port, b"HEAD / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200"))

    def test_vsftpd_greets(self):
        with servers.vsftpd("127.0.0.15"):
            self.assertTrue(ask("127.0.0.15", 21).startswith(b"220 "))

    def test_named_answers_forward_and_reverse(self):
        with servers.named():
            self.assertEqual(sorted(dig("both.lab.test")), ["127.0.0.12", "127.0.0.13"])
            self.assertEqual(dig("-x", "127.0.0.12"), ["ssh.lab.test."])
            self.assertEqual(dig("six.lab.test", "AAAA"), ["::1"])

    def test_the_udp_servers_answer_as_soon_as_they_are_there(self):
        mark = b"the lab."
        discovery = bytes.fromhex("303a020103300f02024a69020300ffe30401040201030410300e0400020100020100040004000400"
                                  "301204000400a00c020237f00201000201003000")
        for server, address, port, question in (
                (servers.snmpd("127.0.0.41"), "127.0.0.41", 161, discovery),
                (servers.ntpd(), "127.0.0.1", 123, b"\x23" + bytes(39) + mark),
                (servers.memcached("127.0.0.46"), "127.0.0.46", 11211, bytes.fromhex("0001000000010000") + b"version\r\n")):
            with self.subTest(port), server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
                asking.settimeout(5)
                asking.connect((address, port))
                asking.send(question)
                self.assertGreater(len(asking.recv(2000)), 8)

    def test_a_server_is_gone_when_its_with_ends(self):
        with servers.telnetd("127.0.0.11") as process:
            ask("127.0.0.11", 23)
        self.assertFalse(accepts("127.0.0.11", 23))
        self.assertIsNotNone(process.child.returncode)

    def test_a_server_that_cannot_start_is_said_at_once_with_its_words(self):
        with self.assertRaisesRegex(RuntimeError, "sshd ended with .*NoSuchWord"):
            with servers.sshd("127.0.0.12", settings="NoSuchWord yes"):
                self.fail("it started")


class PeersTest(unittest.TestCase):
    def test_the_silent_peer_accepts_and_says_nothing(self):
        with peers.silent("127.0.0.20", 7000) as peer, socket.create_connection(("127.0.0.20", 7000), 5) as stream:
            stream.settimeout(0.2)
            with self.assertRaises(TimeoutError):
                stream.recv(1)
            self.assertEqual(peer.accepted, 1)

    def test_the_resetting_peer_resets(self):
        with peers.resetting("127.0.0.20", 7000), self.assertRaises(ConnectionResetError):
            ask("127.0.0.20", 7000)

    def test_the_endless_peer_goes_on(self):
        with peers.endless("127.0.0.20", 7000), socket.create_connection(("127.0.0.20", 7000), 5) as stream:
            got = 0
            while got < 1_000_000:
                got += len(stream.recv(65536))

    def test_the_flood_is_ten_megabytes_in_one_line(self):
        with peers.flood("127.0.0.20", 7000), socket.create_connection(("127.0.0.20", 7000), 5) as stream:
            got = 0
            while got < 10_000_000:
                piece = stream.recv(1 << 20)
                self.assertNotIn(b"\n", piece)
                got += len(piece)

    def test_the_trickling_peer_sends_a_byte_at_a_time(self):
        with peers.trickling("127.0.0.20", 7000, every=0.01):
            self.assertEqual(ask("127.0.0.20", 7000), b".")

    def test_the_ssh1_peer_is_from_1999(self):
        with peers.ssh1("127.0.0.20"):
            self.assertTrue(ask("127.0.0.20", 22).startswith(b"SSH-1.5-"))


@unittest.skipIf(not network.inside_the_lab(), "changes the network: run through tests/lab/enter.sh")
class NetworkTest(unittest.TestCase):
    def setUp(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)

    def test_a_dropped_address_does_not_answer(self):
        with network.firewall() as firewall:
            firewall.drop("127.0.0.66")
            with self.assertRaises(TimeoutError):
                socket.create_connection(("127.0.0.66", 23), 0.3)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.66", 23), 5)

    def test_one_dropped_port_leaves_the_others(self):
        with network.firewall() as firewall:
            firewall.drop("127.0.0.67", 23)
            with self.assertRaises(TimeoutError):
                socket.create_connection(("127.0.0.67", 23), 0.3)
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.67", 22), 5)

    def test_packets_are_counted(self):
        with network.firewall() as firewall:
            everything = firewall.count("127.0.0.68")
            telnet = firewall.count("127.0.0.68", "23")
            self.assertEqual(firewall.counted(everything), 0)
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.68", 22), 5)
            self.assertEqual((firewall.counted(everything), firewall.counted(telnet)), (1, 0))

    def test_without_a_route_the_machine_itself_refuses(self):
        for kind, error in (("unreachable", OSError), ("prohibit", PermissionError), ("blackhole", OSError)):
            with network.no_route("198.51.100.0/24", kind), self.assertRaises(error) as raised:
                began = time.monotonic()
                socket.create_connection(("198.51.100.1", 22), 5)
            self.assertLess(time.monotonic() - began, 1)
            self.assertNotIsInstance(raised.exception, (TimeoutError, ConnectionRefusedError))

    def test_nobody_else_is_on_the_link(self):
        with network.link():
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("10.77.0.1", 22), 5)
            with self.assertRaises(OSError) as raised:
                socket.create_connection(("10.77.0.9", 22), 5)
            self.assertNotIsInstance(raised.exception, ConnectionRefusedError)

    def test_there_is_no_way_out(self):
        with open("/proc/net/dev", encoding="ascii") as devices:
            names = [line.split(":")[0].strip() for line in devices.readlines()[2:]]
        self.assertEqual([name for name in names if not name.startswith(("lo", "tunl", "sit", "ip6", "gre", "erspan",
                                                                         "ip_vti", "ip6_vti"))], [])
        self.assertNotEqual(os.environ.get("AUDIT_LAB"), None)
