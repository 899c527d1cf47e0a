"""scripts/ip.lua reads, writes and orders what Python's ipaddress does, and refuses what it refuses."""

import ipaddress
import random

from libraries import LibraryTest, lua

SEED = 6


def some_address(dice):
    if dice.random() < 0.4:
        return ipaddress.IPv4Address(dice.getrandbits(32))
    groups = [dice.choice((0, 0, 0, 1, 0xffff, dice.getrandbits(16))) for _ in range(8)]
    if dice.random() < 0.2:
        groups[:6] = [0, 0, 0, 0, 0, 0xffff]
    return ipaddress.IPv6Address(b"".join(group.to_bytes(2, "big") for group in groups))


def written(address):
    """RFC 5952 with section 5: Python before 3.13 writes mapped addresses in hexadecimal."""
    mapped = getattr(address, "ipv4_mapped", None)
    return f"::ffff:{mapped}" if mapped else str(address)


def other_ways(address):
    yield str(address)
    if address.version == 6:
        yield address.exploded
        yield address.exploded.upper()
        whole = address.packed
        yield ":".join(f"{int.from_bytes(whole[i:i + 2], 'big'):x}" for i in range(0, 12, 2)) + f":{ipaddress.IPv4Address(whole[12:])}"


def version_of(text):
    """4, 6, or False where Python takes it for no address."""
    try:
        return ipaddress.ip_address(text).version
    except ValueError:
        return False


class IpTest(LibraryTest):
    library = "ip"

    def test_addresses_are_read_and_written_as_python_does(self):
        dice = random.Random(SEED)
        cases = [(text, address.version, address.packed, written(address))
                 for address in (some_address(dice) for _ in range(300)) for text in other_ways(address)]
        self.holds(f"""
    for _, case in ipairs({lua(cases)}) do
      local a = ip.parse(case[1])
      same(a.version, case[2], case[1])
      same(a.bytes, case[3], case[1])
      same(a.text, case[4], case[1])
      same(ip.format(case[3]), case[4], case[1])
      same(ip.version(case[1]), case[2], case[1])
      same(ip.compare(case[1], case[4]), 0, case[1])
    end""", len(cases))

    def test_what_python_refuses_is_refused(self):
        dice = random.Random(SEED)
        texts = ["", ":", "::", ":::", "1::", "::1", "1::2::3", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7", "1::2:3:4:5:6:7:8",
                 "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:", "1:2:3:4:5:6:1.2.3.4", "::1.2.3.4", "1.2.3.4::",
                 "1::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1.2.3.256", "::ffff:01.2.3.4", "12345::", "g::", "1.2.3", "1.2.3.4.5",
                 "1.2.3.256", "01.2.3.4", "1.2.3.04", "0.0.0.0", "1.2.3.4 ", " 1.2.3.4", "1.2.3.+4", "1..2.3", "0x1.2.3.4", "1.2.3.4\n",
                 "1.2.3.4\0", "::1%", "1.2.3.4%x", "::1%a%b", "[::1]", "::1/64", "-1.2.3.4", "1e1.2.3.4", "::%eth0"]
        for _ in range(1500):
            text = list(str(some_address(dice)))
            for _ in range(dice.randrange(1, 3)):
                place = dice.randrange(len(text))
                text[place:place + dice.randrange(2)] = dice.choice((":", "::", ".", "0", "f", "9", "g", ""))
            texts.append("".join(text))
        cases = [(text, version_of(text)) for text in texts]
        self.assertGreater(sum(version is False for _, version in cases), 200)
        self.assertGreater(sum(version is not False for _, version in cases), 200)
        self.holds(f"""
    for _, case in ipairs({lua(cases)}) do
      same(ip.version(case[1]) or false, case[2], case[1])
      if not case[2] then
        refuses("ip: no address", ip.parse, case[1])
        refuses("ip: no network", ip.network, case[1]:gsub("/", "") .. "/0x")
      end
    end
    refuses("ip: no address", ip.parse, ("1:"):rep(50000))
    refuses("ip: no address", ip.parse, ("1"):rep(50000))
    refuses("ip: no address", ip.parse, "::1%" .. ("x"):rep(65))""", len(cases))

    def test_the_order_is_by_version_number_and_zone(self):
        dice = random.Random(SEED)
        addresses = sorted({some_address(dice) for _ in range(60)}, key=lambda a: (a.version, int(a)))
        texts = [*map(written, addresses), f"{addresses[-1]}%eth0", f"{addresses[-1]}%eth1"]
        self.holds(f"""
    local list, mixed = {lua(texts)}, {{}}
    for i, a in ipairs(list) do
      for j, b in ipairs(list) do same(ip.compare(a, b), i < j and -1 or i > j and 1 or 0, a .. " " .. b) end
    end
    for i = #list, 1, -1 do mixed[#mixed + 1] = list[i] end
    table.sort(mixed, function(a, b) return ip.compare(a, b) < 0 end)
    same(table.concat(mixed, " "), table.concat(list, " "), "sorted")""", len(texts))

    def test_networks_contain_what_python_says(self):
        dice = random.Random(SEED)
        cases = []
        for _ in range(600):
            address = some_address(dice)
            network = ipaddress.ip_network((address, dice.randrange(address.max_prefixlen + 1)), strict=False)
            near = int(dice.choice((network[0], network[-1]))) + dice.choice((-1, 0, 1))
            kind = type(address)
            other = dice.choice((some_address(dice), kind(near % (1 << address.max_prefixlen))))
            cases.append((f"{address}/{network.prefixlen}", str(other), other in network, network[0].packed, network[-1].packed,
                          f"{written(network[0])}/{network.prefixlen}"))
        self.assertGreater(sum(case[2] for case in cases), 100)
        self.assertGreater(sum(not case[2] for case in cases), 100)
        self.holds(f"""
    for _, case in ipairs({lua(cases)}) do
      local n = ip.network(case[1])
      same(ip.contains(case[1], case[2]), case[3], case[1] .. " " .. case[2])
      same(ip.contains(n, case[2]), case[3], case[1] .. " " .. case[2])
      same(n.first, case[4], case[1])
      same(n.last, case[5], case[1])
      same(n.text, case[6], case[1])
    end
    same(ip.contains("10.0.0.1", "10.0.0.1"), true, "an address alone")
    same(ip.contains("10.0.0.1", "10.0.0.2"), false, "an address alone")
    same(ip.contains("fe80::/10", "fe80::1%eth0"), true, "a zone")
    for _, text in ipairs {{ "", "/", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/8/8", "/8", "fe80::%x/10",
        "10.0.0.0/ 8", "10.0.0.0/99999999999999999999", "10/8" }} do
      refuses("ip: no ", ip.network, text)
      refuses("ip: no ", ip.contains, text, "10.0.0.1")
    end
    refuses("ip: no address", ip.contains, "::/0", "x")""", len(cases))

    def test_a_mapped_address_is_ipv6_until_it_is_unmapped(self):
        self.holds("""
    same(ip.contains("10.0.0.0/8", "::ffff:10.0.0.1"), false, "mapped")
    same(ip.contains("10.0.0.0/8", ip.unmapped("::FFFF:0a00:0001")), true, "unmapped")
    same(ip.unmapped("2001:DB8::1"), "2001:db8::1", "another")
    same(ip.unmapped("::fffe:10.0.0.1"), "::fffe:a00:1", "another")
    same(ip.unmapped("10.0.0.1"), "10.0.0.1", "of IPv4")""", 5)
