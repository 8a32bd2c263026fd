// Breaks the contracts on purpose, one break at a time, and runs the tests on each: every break must turn a test red.
// Writes the table MUTATIONS.md. Works on a copy; the sources are not touched.
//
//   node tools/mutate.mjs            all
//   node tools/mutate.mjs 3 17       some, by number, without writing the table
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { BREAKS } from "./breaks.mjs";
import { forge, root } from "./forge.mjs";

const copy = join(root, "cache", "mutants");

rmSync(copy, { recursive: true, force: true });
mkdirSync(copy, { recursive: true });
for (const part of ["src", "test", "tools", "foundry.toml", "package.json"]) {
  cpSync(join(root, part), join(copy, part), { recursive: true });
}
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));

/** Where a break of a file is most likely found: trying there first saves compiling everything for each break. */
const LIKELY = {
  "AkashEscrow.sol": ["Stream", "Completion", "Custody", "Fund"].map((name) => `test/escrow/${name}.t.sol`),
  "KeptBalance.sol": ["test/escrow/Kept.t.sol", "test/escrow/Custody.t.sol"],
  "libraries/Accrual.sol": ["test/escrow/Accrual.t.sol", "test/escrow/Stream.t.sol"],
  "ComputeRouter.sol": ["test/router/*"],
  "ProviderRegistry.sol": ["test/registry/*"],
  "TestnetUSDC.sol": ["test/token/*"],
};

/** Runs the tests on the copy, the likely ones first, and says which one failed first; null if all passed. */
function firstFailure(file) {
  for (const path of LIKELY[file] ?? []) {
    const failure = firstFailureOf(["--match-path", path]);
    if (failure !== null) return failure;
  }
  return firstFailureOf(["--no-match-path", "test/gas/*"]);
}

function firstFailureOf(selection) {
  const args = ["test", "--fail-fast", ...selection];
  const result = spawnSync(forge, args, { cwd: copy, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 });
  if (result.status === 0) return null;
  const suites = result.stdout.split(/\nRan \d+ tests? for /).slice(1);
  for (const suite of suites) {
    if (!suite.includes("[FAIL")) continue;
    const failure = /\[FAIL[^\n]*\]\s+(?:\[Sequence\][\s\S]*?\n\s*)?(\w+)\(/.exec(suite);
    if (failure) return `${/[^:]+:(\w+)/.exec(suite)[1]}.${failure[1]}`;
  }
  throw new Error(`the tests did not run:\n${result.stdout}\n${result.stderr}`);
}

const wanted = process.argv.slice(2).map(Number);
const rows = [];
let survived = 0;
const baseline = firstFailure();
if (baseline !== null) throw new Error(`${baseline} fails without any break`);
for (const [index, { file, what, from, to }] of BREAKS.entries()) {
  const number = index + 1;
  if (wanted.length > 0 && !wanted.includes(number)) continue;
  const path = join("src", file);
  const source = readFileSync(join(root, path), "utf8");
  if (source.split(from).length !== 2) throw new Error(`break ${number} (${what}) must fit exactly one place`);
  writeFileSync(join(copy, path), source.replace(from, () => to));
  const killer = firstFailure(file);
  writeFileSync(join(copy, path), source);
  if (killer === null) survived += 1;
  rows.push(`| ${number} | ${file} | ${what} | ${killer === null ? "**nothing**" : `\`${killer}\``} |`);
  console.log(`${killer === null ? "SURVIVED" : "found"}  ${number} ${file}: ${what} (${killer ?? "nothing"})`);
}
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
  `${rows.length - survived} of ${rows.length} found.`,
  "",
];
if (wanted.length === 0) writeFileSync(join(root, "MUTATIONS.md"), table.join("\n"));
console.log(`${rows.length - survived} found, ${survived} survived`);
process.exit(survived === 0 ? 0 : 1);
