import * as v from "valibot";

/** `CorsConfiguration` of an HTTP API. */
const Cors = v.object({
  AllowOrigins: v.optional(v.array(v.string()), []),
  AllowMethods: v.optional(v.array(v.string()), []),
  AllowHeaders: v.optional(v.array(v.string()), []),
  ExposeHeaders: v.optional(v.array(v.string()), []),
  AllowCredentials: v.optional(v.boolean(), false),
  /** Seconds. */
  MaxAge: v.optional(v.number()),
});

export type CorsConfiguration = v.InferOutput<typeof Cors>;

export function readCors(value: unknown): CorsConfiguration | undefined {
  return value === undefined ? undefined : v.parse(Cors, value);
}
