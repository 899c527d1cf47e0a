"""Processes that a test starts: their output in a file, and always ended, with all that they started themselves."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

PATIENCE = float(os.environ.get("AUDIT_LAB_PATIENCE", "1"))  # sanitizers are slow: how much longer to wait


class NotThere(Exception):
    """A program that the lab needs is not installed."""


class NeedsRoot(NotThere, unittest.SkipTest):
    """A server that starts as root only: whoever else runs the test skips it."""


def find_program(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin")
    if path is None:
        raise NotThere(f"{name} is not installed (tests/packages.txt)")
    return path


def wait_until(what, condition, seconds=10.0, every=0.02):
    """Calls `condition` until it is true; raises TimeoutError that says what was waited for."""
    end = time.monotonic() + seconds * PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds * PATIENCE:g} s for {what}")
        time.sleep(every)


def accepts(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def bound(address, port):
    """Is a UDP socket bound to exactly this IPv4 address?"""
    local = f"{int.from_bytes(socket.inet_aton(address), 'little'):08X}:{port:04X}"
    lines = pathlib.Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(line.split()[1] == local for line in lines)


class Process:
    """A child in a session of its own, so that it and its children are ended together."""

    def __init__(self, arguments, directory, name, **options):
        self.name = name
        self.log = pathlib.Path(directory) / f"{name}.log"
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **options)

    def wait_until_it_accepts(self, address, port):
        self.wait_until(f"accept on {address}:{port}", lambda: accepts(address, port))

    def wait_until(self, what, condition):
        """Until it does something; at once with its words where it ends before that."""
        def ready():
            if self.child.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.child.returncode} at its start: {self.said()}")
            return condition()

        try:
            wait_until(f"{self.name} to {what}", ready)
        except TimeoutError as error:
            raise RuntimeError(f"{error}: {self.said()}") from None

    def said(self):
        return self.log.read_text(errors="backslashreplace")[-2000:]

    def end(self):
        for number, patience in ((signal.SIGTERM, 2), (signal.SIGKILL, 10)):
            try:
                os.killpg(self.child.pid, number)
            except ProcessLookupError:
                pass
            try:
                self.child.wait(patience)
                break
            except subprocess.TimeoutExpired:
                continue
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def scratch():
    """A temporary directory, removed at the end of its `with`."""
    return tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True)
