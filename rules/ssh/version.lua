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
  scope       = "endpoint",   -- each address of a name is judged for itself

  check = function(target, endpoint)
    local conn <close> = target:connect(endpoint)
    -- Other lines may come before the identification (RFC 4253 4.2). A line that was cut off is none; and where the server
    -- ends or falls silent before it identifies itself, the rest was not seen: reading raises, and nothing is judged.
    for _ = 1, 64 do
      local line = conn:read_line { timeout = 10 }
      local version, software = line:match("^SSH%-(%d+%.%d+)%-(.*)$")
      if version == "2.0" then
        return pass("SSH 2.0, " .. software, { banner = conn })
      elseif version then
        -- 1.99 means: speaks 2 and 1 (RFC 4253 5.1).
        return fail("SSH " .. version .. " is offered by " .. software, { banner = conn })
      end
    end
    return fail("22/tcp says 64 lines, and does not identify itself as SSH", { banner = conn })
  end,
}
