"""scripts/json.lua reads and writes what Python's json does, and says where a text is none."""

import json
import random

from libraries import LibraryTest, lua

SEED = 8
REFUSED = [  # text, what is said, position
    ("", "no value but the end", 1), ("  ", "no value but the end", 3), ("[", "no value but the end", 2), ("]", "no value", 1),
    ("[1,]", "no value", 4), ("[,1]", "no value", 2), ("[1 2]", "neither , nor ]", 4), ('{"a":1,}', "no name in quotes", 8),
    ('{"a" 1}', "no : behind a name", 6), ('{a:1}', "no name in quotes", 2), ('{"a":1 "b":2}', "neither , nor }", 8),
    ('{"a":1,"\\u0061":2}', "a name that is there already", 8), ('{"a":null,"a":1}', "there already", 11), ("1 1", "text behind", 3),
    ("nul", "no value", 1), ("True", "no value", 1), ("tru\x00", "no value", 1), ("NaN", "no value", 1), ("Infinity", "no value", 1),
    ("01", "no number", 1), ("-", "no number", 1), ("-01", "no number", 1), ("+1", "no value", 1), (".5", "no value", 1),
    ("1.", "no digit behind the point", 3), ("1.e1", "no digit behind", 3), ("1e", "no digit in the exponent", 3), ("1e+", "exponent", 3),
    ("0x10", "text behind", 2), ("1e999", "too large", 1), ("[-1e999]", "too large", 2), ("1" * 400, "too large", 1),
    ("[0,-" + "9" * 309, "too large", 4), ('"', "without its end", 1), ('"a', "its end", 1),
    ('"\\', "an unknown escape", 2), ('"\\x41"', "an unknown escape", 2), ('"\\u12g4"', "no four hexadecimal", 4), ('"\\u12', "no four", 4),
    ('"\\ud800"', "half of a surrogate pair", 2), ('"\\ud800\\u0041"', "half of", 2), ('"\\udc00\\ud800"', "half of", 2),
    ('"a\nb"', "control", 3),
    ('"\x00"', "control", 2), ('"\x1f"', "control", 2), (b'"\xff"', "no UTF-8", 2),
    (b'"\xed\xa0\x80"', "no UTF-8", 2), (b'"\xc0\xaf"', "no UTF-8", 2),
    ("[1]\x00", "text behind", 4), ("\x0b1", "no value", 1), ("'a'", "no value", 1), ("/**/1", "no value", 1), (b"\xef\xbb\xbf", "the end", 4),
    (b"\xa01", "no UTF-8", 1), ("\u00a01", "no value", 1),
]


def some(dice, depth):
    kind = dice.randrange(8 if depth else 6)
    if kind == 0:
        return dice.choice((None, True, False))
    if kind == 1:
        return dice.choice((0, 1, -1, 2**63 - 1, -2**63, dice.randrange(-10**6, 10**6)))
    if kind == 2:
        return dice.choice((0.5, -0.0, 1.0, 1e300, 0.1, -1.5e-7))
    if kind < 6:
        return "".join(dice.choice('ab"\\/\b\f\n\r\t\x00\x1f\x7f\u00e9\u2028\ud7ff\ue000\uffff\U0001f600\U0010ffff')
                       for _ in range(dice.randrange(8)))
    if kind == 6:
        return [some(dice, depth - 1) for _ in range(dice.randrange(5))]
    return {some_name(dice): some(dice, depth - 1) for _ in range(dice.randrange(5))}


def some_name(dice):
    return "".join(dice.choice("aAbz0 \u00e9\uffff\U0001f600") for _ in range(dice.randrange(4)))


class JsonTest(LibraryTest):
    library = "json"

    def test_what_python_writes_in_any_way_is_read_and_written_alike(self):
        dice = random.Random(SEED)
        cases = []
        for value in (some(dice, 5) for _ in range(400)):
            written = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            spread = json.dumps(value, indent=dice.choice((1, "\t")), separators=(" , ", " :\r\n"))
            cases += [(way, written) for way in (json.dumps(value), json.dumps(value).replace("e+", "E+"), spread, f"\ufeff \r\n\t{written} ")]
        self.holds(f"""
    for _, case in ipairs({lua(cases)}) do same(json.encode(json.decode(case[1])), case[2], case[1]) end""", len(cases))

    def test_numbers_keep_their_type_and_every_bit(self):
        dice = random.Random(SEED)
        floats = [-0.5, -0.25e-9, 0.5, 0.75e99, 5e-324, 1.7976931348623157e308, 0.1, 1 / 3, 1e15, 1e16, 123456789012345680.0] + [
            dice.uniform(-1, 1) * 10.0 ** dice.randrange(-300, 300) for _ in range(400)]
        self.holds("".join(f"\n    number({lua(repr(number))}, {number!r})" for number in floats).join(("""
    local function number(text, expected)
      local read = json.decode(text)
      same(read, expected, text)
      same(math.type(read), "float", text)
      same(json.decode(json.encode(read)), expected, text)
      same(math.type(json.decode(json.encode(read))), "float", text)
    end""", """
    same(math.type(json.decode("9223372036854775807")), "integer", "the largest")
    same(math.type(json.decode("9223372036854775808")), "float", "one more")
    same(1 / json.decode("-0"), -math.huge, "minus zero")
    same(json.decode("0e5"), 0.0, "zero")""")), len(floats))

    def test_what_is_no_json_is_refused_with_its_place(self):
        self.holds("".join(f"\n    for _, words in ipairs {{ {lua(why)}, {lua(f' at position {at}')} }} do refuses(words, json.decode, {lua(text)}) end"
                           for text, why, at in REFUSED), len(REFUSED))

    def test_a_text_that_ends_early_or_holds_garbage_is_refused_or_read_but_nothing_else(self):
        text = json.dumps({"a": [1, -2.5e3, True, None, {"\u00e9\U0001f600": "x\ny"}], "b": {}, "c": []})
        self.holds(fr"""
    local text = {lua(text)}
    same(json.encode(json.decode(text)), '{{"a":[1,-2500.0,true,null,{{"\u{{e9}}\u{{1f600}}":"x\\ny"}}],"b":{{}},"c":[]}}', "whole")
    for i = 0, #text - 1 do refuses("json: ", json.decode, text:sub(1, i)) end
    for i = 1, #text do
      for _, byte in ipairs {{ "\0", '"', "\\", "{{", "]", "\xff", ",", "9" }} do
        local changed = text:sub(1, i - 1) .. byte .. text:sub(i + 1)
        local read, kind = try(json.decode, changed)
        if read == nil then same(kind, "protocol_error", changed) else json.encode(read) end
      end
    end""", len(text))

    def test_depth_and_size_have_caps(self):
        self.holds(r"""
    for depth = 1, 128 do
      for _, pair in ipairs { { "[", "]" }, { '{"a":', "}" } } do
        local text = pair[1]:rep(depth) .. "1" .. pair[2]:rep(depth)
        same(json.encode(json.decode(text, { depth = depth })), text, depth)
        if depth > 1 then refuses("more levels than are allowed", json.decode, text, { depth = depth - 1 }) end
      end
    end
    refuses("more levels", json.decode, ("["):rep(65))
    refuses("more levels", json.decode, ("["):rep(1 << 20))
    refuses("1048577 bytes, and 1048576 are the most", json.decode, (" "):rep((1 << 20) + 1))
    refuses("4 bytes, and 3 are the most", json.decode, "null", { size = 3 })
    same(#json.decode('"' .. ("x"):rep((1 << 20) - 2) .. '"'), (1 << 20) - 2, "long")
    same(#json.decode('"' .. ("\\n"):rep(100000) .. '"'), 100000, "escapes")
    same(#json.decode("[" .. ("1,"):rep(50000) .. "1]"), 50001, "many")
    same(json.decode(("1"):rep(300)), tonumber(("1"):rep(300)), "digits")""", 256)

    def test_null_empty_arrays_and_empty_objects_are_told_apart(self):
        self.holds("""
    local read = json.decode('{"n":null,"a":[],"o":{},"l":[null,null]}')
    same(read.n, json.null, "null")
    same(tostring(read.n), "null", "null")
    same(read.missing, nil, "missing")
    same(json.is_array(read.a), true, "[]")
    same(json.is_array(read.o), false, "{}")
    same(#read.l, 2, "nulls")
    same(json.encode(read), '{"a":[],"l":[null,null],"n":null,"o":{}}', "written")
    same(json.encode({ a = json.array({}), b = {}, c = { 1, "x" }, d = json.array({ 1 }) }), '{"a":[],"b":{},"c":[1,"x"],"d":[1]}', "made")
    same(json.decode("null"), json.null, "alone")
    same(json.decode("false"), false, "alone")""", 10)

    def test_what_json_cannot_say_is_a_mistake_of_the_rule(self):
        for value, words in (("0/0", "not finite"), ("math.huge", "not finite"), ("tostring", "a function has no place"), ("nil", "a nil has"),
                             (r"'\xff'", "no UTF-8"), ("{ 1, a = 2 }", "holes or names"), ("{ [2] = 1 }", "a name that is no string"),
                             ("(function() local t = {} t.t = t return t end)()", "128 levels"), (r"{ ['\xff'] = 1 }", "no UTF-8")):
            with self.subTest(value):
                check = self.ended(f"    json.encode({value})")
                self.assertEqual((check["status"], check["reason"]), ("error", "rule_error"))
                self.assertIn(words, check["message"])
        check = self.ended("    json.decode('1', { depth = 129 })")
        self.assertIn("json.decode: depth is to be an integer from 1 to 128", check["message"])

    def test_what_was_read_is_evidence_as_a_note(self):
        check = self.ended("""    local answer = target:udp(9, { send = "x" })
    return info("read", { answer = answer, read = json.decode('{"a":[1,null]}') })""")
        self.assertEqual(check["status"], "informational", check)
