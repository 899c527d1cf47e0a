--- ASN.1 by name: structures are declared once, read from DER or BER into tables by their fields' names, and written as DER
--- (X.680, X.690). What is below, elements and their bytes, is `der`.

local primitives = require("asn1_primitives")

--- What to read or write; made by the functions below, and not changed any more.
---@class asn1.type
---@field kind string  for messages: "INTEGER", "SEQUENCE OF", …

---@class asn1.field
---@field [1] string  its name
---@field [2] asn1.type
---@field optional? boolean  it may be absent, and is nil then
---@field default? any  of an absent one; nothing is written for a value that equals it

---@class asn1.options
---@field ber? boolean  as of `der.decode`; default false
---@field position? integer  where the element begins; default 1
---@field rest? boolean  bytes may follow it; the position behind it is the second value. Default false

local malformed, unfit, describe = primitives.malformed, primitives.unfit, primitives.describe
local matches, read, new = primitives.matches, primitives.read, primitives.new

-- Types; the comments say what is read, and what is written of it.
--- X.680, X.690. A structure is declared once, of types; then it is read into tables by its fields' names, and written of them. What is below,
--- elements and their bytes, is [der](#der), whose caps hold here: 64 levels, 16,384 elements, 16 MiB.
--- ```lua
--- local asn1 = require("asn1")
--- local validity = asn1.sequence { { "not_before", asn1.time }, { "not_after", asn1.time } }
--- local extension = asn1.sequence { { "id", asn1.oid }, { "critical", asn1.boolean, default = false }, { "value", asn1.octet_string } }
--- local seen = asn1.decode(asn1.sequence_of(extension), text)
--- if seen[1].critical then … end
--- ```
---
--- | function | returns |
--- |---|---|
--- | `decode(type, text [, options])` | the value. Options: `ber` (false; as of `der.decode`), `position` (1), `rest` (false; true: bytes may follow, and the position behind is a second value) |
--- | `encode(type, value)` | DER |
--- | `read(type, element [, options])` | the value of an element that `der.decode` gave |
---
--- | type | its value |
--- |---|---|
--- | `boolean`, `octet_string`, `null` | a boolean, a string, `true` |
--- | `integer`; `hex_integer` | an integer of 64 bits; one of any length as digits, `"-"` before them where it is negative: `"7f00"` |
--- | `enumerated([names])`, `named_integer(names)` | its name in `{ [0] = "v1", "v2" }`, or the number where it has none |
--- | `oid`, `relative_oid` | dotted: `"2.5.4.3"` |
--- | `bit_string` | a table of `bytes` and `unused` (0 to 7 bits of the last byte that do not count); a string is written too |
--- | `named_bits { "digitalSignature", … }` | a table with `true` by the name of each bit that is set, by its number where it has none; at most 1,024 bits |
--- | `utf8_string printable_string ia5_string numeric_string visible_string teletex_string bmp_string universal_string` | text in UTF-8; teletex is taken as Latin 1 |
--- | `text` | any of these; written as a PrintableString where it can be, else as a UTF8String |
--- | `utc_time`, `generalized_time`; `time` | seconds since 1970 ([time](#time)); of the two the one that is there, written as RFC 5280 has it |
--- | `any` | the element, as `der.decode` gives it and `der.encode` takes it |
--- | `sequence(fields [, rest])`, `set(fields [, rest])` | a table. A field is `{ name, type }`, with `optional = true` where it may be absent (nil), or with `default =` a value, of which nothing is written. Elements that no field takes are a mistake, unless `rest` names a field for the list of them |
--- | `sequence_of(type)`, `set_of(type)` | a list |
--- | `choice { { name, type }, … }` | a table with the one field that is there: `{ dNSName = "web.lab.test" }` |
--- | `implicit(tag, type [, class])`, `explicit(tag, type [, class])` | the type's; class `"context"`, or `"application"`, `"private"` |
---
--- A SET is read in any order, and written in that of DER. A type cannot hold itself.
---
--- `decode` and `read` raise `protocol_error` with names and position, `asn1: tbs.extensions.[2]: no OBJECT IDENTIFIER but INTEGER, at byte 61`:
--- another type, a field that is missing, more than is to be there, text that its type does not allow, an integer or an arc of more than 64 bits, bytes behind
--- the value, and what `der.decode` refuses. A value of a default that is written all the same is read. What does not fit its type is a
--- `rule_error` of `encode`, with the names.
---@class asn1
---@field boolean asn1.type
---@field integer asn1.type  of 64 bits; a longer one raises protocol_error
---@field hex_integer asn1.type  of any length: hexadecimal digits in lower case, two for each byte, "-" before them where negative
---@field null asn1.type  true
---@field oid asn1.type  dotted
---@field relative_oid asn1.type
---@field octet_string asn1.type
---@field bit_string asn1.type  a table of `bytes` and `unused` (0 to 7); a string too is written
---@field utf8_string asn1.type  text in UTF-8, as all the strings that follow
---@field printable_string asn1.type
---@field ia5_string asn1.type
---@field numeric_string asn1.type
---@field visible_string asn1.type
---@field teletex_string asn1.type  taken as Latin 1
---@field bmp_string asn1.type
---@field universal_string asn1.type
---@field text asn1.type  any of these; written as PrintableString where it can be, else as UTF8String
---@field utc_time asn1.type  seconds since 1970, as the next two
---@field generalized_time asn1.type
---@field time asn1.type  either; written as UTCTime from 1950 to 2049 (RFC 5280 section 4.1.2.5)
---@field any asn1.type  whatever is there, as `der.decode` gives it and `der.encode` takes it
local asn1 = {}
for name, t in pairs(primitives.types) do asn1[name] = t end

local function mistake(what, level)
  error("asn1." .. what, (level or 1) + 1)
end

local function is_type(value)
  return type(value) == "table" and type(value.kind) == "string" and value.read ~= nil
end

local function type_argument(value, name, place)
  if not is_type(value) then mistake(("%s: argument %d is to be a type"):format(name, place), 3) end
  return value
end

local function table_of(value, cx)
  if type(value) ~= "table" then unfit(cx, "is to be a table") end
end

local function within(cx, name, f, ...)
  cx.path[#cx.path + 1] = name
  local result = f(...)
  cx.path[#cx.path] = nil
  return result
end

local function fields_of(fields, name)
  local known = {}
  if type(fields) ~= "table" then mistake(name .. ": argument 1 is to be a list of fields", 3) end
  for place, field in ipairs(fields) do
    if type(field) ~= "table" or type(field[1]) ~= "string" or not is_type(field[2]) then
      mistake(("%s: field %d is to be { name, type }"):format(name, place), 3)
    end
    if known[field[1]] then mistake(("%s: field %q is there twice"):format(name, field[1]), 3) end
    known[field[1]] = field
  end
  return known
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

--- The children that were read, and those that no field took.
local function read_field(field, element, value, cx)
  value[field[1]] = within(cx, field[1], read, field[2], element, cx)
end

local function read_absent(field, value, cx, element)
  if field.default ~= nil then
    value[field[1]] = field.default
  elseif not field.optional then
    malformed(cx, element, "no " .. field[1] .. " (" .. field[2].kind .. ")")
  end
end

local function read_sequence(self, element, cx)
  local value, place = {}, 1
  for _, field in ipairs(self.fields) do
    local child = element[place]
    if child and (matches(field[2], child) or not field.optional and field.default == nil) then
      read_field(field, child, value, cx)
      place = place + 1
    else
      read_absent(field, value, cx, element)
    end
  end
  return value, table.move(element, place, #element, 1, {})
end

local function read_set(self, element, cx)
  local value, left = {}, {}
  local seen = {}
  for _, child in ipairs(element) do
    local found
    for _, field in ipairs(self.fields) do
      if not found and matches(field[2], child) and not seen[field[1]] then found = field end
    end
    if found then
      seen[found[1]] = true
      read_field(found, child, value, cx)
    else
      left[#left + 1] = child
    end
  end
  for _, field in ipairs(self.fields) do
    if not seen[field[1]] then read_absent(field, value, cx, element) end
  end
  return value, left
end

local function write_fields(self, value, cx)
  table_of(value, cx)
  local out = {}
  for name in pairs(value) do
    if not self.known[name] and name ~= self.extensible then unfit(cx, "no field " .. tostring(name)) end
  end
  for _, field in ipairs(self.fields) do
    local part = value[field[1]]
    if part == nil then
      if field.default == nil and not field.optional then unfit(cx, "no " .. field[1] .. " (" .. field[2].kind .. ")") end
    elseif field.default == nil or not same(part, field.default) then
      out[#out + 1] = within(cx, field[1], field[2].write, field[2], part, cx)
    end
  end
  local extra = self.extensible and value[self.extensible]
  for _, more in ipairs(extra or {}) do out[#out + 1] = more end
  return out
end

--- In the order that DER wants: of a SET by the tag (X.690 clause 10.3), of a SET OF by the bytes (clause 11.6).
local function sorted(list, by_tag)
  local classes = { universal = 0, application = 1, context = 2, private = 3 }
  local entries = {}
  for i, item in ipairs(list) do
    local encoded = der.encode(item)
    local element = der.decode(encoded)
    entries[i] = { by_tag and ("%d %09d"):format(classes[element.class], element.tag) or encoded, element }
  end
  table.sort(entries, function(a, b) return a[1] < b[1] end)
  for i, entry in ipairs(entries) do list[i] = entry[2] end
  return list
end

local function finish(self, list)
  list.class, list.tag, list.constructed = self.class, self.tag, true
  return list
end

local function structure(universal, fields, extensible, name)
  local t = new(universal, universal, true)
  t.fields, t.known, t.extensible = fields, fields_of(fields, name), extensible
  if extensible ~= nil and (type(extensible) ~= "string" or t.known[extensible]) then
    mistake(name .. ": argument 2 is to be a name that no field has", 3)
  end
  local read_it = universal == "SET" and read_set or read_sequence
  function t.read(self, element, cx)
    local value, left = read_it(self, element, cx)
    if #left > 0 and not extensible then malformed(cx, left[1], describe(left[1]) .. " where nothing more is to be") end
    if extensible then value[extensible] = left end
    return value
  end
  function t.write(self, value, cx)
    local list = write_fields(self, value, cx)
    return finish(self, universal == "SET" and sorted(list, true) or list)
  end
  return t
end

--- A SEQUENCE: a table by its fields' names. With `extensible` elements behind the known ones are no mistake, but a list
--- under that name.
---@param fields asn1.field[]
---@param extensible? string
---@return asn1.type
function asn1.sequence(fields, extensible)
  return structure("SEQUENCE", fields, extensible, "sequence")
end

--- A SET: the same, in any order; written in that of DER.
---@param fields asn1.field[]
---@param extensible? string
---@return asn1.type
function asn1.set(fields, extensible)
  return structure("SET", fields, extensible, "set")
end

local function list_of(universal, item, name)
  type_argument(item, name, 1)
  local t = new(universal, universal .. " OF", true)
  function t.read(_, element, cx)
    local list = {}
    for place, child in ipairs(element) do list[place] = within(cx, "[" .. place .. "]", read, item, child, cx) end
    return list
  end
  function t.write(self, value, cx)
    table_of(value, cx)
    local list = {}
    for place, part in ipairs(value) do list[place] = within(cx, "[" .. place .. "]", item.write, item, part, cx) end
    return finish(self, universal == "SET" and sorted(list) or list)
  end
  return t
end

--- A SEQUENCE OF: a list.
---@param item asn1.type
---@return asn1.type
function asn1.sequence_of(item)
  return list_of("SEQUENCE", item, "sequence_of")
end

--- A SET OF: a list, as it stands; written in the order of DER.
---@param item asn1.type
---@return asn1.type
function asn1.set_of(item)
  return list_of("SET", item, "set_of")
end

--- A CHOICE: a table with one field, that of the alternative that is there.
---@param alternatives asn1.field[]  { name, type }
---@return asn1.type
function asn1.choice(alternatives)
  local t = { kind = "CHOICE", alternatives = alternatives, known = fields_of(alternatives, "choice") }
  function t.read(_, element, cx)
    for _, alternative in ipairs(alternatives) do
      if matches(alternative[2], element) then
        return { [alternative[1]] = within(cx, alternative[1], read, alternative[2], element, cx) }
      end
    end
  end
  function t.write(self, value, cx)
    table_of(value, cx)
    local found
    for name in pairs(value) do
      if found or not self.known[name] then
        unfit(cx, "is to have one field, that of an alternative, and has " .. tostring(name))
      end
      found = self.known[name]
    end
    if not found then unfit(cx, "is to have the field of an alternative") end
    return within(cx, found[1], found[2].write, found[2], value[found[1]], cx)
  end
  return t
end

local classes = { context = true, application = true, private = true }

local function tagged(name, tag, item, class)
  if math.type(tag) ~= "integer" or tag < 0 or tag >= 1 << 28 then mistake(name .. ": argument 1 is to be a tag", 3) end
  type_argument(item, name, 2)
  class = class or "context"
  if not classes[class] then mistake(name .. ": argument 3 is \"context\", \"application\" or \"private\"", 3) end
  return class
end

--- A type with another tag in place of its own (IMPLICIT).
---@param tag integer  0 to 2^28-1
---@param item asn1.type  no CHOICE, and not `any`: these have no tag to replace
---@param class? "context"|"application"|"private"  default "context"
---@return asn1.type
function asn1.implicit(tag, item, class)
  class = tagged("implicit", tag, item, class)
  if not item.class then mistake("implicit: a CHOICE has no tag to replace", 2) end
  local t = {}
  for key, value in pairs(item) do t[key] = value end
  t.class, t.tag = class, tag
  return t
end

--- A type within another tag (EXPLICIT).
---@param tag integer  0 to 2^28-1
---@param item asn1.type
---@param class? "context"|"application"|"private"  default "context"
---@return asn1.type
function asn1.explicit(tag, item, class)
  class = tagged("explicit", tag, item, class)
  local t = { kind = ("%s %d"):format(class, tag), class = class, tag = tag, constructed = true }
  function t.read(_, element, cx)
    if #element ~= 1 then malformed(cx, element, #element .. " elements within an explicit tag, and there is to be one") end
    return read(item, element[1], cx)
  end
  function t.write(self, value, cx) return finish(self, { item:write(value, cx) }) end
  return t
end

--- Reads an element that `der.decode` gave.
---@param t asn1.type
---@param element der.element  raises protocol_error where it is none of the type
---@param options? asn1.options  `ber`
---@return any
function asn1.read(t, element, options)
  type_argument(t, "read", 1)
  if type(element) ~= "table" then mistake("read: argument 2 is to be an element", 2) end
  return read(t, element, { path = {}, first = element.first, ber = options and options.ber or false })
end

--- Reads bytes. Raises protocol_error, with names and position, where they are not of the type, or more is behind them.
---@param t asn1.type
---@param text string
---@param options? asn1.options
---@return any value
---@return integer? behind  with the option `rest`
function asn1.decode(t, text, options)
  type_argument(t, "decode", 1)
  if type(text) ~= "string" then mistake("decode: argument 2 is to be a string", 2) end
  options = options or {}
  local element, behind = der.decode(text, { ber = options.ber, position = options.position })
  local value = read(t, element, { path = {}, first = element.first, ber = options.ber or false })
  if options.rest then return value, behind end
  if behind <= #text then
    raise("protocol_error", ("asn1: %d bytes behind the %s, at byte %d"):format(#text + 1 - behind, t.kind, behind))
  end
  return value
end

--- Writes DER. What does not fit is a mistake of the rule, and the message has its names.
---@param t asn1.type
---@param value any
---@return string
function asn1.encode(t, value)
  type_argument(t, "encode", 1)
  return der.encode(t:write(value, { path = {} }))
end

return asn1
