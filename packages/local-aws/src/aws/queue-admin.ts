/** Makes the queues of a synthesized template, once per data folder. */
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";

export interface QueueDefinition {
  readonly name: string;
  /** As on the wire: every value is a string. */
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * @param endpoint where the queue is called from here on
 * @returns the queue's URL at `endpoint`, because the SDK calls the host of that URL; an external
 *   service may name another host
 */
export async function createQueue(
  client: SQSClient,
  endpoint: string | undefined,
  { name: QueueName, attributes: Attributes }: QueueDefinition,
): Promise<string> {
  let url = await find(client, QueueName);
  if (url === undefined) {
    url = (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl;
  } else if (Object.keys(Attributes).length > 0) {
    await client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
  }
  return new URL(new URL(url ?? "").pathname, endpoint).href;
}

async function find(client: SQSClient, QueueName: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
  } catch (error) {
    if (error instanceof QueueDoesNotExist) {
      return undefined;
    }
    throw error;
  }
}
