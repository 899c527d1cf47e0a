-- Says to one UDP port what is usual there; the engine judges by what came back.
return rule {
  check = function(target, endpoint)
    local answer = require("udp_payloads").ask(target, endpoint)
    return info(answer.state, answer)
  end,
}
