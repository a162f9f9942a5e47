/** What the server needs of Slack when somebody presses a button: who that is, a form, and a word back. */
import type { KnownBlock } from "@slack/web-api";
import { InterlockError } from "../../std/errors.ts";
import { errorOf } from "./errors.ts";
import { createSlackClient, type SlackSettings } from "./notifier.ts";
import { toRejectView } from "./reject-view.ts";

export type MessagePlace = {
  readonly channel: string;
  readonly ts: string;
  /** The first of its thread; its own where it is none's. */
  readonly threadTs: string;
};

/** A message as Slack shows it to us when somebody acts on it. */
export type ShownMessage = MessagePlace & {
  readonly text: string;
  readonly blocks: ReadonlyArray<{ readonly type: string }>;
};

export type SlackDoor = {
  readonly signingSecret: string;
  /** The address of a person of our own workspace, which they have confirmed. Throws for anybody else. */
  getEmail(userId: string): Promise<string>;
  /** Takes the buttons away and says what came of them. */
  close(message: ShownMessage, words: string): Promise<void>;
  /** In the thread of the message. */
  reply(message: MessagePlace, words: string): Promise<void>;
  /** Opens the form for a reason, before whoever pressed; `keep` comes back with it. */
  askReason(triggerId: string, subject: string, keep: string): Promise<void>;
  /** As it stands now. Throws where it is gone. */
  getMessage(place: MessagePlace): Promise<ShownMessage>;
};

export function createSlackDoor(settings: SlackSettings, signingSecret: string): SlackDoor {
  const client = createSlackClient(settings);
  let ownTeam: string | undefined;

  async function getOwnTeam(): Promise<string> {
    ownTeam ??= (await told(client.auth.test())).team_id ?? "";
    return ownTeam;
  }

  return {
    signingSecret,

    async getEmail(userId) {
      const { user = {} } = await told(client.users.info({ user: userId }));
      const team = await getOwnTeam();
      const isMember = user.team_id === team && user.deleted !== true && user.is_bot !== true;
      if (!isMember) throw refuse("this Slack user is no member of the workspace");
      const email = user.profile?.email;
      if (email === undefined) {
        throw refuse(
          "Slack does not tell your address",
          "give the app the scope users:read.email, and install it again",
        );
      }
      if (user.is_email_confirmed !== true) {
        throw refuse("your address is not confirmed in Slack", "confirm it there, and try again");
      }
      return email;
    },

    async close({ channel, ts, blocks }, words) {
      const said: KnownBlock = {
        type: "context",
        elements: [{ type: "plain_text", text: words, emoji: false }],
      };
      const kept = blocks.filter(({ type }) => type !== "actions") as KnownBlock[];
      await told(client.chat.update({ channel, ts, text: words, blocks: [...kept, said] }));
    },

    async reply({ channel, threadTs }, words) {
      const said = { channel, thread_ts: threadTs, text: words, unfurl_links: false };
      await told(client.chat.postMessage(said));
    },

    async askReason(triggerId, subject, keep) {
      await told(client.views.open({ trigger_id: triggerId, view: toRejectView(subject, keep) }));
    },

    async getMessage(place) {
      const { channel, ts, threadTs } = place;
      const { messages = [] } = await told(
        client.conversations.replies({
          ...{ channel, ts: threadTs, oldest: ts, latest: ts, inclusive: true },
          // The first of the thread always comes along.
          limit: 2,
        }),
      );
      const found = messages.find((one) => one.ts === ts);
      if (found === undefined) throw refuse("the message that asked is gone");
      const blocks = (found.blocks ?? []).map((block) => ({ ...block, type: block.type ?? "" }));
      return { ...place, text: found.text ?? "", blocks };
    },
  };
}

function told<T>(work: Promise<T>): Promise<T> {
  return work.catch((thrown: unknown) => {
    throw errorOf(thrown, "after");
  });
}

function refuse(message: string, help?: string): InterlockError {
  return new InterlockError("vote/bad-proof", message, help === undefined ? {} : { help });
}
