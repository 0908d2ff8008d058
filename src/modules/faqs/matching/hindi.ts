import type { Lexicon } from './lexicon.js';

/** Hindi, and Hindi in Latin letters. */
export const HINDI: Lexicon = {
  EMERGENCY: 'इमरजेंसी, आपातकाल, आपात स्थिति, आपात, आपातकालीन, emergency, imergency',
  BOOK: 'अपॉइंटमेंट कैसे लें, अपॉइंटमेंट कैसे मिलेगा, appointment kaise le, appointment kaise milega, बुक, बुकिंग, अपॉइंटमेंट लें, अपॉइंटमेंट ले, अपॉइंटमेंट चाहिए, डॉक्टर से मिलना, appointment le, appointment chahiye, appointment lena, book karu, doctor se milna',
  APPOINTMENT: 'अपॉइंटमेंट, अपॉइन्टमेंट, अपाइंटमेंट, बुकिंग, स्लॉट, समय लेना, appointment, slot, booking',
  CANCEL: 'रद्द, कैंसिल, कैंसल, नहीं आ पाऊँगा, नहीं आ सकता, नहीं आ पाएंगे, cancel, radd, nahi aa paunga, nahi aa sakta',
  CHANGE:
    'बदल, बदलना, बदलें, बदला, बदलनी, आगे बढ़ा, आगे, अपडेट, पोस्टपोन, रीशेड्यूल, हफ्ते कर, change, badal, badalna, badalni, badle, postpone, reschedule, aage badha, update',
  BRING:
    'कौन से कागज़, क्या कागज़, kaun se kagaz, kaun se document, लाना, लाएँ, लाऊँ, लाने, लानी, साथ, lana, laani, laye, sath, lekar aana, lau',
  DOCUMENT:
    'कागज़, काग़ज़, दस्तावेज़, आईडी, पहचान पत्र, पुरानी रिपोर्ट, document, documents, kagaz, kagaj, id card, id, purani report, report sath',
  REMINDER: 'रिमाइंडर, याद दिला, याद दिलाया, सूचना, पहले मैसेज, reminder, yaad dila, reminder message',
  VIDEO: 'वीडियो, ऑनलाइन परामर्श, वीडियो कॉल, ऑनलाइन डॉक्टर, video, video call, online consultation, video consultation',
  VISIT: 'विज़िट, परामर्श, दिखाना, दिखा, दिखाने, मुलाकात, कंसल्टेशन, dikhana, dikha, visit, consultation',
  PRICE:
    'फीस, फ़ीस, क़ीमत, कीमत, शुल्क, कितना पैसा, कितने पैसे, खर्च, चार्ज, fees, fee, charge, kitne paise, kitna paisa, keemat, kharcha, shulk',
  PAY: 'भुगतान, पेमेंट, कार्ड, कैश, नकद, यूपीआई, किस्त, payment, upi, cash, card, paytm, gpay, pay',
  REFUND: 'रिफंड, रिफ़ंड, पैसे वापस, पैसा वापस, वापस, refund, paise wapas, wapas, wapis',
  INSURANCE: 'बीमा, इंश्योरेंस, कैशलेस, मेडिक्लेम, स्टार हेल्थ, insurance, bima, cashless, mediclaim, policy',
  UPLOAD:
    'अपलोड, रिपोर्ट ऐप में, कैसे डालें, ऐप में कैसे डालें, डालें, रिपोर्ट भेज, upload, photo kahan bheju, report bheju, kaun si file',
  SCAN: 'पुरानी रिपोर्ट, स्कैन, एमआरआई, एक्सरे, रिपोर्ट, सोनोग्राफी, scan, mri, x ray, xray, report, ct',
  DATA: 'डेटा, जानकारी, गोपनीय, निजी, सुरक्षित, कौन देख, कौन देखता, data, jankari, kaun dekh, privacy',
  DELETE: 'हटा, हटाया, हटाना, डिलीट, मिटा, delete, hata',
  HOURS:
    'खुला, खुलता, खुलते, खुली, बंद होता, बंद रहता, खुलने, टाइमिंग, कितने बजे, बजे तक, छुट्टी के दिन, khula, khulta, band hota, timing, timings, kitne baje, baje tak',
  LOCATION:
    'पता क्या, पता, कहाँ है क्लिनिक, क्लिनिक कहाँ, पहुँचें, पहुँचे, कैसे आएँ, लोकेशन, नक्शा, बस से, address, location, clinic kahan, kaha hai clinic, kaise aaye, kaise pahunche, rasta',
  PARKING: 'पार्किंग, गाड़ी, कार, पार्क, parking, park, car, gaadi, gadi',
  RESULT:
    'रिज़ल्ट, नतीजे, नतीजा, रिपोर्ट कब, लैब रिपोर्ट, जाँच की रिपोर्ट, रिपोर्ट आएगी, result, report kab, test result, report aayi, test ki report',
  TEST: 'जाँच, टेस्ट, ब्लड टेस्ट, लैब, खून की जाँच, खून, test, blood test, lab, jaanch, janch',
  PRESCRIPTION: 'पर्चा, पर्चे, प्रिस्क्रिप्शन, दवा का पर्चा, दवा का नया पर्चा, prescription, parcha, parchi',
  RENEW: 'दोबारा, फिर से, रिन्यू, नया पर्चा, खत्म हो, renew, dobara, phir se, khatam ho, refill',
  REFERRAL: 'रेफरल, रेफर, रेफ़रल, सीधे, referral, refer, bina referral',
  SPECIALIST: 'विशेषज्ञ, स्पेशलिस्ट, हृदय विशेषज्ञ, specialist, heart specialist, skin specialist',
  LATE: 'देर, लेट, देरी, ट्रैफिक, late, der, traffic me, deri',
  WAITLIST:
    'वेटिंग लिस्ट, प्रतीक्षा सूची, वेटलिस्ट, कोई कैंसिल करे, जल्दी समय, waiting list, jaldi wala, waitlist, wait list, jaldi ka slot',
  EARLIER: 'जल्दी, jaldi, pehle wala',
  FAMILY:
    'परिवार, बच्चे, बेटे, बेटी, माँ, पिता, पिताजी, पत्नी, पति, पापा, मम्मी, सदस्य, भाई, बहन, दादी, family, bete, beti, patni, pati, papa, mummy, maa, pitaji, bachche, biwi',
  LANGUAGE:
    'भाषा, दुभाषिया, अनुवादक, बोलने वाला, बोलने वाले, बोलते, अंग्रेज़ी, अंग्रेजी, तमिल, हिंदी नहीं आती, bhasha, interpreter, translator, bolne wala, bolte, english, hindi',
  ACCESS: 'व्हीलचेयर, रैंप, लिफ्ट, लिफ़्ट, विकलांग, दिव्यांग, wheelchair, ramp, lift, viklang',
  COPY: 'कॉपी, प्रति, डाउनलोड, फाइल भेज, एक्सपोर्ट, copy, download, nakal',
  RECORDS: 'फाइल, फ़ाइल, मेडिकल रिकॉर्ड, रिकॉर्ड, मेडिकल फाइल, file, records, record, medical file',
  PHONE: 'फोन नंबर, फ़ोन नंबर, मोबाइल नंबर, मोबाइल, नंबर, ईमेल, phone number, mobile number, number, email id, email',
  ADDRESS: 'पता, पता बदल, address, pata badal',
  PASSWORD: 'पासवर्ड, लॉगिन, लॉग इन, लॉगइन, password, login, log in, otp',
  CERTIFICATE:
    'सर्टिफिकेट, सर्टिफ़िकेट, प्रमाण पत्र, मेडिकल सर्टिफिकेट, छुट्टी के लिए, certificate, sick leave, medical certificate, chutti ke liye',
  FASTING: 'खाली पेट, खाली, पहले खाना, पहले पानी, khali pet, fasting, pehle khana, pehle pani',
  REGISTER:
    'रजिस्टर, रजिस्ट्रेशन, पंजीकरण, नया खाता, नए मरीज़, पहली बार, साइन अप, registration, register, naya account, new patient, pehli baar',
  CHOOSE: 'चुन, चुनना, पसंद, choose, chun, select, pasand',
  WOMAN: 'महिला, लेडी, पुरुष डॉक्टर, lady, mahila, female',
  DOCTOR: 'डॉक्टर, डॉ, नर्स, स्टाफ, doctor, dr, staff',
  CLINIC: 'क्लिनिक, रिसेप्शन, clinic, hospital ka, reception',
  COMPLAINT: 'शिकायत, शिकायत दर्ज, फीडबैक, सुझाव, बदतमीज़ी, complaint, shikayat, feedback, badtameezi',
  TIME: 'समय, टाइम, दिन, तारीख, time, din, samay, tarikh',
  CLINICAL:
    'दर्द, दुख, दुखता, दुखती, बुखार, खाँसी, चक्कर, उल्टी, दस्त, कब्ज, दाने, खुजली, सूजन, सूज, सुन्न, झनझनाहट, कमजोरी, कमजोर, कमज़ोर, सिरदर्द, माइग्रेन, स्ट्रोक, लकवा, दौरा, कैंसर, डायबिटीज, मधुमेह, शुगर, इंसुलिन, कोलेस्ट्रॉल, दिल, सीने, सीना, फेफड़े, किडनी, लिवर, मल, शौच, पेशाब, दिमाग, सिर, सर, गर्दन, कमर, पीठ, घुटने, घुटना, पैर, हाथ, बाँह, उंगलियों, उंगली, कंधा, त्वचा, चेहरा, आँख, कान, नाक, मुँह, जीभ, दाँत, मसूड़ों, गला, गले, होंठ, हड्डी, स्तन, तिल, गाँठ, घाव, जल गया, जलन, जलने, चोट, फ्रैक्चर, इन्फेक्शन, संक्रमण, एंटीबायोटिक, ब्रुफेन, पैरासिटामोल, एस्पिरिन, गोली, गोलियाँ, खुराक, दवा बंद, दवा लेना, दवा के साथ, दवा दें, दवा से, की दवा, नई दवा, दवा लेता, दवा लें, गर्भ, गर्भवती, पीरियड, प्रसव, खून आ, खून बंद, से खून, तनाव, घबराहट, मर जाना, जीना, जीने, दुनिया, गायब, साँस, दमा, एलर्जी, बीपी, धड़क, पॉजिटिव, पोटैशियम, ज्यादा है, ऑपरेशन, लक्षण, बीमार, रिपोर्ट में, report me, बेहोश, निगल, ज़हर, धुंधला, दिखती, दो दो, सूँघने, टेढ़ा, बोल नहीं, बोलना, हिल, हिला, आवाज़ें, सुनाई, शराब, गिर, थक, नींद, वजन, भूलने, चीज़ें भूल, नाम भूल, थायराइड, अपेंडिक्स, व्रत, रोज़ा, एसिडिटी, उठ नहीं, टक्कर, चढ़ गई, नहीं चल, खुल गया, नहीं खुल, मतलब, ठीक है, क्या आया, काँपते, मवाद, पीली, नीले, बाल, घूम रहा, रोना, अंडा, दूध, पानी पीना, बैसाखी, ट्यूमर, dard, bukhar, khansi, chakkar, ulti, sunn, saans, seene, seena, sar dard, pet me, khoon, sugar, bp, insulin, dawai, goli, haath, pair, aankh, kamar, sir, kamzor, stroke, operation, periods, period, pregnant, bleeding, acidity, gir gaya, gir gaye, mar jana, jeene, bol nahi, positive, potassium, ilaj, roza, knee, naam bhul, haath kaam',
  FILLER:
    'स्वीकार, स्वास्थ्य, 10, 5, 15, 20, लेटर, letter, स्कूल, ऑफिस, office, school, minute, minutes, बीमारी, ऐप में, का, की, के, को, में, से, पर, है, हैं, हो, हूँ, हूं, था, थी, थे, होगा, होगी, होता, होती, हुआ, मैं, मुझे, मेरा, मेरी, मेरे, आप, आपका, आपकी, हम, वह, यह, ये, वे, उस, इस, अपना, अपनी, अपने, क्या, कैसे, कैसा, कब, कहाँ, कहां, क्यों, कौन, किस, किसे, किससे, किन, कितना, कितनी, कितने, कोई, कुछ, और, या, तो, ही, भी, अगर, कि, नहीं, मत, हाँ, कर, करें, करना, करनी, करने, करूँ, करूं, कीजिए, दीजिए, देना, दें, दो, ले, लें, लेना, लेते, सकता, सकती, सकते, चाहिए, चाहता, चाहती, है क्या, ज़रूरी, जरूरी, रहा, रही, रहे, गया, गयी, गई, गए, जाऊँगा, जाएगा, मिल, मिलेगा, मिलेगी, मिलेंगे, मिलता, मिलना, आता, आती, आएगी, आएगा, आना, आया, आ, जा, जाना, पहले, बाद, लिए, साथ में, तक, बिना, वहाँ, यहाँ, कल, आज, अभी, परसों, सोमवार, मंगलवार, बुधवार, गुरुवार, शुक्रवार, शनिवार, रविवार, सुबह, शाम, रात, हफ्ते, अगले, महीने, घंटे, मिनट, दिनों, कृपया, धन्यवाद, नमस्ते, ऑनलाइन, ऐप, लिंक, संभव, सुविधा, मान्य, चलता, चलेगा, भेजते, भेजें, भेज, आखिरी, पहली, नया, नई, नए, दूसरे, दूसरा, सारी, सब, मैसेज, संपर्क, फोन करूँ, फोन, काम, देखते, केस, खाते, खाता, जोड़ें, नाम, में डाल, सूची में, लिखवा, तरीकों, रूप, मिलनी, वाला, वाले, वाली, जैसे, स्थिति, रहेगा, खड़ी, जगह, फ्री, मुफ़्त, खुद, पेज, चाहते, बात, कंपनियाँ, सी, ka, ki, ke, ko, me, mein, se, par, hai, hain, ho, hu, hoon, tha, thi, hoga, hota, hoti, main, mai, mujhe, mera, meri, mere, aap, aapka, hum, woh, yeh, ye, apna, apni, apne, kya, kaise, kaisa, kab, kahan, kaha, kyun, kaun, kis, kisko, kitna, kitni, kitne, koi, kuch, aur, ya, to, toh, hi, bhi, agar, nahi, nahin, mat, haan, kar, kare, karein, karna, karni, karne, karu, karo, kijiye, dijiye, do, de, le, lena, lete, sakta, sakti, sakte, chahiye, zaroori, raha, rahi, rahe, gaya, gayi, jaunga, aaunga, mil, mile, milega, milegi, milenge, aata, aayega, aayegi, aana, aaya, aa, aao, pehle, baad, liye, tak, bina, kal, aaj, abhi, wala, wale, wali, bhej, bhejo, bheju, chalega, chalegi, naya, nayi, dusre, baat, pe, on, hone, hu, batana, naam, likh, link, online, app, kaam, lagenge, lagega, lag, pa, jagah, andar, staff ne, ne, si, plz, banaye, bana, ghante, fasa, khud, add',
};
