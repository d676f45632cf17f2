// The live review for a reader: what is entered appears, nothing can be entered.

import { dropRow, showRow } from './entries.js';
import { Follow } from './follow.js';
import { replaceRoster } from './roster.js';

const setup = JSON.parse(document.querySelector('#live-data').textContent);

new Follow({ url: setup.urls.changes, cursor: setup.cursor }).addEventListener('news', ({ detail }) => {
  for (const row of detail.rows) showRow(row.html);
  for (const key of detail.gone) dropRow(key);
  if (detail.roster) replaceRoster(detail.roster);
  if (!detail.live) location.reload(); // to the summary
});
