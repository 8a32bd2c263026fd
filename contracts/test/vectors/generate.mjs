// Writes escrow.json: lives of streams, with what must be true after each step. The contract's tests and the tests of
// crates/domain read the same file, so that both compute the same to the last scaled unit. This is a third
// implementation, in plain unbounded integers. With --check nothing is written and a difference is an error.
//
// The file is one flat list of decimal numbers. A life is six numbers (its length in steps, deposit, rate, heartbeat
// window, fee in hundredths of a per cent, seconds from funding to activation) and then thirteen per step:
//
//   kind      0 heartbeat, 1 top-up, 2 nothing, 3 close by the buyer, 4 end by the operator, 5 reclaim by anyone
//   wait      seconds that pass before the step
//   amount    of a top-up; for an end, the seconds after activation at which the lease ended
//   works     1 if the step must succeed, 0 if it must be refused
//   then what must be true after it, times as seconds after activation:
//   stored accrual (scaled), stored checkpoint, accrued (micro-USDC), refundable, runs-out-at (or 2^64 - 1),
//   released, fee, refunded, ended at (0 while open)
import { readFileSync, writeFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const LIVES = 1_200;
const SCALE = 10n ** 12n;
const LARGEST = 2n ** 128n - 1n;
const LATEST = 2n ** 64n - 1n;
/** The contract's tests begin at this second. */
const START = 1_800_000_000n;

const least = (one, other) => (one < other ? one : other);

/** A small generator of our own (splitmix64), so that the file is the same everywhere and for ever. */
function generator(seed) {
  let state = BigInt(seed);
  const next = () => {
    state = (state + 0x9e3779b97f4a7c15n) & LATEST;
    let mixed = state;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & LATEST;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & LATEST;
    return mixed ^ (mixed >> 31n);
  };
  /** A number from first to last. */
  const between = (first, last) => first + (((next() << 64n) | next()) % (last - first + 1n));
  /** A number whose bit length is chosen first, so that every order of magnitude occurs. */
  const upTo = (last) => {
    const bits = BigInt(last.toString(2).length);
    return least(between(0n, 2n ** between(0n, bits) - 1n), last);
  };
  return { between, upTo };
}

class Stream {
  constructor({ deposit, rate, window, fee, activatedAt }) {
    Object.assign(this, { deposited: deposit, rate, window, fee, activatedAt });
    this.lastSign = activatedAt;
    this.checkpoint = activatedAt;
    this.accrual = 0n;
    this.closed = null;
  }

  accruedAt(now) {
    const until = least(now, this.lastSign + this.window);
    if (until <= this.checkpoint) return this.accrual;
    return least(this.accrual + this.rate * (until - this.checkpoint), this.deposited * SCALE);
  }

  settle(owedScaled, endedAt) {
    const released = owedScaled / SCALE;
    const fee = (released * this.fee) / 10_000n;
    this.closed = { released, fee, refunded: this.deposited - released, endedAt };
  }

  apply(kind, amount, now) {
    if (this.closed) return false;
    const silent = now > this.lastSign + this.window;
    const count = () => {
      this.accrual = this.accruedAt(now);
      this.checkpoint = now;
    };
    if (kind === 0n) {
      if (silent) return false;
      count();
      this.lastSign = now;
    } else if (kind === 1n) {
      if (silent || amount === 0n || this.deposited + amount > LARGEST) return false;
      count();
      this.deposited += amount;
    } else if (kind === 3n || kind === 5n) {
      if (kind === 5n && !silent) return false;
      const endedAt = least(now, this.lastSign + this.window);
      count();
      this.settle(this.accrual, endedAt);
    } else if (kind === 4n) {
      const endedAt = this.activatedAt + amount;
      if (endedAt > now) return false;
      count();
      this.settle(least(this.accrual, this.rate * amount), endedAt);
    }
    return true;
  }

  after(now) {
    const relative = (time) => time - this.activatedAt;
    if (this.closed) {
      const { released, fee, refunded, endedAt } = this.closed;
      return [this.accrual, relative(this.checkpoint), released, 0n, 0n, released, fee, refunded, relative(endedAt)];
    }
    const accrued = this.accruedAt(now) / SCALE;
    const left = this.deposited * SCALE - this.accrual;
    const lastsFor = (left + this.rate - 1n) / this.rate;
    const out = this.checkpoint + lastsFor;
    const runsOut = out > LATEST ? LATEST : relative(out);
    const refundable = this.deposited - accrued;
    return [this.accrual, relative(this.checkpoint), accrued, refundable, runsOut, 0n, 0n, 0n, 0n];
  }
}

function life(index) {
  const { between, upTo } = generator(index * 7919 + 17);
  const ordinary = index % 4 !== 0;
  // Ordinary lives are orders as users place them; the others are as extreme as the types allow.
  const deposit = ordinary ? between(1n, 500_000_000n) : upTo(LARGEST - 1n) + 1n;
  const rate = ordinary ? between(1n, 3_000n * SCALE) : upTo(LARGEST - 1n) + 1n;
  const window = ordinary ? between(1n, 7_200n) : upTo(10n ** 9n) + 1n;
  const fee = between(0n, 2_000n);
  const delay = between(0n, 600n);
  const activatedAt = START + delay;
  const stream = new Stream({ deposit, rate, window, fee, activatedAt });
  const steps = between(1n, 7n);
  const rows = [];
  let now = activatedAt;
  for (let step = 0n; step < steps; step += 1n) {
    const last = step === steps - 1n;
    const kind = last ? between(3n, 5n) : [0n, 0n, 1n, 2n, 0n][Number(between(0n, 4n))];
    const atTheEdge = between(0n, 5n) === 0n;
    const edge = stream.lastSign + window - now + between(0n, 1n);
    const wait = atTheEdge && edge >= 0n ? edge : upTo(ordinary ? 2n * window : 10n ** 8n);
    now += wait;
    let amount = 0n;
    if (kind === 1n) amount = ordinary ? between(0n, 100_000_000n) : upTo(LARGEST);
    if (kind === 4n) amount = between(0n, now - activatedAt + (between(0n, 9n) === 0n ? 2n : 0n));
    const works = stream.apply(kind, amount, now) ? 1n : 0n;
    rows.push([kind, wait, amount, works, ...stream.after(now)]);
  }
  return [steps, deposit, rate, window, fee, delay, ...rows.flat()];
}

const lives = Array.from({ length: LIVES }, (_, index) => life(index));
const lines = lives.map((numbers) => numbers.map((number) => `"${number}"`).join(","));
const text = `{"lives":${LIVES},"numbers":[\n${lines.join(",\n")}\n]}\n`;

const file = join(dirname(fileURLToPath(import.meta.url)), "escrow.json");
const before = existsSync(file) ? readFileSync(file, "utf8") : "";
if (process.argv.includes("--check")) {
  if (before !== text) {
    console.error("test/vectors/escrow.json is not what generate.mjs writes: npm run vectors");
    process.exit(1);
  }
} else if (before !== text) {
  writeFileSync(file, text);
}
const steps = lives.reduce((sum, numbers) => sum + numbers[0], 0n);
console.log(`${LIVES} lives of streams, ${steps} steps`);
