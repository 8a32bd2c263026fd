// Writes contracts/abi/*.json from the compiler's output. With --check it writes nothing and fails if it would have
// changed something, or if the code needs an opcode that is newer than Cancun or a file that is larger than allowed.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { forge, root } from "./forge.mjs";
import { newerThanCancun } from "./opcodes.mjs";

const CONTRACTS = ["TestnetUSDC", "AkashEscrow", "ComputeRouter", "ProviderRegistry", "SignatureVerdict"];
const LARGEST_CODE_BYTES = 24_576;

const check = process.argv.includes("--check");

// A directory of its own, built anew: a lint run can leave artefacts without bytecode in the shared one.
const out = join(root, "cache", "artefacts");
const build = ["build", "--root", root, "--skip", "test", "--quiet", "--force", "--out", out];
execFileSync(forge, [...build, "--cache-path", join(root, "cache", "artefacts-cache")], { stdio: "inherit" });
mkdirSync(join(root, "abi"), { recursive: true });

const problems = [];
for (const name of CONTRACTS) {
  const built = JSON.parse(readFileSync(join(out, `${name}.sol`, `${name}.json`), "utf8"));
  const artefact = {
    abi: built.abi,
    bytecode: built.bytecode.object,
    deployedBytecode: built.deployedBytecode.object,
    // Where the deployed code carries values of the constructor: whoever compares code must look past them. The
    // compiler's own keys are node ids, which change with every unrelated line.
    immutables: Object.values(built.deployedBytecode.immutableReferences ?? {})
      .flat()
      .sort((one, other) => one.start - other.start),
  };
  const size = (artefact.deployedBytecode.length - 2) / 2;
  if (size > LARGEST_CODE_BYTES) problems.push(`${name} is ${size} bytes, more than ${LARGEST_CODE_BYTES}`);
  const alien = newerThanCancun(artefact.deployedBytecode);
  if (alien.length > 0) problems.push(`${name} uses opcodes newer than Cancun: ${alien.join(", ")}`);

  const file = join(root, "abi", `${name}.json`);
  const text = `${JSON.stringify(artefact, null, 1)}\n`;
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (check && before !== text) problems.push(`abi/${name}.json is not what the sources give: npm run artefacts`);
  if (!check && before !== text) writeFileSync(file, text);
  console.log(`${name}: ${size} bytes of code`);
}
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
