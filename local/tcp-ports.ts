import { hasCode, LocalRunError } from "./local-run-error";

export type PortVariable = "PORT" | "ISSUER_PORT" | "PAGE_PORT";

/** @throws LocalRunError naming the variable */
export function readPort(
  name: PortVariable,
  fallback: number,
  environment: NodeJS.ProcessEnv = process.env,
): number {
  const text = environment[name];
  if (text === undefined || text === "") {
    return fallback;
  }
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new LocalRunError(`${name} must be a port number from 0 (any free one) to 65535`);
  }
  return port;
}

/** @throws LocalRunError naming the variable, if the port is taken or not allowed */
export async function openPort<T>(
  name: PortVariable,
  port: number,
  open: (port: number) => Promise<T>,
): Promise<T> {
  try {
    return await open(port);
  } catch (error) {
    if (hasCode(error, "EADDRINUSE")) {
      throw new LocalRunError(
        `port ${port} is taken: set ${name} to another one, or \`${name}=0 npm start\` takes any free one`,
      );
    }
    if (hasCode(error, "EACCES")) {
      throw new LocalRunError(
        `port ${port} is not allowed: \`${name}=0 npm start\` takes any free one above 1023`,
      );
    }
    throw error;
  }
}
