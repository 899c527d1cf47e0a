#include "report/html_script.hpp"

namespace audit::report {

// Well-formed as XML too: no less-than sign and no ampersand.
Markup script() {
  return R"js(
"use strict";
(() => {
  const severities = ["critical", "high", "medium", "low", "info"];
  const make = (kind, words) => {
    const element = document.createElement(kind);
    element.textContent = words;
    return element;
  };
  const key = (cell) => {
    const severity = cell.querySelector(".severity");
    const text = cell.textContent.replace(/\u202f/g, "").trim();
    if (cell.className === "n") return Number.parseFloat(text.replace("none", "-1").replace("–", "-1e9")) || 0;
    return severity ? severities.indexOf(severity.textContent.toLowerCase()) : text;
  };
  const compare = (a, b) => {
    if (typeof a === "number") return a - b;
    return String(a).localeCompare(String(b), "en", { numeric: true });
  };
  const sort = (table, column, head) => {
    const back = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", back ? "descending" : "ascending");
    const rows = Array.from(table.tBodies[0].rows);
    rows.sort((a, b) => (back ? -1 : 1) * compare(key(a.cells[column]), key(b.cells[column])));
    table.tBodies[0].append(...rows);
  };
  const sortable = (table) => {
    Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
      const button = make("button", "");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, column, head));
      head.append(button);
    });
  };
  const filter = (before, name, parts) => {
    const bar = make("p", "");
    const label = make("label", "Show only " + name + " with ");
    const field = make("input", "");
    const told = make("output", "");
    field.type = "search";
    bar.className = "tools";
    label.append(field);
    bar.append(label, told);
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      let shown = 0;
      for (const part of parts) {
        const wrong = !part.textContent.toLowerCase().includes(wanted);
        part.classList.toggle("filtered", wrong);
        if (!wrong) shown += 1;
      }
      told.textContent = wanted === "" ? "" : " " + shown + " of " + parts.length + " shown";
    });
    before.before(bar);
    return bar;
  };
  for (const table of document.querySelectorAll("main table.stack")) {
    const rows = Array.from(table.tBodies[0].rows);
    if (rows.length > 1) sortable(table);
    if (rows.length > 9) filter(table.parentElement, "rows", rows);
  }
  const findings = document.querySelector("#findings");
  const parts = Array.from(findings.querySelectorAll(".finding[id]"));
  if (parts.length > 1) {
    const bar = filter(findings.querySelector("h3"), "findings", parts);
    for (const open of [true, false]) {
      const button = make("button", open ? "Unfold all evidence" : "Fold all evidence");
      button.type = "button";
      button.addEventListener("click", () => {
        for (const details of findings.querySelectorAll("details")) details.open = open;
      });
      bar.append(button);
    }
  }
})();
)js";
}

Markup script_source() { return "'sha256-efYhOYyXbD9Qpnnb9iS6hzO1x9HShAjIQiIQp5EJxt8='"; }

}  // namespace audit::report
