import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { CallError } from "./call.ts";
import { findViewer } from "./credential.ts";
import "./style/index.css";

void findViewer();

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server refused it refuses again; what it did not hear is worth another try.
      retry: (tries, error) =>
        tries < 3 && error instanceof CallError && error.code === "server/away",
      refetchOnWindowFocus: false,
    },
  },
});

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
