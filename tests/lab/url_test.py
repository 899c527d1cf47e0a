"""scripts/url.lua: RFC 3986's own examples, what it forbids, and what holds for every URI."""

import random
import urllib.parse

from libraries import LibraryTest, lua

# Section 5.4, relative to http://a/b/c/d;p?q
EXAMPLES = """g:h g:h|g http://a/b/c/g|./g http://a/b/c/g|g/ http://a/b/c/g/|/g http://a/g|//g http://g|?y http://a/b/c/d;p?y
g?y http://a/b/c/g?y|#s http://a/b/c/d;p?q#s|g#s http://a/b/c/g#s|g?y#s http://a/b/c/g?y#s|;x http://a/b/c/;x|g;x http://a/b/c/g;x
g;x?y#s http://a/b/c/g;x?y#s| http://a/b/c/d;p?q|. http://a/b/c/|./ http://a/b/c/|.. http://a/b/|../ http://a/b/|../g http://a/b/g
../.. http://a/|../../ http://a/|../../g http://a/g|../../../g http://a/g|../../../../g http://a/g|/./g http://a/g|/../g http://a/g
g. http://a/b/c/g.|.g http://a/b/c/.g|g.. http://a/b/c/g..|..g http://a/b/c/..g|./../g http://a/b/g|./g/. http://a/b/c/g/
g/./h http://a/b/c/g/h|g/../h http://a/b/c/h|g;x=1/./y http://a/b/c/g;x=1/y|g;x=1/../y http://a/b/c/y|g?y/./x http://a/b/c/g?y/./x
g?y/../x http://a/b/c/g?y/../x|g#s/./x http://a/b/c/g#s/./x|g#s/../x http://a/b/c/g#s/../x|http:g http:g"""
OTHERS = [("http://a", "g", "http://a/g"), ("http://a?q", "g", "http://a/g"), ("http://a?q", "", "http://a?q"),
          ("mailto:a@b", "c", "mailto:c"), ("a:b/c", "..", "a:/"), ("a:b/c", "../../d", "a:/d"), ("a:/b", ".//c", "a:/.//c"),
          ("a:/b", "/..//c", "a:/.//c"), ("http://h/a", "//u@[::1]:8080/x/../y", "http://u@[::1]:8080/y"), ("http://h/a?b", "?", "http://h/a?"),
          ("HTTP://H/a/b", "../c", "http://h/c"), ("http://h//a//b", "../c", "http://h//a/c"), ("a:b", "../g", "a:g"), ("a:b", ".", "a:")]
PARTS = {  # section 1.1.2, and others: scheme, userinfo, host, port, path, query, fragment
    "ftp://ftp.is.co.za/rfc/rfc1808.txt": ("ftp", None, "ftp.is.co.za", None, "/rfc/rfc1808.txt", None, None),
    "ldap://[2001:db8::7]/c=GB?objectClass?one": ("ldap", None, "2001:db8::7", None, "/c=GB", "objectClass?one", None),
    "mailto:John.Doe@example.com": ("mailto", None, None, None, "John.Doe@example.com", None, None),
    "tel:+1-816-555-1212": ("tel", None, None, None, "+1-816-555-1212", None, None),
    "telnet://192.0.2.16:80/": ("telnet", None, "192.0.2.16", 80, "/", None, None),
    "urn:oasis:names:docbook:dtd:xml:4.1.2": ("urn", None, None, None, "oasis:names:docbook:dtd:xml:4.1.2", None, None),
    "HTTP://u:p@EXAMPLE.net:/?#": ("http", "u:p", "example.net", None, "/", "", ""), "": (None, None, None, None, "", None, None),
    "file:///etc": ("file", None, "", None, "/etc", None, None), "//[v1.a:b]:65535": (None, None, "v1.a:b", 65535, "", None, None),
    "a/b:c": (None, None, None, None, "a/b:c", None, None), "http://%41:00080": ("http", None, "%41", 80, "", None, None),
}
REFUSED = {"http://a b/": "byte 0x20 in the host", "http://a/\n": "byte 0x0a in the path", "http://a/\xff": "byte 0xc3 in the path",
           "1a:b": "no scheme before it", ":b": "no scheme", "http://a:65536": "a port", "http://a:8o": "a port", "http://a:000080": "a port",
           "http://[::1": "without its ]", "http://[::1]x": "behind the ]", "http://[x]": "no address", "http://[]": "no address",
           "http://a@b@c": "byte 0x40 in the host", "http://a/%": "behind the %", "http://a/%4": "behind the %", "http://a/%zz": "behind the %",
           "http://a\\b": "byte 0x5c", "a?<": "byte 0x3c in the query", "a#b#c": "byte 0x23 in the fragment", "/a|b": "byte 0x7c",
           "x" * 65537: "65537 bytes", "http://a:-1": "a port", "\0": "byte 0x00", "http://a/[": "byte 0x5b in the path"}


class UrlTest(LibraryTest):
    library = "url"

    def test_references_mean_what_the_rfc_says(self):
        cases = [("http://a/b/c/d;p?q", *pair.split(" ")) for line in EXAMPLES.split("\n") for pair in line.split("|")] + OTHERS
        self.assertGreater(len(cases), 50)
        self.holds(f"""
    for _, case in ipairs({lua(cases)}) do
      same(url.resolve(case[1], case[2]), case[3], case[1] .. " " .. case[2])
      same(url.resolve(url.parse(case[1]), url.parse(case[2])), case[3], "of parts")
      same(url.resolve(case[3], ""), (case[3]:gsub("#.*", "")), "again")
    end""", len(cases))

    def test_parts_are_told_apart_and_put_together_again(self):
        fields = ("scheme", "userinfo", "host", "port", "path", "query", "fragment")
        self.holds("".join(f"""
    do
      local p = url.parse({lua(text)})
      {"; ".join(f"same(p.{name}, {lua(value)}, {lua(text + ' ' + name)})" for name, value in zip(fields, values))}
      local again = url.parse(url.format(p))
      for key, value in pairs(p) do same(again[key], value, key) end
      for key, value in pairs(again) do same(p[key], value, key) end
    end""" for text, values in PARTS.items()), len(PARTS))

    def test_what_is_no_uri_is_refused(self):
        self.holds("".join(f"\n    refuses({lua(why)}, url.parse, {lua(text)})" for text, why in REFUSED.items()) + """
    refuses("no scheme", url.resolve, "/a", "b")
    refuses("position 3", url.decode, "ab%4")
    refuses("position 4", url.decode, "%41%%41")""", len(REFUSED))

    def test_percent_encoding_equals_pythons_and_comes_back(self):
        dice = random.Random(4)
        texts = [bytes(range(256)), b"", b"a b/c?d"] + [dice.randbytes(dice.randrange(40)) for _ in range(100)]
        cases = [(text, urllib.parse.quote(text, safe=""), urllib.parse.quote(text, safe="/:")) for text in texts]
        self.holds(f"""
    for i, case in ipairs({lua(cases)}) do
      same(url.encode(case[1]), case[2], i)
      same(url.encode(case[1], "/:"), case[3], i)
      same(url.decode(case[2]), case[1], i)
      same(url.decode(case[2]:gsub("%%..", string.lower)), case[1], i)
    end
    same(url.decode("a+b"), "a+b", "+")""", len(cases))

    def test_whatever_is_read_is_the_same_read_again_and_garbage_is_refused(self):
        dice = random.Random(5)
        texts = ["".join(dice.choice("a:/?#[]@.%41x;=\x00 \\") for _ in range(dice.randrange(14))) for _ in range(1500)]
        told = self.told(f"""
    local read, refused = 0, 0
    for _, text in ipairs({lua(texts)}) do
      local p, kind = try(url.parse, text)
      if p then
        read = read + 1
        local whole = url.format(p)
        same(url.format(url.parse(whole)), whole, text)
        local there = url.resolve("s://h/a/b", text)
        same(url.resolve("x:", there), url.resolve("s://h/a/b", there), text)
        if url.parse(there).path:find("/%.%.?/") and url.parse(there).host then same(there, nil, text) end
      else
        refused = refused + 1
        same(kind, "protocol_error", text)
      end
    end
    if #wrong > 0 then return verdict(0) end
    return info(read .. " " .. refused)""")
        read, refused = map(int, told.split(" "))
        self.assertEqual(read + refused, 1500, told)
        self.assertGreater(min(read, refused), 100)

    def test_long_paths_cost_steps_in_proportion(self):
        self.holds("""
    for _, piece in ipairs { "a/", "../", "./", "/", "a/../", "." } do
      local path = piece:rep(math.min(20000, 65000 // #piece))
      url.resolve("http://h/x", path)
    end
    url.decode(("%41"):rep(20000))""", 6)
