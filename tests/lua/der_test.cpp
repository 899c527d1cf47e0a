#include "bench.hpp"

namespace audit::lua {

using Catch::Contains;

namespace {

/// What der.decode makes of hex digits, as text.
std::string decoded(const std::string& digits, const std::string& options = "nil") {
  return said(
      "local function show(e)\n"
      "  local s = (e.type or e.class .. ' ' .. e.tag)\n"
      "  if not e.constructed then return s .. '=' .. tostring(e.value) .. '(' .. bytes.hex(e.bytes) .. ')' end\n"
      "  local parts = {}\n"
      "  for i, child in ipairs(e) do parts[i] = show(child) end\n"
      "  return s .. '{' .. table.concat(parts, ' ') .. '}'\n"
      "end\n"
      "local e, behind = der.decode(bytes.unhex('" +
      digits + "'), " + options + ")\nreturn info(show(e) .. ' ' .. e.first .. '-' .. e.last .. ' ' .. behind)");
}

std::string encoded(const std::string& value) { return said("return info(bytes.hex(der.encode(" + value + ")))"); }

}  // namespace

TEST_CASE("der: elements become tables with their values") {
  CHECK(decoded("020105") == "INTEGER=5(05) 1-3 4");
  CHECK(decoded("0209008000000000000000") == "INTEGER=nil(008000000000000000) 1-11 12");
  CHECK(decoded("0101ff") == "BOOLEAN=true(ff) 1-3 4");
  CHECK(decoded("010100") == "BOOLEAN=false(00) 1-3 4");
  CHECK(decoded("0500") == "NULL=nil() 1-2 3");
  CHECK(decoded("06032b0601") == "OBJECT IDENTIFIER=1.3.6.1(2b0601) 1-5 6");
  CHECK(decoded("0d02c27b") == "RELATIVE-OID=8571(c27b) 1-4 5");
  CHECK(decoded("04026869") == "OCTET STRING=hi(6869) 1-4 5");
  CHECK(decoded("0c026869") == "UTF8String=hi(6869) 1-4 5");
  CHECK(decoded("80026869") == "context 0=hi(6869) 1-4 5");
  CHECK(decoded("4302ffff") == "application 3=\xff\xff(ffff) 1-4 5");
  CHECK(decoded("3000") == "SEQUENCE{} 1-2 3");
  CHECK(decoded("300a020105a20304017a0500") ==
        "SEQUENCE{INTEGER=5(05) context 2{OCTET STRING=z(7a)} NULL=nil()} 1-12 13");
  CHECK(decoded("0500020107", "{ position = 3 }") == "INTEGER=7(07) 3-5 6");
  CHECK(decoded("0282000107", "{ ber = true }") == "INTEGER=7(07) 1-5 6");
  CHECK(said("local e = der.decode(bytes.unhex('030205a0')) return info(e.unused .. bytes.hex(e.value))") == "5a0");
}

TEST_CASE("der: what a peer sent malformed is protocol_error with the place") {
  CHECK(decoded("") == "error protocol_error: der.decode: there is no element, at byte 1 of 0");
  CHECK(decoded("30030205ff") ==
        "error protocol_error: der.decode: its length goes beyond the end of what holds it, at byte 3 of 5");
  CHECK(decoded("0282000107") == "error protocol_error: der.decode: a length longer than need be, at byte 2 of 5");
  CHECK(decoded("020105", "{ position = 99 }") ==
        "error protocol_error: der.decode: there is no element, at byte 4 of 3");
  CHECK(said("local e, kind = try(der.decode, '\\x30\\x80') return info(kind)") == "protocol_error");
}

TEST_CASE("der: plain values and tables become bytes") {
  CHECK(encoded("5") == "020105");
  CHECK(encoded("-129") == "0202ff7f");
  CHECK(encoded("true") == "0101ff");
  CHECK(encoded("false") == "010100");
  CHECK(encoded("'hi'") == "04026869");
  CHECK(encoded("{}") == "3000");
  CHECK(encoded("{ 5, 'hi', { true } }") ==
        "300c"
        "020105"
        "04026869"
        "30030101ff");
  CHECK(encoded("{ type = 'NULL' }") == "0500");
  CHECK(encoded("{ type = 'SET', 1 }") == "3103020101");
  CHECK(encoded("{ type = 'OBJECT IDENTIFIER', value = '1.3.6.1' }") == "06032b0601");
  CHECK(encoded("{ type = 'BIT STRING', value = '\\xa0', unused = 5 }") == "030205a0");
  CHECK(encoded("{ type = 'ENUMERATED', value = 3 }") == "0a0103");
  CHECK(encoded("{ type = 'INTEGER', bytes = bytes.unhex('008000000000000000') }") == "0209008000000000000000");
  CHECK(encoded("{ class = 'context', tag = 0, 1 }") == "a003020101");
  CHECK(encoded("{ class = 'context', tag = 0, value = 'hi' }") == "80026869");
  CHECK(encoded("{ class = 'context', tag = 1, type = 'INTEGER', value = 300 }") == "8102012c");
  CHECK(encoded("{ class = 'context', tag = 3, type = 'SEQUENCE' }") == "a300");
  CHECK(encoded("{ class = 'application', tag = 31, value = '' }") == "5f1f00");
  CHECK(encoded("{ tag = 22, value = 'x' }") == "160178");
  CHECK(said("return info('' .. #der.encode(('x'):rep(70000)))") == "70005");
}

TEST_CASE("der: what was decoded is encoded to the same bytes") {
  CHECK(
      said("local whole = der.encode { 5, { type = 'INTEGER', bytes = bytes.unhex('008000000000000000') }, { class = "
           "'context', tag = 2, 'a' }, { type = 'BIT STRING', value = '\\xa0', unused = 5 }, { type = 'NULL' }, true, "
           "{ type = 'OBJECT IDENTIFIER', value = '2.999.3' }, { type = 'SET', 'x', {} }, { class = 'private', tag = "
           "200, "
           "value = '' }, { class = 'context', tag = 9, constructed = true } }\n"
           "local again = der.encode(der.decode(whole))\n"
           "return info(again == whole and 'same')") == "same");
}

TEST_CASE("der: contents of implicit tags are read by hand") {
  CHECK(said("return info(der.integer('\\x01\\x00') .. ' ' .. tostring(der.integer(('\\x7f'):rep(9))))") == "256 nil");
  CHECK(said("return info(der.oid('\\x2b\\x06'))") == "1.3.6");
  CHECK(ended(run_once("der.integer('')")) == "error protocol_error");
  CHECK(ended(run_once("der.oid('\\x80')")) == "error protocol_error");
}

TEST_CASE("der: a mistake of the rule names the element") {
  const std::pair<const char*, const char*> mistakes[] = {
      {"der.encode()", "value expected"},
      {"der.encode(nil)", "der.encode: a nil cannot be encoded"},
      {"der.encode(1.5)", "a float cannot be encoded"},
      {"der.encode { 1, { 2, [4] = 3 } }", "element 2: its children are to be a list"},
      {"der.encode { 1, { 2, 1.5 } }", "der.encode: element 2.2: a float cannot be encoded"},
      {"der.encode { 1, { 2, der.encode } }", "element 2.2: a function cannot be encoded"},
      {"der.encode { type = 'Integer', value = 1 }", "no type `Integer`"},
      {"der.encode { typ = 'INTEGER', value = 1 }", "no field `typ`"},
      {"der.encode { [1.5] = 1 }", "no field `number`"},
      {"der.encode { [3] = 1 }", "list without holes"},
      {"der.encode { class = 'x', tag = 1 }", "`class` is to be"},
      {"der.encode { class = 'context' }", "needs a `tag`"},
      {"der.encode { class = 'context', tag = -1 }", "`tag` is to be an integer of 0 to 268435455"},
      {"der.encode { class = 'context', tag = 1 << 28 }", "`tag` is to be an integer of 0 to"},
      {"der.encode { type = 'INTEGER', tag = 0, value = 1 }", "not that of its `type`"},
      {"der.encode { tag = 15, value = '' }", "no universal type"},
      {"der.encode { type = 'INTEGER' }", "needs a `value`"},
      {"der.encode { type = 'INTEGER', value = 'x' }", "is to be an integer"},
      {"der.encode { type = 'INTEGER', bytes = '' }", "an INTEGER without a byte"},
      {"der.encode { type = 'BOOLEAN', value = 1 }", "true or false"},
      {"der.encode { type = 'NULL', value = 1 }", "a NULL has no `value`"},
      {"der.encode { type = 'OCTET STRING', value = 1 }", "is to be a string"},
      {"der.encode { type = 'OCTET STRING', value = 'x', 'y' }", "has no children"},
      {"der.encode { type = 'OBJECT IDENTIFIER', value = '1.3.' }", "object identifier"},
      {"der.encode { type = 'BIT STRING', value = '\\xff', unused = 1 }", "unused bits are set"},
      {"der.encode { type = 'BIT STRING', value = '', unused = 1 }", "more unused bits"},
      {"der.encode { type = 'BIT STRING', value = '', unused = 8 }", "`unused` is to be an integer of 0 to 7"},
      {"der.encode { type = 'SEQUENCE', value = 'x' }", "neither `value` nor `bytes`"},
      {"der.encode { type = 'SEQUENCE', constructed = false }", "`constructed` is not so"},
      {"der.encode { type = 5 }", "`type` is to be a string"},
      {"local t = {} t[1] = t der.encode(t)", "nested deeper than 64"},
      {"local t = {} for i = 1, 16384 do t[i] = 1 end der.encode(t)", "more than 16384 elements"},
      {"local s = ('x'):rep(1 << 20) local t = {} for i = 1, 17 do t[i] = s end der.encode(t)", "more than 16 MiB"},
      {"der.decode()", "argument 1 (bytes) is to be a string"},
      {"der.decode('', 5)", "argument 2 (options) is to be a table"},
      {"der.decode('', { bre = true })", "options are `ber`"},
      {"der.decode('', { position = 0 })", "options are `ber`"},
  };
  for (const auto& [body, message] : mistakes) {
    const Outcome outcome = run_once(body);
    INFO(body);
    CHECK(ended(outcome) == "error rule_error");
    CHECK_THAT(outcome.finding.message, Contains(message));
  }
}

TEST_CASE("der: metamethods of a table that is encoded are not called") {
  CHECK(
      said("local t = setmetatable({}, { __index = function() error('called') end, __len = function() return 5 end })\n"
           "return info(bytes.hex(der.encode(t)))") == "3000");
}

TEST_CASE("raw material takes what is hostile: random, deep and endless bytes end in an answer or an error kind") {
  CHECK(
      said(
          "local sound = der.encode { 1, 'public', { class = 'context', tag = 0, 7, 0, 0, { { type = 'OBJECT "
          "IDENTIFIER', "
          "value = '1.3.6.1.2.1.1.1.0' }, { type = 'NULL' } } } }\n"
          "local good, bad = 0, 0\n"
          "for i = 1, 3000 do\n"
          "  local noise = crypto.random(24)\n"
          "  local at = noise:byte(1) % #sound + 1\n"
          "  local text = i % 2 == 0 and noise or sound:sub(1, at - 1) .. noise:sub(2, 2) .. sound:sub(at + 1)\n"
          "  for _, f in ipairs { der.decode, bytes.unhex, bytes.unbase64, der.oid } do\n"
          "    local result, kind = try(f, text, f == der.decode and { ber = i % 3 == 0 } or nil)\n"
          "    if result == nil and kind then assert(kind == 'protocol_error') bad = bad + 1 else good = good + 1 end\n"
          "  end\n"
          "end\n"
          "assert(good > 100 and bad > 100)\n"
          "return info('done')") == "done");
  CHECK(ended(run_once("der.decode(('\\x30\\x80'):rep(500000))")) == "error protocol_error");
  CHECK(ended(run_once("der.decode('\\x30\\x83\\x00\\xff\\xfe' .. ('\\5\\0'):rep(32767), { ber = true })")) ==
        "error protocol_error");
  CHECK(ended(run_once(
            "local b = '' for i = 1, 100 do b = der.encode { class = 'context', tag = 0, constructed = true } end "
            "local s = '' for i = 1, 70 do s = '\\x30' .. (#s < 128 and string.char(#s) or '\\x81' .. "
            "string.char(#s)) .. s end der.decode(s)")) == "error protocol_error");
}

}  // namespace audit::lua
