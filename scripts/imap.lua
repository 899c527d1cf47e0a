--- IMAP: what a server says before anybody logs in, and after STARTTLS (RFC 9051, and RFC 3501 before it).

local lines = require("lines")

---@class imap.options
---@field starttls? boolean|table  true, or the options of `stream:starttls`: go on within TLS where it is offered
---@field timeout? number  s, of each step; default 10, of the connect the target's

---@class imap.capabilities
---@field capabilities? table<string, string>  names in upper case, with what follows "=": { IMAP4REV1 = "", RIGHTS = "texk" };
---AUTH is in `auth`; nil where CAPABILITY was not answered
---@field auth? string[]  mechanisms of AUTH=, in upper case, in the server's order
---@field starttls? boolean  offered
---@field login_disabled? boolean  LOGIN is not taken (LOGINDISABLED)
---@field capability_error? string  how CAPABILITY was refused
---@field cut integer  names, and a text, left out of the above

---@class imap.secure: imap.capabilities
---@field version string  "TLSv1.3", and the others as `target:tls` has them
---@field cipher string
---@field verified? boolean
---@field reason? string

---@class imap.answer: imap.capabilities
---@field stream stream  closed; the conversation
---@field greeting "OK"|"PREAUTH"|"BYE"  log in; you are logged in already; go away
---@field banner string  what follows
---@field starttls_error? string  how STARTTLS was refused, where it was asked
---@field secure? imap.secure  what was seen within TLS

--- RFC 9051, RFC 3501. `greet(target [, port [, options]])` connects, reads the greeting, asks CAPABILITY, with `starttls` goes on within TLS where it is
--- offered and asks again, and parts with LOGOUT. Nobody logs in. It returns the answer and, where TLS was begun, the session as
--- `stream:starttls` gives it. `port` is 143 by default, or an endpoint. Options: `starttls` and `timeout` as those of [smtp](#smtp).
---
--- | field | holds |
--- |---|---|
--- | `stream` | the conversation, closed |
--- | `greeting`, `banner` | `"OK"`; `"PREAUTH"`: whoever connects is logged in, and no STARTTLS is asked; `"BYE"`: go away, and nothing more is asked; what follows the word |
--- | `capabilities` | by name in upper case, with what follows `=`, such as `RIGHTS = "TEXK"`, `""` for nothing; nil where CAPABILITY was refused or not asked, as the next three |
--- | `auth` | the mechanisms of `AUTH=`, a list in upper case |
--- | `starttls` | is STARTTLS offered |
--- | `login_disabled` | is LOGIN refused (LOGINDISABLED) |
--- | `capability_error` | how CAPABILITY was refused |
--- | `cut` | how many names these leave out: the first 64 are kept, within 6,144 bytes, and a text within as many, else it is `""`. `starttls` and `login_disabled` have seen them all |
--- | `starttls_error` | how STARTTLS was refused, where it was sent |
--- | `secure` | within TLS: `version`, `cipher`, `verified`, `reason`, and `capabilities`, `auth`, `starttls`, `login_disabled`, `capability_error`, `cut` anew; nil where TLS was not begun |
---
--- Raises what `connect`, a stream and `stream:starttls` do, `eof` (goodbye in place of a reply), `protocol_error` (no response of IMAP, a literal)
--- and `truncated` (as `smtp`).
--- ```lua
--- local seen = require("imap").greet(target)
--- if seen.login_disabled == false then return fail("It takes passwords in clear", seen) end
--- ```
local imap = {}

--- Text within what evidence holds, or "", which is counted.
local function kept(answer, text)
  local list, cut = lines.keep { text }
  answer.cut = answer.cut + cut
  return list[1] or ""
end

--- A line of the server: its tag, its first word in upper case, and the rest. A literal (RFC 9051 section 4.3) would have
--- bytes behind it that are no line; before the login nobody needs one.
local function read(talk)
  local line = lines.read(talk)
  if line:find("{%d+%+?}$") then lines.malformed(talk, "a literal where none is due: \"" .. lines.shown(line) .. "\"") end
  local tag, word, rest = line:match("^(%S+) (%S+) ?(.*)$")
  if not tag then lines.malformed(talk, "\"" .. lines.shown(line) .. "\" is no response") end
  return tag, word:upper(), rest, line
end

--- Sends a command; its result "OK", "NO" or "BAD" and text. `heard` is given the untagged lines.
local function ask(talk, command, heard)
  local ours = "a" .. talk.next_tag
  talk.next_tag = talk.next_tag + 1
  lines.write(talk, ours .. " " .. command)
  while true do
    local tag, word, rest, line = read(talk)
    if tag == ours and (word == "OK" or word == "NO" or word == "BAD") then return word, rest end
    if tag == "*" and word == "BYE" then
      raise("eof", "imap: " .. talk.stream.remote .. ": the server says goodbye: \"" .. lines.shown(rest) .. "\"")
    end
    if tag ~= "*" then lines.malformed(talk, "\"" .. lines.shown(line) .. "\" is no response to " .. command) end
    if heard then heard(word, rest) end
  end
end

local function read_capabilities(talk, answer)
  local names
  local result, text = ask(talk, "CAPABILITY", function(word, rest)
    if word ~= "CAPABILITY" then return end
    names = names or {}
    for name in rest:gmatch("%S+") do names[#names + 1] = name:upper() end
  end)
  if result ~= "OK" then
    answer.capability_error = kept(answer, text)
    return
  end
  if not names then lines.malformed(talk, "CAPABILITY is OK, and there are none") end
  answer.starttls, answer.login_disabled = lines.offers(names, "STARTTLS"), lines.offers(names, "LOGINDISABLED")
  answer.capabilities, answer.auth = {}, {}
  local some, cut = lines.keep(names)
  answer.cut = answer.cut + cut
  for _, name in ipairs(some) do
    local mechanism = name:match("^AUTH=(.+)$")
    if mechanism then
      answer.auth[#answer.auth + 1] = mechanism
    else
      local key, value = name:match("^([^=]*)=?(.*)$")
      local before = answer.capabilities[key]
      answer.capabilities[key] = before and before ~= "" and before .. " " .. value or value
    end
  end
end

--- Connects, reads the greeting and asks CAPABILITY, unless the server greets with BYE. Where `starttls` is wanted and
--- offered to a client that is to log in, the TLS session is a second value.
---@param target target
---@param port? tcp_endpoint  default 143
---@param options? imap.options
---@return imap.answer
---@return table? session
function imap.greet(target, port, options)
  options = options or {}
  local stream <close> = target:connect(port or 143, { timeout = options.timeout })
  local talk = lines.talk(stream, "imap", options.timeout)
  talk.next_tag = 1
  local tag, word, rest, line = read(talk)
  if tag ~= "*" or not (word == "OK" or word == "PREAUTH" or word == "BYE") then
    lines.malformed(talk, "\"" .. lines.shown(line) .. "\" is no greeting")
  end
  local answer = { stream = stream, greeting = word, cut = 0 }
  answer.banner = kept(answer, rest)
  if word == "BYE" then return answer end
  read_capabilities(talk, answer)
  local session
  local wanted = lines.tls_options(options.starttls, options.timeout)
  if wanted and answer.starttls and word == "OK" then  -- RFC 9051 section 6.2.1: not once there was a login
    local result, text = ask(talk, "STARTTLS")
    if result == "OK" then
      session = stream:starttls(wanted)
      answer.secure = lines.tls_summary(session)
      answer.secure.cut = 0
      read_capabilities(talk, answer.secure)
    else
      answer.starttls_error = kept(answer, text)
    end
  end
  lines.part(talk, "a" .. talk.next_tag .. " LOGOUT")
  return answer, session
end

return imap
