-- The keys are those of a recorded run (tests/rules/record_shared_host_key.py): nobody exchanges keys in a few lines. 127.0.0.21
-- and .22 are one server, 127.0.0.23 is another.
local function recorded(...)
  return transcript { file = "shared-host-key.transcript", target = { ... } }
end

case "two hosts with one key fail, with both as evidence" {
  recorded("127.0.0.21", "127.0.0.22", "127.0.0.23"),
  expect {
    status = "fail", severity = "high", message = "is the key of 127.0.0.21, 127.0.0.22$",
    evidence = { "127.0.0.21", "127.0.0.22", "collection" },
  },
}

case "hosts with keys of their own pass" {
  recorded("127.0.0.21", "127.0.0.23"),
  expect { status = "pass", message = "^2 keys of 2 targets: no two hosts share one$" },
}

case "a server that speaks SSH 1 only has no key to compare" {
  peer { tcp = 22, says = "SSH-1.5-Old\n" },
  expect { status = "not_applicable" },
}

local function packet(payload)   -- RFC 4253 section 6
  local padding = 8 - (#payload + 5) % 8
  if padding < 4 then padding = padding + 8 end
  return string.pack(">I4B", #payload + padding + 1, padding) .. payload .. ("\0"):rep(padding)
end

local function kexinit(key)      -- section 7.1
  local lists = { "curve25519-sha256", key, "aes128-ctr", "aes128-ctr", "hmac-sha2-256", "hmac-sha2-256", "none", "none", "", "" }
  local payload = "\20" .. ("c"):rep(16)
  for _, list in ipairs(lists) do payload = payload .. string.pack(">s4", list) end
  return packet(payload .. "\0\0\0\0\0")
end

case "a server that stops before its key was seen leaves it not reviewed" {
  peer { tcp = 22, says = "SSH-2.0-Half\r\n" .. kexinit("ssh-ed25519") },
  expect { status = "not_reviewed", message = "1 of 1 target" },
}

case "a server that is silent leaves it not reviewed" {
  peer { tcp = 22 },
  expect { status = "not_reviewed", reason = "timeout" },
}

case "no SSH at all is not applicable" {
  expect { status = "not_applicable" },
}
