case "a name with an address passes" {
  target { name = "www.example" },
  dns { ["www.example"] = { A = "10.0.0.1" } },
  expect { status = "pass", message = "has the A record 10.0.0.1", evidence = { A = { rcode = "NOERROR" } } },
}

case "IPv6 alone will do" {
  target { name = "six.example", addresses = { "2001:db8::1" } },
  dns { ["six.example"] = { AAAA = "2001:db8::1" } },
  expect { status = "pass", message = "AAAA record 2001:db8::1" },
}

case "a name that is not there fails" {
  target { name = "gone.example" },
  dns { ["gone.example"] = "NXDOMAIN" },
  expect { status = "fail", severity = "medium", message = "neither A nor AAAA record .NXDOMAIN" },
}

case "a name with other records only fails" {
  target { name = "text.example" },
  dns { ["text.example"] = { TXT = "hello" } },
  expect { status = "fail", message = "NOERROR" },
}

case "a name server that fails tells nothing" {
  target { name = "www.example" },
  dns { ["www.example"] = "SERVFAIL" },
  expect { status = "not_reviewed" },
}

case "a name server that is silent tells nothing" {
  target { name = "www.example" },
  dns { ["www.example"] = "silence" },
  expect { status = "error", reason = "timeout" },
}

case "an address has no name to resolve" {
  expect { status = "not_applicable" },
}

case "a name that this machine knows by itself" {
  target { name = "printer", in_hosts_file = true },
  expect { status = "not_applicable", message = "hosts file" },
}
