import { computeMatrix, type Matrix, type MatrixPoint } from "../core/charter/space/matrix.ts";
import { type NamedText, readCharter, readContract } from "./charter-text.ts";

/** Needs no store and no engine: the tiers of one document. */
export const charterMatrix = {
  name: "charter.matrix",
  summary: "Draws what a charter decides: options by value at stake.",
  compute(text: NamedText, at: Partial<MatrixPoint>, contract: NamedText | undefined): Matrix {
    return computeMatrix(readCharter(text).charter, at, readContract(contract));
  },
};
