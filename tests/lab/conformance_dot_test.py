"""DOT: Graphviz draws the map of every run, whatever its names are, and it looks like one with ten hosts and with a thousand."""

import json
import subprocess
import xml.etree.ElementTree

import node_tools
import servers
from processes import PATIENCE, find_program
from program import STATUSES, LabTest, targets


def drawn(path, form):
    """What dot makes of a map; it may warn of nothing."""
    done = subprocess.run([find_program("dot"), f"-T{form}", path], stdin=subprocess.DEVNULL, capture_output=True, timeout=60 * PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, b""), f"{path.name}: {done.stderr[:500]}"
    return done.stdout


def texts(svg):
    return [text.text for text in xml.etree.ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


class ConformanceDotTest(LabTest):
    def test_dot_draws_every_map_of_random_hostile_and_huge_records_with_its_counts(self):
        for path in node_tools.reports("dot"):
            graph = json.loads(drawn(path, "json0"))
            if path.stem == "long":  # its JSON report is as long as all of its words
                continue
            report = json.loads(node_tools.same_record(path).read_text())
            hosts = [one for one in graph.get("objects", []) if not one["name"].startswith("cluster")]
            for status in STATUSES:
                self.assertEqual(int(graph[status]), report["summary"][status], path.stem)
                self.assertEqual(sum(int(host[status]) for host in hosts), report["summary"][status], path.stem)
            self.assertEqual(sum(int(one.get("targets", 1)) for one in hosts), len(report["targets"]), path.stem)

    def test_a_map_of_a_real_run_shows_its_hosts_and_services(self):
        path = self.directory / "map.dot"
        with servers.telnetd("127.0.0.11"), servers.nginx("127.0.0.13"):
            self.run_inventory(targets("127.0.0.11", "127.0.0.13", head='select = "exposure or web"'), "--report", f"dot={path}")
        shown = texts(drawn(path, "svg"))
        for text in ("127.0.0.0/24", "127.0.0.11", "127.0.0.13", "23/tcp telnet", "80/tcp http"):
            self.assertIn(text, shown)

    def test_a_thousand_hosts_are_drawn_by_subnet_on_a_page_that_one_can_read(self):
        inventory = 'schema = 1\n[audit]\nselect = "exposure.telnet-open"\n[groups.all]\nassume_up = true\n' + "".join(
            f'[[targets]]\naddress = "127.1.{net}.0-127.1.{net}.249"\ngroups = ["all"]\n' for net in range(4))
        path = self.directory / "map.dot"
        done = self.run_inventory(inventory, "--report", f"dot={path}")
        self.assertEqual(done.summary["targets"], 1000)
        svg = drawn(path, "svg")
        shown = texts(svg)
        self.assertEqual(shown.count("250 targets, 250 alive"), 4)
        self.assertIn("1000 targets are too many to be drawn one by one: a box is a subnet", shown)
        self.assertLess(len(svg), 20_000)
