//! What happened when, beside the graph over time.

crate::messages! {
    ANNOTATIONS = "Annotations", "메모";
    NONE = "Nothing is noted yet. A note marks its moment in the graph.", "아직 메모가 없습니다. 메모는 그래프에 시점으로 표시됩니다.";
    TEXT = "What happened", "내용";
    DAY = "Day", "날짜";
    TIME = "Time, if it matters", "시각 (선택)";
    ADD = "Add", "추가";
    EDIT = "Edit", "수정";
    UNREADABLE = "This is no day or time", "날짜나 시각이 올바르지 않습니다";
    NOTED = "Noted: {0}", "메모: {0}";
}
