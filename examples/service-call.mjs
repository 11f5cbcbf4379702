import { AwsClient } from "aws4fetch";

const { API_URL, AWS_REGION: region, AWS_SESSION_TOKEN: sessionToken } = process.env;
const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
const keys = { accessKeyId, secretAccessKey, sessionToken };
const aws = new AwsClient({ ...keys, region, service: "execute-api", retries: 2 });

const body = JSON.stringify({ sub: process.argv[2], min_validity: 300 });
const headers = { "content-type": "application/json" };
const answer = await aws.fetch(`${API_URL}/service/access-token`, {
  method: "POST",
  headers,
  body,
});
const { access_token, expires_at, action } = await answer.json();
console.log(answer.status, access_token === undefined ? action : `a token until ${expires_at}`);
