-- Does what answers at a port speak the protocol that the inventory expects there?
local services = require("services")

return rule {
  check = function(target, endpoint)
    local service = target.params.service
    local seen, kind, message = try(services.ask[service], target, endpoint)
    if seen then return pass(("%s speaks %s"):format(endpoint.text, service), seen) end
    local other, evidence = services.find(target, endpoint, service)
    if other then
      return fail(("%s speaks %s; expected is %s"):format(endpoint.text, other, service), evidence)
    end
    raise(kind, message)
  end,
}
