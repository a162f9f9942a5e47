/** The door: sign in, or take up an invitation. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { type JSX, type ReactNode, useState } from "react";
import { readDoor } from "../credential.ts";
import { Rings } from "../part/navigation.tsx";
import { Problem } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import { join, readInvitation, signIn } from "../sign-in.ts";

function Door({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main id="main" className="alone">
      <p className="brand">
        <Rings /> Interlock
      </p>
      <h1>{title}</h1>
      {children}
    </main>
  );
}

export function SignInPage({ isRefused }: { readonly isRefused: boolean }): JSX.Element {
  const ways = useQuery({ queryKey: ["sign-in"], queryFn: readDoor });
  const enter = useMutation({ mutationFn: signIn });
  return (
    <Door title="Sign in">
      {isRefused && (
        <p className="problem" role="alert">
          Your company knows you, but nobody has invited that address here. Ask an admin.
        </p>
      )}
      <p className="row">
        <button
          type="button"
          className="main"
          disabled={enter.isPending}
          onClick={() => enter.mutate()}
        >
          {enter.isPending ? "Waiting for your passkey" : "Sign in with a passkey"}
        </button>
        {ways.data?.provider === true && (
          <a className="button" href="v1/sign-in/provider">
            Sign in with your company account
          </a>
        )}
      </p>
      {enter.error !== null && <Problem error={enter.error} />}
      <p className="quiet">
        Invited, but never here before? Open the link of your invitation. The first admin and the
        operator open a link that <code>interlock serve</code> printed when it started.
      </p>
    </Door>
  );
}

export function JoinPage({ token }: { readonly token: string }): JSX.Element {
  const invitation = useQuery({
    queryKey: ["join", token],
    queryFn: () => readInvitation(token),
    retry: false,
  });
  if (invitation.error !== null) {
    return (
      <Door title="Join">
        <Problem error={invitation.error} />
        <p>
          <a href={linkTo("today")}>Sign in instead</a>
        </p>
      </Door>
    );
  }
  if (invitation.data === undefined) {
    return (
      <Door title="Join">
        <p className="waiting" role="status">
          Loading
        </p>
      </Door>
    );
  }
  return <JoinForm token={token} {...invitation.data} />;
}

function JoinForm({
  token,
  email: invited,
  name: called,
}: {
  readonly token: string;
  readonly email: string | null;
  readonly name: string;
}): JSX.Element {
  const [email, setEmail] = useState(invited ?? "");
  const [name, setName] = useState(called);
  const enter = useMutation({
    mutationFn: () => join(token, email, name),
    onSuccess: () => location.assign(linkTo("today")),
  });
  return (
    <Door title={invited === null ? "Become the first admin" : `Welcome, ${called}`}>
      <p>
        You sign in with a passkey: your face, finger, PIN or security key. There is no password to
        forget or to lose.
      </p>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          enter.mutate();
        }}
      >
        <label>
          E-mail
          <input
            type="email"
            required
            autoComplete="username"
            value={email}
            readOnly={invited !== null}
            onChange={(event) => setEmail(event.target.value)}
          />
        </label>
        <label>
          Name
          <input
            required
            autoComplete="name"
            value={name}
            readOnly={invited !== null}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <button type="submit" className="main" disabled={enter.isPending}>
          {enter.isPending ? "Waiting for your passkey" : "Create a passkey"}
        </button>
      </form>
      {enter.error !== null && <Problem error={enter.error} />}
    </Door>
  );
}
