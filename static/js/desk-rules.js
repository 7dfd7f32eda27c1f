// What the desk remembers from one scan to the next. Pure: nothing here reads a clock, a page or a store, so a queue
// that is sent an hour later behaves as it would have at once. Times are those of the acts themselves.

export const STALE = 60000;
export const AGAIN = 10000;

/** Nobody's books are being lent. `recent` are the latest scans, newest first. */
export function closed(context) {
  return { reader: null, name: "", at: 0, recent: context ? context.recent : [] };
}

export function moment(act) {
  return Date.parse(act.at);
}

/** The reader a scan at `at` belongs to: open, and not left alone for a minute. */
export function readerAt(context, at) {
  return context.reader && at - context.at <= STALE ? context.reader : null;
}

/**
 * The scan this one merely repeats, or null. The same code within ten seconds, or next after itself within a minute,
 * for the same reader and in the same mode, counts nothing, unless the former one wrote nothing: then it is asked again.
 */
export function formerOf(context, act) {
  if (act.answer || act.override) { return null; }
  const at = moment(act);
  const former = context.recent.find((one) => one.code === act.code);
  const alike = former && former.wrote && former.returns_only === act.returns_only
    && former.reader === readerAt(context, at);
  if (!alike) { return null; }
  const longest = context.recent[0] === former ? STALE : AGAIN;
  return at - former.at <= longest ? former : null;
}

/** What is sent, without the moment of sending. It never changes once it has been sent: the server compares. */
export function bodyOf(act, context) {
  const { uid, device, number, at, account } = act;
  if (act.kind === "undo") { return { uid, device, number, at, account, act: act.act }; }
  const reader = act.reader !== undefined ? act.reader : readerAt(context, moment(act));
  const { code, returns_only, answer = null, override = null, returned_on = null, amnesty = false } = act;
  const said = { code, reader, returns_only, answer, override, returned_on, amnesty, channel: act.channel || null };
  return { uid, device, number, at, account, ...said };
}

function remembered(act, answer, reader, at) {
  const { title, code: accession } = answer;
  return { code: act.code, returns_only: act.returns_only, uid: act.uid, at, reader, title, accession, wrote: !!answer.act };
}

/** The context after a scan was answered, or refused (`answer` null). */
export function afterScan(context, act, reader, answer) {
  const at = moment(act);
  const opened = answer && answer.what === "reader" ? answer.reader : null;
  const latest = context.recent.filter((one) => at - one.at <= AGAIN);
  return {
    reader: opened ? opened.uid : reader,
    name: opened ? opened.name : reader === context.reader ? context.name : "",
    at,
    recent: [remembered(act, answer || {}, reader, at), ...latest],
  };
}

/** Somebody was picked by name. */
export function afterPick(context, act) {
  return { reader: act.reader, name: act.name, at: moment(act), recent: context.recent };
}

/** A scan that counted nothing keeps the reader's minute running. */
export function afterRepeat(context, act) {
  return { ...context, reader: readerAt(context, moment(act)), at: moment(act) };
}

/** What was undone may be scanned again at once. */
export function afterUndo(context, uid) {
  return { ...context, recent: context.recent.map((one) => (one.uid === uid ? { ...one, wrote: false } : one)) };
}
