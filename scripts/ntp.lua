--- NTP: the time (RFC 5905), a server's variables by mode 6 (RFC 9327), and whether it answers mode 7's monlist
--- (CVE-2013-5211).

---@class ntp.options
---@field port? integer  default 123
---@field version? integer  of the question, 1 to 4; default 4, of `variables` 2
---@field timeout? number  seconds of one attempt; default the target's
---@field attempts? integer  1 to 10; default the target's
---@field fresh? boolean  ask anew, whatever the server answered another rule

--- What `target:udp` returned, which is evidence; where `state` is "open" with:
---@class ntp.answer
---@field state "open"|"closed"|"open|filtered"
---@field leap "none"|"insert"|"delete"|"unsynchronized"
---@field version integer
---@field stratum integer  1: has a clock of its own; 0: not synchronized, or it will not serve: see `kiss`
---@field kiss? string  "INIT", "STEP", "RATE", "DENY", … (RFC 5905 section 7.4) where stratum is 0
---@field poll number  s
---@field precision number  s
---@field root_delay number  s
---@field root_dispersion number  s
---@field reference string  what it follows: "GPS", …, of stratum 2 and above an IPv4 address (of an IPv6 one a hash)
---@field reference_time? number  s since 1970, as the next two; nil where it has none
---@field receive_time? number
---@field transmit_time? number  less `time`, the wall clock here when it was asked: about how far its clock is ahead

--- As `ntp.answer`, with:
---@class ntp.variables
---@field version integer
---@field status integer  the system status word, 16 bits
---@field error? integer  the code where it refuses, 0 to 7; the others are absent then
---@field text string  all of it, as it was sent
---@field variables table<string, string>  "version", "system", "stratum", …, without their quotes
---@field complete boolean  false where a fragment is missing

--- As `ntp.answer`, with:
---@class ntp.monlist
---@field error integer  0: it did as it was asked; 1 to 7: it refuses
---@field items integer  clients in the first datagram
---@field listed boolean  it gave away its clients, to whoever asks, in up to a hundred datagrams

--- RFC 5905; mode 6: RFC 9327; mode 7: as ntpd 4.2.6 and older understand it.
---
--- | function | returns, where `state` is `"open"` |
--- |---|---|
--- | `query(target [, options])` | `leap` ("none", "insert", "delete", "unsynchronized"), `version`, `stratum`, `kiss` (where the stratum is 0: "INIT", "RATE", "DENY", …), `poll`, `precision`, `root_delay`, `root_dispersion` (s), `reference` ("GPS", or an IPv4 address), `reference_time`, `receive_time`, `transmit_time` (s since 1970, nil where 0) |
--- | `variables(target [, options])` | `variables` (by name, texts), `text` (as sent), `version`, `status` (16 bits), `complete` (false: a fragment is missing); or `error` (1 to 7) where it refuses |
--- | `monlist(target [, options])` | `listed` (it gave away its clients: CVE-2013-5211), `items` (in the first datagram), `error` (0 to 7), `version` |
--- | `decode(packet)` | the fields of `query`, and the origin timestamp (8 bytes) |
---
--- Options: `port` (123), `version` of the question (4; `variables`: 2), `fresh`, `timeout`, `attempts`. `answer.transmit_time - answer.time` is about how
--- far its clock is ahead of this machine's. `variables` asks a second time where the answer comes in fragments, and waits until they cease.
--- Raises what `udp` does, and `protocol_error`.
local ntp = {}

local leaps = { [0] = "none", "insert", "delete", "unsynchronized" }

local function malformed(what)
  raise("protocol_error", "ntp: " .. what)
end

--- What the reply has to repeat: whoever did not see the question cannot answer it. The same question shares one probe.
local function mark_of(size, question, options)
  return options.fresh and crypto.random(size) or crypto.mark(size, question)
end

local function ask(target, options, request, attempts, replies)
  return target:udp(options.port or 123, {
    send = request,
    timeout = options.timeout,
    attempts = attempts or options.attempts,
    replies = replies,
    fresh = options.fresh,
  })
end

--- 32 bits of seconds since 1900 and 32 of their fractions; those before 1968 are of the era from 2036 on (RFC 4330).
local function unix_time(seconds, fraction)
  if seconds == 0 and fraction == 0 then return nil end
  if seconds < 0x80000000 then seconds = seconds + 0x100000000 end
  return seconds - 2208988800 + fraction / 0x100000000
end

--- Reads a server's packet (RFC 5905 section 7.3).
---@param packet string
---@return ntp.answer  and the origin timestamp, 8 bytes, as a second value
function ntp.decode(packet)
  if #packet < 48 then malformed("a packet of " .. #packet .. " bytes, and 48 are the least") end
  local first, stratum, poll, precision, delay, dispersion, reference, reference_s, reference_f, origin, receive_s, receive_f,
    transmit_s, transmit_f = bytes.unpack(">BBbbi4I4c4I4I4c8I4I4I4I4", packet)
  if first & 7 ~= 4 then malformed("mode " .. (first & 7) .. ", and a server's is 4") end
  local ascii = reference:match("^%g+") or ""
  local answer = {
    leap = leaps[first >> 6],
    version = first >> 3 & 7,
    stratum = stratum,
    poll = 2.0 ^ poll,
    precision = 2.0 ^ precision,
    root_delay = delay / 65536,
    root_dispersion = dispersion / 65536,
    reference = stratum < 2 and ascii or ("%d.%d.%d.%d"):format(reference:byte(1, 4)),
    reference_time = unix_time(reference_s, reference_f),
    receive_time = unix_time(receive_s, receive_f),
    transmit_time = unix_time(transmit_s, transmit_f),
  }
  if stratum == 0 then answer.kiss = ascii end
  return answer, origin
end

--- Asks for the time, as a client does (mode 3).
---@param target target
---@param options? ntp.options
---@return ntp.answer
function ntp.query(target, options)
  options = options or {}
  local version = options.version or 4
  local question = bytes.pack(">B", version << 3 | 3) .. ("\0"):rep(39)
  local mark = mark_of(8, question, options)  -- comes back as the origin
  local answer = ask(target, options, question .. mark)
  if answer.state ~= "open" then return answer end
  local read, origin = ntp.decode(answer.replies[1].bytes)
  if origin ~= mark then malformed("the reply is not to what was asked") end
  for key, value in pairs(read) do answer[key] = value end
  return answer
end

--- Reads one datagram of a mode 6 response (RFC 9327 section 2).
local function decode_control(packet, sequence)
  if #packet < 12 then malformed("a control message of " .. #packet .. " bytes, and 12 are the least") end
  local first, operation, found, status, _, offset, count = bytes.unpack(">BBI2I2I2I2I2", packet)
  if first & 7 ~= 6 or operation & 0x80 == 0 then malformed("no response of mode 6") end
  if found ~= sequence or operation & 0x1f ~= 2 then malformed("the reply is not to what was asked") end
  if count > #packet - 12 then malformed(count .. " bytes of data, and " .. (#packet - 12) .. " are there") end
  return {
    version = first >> 3 & 7,
    refused = operation & 0x40 ~= 0,
    more = operation & 0x20 ~= 0,
    status = status,
    offset = offset,
    data = packet:sub(13, 12 + count),
  }
end

--- Puts fragments together; the text so far, and whether it is all of it.
local function assemble(fragments)
  table.sort(fragments, function(a, b) return a.offset < b.offset end)
  local text, complete = "", false
  for _, fragment in ipairs(fragments) do
    if fragment.offset > #text then return text, false end
    if fragment.offset == #text then text = text .. fragment.data end
    complete = complete or not fragment.more
  end
  return text, complete
end

--- name=value pairs with commas between, values in quotes where they hold any.
local function read_variables(text)
  local variables, at = {}, 1
  while at <= #text do
    local name, behind = text:match("^[%s,]*([^=,%s]+)%s*()", at)
    if not name then break end
    local value = ""
    if text:sub(behind, behind) == "=" then
      local quoted, past = text:match('^=%s*"([^"]*)"()', behind)
      if not quoted then
        quoted, past = text:match("^=%s*([^,]*)()", behind)
        quoted = quoted:match("^(.-)%s*$")
      end
      value, behind = quoted, past
    end
    variables[name] = value
    at = behind
  end
  return variables
end

--- Asks for the system variables (mode 6, readvar), which a server had better keep to itself.
---@param target target
---@param options? ntp.options
---@return ntp.variables
function ntp.variables(target, options)
  options = options or {}
  local first_byte = (options.version or 2) << 3 | 6
  local sequence = bytes.unpack(">I2", mark_of(2, bytes.pack(">BB", first_byte, 2), options))
  local request = bytes.pack(">BBI2I2I2I2I2", first_byte, 2, sequence, 0, 0, 0, 0)
  local answer = ask(target, options, request)
  if answer.state ~= "open" then return answer end
  local first = decode_control(answer.replies[1].bytes, sequence)
  answer.version, answer.status = first.version, first.status
  if first.refused then
    answer.error = first.status >> 8 & 7
    return answer
  end
  local fragments = { first }
  if first.more or first.offset > 0 then  -- once more, and until they fall silent
    local again = ask(target, options, request, 1, 16)
    for _, packet in ipairs(again.replies or {}) do fragments[#fragments + 1] = decode_control(packet.bytes, sequence) end
  end
  answer.text, answer.complete = assemble(fragments)
  answer.variables = read_variables(answer.text)
  return answer
end

--- Asks for the list of clients as ntpdc does (mode 7, implementation 3, request 42). One small datagram; a server that
--- obliges sends up to a hundred, of which one is waited for.
---@param target target
---@param options? ntp.options
---@return ntp.monlist
function ntp.monlist(target, options)
  options = options or {}
  local answer = ask(target, options, "\x17\0\x03\x2a" .. ("\0"):rep(44))
  if answer.state ~= "open" then return answer end
  local packet = answer.replies[1].bytes
  if #packet < 8 then malformed("a private message of " .. #packet .. " bytes, and 8 are the least") end
  local first, _, _, request, counted = bytes.unpack(">BBBBI2", packet)
  if first & 0x87 ~= 0x87 or request ~= 42 then malformed("no response of mode 7 to monlist") end
  answer.version, answer.error, answer.items = first >> 3 & 7, counted >> 12, counted & 0xfff
  answer.listed = answer.error == 0 and answer.items > 0
  return answer
end

return ntp
