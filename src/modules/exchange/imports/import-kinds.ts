export const IMPORT_KINDS = ['clients', 'doctors', 'services', 'schedules', 'appointments'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** How the cells of a field are read. */
export type ValueType =
  | 'text'
  | 'email'
  | 'phone'
  | 'day'
  | 'time'
  | 'dateTime'
  | 'money'
  | 'integer'
  | 'weekday'
  | 'sex'
  | 'mode'
  | 'status'
  | 'list';

export interface ImportField {
  name: string;
  type: ValueType;
  /** Headers that mean the field, likeliest first: English, Arabic, Hindi, German, Spanish, French. */
  headers: readonly string[];
}

const field = (name: string, type: ValueType, headers: string): ImportField => ({
  name,
  type,
  headers: [name, ...headers.split('|')],
});

const EXTERNAL_ID = field(
  'externalId',
  'text',
  'external id|id|old id|legacy id|reference|record id|المعرف|رقم تعريف|आईडी|externe id|referenz|id externo|referencia|id externe|référence|identifiant',
);
const FIRST_NAME = field(
  'firstName',
  'text',
  'first name|given name|forename|name first|الاسم الأول|الاسم الاول|पहला नाम|प्रथम नाम|vorname|nombre|nombres|nombre de pila|prénom',
);
const LAST_NAME = field(
  'lastName',
  'text',
  'last name|surname|family name|name last|اسم العائلة|الاسم الأخير|اللقب|उपनाम|अंतिम नाम|कुलनाम|nachname|familienname|apellido|apellidos|nom de famille|nom',
);
const FULL_NAME = field(
  'fullName',
  'text',
  'full name|name|display name|الاسم|الاسم الكامل|الاسم بالكامل|اسم المريض|اسم الطبيب|नाम|पूरा नाम|vollständiger name|nombre completo|nombre y apellidos|nom complet|nom et prénom',
);
const EMAIL = field(
  'email',
  'email',
  'email|e-mail|email address|e-mail address|mail|البريد الإلكتروني|البريد|الإيميل|ईमेल|ई-मेल|e-mail-adresse|correo|correo electrónico|courriel|adresse e-mail',
);
const PHONE = field(
  'phone',
  'phone',
  'phone|phone number|telephone|telephone number|mobile|mobile number|mobile phone|cell|cell phone|tel|whatsapp|الهاتف|رقم الهاتف|الموبايل|رقم الموبايل|الجوال|رقم الجوال|التليفون|फ़ोन|फोन|फ़ोन नंबर|फोन नंबर|मोबाइल|मोबाइल नंबर|telefon|telefonnummer|handy|handynummer|mobil|teléfono|móvil|celular|téléphone|portable|mobile',
);
const DATE_OF_BIRTH = field(
  'dateOfBirth',
  'day',
  'date of birth|birth date|birthdate|birthday|dob|born|تاريخ الميلاد|الميلاد|जन्म तिथि|जन्मतिथि|जन्म दिनांक|geburtsdatum|geboren|geburtstag|fecha de nacimiento|nacimiento|date de naissance|né le',
);
const MRN = field(
  'mrn',
  'text',
  'mrn|medical record number|record number|file number|chart number|patient number|رقم الملف|رقم الملف الطبي|फ़ाइल नंबर|रोगी संख्या|patientennummer|aktenzeichen|número de historia|historia clínica|numéro de dossier|n° dossier',
);
const NOTES = field(
  'notes',
  'text',
  'notes|note|comments|comment|remarks|ملاحظات|ملاحظة|टिप्पणी|नोट्स|notizen|bemerkungen|anmerkungen|notas|observaciones|remarques|commentaires',
);
/** Remarks are those of the staff, unless the header says that patients wrote or read them. */
const STAFF_NOTES = field('staffNotes', 'text', NOTES.headers.join('|'));
const VISIT_NOTES: ImportField = {
  name: 'notes',
  type: 'text',
  headers:
    'patient notes|patient note|patient’s note|patient comment|patient comments|note from patient|note for patient|ملاحظات المريض|रोगी की टिप्पणी|notiz des patienten|nota del paciente|notas del paciente|note du patient'.split(
      '|',
    ),
};
const DOCTOR = field(
  'doctor',
  'text',
  'doctor|doctor name|doctor id|provider|practitioner|physician|clinician|الطبيب|اسم الطبيب|الدكتور|डॉक्टर|चिकित्सक|डॉक्टर का नाम|arzt|ärztin|behandler|médico|doctora|profesional|médecin|docteur|praticien',
);
const SERVICE = field(
  'service',
  'text',
  'service|service name|appointment type|visit type|type|treatment|procedure|الخدمة|نوع الزيارة|सेवा|leistung|terminart|behandlung|servicio|tipo de cita|prestation|type de rendez-vous|acte',
);
const durationField = (name: string): ImportField =>
  field(
    name,
    'integer',
    'duration|duration minutes|duration min|minutes|length|المدة|المدة بالدقائق|अवधि|dauer|dauer in minuten|dauer min|duración|duración minutos|durée|durée minutes',
  );

/** The fields of each kind, in the order of the documentation. */
export const IMPORT_FIELDS: Readonly<Record<ImportKind, readonly ImportField[]>> = {
  clients: [
    EXTERNAL_ID,
    FULL_NAME,
    FIRST_NAME,
    LAST_NAME,
    EMAIL,
    PHONE,
    DATE_OF_BIRTH,
    field('sex', 'sex', 'sex|gender|الجنس|النوع|लिंग|geschlecht|sexo|género|sexe|genre'),
    MRN,
    field(
      'address',
      'text',
      'address|home address|street address|العنوان|पता|adresse|anschrift|dirección|domicilio|adresse postale',
    ),
    field(
      'emergencyContact',
      'text',
      'emergency contact|next of kin|جهة اتصال للطوارئ|आपातकालीन संपर्क|notfallkontakt|contacto de emergencia|contact d’urgence|personne à prévenir',
    ),
    NOTES,
    field('locale', 'text', 'locale|language|preferred language|اللغة|भाषा|sprache|idioma|langue'),
    field('timeZone', 'text', 'time zone|timezone|المنطقة الزمنية|समय क्षेत्र|zeitzone|zona horaria|fuseau horaire'),
  ],
  doctors: [
    {
      ...EXTERNAL_ID,
      headers: [
        ...EXTERNAL_ID.headers,
        ...'registration number|license number|licence number|npi|email|e-mail|رقم الترخيص|पंजीकरण संख्या|arztnummer|lanr|número de colegiado|numéro rpps|rpps'.split(
          '|',
        ),
      ],
    },
    field('title', 'text', 'title|اللقب المهني|उपाधि|titel|anrede|título|titre|civilité'),
    { ...FULL_NAME, headers: [...FULL_NAME.headers, ...DOCTOR.headers] },
    FIRST_NAME,
    LAST_NAME,
    field(
      'speciality',
      'text',
      'speciality|specialty|specialization|department|التخصص|القسم|विशेषज्ञता|fachgebiet|fachrichtung|especialidad|spécialité',
    ),
    field('bio', 'text', 'bio|biography|about|نبذة|परिचय|biografie|über|biografía|biographie|à propos'),
    field('languages', 'list', 'languages|language|اللغات|भाषाएँ|sprachen|idiomas|langues'),
    field('services', 'list', 'services|الخدمات|सेवाएँ|leistungen|servicios|prestations'),
  ],
  services: [
    EXTERNAL_ID,
    { ...SERVICE, name: 'name', headers: ['name', 'اسم الخدمة', 'नाम', 'nombre', 'nom', ...SERVICE.headers] },
    field('description', 'text', 'description|details|الوصف|विवरण|beschreibung|descripción|description'),
    durationField('durationMinutes'),
    field(
      'price',
      'money',
      'price|fee|cost|amount|السعر|الرسوم|التكلفة|मूल्य|शुल्क|कीमत|preis|gebühr|kosten|precio|tarifa|importe|prix|tarif|montant',
    ),
    field('currency', 'text', 'currency|العملة|मुद्रा|währung|moneda|divisa|devise|monnaie'),
    field('bufferBeforeMinutes', 'integer', 'buffer before|buffer before minutes|preparation|vorbereitung'),
    field('bufferAfterMinutes', 'integer', 'buffer after|buffer after minutes|cleanup|nachbereitung|puffer'),
    field('mode', 'mode', 'mode|location|المكان|माध्यम|ort|modalidad|modalité|mode'),
    field('capacity', 'integer', 'capacity|seats|places|السعة|क्षमता|kapazität|plätze|capacidad|plazas|capacité|places'),
    field('doctors', 'list', 'doctors|providers|الأطباء|डॉक्टर|ärzte|behandler|médicos|médecins'),
  ],
  schedules: [
    DOCTOR,
    field(
      'weekday',
      'weekday',
      'weekday|day|day of week|day of the week|اليوم|يوم|दिन|सप्ताह का दिन|wochentag|tag|día|día de la semana|jour|jour de la semaine',
    ),
    field(
      'start',
      'time',
      'start|start time|from|opens|begin|من|وقت البداية|البداية|प्रारंभ|शुरू|से|beginn|von|inicio|desde|hora de inicio|début|de|heure de début',
    ),
    field(
      'end',
      'time',
      'end|end time|to|until|closes|إلى|وقت النهاية|النهاية|समाप्ति|तक|ende|bis|fin|hasta|hora de fin|à|heure de fin',
    ),
    field(
      'validFrom',
      'day',
      'valid from|effective from|ساري من|मान्य से|gültig ab|gültig von|válido desde|valable du|valable à partir du',
    ),
    field('validTo', 'day', 'valid to|valid until|ساري حتى|मान्य तक|gültig bis|válido hasta|valable jusqu’au'),
  ],
  appointments: [
    field(
      'clientExternalId',
      'text',
      'client external id|client id|patient id|customer id|رقم المريض|रोगी आईडी|patienten-id|kunden-id|id paciente|id cliente|id patient|id client',
    ),
    field(
      'client',
      'text',
      'client|patient|client name|patient name|customer|customer name|name|full name|المريض|اسم المريض|العميل|मरीज|रोगी|रोगी का नाम|patientin|kunde|paciente|nombre del paciente|cliente|nom du patient|client',
    ),
    MRN,
    EMAIL,
    PHONE,
    DATE_OF_BIRTH,
    DOCTOR,
    SERVICE,
    field(
      'start',
      'dateTime',
      'start|start date time|starts at|start time|appointment start|date and time|datetime|التاريخ والوقت|बुकिंग समय|beginn|inicio|début',
    ),
    field(
      'date',
      'day',
      'date|appointment date|visit date|day|التاريخ|تاريخ الموعد|تاريخ الزيارة|तारीख|दिनांक|datum|termin|fecha|fecha de la cita|date du rendez-vous',
    ),
    field(
      'time',
      'time',
      'time|appointment time|visit time|الوقت|وقت الموعد|الساعة|समय|uhrzeit|zeit|hora|hora de la cita|heure',
    ),
    field('end', 'dateTime', 'end|end date time|ends at|end time|وقت النهاية|النهاية|समाप्ति|ende|fin'),
    durationField('duration'),
    field('status', 'status', 'status|state|appointment status|الحالة|स्थिति|zustand|estado|statut|état'),
    VISIT_NOTES,
    STAFF_NOTES,
  ],
};

/** What a row needs at least: one field of each group must be mapped. */
export const REQUIRED_FIELDS: Readonly<Record<ImportKind, readonly (readonly string[])[]>> = {
  clients: [
    ['firstName', 'fullName'],
    ['lastName', 'fullName'],
  ],
  doctors: [['firstName', 'fullName'], ['lastName', 'fullName'], ['speciality']],
  services: [['name'], ['durationMinutes'], ['price']],
  schedules: [['doctor'], ['weekday'], ['start'], ['end']],
  appointments: [['client', 'clientExternalId', 'mrn', 'email', 'phone'], ['doctor'], ['service'], ['start', 'date']],
};
