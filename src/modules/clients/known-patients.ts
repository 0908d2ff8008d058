import { nameKey } from '../../core/kernel/folded-text.js';

/** What identifies a patient, with blind indexes of the encrypted fields. */
export interface PatientKeys {
  id: string;
  firstName: string;
  lastName: string;
  emailIndex: Buffer | null;
  phoneIndex: Buffer | null;
  birthIndex: Buffer | null;
  mrnIndex: Buffer | null;
}

type IndexName = 'emailIndex' | 'phoneIndex' | 'birthIndex' | 'mrnIndex';
const INDEXES: readonly IndexName[] = ['mrnIndex', 'phoneIndex', 'emailIndex', 'birthIndex'];

/** Finds the patients of a clinic who are the same person as an imported one. */
export class KnownPatients {
  private readonly byIndex = new Map<string, PatientKeys[]>();

  constructor(patients: readonly PatientKeys[]) {
    for (const patient of patients) this.add(patient);
  }

  add(patient: PatientKeys): void {
    for (const name of INDEXES) {
      const key = toKey(name, patient[name]);
      if (key) this.byIndex.set(key, [...(this.byIndex.get(key) ?? []), patient]);
    }
  }

  /**
   * The patient with the same name and the same record number, telephone number, address or date of birth. One with another record number
   * or date of birth is somebody else; if only the date agrees, no other key may differ.
   */
  findSame(person: PatientKeys): PatientKeys | null {
    const name = nameKey(person.firstName, person.lastName);
    for (const index of INDEXES) {
      const found = this.find(index, person).find(
        (known) =>
          nameKey(known.firstName, known.lastName) === name &&
          !isSomebodyElse(known, person) &&
          (index !== 'birthIndex' || !contradicts(known, person)),
      );
      if (found) return found;
    }
    return null;
  }

  /**
   * The patient that a visit refers to, by name and perhaps other keys, or only by keys. Nobody with another record number or date of birth.
   * @returns null if there is none, or if it can be several
   */
  findReferenced(person: PatientKeys, byName: readonly PatientKeys[]): PatientKeys | null {
    const name = nameKey(person.firstName, person.lastName);
    const isNamed = (known: PatientKeys): boolean =>
      !isSomebodyElse(known, person) && (name === '' || nameKey(known.firstName, known.lastName) === name);
    for (const index of INDEXES) {
      const all = this.find(index, person);
      const found = all.filter(isNamed);
      // A record number that belongs to somebody with another name refers to nobody.
      if (found.length > 0 || (index === 'mrnIndex' && all.length > 0)) return onlyOne(found);
    }
    return name === '' ? null : onlyOne(byName.filter((known) => isNamed(known) && !contradicts(known, person)));
  }

  /** Whether somebody has the record number. */
  hasMrn(person: PatientKeys): boolean {
    return this.find('mrnIndex', person).length > 0;
  }

  private find(name: IndexName, person: PatientKeys): PatientKeys[] {
    const key = toKey(name, person[name]);
    return key ? (this.byIndex.get(key) ?? []) : [];
  }
}

/** The patient, if there is only one. A merged patient can be found twice, with the keys of both records, but has one id. */
function onlyOne(found: readonly PatientKeys[]): PatientKeys | null {
  return new Set(found.map(({ id }) => id)).size === 1 ? (found[0] ?? null) : null;
}

/** Whether more than a name with a telephone number or an address says that two are the same: families share those. */
export const isSurelySame = (one: PatientKeys, other: PatientKeys): boolean =>
  equals(one.mrnIndex, other.mrnIndex) || equals(one.birthIndex, other.birthIndex);

const toKey = (name: IndexName, index: Buffer | null): string | null => index && `${name} ${index.toString('base64')}`;

const equals = (one: Buffer | null, other: Buffer | null): boolean =>
  one !== null && other !== null && one.equals(other);

const differs = (one: Buffer | null, other: Buffer | null): boolean =>
  one !== null && other !== null && !one.equals(other);

/** Telephone numbers and addresses change and are shared; record numbers and dates of birth do not. */
const isSomebodyElse = (one: PatientKeys, other: PatientKeys): boolean =>
  differs(one.mrnIndex, other.mrnIndex) || differs(one.birthIndex, other.birthIndex);

/** Whether a key that both have is not the same. */
const contradicts = (one: PatientKeys, other: PatientKeys): boolean =>
  INDEXES.some((name) => differs(one[name], other[name]));
