---@meta
--- What editors know of streams. No rule can `require` this file.

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

---@param bytes string|credential
---@param options? timeout_option
---@return stream  raises missing_credential
function stream:write(bytes, options) end

---@param options? session_options
---@return session  raises tls_error protocol_error
function stream:starttls(options) end

--- No more will be sent; reading goes on.
function stream:shutdown() end

function stream:close() end
