export interface StoredDelivery {
  id: string;
  userId: string;
  channel: 'EMAIL' | 'SMS';
  state: string;
  providerId: string | null;
  attempts: number;
}

/** What the mail server and the SMS provider have received. */
export interface Received {
  /** The ids of deliveries in the Message-IDs of all mails. */
  mails: readonly string[];
  messages: readonly { sid: string; userId: string }[];
}

export interface DeliveryComparison {
  lost: string[];
  duplicated: string[];
  /** Mails that came again with the same Message-ID, because an answer of the mail server was lost. */
  copies: number;
}

/** Compares what is stored as sent with what the providers received (I4), when nothing is left to send. */
export function checkDeliveries(stored: readonly StoredDelivery[], { mails, messages }: Received): DeliveryComparison {
  const of = (channel: StoredDelivery['channel']): StoredDelivery[] => stored.filter((one) => one.channel === channel);
  const [sentMails, sentMessages] = [of('EMAIL').filter(isSent), of('SMS').filter(isSent)];
  const received = new Set(messages.map(({ sid }) => sid));
  const claimed = new Set(sentMessages.map(({ providerId }) => providerId));
  const knownMails = new Set([...sentMails, ...of('EMAIL').filter(mayBeSent)].map(({ id }) => id));
  const arrived = new Set(mails);
  return {
    lost: [
      ...sentMails
        .filter(({ id }) => !arrived.has(id))
        .map(({ id }) => `the mail ${id} is stored as sent and never arrived`),
      ...sentMessages
        .filter(({ providerId }) => !received.has(providerId ?? ''))
        .map(({ id }) => `the SMS ${id} is stored as sent and never arrived`),
    ],
    duplicated: [
      ...[...arrived].filter((id) => !knownMails.has(id)).map((id) => `the mail ${id} arrived and was not to be sent`),
      ...findUnclaimed(
        messages.filter(({ sid }) => !claimed.has(sid)),
        of('SMS').filter(mayBeSent),
      ),
      ...(sentMessages.length > claimed.size ? ['two deliveries claim the same SMS'] : []),
    ],
    copies: mails.length - arrived.size,
  };
}

const isSent = ({ state }: StoredDelivery): boolean => state === 'SENT';

/** The result of an earlier attempt was lost, and at the next one there was no longer a reason to send the message. */
const mayBeSent = ({ state, attempts }: StoredDelivery): boolean => state === 'SKIPPED' && attempts > 1;

/** Of each recipient, so many messages may belong to no delivery as deliveries may have been sent without a result. */
function findUnclaimed(unclaimed: Received['messages'], explanations: StoredDelivery[]): string[] {
  const left = [...explanations];
  return unclaimed.flatMap(({ sid, userId }) => {
    const index = left.findIndex((delivery) => delivery.userId === userId);
    if (index < 0) return [`the SMS ${sid} arrived and belongs to no delivery`];
    left.splice(index, 1);
    return [];
  });
}
