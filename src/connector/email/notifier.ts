/**
 * Notices by mail, over SMTP.
 *
 * Mail has no read-back, but it has a name: `Message-ID` is made of the notice's id alone, so a letter
 * sent twice is one letter to every mailbox that knows its mail by name. That is what makes an unknown
 * outcome here (no answer after the text went out) safe to leave by sending again, and why its error
 * says `retry: "later"`. Letters of one case hang together by `References` to the case's first.
 *
 * 4xx answers and connections that fail are retried later; 5xx answers never. A notice is plain text; one
 * that asks for a vote is HTML beside it, with the picture of the evidence in the letter itself. Neither
 * carries a link that acts when it is merely opened, so that mail scanners cannot vote.
 */
import { createTransport } from "nodemailer";
import { InterlockError } from "../../std/errors.ts";
import { SECOND_MS, type Instant } from "../../std/time.ts";
import type { Call, Notice, Notifier } from "../../core/port/types.ts";
import { renderVoteLetter } from "./vote-letter.ts";

const CONNECTIONS_MAX = 8;
const SUBJECT_LENGTH_MAX = 200;

export type EmailSettings = {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (port 465); otherwise STARTTLS where the server offers it. */
  readonly secure: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
  readonly from: string;
  /** Right side of every Message-ID; stays the same for ever. */
  readonly messageIdDomain?: string;
  /** Time of the `Date` header. */
  readonly now: () => Instant;
};

export type EmailNotifier = Notifier & { close(): void };

export function createEmailNotifier(settings: EmailSettings): EmailNotifier {
  const domain = settings.messageIdDomain ?? "interlock";
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    maxMessages: Infinity,
    // Retries are the engine's, with its own account of them.
    maxRequeues: 0,
    host: settings.host,
    port: settings.port,
    secure: settings.secure,
    ...(settings.auth === undefined ? {} : { auth: { ...settings.auth } }),
    connectionTimeout: 10 * SECOND_MS,
    greetingTimeout: 10 * SECOND_MS,
    socketTimeout: 60 * SECOND_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  async function post(notice: Notice, call: Call): Promise<string> {
    const threadId = messageIdOf(notice.thread, domain);
    const sent = await transport.sendMail({
      from: settings.from,
      // As an object, so that a comma or a name in it can never add a second recipient.
      to: { name: "", address: notice.address },
      subject: notice.subject.slice(0, SUBJECT_LENGTH_MAX),
      text: notice.text,
      ...(notice.vote === undefined ? {} : renderVoteLetter(notice.vote)),
      ...(notice.vote?.replyTo === undefined
        ? {}
        : { replyTo: { name: "", address: notice.vote.replyTo } }),
      messageId: messageIdOf(notice.id, domain),
      date: new Date(settings.now()),
      ...(notice.thread === notice.id ? {} : { inReplyTo: threadId, references: threadId }),
      headers: {
        "Auto-Submitted": "auto-generated",
        "List-Id": `Interlock notices <notices.${domain}>`,
        "X-Interlock-Key": call.idempotencyKey,
      },
    });
    return sent.response;
  }

  return {
    channel: "email",

    async send(notice, call) {
      const to = `mail to \`${notice.address}\``;
      if (call.signal.aborted) {
        throw new InterlockError("connector/unavailable", `${to}: the deadline had passed`, {
          retry: "later",
        });
      }
      let onDeadline: (() => void) | undefined;
      const deadline = new Promise<never>((_resolve, reject) => {
        onDeadline = () =>
          reject(
            new InterlockError(
              "connector/unknown-outcome",
              `${to}: no answer before the deadline`,
              { retry: "later", cause: call.signal.reason, help: SAFE_TO_RESEND },
            ),
          );
        call.signal.addEventListener("abort", onDeadline, { once: true });
      });
      try {
        const response = await Promise.race([post(notice, call), deadline]);
        return { receipt: { messageId: messageIdOf(notice.id, domain), response } };
      } catch (thrown) {
        throw thrown instanceof InterlockError ? thrown : errorOf(to, thrown);
      } finally {
        if (onDeadline !== undefined) call.signal.removeEventListener("abort", onDeadline);
      }
    },

    async probe(call) {
      try {
        await Promise.race([transport.verify(), rejectAtDeadline(call.signal)]);
      } catch (thrown) {
        throw thrown instanceof InterlockError ? thrown : errorOf("the mail server", thrown);
      }
    },

    close: () => transport.close(),
  };
}

function rejectAtDeadline(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const late = () =>
      reject(
        new InterlockError("connector/unavailable", "the mail server did not answer in time", {
          retry: "later",
        }),
      );
    if (signal.aborted) late();
    else signal.addEventListener("abort", late, { once: true });
  });
}

const SAFE_TO_RESEND =
  "it may have been delivered; sending again is safe, its Message-ID is the same";

/** What the mail library says went wrong, as far as it says it. */
type SmtpFailure = Error & {
  code?: string;
  responseCode?: number;
  syscall?: string;
  timeoutType?: string;
};

/** The session never began; every other break may have come after the text. */
function isNeverConnected({ code, syscall, timeoutType }: SmtpFailure): boolean {
  return (
    code === "EDNS" ||
    syscall === "connect" ||
    timeoutType === "CONNECT_TIMEOUT" ||
    timeoutType === "GREETING_TIMEOUT"
  );
}

function errorOf(to: string, thrown: unknown): InterlockError {
  const failure: SmtpFailure = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { responseCode, code } = failure;
  const message = `${to}: ${failure.message}`;
  if (code === "EAUTH") {
    return new InterlockError("connector/unauthorised", message, {
      cause: thrown,
      help: "check the mail server's user and password in the configuration",
    });
  }
  if (responseCode !== undefined && responseCode >= 500) {
    return new InterlockError("connector/rejected", message, {
      cause: thrown,
      help: "the mail server will not take this letter; check the address in the charter",
    });
  }
  if (responseCode !== undefined && responseCode >= 400) {
    const slowDown = responseCode === 421 || responseCode === 452;
    return new InterlockError(
      slowDown ? "connector/rate-limited" : "connector/unavailable",
      message,
      { retry: "later", cause: thrown },
    );
  }
  if (code === "EENVELOPE") {
    return new InterlockError("connector/rejected", message, {
      cause: thrown,
      help: "the address is not one; correct it in the charter",
    });
  }
  if (isNeverConnected(failure)) {
    return new InterlockError("connector/unavailable", message, { retry: "later", cause: thrown });
  }
  return new InterlockError("connector/unknown-outcome", message, {
    retry: "later",
    cause: thrown,
    help: SAFE_TO_RESEND,
  });
}

/** Any id as the left side of a Message-ID: what an address may not hold is written as %XX. */
export function messageIdOf(id: string, domain: string): string {
  return `<${encodeURIComponent(id).replace(/[()]/g, escapeParenthesis)}@${domain}>`;
}

function escapeParenthesis(character: string): string {
  return character === "(" ? "%28" : "%29";
}
