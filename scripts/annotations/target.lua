---@meta
--- What editors (lua-language-server) know of `target`, its probes, and streams. No rule can `require` this file. Times are
--- seconds; what each field means in full is in rules/README.md and scripts/README.md.

---@class endpoint
---@field address string
---@field port integer
---@field transport "tcp"|"udp"
---@field text string  "tcp/10.0.0.1:23"

---@alias tcp_endpoint integer|string|endpoint  23, "tcp/23", or what `check` was given
---@alias udp_endpoint integer|string|endpoint  161, "udp/161", or what `check` was given

--- What every probe returns besides its own fields; it is evidence.
---@class answer
---@field time number  s since 1970
---@field local string  "10.0.0.2:40000"; "" where nothing was sent
---@field remote string
---@field attempts integer

---@class target
---@field id string  its name or address
---@field address? string  the first; nil where the name does not resolve
---@field addresses string[]
---@field names string[]
---@field tags string[]
---@field groups string[]
---@field owner string
---@field params table<string, integer|number|string|boolean>
target = {}

---@class fresh
---@field fresh? boolean  asks anew, whatever is known; default false

---@class port_options: fresh
---@field timeout? number  s of an attempt, above 0 and up to 300; default the target's
---@field attempts? integer  1 to 10; default the target's

---@class port_answer: answer
---@field state "open"|"closed"|"filtered"
---@field reason string
---@field connect_time? number  s, of an open or closed one

---@param endpoint tcp_endpoint
---@param options? port_options
---@return port_answer  raises unreachable
function target:port(endpoint, options) end

---@class banner_options: fresh
---@field timeout? number  s; default 5
---@field idle? number  s of silence that end it; default 0.3
---@field max? integer  bytes; default 4096
---@field send? string  said first

---@class banner_answer: answer
---@field bytes string
---@field text string  the same, made safe to show
---@field ended "idle"|"eof"|"cap"

---@param endpoint tcp_endpoint
---@param options? banner_options
---@return banner_answer  raises refused reset timeout eof
function target:banner(endpoint, options) end

---@class connect_options
---@field timeout? number  s, above 0 and up to 300; default the target's

---@param endpoint tcp_endpoint
---@param options? connect_options
---@return stream  raises refused reset timeout
function target:connect(endpoint, options) end

---@class udp_options: fresh
---@field send? string  the datagram, at most 65,507 bytes; default empty
---@field timeout? number  s of an attempt; default the target's
---@field attempts? integer  1 to 10; default the target's
---@field replies? integer  1 to 64; default 1
---@field max_bytes? integer  0 to 65,535 of each reply; default 65,535
---@field other_ports? boolean  replies from other ports of the same address are heard too; default false
---@field farewell? string  at most 65,507 bytes, sent once behind the last reply, to where the first came from; with `other_ports`

---@class udp_reply
---@field bytes string
---@field length integer
---@field from string

---@class udp_answer: answer
---@field state "open"|"closed"|"filtered"|"open|filtered"
---@field replies udp_reply[]
---@field icmp? string
---@field icmp_from? string
---@field farewell? string  "sent", or "out_of_scope"

---@param endpoint udp_endpoint
---@param options? udp_options
---@return udp_answer  raises timeout unreachable
function target:udp(endpoint, options) end

---@class ping_options: fresh
---@field count? integer  1 to 100; default 3
---@field interval? number  s; default 0.2
---@field timeout? number  s for the reply to each; default the target's
---@field size? integer  16 to 65,507 bytes; default 56

---@class ping_answer: answer
---@field address string
---@field method "icmp"|"icmp-raw"|"tcp"
---@field sent integer
---@field received integer
---@field loss number  0 to 1
---@field rtt_min number  s
---@field rtt_avg number
---@field rtt_max number
---@field duplicates integer
---@field foreign integer
---@field late integer
---@field port? integer
---@field no_icmp? string
---@field hosts? table[]

---@param address? string  of the target; default all of them
---@param options? ping_options
---@return ping_answer  raises unreachable
function target:ping(address, options) end

---@class dns_options: fresh
---@field type? string  any type's mnemonic, "TYPE65", "AXFR"; default "A"
---@field timeout? number  s; default 5
---@field server? string  an address of the target or of a resolver, "10.0.0.1:53"
---@field recursion? boolean  default true
---@field dnssec? boolean  default false
---@field tcp? boolean  default false

---@class dns_record
---@field name string
---@field type string
---@field ttl integer  s
---@field data string
---@field strings? string[]

---@class dns_answer: answer
---@field rcode string
---@field server string
---@field transport "udp"|"tcp"
---@field flags table<"aa"|"ad"|"cd"|"ra"|"rd"|"tc", boolean>
---@field answers dns_record[]
---@field authority dns_record[]
---@field additional dns_record[]
---@field transferred? boolean  of AXFR
---@field records? integer
---@field messages? integer

---@param name string  or an address: its reverse name
---@param options? dns_options
---@return dns_answer  raises unresolved timeout protocol_error
function target:dns(name, options) end

---@class session_options
---@field timeout? number  s; default 10
---@field server_name? string  default the target's name
---@field alpn? string|string[]
---@field trust? "system"|"none"  default "system"
---@field trust_pem? string

---@class tls_options: session_options, fresh
---@field starttls? "smtp"|"imap"|"pop3"|"ftp"|"ldap"|"postgres"|"mysql"|"xmpp"|"xmpp-server"|"none"  default as the port has it

---@class certificate
---@field subject? string
---@field issuer? string
---@field common_names? string[]
---@field sans? { type: string, text: string }[]
---@field sans_count? integer
---@field serial? string
---@field not_before? string
---@field not_after? string
---@field not_before_time? integer  s since 1970
---@field not_after_time? integer
---@field days_left? integer
---@field key? { type: string, bits: integer, curve: string?, sha256: string }
---@field signature? string
---@field signature_hash? string
---@field fingerprint_sha256 string
---@field fingerprint_sha1? string
---@field is_ca? boolean
---@field path_length? integer
---@field key_usage? string[]
---@field extended_key_usage? string[]
---@field ocsp_urls? string[]
---@field issuer_urls? string[]
---@field crl_urls? string[]
---@field must_staple? boolean
---@field self_issued? boolean
---@field self_signed? boolean
---@field faults? string[]
---@field version? integer
---@field problem? string
---@field der string

---@class session
---@field version string
---@field cipher string
---@field cipher_iana string
---@field group string
---@field group_bits integer
---@field signature string
---@field alpn string
---@field verified? boolean  nil where `trust = "none"`
---@field reason string
---@field name string
---@field name_matches? boolean
---@field chain certificate[]
---@field sent integer
---@field staple table
---@field handshake_time number  s
---@field compression boolean
---@field asks_certificate boolean
---@field secure_renegotiation? boolean
---@field extended_master_secret? boolean

---@class tls_answer: answer, session
---@field connect_time number  s
---@field starttls string
---@field server_name string

---@param endpoint tcp_endpoint
---@param options? tls_options
---@return tls_answer  raises tls_error protocol_error timeout reset eof
function target:tls(endpoint, options) end

---@class http_options: fresh
---@field method? string  all but GET, HEAD, OPTIONS and TRACE need safety = "intrusive"; default "GET"
---@field path? string  default "/"
---@field host? string  default the target's name
---@field server_name? string  asked for by SNI; default the name in `host`
---@field headers? table<string, string>
---@field body? string  default empty
---@field tls? boolean  default true on 443 and 8443
---@field redirects? integer  0 to 10; default 0
---@field auth? string  the name of a credential
---@field timeout? number  s; default 10
---@field max_body? integer  0 to 16,777,216 bytes; default 1,048,576

---@class http_answer: answer
---@field url string
---@field status integer
---@field reason string
---@field version string
---@field headers table<string, string|string[]>  by name in lower case
---@field title string
---@field body string
---@field body_truncated boolean
---@field encoding string
---@field encoded_bytes? integer
---@field decoded_bytes? integer
---@field encoding_error? string
---@field redirects table[]
---@field reused boolean
---@field tls? table

---@param endpoint tcp_endpoint
---@param options? http_options
---@return http_answer  raises protocol_error tls_error timeout reset eof
function target:http(endpoint, options) end

---@class ssh_options: fresh
---@field timeout? number  s of each connection; default 10
---@field host_keys? boolean  default true

---@class ssh_directions
---@field client_to_server string[]
---@field server_to_client string[]

---@class ssh_answer: answer
---@field banner string
---@field protocol string
---@field software string
---@field comment string
---@field lines_before string[]
---@field ssh1 boolean
---@field kex? string[]
---@field host_key_algorithms? string[]
---@field ciphers? ssh_directions
---@field macs? ssh_directions
---@field compression? ssh_directions
---@field languages? ssh_directions
---@field strict_kex? boolean
---@field first_kex_packet_follows? boolean
---@field irregular_names? table
---@field host_keys? table[]
---@field host_keys_left_out? integer
---@field connections integer

---@param endpoint tcp_endpoint
---@param options? ssh_options
---@return ssh_answer  raises eof protocol_error
function target:ssh(endpoint, options) end

---@class tls_accepts_options: fresh
---@field timeout? number  s of each connection; default 5
---@field server_name? string  default the target's name
---@field starttls? string  as of `tls`

---@class tls_accepts_answer: answer
---@field versions string[]
---@field ciphers table<string, string[]>  by version
---@field server_order table<string, boolean>
---@field groups table<string, string[]>
---@field refusals table<string, string>
---@field dh_bits? integer
---@field compression? boolean
---@field secure_renegotiation? boolean
---@field extended_master_secret? boolean
---@field fallback_scsv? boolean
---@field explicit_curve? boolean
---@field group_not_offered? boolean
---@field connections integer
---@field complete boolean
---@field starttls string
---@field server_name string

--- Only where safety = "intrusive".
---@param endpoint tcp_endpoint
---@param options? tls_accepts_options
---@return tls_accepts_answer  raises tls_error protocol_error timeout reset eof
function target:tls_accepts(endpoint, options) end

---@class timeout_option
---@field timeout? number  s, above 0 and up to 300; default the target's

--- A conversation; no stream outlives its check. `local stream <close> = target:connect(25)`
---@class stream
---@field local string
---@field remote string
---@field connect_time number  s
stream = {}

---@param size? integer  so many bytes, or what is there
---@param options? timeout_option
---@return string bytes  raises eof reset timeout
function stream:read(size, options) end

---@param delimiter string  is part of what is returned
---@param cap? integer  bytes; default 65,536
---@param options? timeout_option
---@return string bytes  raises truncated past the cap
function stream:read_until(delimiter, cap, options) end

---@param options? timeout_option
---@return string line  without its end
function stream:read_line(options) end

---@param bytes string
---@param options? timeout_option
---@return stream
function stream:write(bytes, options) end

---@param options? session_options
---@return session  raises tls_error protocol_error
function stream:starttls(options) end

--- No more will be sent; reading goes on.
function stream:shutdown() end

function stream:close() end
