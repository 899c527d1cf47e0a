"""Targets from other sources: text, CSV, Ansible, NetBox, and commands, which run only where they may."""

import hashlib
import json
import os
import pathlib
import signal
import time

import peers
import processes
from program import LabTest, rule

RULES = {"lab/rule.lua": rule('    return info(target.id, target:port(7000))')}


class SourcesTest(LabTest):
    def ids(self, done):
        return sorted(target["id"] for target in done.report["targets"])

    def test_four_kinds_of_source_are_one_inventory_and_each_is_recorded(self):
        contents = {
            "hosts.txt": "# the first\n127.0.0.21\n",
            "hosts.csv": "address,owner,criticality\r\n127.0.0.22,\"net, ops\",high\r\n",
            "ansible.json": json.dumps({"_meta": {"hostvars": {"web": {"ansible_host": "127.0.0.23"}}},
                                        "all": {"children": ["shop"]}, "shop": {"hosts": ["web"]}}),
            "netbox.json": json.dumps({"next": None, "results": [
                {"name": "sw1", "primary_ip": {"address": "127.0.0.24/8"}, "tenant": {"name": "Campus"}}]}),
        }
        text = ""
        for name, content in contents.items():
            self.write(name, content)
            kind = {"hosts.txt": "text", "hosts.csv": "csv"}.get(name, name.split(".")[0])
            text += f'[[sources]]\nformat = "{kind}"\nfile = "{name}"\ntags = ["from-{kind}"]\n'
        done = self.run_inventory(text, rules=RULES)
        self.assertEqual(self.ids(done), [f"127.0.0.2{last}" for last in (1, 2, 3, 4)], done)
        self.assertEqual(done.target("127.0.0.22")["owner"], "net, ops")
        self.assertEqual(done.target("127.0.0.22")["criticality"], "high")
        self.assertEqual(done.target("127.0.0.23")["groups"], ["shop"])
        self.assertEqual(done.target("127.0.0.24")["owner"], "Campus")
        for last, kind in ((1, "text"), (2, "csv"), (3, "ansible"), (4, "netbox")):
            self.assertIn(f"from-{kind}", done.target(f"127.0.0.2{last}")["tags"])
        recorded = done.report["inventory"]["sources"]
        self.assertEqual([source["kind"] for source in recorded], ["text", "csv", "ansible", "netbox"])
        for source, (name, content) in zip(recorded, contents.items()):
            self.assertTrue(source["path"].endswith(name), source)
            self.assertEqual(source["sha256"], hashlib.sha256(content.encode()).hexdigest())
            self.assertEqual(source["targets"], 1)
            self.assertRegex(source["time"], r"^\d{4}-\d\d-\d\dT")
            self.assertIn(source["sha256"][:8], done.out, "the text report names it")

    def test_a_command_runs_only_where_commands_may(self):
        mark = self.directory / "mark"
        script = self.write("list.sh", f"#!/bin/sh\ntouch {mark}\necho 127.0.0.21\n")
        script.chmod(0o755)
        text = '[[sources]]\nformat = "text"\ncommand = ["./list.sh"]\n'
        self.assertMistake(self.run_inventory(text, rules=RULES), "--allow-commands", "inventory.toml:3:1")
        self.assertFalse(mark.exists(), "it ran")
        with peers.silent("127.0.0.21", 7000):
            done = self.run_inventory(text, "--allow-commands", rules=RULES)
        self.assertEqual(self.ids(done), ["127.0.0.21"], done)
        self.assertEqual(done.report["inventory"]["sources"][0]["command"], ["./list.sh"])
        self.assertTrue(mark.exists())

    def test_no_pipe_is_waited_for_and_nothing_of_the_kernel_is_read(self):
        os.mkfifo(self.directory / "fifo")
        for path in ("fifo", "/proc/self/environ", "/dev/zero", "."):
            with self.subTest(path):
                self.assertMistake(self.run_inventory(f'[[sources]]\nformat = "text"\nfile = "{path}"\n', rules=RULES), path)
                self.assertMistake(self.run_inventory(f'include = ["{path}"]\n[[targets]]\naddress = "127.0.0.21"\n', rules=RULES), path)

    def test_a_command_that_fails_is_no_empty_network(self):
        text = '[[sources]]\nformat = "text"\ncommand = ["sh", "-c", "echo 127.0.0.21; echo no token >&2; exit 3"]\n'
        self.assertMistake(self.run_inventory(text, "--allow-commands", rules=RULES), "ended with 3", "no token")

    def test_a_mistake_in_a_source_names_its_file_and_line_and_nothing_is_asked(self):
        self.write("hosts.csv", "address\n127.0.0.20\n127.0.0.300\n")
        with peers.silent("127.0.0.20", 7000) as peer:
            done = self.run_inventory('[[sources]]\nformat = "csv"\nfile = "hosts.csv"\n', rules=RULES)
            self.assertEqual(peer.accepted, 0)
        self.assertMistake(done, "hosts.csv:3:1:", "300 is above 255")

    def test_a_secret_that_is_named_by_mistake_stands_in_no_message(self):
        for secret in ("p@ss hunter2!", "bob:hunter2@db.lan", "https://bob:hunter2@db.lan/", "hunter2 = 'hunter2'"):
            self.write("secret", secret + "\n")
            for text in ('[[sources]]\nformat = "text"\nfile = "secret"\n', 'include = ["secret"]\n[[targets]]\naddress = "127.0.0.21"\n'):
                with self.subTest(secret=secret, text=text):
                    done = self.run_inventory(text, rules=RULES)
                    self.assertMistake(done, "secret:1:")
                    self.assertNotIn("hunter2", done.err)
        text = '[[sources]]\nformat = "text"\ncommand = ["sh", "-c", "echo cannot log in as bob:hunter2@db.lan >&2; exit 3"]\n'
        done = self.run_inventory(text, "--allow-commands", rules=RULES)
        self.assertMistake(done, "cannot log in as ***@db.lan")
        self.assertNotIn("hunter2", done.err)

    def test_a_part_of_netbox_or_of_ansible_is_refused_with_what_to_do(self):
        device = {"name": "sw1", "primary_ip": {"address": "127.0.0.24/8"}}
        for kind, content, words in (
                ("netbox", {"previous": "https://netbox/api/", "next": None, "results": [device]}, ["`previous` is set", "?limit=0"]),
                ("netbox", {"count": 60, "next": None, "results": [device]}, ["`count` = 60 and lists 1 object", "?limit=0"]),
                ("ansible", {"web": {"hosts": {"127.0.0.24": {}}}}, ["`hosts` of the group \"web\"", "ansible-inventory --list"]),
                ("ansible", {"web": ["127.0.0.24"], "ok": {"hosts": ["127.0.0.21"]}}, ["the group \"web\" is a list"])):
            with self.subTest(kind=kind, content=content):
                self.write("list.json", json.dumps(content))
                done = self.run_inventory(f'[[sources]]\nformat = "{kind}"\nfile = "list.json"\n', rules=RULES)
                self.assertMistake(done, "list.json", *words)

    def test_a_signal_ends_the_command_of_an_inventory_with_the_program(self):
        note = self.directory / "pid"
        script = f"sleep 600 & echo $! > {note}.new; mv {note}.new {note}; wait"
        text = f'[[sources]]\nformat = "text"\ntimeout = "10m"\ncommand = ["sh", "-c", "{script}"]\n'
        for command, number in (("plan", signal.SIGINT), ("run", signal.SIGINT), ("run", signal.SIGTERM)):
            with self.subTest(command=command, number=number):
                note.unlink(missing_ok=True)
                running = self.start(command, self.write("inventory.toml", text), "--allow-commands")
                self.within(lambda: note.exists(), "the command began")
                running.send(number)
                running.child.wait(60 * processes.PATIENCE)
                self.assertNotEqual(running.child.returncode, 0)
                sleeper = pathlib.Path(f"/proc/{note.read_text().strip()}/stat")
                self.within(lambda: not sleeper.exists() or sleeper.read_text().split()[2] in "ZX", "the command is gone")

    def within(self, holds, what):
        ends = time.monotonic() + 60 * processes.PATIENCE
        while not holds():
            self.assertLess(time.monotonic(), ends, f"not within a minute: {what}")
            os.sched_yield()
