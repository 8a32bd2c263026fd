#!/usr/bin/env node
// Lets forge use the npm compiler: it answers the two calls forge makes of a native solc.
"use strict";
const fs = require("node:fs");
const solc = require("solc");

const argument = process.argv[2];

function writeFully(text) {
  const bytes = Buffer.from(text, "utf8");
  let written = 0;
  while (written < bytes.length) {
    try {
      written += fs.writeSync(1, bytes, written, bytes.length - written);
    } catch (error) {
      // A full pipe is not a failure: the reader has not caught up yet.
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

if (argument === "--version") {
  const version = solc.version().replace("Emscripten.clang", "Linux.g++");
  writeFully(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else if (process.argv.includes("--standard-json")) {
  writeFully(solc.compile(fs.readFileSync(0, "utf8")));
} else {
  process.stderr.write(`solc.cjs answers --version and --standard-json only, not ${argument}\n`);
  process.exit(1);
}
