/** Where agents may be called besides public addresses and this machine: `10.20.0.0/16,fd00::/8`. */
export function readNetworks({
  INTERLOCK_NETWORKS: named = "",
}: NodeJS.ProcessEnv): ReadonlyArray<string> {
  return named.split(",").filter((network) => network.trim() !== "");
}
