--- FTP: what a server says before anybody logs in (RFC 959, RFC 2389), whether it takes AUTH TLS (RFC 2228, RFC 4217), and
--- whether it lets in the anonymous (RFC 1635).

local lines = require("lines")

---@class ftp.options
---@field starttls? boolean|table  true, or the options of `stream:starttls`: ask for AUTH TLS and FEAT within it
---@field timeout? number  s, of each step; default 10, of the connect the target's

---@class ftp.secure
---@field version string  "TLSv1.3", and the others as `target:tls` has them
---@field cipher string
---@field verified? boolean
---@field reason? string
---@field feat_code integer
---@field features? table<string, string>
---@field cut integer

---@class ftp.answer
---@field stream stream  closed; the conversation
---@field code integer  of the greeting: 220; 421, 530, …: no service to us
---@field banner string[]  the greeting's lines
---@field feat_code? integer  211, or how FEAT was refused; nil where it was not asked, as `syst_code`
---@field features? table<string, string>  by name in upper case: { AUTH = "TLS SSL", UTF8 = "" }; nil where it lists none
---@field auth_tls? boolean  is AUTH TLS (or TLS-C) among the features, or was it taken; nil where neither was seen
---@field syst_code? integer  215, or how SYST was refused
---@field system? string  "UNIX Type: L8"
---@field cut integer  lines left out of the above
---@field auth_code? integer  the reply to AUTH TLS where it was asked; 234: go ahead
---@field secure? ftp.secure  what was seen within TLS

---@class ftp.login
---@field stream stream  closed; the conversation
---@field code integer  of the greeting
---@field user_code? integer  the reply to USER: 331 wants a password, 230 none
---@field password_code? integer  the reply to PASS
---@field accepted boolean  the anonymous are let in
---@field message string[]  the last reply
---@field cut integer  lines left out of it

--- RFC 959, RFC 2228, RFC 2389, RFC 4217. `port` is 21 by default, or an endpoint.
---
--- | function | returns |
--- |---|---|
--- | `greet(target [, port [, options]])` | reads the greeting, asks FEAT and SYST, with `starttls` AUTH TLS and FEAT within TLS, and parts with QUIT. Nobody logs in. Where TLS was begun the session, as `stream:starttls` gives it, is a second value |
--- | `anonymous(target [, port [, options]])` | **logs in** as anonymous, with the password `audit@audit.invalid`, where it is let, and leaves: for rules with `safety = "intrusive"` only |
---
--- Options: `timeout` of each step (s; 10, of the connect the target's); of `greet` `starttls` (true, or a table of the options of `stream:starttls`).
---
--- | field of `greet` | holds |
--- |---|---|
--- | `stream` | the conversation, closed |
--- | `code`, `banner` | the greeting: 220, or a refusal such as 421, behind which nothing more is asked; its lines without the code |
--- | `feat_code`, `features` | the reply to FEAT; by name in upper case, with what follows: `features.AUTH == "TLS"`. Nil where it was refused (500, 530: some list them after the login only) |
--- | `auth_tls` | is AUTH TLS listed, or was it taken; nil where FEAT was refused and AUTH TLS not taken |
--- | `syst_code`, `system` | the reply to SYST, 215, `"UNIX Type: L8"`; `system` is nil where it was refused |
--- | `cut` | how many lines these leave out: of each the first 64 are kept, within 6,144 bytes. `auth_tls` has seen them all |
--- | `auth_code` | the reply to AUTH TLS where it was asked, whatever FEAT lists: 234, 530, … |
--- | `secure` | within TLS: `version`, `cipher`, `verified`, `reason`, and `feat_code`, `features`, `cut` anew; nil where TLS was not begun |
---
--- `anonymous` gives `stream`, `code` of the greeting, `user_code`, `password_code` (nil where it was not asked for), `accepted` (true or false), `message` (the
--- last reply's lines) and `cut`. Both raise what `connect`, a stream and `stream:starttls` do, `protocol_error` (no reply of FTP) and `truncated` (as `smtp`).
--- ```lua
--- local seen = require("ftp").greet(target)
--- if seen.auth_tls == false then return fail("Passwords can be sent in clear only", seen) end
--- ```
local ftp = {}

--- The greeting; "120 ready in some minutes" may come before it (RFC 959 section 5.4), a few times.
local function greeting_of(talk)
  for _ = 1, 4 do
    local reply = lines.reply(talk, true)
    if reply.code ~= 120 then return reply end
  end
  lines.malformed(talk, "it promises to be ready, time and again")
end

local function ask(talk, command)
  lines.write(talk, command)
  return lines.reply(talk, true)
end

--- AUTH names its mechanisms by ";", "," or blanks: "AUTH TLS;TLS-C;SSL;".
local function offers_tls(list)
  for _, line in ipairs(list) do
    local rest = line:upper():match("^%s*AUTH%s+(.*)$")
    for word in (rest or ""):gmatch("[^;,%s]+") do
      if word == "TLS" or word == "TLS-C" then return true end
    end
  end
  return false
end

local function read_features(talk, answer)
  local reply = ask(talk, "FEAT")
  answer.feat_code = reply.code
  if reply.code ~= 211 then return end
  local listed = {}
  for i = 2, #reply.lines - 1 do  -- between "211-Features:" and "211 End"
    listed[#listed + 1] = (reply.lines[i]:gsub("^%s+", ""))
  end
  local cut
  answer.features, cut = lines.capabilities(listed)
  answer.cut = answer.cut + cut
  answer.auth_tls = offers_tls(listed)
end

--- Connects and asks FEAT and SYST, and with `starttls` AUTH TLS, which is asked whatever FEAT lists; the TLS session is a
--- second value.
---@param target target
---@param port? tcp_endpoint  default 21
---@param options? ftp.options
---@return ftp.answer
---@return table? session
function ftp.greet(target, port, options)
  options = options or {}
  local stream <close> = target:connect(port or 21, { timeout = options.timeout })
  local talk = lines.talk(stream, "ftp", options.timeout)
  local greeting = greeting_of(talk)
  local answer = { stream = stream, code = greeting.code }
  answer.banner, answer.cut = lines.keep(greeting.lines)
  local session
  if greeting.code == 220 then
    read_features(talk, answer)
    local system = ask(talk, "SYST")
    answer.syst_code = system.code
    if system.code == 215 then
      local kept, cut = lines.keep { system.lines[1] }
      answer.system, answer.cut = kept[1], answer.cut + cut
    end
    local wanted = lines.tls_options(options.starttls, options.timeout)
    if wanted then
      answer.auth_code = ask(talk, "AUTH TLS").code
      if answer.auth_code == 234 then
        answer.auth_tls = true
        session = stream:starttls(wanted)
        answer.secure = lines.tls_summary(session)
        answer.secure.cut = 0
        read_features(talk, answer.secure)
        answer.secure.auth_tls = nil
      end
    end
  end
  lines.part(talk, "QUIT")
  return answer, session
end

--- Tries to log in as "anonymous". That is a login: only for rules with `safety = "intrusive"`.
---@param target target
---@param port? tcp_endpoint  default 21
---@param options? { timeout?: number }
---@return ftp.login
function ftp.anonymous(target, port, options)
  options = options or {}
  local stream <close> = target:connect(port or 21, { timeout = options.timeout })
  local talk = lines.talk(stream, "ftp", options.timeout)
  local reply = greeting_of(talk)
  local answer = { stream = stream, code = reply.code }
  if reply.code == 220 then
    reply = ask(talk, "USER anonymous")
    answer.user_code = reply.code
    if reply.code == 331 then
      reply = ask(talk, "PASS audit@audit.invalid")
      answer.password_code = reply.code
    end
  end
  answer.accepted = reply.code == 230 and answer.user_code ~= nil
  answer.message, answer.cut = lines.keep(reply.lines)
  lines.part(talk, "QUIT")
  return answer
end

return ftp
