-- Does an SSH server show host keys that the inventory expects of this port, and no others?
return rule {
  check = function(target, endpoint)
    local expected = {}
    for _, fingerprint in ipairs(target.params.expected) do expected[fingerprint] = true end
    local seen = target:ssh(endpoint)
    if not seen.host_keys then
      return fail(endpoint.text .. " speaks SSH-1 only, and its host key cannot be looked at", seen)
    end
    local shown, strange, unproven = {}, {}, nil
    for _, key in ipairs(seen.host_keys) do
      if not key.fingerprint or not key.proven then
        unproven = unproven or key
      elseif expected[key.fingerprint] then
        shown[#shown + 1] = key.fingerprint
        expected[key.fingerprint] = nil
      else
        strange[#strange + 1] = ("%s (%s)"):format(key.fingerprint, key.type)
      end
    end
    if #strange > 0 then
      return fail(("%s shows the host key %s, which is not expected"):format(endpoint.text, table.concat(strange, ", ")), seen)
    end
    if unproven then
      local kind = unproven.error or "protocol_error"
      raise(kind, ("%s: the host key %s was not seen proven: %s"):format(endpoint.text, unproven.type or "?", unproven.message or kind))
    end
    if #shown == 0 then raise("protocol_error", endpoint.text .. " showed no host key") end
    local missing = {}
    for _, fingerprint in ipairs(target.params.expected) do
      if expected[fingerprint] then missing[#missing + 1] = fingerprint end
    end
    local note = #missing > 0 and "; expected too and not shown: " .. table.concat(missing, ", ") or ""
    return pass(("%s shows %s%s"):format(endpoint.text, table.concat(shown, ", "), note), seen)
  end,
}
