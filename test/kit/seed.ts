/**
 * Loaded before every test file: properties draw from one seed, so that a run can be repeated and a red one
 * is a change's own doing. `PROPERTY_SEED=7 npm run -s check:tests` draws others.
 *
 * A test that waits for ever is failed by the runner's timeout, but what it left open keeps its process
 * alive; a little later that is ended here. The runner's own way of ending loses results of other tests.
 */
import fc from "fast-check";

const FILE_MS = 11 * 60_000;

setTimeout(() => process.exit(1), FILE_MS).unref();

fc.configureGlobal({ seed: Number(process.env["PROPERTY_SEED"] ?? 20261123) });
