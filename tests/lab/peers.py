"""Peers that do not behave: small servers inside the test's own process, each connection on a thread."""

import contextlib
import socket
import struct
import threading

HOSTILE_BANNER = (b"<script>alert('x')</script> \x1b[31mred\x1b[2J\x1b]0;title\x07 \x00 \xff\xfe \xe2\x80\xae "
                  b"=cmd|'/c calc'!A1 \r\n")


class Peer:
    """Listens until closed. `talk(connection, peer)` serves one connection; what it raises ends only that one."""

    def __init__(self, address, port, talk):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.accepted = 0
        self.heard = 0  # bytes, where the peer counts them
        self.closing = threading.Event()
        self._talk = talk
        self._connections = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server((address, port), family=family, backlog=1024)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.accepted += 1
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:
            self._talk(connection, self)
        with self._lock:
            self._connections.discard(connection)

    def close(self):
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)


@contextlib.contextmanager
def serving(address, port, talk):
    peer = Peer(address, port, talk)
    try:
        yield peer
    finally:
        peer.close()


def _drain(connection):
    while connection.recv(65536):
        pass


def silent(address, port):
    """Accepts, counts what it reads, never speaks."""
    def talk(connection, peer):
        while data := connection.recv(65536):
            peer.heard += len(data)
    return serving(address, port, talk)


def resetting(address, port):
    """Accepts and resets at once."""
    def talk(connection, peer):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return serving(address, port, talk)


def closing(address, port):
    """Accepts and closes in good order, without a word."""
    return serving(address, port, lambda connection, peer: None)


def saying(address, port, words):
    """Says its words at once and waits for the other side to close."""
    def talk(connection, peer):
        connection.sendall(words)
        _drain(connection)
    return serving(address, port, talk)


def hostile(address, port):
    """A banner that is markup, terminal control, spreadsheet formula, NUL and no UTF-8."""
    return saying(address, port, HOSTILE_BANNER)


def ssh1(address, port=22):
    """What an SSH server of 1999 says."""
    return saying(address, port, b"SSH-1.5-1.2.27\n")


def endless(address, port, piece=b"A" * 4096):
    """Sends as fast as it is read, for ever."""
    def talk(connection, peer):
        while not peer.closing.is_set():
            connection.sendall(piece)
    return serving(address, port, talk)


def flood(address, port, size=10_000_000):
    """One line of `size` bytes that never ends."""
    return saying(address, port, b"B" * size)


def trickling(address, port, every=0.2):
    """A byte now and then, for ever: never idle for long, never done."""
    def talk(connection, peer):
        while not peer.closing.wait(every):
            connection.sendall(b".")
    return serving(address, port, talk)


def http(address, port, response):
    """Answers each request head with these bytes and closes; a function is given the request's bytes."""
    def talk(connection, peer):
        request = b""
        while b"\r\n\r\n" not in request:
            piece = connection.recv(65536)
            if not piece:
                return
            request += piece
        connection.sendall(response(request) if callable(response) else response)
    return serving(address, port, talk)


@contextlib.contextmanager
def udp(address, port, answer):
    """Answers each datagram with answer(bytes), a list of datagrams."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as bound:
        bound.bind((address, port))
        bound.settimeout(0.1)
        closing = threading.Event()

        def serve():
            while not closing.is_set():
                with contextlib.suppress(TimeoutError):
                    data, source = bound.recvfrom(65536)
                    for reply in answer(data):
                        bound.sendto(reply, source)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield
        finally:
            closing.set()
            thread.join(5)
