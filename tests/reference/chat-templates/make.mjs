// Renders every snippet with npm @huggingface/jinja; see README.md. Writes JSON lines to standard output.
import { Template } from "@huggingface/jinja";
import { snippets } from "./snippets.mjs";

for (const { name, template, variables } of snippets) {
  const line = { name, template, variables };
  try {
    line.output = new Template(template).render(structuredClone(variables));
  } catch (error) {
    line.error = error.message;
  }
  console.log(JSON.stringify(line));
}
