"""The words by which pages say that something stands before their text, in the web's languages.

Each pattern is a phrase that such notices use and prose hardly does; ``walls.py`` asks for a
second sign before it believes one.
"""

from __future__ import annotations

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


CHALLENGE = _any(
    r"check(?:ing)? (?:your browser|if the site connection is secure)",
    r"verify(?:ing)? (?:that )?you(?:'re|’re| are) (?:a )?(?:real |not a )?(?:human|person|robot)",
    r"(?:complete|solve) (?:the|this) (?:security check|captcha|puzzle)",
    r"unusual (?:traffic|activity|requests) from your",
    r"enable javascript and cookies to continue",
    r"(?:you have been|your (?:ip|request|access) (?:address )?(?:has been|was|is)) blocked",
    r"access to this page has been denied|you don['’]t have permission to access",
    r"(?:press|click) (?:&|and) hold|are you a (?:robot|human)|i['’]?a?m not a robot",
    r"not available in your (?:country|region|location)",
    r"(?:überprüf|prüf|bestätig)\w*[^.]{0,40}\b(?:mensch|browser|kein roboter)",
    r"(?:vérifi|confirm)\w*[^.]{0,40}\b(?:humain|navigateur|pas un robot)",
    r"(?:verific|comprob|confirm)\w*[^.]{0,40}\b(?:human[oa]|navegador|no eres un robot)",
    r"(?:التحقق|تأكيد|نتحقق)[^.]{0,40}(?:إنسان|بشري|متصفح|روبوت)",
    r"(?:провер|подтверд)\w*[^.]{0,40}(?:браузер|человек|не робот)",
    r"正在(?:检查|验证)|验证您?是(?:真人|人类)|ロボットではない",
)
CHALLENGE_TITLE = _any(
    r"just a moment|attention required|access denied|forbidden|pardon our interruption",
    r"(?:security|robot|bot|human|browser) (?:check|verification|challenge)|ddos-guard",
    r"nur einen moment|einen moment,? bitte|un instant|un momento|لحظة",
)
LOGIN = _any(
    r"(?:log|sign)[ -]?in|anmelden|einloggen|se connecter|connexion|iniciar sesión|accedi|войти",
    r"تسجيل الدخول|登录|ログイン",
)
NEEDS_JS = _any(
    r"(?:enabl|activ|turn\w* on|requir|need|without|disabled|support)[^.]{0,60}java ?script",
    r"java ?script\b[^.]{0,60}(?:enabl|activ|turned|requir|need|disabled|support|not available)",
    r"java ?script\b[^.]{0,60}(?:aktivier|benötig|erforder|eingeschaltet|deaktiviert)",
    r"(?:aktivier|benötig)\w*[^.]{0,60}java ?script",
    r"(?:autoris|nécessit)\w*[^.]{0,60}java ?script|java ?script[^.]{0,60}(?:désactivé|nécessaire)",
    r"(?:habilit|activ|abilit|attiv|inschakel|włącz|aktiver)\w*[^.]{0,40}java ?script",
    r"(?:تفعيل|تمكين|يتطلب|فعّل)[^.]{0,40}(?:جافا ?سكر[ي]?بت|java ?script)",
    r"(?:включ|требует)\w*[^.]{0,40}java ?script|启用 ?java ?script|java ?script ?を有効",
)
CONSENT_WORDS = _any(
    r"cookie|consent|privacy|data\b|partner|vendors|advert|\bads?\b|tracking|personali[sz]ed",
    r"settings|choices|before you continue|accept|agree|reject",
    r"datenschutz|einwillig|zustimm|akzeptier|werbung|anzeigen|daten\b|einstellungen|ablehnen",
    r"confidentialité|consent|accept|refuser|publicit|données|traceurs|partenaires|paramètres",
    r"privacidad|consentimiento|acepta|publicidad|datos|socios|rechazar|configura",
    r"ملفات تعريف الارتباط|الخصوصية|موافق|قبول|أوافق|بيانات|إعلان|رفض|كوكيز",
)
ACCEPT = _any(
    r"^(?:i )?(?:accept|agree|allow|consent|got it|yes,? i)\b|^continue$",
    r"^(?:alle[ns]? )?(?:akzeptieren|zustimmen|annehmen|einverstanden)|^ich stimme zu",
    r"^(?:tout )?accepter|^j['’]accepte|^(?:aceptar|acepto|accetta|accetto|aceitar)\b",
    r"^(?:accepteren|akkoord|alles accepteren|zgadzam|godkänn|принять|согласен)",
    r"^(?:قبول|أوافق|موافق|أقبل)|^同意|^接受|^同意する",
)
CONTINUE_READING = _any(
    r"(?:subscribe|sign up|register|log in|sign in|pay|become a member)[^.]{0,40}"
    r"(?:to (?:continue|keep|read|unlock)|for (?:full|unlimited) access)",
    r"to (?:continue|keep) reading",
    r"(?:rest|remainder) of (?:this|the) (?:article|story) is (?:for|only)",
    r"already a (?:subscriber|member)\?|you have reached your (?:free )?(?:article )?limit",
    r"(?:this|the) (?:article|story|content) is (?:only |exclusively )?(?:available )?"
    r"(?:for|to|reserved for) (?:our )?(?:paying |registered )?(?:subscribers|members)",
    r"(?:jetzt|gratis|kostenlos|mit \S+) weiterlesen|weiterlesen mit|lesen sie (?:weiter|mehr) mit",
    r"(?:nur|exklusiv) für (?:unsere )?abonnent|um weiterzulesen|den ganzen artikel lesen",
    r"(?:réservée?s?|accessible) (?:uniquement |exclusivement )?aux? abonné",
    r"il vous reste [^.]{0,20}% de|abonnez-vous pour (?:lire|continuer|accéder)|pour lire la suite",
    r"(?:para|exclusivo para) (?:seguir leyendo|suscriptores|assinantes|continuar lendo)",
    r"per continuare a leggere|riservato agli abbonati|verder lezen|alleen voor abonnees",
    r"(?:اشترك|سجل|الاشتراك)\w* [^.]{0,30}(?:لمتابعة|لقراءة|لإكمال|لمواصلة)",
    r"(?:للمشتركين|لمشتركي) ?\w* ?(?:فقط|حصر)|مخصص(?:ة)? للمشتركين",
    r"только для подписчиков|чтобы (?:продолжить|читать дальше)|有料会員|会員限定|订阅后|付费阅读",
)
SUBSCRIPTION = _any(
    r"subscri|sign (?:in|up)|log in|register|member|abonn|anmelden|suscri|assin|اشتر|مشترك",
    r"подпис|会員|订阅",
)
_GONE_ENGLISH = (
    r"(?:(?:was |is |could |can ?)?(?:not|no longer)(?: be)? (?:found|available|exist\w*|here)"
    r"|does(?:n['’]t| not) exist)"
)
_ABSENT = (
    r"(?:die |diese )?(?:seite|artikel|datei) (?:wurde |ist |konnte |existiert )?(?:leider )?"
    r"nicht (?:mehr )?(?:gefunden|vorhanden|verfügbar)(?: werden)?"
    r"|(?:la |cette )?page (?:est |demandée |que vous (?:re)?cherchez )*"
    r"(?:introuvable|non trouvée|n['’](?:existe (?:pas|plus)|est (?:pas|plus) disponible))"
    r"|(?:la )?página (?:no (?:encontrada|existe|disponible)|não (?:encontrada|existe))"
    r"|pagina (?:non (?:trovata|esiste)|niet gevonden)|nie znaleziono strony"
    r"|strona nie (?:została znaleziona|istnieje)"
    r"|(?:sidan|siden) (?:hittades inte|finns inte|ble ikke funnet|blev ikke fundet)"
    r"|страница не (?:найдена|существует)|сторінку не знайдено|sayfa bulunamadı"
    r"|(?:هذه )?(?:الصفحة|صفحة|المقال|المحتوى)(?: المطلوبة?| التي تبحث عنها)? "
    r"(?:غير (?:موجودة?|متوفرة?|متاحة?)|لم (?:يتم العثور عليها|تعد موجودة))"
    r"|لم (?:يتم|نتمكن من) العثور على (?:هذه )?(?:الصفحة|المقال|المحتوى)"
    r"|صفحه (?:مورد نظر )?(?:یافت|پیدا) نشد"
    r"|(?:お探しの)?ページ(?:が|は)?(?:見つかりません(?:でした)?|存在しません)"
    r"|(?:页面|網頁|頁面)(?:不存在|未找到|找不到)|找不到(?:页面|頁面|网页)"
    r"|페이지를 찾을 수 없습니다?"
)
_CODE = (
    r"(?:(?:http|error|erreur|fehler|errore|erro|خطأ|ошибка|status)[ :]*){0,2}404"
    r"(?: error| erreur| خطأ)?"
)
_SORRY = r"(?:(?:sorry|oops|leider|désolé|عذرا|عذرًا)[,!.…،]* )?"
NOT_FOUND_TITLE = _any(
    rf"(?:{_CODE}[ :.,–—-]*)?{_SORRY}(?:{_ABSENT})(?: ?\(?404\)?)?",
    rf"(?:{_CODE}[ :.,–—-]*)?{_SORRY}(?:this |the )?"
    rf"(?:(?:page|article|content|story|document|file)s? {_GONE_ENGLISH}|not found)"
    r"(?: ?\(?404\)?)?",
    rf"{_CODE}|nicht gefunden|page unavailable",
)
"""A whole title, or a whole part of one between dashes, that says that there is no page."""
NOT_FOUND_SENTENCE = _any(
    r"(?:page|article|story|document|url)"
    r"(?: (?:that )?you(?:['’]re| are| were| have)? \w+(?: \w+){0,3})? "
    r"(?:(?:was |is |could |can ?)(?:not|no longer)(?: be)? (?:found|available)"
    r"|(?:no longer|does not|doesn['’]t) exists?)",
    _ABSENT,
)
"""What such a page says at the beginning of its text."""
