export interface StoredDelivery {
  id: string;
  channel: 'EMAIL' | 'SMS';
  state: string;
  providerId: string | null;
}

/** What the mail server and the SMS provider have received. */
export interface Received {
  /** The ids of deliveries in the Message-IDs of all mails. */
  mails: readonly string[];
  /** The provider's ids of all messages. */
  messages: readonly string[];
}

export interface DeliveryResult {
  lost: string[];
  duplicated: string[];
  /** Mails that came again with the same Message-ID, because an answer of the mail server was lost. */
  copies: number;
}

/** Compares what is stored as sent with what the providers received (I4), when nothing is left to send. */
export function checkDeliveries(stored: readonly StoredDelivery[], { mails, messages }: Received): DeliveryResult {
  const sent = stored.filter(({ state }) => state === 'SENT');
  const counts = new Map<string, number>();
  for (const id of mails) counts.set(id, (counts.get(id) ?? 0) + 1);
  const sentMails = sent.filter(({ channel }) => channel === 'EMAIL').map(({ id }) => id);
  const sentMessages = sent.filter(({ channel }) => channel === 'SMS').map(({ providerId }) => providerId ?? '');
  const received = new Set(messages);
  const claimed = new Set(sentMessages);
  const known = new Set(sentMails);
  return {
    lost: [
      ...sentMails.filter((id) => !counts.has(id)).map((id) => `the mail ${id} is stored as sent and never arrived`),
      ...sentMessages
        .filter((id) => !received.has(id))
        .map((id) => `the SMS ${id} is stored as sent and never arrived`),
    ],
    duplicated: [
      ...[...counts.keys()]
        .filter((id) => !known.has(id))
        .map((id) => `the mail ${id} arrived and is not stored as sent`),
      ...[...received].filter((id) => !claimed.has(id)).map((id) => `the SMS ${id} arrived and belongs to no delivery`),
      ...(sentMessages.length > claimed.size ? ['two deliveries claim the same SMS'] : []),
    ],
    copies: mails.length - counts.size,
  };
}
