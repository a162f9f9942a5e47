/** Going about by keyboard, and the card that `?` shows. */
import { type JSX, useEffect, useRef } from "react";
import { isAdmin, type Viewer } from "../credential.ts";
import { PAGES } from "../page/list.ts";
import { linkTo } from "../route.ts";
import { readKey } from "./keys.model.ts";

/** So long `g` waits for the letter after it. */
const AFTER_G_MS = 1_500;

export function Keys({
  loop,
  viewer,
}: {
  readonly loop: string;
  readonly viewer: Viewer;
}): JSX.Element {
  const card = useRef<HTMLDialogElement>(null);
  const pages = PAGES.filter(({ forAdmin }) => !forAdmin || isAdmin(viewer));
  const wentAt = useRef(-AFTER_G_MS);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { key, ctrlKey, altKey, metaKey, timeStamp, target } = event;
      const isTyping =
        target instanceof HTMLElement && target.matches("input, textarea, select, dialog *");
      const isAfterG = timeStamp - wentAt.current < AFTER_G_MS;
      const deed = readKey(
        { key, isChord: ctrlKey || altKey || metaKey, isTyping },
        isAfterG,
        pages,
      );
      wentAt.current = deed.kind === "wait" ? timeStamp : -AFTER_G_MS;
      if (deed.kind === "none" || deed.kind === "wait") return;
      event.preventDefault();
      if (deed.kind === "help") return card.current?.showModal();
      if (deed.kind === "find") {
        return document.querySelector<HTMLInputElement>("main input[type=search]")?.focus();
      }
      const page = pages.find((one) => one.page === deed.page);
      location.hash = linkTo(deed.page, page?.ofLoop === true ? loop : "");
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [loop, pages]);
  return (
    <dialog ref={card} aria-labelledby="keys">
      <h2 id="keys">Keys</h2>
      <dl>
        {pages.map(
          ({ page, title, key }) =>
            key !== undefined && <KeyLine key={page} keys={["g", key]} words={`go to ${title}`} />,
        )}
        <KeyLine keys={["/"]} words="find on this page" />
        <KeyLine keys={["?"]} words="this card" />
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

function KeyLine({
  keys,
  words,
}: {
  readonly keys: ReadonlyArray<string>;
  readonly words: string;
}): JSX.Element {
  return (
    <>
      <dt>
        {keys.map((key, at) => (
          <span key={key}>
            {at > 0 && " "}
            <kbd>{key}</kbd>
          </span>
        ))}
      </dt>
      <dd>{words}</dd>
    </>
  );
}
