/** What the visitor agrees to. Each page load begins with {@link Options.consent}: a choice is not remembered. */
export type Consent =
  /** Ids are kept in the visitor's browser, so that a visitor is known from page to page. */
  | "granted"
  /** Nothing is kept in the browser. Each page load is a visitor and a visit of its own. */
  | "cookieless"
  /** Nothing is kept and nothing is sent. Events wait in the page's memory for `grant()` or `deny()`. */
  | "pending"
  /** Nothing is kept and nothing is sent. */
  | "denied";

/** How the tracker is started. */
export interface Options {
  /** The public id of the site: 1 to 64 characters out of `a-z`, `0-9`, `-`, `_` and `.`. The server refuses others. */
  siteId: string;
  /** Where events are sent, such as `"https://insight.example/events"`; relative to the page if it is no full address. */
  endpoint: string;
  /**
   * Says on the console why nothing is sent and which value was left out.
   *
   * @defaultValue `false`: the tracker is silent
   */
  debug?: boolean;
  /**
   * Tracks visitors whose browser sends Global Privacy Control or Do Not Track, too. Whoever turns it on needs a
   * reason that holds where the visitors live.
   *
   * @defaultValue `false`
   */
  ignorePrivacySignals?: boolean;
  /**
   * Tracks automated browsers and pages of this machine (`localhost`, `127.…`, `[::1]`, `….local`, `….localhost`),
   * too.
   *
   * @defaultValue `false`
   */
  test?: boolean;
  /**
   * Keeps the visitor's ids in a first-party cookie that all sub-domains share, for 13 months, instead of in
   * `localStorage`. It is written only while consent is granted.
   *
   * @defaultValue `false`
   */
  cookie?: boolean;
  /**
   * What the visitor agrees to when the page begins.
   *
   * @defaultValue `"granted"`
   */
  consent?: Consent;
  /**
   * Keeps the fragments of addresses (`#/cart`), for routers that navigate by them: each fragment is a page, then.
   *
   * @defaultValue `false`: fragments are never sent
   */
  hash?: boolean;
  /**
   * Records clicks on all buttons, not only on those inside an element with `data-li-event`.
   *
   * @defaultValue `false`
   */
  buttons?: boolean;
  /**
   * Measures Core Web Vitals: a further file is loaded, and one custom event `web_vitals` a page load has the
   * properties `cls` (no unit), `fcp`, `inp`, `lcp` and `ttfb` (milliseconds), each if the browser measures it.
   *
   * @defaultValue `false`
   */
  vitals?: boolean;
  /**
   * The query parameters that are kept in addresses, as a list or as text with commas or spaces between. Upper and
   * lower case differ. Campaign parameters (`utm_…` and names that end with `clid`) are kept in any case; `[]`
   * and an empty text keep nothing else.
   *
   * @defaultValue all are kept
   */
  query?: string | readonly string[];
  /**
   * Paths whose variable parts are replaced, as a list or as text with commas or spaces between. A pattern begins
   * with `/`, and each `*` in it stands for one part of the path: with `"/account/*"`, `/account/42` becomes
   * `/account/*`, whatever follows. The first pattern that fits the beginning of a path counts. Titles stay as
   * they are.
   *
   * @defaultValue nothing is replaced
   */
  mask?: string | readonly string[];
  /**
   * Has the last word on every address: of pages, referrers, links and forms. It is given a full address, after
   * `query` and `mask`, and has to return a full address, or an empty text where a page is not to be tracked. If it
   * throws, what it was asked for is not recorded.
   *
   * @defaultValue addresses stay as they are
   */
  maskUrl?: (url: string) => string;
  /**
   * Is shown each event when it is recorded, and returns what is to be sent: the event, changed or not; `null` or
   * `false` to drop it. It has to answer at once: a promise is no event. If it throws, the event is dropped. `id`,
   * `at`, `page_id` and `type` have to stay.
   *
   * @defaultValue every event is sent
   */
  beforeSend?: (event: TrackerEvent) => TrackerEvent | null | false;
}

interface Recorded {
  /** A UUID of version 7; it stays the same through every retry. */
  readonly id: string;
  /** When it happened, in Unix milliseconds. */
  readonly at: number;
  /** The page view it belongs to. */
  readonly page_id: string;
}

/** A page was shown. */
export interface PageView extends Recorded {
  readonly type: "page_view";
  /** Address of the page, at most 2,048 bytes. */
  url: string;
  /** Where the visitor came from; in a single-page application the page before. */
  referrer?: string;
  /** Title of the document, at most 256 bytes. */
  title: string;
  /** Properties given to `pageView()`, and `http_status` of a page that was answered with an error. */
  props?: Record<string, string>;
}

/** Something was clicked. */
export interface Click extends Recorded {
  readonly type: "click";
  target: {
    /** Why it was recorded: an element with `data-li-event`, a link to another host, a link to a file, a button. */
    kind: "marked" | "outbound" | "download" | "button";
    /** The value of `data-li-event`. */
    name?: string;
    /** Visible text, at most 128 bytes. */
    text?: string;
    /** Where the link leads. */
    href?: string;
    /** A short CSS path to the element. */
    selector: string;
  };
}

/** The visitor did what the site is for. */
export interface Conversion extends Recorded {
  readonly type: "conversion";
  name: string;
  revenue?: { amount: string; currency: string };
  props?: Record<string, string>;
}

/** A custom event: of the site, or one of the tracker's own, `form_submit` and `web_vitals`. */
export interface Custom extends Recorded {
  readonly type: "custom";
  name: string;
  props?: Record<string, string>;
}

/** The visitor is still there. Its values are totals of the page view so far. */
export interface Heartbeat extends Recorded {
  readonly type: "heartbeat";
  /** Time the page was visible and focused and the visitor active, in milliseconds. */
  engaged_ms: number;
  /** Deepest point seen, 0 to 100 per cent of the page's height. */
  scroll_percent: number;
  /** Seconds until the next heartbeat. */
  interval_s: number;
  /** Whether the page was hidden or left. */
  final: boolean;
}

/** What `beforeSend` may see. Texts, numbers and switches given as properties are texts here. */
export type TrackerEvent = PageView | Click | Conversion | Custom | Heartbeat;

/**
 * Properties of an event. At most 30 are taken; keys are cut at 300 bytes and values at 2,000. Values that are
 * neither text nor number nor boolean are left out; so are all of them if they have more than 45,000 bytes together.
 */
export type Props = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** What a conversion was worth. If it is not valid, the conversion is recorded without it. */
export interface Revenue {
  /**
   * A decimal of at most 20 characters such as `"49000"` or `"-12.50"`, in the currency's main unit. Give text where
   * amounts must not be rounded: `0.1 + 0.2` is sent as `0.30000000000000004`.
   */
  amount: string | number;
  /** Three letters, such as `"KRW"` (ISO 4217). */
  currency: string;
}

/** A running tracker. No method ever throws. */
export interface Tracker {
  /**
   * Records that the visitor did what the site is for.
   *
   * @param name Such as `"purchase"`: 1 to 120 bytes; longer names are cut, without one nothing is recorded.
   */
  conversion(name: string, details?: { revenue?: Revenue; props?: Props }): void;
  /**
   * Records a custom event: something only the site has a name for. It counts in no metric.
   *
   * @param name Such as `"video_play"`: 1 to 120 bytes; longer names are cut, without one nothing is recorded.
   */
  event(name: string, props?: Props): void;
  /**
   * Records a page view of the present address. Navigation is followed by itself, in single-page applications, too:
   * this is for what changes without its address, such as the steps of a form.
   */
  pageView(details?: { props?: Props }): void;
  /**
   * Says who the visitor is, by the site's own id. It is sent with all that happens from now on, and kept with the
   * visitor's ids until `reset()`, or another call.
   *
   * @param id 1 to 128 bytes without control characters; others are left out. An empty text takes the id away.
   * @param options `hash` sends the SHA-256 of site id and id instead of the id itself; this takes a moment, and
   *   needs a page over HTTPS.
   */
  identify(id: string | number, options?: { hash?: boolean }): void;
  /** Says that whoever follows is somebody else, as after signing out: a new visitor, visit and page view begin. */
  reset(): void;
  /** Changes what the visitor agrees to, on this page. The next page begins with {@link Options.consent} again. */
  readonly consent: {
    /** Keeps ids in the browser from now on, and sends what has waited. After a denial it begins anew. */
    grant(): void;
    /** Removes what is kept in the browser, forgets what waits, and sends nothing any more. Other tabs go on. */
    deny(): void;
  };
  /** Sends what waits, at once. It is not needed before a page is left. */
  flush(): void;
  /** Sends the last heartbeat and takes every listener and timer down. The tracker stays off. */
  stop(): void;
}

/**
 * Starts tracking. A second call warns on the console and returns the first tracker; after its `stop()` a call
 * starts anew.
 *
 * It returns a tracker that does nothing on a server; and for visitors who are not to be tracked: those who have
 * opted out, those whose browser objects, and automated ones.
 */
export function init(options: Options): Tracker;
