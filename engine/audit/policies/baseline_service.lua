-- What is it that answers at an open port, and who does it say it is? For `audit baseline`.
local services = require("services")

local function host_keys(target, endpoint, notes)
  local ssh, _, message = try(target.ssh, target, endpoint)
  if not ssh or not ssh.host_keys then
    notes.problem = "no host key was seen: " .. (message or "SSH-1 only")
    return
  end
  local keys = {}
  for _, key in ipairs(ssh.host_keys) do
    if not key.proven then
      notes.problem = "not every host key was seen proven: " .. (key.message or key.type)
      return
    end
    keys[#keys + 1] = key.fingerprint
  end
  table.sort(keys)
  notes.host_keys = table.concat(keys, " ")
end

local function certificate(target, endpoint, name, notes)
  local tls, _, message = try(target.tls, target, endpoint)
  if tls and tls.chain[1] then
    notes.certificate = tls.chain[1].fingerprint_sha256
    notes.subject = tls.chain[1].subject
  elseif name == "https" or name == "tls" then
    notes.problem = "no certificate was seen: " .. (message or "none was shown")
  end
end

return rule {
  check = function(target, endpoint)
    local name, heard = services.find(target, endpoint)
    local notes = {}
    if not name and not heard then
      notes.other = "open, and says nothing"
      notes.problem = "what answers was not seen: every question timed out"
    elseif not name then
      notes.other = "something that audit does not know"
    elseif not services.ask[name] then
      notes.other = name
    else
      notes.service = name
      if name == "ssh" then
        host_keys(target, endpoint, notes)
      elseif name ~= "http" and name ~= "redis" then
        certificate(target, endpoint, name, notes)
      end
    end
    return info(name or notes.other, notes)
  end,
}
