--- PostgreSQL: whether a server offers TLS, and how it answers who wants to log in (its manual, "Frontend/Backend Protocol", 3.0).

---@class postgresql.options
---@field port? integer  default 5432
---@field timeout? number  seconds, of connecting and of each read; default the target's

---@class postgresql.startup_options: postgresql.options
---@field user? string  default "audit"
---@field database? string  default that of the user's name
---@field tls? boolean|table  true, or the options of `stream:starttls`: ask for TLS first; default false

---@class postgresql.error
---@field severity string  "FATAL", in the server's language unless `V` says it
---@field code string  SQLSTATE, "28000"; "" of servers before 7.4
---@field message string
---@field fields table<string, string>  all of them by their letter, as "F", the file of the source that says it

--- Evidence as it stands.
---@class postgresql.offer
---@field stream stream  the conversation, closed
---@field tls? boolean  nil where the server answers with an error
---@field error? postgresql.error

--- Evidence as it stands.
---@class postgresql.answer
---@field stream stream  the conversation, closed
---@field tls? boolean|table  what `stream:starttls` returned; false where it was asked for and is not offered: nothing else is there then
---@field authentication? string  "none" (nobody asks for a password), "password" (in clear), "md5", "sasl", "gss", "sspi", "kerberos4",
---"kerberos5", "crypt", "scm"; else the number
---@field mechanisms? string[]  of sasl: "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"
---@field parameters? table<string, string>  where the authentication is "none": "server_version", "TimeZone", …
---@field version? string  "15.10 (Debian 15.10-0+deb12u1)", where the parameters have it
---@field protocol_minor? integer  the newest minor version of protocol 3, where the server says it
---@field error? postgresql.error  it refuses, before or after the authentication

--- The manual of PostgreSQL, "Frontend/Backend Protocol", version 3.0.
---
--- | function | returns |
--- |---|---|
--- | `tls(target [, options])` | `tls` (does it offer TLS, by SSLRequest), or `error`; `target:tls(5432)` looks at it |
--- | `startup(target [, options])` | what the server answers to who wants to log in, below. No password is sent; where none is asked for, a session begins and ends |
--- | `decode_error(contents)` | an ErrorResponse behind its length: `severity`, `code` (SQLSTATE; `""` before 7.4), `message`, `fields` (all of them, by their letter) |
---
--- Options: `port` (5432), `timeout` (s, of connecting and of each read; the target's); of `startup` also `user` ("audit"), `database` (the user's name), 1 to 63
--- bytes each, and `tls` (false; true or the options of `stream:starttls`: TLS first). Both answers are evidence, and have `stream`, the conversation, closed.
---
--- | field of `startup` | holds |
--- |---|---|
--- | `authentication` | `"none"` (nobody asks for a password), `"password"` (in clear), `"md5"`, `"sasl"`, `"gss"`, `"sspi"`, `"kerberos4"`, `"kerberos5"`, `"crypt"`, `"scm"`; another one's number |
--- | `mechanisms` | of sasl: `{ "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256" }` |
--- | `parameters`, `version` | where it is none: what the server says of itself by name, and of that `server_version`. Without logging in no version is to be had |
--- | `error` | it refuses, before or (no such role or database) behind `authentication`: 28000 is no entry for this user from here, 53300 too many connections |
--- | `tls` | where it was asked for: what `stream:starttls` returned; false where it is not offered, and then nothing else is there |
--- | `protocol_minor` | the newest minor version of protocol 3, where the server brings it up |
---
--- A server asks users that it does not know as it does those that it knows. Raises what `connect`, `read` and `starttls` do (`eof` where it closes
--- before its answer is whole), and `protocol_error`: another protocol, a message of more than 16,388 bytes, more than 200 of them.
local postgresql = {}

local longest = 16384  -- bytes of a message; real ones have about a hundred
local most_messages = 200

local methods = {
  [0] = "none", "kerberos4", "kerberos5", "password", "crypt", "md5", "scm", "gss", "gss", "sspi", "sasl",
}

local function malformed(what)
  raise("protocol_error", "postgresql: " .. what)
end

--- The text up to a NUL, and the position behind that.
local function terminated(text, at, name)
  local stop = text:find("\0", at, true)
  if not stop then malformed("a " .. name .. " without its end") end
  return text:sub(at, stop - 1), stop + 1
end

--- Reads an ErrorResponse's contents; raises protocol_error where they are none.
---@param contents string  behind the length
---@return postgresql.error
function postgresql.decode_error(contents)
  if type(contents) ~= "string" then error("postgresql.decode_error: argument 1 is to be a string", 2) end
  local fields, at = {}, 1
  while contents:byte(at) ~= 0 do
    if at > #contents then malformed("an error without its end") end
    local letter = contents:sub(at, at)
    fields[letter], at = terminated(contents, at + 1, "field of an error")
  end
  return { severity = fields.V or fields.S or "", code = fields.C or "", message = fields.M or "", fields = fields }
end

local function patience_of(options)
  return options.timeout and { timeout = options.timeout } or nil
end

--- A message behind its type: contents of at most `longest` bytes. Servers before 7.4 say errors without a length, as text.
local function read_contents(stream, kind, patience)
  local head = stream:read(4, patience)
  local length = bytes.unpack(">I4", head)
  if kind == "E" and length > longest and head:find("^[\32-\126]+$") then
    local rest = stream:read_until("\0", longest, patience)
    return nil, head .. rest:sub(1, -2)
  end
  if length < 4 or length - 4 > longest then
    malformed(("a message %q of %d bytes, and 4 to %d are allowed"):format(kind, length, longest + 4))
  end
  return length == 4 and "" or stream:read(length - 4, patience)
end

local function read_error(stream, patience)
  local contents, text = read_contents(stream, "E", patience)
  if contents then return postgresql.decode_error(contents) end
  text = text:match("^(.-)%s*$")
  return { severity = text:match("^(%u+):") or "", code = "", message = text, fields = {} }
end

local function ask_for_tls(stream, patience)
  stream:write(bytes.pack(">I4I4", 8, 80877103), patience)  -- SSLRequest
  local answer = stream:read(1, patience)
  if answer == "S" then return true end
  if answer == "N" then return false end
  if answer == "E" then return nil, read_error(stream, patience) end
  malformed(("byte 0x%02x in answer to SSLRequest"):format(answer:byte()))
end

--- Asks whether the server offers TLS (SSLRequest), and goes away.
---@param target target
---@param options? postgresql.options
---@return postgresql.offer
function postgresql.tls(target, options)
  options = options or {}
  local patience = patience_of(options)
  local stream <close> = target:connect(options.port or 5432, patience)
  local offered, refusal = ask_for_tls(stream, patience)
  return { stream = stream, tls = offered, error = refusal }
end

local function name_of(value, default, name)
  if value == nil then return default end
  if type(value) ~= "string" or value == "" or value:find("\0", 1, true) or #value > 63 then
    error("postgresql.startup: " .. name .. " is to be a string of 1 to 63 bytes, none of them zero", 3)
  end
  return value
end

local function read_authentication(contents, answer)
  local code, at = bytes.unpack(">I4", contents)
  answer.authentication = methods[code] or tostring(code)
  if code ~= 10 then return end
  answer.mechanisms = {}
  while contents:byte(at) ~= 0 do
    if at > #contents then malformed("a list of mechanisms without its end") end
    answer.mechanisms[#answer.mechanisms + 1], at = terminated(contents, at, "mechanism")
  end
end

--- What comes behind the startup message, until it is known how the server wants to be convinced, and where it does not, until it
--- is ready.
local function read_answer(stream, patience, answer)
  for _ = 1, most_messages do
    local kind = stream:read(1, patience)
    if kind == "E" then
      answer.error = read_error(stream, patience)
      return
    end
    if not kind:find("[RSKZNv]") or (kind ~= "v" and kind ~= "R" and kind ~= "N" and not answer.authentication) then
      malformed(("a message %q, which has no place here"):format(kind))
    end
    local contents = read_contents(stream, kind, patience)
    if kind == "R" then
      if answer.authentication then malformed("a second authentication") end
      read_authentication(contents, answer)
      if answer.authentication ~= "none" then return end
      answer.parameters = {}
    elseif kind == "v" then
      answer.protocol_minor = bytes.unpack(">I4", contents) & 0xffff
    elseif kind == "S" then
      local name, at = terminated(contents, 1, "parameter")
      answer.parameters[name] = terminated(contents, at, "parameter")
      if name == "server_version" then answer.version = answer.parameters[name] end
    elseif kind == "Z" then
      stream:write(bytes.pack(">c1I4", "X", 4), patience)  -- Terminate
      return
    end
  end
  malformed("more than " .. most_messages .. " messages before it is ready")
end

--- Says who wants to log in, and reads how the server would have that proved. No password is sent; where none is asked for, this is a
--- session that begins and ends.
---@param target target
---@param options? postgresql.startup_options
---@return postgresql.answer
function postgresql.startup(target, options)
  options = options or {}
  local patience = patience_of(options)
  local user = name_of(options.user, "audit", "user")
  local database = name_of(options.database, user, "database")
  local words = { "user", user, "database", database, "application_name", "audit" }
  local body = bytes.pack(">I4", 3 << 16) .. table.concat(words, "\0") .. "\0\0"
  local stream <close> = target:connect(options.port or 5432, patience)
  local answer = { stream = stream }
  if options.tls then
    local offered
    offered, answer.error = ask_for_tls(stream, patience)
    if not offered then
      answer.tls = offered
      return answer
    end
    answer.tls = stream:starttls(type(options.tls) == "table" and options.tls or patience)
  end
  stream:write(bytes.pack(">I4", #body + 4) .. body, patience)
  read_answer(stream, patience, answer)
  return answer
end

return postgresql
