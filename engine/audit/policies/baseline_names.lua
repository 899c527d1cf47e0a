-- What are a target's addresses called? For `audit baseline`.
return rule {
  check = function(target)
    local names, known = {}, {}
    for _, address in ipairs(target.addresses) do
      for _, record in ipairs(target:dns(address, { type = "PTR" }).answers) do
        local name = record.data:lower():gsub("%.$", "")
        if record.type == "PTR" and not known[name] then
          known[name] = true
          names[#names + 1] = name
        end
      end
    end
    table.sort(names)
    return info("names", { names = table.concat(names, " ") })
  end,
}
