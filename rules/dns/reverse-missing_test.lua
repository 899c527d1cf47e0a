case "an address with a name passes" {
  dns { ["10.0.0.1"] = { PTR = "host.example" } },
  expect { status = "pass", message = "^10.0.0.1 is host.example", evidence = { ["10.0.0.1"] = { rcode = "NOERROR" } } },
}

case "an address without one fails" {
  expect { status = "fail", severity = "low", message = "^no reverse record for 10.0.0.1$" },
}

case "one of two is missing" {
  target { name = "twins.example", addresses = { "10.0.0.1", "10.0.0.2" } },
  dns { ["10.0.0.1"] = { PTR = "one.example" } },
  expect { status = "fail", message = "^no reverse record for 10.0.0.2$" },
}

case "a name server that fails tells nothing" {
  dns { ["10.0.0.1"] = "SERVFAIL" },
  expect { status = "not_reviewed" },
}

case "a name that does not resolve has no address" {
  target { name = "gone.example" },
  dns { ["gone.example"] = "NXDOMAIN" },
  expect { status = "not_applicable" },
}
