"""A rule's own conversations with real servers: TLS in mid-stream, a half-closed stream, both ends' addresses, both families."""

import contextlib
import tempfile

import certificates
import servers
import tls_servers
from processes import NotThere
from program import LabTest, rule, targets

ADDRESS = "127.0.0.31"


class ConversationTest(LabTest):
    def told(self, address, body, port):
        done = self.run_inventory(targets(address), rules={"lab.lua": rule(body, declares=f"ports = {{ {port} }}")})
        check = done.check("lab.rule", address)
        self.assertEqual(check["status"], "informational", f"{check}\n{done}")
        return check["message"]

    def test_a_conversation_goes_on_within_tls_after_starttls(self):
        body = """
    local smtp <close> = target:connect(25)
    local function say(words)
      if words then smtp:write(words .. "\\r\\n") end
      local lines, line = {}, nil
      repeat line = smtp:read_line() lines[#lines + 1] = line until line:sub(4, 4) ~= "-"
      return table.concat(lines, " ")
    end
    local hello, before, go = say(), say("EHLO lab"), say("STARTTLS")
    local tls = smtp:starttls({ server_name = "web.lab.test", trust = "none" })
    local after, bye = say("EHLO lab"), say("QUIT")
    return info(table.concat({ hello:sub(1, 4), tostring(before:find("STARTTLS") ~= nil), go:sub(1, 4), tls.version, #tls.chain,
      tostring(after:find("250") == 1), tostring(after:find("STARTTLS") ~= nil), bye:sub(1, 4) }, "|"), smtp)"""
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as started:
            pair = certificates.Authority(folder).issue("mail", kind="rsa")
            for path in (pair.certificate, pair.key):
                path.chmod(0o644)
            try:
                started.enter_context(tls_servers.postfix(ADDRESS, pair))
            except NotThere as why:
                self.skipTest(str(why))
            # Within TLS Postfix offers STARTTLS no more.
            self.assertEqual(self.told(ADDRESS, body, 25), "220 |true|220 |TLSv1.3|1|true|false|221 ")

    def test_each_way_of_reading_takes_what_it_says_and_leaves_the_rest(self):
        body = """
    local redis <close> = target:connect(6379)
    redis:write("PING\\r\\n"):write("ECHO 0123456789\\r\\n")
    local said = { redis:read_line(), redis:read(3), redis:read_line(), redis:read(4), redis:read_until("7", 100), redis:read(4) }
    redis:write("ECHO abc\\r\\n")
    local there = ""
    while #there < 9 do there = there .. redis:read() end
    said[#said + 1] = there
    redis:write("ECHO abcdefgh\\r\\n")
    local _, truncated = try(redis.read_until, redis, "h", 6)
    redis:write("QUIT\\r\\n")
    local _, eof = try(redis.read, redis, 1000)
    said[#said + 1], said[#said + 2] = truncated, eof
    return info(table.concat(said, "|"), redis)"""
        with servers.redis(ADDRESS):
            self.assertEqual(self.told(ADDRESS, body, 6379),
                             r"+PONG|$10||0123|4567|89\r\n|$3\r\nabc\r\n|truncated|eof")

    def test_a_stream_that_a_rule_closed_is_closed_for_the_server_and_for_the_rule(self):
        body = """
    local first = target:connect(6379)
    first:write("CLIENT SETNAME first\\r\\n"):read_line()
    local second <close> = target:connect(6379)
    local function listed()
      second:write("CLIENT LIST\\r\\n")
      local size = tonumber(second:read_line():sub(2))
      return second:read(size + 2):find("name=first", 1, true) ~= nil
    end
    local before = listed()
    first:close()
    while listed() do end
    local ok, message = pcall(first.write, first, "PING\\r\\n")
    return info(table.concat({ tostring(before), tostring(ok), tostring(message) }, "|"), second)"""
        with servers.redis(ADDRESS):
            self.assertRegex(self.told(ADDRESS, body, 6379), r"^true\|false\|.*closed")

    def test_a_half_closed_stream_still_hears_the_answer(self):
        body = """
    local web <close> = target:connect(80)
    web:write("GET / HTTP/1.0\\r\\n\\r\\n")
    web:shutdown()
    local status = web:read_line()
    local rest = web:read_until("lab\\n", 10000)
    local _, kind = try(web.read, web, 1)
    return info(status .. "|" .. rest:sub(-4):gsub("\\n", "") .. "|" .. kind, web)"""
        with servers.nginx(ADDRESS):
            self.assertEqual(self.told(ADDRESS, body, 80), "HTTP/1.1 200 OK|lab|eof")

    def test_both_ends_are_those_that_the_server_saw(self):
        body = """
    local web <close> = target:connect(80)
    web:write("GET /who HTTP/1.0\\r\\n\\r\\n")
    local seen = web:read_until("<end>", 10000):match("<(.-)>")
    return info(tostring(seen == web["local"] .. " " .. web.remote) .. " " .. tostring(web.connect_time > 0 and web.connect_time < 5), web)"""
        for address, local, remote in ((ADDRESS, "$remote_addr:$remote_port", "$server_addr:$server_port"),
                                       ("::1", "[$remote_addr]:$remote_port", "[$server_addr]:$server_port")):
            who = f'location = /who {{ return 200 "<{local} {remote}><end>"; }}'
            with self.subTest(address), servers.nginx(address, location=who):
                self.assertEqual(self.told(address, body, 80), "true true")

    def test_both_families_of_a_name_are_endpoints_of_their_own(self):
        zone = "@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\ndual A 127.0.0.31\ndual AAAA ::1\n"
        lua = rule("""
    local web = target:http(endpoint)
    return info(web.body:gsub("%s", ""), web)""", declares='ports = { 80 }, scope = "endpoint"').replace(
            "check = function(target)", "check = function(target, endpoint)")
        text = targets("dual.lab.test", ADDRESS, "::1", head='resolvers = ["127.0.0.1:5353"]\n[scope]\ninclude = ["127.0.0.0/24", "::1"]')
        with servers.named(zones={"lab.test": zone}), servers.nginx(ADDRESS, body="four\n"), servers.nginx("::1", body="six\n"):
            done = self.run_inventory(text, rules={"lab.lua": lua})
        results = done.check("lab.rule", "dual.lab.test")["results"]
        self.assertEqual(sorted((result["endpoint"], result["message"]) for result in results),
                         [("tcp/127.0.0.31:80", "four"), ("tcp/[::1]:80", "six")], done)
