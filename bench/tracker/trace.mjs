/**
 * Main-thread time, read from a browser's trace.
 *
 * **What is counted.** The page is quiet: it has been loaded, its thread is idle, and it has no script of its own but a
 * listener of one line. So every task in which script is compiled, run or collected, from the moment the tracker's tag
 * is added until its first page view is handed to the network, is there because of the tracker: compiling and
 * evaluating it, wasm included, its timers, promise jobs and listeners. Such a task counts as a whole, with what the
 * browser does in it at the script's request: layout, storage, the request itself. Taken off is what a script of one
 * line (`empty`) needed on the same page in the same round, because a page cannot have a script for less.
 *
 * Tasks without any script are not counted. Most are of tracing itself and as frequent without a tracker; slowed down
 * they add up to four times what the control's own script takes, and a small tracker would be lost in their spread.
 * Nor is what V8 does on other threads: it compiles larger scripts there, at no cost to the page.
 *
 * Attribution by the script's address was the other candidate. It loses what carries none, which is promise jobs,
 * garbage collection and asynchronous compilation, and on a page where nothing else runs it gains nothing.
 *
 * **Which time.** The thread's processor time, not the clock's. What the processor meanwhile does for other programs
 * is no tracker's fault, and on a machine of two cores it is most of the spread: the same twelve starts had a median
 * of 37 ms within 2 ms by the one and of 73 ms within 12 ms by the other. The price is that waiting, as for storage
 * kept by the browser's own process, is not seen, for any tracker. `performance.now()` around the synchronous
 * evaluation of a script agrees with the clock times of the same trace to within a millisecond or two.
 *
 * **Slowed down.** DevTools' throttling lets the thread spin in between, so it is in the processor time. It hits short
 * tasks harder than long ones: slowed down "four times", starts took five to eight times as long, the shortest most and
 * differently each time. Figures at full speed are steadier.
 */

/** Those of V8 are needed for promise jobs and for wasm that is compiled asynchronously. */
export const CATEGORIES = [
  "-*",
  "blink.user_timing",
  "devtools.timeline",
  "disabled-by-default-devtools.timeline",
  "v8.execute",
  "v8.wasm",
];

/** What marks a task as one of script. */
const SCRIPT =
  /^(EvaluateScript|v8\.|V8\.|wasm\.|FunctionCall|TimerFire|RunMicrotasks|EventDispatch|XHR|Fire|MinorGC|MajorGC)/;

/** What holds up the page's answer to a click. */
const LISTENERS = /^EventDispatch$/;

/** The events on the page's main thread, by time: the thread on which the marks are. */
function mainThread(events, mark) {
  const marks = events.filter(({ name }) => name === mark).sort((a, b) => a.ts - b.ts);
  if (marks.length === 0) throw new Error(`the trace has no mark ${mark}`);
  const [{ pid, tid }] = marks;
  const own = events.filter((event) => event.pid === pid && event.tid === tid);
  const spans = own.filter(({ ph }) => ph === "X").sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  if (!spans.some(({ tdur }) => tdur > 0)) throw new Error("the trace has no processor times");
  return { marks, own, spans };
}

/** Those of the spans that are in no other of them. */
function outermost(spans) {
  let end = Number.NEGATIVE_INFINITY;
  return spans.filter(({ ts, dur }) => {
    if (ts < end) return false;
    end = ts + dur;
    return true;
  });
}

/** The outermost tasks that fulfil `wanted` for at least one span within them. */
function tasksWith(spans, wanted) {
  const found = [];
  let task;
  let kept = false;
  for (const span of spans) {
    if (!task || span.ts >= task.ts + task.dur) {
      task = span.name === "RunTask" ? span : undefined;
      kept = false;
    } else if (!kept && wanted(span)) {
      found.push(task);
      kept = true;
    }
  }
  return found;
}

const milliseconds = (spans) => spans.reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1_000;

/**
 * How a tracker started, in milliseconds: `mainThread` until its page view was handed over, in the request to
 * `endpoint`; `settled` until the end of the trace; `longest` of its tasks, before it was handed over; and
 * `handedOver`, by the clock, since its tag was added. Without an endpoint the end of the trace takes its place.
 */
export function readStart(events, endpoint) {
  const { marks, own, spans } = mainThread(events, "bench:start");
  const begin = marks[0].ts;
  const request = own.find(
    ({ name, args }) => name === "ResourceSendRequest" && endpoint && args.data.url.startsWith(endpoint),
  );
  if (endpoint && !request) throw new Error(`no request to ${endpoint} in the trace`);
  const tasks = tasksWith(spans, ({ name }) => SCRIPT.test(name)).filter(({ ts }) => ts > begin);
  const before = request ? tasks.filter(({ ts }) => ts <= request.ts) : tasks;
  return {
    mainThread: milliseconds(before),
    settled: milliseconds(tasks),
    longest: Math.max(0, ...before.map((task) => milliseconds([task]))),
    handedOver: request ? (request.ts - begin) / 1_000 : 0,
  };
}

/**
 * For each click of a trace: `mainThread` is all script within `window` milliseconds, be it in listeners, promise
 * jobs, timers or answers; `listeners` only what ran while the click's own events were dispatched. Unlike at the
 * start only the script itself is counted, not its task: the browser's own work on a click, from finding what was
 * hit to painting, is in the same tasks and much larger.
 */
export function readClicks(events, window) {
  const { marks, spans } = mainThread(events, "bench:click");
  return marks.map(({ ts }) => {
    const within = spans.filter((span) => span.ts >= ts && span.ts < ts + window * 1_000);
    return {
      mainThread: milliseconds(outermost(within.filter(({ name }) => SCRIPT.test(name)))),
      listeners: milliseconds(outermost(within.filter(({ name }) => LISTENERS.test(name)))),
    };
  });
}
