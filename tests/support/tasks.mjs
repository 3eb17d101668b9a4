// How long a page keeps its main thread busy at once, by Chromium's trace.

const MARK = "tasks:begin";

// Milliseconds of processor time of the longest task of the page's main thread while `act` is done. Not the clock's: what
// the machine meanwhile does for other programs is no task of the page.
export async function longestTask(browser, page, act) {
  await browser.startTracing(page, {
    categories: ["-*", "blink.user_timing", "devtools.timeline", "disabled-by-default-devtools.timeline"],
  });
  let trace;
  try {
    await page.evaluate((mark) => performance.mark(mark), MARK);
    await act();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(trace.toString());
  const mark = traceEvents.find(({ name }) => name === MARK);
  if (!mark) throw new Error("the trace has no mark");
  const tasks = traceEvents.filter(
    ({ name, pid, tid, ts, tdur }) =>
      name === "RunTask" && pid === mark.pid && tid === mark.tid && ts > mark.ts && tdur !== undefined,
  );
  if (tasks.length === 0) throw new Error("the trace has no tasks with processor time");
  return tasks.reduce((longest, { tdur }) => Math.max(longest, tdur), 0) / 1_000;
}
