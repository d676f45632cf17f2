// The list of what was said in this review: rows as the server draws them, the newest on top.

const list = document.querySelector('#entries');

function toRow(html) {
  const holder = document.createElement('template');
  holder.innerHTML = html.trim();
  return holder.content.querySelector('tr');
}

/** Put a row on top, or in the place of the same row. */
export function showRow(html) {
  const row = toRow(html);
  const held = document.getElementById(row.id);
  if (held) held.replaceWith(row);
  else list.prepend(row);
}

export function dropRow(uuid) {
  document.getElementById(`entry-${uuid}`)?.remove();
}

/** It is being taken back. */
export function strikeRow(uuid) {
  document.getElementById(`entry-${uuid}`)?.classList.add('struck');
}
