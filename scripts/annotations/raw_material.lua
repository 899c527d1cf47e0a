---@meta
--- What editors (lua-language-server) know of the raw material that every rule has. No rule can `require` this file.

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
---@return string
function bytes.pack(format, ...) end

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
