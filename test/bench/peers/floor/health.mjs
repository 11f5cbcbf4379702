export async function handler() {
  process.stdout.write('{"level":"info","status":200}\n');
  const headers = { "content-type": "application/json" };
  return { statusCode: 200, headers, body: '{"status":"ok"}' };
}
