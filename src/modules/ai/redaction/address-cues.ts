import { toWords } from './lexicon/word-forms.js';

/** Parts of an address before their name or number: "flat 4", "شارع". */
export const ADDRESS_STARTS = toWords(
  `blk brgy barangay purok sitio compound phase flat apartment apt unit suite house villa building bldg plot sector block road room floor phase ward khasra door shop office camp zone
  binayet bnayet tabe2 tabi2 tabe3 ezbet 3ezbet ezbat kafr nag3 nagaa manshiyet manshiet hadayek masaken mesaken madinet medinet madinat makhrag ma5rag farig pg hostel dhani basement studio
  lot gram village vill tehsil taluka jila zila district dist thana post mohalla pincode pin zip postcode postal box hno pobox makaan makan
  gali tola pind kothi cross khasra quarter qtr quarters hostel chungi galli galle lane ring bypass chak tower mandal sub subdivision po ps kamra bangla bungalow chawl lodge salai salla veedhi theru patti cheri
  share3 shari3 sharia 3emara 3omara 3mara sha2a sha22a shaqqa dor midan medan sharea shari share3 mante2a mantika mante2et qaryat qaryet 7ay hay 7aret haret borg burj bnaya mabna bayt beit manzil
  مخيم مخرج الحي المنطقة القرية مشروع إسكان اسكان مساكن روضة دوار كومباوند كمباوند كومبوند شارع ش عمارات بنايات عمارة عماره شقة شقه برج فيلا بفيلا فيلات بيت منزل بناية مبنى قطعة مجمع طريق حي حارة زقاق درب ميدان مساكن قرية مركز كمبوند
  صندوق ص مدينة متفرع عزبة نجع كفر محافظة منطقة بلوك سكة جادة ضاحية ولاية كورنيش غرفة غرف ضيعة قضاء لواء ناحية جبل مدخل بوابة شقق محلة حارات الرمز البريدي بريدي فله فلة مربع مجاورة بندر نيابة إمارة امارة مزرعة استراحة سكن كمب معسكر
  कमरा कमरे डोर बंगला डाकघर लेन चक क्वार्टर क्वाटर खसरा टावर हॉस्टल होटल लॉज चॉल सालै मकान फ्लैट गली सेक्टर वार्ड मोहल्ला ग्राम ढाणी चक्क बस्ती पोस्ट थाना जिला ज़िला तहसील टोला पिंड कोठी ब्लॉक प्लॉट बॉक्स पिन मंज़िल मंजिल गांव गाँव पो रोड`,
);
/** Parts of an address after their name: "Palm Street", "शास्त्री नगर". */
export const ADDRESS_ENDS = toWords(
  `apartment building tower road rd street st steps city corner junction residence camp pur gali grove hill mews row rise view walk green vale wharf avenue ave lane ln drive close crescent court place square terrace gardens way boulevard blvd highway cross marg path
  nagar colony vihar enclave layout extension puram pura bagh kunj gunj ganj tower towers residency apartments society chs heights meadows
  brow end fold garth mead mead wynd approach parade quay copse chase croft dene gait loan yard circus common heath moor spinney paddock orchard meadow hollow ridge trail turnpike pike expressway parkway pkwy fwy loop crossing landing esplanade promenade embankment crest knoll glade lea dell
  cottage house villa villas estate complex compound chowk mohalla market town island park bay hills gate mansion nivas niwas sadan bhavan
  bhawan steps junction corner roundabout plaza arcade circle manzil manjil basti city cantt cantonment bypass pur nagri residences residence towers heights hostel galli gali salai chawl lodge more mod morh villas camp colony bazaar bazar tehsil gpo tank mahal
  toli colonies
  मोड़ मोड़ स्ट्रीट एक्सटेंशन सिटी बस्ती मार्केट पार्क बायपास बाइपास क्रॉसिंग हाउस हाऊस टोला पुरा पुरी बाग गंज कुंज एवेन्यू लेन फेज लेआउट हाइट्स रेजिडेंसी टावर्स गार्डन कैंट कैंप छावनी हाट मोहल्ला गली मंज़िल नाला कॉम्प्लेक्स प्लाज़ा नगर कॉलोनी मार्ग रोड सड़क चौक विहार टावर अपार्टमेंट सोसाइटी भवन निवास टाउन जीपीओ बाजार पुरम एन्क्लेव तहसील`,
);
/** Beside a number alone, these words are often no part of an address: "heart block 2". */
export const ORDINARY_STARTS = toWords(
  `block unit phase room floor office ward post cross zone camp lot house shop sector village door pin plot مركز منطقة قطعة بيت طريق حي دور مدينة ميدان पोस्ट गांव थाना रोड ब्लॉक वार्ड`,
);
/** Street words with other common meanings: "two close", "the first place". */
export const ORDINARY_ENDS = toWords(
  `brow end fold mead approach parade quay chase yard circus common heath moor orchard meadow hollow ridge trail pike loop crossing landing crest
  st steps city corner junction residence camp pur gali grove hill mews row rise view walk green vale drive close court crescent place square way cross path market town island park bay hills gate circle house complex tank heights meadows`,
);
export const LANDMARKS = toWords(
  `mosque masjid temple mandir church gurdwara gurudwara school station pharmacy bakery mall supermarket market bridge bank hotel pump kirana
  phatak showroom ma7atta ma7attet mahatta ma7atet gam3 game3 game3et seidaleyet seidaleya saydaleya saydaleyet madraset madrasa mostashfa kobri soo2 forn benzina benzinet bank2
  vet haveli launderette surgery barracks pond pillar tree windmill mill chapel kirk pub inn tavern depot terminal terminus jetty dock lighthouse gate crossing clinic workshop canal ghat well pond station metro statue tower dhaba theka playground ground fort factory garage kiosk salon barber gym club office godown petrol cinema stadium hypermarket roundabout stand tree banyan peepal neem university college hospital tank water shop store post office
  طاحونة الطاحونة دوار ساحة الساحة هايبر كارفور مدرسه بقالة بقاله سنترال مطعم كافيه قهوة مقهى ملعب حديقة الدوار موقف جراج كراج ورشة مزلقان نفق ترعة ساقية الوحدة مستوصف مكتبة معرض سنتر قصر برج مسجد جامع مدرسة محطة صيدلية مخبز فرن مول سوبرماركت كوبري جسر بنك فندق بنزينة سينما نادي جامعة كلية مستشفى كنيسة إشارة سوق محل
  पेड़ इमली पीपल बरगद पिलर खंभा शोरूम चर्च कॉलेज थिएटर फैक्ट्री गोदाम क्रॉसिंग फाटक कुएँ कुआं कुएं कुआँ तालाब घाट नाला मेडिकल थाने थाना डाकखाना पोस्टऑफिस सिनेमा मॉल ढाबा ठेका पेट्रोल टंकी मैदान किला मजार दरगाह कचहरी तहसील मेट्रो गेट मार्केट स्टैंड मंदिर मस्जिद स्कूल स्टेशन दुकान बैंक होटल पंप पुल बाजार अस्पताल चौराहा गुरुद्वारा`,
);
/** Words between the parts of an address. */
export const ADDRESS_LINKS = toWords(
  `ب odam wara gamb ganb ganab 3and 7add orayeb ba3d near behind opposite opp beside next to of the on at off in no number nr above over corner part first second third
  1st 2nd 3rd 4th 5th ground ke ki ka paas pass peeche piche saamne samne upar niche bagal mein me c/o p o main el al fe fi
  fo2 ganb odam wara gamb gamb doors between lane wala wali wale after past left right second third fourth gate behind facing across side
  بجوار جنب بجانب خلف ورا وراء قدام أمام امام مقابل قصاد عند فوق تحت من في رقم الدور الطابق الأول الثاني الثالث الرابع الخامس السادس السابع الثامن التاسع العاشر الأرضي الارضي الأخير الاخير الاول التاني
  متفرع
  التالت ناصية تقاطع بعد قبل يمين شمال يسار قرب بالقرب بقرب جانب تحت وسط طرف نهاية بداية آخر اخر أول مدخل قبالة نفس
  वाली वाला वाले किनारे तीसरे दूसरे पहले चौथे सटे के की का पास पीछे नियर पहली दूसरी तीसरी चौथी पांचवीं सामने ऊपर नीचे बगल में व नंबर नं न संख्या `,
);
/** Words after a landmark: "mandir ke paas". */
export const POSTPOSITIONS = toWords(
  `पास पीछे सामने ऊपर नीचे बगल किनारे paas pass peeche piche peechhe saamne samne upar niche neeche bagal kinare`,
);
/** Words before a landmark: "behind the mill". */
export const POSITIONS = toWords(
  `near nr behind opposite opp beside above facing across next odam wara gamb ganb 3and بجوار جنب بجانب خلف ورا وراء قدام أمام امام مقابل قصاد قرب بقرب قبالة नियर`,
);
/** Words that belong to the name of a place beside them: "Mulund East". */
export const QUALIFIERS = toWords(
  `basement upper lower ground upstairs downstairs rear front line lines लाइन लाइन्स police railway civil rail court military army air force royal bus बस metro मेट्रो रेलवे east west north south old new big small labour labor purani purana naya nayi gedida adima الجديدة الجديد القديمة القديم الشرقية الغربية पुरानी पुराना नया नई पूर्व पश्चिम वेस्ट ईस्ट नार्थ नॉर्थ साउथ ग्रेटर greater पुराने नए क्रॉस सेंट्रल central main मेन रिंग ring السادسة السابعة الثامنة التاسعة العاشرة الخامسة الرابعة الثالثة الثانية الأولى السكني السكنية الصناعية التجارية بني أبو ابو الشمالية الشمالي الجنوبية الجنوبي الشرقي الغربي الكبرى الوسطى حي`,
);
/** Words that an address follows. */
export const ADDRESS_CUES = toWords(
  `live lives living address stay stays staying located reside resides residing ghar pata rehte rehta rehti rahte rahta 3enwani 3enwan 3onwan
  saken sakna sakne sakneen sakin askon pickup deliver residing residence hometown enwan enwani 3onwani sakani maskan sukoon baytna bayti el3enwan
  السكن سكن التوصيل توصيل مقرنا سكنا عنوانها عنوانه عنواننا بيتها بيته نازل نازلين عنوان عنواني العنوان عنوانى ساكن ساكنة ساكنين ساكنه يسكن تسكن اسكن أسكن نسكن مقيم عايش عايشين سكني مكاني بيتنا بيتي احنا إحنا نحن
  पते रहने ठिकाना डिलीवरी पता निवासी घर रहता रहते रहती हम`,
);
/** Words that follow an address: "नोएडा में रहते हैं". */
export const ADDRESS_ENDINGS = toWords(`rehte rehta rehti rahte rahta rahti rehthe रहता रहते रहती हैं है`);
/** Ordinary words that end an address. */
export const NOT_IN_ADDRESS = toWords(
  `انا أنا هو هي احنا عندي عنده عندها عندنا ابي أبي ابغى عايز عاوز محتاج ممكن لو لان عشان بس اللي هل كم متى وين فين ابني بنتي امي ابوي والدي والدتي زوجي
  زوجتي جوزي تعبان تعبانة حرارة وجع الم ألم صداع سكر ضغط رقم تلفون تليفون موبايل جوال ايميل مواليد تاريخ عن منذ بعد قبل من_ساعة الحقونا الحقوني لازم
  कृपया मेरा मेरी मुझे है हैं था थी को ने से और पर दर्द बुखार फोन मोबाइल नंबर`,
);
/** After a number, these words make it a clinical value. */
export const VALUE_UNITS = toWords(
  `day days week weeks month months year years hour hours hr hrs min mins minute minutes mg mcg g gm ml kg kgs lbs cm am pm times time puffs
  tablets tablet units percent degrees bpm oclock old stone yrs wks ayam youm yom shohoor shahr sana saa3a sa3at din dino hafte mahine saal baje ghante minute bar baar
  ساعتين يومين اسبوعين أسبوعين شهرين سنتين دقيقتين مرتين حبتين وحدة وحدات نقطة يوم ايام أيام اسبوع أسبوع اسابيع أسابيع شهر شهور اشهر أشهر سنة سنين سنوات عام ساعة ساعات دقيقة دقايق دقائق مل ملغ مجم كيلو كجم جرام مرة مرات حبة حبوب درجة صباحا مساء
  दिन दिनों हफ्ते महीने महीना साल वर्ष घंटे घंटा मिनट बजे किलो मिग्रा एमजी एमएल यूनिट बार डिग्री सप्ताह`,
);
