---@meta
--- What editors (lua-language-server) know of a rule file: its fields, its verdicts, and the functions that every rule has. No
--- rule can `require` this file. rules/README.md teaches them.

---@alias severity "critical"|"high"|"medium"|"low"|"info"

---@class param
---@field type "integer"|"number"|"string"|"boolean"
---@field default integer|number|string|boolean  of that type
---@field help? string

---@class rule
---@field id string  words of a-z 0-9 - joined by dots, the family first; unique
---@field title string  what holds where the rule passes
---@field severity severity
---@field check fun(target: target|run, endpoint?: endpoint)  gives exactly one verdict; of `run` where the scope is "run"
---@field collect? fun(target: target): any  where the scope is "run": what is compared, or nil where there is nothing
---@field ports? (integer|string)[]  1 to 65535, "8000-8100", "tcp/22"; swept before any Lua runs
---@field absent? "pass"|"not_applicable"  where every port is closed, or filtered on a host that lives; default "not_applicable"
---@field requires? "nothing"  in place of `ports`: `check` always runs
---@field scope? "target"|"endpoint"|"run"  default "target"; "endpoint": once for each open port; "run": once, at its end
---@field safety? "connect"|"normal"|"intrusive"  "connect" may ask `port`, `ping`, and `dns` of the system's servers alone, "normal" speaks as a client would, "intrusive" writes, guesses or asks hundreds of times; default "normal"
---@field params? table<string, param>  set in the inventory, read as `target.params`
---@field tags? string[]
---@field rationale? string
---@field remediation? string
---@field references? string[]

--- Declares a rule: what its file returns.
---@param fields rule
---@return rule
function rule(fields) end

---@alias evidence answer|stream|table<string|integer, any>

--- What was looked for is as it should be, and was seen. The only argument may be the evidence.
---@param message string|evidence
---@param evidence? evidence
function pass(message, evidence) end

---@class verdict_options
---@field severity? severity  in place of the rule's
---@field key? string  what the finding is about, where a rule has several: waivers and comparisons go by it

--- It is not as it should be, and that was seen.
---@param message string
---@param evidence evidence
---@param options? verdict_options
function fail(message, evidence, options) end

--- The rule's subject is not there.
---@param message string
function not_applicable(message) end

--- Neither good nor bad: counts as informational.
---@param message string
---@param evidence? evidence
function info(message, evidence) end

--- Calls a function as pcall does.
---@generic T
---@param f fun(...): T
---@param ... any
---@return T? result  what `f` returns, or nil
---@return string? kind  "refused", "timeout", …, or "rule_error" for a mistake of Lua
---@return string? message
function try(f, ...) end

--- `raise(kind, message)` ends the check as a probe that could not answer does, unless `try` catches it: `closed filtered refused reset timeout
--- unreachable eof truncated protocol_error tls_error auth_required auth_failed`. A message is at most 2,048 bytes. The other kinds are
--- the engine's to say.
---@param kind "closed"|"filtered"|"refused"|"reset"|"timeout"|"unreachable"|"eof"|"truncated"|"protocol_error"|"tls_error"|"auth_required"|"auth_failed"
---@param message string  at most 2,048 bytes
function raise(kind, message) end

--- `parallel(functions)` runs the functions of a table side by side, so that what they wait for is waited for once, and returns a table
--- with the first value of each under its key. The keys are a list, or names of at most 64 bytes; at most 64 functions a call, 256 a
--- check. All of them run to their end; then the first error in their order (the list, then the names from a to z) is raised, with its
--- kind. What they ask is in the check's record in that order, whichever answered first. They share the check's budget, deadline and
--- scope, and `[limits] per_target` says how many conversations there are at once: functions that together keep more streams open
--- end the check as `error (over_budget)`. A stream belongs to one function at a time; one that
--- a function returns goes on outside.
--- ```lua
--- -- mine/par/versions.lua
--- return rule {
---   id       = "lab.versions",
---   title    = "What SSH and the web server say of themselves",
---   severity = "info",
---   requires = "nothing",
---   check = function(target)
---     local seen = parallel {
---       ssh = function() return target:banner(22) end,
---       web = function() return target:http(80) end,
---     }
---     return info(seen.ssh.text .. " and " .. tostring(seen.web.headers.server), { seen.ssh, seen.web })
---   end,
--- }
--- ```
---@param functions table<integer|string, fun(): any>  a list, or names of at most 64 bytes; at most 64
---@return table<integer|string, any>  the first value of each, under its key
function parallel(functions) end
