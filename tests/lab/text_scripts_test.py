"""The libraries of scripts/ that speak in lines, on the real servers."""

import ftplib
import imaplib
import poplib
import smtplib
import ssl

import certificates
import network
import peers
import servers
import tls_servers
from program import LabTest, rule, targets

QUIET = 'select = "lab.*"\n[limits]\ntimeout = "50s"'


class TextScriptsTest(LabTest):
    def told(self, address, body, expected="informational", **options):
        """What a rule says, as a message; its check has to end as expected."""
        done = self.run_inventory(targets(address, head=QUIET), rules={"lab.lua": rule(body, declares='requires = "nothing"')},
                                  **options)
        check = done.check("lab.rule", address)
        self.assertEqual(check["status"], expected, f"{check}\n{done}")
        return check["message"]


class RedisTest(TextScriptsTest):
    ASK = """
    local a = require("redis").info(target, nil, { timeout = 50 })
    assert(a.info_cut == 0)
    return info(table.concat({ tostring(a.ping):match("^%w+"), tostring(a.auth_required), tostring(a.protected_mode),
      tostring(a.version), tostring(a.mode) }, "|"), a)"""

    def test_a_server_without_a_password_says_its_version(self):
        with servers.redis("127.0.0.49", 6379, "--protected-mode", "no") as process:
            told = self.told("127.0.0.49", self.ASK)
            said = process.said()
        self.assertRegex(told, r"^PONG\|false\|false\|[\d.]+\|standalone$")
        self.assertIn("version=" + told.split("|")[3], said)

    def test_a_server_with_a_password_wants_it(self):
        with servers.redis("127.0.0.49", 6379, "--requirepass", "secret"):
            self.assertEqual(self.told("127.0.0.49", self.ASK), "NOAUTH|true|false|nil|nil")

    def test_protected_mode_is_told_from_a_password(self):
        with network.link("10.77.0.1/24"), servers.redis("10.77.0.1"):
            self.assertEqual(self.told("10.77.0.1", self.ASK), "DENIED|nil|true|nil|nil")

    def test_a_command_that_is_not_allowed_is_no_password(self):
        with servers.redis("127.0.0.49", 6379, "--protected-mode", "no", "--user", "default", "on", "nopass", "~*", "+ping"):
            told = self.told("127.0.0.49", """
    local a = require("redis").info(target, nil, { timeout = 50 })
    return info(a.ping .. "|" .. tostring(a.auth_required) .. "|" .. a.info_error:match("^%w+"), a)""")
        self.assertEqual(told, "PONG|false|NOPERM")

    def test_nobody_there_is_refused(self):
        done = self.run_inventory(targets("127.0.0.14", head=QUIET),
                                  rules={"lab.lua": rule(self.ASK, declares='requires = "nothing"')})
        self.assertEqual(done.status("lab.rule", "127.0.0.14")[1], "refused")


class SmtpTest(TextScriptsTest):
    ASK = """
    local function names(of)
      local list = {}
      for name in pairs(of.capabilities) do list[#list + 1] = name end
      table.sort(list)
      return table.concat(list, " ")
    end
    local a, session = require("smtp").greet(target, 25, { timeout = 50, starttls = { trust = "none" } })
    return info(table.concat({ a.code, a.banner[1], a.ehlo[1], names(a), tostring(a.starttls), tostring(a.starttls_code),
      a.secure and names(a.secure) or "", a.secure and tostring(a.secure.starttls) or "",
      session and session.chain[1].fingerprint_sha256 or "", a.cut }, "|"), a)"""

    def test_postfix_equals_what_smtplib_sees_in_clear_and_within_tls(self):
        pair = certificates.Authority(self.directory).issue("mail.lab.test")
        with tls_servers.postfix("127.0.0.51", pair):
            told = self.told("127.0.0.51", self.ASK).split("|")
            with smtplib.SMTP("127.0.0.51", 25, "audit.invalid", timeout=30) as client:
                client.ehlo()
                clear = sorted(name.upper() for name in client.esmtp_features)
                client.starttls(context=ssl._create_unverified_context())
                client.ehlo()
                within = sorted(name.upper() for name in client.esmtp_features)
        self.assertRegex(told.pop(1), "^mail.lab.test ESMTP Postfix")
        self.assertEqual(told, ["220", "mail.lab.test", " ".join(clear), "true", "220", " ".join(within), "false",
                                pair.fingerprint(), "0"])
        self.assertIn("STARTTLS", clear)
        self.assertNotIn("STARTTLS", within)


class FtpTest(TextScriptsTest):
    ASK = """
    local a, session = require("ftp").greet(target, 21, { timeout = 50, starttls = { trust = "none" } })
    local function names(of)
      local list = {}
      for name in pairs(of.features) do list[#list + 1] = name end
      table.sort(list)
      return table.concat(list, " ")
    end
    return info(table.concat({ a.code, a.banner[1], names(a), tostring(a.auth_tls), tostring(a.auth_code),
      a.secure and names(a.secure) or "", session and session.chain[1].fingerprint_sha256 or "", a.cut }, "|"), a)"""
    ANONYMOUS = """
    local a = require("ftp").anonymous(target, 21, { timeout = 50 })
    return info(table.concat({ tostring(a.accepted), a.user_code, tostring(a.password_code) }, "|"), a)"""

    @staticmethod
    def features(client):
        return " ".join(sorted({line.split()[0] for line in client.sendcmd("FEAT").splitlines()[1:-1]}))

    def test_vsftpd_equals_what_ftplib_sees_in_clear_and_within_tls(self):
        pair = certificates.Authority(self.directory).issue("ftp.lab.test")
        with tls_servers.vsftpd("127.0.0.52", pair):
            told = self.told("127.0.0.52", self.ASK).split("|")
            with ftplib.FTP_TLS(timeout=30, context=ssl._create_unverified_context()) as client:
                banner = client.connect("127.0.0.52")
                clear = self.features(client)
                client.auth()
                within = self.features(client)
        self.assertEqual(told, ["220", banner[4:], clear, "true", "234", within, pair.fingerprint(), "0"])
        self.assertIn("AUTH", clear.split())

    def test_a_server_without_tls_refuses_it(self):
        with servers.vsftpd("127.0.0.52"):
            told = self.told("127.0.0.52", self.ASK).split("|")
        self.assertEqual(told[0], "220")
        self.assertEqual(told[3:], ["false", "530", "", "", "0"])

    def test_the_anonymous_are_let_in_or_not(self):
        with servers.vsftpd("127.0.0.52"):
            self.assertEqual(self.told("127.0.0.52", self.ANONYMOUS), "true|331|230")
        with servers.vsftpd("127.0.0.52", settings="anonymous_enable=NO\nlocal_enable=YES"):
            self.assertRegex(self.told("127.0.0.52", self.ANONYMOUS), r"^false\|")


class Pop3Test(TextScriptsTest):
    ASK = """
    local a, session = require("pop3").greet(target, 110, { timeout = 50, starttls = { trust = "none" } })
    local function names(of)
      local list = {}
      for name, rest in pairs(of.capabilities) do list[#list + 1] = (name .. " " .. rest):match("^(.-) ?$") end
      table.sort(list)
      return table.concat(list, ",")
    end
    return info(table.concat({ tostring(a.ok), a.banner, tostring(a.apop), names(a), tostring(a.stls), names(a.secure),
      session.chain[1].fingerprint_sha256, a.cut }, "|"), a)"""

    @staticmethod
    def capabilities(client):
        return ",".join(sorted(" ".join([name, *words]) for name, words in client.capa().items()))

    def test_dovecot_equals_what_poplib_sees_in_clear_and_within_tls(self):
        pair = certificates.Authority(self.directory).issue("pop.lab.test")
        with tls_servers.dovecot("127.0.0.53", pair):
            told = self.told("127.0.0.53", self.ASK).split("|")
            client = poplib.POP3("127.0.0.53", timeout=30)
            banner, clear = client.getwelcome().decode(), self.capabilities(client)
            client.stls(ssl._create_unverified_context())
            within = self.capabilities(client)
            client.quit()
        self.assertEqual(told, ["true", banner[4:], "nil", clear, "true", within, pair.fingerprint(), "0"])
        self.assertIn("STLS", clear.split(","))
        self.assertNotIn("STLS", within.split(","))


class ImapTest(TextScriptsTest):
    ASK = """
    local a, session = require("imap").greet(target, 143, { timeout = 50, starttls = { trust = "none" } })
    local function names(of)
      local list = {}
      for name, rest in pairs(of.capabilities) do list[#list + 1] = rest == "" and name or name .. "=" .. rest end
      for _, name in ipairs(of.auth) do list[#list + 1] = "AUTH=" .. name end
      table.sort(list)
      return table.concat(list, " ")
    end
    return info(table.concat({ a.greeting, a.banner, names(a), tostring(a.starttls), tostring(a.login_disabled), names(a.secure),
      tostring(a.secure.starttls), tostring(a.secure.login_disabled), session.chain[1].fingerprint_sha256, a.cut }, "|"), a)"""

    def test_dovecot_equals_what_imaplib_sees_in_clear_and_within_tls(self):
        pair = certificates.Authority(self.directory).issue("imap.lab.test")
        with tls_servers.dovecot("127.0.0.54", pair):
            told = self.told("127.0.0.54", self.ASK).split("|")
            with imaplib.IMAP4("127.0.0.54", timeout=30) as client:
                banner, clear = client.welcome.decode(), sorted(client.capabilities)
                client.starttls(ssl._create_unverified_context())
                within = sorted(client.capabilities)
        self.assertEqual(f"* {told[0]} {told[1]}", banner)
        disabled = str("LOGINDISABLED" in clear).lower()
        self.assertEqual(told[2:], [" ".join(clear), "true", disabled, " ".join(within), "false", "false", pair.fingerprint(), "0"])
        self.assertIn("STARTTLS", clear)


class HostileTest(TextScriptsTest):
    CALLS = ("redis.info", "smtp.greet", "ftp.greet", "ftp.anonymous", "pop3.greet", "imap.greet")

    def ended(self, timeout):
        """How a rule ends that asks each library of port 7000: "smtp.greet truncated" and so on."""
        lines = "".join(f"""
    do
      local a, kind = try(require("{call.split(".")[0]}").{call.split(".")[1]}, target, 7000, {{ timeout = {timeout} }})
      ends[#ends + 1] = a and "answer" or kind
    end""" for call in self.CALLS)
        told = self.told("127.0.0.55", f"    local ends = {{}}{lines}\n    return info(table.concat(ends, ' '))")
        return told.split()

    def test_a_peer_that_is_none_of_them_is_an_error_of_its_kind_for_each(self):
        many = len(self.CALLS)
        for peer, kind in ((peers.endless, "truncated"), (peers.flood, "truncated"), (peers.hostile, "protocol_error")):
            with self.subTest(peer.__name__), peer("127.0.0.55", 7000):
                self.assertEqual(self.ended(50), [kind] * many)
        with self.subTest("closing"), peers.closing("127.0.0.55", 7000):
            first, *others = self.ended(50)
            self.assertIn(first, ("eof", "reset"))  # redis speaks first, perhaps to one who is gone
            self.assertEqual(others, ["eof"] * (many - 1))
        with self.subTest("silent"), peers.silent("127.0.0.55", 7000):
            self.assertEqual(self.ended(0.2), ["timeout"] * many)

    def test_lines_without_end_end_as_truncated(self):
        with peers.endless("127.0.0.55", 7000, b"220-x\r\n" * 500):
            ends = dict(zip(self.CALLS, self.ended(50)))
        for call, kind in ends.items():
            self.assertEqual(kind, "truncated" if call.startswith(("smtp", "ftp")) else "protocol_error", call)
