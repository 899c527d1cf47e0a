"""Bad inventories: exit 78 with file, line and column before any packet, whatever the file holds."""

import os

import network
import peers
from program import LabTest, limits, targets

MISTAKES = {
    "an unknown key is named with the one that was meant": (
        'schema = 1\n[audit]\nselct = "ssh"\n[[targets]]\naddress = "127.0.0.1"\n', "3:1", ["selct", "select"]),
    "a wrong type": ('schema = 1\n[limits]\nrate = "fast"\n[[targets]]\naddress = "127.0.0.1"\n', "3:", ["rate"]),
    "a bad address": ('schema = 1\n[[targets]]\naddress = "10.0.0.300/24"\n', "3:11", ["10.0.0.300", "300"]),
    "a huge IPv6 prefix": ('schema = 1\n[[targets]]\naddress = "2001:db8::/32"\n', "3:", ["2001:db8::/32"]),
    "no targets": ("schema = 1\n", "", ["target"]),
    "a group that nobody declared": (
        'schema = 1\n[[targets]]\naddress = "127.0.0.1"\ngroups = ["swiches"]\n', "4:", ["swiches"]),
    "two groups that disagree": (
        'schema = 1\n[groups.a]\nlimits = { per_target = 1 }\n[groups.b]\nlimits = { per_target = 2 }\n'
        '[[targets]]\naddress = "127.0.0.1"\ngroups = ["a", "b"]\n', "6:1", ["per_target", "bad.toml:3:", "bad.toml:5:", "priority"]),
    "a rule that nobody wrote": ('schema = 1\n[audit]\nselect = "exposure.telnet-opne"\n[[targets]]\naddress = "127.0.0.1"\n',
                                 "3:", ["exposure.telnet-opne"]),
    "no TOML at all": ("schema = = 1\n", "1:", []),
    "another schema": ('schema = 2\n[[targets]]\naddress = "127.0.0.1"\n', "1:", ["schema"]),
    "not UTF-8": (b'schema = 1\n[audit]\nname = "\xff\xfe"\n', "3:", []),
    "an unfinished string": ('schema = 1\n[audit]\nname = "abc\n', "3:", []),
    "a value out of its range": ('schema = 1\n[limits]\nattempts = 0\n[[targets]]\naddress = "127.0.0.1"\n', "3:", ["attempts"]),
    "a duration without a unit": ('schema = 1\n[limits]\ntimeout = "2"\n[[targets]]\naddress = "127.0.0.1"\n', "3:", ["timeout"]),
    "a waiver that nobody answers for": (
        'schema = 1\n[[targets]]\naddress = "127.0.0.1"\n[[waivers]]\nid = "W-1"\nrule = "*"\ntargets = "*"\nreason = "x"\n'
        "starts = 2026-11-01\nexpires = 2026-11-30\n", "4:1", ["this waiver", "approver"]),
    "a waiver whose day is a text": (
        'schema = 1\n[[targets]]\naddress = "127.0.0.1"\n[[waivers]]\nid = "W-1"\nrule = "*"\ntargets = "*"\nreason = "x"\n'
        'approver = "y"\nstarts = "2026-11-01"\nexpires = 2026-11-30\n', "10:10", ["starts", "without quotes"]),
    "a source of no format": ('schema = 1\n[[sources]]\nfile = "hosts"\n', "2:1", ["format", "csv"]),
    "a credential in two places": (
        'schema = 1\n[credentials.web]\nenv = "WEB"\nfile = "web.secret"\n[[targets]]\naddress = "127.0.0.1"\n', "2:", ["one of", "env", "file"]),
    "a certificate that may be any": (
        'schema = 1\n[[targets]]\naddress = "127.0.0.1"\nexpect.certificates = [{ port = 443 }]\n', "4:", ["certificate", "fingerprint", "issuer"]),
    "a bad exclude": ('schema = 1\n[scope]\nexclude = ["10.0.0.0/33"]\n[[targets]]\naddress = "127.0.0.1"\n', "3:", ["10.0.0.0/33"]),
}


class BadInventoryTest(LabTest):
    def test_each_mistake_is_shown_with_its_place_and_what_is_wrong(self):
        for what, (text, place, words) in MISTAKES.items():
            with self.subTest(what):
                path = self.directory / "bad.toml"
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
                done = self.audit(path, report=True, timeout=10)
                self.assertMistake(done, f"bad.toml:{place}" if place else "bad.toml", *words)
                self.assertEqual(done.out, "", done)

    def test_all_mistakes_are_shown_at_once(self):
        path = self.write("bad.toml", 'schema = 1\nfirst_mistake = 1\n[audit]\nsecond_mistake = 1\n'
                                      '[[targets]]\naddress = "third mistake"\n')
        self.assertMistake(self.audit(path), "first_mistake", "second_mistake", "third mistake")

    def test_nothing_is_sent_before_the_last_line_is_judged(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        with network.firewall() as firewall, peers.silent("127.0.0.11", 23):
            packets = firewall.count("127.0.0.0/8")
            self.assertMistake(self.run_inventory(targets("127.0.0.11") + 'colour = "red"\n'), "colour")
            self.assertEqual(firewall.counted(packets), 0)

    def test_a_file_that_cannot_be_read(self):
        self.assertMistake(self.audit(self.directory, report=True), str(self.directory))
        absent = self.directory / "absent.toml"
        self.assertUsage(self.audit(absent, report=True), str(absent))

    def test_a_hostile_file_name_in_a_message_is_harmless(self):
        self.assertNotIn("\x1b", self.audit(self.directory / "\x1b[31mred.toml").err)

    def test_a_gigabyte_of_garbage_costs_neither_time_nor_memory(self):
        path = self.directory / "garbage.toml"
        with open(path, "wb") as file:
            file.write(b"schema = 1\n" + os.urandom(65536))
            file.truncate(1 << 30)
        before = limits() if "asan" in os.environ.get("AUDIT", "") or "tsan" in os.environ.get("AUDIT", "") \
            else limits(memory=600 << 20)
        done = self.audit(path, report=True, before=before, timeout=10)
        self.assertMistake(done, "garbage.toml")
        self.assertLess(len(done.err), 20_000)

    def test_a_dotted_key_of_50000_parts(self):
        for text in (".".join(["a"] * 50_000) + " = 1\n", "[" + ".".join(["a"] * 50_000) + "]\n",
                     "a = " + "[" * 50_000 + "]" * 50_000 + "\n", "a = " + "{a=" * 50_000 + "1" + "}" * 50_000 + "\n"):
            with self.subTest(text[:20]):
                self.assertMistake(self.audit(self.write("deep.toml", "schema = 1\n" + text), report=True, timeout=10),
                                   "deep.toml:2")

    def test_a_fifo_or_a_device_in_place_of_a_file_does_not_hang(self):
        for path in ("/dev/zero", "/dev/null"):
            with self.subTest(path):
                self.assertMistake(self.audit(path, report=True, timeout=10), path)
