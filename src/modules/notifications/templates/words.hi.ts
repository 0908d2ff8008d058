import type { Words } from './words.js';

export const HINDI: Words = {
  labels: {
    greeting: 'नमस्ते {{name}},',
    when: 'समय',
    atTheClinic: 'क्लिनिक के समय से',
    before: 'पहले का समय',
    doctor: 'डॉक्टर',
    place: 'स्थान',
    phone: 'क्लिनिक का फ़ोन',
    videoVisit: 'वीडियो परामर्श',
    confirm: 'पुष्टि करें',
    cancel: 'अपॉइंटमेंट रद्द करें',
    take: 'यह समय लें',
    decline: 'नहीं, धन्यवाद',
    manage: 'अपॉइंटमेंट देखें',
    awaitsConfirmation: 'क्लिनिक की पुष्टि अभी बाकी है।',
    footer: 'यह संदेश {{clinic}} की ओर से अपने आप भेजा गया है। इसके उत्तर पढ़े नहीं जाते।',
    unsubscribe: 'इस प्रकार के संदेश बंद करें',
    yourClinic: 'आपका क्लिनिक',
    summary: '{{doctor}} के साथ अपॉइंटमेंट, {{clinic}}',
  },
  sentences: {
    APPOINTMENT_BOOKED: {
      subject: 'अपॉइंटमेंट बुक हुआ: {{whenShort}}',
      title: 'अपॉइंटमेंट बुक हुआ',
      lead: '{{clinic}} में {{doctor}} के साथ आपका अपॉइंटमेंट बुक हो गया है।',
      short: 'बुक हुआ: {{doctor}} के साथ आपका अपॉइंटमेंट, {{clinic}}, {{whenShort}}।',
    },
    APPOINTMENT_REQUESTED: {
      subject: 'अपॉइंटमेंट का अनुरोध: {{whenShort}}',
      title: 'अपॉइंटमेंट का अनुरोध मिला',
      lead: 'आपने {{clinic}} में {{doctor}} के साथ अपॉइंटमेंट माँगा है। क्लिनिक की पुष्टि तक यह समय आपके लिए सुरक्षित है।',
      short: 'अनुरोध मिला: {{doctor}} के साथ अपॉइंटमेंट, {{clinic}}, {{whenShort}}। क्लिनिक पुष्टि करेगा।',
    },
    APPOINTMENT_CONFIRMED: {
      subject: 'अपॉइंटमेंट की पुष्टि हुई: {{whenShort}}',
      title: 'अपॉइंटमेंट की पुष्टि हुई',
      lead: '{{clinic}} में {{doctor}} के साथ आपके अपॉइंटमेंट की पुष्टि हो गई है।',
      short: 'पुष्टि हुई: {{doctor}} के साथ आपका अपॉइंटमेंट, {{clinic}}, {{whenShort}}।',
    },
    APPOINTMENT_MOVED: {
      subject: 'अपॉइंटमेंट का नया समय: {{whenShort}}',
      title: 'अपॉइंटमेंट का समय बदला',
      lead: '{{clinic}} में {{doctor}} के साथ आपके अपॉइंटमेंट का समय बदल गया है।',
      short: 'समय बदला: {{doctor}} के साथ आपका अपॉइंटमेंट, {{clinic}}, अब {{whenShort}}।',
    },
    APPOINTMENT_CANCELLED: {
      subject: 'अपॉइंटमेंट रद्द हुआ: {{whenShort}}',
      title: 'अपॉइंटमेंट रद्द हुआ',
      lead: '{{clinic}} में {{doctor}} के साथ आपका अपॉइंटमेंट रद्द हो गया है।',
      short: 'रद्द हुआ: {{doctor}} के साथ आपका अपॉइंटमेंट, {{clinic}}, {{whenShort}}।',
    },
    APPOINTMENT_REMINDER: {
      subject: 'याद दिलाना: अपॉइंटमेंट {{whenShort}}',
      title: 'आपके अपॉइंटमेंट की याद',
      lead: '{{clinic}} में {{doctor}} के साथ आपके अपॉइंटमेंट की याद दिलाई जा रही है।',
      short: 'याद रखें: {{doctor}} के साथ आपका अपॉइंटमेंट, {{clinic}}, {{whenShort}}।',
    },
    WAITLIST_OFFER: {
      subject: 'एक समय खाली हुआ: {{whenShort}}',
      title: 'एक समय खाली हुआ',
      lead: '{{clinic}} में {{doctor}} के साथ एक समय खाली हुआ है और थोड़ी देर के लिए आपके लिए सुरक्षित है।',
      short: 'समय खाली हुआ: {{doctor}}, {{clinic}}, {{whenShort}}। थोड़ी देर के लिए आपके लिए सुरक्षित।',
    },
    MESSAGE_FROM_CLINIC: {
      subject: '{{clinic}} का संदेश',
      title: '{{clinic}} का संदेश',
      lead: '{{clinic}} ने आपको लिखा है:',
      short: 'आपके लिए {{clinic}} का संदेश है। पढ़ने के लिए साइन इन करें।',
    },
  },
};
