/** The WaitlistStatus of an entry `e` with the offer `o` that its patient can accept now. @param now the parameter with the current time, such as `$1` */
export const entryStatus = (now: string): string =>
  `CASE WHEN e.status <> 'WAITING' THEN e.status WHEN e.ends_at <= ${now}::timestamptz THEN 'EXPIRED'
    WHEN o.id IS NOT NULL THEN 'OFFERED' ELSE 'WAITING' END`;
