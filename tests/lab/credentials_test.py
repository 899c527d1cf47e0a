"""Credentials of an inventory: where they are found, where they go, and that they are written down nowhere."""

import base64
import contextlib
import html
import json
import os
import re
import socket
import sqlite3
import subprocess
import threading
import urllib.parse

import peers
import servers
import web_servers
from program import LabTest, rule, targets

HOST = "127.0.0.43"
# Of every kind that some output could stumble over: quotes, line ends, markup, what is no UTF-8, a pattern's characters, plain words.
SECRETS = {
    "plain": b"correct-horse",
    "quotes": b"it's \"quoted\" \\ and 'so'",
    "lines": b"first line\nsecond\tline\r\nthird",
    "bytes": b"\xff\xfe\x01\x80secret\xc3\x28\x7f",
    "pattern": b".*[^a-z]+(?=$)%d%%\\1",
    "markup": b"<b>&amp;</b><script>x</script>",
    "pair": b"operator:s3cr3t+/==word",
}


def forms(secret):
    """Every form in which a secret may not appear."""
    found = set()
    for part in {secret, secret.partition(b":")[2]} - {b""}:
        found |= {part, part.hex().encode(), part.hex().upper().encode()}
        for before in range(3):
            first, last = -(-before * 8 // 6), (before + len(part)) * 8 // 6
            digits = base64.b64encode(b"\0" * before + part)[first:last]
            found |= {digits, digits.translate(bytes.maketrans(b"+/", b"-_"))}
        with contextlib.suppress(UnicodeDecodeError):  # JSON and HTML are text
            found |= {json.dumps(part.decode())[1:-1].encode(), html.escape(part.decode()).encode()}
        found.add(urllib.parse.quote_from_bytes(part, safe="").encode())
        found |= {part.decode("latin-1").encode("unicode_escape"), repr(part)[2:-1].encode()}
    return found


def echo(connection, _peer):
    """Says back what it hears: as it is, in hexadecimal of either case, in Base64 of both alphabets, and as JSON."""
    heard = connection.recv(65536)
    for before in (b"", b"a", b"ab"):
        connection.sendall(base64.b64encode(before + heard) + b"\n" + base64.urlsafe_b64encode(before + heard) + b"\n")
    text = heard.decode("utf-8", "surrogateescape")
    connection.sendall(heard + b"\n" + heard.hex().encode() + b"\n" + heard.hex().upper().encode() + b"\n" +
                       json.dumps(text, ensure_ascii=True).encode() + b"\n" + html.escape(text).encode("utf-8", "surrogateescape"))


@contextlib.contextmanager
def echoing_datagrams(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind((address, port))

        def talk():
            with contextlib.suppress(OSError):
                while True:
                    heard, peer = listener.recvfrom(65536)
                    if not heard:
                        return
                    listener.sendto(heard + heard.hex().encode() + base64.b64encode(heard), peer)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        try:
            yield
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", (address, port))
            thread.join(5)


class CredentialsTest(LabTest):
    def secret_file(self, name, secret, mode=0o600):
        path = self.directory / name
        path.write_bytes(secret)
        path.chmod(mode)
        return path

    def assertNowhere(self, secrets, texts):
        for secret in secrets:
            for form in forms(secret):
                for name, text in texts.items():
                    self.assertNotIn(form, text, f"{secret!r} in {name}")

    def test_no_form_of_a_secret_is_in_any_output_though_peers_say_it_back(self):
        asks = "\n".join(f'    ask("{name}")' for name in SECRETS)
        body = f"""
    local seen = {{}}
    local said = {{}}
    local function ask(name)
      local c = target:credential(name)
      local s <close> = target:connect(7000)
      s:write(bytes.join("PASS ", c, "\\r\\n"))
      local all = ""
      while true do
        local part = try(s.read, s)
        if not part then break end
        all = all .. part
      end
      seen[name] = s
      said[#said + 1] = all
      said[#said + 1] = string.format("%q", all)
      local u = target:udp(7001, {{ send = bytes.pack("s1", c), timeout = 2 }})
      seen["udp " .. name] = u
      if u.replies then said[#said + 1] = u.replies[1].bytes end
    end
{asks}
    local page = target:http(7002, {{ auth = "pair", headers = {{ Connection = "close" }} }})
    seen.page = page
    seen.said = said
    return fail(table.concat(said, " ") .. " " .. page.body, seen)"""
        loud = rule(body, "lab.loud")
        raises = rule('    local c = target:credential("quotes")\n    local s <close> = target:connect(7000)\n'
                      '    s:write(c)\n    error(s:read(10) .. s:read())', "lab.raises")
        gathers = """return rule { id = "lab.gathers", title = "Gathers", severity = "low", safety = "normal", tags = {}, rationale = "x",
  remediation = "x", references = {}, ports = { 7000 }, scope = "run",
  collect = function(target)
    local c = target:credential("plain")
    local s <close> = target:connect(7000)
    s:write(bytes.join("PASS ", c, "\\r\\n"))
    return { text = s:read(250) }
  end,
  check = function(run)
    for one in run:each() do return info("gathered " .. one.collected.text) end
  end,
}
"""
        rules = {"lab/loud.lua": loud, "lab/raises.lua": raises, "lab/gathers.lua": gathers}
        head = "".join(f'[credentials.{name}]\nfile = "{name}"\ntargets = ["{HOST}"]\ncleartext = true\n' for name in SECRETS)
        for name, secret in SECRETS.items():
            self.secret_file(name, secret)
        transcript = self.directory / "run.transcript"
        with (peers.serving(HOST, 7000, echo), echoing_datagrams(HOST, 7001), peers.serving(HOST, 7002, self.web_echo)):
            done = self.run_inventory(targets(HOST, head=head), "--trace=bytes", "--record", transcript, "--state", self.directory / "state",
                                      "--report", f"html={self.directory / 'page.html'}",
                                      "--report", f"text={self.directory / 'page.txt'}",
                                      rules=rules, fail_on="never")
        self.assertEqual(done.status("lab.loud", HOST), ("fail", "observed"), done)
        self.assertEqual(done.status("lab.raises", HOST)[1], "rule_error", done)
        texts = self.outputs(done, transcript)
        self.assertIn(b"PASS ***", texts["json"])
        self.assertIn(b"PASS ***", texts["journal"])
        self.assertEqual(done.status("lab.gathers", "*"), ("informational", "observed"), done.check("lab.gathers", "*"))
        self.assertIn(b"gathered", texts["journal"])
        self.assertNowhere(SECRETS.values(), texts)
        replayed = self.run_inventory(targets(HOST, head=head), "--trace=bytes", "--replay", transcript,
                                      "--report", f"html={self.directory / 'page.html'}",
                                      "--report", f"text={self.directory / 'page.txt'}",
                                      rules=rules, fail_on="never")
        self.assertEqual(replayed.status("lab.loud", HOST), ("fail", "observed"), replayed)
        self.assertNowhere(SECRETS.values(), self.outputs(replayed, transcript))

    def outputs(self, done, transcript):
        trace = re.findall(r" [<>] [0-9a-f]{8}  ((?:[0-9a-f]{2} ?)+) ", done.err)
        return {
            "stdout": done.out.encode(), "stderr": done.err.encode(), "json": done.report_path.read_bytes(),
            "html": (self.directory / "page.html").read_bytes(), "text": (self.directory / "page.txt").read_bytes(),
            "trace": b"".join(bytes.fromhex(row) for row in trace),
            "transcript": self.unpacked(transcript),
            "journal": self.journal(),
        }

    def journal(self):
        """Files of the state directory, and what the database holds."""
        whole = b"".join(path.read_bytes() for path in (self.directory / "state").iterdir() if path.is_file())
        with sqlite3.connect(self.directory / "state/audit.db") as database:
            packed = [row[0] for query in ("body FROM segments", "start FROM runs", "head FROM runs")
                      for row in database.execute(f"SELECT {query}")]
            whole += "\n".join(database.iterdump()).encode()
        for frame in packed:
            whole += subprocess.run(["zstd", "-dcq"], input=frame, capture_output=True, check=True).stdout
        return whole

    @staticmethod
    def unpacked(transcript):
        """The file, and what its zstd frames hold."""
        packed = transcript.read_bytes()
        whole = packed
        magic = b"\x28\xb5\x2f\xfd"
        for at in [found.start() for found in re.finditer(re.escape(magic), packed)]:
            done = subprocess.run(["zstd", "-dcq"], input=packed[at:], capture_output=True, check=False)
            whole += done.stdout
        return whole

    @staticmethod
    def web_echo(connection, _peer):
        heard = b""
        while b"\r\n\r\n" not in heard:
            heard += connection.recv(4096)
        body = heard + heard.hex().encode() + base64.b64encode(heard)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nX-Heard: %s\r\nContent-Length: %d\r\n\r\n%s"
                           % (base64.b64encode(heard), len(body), body))

    def test_a_community_opens_an_agent_and_goes_to_no_other_port(self):
        body = """
    local answer = require("snmp").system(target, { community = target:credential("snmp"), timeout = 2 })
    if answer.state ~= "open" then return fail("SNMP is " .. answer.state, answer) end
    return pass(answer.name .. " " .. tostring(answer.community), answer)"""
        rules = {"lab/snmp.lua": rule(body, declares='requires = "nothing"')}
        secret = "Very-private-17"
        plans = {
            'cleartext = true': ("pass", "observed"),
            'cleartext = true\nendpoints = ["udp/161"]': ("pass", "observed"),
            'cleartext = true\ntargets = ["127.0.0.0/24"]': ("pass", "observed"),
            'cleartext = true\nendpoints = ["tcp/161"]': ("not_reviewed", "missing_credential"),
            'cleartext = true\ntargets = ["127.0.1.0/24", "*.lan"]': ("not_reviewed", "missing_credential"),
            '': ("not_reviewed", "missing_credential"),
        }
        with servers.snmpd(HOST, community=secret):
            for written, ended in plans.items():
                with self.subTest(written):
                    done = self.run_inventory(targets(HOST, head=f'[credentials.snmp]\nenv = "LAB_COMMUNITY"\n{written}'),
                                              "--trace=bytes", rules=rules, environment={"LAB_COMMUNITY": secret})
                    self.assertEqual(done.status("lab.rule", HOST), ended, done)
                    self.assertNowhere([secret.encode()], {"json": done.report_path.read_bytes(), "err": done.err.encode()})
                    if ended[0] == "pass":
                        self.assertEqual(done.check("lab.rule", HOST)["message"], "agent.lab.test credential snmp", done)

    def test_a_password_goes_over_tls_only_to_a_server_that_its_certificate_proves(self):
        body = """
    local answer = target:http(443, { path = "/private/", auth = target:credential("door") })
    return pass("status " .. answer.status, answer)"""
        clear = body.replace("443", "80")
        secret = f"{web_servers.USER}:{web_servers.PASSWORD}"
        by_hand = """
    local s <close> = target:connect(443)
    s:starttls(TRUST)
    s:write(bytes.join("GET / HTTP/1.0\\r\\nX: ", target:credential("door"), "\\r\\n\\r\\n"))
    return pass(s:read_line(), s)"""
        rules = {"lab/a.lua": rule(body, "lab.tls", "ports = { 443 }"), "lab/b.lua": rule(clear, "lab.clear", "ports = { 80 }"),
                 "lab/c.lua": rule(by_hand.replace("TRUST", ""), "lab.hand", "ports = { 443 }"),
                 "lab/d.lua": rule(by_hand.replace("TRUST", '{ server_name = "other.lab.test" }'), "lab.name", "ports = { 443 }")}
        head = '[credentials.door]\nenv = "LAB_DOOR"'
        with web_servers.nginx(HOST) as server:
            trusting = {"LAB_DOOR": secret, "SSL_CERT_FILE": str(server.certificate)}
            done = self.run_inventory(targets(HOST, head=head), environment=trusting, rules=rules, fail_on="never")
            doubting = self.run_inventory(targets(HOST, head=head), environment={"LAB_DOOR": secret}, rules=rules, fail_on="never")
            allowed = self.run_inventory(targets(HOST, head=head + "\nunverified = true"), environment={"LAB_DOOR": secret},
                                         rules=rules, fail_on="never")
            plan = self.audit("plan", self.directory / "inventory.toml", "--rules", self.directory / "rules")
        self.assertEqual(done.check("lab.tls", HOST)["message"], "status 200", done)
        self.assertIn("200 OK", done.check("lab.hand", HOST)["message"], done)
        self.assertEqual(done.status("lab.name", HOST), ("not_reviewed", "missing_credential"), done)
        self.assertIn("it is not for other.lab.test", done.check("lab.name", HOST)["message"])
        for asked in ("lab.tls", "lab.hand"):
            self.assertEqual(doubting.status(asked, HOST), ("not_reviewed", "missing_credential"), doubting)
            for word in ("inventory.toml:4:14", f"tcp/{HOST}:443", "does not prove who that is", "unverified = true in [credentials.door]"):
                self.assertIn(word, doubting.check(asked, HOST)["message"])
        self.assertEqual(allowed.check("lab.tls", HOST)["message"], "status 200", allowed)
        self.assertTrue(any("unverified = true" in notice for notice in allowed.report["notices"]), allowed.report["notices"])
        self.assertIn("unverified = true", plan.out, plan)
        self.assertEqual(done.status("lab.clear", HOST), ("not_reviewed", "missing_credential"), done)
        self.assertIn("in clear text; use TLS, or allow it with cleartext = true", done.check("lab.clear", HOST)["message"])

    def test_a_password_opens_redis(self):
        body = """
    local a = require("redis").info(target, 6379, { password = target:credential("redis") })
    return pass(a.auth_error or ("version " .. a.version), a)"""
        head = '[credentials.redis]\nfile = "redis"\ncleartext = true\n'
        with servers.redis(HOST, 6379, "--requirepass", "swordfish!"):
            for secret, message in ((b"swordfish!\n", r"version \d"), (b"not the word\n", "WRONGPASS")):
                self.secret_file("redis", secret)
                done = self.run_inventory(targets(HOST, head=head), rules={"lab/r.lua": rule(body, declares="ports = { 6379 }")})
                self.assertRegex(done.check("lab.rule", HOST)["message"], message, done)
                self.assertNowhere([secret.strip()], {"json": done.report_path.read_bytes()})

    def test_a_file_that_others_may_read_is_missing_and_the_reason_says_chmod(self):
        done = self.ask_for('file = "open"', lambda: self.secret_file("open", b"swordfish", 0o644))
        self.assertEqual(done.status("lab.rule", HOST), ("not_reviewed", "missing_credential"), done)
        self.assertIn("mode 0644", done.check("lab.rule", HOST)["message"])
        self.assertIn("chmod 600", done.check("lab.rule", HOST)["message"])

    def ask_for(self, written, before=lambda: None, *arguments):
        before()
        body = '    local c = target:credential("x")\n    return pass("there", target:port(7000))'
        with peers.silent(HOST, 7000):
            return self.run_inventory(targets(HOST, head=f"[credentials.x]\n{written}\n"), *arguments,
                                      rules={"lab/x.lua": rule(body)})

    def test_a_command_runs_only_where_it_is_allowed(self):
        written = f'command = ["sh", "-c", "touch {self.directory}/ran; echo swordfish"]'
        done = self.ask_for(written)
        self.assertEqual(done.status("lab.rule", HOST), ("not_reviewed", "missing_credential"), done)
        self.assertIn("--allow-commands", done.check("lab.rule", HOST)["message"])
        self.assertFalse((self.directory / "ran").exists())
        done = self.ask_for(written, lambda: None, "--allow-commands")
        self.assertEqual(done.status("lab.rule", HOST), ("pass", "observed"), done)
        self.assertTrue((self.directory / "ran").exists())

    def test_a_command_that_fails_hangs_or_says_nothing_is_a_reason_and_never_its_words(self):
        for written, why in (('command = ["sh", "-c", "echo swordfish >&2; exit 3"]', "ended with status 3"),
                             ('command = ["sleep", "600"]\ntimeout = "1s"', "longer than its timeout of 1s"),
                             ('command = ["true"]', "said nothing"),
                             ('command = ["no-such-program-here"]', "cannot be run")):
            with self.subTest(written):
                done = self.ask_for(written, lambda: None, "--allow-commands")
                self.assertEqual(done.status("lab.rule", HOST), ("not_reviewed", "missing_credential"), done)
                self.assertIn(why, done.check("lab.rule", HOST)["message"])
                self.assertNotIn("swordfish", done.check("lab.rule", HOST)["message"] + done.err)

    def test_no_process_has_a_secret_among_its_arguments(self):
        """The program hands a secret to no other process: what runs while it is at work has it nowhere in its command line."""
        self.secret_file("x", b"swordfish-7")
        lines = []

        def look(connection, _peer):
            connection.recv(100)
            for entry in os.listdir("/proc"):
                if entry.isdigit():
                    with contextlib.suppress(OSError), open(f"/proc/{entry}/cmdline", "rb") as file:
                        lines.append(file.read())
            connection.sendall(b"seen\n")

        body = '    local s <close> = target:connect(7000)\n    s:write(target:credential("x"))\n    return pass(s:read_line(), s)'
        with peers.serving(HOST, 7000, look):
            done = self.run_inventory(targets(HOST, head='[credentials.x]\nfile = "x"\ncleartext = true\n'),
                                      rules={"lab/x.lua": rule(body)})
        self.assertEqual(done.check("lab.rule", HOST)["message"], "seen", done)
        self.assertTrue(any(b"--report" in line for line in lines))
        self.assertNowhere([b"swordfish-7"], {"command lines": b"\n".join(lines)})

    def test_the_shell_shows_no_secret(self):
        self.secret_file("x", b"it's \"quoted\"\nso")
        inventory = self.write("inventory.toml", targets(HOST, head='[credentials.x]\nfile = "x"\ncleartext = true\n'))
        with peers.serving(HOST, 7000, echo):
            done = self.audit("shell", HOST, "--inventory", inventory, "--no-history",
                              "-e", 'c = target:credential("x")', "-e", "c", "-e", "s = target:connect(7000)",
                              "-e", "s:write(c); s:read(300)", "-e", "print(s:read())")
        self.assertIn("credential x", done.out, done)
        self.assertNowhere([b"it's \"quoted\"\nso"], {"out": done.out.encode(), "err": done.err.encode()})
