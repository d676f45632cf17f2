// The roster on the page: who is in focus, who was heard. Its markup is the server's.

const holder = () => document.querySelector('.roster');

/** Mark who is in focus, and let a press on a name put them there. */
export function showFocus(engineer) {
  for (const link of holder().querySelectorAll('[data-engineer]')) {
    if (Number(link.dataset.engineer) === engineer.id) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
  const current = holder().querySelector('[aria-current]');
  const box = holder().closest('.card');
  if (current && box.scrollHeight > box.clientHeight) current.scrollIntoView({ block: 'nearest' });
}

export const isWaiting = (engineer) =>
  Boolean(holder().querySelector(`.is-waiting > [data-engineer="${engineer.id}"]`));

/** Draw the roster as the server has it; whoever holds the focus, or types why somebody is absent, is left alone. */
export function replaceRoster(html) {
  const old = holder();
  if (old.querySelector('details[open]')) return false;
  const focused = document.activeElement?.closest?.('[data-engineer]')?.dataset.engineer;
  const template = document.createElement('template');
  template.innerHTML = html.trim();
  const fresh = template.content.querySelector('.roster');
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
  if (focused) fresh.querySelector(`[data-engineer="${focused}"]`)?.focus();
  return true;
}
