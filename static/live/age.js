// How old an entry is. Only ages leave the browser, so a clock that is wrong by a day does no harm.

const page = Math.random().toString(36).slice(2);
const MOST_SLEEP = 6 * 3600e3; // a laptop that slept; more is a clock that was moved
const OLDEST = 30 * 86400e3;

/** When something was made, in this page's own time and by the wall clock. */
export const stamp = () => ({ page, mono: performance.now(), wall: Date.now() });

/** Its age in whole ms, or null where it cannot be known. */
export function ageOf(made, now = stamp()) {
  const wall = now.wall - made.wall;
  if (made.page !== now.page) return wall >= 0 && wall < OLDEST ? Math.round(wall) : null;
  const mono = now.mono - made.mono; // cannot be moved, but may stand still while the machine sleeps
  const slept = wall - mono;
  return Math.round(mono + (slept > 0 && slept < MOST_SLEEP ? slept : 0));
}
