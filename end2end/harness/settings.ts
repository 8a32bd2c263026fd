// Where the programs under test are. `cargo xtask test browser` sets all of it.

import { existsSync } from "node:fs";
import { arch, platform } from "node:os";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

/** The checkout's top folder. */
export const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url));

/** A program built by cargo. */
export function program(name: "necto" | "necto-sandbox"): string {
  return existing(join(process.env["NECTO_PROGRAMS"] ?? join(CHECKOUT, "target/debug"), name));
}

/** The program behind `cargo xtask`. */
export function xtask(): string {
  return existing(process.env["NECTO_XTASK"] ?? join(CHECKOUT, "target/debug/xtask"));
}

/** The local chain's own program; the wrapper that npm puts into `.bin` cannot be stopped by its id. */
export function chainProgram(): string {
  const system = platform() === "darwin" ? "darwin" : "linux";
  const machine = arch() === "arm64" ? "arm64" : "amd64";
  return existing(
    join(CHECKOUT, `contracts/node_modules/@foundry-rs/anvil-${system}-${machine}/bin/anvil`),
  );
}

/** Environment with which the server serves the browser part that was built last. */
export function siteEnvironment(): Record<string, string> {
  const root = process.env["NECTO_SITE_ROOT"] ?? join(CHECKOUT, "target/site");
  return {
    NECTO_SITE_ROOT: existing(root),
    LEPTOS_HASH_FILES: process.env["LEPTOS_HASH_FILES"] ?? "false",
  };
}

function existing(path: string): string {
  if (!existsSync(path)) {
    throw new Error(`${path} is missing: run \`cargo xtask test browser\`, which builds what it needs`);
  }
  return path;
}
