// Reads every sample's sequence diagrams with mermaid's own parser, and those of a capture with hostile words in it.
// Takes the program's path; mermaid and jsdom stand in the folder that `NODE_MODULES` names.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const program = process.argv[2];
const modules = process.env.NODE_MODULES;
const load = (name) => import(pathToFileURL(createRequire(join(modules, "any.js")).resolve(name)));
const { JSDOM } = await load("jsdom");
const { window } = new JSDOM("");
Object.assign(globalThis, { window, document: window.document });
const mermaid = (await import(pathToFileURL(join(modules, "mermaid/dist/mermaid.core.mjs")))).default;

function diagrams(path) {
  const run = spawnSync(program, ["analyze", "--format", "mermaid", path], { encoding: "utf8" });
  if (![0, 1, 4].includes(run.status)) throw new Error(`${path}: exit code ${run.status}: ${run.stderr}`);
  return run.stdout.split(/^(?=sequenceDiagram$)/m);
}

// What mermaid made of a diagram: its participants, notes and messages.
async function parsed(text) {
  if (text.length > 50000) throw new Error("longer than mermaid reads");
  await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  return { actors: db.getActorKeys().length, messages: db.getMessages().length };
}

let count = 0;
async function check(path, shape) {
  for (const text of diagrams(path)) {
    const lines = text.split("\n").filter((line) => /^ *(Note|\w+(-->>|->>|-x))/.test(line)).length;
    const participants = text.split("\n").filter((line) => line.startsWith("    participant ")).length;
    try {
      const { actors, messages } = await parsed(text);
      if (messages !== lines || actors !== participants) throw new Error(`${messages} of ${lines} lines, ${actors} of ${participants} lanes`);
    } catch (error) {
      console.error(`${path} ${shape}:\n${text}\n${error.message}`);
      process.exitCode = 1;
    }
    count += 1;
  }
}

for (const name of readdirSync("samples").filter((name) => name.includes(".pcap"))) await check(join("samples", name), "");

// Words of a client, of a status' length.
const folder = mkdtempSync(join(tmpdir(), "mermaid-"));
const hostile = ["end", "end;#<b>x", "%%{init:{}}", "wrap:style:#;", "W->>B1: x;", "\\nend\\nloop x", "#59; #quot;", "box red", "activate W", "@{x}", "ﬂ°°35¶ß", "$$x$$ `y`", "<br/><i>", "style a:#b;", "classDef:#;;"];
for (const [number, word] of hostile.entries()) {
  const octets = readFileSync("samples/web-phone-call.pcap");
  const [old, fresh] = [Buffer.from("ESTABLISHED"), Buffer.alloc(11, " ")];
  fresh.write(word);
  let found = 0;
  for (let at = octets.indexOf(old); at >= 0; at = octets.indexOf(old, at + 1)) found += fresh.copy(octets, at) > 0;
  if (!found) throw new Error("no status to change");
  const path = join(folder, `${number}.pcap`);
  writeFileSync(path, octets);
  await check(path, word);
}
console.log(`${count} diagrams read by mermaid`);
