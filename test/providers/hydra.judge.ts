import { describeColumn } from "./column";
import { startHydra } from "./hydra";
import { JOURNEY } from "./journey";
import { HYDRA } from "./prepared";

describeColumn({ source: HYDRA, start: startHydra, table: "journey", steps: JOURNEY });
