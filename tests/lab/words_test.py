"""Each word that asks something, called by a rule on a real server: the rule is given what the report keeps as evidence, and
what the same word shows at the command line."""

import datetime
import json

import certificates
import servers
import tls_servers
from program import LabTest, rule, targets

HERE = "127.0.0.1"  # where BIND listens: an address of an interface

# How a rule asks, and how the command line asks the same.
WORDS = {
    "port": ("target:port(22)", ("port", HERE, "22")),
    "banner": ("target:banner(21)", ("banner", HERE, "21")),
    "udp": ('target:udp(7, { send = "lab" })', ("udp", HERE, "7", "--send", "lab")),
    "ping": ("target:ping()", ("ping", HERE)),
    "dns": ('target:dns("text.lab.test", { type = "TXT", server = target.address .. ":53" })',
            ("dns", "text.lab.test", "TXT", "--server", f"{HERE}:53")),
    "tls": ("target:tls(443)", ("tls", HERE, "443")),
    "tls_accepts": ("target:tls_accepts(443)", ("tls_accepts", HERE, "443")),
    "http": ("target:http(80)", ("http", f"http://{HERE}/")),
    "ssh": ("target:ssh(22)", ("ssh", HERE, "22")),
}
OF_THE_MOMENT = {"connect_time", "handshake_time", "rtt_min", "rtt_avg", "rtt_max", "date", "days_left", "connections"}


def told(call):
    """A rule that says all that it was given, but the certificates themselves, which evidence leaves out."""
    return f"""
    local answer = {call}
    for _, certificate in ipairs(answer.chain or {{}}) do
      if crypto.hash("sha256", certificate.der) ~= bytes.unhex(certificate.fingerprint_sha256) then return fail("another", answer) end
      certificate.der = nil
    end
    return info("told", {{ answer, told = bytes.hex(require("json").encode(answer)) }})"""


def id_of(word):
    return "lab." + word.replace("_", "-")


def without(names, value):
    """A value less these members, at any depth. An empty table of Lua is a list as well as an object."""
    if isinstance(value, list):
        return [without(names, one) for one in value]
    if isinstance(value, dict):
        return {key: without(names, one) for key, one in value.items() if key not in names} or []
    return value


def shown(value):
    """As reports show text that came from a peer."""
    if isinstance(value, list):
        return [shown(one) for one in value]
    if isinstance(value, dict):
        return {key: shown(one) for key, one in value.items()}
    return value.replace("\\", r"\\").replace("\r", r"\r").replace("\n", r"\n") if isinstance(value, str) else value


class WordsTest(LabTest):
    def setUp(self):
        super().setUp()
        leaf = certificates.Authority(self.directory).issue("leaf", f"IP:{HERE}")
        zone = f'@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A {HERE}\ntext TXT "one" "two"\n'
        for server in (servers.sshd(HERE), servers.vsftpd(HERE), servers.xinetd(HERE), servers.nginx(HERE),
                       tls_servers.nginx(HERE, {"web.lab.test": leaf}), servers.named(HERE, 53, {"lab.test": zone})):
            self.enterContext(server)

    def answers(self):
        """Of each word what a rule was given, and the evidence that is kept of it."""
        rules = {f"{word}.lua": rule(told(call), id_of(word), 'requires = "nothing"').replace('"normal"', '"intrusive"')
                 for word, (call, _) in WORDS.items()}
        text = targets(HERE, head='select = "lab.*"\n[groups.lab]\nsafety = "intrusive"\n')
        done = self.run_inventory(text.replace("address =", 'groups = ["lab"]\naddress ='), rules=rules)
        for word in WORDS:
            check = done.check(id_of(word), HERE)
            self.assertEqual(check["status"], "informational", f"{check}\n{done}")
            evidence = next(item for item in check["evidence"] if item.get("probe") == word)
            said = next(item["value"] for item in check["evidence"] if item.get("label") == "told")
            yield word, json.loads(bytes.fromhex(said)), evidence

    def test_a_rule_is_given_what_the_report_keeps_and_the_command_line_shows(self):
        for word, given, evidence in self.answers():
            with self.subTest(word):
                when = datetime.datetime.fromtimestamp(given.pop("time"), datetime.timezone.utc)
                self.assertEqual(f"{when:%FT%T}.{round(when.microsecond / 1000):03}Z", evidence["time"])
                for name in ("local", "remote", "attempts"):
                    self.assertEqual(given.pop(name), evidence.get(name, ""), name)
                if "bytes" in given:
                    self.assertEqual(given.pop("text"), given["bytes"])
                given = shown(without((), given))
                self.assertEqual(given, without({"request"}, evidence["seen"]))
                done = self.audit("probe", *WORDS[word][1], "--json")
                line = json.loads(done.out)
                self.assertEqual((line["probe"], line["reason"]), (evidence["probe"], evidence["reason"]), done)
                if word != "port":  # of which a line says the state alone, as its reason
                    self.assertEqual(without(OF_THE_MOMENT, given), without({*OF_THE_MOMENT, "request"}, line["seen"]), done)
