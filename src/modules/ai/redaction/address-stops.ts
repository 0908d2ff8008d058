import { toWords } from './lexicon/word-forms.js';
import { MEDICINE_CUES, RELATIVES } from './name-cues.js';

/** Words of sentences and of illnesses: a part of a message that has one of them is no part of an address. */
const SENTENCE_WORDS = toWords(
  `i im ive we us our my me you your he she his her him they them their it its is are was were be been am do does did done has have had having
  will would can could should shall may might must not no_ dont didnt cant wont isnt wasnt and or but so because if when while since for_ from_
  please pls kindly help hurry urgent thanks thank hello hi good morning evening call called send sent bring come came coming go going went
  get got give gave take took need needs want wants tell told say said says ask asked see saw know think feel feels felt look looks like
  today tomorrow yesterday tonight now soon later again still also already just very really too much many more less some any all every
  day days week weeks month months year years hour hours minute minutes age aged old_
  pain ache headache fever cough cold vomiting vomit vomited nausea dizzy dizziness bleeding blood pressure bp sugar glucose temp temperature
  pulse spo2 oxygen weight height swelling swollen rash itch itching burn burning infection wound fracture pregnant pregnancy baby chest head
  stomach belly back_ leg legs arm arms knee eye eyes ear ears nose throat tooth teeth skin heart kidney liver lung breathing breath breathless
  wheezing diarrhoea diarrhea constipation allergy asthma diabetes cancer platelet platelets hb haemoglobin hemoglobin hba1c inr creatinine
  report test result results scan mri xray appointment booking booked doctor dr_ nurse ambulance insurance policy card number_ phone mobile email name
  born dob date time slot reading readings
  انا أنا احنا إحنا هو هي هم انت إنت انتي عندي عنده عندها عندنا عندهم لي له لها كان كانت يكون صار صارت مش ما لا لم لن ليس هل لو ولو لان لأن عشان علشان
  بس لكن او أو ثم كل_ كيف ليه ليش ايه إيه شو وش متى امتى فين وين كام كم ممكن لازم عايز عايزة عاوز عاوزة ابغى أبغى ابي أبي اريد أريد محتاج محتاجة ارجو أرجو
  رجاء شكرا مرحبا السلام عليكم صباح مساء الخير اليوم امس أمس امبارح بكرة بكره غدا الان الآن دلوقتي الحين يوم ايام أيام اسبوع أسبوع شهر شهور سنة سنوات سنين ساعة ساعات دقيقة دقائق
  منذ ساعتين يومين اسبوعين أسبوعين شهرين سنتين دقيقتين وحدة وحدات وجع الم ألم صداع حرارة حرارته حرارتها سخونة حمى كحة سعال زكام ترجيع قيء استفراغ غثيان دوخة دايخ دايخة نزيف دم ضغط ضغطه ضغطها ضغطي سكر السكر سكري نبض اكسجين أكسجين الاكسجين
  وزن وزنه وزنها وزني طول تورم ورم طفح حساسية حكة هرش حرق حروق جرح التهاب عدوى كسر حامل حمل بطن بطني بطنه بطنها معدة صدر صدري صدره رأس راس راسي ضهر ظهر ظهري رجل رجله رجلها رجلي يد ايد ركبة
  عين عينه عينها ودن اذن أذن الأذن الاذن انف أنف حلق زور سن اسنان أسنان جلد قلب كلى كبد رئة تنفس نفس_ ضيق اسهال إسهال امساك إمساك ربو جلطة سرطان كورونا انفلونزا تحليل نتيجة اشعة أشعة
  موعد ميعاد حجز دكتور الدكتور دكتورة ممرضة الاسعاف الإسعاف تأمين رقم_ تلفون تليفون موبايل جوال هاتف ايميل اسم اسمي تاريخ ميلاد مواليد مولود عمره عمرها عمري سنها
  بتوجعني يوجعني يؤلمني تعبان تعبانة مريض مريضة وقع وقعت طاح طاحت بيكح بتكح بيرجع بترجع قادر قادرة اخد أخد اخذ أخذ ياخد تاخد باخد بياخد بتاخد ابعتوا ابعت ارسل أرسل ارسلوا تعالوا الحقوني الحقونا
  ana e7na ehna howa heya 3andi 3ndi 3andy 3ando 3andaha mesh msh ma_ bas 3ashan law leh fein emta kam momken lazem 3ayez 3ayza 3awez m7tag mehtag shokran salam elyom embare7 bokra delwa2ty
  wag3 waga3 alam soda3 7arara sokhneya ko7a tar2e3 do5a dokha nazeef dam daght sokkar sukar nabd wazn batn sadr dahr regl 3ein 7asaseya 7amel mareed ta3ban ta3bana esmi ismi
  main hum_ mai mujhe mera_ meri_ mere_ hai hain hun hoon hu tha thi the_ ho hua hui hue raha rahi rahe nahi nahin na kya kyu kyun kab kaise kitna kitni aur ya par_ lekin magar agar toh to_ bhi sirf
  chahiye kripya please jaldi bhejo bhej bhejna bhejiye aao aaiye aana aaye batao bataiye bolo kaha bola karo karna kar karein kare lo lena dena de dein diya di_ liya li_ gaya gayi gaye
  aaj kal subah shaam raat dopahar abhi din_ hafte mahine saal ghante minute baje se_ ko_
  dard bukhar khansi ulti dast kabz chakkar khoon sujan khujli jalan ghaav chot saans sans behosh ghabrahat bp_ sugar_ pet seena sar_ sir_ kamar pair haath aankh kaan naak gala daant ghutna chhati
  umar umr wajan vajan vazan janam janm naam dawai dawa goli ilaaj ilaj janch bacha baccha bachcha
  मैं मुझे मेरा मेरी मेरे है हैं हूँ हूं था थी थे हो हुआ हुई हुए रहा रही रहे नहीं क्या क्यों कब कैसे कितना कितनी कितने और या लेकिन मगर अगर तो भी सिर्फ उन्हें उसे उसको उनको इसको उनका उनकी इनका वह वो यह ये
  चाहिए कृपया जल्दी भेजो भेजिए भेजें भेज भेजना आओ आइए आना बताओ बताइए बताएं बोलो कहा बोला करो करना कर करें लो लेना देना दे दें दिया दी लिया ली गया गई गए गिर गिरी
  आज कल सुबह शाम रात दोपहर अभी दिन हफ्ते महीने महीना साल वर्ष घंटे मिनट बजे से को ने
  दर्द बुखार खांसी खाँसी उल्टी दस्त कब्ज चक्कर खून सूजन खुजली जलन घाव चोट सांस साँस सांसें बेहोश घबराहट बीपी शुगर पेट सीना सीने सिर कमर पैर पैरों हाथ आंख आँख कान नाक गला दांत दाँत घुटना घुटने छाती कूल्हे गर्दन पीठ
  उम्र आयु वजन वज़न जन्म नाम दवा दवाई गोली इलाज जांच जाँच रिपोर्ट टोकन पर्ची कार्ड नंबर_ फोन फ़ोन मोबाइल ईमेल आधार पासपोर्ट बीमा डॉक्टर नर्स एम्बुलेंस अपॉइंटमेंट प्लेटलेट हीमोग्लोबिन गर्भ गर्भवती बच्चा बच्चे बच्ची डेंगू मलेरिया कैंसर अस्थमा मधुमेह`,
);

export const isSentenceWord = (word: string): boolean =>
  SENTENCE_WORDS.has(word) || MEDICINE_CUES.has(word) || RELATIVES.has(word);
