/** A process of a run never outlives the one that leads it, however early that one died. */
export function endWithParent(end: () => void = () => process.exit(0)): void {
  if (!process.connected) end();
  else process.once("disconnect", end);
}
