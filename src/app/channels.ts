/**
 * How people are reached, as the environment of `serve` says: mail, Slack, Teams.
 *
 * Each notice goes to one person by one channel: Slack where it is set up and knows the address, then Teams
 * where it has a place for them, mail for everybody else. What is set up by halves is refused at the start,
 * not found out by a letter that never came.
 */
import { createEmailNotifier } from "../connector/email/notifier.ts";
import { readMailReply } from "../connector/email/reply.ts";
import { createSlackDoor } from "../connector/slack/door.ts";
import { createSlackNotifier } from "../connector/slack/notifier.ts";
import { createTeamsNotifier, type TeamsAddresses } from "../connector/teams/notifier.ts";
import type { Notifier } from "../core/port/types.ts";
import type { MailPort, SlackPort } from "../server/http/route.ts";
import { InterlockError } from "../std/errors.ts";
import type { Instant } from "../std/time.ts";

type Environment = { readonly [name: string]: string | undefined };

export type Channels = {
  /** Undefined where nothing is set up. */
  readonly notifier: Notifier | undefined;
  readonly slack: SlackPort | undefined;
  /** Where replies to letters come in. */
  readonly mail: MailPort | undefined;
  close(): Promise<void>;
};

/** `otherwise` is how people are reached where the environment names no mail server. */
export function openChannels(
  env: Environment,
  otherwise: Notifier | undefined,
  now: () => Instant,
): Channels {
  const mail = openMail(env, now);
  const slack = readSlack(env);
  const letters = mail ?? otherwise;
  const addresses = readTeams(env);
  const teams =
    addresses && createTeamsNotifier({ addresses, ...(letters && { otherwise: letters }) });
  const others = teams ?? letters;
  return {
    notifier:
      slack === undefined
        ? others
        : createSlackNotifier({ ...slack.settings, ...(others && { otherwise: others }) }),
    mail: readReplies(env),
    slack: slack && createSlackDoor(slack.settings, slack.signingSecret),
    async close() {
      await teams?.close();
      mail?.close();
    },
  };
}

function readSlack(env: Environment) {
  const named = readAll(env, "Slack", [
    "INTERLOCK_SLACK_TOKEN",
    "INTERLOCK_SLACK_SIGNING_SECRET",
  ] as const);
  if (named === undefined) return undefined;
  const [token, signingSecret] = named;
  const apiUrl = env["INTERLOCK_SLACK_API_URL"];
  return { settings: { token, ...(apiUrl === undefined ? {} : { apiUrl }) }, signingSecret };
}

const SECRET = /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/;

/** `courier=whsec_...` a space apart: who sends counts by webhook, and what they sign with. */
export function readSources(env: Environment): ReadonlyMap<string, string> {
  const entries = (env["INTERLOCK_SOURCES"] ?? "").split(/\s+/).filter((entry) => entry !== "");
  return new Map(
    entries.map((entry): readonly [string, string] => {
      const [, name = "", secret = ""] = /^([\w.-]{1,100})=(.*)$/.exec(entry) ?? [];
      if (SECRET.test(secret)) return [name, secret];
      throw new InterlockError("cli/usage", "an entry of INTERLOCK_SOURCES names no secret", {
        help: "write each as courier=whsec_... with at least 24 random bytes in base64, a space apart",
      });
    }),
  );
}

function readReplies(env: Environment): MailPort | undefined {
  const named = readAll(env, "the door for replies", [
    "INTERLOCK_MAIL_REPLY_DOMAIN",
    "INTERLOCK_MAIL_REPLY_SECRET",
  ] as const);
  if (named === undefined) return undefined;
  const [domain, secret] = named;
  if (!SECRET.test(secret)) {
    throw new InterlockError("cli/usage", "INTERLOCK_MAIL_REPLY_SECRET is no secret", {
      help: "it is `whsec_` and at least 24 random bytes in base64",
    });
  }
  const authority = env["INTERLOCK_MAIL_AUTHSERV_ID"];
  return {
    ...{ domain, secret, isAuthenticated: authority !== undefined },
    read: (bytes) => readMailReply(bytes, authority),
  };
}

/** `head@example.com=https://...` a line or a space apart; a department's name for a channel of it. */
function readTeams(env: Environment): TeamsAddresses | undefined {
  const entries = (env["INTERLOCK_TEAMS"] ?? "").split(/\s+/).filter((entry) => entry !== "");
  if (entries.length === 0) return undefined;
  return new Map(
    entries.map((entry): readonly [string, string] => {
      const at = entry.indexOf("=");
      const [name, address] = [entry.slice(0, at), entry.slice(at + 1)];
      if (at > 0 && isOfWorkflow(address)) return [name, address];
      throw new InterlockError("cli/usage", "an entry of INTERLOCK_TEAMS names no address", {
        help: "write each as head@example.com=https://... or department=https://..., a space apart",
      });
    }),
  );
}

/** TLS, but on this machine: the address is its own key. */
function isOfWorkflow(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || (protocol === "http:" && hostname === "127.0.0.1");
}

function openMail(env: Environment, now: () => Instant) {
  const named = readAll(env, "mail", ["INTERLOCK_SMTP_URL", "INTERLOCK_MAIL_FROM"] as const);
  if (named === undefined) return undefined;
  const [address, from] = named;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !["smtp:", "smtps:"].includes(url.protocol)) {
    throw new InterlockError("cli/usage", "INTERLOCK_SMTP_URL is no address of a mail server", {
      help: "write it as smtps://user:password@mail.example.com:465, or smtp:// with port 587",
    });
  }
  const secure = url.protocol === "smtps:";
  const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return createEmailNotifier({
    host: url.hostname,
    port: url.port === "" ? (secure ? 465 : 587) : Number(url.port),
    secure,
    ...(user === "" ? {} : { auth: { user, pass } }),
    from,
    now,
  });
}

/** All of them, or undefined where none is named; by halves is a mistake. */
function readAll<Names extends ReadonlyArray<string>>(
  env: Environment,
  what: string,
  names: Names,
): { readonly [at in keyof Names]: string } | undefined {
  const values = names.map((name) => (env[name] === "" ? undefined : env[name]));
  if (values.every((value) => value === undefined)) return undefined;
  if (values.includes(undefined)) {
    throw new InterlockError("cli/usage", `${what} is only half named`, {
      help: `set ${names.join(" and ")}`,
    });
  }
  return values as { readonly [at in keyof Names]: string };
}
