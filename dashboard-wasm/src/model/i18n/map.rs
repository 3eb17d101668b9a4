//! The map of the world.

crate::messages! {
    MAP = "map", "지도";
    MAP_TAB = "Map", "지도";
    NO_MAP = "The map could not be loaded", "지도를 불러오지 못했습니다";
    MAP_OF_VISITORS = "Visitors by country. Arrow keys read the countries, the most visited first; Enter filters by one. The list of countries has the same numbers.", "국가별 방문자. 화살표 키로 방문자가 많은 국가부터 읽고 Enter 키로 필터링합니다. 국가 목록에 같은 수치가 있습니다.";
    MAP_OF_NOW = "Visitors here now by country. Arrow keys read the countries. The table of sessions has the same visitors.", "현재 접속 중인 국가별 방문자. 화살표 키로 국가를 읽습니다. 세션 표에 같은 방문자가 있습니다.";
    LESS = "fewer", "적음";
    MORE = "more", "많음";
    VISITORS_OF = "{0} visitors", "방문자 {0}명";
    HERE_OF = "{0} here now", "현재 {0}명";
}
