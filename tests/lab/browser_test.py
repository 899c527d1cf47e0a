"""The HTML pages as their readers have them: for a validator, in a browser, for axe, without script, on a telephone, printed."""

import collections
import functools
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unicodedata
import unittest

import node_tools
import peers
import servers
from processes import PATIENCE, NotThere, find_program
from program import ROOT, LabTest, rule, targets

BANNER = rule('    return fail("it says " .. target:banner(7000).text, target:banner(7000))', "lab.banner", "ports = { 7000 }")
TELNET = rule('    return fail("Telnet answers", target:port(23))', "lab.telnet", 'ports = { 23 }, absent = "pass"')
# The page is well-formed as XML too (engine/report/html.hpp): its void elements have a slash, of which vnu has to say that
# HTML needs none.
# It compares no digests: a script that the policy names by its own counts as blocked (page_check.mjs compares them).
NO_FAULTS = re.compile("Trailing slash on void elements has no effect|Inline script violates Content Security Policy")
BAD = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>bad</title></head><body><main><h1>Bad</h1>
<p style="color: #ccc; background: #fff">pale</p><p style="width: 1400px">wide</p><a href="javascript:stop()">script</a><a href="#no">no</a>
<iframe title="frame" srcdoc="<p>frame</p>"></iframe><p onclick="stop()">attribute</p>
<div style="width: 9em; height: 2em; overflow: hidden; white-space: nowrap"><p style="margin-left: 99em">clipped</p></div>
<span id="one"></span><span id="one"></span>
<script>console.error("words"); alert("dialog"); document.body.append("added"); fetch("http://127.0.0.1:9/").catch(() => {}); no()</script>
</main></body></html>"""
SEEN = ("axe, color-contrast", "wider than the window", "a script that its policy does not name", "its policy is no",
        "an element that it must not have: <iframe",
        "a link that leads nowhere, or to no web page: <a href=\"javascript", "a link that leads nowhere, or to no web page: <a href=\"#no",
        "an attribute that it must not have: <p onclick", "the console says error: words", "it opened a dialog: dialog",
        "it asks for http://127.0.0.1:9/", "a script failed", "it has a frame", "what is printed is not the same with and without script")
LONGEST = 60  # letters, less than a line of print
HELD = []  # until the tests end


def needed(*names):
    """Skips where one of these programs is not installed."""
    try:
        return [find_program(name) for name in names]
    except NotThere as error:
        raise unittest.SkipTest(str(error)) from None


def written(*names):
    """The pages of records of these names."""
    return [node_tools.written_reports("html") / f"{name}.html" for name in names]


def found_in(paths):
    """What the driver says of pages, by path; their PDFs are beside them."""
    needed("chromium", "pdftotext")
    return json.loads(node_tools.node("../browser/page_check.mjs", "--pdf", pathlib.Path(paths[0]).parent, *paths, longest=240))


def squeezed(text):
    """Without blanks; letters that a font takes apart, as pdftotext gives them."""
    return unicodedata.normalize("NFKC", re.sub(r"\s+", "", text))


def comes_back(word):
    """pdftotext gives letters from right to left in the order of their places, and those that no font here has not at all."""
    return all(letter < "\u0250" or letter in "–—…·✓×▼▶÷‘’“”" for letter in word)


def running_words(path):
    """What the page's style sheet writes at the edges of each sheet of paper, its escapes undone."""
    found = re.findall(r'@(?:top|bottom)-[a-z-]+ *{ *content: *"((?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8"))
    return [re.sub(r"\\(?:([0-9a-fA-F]{1,6}) ?|(.))", lambda escape: escape[2] or chr(int(escape[1], 16)), words) for words in found]


def lost_in_print(path, holds):
    """The headings, addresses and words of a page that its PDF shows less often than the page, if at all."""
    done = subprocess.run([*needed("pdftotext"), "-raw", "-enc", "UTF-8", path.with_suffix(".pdf"), "-"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60 * PATIENCE, check=True)
    sheets = done.stdout.split("\f")[:-1]
    text = squeezed(done.stdout)  # a long word goes on in the next line
    # A word of several lines may be parted where a sheet ends, and other cells stand between its parts: its beginning counts.
    wanted = collections.Counter(squeezed(word)[:LONGEST] for word in holds["words"] if comes_back(word))
    lost = [f"{word} ({text.count(word)} of {count})" for word, count in wanted.items() if text.count(word) < count]
    lost += [words for words in holds["headings"] + holds["addresses"] if squeezed(words) not in text]
    for number, sheet in enumerate(sheets, 1):
        lost += [f"sheet {number}: {words}" for words in running_words(path) if squeezed(words)[:LONGEST] not in squeezed(sheet)]
        lost += [f"sheet {number} is empty"] if not sheet.strip() else []
    return lost


def faults_of_markup(*paths):
    """What vnu holds against pages, errors and warnings: by page the first few."""
    java, = needed("java")
    validator = node_tools.modules() / "vnu-jar/build/dist/vnu.jar"
    done = subprocess.run([java, "-jar", validator, "--stdout", "--format", "json", *paths], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=240 * PATIENCE, check=False)
    faults = collections.defaultdict(list)
    for message in json.loads(done.stdout)["messages"]:
        if not NO_FAULTS.match(message["message"]):
            faults[message.get("url", "").rpartition("/")[2]].append(f"{message.get('lastLine')}: {message['message']}")
    return {page: (len(all_of_them), all_of_them[:5]) for page, all_of_them in faults.items()}


class BrowserTest(LabTest):
    maxDiff = 8000

    def setUp(self):
        super().setUp()
        if PATIENCE > 1:
            self.skipTest("a sanitizer writes the same pages: those of the release build were looked at")

    @functools.cached_property
    def folder(self):
        held = tempfile.TemporaryDirectory(prefix="audit-pages-", ignore_cleanup_errors=True)
        HELD.append(held)
        return pathlib.Path(held.name)

    def run_twice(self):
        """The page of a real run of a hostile peer and of Telnet, and of what a second run without Telnet saw otherwise."""
        state = self.directory / "state"
        with peers.hostile("127.0.0.20", 7000):
            for page in ("run", "again"):
                options = (targets("127.0.0.20", "127.0.0.21"), "--state", state, "--report", f"html={self.folder / page}.html")
                rules = {"banner.lua": BANNER, "telnet.lua": TELNET}
                if page == "run":
                    with servers.telnetd("127.0.0.21"):
                        self.run_inventory(*options, rules=rules)
                else:
                    self.run_inventory(*options, rules=rules)
        return state

    def compared(self, name, *sides):
        done = self.audit("diff", *sides, "--format", "html")
        self.assertIn(done.code, (0, 1), done)
        path = self.folder / f"{name}.html"
        path.write_text(done.out, encoding="utf-8")
        return path

    @functools.cached_property
    def pages(self):
        """The pages that the program itself writes: of real runs, and of comparisons of them and of hostile records."""
        state = self.run_twice()
        records = node_tools.written_reports("json")
        return [self.folder / "run.html", self.compared("compared", "last~1", "last", "--state", state),
                self.compared("observed", "last~1", "last", "--state", state, "--observations"),
                self.compared("hostile-compared", records / "hostile.json", records / "sample.json")]

    def assertShown(self, paths):
        """Nothing is wrong with these pages in the browser, and nothing is lost when they are printed."""
        found = found_in(paths)
        self.assertEqual({path: one["faults"] for path, one in found.items() if one["faults"]}, {})
        for path, one in found.items():
            self.assertEqual(lost_in_print(pathlib.Path(path), one["printed"]), [], path)

    def test_a_validator_has_nothing_against_any_page(self):
        self.assertEqual(faults_of_markup(*written("sample", "hostile", "long", "empty", *(f"random-{seed}" for seed in range(8))), *self.pages), {})

    def test_pages_of_sample_hostile_huge_empty_and_random_records_are_shown_to_everybody_and_execute_nothing(self):
        self.assertShown(written("sample", "hostile", "long", "empty", "random-0", "random-2"))

    def test_pages_of_real_runs_and_of_comparisons_are_shown_to_everybody_and_execute_nothing(self):
        self.assertShown(self.pages)

    def test_the_heads_of_a_table_that_goes_on_are_printed_again_on_each_page(self):
        page = self.folder / "sample.html"
        shutil.copyfile(ROOT / "examples/sample-report.html", page)
        found_in([page])
        printed = subprocess.run([*needed("pdftotext"), "-layout", "-enc", "UTF-8", page.with_suffix(".pdf"), "-"], stdin=subprocess.DEVNULL,
                                 capture_output=True, text=True, check=True).stdout
        heads = re.findall(r"Control +State +Why +Rules behind it", printed)
        self.assertGreater(len(heads), page.read_text(encoding="utf-8").count('class="stack controls"'), printed)

    def test_a_page_with_every_fault_has_each_of_them_found(self):
        path = self.write("bad.html", BAD)
        found = found_in([path])[str(path)]
        for words in SEEN:
            self.assertTrue([fault for fault in found["faults"] if words in fault], f"{words}: {found['faults']}")
        self.assertIn("clipped (0 of 1)", lost_in_print(path, found["printed"]))
        self.assertIn("bad.html", faults_of_markup(path))
