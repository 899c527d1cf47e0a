"""The README tells the truth: its files are written, its commands run, and its exit codes come out."""

import os
import pathlib
import re
import shlex
import shutil
import subprocess

import servers
from program import ROOT, LabTest, program, rule

OF_THEIR_OWN = ("examples/quickstart.sh", "tests/run.sh")  # each is run by tests/run.sh, or is it


def blocks(text):
    """(language, content) of each fenced block."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(block):
    """(command, expected exit code): one a line, 0 unless a comment says "exit N"."""
    for line in block.splitlines():
        command, _, comment = line.partition(" #")
        if command.strip():
            found = re.search(r"exit (\d+)", comment)
            yield command.strip(), int(found[1]) if found else 0


class ReadmeTest(LabTest):
    def setUp(self):
        super().setUp()
        (self.directory / "bin").mkdir()
        (self.directory / "bin/audit").symlink_to(program())
        crontab = self.directory / "bin/crontab"  # never this machine's; an ordinary user's lab may not even read that
        crontab.write_text("#!/bin/sh\necho 'no crontab for reader' >&2\nexit 1\n")
        crontab.chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{self.directory / 'bin'}:{os.environ['PATH']}"}
        self.enterContext(servers.telnetd("127.0.0.11"))
        self.enterContext(servers.sshd("127.0.0.12"))
        self.enterContext(servers.nginx("127.0.0.13"))

    def follow(self, readme):
        """Does what a README says, in a directory of its own; gives back how many commands that were."""
        ran = 0
        for language, content in blocks((ROOT / readme).read_text()):
            if language in ("toml", "lua"):
                name = re.match(r"(?:#|--) (\S+)\n", content)
                if name:
                    self.write(name[1], content)
            elif language == "sh":
                for command, expected in commands(content):
                    if command in OF_THEIR_OWN:
                        self.assertTrue(os.access(ROOT / command, os.X_OK), command)
                        continue
                    done = subprocess.run(["bash", "-c", command], cwd=self.directory, env=self.environment, text=True,
                                          stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)
                    self.assertEqual(done.returncode, expected, f"{command}\n{done.stdout}\n{done.stderr}")
                    ran += 1
        return ran

    def test_every_block_of_the_readme_does_what_it_says(self):
        self.assertGreaterEqual(self.follow("README.md"), 8)

    def test_the_picture_is_what_the_quickstart_prints(self):
        picture = dict(blocks((ROOT / "README.md").read_text()))["text"]

        def lines(text):
            return [re.sub(r"connect_time=[\d.e-]+", "connect_time=N", line) for line in text.splitlines() if line]
        self.assertEqual(lines(self.audit(ROOT / "examples/quickstart.toml").out)[1:], lines(picture))

    def test_every_block_of_the_page_on_rules_does_what_it_says(self):
        self.assertGreaterEqual(self.follow("rules/README.md"), 4)

    def test_every_block_of_the_page_on_inventories_does_what_it_says(self):
        self.assertGreaterEqual(self.follow("examples/README.md"), 5)

    def test_the_picture_of_the_prompt_is_what_the_shell_shows(self):
        picture = dict(blocks((ROOT / "rules/README.md").read_text()))["text"].splitlines()
        typed = [line.partition("> ")[2] for line in picture if line.startswith("127.0.0.13> ")]
        self.assertGreater(len(typed), 2)
        done = subprocess.run([program(), "shell", "127.0.0.13"], input="\n".join(typed) + "\n", text=True, check=False, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.stdout.splitlines(), [line for line in picture if not line.startswith("127.0.0.13> ")])

    def test_every_block_of_the_page_on_scripts_does_what_it_says(self):
        with servers.snmpd("127.0.0.41"):
            self.assertGreaterEqual(self.follow("scripts/README.md"), 2)


class ReferenceTest(LabTest):
    """The page on scripts is what the comments say that editors read."""

    def copy(self):
        folder = self.directory / "scripts"
        shutil.copytree(ROOT / "scripts", folder)
        return folder

    @staticmethod
    def reference(folder, *arguments):
        done = subprocess.run([folder / "annotations/reference.py", *arguments], text=True, capture_output=True, check=False, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def test_the_page_is_what_its_sources_say(self):
        self.assertEqual(self.reference(ROOT / "scripts"), (0, ""))

    def test_a_comment_that_was_changed_is_noticed_until_the_page_is_written_anew(self):
        folder = self.copy()
        path = folder / "redis.lua"
        path.write_text(path.read_text().replace("Options: `section` of INFO", "Options: `part` of INFO"))
        code, said = self.reference(folder)
        self.assertEqual(code, 1)
        self.assertIn("reference.py --write", said)
        self.assertEqual(self.reference(folder, "--write"), (0, ""))
        self.assertEqual(self.reference(folder), (0, ""))
        self.assertIn("Options: `part` of INFO", (folder / "README.md").read_text())

    def test_what_is_not_documented_is_a_mistake_with_its_place(self):
        for file, old, new, said in (("redis.lua", "---@param words ", "---@param word ", "redis.lua:"),
                                     ("annotations/reference.md", "| [redis](#redis) |", "| redis |", "redis.lua"),
                                     ("annotations/target.lua", "---@field loss number  0 to 1", "---@field loss", "loss has no type")):
            with self.subTest(file):
                folder = self.copy()
                path = folder / file
                self.assertIn(old, path.read_text())
                path.write_text(path.read_text().replace(old, new))
                code, told = self.reference(folder)
                self.assertEqual(code, 1)
                self.assertIn(said, told)
                shutil.rmtree(folder)


class LinkTest(LabTest):
    def test_every_link_within_the_repository_leads_somewhere(self):
        for page in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "engine/README.md", "tests/README.md", "rules/README.md",
                     "scripts/README.md", "examples/README.md"):
            for link in re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / page).read_text()):
                if not link.startswith("https://"):
                    with self.subTest(page=page, link=link):
                        self.assertTrue((ROOT / pathlib.Path(page).parent / link).exists())


class InstalledTest(LabTest):
    """`cmake --install` puts everything where the program finds it, wherever that is moved to."""

    def test_an_installed_program_finds_its_rules_and_scripts(self):
        build, prefix = pathlib.Path(program()).parent, self.directory / "first"
        done = subprocess.run(["cmake", "--install", str(build), "--prefix", str(prefix)], text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for path in ("bin/audit", "share/audit/rules/exposure/telnet-open.lua", "share/audit/scripts", "share/audit/inventory.schema.json", "share/audit/report.schema.json",
                     "share/man/man1/audit.1", "share/bash-completion/completions/audit"):
            self.assertTrue((prefix / path).exists(), path)
        self.assertFalse((prefix / "share/audit/rules/README.md").exists())
        moved = prefix.rename(self.directory / "second")
        (moved / "share/audit/scripts/greet.lua").write_text('return { word = "well met" }\n')
        self.write("mine/greet.lua", rule('    return info(require("greet").word)', "mine.greet", 'requires = "nothing"'))
        with servers.telnetd("127.0.0.31"):
            done = subprocess.run([moved / "bin/audit", "run", "--target", "127.0.0.31", "--select", "exposure.* or mine.*", "--rules",
                                   f"+{self.directory / 'mine'}"], text=True, capture_output=True, stdin=subprocess.DEVNULL,
                                  check=False, timeout=60)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("exposure.telnet-open", done.stdout)
        self.assertIn("well met", done.stdout)


class ExampleTest(LabTest):
    """The inventories in examples/ run as they stand, on loopback and nothing else."""

    def test_every_inventory_is_valid_and_runs(self):
        inventories = sorted((ROOT / "examples").glob("*.toml"))
        self.assertGreaterEqual(len(inventories), 3)
        for inventory in inventories:
            with self.subTest(inventory.name):
                planned = self.audit("plan", inventory)
                self.assertEqual(planned.code, 0, planned)
                done = self.audit(inventory, "--fail-on", "never", report=True)
                self.assertEqual(done.code, 0, done)
                self.assertGreater(done.summary["planned"], 0)

    def test_no_inventory_asks_beyond_this_machine(self):
        for inventory in (ROOT / "examples").glob("*.toml"):
            for address in re.findall(r'^address = "(.*)"', inventory.read_text(), re.MULTILINE):
                self.assertRegex(address, r"^127\.|^::1$", inventory.name)


class DocumentsTest(LabTest):
    """Completions and the manual page name the options that exist, all of them and no other."""

    COMMANDS = (["run"], ["plan"], ["inventory"], ["baseline"], ["notify"], ["notify", "test"], ["probe"], ["probe", "port"], ["probe", "banner"], ["probe", "tcp"], ["probe", "udp"],
                ["probe", "dns"], ["probe", "tls"], ["probe", "tls_accepts"], ["probe", "http"], ["probe", "ssh"],
                ["probe", "ping"], ["rules"], ["rules", "list"], ["rules", "show"],
                ["rules", "check"], ["rules", "frameworks"], ["rules", "new"], ["rules", "test"], ["schedule"], ["schedule", "install"],
                ["schedule", "show"], ["schedule", "remove"], ["watch"], ["history"], ["history", "list"], ["history", "show"], ["history", "pin"], ["history", "unpin"],
                ["history", "prune"], ["history", "check"], ["history", "touched"], ["report"], ["verify"], ["diff"], ["shell"])

    def options_of_the_program(self):
        found = set()
        for command in ([], *self.COMMANDS):
            text = self.audit(*command, "--help").out
            found |= set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
        return found

    def options_in(self, path):
        text = re.sub(r"\\f[BIR]", " ", (ROOT / path).read_text()).replace("\\-", "-")
        if path.endswith(".fish"):
            return {"--" + word for word in re.findall(r"^complete .*?\s-l ([a-z-]+)", text, re.MULTILINE)}
        return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))

    def test_the_completions_and_the_manual_name_every_option_and_no_other(self):
        real = self.options_of_the_program()
        for path in ("completions/audit.bash", "completions/_audit", "completions/audit.fish", "docs/audit.1"):
            with self.subTest(path):
                self.assertEqual(self.options_in(path), real)

    def test_the_completions_and_the_manual_name_every_format_of_a_report(self):
        said = re.search(r"--report FORMAT\[=PATH\]\s+(.*?);", self.audit("run", "--help").out, re.DOTALL).group(1)
        formats = re.split(r",\s+|\s+or\s+", said)
        self.assertGreaterEqual(len(formats), 12)
        for command in ("run", "report last"):
            self.assertEqual(complete(f"audit {command} --format ''"), formats)
            self.assertEqual(complete(f"audit {command} --report ''"), formats + [f"{word}=" for word in formats])
        for path, times in (("completions/_audit", 2), ("completions/audit.fish", 2)):
            text = (ROOT / path).read_text()
            for words in (" ".join(formats), " ".join(f"{word}=" for word in formats)):
                self.assertGreaterEqual(text.count(words), times - words.endswith("="), path)
        self.assertIn(f"Write a report as {said};", (ROOT / "docs/audit.1").read_text())

    def test_the_commands_that_are_looked_at_are_those_that_there_are(self):
        text = self.audit("probe", "--help").out
        words = re.findall(r"^  ([a-z_]+) ", text[text.index("Subcommands:"):text.index("Exit codes:")], re.MULTILINE)
        self.assertEqual(sorted(words), sorted(command[1] for command in self.COMMANDS if command[0] == "probe" and len(command) == 2))

    def test_bash_offers_each_command_its_own_options(self):
        for command in self.COMMANDS:
            if command in (["history"], ["notify"], ["probe"], ["rules"], ["schedule"]):  # their own words come first
                continue
            with self.subTest(command):
                text = self.audit(*command, "--help").out
                real = set(re.findall(r"^  (?:-[eh],)?(-x|--[a-z-]+)", text, re.MULTILINE))
                self.assertEqual(set(complete(" ".join(["audit", *command, "there", "-"]))), real)

    def test_bash_completes_commands_options_and_values(self):
        for line, expected in (("audit pr", "probe"), ("audit probe ba", "banner"), ("audit base", "baseline"), ("audit baseline --ta", "--targets-only"), ("audit run --rep", "--report"),
                               ("audit run --fail-on hi", "high"), ("audit run --report ht", "html"),
                               ("audit inv --se", "--select"),
                               ("audit ru", "rules"), ("audit rules sh", "show"), ("audit sche", "schedule"), ("audit schedule ins", "install"), ("audit schedule install --da", "--daily"), ("audit rules ch", "check"),
                               ("audit rules check --st", "--strict"), ("audit rules fr", "frameworks"), ("audit rules te", "test"), ("audit rules test --ju", "--junit"),
                               ("audit wa", "watch"), ("audit watch --te", "--textfile"), ("audit run --report prom", "prometheus="), ("audit sh", "shell"), ("audit shell --no", "--no-history")):
            with self.subTest(line):
                self.assertIn(expected, complete(line))

    def test_the_manual_page_is_well_formed(self):
        text = (ROOT / "docs/audit.1").read_text()
        self.assertRegex(text, r"(?m)^\.TH AUDIT 1")
        for code in ("0", "1", "2", "3", "64", "70", "73", "78", "130"):
            self.assertRegex(text, rf"(?m)^\.B {code}\b|^\.BR? {code}\b", code)


def complete(line):
    """What bash offers at the end of a line."""
    words = shlex.split(line)
    script = (f"source {shlex.quote(str(ROOT / 'completions/audit.bash'))}\n"
              f"COMP_WORDS=({' '.join(map(shlex.quote, words))})\nCOMP_CWORD={len(words) - 1}\n"
              f"COMP_LINE={shlex.quote(line)}\nCOMP_POINT={len(line)}\n"
              "_audit audit \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"\nprintf '%s\\n' \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, check=False)
    return [word.strip() for word in done.stdout.splitlines()]
