// How much of a WASM module is code of certain functions.

import { brotliCompressSync } from "node:zlib";

const CUSTOM_SECTION = 0;
const IMPORT_SECTION = 2;
const CODE_SECTION = 10;
const FUNCTION_NAMES = 1;

/** Reads the integers and names of the format, front to back. */
class Reader {
  constructor(
    readonly bytes: Uint8Array,
    public at = 0,
    readonly end = bytes.length,
  ) {}

  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        return value;
      }
    }
  }

  slice(length: number): Uint8Array {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  name(): string {
    return new TextDecoder().decode(this.slice(this.number()));
  }
}

/** The code of all functions whose name matches, compressed together, in bytes. */
export function brotliOfFunctions(module: Uint8Array, fits: (name: string) => boolean): number {
  const reader = new Reader(module, 8);
  const bodies: Uint8Array[] = [];
  const names = new Map<number, string>();
  let imported = 0;
  while (reader.at < reader.end) {
    const id = reader.number();
    const length = reader.number();
    const section = new Reader(module, reader.at, reader.at + length);
    reader.at += length;
    if (id === IMPORT_SECTION) {
      imported = section.number();
    } else if (id === CODE_SECTION) {
      for (let left = section.number(); left > 0; left -= 1) {
        bodies.push(section.slice(section.number()));
      }
    } else if (id === CUSTOM_SECTION && section.name() === "name") {
      readNames(section, names);
    }
  }
  const code = bodies.filter((_, at) => fits(names.get(at + imported) ?? ""));
  if (code.length === 0) {
    throw new Error("the module names no such function");
  }
  return brotliCompressSync(Buffer.concat(code)).length;
}

function readNames(section: Reader, names: Map<number, string>): void {
  while (section.at < section.end) {
    const kind = section.number();
    const end = section.number() + section.at;
    if (kind === FUNCTION_NAMES) {
      for (let left = section.number(); left > 0; left -= 1) {
        names.set(section.number(), section.name());
      }
    }
    section.at = end;
  }
}
