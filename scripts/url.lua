--- URIs (RFC 3986): taking them apart, putting them together, resolving references, percent-encoding.

---@class url.parts
---@field scheme? string  lower case
---@field userinfo? string  as written
---@field host? string  lower case; an IPv6 address without its brackets; nil where there is no authority, "" where it is empty
---@field port? integer  0 to 65535; nil where none is written
---@field path string  as written, as the next two; "" where there is none
---@field query? string  without "?"; nil where there is none, which is not ""
---@field fragment? string  without "#"

--- RFC 3986.
---
--- | function | returns |
--- |---|---|
--- | `parse(text)` | the parts of a URI or a relative reference: `scheme` and `host` (lower case; an IPv6 address without brackets), `userinfo`, `port` (0 to 65535), `path` (`""` where there is none), `query` (without `?`), `fragment` (without `#`). What is not written is nil; `""` is written and empty. Nothing is decoded |
--- | `format(parts)` | the text of parts (section 5.3). A path that would be read as an authority or a scheme gets `/.` or `./` before it |
--- | `resolve(base, reference)` | what a reference means in a base (section 5.2, strictly); both are texts or parts |
--- | `encode(text [, keep])` | every byte percent-encoded that is not unreserved (`A-Z a-z 0-9 - . _ ~`) nor in `keep`, such as `"/"` |
--- | `decode(text)` | without percent-encoding: any bytes. `+` stays |
---
--- `parse` and `resolve` raise `protocol_error` where the text is none of RFC 3986: a blank, a control, a byte above 127, a broken percent-encoding,
--- a port above 65535, a host in brackets that is no address; more than 65,536 bytes; and `resolve` for a base without a scheme. Names
--- beyond ASCII have to be encoded first. A URL that a server sends may be any of this: `try(url.parse, location)`.
local url = {}

local longest = 65536

local function malformed(what)
  raise("protocol_error", "url: " .. what)
end

local function text_of(value, place, name)
  if type(value) ~= "string" then error(("url.%s: argument %d is to be a string"):format(name, place), 3) end
  return value
end

--- Percent-encodes every byte but the unreserved ones of section 2.3, and those in `keep`.
---@param text string
---@param keep? string  bytes that stay too, such as "/"
---@return string
function url.encode(text, keep)
  text_of(text, 1, "encode")
  local kept = {}
  for byte in text_of(keep or "", 2, "encode"):gmatch(".") do kept[byte] = byte end
  return (text:gsub("[^%w%-._~]", function(byte)
    return kept[byte] or ("%%%02X"):format(byte:byte())
  end))
end

--- Undoes percent-encoding; "+" stays what it is. Raises protocol_error where two hexadecimal digits do not follow a "%".
---@param text string
---@return string
function url.decode(text)
  text_of(text, 1, "decode")
  local bad = (text .. "  "):gsub("%%%x%x", "..."):find("%", 1, true)
  if bad then malformed("no two hexadecimal digits behind the % at position " .. bad) end
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- Bytes that stand for themselves beside the unreserved and %: pchar and its neighbours of section 3.
local not_userinfo = "[^%w%-._~%%!$&'()*+,;=:]"
local not_host = "[^%w%-._~%%!$&'()*+,;=]"
local not_path = "[^%w%-._~%%!$&'()*+,;=:@/]"
local not_query = "[^%w%-._~%%!$&'()*+,;=:@/?]"

local function check(part, forbidden, name)
  local bad = part:find(forbidden)
  if bad then malformed(("byte 0x%02x in the %s"):format(part:byte(bad), name)) end
  if part:find("%", 1, true) then url.decode(part) end
  return part
end

local function read_authority(authority, parts)
  local at = authority:find("@", 1, true)
  if at then parts.userinfo = check(authority:sub(1, at - 1), not_userinfo, "userinfo") end
  local place = authority:sub((at or 0) + 1)
  local host, port
  if place:byte() == 0x5b then
    host, port = place:match("^%[([^%]]*)%](.*)$")
    if not host then malformed("a [ without its ] in the host") end
    if not host:find("^[%x:.]*:[%x:.]*$") and not host:find("^[vV]%x+%.[%w%-._~!$&'()*+,;=:]+$") then
      malformed("no address in the brackets of the host")
    end
    if port ~= "" and port:byte() ~= 0x3a then malformed("text behind the ] of the host") end
    port = port:sub(2)
  else
    host, port = place:match("^([^:]*):?(.*)$")
    check(host, not_host, "host")
  end
  parts.host = host:lower()
  if port ~= "" then
    if port:find("%D") or #port > 5 or tonumber(port) > 65535 then malformed("a port that is no number up to 65535") end
    parts.port = math.tointeger(tonumber(port))
  end
end

--- Takes a URI, or a relative reference, apart (sections 3 and 4.2). Raises protocol_error where it is neither.
---@param text string  65,536 bytes at most
---@return url.parts
function url.parse(text)
  text_of(text, 1, "parse")
  if #text > longest then malformed(("%d bytes, and %d are the most"):format(#text, longest)) end
  local hash = text:find("#", 1, true)
  local before = hash and text:sub(1, hash - 1) or text
  local mark = before:find("?", 1, true)
  local parts = {}
  if hash then parts.fragment = check(text:sub(hash + 1), not_query, "fragment") end
  if mark then parts.query = check(before:sub(mark + 1), not_query, "query") end
  local rest = mark and before:sub(1, mark - 1) or before
  local first = rest:match("^[^/]*")
  if first:find(":", 1, true) then
    local scheme, behind = first:match("^(%a[%w+.-]*):()")
    if not scheme then malformed("a colon in the first segment, and no scheme before it") end
    parts.scheme, rest = scheme:lower(), rest:sub(behind)
  end
  if rest:sub(1, 2) == "//" then
    local authority, path = rest:match("^//([^/]*)(.*)$")
    read_authority(authority, parts)
    rest = path
  end
  parts.path = check(rest, not_path, "path")
  return parts
end

--- Puts parts together (section 5.3). A path that would be read as something else gets "/." or "./" before it.
---@param parts url.parts
---@return string
function url.format(parts)
  if type(parts) ~= "table" then error("url.format: argument 1 is to be a table of parts", 2) end
  local out, path = {}, parts.path or ""
  if parts.scheme then out[1] = parts.scheme .. ":" end
  if parts.host then
    local host = parts.host
    if host:find(":", 1, true) then host = "[" .. host .. "]" end
    out[#out + 1] = "//" .. (parts.userinfo and parts.userinfo .. "@" or "") .. host .. (parts.port and ":" .. parts.port or "")
    if path ~= "" and path:byte() ~= 0x2f then path = "/" .. path end
  elseif path:sub(1, 2) == "//" then
    path = "/." .. path
  elseif not parts.scheme and path:match("^[^/]*"):find(":", 1, true) then
    path = "./" .. path
  end
  out[#out + 1] = path
  if parts.query then out[#out + 1] = "?" .. parts.query end
  if parts.fragment then out[#out + 1] = "#" .. parts.fragment end
  return table.concat(out)
end

--- Section 5.2.4, with the segments kept in a list.
local function remove_dot_segments(path)
  local at = 1
  while true do
    local behind = path:match("^%.%.?/()", at)
    if not behind then break end
    at = behind
  end
  if path:find("^%.%.?$", at) then return "" end
  local kept = {}
  local first, behind = path:match("^([^/]+)()", at)
  if first then kept[1], at = first, behind end
  while at <= #path do
    local segment, past = path:match("^/([^/]*)()", at)
    if segment == ".." then kept[#kept] = nil end
    if segment ~= "." and segment ~= ".." then
      kept[#kept + 1] = "/" .. segment
    elseif past > #path then
      kept[#kept + 1] = "/"
    end
    at = past
  end
  return table.concat(kept)
end

local function parts_of(value, place)
  if type(value) == "table" then return value end
  if type(value) == "string" then return url.parse(value) end
  error(("url.resolve: argument %d is to be a string or a table of parts"):format(place), 3)
end

--- What a reference means where it stands in a base (section 5.2, strictly). Raises protocol_error where either cannot be read,
--- or the base has no scheme.
---@param base string|url.parts
---@param reference string|url.parts
---@return string
function url.resolve(base, reference)
  local b, r = parts_of(base, 1), parts_of(reference, 2)
  if not b.scheme then malformed("the base has no scheme") end
  local t = { scheme = r.scheme or b.scheme, fragment = r.fragment, query = r.query }
  local place = (r.scheme or r.host) and r or b
  t.userinfo, t.host, t.port = place.userinfo, place.host, place.port
  if place == r or r.path:byte() == 0x2f then
    t.path = remove_dot_segments(r.path)
  elseif r.path == "" then
    t.path, t.query = b.path, r.query or b.query
  elseif b.host and b.path == "" then
    t.path = remove_dot_segments("/" .. r.path)
  else
    local slash = #b.path
    while slash > 0 and b.path:byte(slash) ~= 0x2f do slash = slash - 1 end
    t.path = remove_dot_segments(b.path:sub(1, slash) .. r.path)
  end
  return url.format(t)
end

return url
