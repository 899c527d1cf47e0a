"""What html5lib's tokenizer makes of pages: python3 html_tokens.py < JSON list of texts > JSON list of summaries.

It runs as Debian's Python, which has the package python3-html5lib; html_test.py compares scripts/html.lua with it.
"""

import io
import json
import re
import sys

from html5lib._tokenizer import HTMLTokenizer
from html5lib.constants import tokenTypes

RAW = {"title": "rcdataState", "textarea": "rcdataState", "script": "scriptDataState", "style": "rawtextState", "xmp": "rawtextState",
       "iframe": "rawtextState", "noembed": "rawtextState", "noframes": "rawtextState", "plaintext": "plaintextState"}
RESOURCES = {"img": "src", "iframe": "src", "script": "src", "link": "href", "embed": "src", "object": "data"}


def url(text):
    return "".join(c for c in text.strip("".join(map(chr, range(33)))) if c not in "\t\r\n")


def run_together(text):
    return re.sub("[ \t\n\f\r]+", " ", text).removeprefix(" ").removesuffix(" ")


def summary(text):
    """One text, the same that html_test.py has the rule write."""
    tokenizer = HTMLTokenizer(io.StringIO(text))
    seen = {"links": [], "resources": [], "comments": [], "controls": [], "forms": [], "title": None}
    in_title, in_form, in_svg = None, False, False
    for token in tokenizer:
        kind = token["type"]
        if in_title is not None:
            if kind in (tokenTypes["Characters"], tokenTypes["SpaceCharacters"]):
                in_title += token["data"]
                continue
            if kind == tokenTypes["ParseError"]:
                continue
            if seen["title"] is None:
                seen["title"] = run_together(in_title)
            in_title = None
        if kind == tokenTypes["Comment"]:
            seen["comments"].append(token["data"])
        elif kind == tokenTypes["EndTag"]:
            in_form = in_form and token["name"] != "form"
            in_svg = in_svg and token["name"] != "svg"
        elif kind == tokenTypes["StartTag"]:
            name, data = token["name"], token["data"]
            # html5lib hands on [name, value] pairs: the first of each name counts
            attributes = {}
            for key, value in (data.items() if hasattr(data, "items") else data):
                attributes.setdefault(key, value)
            if name in RAW and not (in_svg and name == "title"):
                tokenizer.state = getattr(tokenizer, RAW[name])
                if name == "title":
                    in_title = ""
            if name == "svg":
                in_svg = not token["selfClosing"]
            if name in ("a", "area") and "href" in attributes:
                seen["links"].append(f"{name} {url(attributes['href'])}")
            if name in RESOURCES and RESOURCES[name] in attributes:
                seen["resources"].append(f"{name} {url(attributes[RESOURCES[name]])}")
            if name == "form" and not in_form:
                in_form = True
                seen["forms"].append(url(attributes["action"]) if "action" in attributes else "nil")
            if name in ("input", "select", "textarea", "button"):
                seen["controls"].append(f"{name} {attributes.get('name', 'nil')} {attributes.get('value', 'nil')}")
    if in_title is not None and seen["title"] is None:
        seen["title"] = run_together(in_title)
    seen["controls"].sort(key=lambda text: text.encode())
    return "|".join([str(seen["title"])] + [",".join(seen[kind]) for kind in ("links", "resources", "comments", "controls", "forms")])


json.dump([summary(text) for text in json.load(sys.stdin)], sys.stdout)
