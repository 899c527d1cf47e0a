--- Points in time: texts of four standards to seconds since 1970-01-01T00:00:00Z and back. There are no local time zones,
--- and no clock: when something was asked is the `time` of its answer.

---@class time.fields
---@field year integer  0 to 9999, of the proleptic Gregorian calendar
---@field month integer  1 to 12
---@field day integer  1 to 31
---@field hour integer  0 to 23
---@field minute integer  0 to 59
---@field second integer  0 to 59
---@field weekday integer  1 (Monday) to 7

--- RFC 3339, RFC 9110 section 5.6.7, X.680 clauses 46 and 47, RFC 4517 section 3.3.13. All in seconds since 1970-01-01T00:00:00Z, without leap
--- seconds, as POSIX has them; no local time zones. There is no clock: when something was asked is the `time` of its answer.
---
--- | function | returns |
--- |---|---|
--- | `from_rfc3339(text)` | the seconds of `"2026-11-20T22:04:05Z"`, `"2026-11-20 22:04:05.25+01:00"` |
--- | `from_http(text [, now])` | of `"Sun, 06 Nov 1994 08:49:37 GMT"`, and of the two older forms. `now` (seconds, the answer's `time`) tells the century of two digits: none more than 50 years ahead; without it they are 1969 to 2068 |
--- | `from_utc_time(text [, options])` | of the contents of a UTCTime, `"261120220405Z"`; 50 to 99 are of the last century (RFC 5280) |
--- | `from_generalized_time(text [, options])` | of a GeneralizedTime, `"20261120220405Z"`, `"2026112022.5+01"`; one without a zone is refused |
--- | `to_rfc3339(seconds [, digits])`, `to_http`, `to_utc_time`, `to_generalized_time` | the text, in UTC; `digits` (0 to 9, default 0) of the fraction, rounded, but never up to the next second; the others cut it off. A UTCTime is of 1950 to 2049 |
--- | `fields(seconds)` | `year month day hour minute second`, and `weekday` (1 is Monday), in UTC |
--- | `seconds(fields)` | back; what is not there of hour, minute and second is 0 |
--- | `between(from, to)` | how many seconds `to` is behind `from`; each is seconds, or a text of RFC 3339 |
--- | `days(from, to)` | the same in whole days, rounded down |
--- | `span(seconds)` | for a message: `"12 d 3 h"`, `"-5 min"`, `"0 s"` |
---
--- Seconds are an integer where no fraction is written, else a float. Option of the ASN.1 times: `der = true` takes the one form of DER only (X.690
--- clauses 11.7, 11.8). A leap second is read where it ends a month of UTC, and is the second behind it.
---
--- What is no such time is `protocol_error`: a date that is not in the calendar, a day that is another one of the week (HTTP; not looked at where
--- the year has two digits), more than 100 bytes, and seconds outside the years 0 to 9999. What is no date for `seconds` is a `rule_error`.
--- ```lua
--- local seen = target:http(443)
--- if time.days(seen.time, time.from_http(seen.headers.expires, seen.time)) > 365 then … end
--- ```
local time = {}

local longest = 100  -- bytes of a text
local first, last = -62167219200, 253402300799  -- of the years 0 to 9999

local days_before = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 }
local month_names = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }
local day_names = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" }
local long_day_names = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" }

local function place_of(list)
  local places = {}
  for place, name in ipairs(list) do places[name] = place end
  return places
end
local months, day_places, long_day_places = place_of(month_names), place_of(day_names), place_of(long_day_names)

local function malformed(what)
  raise("protocol_error", "time: " .. what)
end

local function text_of(value, name)
  if type(value) ~= "string" then error(("time.%s: argument 1 is to be a string"):format(name), 3) end
  if #value > longest then malformed(("a text of %d bytes, and %d are the most"):format(#value, longest)) end
  return value
end

local function refuse(text, what)
  malformed("\"" .. text:gsub("[^ -~]", function(c) return ("\\x%02x"):format(c:byte()) end) .. "\": " .. what)
end

local function is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

local function days_in(year, month)
  if month == 2 then return is_leap(year) and 29 or 28 end
  return (month == 4 or month == 6 or month == 9 or month == 11) and 30 or 31
end

--- Days from 1970-01-01 to the first of January.
local function days_to_year(year)
  local before = year - 1
  return 365 * before + before // 4 - before // 100 + before // 400 - 719162
end

local function days_to(year, month, day)
  return days_to_year(year) + days_before[month] + (month > 2 and is_leap(year) and 1 or 0) + day - 1
end

--- Seconds of what a text says, `offset` being how far its clock is ahead of UTC. A leap second, which ends a month of UTC,
--- is the second behind it, as POSIX counts.
local function seconds_of(text, year, month, day, hour, minute, second, offset)
  if month < 1 or month > 12 then refuse(text, "no month " .. month) end
  if day < 1 or day > days_in(year, month) then refuse(text, "no day " .. day .. " in that month") end
  if hour > 23 then refuse(text, "no hour " .. hour) end
  if minute > 59 then refuse(text, "no minute " .. minute) end
  if second > 60 then refuse(text, "no second " .. second) end
  local seconds = days_to(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
  if second == 60 and (seconds % 86400 ~= 0 or time.fields(seconds).day ~= 1) then
    refuse(text, "a leap second that does not end a month of UTC")
  end
  return seconds
end

local function with_fraction(seconds, digits)
  if not digits or not digits:find("[1-9]") then return seconds end
  return seconds + tonumber("0." .. digits)
end

--- How far ahead of UTC "+hhmm" is, in seconds.
local function offset_of(text, sign, hours, minutes)
  hours, minutes = math.tointeger(tonumber(hours)), math.tointeger(tonumber(minutes))
  if hours > 23 or minutes > 59 then refuse(text, "no such offset from UTC") end
  return (hours * 3600 + minutes * 60) * (sign == "-" and -1 or 1)
end

local function integers(...)
  local list = { ... }
  for i, digits in ipairs(list) do list[i] = math.tointeger(tonumber(digits)) end
  return table.unpack(list)
end

--- Reads RFC 3339 section 5.6: "2026-11-20T22:04:05Z", "2026-11-20 22:04:05.25+01:00".
---@param text string  raises protocol_error where it is none
---@return number seconds  an integer where there is no fraction
function time.from_rfc3339(text)
  text_of(text, "from_rfc3339")
  local year, month, day, hour, minute, second, rest =
    text:match("^(%d%d%d%d)-(%d%d)-(%d%d)[Tt ](%d%d):(%d%d):(%d%d)(.*)$")
  if not year then refuse(text, "no date and time of RFC 3339") end
  local digits, zone = rest:match("^%.(%d+)(.*)$")
  zone = zone or rest
  local offset = 0
  if zone ~= "Z" and zone ~= "z" then
    local sign, hours, minutes = zone:match("^([+-])(%d%d):(%d%d)$")
    if not sign then refuse(text, "no Z, and no offset from UTC, behind the time") end
    offset = offset_of(text, sign, hours, minutes)
  end
  year, month, day, hour, minute, second = integers(year, month, day, hour, minute, second)
  return with_fraction(seconds_of(text, year, month, day, hour, minute, second, offset), digits)
end

local function number_of(seconds, name)
  if type(seconds) ~= "number" then error(("time.%s: argument 1 is to be a number of seconds"):format(name), 3) end
  if not (seconds >= first and seconds < last + 1) then malformed(tostring(seconds) .. " is not within the years 0 to 9999") end
  return seconds
end

--- Year, month and so on of a point in time, in UTC.
---@param seconds number  raises protocol_error outside the years 0 to 9999; a fraction is cut off, towards the earlier
---@return time.fields
function time.fields(seconds)
  local whole = math.floor(number_of(seconds, "fields"))
  local days, rest = whole // 86400, whole % 86400
  local year = 1970 + days * 400 // 146097
  if days < days_to_year(year) then year = year - 1 elseif days >= days_to_year(year + 1) then year = year + 1 end
  local day, month = days - days_to_year(year) + 1, 1
  while day > days_in(year, month) do
    day = day - days_in(year, month)
    month = month + 1
  end
  return { year = year, month = month, day = day, hour = rest // 3600, minute = rest // 60 % 60, second = rest % 60,
    weekday = (days + 3) % 7 + 1 }
end

--- The point in time of a year, month and day, and of hour, minute and second where they are there (else 0).
---@param fields time.fields  what is no date is a mistake of the rule
---@return integer seconds
function time.seconds(fields)
  if type(fields) ~= "table" then error("time.seconds: argument 1 is to be a table of fields", 2) end
  local function part(name, least, most, default)
    local value = fields[name]
    if value == nil then value = default end
    if math.type(value) ~= "integer" or value < least or value > most then
      error(("time.seconds: %s is to be an integer from %d to %d"):format(name, least, most), 3)
    end
    return value
  end
  local year, month = part("year", 0, 9999), part("month", 1, 12)
  local day = part("day", 1, days_in(year, month))
  local seconds = part("hour", 0, 23, 0) * 3600 + part("minute", 0, 59, 0) * 60 + part("second", 0, 59, 0)
  return days_to(year, month, day) * 86400 + seconds
end

--- Writes RFC 3339, in UTC.
---@param seconds number  raises protocol_error outside the years 0 to 9999, as the next three
---@param digits? integer  of the fraction, 0 to 9; default 0. It is rounded, but never up to the next second
---@return string  "2026-11-20T22:04:05Z"
function time.to_rfc3339(seconds, digits)
  number_of(seconds, "to_rfc3339")
  digits = digits or 0
  if math.type(digits) ~= "integer" or digits < 0 or digits > 9 then
    error("time.to_rfc3339: argument 2 is to be an integer from 0 to 9", 2)
  end
  local at, fraction = time.fields(seconds), ""
  if digits > 0 then
    local scale = 10 ^ digits
    local part = math.floor(math.min((seconds - math.floor(seconds)) * scale + 0.5, scale - 1))
    fraction = "." .. ("%09d"):format(part):sub(-digits)
  end
  return ("%04d-%02d-%02dT%02d:%02d:%02d%sZ"):format(at.year, at.month, at.day, at.hour, at.minute, at.second, fraction)
end

--- The year of two digits: with `now` none more than 50 years ahead (RFC 9110 section 5.6.7), else 1969 to 2068 as POSIX has it.
local function full_year(short, now)
  if not now then return short + (short < 69 and 2000 or 1900) end
  local latest = time.fields(now).year + 50
  return latest - (latest - short) % 100
end

--- Reads an HTTP-date (RFC 9110 section 5.6.7) in any of its three forms: "Sun, 06 Nov 1994 08:49:37 GMT",
--- "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994".
---@param text string  raises protocol_error where it is none, or (but in the second form) that day is another one of the week
---@param now? number  seconds, `time` of the answer that it came with: tells the century of the second form
---@return integer seconds
function time.from_http(text, now)
  text_of(text, "from_http")
  if now ~= nil and type(now) ~= "number" then error("time.from_http: argument 2 is to be a number of seconds", 2) end
  local name, day, month, year, hour, minute, second =
    text:match("^(%a%a%a), (%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$")
  local weekday = name and day_places[name]
  local short = false
  if not name then
    name, day, month, year, hour, minute, second = text:match("^(%a+), (%d%d)-(%a%a%a)-(%d%d) (%d%d):(%d%d):(%d%d) GMT$")
    weekday, short = name and long_day_places[name], name ~= nil
  end
  if not name then
    name, month, day, hour, minute, second, year = text:match("^(%a%a%a) (%a%a%a) ([ %d]%d) (%d%d):(%d%d):(%d%d) (%d%d%d%d)$")
    weekday = name and day_places[name]
  end
  if not weekday or not months[month] then refuse(text, "no date of HTTP") end
  day, year, hour, minute, second = integers(day, year, hour, minute, second)
  if short then year = full_year(year, now) end
  local seconds = seconds_of(text, year, months[month], day, hour, minute, second, 0)
  if not short and (days_to(year, months[month], day) + 3) % 7 + 1 ~= weekday then refuse(text, "that day is no " .. name) end
  return seconds
end

--- Writes an HTTP-date.
---@param seconds number
---@return string  "Sun, 06 Nov 1994 08:49:37 GMT"
function time.to_http(seconds)
  number_of(seconds, "to_http")
  local at = time.fields(seconds)
  return ("%s, %02d %s %04d %02d:%02d:%02d GMT"):format(day_names[at.weekday], at.day, month_names[at.month], at.year,
    at.hour, at.minute, at.second)
end

--- What stands behind the digits of a time of ASN.1: how far it is ahead of UTC.
local function zone_of(text, zone)
  if zone == "Z" then return 0 end
  local sign, hours, minutes = zone:match("^([+-])(%d%d)(%d?%d?)$")
  if not sign or #minutes == 1 then refuse(text, "no Z, and no offset from UTC, behind the time") end
  return offset_of(text, sign, hours, minutes == "" and "0" or minutes)
end

local function is_der(options, name)
  if options == nil then return false end
  if type(options) ~= "table" then error(("time.%s: argument 2 is to be a table of options"):format(name), 3) end
  return options.der == true
end

--- Reads the contents of a UTCTime (X.680 clause 47; of DER, X.690 clause 11.8): "261120220405Z". 50 to 99 are of the last
--- century (RFC 5280 section 4.1.2.5.1).
---@param text string  raises protocol_error where it is none
---@param options? { der?: boolean }  true: nothing but the form of DER
---@return integer seconds
function time.from_utc_time(text, options)
  local strict = is_der(options, "from_utc_time")
  text_of(text, "from_utc_time")
  local year, month, day, hour, minute, second, zone = text:match("^(%d%d)(%d%d)(%d%d)(%d%d)(%d%d)(%d?%d?)([Z+-].*)$")
  if not year or #second == 1 or #zone > 1 and #zone ~= 5 then refuse(text, "no UTCTime") end
  if strict and (second == "" or zone ~= "Z") then refuse(text, "no UTCTime of DER") end
  local offset = zone_of(text, zone)
  year, month, day, hour, minute, second = integers(year, month, day, hour, minute, second == "" and "0" or second)
  return seconds_of(text, year + (year < 50 and 2000 or 1900), month, day, hour, minute, second, offset)
end

--- Reads the contents of a GeneralizedTime (X.680 clause 46; of DER, X.690 clause 11.7; RFC 4517 section 3.3.13):
--- "20261120220405Z", "2026112022.5+01". One without a zone is of some local time, and refused.
---@param text string  raises protocol_error where it is none
---@param options? { der?: boolean }  true: nothing but the form of DER
---@return number seconds  an integer where there is no fraction
function time.from_generalized_time(text, options)
  local strict = is_der(options, "from_generalized_time")
  text_of(text, "from_generalized_time")
  local year, month, day, hour, rest = text:match("^(%d%d%d%d)(%d%d)(%d%d)(%d%d)(.*)$")
  if not year then refuse(text, "no GeneralizedTime") end
  local unit, minute, second = 3600, "0", "0"
  local found, behind = rest:match("^(%d%d)(.*)$")
  if found then
    unit, minute, rest = 60, found, behind
    found, behind = rest:match("^(%d%d)(.*)$")
    if found then unit, second, rest = 1, found, behind end
  end
  local mark, digits, zone = rest:match("^([.,])(%d+)(.*)$")
  zone = zone or rest
  if strict and (unit ~= 1 or zone ~= "Z" or mark == "," or digits and digits:find("0$")) then
    refuse(text, "no GeneralizedTime of DER")
  end
  local offset = zone_of(text, zone)
  year, month, day, hour, minute, second = integers(year, month, day, hour, minute, second)
  local seconds = seconds_of(text, year, month, day, hour, minute, second, offset)
  if not digits or not digits:find("[1-9]") then return seconds end
  if unit == 1 then return with_fraction(seconds, digits) end
  local part = tonumber("0." .. digits) * unit
  return seconds + (math.tointeger(part) or part)
end

--- Writes the contents of a UTCTime, as DER has it.
---@param seconds number  1950 to 2049; raises protocol_error outside of them
---@return string  "261120220405Z"
function time.to_utc_time(seconds)
  number_of(seconds, "to_utc_time")
  local at = time.fields(seconds)
  if at.year < 1950 or at.year > 2049 then malformed("a UTCTime is of the years 1950 to 2049, and not " .. at.year) end
  return ("%02d%02d%02d%02d%02d%02dZ"):format(at.year % 100, at.month, at.day, at.hour, at.minute, at.second)
end

--- Writes the contents of a GeneralizedTime, as DER has it, without a fraction.
---@param seconds number
---@return string  "20261120220405Z"
function time.to_generalized_time(seconds)
  number_of(seconds, "to_generalized_time")
  local at = time.fields(seconds)
  return ("%04d%02d%02d%02d%02d%02dZ"):format(at.year, at.month, at.day, at.hour, at.minute, at.second)
end

local function point_of(value, place, name)
  if type(value) == "string" then return time.from_rfc3339(value) end
  if type(value) ~= "number" then error(("time.%s: argument %d is to be seconds, or text of RFC 3339"):format(name, place), 3) end
  return value
end

--- How many seconds `to` is behind `from`; negative where it is before it.
---@param from number|string  seconds, or a text of RFC 3339
---@param to number|string
---@return number seconds
function time.between(from, to)
  return point_of(to, 2, "between") - point_of(from, 1, "between")
end

--- The same in whole days, rounded down: of a certificate that has ended an hour ago -1.
---@param from number|string
---@param to number|string
---@return integer days
function time.days(from, to)
  local seconds = point_of(to, 2, "days") - point_of(from, 1, "days")
  return math.tointeger(seconds // 86400) or malformed("a difference that is no number of days")
end

local units = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } }

--- A length of time for a message, in its largest unit and the one below: "12 d 3 h", "-5 min", "0 s". What is below that is cut off.
---@param seconds number
---@return string
function time.span(seconds)
  if type(seconds) ~= "number" then error("time.span: argument 1 is to be a number of seconds", 2) end
  if not (seconds > -1e15 and seconds < 1e15) then malformed("a length of time that is none") end
  local left = math.tointeger(math.abs(seconds) // 1)
  local sign = seconds < 0 and left > 0 and "-" or ""
  for i, unit in ipairs(units) do
    if left >= unit[1] then
      local text, below = sign .. left // unit[1] .. " " .. unit[2], units[i + 1]
      local more = below and left % unit[1] // below[1] or 0
      return more > 0 and text .. " " .. more .. " " .. below[2] or text
    end
  end
  return "0 s"
end

return time
