//! Erasing somebody, and what is known of such work.

crate::messages! {
    ERASE = "Erase somebody", "개인 데이터 삭제";
    ERASE_TEXT = "Removes their events, visits, live state and quarantined batches, takes their visits out of every computed segment, and refuses what is still on its way. Backups and files that were exported are not reached. There is no way back.", "이벤트, 방문, 실시간 상태, 격리된 항목을 삭제하고 집계된 세그먼트에서도 해당 방문을 제거하며, 아직 도착하지 않은 이벤트도 거부합니다. 백업과 이미 내보낸 파일에는 미치지 않습니다. 되돌릴 수 없습니다.";
    SUBJECT = "Who", "대상";
    PERSON = "A person, by the site's own id", "사람 (사이트에서 쓰는 ID)";
    PERSON_TEXT = "Everything of every visitor that was ever seen with this id, also from before signing in.", "이 ID로 확인된 모든 방문자의 데이터를 로그인 이전의 것까지 모두 삭제합니다.";
    VISITOR = "A visitor, by visitor id", "방문자 (방문자 ID)";
    VISITOR_TEXT = "Everything of one visitor: the id that their browser keeps, or a derived one.", "한 방문자의 모든 데이터를 삭제합니다. 브라우저에 저장된 ID 또는 파생된 ID입니다.";
    VISIT = "One visit, by visit id", "방문 한 건 (방문 ID)";
    VISIT_TEXT = "A single visit. Other visits of the same visitor stay.", "방문 한 건만 삭제합니다. 같은 방문자의 다른 방문은 남습니다.";
    ID = "Id", "ID";
    BEGUN = "It has begun.", "시작했습니다.";
    TASKS = "Erasures and shorter retentions", "삭제 및 보관 기간 단축 작업";
    NO_TASKS = "Nothing has been erased yet.", "아직 삭제한 것이 없습니다.";
    ERASURE_TASK = "Erasure", "삭제";
    RETENTION_TASK = "Shorter retention", "보관 기간 단축";
    RUNNING = "Running", "진행 중";
    SETTLING = "Erased; looks once more within two hours", "삭제됨, 두 시간 안에 다시 확인";
    DONE = "Done", "완료";
    FAILED = "Failed", "실패";
    COUNTS = "{0} rows, {1} segments, {2} visitors", "행 {0}개, 세그먼트 {1}개, 방문자 {2}명";
    PROGRESS = "Step {0} of {1}", "{1}단계 중 {0}단계";
}
