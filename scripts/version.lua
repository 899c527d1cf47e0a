--- Versions: their order as Debian's and as semantic versioning's, and finding one in a banner.

---@class version.debian
---@field epoch string  digits, "0" where none is written
---@field upstream string
---@field revision string  "" where there is none

---@class version.semver
---@field major string  digits, of any length, as the next two
---@field minor string
---@field patch string
---@field prerelease string[]  "rc", "1"; empty: a release
---@field build string  "" where there is none; the order does not look at it

--- | function | returns |
--- |---|---|
--- | `compare(a, b [, order])` | -1 where `a` is the older, 1 where it is the newer, 0 where neither is |
--- | `at_least(a, b [, order])` | is `a` the same as `b`, or newer? |
--- | `find(text [, product])` | the version that stands behind the product's name (either case, not within a word; between them at most one of `/ _ -`, a blank and a `v`), without a product the first dotted number; nil where there is none. With the suffix of a prerelease (`-rc.1`, `~beta2`: alpha, beta, rc, pre, dev), without a package's revision |
--- | `debian(text)` | `epoch` (digits, "0"), `upstream`, `revision` (""), of any text |
--- | `semver(text)` | `major`, `minor`, `patch` (digits, of any length), `prerelease` (a list), `build`; nil where it is none |
---
--- The order is `"debian"` by default (Debian Policy section 5.6.12, `dpkg --compare-versions`): epoch, upstream version, then revision; digits by
--- their value, what is between them byte by byte, where `~` comes before the end, the end before letters, and letters before all else. So
--- `9.2p1` is newer than `9.2`, `1.0~rc1` older than `1.0`, but `1.0-rc1` newer: it is its revision. Any text has its place. `"semver"` is the
--- order of semver.org 2.0.0: numbers, then a prerelease before its release; the build does not count. There `compare` and `at_least` raise
--- `protocol_error` for what is no semantic version, `1.2` or `v1.2.3`.
---
--- ```lua
--- local found = version.find(target:ssh(22).banner, "OpenSSH")
--- if found and not version.at_least(found, "9.8") then … end
--- ```
local version = {}

local zero, nine, tilde = ("0"):byte(), ("9"):byte(), ("~"):byte()

local function is_digit(byte)
  return byte and byte >= zero and byte <= nine
end

--- Digits of any length by their value: -1, 0, 1.
local function compare_digits(a, b)
  a, b = a:match("^0*(.*)"), b:match("^0*(.*)")
  if #a ~= #b then return #a < #b and -1 or 1 end
  if a == b then return 0 end
  return a < b and -1 or 1
end

--- Where a byte stands in what is no digits: `~` before the end, the end before letters, letters before all else.
local function rank(byte)
  if not byte or is_digit(byte) then return 0 end
  if byte == tilde then return -1 end
  local letter = byte | 0x20
  if letter >= 0x61 and letter <= 0x7a then return byte end
  return byte + 256
end

local function compare_part(a, b)
  local i, j = 1, 1
  while i <= #a or j <= #b do
    local x, y = a:byte(i), b:byte(j)
    while x and not is_digit(x) or y and not is_digit(y) do
      local rank_x, rank_y = rank(x), rank(y)
      if rank_x ~= rank_y then return rank_x < rank_y and -1 or 1 end
      i, j = i + 1, j + 1
      x, y = a:byte(i), b:byte(j)
    end
    local digits_a, behind_a = a:match("^(%d*)()", i)
    local digits_b, behind_b = b:match("^(%d*)()", j)
    local order = compare_digits(digits_a, digits_b)
    if order ~= 0 then return order end
    i, j = behind_a, behind_b
  end
  return 0
end

--- Takes a version apart as Debian does, `[epoch:]upstream[-revision]` (Debian Policy section 5.6.12). Any text is one.
---@param text string
---@return version.debian
function version.debian(text)
  local epoch, rest = text:match("^(%d+):(.*)")
  rest = rest or text
  local dash = #rest
  while dash > 0 and rest:byte(dash) ~= 0x2d do dash = dash - 1 end
  if dash == 0 then return { epoch = epoch or "0", upstream = rest, revision = "" } end
  return { epoch = epoch or "0", upstream = rest:sub(1, dash - 1), revision = rest:sub(dash + 1) }
end

local function identifiers(text)
  local list = {}
  for one in (text .. "."):gmatch("([^.]*)%.") do
    if one == "" or one:find("[^%w-]") then return nil end
    list[#list + 1] = one
  end
  return list
end

--- Takes a semantic version apart (semver.org 2.0.0); nil where the text is none.
---@param text string
---@return version.semver?
function version.semver(text)
  local major, minor, patch, behind = text:match("^(%d+)%.(%d+)%.(%d+)()")
  if not major then return nil end
  for _, number in ipairs { major, minor, patch } do
    if number:find("^0.") then return nil end
  end
  local prerelease, build = {}, ""
  local before, plus = text:match("^([^+]*)()", behind)
  if plus <= #text then
    build = text:sub(plus + 1)
    if not identifiers(build) then return nil end
  end
  if before ~= "" then
    if before:byte() ~= 0x2d then return nil end
    prerelease = identifiers(before:sub(2))
    if not prerelease then return nil end
    for _, one in ipairs(prerelease) do
      if one:find("^0%d*$") and #one > 1 then return nil end
    end
  end
  return { major = major, minor = minor, patch = patch, prerelease = prerelease, build = build }
end

local function compare_identifiers(a, b)
  local digits_a, digits_b = not a:find("%D"), not b:find("%D")
  if digits_a and digits_b then return compare_digits(a, b) end
  if digits_a ~= digits_b then return digits_a and -1 or 1 end
  if a == b then return 0 end
  return a < b and -1 or 1
end

local function compare_semver(a, b)
  for _, part in ipairs { "major", "minor", "patch" } do
    local order = compare_digits(a[part], b[part])
    if order ~= 0 then return order end
  end
  local before_a, before_b = a.prerelease, b.prerelease
  if #before_a == 0 or #before_b == 0 then
    if #before_a == #before_b then return 0 end
    return #before_a > 0 and -1 or 1
  end
  for i = 1, math.min(#before_a, #before_b) do
    local order = compare_identifiers(before_a[i], before_b[i])
    if order ~= 0 then return order end
  end
  if #before_a == #before_b then return 0 end
  return #before_a < #before_b and -1 or 1
end

local function compare_debian(a, b)
  a, b = version.debian(a), version.debian(b)
  local order = compare_digits(a.epoch, b.epoch)
  if order == 0 then order = compare_part(a.upstream, b.upstream) end
  if order == 0 then order = compare_part(a.revision, b.revision) end
  return order
end

local function text_of(value, place, name)
  if type(value) ~= "string" then error(("version.%s: argument %d is to be a string"):format(name, place), 3) end
  return value
end

local function compare(a, b, order)
  if order == "debian" then return compare_debian(a, b) end
  local read_a, read_b = version.semver(a), version.semver(b)
  if not read_a or not read_b then
    raise("protocol_error", ("version: %q is no semantic version"):format((read_a and b or a):sub(1, 100)))
  end
  return compare_semver(read_a, read_b)
end

local function order_of(order, name)
  if order == nil or order == "debian" then return "debian" end
  if order ~= "semver" then error("version." .. name .. ": the order is \"debian\" or \"semver\"", 3) end
  return order
end

--- Which comes first: -1 where `a` does, 1 where `b` does, 0 where they are of one place.
---@param a string  in the order "semver" it raises protocol_error where it is no semantic version
---@param b string
---@param order? "debian"|"semver"  default "debian"
---@return -1|0|1
function version.compare(a, b, order)
  text_of(a, 1, "compare")
  text_of(b, 2, "compare")
  return compare(a, b, order_of(order, "compare"))
end

--- Is `a` the same as `b` or newer?
---@param a string
---@param b string
---@param order? "debian"|"semver"
---@return boolean
function version.at_least(a, b, order)
  text_of(a, 1, "at_least")
  text_of(b, 2, "at_least")
  return compare(a, b, order_of(order, "at_least")) >= 0
end

local stages = { alpha = true, beta = true, rc = true, pre = true, dev = true }

--- The version that begins at a position, with "-rc.1" behind it where it is a prerelease.
local function version_at(text, position)
  local found, behind = text:match("^(%d[%w.]*)()", position)
  if not found then return nil end
  local last = #found
  while found:byte(last) == 0x2e do last = last - 1 end
  if last < #found then return found:sub(1, last) end
  local suffix = text:match("^[-~]%a[%w.]*", behind)
  if suffix and stages[suffix:match("^.(%a+)"):lower()] then
    last = #suffix
    while suffix:byte(last) == 0x2e do last = last - 1 end
    found = found .. suffix:sub(1, last)
  end
  return found
end

--- The version that a banner says: of a product, what stands behind its name (either case, and a separator of `/ _ - v` or blanks),
--- or without one the first dotted number.
---@param text string
---@param product? string
---@return string?  nil where there is none
function version.find(text, product)
  text_of(text, 1, "find")
  if product == nil then
    for position, word in text:gmatch("()([%w.]+)") do
      local v = word:match("^[vV]?()%d+%.%d")
      if v then return version_at(text, position + v - 1) end
    end
    return nil
  end
  if text_of(product, 2, "find") == "" then error("version.find: argument 2 is empty", 2) end
  local lowered, name, from = text:lower(), product:lower(), 1
  while true do
    local first, last = lowered:find(name, from, true)
    if not first then return nil end
    if first == 1 or not lowered:find("^%w", first - 1) then
      local behind = lowered:match("^[/_%- ]?%s?v?()%d", last + 1)
      if behind then return version_at(text, behind) end
    end
    from = last + 1
  end
end

return version
