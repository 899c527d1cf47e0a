"""What a server says on a kept connection before it was asked is no answer: in a run, a recorded one, and its replay."""

import time

import peers
from program import LabTest, rule

HOST = "127.0.0.22"


def response(body):
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


class KeptHttpTest(LabTest):
    def setUp(self):
        super().setUp()
        self.write("rules/lab/two.lua", rule('    local one = target:http(7000, { path = "/one", timeout = 30 })\n'
                                             '    local two = target:http(7000, { path = "/two", timeout = 30 })\n'
                                             '    if two.body == "good" then return pass("good", two) end\n'
                                             '    return fail("it said " .. two.body, two)', "lab.two"))
        self.inventory = self.write("inventory.toml", f'[limits]\ngap = "500ms"\n[[targets]]\naddress = "{HOST}"\n')
        self.words = [self.inventory, "--rules", self.directory / "rules"]

    def lies(self, connection, peer):
        """Answers, and says what it hopes to be asked next while the gap keeps it from being asked."""
        while request := connection.recv(4096):
            if b"/one" in request:
                connection.sendall(response(b"one"))
                time.sleep(0.05)
                connection.sendall(response(b"good"))
            else:
                connection.sendall(response(b"bad"))

    def test_what_was_said_before_the_question_is_not_taken_for_its_answer(self):
        transcript = self.directory / "run.transcript"
        with peers.serving(HOST, 7000, self.lies) as peer:
            plain = self.audit(*self.words, report=True)
            self.assertEqual(plain.status("lab.two", HOST)[0], "fail", plain)
            self.assertEqual(peer.accepted, 3)  # the first is the sweep's
            recorded = self.audit(*self.words, "--record", transcript, report=True)
            self.assertEqual(recorded.status("lab.two", HOST)[0], "fail", recorded)
        replayed = self.audit(*self.words, "--replay", transcript, report=True)
        self.assertEqual(replayed.status("lab.two", HOST), recorded.status("lab.two", HOST), replayed)

    def test_a_quiet_connection_is_used_again_recorded_or_not(self):
        def answers(connection, _):
            while connection.recv(4096):
                connection.sendall(response(b"good"))
        transcript = self.directory / "run.transcript"
        with peers.serving(HOST, 7000, answers) as peer:
            recorded = self.audit(*self.words, "--record", transcript, report=True)
            self.assertEqual((recorded.status("lab.two", HOST)[0], peer.accepted), ("pass", 2), recorded)  # with the sweep's
        replayed = self.audit(*self.words, "--replay", transcript, report=True)
        self.assertEqual(replayed.status("lab.two", HOST), recorded.status("lab.two", HOST), replayed)
