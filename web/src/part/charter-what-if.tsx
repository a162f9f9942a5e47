/** The verdict on something that nobody proposed, under the facts of this moment: caps used, stops, claims. */
import { useMutation } from "@tanstack/react-query";
import { type JSX, useEffect, useState } from "react";
import type { Charter } from "../../../src/core/charter/types.ts";
import { writeMoney } from "../../../src/core/charter/money-text.ts";
import { call, useCall } from "../call.ts";
import { toTitle } from "../words.ts";
import type { Pointed } from "./charter-matrix.tsx";
import { Badge, Panel } from "./panel.tsx";
import { Say } from "./say.tsx";
import { Problem } from "./state.tsx";

const VERDICTS = {
  auto: ["may run by itself", "good"],
  approve: ["needs votes", "wait"],
  forbid: ["may not run", "bad"],
} as const;

export function CharterWhatIf({
  loop,
  charter: { currency, options },
  pointed,
}: {
  readonly loop: string;
  readonly charter: Charter;
  readonly pointed: Pointed | undefined;
}): JSX.Element {
  // The server's own time, which in a demo is not this machine's.
  const now = useCall("todayShow", {}).data?.now;
  const [option, setOption] = useState(options[0] ?? "");
  const [value, setValue] = useState(40_000);
  const [confidence, setConfidence] = useState(90);
  const [subjects, setSubjects] = useState(1);
  const [orders, setOrders] = useState(0.1);
  const [isForGood, setForGood] = useState(false);
  const ask = useMutation({
    mutationFn: (of: Pointed) =>
      call("charterExplain", {
        ...{ loop, option: of.option, subjects, irreversible: isForGood },
        value: writeMoney({ currency, amountMinor: of.valueMinor }),
        confidence: confidence / 100,
        shareOfOrders: orders / 100,
        at: now ?? new Date().toISOString(),
      }),
  });
  const { mutate } = ask;
  useEffect(() => {
    if (pointed === undefined) return;
    setOption(pointed.option);
    setValue(pointed.valueMinor / 100);
    mutate(pointed);
  }, [pointed, mutate]);
  return (
    <Panel title="What if" aside="under what is true now: caps used, stops, who holds what">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          mutate({ option, valueMinor: Math.round(value * 100) });
        }}
      >
        <div className="fields-of">
          <label>
            Option
            <select value={option} onChange={({ target }) => setOption(target.value)}>
              {options.map((name) => (
                <option key={name} value={name}>
                  {toTitle(name)}
                </option>
              ))}
            </select>
          </label>
          <Amount label={`Value at stake, ${currency}`} value={value} onChange={setValue} />
          <Amount label="Confidence, %" max={100} value={confidence} onChange={setConfidence} />
          <Amount label="Places touched" min={1} value={subjects} onChange={setSubjects} />
          <Amount
            label="Share of all orders, %"
            max={100}
            step="any"
            value={orders}
            onChange={setOrders}
          />
        </div>
        <label className="check">
          <input
            type="checkbox"
            checked={isForGood}
            onChange={({ target }) => setForGood(target.checked)}
          />
          It cannot be undone
        </label>
        <p className="row">
          <button type="submit" className="main" disabled={ask.isPending}>
            Ask the charter
          </button>
        </p>
      </form>
      <div role="status">
        {ask.data !== undefined && (
          <>
            <p>
              <Badge tone={VERDICTS[ask.data.kind][1]}>{VERDICTS[ask.data.kind][0]}</Badge> by{" "}
              <code>{ask.data.rule}</code>
            </p>
            <ul>
              {ask.data.reasons.map((reason) => (
                <li key={reason}>
                  <Say>{reason}</Say>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      {ask.error !== null && <Problem error={ask.error} />}
    </Panel>
  );
}

function Amount({
  label,
  min = 0,
  onChange,
  ...field
}: {
  readonly label: string;
  readonly value: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: string;
  onChange(value: number): void;
}): JSX.Element {
  return (
    <label>
      {label}
      <input
        type="number"
        required
        min={min}
        {...field}
        onChange={({ target }) => onChange(target.valueAsNumber)}
      />
    </label>
  );
}
