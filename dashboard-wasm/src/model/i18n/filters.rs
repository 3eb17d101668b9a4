//! Writing filters, and keeping them as segments.

crate::messages! {
    ADD = "Filter", "필터";
    ADD_TITLE = "Add a filter", "필터 추가";
    EDIT_TITLE = "Change the filter", "필터 수정";
    EDIT_OF = "Change the filter {0}", "필터 {0} 수정";
    DIMENSION = "What", "대상";
    OPERATOR = "How", "조건";
    VALUES = "Values", "값";
    SEARCH = "Search, or write a value and press Enter", "검색하거나 값을 쓰고 Enter를 누르세요";
    EXPRESSION = "Write a regular expression and press Enter", "정규식을 쓰고 Enter를 누르세요";
    TAKE_OUT = "Take {0} out", "{0} 빼기";
    SUGGESTED = "Values in this period", "이 기간의 값";
    NO_VALUES = "No value of this period matches. Enter takes what you wrote.", "이 기간에 일치하는 값이 없습니다. Enter를 누르면 쓴 값을 그대로 씁니다.";
    APPLY = "Apply", "적용";
    KEY_FILTER = "Add a filter", "필터 추가";

    GROUP_PAGES = "Pages", "페이지";
    GROUP_SOURCES = "Sources", "유입";
    GROUP_PLACES = "Places", "위치";
    GROUP_DEVICES = "Devices", "기기";
    GROUP_EVENTS = "Events and people", "이벤트와 사용자";
    GROUP_PROPERTIES = "Properties", "속성";

    HOST = "Host", "호스트";
    TITLE = "Page title", "페이지 제목";
    REFERRER = "Referrer", "참조 페이지";
    UTM_SOURCE = "utm_source", "utm_source";
    UTM_MEDIUM = "utm_medium", "utm_medium";
    UTM_TERM = "utm_term", "utm_term";
    UTM_CONTENT = "utm_content", "utm_content";
    BROWSER_VERSION = "Browser version", "브라우저 버전";
    OS_VERSION = "OS version", "운영체제 버전";
    LANGUAGE = "Language", "언어";
    EVENT = "Event", "이벤트";
    GOAL = "Goal", "목표";
    PERSON = "Person", "사용자";
    SEGMENT = "Segment", "세그먼트";

    SEGMENTS = "Segments", "세그먼트";
    SEGMENTS_TEXT = "A segment is a set of filters with a name.", "세그먼트는 이름을 붙인 필터 묶음입니다.";
    NO_SEGMENTS = "No segments yet", "아직 세그먼트가 없습니다";
    USE = "Use", "사용";
    SAVE_FILTERS = "Save the filters of now as", "지금 필터를 이 이름으로 저장";
    NO_FILTERS = "Set filters first: they can be saved here under a name.", "먼저 필터를 설정하면 여기에 이름을 붙여 저장할 수 있습니다.";

    COMPARE_CUSTOM = "Custom…", "직접 선택…";
    COMPARE_FROM = "Compare from", "비교 시작";
    COMPARE_TO = "Compare to", "비교 끝";
}
