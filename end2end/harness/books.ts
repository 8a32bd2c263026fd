// The money invariant, read from the chain and the market after a journey.

import { expect } from "@playwright/test";
import type { Address } from "viem";

import type { Escrow } from "./chain.ts";
import type { World } from "./world.ts";

/** The one escrow of a buyer. */
export async function escrowOf(world: World, buyer: Address): Promise<Escrow> {
  const own = (await world.chain.escrows()).filter((escrow) => escrow.buyer === buyer);
  expect(own, "escrows of this buyer").toHaveLength(1);
  return own[0] as Escrow;
}

/** Asserts that an escrow is over and that every unit of it is accounted for. */
export function expectSettled(escrow: Escrow): void {
  expect(escrow.status).toBe("closed");
  expect(escrow.released + escrow.refunded, "released + refunded").toBe(escrow.deposited);
  expect(escrow.held, "held").toBe(0n);
}

/** Asserts that all deposits are released, refunded or held, and that the contract holds exactly what it owes. */
export async function expectBalancedBooks(world: World): Promise<void> {
  const { deposited, released, refunded, held, credited, kept, tokens } = await world.chain.books();
  expect(released + refunded + held, "released + refunded + held").toBe(deposited);
  expect(tokens, "tokens in the contract").toBe(held + credited + kept + world.strayed);
}
