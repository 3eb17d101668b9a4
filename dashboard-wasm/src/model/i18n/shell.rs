//! The frame around all pages: navigation, signing in and out, help, connection.

crate::messages! {
    SKIP = "Skip to the numbers", "본문으로 건너뛰기";
    NAVIGATION = "Pages", "페이지";
    OVERVIEW = "Overview", "개요";
    LIVE = "Live", "실시간";
    SITE = "Site", "사이트";
    LANGUAGE = "Language", "언어";
    THEME = "Colours: {0}. Change to {1}.", "색상: {0}. {1}(으)로 바꾸기.";
    THEME_SYSTEM = "as the system", "시스템 설정";
    THEME_LIGHT = "light", "밝게";
    THEME_DARK = "dark", "어둡게";
    SIGN_OUT = "Sign out", "로그아웃";
    SIGN_OUT_FAILED = "You are still signed in: the server cannot be reached. Try again in a moment.", "서버에 연결할 수 없어 아직 로그인되어 있습니다. 잠시 후 다시 시도하세요.";
    DISMISS = "Dismiss", "닫기";
    CLOSE = "Close", "닫기";
    NO_SITE = "No site yet", "아직 사이트가 없습니다";
    NO_SITE_TEXT = "Nobody has given you access to a site yet. Ask an admin of this installation.", "아직 접근할 수 있는 사이트가 없습니다. 이 설치의 관리자에게 요청하세요.";
    NO_PAGE = "There is no such page", "페이지를 찾을 수 없습니다";
    NO_PAGE_TEXT = "The address may be mistyped or of another version.", "주소가 잘못되었거나 다른 버전의 주소일 수 있습니다.";
    TO_OVERVIEW = "Go to the overview", "개요로 가기";

    SIGN_IN_TITLE = "Sign in · LiveInsight", "로그인 · LiveInsight";
    SIGN_IN_HEADING = "Sign in to LiveInsight", "LiveInsight에 로그인";
    SIGN_IN_TEXT = "Enter your e-mail address and your password.", "이메일 주소와 비밀번호를 입력하세요.";
    SIGN_IN_ENDED = "Your session has ended. Sign in again to go on.", "세션이 끝났습니다. 계속하려면 다시 로그인하세요.";
    SIGN_IN_CODE = "Enter the code that your authenticator app shows, or one of your recovery codes.", "인증 앱에 표시된 코드나 복구 코드 중 하나를 입력하세요.";
    EMAIL = "E-mail", "이메일";
    PASSWORD = "Password", "비밀번호";
    CODE = "Code", "코드";
    SIGN_IN = "Sign in", "로그인";
    SIGNING_IN = "Signing in…", "로그인 중…";

    TRY_AGAIN = "Try again", "다시 시도";
    TRY_NOW = "Try now", "지금 시도";
    RECONNECTING = "Reconnecting…", "다시 연결하는 중…";
    OFFLINE = "You are offline", "오프라인입니다";
    NUMBERS_FROM = "Data of {0} ago", "{0} 전 데이터";
    UNREACHABLE = "The server cannot be reached", "서버에 연결할 수 없습니다";
    TIMED_OUT = "The server takes too long to answer", "서버의 응답이 너무 늦습니다";
    STORE_UNAVAILABLE = "The database does not answer at the moment", "데이터베이스가 지금 응답하지 않습니다";
    STATUS = "The server answered with status {0}", "서버가 상태 코드 {0}(으)로 응답했습니다";
    UNREADABLE = "The server's answer is not one this version understands; reload the page", "이 버전이 이해하지 못하는 응답입니다. 페이지를 새로 고치세요";
    WRONG_CREDENTIALS = "E-mail address or password is not right", "이메일 주소나 비밀번호가 올바르지 않습니다";
    WRONG_CODE = "The code is not right", "코드가 올바르지 않습니다";
    TOO_MANY = "Too many attempts; wait a moment", "시도가 너무 많습니다. 잠시 기다리세요";

    HELP = "Keyboard shortcuts", "키보드 단축키";
    HELP_OPEN = "Keyboard shortcuts (?)", "키보드 단축키 (?)";
    HELP_EVERYWHERE = "Everywhere", "모든 페이지";
    KEY_HELP = "This help", "이 도움말";
    KEY_THEME = "Change the colours", "색상 바꾸기";
    KEY_LANGUAGE = "Change the language", "언어 바꾸기";
    KEY_ESCAPE = "Close, or remove the filters", "닫기 또는 필터 지우기";
}
