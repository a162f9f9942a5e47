/** Interlock with nothing beside it: the embedded store on disk, every commit flushed. */
import path from "node:path";
import { openDriver } from "../../../src/store/driver/driver.ts";
import type { OpenPeer } from "../peer.ts";
import { openInterlockPeer } from "./interlock-peer.ts";

export const open: OpenPeer = async ({ directory, adsUrl }) =>
  openInterlockPeer(await openDriver({ directory: path.join(directory, "store") }), adsUrl);
