import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { referenceContract } from "../../../../test/kit/reference-loop.ts";
import { contractHash } from "../parse.ts";
import { visitSchema } from "../payload.ts";
import type { Contract } from "../types.ts";
import { listFieldGroups } from "./fields.ts";
import { contractToHtml } from "./html.ts";
import { contractToMarkdown } from "./markdown.ts";
import { oddContract } from "./odd-contract.fixture.ts";
import { PAGE_STYLE } from "./page-style.ts";

const contracts: ReadonlyArray<[string, () => Contract]> = [
  ["the reference contract", referenceContract],
  ["the odd contract", oddContract],
];

const DOCUMENT = new URL("../../../../docs/reference/logistics.geo-risk.md", import.meta.url);

test("the reference contract's page in the docs is what the contract says now", () => {
  const text = contractToMarkdown(referenceContract());
  if (process.env["WRITE_GOLDEN"] === "1") writeFileSync(DOCUMENT, text);
  assert.equal(
    readFileSync(DOCUMENT, "utf8"),
    text,
    "docs/reference/logistics.geo-risk.md is out of date; run this test with WRITE_GOLDEN=1",
  );
});

for (const [name, contract] of contracts) {
  test(`every field of ${name} has a row in the tables, with its unit`, () => {
    const { payload, options } = contract();
    for (const schema of [payload, ...options.map(({ parameters }) => parameters)]) {
      const rows = listFieldGroups(schema).flatMap((group) => group.rows);
      visitSchema(schema, "", (node, path) => {
        if (/\/(?:oneOf|anyOf|allOf|not|if|then)\//.test(path)) return;
        for (const [field, of] of Object.entries(node["properties"] ?? {})) {
          const unit = (of as Contract["payload"])["unit"];
          assert.ok(
            rows.some((row) => row.name === field && (unit === undefined || row.unit === unit)),
            `${path} ${field}`,
          );
        }
      });
    }
  });

  test(`the pages of ${name} name its version, hash, options, thresholds and evidence`, () => {
    const { version, options, evidence, confidence, expiry } = contract();
    for (const text of [contractToHtml(contract()), contractToMarkdown(contract())]) {
      for (const part of [
        version,
        contractHash(contract()),
        ...options.map((option) => option.name),
        ...evidence.required.map(({ path }) => path),
        `0 to ${confidence.thresholds.signal}`,
        `${expiry.afterHours} hours`,
      ]) {
        assert.ok(text.includes(part), part);
      }
    }
  });

  test(`the HTML page of ${name} is whole by itself, well nested, and runs nothing`, () => {
    const html = contractToHtml(contract());
    assert.match(html, /^<!doctype html>\n<html lang="en">/);
    assert.doesNotMatch(html, /<script|<link|<img|<iframe|@import|url\(|javascript:| on[a-z]+=/i);
    assert.match(html, /Content-Security-Policy" content="default-src 'none'/);
    assert.equal(findNestingMistake(html), undefined);
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const [, target] of html.matchAll(/href="#([^"]*)"/g)) assert.ok(ids.includes(target));
    for (const [, target] of html.matchAll(/aria-labelledby="([^"]*)"/g)) {
      assert.ok(ids.includes(target));
    }
  });

  test(`headings of the HTML page of ${name} go down one level at a time`, () => {
    const levels = [...contractToHtml(contract()).matchAll(/<h(\d)/g)].map(([, n]) => Number(n));
    assert.equal(levels[0], 1);
    levels.slice(1).forEach((level, i) => {
      assert.ok(level >= 2 && level <= (levels[i] ?? 0) + 1);
    });
    for (const [table] of contractToHtml(contract()).matchAll(/<table>.*?<\/table>/gs)) {
      assert.match(table, /<caption/);
      assert.match(table, /<th scope="col">/);
      assert.match(table, /<th scope="row">/);
    }
  });

  test(`tables and code fences of the Markdown of ${name} hold together`, () => {
    const text = contractToMarkdown(contract());
    const blocks = text.replaceAll(/^(`{3,})json\n[\s\S]*?\n\1$/gm, "");
    assert.doesNotMatch(blocks, /```/);
    assert.doesNotMatch(blocks.slice(blocks.indexOf("\n")), /(?<!\\)<(?!!)/);
    for (const [table] of blocks.matchAll(/(?:^\|.*\|\n?)+/gm)) {
      const cells = table
        .trimEnd()
        .split("\n")
        .map((line) => line.replaceAll("\\|", "").split("|").length);
      assert.equal(new Set(cells).size, 1, table);
    }
  });
}

test("combinations that a table cannot say stand below it as the rule itself", () => {
  const rules = listFieldGroups(oddContract().payload).flatMap((group) => group.rules);
  const about = rules.map((rule) => rule.about);
  for (const field of ["kind", "scalar", "chosen", "conditional", "inner"]) {
    assert.ok(about.includes(field), field);
  }
  assert.match(contractToMarkdown(oddContract()), /"minContains": 1/);
});

test("words on the page can be read in both colour schemes: 4.5 to 1 at least", () => {
  const schemes = [...PAGE_STYLE.matchAll(/:root \{([^}]*)\}/g)].map(([, body = ""]) =>
    Object.fromEntries(
      [...body.matchAll(/--([a-z]+): (#[0-9a-f]{6})/g)].map(([, name, hex]) => [name, hex]),
    ),
  );
  assert.equal(schemes.length, 2);
  for (const scheme of schemes) {
    for (const front of ["ink", "soft", "accent"]) {
      for (const back of ["paper", "card", "tint", "code"]) {
        const ratio = contrast(scheme[front] ?? "", scheme[back] ?? "");
        assert.ok(ratio >= 4.5, `${front} on ${back}: ${ratio}`);
      }
    }
    for (const back of ["silent", "wait", "act"]) {
      assert.ok(contrast(scheme["ink"] ?? "", scheme[back] ?? "") >= 4.5, back);
    }
  }
});

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The first tag that closes what was not open, or is left open. */
function findNestingMistake(html: string): string | undefined {
  const open: string[] = [];
  const body = html.replace(/<style>[\s\S]*?<\/style>/, "");
  for (const [, slash, name = ""] of body.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
    if (name === "meta") continue;
    if (slash !== "/") open.push(name);
    else if (open.pop() !== name) return name;
  }
  return open.at(-1);
}
