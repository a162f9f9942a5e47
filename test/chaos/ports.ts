/**
 * What stands between a worker and the outside: a connector of each class, and a notifier. They translate
 * and nothing else; whatever is done once or twice is the engine's doing.
 */
import { errorOfStatus, isRecord, parseJsonAnswer } from "../../src/connector/kit/answer.ts";
import { createHttpClient, type HttpKind } from "../../src/connector/kit/http.ts";
import type { Call, Connector, ConnectorClass, Notifier } from "../../src/core/port/types.ts";
import { canonicalJson } from "../../src/std/canonical-json.ts";
import type { OutsideAddress } from "./outside.ts";

const SYSTEM = "the outside";

/** Which option goes to which kind of platform, and where its places lie there. */
export const KINDS: ReadonlyArray<{
  readonly class: ConnectorClass;
  readonly room: string;
  readonly options: ReadonlyArray<string>;
}> = [
  { class: "readable", room: "plain", options: ["exclude_geo", "confirm_orders"] },
  { class: "idempotent", room: "keyed", options: ["lower_bid"] },
  { class: "opaque", room: "opaque", options: ["prepaid_only"] },
];

export function resourceOf(option: string, subject: string): string {
  const room = KINDS.find(({ options }) => options.includes(option))?.room ?? "plain";
  return `outside:${room}/${subject}`;
}

export type Ports = {
  readonly connectors: ReadonlyArray<Connector>;
  readonly notifier: Notifier;
  close(): Promise<void>;
};

export async function createPorts(
  { baseUrl, mail }: OutsideAddress,
  letters: "http" | "smtp",
): Promise<Ports> {
  // Loaded only where it is used: a process that is killed every second should start soon.
  const email = letters === "smtp" ? await import("./letters.ts") : undefined;
  const overSmtp = email?.createLetters(mail);
  const client = createHttpClient({ system: SYSTEM, baseUrl });

  async function ask(
    kind: HttpKind,
    method: "GET" | "POST" | "PUT",
    path: string,
    call: Call,
    body?: unknown,
  ): Promise<Record<string, unknown>> {
    const headers = kind === "read" ? {} : { "x-interlock-key": call.idempotencyKey };
    const answer = await client.send({
      kind,
      method,
      path,
      headers: { ...headers, "x-interlock-fence": `${call.fence}` },
      signal: call.signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.status !== 200) {
      throw errorOfStatus(SYSTEM, kind, answer.status, { nothingHappened: true });
    }
    const parsed = parseJsonAnswer(SYSTEM, kind, answer);
    return isRecord(parsed) ? parsed : {};
  }

  const connectors = KINDS.map(({ class: connectorClass, room, options }): Connector => {
    const pathOf = (subject: string) => `/${room}/${subject}`;
    const settingIn = (state: Record<string, unknown>) => ({ setting: String(state["setting"]) });
    type Request = { readonly subject: string; readonly setting: string };
    const send = (plan: { readonly request: unknown }) => plan.request as Request;
    return {
      name: `outside-${room}`,
      class: connectorClass,
      options,
      read: async ({ subject }, call) => settingIn(await ask("read", "GET", pathOf(subject), call)),
      plan({ option, parameters, subject }, before) {
        const setting = `${option} ${canonicalJson(parameters)}`;
        return { before, after: { setting }, request: { subject, setting } };
      },
      async dryRun(plan, call) {
        const { subject, setting } = send(plan);
        await ask("read", "POST", `${pathOf(subject)}?check`, call, { setting });
      },
      async apply(plan, call) {
        const { subject, setting } = send(plan);
        return {
          receipt: settingIn(await ask("mutation", "PUT", pathOf(subject), call, { setting })),
        };
      },
      isApplied: ({ after }, current) => after["setting"] === current["setting"],
      planUndo({ before, after, request }, current) {
        if (current["setting"] === before["setting"]) {
          return { kind: "nothing-left", why: "it is already as it was before" };
        }
        if (current["setting"] !== after["setting"]) {
          return { kind: "conflict", why: "someone changed it since" };
        }
        const { subject } = request as Request;
        const undo = { subject, setting: String(before["setting"]) };
        return { kind: "undo", plan: { before: after, after: before, request: undo } };
      },
    };
  });
  const overHttp: Notifier = {
    channel: "email",
    async send({ id, department }, call) {
      await ask("mutation", "POST", "/notices", call, { id, department });
      return { receipt: { id } };
    },
  };
  return {
    connectors,
    notifier: overSmtp ?? overHttp,
    async close() {
      overSmtp?.close();
      await client.close();
    },
  };
}
