import { InvalidArgumentError } from "commander";
import { type Day, isDay, isMonth, type Month } from "../std/time.ts";

export function parseWhole(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("Write a whole number, such as 7.");
}

export function parseDay(text: string): Day {
  if (isDay(text)) return text;
  throw new InvalidArgumentError("Write a day as 2026-01-31.");
}

export function parseMonth(text: string): Month {
  if (isMonth(text)) return text;
  throw new InvalidArgumentError("Write a month as 2026-01.");
}

export function parseShare(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError("Write a share from 0 to 1, such as 0.02.");
}
