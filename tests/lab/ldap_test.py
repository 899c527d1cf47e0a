"""scripts/ldap.lua on OpenLDAP, where it has to see what ldapsearch sees, and on peers that are no directory."""

import re
import subprocess

import certificates
import peers
import tls_servers
from libraries import LibraryTest, lua
from processes import find_program, scratch

ADDRESS = "127.0.0.57"
BASE = 'modulepath /usr/lib/ldap\nmoduleload back_null\ndatabase null\nsuffix "cn=lab"'
LISTS = {"naming_contexts": "namingContexts", "sasl_mechanisms": "supportedSASLMechanisms", "controls": "supportedControl",
         "extensions": "supportedExtension", "features": "supportedFeatures", "versions": "supportedLDAPVersion"}


def ldapsearch(*words):
    """The root DSE as ldapsearch prints it: lists by the names of attributes in lower case."""
    done = subprocess.run([find_program("ldapsearch"), "-x", "-LLL", "-o", "ldif-wrap=no", *words, "-s", "base", "-b", "", "*", "+"],
                          check=True, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL,
                          env={"LDAPTLS_REQCERT": "never"}).stdout
    seen = {}
    for name, value in re.findall(r"^(\w+): ?(.*)$", done, re.MULTILINE):
        seen.setdefault(name.lower(), []).append(value)
    return seen


class LdapTest(LibraryTest):
    library = "ldap"
    PREFACE = LibraryTest.PREFACE + """
    local function text(of)
      local parts = { of.bind.code, tostring(of.anonymous), of.search and of.search.code or "nil", tostring(of.starttls),
        tostring(of.active_directory), of.cut }
      for _, name in ipairs { "naming_contexts", "sasl_mechanisms", "controls", "extensions", "features", "versions" } do
        parts[#parts + 1] = table.concat(of[name] or {}, ",")
      end
      local others = {}
      for name, values in pairs(of.attributes or {}) do
        if name ~= "entrydn" then others[#others + 1] = name .. "=" .. table.concat(values, ",") end
      end
      table.sort(others)
      parts[#parts + 1] = table.concat(others, ";")
      return table.concat(parts, "|")
    end
"""

    def expected(self, seen, starttls, bind="success|true|success"):
        others = sorted(f"{name}={','.join(values)}" for name, values in seen.items()
                        if name not in {attribute.lower() for attribute in LISTS.values()} | {"entrydn", "dn"})
        lists = [",".join(seen.get(attribute.lower(), [])) for attribute in LISTS.values()]
        return "|".join([bind, str(starttls).lower(), "false", "0", *lists, ";".join(others)])

    def test_openldap_is_read_as_ldapsearch_reads_it_in_clear_and_within_tls(self):
        with scratch() as directory:
            pair = certificates.Authority(directory).issue("ldap.lab.test")
            with tls_servers.slapd(ADDRESS, pair, settings=BASE):
                clear, secure = ldapsearch("-H", f"ldap://{ADDRESS}"), ldapsearch("-H", f"ldaps://{ADDRESS}")
                self.holds(f"""
    local a, session = ldap.root_dse(target, 389, {{ timeout = 50, starttls = {{ trust = "none" }} }})
    local b = ldap.root_dse(target, 636, {{ timeout = 50, tls = {{ trust = "none" }} }})
    same(text(a), {lua(self.expected(clear, True))}, "in clear")
    same(a.starttls_result.code, "success", "StartTLS")
    same(session.chain[1].fingerprint_sha256, "{pair.fingerprint()}", "certificate")
    same(text(a.secure), {lua(self.expected(secure, True))}, "within TLS")
    same(b.tls.version, "TLSv1.3", "TLS")
    same(text(b), {lua(self.expected(secure, True))}, "TLS at once")""", 6, ADDRESS)
        self.assertEqual(clear["namingcontexts"], ["cn=lab"])
        self.assertNotEqual(clear["supportedsaslmechanisms"], secure["supportedsaslmechanisms"])

    def test_a_server_that_refuses_the_anonymous_is_told_and_so_is_one_without_tls(self):
        ask = '    local a = ldap.root_dse(target, 389, { timeout = 50, starttls = true })\n    return info(text(a) .. " " .. a.bind.message, a)'
        with tls_servers.slapd(ADDRESS, None, settings="disallow bind_anon\n" + BASE):
            told = self.told(ask, ADDRESS)
        self.assertRegex(told, r"^inappropriateAuthentication\|false\|success\|false\|.*\|cn=lab\|.* anonymous bind disallowed$")
        with tls_servers.slapd(ADDRESS, None, settings="require bind authc\n" + BASE):
            told = self.told(ask, ADDRESS)
        self.assertRegex(told, r"^success\|true\|unwillingToPerform\|nil\|nil\|0\|\|")

    def test_other_peers_are_errors_of_their_kind(self):
        for peer, kind in ((peers.endless, "protocol_error"), (peers.flood, "protocol_error"), (peers.hostile, "protocol_error"),
                           (peers.silent, "timeout"), (None, "refused")):
            ask = f"    ldap.root_dse(target, 389, {{ timeout = {0.3 if kind == 'timeout' else 50} }})"
            with self.subTest(kind):
                if peer is None:
                    check = self.ended(ask, ADDRESS)
                else:
                    with peer(ADDRESS, 389):
                        check = self.ended(ask, ADDRESS)
                self.assertEqual((check["status"], check["reason"]), ("error", kind), check)
