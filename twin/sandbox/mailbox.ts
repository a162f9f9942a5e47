/**
 * The departments' mailboxes behind one SMTP server: plain, on loopback, with a password.
 *
 * A letter is known by its Message-ID, as good mailboxes do it: the second copy is accepted with thanks
 * and thrown away. An address that does not exist is refused at RCPT with 550.
 */
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import PostalMime from "postal-mime";
import { SMTPServer, type SMTPServerDataStream } from "smtp-server";
import type { FaultKind, Faults } from "./fault.ts";
import type { Mail } from "./types.ts";

const LETTER_BYTES_MAX = 1_048_576;

export type ArrivedMail = Omit<Mail, "seq" | "at">;

export type MailWorld = {
  readonly user: string;
  readonly pass: string;
  readonly mailboxes: ReadonlySet<string> | undefined;
  readonly faults: Faults;
  readonly count: () => void;
  readonly isKnown: (messageId: string) => boolean;
  /** Journals the letter, then keeps it. */
  readonly commit: (mail: ArrivedMail, key: string | null) => void;
};

export type MailServer = {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
};

export async function serveMailbox(world: MailWorld): Promise<MailServer> {
  const closing = new AbortController();
  const server = new SMTPServer({
    authMethods: ["PLAIN", "LOGIN"],
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    size: LETTER_BYTES_MAX,
    closeTimeout: 100,
    onAuth(auth, _session, done) {
      if (auth.username === world.user && auth.password === world.pass) {
        done(null, { user: world.user });
      } else {
        done(smtpError(535, "5.7.8 authentication credentials invalid"));
      }
    },
    onRcptTo(address, _session, done) {
      if (world.mailboxes === undefined || world.mailboxes.has(address.address.toLowerCase())) {
        done();
      } else {
        done(smtpError(550, "5.1.1 mailbox unavailable"));
      }
    },
    onData(stream, session, done) {
      receive(stream, session.envelope.rcptTo[0]?.address ?? "", session.id)
        .then((refusal) => done(refusal))
        .catch(() => done(smtpError(451, "4.3.0 error in processing")));
    },
  });
  // A client that breaks off is one of the faults, not an error of the server.
  server.on("error", () => undefined);

  async function receive(
    stream: SMTPServerDataStream,
    recipient: string,
    sessionId: string,
  ): Promise<Error | null> {
    world.count();
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
    if (stream.sizeExceeded) return smtpError(552, "5.3.4 message too big");
    const parsed = await PostalMime.parse(Buffer.concat(chunks));
    const header = (name: string): string | null =>
      parsed.headers.find(({ key }) => key === name)?.value ?? null;
    const messageId = parsed.messageId ?? "";
    const key = header("x-interlock-key");
    const fault = world.faults.pick("mail", "mutation", key ?? messageId);
    const refusal = refusalOf(fault);
    if (refusal !== null) return refusal;
    if (fault === "reset-before") return hangUp(sessionId);
    if (!world.isKnown(messageId)) {
      const mail: ArrivedMail = {
        messageId,
        inReplyTo: parsed.inReplyTo ?? null,
        from: parsed.from?.address ?? "",
        to: recipient,
        subject: parsed.subject ?? "",
        text: (parsed.text ?? "").replace(/\n$/, ""),
      };
      world.commit(mail, key);
    }
    if (fault === "reset-after" || fault === "garbage-after") return hangUp(sessionId);
    if (fault === "slow" || fault === "late-after") {
      const waitMs = fault === "slow" ? world.faults.slowMs : world.faults.lateMs;
      await wait(waitMs, undefined, { signal: closing.signal });
    }
    return null;
  }

  function hangUp(sessionId: string): null {
    for (const connection of server.connections as Set<{
      readonly id: string;
      readonly _socket: { destroy(): void };
    }>) {
      if (connection.id === sessionId) connection._socket.destroy();
    }
    return null;
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve());
  });
  const { port } = server.server.address() as AddressInfo;

  return {
    host: "127.0.0.1",
    port,
    close() {
      closing.abort();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function refusalOf(fault: FaultKind | undefined): Error | null {
  if (fault === "unavailable-before") return smtpError(451, "4.3.2 try again later");
  if (fault === "rate-limit") return smtpError(452, "4.5.3 too many messages, slow down");
  return null;
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
