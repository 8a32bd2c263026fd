// Writes `.br` and `.gz` beside every file of a site that gets smaller by it.
// usage: node compress.mjs FOLDER

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const SHRINKING = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".wasm", ".xml"]);

const folder = process.argv[2];
if (!folder) {
  console.error("usage: node compress.mjs FOLDER");
  process.exit(1);
}

for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !SHRINKING.has(extname(entry.name))) continue;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  const content = readFileSync(path);
  const forms = {
    ".br": brotliCompressSync(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
    ".gz": gzipSync(content, { level: constants.Z_BEST_COMPRESSION }),
  };
  for (const [ending, compressed] of Object.entries(forms)) {
    if (compressed.length < content.length) {
      writeFileSync(path + ending, compressed);
    } else {
      rmSync(path + ending, { force: true });
    }
  }
}
