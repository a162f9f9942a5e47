/**
 * The picture of a case's evidence, for whoever has its sealed address: a chat's servers, which can show a
 * signature to nobody. It shows a rate by day and nothing else, until the question it belongs to ends.
 */
import { readCasePicture } from "../../engine/case-evidence.ts";
import { drawEvidencePng } from "../../engine/evidence-png.ts";
import { getLinkSecret, readPictureToken } from "../../engine/vote-link.ts";
import { InterlockError } from "../../std/errors.ts";
import { findCase } from "../../store/table/signal-case.ts";
import type { Route } from "./route.ts";

export const evidenceRoute: Route = {
  method: "GET",
  path: "/v1/evidence/{token}",
  name: "evidence.picture",
  summary: "The picture of a case's evidence by day; for chats that fetch images.",
  access: "open",
  countedAs: "open",
  params: { token: { type: "string", description: "as it stands in the message that asked" } },
  answers: { 200: { description: "the picture", type: "image/png" } },
  refusals: [401, 404, 410],
  async handle({ server, params }) {
    const { context } = server.engine;
    const now = context.clock.now();
    const secret = await getLinkSecret(context.driver, now);
    const link = readPictureToken(secret, params["token"] ?? "");
    if (now >= link.expires) {
      throw new InterlockError("vote/expired", `the picture could be seen until ${link.expires}`);
    }
    const of = await findCase(context.driver, link.case);
    const drawn = of && (await readCasePicture(context, of));
    if (drawn === undefined) {
      throw new InterlockError("case/not-found", `nothing is drawn of \`${link.case}\``);
    }
    return {
      status: 200,
      body: drawEvidencePng(drawn),
      headers: { "content-type": "image/png", "cache-control": "private, max-age=3600" },
    };
  },
};
