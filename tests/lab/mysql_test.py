"""scripts/mysql.lua on MariaDB, and on peers that greet as others do, or not at all."""

import re
import struct
import subprocess

import certificates
import peers
import tls_servers
from libraries import LibraryTest, lua
from processes import find_program, scratch

ADDRESS = "127.0.0.47"


def packet(payload, sequence=0):
    return struct.pack("<I", len(payload))[:3] + bytes([sequence]) + payload


def greeting(version=b"8.0.36", capabilities=0xdfffffff, plugin=b"caching_sha2_password\0", length=21):
    return (b"\x0a" + version + b"\0" + struct.pack("<I", 7) + b"12345678\0" + struct.pack("<H", capabilities & 0xffff) +
            struct.pack("<BHHB", 255, 2, capabilities >> 16, length) + bytes(10) + b"123456789012\0" + plugin)


def in_turn(port, conversations, address=ADDRESS):
    """The n-th connection is told the n-th list of pieces, each its own segment, and then closed."""
    left = iter(conversations)

    def talk(connection, peer):
        connection.setsockopt(6, 1, 1)  # TCP_NODELAY
        for piece in next(left):
            connection.sendall(piece)
        connection.shutdown(1)
        while connection.recv(4096):
            pass
    return peers.serving(address, port, talk)


SUMMARY = """
    local function text(g)
      return table.concat({ tostring(g.protocol), tostring(g.version), tostring(g.mariadb), tostring(g.release), tostring(g.tls),
        tostring(g.auth_plugin), tostring(g.error and g.error.code), tostring(g.error and g.error.state),
        tostring(g.error and g.error.message) }, "|")
    end
"""


class MysqlTest(LibraryTest):
    library = "mysql"

    def greeted(self, words="", address=ADDRESS):
        return self.ended(f"""{SUMMARY}
    local g = mysql.greeting(target{words})
    return info(text(g) .. " " .. table.concat(g.capability_names or {{}}, " "), g)""", address)

    def test_mariadb_is_read_as_its_own_client_reads_it(self):
        with scratch() as directory:
            pair = certificates.Authority(directory).issue("mysql", f"IP:{ADDRESS}", kind="rsa")
            for offered in (pair, None):
                with self.subTest(offered is not None), tls_servers.mariadb(ADDRESS, offered):
                    said = subprocess.run([find_program("mariadb"), "--no-defaults", "-h", ADDRESS, "-N", "-B", "-e",
                                           "select version(), @@have_ssl"], check=True, capture_output=True, text=True, timeout=30,
                                          stdin=subprocess.DEVNULL).stdout.split()
                    check = self.greeted()
                    self.assertEqual(said[1], "YES" if offered else "DISABLED")
                    fields = check["message"].split(" ")[0].split("|")
                    self.assertIn(fields[1], (said[0], "5.5.5-" + said[0]))
                    self.assertEqual(fields[3], re.match(r"[\d.]+", said[0])[0])
                    self.assertEqual((fields[0], fields[2], fields[4:]),
                                     ("10", "true", [str(offered is not None).lower(), "mysql_native_password"] + ["nil"] * 3))
                    self.assertEqual("SSL" in check["message"].split(" "), offered is not None)
                    self.assertIn("PLUGIN_AUTH", check["message"].split(" "))
                    self.assertEqual([item["probe"] for item in check["evidence"] if "probe" in item], ["connect"])

    def test_greetings_of_every_age_are_read(self):
        cases = [
            (greeting(), "10|8.0.36|false|8.0.36|true|caching_sha2_password|nil|nil|nil"),
            (greeting(b"8.0.36-0ubuntu0.22.04.1", 0xdfffffff & ~0x800),
             "10|8.0.36-0ubuntu0.22.04.1|false|8.0.36|false|caching_sha2_password|nil|nil|nil"),
            (greeting(b"5.5.5-10.11.6-MariaDB-1", plugin=b"mysql_native_password"),
             "10|5.5.5-10.11.6-MariaDB-1|true|10.11.6|true|mysql_native_password|nil|nil|nil"),
            (greeting(b"5.5.5-log", 0x8800), "10|5.5.5-log|false|5.5.5|true|nil|nil|nil|nil"),
            (greeting(b"", 0), "10||false|nil|false|nil|nil|nil|nil"),
            (greeting(b"11.4.2-MariaDB"), "10|11.4.2-MariaDB|true|11.4.2|true|caching_sha2_password|nil|nil|nil"),
            (b"\x0a3.23.58\0\1\0\0\0abcdefgh\0\x2c\x08", "10|3.23.58|false|3.23.58|true|nil|nil|nil|nil"),
            (b"\x093.20.1\0\1\0\0\0abcdefgh\0", "9|3.20.1|false|3.20.1|nil|nil|nil|nil|nil"),
            (b"\xff\x6a\x04Host 'x' is not allowed", "nil|nil|nil|nil|nil|nil|1130|nil|Host 'x' is not allowed"),
            (b"\xff\x10\x04#08004Too many connections", "nil|nil|nil|nil|nil|nil|1040|08004|Too many connections"),
            (b"\xff\x10\x04", "nil|nil|nil|nil|nil|nil|1040|nil|"), (b"\xff\x10\x04#080", "nil|nil|nil|nil|nil|nil|1040|nil|#080")]
        with in_turn(3306, [[packet(payload)] for payload, _ in cases]):
            self.holds(f"""{SUMMARY}
    for _, case in ipairs({lua(cases)}) do
      same(text(mysql.greeting(target)), case[2], "on the wire")
      same(text(mysql.decode(case[1])), case[2], "decoded")
    end""", len(cases), ADDRESS)

    def test_a_greeting_in_pieces_is_whole_and_one_that_ends_early_is_not_believed(self):
        whole = packet(greeting())
        split = [[whole[:i], whole[i:]] for i in range(1, len(whole))] + [[whole[i:i + 1] for i in range(len(whole))]]
        cut = [[whole[:i]] for i in range(len(whole))]
        with in_turn(3306, split + cut):
            self.holds(f"""
    for i = 1, {len(split)} do same(mysql.greeting(target).auth_plugin, "caching_sha2_password", i) end
    for i = 1, {len(cut)} do
      local found, kind = try(mysql.greeting, target)
      same(found, nil, i)
      same(kind, "eof", i)
    end""", len(whole), ADDRESS)

    def test_what_is_no_greeting_is_a_protocol_error_and_a_length_is_not_believed(self):
        refused = [(b"SSH-2.0-x\r\n", "packet 45"), (packet(greeting(), 1), "packet 1"), (b"\0\0\0\0", "of 0 bytes"),
                   (b"\xff\xff\xff\0" + b"x" * 100, "of 16777215 bytes"), (b"\x01\x10\0\0", "of 4097 bytes"),
                   (packet(b"\x0b" + greeting()[1:]), "protocol 11"), (packet(b"\0"), "protocol 0")]
        with in_turn(3306, [[said] for said, _ in refused]):
            self.holds(f"""
    for _, case in ipairs({lua(refused)}) do refuses(case[2], mysql.greeting, target) end
    for i = 0, 255 do
      local found, kind = try(mysql.decode, string.char(i))
      same(kind, "protocol_error", i)
    end
    refuses("neither 9 nor 10", mysql.decode, "")
    local whole = {lua(greeting())}
    local secure = {lua(greeting(length=255))}
    refuses("a challenge of 255 bytes", mysql.decode, secure)
    refuses("no zero behind", mysql.decode, {lua(greeting().replace(b"12345678" + bytes(1), b"12345678x"))})
    for i = 0, #whole - 1 do
      local found, kind = try(mysql.decode, whole:sub(1, i))
      if not found then same(kind, "protocol_error", i) end
      if found and i ~= #{lua(greeting()[:greeting().index(b"12345678") + 11])} then same(i > #whole - 24, true, i) end
    end
    for i = 1, #whole do
      for byte = 0, 255, 5 do
        local found, kind = try(mysql.decode, whole:sub(1, i - 1) .. string.char(byte) .. whole:sub(i + 1))
        if not found then same(kind, "protocol_error", i) end
      end
    end""", len(refused), ADDRESS)

    def test_nothing_there_is_refused_and_silence_is_timeout(self):
        check = self.greeted()
        self.assertEqual((check["status"], check["reason"]), ("error", "refused"), check)
        with peers.silent(ADDRESS, 3306):
            check = self.greeted(", { timeout = 0.2 }")
        self.assertEqual((check["status"], check["reason"]), ("error", "timeout"), check)
