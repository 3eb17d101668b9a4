//! The overview.

crate::messages! {
    VISITORS = "Visitors", "방문자";
    VISITS = "Visits", "방문";
    PAGE_VIEWS = "Page views", "페이지뷰";
    BOUNCE_RATE = "Bounce rate", "이탈률";
    VISIT_DURATION = "Visit duration", "방문 시간";
    CONVERSIONS = "Conversions", "전환";
    TIME_ON_PAGE = "Time on page", "페이지 체류 시간";
    SCROLL_DEPTH = "Scroll depth", "스크롤 깊이";
    CONVERSION_RATE = "Conversion rate", "전환율";

    FORMULA = "How {0} is counted", "{0}을(를) 세는 방법";
    VISITORS_MEANS = "Different people in this period. Someone who comes back counts once.", "이 기간의 서로 다른 사람 수. 다시 온 사람은 한 번만 셉니다.";
    VISITORS_BY_DAY = "Different people of each UTC day, added up: someone who comes back the next day counts again.", "UTC 기준 하루마다 서로 다른 사람 수의 합. 다음 날 다시 온 사람은 다시 셉니다.";
    VISITS_MEANS = "Stretches of activity. A visit ends after 30 minutes without any; reading with the page in view is activity.", "이어진 활동의 수. 30분 동안 활동이 없으면 방문이 끝나며, 화면에 띄워 읽는 것도 활동입니다.";
    VISITS_BY_START = "Stretches of activity, each counted only where it began.", "이어진 활동의 수. 시작한 시점에서만 한 번 셉니다.";
    PAGE_VIEWS_MEANS = "Pages opened. A page opened twice counts twice.", "열린 페이지 수. 두 번 연 페이지는 두 번 셉니다.";
    BOUNCE_MEANS = "Visits with one page view, no click on a tracked target, no conversion and under 10 seconds of attention ÷ all visits.", "페이지뷰 1회, 추적 대상 클릭 없음, 전환 없음, 집중 시간 10초 미만인 방문 ÷ 모든 방문.";
    BOUNCE_PLAUSIBLE = "Visits with at most one page view and no other event ÷ all visits, as Plausible counts.", "페이지뷰가 최대 1회이고 다른 이벤트가 없는 방문 ÷ 모든 방문 (Plausible 방식).";
    BOUNCE_GA4 = "Visits under 10 seconds of attention, with no conversion and fewer than two page views ÷ all visits, as Google Analytics 4 counts.", "집중 시간 10초 미만, 전환 없음, 페이지뷰 2회 미만인 방문 ÷ 모든 방문 (Google Analytics 4 방식).";
    DURATION_MEANS = "Time with the page visible and in focus ÷ visits. Background tabs do not count.", "페이지가 보이고 포커스가 있던 시간 ÷ 방문 수. 뒤에 있는 탭은 세지 않습니다.";
    DURATION_PLAUSIBLE = "Time from the first to the last event of a visit, on average, as Plausible counts.", "방문의 첫 이벤트부터 마지막 이벤트까지의 평균 시간 (Plausible 방식).";
    CONVERSIONS_MEANS = "Goals reached, such as a purchase or a sign-up. Each time counts.", "구매나 가입처럼 달성한 목표. 달성할 때마다 셉니다.";

    NEW = "new", "신규";

    ONLINE = "{0} online", "{0}명 접속 중";
    ONLINE_HISTORY = "Visitors by minute over the last 30 minutes, now {0}", "최근 30분간 분당 방문자, 현재 {0}명";

    PERIOD = "Period", "기간";
    TODAY = "Today", "오늘";
    LAST_DAY = "Last 24 hours", "최근 24시간";
    LAST_DAYS = "Last {0} days", "최근 {0}일";
    THIS_MONTH = "This month", "이번 달";
    THIS_YEAR = "This year", "올해";
    ALL_TIME = "All time", "전체 기간";
    CUSTOM = "Custom…", "직접 선택…";
    FROM = "From", "시작";
    TO = "To", "끝";
    EARLIER = "Earlier", "이전";
    LATER = "Later", "다음";
    COMPARE = "Compare", "비교";
    COMPARE_OFF = "No comparison", "비교 안 함";
    COMPARE_PREVIOUS = "Previous period", "이전 기간";
    COMPARE_YEAR = "Year ago", "1년 전";
    INTERVAL = "Interval", "간격";
    MINUTE = "Minute", "분";
    HOUR = "Hour", "시간";
    DAY = "Day", "일";
    WEEK = "Week", "주";
    MONTH = "Month", "월";
    DEFINITIONS = "Definitions", "정의";
    AS_LIVEINSIGHT = "LiveInsight", "LiveInsight";
    AS_PLAUSIBLE = "Plausible-like", "Plausible 방식";
    AS_GA4 = "GA4-like", "GA4 방식";

    FILTERS = "Filters", "필터";
    FILTER_REMOVE = "Remove the filter {0}", "필터 {0} 지우기";
    FILTERS_CLEAR = "Clear all", "모두 지우기";
    FILTER_HINT = "Click filters, Alt-click excludes", "클릭하면 필터, Alt+클릭하면 제외";
    IS = "is", "=";
    IS_NOT = "is not", "≠";
    CONTAINS = "contains", "포함";
    CONTAINS_NOT = "does not contain", "미포함";
    MATCHES = "matches", "정규식 일치";
    MATCHES_NOT = "does not match", "정규식 불일치";
    OR = " or ", " 또는 ";

    GRAPH_SUMMARY = "Line chart: {0}, {1}. Arrow keys read single steps, with Shift they select, Enter zooms in.", "선 그래프: {0}, {1}. 화살표 키로 한 단계씩 읽고, Shift와 함께 누르면 선택하며, Enter로 확대합니다.";
    SELECTED = "{0} selected. Enter zooms in, Escape lets go.", "{0} 선택됨. Enter로 확대, Escape로 취소합니다.";
    ZOOMED = "Zoomed in to {0}", "{0}(으)로 확대했습니다";
    ZOOM_BY_ENTER = "Enter zooms in", "Enter로 확대";
    ZOOM_BY_RELEASE = "Release to zoom in", "놓으면 확대";
    GRAPH_TABLE = "Numbers of the graph", "그래프의 수치";
    STEP = "Time", "시각";
    RUNNING = "so far", "현재까지";

    SOURCES = "Sources", "유입";
    CHANNELS = "Channels", "채널";
    CAMPAIGNS = "Campaigns", "캠페인";
    PAGES = "Pages", "페이지";
    TOP_PAGES = "Top", "인기";
    ENTRY_PAGES = "Entry", "시작";
    EXIT_PAGES = "Exit", "종료";
    PLACES = "Places", "위치";
    COUNTRIES = "Countries", "국가";
    REGIONS = "Regions", "지역";
    CITIES = "Cities", "도시";
    DEVICES = "Devices", "기기";
    BROWSERS = "Browser", "브라우저";
    SYSTEMS = "OS", "운영체제";
    DEVICE = "Device", "기기";
    SCREENS = "Screen", "화면";
    COUNTRY = "Country", "국가";
    REGION = "Region", "지역";
    CITY = "City", "도시";
    SOURCE = "Source", "유입";
    CHANNEL = "Channel", "채널";
    CAMPAIGN = "Campaign", "캠페인";
    PAGE = "Page", "페이지";
    ENTRY_PAGE = "Entry page", "시작 페이지";
    EXIT_PAGE = "Exit page", "종료 페이지";
    DIRECT = "Direct / none", "직접 방문 / 없음";
    NO_CAMPAIGN = "(no campaign)", "(캠페인 없음)";
    DETAILS = "Details", "자세히";
    DETAILS_OF = "Details: {0}", "자세히: {0}";
    SEARCH = "Search", "검색";
    NO_MATCH = "Nothing matches", "일치하는 항목이 없습니다";
    ROWS = "{0} rows", "{0}행";
    CSV = "CSV", "CSV";
    DOWNLOAD_CSV = "Download as CSV", "CSV로 내려받기";
    NO_DATA = "No data in this period", "이 기간에는 데이터가 없습니다";
    NO_DATA_FILTERED = "Nothing passes these filters", "이 필터에 해당하는 데이터가 없습니다";

    IN_BROWSER = "Computed in your browser", "브라우저에서 계산";
    AT_EDGE = "Computed at the edge", "엣지에서 계산";
    BADGE_BROWSER = "{0} events of this range are in this browser: filters need no server.", "이 범위의 이벤트 {0}개가 브라우저에 있어 서버 없이 필터링합니다.";
    BADGE_EDGE_LARGE = "This range has {0} events, more than this device should hold: the server answers.", "이 범위의 이벤트는 {0}개로 이 기기에 담기에는 많아 서버가 답합니다.";
    BADGE_EDGE = "The server answers.", "서버가 답합니다.";
    ESTIMATED = "Estimated", "추정치";
    ESTIMATED_HINT = "Part of this range was imported as daily totals, and visits were made up to meet them: totals are right, what belongs together is not.", "이 범위의 일부는 일별 합계로 가져와 그에 맞춰 방문을 재구성했습니다. 합계는 맞지만 값들의 조합은 맞지 않을 수 있습니다.";
    DATA_AGE = "updated {0}", "{0} 갱신";
    LOADING_DATA = "Loading events", "이벤트 불러오는 중";
    LOADING_PART = "Loading events, {0}", "이벤트 불러오는 중, {0}";

    SILENT_TITLE = "No visits in this period yet", "이 기간에는 아직 방문이 없습니다";
    SILENT_TEXT = "Paste this line into the <head> of your pages. Visits appear here within a second or two.", "이 줄을 페이지의 <head>에 붙여 넣으세요. 방문이 1~2초 안에 여기에 나타납니다.";
    COPY = "Copy", "복사";
    COPIED = "Copied", "복사됨";
    COPY_BY_HAND = "Select and copy by hand", "직접 선택해 복사하세요";

    KEYS_PERIODS = "Period", "기간";
    KEY_COMPARE = "Comparison on or off", "비교 켜기/끄기";
    KEY_INTERVAL = "Next interval", "다음 간격";
    KEY_EARLIER = "One period earlier", "한 기간 앞으로";
    KEY_LATER = "One period later", "한 기간 뒤로";
}
