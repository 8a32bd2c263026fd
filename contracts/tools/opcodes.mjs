// Which opcodes of a contract's code the Cancun fork does not know.

/** Every opcode assigned up to and including Cancun, as inclusive ranges. */
const CANCUN = [
  [0x00, 0x0b], [0x10, 0x1d], [0x20, 0x20], [0x30, 0x4a], [0x50, 0x5f], [0x60, 0x7f], [0x80, 0x8f], [0x90, 0x9f],
  [0xa0, 0xa4], [0xf0, 0xf5], [0xfa, 0xfa], [0xfd, 0xff],
];

/**
 * Reads code from its start, stepping over what push opcodes carry.
 *
 * Code may end in data (a constant string, say), which would read as opcodes: reading stops after the last
 * JUMPDEST's block that can be reached in a straight line, that is, after a terminating opcode that no JUMPDEST
 * follows.
 *
 * @param {string} hex deployed code, with 0x
 * @returns {string[]} the opcodes that are newer, in hex
 */
export function newerThanCancun(hex) {
  const code = Buffer.from(hex.slice(2), "hex");
  const found = new Set();
  let reachable = true;
  for (let at = 0; at < code.length; at += 1) {
    const opcode = code[at];
    if (opcode === 0x5b) reachable = true;
    if (reachable && !CANCUN.some(([first, last]) => first <= opcode && opcode <= last)) {
      found.add(`0x${opcode.toString(16).padStart(2, "0")}`);
    }
    const terminates = [0x00, 0x56, 0xf3, 0xfd, 0xfe, 0xff].includes(opcode);
    if (terminates) reachable = false;
    if (opcode >= 0x60 && opcode <= 0x7f) at += opcode - 0x5f;
  }
  return [...found];
}
