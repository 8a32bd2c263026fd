// Everything that guards a change of the contracts: generated files, unit, fuzz and invariant tests in the CI profile,
// gas snapshot, branch coverage. Ends with one line, "N passed, N failed".
//
//   node tools/test.mjs            the whole
//   node tools/test.mjs --quick    the same with few runs, for working
//   node tools/test.mjs --gas      writes the gas snapshot anew
import { spawnSync } from "node:child_process";

import { forge, root } from "./forge.mjs";

const quick = process.argv.includes("--quick");
const GAS = ["test", "--isolate", "--match-path", "test/gas/*"];

if (process.argv.includes("--gas")) {
  process.exit(spawnSync(forge, [...GAS, "--gas-snapshot-emit", "true"], { cwd: root, stdio: "inherit" }).status ?? 1);
}

let passed = 0;
let failed = 0;

function run(program, args, env = {}) {
  return spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
}

function part(name, body) {
  const started = process.hrtime.bigint();
  const problem = body();
  const seconds = Number((process.hrtime.bigint() - started) / 1_000_000n) / 1_000;
  if (problem) console.error(problem);
  console.log(`${problem ? "FAILED" : "ok"}  ${name} (${seconds.toFixed(1)} s)`);
  return problem === null;
}

function check(name, program, args, env) {
  const fine = part(name, () => {
    const result = run(program, args, env);
    return result.status === 0 ? null : `${result.stdout}\n${result.stderr}`;
  });
  if (fine) passed += 1;
  else failed += 1;
}

/** Runs forge's tests, counts them one by one, and prints those that failed in full. */
function forgeTests() {
  part("unit, fuzz and invariant tests", () => {
    const result = run(forge, ["test"], { FOUNDRY_PROFILE: quick ? "default" : "ci" });
    const summary = /(\d+) tests? passed, (\d+) failed, \d+ skipped \(\d+ total/.exec(result.stdout);
    if (!summary) {
      failed += 1;
      return `forge did not finish its tests:\n${result.stdout}\n${result.stderr}`;
    }
    passed += Number(summary[1]);
    failed += Number(summary[2]);
    const failures = result.stdout.split("Failing tests:")[1];
    return failures ? `Failing tests:${failures}` : null;
  });
}

check("the vectors are what their generator writes", "node", ["test/vectors/generate.mjs", "--check"]);
check("the ABI and bytecode are what the sources give", "node", ["tools/artefacts.mjs", "--check"]);
forgeTests();
check("the gas snapshot holds", forge, [...GAS, "--gas-snapshot-check", "true"]);
part("branch coverage", () => {
  const result = run("node", ["tools/coverage.mjs"]);
  process.stdout.write(result.stdout);
  if (result.status === 0) passed += 1;
  else failed += 1;
  return result.status === 0 ? null : result.stderr;
});

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
