"""scripts/asn1.lua on what openssl writes, what openssl reads of what it writes, and what is neither."""

import calendar
import pathlib
import random
import re
import subprocess
import time

from libraries import LibraryTest, lua
from processes import find_program, scratch

SEED = 17
# RFC 5280, as a rule would declare it.
CERTIFICATE = """
    local a = asn1
    local algorithm = a.sequence { { "algorithm", a.oid }, { "parameters", a.any, optional = true } }
    local directory_string = a.choice { { "utf8", a.utf8_string }, { "printable", a.printable_string }, { "ia5", a.ia5_string } }
    local function name_with(value)
      return a.choice { { "rdnSequence", a.sequence_of(a.set_of(a.sequence { { "type", a.oid }, { "value", value } })) } }
    end
    local name = name_with(directory_string)
    local extension = a.sequence { { "extnID", a.oid }, { "critical", a.boolean, default = false }, { "extnValue", a.octet_string } }
    local key = a.sequence { { "algorithm", algorithm }, { "subjectPublicKey", a.bit_string } }
    local version = a.explicit(0, a.named_integer { [0] = "v1", "v2", "v3" })
    local certificate = a.sequence {
      { "tbsCertificate", a.sequence {
        { "version", version, default = "v1" },
        { "serialNumber", a.hex_integer },
        { "signature", algorithm },
        { "issuer", name },
        { "validity", a.sequence { { "notBefore", a.time }, { "notAfter", a.time } } },
        { "subject", name },
        { "subjectPublicKeyInfo", key },
        { "issuerUniqueID", a.implicit(1, a.bit_string), optional = true },
        { "subjectUniqueID", a.implicit(2, a.bit_string), optional = true },
        { "extensions", a.explicit(3, a.sequence_of(extension)), optional = true } } },
      { "signatureAlgorithm", algorithm },
      { "signatureValue", a.bit_string } }
    local general_name = a.choice { { "rfc822Name", a.implicit(1, a.ia5_string) }, { "dNSName", a.implicit(2, a.ia5_string) },
      { "directoryName", a.explicit(4, name) }, { "uniformResourceIdentifier", a.implicit(6, a.ia5_string) },
      { "iPAddress", a.implicit(7, a.octet_string) }, { "registeredID", a.implicit(8, a.oid) } }
    local key_usage = a.named_bits { "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
      "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly" }
    local constraints = a.sequence { { "cA", a.boolean, default = false }, { "pathLenConstraint", a.integer, optional = true } }
    local oids = require("oids")
    local function found(extensions, name)
      for _, one in ipairs(extensions) do
        if one.extnID == oids.oid(name) then return one.extnValue end
      end
    end
"""
# type, value, and how `openssl asn1parse -genconf` is told to write the same
WRITTEN = [
    ("a.boolean", "true", "BOOLEAN:TRUE"), ("a.boolean", "false", "BOOLEAN:FALSE"), ("a.integer", "0", "INTEGER:0"),
    ("a.integer", "-1", "INTEGER:-1"), ("a.integer", "128", "INTEGER:128"), ("a.integer", "-129", "INTEGER:-129"),
    ("a.integer", "math.maxinteger", "INTEGER:9223372036854775807"), ("a.integer", "math.mininteger", "INTEGER:-9223372036854775808"),
    ("a.hex_integer", "'00'", "INTEGER:0"), ("a.hex_integer", "'ff'", "INTEGER:255"), ("a.hex_integer", "'-01'", "INTEGER:-1"),
    ("a.hex_integer", "'-80'", "INTEGER:-128"), ("a.hex_integer", "'-81'", "INTEGER:-129"), ("a.hex_integer", "'-0100'", "INTEGER:-256"),
    ("a.hex_integer", "'7f00112233445566778899aabbccddeeff'", "INTEGER:0x7f00112233445566778899aabbccddeeff"),
    ("a.hex_integer", "'ff00112233445566778899aabbccddeeff'", "INTEGER:0xff00112233445566778899aabbccddeeff"),
    ("a.hex_integer", "'-ff00112233445566778899aabbccddeeff'", "INTEGER:-0xff00112233445566778899aabbccddeeff"),
    ("a.enumerated { [0] = 'zero', 'one' }", "'one'", "ENUMERATED:1"), ("a.enumerated()", "300", "ENUMERATED:300"),
    ("a.null", "true", "NULL"), ("a.oid", "'1.2.840.113549.1.1.11'", "OID:sha256WithRSAEncryption"), ("a.oid", "'2.999.1'", "OID:2.999.1"),
    ("a.octet_string", r"'a\0\xff'", "FORMAT:HEX,OCTETSTRING:6100ff"),
    ("a.bit_string", r"{ bytes = '\xa0', unused = 0 }", "FORMAT:HEX,BITSTRING:a0"),
    ("a.named_bits { 'a', 'b', 'c', [10] = 'k' }", "{ b = true, k = true }", "FORMAT:BITLIST,BITSTRING:1,9"),
    ("a.utf8_string", r"'Z\xc3\xbcrich \xe2\x82\xac'", "FORMAT:UTF8,UTF8String:Zürich €"),
    ("a.printable_string", "'Lab 1'", "PRINTABLESTRING:Lab 1"),
    ("a.ia5_string", "'a@b'", "IA5STRING:a@b"), ("a.numeric_string", "'12 3'", "NUMERICSTRING:12 3"),
    ("a.visible_string", "'*~'", "VISIBLESTRING:*~"),
    ("a.bmp_string", r"'\xe2\x82\xacx'", "FORMAT:UTF8,BMPSTRING:€x"),
    ("a.universal_string", r"'\xf0\x9f\x98\x80'", "FORMAT:UTF8,UNIVERSALSTRING:😀"),
    ("a.teletex_string", r"'\xc3\xbc'", "FORMAT:UTF8,T61STRING:ü"), ("a.text", "'Lab'", "PRINTABLESTRING:Lab"),
    ("a.text", "'a@b'", "UTF8String:a@b"),
    ("a.utc_time", "1795212245", "UTCTIME:261120220405Z"), ("a.generalized_time", "1795212245", "GENERALIZEDTIME:20261120220405Z"),
    ("a.time", "2524607999", "UTCTIME:491231235959Z"), ("a.time", "2524608000", "GENERALIZEDTIME:20500101000000Z"),
    ("a.implicit(3, a.integer)", "300", "IMPLICIT:3,INTEGER:300"),
    ("a.implicit(3, a.boolean, 'application')", "true", "IMPLICIT:3A,BOOLEAN:TRUE"),
    ("a.implicit(30, a.oid, 'private')", "'1.3.6'", "IMPLICIT:30P,OID:1.3.6"), ("a.explicit(2, a.null)", "true", "EXPLICIT:2,NULL"),
    ("a.explicit(31, a.implicit(1, a.ia5_string))", "'x'", "EXPLICIT:31,IMPLICIT:1,IA5STRING:x"),
    ("a.implicit(1, a.hex_integer)", "'-81'", "IMPLICIT:1,INTEGER:-129"), ("a.implicit(1, a.null)", "true", "IMPLICIT:1,NULL"),
    ("a.implicit(200, a.octet_string)", "('x'):rep(300)", "IMPLICIT:200,OCTETSTRING:" + "x" * 300),
    ("a.implicit(5, a.utc_time)", "0", "IMPLICIT:5,UTCTIME:700101000000Z"),
    ("a.sequence { { 'n', a.integer }, { 'f', a.boolean, default = false }, { 's', a.ia5_string, optional = true } }", "{ n = 5 }",
     "SEQUENCE:s1\n[s1]\nn=INTEGER:5"),
    ("a.sequence { { 'n', a.integer }, { 'f', a.boolean, default = false }, { 's', a.ia5_string, optional = true } }",
     "{ n = 5, f = true, s = 'x' }", "SEQUENCE:s1\n[s1]\nn=INTEGER:5\nf=BOOLEAN:TRUE\ns=IA5STRING:x"),
    ("a.sequence_of(a.integer)", "{ 3, 1, 2 }", "SEQUENCE:s1\n[s1]\na=INTEGER:3\nb=INTEGER:1\nc=INTEGER:2"),
    ("a.sequence {}", "{}", "SEQUENCE:s1\n[s1]"),
    ("a.set_of(a.integer)", "{ 3, 1, 2 }", "SET:s1\n[s1]\na=INTEGER:3\nb=INTEGER:1\nc=INTEGER:2"),
    ("a.set_of(a.ia5_string)", "{ 'b', 'aa', 'ab' }", "SET:s1\n[s1]\na=IA5STRING:aa\nb=IA5STRING:b\nc=IA5STRING:ab"),
    ("a.implicit(4, a.sequence { { 'x', a.implicit(0, a.integer) } })", "{ x = 9 }", "IMPLICIT:4,SEQUENCE:s1\n[s1]\na=IMPLICIT:0,INTEGER:9"),
    ("a.choice { { 'n', a.integer }, { 't', a.explicit(1, a.ia5_string) } }", "{ t = 'x' }", "EXPLICIT:1,IA5STRING:x"),
    ("a.any", "{ 1, 'x' }", "SEQUENCE:s1\n[s1]\na=INTEGER:1\nb=OCTETSTRING:x"),
]
DEEP = """
    local function deep(value)
      if type(value) ~= "table" then return math.type(value) == "integer" and "i" .. value or tostring(value) end
      local keys = {}
      for key in pairs(value) do keys[#keys + 1] = key end
      table.sort(keys, function(x, y) return tostring(x) < tostring(y) end)
      for i, key in ipairs(keys) do keys[i] = tostring(key) .. "=" .. deep(value[key]) end
      return "{" .. table.concat(keys, ",") .. "}"
    end
"""


SECTIONS = """
[s]
n=INTEGER:7
[m]
n=INTEGER:7
d=IA5STRING:y
z=OCTETSTRING:z
[t]
c=IMPLICIT:1,NULL
n=INTEGER:7
b=BOOLEAN:TRUE
"""


def openssl(*words, give=None):
    return subprocess.run([find_program("openssl"), *map(str, words)], check=True, capture_output=True, input=give, timeout=60).stdout


def generated(directory, text, sections=""):
    """DER of a description in the form of ASN1_generate_nconf(3)."""
    path = pathlib.Path(directory, "asn1.cnf")
    path.write_text(f"asn1={text}\n{sections}")
    openssl("asn1parse", "-genconf", path, "-noout", "-out", f"{directory}/asn1.der")
    return pathlib.Path(directory, "asn1.der").read_bytes()


class Asn1Test(LibraryTest):
    library = "asn1"

    def certificate(self, directory, *words, key="ec"):
        new = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256") if key == "ec" else (key,)
        openssl("req", "-x509", "-newkey", *new, "-nodes", "-keyout", f"{directory}/key.pem", "-outform", "DER", "-out",
                f"{directory}/c.der", "-utf8", *words)
        return pathlib.Path(directory, "c.der")

    def test_a_certificate_is_read_as_openssl_reads_it_and_written_to_the_same_bytes(self):
        with scratch() as directory:
            path = self.certificate(directory, "-days", "9000", "-subj", "/C=CH/O=Lab & Söhne/CN=web.lab.test/CN=*", "-addext",
                                    "subjectAltName=DNS:web.lab.test,IP:192.0.2.7,IP:2001:db8::1,email:a@lab.test,URI:http://x/,RID:1.2.3",
                                    "-addext", "keyUsage=critical,digitalSignature,keyCertSign,decipherOnly", "-addext",
                                    "basicConstraints=critical,CA:TRUE,pathlen:3")

            def said(word):
                return openssl("x509", "-inform", "DER", "-in", path, "-noout", word).decode().strip().split("=", 1)[1]
            times = [calendar.timegm(time.strptime(said(word), "%b %d %H:%M:%S %Y GMT")) for word in ("-startdate", "-enddate")]
            self.assertGreater(times[1], 2524608000, "GeneralizedTime is to be among them")
            serial = said("-serial").lower()
            whole = path.read_bytes()
        self.holds(f"""{CERTIFICATE}
    local whole = {lua(whole)}
    local c = a.decode(certificate, whole)
    same(bytes.hex(a.encode(certificate, c)), bytes.hex(whole), "again")
    local tbs = c.tbsCertificate
    same(tbs.version, "v3", "version")
    same(tbs.serialNumber, "{serial}", "serial")
    same(tbs.validity.notBefore .. " " .. tbs.validity.notAfter, "{times[0]} {times[1]}", "validity")
    local text = {{}}
    local subject = a.decode(name_with(a.text), a.encode(name, tbs.subject))
    for _, rdn in ipairs(subject.rdnSequence) do text[#text + 1] = oids.name(rdn[1].type) .. "=" .. rdn[1].value end
    same(table.concat(text, ","), "countryName=CH,organizationName=Lab & S\\u{{f6}}hne,commonName=web.lab.test,commonName=*", "subject")
    same(oids.name(c.signatureAlgorithm.algorithm), "ecdsa-with-SHA256", "algorithm")
    same(c.signatureAlgorithm.parameters, nil, "parameters")
    same(oids.name(tbs.subjectPublicKeyInfo.algorithm.parameters.value), "secp256r1", "curve")
    same(#tbs.subjectPublicKeyInfo.subjectPublicKey.bytes .. " " .. c.signatureValue.unused, "65 0", "bits")
    local names = a.decode(a.sequence_of(general_name), found(tbs.extensions, "subjectAltName"))
    same(names[1].dNSName .. " " .. bytes.hex(names[2].iPAddress) .. " " .. #names[3].iPAddress .. " " .. names[4].rfc822Name .. " " ..
      names[5].uniformResourceIdentifier .. " " .. names[6].registeredID, "web.lab.test c0000207 16 a@lab.test http://x/ 1.2.3", "names")
    same(bytes.hex(a.encode(a.sequence_of(general_name), names)), bytes.hex(found(tbs.extensions, "subjectAltName")), "names again")
    local usage = a.decode(key_usage, found(tbs.extensions, "keyUsage"))
    local set = {{}}
    for name in pairs(usage) do set[#set + 1] = name end
    table.sort(set)
    same(table.concat(set, " "), "decipherOnly digitalSignature keyCertSign", "usage")
    same(bytes.hex(a.encode(key_usage, usage)), bytes.hex(found(tbs.extensions, "keyUsage")), "usage again")
    local basic = a.decode(constraints, found(tbs.extensions, "basicConstraints"))
    same(tostring(basic.cA) .. basic.pathLenConstraint, "true3", "constraints")""", 1)

    def test_keys_requests_and_lists_that_openssl_writes_are_read(self):
        with scratch() as directory:
            path = self.certificate(directory, "-subj", "/CN=x", key="rsa:2048")
            rsa = openssl("rsa", "-in", f"{directory}/key.pem", "-traditional", "-outform", "DER")
            modulus = openssl("rsa", "-in", f"{directory}/key.pem", "-noout", "-modulus").decode().strip().split("=")[1].lower()
            request = openssl("req", "-new", "-key", f"{directory}/key.pem", "-subj", "/CN=y", "-outform", "DER")
            pathlib.Path(directory, "index").write_text("")
            pathlib.Path(directory, "ca.cnf").write_text(f"[ca]\ndefault_ca=d\n[d]\ndatabase={directory}/index\ndefault_md=sha256\n")
            pem = openssl("x509", "-inform", "DER", "-in", path)
            pathlib.Path(directory, "c.pem").write_bytes(pem)
            openssl("ca", "-config", f"{directory}/ca.cnf", "-gencrl", "-crldays", 7, "-cert", f"{directory}/c.pem", "-keyfile",
                    f"{directory}/key.pem", "-out", f"{directory}/crl.pem")
            crl = openssl("crl", "-in", f"{directory}/crl.pem", "-outform", "DER")
        self.holds(f"""{CERTIFICATE}
    local n = a.hex_integer
    local rsa = a.sequence {{ {{ "version", a.integer }}, {{ "n", n }}, {{ "e", a.integer }}, {{ "d", n }}, {{ "p", n }}, {{ "q", n }},
      {{ "dP", n }}, {{ "dQ", n }}, {{ "qInv", n }} }}
    local key = a.decode(rsa, {lua(rsa)})
    same(key.n .. key.e, "{modulus}65537", "modulus")
    same(a.encode(rsa, key), {lua(rsa)}, "key again")
    local request = a.sequence {{ {{ "info", a.sequence {{ {{ "version", a.integer }}, {{ "subject", name }}, {{ "key", a.any }},
      {{ "attributes", a.implicit(0, a.set_of(a.any)), optional = true }} }} }}, {{ "algorithm", algorithm }}, {{ "signature", a.bit_string }} }}
    local r = a.decode(request, {lua(request)})
    same(r.info.subject.rdnSequence[1][1].value.utf8, "y", "subject")
    same(oids.name(r.algorithm.algorithm), "sha256WithRSAEncryption", "algorithm")
    same(r.algorithm.parameters.type, "NULL", "parameters")
    same(a.encode(request, r), {lua(request)}, "request again")
    local list = a.sequence {{ {{ "tbs", a.sequence({{ {{ "version", a.integer, optional = true }}, {{ "signature", algorithm }}, {{ "issuer", name }},
      {{ "thisUpdate", a.time }}, {{ "nextUpdate", a.time, optional = true }} }}, "others") }}, {{ "algorithm", algorithm }},
      {{ "signature", a.bit_string }} }}
    local l = a.decode(list, {lua(crl)})
    same(l.tbs.nextUpdate - l.tbs.thisUpdate, 7 * 86400, "a week")
    same(a.encode(list, l), {lua(crl)}, "list again")""", 1)

    def test_every_type_is_written_as_openssl_writes_it_and_read_again(self):
        with scratch() as directory:
            cases = [(t, value, generated(directory, made)) for t, value, made in WRITTEN]
        lines = "".join(f"\n    check({t}, {value}, {lua(made)}, {lua(t + ' ' + value[:40])})" for t, value, made in cases)
        self.holds(f"""{DEEP}
    local a = asn1
    local function check(t, value, made, what)
      same(bytes.hex(a.encode(t, value)), bytes.hex(made), what)
      local read, again = a.decode(t, made), nil
      if t ~= a.any then
        same(a.encode(t, read), made, what .. " again")
        again = a.decode(t, a.encode(t, value))
        same(deep(read), deep(again), what .. " read")
      end
      same(deep(a.decode(t, made, {{ ber = true }})) == deep(read), true, what .. " as BER")
      refuses(" bytes behind the ", a.decode, t, made .. "x")
      local _, behind = a.decode(t, "xx" .. made .. "x", {{ position = 3, rest = true }})
      same(behind, #made + 3, what)
      for i = 0, #made - 1 do refuses("der.decode: ", a.decode, t, made:sub(1, i)) end
      for i = 1, math.min(#made, 60) do
        for byte = 0, 255, 3 do
          local changed = made:sub(1, i - 1) .. string.char(byte) .. made:sub(i + 1)
          local found, kind, message = try(a.decode, t, changed)
          if found == nil then same(kind, "protocol_error", message) elseif t ~= a.any then a.encode(t, found) end
        end
      end
    end{lines}""", len(cases))

    def test_values_are_what_they_are_to_be(self):
        with scratch() as directory:
            def made(text):
                return lua(generated(directory, text, SECTIONS))
            self.holds(f"""{DEEP}
    local a = asn1
    same(a.decode(a.integer, {made("INTEGER:-129")}), -129, "integer")
    same(a.decode(a.hex_integer, {made("INTEGER:-129")}), "-81", "hex")
    same(a.decode(a.hex_integer, {made("INTEGER:128")}), "80", "hex")
    same(a.decode(a.hex_integer, {made("INTEGER:-0xff00ff00ff00ff00ff00")}), "-ff00ff00ff00ff00ff00", "hex")
    same(a.decode(a.null, {made("NULL")}), true, "null")
    same(a.decode(a.enumerated {{ [0] = "a", "b" }}, {made("ENUMERATED:1")}), "b", "enumerated")
    same(a.decode(a.enumerated {{ [0] = "a", "b" }}, {made("ENUMERATED:2")}), 2, "enumerated")
    same(a.decode(a.named_integer {{ [-1] = "none" }}, {made("INTEGER:-1")}), "none", "named")
    same(deep(a.decode(a.bit_string, {made("FORMAT:BITLIST,BITSTRING:1")})), "{{bytes=@,unused=i6}}", "bits")
    same(deep(a.decode(a.named_bits {{ "a", "b" }}, {made("FORMAT:BITLIST,BITSTRING:1,12")})), "{{12=true,b=true}}", "flags")
    same(bytes.hex(a.encode(a.named_bits {{ "a", "b" }}, {{ a = false }})), "030100", "no flags")
    same(a.decode(a.text, {made("FORMAT:UTF8,BMPSTRING:€x")}), "\\u{{20ac}}x", "text")
    same(a.decode(a.text, {made("FORMAT:UTF8,T61STRING:ü")}), "\\u{{fc}}", "text")
    same(a.decode(a.time, {made("GENERALIZEDTIME:20500101000000Z")}), 2524608000, "time")
    same(deep(a.decode(a.choice {{ {{ "n", a.integer }}, {{ "b", a.boolean }} }}, {made("BOOLEAN:TRUE")})), "{{b=true}}", "choice")
    same(a.decode(a.any, {made("SEQUENCE:s")})[1].value, 7, "any")
    same(a.read(a.integer, der.decode({made("SEQUENCE:s")})[1]), 7, "read")
    local s = a.sequence({{ {{ "n", a.integer }}, {{ "d", a.ia5_string, default = "x" }}, {{ "o", a.null, optional = true }} }}, "more")
    local v = a.decode(s, {made("SEQUENCE:s")})
    same(v.n .. v.d .. tostring(v.o) .. #v.more, "7xnil0", "defaults")
    v = a.decode(s, {made("SEQUENCE:m")})
    same(v.n .. v.d .. tostring(v.o) .. #v.more .. v.more[1].type, "7ynil1OCTET STRING", "more")
    same(a.encode(s, v), {made("SEQUENCE:m")}, "more again")
    local set = a.set {{ {{ "n", a.integer }}, {{ "b", a.boolean, default = false }}, {{ "c", a.implicit(1, a.null), optional = true }} }}
    same(deep(a.decode(set, {made("SET:t")})), "{{b=true,c=true,n=i7}}", "set")
    same(deep(a.decode(set, der.encode {{ type = "SET", {{ class = "context", tag = 1, value = "" }}, 7 }})), "{{b=false,c=true,n=i7}}", "any order")
    same(bytes.hex(a.encode(set, {{ n = 7, c = true, b = true }})), "31080101ff0201078100", "DER's order")
    same(a.decode(a.implicit(0, a.integer), "\\x80\\x02\\x00\\x05", {{ ber = true }}), 5, "BER")
    same(a.decode(a.utc_time, "\\x17\\x0b7001010000Z", {{ ber = true }}), 0, "BER")""", 1)

    def test_what_is_not_of_the_type_is_refused_by_name_and_place(self):
        cases = [("a.integer", "0101ff", "asn1: no INTEGER but BOOLEAN, at byte 1"),
                 ("a.integer", "0209008000000000000000", "more than 64 bits"),
                 ("a.implicit(1, a.integer)", "81020005", "an INTEGER longer than need be"),
                 ("a.implicit(1, a.boolean)", "810101", "neither 00 nor ff"),
                 ("a.implicit(1, a.integer)", "020105", "no INTEGER but INTEGER"), ("a.implicit(1, a.oid)", "810180", "asn1: "),
                 ("a.implicit(1, a.integer)", "8100", "an INTEGER without a byte"),
                 ("a.implicit(1, a.null)", "810100", "a NULL with contents"),
                 ("a.implicit(1, a.bit_string)", "810108", "asn1: "), ("a.implicit(1, a.integer)", "a103020105", "but context 1"),
                 ("a.oid", "060c2bffffffffffffffffffff7f", "an arc of more than 64 bits"),
                 ("a.explicit(1, a.null)", "a100", "0 elements within"),
                 ("a.explicit(1, a.null)", "a10405000500", "2 elements within"),
                 ("a.explicit(1, a.null)", "a103020105", "no NULL but INTEGER, at byte 3"),
                 ("a.utf8_string", "0c02c328", "UTF8String is no UTF-8 from its byte 1"),
                 ("a.ia5_string", "160180", "no place for byte 0x80"),
                 ("a.printable_string", "13012a", "PrintableString has no place for byte 0x2a"),
                 ("a.numeric_string", "120141", "byte 0x41"),
                 ("a.visible_string", "1a010a", "byte 0x0a"), ("a.bmp_string", "1e0141", "cut off"),
                 ("a.bmp_string", "1e02d800", "no character"),
                 ("a.universal_string", "1c0400110000", "no character"), ("a.universal_string", "1c03001100", "cut off"),
                 ("a.utc_time", "170b373030313031303030305a", "no UTCTime of DER"), ("a.time", "1801ff", "no GeneralizedTime"),
                 ("a.time", "0500", "but NULL"),
                 ("a.text", "040161", "no string but OCTET STRING"),
                 ("a.sequence { { 'n', a.integer } }", "3000", "asn1: no n (INTEGER), at byte 1"),
                 ("a.sequence { { 'n', a.integer } }", "30030101ff", "n: no INTEGER but BOOLEAN, at byte 3"),
                 ("a.sequence { { 'n', a.integer } }", "3006020105020106", "INTEGER where nothing more is to be, at byte 6"),
                 ("a.sequence { { 'x', a.sequence_of(a.set { { 'n', a.integer } }) } }", "300930073103020105" + "3100", "asn1: x.[2]: no n"),
                 ("a.set { { 'n', a.integer } }", "3106020105020106", "INTEGER where nothing"),
                 ("a.set { { 'n', a.integer } }", "31020500", "no n (INTEGER)"),
                 ("a.set { { 'n', a.integer, optional = true } }", "31020500", "NULL where nothing"),
                 ("a.choice { { 'n', a.integer } }", "0500", "no CHOICE but NULL"),
                 ("a.named_bits {}", "03818200" + "ff" * 129, "more than 1024 flags"),
                 ("a.sequence { { 'c', a.choice { { 'n', a.implicit(0, a.oid) } } } }", "30048002ff80", "asn1: c.n: "),
                 ("a.any", "3080", "der.decode: ")]
        self.holds("    local a = asn1\n" + "".join(f"    refuses({lua(words)}, a.decode, {t}, bytes.unhex('{text}'))\n" for t, text, words in cases) +
                   """    refuses("at byte 4", a.decode, a.null, "xxx", { position = 4 })
    refuses("2 bytes behind the NULL, at byte 3", a.decode, a.null, "\\5\\0\\5\\0")
    local nested = ""
    for _ = 1, 70 do nested = "\\x30" .. (#nested < 128 and "" or "\\x81") .. string.char(#nested) .. nested end
    refuses("nested deeper than 64", a.decode, a.any, nested)""", len(cases))

    def test_what_cannot_be_written_is_a_mistake_of_the_rule_with_its_name(self):
        for call, words in (("a.encode(a.integer, 1.5)", "asn1.encode: is to be an integer"),
                            ("a.encode(a.boolean, 'x')", "is to be a boolean"),
                            ("a.encode(a.null, 5)", "is to be true"), ("a.encode(a.enumerated {}, 'x')", "no value x"),
                            ("a.encode(a.named_bits { 'a' }, { b = true })", "no flag b"),
                            ("a.encode(a.named_bits {}, { [5000] = true })", "no flag 5000"),
                            ("a.encode(a.hex_integer, 'xyz')", "hexadecimal"), ("a.encode(a.hex_integer, '')", "hexadecimal"),
                            ("a.encode(a.oid, '1.')", "object identifier"), ("a.encode(a.bit_string, 5)", "is to be a string, or a table"),
                            ("a.encode(a.bit_string, { bytes = 'x', unused = 9 })", "`unused`"),
                            ("a.encode(a.ia5_string, '\\u{fc}')", "byte 0xc3"),
                            ("a.encode(a.bmp_string, '\\u{1f600}')", "no place for U+1F600"),
                            ("a.encode(a.teletex_string, '\\u{20ac}')", "U+20AC"),
                            ("a.encode(a.text, '\\xff')", "is to be UTF-8"), ("a.encode(a.utc_time, 1e12)", "not within the years"),
                            ("a.encode(a.utc_time, 2524608000)", "1950 to 2049"), ("a.encode(a.time, 'x')", "is to be a number"),
                            ("a.encode(a.sequence { { 'n', a.integer } }, {})", "no n (INTEGER)"),
                            ("a.encode(a.sequence {}, { m = 1 })", "no field m"),
                            ("a.encode(a.sequence { { 'l', a.sequence_of(a.set { { 'n', a.integer } }) } }, { l = { { n = 1 }, { n = 'x' } } })",
                             "asn1.encode: l.[2].n: is to be an integer"), ("a.encode(a.sequence_of(a.null), 5)", "is to be a table"),
                            ("a.encode(a.choice { { 'n', a.null } }, {})", "the field of an alternative"),
                            ("a.encode(a.choice { { 'n', a.null }, { 'm', a.null } }, { n = true, m = true })", "is to have one field"),
                            ("a.encode(5, 5)", "asn1.encode: argument 1 is to be a type"),
                            ("a.decode(a.null, 5)", "asn1.decode: argument 2"),
                            ("a.read(a.null, 5)", "asn1.read: argument 2"),
                            ("a.sequence { { 'x' } }", "asn1.sequence: field 1 is to be { name, type }"),
                            ("a.set { { 'x', a.null }, { 'x', a.null } }", 'field "x" is there twice'),
                            ("a.sequence(5)", "a list of fields"),
                            ("a.sequence({ { 'x', a.null } }, 'x')", "a name that no field has"),
                            ("a.sequence_of(5)", "asn1.sequence_of: argument 1"),
                            ("a.implicit(-1, a.null)", "asn1.implicit: argument 1 is to be a tag"),
                            ("a.explicit(1 << 28, a.null)", "is to be a tag"),
                            ("a.implicit(1, a.any)", "has no tag to replace"), ("a.implicit(1, a.text)", "has no tag to replace"),
                            ("a.implicit(1, a.null, 'universal')", "argument 3"), ("a.explicit(1, 5)", "asn1.explicit: argument 2"),
                            ("a.named_bits(5)", "asn1.named_bits: argument 1"), ("a.enumerated(5)", "asn1.enumerated: argument 1")):
            with self.subTest(call):
                check = self.ended(f"    local a = asn1\n    {call}")
                self.assertEqual((check["status"], check["reason"]), ("error", "rule_error"), check)
                self.assertIn(words, check["message"])

    def test_a_certificate_that_somebody_damaged_is_read_or_refused_and_nothing_else(self):
        with scratch() as directory:
            whole = self.certificate(directory, "-subj", "/CN=x").read_bytes()
        dice = random.Random(SEED)
        places = [(dice.randrange(len(whole)) + 1, dice.randrange(256)) for _ in range(1500)]
        told = self.told(f"""{CERTIFICATE}
    local whole, read, refused = {lua(whole)}, 0, 0
    for _, place in ipairs({lua(places)}) do
      local changed = whole:sub(1, place[1] - 1) .. string.char(place[2]) .. whole:sub(place[1] + 1)
      local c, kind, message = try(a.decode, certificate, changed, {{ ber = place[2] % 2 == 0 }})
      if c then read = read + 1 else refused = refused + 1 end
      if not c then same(kind, "protocol_error", message) end
      if c and place[2] % 2 == 1 then
        local again = a.encode(certificate, c)
        if again ~= changed then same(bytes.hex(again), bytes.hex(changed), place[1]) end
      end
    end
    if #wrong > 0 then return verdict(0) end
    return info(read .. " " .. refused)""")
        read, refused = map(int, told.split(" "))
        self.assertEqual(read + refused, 1500)
        self.assertGreater(min(read, refused), 100)

    def test_the_names_of_object_identifiers_are_openssls(self):
        text = (pathlib.Path(__file__).resolve().parents[2] / "scripts/oids.lua").read_text()
        def plain(name):  # RFCs say id-kp-serverAuth, openssl serverAuth
            return re.sub("^id-((kp|ad|pe|pkix-ocsp)-)?", "", name).lower()
        known = {}
        for line in openssl("list", "-objects").decode().splitlines():
            found = re.fullmatch(r"(?:(.+?) = )?(?:(.+), )?([\d.]+)", line)
            if found:
                known.update({plain(name): found[3] for name in (found[1], found[2]) if name})
        names = sorted(set(re.findall(r'"([A-Za-z][\w-]+)"', text[text.index("local names"):text.index("local name_of")])))
        cases = [(name, known.get(plain(name))) for name in names]
        self.assertGreater(sum(oid is not None for _, oid in cases), 75, cases)
        self.holds(f"""
    local oids = require("oids")
    for _, case in ipairs({lua(cases)}) do
      local name, oid = case[1], case[2]
      same(oids.name(oids.oid(name)), name, name)
      if oid then same(oids.oid(name), oid, name) end
    end
    same(oids.name("1.2.3.4"), nil, "unknown")
    same(oids.oid("nothing"), nil, "unknown")""", len(cases))
