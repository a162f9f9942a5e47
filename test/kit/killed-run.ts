/**
 * Runs the command line and kills itself, as `kill -9` does, at the n-th message that leaves it: to the
 * database, to a socket, or to a file of the outside world. Every moment between two messages is one
 * such point, so a seeded n is a moment that can be hit again.
 *
 *   node killed-run.ts N COMMAND...      N = 0 never kills; the count goes to file descriptor 3
 */
import fs from "node:fs";
import { Socket } from "node:net";
import { MessagePort, Worker } from "node:worker_threads";
import { syncBuiltinESMExports } from "node:module";

const [, , limitText = "0", ...command] = process.argv;
const limit = Number(limitText);
let messages = 0;

function count(): void {
  messages += 1;
  if (messages === limit) process.kill(process.pid, "SIGKILL");
}

function counting<This, Args extends unknown[], Result>(
  method: (this: This, ...args: Args) => Result,
): (this: This, ...args: Args) => Result {
  return function (...args) {
    count();
    return method.apply(this, args);
  };
}

Worker.prototype.postMessage = counting(Worker.prototype.postMessage);
MessagePort.prototype.postMessage = counting(MessagePort.prototype.postMessage);
Socket.prototype.write = counting(Socket.prototype.write) as typeof Socket.prototype.write;
fs.writeSync = counting(fs.writeSync as (...args: unknown[]) => number);
syncBuiltinESMExports();

process.once("exit", () => {
  fs.appendFileSync(3, `${messages}\n`);
});
process.argv = [process.argv[0] ?? "node", "interlock", ...command];
await import("../../src/cli/main.ts");
