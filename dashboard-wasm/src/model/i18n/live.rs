//! Who is here now, and what is happening.

crate::messages! {
    HERE_NOW = "Here now", "지금 접속 중";
    COUNTS = "{0} in the last 5 minutes · {1} in the last 30", "최근 5분 {0}명 · 최근 30분 {1}명";
    NOBODY = "Nobody has been here in the last 30 minutes. The next visitor appears at once.", "최근 30분 동안 아무도 없었습니다. 다음 방문자가 바로 나타납니다.";
    COLUMN_PAGE = "Page", "페이지";
    COLUMN_PLACE = "Place", "위치";
    COLUMN_DEVICE = "Device", "기기";
    COLUMN_VISIT = "Visit", "방문";
    COLUMN_SEEN = "Last seen", "마지막 활동";
    IS_HERE = "Here now", "접속 중";
    WAS_HERE = "Was here", "다녀감";
    TITLE = "{0} now · {1} · LiveInsight", "현재 {0}명 · {1} · LiveInsight";

    PUSHED = "Live", "실시간";
    PUSHED_TITLE = "Every event is pushed to this page as it happens. Last heard: {0}.", "모든 이벤트가 발생하는 즉시 이 페이지로 전달됩니다. 마지막 수신: {0}.";
    POLLED = "Asking every second", "1초마다 확인 중";
    POLLED_TITLE = "There is no live connection at the moment, so the server is asked once a second. Last answer: {0}. A connection is tried again by itself.", "현재 실시간 연결이 없어 서버에 1초마다 확인합니다. 마지막 응답: {0}. 연결은 자동으로 다시 시도합니다.";
    LOST = "No connection", "연결 없음";
    CONNECTING = "Connecting…", "연결 중…";

    NOW = "Visitors now", "현재 방문자";
    NOW_HINT = "Visits whose page has given a sign of life within two of its announced intervals", "예고된 간격의 두 배 안에 신호를 보낸 방문";
    FIVE = "Last 5 minutes", "최근 5분";
    THIRTY = "Last 30 minutes", "최근 30분";
    VIEWS = "Page views", "페이지뷰";
    CONVERSIONS = "Conversions", "전환";
    PER_MINUTE = "Page views a minute", "분당 페이지뷰";
    PER_MINUTE_LABEL = "Page views in each of the last 30 minutes; {0} in all, {1} in the busiest minute", "최근 30분간 분당 페이지뷰, 총 {0}회, 가장 많은 1분에 {1}회";
    MINUTE_TITLE = "{0}: {1} page views, {2} visits", "{0}: 페이지뷰 {1}회, 방문 {2}회";
    MINUTES_AGO = "30 min ago", "30분 전";
    MINUTE_NOW = "now", "지금";
    NOT_PUSHED = "This needs the live connection, which is being tried again.", "실시간 연결이 필요합니다. 다시 연결하는 중입니다.";

    PAGES_NOW = "Pages on show", "보고 있는 페이지";
    PAGES_NONE = "Nobody is looking at a page right now.", "지금 페이지를 보는 사람이 없습니다.";
    PAGE_HERE = "{0} here now", "현재 {0}명";
    WORLD = "Where they are", "접속 위치";

    FEED = "What is happening", "실시간 이벤트";
    FEED_EMPTY = "No events yet. The next one appears at once.", "아직 이벤트가 없습니다. 다음 이벤트가 바로 나타납니다.";
    PAUSE = "Pause", "일시정지";
    GO_ON = "Go on", "계속";
    PAUSED = "Paused · {0} new", "일시정지 · 새 이벤트 {0}개";
    RESTS = "Rests while you are here · {0} new", "보는 동안 멈춤 · 새 이벤트 {0}개";
    FEED_VIEW = "Page view", "페이지뷰";
    FEED_CLICK = "Click", "클릭";
    FEED_CONVERSION = "Conversion", "전환";
    FEED_CUSTOM = "Event", "이벤트";
    VIA = "from {0}", "{0}에서";

    CONVERTED = "Conversions of the last 30 minutes", "최근 30분의 전환";
    CONVERTED_NONE = "No conversions in the last 30 minutes.", "최근 30분 동안 전환이 없습니다.";

    WAITING = "{0} more when you leave the list", "목록을 벗어나면 {0}명 더 표시";
    SHOW_ALL = "Show all {0}", "{0}명 모두 보기";
    OPEN_VISIT = "Show the timeline of this visit", "이 방문의 타임라인 보기";
    TIMELINE = "A visit, step by step", "방문 타임라인";
    TIMELINE_GONE = "This visit is no longer among those of the last 30 minutes. Sessions still lists it.", "최근 30분의 방문이 아닙니다. 세션에서 볼 수 있습니다.";
    TIMELINE_NONE = "Nothing of this visit is stored yet. Try again in a moment.", "이 방문의 기록이 아직 없습니다. 잠시 후 다시 시도하세요.";

    ANNOUNCE = "{0} visitors now", "현재 방문자 {0}명";
    ANNOUNCE_MORE = "{0} visitors now, {1} page views and {2} conversions in the last half minute", "현재 방문자 {0}명, 최근 30초간 페이지뷰 {1}회, 전환 {2}회";
}
