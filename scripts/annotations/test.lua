---@meta
--- What editors (lua-language-server) know of a rule's test, `<name>_test.lua`: the functions that declare its cases. Beside them
--- it has all that a rule has but the verdicts, the target and `parallel`'s probes. rules/README.md, "Its test", teaches them.

---@class test_part  what the functions below give, for a case

---@class test_session  how a TLS handshake goes; a field that is left out is that of a good one
---@field version? string  "TLSv1.3"
---@field cipher? string
---@field cipher_iana? string
---@field group? string
---@field alpn? string
---@field chain? string[]  DER
---@field verified? boolean
---@field reason? string  why it is not verified
---@field name_matches? boolean
---@field compression? boolean

---@class test_turn
---@field hears? string  waits for it; left out: speaks at once
---@field says? string|fun(heard: string): string?  a function is given all that was heard; nil waits for more
---@field delay? number  s of virtual time, before it is said
---@field split? integer  bytes that come at a time
---@field tls? true|string|test_session  a string: what goes wrong

---@class test_conversation: test_turn  what it lists without a name are further turns; a string is said
---@field ends? "hang"|"close"|"reset"  default "hang": it stays open and silent
---@field [integer] string|test_turn

---@class test_peer: test_conversation
---@field tcp? integer  its port; either this or `udp`
---@field udp? integer
---@field at? string  another address than the target's first
---@field state? "open"|"closed"|"filtered"|"unreachable"  default "open"
---@field round_trip? number  s, default 0.001
---@field connections? test_conversation[]  one after the other; the last again and again
---@field replies? string|string[]|fun(request: string): string|string[]|nil|table<string, string|string[]>  over UDP
---@field answers_from? integer  over UDP: the port that replies come from

--- A port of the target, and how it behaves.
---@param fields test_peer
---@return test_part
function peer(fields) end

---@class test_host
---@field at? string
---@field others? "closed"|"filtered"|"unreachable"  ports that no peer declares; default "closed"
---@field echoes? boolean  answers ping; default false

--- A host besides its ports.
---@param fields test_host
---@return test_part
function host(fields) end

--- What the name server knows: names, or addresses for their reverse names, to records (A AAAA CNAME MX NS PTR TXT, each a string
--- or a list), or to "NXDOMAIN", "SERVFAIL", "REFUSED", "silence"; "*" for all other names.
---@param names table<string, string|table<string, string|string[]>>
---@return test_part
function dns(names) end

---@class test_target
---@field name? string
---@field addresses? string|string[]  default "10.0.0.1"
---@field tags? string[]
---@field groups? string[]
---@field owner? string
---@field params? table<string, integer|number|string|boolean>
---@field credentials? table<string, string>
---@field assume_up? boolean
---@field in_hosts_file? boolean  this machine knows the name by itself; the name server does not

--- Whom the rule is about.
---@param fields test_target
---@return test_part
function target(fields) end

---@class test_transcript
---@field file string  what `--record` wrote, beside the test
---@field target string|string[]  its id in that run; several where the rule has scope = "run"

--- A recorded run answers, in place of peers.
---@param fields test_transcript
---@return test_part
function transcript(fields) end

---@class test_result
---@field status? "pass"|"fail"|"error"|"not_applicable"|"not_reviewed"|"informational"
---@field reason? string
---@field severity? severity
---@field message? string  a pattern, found in it
---@field key? string
---@field endpoint? string  "tcp/10.0.0.1:80"
---@field evidence? string[]|table<string, table>  labels, or labels to the fields that their observation has

---@class test_expected: test_result
---@field results? test_result[]  each is found among the check's results
---@field sent? string|string[]  each is found in what was sent to one peer

--- What the check ends with; `status` is needed.
---@param fields test_expected
---@return test_part
function expect(fields) end

--- Declares a case: case "name" { peer { … }, expect { … } }.
---@param name string
---@return fun(parts: test_part[])
function case(name) end

---@class test_acceptance
---@field why string  a reason that a reader understands
---@field kind? string  glob over the kinds of generated cases; default "*"
---@field case? string  glob over the names of cases; default "*"
---@field status? "pass"|"fail"

--- Stands by a verdict of generated cases.
---@param fields test_acceptance
function accept(fields) end
