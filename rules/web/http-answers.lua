return rule {
  id          = "web.http-answers",
  title       = "A web server answers HTTP",
  severity    = "low",
  safety      = "normal",
  tags        = { "web", "inventory" },
  rationale   = "A port that is open for the web and does not answer HTTP is broken, or something else hides there.",
  remediation = "Repair the service, or close the port.",
  references  = { "https://www.rfc-editor.org/rfc/rfc9112" },
  ports       = { 80, 443, 8080 },
  scope       = "endpoint",

  check = function(target, endpoint)
    local answered, answer = pcall(target.http, target, endpoint)
    if answered then
      local line = ("HTTP/%s %d %s"):format(answer.version, answer.status, answer.reason)
      if answer.status >= 500 then
        return fail(line, { answer = answer })
      end
      return pass(line, { answer = answer })
    end
    local kind = type(answer) == "table" and answer.kind
    local spoke = kind == "protocol_error" or kind == "eof" or kind == "reset"
    if endpoint.port == 443 and (spoke or kind == "timeout") then
      -- Most likely TLS, which plain HTTP cannot tell from anything else.
      return info("443/tcp is open and does not answer plain HTTP (" .. kind .. ")", { port = target:port(endpoint) })
    elseif spoke then
      return fail("open, but no HTTP answer: " .. answer.message, { port = target:port(endpoint) })
    end
    error(answer, 0)   -- nothing was seen that justifies a verdict
  end,
}
