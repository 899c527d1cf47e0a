"""scripts/postgresql.lua on PostgreSQL, and on peers that answer as others do, or not at all."""

import getpass
import os
import struct
import subprocess

import certificates
import peers
import tls_servers
from libraries import LibraryTest, lua
from processes import find_program, scratch

ADDRESS = "127.0.0.47"


def message(kind, contents):
    return kind + struct.pack(">I", len(contents) + 4) + contents


def authentication(code, more=b""):
    return message(b"R", struct.pack(">I", code) + more)


REFUSAL = message(b"E", b"SFATAL\0VFATAL\0C28000\0Mno entry\0Fauth.c\0\0")
WELCOME = (authentication(0) + message(b"S", b"server_version\x0015.10\0") + message(b"S", b"a\0\0") + message(b"K", bytes(8)) +
           message(b"N", b"SNOTICE\0\0") + message(b"Z", b"I"))


def answering(conversations):
    """The n-th connection is given the n-th list of pieces, each its own segment, once it has asked, and then closed."""
    left = iter(conversations)

    def talk(connection, peer):
        connection.setsockopt(6, 1, 1)  # TCP_NODELAY
        connection.recv(4096)
        for piece in next(left):
            connection.sendall(piece)
        connection.shutdown(1)
        while connection.recv(4096):
            pass
    return peers.serving(ADDRESS, 5432, talk)


def psql(user, command):
    return subprocess.run([find_program("psql"), "-X", "-A", "-t", "-h", ADDRESS, "-U", user, "-d", "postgres", "-c", command],
                          check=True, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL).stdout.strip()


class PostgresqlTest(LibraryTest):
    library = "postgresql"
    PREFACE = LibraryTest.PREFACE + """
    local function text(a)
      local e = a.error
      return table.concat({ tostring(a.authentication), table.concat(a.mechanisms or {}, ","), tostring(a.version),
        tostring(a.protocol_minor), e and table.concat({ e.severity, e.code, e.message }, ",") or "" }, "|")
    end
"""

    def test_each_way_to_log_in_is_told_with_and_without_tls(self):
        pair = certificates.Authority(self.enterContext(scratch())).issue("postgres", f"IP:{ADDRESS}", kind="rsa")
        pair.certificate.chmod(0o644)
        owner = "postgres" if os.getuid() == 0 else getpass.getuser()
        admits = f"""host all {owner},trusted all trust
host all clear all password
host all hashed all md5
host all scram all scram-sha-256
hostssl all sealed all scram-sha-256
"""
        with tls_servers.postgres(ADDRESS, pair, admits=admits):
            version = psql(owner, "show server_version")
            psql(owner, "set password_encryption = 'md5'; create role hashed login password 'x'")
            told = self.told(f"""
    local out = {{}}
    for _, user in ipairs {{ "{owner}", "trusted", "clear", "hashed", "scram", "sealed", "nobody" }} do
      for _, tls in ipairs {{ false, {{ trust = "none" }} }} do
        local a = postgresql.startup(target, {{ user = user, database = "postgres", tls = tls }})
        out[#out + 1] = text(a):gsub(" for host.*", "") .. (a.tls and a.tls.version or "")
        if a.parameters and a.version then same(a.parameters.server_encoding, "UTF8", "a parameter") end
      end
    end
    local offer = postgresql.tls(target)
    same(offer.tls, true, "offered")
    same(offer.error, nil, "offered")
    if #wrong > 0 then return verdict(0) end
    return info(table.concat(out, ";"), offer)""", ADDRESS)
        nobody = "nil||nil|nil|FATAL,28000,no pg_hba.conf entry"
        expected = [f"none||{version}|nil|", 'none||nil|nil|FATAL,28000,role "trusted" does not exist', "password||nil|nil|", "md5||nil|nil|",
                    "sasl|SCRAM-SHA-256|nil|nil|", nobody, nobody]
        sealed = expected[:4] + ["sasl|SCRAM-SHA-256-PLUS,SCRAM-SHA-256|nil|nil|"] * 2 + [nobody]
        self.assertEqual(told.split(";"), [line for plain, other in zip(expected, sealed) for line in (plain, other + "TLSv1.3")])

    def test_a_server_without_tls_says_so(self):
        with tls_servers.postgres(ADDRESS, None):
            self.holds("""
    same(postgresql.tls(target).tls, false, "offered")
    local a = postgresql.startup(target, { user = "postgres", tls = true })
    same(a.tls, false, "asked for")
    same(a.authentication, nil, "and nothing else")""", 3, ADDRESS)

    def test_answers_of_every_kind_are_read(self):
        cases = [
            (WELCOME, "none||15.10|nil|"), (REFUSAL, "nil||nil|nil|FATAL,28000,no entry"), (authentication(5, b"salt"), "md5||nil|nil|"),
            (authentication(10, b"A\0B\0\0"), "sasl|A,B|nil|nil|"),
            (authentication(10, b"\0"), "sasl||nil|nil|"), (authentication(99), "99||nil|nil|"),
            (authentication(3), "password||nil|nil|"), (authentication(9), "sspi||nil|nil|"), (authentication(7), "gss||nil|nil|"),
            (message(b"v", struct.pack(">II", 2, 0)) + authentication(3), "password||nil|2|"),
            (authentication(0) + REFUSAL, "none||nil|nil|FATAL,28000,no entry"),
            (message(b"E", b"\0"), "nil||nil|nil|,,"), (b"EFATAL:  unsupported frontend protocol\n\0",
             "nil||nil|nil|FATAL,,FATAL:  unsupported frontend protocol")]
        with answering([said] for said, _ in cases):
            self.holds(f"""
    for i, expected in ipairs({lua([expected for _, expected in cases])}) do same(text(postgresql.startup(target)), expected, i) end""",
                        len(cases), ADDRESS)
        with answering([[b"S"], [b"N"], [REFUSAL], [b"EFATAL:  unsupported\n\0"], [b"H"], [b"\0"], [b""]]):
            self.holds("""
    same(postgresql.tls(target).tls, true, "S")
    same(postgresql.tls(target).tls, false, "N")
    same(postgresql.tls(target).error.code, "28000", "E")
    local old = postgresql.tls(target)
    same(old.error.message, "FATAL:  unsupported", "an old one")
    same(old.tls, nil, "an old one")
    refuses("byte 0x48", postgresql.tls, target)
    refuses("byte 0x00", postgresql.tls, target)
    same(select(2, try(postgresql.tls, target)), "eof", "nothing")""", 8, ADDRESS)

    def test_the_questions_are_those_of_the_manual(self):
        asked = []

        def talk(connection, peer):
            asked.append(connection.recv(4096))
            connection.sendall(b"N" if len(asked) == 1 else authentication(5))
        with peers.serving(ADDRESS, 5432, talk):
            self.holds("""    postgresql.tls(target) postgresql.startup(target, { user = "u", database = "d" })""", 2, ADDRESS)
        words = b"\0\x03\0\0user\0u\0database\0d\0application_name\0audit\0\0"
        self.assertEqual(asked, [bytes.fromhex("0000000804d2162f"), struct.pack(">I", len(words) + 4) + words])

    def test_an_answer_in_pieces_is_whole_and_one_that_ends_early_is_not_believed(self):
        split = [[WELCOME[:i], WELCOME[i:]] for i in range(1, len(WELCOME))] + [[WELCOME[i:i + 1] for i in range(len(WELCOME))]]
        cut = [[whole[:i]] for whole in (WELCOME, REFUSAL, authentication(10, b"A\0\0")) for i in range(len(whole))]
        with answering(split + cut):
            self.holds(f"""
    for i = 1, {len(split)} do same(postgresql.startup(target).version, "15.10", i) end
    for i = 1, {len(cut)} do
      local found, kind = try(postgresql.startup, target)
      same(found, nil, i)
      same(kind, "eof", i)
    end""", len(cut), ADDRESS)

    def test_what_is_no_answer_is_a_protocol_error_and_a_length_is_not_believed(self):
        cases = [
            (b"SSH-2.0-x\r\n", "has no place here"), (b"H", "has no place here"),
            (message(b"Z", b"I"), "has no place here"), (b"R\0\0\0\3", "of 3 bytes"),
            (b"R\xff\xff\xff\xff", "of 4294967295 bytes"), (b"E\xff\xff\xff\xff", "of 4294967295 bytes"),
            (b"R\0\0\x40\5", "of 16389 bytes"),
            (message(b"R", b"\0\0\0"), ""), (authentication(10), "without its end"), (authentication(10, b"A"), "without its end"),
            (authentication(10, b"A\0"), "without its end"), (message(b"E", b""), "without its end"), (message(b"E", b"Mx"), "without its end"),
            (message(b"E", b"Mx\0"), "without its end"), (authentication(0) * 2, "a second"),
            (authentication(0) + message(b"S", b"a\0b"), "without its end"),
            (authentication(0) + message(b"S", b""), "without its end"), (authentication(0) + message(b"D", b""), "has no place"),
            (authentication(0) + message(b"N", b"x") * 200, "more than 200 messages"), (message(b"v", b"x"), "")]
        with answering([said] for said, _ in cases):
            self.holds(f"""
    for _, words in ipairs({lua([words for _, words in cases])}) do refuses(words, postgresql.startup, target) end
    local whole = {lua(REFUSAL[5:])}
    for i = 0, #whole - 1 do refuses("without its end", postgresql.decode_error, whole:sub(1, i)) end""", len(cases), ADDRESS)

    def test_text_slipped_in_behind_the_go_ahead_for_tls_is_a_protocol_error(self):  # CVE-2021-23222
        with answering([[b"S" + authentication(0)]]):
            self.holds("""    refuses("", postgresql.startup, target, { tls = true })""", 1, ADDRESS)

    def test_a_mistake_of_the_rule_and_a_server_that_is_not_there(self):
        check = self.ended("    postgresql.startup(target, { user = 'a\\0b' })", ADDRESS)
        self.assertEqual(check["reason"], "rule_error")
        self.assertIn("postgresql.startup: user is to be a string", check["message"])
        check = self.ended("    postgresql.tls(target)", ADDRESS)
        self.assertEqual((check["status"], check["reason"]), ("error", "refused"), check)
        with peers.silent(ADDRESS, 5432):
            check = self.ended("    postgresql.tls(target, { timeout = 0.2 })", ADDRESS)
        self.assertEqual((check["status"], check["reason"]), ("error", "timeout"), check)
