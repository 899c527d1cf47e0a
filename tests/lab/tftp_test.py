"""scripts/tftp.lua on Debian's tftpd, where it has to see what its client sees."""

import pathlib
import subprocess

import network
import servers
from libraries import LibraryTest, lua
from processes import find_program, scratch

ADDRESS = "10.77.0.1"
FILES = {"boot.cfg": b"password \x00secret\n", "exact": bytes(range(256)) * 2, "large.img": bytes(range(256)) * 40, "empty": b""}


def fetch(name):
    """What tftp gets: the file, or the message of the error."""
    with scratch() as directory:
        path = pathlib.Path(directory, "got")
        done = subprocess.run([find_program("tftp"), "-4", "-m", "octet", ADDRESS, "-c", "get", name, str(path)], check=False, timeout=60,
                              capture_output=True, stdin=subprocess.DEVNULL)
        if b"Error code" in done.stdout:
            return done.stdout.decode().strip()
        return path.read_bytes()


class TftpTest(LibraryTest):
    library = "tftp"

    def test_what_its_client_gets_is_handed_out_and_what_it_is_refused_is_not(self):
        with network.link(f"{ADDRESS}/24"), servers.tftpd(ADDRESS, FILES) as process:
            (process.root / "hidden").write_bytes(b"x")
            (process.root / "hidden").chmod(0o600)
            cases = [(name, fetch(name)) for name in FILES]
            errors = [(name, fetch(name)) for name in ("missing", "hidden")]
            self.assertEqual(dict(cases), FILES)
            self.holds(f"""
    for _, case in ipairs({lua(cases)}) do
      local name, contents = case[1], case[2]
      local a = tftp.read(target, name, {{ timeout = 5 }})
      same(a.state, "open", name)
      same(a.handed_out, true, name)
      same(a.data, contents:sub(1, 512), name)
      same(a.whole, #contents < 512, name)
      same(a.farewell, "sent", name)
      same(a.replies[1].from ~= a.remote and a.replies[1].from:match("^[%d.]+"), "{ADDRESS}", name)
      same(tftp.read(target, name, {{ timeout = 5, size = true }}).size, #contents, name)
    end
    for _, case in ipairs({lua(errors)}) do
      local a = tftp.read(target, case[1], {{ timeout = 5 }})
      same(a.handed_out, false, case[1])
      same(("Error code %d: %s"):format(a.error_code, a.message), case[2], case[1])
    end
    same(tftp.read(target, "missing", {{ timeout = 5 }}).error, "not_found", "missing")""", len(cases), ADDRESS)

    def test_a_transfer_is_ended_and_the_server_sends_nothing_more(self):
        with network.link(f"{ADDRESS}/24"), servers.tftpd(ADDRESS, FILES, "--retransmit", "20000", "--verbosity", "4") as process:
            self.assertEqual(self.told("""    local a = tftp.read(target, "large.img", { timeout = 5 })
    return info(#a.data .. " " .. a.farewell, a)""", ADDRESS), "512 sent")

            def children():  # a transfer is a process of its own
                return pathlib.Path(f"/proc/{process.child.pid}/task/{process.child.pid}/children").read_text().split()
            process.wait_until("end the transfer", lambda: not children())

    def test_a_server_without_options_sends_the_block_in_place_of_the_size(self):
        with network.link(f"{ADDRESS}/24"), servers.tftpd(ADDRESS, FILES, "--refuse", "tsize"):
            self.holds("""
    local a = tftp.read(target, "boot.cfg", { timeout = 5, size = true })
    same(a.data, "password \\0secret\\n", "data")
    same(a.size, nil, "size")""", 1, ADDRESS)

    def test_the_usual_question_to_port_69_is_answered(self):
        with network.link(f"{ADDRESS}/24"), servers.tftpd(ADDRESS, FILES):
            self.assertEqual(self.told("""    local a = require("udp_payloads").ask(target, 69, { timeout = 5 })
    return info(a.state .. " " .. a.asked .. " " .. tftp.decode(a.replies[1].bytes).error, a)""", ADDRESS), "open tftp not_found")

    def test_nobody_there_is_closed(self):
        self.assertEqual(self.told("""    local a = tftp.read(target, "x", { timeout = 5 })
    return info(a.state .. " " .. tostring(a.handed_out), a)""", "127.0.0.59"), "closed nil")
