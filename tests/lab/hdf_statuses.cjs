// node hdf_statuses.cjs REPORT…: by report, how Heimdall's own library counts its controls.
const fs = require("node:fs");
const { convertFile, hdfWrapControl } = require("inspecjs");

const counts = {};
for (const path of process.argv.slice(2)) {
  const converted = convertFile(fs.readFileSync(path, "utf8"), true);
  const execution = converted["1_0_ExecJson"];
  if (!execution) throw new Error(`${path}: ${JSON.stringify(converted.errors)}`);
  counts[path] = {};
  for (const profile of execution.profiles)
    for (const control of profile.controls) {
      const { status } = hdfWrapControl(control);
      counts[path][status] = (counts[path][status] ?? 0) + 1;
    }
}
process.stdout.write(JSON.stringify(counts));
