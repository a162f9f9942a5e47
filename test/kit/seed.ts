/**
 * Loaded before every test file: properties draw from one seed, so that a run can be repeated and a red one
 * is a change's own doing. `PROPERTY_SEED=7 npm run -s check:tests` draws others.
 */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env["PROPERTY_SEED"] ?? 20261123) });
