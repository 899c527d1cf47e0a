--- LDAP: what a directory says of itself to whoever asks, its root DSE (RFC 4511, RFC 4512 section 5.1). Nobody logs in by a
--- name, and nothing is written.

local asn1, lines, oids = require("asn1"), require("lines"), require("oids")

---@class ldap.options
---@field starttls? boolean|table  true, or the options of `stream:starttls`: go on within TLS where it is offered
---@field tls? boolean|table  the same from the first byte; default true on 636 and 3269
---@field timeout? number  s, of each step; default 10, of the connect the target's

---@class ldap.result
---@field code string  "success", "inappropriateAuthentication", … of RFC 4511 section 4.1.9; another one's number
---@field message string  what the server says to it

--- What a root DSE says. `false` and lists are of one that was read; where none was, they are nil.
---@class ldap.directory
---@field bind ldap.result  the answer to the anonymous bind
---@field anonymous boolean  the bind was taken, which need not mean that the anonymous may read more than the root DSE
---@field search? ldap.result  the answer to the search; nil: the server was gone, once it had refused the bind
---@field naming_contexts? string[]
---@field default_naming_context? string
---@field sasl_mechanisms? string[]
---@field controls? string[]  dotted, as the next two
---@field extensions? string[]
---@field features? string[]
---@field versions? integer[]
---@field vendor? string
---@field vendor_version? string
---@field host_name? string  dnsHostName
---@field starttls? boolean  among the extensions
---@field active_directory? boolean  among the capabilities
---@field attributes? table<string, string[]>  all others, by name in lower case
---@field cut integer  values that these leave out

---@class ldap.secure: ldap.directory
---@field version string  "TLSv1.3", and the others as `target:tls` has them
---@field cipher string
---@field verified? boolean
---@field reason? string

---@class ldap.answer: ldap.directory
---@field stream stream  closed; the conversation
---@field tls? ldap.secure  TLS from the first byte: its version and so on
---@field starttls_result? ldap.result  the answer to StartTLS, where it was asked
---@field secure? ldap.secure  what was seen behind it

--- RFC 4511, RFC 4512 section 5.1, RFC 4513. Nobody logs in by a name, and nothing is written.
---
--- | function | returns |
--- |---|---|
--- | `root_dse(target [, port [, options]])` | connects, binds without name and password, reads the root DSE, with `starttls` goes on within TLS where it is offered and does both again, and parts. Where TLS was begun the session, as `stream:starttls` gives it, is a second value |
--- | `encode(message)`, `decode(message)` | a message's bytes, and its fields: `{ id = 1, op = { bind_request = { version = 3, name = "", simple = "" } } }`; also `search_request`, `unbind_request`, `extended_request`, and what answers them |
---
--- `port` is 389 by default, or an endpoint. Options: `starttls` (true, or a table of the options of `stream:starttls`), `tls` (the same from the first byte; true on 636
--- and 3269), `timeout` of each step (s; 10, of the connect the target's).
---
--- | field | holds |
--- |---|---|
--- | `stream` | the conversation, closed |
--- | `bind`, `anonymous` | the answer to the bind: `code` (`"success"`, `"inappropriateAuthentication"`, … of RFC 4511 section 4.1.9, or another one's number) and `message`; was it taken. That need not mean that the anonymous may read more than this: Active Directory takes it and shows nothing else |
--- | `search` | the answer to the search, the same; nil where the server was gone once it had refused the bind. Where nothing was shown all that follows but `cut` is nil |
--- | `naming_contexts`, `default_naming_context` | names of the trees that it holds; Active Directory's own |
--- | `sasl_mechanisms`, `versions` | `{ "EXTERNAL", "GSSAPI" }`; of LDAP, `{ 3 }` |
--- | `controls`, `extensions`, `features` | lists of object identifiers; `oids.name` knows some |
--- | `starttls` | is StartTLS among the extensions |
--- | `active_directory` | does it say that it is one |
--- | `vendor`, `vendor_version`, `host_name` | where it says them |
--- | `attributes` | what else it says: lists by name in lower case |
--- | `cut` | how many values these leave out: the first 150 are kept, within 5,000 bytes. `starttls` and `active_directory` have seen them all |
--- | `tls` | of TLS from the first byte `version`, `cipher`, `verified`, `reason` |
--- | `starttls_result` | the answer to StartTLS where it was asked: `code`, `message` |
--- | `secure` | within TLS: these four, and all from `bind` to `cut` anew; nil where TLS was not begun |
---
--- Raises what `connect`, a stream and `stream:starttls` do, `eof` (also where the server says goodbye, with its reason), `protocol_error` (no LDAP, an answer to
--- something else) and `truncated` (a message of more than 262,144 bytes, or in all more than 524,288 bytes or 32 messages).
--- ```lua
--- local seen = require("ldap").root_dse(target)
--- if seen.starttls == false then return fail("Passwords can be sent in clear only", seen) end
--- ```
local ldap = {}

local longest_message, most_bytes, most_messages = 262144, 524288, 32
local kept_values, kept_bytes = 150, 5000

local codes = { [0] = "success", "operationsError", "protocolError", "timeLimitExceeded", "sizeLimitExceeded", "compareFalse",
  "compareTrue", "authMethodNotSupported", "strongerAuthRequired", [10] = "referral", [11] = "adminLimitExceeded",
  [12] = "unavailableCriticalExtension", [13] = "confidentialityRequired", [14] = "saslBindInProgress", [16] = "noSuchAttribute",
  [17] = "undefinedAttributeType", [18] = "inappropriateMatching", [19] = "constraintViolation", [20] = "attributeOrValueExists",
  [21] = "invalidAttributeSyntax", [32] = "noSuchObject", [33] = "aliasProblem", [34] = "invalidDNSyntax",
  [36] = "aliasDereferencingProblem", [48] = "inappropriateAuthentication", [49] = "invalidCredentials",
  [50] = "insufficientAccessRights", [51] = "busy", [52] = "unavailable", [53] = "unwillingToPerform", [54] = "loopDetect",
  [64] = "namingViolation", [65] = "objectClassViolation", [66] = "notAllowedOnNonLeaf", [67] = "notAllowedOnRDN",
  [68] = "entryAlreadyExists", [69] = "objectClassModsProhibited", [71] = "affectsMultipleDSAs", [80] = "other" }

local text, any = asn1.octet_string, asn1.any

--- A result (section 4.1.9), and what else its operation has; elements that are not known are passed over, as section 4 wants.
local function result_type(tag, more)
  local fields = { { "code", asn1.enumerated(codes) }, { "matched", text }, { "message", text },
    { "referral", asn1.implicit(3, asn1.sequence_of(text)), optional = true } }
  return asn1.implicit(tag, asn1.sequence(table.move(more or {}, 1, #(more or {}), #fields + 1, fields), "others"), "application")
end

-- Appendix B of RFC 4511, as far as it is spoken here.
local message_type = asn1.sequence({
  { "id", asn1.integer },
  { "op", asn1.choice {
    { "bind_request", asn1.implicit(0, asn1.sequence { { "version", asn1.integer }, { "name", text },
      { "simple", asn1.implicit(0, text) } }, "application") },
    { "bind_response", result_type(1, { { "credentials", asn1.implicit(7, text), optional = true } }) },
    { "unbind_request", asn1.implicit(2, asn1.null, "application") },
    { "search_request", asn1.implicit(3, asn1.sequence { { "base", text },
      { "scope", asn1.enumerated { [0] = "base", "one", "subtree" } }, { "aliases", asn1.enumerated { [0] = "never" } },
      { "size_limit", asn1.integer }, { "time_limit", asn1.integer }, { "types_only", asn1.boolean },
      { "present", asn1.implicit(7, text) }, { "attributes", asn1.sequence_of(text) } }, "application") },
    { "search_entry", asn1.implicit(4, asn1.sequence({ { "name", text }, { "attributes", asn1.sequence_of(
      asn1.sequence({ { "type", text }, { "values", asn1.set_of(text) } }, "others")) } }, "others"), "application") },
    { "search_done", result_type(5) },
    { "search_reference", asn1.implicit(19, asn1.sequence_of(text), "application") },
    { "extended_request", asn1.implicit(23, asn1.sequence { { "name", asn1.implicit(0, text) } }, "application") },
    { "extended_response", result_type(24, { { "name", asn1.implicit(10, text), optional = true },
      { "value", asn1.implicit(11, text), optional = true } }) },
    { "intermediate_response", asn1.implicit(25, asn1.sequence({}, "others"), "application") } } },
  { "controls", asn1.implicit(0, asn1.sequence_of(any)), optional = true } }, "others")

--- A message's bytes: `{ id = 1, op = { bind_request = { version = 3, name = "", simple = "" } } }`.
---@param message table
---@return string
function ldap.encode(message)
  return asn1.encode(message_type, message)
end

--- Reads a message of those operations; raises protocol_error where it is none.
---@param message string
---@return table
function ldap.decode(message)
  return asn1.decode(message_type, message, { ber = true })
end

local function malformed(talk, what)
  raise("protocol_error", "ldap: " .. talk.remote .. ": " .. what)
end

local function send(talk, op)
  talk.id = talk.id + 1
  talk.stream:write(ldap.encode { id = talk.id, op = op }, { timeout = talk.timeout })
end

--- The bytes of the next message. Its length is in the short form, or the long one of up to four bytes.
local function read_bytes(talk)
  local options = { timeout = talk.timeout }
  local head = talk.stream:read(2, options)
  local tag, length = head:byte(1, 2)
  if tag ~= 0x30 or length == 0x80 or length > 0x84 then malformed(talk, "\"" .. lines.shown(head) .. "\" is no LDAP") end
  if length > 0x80 then
    local octets = talk.stream:read(length & 0x7f, options)
    head, length = head .. octets, string.unpack(">I" .. #octets, octets)
  end
  talk.bytes, talk.messages = talk.bytes + length, talk.messages + 1
  if length > longest_message or talk.bytes > most_bytes or talk.messages > most_messages then
    local said = "ldap: %s: a message of %d bytes; %d bytes, %d together, and %d messages are the most"
    raise("truncated", said:format(talk.remote, length, longest_message, most_bytes, most_messages))
  end
  return length == 0 and head or head .. talk.stream:read(length, options)
end

--- The next operation in answer to the last one that was sent; `expected` are those that may come.
local function read_answer(talk, expected)
  while true do
    local message, kind, why = try(ldap.decode, read_bytes(talk))
    if not message then raise(kind, "ldap: " .. talk.remote .. ": " .. why) end
    local name, op = next(message.op)
    if message.id == 0 and name == "extended_response" then  -- section 4.4.1
      local notice = op.name == oids.oid("noticeOfDisconnection") and "" or " (" .. lines.shown(op.name or "?") .. ")"
      raise("eof", ("ldap: %s: it says goodbye%s: %s %s"):format(talk.remote, notice, op.code, lines.shown(op.message)))
    end
    if message.id ~= talk.id then malformed(talk, "a message that answers number " .. message.id .. ", and not " .. talk.id) end
    if expected[name] then return name, op end
    if name ~= "intermediate_response" and name ~= "search_reference" then
      malformed(talk, "a " .. name .. " in answer to something else")
    end
  end
end

local function result_of(op)
  return { code = tostring(op.code), message = op.message:sub(1, 500) }
end

local function search(talk)
  send(talk, { search_request = { base = "", scope = "base", aliases = "never", size_limit = 0, time_limit = 0, types_only = false,
    present = "objectClass", attributes = { "*", "+", "namingContexts", "supportedControl", "supportedExtension", "supportedFeatures",
      "supportedSASLMechanisms", "supportedLDAPVersion", "vendorName", "vendorVersion" } } })
  local entry
  while true do
    local name, op = read_answer(talk, { search_entry = true, search_done = true })
    if name == "search_done" then return result_of(op), entry end
    if entry then malformed(talk, "a second entry, and there is one root DSE") end
    entry = op
  end
end

--- The values of an entry by the names of attributes in lower case, without their options.
local function values_of(entry)
  local values = {}
  for _, attribute in ipairs(entry.attributes) do
    local name = attribute.type:match("^[^;]*"):lower()
    local list = values[name] or {}
    for _, value in ipairs(attribute.values) do list[#list + 1] = value end
    values[name] = list
  end
  return values
end

--- What a rule is given of the lists, in this order, and under which name.
local lists = { { "namingcontexts", "naming_contexts" }, { "supportedldapversion", "versions" },
  { "supportedsaslmechanisms", "sasl_mechanisms" }, { "supportedextension", "extensions" }, { "supportedfeatures", "features" },
  { "supportedcontrol", "controls" } }
local singles = { { "defaultnamingcontext", "default_naming_context" }, { "vendorname", "vendor" },
  { "vendorversion", "vendor_version" }, { "dnshostname", "host_name" } }

local function holds(list, wanted)
  for _, value in ipairs(list or {}) do
    if value == wanted then return true end
  end
  return false
end

local function read_entry(directory, entry)
  local values = values_of(entry)
  directory.starttls = holds(values.supportedextension, oids.oid("startTLS"))
  directory.active_directory = holds(values.supportedcapabilities, oids.oid("activeDirectory"))
  local count, size = 0, 0
  local function keep(list, extra)
    local kept = {}
    for _, value in ipairs(list) do
      count, size = count + 1, size + #value + 16 + extra
      if count > kept_values or size > kept_bytes then directory.cut = directory.cut + 1 else kept[#kept + 1] = value end
    end
    return kept
  end
  for _, pair in ipairs(singles) do
    directory[pair[2]] = keep(values[pair[1]] or {}, 0)[1]
    values[pair[1]] = nil
  end
  for _, pair in ipairs(lists) do
    directory[pair[2]] = keep(values[pair[1]] or {}, 0)
    values[pair[1]] = nil
  end
  for i, version in ipairs(directory.versions) do directory.versions[i] = math.tointeger(tonumber(version)) or version end
  local names = {}
  for name in pairs(values) do names[#names + 1] = name end
  table.sort(names)
  directory.attributes = {}
  for _, name in ipairs(names) do
    local kept = keep(values[name], #name)
    if #kept > 0 then directory.attributes[name] = kept end
  end
end

--- Binds without a name (section 4.2), and reads the root DSE.
local function look(talk, directory)
  send(talk, { bind_request = { version = 3, name = "", simple = "" } })
  local _, bound = read_answer(talk, { bind_response = true })
  directory.bind, directory.cut = result_of(bound), 0
  directory.anonymous = directory.bind.code == "success"
  local result, entry, why
  if directory.anonymous then
    result, entry = search(talk)
  else  -- many then close
    result, entry, why = try(search, talk)
    if not result then
      if entry ~= "eof" and entry ~= "reset" then raise(entry, why) end
      return
    end
  end
  directory.search = result
  if entry then read_entry(directory, entry) end
end

local function part(talk)
  try(send, talk, { unbind_request = true })
end

--- Binds as nobody, and reads the root DSE. Where `starttls` is wanted and offered, the TLS session is a second value.
---@param target target
---@param port? tcp_endpoint  default 389
---@param options? ldap.options
---@return ldap.answer
---@return table? session
function ldap.root_dse(target, port, options)
  options, port = options or {}, port or 389
  local stream <close> = target:connect(port, { timeout = options.timeout })
  local talk = { stream = stream, remote = stream.remote, timeout = options.timeout or 10, id = 0, bytes = 0, messages = 0 }
  local answer, session = { stream = stream }, nil
  local at_once = options.tls
  if at_once == nil then at_once = port == 636 or port == 3269 end
  at_once = lines.tls_options(at_once, options.timeout)
  if at_once then
    session = stream:starttls(at_once)
    answer.tls = lines.tls_summary(session)
  end
  look(talk, answer)
  local wanted = lines.tls_options(options.starttls, options.timeout)
  if wanted and answer.starttls and not at_once then
    send(talk, { extended_request = { name = oids.oid("startTLS") } })
    local _, op = read_answer(talk, { extended_response = true })
    answer.starttls_result = result_of(op)
    if op.code == "success" then
      session = stream:starttls(wanted)
      answer.secure = lines.tls_summary(session)
      look(talk, answer.secure)
    end
  end
  part(talk)
  return answer, session
end

return ldap
