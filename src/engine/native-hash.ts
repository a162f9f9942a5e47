/** Where Node runs, SHA-256 is Node's own: the same digits, several times as fast. */
import { hash } from "node:crypto";
import { useTextHash } from "../std/hash.ts";

useTextHash((text) => hash("sha256", text, "hex"));
