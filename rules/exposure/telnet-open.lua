return rule {
  id          = "exposure.telnet-open",
  title       = "Telnet is not reachable",
  severity    = "high",
  safety      = "normal",
  tags        = { "exposure", "cleartext" },
  rationale   = "Telnet sends everything, passwords too, in clear text; whoever is on the path reads it.",
  remediation = "Disable the Telnet server; manage the device over SSH.",
  references  = { "https://www.rfc-editor.org/rfc/rfc854" },
  ports       = { 23 },
  absent      = "pass",

  check = function(target)
    local port = target:port(23)
    return fail("Telnet answers on 23/tcp", { port = port, banner = try(target.banner, target, 23) })
  end,
}
