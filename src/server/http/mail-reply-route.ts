/**
 * Where a mail server hands in replies to our letters, as they came. It shows that it is ours by a signature;
 * who wrote a reply is proved by what stands in it. What came of it is answered as a word, not as a status:
 * a mail server would bring a refused letter again and again.
 */
import { takeReply } from "../../engine/mail-reply.ts";
import { KB } from "./body.ts";
import { RefusedRequest } from "./errors.ts";
import type { Route } from "./route.ts";
import { object, text } from "./schemas.ts";
import { checkWebhook } from "./webhook-signature.ts";

export const mailReplyRoute: Route = {
  method: "POST",
  path: "/v1/mail/replies",
  name: "mail.reply",
  summary: "Takes a reply to a letter: somebody is away, or hands on a question. It never votes.",
  access: "open",
  countedAs: "open",
  headers: {
    "webhook-id": text("the sender's name for this message; the same is taken once"),
    "webhook-timestamp": text("seconds since 1970"),
    "webhook-signature": text("as Standard Webhooks says", 2_000),
  },
  body: {
    kind: "bytes",
    bytesMax: 512 * KB,
    types: {
      "message/rfc822": { type: "string", description: "the letter as it came" },
    },
  },
  answers: {
    200: {
      description: "what came of it",
      schema: object(
        {
          outcome: { enum: ["done", "repeated", "ignored", "refused"], description: "in a word" },
          code: text("why it was refused; stable"),
          words: text("in a sentence", 4_000),
        },
        ["code"],
      ),
    },
  },
  refusals: [401, 404],
  async handle({ server, headers, body }) {
    const { mail, engine } = server;
    if (mail === undefined) {
      throw new RefusedRequest("server/not-found", "replies by mail are not set up here", {
        help: "start the server with INTERLOCK_MAIL_REPLY_DOMAIN and INTERLOCK_MAIL_REPLY_SECRET",
      });
    }
    const bytes = body as Uint8Array;
    const id = checkWebhook(mail.secret, headers, bytes, Date.now());
    const letter = await mail.read(bytes);
    const outcome = await takeReply(engine.context, id, bytes, letter, mail.isAuthenticated);
    return { status: 200, body: outcome };
  },
};
