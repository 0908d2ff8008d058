import { setTimeout as sleep } from 'node:timers/promises';

interface Mail {
  subject: string;
  text: string;
}

const ARRIVES_WITHIN_MILLISECONDS = 30_000;

/** Waits for a mail to an address whose subject matches, and returns it. Reads the development mailbox. */
export async function mailTo(url: string, email: string, subject: RegExp): Promise<Mail> {
  const deadline = Date.now() + ARRIVES_WITHIN_MILLISECONDS;
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/dev/mail.json?channel=EMAIL&to=${encodeURIComponent(email)}`);
    const { data } = (await answer.json()) as { data: Mail[] };
    const mail = data.find((found) => subject.test(found.subject));
    if (mail) return mail;
    await sleep(200);
  }
  throw new Error(`/dev/mail has no mail whose subject matches ${subject.source}`);
}
