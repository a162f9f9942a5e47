/** A button that asks why before it does what cannot be undone by looking away. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type JSX, type ReactNode, useId, useState } from "react";
import { Problem } from "./state.tsx";

export function AskWhy({
  label,
  confirm,
  children,
  work,
}: {
  readonly label: string;
  /** What the second button says: the deed itself. */
  readonly confirm: string;
  /** What follows from it. */
  readonly children?: ReactNode;
  work(why: string): Promise<unknown>;
}): JSX.Element {
  const client = useQueryClient();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const [why, setWhy] = useState("");
  const doing = useMutation({
    mutationFn: () => work(why),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries();
    },
  });
  if (!isOpen) {
    return (
      <button type="button" onClick={() => setOpen(true)}>
        {label}
      </button>
    );
  }
  return (
    <form
      className="ask"
      onSubmit={(event) => {
        event.preventDefault();
        doing.mutate();
      }}
    >
      {children !== undefined && <p>{children}</p>}
      <label htmlFor={id}>Why, for both departments</label>
      <textarea
        id={id}
        required
        maxLength={2_000}
        rows={2}
        value={why}
        onChange={(event) => setWhy(event.target.value)}
      />
      <p className="row">
        <button type="submit" className="main" disabled={doing.isPending}>
          {confirm}
        </button>
        <button type="button" onClick={() => setOpen(false)}>
          Leave it
        </button>
      </p>
      {doing.error !== null && <Problem error={doing.error} />}
    </form>
  );
}
