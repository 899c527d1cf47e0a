--- SNMP versions 1 and 2c: reading an agent's variables (RFC 1157, RFC 1901, RFC 3416).

---@class snmp.options
---@field community? string|credential  default "public"; one that is to be kept secret is a credential of the inventory
---@field version? "v1"|"v2c"  default "v2c"
---@field port? integer  default 161
---@field timeout? number  seconds of one attempt; default the target's
---@field attempts? integer  1 to 10; default the target's
---@field fresh? boolean  ask anew, whatever the agent answered another rule

---@class snmp.binding
---@field oid string  "1.3.6.1.2.1.1.1.0"
---@field type string  INTEGER, OCTET STRING, NULL, OBJECT IDENTIFIER, IpAddress, Counter32, Gauge32, TimeTicks, Opaque,
---NsapAddress, Counter64, noSuchObject, noSuchInstance, endOfMibView
---@field value string|integer|nil  nil where there is none

---@class snmp.message
---@field version "v1"|"v2c"
---@field community string  of the reply; "credential NAME" where one was sent
---@field pdu string  get, get_next, response, set, get_bulk, inform, trap, report
---@field request_id integer
---@field error_status string  "noError", or what the agent objects to
---@field error_index integer  which binding it objects to, from 1; 0: none
---@field bindings snmp.binding[]
---@field extra integer  bytes behind the message

--- What `target:udp` returned, which is evidence; where `state` is "open" with the fields of the message, and:
---@class snmp.answer: snmp.message
---@field state "open"|"closed"|"open|filtered"
---@field values table<string, string|integer>  the bindings' values by oid; those that have none are absent

--- ```lua
--- -- mine/snmp/public.lua
--- local snmp = require("snmp")
---
--- return rule {
---   id       = "snmp.public",
---   title    = "The agent is not readable as public",
---   severity = "high",
---   tags     = { "snmp" },
---   requires = "nothing",
---
---   check = function(target)
---     local answer = snmp.system(target, { community = "public", timeout = 1 })
---     if answer.state == "open" then
---       return fail("It is " .. (answer.name or "?") .. ": " .. (answer.description or "?"), answer)
---     end
---     return pass("SNMP is " .. answer.state .. " to public", answer)
---   end,
--- }
--- ```
--- ```sh
--- audit run --target 127.0.0.41 --rules mine/snmp      # exit 1: an agent that everybody may read
--- audit run --target 127.0.0.12 --rules mine/snmp
--- ```
--- RFC 1157, RFC 1901, RFC 3416; types of RFC 2578.
---
--- | function | returns |
--- |---|---|
--- | `get(target, oids [, options])` | asks for variables: `oids` is `"1.3.6.1.2.1.1.1.0"` or a list of them |
--- | `get_next(target, oids [, options])` | asks for those that follow |
--- | `system(target [, options])` | `get` of the system group (RFC 3418), and of it `description`, `object_id`, `uptime` (s), `contact`, `name`, `location`; one that the agent does not have is nil. An agent of version 1 that lacks one gives none |
--- | `encode(pdu, request_id, oids [, options])` | the bytes of a question; `pdu` is `"get"` or `"get_next"` |
--- | `decode(message)` | a message's fields; traps of version 1 are not read |
--- | `oids` | `sysDescr sysObjectID sysUpTime sysContact sysName sysLocation` |
---
--- Options: `community` ("public", or a credential: `target:credential("snmp")`, which needs `cleartext = true` in the inventory), `version` ("v2c", or "v1"), `port` (161), `fresh`, `timeout` (of an attempt) and `attempts` (1 to 10), by default the
--- target's.
---
--- An answer is what `target:udp` returned. `state` is `"open"`, `"closed"`, or `"open|filtered"`: an agent says nothing to a community that
--- it does not know. Where it is open there are `version`, `community`, `pdu`, `request_id`, `error_status` ("noError", "noSuchName", … of RFC
--- 3416), `error_index` (which binding, from 1; 0), `bindings` (a list of `oid`, `type`, `value`), `values` (by oid) and `extra` (bytes behind the
--- message). Types are `INTEGER`, `OCTET STRING`, `NULL`, `OBJECT IDENTIFIER` (dotted), `IpAddress` (dotted), `Counter32`, `Gauge32`, `TimeTicks`
--- (hundredths of a second), `Opaque`, `NsapAddress`, `Counter64` (above 2^63-1 negative: `math.ult` compares it), and `noSuchObject`,
--- `noSuchInstance`, `endOfMibView`, which have no value. Raises what `udp` does, and `protocol_error`: no SNMP, or a reply to another
--- question.
local snmp = {}

--- The system group (RFC 3418).
snmp.oids = {
  sysDescr = "1.3.6.1.2.1.1.1.0",
  sysObjectID = "1.3.6.1.2.1.1.2.0",
  sysUpTime = "1.3.6.1.2.1.1.3.0",
  sysContact = "1.3.6.1.2.1.1.4.0",
  sysName = "1.3.6.1.2.1.1.5.0",
  sysLocation = "1.3.6.1.2.1.1.6.0",
}

local versions = { v1 = 0, v2c = 1 }
local version_names = { [0] = "v1", [1] = "v2c" }
local pdus = { get = 0, get_next = 1, response = 2, set = 3, get_bulk = 5, inform = 6, trap = 7, report = 8 }
local pdu_names = {}
for name, tag in pairs(pdus) do pdu_names[tag] = name end

-- RFC 3416 section 3, by number.
local error_names = {
  [0] = "noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType", "wrongLength",
  "wrongEncoding", "wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable", "commitFailed", "undoFailed",
  "authorizationError", "notWritable", "inconsistentName",
}
local exceptions = { [0] = "noSuchObject", "noSuchInstance", "endOfMibView" }

local function unsigned(mask)
  return function(contents)
    local number = der.integer(contents)
    return number and number & mask
  end
end

-- RFC 2578 section 7.1, by application tag: name, and how the contents are read.
local application_types = {
  [0] = { "IpAddress", function(contents)
    if #contents ~= 4 then raise("protocol_error", "snmp: an IpAddress of " .. #contents .. " bytes") end
    return ("%d.%d.%d.%d"):format(contents:byte(1, 4))
  end },
  { "Counter32", unsigned(0xffffffff) },
  { "Gauge32", unsigned(0xffffffff) },
  { "TimeTicks", unsigned(0xffffffff) },
  { "Opaque", function(contents) return contents end },
  { "NsapAddress", function(contents) return contents end },
  { "Counter64", function(contents)  -- above 2^63-1 it comes out negative, as Lua's unsigned integers do
    if #contents == 9 and contents:byte() == 0 then return (bytes.unpack(">i8", contents, 2)) end
    return der.integer(contents)
  end },
}

local function malformed(what)
  raise("protocol_error", "snmp: " .. what)
end

--- The child at a place, which has to be of a type.
local function child(element, place, type)
  local found = element[place]
  if not found or found.type ~= type then malformed("no " .. type .. " at place " .. place) end
  return found
end

local function read_binding(element)
  if element.type ~= "SEQUENCE" or #element ~= 2 then malformed("a binding that is not a pair") end
  local name, value = element[1], element[2]
  if name.type ~= "OBJECT IDENTIFIER" or not name.value then malformed("a binding without a name") end
  local binding = { oid = name.value }
  if value.constructed then
    malformed("a value that is constructed")
  elseif value.class == "universal" then
    binding.type, binding.value = value.type or "universal " .. value.tag, value.value
  elseif value.class == "application" and application_types[value.tag] then
    local name_and_reader = application_types[value.tag]
    binding.type, binding.value = name_and_reader[1], name_and_reader[2](value.bytes)
  elseif value.class == "context" and exceptions[value.tag] then
    binding.type = exceptions[value.tag]
  else
    binding.type, binding.value = value.class .. " " .. value.tag, value.bytes
  end
  return binding
end

--- A message's bytes.
---@param pdu "get"|"get_next"
---@param request_id integer  of 32 bits, signed
---@param oids string[]
---@param options? snmp.options  `version` and `community`
---@return string|credential
function snmp.encode(pdu, request_id, oids, options)
  options = options or {}
  local version = versions[options.version or "v2c"]
  if not version then error("snmp: version is \"v1\" or \"v2c\"", 2) end
  if pdu ~= "get" and pdu ~= "get_next" then error("snmp: pdu is \"get\" or \"get_next\"", 2) end
  local bindings = {}
  for i, oid in ipairs(oids) do
    bindings[i] = { { type = "OBJECT IDENTIFIER", value = oid }, { type = "NULL" } }
  end
  return der.encode { version, options.community or "public",
    { class = "context", tag = pdus[pdu], constructed = true, request_id, 0, 0, bindings } }
end

--- Reads a message of version 1 or 2c; raises protocol_error where it is none. Traps of version 1 are not read.
---@param message string
---@return snmp.message
function snmp.decode(message)
  local whole, behind = der.decode(message, { ber = true })
  if whole.type ~= "SEQUENCE" then malformed("a message that is no SEQUENCE") end
  local version = child(whole, 1, "INTEGER").value
  if not version_names[version] then malformed("version " .. tostring(version) .. " is neither v1 nor v2c") end
  local pdu = whole[3]
  if not pdu or pdu.class ~= "context" or not pdu.constructed or not pdu_names[pdu.tag] then malformed("no PDU") end
  local status = child(pdu, 2, "INTEGER").value
  local bindings = {}
  for i, element in ipairs(child(pdu, 4, "SEQUENCE")) do bindings[i] = read_binding(element) end
  return {
    version = version_names[version],
    community = child(whole, 2, "OCTET STRING").value,
    pdu = pdu_names[pdu.tag],
    request_id = child(pdu, 1, "INTEGER").value,
    error_status = error_names[status] or tostring(status),
    error_index = child(pdu, 3, "INTEGER").value,
    bindings = bindings,
    extra = #message + 1 - behind,
  }
end

local function ask(target, pdu, oids, options)
  options = options or {}
  if type(oids) == "string" then oids = { oids } end
  local is_credential = type(options.community) == "userdata"
  local named = { version = options.version, community = options.community and tostring(options.community) }
  local question = snmp.encode(pdu, 0, oids, named)
  local mark = options.fresh and crypto.random(4) or crypto.mark(4, question)  -- the same question shares one probe
  local request_id = bytes.unpack(">I4", mark) & 0x7fffffff
  local answer = target:udp(options.port or 161, {
    send = snmp.encode(pdu, request_id, oids, options),
    timeout = options.timeout,
    attempts = options.attempts,
    fresh = options.fresh,
  })
  if answer.state ~= "open" then return answer end
  local message = snmp.decode(answer.replies[1].bytes)
  if message.pdu ~= "response" or message.request_id ~= request_id then
    malformed("the reply is not to what was asked")
  end
  answer.values = {}
  for key, value in pairs(message) do answer[key] = value end
  if is_credential then answer.community = named.community end
  for _, binding in ipairs(message.bindings) do answer.values[binding.oid] = binding.value end
  return answer
end

--- Asks for variables. An agent is silent to a community that it does not know: `state` is "open|filtered" then.
---@param target target
---@param oids string|string[]
---@param options? snmp.options
---@return snmp.answer
function snmp.get(target, oids, options)
  return ask(target, "get", oids, options)
end

--- Asks for the variables that follow these.
---@param target target
---@param oids string|string[]
---@param options? snmp.options
---@return snmp.answer
function snmp.get_next(target, oids, options)
  return ask(target, "get_next", oids, options)
end

--- What the agent says of itself: `description`, `object_id`, `uptime` (s), `contact`, `name` and `location` beside the
--- fields of `get`, where it has them.
---@param target target
---@param options? snmp.options
---@return snmp.answer
function snmp.system(target, options)
  local oids = snmp.oids
  local answer = snmp.get(target, { oids.sysDescr, oids.sysObjectID, oids.sysUpTime, oids.sysContact, oids.sysName,
    oids.sysLocation }, options)
  if answer.state ~= "open" then return answer end
  local values = answer.values
  answer.description, answer.object_id = values[oids.sysDescr], values[oids.sysObjectID]
  answer.contact, answer.name, answer.location = values[oids.sysContact], values[oids.sysName], values[oids.sysLocation]
  local ticks = values[oids.sysUpTime]
  answer.uptime = math.type(ticks) and ticks / 100
  return answer
end

return snmp
