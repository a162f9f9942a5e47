import assert from "node:assert/strict";
import { test } from "node:test";
import { openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { exerciseApi } from "../kit/fuzz-api.ts";

test("every address of the document, with every kind of pass, answers as documented, and nothing breaks it", async (t) => {
  const driver = await openDriver({});
  try {
    await migrate(driver);
    const report = await exerciseApi(driver, { seed: 1, draws: 1, everyRole: false });
    t.diagnostic(
      `${report.calls} calls of ${report.addresses} addresses; ` +
        `${report.badRefused} bad ones refused; ${JSON.stringify(report.byStatus)}`,
    );
    assert.deepEqual(report.faults, []);
    assert(report.calls > 800 && report.badRefused > 200);
    for (const status of ["200", "400", "401", "403", "404"]) {
      assert((report.byStatus[status] ?? 0) > 0, `${status} was seen`);
    }
  } finally {
    await driver.close();
  }
});
