return rule {
  id          = "access.management",
  title       = "How the target is managed",
  severity    = "info",
  safety      = "connect",
  tags        = { "management", "inventory" },
  rationale   = "A reviewer wants to see at a glance which hosts are managed over SSH, which only over Telnet, and which not at all.",
  remediation = "Offer SSH on every host that is managed over the network.",
  requires    = "nothing",

  check = function(target)
    if not target.address then
      -- Raises where nobody could say; a resolver that is away is no sign that the host is.
      local answer = target:dns(target.names[1], { type = "A" })
      return info("unreachable: the name does not resolve to an address that may be asked", { answer })
    end
    local ssh = target:port(22)
    if ssh.state == "open" then
      return info("ssh", { ssh = ssh })
    end
    local telnet = target:port(23)
    if telnet.state == "open" then
      return info("telnet-only", { ssh = ssh, telnet = telnet })
    end
    return info("unreachable", { ssh = ssh, telnet = telnet })
  end,
}
