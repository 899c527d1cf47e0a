#!/usr/bin/env python3
"""scripts/annotations/reference.py [--write]: the Lua reference, scripts/README.md, from the comments that editors read.

It is made of reference.md (the head), of the libraries in the order in which that lists them, of raw_material.lua, target.lua and
what goes on from it, rule.lua and the others. A comment directly above a library's table, or above a probe, is its manual; what follows it,
signatures and types, is read from the annotations (LuaCATS: two spaces before a description). Without --write it exits with 1
where the page is another. What it cannot place is a mistake: no public function and no type is left out.
"""

import pathlib
import re
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
SCRIPTS = FOLDER.parent
PAGE = SCRIPTS / "README.md"
TARGET = ("target.lua", "target_ssh.lua", "target_tls_accepts.lua", "stream.lua")  # in the order of the page
TAG = re.compile(r"---@(\w+)\s*(.*)")
NAMED = re.compile(r"(\S+)\s+(.*)")


class Mistake(Exception):
    pass


def split_description(text):
    """A type, and the description that two spaces set off from it."""
    what, _, description = text.partition("  ")
    return what.strip(), description.strip()


def name_and_type(block, tag, value):
    """"port? integer  1 to 65535": the name, the type, the description."""
    named = NAMED.match(value)
    what, description = split_description(named[2]) if named else ("", "")
    if not what:
        raise Mistake(f"{block.place}: @{tag} {value.strip()} has no type")
    return named[1], what, description


class Block:
    """One comment: its text, its tags, and the line of Lua below it."""

    def __init__(self, place, lines, code):
        self.place, self.code = place, code
        self.text, self.tags = [], []
        for line in lines:
            if found := TAG.fullmatch(line):
                self.tags.append([found[1], found[2]])
            elif self.tags and self.tags[-1][0] in ("field", "param", "return", "alias") and not line.startswith("--- "):
                self.tags[-1][1] += " " + line[3:].strip()  # goes on from the line before
            else:
                self.text.append(line[3:].removeprefix(" "))

    def values(self, tag):
        return [value for name, value in self.tags if name == tag]


def read_blocks(path):
    blocks, lines = [], []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("---"):
            lines.append(line)
            continue
        if lines or line.startswith("function "):
            blocks.append(Block(f"{path.name}:{number}", lines, line))
        lines = []
    return blocks


def code(text):
    return f"`{text}`"


def cell(text):
    return text.replace("|", "\\|")


def signature(block):
    """name(argument: type, …): type, type, from the function's line and its tags."""
    found = re.match(r"function ([\w.:]+)\((.*?)\)", block.code)
    if not found:
        raise Mistake(f"{block.place}: no function that can be read: {block.code}")
    types = {}
    for value in block.values("param"):
        label, kind, _ = name_and_type(block, "param", value)
        types[label.rstrip("?")] = (label, kind)
    arguments = []
    for name in filter(None, (part.strip() for part in found[2].split(","))):
        if name not in types and name not in ("...", "self"):
            raise Mistake(f"{block.place}: {found[1]}: the argument `{name}` has no ---@param")
        label, kind = types.pop(name, (name, "any"))
        arguments.append(f"{label}: {kind}")
    if types:
        raise Mistake(f"{block.place}: {found[1]} has no argument {', '.join(types)}")
    results = ", ".join(result_of(value)[0] for value in block.values("return"))
    return f"{found[1]}({', '.join(arguments)})" + (f": {results}" if results else "")


def result_of(value):
    """The type that a ---@return begins with, whatever its name, and what is said of it."""
    what, description = split_description(value)
    depth = 0
    for at, character in enumerate(what):
        depth += (character in "<({[") - (character in ">)}]")
        if character == " " and depth == 0 and what[at - 1] not in ":,|":
            return what[:at], description
    return what, description


def function_lines(block):
    lines = ["- " + code(signature(block))]
    notes = []
    if block.text and not is_manual(block):
        notes.append(" ".join(line.strip() for line in block.text if line.strip()))
    for value in block.values("param"):
        name, _, description = name_and_type(block, "param", value)
        if description:
            notes.append(f"{code(name.rstrip('?'))}: {description}")
    for value in block.values("return"):
        description = result_of(value)[1]
        if description:
            notes.append(description if description.startswith("raises") else f"returns: {description}")
    lines += ["  " + note + ("  " if note is not notes[-1] else "") for note in notes]
    return lines


def type_lines(block):
    lines = []
    for value in block.values("alias"):
        name, _, rest = value.partition(" ")
        what, description = split_description(rest)
        lines += [f"- {code(name)} is {code(what)}" + (f": {description}" if description else "")]
    for value in block.values("class"):
        fields = block.values("field")
        what, description = split_description(value)
        name, _, parents = what.partition(":")
        title = code(name.strip()) + (f", and all of {code(parents.strip())}" if parents else "")
        text = " ".join(line.strip() for line in block.text if line.strip()) if not is_manual(block) else ""
        text = text or description
        if not fields:
            lines += [f"- {title}" + (f": {text}" if text else "")]
            continue
        lines += ["", f"| {title} | | {cell(text)} |".replace("|  |", "| |"), "|---|---|---|"]
        for field in fields:
            label, what, description = name_and_type(block, "field", field)
            lines.append(f"| {code(label)} | {cell(code(what))} | {cell(description)} |".replace("|  |", "| |"))
        lines.append("")
    return lines


def is_manual(block):
    """Is its text a section of the page?"""
    table = re.match(r"(?:local )?(\w+) = ", block.code) and not block.code.startswith("local function")
    return bool(table) or re.match(r"function target:", block.code) or any(line.startswith("##") for line in block.text)


def details(summary, lines):
    while lines and not lines[0]:
        lines = lines[1:]
    if not lines:
        return []
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n").split("\n")
    return ["", "<details>", f"<summary>{summary}</summary>", "", *text, "", "</details>"]


def section(title, manual, functions, types):
    lines = [] if manual and manual[0].startswith("#") else [f"## {title}"]
    lines += manual
    listed = [line for block in functions for line in function_lines(block)]
    kinds = [line for block in types for line in type_lines(block)]
    if listed and kinds:
        listed.append("")
    return [*lines, *details("Signatures and types" if listed else "Types", listed + kinds), ""]


def has_types(block):
    return bool(block.values("class") or block.values("alias"))


def library(name):
    path = SCRIPTS / f"{name}.lua"
    if not path.is_file():
        raise Mistake(f"reference.md lists {name}, and there is no {path}")
    blocks = read_blocks(path)
    manuals = [block for block in blocks if re.match(rf"local {name} = ", block.code)]
    if not manuals or not manuals[0].text:
        raise Mistake(f"{path.name}: there is no manual in a comment above `local {name} = …`")
    functions = [block for block in blocks if re.match(rf"function {name}\.", block.code)]
    for block in functions:
        if not block.tags and "()" not in block.code:
            raise Mistake(f"{block.place}: {block.code} is not annotated")
    return section(name, manuals[0].text, functions, [block for block in blocks if has_types(block)])


def raw_material():
    blocks = read_blocks(FOLDER / "raw_material.lua")
    lines = []
    for block in blocks:
        found = re.match(r"(\w+) = ", block.code)
        if not found:
            continue
        name = found[1]
        mine = [one for one in blocks if re.match(rf"function {name}\.", one.code)]
        ours = [one for one in blocks if has_types(one) and belongs(one, name, blocks) and one.values("field")]
        ours += [one for one in blocks if one.values("alias") and belongs(one, name, blocks)]
        lines += section(name, block.text, mine, ours)
    for block in read_blocks(FOLDER / "rule.lua"):
        if found := re.match(r"function (raise|parallel)\(", block.code):
            lines += [f"## {found[1]}", *block.text, "", *details("Signature", function_lines_only(block)), ""]
    return lines


def function_lines_only(block):
    bare = Block(block.place, [], block.code)
    bare.tags = block.tags
    return function_lines(bare)


def belongs(block, name, blocks):
    """Does it stand below the table `name`, and above the next?"""
    owner = None
    for one in blocks:
        if found := re.match(r"(\w+) = ", one.code):
            owner = found[1]
        if one is block:
            return owner == name
    return False


def probes():
    lines, types = [], []
    blocks = [block for name in TARGET for block in read_blocks(FOLDER / name)]
    for block in blocks:
        if found := re.match(r"function target:(\w+)\(", block.code):
            lines += section(f"target:{found[1]}", block.text, [without_text(block)], types)
            types = []
        elif block.code.startswith("target = "):
            lines += section("target", ["What `check` is given: a host or a name, whom the probes ask."], [], [*types, block])
            types = []
        elif block.code.startswith("stream = "):
            kinds, types = [*types, block], []
            functions = [one for one in blocks if one.code.startswith("function stream:")]
            lines += section("stream", ["What `target:connect` returns: " + block.text[0][0].lower() + block.text[0][1:]], functions,
                             [without_text(one) if one is block else one for one in kinds])
        elif has_types(block):
            types.append(block)
    if types:
        raise Mistake(f"{types[0].place} is of no probe")
    return lines


def without_text(block):
    bare = Block(block.place, [], block.code)
    bare.tags = block.tags
    return bare


def rules():
    blocks = [block for block in read_blocks(FOLDER / "rule.lua") if not re.match(r"function (raise|parallel)\(", block.code)]
    functions = [block for block in blocks if block.code.startswith("function ")]
    text = ["[rules/README.md](../rules/README.md) teaches these."]
    return section("rule", text, functions, [block for block in blocks if has_types(block)])


def others():
    """What a rule is given besides a target, and what stands beside it: each file of annotations that is left is a section."""
    lines = []
    for path in sorted(FOLDER.glob("*.lua")):
        if path.name in ("raw_material.lua", "rule.lua", *TARGET):
            continue
        blocks = [block for block in read_blocks(path) if not block.values("meta")]
        functions = [block for block in blocks if block.code.startswith("function ")]
        text = ["[rules/README.md](../rules/README.md) teaches it."]
        lines += section(path.stem, text, functions, [block for block in blocks if has_types(block)])
    return lines


def page():
    head = (FOLDER / "reference.md").read_text()
    listed = [name for row in re.findall(r"^\| (\[.*?) \|", head, re.MULTILINE) for name in re.findall(r"\[(\w+)\]\(#\1\)", row)]
    raw = {"bytes", "crypto", "der", "raise", "parallel"}
    libraries = [name for name in listed if name not in raw]
    inner = []
    for path in sorted(SCRIPTS.glob("*.lua")):
        if path.stem in libraries:
            continue
        said = [line.removeprefix("--- ") for line in path.read_text().splitlines()[:2] if line.startswith("---")]
        if "`" not in " ".join(said):
            raise Mistake(f"{path.name}: reference.md does not list it, and its first lines do not say which library it is of")
        inner.append(f"- `{path.stem}`: {' '.join(said)}")
    parts = {
        "libraries": [line for name in libraries for line in library(name)] + ["## Parts of libraries", *inner],
        "raw material": raw_material(),
        "probes": probes() + rules() + others(),
    }
    for name, lines in parts.items():
        mark = f"<!-- {name} -->\n"
        if mark not in head:
            raise Mistake(f"reference.md has no {mark.strip()}")
        head = head.replace(mark, "\n".join(lines).strip("\n") + "\n")
    note = "<!-- Written by scripts/annotations/reference.py from reference.md and the comments in scripts/: change those. -->\n"
    return note + re.sub(r"\n{3,}", "\n\n", head)


def main():
    try:
        text = page()
    except Mistake as mistake:
        print(mistake, file=sys.stderr)
        return 1
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(text)
        return 0
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 64
    if PAGE.read_text() == text:
        return 0
    print("scripts/README.md is not what its sources say; change those, then: scripts/annotations/reference.py --write", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
