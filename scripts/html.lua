--- HTML as peers send it: title, forms, links, meta and comments of a page, by the tokens of the HTML standard (section 13.2.5). No
--- tree is built, and no page is malformed: what a browser skips is skipped.

local entities = require("html_entities")

---@class html.options
---@field size? integer  bytes that are read, 1 to 8,388,608; default 1,048,576

---@class html.input
---@field element "input"|"select"|"textarea"|"button"
---@field type string  in lower case; of an input "text" where none is written, of a button "submit", else the element
---@field name? string
---@field value? string
---@field autocomplete? string  in lower case
---@field hidden? boolean  an input of the type "hidden"

---@class html.form
---@field action? string  as it is written (`url.resolve` says what it means); nil: this page
---@field method string  "get", "post", "dialog"
---@field enctype? string  in lower case
---@field target? string
---@field name? string  `name`, or `id`
---@field autocomplete? string
---@field inputs html.input[]  the first 100
---@field password boolean  it has an input of the type "password", also among those left out

---@class html.link
---@field element string  of links "a", "area"; of resources "script", "link", "img", "iframe", …
---@field url string  as it is written
---@field rel? string  in lower case
---@field target? string
---@field type? string  in lower case
---@field integrity? string
---@field crossorigin? string

---@class html.page
---@field title? string  of the first <title> that is not within <svg>, blanks run together; nil where there is none
---@field generator? string  of <meta name=generator>
---@field meta table<string, string>  content by name (or http-equiv, or property) in lower case; the first of each name
---@field charset? string  in lower case, as <meta> has it
---@field base? string  the first <base href>
---@field forms html.form[]
---@field inputs html.input[]  those outside of forms
---@field links html.link[]  a, area
---@field resources html.link[]  what a browser fetches by itself: src, and href of <link>
---@field comments string[]
---@field scripts integer  how many <script> without src
---@field password boolean  somewhere there is an input of the type "password"
---@field cut table<string, integer>  by "forms", "inputs", "links", "resources", "meta", "comments", "attributes": how many are
---left out
---@field shortened integer  texts of which only the first 1,000 bytes are kept
---@field unread integer  bytes of the page past `size`

--- The HTML standard's tokens (section 13.2.5), without a tree: a page is read as a browser takes it apart, whatever it holds, and nothing in it is an error.
---
--- | function | returns |
--- |---|---|
--- | `read(text [, options])` | what is in a page, below. Option: `size`, bytes that are read (1 MiB, at most 8 MiB) |
--- | `unescape(text [, attribute])` | with character references undone: the numeric ones, the named ones of HTML 4.01 and `&apos;`; others stay. `attribute`: as in an attribute's value, where `&copy=` is none |
---
--- | field | holds |
--- |---|---|
--- | `title` | of the first `<title>` that is not within `<svg>`, blanks run together; nil where there is none |
--- | `generator`, `charset`, `base` | `<meta name=generator>`; `<meta charset>` in lower case; the first `<base href>`; or nil |
--- | `meta` | content by name, http-equiv or property in lower case, the first of each; 64 of them |
--- | `forms` | a list of `action` (nil: this page), `method` (`"get"`, `"post"`, `"dialog"`), `enctype`, `target`, `name` (or its id), `autocomplete`, `inputs` (100), and `password` (one of its inputs is of that type); 32 of them |
--- | `inputs` | those outside of forms; 100 of them. Each has `element` (`"input"`, `"select"`, `"textarea"`, `"button"`), `type`, `name`, `value`, `autocomplete`, and `hidden` (true, or nil) |
--- | `links` | `<a>` and `<area>`; 250 of them. Each has `element`, `url`, `rel`, `target`, `type`, `integrity`, `crossorigin`, nil where they are not written |
--- | `resources` | what a browser fetches by itself (`script img iframe frame link embed object source audio video track`), the same; 250 of them |
--- | `comments` | the texts of comments, and of what a browser takes for one (`<?php … >`); 64 of them |
--- | `scripts` | how many `<script>` have no `src` |
--- | `password` | somewhere there is an input of the type `password` |
--- | `cut` | by the names of these lists (and `attributes`, of which an element has 64) how many are left out; empty where all are there |
--- | `shortened` | how many texts were longer than the 1,000 bytes that are kept of each |
--- | `unread` | bytes past `size` |
---
--- URLs are as they are written, without blanks around them: `url.resolve(answer.url, link.url)` says what they mean, where they are any. A page is taken as UTF-8, or
--- another encoding with ASCII in its place. Scripts are not run: what they write is not there. A check has steps for about 100,000 elements.
--- ```lua
--- local answer = target:http(80)
--- local page = html.read(answer.body)
--- if page.password then return fail("It asks for a password in clear: " .. (page.title or "?"), answer) end
--- ```
local html = {}

local longest = 1000  -- bytes kept of a text
local most = { forms = 32, inputs = 100, links = 250, resources = 250, meta = 64, comments = 64, attributes = 64 }

local blank = " \t\n\f\r"

-- Their contents are text up to their end tag; of the first two character references are undone.
local raw_elements = { title = true, textarea = true, script = true, style = true, xmp = true, iframe = true, noembed = true,
  noframes = true }

local function text_of(value, name)
  if type(value) ~= "string" then error(("html.%s: argument 1 is to be a string"):format(name), 3) end
  return value
end

--- Undoes character references: the numeric ones, and the named ones of HTML 4 and `&apos;`; others stay.
---@param text string
---@param attribute? boolean  it is an attribute's value, where `&copy=` is none
---@return string
function html.unescape(text, attribute)
  text_of(text, "unescape")
  if not text:find("&", 1, true) then return text end
  return (text:gsub("&(#?%w+)(;?)(=?)", function(name, semicolon, equals)
    local character = entities.decode(name, semicolon, attribute or false, equals ~= "")
    return character and character .. equals
  end))
end

--- As the reader keeps a text: with its character references undone, and of all that at most so many bytes, not cut within a
--- character. `change` is what else is done with it.
local function keep(page, text, attribute, change)
  local whole = #text <= 8 * longest
  text = html.unescape(whole and text or text:sub(1, 8 * longest), attribute)
  if change then text = change(text) end
  if whole and #text <= longest then return text end
  page.shortened = page.shortened + 1
  local last = math.min(#text, longest)
  while last > longest - 4 and last > 0 and (text:byte(last + 1) or 0) & 0xc0 == 0x80 do last = last - 1 end
  return text:sub(1, last)
end

--- Is the list full? Then one more is left out.
local function is_full(page, kind, list)
  if #list < most[kind] then return false end
  page.cut[kind] = (page.cut[kind] or 0) + 1
  return true
end

local function add(page, kind, list, value)
  if not is_full(page, kind, list) then list[#list + 1] = value end
end

local blanks, skipped = "^[" .. blank .. "]*()", "^[" .. blank .. "/]*()"
local attribute_name, unquoted = "^(.[^" .. blank .. "/>=]*)[" .. blank .. "]*()", "^([^" .. blank .. ">]*)()"
local ends_name = "^[" .. blank .. "/>]"

--- Attributes from a position within a tag: names in lower case with their values, of which the first of each name counts, and
--- the position behind the tag; nil where the page ends within it.
local function read_attributes(page, text, at)
  local attributes, count = {}, 0
  while true do
    at = text:match(skipped, at)
    local byte = text:byte(at)
    if not byte then return nil end
    if byte == 0x3e then return attributes, at + 1 end
    local name, value
    name, at = text:match(attribute_name, at)
    if text:byte(at) == 0x3d then
      at = text:match(blanks, at + 1)
      local quote = text:sub(at, at)
      if quote == '"' or quote == "'" then
        local stop = text:find(quote, at + 1, true)
        if not stop then return nil end
        value, at = text:sub(at + 1, stop - 1), stop + 1
      else
        value, at = text:match(unquoted, at)
      end
    end
    name = name:lower()
    if attributes[name] == nil then
      if count == most.attributes then
        page.cut.attributes = (page.cut.attributes or 0) + 1
      else
        count = count + 1
        attributes[name] = value or ""
      end
    end
  end
end

local function attribute(page, attributes, name, change)
  local value = attributes[name]
  return value and keep(page, value, true, change)
end

local function lowered(page, attributes, name)
  return attribute(page, attributes, name, string.lower)
end

--- Without the blanks around a URL and the line ends within it (URL standard section 4.4).
local function trim_url(text)
  local first, last = 1, #text
  while first <= last and text:byte(first) <= 32 do first = first + 1 end
  while last >= first and text:byte(last) <= 32 do last = last - 1 end
  return (text:sub(first, last):gsub("[\t\r\n]", ""))
end

local function url_of(page, attributes, name)
  return attribute(page, attributes, name, trim_url)
end

local function run_together(text)
  return (text:gsub("[" .. blank .. "]+", " "):gsub("^ ", ""):gsub(" $", ""))
end

local handlers = {}

function handlers.meta(state, attributes)
  local page = state.page
  page.charset = page.charset or lowered(page, attributes, "charset")
  local name = lowered(page, attributes, "name") or lowered(page, attributes, "http-equiv") or lowered(page, attributes, "property")
  local content = attribute(page, attributes, "content")
  if not name or not content then return end
  if name == "content-type" and not page.charset then
    local charset = content:lower():match("charset%s*=%s*[\"']?([^%s\"';]+)")
    page.charset = charset
  end
  if name == "generator" then page.generator = page.generator or content end
  if page.meta[name] then return end
  if state.metas == most.meta then
    page.cut.meta = (page.cut.meta or 0) + 1
  else
    state.metas = state.metas + 1
    page.meta[name] = content
  end
end

function handlers.base(state, attributes)
  state.page.base = state.page.base or url_of(state.page, attributes, "href")
end

local methods = { post = "post", dialog = "dialog" }

function handlers.form(state, attributes)
  if state.form then return end  -- a form within a form is none
  local page = state.page
  state.form = {
    action = url_of(page, attributes, "action"),
    method = methods[lowered(page, attributes, "method")] or "get",
    enctype = lowered(page, attributes, "enctype"),
    target = attribute(page, attributes, "target"),
    name = attribute(page, attributes, "name") or attribute(page, attributes, "id"),
    autocomplete = lowered(page, attributes, "autocomplete"),
    inputs = {},
    password = false,
  }
  add(page, "forms", page.forms, state.form)
end

local function control(element, default)
  return function(state, attributes)
    local page = state.page
    local type = default or element
    if (element == "input" or element == "button") and attributes.type and attributes.type ~= "" then
      type = lowered(page, attributes, "type")
    end
    local place = state.form or page
    if type == "password" then place.password, page.password = true, true end
    if is_full(page, "inputs", place.inputs) then return end
    add(page, "inputs", place.inputs, { element = element, type = type, name = attribute(page, attributes, "name"),
      value = attribute(page, attributes, "value"), autocomplete = lowered(page, attributes, "autocomplete"),
      hidden = element == "input" and type == "hidden" or nil })
  end
end
handlers.input, handlers.button = control("input", "text"), control("button", "submit")
handlers.select, handlers.textarea = control("select"), control("textarea")

--- `where` is the attribute with the address.
local function reference(element, list, where)
  return function(state, attributes)
    local page = state.page
    if not attributes[where] or is_full(page, list, page[list]) then return end
    add(page, list, page[list], { element = element, url = url_of(page, attributes, where), rel = lowered(page, attributes, "rel"),
      target = attribute(page, attributes, "target"), type = lowered(page, attributes, "type"),
      integrity = attribute(page, attributes, "integrity"), crossorigin = lowered(page, attributes, "crossorigin") })
  end
end
for _, element in ipairs { "a", "area" } do handlers[element] = reference(element, "links", "href") end
for _, element in ipairs { "img", "iframe", "frame", "embed", "source", "audio", "video", "track" } do
  handlers[element] = reference(element, "resources", "src")
end
handlers.link, handlers.object = reference("link", "resources", "href"), reference("object", "resources", "data")

local script = reference("script", "resources", "src")
function handlers.script(state, attributes)
  if attributes.src then return script(state, attributes) end
  state.page.scripts = state.page.scripts + 1
end

--- Where the text of a raw element ends: the positions of its end tag and behind that tag's name, past the page's end where there
--- is none.
local function find_end(lower, name, at)
  while true do
    local first, last = lower:find("</" .. name, at, true)
    if not first then return #lower + 1, #lower + 1 end
    if lower:find(ends_name, last + 1) then return first, last + 1 end
    at = last + 1
  end
end

--- The same of a script: within <!-- and --> a <script> hides the next </script> (HTML standard, the script data states).
local function find_script_end(lower, at)
  local escaped, double = false, false
  while true do
    local first, last = lower:find("[<-][/!s-]", at)
    if not first then return #lower + 1, #lower + 1 end
    if not escaped and lower:find("^!%-%-", first + 1) then
      escaped, at = true, first + 2
    elseif escaped and lower:find("^%-%->", first) then
      escaped, double, at = false, false, first + 3
    elseif lower:find("^</script", first) and lower:find(ends_name, first + 8) then
      if not double then return first, first + 8 end
      double, at = false, first + 8
    elseif escaped and not double and lower:find("^<script", first) and lower:find(ends_name, first + 7) then
      double, at = true, first + 7
    else
      at = last
    end
  end
end

local function note(page, text)
  if #text > longest then page.shortened = page.shortened + 1 end
  add(page, "comments", page.comments, text:sub(1, longest))
end

--- Reads <!-- and what ends it; the position behind.
local function read_comment(page, text, at)
  local begins = at + 4
  local empty = text:match("^%-?>()", begins)
  if empty then
    note(page, "")
    return empty
  end
  local from = begins
  while true do
    local dashes = text:find("--", from, true)
    if not dashes then
      note(page, (text:sub(begins):gsub("%-$", "")))
      return #text + 1
    end
    local behind = text:match("^!?>()", dashes + 2)
    local ends = dashes + 1 == #text or dashes + 2 == #text and text:byte(#text) == 0x21
    if behind or ends then
      note(page, text:sub(begins, dashes - 1))
      return behind or #text + 1
    end
    from = dashes + 1
  end
end

--- Reads a document type, or what a browser takes for a comment: <? … >, <! … >, </ … >.
local function read_declaration(page, text, at)
  if text:sub(at, at + 3) == "<!--" then return read_comment(page, text, at) end
  local stop = text:find(">", at + 2, true) or #text + 1
  if not text:find("^<![dD][oO][cC][tT][yY][pP][eE]", at) then
    note(page, text:sub(at + (text:byte(at + 1) == 0x3f and 1 or 2), stop - 1))
  end
  return stop + 1
end

--- Reads a start tag whose name is known, and the text of a raw element behind it; the position behind.
local function read_start(state, text, lower, name, at)
  local attributes, behind = read_attributes(state.page, text, at)
  if not attributes then return #text + 1 end
  local handler = handlers[name]
  if handler then handler(state, attributes) end
  if name == "svg" then state.svg = text:byte(behind - 2) ~= 0x2f end
  if name == "plaintext" then return #text + 1 end
  if not raw_elements[name] or state.svg and name == "title" then return behind end
  local stop, rest
  if name == "script" then
    stop, rest = find_script_end(lower, behind)
  else
    stop, rest = find_end(lower, name, behind)
  end
  if name == "title" and not state.page.title then
    state.page.title = keep(state.page, text:sub(behind, stop - 1), false, run_together)
  end
  if rest > #text then return rest end
  local _, past = read_attributes(state.page, text, rest)
  return past or #text + 1
end

local start_tag, end_tag = "^<(%a[^" .. blank .. "/>]*)()", "^</([^" .. blank .. "/>]+)()"

--- Reads a page.
---@param text string  in UTF-8, or another encoding that has ASCII in its place; other bytes stay what they are
---@param options? html.options
---@return html.page
function html.read(text, options)
  text_of(text, "read")
  local size = options and options.size or 1 << 20
  if math.type(size) ~= "integer" or size < 1 or size > 8 << 20 then
    error("html.read: size is to be an integer from 1 to 8388608", 2)
  end
  local page = { meta = {}, forms = {}, inputs = {}, links = {}, resources = {}, comments = {}, scripts = 0, password = false,
    cut = {}, shortened = 0, unread = math.max(0, #text - size) }
  if #text > size then text = text:sub(1, size) end
  local state, lower, at = { page = page, metas = 0 }, text:lower(), 1
  while true do
    at = text:find("<", at, true)
    if not at then return page end
    local name, behind = lower:match(start_tag, at)
    if name then
      at = read_start(state, text, lower, name, behind)
    elseif lower:find("^</%a", at) then
      name, behind = lower:match(end_tag, at)
      if name == "form" then state.form = nil end
      if name == "svg" then state.svg = false end
      local _, past = read_attributes(page, text, behind)
      at = past or #text + 1
    elseif text:find("^<[!?]", at) or text:find("^</.", at) then
      at = text:sub(at, at + 2) == "</>" and at + 3 or read_declaration(page, text, at)
    else
      at = at + 1
    end
  end
end

return html
