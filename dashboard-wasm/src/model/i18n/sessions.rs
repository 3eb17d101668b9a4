//! Single visits and what happened in them.

crate::messages! {
    SESSIONS = "Sessions", "세션";
    COUNT = "{0} visits", "방문 {0}회";
    NOTHING = "No visits in this period", "이 기간에는 방문이 없습니다";
    MORE = "Show more", "더 보기";
    VIEWS = "{0} pages", "{0}페이지";
    ONE_VIEW = "1 page", "1페이지";
    CONVERSIONS = "{0} conversions", "전환 {0}회";
    ONE_CONVERSION = "1 conversion", "전환 1회";
    BOUNCED = "bounced", "이탈";
    DIRECT = "Direct", "직접 방문";
    PERSON = "Person {0}", "사용자 {0}";
    OF_PERSON = "All visits of {0}", "{0}의 모든 방문";
    OF_VISITOR = "All visits of this visitor", "이 방문자의 모든 방문";
    ALL = "All sessions", "모든 세션";
    VISITOR = "Visitor {0}", "방문자 {0}";
    VISITOR_TEXT = "{0} visits in this period, the newest first", "이 기간의 방문 {0}회, 최신순";
    TIMELINE = "What happened", "방문 내역";
    PAGE_VIEW = "Page view", "페이지뷰";
    CLICK = "Click", "클릭";
    CONVERSION = "Conversion", "전환";
    EVENT = "Event", "이벤트";
    READ = "{0} engaged", "집중 {0}";
    SCROLLED = "{0} scrolled", "{0} 스크롤";
    BEFORE_ANY = "Before the first page", "첫 페이지 이전";
    GONE = "The events of this visit are no longer kept", "이 방문의 이벤트는 더 이상 보관되지 않습니다";
    LANGUAGE = "Language", "언어";
    SCREEN = "Screen", "화면";
    CAMPAIGN = "Campaign", "캠페인";
    REFERRER = "Referrer", "참조 페이지";
}
