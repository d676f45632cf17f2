// One key each. Signs work in an empty line, so that they never get in the way of what is typed; arrows work anywhere.

const SIGNS = { '<': 'undo', '@': 'level', '#': 'prepared', '?': 'keys' };

/** `act` has a function for each action; `line` tells whether it is empty. */
export function listenToKeys({ act, line }) {
  const input = document.querySelector('#line');
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector('dialog[open]')) return;
    const typing = event.target.closest('input, textarea, select');
    const ours = event.target.closest('#line, #stop');
    if (typing && !ours) return;
    const action = event.key in SIGNS && !(typing && event.target !== input) && (!typing || line.empty) ? SIGNS[event.key] : ARROWS[event.key];
    if (!action) return;
    event.preventDefault();
    if (!event.repeat) act[action]();
  });
}

const ARROWS = { ArrowDown: 'next', ArrowUp: 'previous' };
