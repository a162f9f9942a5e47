/** Telling others outside: who is told of what, how far each has come, and sending again. */
import type { WebhookView } from "../engine/webhooks.ts";
import { BY_FIELD } from "./invite-person.ts";
import { inputSchema, LOOP_FIELD, nameField, type Operation } from "./operation.ts";
import { getWiring } from "./operation.ts";

const WEBHOOK_FIELD = nameField("the webhook's id, such as wh-0123456789ab");
const ENTRIES_MAX = Number.MAX_SAFE_INTEGER;

export const webhookAdd: Operation<
  {
    readonly url: string;
    readonly loop?: string;
    readonly kinds?: ReadonlyArray<string>;
    readonly by: string;
  },
  { readonly id: string; readonly secret: string }
> = {
  name: "webhook.add",
  summary: "Tells an address outside of what happens from now on; the secret is shown this once.",
  access: "admin",
  errors: ["loop/not-found", "webhook/invalid", "webhook/too-many"],
  input: inputSchema(
    {
      url: { type: "string", minLength: 1, maxLength: 2_000, description: "where to send to" },
      loop: LOOP_FIELD,
      kinds: {
        type: "array",
        maxItems: 50,
        items: nameField("a kind of entry, `action.done`, or its noun alone"),
        description: "only these kinds; all when left out",
      },
      by: BY_FIELD,
    },
    ["loop", "kinds"],
  ),
  async handler(context, { url, loop, kinds = [], by }) {
    if (loop !== undefined) getWiring(context, loop);
    return context.engine.webhooks.add({ url, loop: loop ?? null, kinds }, by);
  },
};

export const webhookList: Operation<Record<string, never>, ReadonlyArray<WebhookView>> = {
  name: "webhook.list",
  summary: "Who outside is told of what, how far each has come, and what went wrong.",
  access: "admin",
  errors: [],
  input: inputSchema({}),
  handler: ({ engine }) => engine.webhooks.list(),
};

export const webhookRemove: Operation<
  { readonly webhook: string; readonly by: string },
  { readonly webhook: string }
> = {
  name: "webhook.remove",
  summary: "Tells them no more.",
  access: "admin",
  errors: ["webhook/not-found"],
  input: inputSchema({ webhook: WEBHOOK_FIELD, by: BY_FIELD }),
  async handler({ engine }, { webhook, by }) {
    await engine.webhooks.remove(webhook, by);
    return { webhook };
  },
};

export const webhookResume: Operation<
  { readonly webhook: string; readonly from?: number; readonly by: string },
  { readonly webhook: string; readonly from: number }
> = {
  name: "webhook.resume",
  summary: "Goes on at once where it stopped, or sends everything again from an entry on.",
  access: "admin",
  errors: ["webhook/not-found", "webhook/no-such-entry"],
  input: inputSchema(
    {
      webhook: WEBHOOK_FIELD,
      from: {
        type: "integer",
        minimum: 1,
        maximum: ENTRIES_MAX,
        description: "send again from this entry on",
      },
      by: BY_FIELD,
    },
    ["from"],
  ),
  async handler({ engine }, { webhook, from, by }) {
    return { webhook, ...(await engine.webhooks.resume(webhook, from, by)) };
  },
};
