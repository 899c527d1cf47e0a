"""The places of `per_target`: no check waits for one that an idle connection holds, its own or another's."""

import peers
from program import LabTest, rule, targets

ADDRESS = "127.0.0.31"
TWO = ('    local page = target:http(7080, { path = "/%d" })\n'
       '    return pass("both", { page, target:banner(7000) })')
BOTH = "ports = { 7080, 7000 }"


def web(connection, _peer):
    """Answers every request and keeps the connection open."""
    while connection.recv(9999):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


class PlacesTest(LabTest):
    def judged(self, rules, **limits):
        """All checks pass, well before the deadline would have ended one."""
        head = "[limits]\n" + "".join(f"{key} = {value}\n" for key, value in limits.items()) if limits else ""
        with peers.serving(ADDRESS, 7080, web), peers.saying(ADDRESS, 7000, b"hello\r\n"):
            done = self.run_inventory(targets(ADDRESS, head=head), "--max-runtime", "50s",
                                      rules={f"{name}.lua": rule(lua, f"lab.{name}", BOTH) for name, lua in rules.items()})
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.summary["pass"], len(rules), done)

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
