--- What SMTP, FTP, POP3 and IMAP have in common: a conversation in lines, in which a server may say so much and no more.

--- One conversation. All that the functions below read counts towards its bounds, 1,000 lines of 8,192 bytes each and
--- 262,144 bytes together, past which they raise truncated.
---@class lines.talk
---@field stream stream
---@field protocol string  begins each message
---@field timeout number  s, of each read and write
---@field lines integer  so far
---@field bytes integer

--- A reply with a code (RFC 5321 section 4.2, RFC 959 section 4.2).
---@class lines.reply
---@field code integer  100 to 699
---@field lines string[]  without code and line end

--- What the libraries of conversations in lines share, for one that you write. `talk(stream, protocol [, timeout])` begins (`timeout` of each read and write: 10 s); the others take
--- what it gives. Over the whole conversation 1,000 lines of 8,192 bytes each, and 262,144 bytes, may be read; past that they raise
--- `truncated`. Messages begin with `protocol` and the server's address.
---
--- | function | |
--- |---|---|
--- | `read(talk)` | the next line without its end |
--- | `write(talk, line)` | sends it with CRLF |
--- | `part(talk, line)` | the same as the last word: that it fails changes nothing |
--- | `reply(talk [, free])` | `code` and `lines` of a reply of SMTP or FTP; `free`: lines between the first and the last begin as they like (RFC 959 section 4.2) |
--- | `malformed(talk, what)` | raises `protocol_error` |
--- | `keep(list)` | as much of a list as evidence holds, the first 64 within 6,144 bytes, and how many are left out |
--- | `capabilities(list)` | of lines, `"SIZE 1000"`, what follows by name in upper case, of those that `keep` keeps, and how many are left out |
--- | `offers(list, name)` | is the name (upper case) among all of them |
--- | `shown(text)` | the first 60 bytes in printable characters, for messages |
--- | `tls_options(wanted [, timeout])`, `tls_summary(session)` | the option `starttls` of a library, read; `version cipher verified reason` of a session |
local lines = {}

local longest_line, most_lines, most_bytes = 8192, 1000, 262144
local kept_lines, kept_bytes = 64, 6144

--- Printable text of the first bytes, for a message.
---@param text string
---@return string
function lines.shown(text)
  return (text:sub(1, 60):gsub("[^ -~]", function(c) return ("\\x%02x"):format(c:byte()) end))
end

--- Raises protocol_error.
---@param talk lines.talk
---@param what string
function lines.malformed(talk, what)
  raise("protocol_error", talk.protocol .. ": " .. talk.stream.remote .. ": " .. what)
end

---@param stream any
---@param protocol string
---@param timeout? number  default 10: many a server lets those wait whom it does not know
---@return lines.talk
function lines.talk(stream, protocol, timeout)
  return { stream = stream, protocol = protocol, timeout = timeout or 10, lines = 0, bytes = 0 }
end

--- The next line, without its end (CRLF or LF).
---@param talk lines.talk
---@return string
function lines.read(talk)
  local line = talk.stream:read_until("\n", longest_line, { timeout = talk.timeout })
  talk.lines, talk.bytes = talk.lines + 1, talk.bytes + #line
  if talk.lines > most_lines or talk.bytes > most_bytes then
    raise("truncated", talk.protocol .. ": " .. talk.stream.remote .. ": more than " .. most_lines .. " lines or " .. most_bytes ..
      " bytes, and no end")
  end
  return (line:gsub("\r?\n$", ""))
end

--- Sends a line.
---@param talk lines.talk
---@param line string  without its end
function lines.write(talk, line)
  talk.stream:write(line .. "\r\n", { timeout = talk.timeout })
end

--- The parting word. That it cannot be sent any more changes nothing of what was seen.
---@param talk lines.talk
---@param line string
function lines.part(talk, line)
  try(lines.write, talk, line)
end

--- Reads a reply with a code. `free`: the lines between the first and the last may begin as they like, as RFC 959 has it.
---@param talk lines.talk
---@param free? boolean
---@return lines.reply
function lines.reply(talk, free)
  local reply = { lines = {} }
  local code
  while true do
    local line = lines.read(talk)
    local digits, mark, text = line:match("^([1-6]%d%d)([ -]?)(.*)$")
    if digits and mark == "" and text ~= "" then digits = nil end
    if digits and (not code or digits == code) then
      code = digits
      reply.lines[#reply.lines + 1] = text
      if mark ~= "-" then
        reply.code = math.tointeger(tonumber(code))
        return reply
      end
    elseif code and free then
      reply.lines[#reply.lines + 1] = line
    else
      lines.malformed(talk, "\"" .. lines.shown(line) .. "\" is no reply" .. (code and " that goes on with " .. code or ""))
    end
  end
end

--- As many of these as evidence holds, the first 64 within 6,144 bytes, and how many are left out.
---@param list string[]
---@return string[] kept
---@return integer cut
function lines.keep(list)
  local kept, size = {}, 0
  for _, line in ipairs(list) do
    size = size + #line + 16
    if #kept == kept_lines or size > kept_bytes then break end
    kept[#kept + 1] = line
  end
  return kept, #list - #kept
end

--- Capabilities by name in upper case, with what follows the name; of one that is there twice, both, by a blank. As many
--- as evidence holds, and how many lines are left out.
---@param list string[]  "SIZE 10240000"
---@return table<string, string> capabilities
---@return integer cut
function lines.capabilities(list)
  local found = {}
  local kept, cut = lines.keep(list)
  for _, line in ipairs(kept) do
    local name, rest = line:match("^%s*(%S+)%s*(.-)%s*$")
    if name then
      name = name:upper()
      found[name] = (found[name] and found[name] ~= "" and found[name] .. " " or "") .. rest
    end
  end
  return found, cut
end

--- Is a capability among all of them, also among those that are left out?
---@param list string[]
---@param name string  in upper case
---@return boolean
function lines.offers(list, name)
  for _, line in ipairs(list) do
    if (line:match("^%s*(%S+)") or ""):upper() == name then return true end
  end
  return false
end

--- The options of a library's `starttls`: true, or those of `stream:starttls`.
---@param wanted boolean|table|nil
---@param timeout? number
---@return table? options  nil where it is not wanted
function lines.tls_options(wanted, timeout)
  if not wanted then return nil end
  local options = { timeout = timeout }
  if wanted ~= true then
    for name, value in pairs(wanted) do options[name] = value end
  end
  return options
end

--- What is kept of a TLS session beside the capabilities within it.
---@param session table
---@return table
function lines.tls_summary(session)
  return { version = session.version, cipher = session.cipher, verified = session.verified, reason = session.reason }
end

return lines
