--- What to say to a UDP port so that the service that is usual there answers: the shortest harmless question of its
--- protocol, written from its specification. Nothing is changed at the peer, and nobody is logged in.

---@class udp_payload
---@field name string  the protocol
---@field source string  where the question is specified
---@field bytes string

--- A UDP port answers those who speak its protocol, and nobody else. `ask(target, port [, options])` says the usual thing and returns what
--- `target:udp` does, with `asked`, the protocol's name (nil: none is usual there, and an empty datagram is sent). `payload(port)` gives `name`,
--- `source` and `bytes`, or nil; it works within `check` only, its identifiers being of this target and run. `ports()` is the list of those below.
---
--- | port | | source | port | | source |
--- |---|---|---|---|---|---|
--- | 7 | echo | RFC 862 | 1434 | SQL Server Browser | [MC-SQLR] |
--- | 13 | daytime | RFC 867 | 1900 | SSDP M-SEARCH | UPnP 2.0 |
--- | 17 | quote of the day | RFC 865 | 2049 | NFS, NULL | RFC 1813 |
--- | 19 | chargen | RFC 864 | 3478 | STUN Binding | RFC 8489 |
--- | 37 | time | RFC 868 | 3702 | WS-Discovery Probe | OASIS |
--- | 53 | DNS, version.bind | RFC 1035 | 4500 | IKE behind NAT | RFC 3948 |
--- | 69 | TFTP, a file that is not there | RFC 1350 | 5060 | SIP OPTIONS | RFC 3261 |
--- | 111 | port mapper, NULL | RFC 1833 | 5351 | NAT-PMP | RFC 6886 |
--- | 123 | NTP | RFC 5905 | 5353 | mDNS, which services | RFC 6762 |
--- | 137 | NetBIOS node status | RFC 1002 | 5683 | CoAP | RFC 7252 |
--- | 161 | SNMPv3 discovery | RFC 3414 | 11211 | memcached, version | protocol.txt |
--- | 389 | LDAP without connection | RFC 1798 | | | |
--- | 443 | QUIC, a version to negotiate | RFC 9000 | | | |
--- | 500 | IKE_SA_INIT | RFC 7296 | | | |
--- | 520 | RIP, the table | RFC 2453 | | | |
--- | 623 | ASF presence ping | DSP0136 | | | |
---
--- 161 is answered by agents of version 3 whatever their communities are. A TFTP server answers from a port of its own (RFC 1350
--- section 4), which is heard; [tftp](#tftp) asks for a file.
local udp_payloads = {}

local marked  -- the port that is asked about
local marks   -- how many there are in its question so far

--- What a reply has to repeat, or nobody is to foretell: the same for the same port of the same target, so that rules share
--- the probe.
local function mark(size)
  marks = marks + 1
  return crypto.mark(size, ("udp_payloads %d %d"):format(marked, marks))
end

--- One question in the DNS's message format (RFC 1035 section 4).
local function dns_question(labels, type, class, id, flags)
  local name = ""
  for _, label in ipairs(labels) do name = name .. bytes.pack("s1", label) end
  return (id or mark(2)) .. bytes.pack(">I2I2I2I2I2", flags or 0, 1, 0, 0, 0) .. name .. "\0" .. bytes.pack(">I2I2", type, class)
end

--- A call of procedure 0, which does nothing and answers (RFC 5531 section 9).
local function rpc_null(program, version)
  return mark(4) .. bytes.pack(">I4I4I4I4I4I4I4I4I4", 0, 2, program, version, 0, 0, 0, 0, 0)
end

--- The name that stands for any, in first-level encoding (RFC 1001 section 14.1).
local function nbstat()
  return dns_question({ "CK" .. ("A"):rep(30) }, 0x21, 1)
end

--- Discovery of the engine (RFC 3414 section 4): an agent answers with a report, whatever its communities and users are.
local function snmp_discovery()
  local id = bytes.unpack(">I4", mark(4)) & 0x7fffffff
  local pdu = { class = "context", tag = 0, constructed = true, id, 0, 0, {} }
  return der.encode { 3, { id, 65507, "\4", 3 }, der.encode { "", 0, 0, "", "", "" }, { "", "", pdu } }
end

--- The root entry of a directory without a connection (RFC 1798, RFC 4511 section 4.5.1).
local function cldap()
  local root, base_object, never, none = "", { type = "ENUMERATED", value = 0 }, { type = "ENUMERATED", value = 0 }, 0
  local filter = { class = "context", tag = 7, value = "objectClass" }
  return der.encode { 1, { class = "application", tag = 3, constructed = true, root, base_object, never, none, none, false,
    filter, { "supportedLDAPVersion" } } }
end

--- IKE_SA_INIT of version 2 (RFC 7296 section 1.2): AES-256-CBC, HMAC-SHA2-256, group 14. A responder that would choose
--- otherwise says so.
local function ike()
  local function transform(more, type, id, attribute)
    return bytes.pack(">BBI2BBI2", more and 3 or 0, 0, 8 + #attribute, type, 0, id) .. attribute
  end
  local transforms = transform(true, 1, 12, bytes.pack(">I2I2", 0x800e, 256)) .. transform(true, 2, 5, "") ..
    transform(true, 3, 12, "") .. transform(false, 4, 14, "")
  local proposal = bytes.pack(">BBI2BBBB", 0, 0, 8 + #transforms, 1, 1, 0, 4) .. transforms
  local function payload(next_type, contents)
    return bytes.pack(">BBI2", next_type, 0, 4 + #contents) .. contents
  end
  local key = "\x7f" .. mark(255)  -- below the prime of the group
  local body = payload(34, proposal) .. payload(40, bytes.pack(">I2I2", 14, 0) .. key) .. payload(0, mark(32))
  return mark(8) .. ("\0"):rep(8) .. bytes.pack(">BBBBI4I4", 33, 0x20, 34, 0x08, 0, 28 + #body) .. body
end

local function ssdp()
  return table.concat({ "M-SEARCH * HTTP/1.1", "HOST: 239.255.255.250:1900", 'MAN: "ssdp:discover"', "MX: 1", "ST: ssdp:all",
    "", "" }, "\r\n")
end

local function sip_options()
  local id = bytes.hex(mark(8))
  return table.concat({ "OPTIONS sip:audit.invalid SIP/2.0", "Via: SIP/2.0/UDP audit.invalid;branch=z9hG4bK" .. id .. ";rport",
    "Max-Forwards: 70", "From: <sip:audit@audit.invalid>;tag=" .. id, "To: <sip:audit.invalid>",
    "Call-ID: " .. id .. "@audit.invalid", "CSeq: 1 OPTIONS", "Contact: <sip:audit@audit.invalid>",
    "Accept: application/sdp", "Content-Length: 0", "", "" }, "\r\n")
end

local function ws_discovery()
  local id = bytes.hex(mark(16))
  local uuid = ("%s-%s-4%s-8%s-%s"):format(id:sub(1, 8), id:sub(9, 12), id:sub(14, 16), id:sub(18, 20), id:sub(21, 32))
  return '<?xml version="1.0" encoding="utf-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" ' ..
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery">' ..
    "<e:Header><a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action><a:MessageID>urn:uuid:" .. uuid ..
    "</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></e:Header><e:Body><d:Probe/></e:Body></e:Envelope>"
end

--- A long header of a version that nobody speaks, which a server answers with those that it does (RFC 9000 section 6).
local function quic()
  local header = "\xc0\x1a\x2a\x3a\x4a" .. bytes.pack("s1s1", mark(8), mark(8)) .. "\0"
  local size = 1200 - #header - 2  -- as an Initial of version 1 would say it; only the version is looked at
  return header .. bytes.pack(">I2", 0x4000 | size) .. ("\0"):rep(size)
end

local function coap()
  return "\x44\x01" .. mark(2) .. mark(4) .. "\xbb.well-known\x04core"
end

-- By port: name, source, and what makes the bytes. Ports that answer anything at all get a line of text.
local line = function() return "audit\r\n" end
local questions = {
  [7] = { "echo", "RFC 862", line },
  [13] = { "daytime", "RFC 867", line },
  [17] = { "qotd", "RFC 865", line },
  [19] = { "chargen", "RFC 864", line },
  [37] = { "time", "RFC 868", line },
  [53] = { "dns", "RFC 1035, RFC 4892: version.bind", function() return dns_question({ "version", "bind" }, 16, 3) end },
  [69] = { "tftp", "RFC 1350: a file that is not there", function() return "\0\1audit-asks-for-no-file\0octet\0" end },
  [111] = { "rpcbind", "RFC 1833, RFC 5531: NULL", function() return rpc_null(100000, 2) end },
  [123] = { "ntp", "RFC 5905: client", function() return "\x23" .. ("\0"):rep(39) .. mark(8) end },
  [137] = { "netbios-ns", "RFC 1002 section 4.2.17: node status", nbstat },
  [161] = { "snmp", "RFC 3414 section 4: discovery", snmp_discovery },
  [389] = { "cldap", "RFC 1798, RFC 4511: the root entry", cldap },
  [443] = { "quic", "RFC 9000 section 6: a version to negotiate", quic },
  [500] = { "isakmp", "RFC 7296 section 1.2: IKE_SA_INIT", ike },
  [520] = { "rip", "RFC 2453 section 3.9.1: the whole table", function()
    return bytes.pack(">BBI2I2I2I4I4I4I4", 1, 2, 0, 0, 0, 0, 0, 0, 16)
  end },
  [623] = { "rmcp", "DMTF DSP0136 (ASF 2.0): presence ping", function() return "\6\0\xff\6\0\0\x11\xbe\x80\1\0\0" end },
  [1434] = { "ms-sql-m", "[MC-SQLR] section 2.2.2: all instances", function() return "\3" end },
  [1900] = { "ssdp", "UPnP Device Architecture 2.0 section 1.3.2: M-SEARCH", ssdp },
  [2049] = { "nfs", "RFC 1813, RFC 5531: NULL", function() return rpc_null(100003, 3) end },
  [3478] = { "stun", "RFC 8489 section 5: Binding", function() return "\0\1\0\0\x21\x12\xa4\x42" .. mark(12) end },
  [3702] = { "ws-discovery", "OASIS WS-Discovery 1.1, of April 2005: Probe", ws_discovery },
  [4500] = { "ipsec-nat-t", "RFC 3948 section 2.2, RFC 7296: IKE_SA_INIT", function() return ("\0"):rep(4) .. ike() end },
  [5060] = { "sip", "RFC 3261 section 11: OPTIONS", sip_options },
  [5351] = { "nat-pmp", "RFC 6886 section 3.2: the external address", function() return "\0\0" end },
  [5353] = { "mdns", "RFC 6762 section 5.4, RFC 6763 section 9: which services", function()
    return dns_question({ "_services", "_dns-sd", "_udp", "local" }, 12, 0x8001, "\0\0")
  end },
  [5683] = { "coap", "RFC 7252, RFC 6690: /.well-known/core", coap },
  [11211] = { "memcached", "memcached's protocol.txt, UDP: version", function()
    return mark(2) .. bytes.pack(">I2I2I2", 0, 1, 0) .. "version\r\n"
  end },
}

--- What to say to a port; nil where no protocol is usual there. Its identifiers are of this target
--- and run, so it is made within `check` only.
---@param port integer
---@return udp_payload?
function udp_payloads.payload(port)
  local question = questions[port]
  if not question then return nil end
  marked, marks = port, 0
  return { name = question[1], source = question[2], bytes = question[3]() }
end

--- The ports that there is a payload for, in order.
---@return integer[]
function udp_payloads.ports()
  local ports = {}
  for port in pairs(questions) do ports[#ports + 1] = port end
  return ports
end

--- Says it: what `target:udp` returns, and the payload's `name` as `asked`. A port without one is sent an empty datagram.
---@param target target
---@param port integer|endpoint
---@param options? { timeout?: number, attempts?: integer, replies?: integer, fresh?: boolean }
function udp_payloads.ask(target, port, options)
  options = options or {}
  local number = type(port) == "table" and port.port or port
  local payload = udp_payloads.payload(number)
  local answer = target:udp(port, {
    send = payload and payload.bytes or "",
    timeout = options.timeout,
    attempts = options.attempts,
    replies = options.replies,
    fresh = options.fresh,
    other_ports = number == 69 or nil,  -- where a TFTP server answers from (RFC 1350 section 4)
  })
  answer.asked = payload and payload.name
  return answer
end

return udp_payloads
