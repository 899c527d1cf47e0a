return rule {
  id          = "dns.name-unresolved",
  title       = "The target's name resolves",
  severity    = "medium",
  safety      = "normal",
  tags        = { "dns", "names" },
  rationale   = "A name in the inventory that leads nowhere is a host that moved, a typing error, or a broken zone.",
  remediation = "Repair the record, or take the name out of the inventory.",
  references  = { "https://www.rfc-editor.org/rfc/rfc1034", "https://www.rfc-editor.org/rfc/rfc2308" },
  requires    = "nothing",

  check = function(target)
    local name = target.names[1]
    if not name then
      return not_applicable("the target is listed by its address")
    end
    local seen = {}
    for _, type in ipairs { "A", "AAAA" } do
      local answer = target:dns(name, { type = type })
      seen[type] = answer
      for _, record in ipairs(answer.answers) do
        if record.type == type then
          return pass(name .. " has the " .. type .. " record " .. record.data, seen)
        end
      end
    end
    if target.address then
      return not_applicable("the name is known here (hosts file), not in the DNS")
    end
    return fail(name .. " has neither A nor AAAA record (" .. seen.A.rcode .. ")", seen)
  end,
}
