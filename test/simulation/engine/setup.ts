import type { EngineWorld, WorldOptions } from "../../kit/engine-world.ts";

/** A fresh world on whichever database the exercise runs on. */
export type Setup = (options?: WorldOptions) => Promise<EngineWorld>;
