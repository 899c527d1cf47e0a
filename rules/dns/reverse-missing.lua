return rule {
  id          = "dns.reverse-missing",
  title       = "Every address has a reverse record",
  severity    = "low",
  safety      = "normal",
  tags        = { "dns", "names" },
  rationale   = "Logs, mail servers and people look addresses up; one without a name is hard to tell from a stranger's.",
  remediation = "Add the PTR record to the reverse zone.",
  references  = { "https://www.rfc-editor.org/rfc/rfc1035#section-3.5", "https://www.rfc-editor.org/rfc/rfc1912#section-2.1" },
  requires    = "nothing",

  check = function(target)
    if not target.address then
      return not_applicable("the name does not resolve, so there is no address to look up")
    end
    local seen, missing, found = {}, {}, {}
    for _, address in ipairs(target.addresses) do
      local answer = target:dns(address, { type = "PTR" })
      seen[address] = answer
      local name
      for _, record in ipairs(answer.answers) do
        if record.type == "PTR" then name = record.data break end
      end
      if name then found[#found + 1] = address .. " is " .. name else missing[#missing + 1] = address end
    end
    if #missing > 0 then
      return fail("no reverse record for " .. table.concat(missing, ", "), seen)
    end
    return pass(table.concat(found, ", "), seen)
  end,
}
