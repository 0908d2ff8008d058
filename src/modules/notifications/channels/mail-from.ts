/** Returns the address in MAIL_FROM, which is `Name <address>` or only an address. */
export const mailAddress = (mailFrom: string): string => /<([^>]+)>/.exec(mailFrom)?.[1] ?? mailFrom.trim();

export const mailDomain = (mailFrom: string): string => mailAddress(mailFrom).split('@')[1] ?? 'localhost';
