import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { useLocalRun } from "./local-run";

export default defineConfig(({ command }) => {
  if (command === "serve") {
    useLocalRun();
  }
  // The provider brings people back to this port and to no other: never take the next one.
  // 127.0.0.1 is the API's host, too: a session in a cookie needs that.
  return { plugins: [react()], server: { host: "127.0.0.1", port: 5173, strictPort: true } };
});
