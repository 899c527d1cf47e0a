return rule {
  id          = "ssh.version",
  title       = "SSH speaks version 2 only",
  severity    = "high",
  safety      = "normal",
  tags        = { "ssh", "management" },
  rationale   = "SSH-1 lets whoever is on the path change what is sent, and has no strong integrity check.",
  remediation = "Allow protocol 2 only; replace servers that know nothing newer.",
  references  = { "https://www.rfc-editor.org/rfc/rfc4253" },
  ports       = { 22 },

  check = function(target)
    local banner = target:banner(22, { timeout = 10 })
    -- Lines may come before the identification (RFC 4253 4.2).
    local version, software = ("\n" .. banner.bytes):match("\nSSH%-(%d+%.%d+)%-([^\r\n]*)")
    if not version then
      return fail("22/tcp does not identify itself as SSH", { banner = banner })
    end
    if version == "2.0" then
      return pass("SSH 2.0, " .. software, { banner = banner })
    end
    -- 1.99 means: speaks 2 and 1 (RFC 4253 5.1).
    return fail("SSH " .. version .. " is offered by " .. software, { banner = banner })
  end,
}
