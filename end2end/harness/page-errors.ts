// What pages report as errors: uncaught ones, and all that stands red in the console.

import type { BrowserContext } from "@playwright/test";

/** The errors of all pages of a context. */
export class PageErrors {
  private readonly reported: string[] = [];
  private readonly allowed: RegExp[] = [];

  /** Listens to a context and all pages it ever has. */
  listen(context: BrowserContext): void {
    context.on("weberror", (error) => this.reported.push(error.error().message));
    context.on("console", (message) => {
      if (message.type() !== "error") return;
      const { url, lineNumber } = message.location();
      this.reported.push(`${message.text()} (${url}:${lineNumber})`);
    });
  }

  /** Names errors that the journey itself brings about. */
  allow(...expected: RegExp[]): void {
    this.allowed.push(...expected);
  }

  /** Allows the console to tell of requests that the journey has refused or cut off. */
  allowAnswer(...statuses: number[]): void {
    this.allow(...statuses.map((status) => new RegExp(`the server responded with a status of ${status}\\b`)));
  }

  /** Allows the console to tell of a server that is not there. */
  allowNoAnswer(): void {
    this.allow(/Failed to load resource: net::ERR_/, /the server responded with a status of 50[234]\b/);
  }

  /** Those that match. */
  matching(pattern: RegExp): string[] {
    return this.reported.filter((error) => pattern.test(error));
  }

  /** Those that nobody named. */
  unexpected(): string[] {
    return this.reported.filter((error) => !this.allowed.some((allowed) => allowed.test(error)));
  }
}
