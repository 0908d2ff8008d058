/** The fields of a patient record and its account that a merge may fill or overwrite. */
export interface PatientValues {
  dateOfBirth: string | null;
  sex: string | null;
  address: string | null;
  emergencyContact: string | null;
  firstName: string;
  lastName: string;
  phone: string | null;
}

/** What a clinic has stored about one of the two records. */
export interface ClinicValues {
  clientId: string;
  clinicId: string;
  registeredAt: string | null;
  mrn: string | null;
  notes: string | null;
}

/** The values before a merge, and those that it gave to the record that stays. */
export interface MergeValues {
  client: PatientValues;
  duplicate: PatientValues;
  merged: PatientValues;
  clinics: ClinicValues[];
  /** The account that was closed: whether somebody signed in with it, and its identities at providers. */
  closed: { userId: string; signsIn: boolean; identities: ProviderIdentityKey[] };
}

export interface ProviderIdentityKey {
  provider: string;
  subject: string;
}

const FILLED = ['dateOfBirth', 'sex', 'address', 'emergencyContact', 'phone'] as const;
const FIELDS = [...FILLED, 'firstName', 'lastName'] as const;

export const pickPatientValues = (record: PatientValues): PatientValues =>
  Object.fromEntries(FIELDS.map((field) => [field, record[field]])) as unknown as PatientValues;

/** The record that stays, with the duplicate's values in the fields that it does not have. */
export function fillGaps<Record extends PatientValues>(client: Record, duplicate: PatientValues): Record {
  const filled = FILLED.map((field) => [field, client[field] ?? duplicate[field]]);
  return { ...client, ...(Object.fromEntries(filled) as Pick<PatientValues, (typeof FILLED)[number]>) };
}

/** The fields of the record that stayed: those that still have the values of the merge get their old values back. */
export const undoFilledGaps = (current: PatientValues, { client, merged }: MergeValues): PatientValues =>
  Object.fromEntries(
    FIELDS.map((field) => [field, current[field] === merged[field] ? client[field] : current[field]]),
  ) as unknown as PatientValues;

export type ClinicTexts = Pick<ClinicValues, 'mrn' | 'notes'>;

/** What a clinic that knows both has about the record that stays. Its number wins; notes are joined. */
export const joinClinicTexts = (to: ClinicTexts | undefined, from: ClinicTexts): ClinicTexts => ({
  mrn: to?.mrn ?? from.mrn,
  notes: to ? joinNotes(to.notes, from.notes) : from.notes,
});

const joinNotes = (notes: string | null, others: string | null): string | null =>
  others === null || others === notes ? notes : [notes, others].filter((text) => text !== null).join('\n\n');

/** What a clinic has about the record that stayed: texts that are still those of the merge are as before it. */
export function undoJoinedTexts(current: ClinicTexts, before: ClinicTexts | undefined, from: ClinicTexts): ClinicTexts {
  const merged = joinClinicTexts(before, from);
  return {
    mrn: current.mrn === merged.mrn ? (before?.mrn ?? null) : current.mrn,
    notes: current.notes === merged.notes ? (before?.notes ?? null) : current.notes,
  };
}
