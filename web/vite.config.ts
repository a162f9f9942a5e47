import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Hashed names, nothing inline: the server's content policy forbids inline script and style. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 900 },
});
