local function page(status)
  return "HTTP/1.1 " .. status .. "\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello"
end

case "a web server answers" {
  peer { tcp = 80, hears = "\r\n\r\n", says = page("200 OK") },
  expect { status = "pass", message = "^HTTP/1.1 200 OK$", evidence = { answer = { status = 200 } }, sent = { "GET / HTTP/1.1\r\n" } },
}

case "an error of the server's own fails" {
  peer { tcp = 8080, hears = "\r\n\r\n", says = page("503 Service Unavailable") },
  expect { status = "fail", message = "503", evidence = { answer = { status = 503 } } },
}

case "443 is asked over TLS" {
  peer { tcp = 443, { tls = true }, { hears = "\r\n\r\n", says = page("200 OK") } },
  expect { status = "pass", message = "200 OK" },
}

case "TLS that refuses this client is no broken server" {
  peer { tcp = 443, tls = "sslv3 alert handshake failure (alert 40)" },
  expect { status = "informational", message = "refuses this client" },
}

case "a port 443 that speaks something else fails" {
  peer { tcp = 443, says = "SSH-2.0-OpenSSH\r\n" },
  expect { status = "fail", message = "no HTTP answer" },
}

case "a port 80 that speaks something else fails" {
  peer { tcp = 80, says = "220 mail ready\r\n", ends = "close" },
  expect { status = "fail", message = "no HTTP answer" },
}

case "a server that never answers is an error" {
  peer { tcp = 80, hears = "\r\n\r\n" },
  expect { status = "error", reason = "timeout" },
}

case "nothing for the web is not applicable" {
  expect { status = "not_applicable", reason = "closed" },
}
