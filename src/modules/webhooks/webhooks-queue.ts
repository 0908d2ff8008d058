/** The queue with a job for each endpoint that has deliveries due. The job's id is the endpoint's. */
export const WEBHOOKS_QUEUE = 'webhooks';
