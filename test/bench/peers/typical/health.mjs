import { endpoint, json } from "./base.mjs";

export const handler = endpoint(async () => json(200, { status: "ok" }));
