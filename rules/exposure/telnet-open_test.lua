case "Telnet answers" {
  peer { tcp = 23, says = "login: " },
  expect {
    status = "fail", reason = "observed", severity = "high", message = "^Telnet answers on 23/tcp$",
    evidence = { port = { state = "open" }, banner = { bytes = "login: " } },
  },
}

case "a port that is open and says nothing is still open" {
  peer { tcp = 23 },
  expect { status = "fail", evidence = { "port" } },
}

case "a closed port passes" {
  expect { status = "pass", reason = "closed" },
}

case "a port behind a filter passes where the host lives" {
  peer { tcp = 23, state = "filtered" },
  host { echoes = true },
  expect { status = "pass", reason = "filtered" },
}

case "a host that gives no sign of life is not reviewed" {
  host { others = "filtered" },
  expect { status = "not_reviewed", reason = "unreachable" },
}
