// node ajv_check.cjs SCHEMA DOCUMENT…: by document, what is wrong with it, as one JSON object; {} where nothing is.
const fs = require("node:fs");
const read = (path) => JSON.parse(fs.readFileSync(path, "utf8"));

const [schemaPath, ...documents] = process.argv.slice(2);
const schema = read(schemaPath);
const dialect = /2020-12/.test(schema.$schema) ? "ajv/dist/2020" : /draft-04/.test(schema.$schema) ? "ajv-draft-04" : "ajv";
const Ajv = require(dialect).default;
const ajv = new Ajv({ strict: false, allErrors: false });
require("ajv-formats").default(ajv);
const validate = ajv.compile(schema);
const faults = {};
for (const path of documents)
  if (!validate(read(path)))
    faults[path] = validate.errors.slice(0, 5).map((one) => `${one.instancePath.slice(0, 200)} ${one.message} ${JSON.stringify(one.params).slice(0, 200)}`);
process.stdout.write(JSON.stringify(faults));
