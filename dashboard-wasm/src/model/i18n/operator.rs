//! The page of those who operate the installation.

use protocol::metric::Metric;

use super::Message;

crate::messages! {
    OPERATION = "Operation", "운영 현황";
    HEALTHY = "Healthy", "정상";
    MEASURING = "Measuring…", "측정 중…";
    LOOK = "Look here: {0}", "확인 필요: {0}건";
    NOT_ALLOWED = "This page is for admins of the whole installation.", "이 페이지는 설치 전체의 관리자만 볼 수 있습니다.";
    OF_ONE = "Isolate {0}, running for {1}", "아이솔레이트 {0}, 실행 시간 {1}";
    OF_SEVERAL = "{0} isolates have answered; the last one is {1}, running for {2}", "아이솔레이트 {0}개가 응답함. 마지막은 {1}, 실행 시간 {2}";
    RENEWED = "renewed {0}", "{0} 갱신됨";
    PUBLISHED = "published to CloudWatch as “{0}”", "CloudWatch에 ‘{0}’(으)로 게시됨";
    SCOPE = "These are the figures of the isolates that answered this page, since each of them began. Locally there is one; at the edge there are many, and CloudWatch has the sums. Requests of this page are counted, too.", "이 페이지에 응답한 아이솔레이트가 시작된 뒤의 수치입니다. 로컬에서는 하나뿐이고, 엣지에서는 여러 개이며 합계는 CloudWatch에 있습니다. 이 페이지의 요청도 포함됩니다.";
    STATUS = "At a glance", "한눈에 보기";
    FIGURES = "Live figures", "실시간 수치";
    TABLE = "All measurements", "전체 측정값";
    LINES = "Lines: since this page was opened. Figures: the last five minutes, or less where it has been open for less.", "선은 이 페이지를 연 이후, 수치는 최근 5분(연 지 5분이 안 되었으면 그동안)의 값입니다.";
    NO_EVENTS = "No events have reached this isolate yet.", "아직 이 아이솔레이트에 도착한 이벤트가 없습니다.";
    NOT_RENEWED = "Not renewed", "갱신되지 않음";
    FINE = "In order", "이상 없음";
    TO_LOOK = "Look", "확인 필요";
    UNKNOWN = "Not measured yet", "아직 측정되지 않음";
    RUNBOOK = "Runbook: {0}", "런북: {0}";
    PER_SECOND = "{0}/s", "초당 {0}";
    MILLIS = "{0} ms", "{0}ms";
    IN_ALL = "{0} in all", "누적 {0}";
    P50_P99 = "p50 {0} · p99 {1}", "p50 {0} · p99 {1}";
    P95_OF = "{0}, p95", "{0}, p95";
    WHAT = "Measurement", "측정값";
    OF_WHAT = "Of", "구분";
    LATELY = "Last five minutes", "최근 5분";
    TOTAL = "In all", "누적";
    LARGEST_QUEUE = "the longest queue", "가장 긴 대기열";

    EVENTS_PROCESSED = "Events stored", "저장된 이벤트";
    EVENTS_FILTERED = "Events not counted", "집계 제외 이벤트";
    EVENTS_REJECTED = "Events refused", "거부된 이벤트";
    PROCESSING_TIME = "Processing time of a batch", "배치 처리 시간";
    PROCESSING_ERRORS = "Batches neither stored nor queued", "저장도 대기도 못 한 배치";
    INVOCATIONS = "Requests and messages", "요청과 메시지";
    DURATION = "Time to answer", "응답 시간";
    ERRORS = "Answers with an error (5xx)", "오류 응답 (5xx)";
    STORE_LATENCY = "Latency of the store", "저장소 지연 시간";
    CONSUMED_WRITE = "Write units consumed", "소비된 쓰기 단위";
    CONSUMED_READ = "Read units consumed", "소비된 읽기 단위";
    THROTTLED = "Throttled requests", "스로틀된 요청";
    QUEUE_DEPTH = "Messages waiting", "대기 중인 메시지";
    COMPACTION_LAG = "Compaction lag", "압축 지연";
    LIVE_CONNECTIONS = "Live connections", "실시간 연결";
    SILENT_SITES = "Silent sites", "이벤트가 끊긴 사이트";
}

/// What a metric is called.
pub fn name(metric: Metric) -> Message {
    match metric {
        Metric::EventsProcessed => EVENTS_PROCESSED,
        Metric::EventsFiltered => EVENTS_FILTERED,
        Metric::EventsRejected => EVENTS_REJECTED,
        Metric::ProcessingTime => PROCESSING_TIME,
        Metric::ProcessingErrors => PROCESSING_ERRORS,
        Metric::Invocations => INVOCATIONS,
        Metric::Duration => DURATION,
        Metric::Errors => ERRORS,
        Metric::StoreLatency => STORE_LATENCY,
        Metric::ConsumedWriteCapacity => CONSUMED_WRITE,
        Metric::ConsumedReadCapacity => CONSUMED_READ,
        Metric::ThrottledRequests => THROTTLED,
        Metric::QueueDepth => QUEUE_DEPTH,
        Metric::CompactionLag => COMPACTION_LAG,
        Metric::LiveConnections => LIVE_CONNECTIONS,
        Metric::SilentSites => SILENT_SITES,
    }
}
