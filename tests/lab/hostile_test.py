"""What a peer sends changes its own evidence field and nothing else, in every format and on a terminal."""

import html.parser
import os
import pty
import re
import select
import subprocess
import time

import peers
from program import LabTest, program, rule, targets

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
BANNER = rule('    local banner = target:banner(7000)\n    return fail("it says " .. banner.text, { banner = banner })', "lab.banner")


class Page(html.parser.HTMLParser):
    """Which elements and attributes a page has."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data):
        self.text.append(data)


def without_differences(text):
    """What two runs may differ in."""
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?", "TIME", text)
    return re.sub(r"\b\d+(\.\d+)? ?(ns|µs|us|ms|s)\b", "N s", text)


class HostileTest(LabTest):
    def reports(self, words):
        page, text = self.directory / "report.html", self.directory / "report.txt"
        with peers.saying("127.0.0.20", 7000, words):
            done = self.run_inventory(targets("127.0.0.20"), "--report", f"html={page}", "--report", f"text={text}",
                                      rules={"lab/banner.lua": BANNER})
        return done, page.read_text(encoding="utf-8"), text.read_text(encoding="utf-8")

    def test_markup_control_and_formulas_stay_bytes_in_every_format(self):
        done, page, text = self.reports(peers.HOSTILE_BANNER)
        self.assertEqual(done.failures(), [("lab.banner", "127.0.0.20")], done)
        seen = Page(page)
        self.assertEqual(seen.tags.count("script"), 1, "the page's own, by whose digest its policy knows it")
        self.assertEqual([name for name, _ in seen.attributes if name.startswith("on")], [])
        self.assertIn("<script>alert", "".join(seen.text), "the banner is evidence: it has to be readable")
        for name, written in (("html", page), ("text", text), ("standard output", done.out), ("standard error", done.err)):
            self.assertEqual(CONTROL.findall(written.replace("\n", "").replace("\t", "")), [], name)
        self.assertEqual([line for line in text.splitlines() if re.match(r"\s*[=+@]", line)], [])
        check = done.check("lab.banner", "127.0.0.20")
        self.assertIsNone(CONTROL.search(str(check)), check)

    def test_a_hostile_banner_changes_only_its_own_evidence(self):
        _, harmless, _ = self.reports(b"hello\r\n")
        _, hostile, _ = self.reports(peers.HOSTILE_BANNER)
        self.assertEqual(Page(hostile).tags, Page(harmless).tags)

    def test_what_a_peer_said_is_escaped_once_wherever_a_message_is_shown(self):
        done, page, text = self.reports(b"a\x01b\\x01\xffc\r\n")
        once = r"it says a\x01b\\x01\xffc\r\n"
        self.assertEqual(done.check("lab.banner", "127.0.0.20")["message"], once)
        for name, written in (("html", page), ("text", text), ("standard output", done.out)):
            self.assertIn(once, written, name)
            self.assertNotIn(r"a\\x01", written, name)

    def test_ten_megabytes_make_no_large_report(self):
        with peers.flood("127.0.0.20", 7000):
            page = self.directory / "report.html"
            done = self.run_inventory(targets("127.0.0.20"), "--report", f"html={page}", rules={"lab/banner.lua": BANNER})
        self.assertEqual(done.failures(), [("lab.banner", "127.0.0.20")], done)
        self.assertLess(page.stat().st_size, 2_000_000)
        self.assertLess(done.report_size(), 2_000_000)
        self.assertLess(len(done.out), 20_000)

    def test_bytes_that_are_no_utf8_come_back_as_they_were(self):
        done, _, _ = self.reports(bytes(range(256)) + b"\r\n")
        self.assertEqual(done.failures(), [("lab.banner", "127.0.0.20")], done)

    def test_a_terminal_gets_no_control_from_a_peer(self):
        with peers.saying("127.0.0.20", 7000, peers.HOSTILE_BANNER):
            self.write("rules/lab/banner.lua", BANNER)
            path = self.write("inventory.toml", targets("127.0.0.20"))
            shown = on_a_terminal([program(), str(path), "--rules", str(self.directory / "rules")])
        self.assertIn("it says", shown)
        for control in ("\x1b[2J", "\x1b]0;", "\x00", "\x1b[31mred"):
            self.assertNotIn(control, shown)


class TerminalTest(LabTest):
    def test_progress_is_shown_on_a_terminal_and_cleared_at_the_end(self):
        slow = rule('    return info("it spoke", target:banner(7000))', "lab.slow")
        with peers.silent("127.0.0.20", 7000):
            self.write("rules/lab/slow.lua", slow)
            path = self.write("inventory.toml", targets("127.0.0.20", head='[limits]\ntimeout = "2s"'))
            shown = on_a_terminal([program(), str(path), "--rules", str(self.directory / "rules")])
        self.assertRegex(shown, "\r|\x1b\\[", "no live progress line")


def on_a_terminal(command, seconds=30):
    """What a command writes to a terminal of its own."""
    master, slave = pty.openpty()
    try:
        child = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                 env={**os.environ, "TERM": "xterm", "COLUMNS": "100"})
        os.close(slave)
        shown, end = b"", time.monotonic() + seconds
        while time.monotonic() < end:
            ready, _, _ = select.select([master], [], [], 0.2)
            try:
                piece = os.read(master, 65536) if ready else b""
            except OSError:  # the last end of the terminal is closed
                break
            shown += piece
        child.wait(5)
        return shown.decode("utf-8", "backslashreplace")
    finally:
        os.close(master)
