// node page_check.mjs [--pdf FOLDER] [--pictures FOLDER] FILE…: opens each page in Debian's chromium, light and dark, wide
// and as narrow as a telephone, with script and without, and as it is printed. Prints, by file, what is wrong with it and
// what its print has to hold; with a folder, the PDF of each page, and pictures of it for somebody to look at.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { accessible } from "./accessible.mjs";
import { openBrowser } from "./chromium.mjs";
import { badMarkup, cutText, printed } from "./in_page.mjs";
import { foreignScripts } from "./policy.mjs";
import { watched } from "./watched.mjs";

const wide = 1280;
const narrow = 360;
const paper = 703; // A4 less the margins of the page's own style sheet, in CSS pixels
const height = 800;
const picture = 1600;

// Axe is slow: it sees each pair of light or dark, wide or narrow, script or none; everything else is looked at in all eight.
const states = [
  { script: true, scheme: "light", width: wide, axe: true },
  { script: true, scheme: "light", width: narrow },
  { script: true, scheme: "dark", width: wide },
  { script: true, scheme: "dark", width: narrow, axe: true },
  { script: false, scheme: "light", width: wide },
  { script: false, scheme: "light", width: narrow, axe: true },
  { script: false, scheme: "dark", width: wide, axe: true },
  { script: false, scheme: "dark", width: narrow },
];

const place = (folder, file, suffix) => path.join(folder, path.basename(file, ".html") + suffix);

/// Pictures one below the other, each small enough to be looked at.
async function takePictures(tab, file, state, folder) {
  const length = await tab.evaluate(() => document.scrollingElement.scrollHeight);
  for (let y = 0; y < length; y += picture) {
    const clip = { x: 0, y, width: state.width, height: Math.min(picture, length - y) };
    await tab.screenshot({ path: place(folder, file, `-${state.scheme}-${state.width}-${1 + y / picture}.png`), fullPage: true, clip });
  }
}

async function checkState(tab, file, state, options) {
  await tab.emulateMedia({ media: "screen", colorScheme: state.scheme });
  await tab.setViewportSize({ width: state.width, height });
  const faults = await tab.evaluate(cutText);
  if (state.axe) faults.push(...(await accessible(tab, state.script)));
  if (options.pictures && state.script) await takePictures(tab, file, state, options.pictures);
  return faults.map((fault) => `${state.scheme}, ${state.width} px, script ${state.script ? "on" : "off"}: ${fault}`);
}

async function checkPrint(tab, file, script, options) {
  await tab.emulateMedia({ media: "print", colorScheme: "light" });
  await tab.setViewportSize({ width: paper, height });
  const holds = await tab.evaluate(printed);
  if (!script) return { faults: [], holds };
  const faults = [...(await tab.evaluate(cutText)), ...(await accessible(tab, script, ["color-contrast"]))];
  if (options.pdf) await tab.pdf({ path: place(options.pdf, file, ".pdf"), format: "A4", preferCSSPageSize: true, printBackground: true });
  return { faults: faults.map((fault) => `print: ${fault}`), holds };
}

async function checkPage(context, file, script, options) {
  const url = pathToFileURL(path.resolve(file)).href;
  const { tab, done } = await watched(context, url);
  await tab.goto(url);
  const faults = [...(await tab.evaluate(badMarkup)), ...(await foreignScripts(tab))];
  for (const state of states.filter((one) => one.script === script)) faults.push(...(await checkState(tab, file, state, options)));
  const print = await checkPrint(tab, file, script, options);
  await tab.close();
  return { faults: [...faults, ...print.faults, ...done], printed: print.holds };
}

/// All pages, one after the other.
async function checkAll(browser, files, script, options) {
  const context = await browser.newContext({ javaScriptEnabled: script });
  context.setDefaultTimeout(0); // the caller has the deadline
  const found = {};
  for (const file of files) found[file] = await checkPage(context, file, script, options);
  return found;
}

async function main() {
  const { values: options, positionals: files } = parseArgs({
    allowPositionals: true,
    options: { pdf: { type: "string" }, pictures: { type: "string" } },
  });
  const browser = await openBrowser();
  try {
    const [on, off] = await Promise.all([true, false].map((script) => checkAll(browser, files, script, options)));
    const results = {};
    for (const file of files) {
      const faults = new Set([...on[file].faults, ...off[file].faults]);
      if (!isDeepStrictEqual(on[file].printed, off[file].printed)) faults.add("what is printed is not the same with and without script");
      results[file] = { faults: [...faults], printed: on[file].printed };
    }
    process.stdout.write(JSON.stringify(results));
  } finally {
    await browser.close();
  }
}

await main();
