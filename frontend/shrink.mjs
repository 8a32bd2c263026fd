// Makes WASM modules smaller in their place, as `wasm-opt -Oz` does: all of a folder's in one process, because the
// optimiser takes longer to start than to shrink most of them.
//
//     node shrink.mjs [--names] MODULE...
//
// With --names functions keep theirs.

import { readFile, writeFile } from "node:fs/promises";

import binaryen from "binaryen";

// What Rust emits, which the optimiser has to be told about.
const known = binaryen.Features;
const FEATURES =
  known.BulkMemory |
  known.BulkMemoryOpt |
  known.NontrappingFPToInt |
  known.SignExt |
  known.MutableGlobals |
  known.ReferenceTypes |
  known.CallIndirectOverlong |
  known.Multivalue;

binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);
const [named, modules] = process.argv[2] === "--names" ? [true, process.argv.slice(3)] : [false, process.argv.slice(2)];
binaryen.setDebugInfo(named);

for (const path of modules) {
  const module = binaryen.readBinary(await readFile(path));
  module.setFeatures(FEATURES);
  module.optimize();
  await writeFile(path, module.emitBinary());
  module.dispose();
}
