/**
 * Bodies of the API, generated from its OpenAPI document: names in snake_case, times in RFC 3339,
 * durations in whole seconds.
 */
import type { components } from "./api-types.js";

type Schemas = components["schemas"];

export type AccessToken = Schemas["AccessToken"];
/** Public name of the contract's `Grant`: to the app's users it is their connection. */
export type Connection = Schemas["Grant"];
export type CodeSignInRequest = Schemas["CodeSignInRequest"];
export type ErasureReceipt = Schemas["ErasureReceipt"];
export type Export = Schemas["Export"];
export type FreshUser = Schemas["FreshUser"];
export type ListedSession = Schemas["ListedSession"];
export type Problem = Schemas["Problem"];
export type Session = Schemas["Session"];
export type SessionList = Schemas["SessionList"];
export type SignIn = Schemas["SignIn"];
export type User = Schemas["User"];

/** JSON merge patch (RFC 7396): null removes a member, objects are merged. */
export type AttributesPatch = Schemas["AttributesPatch"]["attributes"];
