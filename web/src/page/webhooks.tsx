/** Whoever outside is told of what happens: how far each has come, what went wrong, sending again. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";
import type { WebhookView } from "../../../src/engine/webhooks.ts";
import { act, useCall } from "../call.ts";
import { Badge, Panel } from "../part/panel.tsx";
import { Empty, Loaded, Problem } from "../part/state.tsx";
import { instantToText } from "../words.ts";

export function WebhooksPage(): JSX.Element {
  const hooks = useCall("webhookList", {});
  return (
    <>
      <h1>Webhooks</h1>
      <p className="quiet">
        Each entry of the ledger is sent to these addresses, in order, signed as Standard Webhooks
        has it, until it is taken.
      </p>
      <Add />
      <Panel title="Who is told">
        <Loaded of={hooks}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="Nobody outside is told yet">
                Name an address above; it hears of what happens from then on.
              </Empty>
            ) : (
              <ul className="rows">
                {rows.map((row) => (
                  <Hook key={row.id} {...row} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
    </>
  );
}

function Add(): JSX.Element {
  const client = useQueryClient();
  const [url, setUrl] = useState("");
  const [kinds, setKinds] = useState("");
  const add = useMutation({
    mutationFn: () =>
      act("webhookAdd", { url, kinds: kinds.split(/[\s,]+/).filter((kind) => kind !== "") }),
    onSuccess: () => client.invalidateQueries(),
  });
  return (
    <Panel title="Tell somebody">
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <label className="wide">
          Address
          <input
            type="url"
            required
            maxLength={2_000}
            placeholder="https://hooks.example.com/interlock"
            value={url}
            onChange={({ target }) => setUrl(target.value)}
          />
        </label>
        <label className="wide">
          Only these kinds
          <input
            placeholder="action, vote.cast; all when empty"
            value={kinds}
            onChange={({ target }) => setKinds(target.value)}
          />
        </label>
        <button type="submit" className="main" disabled={add.isPending}>
          Tell them
        </button>
      </form>
      <div role="status">
        {add.data !== undefined && (
          <>
            <p>{add.data.id} is told from now on. Its secret, shown only now:</p>
            <p>
              <code className="secret">{add.data.secret}</code>
            </p>
          </>
        )}
      </div>
      {add.error !== null && <Problem error={add.error} />}
    </Panel>
  );
}

function Hook(row: WebhookView): JSX.Element {
  const { id, url, loop, kinds, seen, behind, failures, last_error, paused_at, next_at } = row;
  return (
    <li>
      <div>
        <span className="title">{url}</span>
        <p className="quiet">
          {loop ?? "every loop"}, {kinds.length === 0 ? "every kind" : kinds.join(", ")}
        </p>
        <p>
          {behind === 0 ? `Has everything up to entry ${seen}.` : `${behind} entries behind.`}{" "}
          {failures > 0 && paused_at === null && `Tried again ${instantToText(next_at)}.`}
        </p>
        {last_error !== null && <p className="problem">{last_error}</p>}
      </div>
      <div className="right">
        <State {...row} />
        <Again id={id} seen={seen} isPaused={paused_at !== null} />
      </div>
    </li>
  );
}

function State({ paused_at, failures, behind }: WebhookView): JSX.Element {
  if (paused_at !== null) return <Badge tone="bad">paused</Badge>;
  if (failures > 0) return <Badge tone="wait">trying again</Badge>;
  return <Badge tone="good">{behind === 0 ? "told" : "being told"}</Badge>;
}

function Again({
  id,
  seen,
  isPaused,
}: {
  readonly id: string;
  readonly seen: number;
  readonly isPaused: boolean;
}): JSX.Element {
  const client = useQueryClient();
  const [from, setFrom] = useState(`${seen}`);
  const [isOpen, setOpen] = useState(false);
  const done = {
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries();
    },
  };
  const resume = useMutation({
    mutationFn: (entry: number | undefined) =>
      act("webhookResume", { webhook: id, ...(entry === undefined ? {} : { from: entry }) }),
    ...done,
  });
  const remove = useMutation({ mutationFn: () => act("webhookRemove", { webhook: id }), ...done });
  const error = resume.error ?? remove.error;
  if (!isOpen) {
    return (
      <p className="row">
        {isPaused && (
          <button type="button" onClick={() => resume.mutate(undefined)}>
            Go on
          </button>
        )}
        <button type="button" onClick={() => setOpen(true)}>
          Change
        </button>
      </p>
    );
  }
  return (
    <form
      className="ask"
      onSubmit={(event) => {
        event.preventDefault();
        resume.mutate(Number(from));
      }}
    >
      <label>
        Send again from entry
        <input
          type="number"
          min={1}
          required
          value={from}
          onChange={({ target }) => setFrom(target.value)}
        />
      </label>
      <p className="row">
        <button type="submit" className="main" disabled={resume.isPending}>
          Send again
        </button>
        <button type="button" onClick={() => remove.mutate()}>
          Tell them no more
        </button>
        <button type="button" onClick={() => setOpen(false)}>
          Leave it
        </button>
      </p>
      {error !== null && <Problem error={error} />}
    </form>
  );
}
