-- Two targets with an address in common are one host: a name, and an address that it resolves to.
local function same_host(a, b)
  for _, address in ipairs(a.addresses) do
    for _, other in ipairs(b.addresses) do
      if address == other then return true end
    end
  end
  return false
end

local function is_known(holders, host)
  for _, known in ipairs(holders) do
    if same_host(known, host) then return true end
  end
  return false
end

-- By fingerprint, the hosts that hold the key; and the fingerprints as they came.
local function holders_of_keys(run)
  local by_key, order = {}, {}
  for host in run:each() do
    for _, fingerprint in ipairs(host.collected.fingerprints) do
      if not by_key[fingerprint] then
        by_key[fingerprint] = {}
        order[#order + 1] = fingerprint
      end
      local holders = by_key[fingerprint]
      if not is_known(holders, host) then holders[#holders + 1] = host end
    end
  end
  return by_key, order
end

return rule {
  id          = "ssh.shared-host-key",
  title       = "No two hosts share an SSH host key",
  severity    = "high",
  safety      = "normal",
  tags        = { "ssh", "management" },
  rationale   = "Whoever has the key of one host can pose as every other that shares it; images and clones spread keys so.",
  remediation = "Make new keys on each host in place of the copied ones (ssh-keygen -A), and tell users the new fingerprints.",
  references  = { "https://www.rfc-editor.org/rfc/rfc4251#section-4.1" },
  ports       = { 22 },
  scope       = "run",

  -- Of each target where the port is open. Nothing is returned of servers that speak SSH-1 only.
  collect = function(target)
    local answer = target:ssh(22)
    if not answer.host_keys then return nil end
    if #answer.host_keys == 0 then raise("protocol_error", "22/tcp: no host key was seen") end
    local fingerprints = {}
    for _, key in ipairs(answer.host_keys) do
      if not key.proven then
        raise("protocol_error", "22/tcp: its " .. key.type .. " key was not seen: " .. tostring(key.message))
      end
      fingerprints[#fingerprints + 1] = key.fingerprint
    end
    return { ssh = answer, fingerprints = fingerprints }
  end,

  -- Once, over all of them.
  check = function(run)
    local by_key, order = holders_of_keys(run)
    local shared, evidence = {}, {}
    for _, fingerprint in ipairs(order) do
      local holders = by_key[fingerprint]
      if #holders > 1 then
        local names = {}
        for i, host in ipairs(holders) do
          names[i] = host.id
          evidence[#evidence + 1] = host.collected.ssh
        end
        shared[#shared + 1] = fingerprint .. " is the key of " .. table.concat(names, ", ")
      end
    end
    if #shared > 0 then return fail(table.concat(shared, "; "), evidence) end
    return pass(("%d keys of %d targets: no two hosts share one"):format(#order, run.collected))
  end,
}
