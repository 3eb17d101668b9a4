/** How the tracker is started. */
export interface Options {
  /** The public id of the site: 1 to 64 characters out of `a-z`, `0-9`, `-`, `_` and `.`. */
  siteId: string;
  /** Where events are sent, such as `https://insight.example/events`. */
  endpoint: string;
  /** Explains on the console why nothing is sent. Off by default: the tracker is silent. */
  debug?: boolean;
  /**
   * Tracks visitors whose browser sends Global Privacy Control or Do Not Track, too. Off by default; whoever
   * turns it on needs a reason that holds where the visitors live.
   */
  ignorePrivacySignals?: boolean;
}

/** Properties of an event: at most 30; keys of 1 to 300 bytes; longer values than 2,000 bytes are cut. */
export type Props = Record<string, string | number | boolean>;

/** What a conversion was worth. */
export interface Revenue {
  /** A decimal such as `"49000"` or `"-12.50"`. Give text where amounts must not be rounded. */
  amount: string | number;
  /** An ISO 4217 code such as `"KRW"`. */
  currency: string;
}

/** A running tracker. No method ever throws. */
export interface Tracker {
  /** Records that the visitor did what the site is for, such as `"purchase"` (at most 120 bytes). */
  conversion(name: string, details?: { revenue?: Revenue; props?: Props }): void;
  /** Records a page view of the present address. Navigation is followed by itself; this is for all else. */
  pageView(details?: { props?: Props }): void;
  /** Sends what waits, at once. */
  flush(): void;
  /** Sends the last heartbeat and takes every listener and timer down; `history` is restored. */
  stop(): void;
}

/**
 * Starts tracking. A second call warns and returns the first tracker. Where there is no document, on a
 * server, it returns a tracker that does nothing; so it does where the page forbids WebAssembly.
 */
export function init(options: Options): Tracker;
