"""A DNS server that lies: alone it is no answer, before an honest one it is passed over; over TCP it costs its timeout."""

import json
import socket
import struct
import time

import peers
from program import LabTest, rule, targets

NAME, ADDRESS, PORT = "host.lab.test", "127.0.0.7", 5353
HERE = ("127.0.0.1", PORT)


def message(query, answers=(), flags=0x8180, question=None, mark=None, counts=None):
    """A response to `query`; an answer is (owner in wire format, type, data)."""
    question = query[12:query.index(b"\0", 12) + 5] if question is None else question
    records = b"".join(owner + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for owner, kind, data in answers)
    counts = counts or (1, len(answers), 0, 0)
    return (mark or query[:2]) + struct.pack(">5H", flags, *counts) + question + records


def honest(query):
    return message(query, [(b"\xc0\x0c", 1, socket.inet_aton(ADDRESS))])


def forged(query, **lies):
    return message(query, [(b"\xc0\x0c", 1, socket.inet_aton("127.0.0.66"))], **lies)


def at_end(query):
    """Where the first record of a response stands."""
    return query.index(b"\0", 12) + 5


# What is said first, and what the engine calls it where nothing else comes.
LIES = {
    "another id": (lambda q: forged(q, mark=bytes([q[0] ^ 1, q[1]])), "has id"),
    "another name": (lambda q: forged(q, question=b"\4evil\3lab\4test\0\0\1\0\1"), "another question"),
    "another type": (lambda q: forged(q, question=q[12:at_end(q) - 4] + b"\0\x1c\0\1"), "another question"),
    "another class": (lambda q: forged(q, question=q[12:at_end(q) - 2] + b"\0\3"), "another question"),
    "no question": (lambda q: forged(q, question=b"", counts=(0, 1, 0, 0)), ""),
    "a query": (lambda q: forged(q, flags=0x0100), ""),
    "a name that points to itself": (lambda q: message(q, [(struct.pack(">H", 0xc000 | at_end(q)), 1, b"abcd")]), ""),
    "a name that points forwards": (lambda q: message(q, [(struct.pack(">H", 0xc000 | at_end(q) + 2), 1, b"abcd")]), ""),
    "two names that point to each other": (
        lambda q: message(q, [(b"\1a" + struct.pack(">H", 0xc000 | at_end(q) + 4), 1, b"abcd")]), ""),
    "a loop within the data": (lambda q: message(q, [(b"\xc0\x0c", 5, struct.pack(">H", 0xc000 | at_end(q) + 12))]), ""),
    "more records than there are": (lambda q: forged(q, counts=(1, 60000, 0, 0)), ""),
    "data longer than the message": (lambda q: message(q)[:-1] + b"\1\xc0\x0c\0\1\0\1\0\0\0\1\xff\xffabcd", ""),
    "an address of three bytes": (lambda q: message(q, [(b"\xc0\x0c", 1, b"abc")]), "A record"),
    "a record of another name": (
        lambda q: message(q, [(b"\5other\3lab\4test\0", 1, socket.inet_aton("127.0.0.66"))]), "was not asked for"),
    "an alias to one name and the address of another": (
        lambda q: message(q, [(b"\xc0\x0c", 5, b"\1x\3lab\4test\0"), (b"\5other\3lab\4test\0", 1, socket.inet_aton("127.0.0.66"))]),
        "other.lab.test., which was not asked for"),
    "half a header": (lambda q: honest(q)[:7], ""),
    "nothing": (lambda q: b"", ""),
    "64 KB of empty strings": (lambda q: message(q, [(b"\xc0\x0c", 16, bytes(60_000))]), ""),
    "64 KB of pointers": (lambda q: message(q, [(b"\xc0\x0c", 2, b"\xc0\x0c")] * 4000 + [(b"\xc0\x0c", 2, b"\xc0")]), ""),
}


class UdpTest(LabTest):
    def ask(self, *words):
        done = self.audit("probe", "dns", NAME, *words, "--server", f"{HERE[0]}:{PORT}", "--json", "--timeout", "0.3")
        return done, json.loads(done.out)

    def test_a_lie_alone_is_no_answer_and_says_what_is_wrong(self):
        for name, (lie, words) in LIES.items():
            with self.subTest(name), peers.udp(*HERE, lambda query, lie=lie: [lie(query)]):
                done, line = self.ask()
                self.assertEqual((done.code, line["reason"]), (2, "protocol_error"), f"{name}: {done}")
                self.assertIn(words, line["message"])
                self.assertLess(done.seconds, 10)

    def test_a_lie_before_the_honest_answer_is_passed_over(self):
        for name, (lie, _) in LIES.items():
            with self.subTest(name), peers.udp(*HERE, lambda query, lie=lie: [lie(query), lie(query), honest(query)]):
                done, line = self.ask()
                self.assertEqual((done.code, line["attempts"]), (0, 1), f"{name}: {done}")
                self.assertEqual([row["data"] for row in line["seen"]["answers"]], [ADDRESS])

    def test_an_answer_from_another_source_is_not_heard(self):
        asked = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(HERE)
            for source in (("127.0.0.2", PORT), ("127.0.0.1", PORT + 1)):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as liar:
                    liar.bind(source)
                    running = self.start("probe", "dns", NAME, "--server", f"{HERE[0]}:{PORT}", "--json", "--timeout", "20")
                    query, client = server.recvfrom(4096)
                    asked.append(client[1])
                    for _ in range(3):
                        liar.sendto(forged(query), client)
                    server.sendto(honest(query), client)
                    done = running.end()
                    self.assertEqual([row["data"] for row in json.loads(done.out)["seen"]["answers"]], [ADDRESS], done)
        self.assertEqual(len(set(asked)), 2, "a port that can be foreseen")

    def test_ids_and_ports_are_not_the_same_twice(self):
        seen = set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(HERE)
            for _ in range(8):
                running = self.start("probe", "dns", NAME, "--server", f"{HERE[0]}:{PORT}", "--json", "--timeout", "20")
                query, client = server.recvfrom(4096)
                seen.add(query[:2])
                server.sendto(honest(query), client)
                running.end()
        self.assertGreater(len(seen), 5)


def framed(data):
    return struct.pack(">H", len(data)) + data


def said_to(make):
    """A peer over TCP that reads one query and is then given to `make(query, connection, peer)`."""
    def talk(connection, peer):
        query = b""
        while len(query) < 2 or len(query) < 2 + struct.unpack(">H", query[:2])[0]:
            piece = connection.recv(4096)
            if not piece:
                return
            query += piece
        make(query[2:], connection, peer)
    return peers.serving(*HERE, talk)


def trickling(query, connection, peer):
    for byte in framed(honest(query))[:-1]:
        if peer.closing.wait(0.1):
            return
        connection.sendall(bytes([byte]))
    peer.closing.wait(60)


SOA = (b"\xc0\x0c", 6, b"\2ns\0\2me\0" + bytes(20))


def zone_without_end(query, connection, peer):
    first = framed(message(query, [SOA]))
    rest = framed(message(query, [(b"\xc0\x0c", 16, b"\xff" + b"x" * 255)] * 200))
    connection.sendall(first)
    while not peer.closing.is_set():
        connection.sendall(rest)


class TcpTest(LabTest):
    def ended(self, *words, timeout="0.3"):
        began = time.monotonic()
        done = self.audit("probe", "dns", NAME, *words, "--server", f"{HERE[0]}:{PORT}", "--json", "--timeout", timeout)
        self.assertEqual(done.code, 2, done)
        line = json.loads(done.out)
        return line["reason"], line["message"], time.monotonic() - began

    def test_every_way_of_not_answering_over_tcp_ends_in_time_with_its_reason(self):
        for make, reason in ((trickling, "timeout"), (lambda q, c, p: p.closing.wait(60), "timeout"),
                             (lambda q, c, p: c.sendall(framed(honest(q))[:9]), "eof"), (lambda q, c, p: None, "eof"),
                             (lambda q, c, p: c.sendall(framed(forged(q, mark=bytes([q[0] ^ 1, q[1]])))), "protocol_error"),
                             (lambda q, c, p: c.sendall(b"\0\3abc"), "protocol_error")):
            for words in (["--tcp"], ["AXFR"]):
                with self.subTest(reason=reason, words=words), said_to(make):
                    self.assertEqual(self.ended("A", *words)[0] if words == ["--tcp"] else self.ended(*words)[0], reason)

    def test_a_zone_without_end_is_cut_at_its_cap_and_said(self):
        with said_to(zone_without_end):
            reason, text, _ = self.ended("AXFR", timeout="30")
        self.assertEqual(reason, "truncated", text)
        self.assertIn("larger than 64 MiB", text)

    def test_truncated_for_ever_is_asked_once_over_tcp(self):
        with peers.udp(*HERE, lambda query: [message(query, flags=0x8380)]), \
                said_to(lambda q, c, p: c.sendall(framed(message(q, flags=0x8380)))) as server:
            done = self.audit("probe", "dns", NAME, "--server", f"{HERE[0]}:{PORT}", "--json", "--timeout", "1")
            self.assertEqual(server.accepted, 1, done)
        seen = json.loads(done.out)
        self.assertEqual((done.code, seen["reason"]), (2, "protocol_error"), "part of an answer is none")
        self.assertIn("it is truncated, and it came over TCP", seen["message"])


class RuleTest(LabTest):
    def test_a_liar_costs_a_check_an_error_and_no_verdict(self):
        body = f"""
    local answer, kind = try(target.dns, target, "{NAME}", {{ server = "{HERE[0]}:{PORT}", timeout = 2 }})
    local last = target:dns("{NAME}", {{ server = "{HERE[0]}:{PORT}", timeout = 2 }})
    return pass(kind, last)"""
        with peers.udp(*HERE, lambda query: [LIES["two names that point to each other"][0](query)]):
            done = self.run_inventory(targets(HERE[0]), rules={"lab/asks.lua": rule(body, declares='requires = "nothing"')})
        self.assertEqual(done.status("lab.rule", HERE[0]), ("error", "protocol_error"), done)
