/** The module as JavaScript, for pages that forbid WebAssembly and browsers without it. */

export * from "../pkg/fallback.js";
