--- What `asn1` is made of: its primitive types, and how a type meets an element. Rules require `asn1`, which has all of `types`.

local time = require("time")

local primitives = {}
local types = {}
primitives.types = types

--- Raises protocol_error with the path of names, and the place of the element.
function primitives.malformed(cx, element, what)
  local path = table.concat(cx.path, ".")
  if path ~= "" then path = path .. ": " end
  raise("protocol_error", ("asn1: %s%s, at byte %d"):format(path, what, element.first))
end

--- A mistake of the value that is to be written.
function primitives.unfit(cx, what)
  local path = table.concat(cx.path, ".")
  error("asn1.encode: " .. (path == "" and "" or path .. ": ") .. what, 0)
end

local malformed, unfit = primitives.malformed, primitives.unfit

--- What stands in place of the one that is to be there.
function primitives.describe(element)
  return element.type or element.class .. " " .. element.tag
end

--- Is this an element of the type, by its tag?
function primitives.matches(t, element)
  if t.alternatives then
    for _, alternative in ipairs(t.alternatives) do
      if primitives.matches(alternative[2], element) then return true end
    end
    return false
  end
  return t.any or element.class == t.class and element.tag == t.tag and element.constructed == t.constructed
end

--- A type by its universal tag.
function primitives.new(universal, kind, constructed)
  local tag = primitives.numbers[universal]
  return { kind = kind or universal, class = "universal", tag = tag, constructed = constructed or false }
end

--- Raises protocol_error where the element is none of the type.
function primitives.read(t, element, cx)
  if not primitives.matches(t, element) then
    malformed(cx, element, ("no %s but %s"):format(t.kind, primitives.describe(element)))
  end
  return t:read(element, cx)
end

primitives.numbers = { BOOLEAN = 1, INTEGER = 2, ["BIT STRING"] = 3, ["OCTET STRING"] = 4, NULL = 5, ["OBJECT IDENTIFIER"] = 6,
  ENUMERATED = 10, UTF8String = 12, ["RELATIVE-OID"] = 13, SEQUENCE = 16, SET = 17, NumericString = 18, PrintableString = 19,
  TeletexString = 20, IA5String = 22, UTCTime = 23, GeneralizedTime = 24, VisibleString = 26, UniversalString = 28,
  BMPString = 30 }

local function length_octets(size)
  if size < 0x80 then return string.char(size) end
  local octets = string.pack(">I4", size):gsub("^\0+", "")
  return string.char(0x80 | #octets) .. octets
end

--- The element with its universal tag, where an implicit one hides it: `der` then looks at its contents and reads the value.
local function uncovered(t, element, cx)
  if element.class == "universal" then return element end
  local whole = string.char(t.number) .. length_octets(#element.bytes) .. element.bytes
  local found, _, message = try(der.decode, whole, { ber = cx.ber })
  if not found then malformed(cx, element, message:match("^der%.decode: (.*), at byte") or message) end
  return found
end

--- A primitive type: `from(value, element, cx, at)` makes of der's value what is read, `to(value, cx)` der's value (and the
--- unused bits) of what is written. `at` is the element with the tag that it came with.
local function primitive(universal, from, to, kind)
  local t = primitives.new(universal, kind)
  t.number = t.tag
  function t.read(self, element, cx)
    local found = uncovered(self, element, cx)
    return from(found.value, found, cx, element)
  end
  function t.write(self, value, cx)
    local extra
    value, extra = to(value, cx)
    return { class = self.class, tag = self.tag, type = universal, value = value, unused = extra }
  end
  return t
end

local function expect(kind)
  return function(value, cx)
    if type(value) ~= kind and math.type(value) ~= kind then
      unfit(cx, "is to be a" .. (kind == "integer" and "n " or " ") .. kind)
    end
    return value
  end
end

types.boolean = primitive("BOOLEAN", function(value) return value end, expect("boolean"))
types.octet_string = primitive("OCTET STRING", function(value) return value end, expect("string"))

--- An integer of 64 bits; a longer one raises protocol_error.
local function from_integer(value, _, cx, element)
  if not value then malformed(cx, element, "an integer of more than 64 bits") end
  return value
end
types.integer = primitive("INTEGER", from_integer, expect("integer"))

--- The negative of a number in two's complement.
local function negated(contents)
  local out, carry = {}, 1
  for i = #contents, 1, -1 do
    local sum = (contents:byte(i) ~ 0xff) + carry
    out[i], carry = string.char(sum & 0xff), sum >> 8
  end
  return table.concat(out)
end

--- Without leading bytes that say nothing.
local function shortest(contents)
  local at = 1
  while at < #contents do
    local first, second = contents:byte(at, at + 1)
    if not (first == 0 and second < 0x80 or first == 0xff and second >= 0x80) then break end
    at = at + 1
  end
  return contents:sub(at)
end

--- An integer of any length in hexadecimal digits, as serial numbers are written: lower case, two for each byte, "-" before
--- them where it is negative.
types.hex_integer = primitive("INTEGER", function(_, element)
  local contents, sign = element.bytes, ""
  if contents:byte() >= 0x80 then contents, sign = negated("\xff" .. contents), "-" end
  return sign .. bytes.hex((contents:gsub("^\0+(.)", "%1")))
end)
function types.hex_integer.write(self, value, cx)
  local sign, digits = tostring(value):match("^(%-?)(%x+)$")
  if type(value) ~= "string" or not sign then unfit(cx, "is to be hexadecimal digits") end
  local contents = "\0" .. bytes.unhex((#digits % 2 == 1 and "0" or "") .. digits)
  return { class = self.class, tag = self.tag, type = "INTEGER", bytes = shortest(sign == "" and contents or negated(contents)) }
end

--- NULL is `true`.
types.null = primitive("NULL", function() return true end, function(value, cx)
  if value ~= true then unfit(cx, "is to be true, which stands for NULL") end
  return nil
end)
local function from_oid(value, _, cx, element)
  if not value then malformed(cx, element, "an object identifier with an arc of more than 64 bits") end
  return value
end
--- Dotted text.
types.oid = primitive("OBJECT IDENTIFIER", from_oid, expect("string"))
types.relative_oid = primitive("RELATIVE-OID", from_oid, expect("string"))

--- A table of `bytes` and `unused`, the bits of the last byte that do not count; a string is written with none of these.
types.bit_string = primitive("BIT STRING", function(value, element)
  return { bytes = value, unused = element.unused }
end, function(value, cx)
  if type(value) == "string" then return value, 0 end
  if type(value) ~= "table" or type(value.bytes) ~= "string" then unfit(cx, "is to be a string, or a table with `bytes`") end
  return value.bytes, value.unused or 0
end)

--- A BIT STRING of flags: the table has `true` by the name of each bit that is set, and by the number of one without a name.
---@param names string[]  the first is that of bit 0
---@return asn1.type
function types.named_bits(names)
  if type(names) ~= "table" then error("asn1.named_bits: argument 1 is to be a list of names", 2) end
  local number_of = {}
  for place, name in pairs(names) do number_of[name] = place - 1 end
  return primitive("BIT STRING", function(value, element, cx, at)
    if #value > 128 then malformed(cx, at, "more than 1024 flags") end
    local set = {}
    for bit = 0, #value * 8 - element.unused - 1 do
      if value:byte(bit // 8 + 1) & 0x80 >> bit % 8 ~= 0 then set[names[bit + 1] or bit] = true end
    end
    return set
  end, function(value, cx)
    expect("table")(value, cx)
    local octets, last = {}, -1
    for name, flag in pairs(value) do
      local bit = number_of[name] or math.type(name) == "integer" and name
      if not bit or bit < 0 or bit > 1023 or type(flag) ~= "boolean" then unfit(cx, "no flag " .. tostring(name)) end
      if flag then
        octets[bit // 8 + 1] = (octets[bit // 8 + 1] or 0) | 0x80 >> bit % 8
        last = math.max(last, bit)
      end
    end
    local text = {}
    for i = 1, last // 8 + 1 do text[i] = string.char(octets[i] or 0) end
    return table.concat(text), (7 - last) % 8  -- X.690 clause 11.2.2: no zeros behind the last
  end)
end

local function with_names(universal, names, name)
  if names ~= nil and type(names) ~= "table" then
    error("asn1." .. name .. ": argument 1 is to be a table of names by number", 2)
  end
  local number_of = {}
  for number, text in pairs(names or {}) do number_of[text] = number end
  return primitive(universal, function(value, element, cx, at)
    local number = from_integer(value, element, cx, at)
    return names and names[number] or number
  end, function(value, cx)
    local number = number_of[value] or value
    if math.type(number) ~= "integer" then unfit(cx, "no value " .. tostring(value)) end
    return number
  end)
end

--- An ENUMERATED as its name, or as a number where it has none.
---@param names? table<integer, string>  by number: `{ [0] = "success", "operationsError" }`
---@return asn1.type
function types.enumerated(names)
  return with_names("ENUMERATED", names, "enumerated")
end

--- An INTEGER with names in the same way.
---@param names table<integer, string>
---@return asn1.type
function types.named_integer(names)
  return with_names("INTEGER", names, "named_integer")
end

local function wide(format, size, highest)
  return function(contents, fail)
    if #contents % size ~= 0 then fail("is cut off in the midst of a character") end
    local out = {}
    for at = 1, #contents, size do
      local code = string.unpack(format, contents, at)
      if code >= 0xd800 and code <= 0xdfff or code > highest then fail("has no character there") end
      out[#out + 1] = utf8.char(code)
    end
    return table.concat(out)
  end, function(text, fail)
    local out = {}
    for _, code in utf8.codes(text) do
      if code > highest then fail("has no place for U+%X", code) end
      out[#out + 1] = string.pack(format, code)
    end
    return table.concat(out)
  end
end

local function narrow(allowed)
  local function check(text, fail)
    local bad = text:find("[^" .. allowed .. "]")
    if bad then fail("has no place for byte 0x%02x", text:byte(bad)) end
    return text
  end
  return check, check
end

-- How each type of string is read to UTF-8, and written of it.
local string_types = {
  UTF8String = { function(contents, fail)
    local length, bad = utf8.len(contents)
    if not length then fail("is no UTF-8 from its byte %d", bad) end
    return contents
  end, function(text) return text end },
  NumericString = { narrow("%d ") },
  PrintableString = { narrow("%w '()+,./:=?-") },
  IA5String = { narrow("\0-\x7f") },
  VisibleString = { narrow(" -~") },
  BMPString = { wide(">I2", 2, 0xffff) },
  UniversalString = { wide(">I4", 4, 0x10ffff) },
  TeletexString = { function(contents)  -- Latin 1, as everybody takes it who does not know T.61
    return (contents:gsub("[\x80-\xff]", function(byte) return utf8.char(byte:byte()) end))
  end, function(text, fail)
    local out = {}
    for _, code in utf8.codes(text) do
      if code > 0xff then fail("has no place for U+%X", code) end
      out[#out + 1] = string.char(code)
    end
    return table.concat(out)
  end },
}

local function string_type(universal)
  local from, to = string_types[universal][1], string_types[universal][2]
  return primitive(universal, function(value, _, cx, element)
    return from(value, function(what, ...) malformed(cx, element, (universal .. " " .. what):format(...)) end)
  end, function(value, cx)
    expect("string")(value, cx)
    if not utf8.len(value) then unfit(cx, "is to be UTF-8") end
    return to(value, function(what, ...) unfit(cx, (universal .. " " .. what):format(...)) end)
  end)
end

-- Strings: text in UTF-8, whatever they are within.
types.utf8_string, types.numeric_string = string_type("UTF8String"), string_type("NumericString")
types.printable_string, types.ia5_string = string_type("PrintableString"), string_type("IA5String")
types.visible_string, types.bmp_string = string_type("VisibleString"), string_type("BMPString")
types.universal_string, types.teletex_string = string_type("UniversalString"), string_type("TeletexString")

local function time_type(universal, from, to)
  return primitive(universal, function(value, _, cx, element)
    local seconds, _, message = try(from, value, { der = not cx.ber })
    if not seconds then malformed(cx, element, message:gsub("^time: ", "")) end
    return seconds
  end, function(value, cx)
    expect("number")(value, cx)
    local text, _, message = try(to, value)
    return text or unfit(cx, (message:gsub("^time: ", "")))
  end)
end

-- Seconds since 1970, as of the library `time`; nothing but the form of DER where it is read as DER.
types.utc_time = time_type("UTCTime", time.from_utc_time, time.to_utc_time)
types.generalized_time = time_type("GeneralizedTime", time.from_generalized_time, time.to_generalized_time)

--- Of several types one, told apart by the tag: the value that is read is the type's own.
local function one_of(kind, list, choose)
  local t = { kind = kind, alternatives = {} }
  for i, alternative in ipairs(list) do t.alternatives[i] = { alternative.kind, alternative } end
  function t.read(_, element, cx)
    for _, alternative in ipairs(list) do
      if primitives.matches(alternative, element) then return alternative:read(element, cx) end
    end
  end
  function t.write(_, value, cx) return choose(value, cx):write(value, cx) end
  return t
end

--- Time of RFC 5280: UTCTime or GeneralizedTime; written as the former from 1950 to 2049.
types.time = one_of("UTCTime or GeneralizedTime", { types.utc_time, types.generalized_time }, function(value, cx)
  expect("number")(value, cx)
  return value >= -631152000 and value < 2524608000 and types.utc_time or types.generalized_time
end)

--- DirectoryString and others: any of the string types; written as a PrintableString where it can be, else as a UTF8String.
types.text = one_of("string", { types.utf8_string, types.printable_string, types.ia5_string, types.bmp_string,
  types.teletex_string, types.numeric_string, types.visible_string, types.universal_string }, function(value)
  return type(value) == "string" and not value:find("[^%w '()+,./:=?-]") and types.printable_string or types.utf8_string
end)

--- Whatever is there, as `der.decode` gives it; written of what `der.encode` takes.
types.any = { kind = "element", any = true }
function types.any.read(_, element) return element end
function types.any.write(_, value) return value end

return primitives
