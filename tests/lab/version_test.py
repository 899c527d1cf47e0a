"""scripts/version.lua: its order is dpkg's and that of semver.org, and it finds what banners say."""

import itertools
import random
import subprocess

from libraries import LibraryTest, lua
from processes import find_program

# semver.org 2.0.0, item 11, each older than the next; and the grammar's own examples.
SEMVER_ORDER = ["0.0.4", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
                "1.0.0-rc.1", "1.0.0", "1.2.3-0", "1.2.3-99999999999999999998", "1.2.3-99999999999999999999", "1.2.3----RC",
                "1.2.3", "2.0.0", "2.1.0", "2.1.1", "10.0.0", "99999999999999999999.0.0"]
NO_SEMVER = ["", "1", "1.2", "1.2.3.4", "01.2.3", "1.02.3", "1.2.03", "1.2.3-", "1.2.3-a..b", "1.2.3-01", "1.2.3+", "1.2.3+a+b",
             "1.2.3-a_b", "v1.2.3", "1.2.3 ", "1.2.3p1", "-1.2.3", "1.2.3-\x00", "1.2.3\n"]
BANNERS = [
    ("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3", "OpenSSH", "9.2p1"), ("SSH-2.0-dropbear_2022.83", "dropbear", "2022.83"),
    ("Apache/2.4.57 (Debian) OpenSSL/3.0.11", "openssl", "3.0.11"), ("Apache/2.4.57 (Debian)", None, "2.4.57"),
    ("220 mail.example.net ESMTP Exim 4.96 Tue", "Exim", "4.96"), ("220 ProFTPD 1.3.8b Server", "proftpd", "1.3.8b"),
    ("(vsFTPd 3.0.3).", None, "3.0.3"), ("220 x ESMTP Postfix", "Postfix", None), ("nginx", "nginx", None), ("", None, None),
    ("", "x", None), ("xnginx/1.0 nginx/2.0", "nginx", "2.0"), ("tool v1.2.3, ready", "tool", "1.2.3"), ("It is v1.2.", None, "1.2"),
    ("5.5.5-10.11.6-MariaDB-0+deb12u1", None, "5.5.5"), ("app/1.0.0-rc.1.", "app", "1.0.0-rc.1"), ("app/4.97~RC1", "app", "4.97~RC1"),
    ("app/1.0-Debian", "app", "1.0"), ("in 1999 there were 12 of 3", None, None), ("app (2.1)", "app", None),
    ("1" * 30000 + " a 1.5", None, "1.5"), ("nginx" * 5000 + "/7", "nginx", None), ("\xff\x00OpenSSH_7", "openssh", "7"),
]


class VersionTest(LibraryTest):
    library = "version"

    def test_the_order_is_that_of_dpkg(self):
        dice = random.Random(4)
        letters = "0012399.+~abzA-:"
        versions = ["1.0", "1.0-0", "1.0~rc1", "1.0-1", "0:1.0", "1:0.1", "1.00", "1.0a", "1.0+", "1.0.1", "10.0", "9.0", "1.0~~", "1.0~",
                    "99999999999999999999999", "100000000000000000000000"]
        versions += [dice.choice(("", "", "1:", "02:")) + dice.choice("0129") +
                     "".join(dice.choice(letters[:-2]) for _ in range(dice.randrange(6))) +
                     dice.choice(("", "-1", "-0", "-1~a", "-2-1+b")) for _ in range(30)]
        pairs = list(itertools.product(versions[:16], versions[:16]))
        pairs += [dice.sample(versions, 2) for _ in range(250)]
        dpkg = find_program("dpkg")

        def says(a, word, b):
            return subprocess.run([dpkg, "--compare-versions", a, word, b], check=False, stderr=subprocess.DEVNULL).returncode == 0
        cases = [(a, b, -1 if says(a, "lt", b) else 0 if says(a, "eq", b) else 1) for a, b in pairs]
        self.assertEqual({order for _, _, order in cases}, {-1, 0, 1})
        self.holds(f"""
    for _, case in ipairs({lua(cases)}) do
      local a, b, order = case[1], case[2], case[3]
      same(version.compare(a, b), order, a .. " " .. b)
      same(version.at_least(a, b), order >= 0, a .. " >= " .. b)
    end""", len(cases))

    def test_the_order_of_semver_is_that_of_its_specification(self):
        self.holds(f"""
    local list = {lua(SEMVER_ORDER)}
    for i, a in ipairs(list) do
      for j, b in ipairs(list) do
        same(version.compare(a, b, "semver"), i < j and -1 or i > j and 1 or 0, a .. " " .. b)
        same(version.compare(a .. "+x.01", b, "semver"), i < j and -1 or i > j and 1 or 0, a .. "+x.01 " .. b)
      end
    end
    for _, text in ipairs({lua(NO_SEMVER)}) do
      same(version.semver(text), nil, text)
      refuses("is no semantic version", version.compare, text, "1.0.0", "semver")
      refuses("is no semantic version", version.compare, "1.0.0", text, "semver")
    end""", len(SEMVER_ORDER))

    def test_any_bytes_have_a_place_in_debians_order(self):
        self.holds("""
    local texts = { "", "-", ":", "~", "-1", ":1", "1:", ("~"):rep(20000), ("1."):rep(10000), ("-"):rep(20000), ("0"):rep(20000) }
    for byte = 0, 255 do texts[#texts + 1] = string.char(byte) end
    for i, a in ipairs(texts) do
      same(version.compare(a, a), 0, i)
      local b = texts[i % #texts + 1]
      same(version.compare(a, b), -version.compare(b, a), i)
    end""", 267)

    def test_a_banner_says_its_version(self):
        self.holds("".join(f"""
    same(version.find({lua(text)}, {lua(product)}), {lua(expected)}, {lua(text[:60])})""" for text, product, expected in BANNERS),
                   len(BANNERS))

    def test_a_mistake_of_the_rule_names_function_and_argument(self):
        for call, words in (("compare('1', 2)", "version.compare: argument 2 is to be a string"),
                            ("at_least(nil, '1')", "version.at_least: argument 1"), ("compare('1', '2', 'x')", "the order is"),
                            ("find('x', '')", "version.find: argument 2 is empty")):
            with self.subTest(call):
                check = self.ended(f"    version.{call}")
                self.assertEqual((check["status"], check["reason"]), ("error", "rule_error"))
                self.assertIn(words, check["message"])
