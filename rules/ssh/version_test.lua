local function server(line)
  return peer { tcp = 22, says = line }
end

case "a current server passes with its banner" {
  server "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
  expect { status = "pass", message = "^SSH 2.0, OpenSSH_9.2p1", evidence = { "banner" } },
}

case "SSH 1 fails" {
  server "SSH-1.5-Old_1.0\n",
  expect { status = "fail", reason = "observed", severity = "high", message = "^SSH 1.5 is offered by Old_1.0" },
}

case "a server that also speaks SSH 1 fails" {
  server "SSH-1.99-Cisco-1.25\r\n",   -- RFC 4253 5.1
  expect { status = "fail", message = "^SSH 1.99 is offered by Cisco" },
}

case "the banner may follow other lines" {
  peer { tcp = 22, "Welcome\r\n", { says = "to the lab\r\n", delay = 0.5 }, "SSH-2.0-Polite\r\n" },
  expect { status = "pass", message = "Polite" },
}

case "something else on the port fails once it has said enough" {
  server(("220 mail ready\r\n"):rep(64)),
  expect { status = "fail", message = "does not identify itself as SSH" },
}

case "something else that stops before that is not judged: SSH might have come" {
  server "220 mail ready\r\n",
  expect { status = "error", reason = "timeout" },
}

case "a server that says nothing is an error, after ten seconds of virtual time" {
  peer { tcp = 22 },
  expect { status = "error", reason = "timeout" },
}

case "a line that is cut off is none" {
  peer { tcp = 22, says = "SSH-2.0-Open", ends = "close" },
  expect { status = "error", reason = "eof" },
}

case "each address is judged for itself" {
  target { name = "twins.example", addresses = { "10.0.0.1", "10.0.0.2" } },
  server "SSH-2.0-New\r\n",
  peer { at = "10.0.0.2", tcp = 22, says = "SSH-1.5-Old\r\n" },
  expect {
    status = "fail",
    results = {
      { status = "pass", endpoint = "tcp/10.0.0.1:22" },
      { status = "fail", endpoint = "tcp/10.0.0.2:22" },
    },
  },
}

case "a closed port is not applicable" {
  expect { status = "not_applicable", reason = "closed" },
}
