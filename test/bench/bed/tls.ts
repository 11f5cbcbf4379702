/**
 * TLS before the engines, which speak plain HTTP. It runs in the bench's own process, so nothing of
 * it counts as a function's.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type TLSSocket } from "node:tls";

export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** Made anew by the system's OpenSSL: a key in the repository would be one that everybody has. */
export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "rollup-vault-bench-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  try {
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
    const files = ["-keyout", key, "-out", cert];
    execFileSync("openssl", ["req", "-x509", "-days", "2", ...kind, ...name, ...files], {
      stdio: ["ignore", "ignore", "ignore"],
    });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface TlsDoor {
  readonly url: string;
  close(): Promise<void>;
}

/** @param target of plain HTTP on this machine */
export async function openTlsDoor(target: string, certificate: Certificate): Promise<TlsDoor> {
  const { port } = new URL(target);
  const open = new Set<TLSSocket>();
  const server = createServer(certificate, (outside) => {
    const inside = connect(Number(port), "127.0.0.1");
    open.add(outside);
    outside.setNoDelay(true).once("close", () => {
      open.delete(outside);
      inside.destroy();
    });
    inside.setNoDelay(true).once("close", () => outside.destroy());
    outside.on("error", () => inside.destroy());
    inside.on("error", () => outside.destroy());
    outside.pipe(inside).pipe(outside);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      open.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
