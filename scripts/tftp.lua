--- TFTP: does a server hand out a file to whoever asks for it by name (RFC 1350; options: RFC 2347, RFC 2349)? Nothing is written.

---@class tftp.options
---@field port? integer  default 69
---@field mode? "octet"|"netascii"  default "octet"
---@field size? boolean  ask for the file's size (tsize) in place of its first block; servers without options send the block
---@field timeout? number  s, of one attempt; default the target's
---@field attempts? integer  1 to 10; default the target's
---@field fresh? boolean  ask anew, whatever the server answered another rule

--- What a packet of a server says.
---@class tftp.packet
---@field handed_out boolean  true: data, or the options acknowledged; false: an error
---@field data? string  the file's first block, 512 bytes at most
---@field whole? boolean  of data: that is all of the file
---@field options? table<string, string>  that were acknowledged, by name in lower case
---@field size? integer  bytes of the file, where the server says it
---@field error? string  "not_found", "access_violation", …; another one's number
---@field error_code? integer
---@field message? string  to the error

--- What `target:udp` returned, which is evidence; where `state` is "open" with the fields of the packet.
---@class tftp.answer: tftp.packet
---@field state "open"|"closed"|"filtered"|"open|filtered"

--- RFC 1350; options: RFC 2347, RFC 2349. Nothing is written.
---
--- | function | returns |
--- |---|---|
--- | `read(target, file [, options])` | asks for a file by its name, takes the first packet that comes, and ends the transfer with an error packet |
--- | `encode(file [, options])`, `decode(packet)` | a read request's bytes; what an answer says |
---
--- Options: `mode` ("octet", or "netascii"), `size` (false; true: asks for the file's size, and nothing of it is read where the server knows how; others send the
--- first block), `port` (69), `fresh`, `timeout` (of an attempt) and `attempts` (1 to 10), by default the target's. A name has 1 to 400 bytes.
---
--- An answer is what `target:udp` returned, with `other_ports`: a server answers from a port of its own, which `replies[1].from` tells. `state` is `"open"`, `"closed"`, or
--- `"open|filtered"`: nothing came, in which servers differ where they have no such file. Where it is open there are
---
--- | field | holds |
--- |---|---|
--- | `handed_out` | true: it sends the file; false: it refuses |
--- | `data`, `whole` | the first block, at most 512 bytes; is that all of the file |
--- | `size`, `options` | bytes of the file, where `size` was wanted and the server says it; the options that it acknowledged, by name in lower case |
--- | `error_code`, `error`, `message` | how it refuses: 0 to 8, as `"not_defined"`, `"not_found"`, `"access_violation"`, `"disk_full"`, `"illegal_operation"`, `"unknown_transfer"`, `"file_exists"`, `"no_such_user"`, `"options_refused"`, or another one's number; in its own words |
---
--- Raises what `udp` does, and `protocol_error`: no TFTP, or an answer to another request.
--- ```lua
--- local seen = require("tftp").read(target, "startup-config")
--- if seen.handed_out then return fail("It hands out its configuration", seen) end
--- ```
local tftp = {}

local block = 512
local rrq, data, problem, acknowledged = 1, 3, 5, 6

-- RFC 1350 section 5, and RFC 2347 for the last.
local errors = { [0] = "not_defined", "not_found", "access_violation", "disk_full", "illegal_operation", "unknown_transfer",
  "file_exists", "no_such_user", "options_refused" }

local function malformed(what)
  raise("protocol_error", "tftp: " .. what)
end

--- A read request's bytes.
---@param file string  1 to 400 bytes, none of them zero
---@param options? tftp.options  `mode` and `size`
---@return string
function tftp.encode(file, options)
  options = options or {}
  if type(file) ~= "string" or file == "" or #file > 400 or file:find("\0", 1, true) then
    error("tftp: file is to be a string of 1 to 400 bytes, none of them zero", 2)
  end
  local mode = options.mode or "octet"
  if mode ~= "octet" and mode ~= "netascii" then error("tftp: mode is \"octet\" or \"netascii\"", 2) end
  return bytes.pack(">I2zz", rrq, file, mode) .. (options.size and "tsize\0000\0" or "")
end

--- Names and values of an acknowledgement of options, each ended by a zero.
local function read_options(text)
  if text ~= "" and text:byte(#text) ~= 0 then malformed("options without their end") end
  local options, name = {}, nil
  for word in text:gmatch("([^\0]*)\0") do
    if name then
      options[name:lower()], name = word, nil
    else
      name = word
    end
  end
  if name then malformed("an option without its value") end
  return options
end

--- Reads what a server answers to a read request: the first block, an error, or its options. Raises protocol_error where it is
--- none of them.
---@param packet string
---@return tftp.packet
function tftp.decode(packet)
  local code, at = bytes.unpack(">I2", packet)
  if code == data then
    local number, behind = bytes.unpack(">I2", packet, at)
    local text = packet:sub(behind)
    if number ~= 1 then malformed("block " .. number .. ", and the first is 1") end
    if #text > block then malformed(("a block of %d bytes, and %d are the most"):format(#text, block)) end
    return { handed_out = true, data = text, whole = #text < block }
  elseif code == problem then
    local number, behind = bytes.unpack(">I2", packet, at)
    local message = packet:match("^[^\0]*", behind)
    return { handed_out = false, error = errors[number] or tostring(number), error_code = number,
      message = message:sub(1, block) }
  elseif code == acknowledged then
    if #packet > block then malformed(("options of %d bytes, and %d are the most"):format(#packet, block)) end
    local options = read_options(packet:sub(at))
    local digits = options.tsize and options.tsize:match("^%d+$")
    return { handed_out = true, options = options, size = digits and #digits < 19 and math.tointeger(tonumber(digits)) or nil }
  end
  malformed("a packet of kind " .. code .. " in answer to a read request")
end

--- Asks for a file, takes the first packet that comes, and ends the transfer.
---@param target target
---@param file string
---@param options? tftp.options
---@return tftp.answer
function tftp.read(target, file, options)
  options = options or {}
  local answer = target:udp(options.port or 69, {
    send = tftp.encode(file, options),
    other_ports = true,  -- a server answers from a port of its own (section 4)
    farewell = bytes.pack(">I2I2z", problem, 0, "thank you"),
    timeout = options.timeout,
    attempts = options.attempts,
    fresh = options.fresh,
  })
  if answer.state ~= "open" then return answer end
  local packet = tftp.decode(answer.replies[1].bytes)
  if packet.options and not options.size then malformed("options acknowledged that nobody asked for") end
  for key, value in pairs(packet) do answer[key] = value end
  return answer
end

return tftp
