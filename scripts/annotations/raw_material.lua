---@meta
--- What editors (lua-language-server) know of the raw material that every rule has. No rule can `require` this file.

--- | function | |
--- |---|---|
--- | `hex(s)`, `unhex(digits)` | lower case; either case, and nothing between the digits |
--- | `base64(s)`, `unbase64(digits)` | RFC 4648 section 4: standard alphabet, padded. Reading is strict: no white space, no bits behind the last byte |
--- | `pack(format, …)` | `string.pack` |
--- | `join(…)` | the strings one after another, as `..` |
--- | `length(s)` | how many bytes, in decimal digits, as protocols write it before what it counts |
--- | `unpack(format, s [, position])` | `string.unpack`, but where `s` is too short for the format it raises `protocol_error` |
--- | `equal(a, b)` | are they the same? In a time that depends on the lengths only |
--- | `xor(a, b)` | of two strings of one length |
---
--- `hex`, `base64`, `pack`, `join`, `length` and `xor` take credentials too (below `target`), and give what nobody sees then, as a credential is.
---
--- `unhex` and `unbase64` raise `protocol_error` with the position of the mistake. Results are at most 64 MiB.
---@class bytes
bytes = {}

---@param s string
---@return string digits  lower case
function bytes.hex(s) end

---@param digits string  either case; raises protocol_error
---@return string
function bytes.unhex(digits) end

---@param s string
---@return string digits  RFC 4648 section 4
function bytes.base64(s) end

---@param digits string  strictly of RFC 4648 section 4; raises protocol_error
---@return string
function bytes.unbase64(digits) end

---@param format string  that of string.pack
---@return string|credential
function bytes.pack(format, ...) end

---@param ... string|credential
---@return string|credential
function bytes.join(...) end

---@param s string|credential
---@return string|credential digits  decimal
function bytes.length(s) end

---@param format string  that of string.unpack
---@param s string  raises protocol_error where it is too short
---@param position? integer  default 1
---@return any ...  the values, and the position behind them
function bytes.unpack(format, s, position) end

---@param a string
---@param b string
---@return boolean  in a time that depends on the lengths only
function bytes.equal(a, b) end

---@param a string
---@param b string  as long as `a`
---@return string
function bytes.xor(a, b) end

--- Broken algorithms are here to speak to peers that know no other.
---
--- | function | |
--- |---|---|
--- | `hash(name, s)` | raw bytes; `md5 sha1 sha224 sha256 sha384 sha512 sha3-256 sha3-512 blake2b512` |
--- | `hmac(name, key, s)` | RFC 2104, raw bytes; of credentials (key, `s` or both) too: it is what the peer sees, and shows in evidence |
--- | `encrypt(cipher, key, iv, s [, options])` | the bytes; of gcm and the tag (16 bytes) |
--- | `decrypt(cipher, key, iv, s [, options])` | the bytes |
--- | `random(n)` | 1 to 1,024 bytes, within `check` only |
--- | `mark(n, question)` | 1 to 1,024 bytes that no outsider can foretell, and the same ones for the same `question` (any string) to the same target in one run: for what a reply has to repeat. Rules that ask the same then send the same bytes, and share one probe. Within `check` only |
---
--- Ciphers: `aes-128-`, `aes-192-` and `aes-256-` with `ecb`, `cbc`, `ctr`, `cfb128`, `gcm`, and `des-cbc`. Keys are 16, 24, 32 and 8 bytes; `iv` is 16, of `ecb` `""`, of
--- `gcm` 1 to 64 (usually 12), of `des-cbc` 8. Options: `padding` (`ecb`, `cbc`: true; PKCS #7, RFC 5652 section 6.3), `aad` and, to decrypt, `tag` (`gcm`).
--- What does not decrypt (padding, tag, no whole blocks) is `protocol_error`. An algorithm that this machine's OpenSSL refuses ends the check as
--- `local_fault`.
---@class crypto
crypto = {}

---@alias hash_name "md5"|"sha1"|"sha224"|"sha256"|"sha384"|"sha512"|"sha3-256"|"sha3-512"|"blake2b512"

---@param name hash_name
---@param s string
---@return string digest  raw bytes
function crypto.hash(name, s) end

---@param name hash_name
---@param key string
---@param s string
---@return string code  raw bytes (RFC 2104)
function crypto.hmac(name, key, s) end

---@class cipher_options
---@field padding? boolean  ecb and cbc: PKCS #7; default true
---@field aad? string  gcm: additional data
---@field tag? string  gcm, to decrypt: 16 bytes

---@param cipher string  aes-(128|192|256)-(ecb|cbc|ctr|cfb128|gcm), des-cbc
---@param key string  16, 24, 32 or, of des, 8 bytes
---@param iv string  16 bytes; of ecb "", of gcm 1 to 64, of des 8
---@param s string
---@param options? cipher_options
---@return string encrypted
---@return string? tag  of gcm
function crypto.encrypt(cipher, key, iv, s, options) end

---@param cipher string
---@param key string
---@param iv string
---@param s string  raises protocol_error where it does not decrypt
---@param options? cipher_options
---@return string
function crypto.decrypt(cipher, key, iv, s, options) end

---@param size integer  1 to 1,024; within `check` only
---@return string
function crypto.random(size) end

--- Bytes that no outsider can foretell, and the same ones for the same question to the same target in one run: what a reply
--- has to repeat. Rules that ask the same then send the same, and share one probe.
---@param size integer  1 to 1,024; within `check` only
---@param question string
---@return string
function crypto.mark(size, question) end

--- `der.decode(s [, options])` gives the element at a position and the position behind it. Options: `position` (1), and `ber` (false): true
--- allows what SNMP's BER does (RFC 3417 section 8): longer lengths, integers and truths than need be. Indefinite lengths, constructed
--- strings, more than 64 levels or 16,384 elements, and whatever X.690 forbids in DER, are `protocol_error` with the position; the order
--- of a SET is not looked at. An element is a table:
---
--- | field | |
--- |---|---|
--- | `class` | `"universal"`, `"application"`, `"context"`, `"private"` |
--- | `tag` | 0 to 2^28-1 |
--- | `type` | of class universal: X.680's name, `"INTEGER"`, `"OCTET STRING"`, `"UTF8String"`, … |
--- | `constructed` | true: its elements are `[1]`, `[2]`, …; false: it has `bytes` |
--- | `bytes` | the contents, undecoded |
--- | `value` | BOOLEAN: a boolean. INTEGER, ENUMERATED: an integer, nil above 64 bits. OBJECT IDENTIFIER, RELATIVE-OID: dotted, nil where an arc is above 64 bits. BIT STRING: the bytes, `unused` (0 to 7) of whose last bits do not count. NULL: nil. All others: the bytes |
--- | `first`, `last` | where it stands: `s:sub(e.first, e.last)` is the whole element |
---
--- `der.encode(v)` gives the bytes of an integer (INTEGER), a boolean, a string (OCTET STRING), or a table. `{ 1, "a", true }` is a SEQUENCE;
--- with `type` the table is of that type: `{ type = "OBJECT IDENTIFIER", value = "1.3.6" }`, `{ type = "SET", … }`, `{ type = "NULL" }`. With `class` and `tag` it
--- has that tag, and its contents are those of `type` where there is one (implicit tagging), else its elements or the string `value`:
--- `{ class = "context", tag = 0, 5 }`, `{ class = "context", tag = 1, type = "INTEGER", value = 5 }`. A primitive element without `value` is written from
--- `bytes`. What `decode` gave is encoded to the same bytes. Other fields, holes in a list, wrong values, more than 64 levels, 16,384
--- elements or 16 MiB are the rule's mistake, and the message names the element: `element 2.1`.
---
--- `der.integer(contents)` and `der.oid(contents)` read what an implicit tag hides: a number, or dotted text; nil above 64 bits.
--- ```lua
--- local id = der.encode { { type = "OBJECT IDENTIFIER", value = "2.5.4.3" }, { type = "UTF8String", value = "lab" } }
--- assert(der.decode(id)[1].value == "2.5.4.3")
--- ```
---@class der
der = {}

---@class der.element
---@field class "universal"|"application"|"context"|"private"
---@field tag integer  0 to 2^28-1
---@field type? string  of class universal: X.680's name
---@field constructed boolean  its elements are [1], [2], …
---@field bytes? string  the contents, of a primitive element
---@field value? boolean|integer|string
---@field unused? integer  of a BIT STRING: bits of its last byte that do not count
---@field first integer  position of its first byte
---@field last integer
---@field [integer] der.element

---@param s string  raises protocol_error
---@param options? { ber?: boolean, position?: integer }
---@return der.element
---@return integer behind  the position behind it
function der.decode(s, options) end

---@param v integer|boolean|string|table
---@return string
function der.encode(v) end

---@param contents string  of an INTEGER; raises protocol_error
---@return integer?  nil above 64 bits
function der.integer(contents) end

---@param contents string  of an OBJECT IDENTIFIER; raises protocol_error
---@return string?  dotted; nil where an arc is above 64 bits
function der.oid(contents) end
