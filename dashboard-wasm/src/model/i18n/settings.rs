//! The settings, and how one comes in for the first time.

crate::messages! {
    SETTINGS = "Settings", "설정";
    PEOPLE = "People", "사용자";
    TOKENS = "API tokens", "API 토큰";
    SHARES = "Share links", "공유 링크";
    ACCOUNT = "Account", "계정";
    NOT_ALLOWED = "Your role does not allow this. Ask an admin of this installation.", "현재 역할로는 볼 수 없습니다. 관리자에게 요청하세요.";
    SAVE = "Save", "저장";
    SAVED = "Saved", "저장됨";
    ADD = "Add", "추가";
    REMOVE = "Remove", "삭제";
    REALLY = "Really remove?", "정말 삭제할까요?";
    CANCEL = "Cancel", "취소";
    NAME = "Name", "이름";
    EMBED_TEXT = "To show it within a page of yours, paste this. theme=light or theme=dark chooses its colours.", "여러분의 페이지 안에 보이려면 이 코드를 붙여 넣으세요. theme=light 또는 theme=dark로 색상을 정합니다.";
    NO_LINK = "This link is not complete", "링크가 완전하지 않습니다";
    NO_LINK_TEXT = "Ask whoever made this page for the whole of it: it ends with #share= and a secret.", "이 페이지를 만든 사람에게 전체 링크를 요청하세요. #share=와 비밀 값으로 끝납니다.";
    SHOWN_ONCE = "Copy it now: it is shown only once.", "지금 복사하세요. 한 번만 표시됩니다.";
    ONE_A_LINE = "One a line.", "한 줄에 하나씩 입력하세요.";

    SITE_FIXED = "The server's configuration sets this site; it cannot be changed here.", "이 사이트는 서버 설정에서 정해져 여기서 바꿀 수 없습니다.";
    SITE_READ_ONLY = "You may look at these settings but not change them.", "이 설정은 볼 수만 있습니다.";
    DOMAIN = "Domain of the site", "사이트 도메인";
    DOMAINS = "Domains", "도메인";
    ALIASES = "Its names in other products", "다른 제품에서의 이름";
    PLACE = "How exactly the place of a visitor is kept", "방문자 위치를 보관하는 정밀도";
    PLACE_CITY = "City", "도시";
    PLACE_REGION = "Region", "지역";
    PLACE_COUNTRY = "Country", "국가";
    PLACE_NONE = "Not at all", "보관하지 않음";
    TIME_ZONE = "Time zone", "시간대";
    RETENTION = "Days that raw events are kept", "원본 이벤트 보관 일수";
    SEGMENT_RETENTION = "Days that segments are kept, from which figures are still made when raw events are gone (empty: as long as those)", "집계용 세그먼트 보관 일수: 원본 이벤트가 삭제된 뒤에도 통계에 쓰입니다 (비워 두면 원본 이벤트와 동일)";
    COOKIELESS = "Keep nothing in the visitor's browser (a visitor is another one every day)", "방문자 브라우저에 아무것도 저장하지 않기 (방문자는 매일 새로 집계됩니다)";
    OPT_OUT = "Leave out browsers that ask not to be tracked", "추적 거부를 요청한 브라우저 제외";
    PATHS = "Paths left out", "제외할 경로";
    COUNTRIES = "Countries left out", "제외할 국가";
    ADDRESSES = "IP addresses left out (kept as hashes)", "제외할 IP 주소 (해시로만 보관)";
    PARAMETERS = "Query parameters kept with a page", "페이지와 함께 보관할 쿼리 매개변수";
    ADD_SITE_TEXT = "Which site do you want to measure? You can change all of this later.", "어떤 사이트를 측정할까요? 나중에 모두 바꿀 수 있습니다.";
    ADD_SITE = "Add the site", "사이트 추가";

    EVERYBODY = "Everyone who may sign in", "로그인할 수 있는 모든 사용자";
    ROLE = "Role", "역할";
    WHERE = "Where", "범위";
    EVERY_SITE = "At every site", "모든 사이트";
    THIS_SITE = "Only at {0}", "{0}에서만";
    ROLE_OF = "Role of {0}", "{0}의 역할";
    SITE_ROLE_OF = "Role of {0} at this site", "이 사이트에서 {0}의 역할";
    CHANGE_ROLE = "Change the role of {0} from {1} to {2}?", "{0}의 역할을 {1}에서 {2}(으)로 바꿀까요?";
    CHANGE = "Change", "변경";
    YOU = "you", "본인";
    REMOVE_PERSON = "Remove {0}? All their sessions and tokens end at once.", "{0}을(를) 삭제할까요? 모든 세션과 토큰이 즉시 종료됩니다.";
    AT_SITES = "Also at single sites: {0}", "개별 사이트: {0}";
    ROLES_HERE = "Roles at {0}", "{0}에서의 역할";
    ROLES_HERE_TEXT = "Besides everyone who has a role at every site. Whoever signs in already can be given one here.", "모든 사이트에서 역할이 있는 사용자는 제외됩니다. 이미 로그인할 수 있는 사용자에게 역할을 줄 수 있습니다.";
    NOBODY_HERE = "Nobody has a role at this site alone.", "이 사이트에만 역할이 있는 사용자가 없습니다.";
    REMOVE_HERE = "Take the role of {0} at this site away?", "이 사이트에서 {0}의 역할을 없앨까요?";
    GIVE_ROLE = "Give a role", "역할 주기";
    NO_ROLE = "None", "없음";
    VIEWER = "Viewer", "보기";
    EDITOR = "Editor", "편집자";
    ADMIN = "Admin", "관리자";
    OWNER = "Owner", "소유자";
    INVITE = "Invite", "초대";
    INVITE_TEXT = "Hand this link over; it is good for seven days and once.", "이 링크를 전달하세요. 7일 동안 한 번만 쓸 수 있습니다.";
    INVITED = "Invited", "초대됨";

    NO_TOKENS = "No tokens yet. Make one to read statistics from a program.", "아직 토큰이 없습니다. 프로그램에서 통계를 읽으려면 하나 만드세요.";
    SCOPE_READ = "Read statistics", "통계 읽기";
    SCOPE_INGEST = "Send events to this site", "이 사이트로 이벤트 보내기";
    SCOPE_MANAGE = "Manage sites", "사이트 관리";
    EXPIRES = "Days until it ends (empty: never)", "만료까지 일수 (비우면 무기한)";

    NO_SHARES = "No share links yet. A link shows this site to people who cannot sign in.", "아직 공유 링크가 없습니다. 로그인할 수 없는 사람에게 이 사이트를 보여 줄 수 있습니다.";
    SHARED = "Shared statistics", "공유된 통계";
    OPEN = "Open", "열기";
    SHARE_PASSWORD = "Password (optional)", "비밀번호 (선택)";
    SHARE_PAGE = "Only these pages, such as /blog/* (optional)", "이 페이지만, 예: /blog/* (선택)";

    PASSWORD_NOW = "Password until now", "현재 비밀번호";
    PASSWORD_NEW = "New password", "새 비밀번호";
    PASSWORD_CHANGE = "Change the password", "비밀번호 바꾸기";
    PASSWORD_TEXT = "All other sessions end.", "다른 모든 세션이 종료됩니다.";
    SESSIONS = "Where you are signed in", "로그인된 곳";
    THIS_ONE = "this browser", "이 브라우저";
    EVERYWHERE = "Sign out everywhere", "모든 곳에서 로그아웃";

    SET_UP = "Set up LiveInsight", "LiveInsight 시작하기";
    SET_UP_TEXT = "Make the first owner. The set-up token was printed when the server was started or deployed.", "첫 소유자를 만드세요. 설정 토큰은 서버를 시작하거나 배포할 때 출력되었습니다.";
    SET_UP_TOKEN = "Set-up token", "설정 토큰";
    JOIN = "Join LiveInsight", "LiveInsight에 참여";
    JOIN_TEXT = "You were invited. Choose a password of at least ten characters.", "초대를 받았습니다. 10자 이상의 비밀번호를 정하세요.";
    BEGIN = "Begin", "시작";
}
