--- MySQL and MariaDB: what a server says before anybody logs in (MySQL's "Protocol::HandshakeV10", and MariaDB's of the same).

---@class mysql.options
---@field port? integer  default 3306
---@field timeout? number  seconds, of connecting and of each read; default the target's

---@class mysql.error
---@field code integer  1040 too many connections, 1129 this host is blocked, 1130 this host may not connect, …
---@field state? string  SQLSTATE, 5 characters, where the server says it
---@field message string

--- Evidence as it stands.
---@class mysql.greeting
---@field stream stream  the conversation, closed
---@field protocol? integer  10, or 9 of servers before 3.21; nil where the server refuses
---@field version? string  as the server says it: "8.0.36", "5.5.5-10.11.6-MariaDB-0+deb12u1"
---@field mariadb? boolean
---@field release? string  its number: "8.0.36", "10.11.6"
---@field connection_id? integer
---@field capabilities? integer  32 bits, of protocol 10 as all that follow
---@field capability_names? string[]  by bit
---@field tls? boolean  it offers TLS
---@field character_set? integer  the collation's number
---@field status? integer  16 bits
---@field auth_plugin? string  "caching_sha2_password", "mysql_native_password", …; nil where the server names none
---@field error? mysql.error  it refuses; the others are absent then

--- MySQL's client/server protocol, HandshakeV10 and V9, and MariaDB's of the same.
---
--- `greeting(target [, options])` connects, reads the first packet and goes away; the server counts an aborted connection, and bars a host that
--- has too many (`max_connect_errors`). Options: `port` (3306), `timeout` (s, of connecting and of each read; the target's). `decode(payload)` reads
--- a packet without its header. A greeting is evidence, with these fields:
---
--- | field | holds |
--- |---|---|
--- | `stream` | the conversation, closed; not of `decode` |
--- | `protocol` | 10, or 9 of servers before 3.21, which say no more than `version` and `connection_id` |
--- | `version`, `release`, `mariadb` | as the server says it (`"5.5.5-10.11.6-MariaDB-1"`); its number (`"10.11.6"`, nil where there is none); whether it names MariaDB |
--- | `connection_id` | counts its connections |
--- | `tls` | does it offer TLS; `target:tls(3306)` looks at it |
--- | `auth_plugin` | how users log in by default, `"caching_sha2_password"`, `"mysql_native_password"`; nil where it says none |
--- | `capabilities`, `capability_names` | 32 bits; `"SSL"`, `"PLUGIN_AUTH"`, …: MySQL's names without `CLIENT_`, by bit |
--- | `character_set`, `status` | the number of a collation; 16 bits of flags; nil before 4.1 |
--- | `error` | where it refuses, in place of all but `stream`: `code` (1040 too many connections, 1129 this host is barred, 1130 this host may not connect), `state` (SQLSTATE, nil), `message` |
---
--- Raises what `connect` and `read` do (`eof` where it closes before its greeting is whole), and `protocol_error`: another protocol, or a greeting of
--- more than 4,096 bytes.
local mysql = {}

local most = 4096  -- bytes of a greeting; real ones have about a hundred

-- By bit, without CLIENT_: MySQL's include/mysql_com.h documents them. MariaDB has LONG_PASSWORD unset and calls the bit MYSQL.
local capability_names = {
  [0] = "LONG_PASSWORD", "FOUND_ROWS", "LONG_FLAG", "CONNECT_WITH_DB", "NO_SCHEMA", "COMPRESS", "ODBC", "LOCAL_FILES",
  "IGNORE_SPACE", "PROTOCOL_41", "INTERACTIVE", "SSL", "IGNORE_SIGPIPE", "TRANSACTIONS", "RESERVED", "SECURE_CONNECTION",
  "MULTI_STATEMENTS", "MULTI_RESULTS", "PS_MULTI_RESULTS", "PLUGIN_AUTH", "CONNECT_ATTRS", "PLUGIN_AUTH_LENENC_CLIENT_DATA",
  "CAN_HANDLE_EXPIRED_PASSWORDS", "SESSION_TRACK", "DEPRECATE_EOF", "OPTIONAL_RESULTSET_METADATA",
  "ZSTD_COMPRESSION_ALGORITHM", "QUERY_ATTRIBUTES", "MULTI_FACTOR_AUTHENTICATION", "CAPABILITY_EXTENSION",
  "SSL_VERIFY_SERVER_CERT", "REMEMBER_OPTIONS",
}
local ssl, secure_connection, plugin_auth = 1 << 11, 1 << 15, 1 << 19

local function malformed(what)
  raise("protocol_error", "mysql: " .. what)
end

local function read_error(payload)
  local code = bytes.unpack("<I2", payload, 2)
  local state, message = payload:match("^#(.....)(.*)$", 4)
  return { error = { code = code, state = state, message = message or payload:sub(4) } }
end

--- The text up to a NUL, and the position behind that.
local function terminated(payload, at, name)
  local stop = payload:find("\0", at, true)
  if not stop then malformed("a " .. name .. " without its end") end
  return payload:sub(at, stop - 1), stop + 1
end

local function release_of(version)
  return version:gsub("^5%.5%.5%-(%d+%.%d)", "%1"):match("^%d+%.[%d.]*%d")
end

--- Reads a greeting's payload; raises protocol_error where it is none.
---@param payload string  without the packet's four bytes of header
---@return mysql.greeting  without `stream`
function mysql.decode(payload)
  if type(payload) ~= "string" then error("mysql.decode: argument 1 is to be a string", 2) end
  local protocol = payload:byte()
  if protocol == 0xff then return read_error(payload) end
  if protocol ~= 10 and protocol ~= 9 then malformed("protocol " .. tostring(protocol) .. " is neither 9 nor 10") end
  local version, at = terminated(payload, 2, "version")
  local greeting = {
    protocol = protocol,
    version = version,
    mariadb = version:find("MariaDB", 1, true) ~= nil,
    release = release_of(version),
    connection_id = bytes.unpack("<I4", payload, at),
  }
  at = at + 4
  if protocol == 9 then
    terminated(payload, at, "challenge")
    return greeting
  end
  local _, filler, low, behind = bytes.unpack("<c8BI2", payload, at)
  if filler ~= 0 then malformed("no zero behind the challenge") end
  local capabilities = low
  if behind <= #payload then  -- servers before 4.1 end here
    local set, status, high, challenge_length, _, rest = bytes.unpack("<BI2I2Bc10", payload, behind)
    capabilities = high << 16 | low
    greeting.character_set, greeting.status = set, status
    if capabilities & secure_connection ~= 0 then
      rest = rest + math.max(13, challenge_length - 8)
      if rest > #payload + 1 then malformed("a challenge of " .. challenge_length .. " bytes that is not there") end
    end
    if capabilities & plugin_auth ~= 0 then
      greeting.auth_plugin = payload:match("^[^\0]+", rest)  -- old servers leave out the NUL behind it
    end
  end
  greeting.capabilities, greeting.tls = capabilities, capabilities & ssl ~= 0
  greeting.capability_names = {}
  for bit = 0, 31 do
    if capabilities >> bit & 1 ~= 0 then greeting.capability_names[#greeting.capability_names + 1] = capability_names[bit] end
  end
  return greeting
end

--- Connects, reads the greeting and goes away, as a client does that changes its mind; servers count it as an aborted connection.
---@param target target
---@param options? mysql.options
---@return mysql.greeting
function mysql.greeting(target, options)
  options = options or {}
  local patience = options.timeout and { timeout = options.timeout } or nil
  local stream <close> = target:connect(options.port or 3306, patience)
  local length, sequence = bytes.unpack("<I3B", stream:read(4, patience))
  if sequence ~= 0 then malformed("packet " .. sequence .. ", and a greeting is 0") end
  if length == 0 or length > most then malformed(("a greeting of %d bytes, and 1 to %d are allowed"):format(length, most)) end
  local greeting = mysql.decode(stream:read(length, patience))
  greeting.stream = stream
  return greeting
end

return mysql
