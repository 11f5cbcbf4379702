/** AWS calls signed by hand (Signature Version 4) over `node:https`, and no SDK at all. */
import { createHash, createHmac } from "node:crypto";
import { Agent, request } from "node:https";

const agent = new Agent({ keepAlive: true });
const hash = (text) => createHash("sha256").update(text).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

const SERVICES = {
  dynamodb: { endpoint: "AWS_ENDPOINT_URL_DYNAMODB", target: "DynamoDB_20120810", json: "1.0" },
  kms: { endpoint: "AWS_ENDPOINT_URL_KMS", target: "TrentService", json: "1.1" },
  secretsmanager: {
    endpoint: "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    target: "secretsmanager",
    json: "1.1",
  },
};

export async function call(service, action, input) {
  const { endpoint, target, json } = SERVICES[service];
  const url = process.env[endpoint];
  const body = JSON.stringify(input);
  const headers = {
    "content-type": `application/x-amz-json-${json}`,
    host: url.slice("https://".length),
    "x-amz-date": new Date().toISOString().replace(/[-:]|\.\d{3}/g, ""),
    "x-amz-security-token": process.env.AWS_SESSION_TOKEN,
    "x-amz-target": `${target}.${action}`,
  };
  const { status, text } = await send(url, { ...headers, ...sign(service, headers, body) }, body);
  const answer = JSON.parse(text);
  if (status !== 200) {
    throw Object.assign(new Error(answer.message), { name: answer.__type.split("#").at(-1) });
  }
  return answer;
}

function sign(service, headers, body) {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_REGION: region } = process.env;
  const at = headers["x-amz-date"];
  const date = at.slice(0, 8);
  const names = Object.keys(headers);
  const signed = names.join(";");
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const canonical = `POST\n/\n\n${lines}\n${signed}\n${hash(body)}`;
  const scope = `${date}/${region}/${service}/aws4_request`;
  const key = [region, service, "aws4_request"].reduce(hmac, hmac(`AWS4${secret}`, date));
  const text = `AWS4-HMAC-SHA256\n${at}\n${scope}\n${hash(canonical)}`;
  const signature = createHmac("sha256", key).update(text).digest("hex");
  const credential = `Credential=${id}/${scope}`;
  return {
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${signed}, Signature=${signature}`,
  };
}

/** @param options of `node:https`; without an agent of their own they share connections */
export function send(url, headers, body, options = { agent }) {
  return new Promise((resolve, reject) => {
    const length = String(Buffer.byteLength(body));
    const all = { ...headers, "content-length": length };
    const outgoing = request(url, { method: "POST", headers: all, ...options }, (incoming) => {
      const chunks = [];
      incoming.on("data", (chunk) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        resolve({ status: incoming.statusCode, text: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.on("error", reject).end(body);
  });
}
