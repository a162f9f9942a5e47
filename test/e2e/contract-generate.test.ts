import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { generateContractText } from "../../src/operation/generate-contract.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CONTRACT = "loops/logistics-marketing/contract.yaml";
const FOLDER = mkdtempSync(join(tmpdir(), "interlock-generate-"));
after(() => {
  rmSync(FOLDER, { recursive: true, force: true });
});

function interlock(...words: ReadonlyArray<string>): {
  status: number | null;
  out: string;
  err: string;
} {
  const ran = spawnSync(process.execPath, ["src/cli/main.ts", ...words], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return { status: ran.status, out: ran.stdout, err: ran.stderr };
}

const text = readFileSync(join(ROOT, CONTRACT), "utf8");

test("every format can be written, always the same for the same contract", () => {
  const once = generateContractText.formats.map((as) =>
    generateContractText.generate(text, CONTRACT, as),
  );
  const twice = generateContractText.formats.map((as) =>
    generateContractText.generate(text, CONTRACT, as),
  );
  assert.deepEqual(once, twice);
  assert.equal(new Set(once).size, 8);
  for (const written of once) assert.match(written, /logistics\.geo-risk[^]*\n$/);
});

test("contract generate prints the text, or wraps it for programs, or writes a file", () => {
  const expected = generateContractText.generate(text, CONTRACT, "typescript");
  const printed = interlock("contract", "generate", CONTRACT, "--as", "typescript");
  assert.equal(printed.out, expected, printed.err);
  const wrapped = interlock("contract", "generate", CONTRACT, "--as", "typescript", "--json");
  assert.deepEqual(JSON.parse(wrapped.out), { format: "typescript", text: expected });
  const file = join(FOLDER, "geo.ts");
  const written = interlock("contract", "generate", CONTRACT, "--as", "typescript", "--out", file);
  assert.equal(written.out, `typescript written to ${file}\n`);
  assert.equal(readFileSync(file, "utf8"), expected);
});

test("an unknown format, a missing file and what is no contract are refused with the reason", () => {
  const format = interlock("contract", "generate", CONTRACT, "--as", "cobol");
  assert.notEqual(format.status, 0);
  assert.match(format.err, /cobol.*markdown, html, json-schema, asyncapi, typescript, python/);
  const missing = interlock("contract", "generate", "no-such.yaml", "--as", "html");
  assert.notEqual(missing.status, 0);
  assert.match(missing.err, /no-such\.yaml/);
  const charter = "loops/logistics-marketing/charter.yaml";
  const other = interlock("contract", "generate", charter, "--as", "html");
  assert.notEqual(other.status, 0);
  assert.match(other.err, /document\/invalid-shape/);
});
