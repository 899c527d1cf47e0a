"""How targets are named: octet ranges, URLs, names that share an address, ports besides, zones, and limits to a part."""

import os
import subprocess

import network
import peers
import processes
import servers
from processes import wait_until
from program import LabTest, program, rule, targets

RESOLVER = 'resolvers = ["127.0.0.1:5353"]'
SCOPE = '[scope]\ninclude = ["127.0.0.0/24", "::1"]'
# A name may lead to a loopback address only where the inventory writes that address, which is asked by itself too.
WRITTEN = '[[targets]]\naddress = "127.0.0.12-13"\n'
SAYS = '    return info(target.id, target:port(7000))'
HOST = ('    local answer = target:http(7000)\n'
        '    return pass("asked", { page = answer })')


class Hosts:
    """An HTTP peer that keeps the Host of each request."""

    def __init__(self):
        self.heard = []

    def talk(self, connection, _peer):
        request = b""
        while b"\r\n\r\n" not in request:
            piece = connection.recv(4096)
            if not piece:
                return
            request += piece
        for line in request.split(b"\r\n"):
            if line.lower().startswith(b"host:"):
                self.heard.append(line.split(b":", 1)[1].strip().decode())
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")


class AddressesTest(LabTest):
    def test_names_of_one_address_are_swept_once_and_judged_each(self):
        head = f'{RESOLVER}\n{SCOPE}\n{WRITTEN}'
        lua = rule('    return info("open", target:port(7000))')
        with servers.named(), peers.silent("127.0.0.12", 7000) as peer:
            done = self.run_inventory(targets("ssh.lab.test", "alias.lab.test", head=head), rules={"lab/rule.lua": lua})
            wait_until("the connections", lambda: peer.accepted > 1)
            self.assertEqual(peer.accepted, 2, "one of both names, one of the address that is a target itself")
        for name in ("ssh.lab.test", "alias.lab.test"):
            self.assertEqual(done.status("lab.rule", name)[0], "informational", done)
            self.assertEqual(done.port_state(name, 7000), "open", done)
        self.assertTrue(any("alias.lab.test, ssh.lab.test" in notice for notice in done.report["notices"]), done)

    def test_closed_ports_of_a_shared_address_are_asked_once(self):
        if (why := network.why_no_firewall()) is not None:
            self.skipTest(why)
        head = f'{RESOLVER}\n{SCOPE}\n{WRITTEN}'
        with servers.named(), network.firewall() as firewall:
            packets = firewall.count("127.0.0.12", "7000")
            self.run_inventory(targets("ssh.lab.test", "alias.lab.test", head=head),
                               rules={"lab/rule.lua": rule('    return info("open", target:port(7000))')})
            self.assertEqual(firewall.counted(packets), 2, "one SYN of both names, one of the address that is a target itself")

    def test_each_name_of_a_shared_address_is_said_to_its_server(self):
        hosts = Hosts()
        with servers.named(), peers.serving("127.0.0.12", 7000, hosts.talk):
            done = self.run_inventory(targets("ssh.lab.test", "alias.lab.test", head=f'{RESOLVER}\n{SCOPE}\n{WRITTEN}'),
                                      rules={"lab/rule.lua": rule(HOST)})
        self.assertEqual(sorted(hosts.heard), ["127.0.0.12:7000", "alias.lab.test:7000", "ssh.lab.test:7000"], done)
        self.assertEqual(done.summary["pass"], 3, done)

    def test_a_name_may_be_asked_at_its_first_address_alone(self):
        text = f'[audit]\n{RESOLVER}\n{SCOPE}\n{WRITTEN}[[targets]]\naddress = "both.lab.test"\nresolve = "first"\n'
        with servers.named():
            done = self.run_inventory(text, rules={"lab/rule.lua": rule(SAYS)})
        self.assertEqual(len(done.target("both.lab.test")["addresses"]), 1, done)
        self.assertTrue(any('resolve = "first"' in notice for notice in done.report["notices"]), done)
        self.assertEqual([(part["by"], part["count"], part["example"]) for part in done.report["left_out"]],
                         [("first_address", 1, "both.lab.test")], done)

    def test_an_octet_range_is_all_that_it_combines_to(self):
        with peers.silent("127.0.3.5", 7000), peers.silent("127.0.5.6", 7000):
            done = self.run_inventory(targets("127.0.3-5.5-6", head='[limits]\ntimeout = "500ms"'),
                                      rules={"lab/rule.lua": rule(SAYS)})
        self.assertEqual({target["id"] for target in done.report["targets"]},
                         {f"127.0.{third}.{fourth}" for third in (3, 4, 5) for fourth in (5, 6)}, done)

    def test_the_port_of_a_url_is_swept_besides_and_rules_see_the_url(self):
        lua = rule('    return info(target.urls[1], target:port(7000))')
        with peers.silent("127.0.0.20", 7000), peers.silent("127.0.0.20", 7443):
            done = self.run_inventory(targets("https://127.0.0.20:7443/shop"), rules={"lab/rule.lua": lua})
        self.assertEqual(done.port_state("127.0.0.20", 7443), "open", done)
        self.assertEqual(done.check("lab.rule", "127.0.0.20")["message"], "https://127.0.0.20:7443/shop")

    def test_a_secret_in_a_url_is_refused_and_not_repeated(self):
        done = self.run_inventory(targets("https://admin:hunter2@127.0.0.20/"), rules={"lab/rule.lua": rule(SAYS)})
        self.assertMistake(done, "credentials")
        self.assertNotIn("hunter2", done.out + done.err)

    def test_ports_of_the_inventory_are_swept_besides_what_rules_ask(self):
        text = '[groups.web]\nports = [7001]\n[[targets]]\naddress = "127.0.0.20"\ngroups = ["web"]\nports = [7002]\n'
        with peers.silent("127.0.0.20", 7001), peers.silent("127.0.0.20", 7002):
            done = self.run_inventory(text, rules={"lab/rule.lua": rule(SAYS)})
        for port in (7001, 7002):
            self.assertEqual(done.port_state("127.0.0.20", port), "open", done)
        self.assertIn("7001", done.out, "the matrix shows it")

    def test_a_zone_is_part_of_the_id_and_a_limit_may_name_it(self):
        text = ('[zones.lab]\nnetworks = ["127.0.0.16/28"]\n'
                '[[targets]]\naddress = "127.0.0.20"\ncriticality = "high"\n[[targets]]\naddress = "127.0.0.40"\n')
        lua = rule('    return info(target.zone .. " " .. target.criticality, target:port(7000))')
        with peers.silent("127.0.0.20", 7000), peers.silent("127.0.0.40", 7000) as other:
            done = self.run_inventory(text, "--limit", "lab/*", rules={"lab/rule.lua": lua})
            self.assertEqual(other.accepted, 0, done)
        self.assertEqual([target["id"] for target in done.report["targets"]], ["lab/127.0.0.20"], done)
        self.assertEqual(done.check("lab.rule", "lab/127.0.0.20")["message"], "lab high")
        self.assertEqual((done.target("lab/127.0.0.20")["zone"], done.target("lab/127.0.0.20")["criticality"]),
                         ("lab", "high"))

    def test_a_limit_or_selection_that_matches_nothing_is_an_error_unless_it_may(self):
        text = targets("127.0.0.20")
        self.assertUsage(self.run_inventory(text, "--limit", "127.0.0.21"), "127.0.0.21", "--allow-empty")
        self.assertUsage(self.run_inventory(text, "--select", "no.such-rule"), "no.such-rule")
        done = self.run_inventory(text, "--limit", "127.0.0.21", "--allow-empty")
        self.assertEqual((done.code, done.summary["planned"]), (2, 0), done)
        done = self.run_inventory(text, "--select", "no.such-rule", "--allow-empty")
        self.assertEqual((done.code, done.summary["planned"]), (2, 0), done)

    def test_a_group_is_excluded_wherever_its_addresses_turn_up(self):
        text = (f'[audit]\n{RESOLVER}\n[scope]\ninclude = ["127.0.0.0/24"]\nexclude = ["group:bench"]\n[groups.bench]\n'
                '[[targets]]\naddress = "127.0.0.12/31"\ngroups = ["bench"]\n'
                '[[targets]]\naddress = "ssh.lab.test"\n[[targets]]\naddress = "127.0.0.12/30"\n'
                '[[targets]]\naddress = "127.0.0.20"\n')
        with servers.named(), peers.silent("127.0.0.12", 7000) as spared, peers.silent("127.0.0.20", 7000):
            done = self.run_inventory(text, rules={"lab/rule.lua": rule(SAYS)})
            self.assertEqual(spared.accepted, 0, done)
        self.assertNotIn("ssh.lab.test", {target["id"] for target in done.report["targets"]}, done)
        self.assertIn("group:bench", {entry["source"] for entry in done.report["excluded"]}, done)

    def test_what_a_name_forbids_or_excludes_holds_for_its_address_under_every_other_name(self):
        lua = rule('    return info("open", target:port(7000))')
        for key, group in (('exclude = ["group:bench"]', "[groups.bench]\n"), ("", '[groups.bench]\nnever = ["tcp/7000"]\n')):
            text = (f'[audit]\n{RESOLVER}\n{SCOPE}\n{key}\n{group}[[targets]]\naddress = "ssh.lab.test"\ngroups = ["bench"]\n'
                    '[[targets]]\naddress = "alias.lab.test"\n[[targets]]\naddress = "127.0.0.12/30"\n[[targets]]\naddress = "127.0.0.12"\n')
            with self.subTest(group), servers.named(), peers.silent("127.0.0.12", 7000) as kept, peers.silent("127.0.0.13", 7000) as asked:
                done = self.run_inventory(text, rules={"lab/rule.lua": lua})
                self.assertEqual(kept.accepted, 0, done)
                self.assertEqual(done.port_state("127.0.0.13", 7000), "open", done)
                self.assertTrue(asked.accepted > 0, done)

    def test_a_replay_knows_what_names_forbade(self):
        text = (f'[audit]\n{RESOLVER}\n{SCOPE}\n[groups.bench]\nnever = ["tcp/7000"]\n[[targets]]\naddress = "ssh.lab.test"\n'
                'groups = ["bench"]\n[[targets]]\naddress = "alias.lab.test"\n[[targets]]\naddress = "127.0.0.12-13"\n')
        transcript, replayed = self.directory / "run.transcript", self.directory / "replayed.json"
        with servers.named(), peers.silent("127.0.0.12", 7000) as kept:
            done = self.run_inventory(text, "--record", transcript, rules={"lab/rule.lua": rule(SAYS)})
            self.assertEqual(kept.accepted, 0, done)
        self.assertEqual(done.status("lab.rule", "alias.lab.test"), ("not_reviewed", "out_of_scope"), done)
        self.audit(self.directory / "inventory.toml", "--rules", self.directory / "rules", "--replay", transcript, "--report", f"json={replayed}")
        self.assertEqual(replayed.read_bytes(), done.report_path.read_bytes())

    def test_an_excluded_name_that_does_not_resolve_is_told_and_a_plan_resolves_nothing(self):
        text = (f'[audit]\n{RESOLVER}\n[scope]\nexclude = ["group:bench"]\n[groups.bench]\n'
                '[[targets]]\naddress = "nowhere.lab.test"\ngroups = ["bench"]\n[[targets]]\naddress = "127.0.0.20"\n')
        with servers.named():
            done = self.run_inventory(text, rules={"lab/rule.lua": rule(SAYS)})
        self.assertTrue(any(notice.startswith("nowhere.lab.test: its addresses could not be left out by `group:bench`")
                            for notice in done.report["notices"]), done)
        heard = []
        with peers.udp("127.0.0.1", 5353, lambda data: heard.append(data) or []):
            planned = self.audit("plan", self.directory / "inventory.toml")
        self.assertEqual((planned.code, heard), (0, []), planned)
        self.assertIn("1 name is resolved (nowhere.lab.test) before anything else is asked", " ".join(planned.out.split()))

    def test_a_hundred_thousand_targets_or_a_slash_8_fit_into_200_mb(self):
        if processes.PATIENCE > 1:
            self.skipTest("a sanitizer keeps memory of its own beside each block")
        listed = "".join(f'[[targets]]\naddress = "10.{n >> 16}.{n >> 8 & 255}.{n & 255}"\nowner = "o{n % 7}"\n'
                         for n in range(1, 100_001))
        for text in (listed, '[[targets]]\naddress = "10.0.0.0/8"\n'):
            path = self.write("large.toml", text)
            child = subprocess.Popen([program(), "plan", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(child.returncode, 0)
            self.assertLess(used.ru_maxrss, 200 * 1024, "KiB")
