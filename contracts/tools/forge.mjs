// Runs forge itself. The npm package's own command ends with status 0 whatever forge says, so that a failing test, a
// badly formatted file and a changed gas snapshot would all pass; and it is one process more to stop.
//
//   node tools/forge.mjs test --match-contract Fund_Test
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { argv, arch, platform } from "node:process";
import { fileURLToPath } from "node:url";

const PLATFORMS = { linux: "linux", darwin: "darwin", win32: "win32" };
const MACHINES = { x64: "amd64", arm64: "arm64" };

/** The project's folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The folder in which a Foundry tool's own program lies. */
export function programFolder(tool) {
  const name = `@foundry-rs/${tool}-${PLATFORMS[platform]}-${MACHINES[arch]}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), "bin");
  } catch (error) {
    throw new Error(`${name} is not installed: run npm ci in contracts/`, { cause: error });
  }
}

/** forge's own program. */
export const forge = join(programFolder("forge"), platform === "win32" ? "forge.exe" : "forge");

if (argv[1] === fileURLToPath(import.meta.url)) {
  process.exit(spawnSync(forge, argv.slice(2), { cwd: root, stdio: "inherit" }).status ?? 1);
}
