import { setTimeout as sleep } from 'node:timers/promises';

interface Mail {
  subject: string;
  text: string;
}

const ARRIVES_WITHIN_MILLISECONDS = 30_000;

/** The mail to an address with such a subject, from the mailbox that stands in for e-mail; waits until it is there. */
export async function mailTo(url: string, email: string, subject: RegExp): Promise<Mail> {
  const deadline = Date.now() + ARRIVES_WITHIN_MILLISECONDS;
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/dev/mail.json?channel=EMAIL&to=${encodeURIComponent(email)}`);
    const { data } = (await answer.json()) as { data: Mail[] };
    const mail = data.find((found) => subject.test(found.subject));
    if (mail) return mail;
    await sleep(200);
  }
  throw new Error(`no mail ${subject.source} in /dev/mail`);
}
