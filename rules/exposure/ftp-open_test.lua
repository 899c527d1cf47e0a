case "FTP answers" {
  peer { tcp = 21, says = "220 (vsFTPd 3.0.3)\r\n" },
  expect {
    status = "fail", reason = "observed", severity = "medium", message = "^FTP answers on 21/tcp$",
    evidence = { port = { state = "open" }, banner = { bytes = "220 (vsFTPd 3.0.3)\r\n" } },
  },
}

case "a port that is open and says nothing is still open" {
  peer { tcp = 21 },
  expect { status = "fail", evidence = { "port" } },
}

case "a closed port passes" {
  expect { status = "pass", reason = "closed" },
}

case "a host that gives no sign of life is not reviewed" {
  host { others = "filtered" },
  expect { status = "not_reviewed", reason = "unreachable" },
}
