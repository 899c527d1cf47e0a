--- Redis, and what speaks its protocol (RESP2): does it obey whoever connects? Nothing is written; it logs in only where it is given a
--- credential.

---@class redis.options
---@field section? string  of INFO, default "server"
---@field timeout? number  s, of each step; default 10, of the connect the target's
---@field password? credential  sent with AUTH before anything else is asked
---@field user? string|credential  of an ACL; without it, the default user

---@class redis.reply
---@field type "status"|"error"|"integer"|"bulk"|"array"
---@field value string|integer|nil  nil: the null of RESP2, and of an array, whose `length` is all that is read
---@field length? integer  of an array; -1: the null

---@class redis.answer
---@field stream stream  closed; the conversation
---@field auth_error? string  how the credential was refused
---@field ping string  "PONG", or how the server refuses it: "NOAUTH Authentication required."
---@field auth_required? boolean  true: it wants a password first; false: it gave what it is to protect; nil: not seen
---@field protected_mode boolean  it talks to its own machine only, and said so
---@field info? table<string, string>  the fields of INFO's section; nil where it was not given
---@field info_error? string  how INFO was refused
---@field info_cut integer  fields that `info` leaves out: past 256 of them, or 12,288 bytes
---@field version? string  redis_version
---@field mode? string  redis_mode: "standalone", "sentinel", "cluster"

--- RESP2, as redis.io/docs/reference/protocol-spec has it. Nothing is written, and nobody logs in without a credential.
---
--- | function | returns |
--- |---|---|
--- | `info(target [, port [, options]])` | asks PING and, where no password is wanted or the credential was taken, INFO |
--- | `encode(words)` | the bytes of a command, of a list of strings and credentials |
--- | `read(stream [, timeout])` | one reply: `type` (`"status"`, `"error"`, `"integer"`, `"bulk"`, `"array"`) and `value` (nil for the null); of an array `length` alone |
---
--- `port` is 6379 by default, or an endpoint. Options: `section` of INFO ("server"), `timeout` of each step (s; 10, of the connect the target's),
--- `password`, a credential of the inventory (`target:credential("redis")`), which is sent with AUTH first, and `user`, of an ACL.
---
--- | field | holds |
--- |---|---|
--- | `stream` | the conversation, closed |
--- | `ping` | `"PONG"`, or the error in its place, `"NOAUTH Authentication required."` |
--- | `auth_required` | true: it wants a password first (`NOAUTH`); false: it does as it is asked; nil: not seen, as in protected mode, or where PING and INFO are both refused for another reason |
--- | `auth_error` | how the credential was refused; the server is asked no more |
--- | `protected_mode` | it answers its own machine only, and says so (`DENIED`); nothing more is asked |
--- | `info` | by name, texts; nil where it was not given. The first 256 fields within 12,288 bytes |
--- | `info_cut` | how many fields `info` leaves out |
--- | `info_error` | how INFO was refused |
--- | `version`, `mode` | `redis_version`; `redis_mode`: `"standalone"`, `"sentinel"`, `"cluster"` |
---
--- Raises what `connect` and a stream do, `protocol_error` (no RESP2, or no reply to what was asked) and `truncated` (a line of more than 4,096
--- bytes, a string of more than 65,536).
--- ```lua
--- local seen = require("redis").info(target)
--- if seen.auth_required == false then return fail("Redis " .. (seen.version or "") .. " obeys everybody", seen) end
--- ```
local redis = {}

local line_cap, bulk_cap = 4096, 65536
local most_fields, most_bytes = 256, 12288

local function malformed(stream, what)
  raise("protocol_error", "redis: " .. stream.remote .. ": " .. what)
end

--- Only what is printable of the first bytes, for a message.
local function shown(text)
  return (text:sub(1, 40):gsub("[^ -~]", function(c) return ("\\x%02x"):format(c:byte()) end))
end

--- A command as an array of bulk strings.
---@param words (string|credential)[]
---@return string|credential
function redis.encode(words)
  local parts = { "*" .. #words .. "\r\n" }
  for _, word in ipairs(words) do
    for _, part in ipairs { "$", bytes.length(word), "\r\n", word, "\r\n" } do parts[#parts + 1] = part end
  end
  return bytes.join(table.unpack(parts))
end

local function number_of(stream, text)
  local digits = text:match("^-?%d+$")
  local number = digits and #digits <= 19 and math.tointeger(tonumber(digits))
  if not number then malformed(stream, "\"" .. shown(text) .. "\" is to be a number") end
  return number
end

local kinds = { ["+"] = "status", ["-"] = "error", [":"] = "integer", ["$"] = "bulk", ["*"] = "array" }

--- Reads one reply. A line is at most 4,096 bytes and a bulk string 65,536, past which it raises truncated; what is no
--- RESP2 raises protocol_error.
---@param stream any
---@param timeout? number
---@return redis.reply
function redis.read(stream, timeout)
  local options = { timeout = timeout }
  local line = stream:read_until("\n", line_cap, options)
  local type = kinds[line:sub(1, 1)]
  if not type or line:sub(-2) ~= "\r\n" then malformed(stream, "\"" .. shown(line) .. "\" is no reply of Redis") end
  local text = line:sub(2, -3)
  if type == "status" or type == "error" then return { type = type, value = text } end
  local number = number_of(stream, text)
  if type == "integer" then return { type = type, value = number } end
  if number < -1 then malformed(stream, "a length of " .. number) end
  if type == "array" then return { type = type, length = number } end
  if number == -1 then return { type = type } end
  if number > bulk_cap then
    raise("truncated", "redis: " .. stream.remote .. ": a string of " .. number .. " bytes, and " .. bulk_cap .. " are the most")
  end
  local bytes = stream:read(number + 2, options)
  if bytes:sub(-2) ~= "\r\n" then malformed(stream, "a string that does not end where it says") end
  return { type = type, value = bytes:sub(1, -3) }
end

local function read_info(answer, text)
  local info, fields, size, cut = {}, 0, 0, 0
  for line in text:gmatch("[^\r\n]+") do
    local name, value = line:match("^([^#:][^:]*):(.*)$")
    if name and fields < most_fields and size + #line + 32 <= most_bytes then
      if info[name] == nil then fields, size = fields + 1, size + #line + 32 end
      info[name] = value
    elseif name then
      cut = cut + 1
    end
  end
  answer.info, answer.info_cut = info, cut
  answer.version, answer.mode = info.redis_version, info.redis_mode
end

local function wants_password(text)
  return text:find("^NOAUTH") ~= nil or text:find("^ERR operation not permitted") ~= nil  -- the latter before 2.6
end

--- Logs in; true where the server takes it.
local function log_in(stream, answer, options, timeout)
  local words = options.user and { "AUTH", options.user, options.password } or { "AUTH", options.password }
  stream:write(redis.encode(words), { timeout = timeout })
  local reply = redis.read(stream, timeout)
  if reply.type == "error" then
    answer.auth_error = reply.value
    answer.auth_required = true
  elseif reply.type ~= "status" then
    malformed(stream, "the reply to AUTH is neither OK nor an error")
  end
  return reply.type == "status"
end

--- Asks PING and, where no password is wanted or the credential was taken, INFO.
---@param target target
---@param port? tcp_endpoint  default 6379
---@param options? redis.options
---@return redis.answer
function redis.info(target, port, options)
  options = options or {}
  local timeout = options.timeout or 10
  local section = options.section or "server"
  if type(section) ~= "string" then error("redis: section is a string", 2) end
  if options.password and type(options.password) ~= "userdata" then
    error("redis: password is a credential of the inventory, target:credential(\"redis\"); a secret is not written into a rule", 2)
  end
  local stream <close> = target:connect(port or 6379, { timeout = options.timeout })
  local answer = { stream = stream, protected_mode = false, info_cut = 0 }
  if options.password and not log_in(stream, answer, options, timeout) then
    answer.ping = answer.auth_error
    return answer
  end
  stream:write(redis.encode { "PING" }, { timeout = timeout })
  local reply = redis.read(stream, timeout)
  if reply.type ~= "error" and not (reply.type == "status" and reply.value == "PONG") then
    malformed(stream, "the reply to PING is neither PONG nor an error")
  end
  answer.ping = reply.value
  if reply.type == "error" then
    answer.protected_mode = reply.value:find("^DENIED.*protected mode") ~= nil
    if reply.value:find("^DENIED") then return answer end  -- it has closed
    if wants_password(reply.value) then
      answer.auth_required = true
      return answer
    end
  end
  stream:write(redis.encode { "INFO", section }, { timeout = timeout })
  local info = redis.read(stream, timeout)
  if info.type == "bulk" and info.value then
    if not options.password then answer.auth_required = false end
    read_info(answer, info.value)
  elseif info.type == "error" then
    answer.info_error = info.value
    if wants_password(info.value) then answer.auth_required = true
    elseif reply.type == "status" and not options.password then answer.auth_required = false end
  else
    malformed(stream, "the reply to INFO is neither a string nor an error")
  end
  return answer
end

return redis
