//! Who is here now.

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
}
