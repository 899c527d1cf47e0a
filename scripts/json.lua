--- JSON (RFC 8259): reading with caps on depth and size, writing with sorted names.

---@class json.options
---@field depth? integer  arrays and objects within each other, 1 to 128; default 64
---@field size? integer  bytes of the text, 1 to 8,388,608; default 1,048,576

--- RFC 8259.
---
--- | function | returns |
--- |---|---|
--- | `decode(text [, options])` | the value. Objects and arrays are tables, null is `json.null`; a number is an integer where it is written as one and fits into 64 bits, else a float |
--- | `encode(value)` | one line without blanks, names sorted byte by byte: the same value gives the same bytes. A float stays one (`1.0`) |
--- | `null` | the value for null: a table that equals itself only, and is true to `if` |
--- | `array(list)` | makes the table an array, also where it is empty: `encode` writes `[]`, and `{}` for any other empty table |
--- | `is_array(value)` | did `decode` read it as an array, or `array` make it one? |
---
--- Options: `depth` (of arrays and objects within each other; 64, at most 128) and `size` (bytes; 1 MiB, at most 8 MiB). A check has
--- steps for about 200,000 values. In evidence `json.null` is an empty table.
---
--- `decode` raises `protocol_error` with the position of what is wrong: no JSON, text behind the value, no UTF-8, half of a surrogate pair, a name that is
--- there twice (RFC 8259 leaves open which counts, so that two programs may read two things), a number too large for a float, and what is
--- past the caps. A byte order mark before the text is passed over. What JSON cannot say is a `rule_error` of `encode`: functions, nil, infinity
--- and nan, no UTF-8, lists with holes or names, keys that are no strings, more than 128 levels.
local json = {}

local array_type = { __name = "json.array" }

--- JSON's null, as a value in tables. It is itself only, and true to `if`: compare with `== json.null`.
json.null = setmetatable({}, { __name = "json.null", __tostring = function() return "null" end })

--- Makes a table an array, also where it is empty: `encode` then writes `[]` and not `{}`. What `decode` read is one already.
---@generic T : table
---@param list T
---@return T
function json.array(list)
  if type(list) ~= "table" or list == json.null then error("json.array: argument 1 is to be a table", 2) end
  return setmetatable(list, array_type)
end

--- Is a value an array that `decode` or `array` made?
---@param value any
---@return boolean
function json.is_array(value)
  return type(value) == "table" and getmetatable(value) == array_type
end

local function malformed(what, position)
  raise("protocol_error", ("json: %s at position %d"):format(what, position))
end

local escapes = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

--- The character of a \u escape whose digits begin at a position, and the position behind it (section 7).
local function unescape(text, at)
  local digits = text:match("^%x%x%x%x", at)
  if not digits then malformed("no four hexadecimal digits behind \\u", at) end
  local unit = tonumber(digits, 16)
  if unit < 0xd800 or unit > 0xdfff then return utf8.char(unit), at + 4 end
  local low = unit < 0xdc00 and text:match("^\\u(%x%x%x%x)", at + 4)
  low = low and tonumber(low, 16)
  if not low or low < 0xdc00 or low > 0xdfff then malformed("half of a surrogate pair", at - 2) end
  return utf8.char(0x10000 + ((unit & 0x3ff) << 10 | low & 0x3ff)), at + 10
end

--- The string whose first byte stands behind its quote, and the position behind it.
local function read_string(text, at)
  local parts, opened = {}, at - 1
  while true do
    local stop = text:find('["\\\0-\31]', at)
    if not stop then malformed("a string without its end", opened) end
    parts[#parts + 1] = text:sub(at, stop - 1)
    local byte = text:sub(stop, stop)
    if byte == '"' then return #parts == 1 and parts[1] or table.concat(parts), stop + 1 end
    if byte ~= "\\" then malformed("a control character in a string", stop) end
    local letter = text:sub(stop + 1, stop + 1)
    if letter == "u" then
      parts[#parts + 1], at = unescape(text, stop + 2)
    else
      parts[#parts + 1] = escapes[letter] or malformed("an unknown escape", stop)
      at = stop + 2
    end
  end
end

--- Section 6: an integer of 64 bits where it is written as one and fits, else a float.
local function read_number(text, at)
  local whole, behind = text:match("^(-?%d+)()", at)
  if not whole or whole:find("^-?0%d") then malformed("no number", at) end
  local number
  local next_byte = text:byte(behind)
  if next_byte == 0x2e or next_byte == 0x65 or next_byte == 0x45 then
    local fraction, past = text:match("^(%.%d+)()", behind)
    if not fraction and next_byte == 0x2e then malformed("no digit behind the point", behind + 1) end
    behind = past or behind
    local exponent, end_of_it = text:match("^([eE][+-]?%d+)()", behind)
    if not exponent and text:find("^[eE]", behind) then malformed("no digit in the exponent", behind + 1) end
    behind = end_of_it or behind
    number = tonumber(text:sub(at, behind - 1))
  else
    number = whole == "-0" and -0.0 or tonumber(whole)
  end
  if number == math.huge or number == -math.huge then malformed("a number that is too large", at) end
  return number, behind
end

local literals = { t = { "true", true }, f = { "false", false }, n = { "null", json.null } }

local function skip(text, at)
  local byte = text:byte(at)
  if not byte or byte > 0x20 then return at end  -- mostly; a pattern costs more
  return text:match("^[ \t\r\n]*()", at)
end

local read_value

local function read_array(text, at, left)
  local list, count = setmetatable({}, array_type), 0
  at = skip(text, at)
  if text:byte(at) == 0x5d then return list, at + 1 end
  while true do
    count = count + 1
    list[count], at = read_value(text, at, left)
    at = skip(text, at)
    local byte = text:byte(at)
    if byte == 0x5d then return list, at + 1 end
    if byte ~= 0x2c then malformed("neither , nor ]", at) end
    at = at + 1
  end
end

local function read_object(text, at, left)
  local object = {}
  at = skip(text, at)
  if text:byte(at) == 0x7d then return object, at + 1 end
  while true do
    at = skip(text, at)
    if text:byte(at) ~= 0x22 then malformed("no name in quotes", at) end
    local begins, name = at, nil
    name, at = read_string(text, at + 1)
    if object[name] ~= nil then malformed("a name that is there already", begins) end
    at = skip(text, at)
    if text:byte(at) ~= 0x3a then malformed("no : behind a name", at) end
    object[name], at = read_value(text, at + 1, left)
    at = skip(text, at)
    local byte = text:byte(at)
    if byte == 0x7d then return object, at + 1 end
    if byte ~= 0x2c then malformed("neither , nor }", at) end
    at = at + 1
  end
end

function read_value(text, at, left)
  at = skip(text, at)
  local first = text:sub(at, at)
  if first == '"' then return read_string(text, at + 1) end
  if first == "{" or first == "[" then
    if left == 0 then malformed("more levels than are allowed", at) end
    if first == "{" then return read_object(text, at + 1, left - 1) end
    return read_array(text, at + 1, left - 1)
  end
  local literal = literals[first]
  if literal then
    local behind = at + #literal[1]
    if text:sub(at, behind - 1) ~= literal[1] then malformed("no value", at) end
    return literal[2], behind
  end
  if first == "" then malformed("no value but the end", at) end
  if not first:find("[%d-]") then malformed("no value", at) end
  return read_number(text, at)
end

local function limit(options, name, default, most)
  local value = options and options[name]
  if value == nil then return default end
  if math.type(value) ~= "integer" or value < 1 or value > most then
    error(("json.decode: %s is to be an integer from 1 to %d"):format(name, most), 3)
  end
  return value
end

--- Reads a text. Null is `json.null`; raises protocol_error with the position of what is wrong.
---@param text string  UTF-8; a byte order mark before it is passed over
---@param options? json.options
---@return any
function json.decode(text, options)
  if type(text) ~= "string" then error("json.decode: argument 1 is to be a string", 2) end
  local depth = limit(options, "depth", 64, 128)
  local size = limit(options, "size", 1 << 20, 8 << 20)
  if #text > size then raise("protocol_error", ("json: %d bytes, and %d are the most"):format(#text, size)) end
  local length, bad = utf8.len(text)
  if not length then malformed("no UTF-8", bad) end
  local value, behind = read_value(text, text:sub(1, 3) == "\xef\xbb\xbf" and 4 or 1, depth)
  behind = skip(text, behind)
  if behind <= #text then malformed("text behind the value", behind) end
  return value
end

local short = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function write_string(text)
  if not utf8.len(text) then error("json.encode: a string that is no UTF-8", 0) end
  return '"' .. text:gsub('["\\\0-\31]', function(byte)
    return short[byte] or ("\\u%04x"):format(byte:byte())
  end) .. '"'
end

local function write_number(number)
  if math.type(number) == "integer" then return ("%d"):format(number) end
  if number ~= number or number == math.huge or number == -math.huge then
    error("json.encode: a number that is not finite", 0)
  end
  local text = ("%.15g"):format(number)
  if tonumber(text) ~= number then text = ("%.17g"):format(number) end
  return text:find("[.e]") and text or text .. ".0"
end

--- The names of an object, sorted; nil where the table is an array.
local function names_of(value)
  local names, count = {}, 0
  for key in pairs(value) do
    count = count + 1
    names[count] = key
  end
  if json.is_array(value) or #value > 0 then
    if count ~= #value then error("json.encode: an array with holes or names", 0) end
    return nil
  end
  for _, name in ipairs(names) do
    if type(name) ~= "string" then error("json.encode: a name that is no string", 0) end
  end
  table.sort(names)
  return names
end

local function write_value(value, out, depth)
  local kind = type(value)
  if value == json.null then
    out[#out + 1] = "null"
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  elseif kind == "number" then
    out[#out + 1] = write_number(value)
  elseif kind == "string" then
    out[#out + 1] = write_string(value)
  elseif kind ~= "table" then
    error("json.encode: a " .. kind .. " has no place in JSON", 0)
  elseif depth == 0 then
    error("json.encode: more than 128 levels, or a table that holds itself", 0)
  else
    local names = names_of(value)
    out[#out + 1] = names and "{" or "["
    for i, item in ipairs(names or value) do
      if i > 1 then out[#out + 1] = "," end
      if names then
        out[#out + 1] = write_string(item) .. ":"
        item = value[item]
      end
      write_value(item, out, depth - 1)
    end
    out[#out + 1] = names and "}" or "]"
  end
end

--- Writes a value in one line without blanks, names sorted byte by byte. An empty table is `{}`, unless it is an array. What JSON
--- cannot say is a mistake of the rule.
---@param value any
---@return string
function json.encode(value)
  local out = {}
  write_value(value, out, 128)
  return table.concat(out)
end

return json
