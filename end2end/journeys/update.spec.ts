// A running deployment is changed in place: the same editor, compared with what is deployed, under the same lease.

import { expectAccessible } from "../harness/accessibility.ts";
import { Buyer } from "../harness/buyer.ts";
import { expect, test } from "../harness/test.ts";

test("a live deployment takes another environment, and no other memory", async ({ page, world }) => {
  const buyer = new Buyer(page);
  await buyer.arrive();
  await buyer.describe("Run a Node.js web service with 1 CPU and 1 GB of memory for 2 hours");
  await buyer.untilQuoted();
  await buyer.pay("necto");
  await buyer.untilPhase("Active");
  const [before] = await world.market.live();
  expect(before?.manifest).not.toContain("GREETING");

  await page.locator("summary", { hasText: "SDL" }).click();
  await buyer.at("change-what-runs").click();
  const form = buyer.at("draft-form");
  const standing = buyer.at("update-standing");
  await expect(buyer.at("compare")).toBeVisible();
  await expect(standing).toContainText("This is what runs.");
  await expect(buyer.at("send-update")).toBeDisabled();

  await form.getByLabel("Add a variable").fill("GREETING=hello");
  await form.getByLabel("Add a variable").press("Enter");
  await expect(standing).toHaveText("Can be sent. Changes: env of web.");
  const written = buyer.at("sdl-editor").locator(".cm-changedLine").filter({ hasText: "GREETING=hello" });
  await expect(written).toBeVisible();
  await expectAccessible(page);

  // What was not sent is there again after a reload.
  await buyer.reload();
  await expect(standing).toHaveText("Can be sent. Changes: env of web.");
  await buyer.at("send-update").click();
  await expect(buyer.at("timeline")).toContainText("Updated: env of web.");
  await expect(standing).toContainText("This is what runs.");
  const [after] = await world.market.live();
  expect(after?.manifest).toContain("GREETING=hello");
  expect(after?.leases).toEqual(before?.leases);
  expect(after?.dseq).toBe(before?.dseq);

  await form.getByLabel("Memory").fill("2Gi");
  await form.getByLabel("Memory").press("Enter");
  const refusal = "“memory” of web cannot change while it runs: the lease was made for it.";
  await expect(standing).toContainText(refusal);
  await expect(buyer.at("send-update")).toBeDisabled();
  await expectAccessible(page);
  const text = await buyer.sdl();
  const answer = await page.evaluate(async (text) => {
    const order = location.pathname.split("/").at(-1);
    const headers = { "content-type": "application/json", accept: "application/json" };
    const response = await fetch("/api/update_deployment", { method: "POST", headers, body: JSON.stringify({ order, text }) });
    return { status: response.status, body: await response.text() };
  }, text);
  expect(answer.status).toBe(422);
  expect(answer.body).toContain(refusal);

  await buyer.at("discard-update").click();
  await expect(standing).toContainText("This is what runs.");
  await buyer.close();
  await buyer.untilSettled();
  expect(await world.market.liveDeployments()).toEqual([]);
});
