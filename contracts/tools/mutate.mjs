// Breaks the contracts on purpose, one break at a time, and runs the tests on each: every break must turn a test red.
// Writes the table MUTATIONS.md. Works on copies; the sources are not touched. What was found is kept in cache/, so that
// an interrupted run goes on where it stopped, as long as no source and no test has changed.
//
//   node tools/mutate.mjs            all
//   node tools/mutate.mjs --jobs 4   the same, four at a time (two if not said)
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { BREAKS } from "./breaks.mjs";
import { forge, root } from "./forge.mjs";

const flag = process.argv.indexOf("--jobs");
const jobs = flag < 0 ? 2 : Number(process.argv[flag + 1]);
const keptFile = join(root, "cache", "mutations.json");

/** Where a break of a file is most likely found: trying there first saves compiling everything for each break. */
const LIKELY = {
  "AkashEscrow.sol": ["Stream", "Completion", "Custody", "Fund"].map((name) => `test/escrow/${name}.t.sol`),
  "KeptBalance.sol": ["test/escrow/Kept.t.sol", "test/escrow/Custody.t.sol"],
  "libraries/Accrual.sol": ["test/escrow/Accrual.t.sol", "test/escrow/Stream.t.sol"],
  "ComputeRouter.sol": ["test/router/*"],
  "ProviderRegistry.sol": ["test/registry/*"],
  "TestnetUSDC.sol": ["test/token/*"],
};

/** The hash of everything that a result depends on but the break itself. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const folder of ["src", "test"]) {
    const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    const paths = files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
    for (const path of paths.sort()) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

function makeCopy(worker) {
  const copy = join(root, "cache", `mutants-${worker}`);
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const part of ["src", "test", "tools", "foundry.toml", "package.json"]) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** Runs the tests of a copy, the likely ones first, and says which one failed first; null if all passed. */
async function firstFailure(copy, file) {
  for (const path of LIKELY[file] ?? []) {
    const failure = await firstFailureOf(copy, ["--match-path", path]);
    if (failure !== null) return failure;
  }
  return firstFailureOf(copy, ["--no-match-path", "test/gas/*"]);
}

async function firstFailureOf(copy, selection) {
  // What a break does is the same without the optimizer, and compiling is most of the work.
  const env = { ...process.env, FOUNDRY_OPTIMIZER: "false" };
  const child = spawn(forge, ["test", "--fail-fast", ...selection], { cwd: copy, env });
  let output = "";
  child.stdout.on("data", (bytes) => (output += bytes));
  child.stderr.on("data", (bytes) => (output += bytes));
  const status = await new Promise((resolve) => child.on("close", resolve));
  if (status === 0) return null;
  for (const suite of output.split(/\nRan \d+ tests? for /).slice(1)) {
    if (!suite.includes("[FAIL")) continue;
    const failure = /\[FAIL[^\n]*\]\s+(?:\[Sequence\][\s\S]*?\n\s*)?(\w+)\(/.exec(suite);
    if (failure) return `${/[^:]+:(\w+)/.exec(suite)[1]}.${failure[1]}`;
  }
  throw new Error(`the tests did not run:\n${output}`);
}

const state = fingerprint();
const kept = existsSync(keptFile) ? JSON.parse(readFileSync(keptFile, "utf8")) : {};
const found = kept.state === state ? kept.found : {};
const keyOf = ({ file, what }) => `${file}: ${what}`;

function keep(key, killer) {
  found[key] = killer;
  writeFileSync(keptFile, JSON.stringify({ state, found }, null, 1));
  console.log(`${killer === null ? "SURVIVED" : "found"}  ${key} (${killer ?? "nothing"})`);
}

for (const one of BREAKS) {
  const source = readFileSync(join(root, "src", one.file), "utf8");
  if (source.split(one.from).length !== 2) throw new Error(`${keyOf(one)} must fit exactly one place`);
}

const waiting = BREAKS.filter((one) => !(keyOf(one) in found));
async function work(worker) {
  if (waiting.length === 0) return;
  const copy = makeCopy(worker);
  if (worker === 1 && !("no break" in found)) {
    const baseline = await firstFailureOf(copy, ["--no-match-path", "test/gas/*"]);
    if (baseline !== null) throw new Error(`${baseline} fails without any break`);
    keep("no break", "");
  }
  for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
    const path = join(copy, "src", one.file);
    const source = readFileSync(path, "utf8");
    writeFileSync(path, source.replace(one.from, () => one.to));
    keep(keyOf(one), await firstFailure(copy, one.file));
    writeFileSync(path, source);
  }
}
await Promise.all(Array.from({ length: jobs }, (_, index) => work(index + 1)));

const rows = BREAKS.map((one, index) => {
  const killer = found[keyOf(one)];
  return `| ${index + 1} | ${one.file} | ${one.what} | ${killer === null ? "**nothing**" : `\`${killer}\``} |`;
});
const survived = BREAKS.filter((one) => found[keyOf(one)] === null).length;
const table = [
  "# Breaks and what finds them",
  "",
  "Written by `npm run mutate`: each line is one break of the contracts, made on a copy, and the first test that turned",
  "red.",
  "",
  "| # | file | break | found by |",
  "|---|---|---|---|",
  ...rows,
  "",
  `${BREAKS.length - survived} of ${BREAKS.length} found.`,
  "",
];
writeFileSync(join(root, "MUTATIONS.md"), table.join("\n"));
console.log(`${BREAKS.length - survived} found, ${survived} survived`);
process.exit(survived === 0 ? 0 : 1);
