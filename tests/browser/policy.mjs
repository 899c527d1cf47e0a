import { createHash } from "node:crypto";

/// Scripts that the page's own policy does not name by their hash, and a policy that lets others run or anything be loaded.
export async function foreignScripts(tab) {
  const { policy, scripts } = await tab.evaluate(() => ({
    policy: document.querySelector("head > meta[http-equiv=Content-Security-Policy]")?.content ?? "",
    scripts: Array.from(document.scripts, (script) => script.text),
  }));
  const faults = [];
  if (!policy.includes("default-src 'none'")) faults.push(`its policy is no "default-src 'none'": ${policy}`);
  if (/script-src[^;]*('unsafe|\*|http|data:)/.test(policy)) faults.push(`its policy lets any script run: ${policy}`);
  for (const script of scripts) {
    const hash = createHash("sha256").update(script, "utf8").digest("base64");
    if (!policy.includes(`'sha256-${hash}'`)) faults.push(`a script that its policy does not name: ${script.slice(0, 160)}`);
  }
  return faults;
}
