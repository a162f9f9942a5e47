/**
 * The picture of the evidence as a PNG: mail programs and chats show no SVG.
 *
 * Drawn as coloured squares: a page, bars, a dashed line, and the few characters that a scale needs. The
 * format is written here because it is three chunks and the runtime has the rest.
 */
import { crc32, deflateSync } from "node:zlib";
import type { EvidencePicture } from "../core/case/evidence-picture.ts";

/** Twice the size at which it is shown, for screens that show it so. */
const WIDTH = 1280;
const HEIGHT = 400;
const LEFT = 120;
const RIGHT = 20;
const TOP = 30;
const BOTTOM = 60;
/** Screen points to one square of a character. */
const SCALE = 5;
/** From one bar to the next, at most, so that a few days do not fill the page. */
const STEP_MAX = 60;

/** Red, green, blue; told apart also by those who see no red and green. */
const PALETTE = {
  page: [255, 255, 255],
  axis: [110, 116, 125],
  before: [128, 150, 178],
  since: [201, 92, 20],
  usual: [20, 24, 31],
} as const;
const COLOURS = Object.keys(PALETTE) as ReadonlyArray<keyof typeof PALETTE>;

/** Three columns by five rows, row by row. */
const CHARACTERS: Readonly<Record<string, string>> = {
  "0": "111101101101111",
  "1": "010110010010111",
  "2": "111001111100111",
  "3": "111001111001111",
  "4": "101101111001001",
  "5": "111100111001111",
  "6": "111100111101111",
  "7": "111001010010010",
  "8": "111101111101111",
  "9": "111101111001111",
  "-": "000000111000000",
  ".": "000000000000010",
  "%": "101001010100101",
};

export function drawEvidencePng({ bars, top, usual }: EvidencePicture): Uint8Array {
  const sheet = new Sheet();
  const floor = HEIGHT - BOTTOM;
  const heightOf = (rate: number): number => Math.round(((floor - TOP) * rate) / top);
  const step = Math.min(STEP_MAX, (WIDTH - LEFT - RIGHT) / bars.length);
  for (const [index, { rate, isSince }] of bars.entries()) {
    const from = Math.round(LEFT + index * step);
    const width = Math.max(1, Math.round(step * 0.75));
    const height = heightOf(rate);
    sheet.fill(from, floor - height, width, height, isSince ? "since" : "before");
  }
  if (usual !== undefined) {
    const at = floor - heightOf(usual);
    for (let x = LEFT; x < WIDTH - RIGHT; x += 24) sheet.fill(x, at - 2, 12, 4, "usual");
  }
  sheet.fill(LEFT, floor, WIDTH - LEFT - RIGHT, 3, "axis");
  sheet.write(percent(top), LEFT - 12, TOP, "end");
  sheet.write("0%", LEFT - 12, floor - 5 * SCALE, "end");
  sheet.write(bars[0]?.day ?? "", LEFT, floor + 20, "start");
  sheet.write(bars.at(-1)?.day ?? "", WIDTH - RIGHT, floor + 20, "end");
  return encode(sheet.pixels);
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

class Sheet {
  readonly pixels = new Uint8Array(WIDTH * HEIGHT);

  fill(x: number, y: number, width: number, height: number, colour: keyof typeof PALETTE): void {
    const right = Math.min(x + width, WIDTH);
    for (let row = Math.max(y, 0); row < Math.min(y + height, HEIGHT); row++) {
      this.pixels.fill(COLOURS.indexOf(colour), row * WIDTH + x, row * WIDTH + right);
    }
  }

  write(text: string, x: number, y: number, align: "start" | "end"): void {
    const from = align === "start" ? x : x - text.length * 4 * SCALE;
    for (const [index, character] of [...text].entries()) {
      for (const [square, isSet] of [...(CHARACTERS[character] ?? "")].entries()) {
        if (isSet !== "1") continue;
        const [column, row] = [index * 4 + (square % 3), Math.floor(square / 3)];
        this.fill(from + column * SCALE, y + row * SCALE, SCALE, SCALE, "axis");
      }
    }
  }
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** One byte a point, an index into the palette; every row begins with its filter, none. */
function encode(pixels: Uint8Array): Uint8Array {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(WIDTH, 0);
  head.writeUInt32BE(HEIGHT, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const rows = Buffer.alloc((WIDTH + 1) * HEIGHT);
  for (let row = 0; row < HEIGHT; row++) {
    rows.set(pixels.subarray(row * WIDTH, (row + 1) * WIDTH), row * (WIDTH + 1) + 1);
  }
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", head),
    chunk("PLTE", Buffer.from(COLOURS.flatMap((name) => [...PALETTE[name]]))),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
