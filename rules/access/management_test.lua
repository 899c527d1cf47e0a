case "managed over SSH" {
  peer { tcp = 22 },
  expect { status = "informational", message = "^ssh$", evidence = { ssh = { state = "open" } } },
}

case "managed over Telnet alone" {
  peer { tcp = 23 },
  expect { status = "informational", message = "^telnet%-only$", evidence = { ssh = { state = "closed" }, telnet = { state = "open" } } },
}

case "managed over neither" {
  expect { status = "informational", message = "^unreachable$", evidence = { "ssh", "telnet" } },
}

case "a name that does not resolve" {
  target { name = "gone.example" },
  dns { ["gone.example"] = "NXDOMAIN" },
  expect { status = "informational", message = "does not resolve" },
}
