"""The places of `per_target` and `per_prefix`: no check waits for one that an idle connection holds, its own or another's,
and checks that hold a stream and want another do not wait for one another."""

import contextlib

import peers
from program import LabTest, rule, targets

ADDRESS = "127.0.0.31"
TWO = ('    local page = target:http(7080, { path = "/%d" })\n'
       '    return pass("both", { page, target:banner(7000) })')
BOTH = "ports = { 7080, 7000 }"
# As FTP does: a stream for the conversation, and another one, or a question, while it is open.
HOLDS = ('    local talk = target:connect(7000)\n'
         '    talk:read_line()\n'
         '    local data = target:%s(%s)\n'
         '    return pass("both")')


def web(connection, _peer):
    """Answers every request and keeps the connection open."""
    while connection.recv(9999):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


class PlacesTest(LabTest):
    def run_rules(self, rules, addresses=(ADDRESS,), **limits):
        """Ends well before the deadline of a check would."""
        head = "[limits]\n" + "".join(f"{key} = {value}\n" for key, value in limits.items()) if limits else ""
        with contextlib.ExitStack() as stack:
            for address in addresses:
                stack.enter_context(peers.serving(address, 7080, web))
                stack.enter_context(peers.saying(address, 7000, b"hello\r\n"))
            return self.run_inventory(targets(*addresses, head=head), "--max-runtime", "50s",
                                      rules={f"{name}.lua": rule(lua, f"lab.{name}", BOTH) for name, lua in rules.items()})

    def judged(self, rules, addresses=(ADDRESS,), **limits):
        done = self.run_rules(rules, addresses, **limits)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.summary["pass"], len(rules) * len(addresses), done)

    def test_branches_of_parallel_give_up_what_they_kept_as_they_end(self):
        self.judged({"many": '    local ask = {}\n'
                             '    for i = 1, 12 do ask[i] = function() return target:http(7080, { path = "/" .. i }) end end\n'
                             '    return pass("all", parallel(ask))'})

    def test_a_check_gives_up_what_it_kept_before_its_branches_begin(self):
        lua = ('    local page = target:http(7080)\n'
               '    return pass("both", { page, table.unpack(parallel { function() return target:banner(7000) end }) })')
        self.judged({"one": lua}, per_target=1)
        self.judged({"one": lua}, per_prefix=1)

    def test_a_check_gives_up_what_it_kept_before_it_waits_for_the_answer_of_another(self):
        """As many checks as there are places each keep a connection, and all want what one more is asking."""
        self.judged({**{f"a{i}": TWO % i for i in range(8)}, "z": '    return pass("one", target:banner(7000))'})

    def test_so_it_does_where_there_is_one_place(self):
        self.judged({"a": TWO % 0, "z": '    return pass("one", target:banner(7000))'}, per_target=1)

    def test_checks_that_hold_a_stream_get_another(self):
        rules = {f"a{i}": HOLDS % ("connect", "7000") for i in range(12)}
        rules |= {f"b{i}": HOLDS % ("http", f'7080, {{ path = "/{i}" }}') for i in range(12)}
        self.judged(rules)
        self.judged(rules, per_target=2)

    def test_so_do_those_that_kept_a_connection_before(self):
        kept = '    target:http(7080, { path = "/%d" })\n' + HOLDS % ("connect", "7000")
        self.judged({f"a{i}": kept % i for i in range(8)} | {f"b{i}": HOLDS % ("connect", "7000") for i in range(8)}, per_target=2)

    def test_those_that_hold_a_stream_wait_for_nobody_elses_answer(self):
        self.judged({f"a{i}": HOLDS % ("banner", "7000") for i in range(12)} | {"z": '    return pass("one", target:banner(7000))'},
                    per_target=2)

    def test_so_do_checks_of_many_targets_of_one_network(self):
        self.judged({"a": HOLDS % ("connect", "7000"), "b": HOLDS % ("http", "7080")},
                    [f"127.0.0.{number}" for number in range(31, 51)], per_prefix=3)

    def test_who_wants_more_than_there_is_hears_it_and_others_go_on(self):
        rules = {"a": HOLDS % ("connect", "7000"), "z": '    return pass("one", target:banner(7000))'}
        branches = '    local ask = {}\n    for i = 1, 12 do ask[i] = function() local s = target:connect(7000); %s end end\n' \
                   '    parallel(ask)\n    return pass("all")'
        for greedy, limits in ((HOLDS % ("connect", "7000"), {"per_target": 1}), (HOLDS % ("banner", "7000"), {"per_target": 1}),
                               (HOLDS % ("connect", "7000"), {"per_prefix": 1}), (HOLDS % ("banner", "7000"), {"per_prefix": 2}),
                               (branches % "return s:read_line()", {})):
            with self.subTest(limits):
                done = self.run_rules({"a": greedy, "z": rules["z"]}, **limits)
                self.assertEqual((done.code, done.summary["pass"], done.summary["error"]), (2, 1, 1), done)
                finding = done.check("lab.a", ADDRESS)
                self.assertEqual(finding["reason"], "over_budget")
                self.assertRegex(finding["message"], r"\(\[limits\] per_(target|prefix).*\) is an open stream of ")
        self.judged({"a": branches % "s:close()", "z": rules["z"]})

    def test_a_branch_that_fails_closes_what_it_was_to_close_before_the_others_go_on(self):
        self.judged({"a": '    local _, kind, why = try(parallel, {\n'
                          '      function() local a <close> = target:connect(7000) raise("protocol_error", "its own") end,\n'
                          '      function() local a <close> = target:connect(7000) local b <close> = target:connect(7000) end,\n'
                          '    })\n'
                          '    if kind ~= "protocol_error" then return fail(tostring(kind) .. ": " .. tostring(why)) end\n'
                          '    return pass("its own error")'}, per_target=2)
