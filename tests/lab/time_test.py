"""scripts/time.lua agrees with `date -u`, Python and the standards' own examples, and refuses what is no time."""

import calendar
import datetime
import email.utils
import random
import subprocess

from libraries import LibraryTest, lua
from processes import find_program

SEED = 11
FIRST, LAST = -62167219200, 253402300799  # 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z
RFC_3339 = [  # section 5.8, and the edges
    ("1985-04-12T23:20:50.52Z", 482196050.52), ("1996-12-19T16:39:57-08:00", 851042397), ("1990-12-31T23:59:60Z", 662688000),
    ("1990-12-31T15:59:60-08:00", 662688000), ("1937-01-01T12:00:27.87+00:20", -1041337172.13), ("1970-01-01t00:00:00z", 0),
    ("1970-01-01 00:00:00-00:00", 0), ("0000-01-01T00:00:00Z", FIRST), ("9999-12-31T23:59:59Z", LAST), ("2000-02-29T00:00:00Z", 951782400),
    ("1970-01-01T00:00:00.000Z", 0), ("1970-01-01T23:59:00+23:59", 0), ("0000-01-01T00:00:00+23:59", FIRST - 86340),
    ("2016-12-31T23:59:60.5Z", 1483228800.5), ("2026-11-20T22:04:05." + "3" * 70 + "Z", 1795212245 + 1 / 3)]
NO_RFC_3339 = ["", "2026", "2026-11-20", "2026-11-20T22:04Z", "2026-11-20T22:04:05", "2026-11-20T22:04:05 Z", "2026-11-20T22:04:05+0100",
               "2026-11-20T22:04:05+01", "2026-11-20T22:04:05+24:00", "2026-11-20T22:04:05+00:60", "2026-11-20T24:00:00Z",
               "2026-11-20T22:60:00Z", "2026-11-20T22:04:61Z", "2026-11-20T22:04:60Z", "2026-11-20T23:59:60Z", "2026-06-30T23:59:60+01:00",
               "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
               "2026-04-31T00:00:00Z", "26-11-20T22:04:05Z", "2026-11-20T22:04:05.Z", "2026-11-20T22:04:05,5Z", " 2026-11-20T22:04:05Z",
               "2026-11-20T22:04:05Z ", "2026-11-20T22:04:05Z\0", "2026-1-20T22:04:05Z", "-026-11-20T22:04:05Z", "2026-11-20_22:04:05Z",
               "20261120T220405Z", "9999-12-31T23:59:60Z", "\xff" * 50, "2026-11-01T05:04:60Z", "2026-11-20T22:04:05." + "3" * 80 + "Z"]
HTTP = [("Sun, 06 Nov 1994 08:49:37 GMT", 784111777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777),
        ("Sun Nov  6 08:49:37 1994", 784111777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Thursday, 01-Jan-70 00:00:00 GMT", 0),
        ("Thu Jan  1 00:00:00 1970", 0), ("Fri Nov 20 22:04:05 2026", 1795212245), ("Thursday, 31-Dec-68 00:00:00 GMT", 3124137600),
        ("Sat, 31 Dec 2016 23:59:60 GMT", 1483228800), ("Wednesday, 01-Jan-69 00:00:00 GMT", -31536000)]
NO_HTTP = ["", "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 nov 1994 08:49:37 GMT",
           "sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
           "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Sun Nov 06 08:49:37 1994 GMT", "0",
           "-1", "Sun, 06 Nov 1994 08:49:37 GMT ", "Son, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT", "Sun Nov 31 00:00:00 1994",
           "Mon Nov  6 08:49:37 1994", "\0" * 29, "Sun, 06 Nov 1994 08:49:37 +0000"]
UTC_TIME = [("700101000000Z", 0, True), ("261120220405Z", 1795212245, True), ("491231235959Z", 2524607999, True),
            ("500101000000Z", -631152000, True), ("7001010000Z", 0, False), ("700101010000+0100", 0, False), ("6912311900-0500", 0, False)]
NO_UTC_TIME = ["", "Z", "700101000000", "70010100000Z", "700101000000z", "700101000000+01", "700101000000+010", "700101000000+01000",
               "700101000000.5Z", "19700101000000Z", "701301000000Z", "700132000000Z", "700101240000Z", "700101006000Z", "700101000000ZZ",
               "700101000000-2400", "700101000000+", "7001010000 0Z", "\xff" * 13, "700101000061Z"]
GENERALIZED_TIME = [("19700101000000Z", 0, True), ("20261120220405Z", 1795212245, True), ("20261120220405.25Z", 1795212245.25, True),
                    ("99991231235959Z", LAST, True), ("19700101000000.0Z", 0, False), ("19700101000000,5Z", 0.5, False),
                    ("1970010100Z", 0, False), ("197001010030Z", 1800, False), ("1970010100.5Z", 1800, False),
                    ("197001010000.25Z", 15, False), ("19700101013000+0130", 0, False), ("1970010101+01", 0, False),
                    ("19691231190000-05", 0, False), ("1970010100.125Z", 450, False)]
NO_GENERALIZED_TIME = ["", "Z", "19700101000000", "197001010000000Z", "19700101000000.Z", "19700101000000z", "1970010100000Z", "19700101Z",
                       "19700101000000+0", "19700101000000+010", "19700101000000+00000", "19700101000000.5", "19700101000000.5.5Z",
                       "19701301000000Z", "19700101000000Z0", "700101000000Z", "19700101000000 Z", "1970010100+2400", "\xff" * 15]


class TimeTest(LibraryTest):
    library = "time"

    def instants(self, count):
        dice = random.Random(SEED)
        return [0, -1, 1, FIRST, LAST, 951782399, 951782400, 4107542400, -2203891200] + [dice.randrange(FIRST, LAST) for _ in range(count)]

    def date(self, form, instants):
        """What `date -u` makes of each."""
        return subprocess.run([find_program("date"), "-u", "-f", "-", f"+{form}"], input="".join(f"@{at}\n" for at in instants), check=True,
                              capture_output=True, text=True, env={"LC_ALL": "C"}, timeout=60).stdout.splitlines()

    def test_every_form_is_what_date_writes_and_comes_back(self):
        instants = self.instants(400)
        columns = [self.date(form, instants) for form in ("%Y-%m-%dT%H:%M:%SZ", "%a, %d %b %Y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y",
                                                          "%Y%m%d%H%M%SZ", "%u %Y %m %d %H %M %S")]
        self.assertEqual({len(column) for column in columns}, {len(instants)})
        self.holds(f"""
    for _, case in ipairs({lua(list(zip(instants, *columns)))}) do
      local at, rfc3339, http, asctime, generalized, parts = table.unpack(case)
      same(time.to_rfc3339(at), rfc3339, at)
      same(time.from_rfc3339(rfc3339), at, rfc3339)
      same(math.type(time.from_rfc3339(rfc3339)), "integer", rfc3339)
      same(time.to_http(at), http, at)
      same(time.from_http(http), at, http)
      same(time.from_http(asctime), at, asctime)
      same(time.to_generalized_time(at), generalized, at)
      same(time.from_generalized_time(generalized, {{ der = true }}), at, generalized)
      local f = time.fields(at)
      same(("%d %04d %02d %02d %02d %02d %02d"):format(f.weekday, f.year, f.month, f.day, f.hour, f.minute, f.second), parts, at)
      same(time.seconds(f), at, at)
    end""", len(instants))

    def test_utc_time_and_offsets_are_what_date_says(self):
        dice = random.Random(SEED)
        instants = [-631152000, 2524607999] + [dice.randrange(-631152000, 2524608000) for _ in range(200)]
        short = self.date("%y%m%d%H%M%SZ", instants)
        zoned = []
        for at in instants:
            minutes = dice.randrange(-1439, 1440)
            local = datetime.datetime.fromtimestamp(at, datetime.timezone(datetime.timedelta(minutes=minutes)))
            fraction = dice.choice(("", ".5", ".25", ".000"))
            text = local.strftime("%Y-%m-%dT%H:%M:%S") + fraction + local.strftime("%z")[:3] + ":" + local.strftime("%z")[3:]
            zoned.append((text, at + float(fraction or 0)))
        said = subprocess.run([find_program("date"), "-u", "-f", "-", "+%s.%N"], input="".join(text + "\n" for text, _ in zoned), check=True,
                              capture_output=True, text=True, timeout=60).stdout.split()
        self.assertEqual([int(one.split(".")[0]) + float("." + one.split(".")[1]) for one in said], [seconds for _, seconds in zoned])
        self.holds(f"""
    for _, case in ipairs({lua(list(zip(instants, short)))}) do
      same(time.to_utc_time(case[1]), case[2], case[1])
      same(time.from_utc_time(case[2], {{ der = true }}), case[1], case[2])
    end
    for _, case in ipairs({lua(zoned)}) do same(time.from_rfc3339(case[1]), case[2], case[1]) end
    refuses("1950 to 2049", time.to_utc_time, -631152001)
    refuses("1950 to 2049", time.to_utc_time, 2524608000)""", len(instants))

    def test_every_year_begins_and_ends_where_the_calendar_says(self):
        starts = [calendar.timegm((year, 1, 1, 0, 0, 0)) for year in range(1, 10000)]
        self.holds(f"""
    local starts = {lua(starts)}
    for year, start in ipairs(starts) do
      same(time.seconds({{ year = year, month = 1, day = 1 }}), start, year)
      local f, before = time.fields(start), time.fields(start - 1)
      same(f.year * 10000 + f.month * 100 + f.day, year * 10000 + 101, start)
      same(before.year * 10000 + before.month * 100 + before.day, (year - 1) * 10000 + 1231, start - 1)
    end""", len(starts))

    def test_the_standards_own_examples_and_the_edges_are_read(self):
        self.holds(f"""
    for _, case in ipairs({lua(RFC_3339)}) do same(time.from_rfc3339(case[1]), case[2], case[1]) end
    for _, case in ipairs({lua(HTTP)}) do same(time.from_http(case[1]), case[2], case[1]) end
    for _, case in ipairs({lua(UTC_TIME)}) do
      same(time.from_utc_time(case[1]), case[2], case[1])
      same((try(time.from_utc_time, case[1], {{ der = true }})), case[3] and case[2] or nil, case[1])
    end
    for _, case in ipairs({lua(GENERALIZED_TIME)}) do
      same(time.from_generalized_time(case[1]), case[2], case[1])
      same((try(time.from_generalized_time, case[1], {{ der = true }})), case[3] and case[2] or nil, case[1])
    end""", len(RFC_3339))

    def test_what_is_no_time_is_refused(self):
        for name, texts in (("rfc3339", NO_RFC_3339), ("http", NO_HTTP), ("utc_time", NO_UTC_TIME),
                            ("generalized_time", NO_GENERALIZED_TIME)):
            with self.subTest(name):
                self.holds(f"    for _, text in ipairs({lua(texts)}) do refuses('time: ', time.from_{name}, text) end", len(texts))

    def test_the_century_of_two_digits_is_the_nearest_that_is_not_50_years_ahead(self):
        now = calendar.timegm((2026, 11, 21, 0, 0, 0))
        cases = [(f"Monday, 01-Jan-{year % 100:02} 00:00:00 GMT", calendar.timegm((year, 1, 1, 0, 0, 0))) for year in range(1977, 2077)]
        self.holds(f"""
    for _, case in ipairs({lua(cases)}) do same(time.from_http(case[1], {now}), case[2], case[1]) end""", len(cases))

    def test_http_dates_are_read_as_python_reads_them(self):
        instants = self.instants(200)
        cases = [(email.utils.formatdate(at, usegmt=True), at) for at in instants if at > calendar.timegm((1900, 1, 1, 0, 0, 0))]
        self.holds(f"    for _, case in ipairs({lua(cases)}) do same(time.from_http(case[1]), case[2], case[1]) end", len(cases))

    def test_a_text_that_ends_early_or_holds_garbage_is_refused_or_read_but_nothing_else(self):
        self.holds("""
    local texts = { rfc3339 = "2026-11-20T22:04:05.25+01:30", http = "Sun, 06 Nov 1994 08:49:37 GMT", utc_time = "261120220405+0100",
      generalized_time = "20261120220405.25+0100" }
    for name, text in pairs(texts) do
      local from = time["from_" .. name]
      assert(math.type(from(text)))
      for i = 0, #text - 1 do
        local read, kind = try(from, text:sub(1, i))
        if read == nil then same(kind, "protocol_error", text:sub(1, i)) end
      end
      for i = 1, #text do
        for byte = 0, 255 do
          local changed = text:sub(1, i - 1) .. string.char(byte) .. text:sub(i + 1)
          local read, kind = try(from, changed)
          if read == nil then same(kind, "protocol_error", changed) else assert(math.type(read)) end
        end
      end
    end""", 4)

    def test_fractions_differences_and_lengths_are_written(self):
        self.holds("""
    same(time.to_rfc3339(0.5), "1970-01-01T00:00:00Z", 0.5)
    same(time.to_rfc3339(1.7, 1), "1970-01-01T00:00:01.7Z", 1.7)
    same(time.to_rfc3339(-0.25, 3), "1969-12-31T23:59:59.750Z", -0.25)
    same(time.to_rfc3339(0.999999, 3), "1970-01-01T00:00:00.999Z", 0.999999)
    same(time.to_rfc3339(5, 9), "1970-01-01T00:00:05.000000000Z", 5)
    same(time.to_rfc3339(253402300799.5), "9999-12-31T23:59:59Z", "the last")
    for _, digits in ipairs { 1, 2, 3, 6 } do
      for i = 1, 200 do
        local text = ("1987-06-05T04:03:02.%0" .. digits .. "dZ"):format(i * 7919 % 10 ^ digits // 1 | 0)
        same(time.to_rfc3339(time.from_rfc3339(text), digits), text, digits)
      end
    end
    same(time.between("2026-11-20T00:00:00Z", "2026-11-21T00:00:00.5Z"), 86400.5, "between")
    same(time.between(10, 3), -7, "between")
    same(math.type(time.between(10, 3)), "integer", "between")
    for _, case in ipairs { { 0, 86399, 0 }, { 0, 86400, 1 }, { 0, -1, -1 }, { 0, -86400, -1 }, { 0, -86401, -2 }, { 0, 86400.5, 1 } } do
      same(time.days(case[1], case[2]), case[3], case[2])
      same(math.type(time.days(case[1], case[2])), "integer", case[2])
    end
    for _, case in ipairs { { 0, "0 s" }, { 59.9, "59 s" }, { 60, "1 min" }, { -61, "-1 min 1 s" }, { 3600, "1 h" }, { 3661, "1 h 1 min" },
        { 86400, "1 d" }, { 90000, "1 d 1 h" }, { 86460, "1 d" }, { -0.5, "0 s" }, { 1e14, "1157407407 d 9 h" } } do
      same(time.span(case[1]), case[2], case[1])
    end""", 11)

    def test_numbers_beyond_the_calendar_are_refused_and_other_types_are_mistakes_of_the_rule(self):
        self.holds("""
    for _, f in ipairs { time.fields, time.to_rfc3339, time.to_http, time.to_utc_time, time.to_generalized_time } do
      for _, at in ipairs { -62167219201, -62167219200.5, 253402300800, math.huge, -math.huge, 0/0, math.mininteger, math.maxinteger } do
        refuses("is not within the years 0 to 9999", f, at)
      end
    end
    for _, seconds in ipairs { math.huge, -math.huge, 0/0, math.mininteger } do refuses("a length of time", time.span, seconds) end
    refuses("no number of days", time.days, 0, math.huge)
    refuses("no date and time", time.days, 0, "soon")""", 5)
        for call, words in (("from_rfc3339(5)", "argument 1 is to be a string"), ("to_rfc3339('x')", "argument 1 is to be a number"),
                            ("to_rfc3339(5, 10)", "argument 2 is to be an integer from 0 to 9"), ("from_http('', 'x')", "argument 2"),
                            ("from_utc_time('', true)", "argument 2 is to be a table"), ("fields()", "argument 1 is to be a number"),
                            ("seconds { year = 2026, month = 2, day = 29 }", "day is to be an integer from 1 to 28"),
                            ("seconds { month = 1, day = 1 }", "year is to be an integer from 0 to 9999"),
                            ("seconds(5)", "a table of fields"),
                            ("seconds { year = 1, month = 1, day = 1, second = 60 }", "second is to be"), ("span('x')", "argument 1"),
                            ("between(nil, 5)", "argument 1 is to be seconds, or text"), ("days(5, {})", "argument 2 is to be seconds")):
            with self.subTest(call):
                check = self.ended(f"    time.{call}")
                self.assertEqual((check["status"], check["reason"]), ("error", "rule_error"), check)
                self.assertIn(f"time.{call.split('(')[0].split(' ')[0]}: ", check["message"])
                self.assertIn(words, check["message"])

    def test_an_answers_time_is_what_to_compare_with(self):
        check = self.ended("""    local answer = target:udp(9, { send = "x" })
    return info(time.to_rfc3339(answer.time, 6) .. " " .. time.days("1970-01-01T00:00:00Z", answer.time), answer)""")
        stamp, days = check["message"].split(" ")
        seconds = datetime.datetime.fromisoformat(stamp[:-1] + "+00:00").timestamp()
        now = datetime.datetime.now().timestamp()
        self.assertTrue(now - 300 < seconds <= now + 1, stamp)
        self.assertEqual(int(days), int(seconds // 86400))
