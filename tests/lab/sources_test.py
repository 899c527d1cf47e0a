"""Targets from other sources: text, CSV, Ansible, NetBox, and commands, which run only where they may."""

import hashlib
import json
import os

import peers
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
