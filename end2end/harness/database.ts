// The server's database, read past the server: its content must agree with chain and market.
//
// A SQLite file, or a fresh database on the PostgreSQL server that NECTO_FAULTS_POSTGRES names.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

/** Longest answer of a query, in bytes: a soak leaves thousands of rows. */
const LONGEST_ANSWER = 256 * 1024 * 1024;

/** How long PostgreSQL may take to come back after one of its processes was killed. */
const RECOVERS_WITHIN_MS = 15_000;
/** What psql reports when it cannot connect. */
const NOT_LET_IN = "psql: error: connection to server";

const executed = promisify(execFile);

/** Runs a program to its end. */
const run = (program: string, given: string[]) => executed(program, given, { maxBuffer: LONGEST_ANSWER });

/** The columns of an order's row that are used here. */
export interface OrderRow {
  id: string;
  state_name: string;
  state: string;
  notice: string | null;
}

/** A job's row. */
export interface JobRow {
  id: string;
  fence: number;
  attempts: number;
  last_error: string | null;
  dead: number;
}

/** A database. */
export class Database {
  private constructor(
    /** In the form that the server accepts. */
    readonly url: string,
    private readonly query: (sql: string) => Promise<unknown[]>,
    private readonly execute: (sql: string) => Promise<unknown>,
    private readonly hold: (seconds: number) => Promise<unknown>,
    readonly drop: () => Promise<void>,
  ) {}

  /** Creates a separate database for one world. */
  static async create(folder: string, engine: "any" | "sqlite" = "any"): Promise<Database> {
    const server = process.env["NECTO_FAULTS_POSTGRES"];
    return server === undefined || engine === "sqlite" ? Database.file(join(folder, "necto.db")) : Database.on(server);
  }

  private static file(path: string): Database {
    const query = async (sql: string) => {
      const { stdout } = await run("sqlite3", ["-json", "-cmd", ".timeout 15000", path, sql]);
      return stdout.trim() === "" ? [] : (JSON.parse(stdout) as unknown[]);
    };
    const hold = (seconds: number) =>
      run("sqlite3", ["-cmd", ".timeout 15000", path, "BEGIN IMMEDIATE;", `.shell sleep ${seconds}`, "ROLLBACK;"]);
    return new Database(`sqlite://${path}?mode=rwc`, query, query, hold, async () => {});
  }

  private static async on(server: string): Promise<Database> {
    const name = `necto_${randomBytes(8).toString("hex")}`;
    // A server whose processes were killed accepts no connections while it recovers: then nothing was done, and it is
    // waited for.
    const psql = async (url: string, sql: string, again = [NOT_LET_IN]) => {
      for (const until = Date.now() + RECOVERS_WITHIN_MS; ; ) {
        try {
          const { stdout } = await run("psql", [url, "-v", "ON_ERROR_STOP=1", "-qAt", "-c", sql]);
          return stdout.trim();
        } catch (error) {
          if (!again.some((words) => String(error).includes(words)) || Date.now() > until) throw error;
          await pause(250);
        }
      }
    };
    await psql(server, `CREATE DATABASE ${name}`);
    const url = server.replace(/\/[^/]*$/, `/${name}`);
    // Queries that change nothing are also retried when the connection breaks on the way.
    const changesNothing = [NOT_LET_IN, "connection to server was lost"];
    const query = async (sql: string) => {
      const asked = `SELECT COALESCE(json_agg(rows), '[]') FROM (${sql}) AS rows`;
      return JSON.parse(await psql(url, asked, changesNothing)) as unknown[];
    };
    const execute = (sql: string) => psql(url, sql);
    const hold = (seconds: number) =>
      psql(url, `BEGIN; LOCK TABLE orders, jobs IN EXCLUSIVE MODE; SELECT pg_sleep(${seconds}); ROLLBACK;`, changesNothing);
    return new Database(url, query, execute, hold, async () => {
      await psql(server, `DROP DATABASE ${name} WITH (FORCE)`);
    });
  }

  /** The storage engine. */
  get engine(): "sqlite" | "postgres" {
    return this.url.startsWith("sqlite:") ? "sqlite" : "postgres";
  }

  /** Rows of any query. */
  async rows<T>(sql: string): Promise<T[]> {
    return (await this.query(sql)) as T[];
  }

  /** Changes rows, as only a fault does. */
  async change(sql: string): Promise<void> {
    await this.execute(sql);
  }

  /** Prevents all writes for this many seconds. */
  async holdLock(seconds: number): Promise<void> {
    await this.hold(seconds);
  }

  /** Ends every connection to this database. */
  async cutConnections(): Promise<void> {
    await this.execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
  }

  /** SIGKILL to one of the database's processes: the whole server then restarts by itself. */
  async killOneProcess(): Promise<void> {
    const [victim] = await this.rows<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() LIMIT 1",
    );
    if (victim) process.kill(victim.pid, "SIGKILL");
  }

  /** An order. */
  async order(id: string): Promise<OrderRow> {
    const [row] = await this.rows<OrderRow>(`SELECT id, state_name, state, notice FROM orders WHERE id = '${id}'`);
    if (!row) throw new Error(`the database knows no order ${id}`);
    return row;
  }

  /** The names of an order's events, in order. */
  async events(id: string): Promise<string[]> {
    const rows = await this.rows<{ name: string }>(`SELECT name FROM events WHERE order_id = '${id}' ORDER BY seq`);
    return rows.map(({ name }) => name);
  }

  /** All jobs. */
  async jobs(): Promise<JobRow[]> {
    return this.rows<JobRow>("SELECT id, fence, attempts, last_error, dead FROM jobs ORDER BY id");
  }
}
