import { AwsClient } from "aws4fetch";

const { env, argv } = process;
const accessKeyId = env.AWS_ACCESS_KEY_ID;
const secretAccessKey = env.AWS_SECRET_ACCESS_KEY;
const keys = { accessKeyId, secretAccessKey, sessionToken: env.AWS_SESSION_TOKEN };
const aws = new AwsClient({ ...keys, region: env.AWS_REGION, service: "execute-api" });
const headers = { "content-type": "application/json" };
const request = { method: "POST", headers, body: JSON.stringify({ sub: argv[2] }) };
const answer = await aws.fetch(`${env.API_URL}/service/access-token`, request);
const { access_token: token, expires_at: end, action, detail } = await answer.json();
console.log(answer.status, token === undefined ? `${action}: ${detail}` : `a token until ${end}`);
