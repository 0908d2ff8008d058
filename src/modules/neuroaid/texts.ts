import type { Language } from '../../core/kernel/locale.js';

/** The names of PREVENT's inputs, as in `missing`. */
export type PreventFact =
  | 'sex'
  | 'age'
  | 'totalCholesterolMgDl'
  | 'hdlMgDl'
  | 'systolic'
  | 'diabetes'
  | 'smoker'
  | 'bpTreated'
  | 'statin'
  | 'egfr';

interface Texts {
  noAnalysis: string;
  analysisPending: string;
  analysisDraft: string;
  riskWithinTenYears: (percentage: string) => string;
  notComputable: string;
  missing: (facts: string) => string;
  notWithDisease: string;
  facts: Readonly<Record<PreventFact, string>>;
}

/** The texts of the mobile routes. A clinician must review them (docs/clinical.md). */
export const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    noAnalysis: 'No analysis is available',
    analysisPending: 'The analysis is still running',
    analysisDraft: 'A draft by a model. A clinician must review it.',
    riskWithinTenYears: (percentage) =>
      `By the PREVENT equations the risk of a stroke within 10 years is ${percentage} %.`,
    notComputable: 'A risk of stroke cannot be computed from these answers. This does not rule out a high risk.',
    missing: (facts) => `Missing: ${facts}.`,
    notWithDisease: 'The equations are not for people who have heart or vascular disease or had a stroke.',
    facts: {
      sex: 'sex',
      age: 'age (30 to 79)',
      totalCholesterolMgDl: 'total cholesterol',
      hdlMgDl: 'HDL cholesterol',
      systolic: 'systolic blood pressure',
      diabetes: 'diabetes',
      smoker: 'smoking',
      bpTreated: 'blood pressure medicine',
      statin: 'statin',
      egfr: 'kidney function (eGFR)',
    },
  },
  ar: {
    noAnalysis: 'لا يتوفر تحليل',
    analysisPending: 'التحليل ما زال جاريًا',
    analysisDraft: 'مسودة من نموذج آلي، ويجب أن يراجعها طبيب.',
    riskWithinTenYears: (percentage) => `حسب معادلات PREVENT يبلغ خطر الإصابة بسكتة دماغية خلال 10 سنوات ${percentage}٪.`,
    notComputable: 'لا يمكن حساب خطر السكتة الدماغية من هذه الإجابات. هذا لا ينفي وجود خطر مرتفع.',
    missing: (facts) => `ينقص: ${facts}.`,
    notWithDisease: 'هذه المعادلات ليست لمن لديه مرض في القلب أو الأوعية الدموية أو أصيب بسكتة دماغية.',
    facts: {
      sex: 'الجنس',
      age: 'العمر (من 30 إلى 79)',
      totalCholesterolMgDl: 'الكوليسترول الكلي',
      hdlMgDl: 'كوليسترول HDL',
      systolic: 'ضغط الدم الانقباضي',
      diabetes: 'السكري',
      smoker: 'التدخين',
      bpTreated: 'دواء ضغط الدم',
      statin: 'دواء الستاتين',
      egfr: 'وظائف الكلى (eGFR)',
    },
  },
  hi: {
    noAnalysis: 'कोई विश्लेषण उपलब्ध नहीं है',
    analysisPending: 'विश्लेषण अभी चल रहा है',
    analysisDraft: 'यह एक मॉडल का मसौदा है। चिकित्सक को इसकी समीक्षा करनी होगी।',
    riskWithinTenYears: (percentage) => `PREVENT समीकरणों के अनुसार 10 वर्षों में स्ट्रोक का जोखिम ${percentage}% है।`,
    notComputable: 'इन उत्तरों से स्ट्रोक का जोखिम नहीं निकाला जा सकता। इससे अधिक जोखिम होने से इनकार नहीं होता।',
    missing: (facts) => `कमी है: ${facts}।`,
    notWithDisease: 'ये समीकरण हृदय या रक्त वाहिका रोग वाले लोगों या जिन्हें स्ट्रोक हुआ हो उनके लिए नहीं हैं।',
    facts: {
      sex: 'लिंग',
      age: 'आयु (30 से 79)',
      totalCholesterolMgDl: 'कुल कोलेस्ट्रॉल',
      hdlMgDl: 'HDL कोलेस्ट्रॉल',
      systolic: 'सिस्टोलिक रक्तचाप',
      diabetes: 'मधुमेह',
      smoker: 'धूम्रपान',
      bpTreated: 'रक्तचाप की दवा',
      statin: 'स्टैटिन',
      egfr: 'गुर्दे का कार्य (eGFR)',
    },
  },
};
