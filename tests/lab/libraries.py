"""How a library of scripts/ is tested: Lua assertions run as a rule's check, and the rule says what came of them."""

from program import LabTest, rule, targets

NOBODY = "127.0.0.14"
HEAD = 'select = "lab.*"\n[limits]\ntimeout = "5s"\nattempts = 1'


def lua(value):
    """A value of Python as Lua source: strings and bytes byte for byte."""
    if value is None or isinstance(value, bool):
        return {None: "nil", True: "true", False: "false"}[value]
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogateescape")
    if isinstance(value, bytes):
        return '"' + "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03}" for byte in value) + '"'
    if isinstance(value, (list, tuple)):
        return "{ " + ", ".join(map(lua, value)) + " }"
    return str(value)


class LibraryTest(LabTest):
    """`library` is required under its own name. The body ends with `return info(text)`."""

    library = ""
    # A text per mistake, in a list: one run tells all that is wrong, and not only the first.
    PREFACE = """
    local wrong = {}
    local function same(found, expected, what)
      if found ~= expected then
        wrong[#wrong + 1] = tostring(what) .. ": " .. tostring(found) .. ", not " .. tostring(expected)
      end
    end
    local function refuses(expected, f, ...)
      local found, kind, message = try(f, ...)
      if kind ~= "protocol_error" or not message:find(expected, 1, true) then
        wrong[#wrong + 1] = tostring((...)) .. ": " .. tostring(found) .. " " .. tostring(kind) .. " " .. tostring(message)
      end
    end
    local function verdict(count)
      if #wrong > 0 then return info(#wrong .. " wrong: " .. table.concat(wrong, "; ", 1, math.min(#wrong, 12))) end
      return info("all " .. count)
    end
"""

    def ended(self, body, address=NOBODY):
        """The check of a rule with this body: its status, reason, message and evidence."""
        text = rule(f'    local {self.library} = require("{self.library}")\n{self.PREFACE}{body}', declares='requires = "nothing"')
        done = self.run_inventory(targets(address, head=HEAD), rules={"lab.lua": text})
        return done.check("lab.rule", address)

    def told(self, body, address=NOBODY):
        check = self.ended(body, address)
        self.assertEqual(check["status"], "informational", str(check)[:3000])
        return check["message"]

    def holds(self, body, count, address=NOBODY):
        """All of `count` cases are as they are to be."""
        self.assertEqual(self.told(f"{body}\n    return verdict({count})", address), f"all {count}")
