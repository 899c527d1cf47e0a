"""scripts/html.lua on pages that nginx serves, and on scraps of markup that html5lib takes apart too."""

import html
import html.entities
import json
import pathlib
import random
import re
import subprocess

import servers
from libraries import LibraryTest, lua
from processes import NotThere

SEED = 23
ADDRESS = "127.0.0.56"
PAGE = """<!DOCTYPE html>
<!-- built by lab 1.2 -->
<html><head><meta charset=UTF-8><title>
  The lab &amp; its\tlogin &ndash; caf&eacute; </title>
<meta name="Generator" content="WordPress 6.4.3"><meta name=generator content=other><META HTTP-EQUIV=refresh CONTENT="5; url=/x">
<meta property="og:title" content="Lab">
<base href="/app/"><link rel="StyleSheet" href="a.css" integrity="sha256-x" crossorigin>
<script src="https://cdn.lab.test/j.js" type="Module"></script><script>if (a < b) document.write("<form action=/no><!-- no -->")</script>
<style>a { background: url("<img src=no>") }</style></head>
<body><form action=" /login\n?x=1&amp;y=2 " METHOD=Post enctype="multipart/form-data" id=f autocomplete=OFF>
<input name=user value="a&quot;b"><input type=PASSWORD name=secret autocomplete="current-password"><input type=hidden name=token value=123>
<select name=lang><option>de</select><textarea name=t></form><input name=no></textarea><button>Go</button><form action=nested></form>
<input type=text name=outside><form><input type="" name=e></form>
<a href="/a?b=1&copy=2&amp;c=3" rel="NoOpener nofollow" target=_blank>A</a><area href=b><a name=anchor>no link</a>
<img src=i.png><iframe src="//ads.lab.test/"><a href=no></iframe><? php ?><!bogus></ bogus><a/href=last>
"""
SHOW = """
    local function run_out(list, f)
      local out = {}
      for i, item in ipairs(list) do out[i] = f(item) end
      return table.concat(out, ",")
    end
    local function whole(page)
      local controls = {}
      local function all(list)
        for _, c in ipairs(list) do controls[#controls + 1] = c.element .. " " .. (c.name or "nil") .. " " .. (c.value or "nil") end
      end
      all(page.inputs)
      for _, form in ipairs(page.forms) do all(form.inputs) end
      table.sort(controls)
      local function address(link) return link.element .. " " .. link.url end
      return table.concat({ page.title or "None", run_out(page.links, address), run_out(page.resources, address),
        table.concat(page.comments, ","), table.concat(controls, ","), run_out(page.forms, function(form) return form.action or "nil" end) }, "|")
    end
"""
PIECES = ["<", "</", ">", "/>", "a", "A HREF", "href", "=", "'", '"', " ", "\n", "\t", "\f", "/", "!--", "-->", "--!>", "--", "-", "<!--", "<!-->",
          "<!--->", "<!", "?", "<?x", "script", "<script>", "</script>", "<SCRIPT ", "</script ", "<title>", "</title>", "</title/>",
          "<textarea>", "</textarea>", "<style>", "</style>", "<form action=x>", "</form>", "<form>", "<input name=n value=v>", "<a href='u'>",
          '<a href="x&amp;y">', "<svg>", "</svg>", "<svg/>", "<img src= i >", "<link href=l", "<xmp>", "</xmp>", "<iframe src=f>", "</iframe>",
          "&amp;", "&lt", "&copy=", "&notit;", "&#65;", "&#x42", "&#0;", "&#128;", "&#xd800;", "&#1114112;", "&#", "&x;", "text", "x",
          "<button value=&quot;>", "<!doctype html>", "<![CDATA[", "]]>", "<select NAME=N name=m>", "\x0b", "<area/href=z/>", "<plaintext>",
          "\u00e9", "<object data=d>", "<embed src", "<a href= \t u \n>"]


class HtmlTest(LibraryTest):
    library = "html"

    def test_a_page_that_nginx_serves_is_read(self):
        expected = [
            ("page.title", "The lab & its login \u2013 caf\u00e9"), ("page.generator", "WordPress 6.4.3"), ("page.charset", "utf-8"),
            ("page.base", "/app/"), ("page.meta.refresh", "5; url=/x"), ("page.meta['og:title']", "Lab"), ("page.scripts", 1),
            ("page.password", True), ("#page.forms", 2), ("#page.comments", 4), ("page.comments[1]", " built by lab 1.2 "),
            ("page.comments[2]", "? php ?"), ("page.comments[3]", "bogus"), ("page.comments[4]", " bogus"),
            ("login.action", "/login?x=1&y=2"),
            ("login.method", "post"), ("login.enctype", "multipart/form-data"), ("login.name", "f"), ("login.autocomplete", "off"),
            ("login.password", True), ("#login.inputs", 6), ("login.inputs[1].type", "text"), ("login.inputs[1].value", 'a"b'),
            ("login.inputs[2].type", "password"), ("login.inputs[2].autocomplete", "current-password"), ("login.inputs[3].hidden", True),
            ("login.inputs[1].hidden", None), ("login.inputs[4].element", "select"), ("login.inputs[5].type", "textarea"),
            ("login.inputs[6].type", "submit"), ("#page.inputs", 1), ("page.inputs[1].name", "outside"), ("page.forms[2].action", None),
            ("page.forms[2].method", "get"), ("page.forms[2].password", False), ("page.forms[2].inputs[1].type", "text"),
            ("#page.links", 3),
            ("page.links[1].url", "/a?b=1&copy=2&c=3"), ("page.links[1].rel", "noopener nofollow"), ("page.links[1].target", "_blank"),
            ("page.links[2].element", "area"), ("page.links[3].url", "last"), ("#page.resources", 4),
            ("page.resources[1].rel", "stylesheet"),
            ("page.resources[1].integrity", "sha256-x"), ("page.resources[1].crossorigin", ""), ("page.resources[2].type", "module"),
            ("page.resources[2].url", "https://cdn.lab.test/j.js"), ("page.resources[2].integrity", None),
            ("page.resources[3].url", "i.png"),
            ("page.resources[4].url", "//ads.lab.test/"), ("next(page.cut)", None), ("page.shortened", 0), ("page.unread", 0)]
        with servers.nginx(ADDRESS, body=PAGE):
            self.holds(f"""
    local answer = target:http(80)
    local page = html.read(answer.body)
    local login = page.forms[1]
    same(#answer.body, {len(PAGE.encode())}, "size")
""" + "".join(f"    same({what}, {lua(value)}, {lua(what)})\n" for what, value in expected), len(expected), ADDRESS)

    def test_nginxs_own_pages_are_read(self):
        with servers.nginx(ADDRESS, location="location /list/ { alias /usr/share/; autoindex on; }"):
            check = self.ended("""    local missing, list = html.read(target:http(80, { path = "/no" }).body), target:http(80, { path = "/list/" })
    local page = html.read(list.body)
    return info(missing.title .. "|" .. page.title .. "|" .. page.links[1].url .. "|" .. #page.links + (page.cut.links or 0), list)""", ADDRESS)
        shown = [entry for entry in pathlib.Path("/usr/share").iterdir() if not entry.name.startswith(".")]
        self.assertEqual(check["message"], f"404 Not Found|Index of /list/|../|{len(shown) + 1}")

    def test_scraps_are_taken_apart_as_html5lib_does(self):
        dice = random.Random(SEED)
        texts = ["".join(dice.choice(PIECES) for _ in range(dice.randrange(1, 14))) for _ in range(4000)]
        program = pathlib.Path(__file__).parent / "html_tokens.py"
        done = subprocess.run(["/usr/bin/python3", program], input=json.dumps(texts), capture_output=True, text=True, timeout=120, check=False)
        if "No module named 'html5lib'" in done.stderr:
            raise NotThere("python3-html5lib is not installed (tests/packages.txt)")
        self.assertEqual(done.returncode, 0, done.stderr)
        cases = list(zip(texts, json.loads(done.stdout)))
        self.assertGreater(len({theirs for _, theirs in cases}), 1000)
        for part in range(0, len(cases), 1000):
            self.holds(f"""{SHOW}
    for _, case in ipairs({lua(cases[part:part + 1000])}) do same(whole(html.read(case[1])), case[2], case[1]) end""", 1000)

    def test_every_named_reference_is_that_of_the_standard(self):
        text = (pathlib.Path(__file__).resolve().parents[2] / "scripts/html_entities.lua").read_text()
        names = set(re.findall(r"(\w+)=[0-9a-f]+", text[text.index("local others"):text.index("local named")]))
        names |= {name for name in html.entities.html5 if not name.endswith(";")} | {"apos"}
        self.assertEqual(len(names), 152 + 106 + 1)
        cases = [(name, html.entities.html5[name + ";"], html.unescape(f"&{name} "), html.entities.html5.get(name))
                 for name in sorted(names)]
        self.holds(f"""
    for _, case in ipairs({lua(cases)}) do
      local name, character, alone, bare = table.unpack(case, 1, 4)
      for _, attribute in ipairs {{ true, false }} do
        same(html.unescape("a&" .. name .. ";b", attribute), "a" .. character .. "b", name)
      end
      same(html.unescape("&" .. name .. " "), alone, name)
      same(html.unescape("&" .. name .. " ", true), (bare or "&" .. name) .. " ", name)
      same(html.unescape("&" .. name .. "=", true), "&" .. name .. "=", name)
      same(html.unescape("&" .. name .. ";=", true), character .. "=", name)
    end
    for code = 1, 0x10ffff, 97 do
      if code < 0x80 or code > 0x9f and (code < 0xd800 or code > 0xdfff) then
        same(html.unescape(("&#%d;&#x%X;&#X%x;"):format(code, code, code)), utf8.char(code, code, code), code)
      end
    end
    for _, pair in ipairs {{ {{ "&#000065;&#65x&#x41g", "AAxAg" }}, {{ "&#;&#x;&;&", "&#;&#x;&;&" }},
        {{ "&#18446744073709551681;&#x10000000000000041;", "\\u{{fffd}}\\u{{fffd}}" }},
        {{ "&unknown; &ampx", "&unknown; &x" }}, {{ "&&amp;&amp", "&&&" }}, {{ "&#x0;&#xDFFF;&#x110000;", "\\u{{fffd}}\\u{{fffd}}\\u{{fffd}}" }} }} do
      same(html.unescape(pair[1]), pair[2], pair[1])
    end""", len(cases))

    def test_a_page_that_ends_early_or_holds_garbage_is_read_all_the_same(self):
        self.holds(f"""{SHOW}
    local text = {lua(PAGE)}
    for i = 0, #text, 2 do whole(html.read(text:sub(1, i))) end
    for i = 1, 300 do whole(html.read(crypto.random(300))) end""", 1)
        for byte in b"\0<>\"&-\x80":
            self.holds(f"""{SHOW}
    local text = {lua(PAGE)}
    for i = 1, #text, 3 do whole(html.read(text:sub(1, i - 1) .. {lua(bytes([byte]))} .. text:sub(i + 1))) end""", 1)

    def test_a_script_ends_where_a_browser_ends_it(self):
        cases = [("<script>a</script><a href=x>", "x"), ("<script><!--</script><a href=x>", "x"),
                 ("<script><!--<script></script><a href=x>", ""),
                 ("<script><!--<script></script></script><a href=x>", "x"), ("<script><!--<script>--></script><a href=x>", "x"),
                 ("<script><!--><script></script><a href=x>", "x"), ("<script><!--<scripts></script><a href=x>", "x"),
                 ("<script></scripts><a href=n></script ><a href=x>", "x"), ("<script></script", ""),
                 ("<script/><a href=n></script><a href=x>", "x"),
                 ("<script><!--<script </script><a href=n></script><a href=x>", "x"), ("<SCRIPT></sCrIpT\n><a href=x>", "x"),
                 ("<script><<!--</script><a href=x>", "x"), ("<script>--><script></script><a href=x>", "x")]
        self.holds(f"""
    for _, case in ipairs({lua(cases)}) do
      local page = html.read(case[1])
      same(page.links[1] and page.links[1].url or "", case[2], case[1])
    end""", len(cases))

    def test_what_is_too_much_is_left_out_and_counted(self):
        self.holds("""
    local page = html.read(("<form action=x><input></form>"):rep(40) .. ("<a href=y>"):rep(300) .. ("<!--c-->"):rep(70) .. ("<img src=z>"):rep(251) ..
      "<form>" .. ("<input>"):rep(104) .. "<input type=password></form>" .. ("<input>"):rep(103))
    same(#page.forms .. " " .. page.cut.forms, "32 9", "forms")
    same(#page.links .. " " .. page.cut.links, "250 50", "links")
    same(#page.comments .. " " .. page.cut.comments, "64 6", "comments")
    same(#page.resources .. " " .. page.cut.resources, "250 1", "resources")
    same(#page.inputs .. " " .. page.cut.inputs, "100 8", "inputs")
    same(page.password, true, "password")
    local metas = {}
    for i = 1, 70 do metas[i] = "<meta name=m" .. i .. " content=x><meta name=M" .. i .. " content=y>" end
    page = html.read(table.concat(metas))
    same(page.cut.meta, 12, "meta")
    same(page.meta.m64, "x", "meta")
    same(page.meta.m65, nil, "meta")
    local attributes = {}
    for i = 1, 70 do attributes[i] = "a" .. i .. "=1" end
    page = html.read("<a " .. table.concat(attributes, " ") .. " href=x>")
    same(#page.links .. " " .. page.cut.attributes, "0 7", "attributes")
    page = html.read("<title>" .. ("x"):rep(2000) .. "</title><a href='" .. ("\\u{e9}"):rep(501) .. "'><!--" .. ("c"):rep(1001) .. "--><a href='" ..
      (" "):rep(9000) .. "u'>")
    same(#page.title .. " " .. #page.links[1].url .. " " .. #page.comments[1] .. " " .. page.shortened, "1000 1000 1000 4", "shortened")
    same(utf8.len(html.read("<a href='x" .. ("\\u{e9}"):rep(501) .. "'>").links[1].url), 500, "characters stay whole")
    same(html.read(("x"):rep(20) .. "<a href=y>", { size = 24 }).unread, 6, "unread")
    same(#html.read(("x"):rep(20) .. "<a href=y>", { size = 24 }).links, 0, "unread")""", 11)

    def test_hostile_pages_cost_steps_in_proportion(self):
        for piece in ("<", "</", "<a ", "<a href='", "<!--", "<!", "<!-", "--", "<script>", "<script><!--", "<title>", "</title", "<a a=1 ", "&",
        "&#", "&amp", "<a\\t", " ", "<!---", "<script><", "<svg>", "<form>",
                      "<textarea><", "-", "</script", "<a href=' '>", "=", "/", "<xmp></xm", "<a href=b>"):
            with self.subTest(piece):
                self.holds(f"""
    local piece = {lua(piece)}
    html.read(piece:rep(200000 // #piece))
    html.read("<a href='" .. piece:rep(200000 // #piece) .. "x'>")
    html.read("<title>" .. piece:rep(200000 // #piece) .. "x</title>")
    html.read("<script>" .. piece:rep(200000 // #piece))""", 1)

    def test_wrong_arguments_are_mistakes_of_the_rule(self):
        for call, words in (("html.read(5)", "html.read: argument 1 is to be a string"), ("html.unescape()", "html.unescape: argument 1"),
                            ("html.read('', { size = 0 })", "html.read: size is to be an integer from 1 to 8388608")):
            with self.subTest(call):
                check = self.ended(f"    {call}")
                self.assertEqual((check["status"], check["reason"]), ("error", "rule_error"), check)
                self.assertIn(words, check["message"])
