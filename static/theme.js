// Light, dark or what the system says. Loaded in <head>, before anything is painted, so that no page flashes.
(function () {
  'use strict';
  const root = document.documentElement;
  const system = window.matchMedia('(prefers-color-scheme: dark)');

  function chosen() {
    try {
      const value = localStorage.getItem('theme');
      return value === 'light' || value === 'dark' ? value : 'auto';
    } catch {
      return 'auto'; // storage is blocked: follow the system
    }
  }

  function apply() {
    const choice = chosen();
    const theme = choice === 'auto' ? (system.matches ? 'dark' : 'light') : choice;
    if (root.getAttribute('data-bs-theme') !== theme) {
      root.setAttribute('data-bs-theme', theme);
      document.dispatchEvent(new CustomEvent('theme:change', { detail: theme }));
    }
    for (const button of document.querySelectorAll('[data-theme-choice]')) {
      button.setAttribute('aria-pressed', String(button.dataset.themeChoice === choice));
    }
  }

  apply();
  system.addEventListener('change', apply);
  document.addEventListener('DOMContentLoaded', apply);
  window.addEventListener('storage', apply); // another tab chose
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-theme-choice]');
    if (!button) return;
    try {
      localStorage.setItem('theme', button.dataset.themeChoice);
    } catch {
      // storage is blocked: nothing to remember
    }
    apply();
  });
})();
