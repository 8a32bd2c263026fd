// What takes too long for every change: slither, halmos, and the breaks of mutate.mjs, in a Python environment of its own
// with pinned versions. Ends with one line, "N passed, N failed"; says "skipped: no Python" where there is none.
//
//   node tools/audit.mjs                          all three
//   node tools/audit.mjs slither halmos           some of: slither halmos mutations
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import { programFolder, root } from "./forge.mjs";

const environment = join(root, "cache", "audit-venv");
const requirements = join(root, "tools", "audit", "requirements.txt");
const answered = join(root, "tools", "audit", "slither-answered.json");

const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const wants = (part) => wanted.length === 0 || wanted.includes(part);
let passed = 0;
let failed = 0;

function run(program, args, env = {}) {
  const path = [programFolder("forge"), join(environment, "bin"), process.env.PATH].join(delimiter);
  return spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, PATH: path, ...env },
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
}

function report(name, problem) {
  if (problem === null) passed += 1;
  else failed += 1;
  if (problem !== null) console.error(problem);
  console.log(`${problem === null ? "ok" : "FAILED"}  ${name}`);
}

/** Makes the Python environment unless it is there with these very versions. */
function prepare() {
  const stamp = join(environment, "installed.txt");
  const versions = readFileSync(requirements, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === versions) return;
  for (const [program, args] of [
    ["python3", ["-m", "venv", environment]],
    [join(environment, "bin", "pip"), ["install", "--quiet", "-r", requirements]],
  ]) {
    const result = run(program, args);
    if (result.status !== 0) throw new Error(`${program} ${args.join(" ")}:\n${result.stdout}\n${result.stderr}`);
  }
  writeFileSync(stamp, versions);
}

/** Every finding must be answered in SECURITY.md, under the number that slither-answered.json gives it. */
function slither() {
  const env = { FOUNDRY_OUT: "cache/slither", FOUNDRY_CACHE_PATH: "cache/slither-cache", FOUNDRY_TEST: "cache/none" };
  const args = [".", "--filter-paths", "node_modules", "--json", "-", "--foundry-out-directory", "cache/slither"];
  const result = run("slither", args, env);
  const start = result.stdout.indexOf('{"success"');
  if (start < 0) return `slither did not run:\n${result.stdout}\n${result.stderr}`;
  const findings = JSON.parse(result.stdout.slice(start)).results.detectors ?? [];
  const known = JSON.parse(readFileSync(answered, "utf8"));
  const security = readFileSync(join(root, "SECURITY.md"), "utf8");
  const keyOf = (finding) => {
    const place = finding.elements.find((element) => element.type === "function") ?? finding.elements[0];
    return `${finding.check}: ${place?.type_specific_fields?.parent?.name ?? ""}.${place?.name ?? ""}`;
  };
  const keys = [...new Set(findings.map(keyOf))].sort();
  console.log(`slither: ${findings.length} findings in ${keys.length} places`);
  const open = keys.filter((key) => !(key in known) || !security.includes(`**${known[key]}**`));
  const stale = Object.keys(known).filter((key) => !keys.includes(key));
  const lines = [
    ...open.map((key) => `not answered in SECURITY.md: ${key}`),
    ...stale.map((key) => `answered, but no longer found: ${key}`),
  ];
  return lines.length === 0 ? null : lines.join("\n");
}

function halmos() {
  const env = { FOUNDRY_OUT: "cache/halmos", FOUNDRY_CACHE_PATH: "cache/halmos-cache", FOUNDRY_TEST: "test/symbolic" };
  const args = ["--root", ".", "--contract", "Accrual_Symbolic", "--forge-build-out", "cache/halmos"];
  const result = run("halmos", [...args, "--solver-timeout-assertion", "120000"], env);
  const summary = /Symbolic test result: (\d+) passed; (\d+) failed/.exec(result.stdout);
  if (summary) console.log(summary[0]);
  const fine = result.status === 0 && summary && summary[2] === "0" && Number(summary[1]) > 0;
  return fine ? null : `${result.stdout}\n${result.stderr}`;
}

function mutations() {
  const result = spawnSync("node", ["tools/mutate.mjs"], { cwd: root, stdio: "inherit" });
  return result.status === 0 ? null : "a break was not found by any test";
}

if (run("python3", ["-c", "import venv, ensurepip"]).status !== 0) {
  console.log("skipped: no Python");
} else {
  if (wants("slither") || wants("halmos")) prepare();
  if (wants("slither")) report("slither", slither());
  if (wants("halmos")) report("halmos", halmos());
}
if (wants("mutations")) report("mutations", mutations());
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
