//! The sections of the settings that watch over a site: its snippet, what arrives, what is kept apart, its data.

crate::messages! {
    TRACKER = "Tracker", "추적 코드";
    INTAKE = "Incoming events", "수신 이벤트";
    QUARANTINE = "Quarantine", "격리함";
    DATA = "Data", "데이터";
    AUDIT = "Audit log", "감사 로그";

    FORM = "How it is added", "추가 방법";
    AS_TAG = "Script tag", "스크립트 태그";
    AS_PACKAGE = "npm package", "npm 패키지";
    TAG_TEXT = "Paste this line into the <head> of your pages.", "이 한 줄을 페이지의 <head>에 붙여 넣으세요.";
    PACKAGE_TEXT = "Install @liveinsight/tracker and start it once, in a file of its own.", "@liveinsight/tracker를 설치하고 별도 파일에서 한 번만 시작하세요.";
    CONSENT = "Consent", "동의";
    CONSENT_GRANTED = "Not asked for: record at once", "묻지 않음: 바로 기록";
    CONSENT_COOKIELESS = "Keep nothing in the browser", "브라우저에 아무것도 저장하지 않음";
    CONSENT_PENDING = "Wait until the visitor agrees", "방문자가 동의할 때까지 대기";
    CONSENT_DENIED = "Record nothing until the visitor agrees", "방문자가 동의하기 전에는 기록하지 않음";
    OPTION_QUERY = "Query parameters to keep, with spaces between (empty: all)", "보관할 쿼리 매개변수, 공백으로 구분 (비우면 전체)";
    OPTION_MASK = "Paths to mask, such as /account/*", "가릴 경로, 예: /account/*";
    OPTION_COOKIE = "Share ids between sub-domains by a cookie", "쿠키로 하위 도메인 간 ID 공유";
    OPTION_BUTTONS = "Record clicks on all buttons", "모든 버튼 클릭 기록";
    OPTION_HASH = "Pages are told apart by what follows #", "# 뒤의 값으로 페이지 구분";
    OPTION_VITALS = "Measure Core Web Vitals", "Core Web Vitals 측정";
    OPTION_SIGNALS = "Record visitors who object by their browser, too", "브라우저로 거부한 방문자도 기록";
    OPTION_TEST = "Record pages on this machine, too", "로컬 페이지도 기록";
    OPTION_DEBUG = "Say on the console why nothing is sent", "전송하지 않는 이유를 콘솔에 표시";

    LEDGER = "What became of the events", "이벤트 처리 결과";
    LEDGER_TEXT = "Everything that arrived, by hour. What is sent twice counts twice here, and once in the statistics.", "도착한 모든 이벤트의 시간별 결과입니다. 두 번 전송된 이벤트는 여기서 두 번, 통계에서는 한 번 집계됩니다.";
    LEDGER_EMPTY = "Nothing arrived in this time.", "이 기간에 도착한 이벤트가 없습니다.";
    LEDGER_SUMMARY = "{0} events arrived", "이벤트 {0}개 도착";
    RANGE = "Range", "기간";
    RANGE_DAY = "24 hours", "24시간";
    RANGE_WEEK = "7 days", "7일";
    RANGE_MONTH = "30 days", "30일";
    ACCEPTED = "Stored", "저장됨";
    FILTERED = "Not counted", "집계 제외";
    REFUSED = "Refused", "거부됨";
    BAR = "{0} stored, {1} not counted, {2} refused", "저장 {0}, 제외 {1}, 거부 {2}";
    WHY_BOT = "Sent by a program; kept in the quarantine", "프로그램이 보냄, 격리함에 보관";
    WHY_HEADLESS = "A browser without a screen; kept in the quarantine", "화면 없는 브라우저, 격리함에 보관";
    WHY_SPAM = "A known spammer of referrers; kept in the quarantine", "알려진 리퍼러 스팸, 격리함에 보관";
    WHY_OPTED_OUT = "The browser asks not to be tracked", "브라우저가 추적 거부를 요청함";
    WHY_EXCLUDED = "A rule of the site leaves it out", "사이트 규칙에 따라 제외됨";
    WHY_PRERENDER = "The page was loaded ahead of a visit that may never happen", "방문 전에 미리 불러온 페이지";
    WHY_TIME = "Too old, or at a time that cannot be", "너무 오래되었거나 시간이 올바르지 않음";
    WHY_ORIGIN = "The page is not on one of the site's domains", "사이트 도메인에 속하지 않는 페이지";
    WHY_RATE = "Too many requests at once", "한꺼번에 너무 많은 요청";
    WHY_STORE = "Could not be stored; the sender tries again", "저장하지 못함, 보낸 쪽이 다시 시도함";
    WHY_UNKNOWN = "A type of event that this server does not know", "서버가 모르는 이벤트 유형";
    WHY_INVALID = "Not what the API asks for", "API 형식에 맞지 않음";

    VERIFY = "Verify", "검증";
    VERIFY_TEXT = "Counts the stored events of a day one by one and compares them with what the dashboard shows.", "하루의 저장된 이벤트를 하나씩 세어 대시보드의 값과 비교합니다.";
    VERIFY_FINE = "All {0} numbers are right.", "숫자 {0}개가 모두 일치합니다.";
    VERIFY_DIFFERS = "{0} of {1} numbers differ.", "숫자 {1}개 중 {0}개가 다릅니다.";
    BY_ROWS = "By the stored events", "저장된 이벤트 기준";
    BY_ANSWER = "As shown", "표시된 값";
    DAY_UTC = "Day (UTC)", "날짜 (UTC)";

    QUARANTINE_TEXT = "Bots, browsers without a screen and referrer spam are kept here for 30 days. Release what should count; purge what should not stay.", "봇, 화면 없는 브라우저, 리퍼러 스팸은 30일간 여기에 보관됩니다. 집계할 것은 해제하고 남기지 않을 것은 삭제하세요.";
    QUARANTINE_EMPTY = "Nothing was kept apart on this day.", "이 날 격리된 이벤트가 없습니다.";
    QUARANTINE_MORE = "There are more: these are the first 100.", "더 있습니다. 처음 100개만 표시합니다.";
    QUARANTINE_DONE = "Done: {0} batches.", "완료: {0}건.";
    QUARANTINE_AGAIN = "There are more; do it again.", "더 있습니다. 다시 실행하세요.";
    BOT = "Bot", "봇";
    HEADLESS = "Without a screen", "화면 없음";
    SPAM = "Referrer spam", "리퍼러 스팸";
    EVENTS = "{0} events", "이벤트 {0}개";
    RELEASE = "Release", "해제";
    PURGE = "Purge", "삭제";
    RELEASE_ALL = "Release the whole day", "하루 전체 해제";
    PURGE_ALL = "Purge the whole day", "하루 전체 삭제";
    REALLY_RELEASE = "Count all of this day's batches?", "이 날의 모든 항목을 집계할까요?";
    REALLY_PURGE = "Delete all of this day's batches for good?", "이 날의 모든 항목을 영구 삭제할까요?";

    EXPORT = "Export", "내보내기";
    EXPORT_TEXT = "Every stored event of these days with all it says.", "선택한 기간에 저장된 모든 이벤트를 내려받습니다.";
    EXPORT_CSV = "CSV", "CSV";
    EXPORT_NDJSON = "NDJSON", "NDJSON";
    EXPORT_ORDER = "The first day has to come before the last.", "시작일이 종료일보다 앞서야 합니다.";
    FROM_DAY = "First day (UTC)", "시작일 (UTC)";
    TO_DAY = "Last day (UTC)", "종료일 (UTC)";
    DELETE_SITE = "Delete the site", "사이트 삭제";
    DELETE_SITE_TEXT = "Share links, tokens, goals and everyone's role at this site go at once.", "이 사이트의 공유 링크, 토큰, 목표, 역할이 즉시 삭제됩니다.";
    DELETE_SITE_TYPE = "Type {0} to confirm", "확인하려면 {0} 입력";

    AUDIT_TEXT = "Who changed what at this site.", "이 사이트에서 누가 무엇을 바꾸었는지 보여 줍니다.";
    AUDIT_EMPTY = "Nothing was changed yet.", "아직 변경된 것이 없습니다.";
    WHEN = "When", "시각";
    WHAT = "What", "내용";
    ON_WHAT = "On what", "대상";
    WHO = "Who", "사용자";
    NEWER = "Newer", "최근";
    OLDER = "Older", "이전";

    TOTP = "Two-step sign-in", "2단계 인증";
    TOTP_OFF = "An authenticator app shows a code that is asked for besides the password.", "비밀번호와 함께 인증 앱의 코드를 입력하도록 합니다.";
    TOTP_BEGIN = "Set up", "설정하기";
    TOTP_SCAN = "Scan this with your authenticator app.", "인증 앱으로 이 코드를 스캔하세요.";
    TOTP_TYPE = "Or type the secret into it.", "또는 비밀 키를 직접 입력하세요.";
    TOTP_CODE = "Code that the app shows", "앱에 표시된 코드";
    TOTP_CONFIRM = "Turn on", "켜기";
    TOTP_ON = "It is on. Your password turns it off.", "켜져 있습니다. 비밀번호로 끌 수 있습니다.";
    TOTP_END = "Turn off", "끄기";
    QR = "QR code for the authenticator app", "인증 앱용 QR 코드";
    RECOVERY_TEXT = "It is on. Each of these codes signs you in once if you lose the app.", "켜졌습니다. 앱을 잃어버렸을 때 각 코드로 한 번씩 로그인할 수 있습니다.";
    RECOVERY_KEPT = "I have kept them", "보관했습니다";
}
