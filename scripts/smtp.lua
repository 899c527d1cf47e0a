--- SMTP: what a mail server says before anybody logs in or sends mail (RFC 5321), and after STARTTLS (RFC 3207).

local lines = require("lines")

---@class smtp.options
---@field name? string  what EHLO says we are, a domain or an address literal; default `target.contact_domain`, else "audit.invalid"
---@field starttls? boolean|table  true, or the options of `stream:starttls`: go on within TLS where it is offered
---@field timeout? number  s, of each step; default 10, of the connect the target's

---@class smtp.secure
---@field version string  "TLSv1.3", and the others as `target:tls` has them
---@field cipher string
---@field verified? boolean
---@field reason? string
---@field ehlo_code integer
---@field ehlo string[]
---@field capabilities? table<string, string>
---@field cut integer

---@class smtp.answer
---@field stream stream  closed; the conversation
---@field code integer  of the greeting: 220; 554: no service to us
---@field banner string[]  the greeting's lines
---@field ehlo_code? integer  250, or how EHLO was refused; nil where it was not asked, as with the next three
---@field ehlo? string[]  the first line of the reply to EHLO; of a refusal all of them
---@field capabilities? table<string, string>  by keyword in upper case, with parameters: { SIZE = "10240000" }; nil where refused
---@field starttls? boolean  offered; nil where there are no capabilities
---@field cut integer  lines left out of the above
---@field starttls_code? integer  the reply to STARTTLS, where it was asked; 220: go ahead
---@field secure? smtp.secure  what was seen within TLS

--- RFC 5321, RFC 3207. `greet(target [, port [, options]])` connects, reads the greeting, says EHLO, with `starttls` goes on within TLS and says it
--- again, and parts with QUIT. Nobody logs in and no mail is sent. It returns the answer and, where TLS was begun, the session as
--- `stream:starttls` gives it.
---
--- `port` is 25 by default, or an endpoint. Options: `name` for EHLO (`target.contact_domain`, else
--- `"audit.invalid"`), `starttls` (true, or a table of the options of `stream:starttls`), `timeout` of each step (s; 10, of the connect the target's).
---
--- | field | holds |
--- |---|---|
--- | `stream` | the conversation, closed |
--- | `code`, `banner` | the greeting: 220, or a refusal such as 554, behind which nothing more is asked; its lines without the code |
--- | `ehlo_code`, `ehlo` | the reply to EHLO: 250 and the first line in a list, or how it was refused |
--- | `capabilities` | by keyword in upper case, with the parameters: `capabilities.SIZE == "10240000"`, `""` for none; nil where EHLO was refused |
--- | `starttls` | is STARTTLS offered; nil where there are no capabilities |
--- | `cut` | how many lines `banner`, `ehlo` and `capabilities` leave out: of each the first 64 are kept, within 6,144 bytes. `starttls` has seen them all |
--- | `starttls_code` | the reply to STARTTLS where it was sent: 220, 454, … |
--- | `secure` | within TLS: `version`, `cipher`, `verified`, `reason`, and `ehlo_code`, `ehlo`, `capabilities`, `starttls`, `cut` anew; nil where TLS was not begun |
---
--- Raises what `connect`, a stream and `stream:starttls` do, `protocol_error` (no reply of SMTP) and `truncated` (a line of more than 8,192
--- bytes, or in all more than 1,000 lines or 262,144 bytes).
--- ```lua
--- local seen = require("smtp").greet(target, 25, { starttls = true })
--- if seen.capabilities and seen.capabilities.AUTH then return fail("It takes passwords in clear", seen) end
--- ```
local smtp = {}

local function say_hello(talk, name, answer)
  lines.write(talk, "EHLO " .. name)
  local reply = lines.reply(talk)
  answer.ehlo_code = reply.code
  local said, offered = reply.lines, nil
  if reply.code == 250 then said, offered = { said[1] }, table.move(said, 2, #said, 1, {}) end
  local cut
  answer.ehlo, cut = lines.keep(said)
  answer.cut = answer.cut + cut
  if not offered then return end
  answer.capabilities, cut = lines.capabilities(offered)
  answer.cut = answer.cut + cut
  answer.starttls = lines.offers(offered, "STARTTLS")
end

--- Connects, reads the greeting and asks EHLO. Where `starttls` is wanted and offered, the TLS session is a second value.
---@param target target
---@param port? tcp_endpoint  default 25
---@param options? smtp.options
---@return smtp.answer
---@return table? session
function smtp.greet(target, port, options)
  options = options or {}
  local name = options.name or target.contact_domain or "audit.invalid"
  if type(name) ~= "string" or #name > 255 or not (name:find("^[%w.-]+$") or name:find("^%[[%x%w:.]+%]$")) then
    error("smtp: name is a domain, or an address in brackets", 2)
  end
  local stream <close> = target:connect(port or 25, { timeout = options.timeout })
  local talk = lines.talk(stream, "smtp", options.timeout)
  local greeting = lines.reply(talk)
  local answer = { stream = stream, code = greeting.code }
  answer.banner, answer.cut = lines.keep(greeting.lines)
  local session
  if greeting.code == 220 then
    say_hello(talk, name, answer)
    local wanted = lines.tls_options(options.starttls, options.timeout)
    if wanted and answer.starttls then
      lines.write(talk, "STARTTLS")
      answer.starttls_code = lines.reply(talk).code
      if answer.starttls_code == 220 then
        session = stream:starttls(wanted)
        local secure = lines.tls_summary(session)
        secure.cut = 0
        say_hello(talk, name, secure)
        answer.secure = secure
      end
    end
  end
  lines.part(talk, "QUIT")
  return answer, session
end

return smtp
