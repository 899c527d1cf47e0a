-- Are the reverse names of a target's addresses those that the inventory expects?
local function matches(name, wanted)
  local pattern = wanted:gsub("[%^%$%(%)%%%.%[%]%+%-]", "%%%0"):gsub("%*", ".*"):gsub("%?", ".")
  return name:find("^" .. pattern .. "$") ~= nil
end

return rule {
  check = function(target)
    local expected = target.params.expected
    local seen, names, strange, met = {}, {}, {}, {}
    for _, address in ipairs(target.params.addresses) do
      local answer = target:dns(address, { type = "PTR" })
      seen[address] = answer
      for _, record in ipairs(answer.answers) do
        if record.type == "PTR" then
          local name = record.data:lower():gsub("%.$", "")
          names[#names + 1] = ("%s is called %s"):format(address, name)
          local known = false
          for i, wanted in ipairs(expected) do
            if matches(name, wanted) then known, met[i] = true, true end
          end
          if not known then strange[#strange + 1] = names[#names] end
        end
      end
    end
    if #strange > 0 then return fail(table.concat(strange, ", ") .. ": not expected", seen) end
    local missing = {}
    for i, wanted in ipairs(expected) do
      if not met[i] then missing[#missing + 1] = wanted end
    end
    local who = table.concat(target.params.addresses, ", ")
    if #missing > 0 then return fail(("%s: no reverse record says %s"):format(who, table.concat(missing, ", ")), seen) end
    return pass(#names > 0 and table.concat(names, ", ") or who .. ": no reverse record, as expected", seen)
  end,
}
