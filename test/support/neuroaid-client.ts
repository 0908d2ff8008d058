/**
 * The decoders of the published NeuroAid client (Flutter, April 2026), as strict about types as Dart is: `as int` throws
 * for a text, for a fraction and for null, `as String?` for a number.
 */

type Json = Record<string, unknown>;

class DartTypeError extends Error {}

const fail = (field: string, wanted: string, value: unknown): never => {
  throw new DartTypeError(`${field}: ${JSON.stringify(value)} is not a ${wanted}`);
};

const asMap = (value: unknown, field = 'body'): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : fail(field, 'Map', value);

export const asList = (value: unknown, field = 'body'): unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : fail(field, 'List', value);

const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;

const asInt = (json: Json, field: string): number =>
  Number.isSafeInteger(json[field]) ? (json[field] as number) : fail(field, 'int', json[field]);

const asNum = (json: Json, field: string): number =>
  typeof json[field] === 'number' ? json[field] : fail(field, 'num', json[field]);

const asString = (json: Json, field: string): string =>
  typeof json[field] === 'string' ? json[field] : fail(field, 'String', json[field]);

const orNull = <T>(json: Json, field: string, read: (json: Json, field: string) => T): T | null =>
  isAbsent(json[field]) ? null : read(json, field);

const asBool = (json: Json, field: string): boolean =>
  typeof json[field] === 'boolean' ? json[field] : fail(field, 'bool', json[field]);

/** The part of DateTime.parse that the client needs. */
function asDate(json: Json, field: string): Date {
  const text = asString(json, field);
  const isIso = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/.test(text);
  const date = new Date(text);
  return isIso && !Number.isNaN(date.getTime()) ? date : fail(field, 'DateTime', text);
}

export interface User {
  id: number;
  email: string;
  name: string;
  role: string;
  phone: string;
  isActive: boolean;
  createdAt: string;
}

/** UserModel.fromJson. The id is required, because the client requests bookings with it. */
export function decodeUser(value: unknown): User {
  const json = asMap(value);
  return {
    id: asInt(json, 'id'),
    email: orNull(json, 'email', asString) ?? '',
    name: orNull(json, 'name', asString) ?? '',
    role: orNull(json, 'role', asString) ?? 'client',
    phone: orNull(json, 'phone', asString) ?? '',
    isActive: orNull(json, 'isActive', asBool) ?? true,
    createdAt: orNull(json, 'createdAt', asString) ?? '',
  };
}

export function decodeSession(value: unknown): { accessToken: string; token: string; user: User } {
  const json = asMap(value);
  return { accessToken: asString(json, 'accessToken'), token: asString(json, 'token'), user: decodeUser(json.user) };
}

export interface Doctor {
  id: number;
  name: string;
  specialty: string;
  nextAvailable: string | null;
  available: boolean;
  image: string;
  rating: number | null;
  reviews: number | null;
  experience: string | null;
  distance: string | null;
}

export function decodeDoctor(value: unknown): Doctor {
  const json = asMap(value);
  return {
    id: asInt(json, 'id'),
    name: asString(json, 'name'),
    specialty: asString(json, 'specialty'),
    nextAvailable: orNull(json, 'nextAvailable', asString),
    available: orNull(json, 'available', asBool) ?? false,
    image: asString(json, 'image'),
    rating: orNull(json, 'rating', asNum),
    reviews: orNull(json, 'reviews', asInt),
    experience: orNull(json, 'experience', asString),
    distance: orNull(json, 'distance', asString),
  };
}

/** The client sets the id of the embedded doctor itself. */
export const decodeFavorites = (value: unknown): Doctor[] =>
  asList(asMap(value).favorites, 'favorites').map((item) => {
    const json = asMap(item, 'favorite');
    return decodeDoctor({ ...asMap(json.doctor, 'doctor'), id: asInt(json, 'doctorId') });
  });

export interface Booking {
  id: number;
  userId: number;
  doctorId: number;
  doctorName: string;
  doctorSpecialty: string;
  date: Date;
  time: string;
  status: string;
  notes: string | null;
  createdAt: Date | null;
}

function decodeBooking(value: unknown): Booking {
  const json = asMap(value);
  const doctor = isAbsent(json.doctor)
    ? { name: json.doctorName, specialty: json.doctorSpecialty }
    : asMap(json.doctor, 'doctor');
  return {
    id: asInt(json, 'id'),
    userId: asInt(json, 'userId'),
    doctorId: asInt(json, 'doctorId'),
    doctorName: orNull(doctor, 'name', asString) ?? '',
    doctorSpecialty: orNull(doctor, 'specialty', asString) ?? '',
    date: asDate(json, 'date'),
    time: asString(json, 'time'),
    status: asString(json, 'status'),
    notes: orNull(json, 'notes', asString),
    createdAt: orNull(json, 'createdAt', asDate),
  };
}

export const decodeBookings = (value: unknown): Booking[] =>
  asList(asMap(value).bookings, 'bookings').map(decodeBooking);

/** `response.data['booking'] ?? response.data` */
export const decodeBooked = (value: unknown): Booking => decodeBooking(asMap(value).booking ?? value);

export interface Faq {
  id: number;
  question: string;
  answer: string;
}

export function decodeFaq(value: unknown): Faq {
  const json = asMap(value);
  return { id: asInt(json, 'id'), question: asString(json, 'question'), answer: asString(json, 'answer') };
}

export const decodeFaqs = (value: unknown): Faq[] =>
  asList(Array.isArray(value) ? value : asMap(value).faqs, 'faqs').map(decodeFaq);

export interface Scan {
  id: number;
  imageUrl: string;
  result: string;
  confidence: number;
  findings: string[];
}

const decodeResult = (json: Json): Omit<Scan, 'id' | 'imageUrl'> => ({
  result: asString(json, 'result'),
  confidence: asNum(json, 'confidence'),
  findings: asList(json.findings, 'findings').map((finding) => asString({ finding }, 'finding')),
});

export function decodeScan(value: unknown): Scan {
  const json = asMap(value);
  return { id: asInt(json, 'id'), imageUrl: asString(json, 'imageUrl'), ...decodeResult(json) };
}

export function decodeImageResult(value: unknown): Omit<Scan, 'id' | 'imageUrl'> & { scanId: number } {
  const json = asMap(value);
  return { scanId: asInt(json, 'scanId'), ...decodeResult(json) };
}

export function decodePrediction(value: unknown): { prediction: string; confidence: string } {
  const json = asMap(value);
  return { prediction: asString(json, 'prediction'), confidence: asString(json, 'confidence') };
}

export function decodeChat(value: unknown): { response: string; timestamp: Date } {
  const json = asMap(value);
  return { response: asString(json, 'response'), timestamp: asDate(json, 'timestamp') };
}

export interface Assessment {
  riskLevel: string;
  riskPercentage: number;
  timestamp: string;
  recommendations: string[];
}

/** StrokeAssessmentResponse.fromJson, with the client's defaults for missing fields. */
export function decodeAssessment(value: unknown): Assessment {
  const json = asMap(value);
  const has = (field: string): boolean => Object.hasOwn(json, field);
  const category = has('risk_category') ? (orNull(json, 'risk_category', asString) ?? '').toLowerCase() : null;
  const level = category?.includes('high') ? 'high' : /moderate|medium/.test(category ?? '') ? 'medium' : 'low';
  const percentage = has('stroke_probability') ? 'stroke_probability' : 'risk_percentage';
  return {
    riskLevel: category === null ? (orNull(json, 'risk_level', asString) ?? 'low') : level,
    riskPercentage: orNull(json, percentage, asNum) ?? 0,
    timestamp: orNull(json, 'prediction_timestamp', asString) ?? orNull(json, 'timestamp', asString) ?? '',
    recommendations: asList(json.recommendations ?? [], 'recommendations').map(String),
  };
}

/** What the client shows for an error: the `message` of a 400, and fixed sentences for the four other statuses that it knows. */
export function decodeFailure(status: number, value: unknown): string {
  const json = asMap(value);
  const fixed: Record<number, string> = {
    401: 'Unauthorized. Please login again.',
    403: 'Access forbidden.',
    404: 'Resource not found.',
    500: 'Server error. Please try again later.',
  };
  if (status !== 400 && !(status in fixed)) return fail('status', 'status that the client knows', status);
  asString(json, 'error');
  return status === 400 ? asString(json, 'message') : (fixed[status] as string);
}
