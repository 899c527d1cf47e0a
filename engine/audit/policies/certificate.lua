-- Does a TLS server show one of the certificates that the inventory expects of this port?
local function what(certificate)
  return ("the certificate sha256:%s of %s, issued by %s"):format(certificate.fingerprint_sha256 or "?",
    certificate.subject or "nobody", certificate.issuer or "nobody")
end

return rule {
  check = function(target, endpoint)
    local params = target.params
    local seen = target:tls(endpoint, { server_name = params.server_name })
    local leaf = seen.chain[1]
    if not leaf then raise("tls_error", endpoint.text .. " showed no certificate") end
    local wanted = {}
    for _, one in ipairs(params.expected) do
      local right = not one.fingerprint or leaf.fingerprint_sha256 == one.fingerprint
      right = right and (not one.issuer or leaf.issuer == one.issuer)
      if right then return pass(endpoint.text .. " shows " .. what(leaf), seen) end
      local words = {}
      if one.fingerprint then words[#words + 1] = "sha256:" .. one.fingerprint end
      if one.issuer then words[#words + 1] = "one issued by " .. one.issuer end
      wanted[#wanted + 1] = table.concat(words, ", ")
    end
    return fail(("%s shows %s; expected is %s"):format(endpoint.text, what(leaf), table.concat(wanted, " or ")), seen)
  end,
}
