/** Interlock on the PostgreSQL that the other peers use. */
import { openDriver } from "../../../src/store/driver/driver.ts";
import type { OpenPeer } from "../peer.ts";
import { openInterlockPeer } from "./interlock-peer.ts";

export const open: OpenPeer = async ({ databaseUrl, adsUrl }) =>
  openInterlockPeer(await openDriver({ url: databaseUrl }), adsUrl);
