import type { Vocabulary } from './phrases.js';

const CAN = 'पाऊंगा|पाऊंगी|सकता|सकती|सकूंगा|सकूंगी';
const APPOINTMENT = 'अपॉइंटमेंट|अपॉइन्टमेंट|अपॉइंटमेन्ट|अपाइंटमेंट|अपोइंटमेंट|अप्वाइंटमेंट|अपॉयंटमेंट';

/** Hindi, and Hindi in Latin letters. */
export const HINDI: Vocabulary = {
  requests: [
    `(${APPOINTMENT}|बुक|बुकिंग|मुलाकात|विज़िट|परामर्श|स्लॉट)`,
    '(रद्द|कैंसिल|कैंसल|रीशेड्यूल)',
    '(समय|टाइम|दिन|तारीख) (बदलना|बदलनी|बदलें|बदल|बदलवाना)',
    `(कल|आज|परसों) (${APPOINTMENT}| )(पर |के लिए |)नहीं आ (${CAN})`,
    `(${APPOINTMENT}) (पर|में|के लिए) नहीं आ (${CAN})`,
    // Hours
    '(क्लिनिक) (का समय|का टाइम|के खुलने का समय|की टाइमिंग|कब खुलता|कब खुलती|कब बंद होता|कितने बजे खुलता|कितने बजे बंद होता|खुला|खुलता|खुली)',
    '(खुलने का समय|काम के घंटे|कब खुलते|कब खुलता|कब खुलेगा)',
    '(कितने बजे|कब) (बंद होता|बंद होगा|बंद होते|खुलता|खुलेगा|खुलते)',
    '(खुला|खुले|खुली) (है|हैं|रहता|रहते|रहेगा)',
    `(पिछली|अगली|पिछला|अगला|पहली) (${APPOINTMENT}|विज़िट|विजिट|बुकिंग|मुलाकात)`,
    '(कन्फर्म|कंफर्म)',
    '(पाँच|दस|पंद्रह|बीस|आधा) (मिनट|घंटा|घंटे) (लेट|देर)',
    'डॉक्टर (आज |कल |कब |कितने बजे |)(हैं|बैठते|मिलेंगे|उपलब्ध|आते|आएंगे)',
    '(महिला|लेडी) (डॉक्टर|डाक्टर)',
    '(चेकअप|चेक अप)',
    // Prices
    '(फ़ीस|फीस|शुल्क|कीमत|दाम|खर्च|भुगतान|पेमेंट|बिल|रसीद)',
    'कितने (पैसे|रुपये|रुपए)( लगेंगे| लगते| लगेगा|)',
    // Address
    '(क्लिनिक का|आपका|आपके क्लिनिक का) (पता|एड्रेस|लोकेशन|फ़ोन नंबर|फोन नंबर|नंबर)',
    '(क्लिनिक) (कहाँ|किधर)',
    '(क्लिनिक) (कैसे|तक कैसे) (पहुँचें|पहुँचूँ|आएँ|आऊँ)',
    'लोकेशन',
    '(लिफ्ट|लिफ़्ट) (है|हैं)',
    'पता (भेज|चाहिए)',
    '(रिसेप्शन) का (नंबर|फोन नंबर|फ़ोन नंबर)',
    '(अपना|मेरा) (फोन नंबर|फ़ोन नंबर|मोबाइल नंबर|पता|ईमेल) (कैसे |)(बदलें|बदलना|बदल|बदलूँ)',
    // Parking
    '(पार्किंग)',
    'गाड़ी (कहाँ |)(पार्क|खड़ी|लगा|लगाएँ)',
    // Insurance
    '(बीमा|इंश्योरेंस|इन्श्योरेंस|कैशलेस)',
    // Documents
    '(दस्तावेज़|दस्तावेज|कागज़|कागज|कागजात|डॉक्यूमेंट|डॉक्युमेंट|आधार कार्ड|पहचान पत्र)',
    'क्या (क्या |साथ |)(लाना|लाऊँ|लाएँ)',
    'आयुष्मान( कार्ड|)',
    '(पार्किंग) (मुफ़्त|मुफ्त|फ्री)',
    '(पैसे|रुपये) (वापस|रिफंड)',
    'बच्चों को (साथ |)(ला|लाना)',
    // In Latin letters
    'doctor (aaj |kal |kab |kitne baje |)(baithte|milenge|aate|aayenge)',
    '(khula|khule|khuli) (hai|hain|rahta|rehta|rehte|rahega)',
    '(slot|slots|password bhool gaya|password bhool gayi|card lete|fees kaise pay|bill kaise pay)',
    '(clinic ka |)(address|location|pata) (bhej|bhejo|chahiye)',
    '(time|din|date|appointment) (badalna|badalni|badal|change)',
    '(clinic) (ka time|ki timing|ka samay|kab khulta|kab khulti|kab band hota|kitne baje khulta|kitne baje band hota|khula|khulta|kahan|kaha|kidhar)',
    '(kab khulta|kab khulte|kab khulega|timing|timings)',
    '(fees|fee|kharcha|kharch|bill)',
    'kitne (paise|rupaye|rupay)( lagenge| lagte| lagega|)',
    '(clinic ka|aapka|aapke clinic ka) (pata|address|location|number)',
    '(gaadi|gadi) (kahan |kaha |)(park|khadi|lagaye)',
    '(bima|beema|cashless)',
    '(kagaz|kagaj|kagzat|aadhar card|aadhaar card)',
    'kya (kya |saath |)(lana|laana|lau|laye)',
    `(kal|aaj|parso) (appointment |)(par |ke liye |)(nahi|nahin) aa (paunga|paungi|sakta|sakti|sakunga|sakungi)`,
  ],
  greetings: [
    '(नमस्ते|नमस्कार|हैलो|हेलो|सुप्रभात|शुभ प्रभात|शुभ संध्या|राम राम)( जी| डॉक्टर| सर| मैडम| डॉक्टर साहब|)',
    '(बहुत बहुत |बहुत |आपका |)(धन्यवाद|शुक्रिया|थैंक्स|थैंक यू)( जी| डॉक्टर| सर| मैडम|)',
    '(आप कैसे हैं)',
    '(namaste|namaskar|dhanyavad|dhanyawad|shukriya)( ji| doctor| sir| madam|)',
    '(bahut bahut |bahut |aapka )(dhanyavad|dhanyawad|shukriya)',
  ],
  fillers: [
    '(मुझे|मैं|मेरा|मेरी|मेरे|हमें|हम|अपना|अपनी|अपने|आप|आपका|आपकी|आपके|यहाँ|का|की|के|को|में|पर|से|तक|और|या|क्या|कैसे|कब|कहाँ)',
    '(कितना|कितनी|कितने|कौन सा|कौन से|है|हैं|हूँ|करना|करनी|करने|करूँ|करें|कर|करवाना|करवानी|सकता|सकती|सकते|दें|दीजिए|दो|देना)',
    '(चाहिए|चाहता|चाहती|लिए|कृपया|प्लीज़|प्लीज|एक|नया|नई|दूसरा|लेना|लेनी|बताएँ|बताइए|बता|होगा|होगी|होता|होती|चलता|मान्य|स्वीकार|लगेंगे|ज़रूरी|जी)',
    '(कल|आज|परसों|सुबह|शाम|दोपहर|बजे|दिन|तारीख|समय|टाइम|क्लिनिक|ऑनलाइन|वीडियो|कार्ड|कैश)',
    '(सोमवार|मंगलवार|बुधवार|गुरुवार|शुक्रवार|शनिवार|रविवार|अगले हफ़्ते|अगले हफ्ते|अगले सप्ताह|अगले महीने|इस हफ़्ते|इस हफ्ते)',
    '(डॉक्टर|डाक्टर) (का|से|के|की) (अपॉइंटमेंट|समय|फ़ीस|फीस)',
    '(डॉक्टर) (से|के साथ) (अपॉइंटमेंट)',
    '(पत्नी|पति|बेटे|बेटी|माँ|पिताजी|पिता|बच्चे|भाई|बहन) (के लिए)',
    '(mujhe|mujhko|main|mai|mein|me|mera|meri|mere|hum|humein|apna|apni|apne|aap|aapka|aapki|aapke|yahan|ka|ki|ke|ko|se|par|pe|tak|aur|ya)',
    '(kya|kaise|kab|kahan|kaha|kitna|kitni|kitne|hai|hain|hoon|hun|karna|karni|karne|karu|karun|karoon|kare|karein|kar|karwana|sakta|sakti|sakte)',
    '(chahiye|chahta|chahti|liye|ek|naya|nayi|lena|leni|batao|bataye|bataiye|bata|dijiye|dena|hoga|hota|hoti|chalta|lagenge|ji|zaroori)',
    '(kal|aaj|parso|subah|shaam|sham|baje|din|samay|time|agle hafte|agle mahine|is hafte|somvar|mangalvar|budhvar|guruvar|shukravar|shanivar|ravivar)',
    '(कोई|खाली|पहली बार दिखाने|स्टार हेल्थ|छुट्टी के दिन|ईमेल पर|व्हाट्सएप पर|स्टेशन से|मेट्रो से|हो सकता|हो सकती|भेज|कौन|लाने|लाना|ला)',
    '(lana|laana|bhej|bhejo|kar|do|ho sakta|ho sakti|chalega|chalegi|milega|milegi|cash|de sakta|de sakti|lete|doctor ki|doctor ka)',
    '(biwi|patni|pati|bete|beti|maa|papa|pitaji|bachche|bhai|behen) ke liye',
  ],
};
