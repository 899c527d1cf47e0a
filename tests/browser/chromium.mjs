import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url); // finds what tests/node.sh installed by NODE_PATH, which import does not read
const { chromium } = require("playwright-core");

function found(name) {
  for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
    const program = path.join(folder, name);
    if (fs.existsSync(program)) return program;
  }
  throw new Error(`${name} is not installed (tests/packages.txt)`);
}

/// Why chromium did not start, in one line: the first that it wrote itself about its end, or the driver's.
function reason(error) {
  const lines = error.message.replace(/\x1b\[[0-9;]*m/g, "").split("\n");
  return lines.find((line) => /FATAL|No usable sandbox|error while loading/.test(line)) ?? lines[0];
}

/// Debian's chromium. Its sandbox is left off for root alone, whom it refuses. Ends with 77 where it cannot start here.
export async function openBrowser() {
  try {
    return await chromium.launch({
      executablePath: found("chromium"),
      chromiumSandbox: process.getuid() !== 0,
      timeout: 0, // the caller has the deadline
      args: ["--disable-background-networking", "--disable-gpu"],
    });
  } catch (error) {
    process.stderr.write(`chromium does not start here: ${reason(error)}\n`);
    process.exit(77);
  }
}
