return rule {
  id          = "web.http-answers",
  title       = "A web server answers HTTP",
  severity    = "low",
  safety      = "normal",
  tags        = { "web", "inventory" },
  rationale   = "A port that is open for the web and does not answer HTTP is broken, or something else hides there.",
  remediation = "Repair the service, or close the port.",
  references  = { "https://www.rfc-editor.org/rfc/rfc9112" },
  ports       = { 80, 443, 8080 },   -- 443 is asked over TLS
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
    if kind == "tls_error" and answer.message:find("alert", 1, true) then
      -- It speaks TLS and will not have us: a certificate of the client's is missing, or a version that both know.
      return info("TLS, which refuses this client: " .. answer.message, { port = target:port(endpoint) })
    end
    -- One that ends or resets may have been about to answer: what it would have said was not seen.
    if kind == "protocol_error" or kind == "tls_error" then
      return fail("open, but no HTTP answer: " .. answer.message, { port = target:port(endpoint) })
    end
    error(answer, 0)   -- nothing was seen that justifies a verdict
  end,
}
