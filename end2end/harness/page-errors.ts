// What pages report as errors: uncaught ones, and all errors in the console.

import type { BrowserContext } from "@playwright/test";

/** The errors of all pages of a context. */
export class PageErrors {
  private readonly reported: string[] = [];
  private readonly allowed: RegExp[] = [];

  /** Listens to a context and all pages that it ever has. */
  listen(context: BrowserContext): void {
    context.on("weberror", (error) => this.reported.push(error.error().message));
    context.on("console", (message) => {
      const { url, lineNumber } = message.location();
      if (message.type() === "error" && !isAnswered(message.text(), url)) {
        this.reported.push(`${message.text()} (${url}:${lineNumber})`);
      }
    });
  }

  /** Names errors that the journey itself causes. */
  allow(...expected: RegExp[]): void {
    this.allowed.push(...expected);
  }

  /** Allows pages, and what they load, to be answered with these statuses. */
  allowAnswer(...statuses: number[]): void {
    this.allow(...statuses.map((status) => new RegExp(`the server responded with a status of ${status}\\b`)));
  }

  /** Those that match. */
  matching(pattern: RegExp): string[] {
    return this.reported.filter((error) => pattern.test(error));
  }

  /** Those that were not expected. */
  unexpected(): string[] {
    return this.reported.filter((error) => !this.allowed.some((allowed) => allowed.test(error)));
  }
}

/**
 * Whether the console only repeats what the page itself tells its reader: that a server function refused, that an
 * outside service behind the server is unreachable (but never that the server failed), or that the network is gone.
 */
function isAnswered(text: string, url: string): boolean {
  if (/^Failed to load resource: net::ERR_/.test(text)) return true;
  const status = /the server responded with a status of (\d+)/.exec(text)?.[1];
  return status !== undefined && status !== "500" && new URL(url).pathname.startsWith("/api/");
}
