// The memo gate in the browser (M11): the rule of projects/memo.py, held to it by tests/browser/live/memos.json.

/** Why `text` is no memo: 'blank', 'empty' or 'copy'; '' where it is one. `nothing`: the words that say nothing. */
export function wrongWithMemo(text, previous, nothing) {
  const memo = text.trim();
  if (!memo) return 'blank';
  if (nothing.includes(memo.replace(/[^\p{L}\p{N}]+/gu, '').toLowerCase())) return 'empty';
  return previous && memo.toLowerCase() === previous.trim().toLowerCase() ? 'copy' : '';
}
