return rule {
  id          = "exposure.ftp-open",
  title       = "FTP is not reachable",
  severity    = "medium",
  safety      = "normal",
  tags        = { "exposure", "cleartext" },
  rationale   = "FTP sends passwords and files in clear text unless both sides insist on TLS.",
  remediation = "Disable the FTP server; transfer files over SFTP or HTTPS.",
  references  = { "https://www.rfc-editor.org/rfc/rfc959", "https://www.rfc-editor.org/rfc/rfc2577" },
  ports       = { 21 },
  absent      = "pass",

  check = function(target)
    local port = target:port(21)
    return fail("FTP answers on 21/tcp", { port = port, banner = try(target.banner, target, 21) })
  end,
}
