"""scripts/: what rules ask of real UDP services with snmp, ntp and udp_payloads equals what trusted tools are told."""

import base64
import os
import struct
import subprocess

import peers
import servers
from processes import find_program
from program import LabTest, rule, targets

QUICK = 'select = "lab.*"\n[limits]\ntimeout = "300ms"\nattempts = 2'


def tool(name, *words):
    """What a tool says, in one line a line."""
    done = subprocess.run([find_program(name), *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True,
                          timeout=30, env={**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": os.environ.get("TMPDIR", "/tmp")})
    return done.stdout.strip()


class ScriptsTest(LabTest):
    def told(self, address, body):
        """What a rule says that begins with the libraries, as a message; its check has to end with one."""
        text = rule(f'    local snmp, ntp, udp_payloads = require("snmp"), require("ntp"), require("udp_payloads")\n{body}',
                    declares='requires = "nothing"')
        done = self.run_inventory(targets(address, head=QUICK), rules={"lab.lua": text})
        check = done.check("lab.rule", address)
        self.assertEqual(check["status"], "informational", f"{check}\n{done}")
        return check["message"]

    def ended(self, address, body):
        text = rule(f'    local snmp, ntp = require("snmp"), require("ntp")\n{body}', declares='requires = "nothing"')
        return self.run_inventory(targets(address, head=QUICK), rules={"lab.lua": text}).status("lab.rule", address)


class SnmpTest(ScriptsTest):
    def test_the_system_group_equals_what_snmpget_says_in_both_versions(self):
        oids = ("1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.4.0", "1.3.6.1.2.1.1.6.0")
        with servers.snmpd("127.0.0.41"):
            for version in ("1", "2c"):
                with self.subTest(version):
                    said = tool("snmpget", f"-v{version}", "-c", "public", "-OQnv", "127.0.0.41", *oids).splitlines()
                    told = self.told("127.0.0.41", f"""
    local a = snmp.system(target, {{ version = "v{version}" }})
    assert(a.version == "v{version}" and a.community == "public" and a.uptime >= 0 and a.extra == 0)
    return info(table.concat({{ a.description, "." .. a.object_id, a.name, a.contact, a.location }}, "|"), a)""")
                    self.assertEqual(told.split("|"), [line.strip('"') for line in said])

    def test_a_walk_with_get_next_meets_the_variables_that_snmpwalk_meets(self):
        with servers.snmpd("127.0.0.41"):
            said = tool("snmpwalk", "-v2c", "-c", "public", "-Onq", "127.0.0.41", "1.3.6.1.2.1.1").splitlines()
            told = self.told("127.0.0.41", """
    local oid, met, last = "1.3.6.1.2.1.1", {}, nil
    while true do
      local a = snmp.get_next(target, oid)
      local b = a.bindings[1]
      if not b.oid:find("^1%.3%.6%.1%.2%.1%.1%.") then return info(table.concat(met, " "), a) end
      met[#met + 1], oid = "." .. b.oid, b.oid
    end""")
        self.assertEqual(told.split(), [line.split()[0] for line in said])
        self.assertGreater(len(said), 7)

    def test_what_is_not_there_has_a_name_in_both_versions(self):
        with servers.snmpd("127.0.0.41"):
            told = self.told("127.0.0.41", """
    local one, two = snmp.get(target, "1.3.6.1.2.1.1.99.0", { version = "v1" }), snmp.get(target, "1.3.6.1.2.1.1.99.0")
    return info(one.error_status .. one.error_index .. " " .. two.error_status .. two.bindings[1].type, one)""")
        self.assertEqual(told, "noSuchName1 noErrornoSuchObject")

    def test_another_community_is_silence_and_no_agent_is_closed(self):
        with servers.snmpd("127.0.0.41", community="secret"):
            told = self.told("127.0.0.41", """
    local known, other = snmp.get(target, snmp.oids.sysName, { community = "secret" }), snmp.get(target, snmp.oids.sysName)
    return info(known.values[snmp.oids.sysName] .. " " .. other.state, known)""")
        self.assertEqual(told, "agent.lab.test open|filtered")
        self.assertEqual(self.told("127.0.0.14", "local a = snmp.system(target) return info(a.state, a)"), "closed")

    def test_a_peer_that_is_no_agent_is_a_protocol_error(self):
        with peers.udp("127.0.0.41", 161, lambda data: [b"\x30\x80garbage"]):
            self.assertEqual(self.ended("127.0.0.41", "    return info('x', snmp.system(target))"), ("error", "protocol_error"))


class NtpTest(ScriptsTest):
    def test_time_and_variables_equal_what_ntpq_says(self):
        with servers.ntpd():
            said = tool("ntpq", "-n", "-c", "rv 0 version,stratum,leap,refid,system", "127.0.0.1")
            told = self.told("127.0.0.1", """
    local time, all = ntp.query(target), ntp.variables(target)
    local v = all.variables
    assert(math.abs(time.transmit_time - time.time) < 60, "its clock is this machine's")
    return info(table.concat({ time.stratum, time.leap, time.version, time.reference, tostring(all.complete), v.version, v.stratum,
      v.refid, v.system }, "|"), all)""")
        told = told.split("|")
        self.assertEqual(told[:5], ["5", "none", "4", "127.0.0.1", "true"])
        self.assertRegex(told[5], r"^ntpd ntpsec-[\d.]+")
        for value in told[5:]:
            self.assertIn(value, said)

    def test_a_server_that_is_told_to_keep_its_variables_does(self):
        with servers.ntpd("noquery"):
            told = self.told("127.0.0.1", """
    local time, all = ntp.query(target), ntp.variables(target)
    return info(time.state .. " " .. all.state .. " " .. tostring(all.variables), time)""")
        self.assertEqual(told, "open open|filtered nil")

    def test_variables_in_fragments_that_come_in_disorder_are_put_together(self):
        pieces = [b'version="ntpd of the lab, ', b'in parts", stratum=3', b", leap=0"]

        def answer(data):
            packets, offset = [], 0
            for number, piece in enumerate(pieces):
                more = 0x20 if number < len(pieces) - 1 else 0
                packets.append(struct.pack(">BB2sHHHH", 0x16, 0x82 | more, data[2:4], 0xc016, 0, offset, len(piece)) + piece)
                offset += len(piece)
            return [packets[1], packets[2], packets[0]]
        with peers.udp("127.0.0.43", 123, answer):
            told = self.told("127.0.0.43", """
    local a = ntp.variables(target)
    return info(tostring(a.complete) .. "|" .. a.variables.version .. "|" .. a.variables.stratum .. "|" .. a.variables.leap, a)""")
        self.assertEqual(told, "true|ntpd of the lab, in parts|3|0")

    def test_monlist_is_told_from_a_server_that_is_too_new_to_have_it(self):
        with servers.ntpd():
            self.assertEqual(self.told("127.0.0.1", "local a = ntp.monlist(target) return info(a.state, a)"), "open|filtered")
        listing = bytes.fromhex("d700032a00060048") + bytes(432)
        with peers.udp("127.0.0.43", 123, lambda data: [listing] * 3 if data[:4] == b"\x17\0\x03\x2a" else []):
            told = self.told("127.0.0.43", "local a = ntp.monlist(target) return info(tostring(a.listed) .. a.items, a)")
        self.assertEqual(told, "true6")


class PayloadTest(ScriptsTest):
    ASK = """
    local a = udp_payloads.ask(target, {port})
    return info(a.state .. " " .. a.asked .. " " .. (a.replies and bytes.base64(a.replies[1].bytes) or ""), a)"""

    def answer(self, address, port):
        state, name, reply = (self.told(address, self.ASK.replace("{port}", str(port))) + " ").split(" ")[:3]
        return state, name, base64.b64decode(reply)

    def test_dns_answers_with_its_version(self):
        with servers.named("127.0.0.1", 53):
            state, name, reply = self.answer("127.0.0.1", 53)
        self.assertEqual((state, name), ("open", "dns"))
        self.assertRegex(reply, rb"9\.\d+\.\d+")

    def test_snmp_answers_whatever_its_community_is(self):
        with servers.snmpd("127.0.0.41", community="nobody-knows"):
            state, name, reply = self.answer("127.0.0.41", 161)
        self.assertEqual((state, name), ("open", "snmp"))
        self.assertIn(bytes.fromhex("060a2b060106030f01010400"), reply)  # usmStatsUnknownEngineIDs.0

    def test_ntp_answers(self):
        with servers.ntpd():
            state, _, reply = self.answer("127.0.0.1", 123)
        self.assertEqual((state, reply[0] & 7, len(reply)), ("open", 4, 48))

    def test_memcached_answers(self):
        with servers.memcached("127.0.0.46"):
            state, _, reply = self.answer("127.0.0.46", 11211)
        self.assertEqual(state, "open")
        self.assertRegex(reply[8:], rb"^VERSION [\d.]+\r\n$")

    def test_rpcbind_answers(self):
        with servers.rpcbind("127.0.0.44"):
            state, _, reply = self.answer("127.0.0.44", 111)
        self.assertEqual((state, reply[4:].hex()), ("open", "00000001" + "00" * 16))  # a reply, accepted, success

    def test_echo_daytime_chargen_and_time_answer(self):
        with servers.xinetd("127.0.0.48"):
            answers = {port: self.answer("127.0.0.48", port) for port in (7, 13, 19, 37)}
        self.assertEqual({port: answer[0] for port, answer in answers.items()}, dict.fromkeys(answers, "open"))
        self.assertEqual(answers[7][2], b"audit\r\n")
        self.assertEqual(len(answers[37][2]), 4)

    def test_coap_stun_and_a_management_controller_answer(self):
        with servers.coap_server("127.0.0.48"):
            state, _, reply = self.answer("127.0.0.48", 5683)
        self.assertEqual((state, reply[:2].hex()), ("open", "6445"))  # acknowledged, 2.05 Content
        with servers.turnserver("127.0.0.48"):
            state, _, reply = self.answer("127.0.0.48", 3478)
        self.assertEqual((state, reply[:2].hex()), ("open", "0101"))  # Binding success
        with servers.ipmi_sim("127.0.0.48"):
            state, _, reply = self.answer("127.0.0.48", 623)
        self.assertEqual((state, reply[4:9].hex()), ("open", "000011be40"))  # presence pong

    def test_ike_answers_on_both_of_its_ports(self):
        with servers.charon():
            for port, marker in ((500, 0), (4500, 4)):
                state, _, reply = self.answer("127.0.0.48", port)
                self.assertEqual((state, reply[marker + 17:marker + 20].hex()), ("open", "202220"))  # IKEv2's SA_INIT response

    def test_nothing_there_is_closed_for_every_payload(self):
        told = self.told("127.0.0.14", """
    local states, last = {}, nil
    for _, port in ipairs(udp_payloads.ports()) do
      last = udp_payloads.ask(target, port)
      states[#states + 1] = last.state
    end
    return info(table.concat(states, " "), last)""")
        self.assertEqual(set(told.split()), {"closed"})
        self.assertGreaterEqual(len(told.split()), 25)
