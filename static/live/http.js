// Asking the server, and what its answer means. Nothing here retries.

const PATIENCE = 10_000; // ms

/** The newest token: it rotates when somebody signs in, also in another tab. */
function csrfToken() {
  const cookie = document.cookie.split('; ').find((part) => /^(__Host-|__Secure-)?csrftoken=/.test(part));
  return cookie ? decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1)) : '';
}

async function ask(url, options) {
  const headers = { Accept: 'application/json', ...options.headers };
  try {
    // A redirect is not followed: it leads to the sign-in page.
    const signal = AbortSignal.timeout(PATIENCE);
    const response = await fetch(url, { credentials: 'same-origin', redirect: 'manual', ...options, headers, signal });
    if (response.type === 'opaqueredirect' || response.status === 401) return { kind: 'signed-out' };
    const isJson = response.headers.get('Content-Type')?.startsWith('application/json');
    return { status: response.status, answer: isJson ? await response.json() : null };
  } catch {
    return { kind: 'no-answer' }; // no network, cut short, reset, or too late: whether it was saved is not known
  }
}

/**
 * {kind, answer}: 'saved', 'refused' (what was sent cannot be saved as it is), 'other' (it belongs to another login),
 * 'forbidden' (an old token, or no permission), 'signed-out', 'broken' (the server's fault) or 'no-answer'.
 */
export async function post(url, fields) {
  const { kind, status, answer } = await ask(url, {
    method: 'POST',
    headers: { 'X-CSRFToken': csrfToken() },
    body: new URLSearchParams(fields),
  });
  if (kind) return { kind };
  if (status === 200) return answer?.state === 'saved' ? { kind: 'saved', answer } : { kind: 'no-answer' };
  if (status === 409) return { kind: 'other', answer };
  if (status === 403) return { kind: 'forbidden' };
  if ([408, 425, 429, 502, 503, 504].includes(status)) return { kind: 'no-answer' };
  return { kind: status >= 500 ? 'broken' : 'refused', answer, status };
}

/** {kind: 'found', answer}, or as above. */
export async function get(url) {
  const { kind, status, answer } = await ask(url, { method: 'GET', cache: 'no-store' });
  if (kind) return { kind };
  return status === 200 && answer ? { kind: 'found', answer } : { kind: status >= 500 ? 'no-answer' : 'refused', status };
}

/** A key for an entry; `crypto.randomUUID` is missing where a page comes over plain HTTP from another machine. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte, at) => {
    const fixed = at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte;
    return fixed.toString(16).padStart(2, '0');
  });
  return [[0, 4], [4, 6], [6, 8], [8, 10], [10, 16]].map(([from, to]) => hex.slice(from, to).join('')).join('-');
}
