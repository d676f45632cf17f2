// What if: says the day under a slider while it is dragged, and sends only what differs from how it stands.
(function () {
  'use strict';
  const form = document.getElementById('what-if');
  if (!form) return;
  const words = new Intl.DateTimeFormat(document.documentElement.lang, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  const today = Date.parse(`${form.dataset.today}T00:00:00Z`);

  form.addEventListener('input', ({ target }) => {
    const output = target.type === 'range' && target.parentElement.querySelector('output');
    if (!output) return;
    if ('percent' in output.dataset) output.textContent = `${target.value}\u00a0%`;
    else if (target.value === target.dataset.base) output.textContent = output.dataset.stands;
    else output.textContent = words.format(today + Number(target.value) * 86400000);
    target.setAttribute('aria-valuetext', output.textContent);
  });

  form.addEventListener('htmx:configRequest', ({ detail }) => {
    for (const field of form.querySelectorAll('[data-base]')) {
      if (field.value === field.dataset.base) detail.parameters.delete?.(field.name);
    }
  });
})();
