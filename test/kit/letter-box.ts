/** A mail server on loopback that keeps every letter as it came. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";

export type LetterBox = {
  readonly url: string;
  /** Letters to one address, as a mail program reads them. */
  read(address: string): Promise<ReadonlyArray<Email>>;
  close(): Promise<void>;
};

export async function openLetterBox(): Promise<LetterBox> {
  const letters: Buffer[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        letters.push(Buffer.concat(chunks));
        done();
      });
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    async read(address) {
      const read = await Promise.all(letters.map((letter) => PostalMime.parse(letter)));
      return read.filter(({ to }) => to?.[0]?.address === address);
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
