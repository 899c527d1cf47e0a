--- IP addresses and networks: reading them, writing them (RFC 5952), their order, and what contains what (RFC 4291, RFC 4632).

---@class ip.address
---@field version 4|6
---@field bytes string  4 or 16, as on the wire
---@field zone? string  of IPv6, what stands behind "%" (RFC 4007)
---@field text string  the one way to write it (RFC 5952)

---@class ip.network
---@field version 4|6
---@field prefix integer  0 to 32, or to 128
---@field first string  bytes of its first address
---@field last string  bytes of its last address
---@field text string  "192.0.2.0/24"

--- RFC 4291, RFC 4632, RFC 5952.
---
--- | function | returns |
--- |---|---|
--- | `parse(text)` | `version` (4, 6), `bytes` (4 or 16, as on the wire), `zone` (behind `%`, RFC 4007; nil), `text` (the one way to write it) |
--- | `version(text)` | 4, 6, or nil where it is no address; never raises |
--- | `format(bytes)` | the text of 4 or 16 bytes (RFC 5952; an IPv4-mapped one is `::ffff:192.0.2.1`) |
--- | `compare(a, b)` | -1 where `a` comes first, 1 where `b` does, 0 where they are the same however written: IPv4 before IPv6, then by number, then by zone |
--- | `network(text)` | `version`, `prefix` (bits), `first` and `last` (bytes), `text`, of `"192.0.2.0/24"`. Bits behind the prefix do not count; an address alone is the network of itself |
--- | `contains(network, address)` | is it within? The network is a text or what `network` returned. An address of the other version never is; a zone does not count |
--- | `unmapped(address)` | the IPv4 address in an IPv4-mapped one, which is otherwise one of IPv6; any other as `format` writes it |
---
--- IPv4 is four decimal numbers; leading zeros, which some read as octal, short forms and hexadecimal are no address (RFC 6943 section 3.1.1).
--- All but `version` and `format` raise `protocol_error` for what is no address or network.
local ip = {}

local function malformed(what, text)
  raise("protocol_error", ("ip: %s: %q"):format(what, text:sub(1, 100)))
end

local function text_of(value, place, name)
  if type(value) ~= "string" then error(("ip.%s: argument %d is to be a string"):format(name, place), 3) end
  return value
end

--- Four decimal numbers without leading zeros, which some read as octal (RFC 6943 section 3.1.1); nil where it is not that.
local function read_ipv4(text)
  if #text > 15 then return nil end
  local bytes_of = {}
  for number in (text .. "."):gmatch("([^.]*)%.") do
    if not number:find("^%d%d?%d?$") or number:find("^0.") or tonumber(number) > 255 then return nil end
    bytes_of[#bytes_of + 1] = string.char(tonumber(number))
  end
  return #bytes_of == 4 and table.concat(bytes_of) or nil
end

--- Groups of one side of "::", as bytes; the last may be an IPv4 address. Nil where they are none.
local function read_groups(text, may_end_in_ipv4)
  if text == "" then return "" end
  local out = {}
  local last = text:match("([^:]*)$")
  local tail = ""
  if may_end_in_ipv4 and last:find(".", 1, true) then
    tail = read_ipv4(last)
    if not tail then return nil end
    text = text:sub(1, #text - #last)
    if text == "" then return tail end
  else
    text = text .. ":"
  end
  for group in text:gmatch("([^:]*):") do
    if not group:find("^%x%x?%x?%x?$") then return nil end
    out[#out + 1] = bytes.pack(">I2", tonumber(group, 16))
  end
  return table.concat(out) .. tail
end

--- RFC 4291 section 2.2; nil where it is not that.
local function read_ipv6(text)
  if #text > 45 then return nil end
  local gap, behind = text:find("::", 1, true)
  if not gap then
    local whole = read_groups(text, true)
    return whole and #whole == 16 and whole or nil
  end
  local head, tail = read_groups(text:sub(1, gap - 1), false), read_groups(text:sub(behind + 1), true)
  if not head or not tail or #head + #tail > 14 then return nil end
  return head .. ("\0"):rep(16 - #head - #tail) .. tail
end

local function read(text)
  local found = read_ipv4(text)
  if found then return found end
  local address, zone = text:match("^([^%%]*)%%([%w._~-]+)$")
  if zone and #zone > 64 then return nil end
  return read_ipv6(address or text), zone
end

--- Writes an address (RFC 5952): lower case, no leading zeros, "::" for the longest run of two zero groups or more, the first of
--- equals; an IPv4-mapped one as ::ffff:192.0.2.1.
---@param address string  4 or 16 bytes
---@return string
function ip.format(address)
  text_of(address, 1, "format")
  if #address == 4 then return ("%d.%d.%d.%d"):format(address:byte(1, 4)) end
  if #address ~= 16 then error("ip.format: argument 1 is to be 4 or 16 bytes", 2) end
  if address:sub(1, 12) == ("\0"):rep(10) .. "\xff\xff" then return "::ffff:" .. ip.format(address:sub(13)) end
  local groups = { bytes.unpack(">I2I2I2I2I2I2I2I2", address) }
  local best, length, run = 0, 1, 0
  for i = 1, 8 do
    run = groups[i] == 0 and run + 1 or 0
    if run > length then best, length = i - run + 1, run end
    groups[i] = ("%x"):format(groups[i])
  end
  if best == 0 then return table.concat(groups, ":", 1, 8) end
  return table.concat(groups, ":", 1, best - 1) .. "::" .. table.concat(groups, ":", best + length, 8)
end

--- Which version an address is written in; nil where the text is no address. Never raises.
---@param text string
---@return 4|6|nil
function ip.version(text)
  local found = read(text_of(text, 1, "version"))
  return found and (#found == 4 and 4 or 6) or nil
end

local function parse(text)
  local found, zone = read(text)
  if not found then malformed("no address", text) end
  return {
    version = #found == 4 and 4 or 6,
    bytes = found,
    zone = zone,
    text = ip.format(found) .. (zone and "%" .. zone or ""),
  }
end

--- Reads an address; raises protocol_error where the text is none.
---@param text string
---@return ip.address
function ip.parse(text)
  return parse(text_of(text, 1, "parse"))
end

--- Byte by byte: -1, 0, 1.
local function order(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x < y and -1 or 1 end
  end
  return #a == #b and 0 or #a < #b and -1 or 1
end

--- -1 where `a` comes before `b`, 1 where behind, 0 where they are the same: IPv4 before IPv6, then by number, then by zone.
---@param a string
---@param b string
---@return -1|0|1
function ip.compare(a, b)
  local x, y = parse(text_of(a, 1, "compare")), parse(text_of(b, 2, "compare"))
  if x.version ~= y.version then return x.version < y.version and -1 or 1 end
  local found = order(x.bytes, y.bytes)
  return found ~= 0 and found or order(x.zone or "", y.zone or "")
end

local function read_network(text)
  local address, digits = text:match("^([^/]*)/(%d+)$")
  local found, zone = read(address or text)
  if not found or zone then malformed("no network", text) end
  local most = #found * 8
  if digits and (#digits > 3 or digits:find("^0.") or tonumber(digits) > most) then malformed("no prefix length", text) end
  local prefix = digits and math.tointeger(tonumber(digits)) or most
  local first, last = {}, {}
  for i = 1, #found do
    local fixed = math.max(0, math.min(8, prefix - (i - 1) * 8))
    local host = 0xff >> fixed
    first[i] = string.char(found:byte(i) & ~host & 0xff)
    last[i] = string.char(found:byte(i) | host)
  end
  local network = { version = #found == 4 and 4 or 6, prefix = prefix, first = table.concat(first), last = table.concat(last) }
  network.text = ip.format(network.first) .. "/" .. prefix
  return network
end

--- Reads a network, "192.0.2.0/24"; bits behind the prefix do not count, and an address alone is the network of itself. Raises
--- protocol_error where the text is none.
---@param text string
---@return ip.network
function ip.network(text)
  return read_network(text_of(text, 1, "network"))
end

--- Is an address within a network? One of the other version never is, and an IPv4-mapped address is one of IPv6: see `unmapped`.
---@param network string|ip.network
---@param address string  its zone does not count
---@return boolean
function ip.contains(network, address)
  if type(network) ~= "table" then network = read_network(text_of(network, 1, "contains")) end
  local found = parse(text_of(address, 2, "contains")).bytes
  return #found == #network.first and order(network.first, found) <= 0 and order(found, network.last) <= 0
end

--- The IPv4 address in an IPv4-mapped one (::ffff:0:0/96); any other as `format` writes it.
---@param address string
---@return string
function ip.unmapped(address)
  local found = parse(text_of(address, 1, "unmapped"))
  return found.version == 6 and not found.zone and found.text:match("^::ffff:(%d+%.%d+%.%d+%.%d+)$") or found.text
end

return ip
