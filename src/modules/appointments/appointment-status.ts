export const STATUSES = ['PENDING', 'CONFIRMED', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'NO_SHOW'] as const;
export type AppointmentStatus = (typeof STATUSES)[number];

/** The statuses of visits that have not started and are not cancelled: they can be cancelled and moved. */
export const OPEN_STATUSES: readonly AppointmentStatus[] = ['PENDING', 'CONFIRMED'];

export const hasOpenStatus = ({ status }: { status: AppointmentStatus }): boolean => OPEN_STATUSES.includes(status);
