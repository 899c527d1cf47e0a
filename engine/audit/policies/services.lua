-- What a port speaks. `ask` has a function for each service, which returns what it saw or raises; `find` looks what it is.
local services = { ask = {} }
local ask = services.ask

local function no(what, endpoint)
  raise("protocol_error", endpoint.text .. " does not speak " .. what)
end

function ask.ssh(target, endpoint)
  local said = target:banner(endpoint)
  if not said.ssh then no("SSH", endpoint) end
  return said
end

function ask.tls(target, endpoint)
  return target:tls(endpoint, { starttls = "none" })
end

function ask.http(target, endpoint)
  local seen = target:http(endpoint, { tls = false, max_body = 4096 })
  -- Web servers say 400 in clear where they wait for TLS.
  if seen.status == 400 and try(ask.tls, target, endpoint) then no("HTTP in clear", endpoint) end
  return seen
end

function ask.https(target, endpoint)
  return target:http(endpoint, { tls = true, max_body = 4096 })
end

function ask.smtp(target, endpoint)
  local seen = require("smtp").greet(target, endpoint)
  if seen.code == 220 and seen.ehlo_code ~= 250 then no("SMTP", endpoint) end
  if seen.code ~= 220 then raise("protocol_error", endpoint.text .. " refuses to talk: " .. seen.code) end
  return seen
end

function ask.ftp(target, endpoint)
  local seen = require("ftp").greet(target, endpoint)
  if not (seen.features or seen.system or seen.feat_code == 530 or seen.syst_code == 530) then no("FTP", endpoint) end
  return seen
end

function ask.pop3(target, endpoint) return (require("pop3").greet(target, endpoint)) end
function ask.imap(target, endpoint) return (require("imap").greet(target, endpoint)) end
function ask.ldap(target, endpoint) return (require("ldap").root_dse(target, endpoint)) end
function ask.redis(target, endpoint) return (require("redis").info(target, endpoint)) end
function ask.postgresql(target, endpoint) return require("postgresql").tls(target, { port = endpoint }) end
function ask.mysql(target, endpoint) return require("mysql").greeting(target, { port = endpoint }) end

--- By what it says first.
local function by_greeting(target, endpoint, said)
  local text = said.bytes
  if said.ssh then return "ssh", said end
  local candidates = {}
  if text:find("^220[ -]") then candidates = { "smtp", "ftp" }
  elseif text:find("^%+OK") then candidates = { "pop3" }
  elseif text:find("^%* OK") or text:find("^%* PREAUTH") or text:find("^%* BYE") then candidates = { "imap" }
  elseif #text > 5 and text:byte(4) == 0 and (text:byte(5) == 10 or text:byte(5) == 255) then candidates = { "mysql" }
  end
  for _, name in ipairs(candidates) do
    local seen = try(ask[name], target, endpoint)
    if seen then return name, seen end
  end
  local first = text:match("^[^\r\n]*"):sub(1, 60)
  return ("something else, which says %q"):format(first), said
end

--- What it speaks, and what was seen of that: the name of a service, or words that say what else it is; nil where nobody can
--- tell, and then whether anything at all was heard (`nil, true`). `but` is known not to be it. Who says nothing first is
--- asked in every way at once, so that a mute service costs the longest of the waits and not their sum.
function services.find(target, endpoint, but)
  local said, kind = try(target.banner, target, endpoint)
  if said and #said.bytes > 0 then return by_greeting(target, endpoint, said) end
  local usual = ({ [389] = "ldap", [5432] = "postgresql", [6379] = "redis" })[endpoint.port]
  local names = { usual or "https", "https", "tls", "http" }
  local heard = not said and kind ~= "timeout"
  local asked = {}
  for _, name in ipairs(names) do
    if name ~= but then
      asked[name] = function()
        local seen, why = try(ask[name], target, endpoint)
        heard = heard or seen ~= nil or why ~= "timeout"
        return seen
      end
    end
  end
  local answers = parallel(asked)
  for _, name in ipairs(names) do
    if answers[name] then return name, answers[name] end
  end
  return nil, heard
end

return services
