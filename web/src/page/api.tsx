/** The API, to read and to try: every operation that this server takes, from its own document. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { type JSX, useState } from "react";
import type { JsonSchema } from "../../../src/core/contract/types.ts";
import { callByName, readAnswer } from "../call.ts";
import { Panel } from "../part/panel.tsx";
import { listFields } from "../part/schema.model.ts";
import { Loaded, Problem } from "../part/state.tsx";

type Method = {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly requestBody?: {
    readonly content: { readonly [type: string]: { readonly schema: JsonSchema } };
  };
};
type Document = {
  readonly paths: { readonly [path: string]: { readonly [verb: string]: Method } };
};
type Address = Method & { readonly verb: string; readonly path: string };

const OPERATIONS = "/v1/operations/";

export function ApiPage(): JSX.Element {
  const document = useQuery({
    queryKey: ["openapi"],
    queryFn: async ({ signal }) => readAnswer<Document>(await fetch("v1/openapi.json", { signal })),
    staleTime: Infinity,
  });
  const [find, setFind] = useState("");
  return (
    <>
      <h1>API</h1>
      <p className="quiet">
        From <a href="v1/openapi.json">the document</a> of this server. What you try here is done as
        you, as far as your roles go.
      </p>
      <label className="search">
        Find
        <input
          type="search"
          value={find}
          placeholder="case, vote, webhook"
          onChange={({ target }) => setFind(target.value)}
        />
      </label>
      <Loaded of={document}>
        {({ paths }) => {
          const found = listAddresses(paths).filter(({ path, summary }) =>
            `${path} ${summary}`.toLowerCase().includes(find.toLowerCase()),
          );
          const isOperation = ({ path }: Address): boolean => path.startsWith(OPERATIONS);
          return (
            <>
              <Panel title="Operations" aside="all of them are asked with POST">
                {found.filter(isOperation).map((one) => (
                  <OperationEntry key={one.path} of={one} />
                ))}
              </Panel>
              <Panel title="Other addresses" aside="for agents, browsers and monitors">
                <ul className="rows">
                  {found
                    .filter((one) => !isOperation(one))
                    .map(({ verb, path, summary }) => (
                      <li key={`${verb} ${path}`}>
                        <div>
                          <code>
                            {verb.toUpperCase()} {path}
                          </code>
                          <p>{summary}</p>
                        </div>
                      </li>
                    ))}
                </ul>
              </Panel>
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function listAddresses(paths: Document["paths"]): ReadonlyArray<Address> {
  return Object.entries(paths)
    .flatMap(([path, verbs]) =>
      Object.entries(verbs).map(([verb, method]) => ({ ...method, verb, path })),
    )
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function OperationEntry({ of }: { readonly of: Address }): JSX.Element {
  const { path, summary, description, requestBody } = of;
  const name = path.slice(OPERATIONS.length);
  const fields = listFields(requestBody?.content["application/json"]?.schema ?? {}).filter(
    (field) => field.path !== "",
  );
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="operation" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <code>{name}</code> <span className="quiet">{summary}</span>
      </summary>
      {isOpen && (
        <>
          {description !== undefined && <p className="quiet">{description}</p>}
          {fields.length > 0 && (
            <ul>
              {fields.map((field) => (
                <li key={field.path}>
                  <code>{field.path}</code> {field.type}
                  {field.range === "" ? "" : `, ${field.range}`}
                  {field.isRequired ? "" : ", may be left out"}
                  {field.description === "" ? "" : `: ${field.description}`}
                </li>
              ))}
            </ul>
          )}
          <Try name={name} required={fields.filter((field) => field.isRequired)} />
        </>
      )}
    </details>
  );
}

function Try({
  name,
  required,
}: {
  readonly name: string;
  readonly required: ReadonlyArray<{ readonly path: string }>;
}): JSX.Element {
  const [text, setText] = useState(
    JSON.stringify(Object.fromEntries(required.map(({ path }) => [path, ""])), null, 2),
  );
  const asking = useMutation({
    mutationFn: async () => callByName(name, JSON.parse(text) as object),
  });
  return (
    <form
      className="ask"
      onSubmit={(event) => {
        event.preventDefault();
        asking.mutate();
      }}
    >
      <label>
        Input of {name}
        <textarea
          className="code"
          rows={Math.min(12, text.split("\n").length + 1)}
          value={text}
          spellCheck={false}
          onChange={({ target }) => setText(target.value)}
        />
      </label>
      <p className="row">
        <button type="submit" className="main" disabled={asking.isPending}>
          Ask
        </button>
      </p>
      {asking.error !== null && <Problem error={asking.error} />}
      {asking.data !== undefined && (
        <pre className="code" tabIndex={0} aria-label={`The answer of ${name}`}>
          {JSON.stringify(asking.data, null, 2)}
        </pre>
      )}
    </form>
  );
}
