import fs from "node:fs";
import { createRequire } from "node:module";

const source = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

// Where scripts are off, what the driver evaluates runs all the same, and its promises too, but no timer does. Axe defers
// its work by timers without delay: the next turn will do.
const timers = "window.setTimeout = (work, delay) => { if (!delay) Promise.resolve().then(work); return 0; };";

/// What axe holds against the page as it is shown now, a line a violation; of all WCAG's A and AA, or these rules alone.
export async function accessible(tab, script, rules) {
  if (!(await tab.evaluate(() => "axe" in window))) await tab.evaluate((script ? "" : timers) + source);
  const wanted = rules ? { type: "rule", values: rules } : { type: "tag", values: tags };
  return tab.evaluate(async (runOnly) => {
    // No page has frames; one that has is at fault for that, and axe would wait for it.
    const { violations } = await axe.run(document, { runOnly, iframes: false, preload: false, resultTypes: ["violations"] });
    return violations.map(
      ({ id, nodes }) => `axe, ${id}, ${nodes.length} times: ${nodes[0].html.slice(0, 200)} ${nodes[0].failureSummary.slice(0, 300)}`,
    );
  }, wanted);
}
