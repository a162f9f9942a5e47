/** What a page shows while it waits, when there is nothing, and when something went wrong. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { JSX, ReactNode } from "react";
import { CallError } from "../call.ts";

export function Loaded<T>({
  of,
  children,
}: {
  readonly of: UseQueryResult<T>;
  children(data: T): ReactNode;
}): ReactNode {
  if (of.data !== undefined) return children(of.data);
  if (of.error !== null) return <Problem error={of.error} />;
  return <Waiting />;
}

export function Waiting(): JSX.Element {
  return (
    <p className="waiting" role="status">
      Loading
    </p>
  );
}

export function Problem({ error }: { readonly error: Error }): JSX.Element {
  return (
    <div className="problem" role="alert">
      <p>
        <strong>{error.message}</strong>
      </p>
      {error instanceof CallError && (
        <p className="quiet">
          {error.help === undefined ? "" : `${error.help} `}
          <code>{error.code}</code>
        </p>
      )}
    </div>
  );
}

export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}): JSX.Element {
  return (
    <div className="empty">
      <p>
        <strong>{title}</strong>
      </p>
      <p className="quiet">{children}</p>
    </div>
  );
}
