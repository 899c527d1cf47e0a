---@meta
--- What editors (lua-language-server) know of `target` and its probes; ssh, tls_accepts and streams have files of their own.
--- No rule can `require` this file. Times are seconds; what each field means in full is in rules/README.md and scripts/README.md.

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
---@field id string  its name or address, after ZONE/ where it is in a zone
---@field address? string  the first; nil where the name does not resolve
---@field addresses string[]
---@field names string[]
---@field tags string[]
---@field groups string[]
---@field owner string
---@field zone string  of the inventory; "" where it is in none
---@field criticality string  "critical", "high", "medium", "low", or "" where nobody said
---@field urls string[]  by which the inventory names it, as written
---@field params table<string, integer|number|string|boolean>
---@field contact_domain? string  of the mail address in [identity] contact, by which EHLO tells whom to ask about this scan; nil without one
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
---@field text string  the same; reports, the shell and `print` escape what they show
---@field ended "idle"|"eof"|"reset"|"cap"|"deadline"

---@param endpoint tcp_endpoint
---@param options? banner_options
---@return banner_answer  raises refused reset timeout eof
function target:banner(endpoint, options) end

--- A secret of the inventory, or bytes that hold one: it can be passed on to `stream:write`, to `send` of `udp`, to `auth` of `http`, to
--- `crypto.hmac` and `crypto.hash`, to `der.encode` (an OCTET STRING, or a `value`) and to `pack`, `join`, `length`, `hex`, `base64` and `xor`
--- of `bytes`, whose results are credentials then. It has no length, is not joined by `..` and equals no text; `tostring` gives
--- `"credential snmp"`. Other functions and options refuse it.
---@class credential
local credential = {}

--- The secret `[credentials.NAME]` of the inventory, of user:password one part where `part` says so. Raises `missing_credential`, and the check
--- that does not `try` it ends as `not_reviewed (missing_credential)`: it is not in the inventory, not for this target, or not there. What is sent
--- to another endpoint than the inventory allows, in clear text without `cleartext = true`, or within TLS to a server whose
--- certificate does not verify without `unverified = true`, raises the same, and nothing is sent.
---@param name string
---@param part? "user"|"password"
---@return credential  raises missing_credential
function target:credential(name, part) end

---@class connect_options
---@field timeout? number  s, above 0 and up to 300; default the target's

---@param endpoint tcp_endpoint
---@param options? connect_options
---@return stream  raises refused reset timeout
function target:connect(endpoint, options) end

---@class udp_options: fresh
---@field send? string|credential  the datagram, at most 65,507 bytes; default empty
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

--- ## target:udp(endpoint, options)
--- Sends one datagram from a socket that hears that host and port and nobody else, and sends it again until a reply comes.
---
--- | option | range | default | meaning |
--- |---|---|---|---|
--- | `send` | bytes, 65,507 at most | empty | the datagram |
--- | `timeout` | above 0, to 300 | the target's limit | of one attempt; before another follows it lasts up to an eighth longer, at random |
--- | `attempts` | 1 to 10 | the target's limit | how often it is sent while nothing comes back |
--- | `replies` | 1 to 64 | 1 | how many to wait for, until the end of the attempt in which the first came |
--- | `max_bytes` | 0 to 65,535 | 65,535 | kept of each reply |
--- | `other_ports` | | false | replies from other ports of the same address are heard too, where some services answer from (TFTP); never those of another address |
--- | `farewell` | bytes, 65,507 at most | none | sent once, behind the last reply that was waited for, to where the first came from, from the same port; only with `other_ports` |
---
--- | field | meaning |
--- |---|---|
--- | `state` | `open` a reply came; `closed` the host itself sent ICMP port unreachable; `filtered` ICMP says that it is forbidden, or a port unreachable came from somebody else; `open\|filtered` silence, every attempt spent |
--- | `replies` | list of `{ bytes, length, from }`; `length` is the true one, however much of it was kept |
--- | `farewell` | `"sent"`, or why not: `"out_of_scope"` where the port is one that is never asked; absent where there was none to send |
--- | `icmp`, `icmp_from` | what the last ICMP error said ("port unreachable"), and the address that sent it; absent where none came |
---
--- Raises `unreachable` (an ICMP error says that there is no way to a host which showed no life; the message says who sent it),
--- `timeout` (the check's deadline came before every attempt was spent), `out_of_scope`, `local_fault`, `stopped`. An ICMP error that
--- the host itself sends is a sign of life, one from a router is not.
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

--- ## target:ping([address, options])
--- Sends ICMP echo requests: by a ping socket, which needs no privileges where `net.ipv4.ping_group_range` allows it, else by a raw
--- one (`CAP_NET_RAW`), else by TCP connects to a port that the sweep saw answer, or to 443, 80, 22, of which a SYN-ACK or RST
--- is a reply. A reply counts that comes from the host itself, with the id, sequence and random payload of a request, within its
--- timeout, once. Without an address every host of the target is asked. `never` is about ports and forbids no echo.
---
--- | option | range | default | meaning |
--- |---|---|---|---|
--- | `count` | 1 to 100 | 3 | requests to each host; each takes the run's rate and the target's gap |
--- | `interval` | above 0, to 300 | 0.2 | at least so long between two |
--- | `timeout` | above 0, to 300 | the target's limit | for the reply to each |
--- | `size` | 16 to 65,507 | 56 | bytes of payload |
---
--- | field | meaning |
--- |---|---|
--- | `address`, `method` | the first host that replied; `icmp` (ping socket), `icmp-raw`, or `tcp` |
--- | `sent`, `received`, `loss` | requests, replies, and the part that was lost, 0 to 1 |
--- | `rtt_min`, `rtt_avg`, `rtt_max` | round trips |
--- | `duplicates`, `foreign`, `late` | replies that came again, that had the id and sequence of a request but another source or payload, that came after their timeout: counted, not believed |
--- | `port`, `no_icmp` | where the method is `tcp`: the port, and why there was no ICMP |
--- | `hosts` | where several were asked: the same fields of each |
---
--- Raises `unreachable` (no host replied; the message says to how many requests, and what an ICMP error said), `timeout` (the deadline
--- came before every request had its time), `local_fault`, `out_of_scope`, `stopped`.
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

--- ## TLS: `target:tls(endpoint, options)` and `stream:starttls(options)`
--- One handshake, and what it shows. A bad certificate is a finding, never an error; TLS 1.0, SHA-1 and short keys are spoken too, so
--- that old servers can be looked at (no anonymous suites: there would be no certificate).
---
--- | option | default | means |
--- |---|---|---|
--- | `timeout` | 10 s | for connecting, STARTTLS and the handshake together |
--- | `server_name` | the target's name | asked for by SNI and compared with the certificate. An address is compared but never sent; `""` compares the address |
--- | `alpn` | offers none | a protocol or a list of them, `{ "h2", "http/1.1" }` |
--- | `trust` | `"system"` | verify against this machine's store (`SSL_CERT_FILE` and `SSL_CERT_DIR` are read); `"none"` does not verify |
--- | `trust_pem` | | PEM text of the certificates to believe, in place of the system's. One without a certificate, or with one that cannot be read, is a mistake of the call, and nothing is sent |
--- | `starttls` | by the port | `tls` only: `"smtp"` (25, 587) `"imap"` (143) `"pop3"` (110) `"ftp"` (21) `"ldap"` (389) `"postgres"` (5432) `"mysql"` (3306) `"xmpp"` (5222) `"xmpp-server"` (5269), else `"none"`: TLS from the first byte |
---
--- | field | holds |
--- |---|---|
--- | `version` | `"TLSv1.3"`, `"TLSv1.2"`, `"TLSv1.1"`, `"TLSv1"` |
--- | `cipher`, `cipher_iana` | OpenSSL's name and IANA's |
--- | `group`, `group_bits` | `"x25519"`, `"secp256r1"`, `"ffdhe2048"`, `"dh"` (of the server's own making); `""` and 0 where the key went under RSA |
--- | `signature` | of the exchange: `"RSA-PSS SHA256"`, `"ECDSA SHA384"`, `"ED25519"`; `""` where nothing was signed |
--- | `alpn` | what the server chose, `""` for nothing |
--- | `verified` | true or false; **nil where `trust = "none"`** |
--- | `reason` | why not verified, in OpenSSL's words, `"; "` between several; `""` where verified. Strength as Debian asks: 112 bits, no SHA-1 |
--- | `name`, `name_matches` | what the leaf was compared with, and whether one of its subjectAltNames is that (RFC 9525: a common name never is) |
--- | `chain`, `sent` | the certificates in the order sent, the first 32 of them; how many were sent |
--- | `staple` | `present`; and `response` (`"successful"`…), `status` (`"good"` `"revoked"` `"unknown"`), `serial`, `this_update`, `next_update`, `revoked_at`, `this_update_time`, `next_update_time`, `der`; `problem` where it cannot be read. Its signature is not checked |
--- | `handshake_time`, `connect_time` | seconds; the latter of `tls` only |
--- | `compression`, `asks_certificate` | true where TLS compresses; where the server asks for a client's certificate |
--- | `secure_renegotiation`, `extended_master_secret` | RFC 5746 and 7627; nil in TLS 1.3, which needs neither |
--- | `starttls`, `server_name` | of `tls` only: the protocol that was led to TLS, and the name asked for |
---
--- Each of `chain` has `subject`, `issuer` (RFC 4514), `common_names`, `sans` (a list of `{ type, text }`; type `dns ip email uri dirname rid
--- other`; the first 1,000), `sans_count`, `serial` (hex), `not_before`, `not_after` (`"2026-11-20T22:04:05Z"`), `not_before_time`, `not_after_time`
--- (seconds since 1970; nil where malformed), `days_left` (whole days, below 0 once it has ended), `key` (`type` `rsa ecdsa ed25519`…, `bits`,
--- `curve`, `sha256` of the public key), `signature`, `signature_hash`, `fingerprint_sha256`, `fingerprint_sha1`, `is_ca`, `path_length`,
--- `key_usage`, `extended_key_usage`, `ocsp_urls`, `issuer_urls`, `crl_urls`, `must_staple`, `self_issued`, `self_signed`, `faults` (what is
--- malformed in it), `version`, and `der`, which evidence leaves out. One that cannot be read has `problem`, `der` and `fingerprint_sha256` alone.
---
--- Raises `tls_error` (the server's alert in words, text that is no TLS, a certificate that is no X.509 at all: the message says which, and the evidence keeps the chain as `tls.chain`, STARTTLS refused or not offered, more than 256 KiB of certificates
--- or 512 KiB of handshake), `protocol_error` (text in clear behind the go-ahead for TLS, which anybody could have slipped in:
--- CVE-2011-0411), `timeout`, `reset`, `eof`, `refused`, `unreachable`, and `local_fault` where this machine has no trust store.
---
--- ```lua
--- local tls = target:tls(443)
--- if tls.chain[1].days_left < 14 then return fail("the certificate ends on " .. tls.chain[1].not_after, tls) end
---
--- local smtp <close> = target:connect(25)       -- by hand, where `tls` does not know the protocol
--- smtp:read_line() smtp:write("STARTTLS\r\n") smtp:read_line()
--- local session = smtp:starttls({ server_name = "mail.example.net" })
--- smtp:write("EHLO me\r\n")                     -- from here on within TLS
--- ```
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
---@field auth? string|credential  a credential of the inventory, or its name
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

--- ## HTTP: `target:http(endpoint, options)`
--- One request of HTTP/1.1, and the redirects that it was asked to follow, as far as they stay on the target. Any status is an answer.
---
--- | option | default | means |
--- |---|---|---|
--- | `method`, `path`, `body` | `"GET"`, `"/"`, `""` | as they are sent; a blank or a control in them is a mistake of the rule |
--- | `method` | | other than `GET`, `HEAD`, `OPTIONS` and `TRACE`, which are safe (RFC 9110 section 9.2.1), only in a rule that declares `safety = "intrusive"`: `POST` writes. `audit probe http` by hand is free |
--- | `headers` | | `{ Accept = "text/html" }`, in place of the usual one of that name: `User-Agent` (the inventory's `[identity]`), `Accept` |
--- | `host` | the target's name or address | the Host header |
--- | `tls` | on 443 and 8443 | over TLS; a bad certificate never stops it |
--- | `server_name` | the name in `host` | asked for by SNI |
--- | `redirects` | 0 | how many are followed, up to 10 |
--- | `auth` | | a credential of the inventory, or its name, sent as Basic |
--- | `timeout` | 10 s | for all of it together, redirects too |
--- | `max_body` | 1048576 | bytes of the body that are kept, decoded; 0 to 16777216 |
---
--- | field | holds |
--- |---|---|
--- | `status`, `reason`, `version` | 200, `"OK"`, `"1.1"` |
--- | `url` | that this is the answer of |
--- | `headers` | by name in lower case; several of one name are joined by `", "`, `set-cookie` is always a list |
--- | `body`, `title` | without chunks, and decoded; the text of its `<title>`, at most 200 bytes |
--- | `body_truncated` | there is more than `max_body`, or it could not be decoded to its end |
--- | `encoding` | Content-Encoding in lower case, `""` for none; `gzip` and `deflate` are undone |
--- | `encoded_bytes`, `decoded_bytes` | of the body, where it has an encoding: on the wire, and in `body` |
--- | `encoding_error` | what is wrong with the encoding, or that it stays; nil where nothing is |
--- | `redirects` | a list of `status`, `location` as it came, `url` that it means, `followed`, `downgrade` (https led to http), and where it was not followed `why` |
--- | `reused` | the connection had carried an earlier request of this check |
--- | `tls` | where it was TLS: `version cipher group alpn verified verify_reason name_matches certificate` (SHA-256); `target:tls` tells more |
--- | `attempts` | 2 where a kept connection turned out closed and the request was sent again over a new one |
---
--- `why` is `limit` (as many were followed as asked for), `loop`, `out_of_scope` (another host, or a port that is never asked; nothing is
--- sent), `unresolved`, or `bad_location` (no http URL, or two that differ). A redirect stays on the target where its host is the one that
--- was asked for, an address of the target, or a name that resolves to one. `Authorization` and cookies do not follow to another scheme,
--- host or port. After 303, and after 301 and 302 to a POST, a GET is sent; 307 and 308 repeat the request.
---
--- A check keeps one connection between two requests to the same endpoint, where server and request allow it; any other question closes
--- it. What must not be sent twice (`POST`, `PATCH`, unknown methods) always takes a new one.
---
--- Raises `protocol_error` (no HTTP/1, a head of more than 64 KiB or 1,000 headers, more than 8 interim answers, two lengths or a length
--- beside Transfer-Encoding, which is how answers are smuggled), `tls_error`, `eof` (closed before its answer was whole), `timeout`, `reset`,
--- `refused`, `unreachable`, `out_of_scope`, `local_fault`, and `missing_credential` (not in the inventory, not for this
--- target, not for this endpoint, not in clear text, or not there).
--- An answer that cannot be had of a redirect that was to be followed raises too.
---
--- ### Credentials
--- ```toml
--- [credentials.portal]
--- env = "PORTAL_LOGIN"                     # holds user:password; or one of these two:
--- # file = "portal.secret"                 # relative to the inventory; chmod 600, for nobody else may read it
--- # command = ["pass", "show", "portal"]   # a program and its arguments, never a shell; only with --allow-commands
--- # timeout = "10s"                        # of the command
--- groups = ["portals"]                     # for targets of these groups, or
--- targets = ["10.0.0.0/24", "*.lan"]       # for these; without either, for every target
--- endpoints = ["tcp/443"]                  # to these ports; without it, to any
--- cleartext = false                        # true: also where no TLS hides it, as for SNMP's communities
--- unverified = false                       # true: within TLS, also to a server whose certificate does not verify
--- ```
--- It goes nowhere else, whatever a rule does with it. A secret of less than 4 bytes is not taken: it could not be told from other text. The
--- command runs in the folder of the inventory, its standard input is empty, its standard error is not read, and with another status than 0
--- there is no secret. What an inventory names is never the secret itself: `password = "…"`, also as a parameter of a rule, is a mistake.
---
--- `target:http(443, { auth = "portal" })` sends it. Rules never see it, and evidence shows `Authorization: (credential portal)`; where a server
--- says it back it is covered there as well. An `Authorization` or `Cookie` that a rule writes itself is kept out of evidence too.
---
--- By hand, for other protocols, a rule joins it into what it writes:
--- ```lua
--- local pop <close> = target:connect(110)
--- pop:read_line()
--- pop:write("STLS\r\n"):read_line()
--- pop:starttls()
--- pop:write(bytes.join("USER ", target:credential("mail", "user"), "\r\nPASS ", target:credential("mail", "password"), "\r\n"))
--- ```
--- Reports, traces, transcripts and messages have asterisks in place of a credential, as it is, in hexadecimal, in Base64 and URL's Base64
--- wherever it begins, and with the escapes of JSON, URLs and HTML. What is computed of one (an HMAC, a hash) is none of these, and stands
--- where a peer says it back.
---@param endpoint tcp_endpoint
---@param options? http_options
---@return http_answer  raises protocol_error tls_error timeout reset eof
function target:http(endpoint, options) end
