// Renders real chat templates, which are not part of this repository, with npm @huggingface/jinja.
// node real.mjs FOLDER: every *.jinja in it; writes JSON lines with the outputs to standard output.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Template } from "@huggingface/jinja";
import { scenarios } from "./scenarios.mjs";

const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length > 0 ? given : [RealDate.UTC(2026, 0, 2, 3, 4, 5)]));
  }
};

const folder = process.argv[2];
for (const file of readdirSync(folder).filter((name) => name.endsWith(".jinja")).sort()) {
  const template = readFileSync(join(folder, file), "utf8");
  for (const [scenario, variables] of Object.entries(scenarios)) {
    const line = { file, template, scenario, variables };
    try {
      line.output = new Template(template).render(structuredClone(variables));
    } catch (error) {
      line.error = error.message;
    }
    console.log(JSON.stringify(line));
  }
}
