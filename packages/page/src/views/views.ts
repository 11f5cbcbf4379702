import type { App } from "../app";
import { connection } from "./connection";
import { data } from "./data";
import { profile } from "./profile";
import { sessions } from "./sessions";
import { token } from "./token";

export interface View {
  /** In the address, after `#`. */
  readonly id: string;
  readonly title: string;
  readonly create: (app: App) => HTMLElement;
}

export const VIEWS: readonly View[] = [
  { id: "profile", title: "Profile", create: profile },
  { id: "connection", title: "Connection", create: connection },
  { id: "token", title: "Access token", create: token },
  { id: "sessions", title: "Sessions", create: sessions },
  { id: "data", title: "Your data", create: data },
];
