// Prints what the unit tests reach of src/, and fails below the least that is asked of branches.
import { spawnSync } from "node:child_process";

import { forge, root } from "./forge.mjs";

const LEAST_BRANCHES_PERCENT = 98;

// The invariants reach the same lines again, slowly. The gas tests measure code that coverage would change.
const args = ["coverage", "--report", "summary", "--no-match-path", "test/{invariants,gas}/*"];
const result = spawnSync(forge, args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
if (result.status !== 0) {
  console.error(`${result.stdout}\n${result.stderr}`);
  process.exit(1);
}

let hit = 0;
let all = 0;
for (const line of result.stdout.split("\n")) {
  const cells = line.split("|").map((cell) => cell.trim());
  if (!cells[1]?.startsWith("src/")) continue;
  const branches = /\((\d+)\/(\d+)\)/.exec(cells[4]);
  hit += Number(branches[1]);
  all += Number(branches[2]);
  console.log(`  ${cells[1]}: lines ${cells[2]}, branches ${cells[4]}`);
}
if (all === 0) {
  console.error("no branches of src/ in the report");
  process.exit(1);
}
const percent = (100 * hit) / all;
console.log(`branch coverage of src/: ${percent.toFixed(1)} % (${hit} of ${all})`);
if (percent < LEAST_BRANCHES_PERCENT) {
  console.error(`at least ${LEAST_BRANCHES_PERCENT} % of the branches must be reached`);
  process.exit(1);
}
