--- POP3: what a server says before anybody logs in (RFC 1939, RFC 2449), and after STLS (RFC 2595).

local lines = require("lines")

---@class pop3.options
---@field starttls? boolean|table  true, or the options of `stream:starttls`: go on within TLS where it is offered
---@field timeout? number  s, of each step; default 10, of the connect the target's

---@class pop3.secure
---@field version string  "TLSv1.3", and the others as `target:tls` has them
---@field cipher string
---@field verified? boolean
---@field reason? string
---@field capabilities? table<string, string>
---@field stls? boolean
---@field cut integer

---@class pop3.answer
---@field stream stream  closed; the conversation
---@field ok boolean  it greets with +OK; nothing more is asked where it does not
---@field banner string  what follows +OK or -ERR
---@field apop? string  the timestamp of the banner, "<1896.697170952@dbc.mtview.ca.us>": APOP can be had
---@field capabilities? table<string, string>  by name in upper case: { SASL = "PLAIN" }; nil where CAPA is refused
---@field capa_error? string  how CAPA was refused
---@field stls? boolean  offered; nil where there are no capabilities
---@field cut integer  lines left out of the above
---@field stls_error? string  how STLS was refused, where it was asked
---@field secure? pop3.secure  what was seen within TLS

--- RFC 1939, RFC 2449, RFC 2595. `greet(target [, port [, options]])` connects, reads the greeting, asks CAPA, with `starttls` goes on within TLS where STLS
--- is offered and asks again, and parts with QUIT. Nobody logs in. It returns the answer and, where TLS was begun, the session as
--- `stream:starttls` gives it. `port` is 110 by default, or an endpoint. Options: `starttls` and `timeout` as those of [smtp](#smtp).
---
--- | field | holds |
--- |---|---|
--- | `stream` | the conversation, closed |
--- | `ok`, `banner` | does it greet with +OK, or else with -ERR, behind which nothing more is asked; what it says after it |
--- | `apop` | the banner's timestamp, `"<1896.697170952@dbc.mtview.ca.us>"`, of a server that takes APOP (MD5) |
--- | `capabilities` | by name in upper case, with what follows: `capabilities.SASL == "PLAIN"`, `""` for nothing; nil where CAPA was refused |
--- | `capa_error` | how it was refused |
--- | `stls` | is STLS offered; nil where there are no capabilities |
--- | `cut` | how many lines these leave out: the first 64 capabilities are kept, within 6,144 bytes, and a text within as many, else it is `""`. `stls` has seen them all |
--- | `stls_error` | how STLS was refused, where it was sent |
--- | `secure` | within TLS: `version`, `cipher`, `verified`, `reason`, and `capabilities`, `capa_error`, `stls`, `cut` anew; nil where TLS was not begun |
---
--- Raises what `connect`, a stream and `stream:starttls` do, `protocol_error` (no reply of POP3) and `truncated` (as `smtp`).
--- ```lua
--- local seen = require("pop3").greet(target)
--- if seen.capabilities and seen.capabilities.USER then return fail("It takes passwords in clear", seen) end
--- ```
local pop3 = {}

--- A status line: true or false, and the text (RFC 1939 section 3).
local function status(talk)
  local line = lines.read(talk)
  local mark, text = line:match("^(%S+)%s*(.*)$")
  if mark == "+OK" then return true, text end
  if mark == "-ERR" then return false, text end
  lines.malformed(talk, "\"" .. lines.shown(line) .. "\" begins neither with +OK nor with -ERR")
end

local function ask(talk, command)
  lines.write(talk, command)
  return status(talk)
end

--- The lines of a reply of many, up to the one that is a dot (RFC 1939 section 3).
local function listing(talk)
  local list = {}
  while true do
    local line = lines.read(talk)
    if line == "." then return list end
    list[#list + 1] = (line:gsub("^%.", "", 1))
  end
end

--- Text within what evidence holds; nil where it is more, which is counted.
local function kept(answer, text)
  local list, cut = lines.keep { text }
  answer.cut = answer.cut + cut
  return list[1]
end

local function read_capabilities(talk, answer)
  local good, text = ask(talk, "CAPA")
  if not good then
    answer.capa_error = kept(answer, text) or ""
    return
  end
  local list, cut = listing(talk), nil
  answer.capabilities, cut = lines.capabilities(list)
  answer.cut = answer.cut + cut
  answer.stls = lines.offers(list, "STLS")
end

--- Connects, reads the greeting and asks CAPA. Where `starttls` is wanted and STLS offered, the TLS session is a second
--- value.
---@param target target
---@param port? tcp_endpoint  default 110
---@param options? pop3.options
---@return pop3.answer
---@return table? session
function pop3.greet(target, port, options)
  options = options or {}
  local stream <close> = target:connect(port or 110, { timeout = options.timeout })
  local talk = lines.talk(stream, "pop3", options.timeout)
  local good, text = status(talk)
  local answer = { stream = stream, ok = good, cut = 0 }
  answer.banner = kept(answer, text) or ""
  if not good then return answer end
  answer.apop = answer.banner:match("<[^<>%s]+@[^<>%s]+>")
  read_capabilities(talk, answer)
  local session
  local wanted = lines.tls_options(options.starttls, options.timeout)
  if wanted and answer.stls then
    good, text = ask(talk, "STLS")
    if good then
      session = stream:starttls(wanted)
      answer.secure = lines.tls_summary(session)
      answer.secure.cut = 0
      read_capabilities(talk, answer.secure)
    else
      answer.stls_error = kept(answer, text) or ""
    end
  end
  lines.part(talk, "QUIT")
  return answer, session
end

return pop3
