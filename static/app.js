// What every page needs: true words when a request fails, no double sends, questions before dangerous actions, charts.
// No inline handlers anywhere: the Content-Security-Policy forbids them.
(function () {
  'use strict';
  const script = document.currentScript;
  const $ = (selector, root = document) => root.querySelector(selector);

  // ---- toasts -------------------------------------------------------------------------------------------------------

  /** Say something. `link` is {href, text}: opened in a new tab, so that nothing typed here is lost. */
  function toast(text, { bad = false, link = null } = {}) {
    const box = $('#toasts');
    if (!box || !text) return;
    for (const old of box.children) if (old.dataset.text === text) old.remove(); // the same twice is one
    const note = document.createElement('div');
    note.className = bad ? 'toast-note bad' : 'toast-note';
    note.dataset.text = text;
    const words = document.createElement('p');
    words.textContent = text;
    if (link) {
      const anchor = document.createElement('a');
      Object.assign(anchor, { href: link.href, target: '_blank', rel: 'noopener', textContent: link.text });
      words.append(' ', anchor);
    }
    const close = document.createElement('button');
    Object.assign(close, { type: 'button', textContent: '×' });
    close.setAttribute('aria-label', box.dataset.close);
    close.addEventListener('click', () => note.remove());
    note.append(words, close);
    box.append(note);
    while (box.children.length > 3) box.firstChild.remove();
    if (!bad) setTimeout(() => note.remove(), 8000); // bad news stays until it is read
  }
  window.toast = toast;

  // ---- a button that fills a field: without scripts its link opens the page with the field filled --------------------

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-fill]');
    const field = button && document.getElementById(button.dataset.fill);
    if (!field) return;
    event.preventDefault(); // what was typed elsewhere on the form stays
    field.value = button.dataset.value;
    field.dispatchEvent(new Event('change', { bubbles: true }));
    field.focus();
  });

  // ---- the reader's time zone: instants are shown in it (config/zones.py) ---------------------------------------------

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  if (zone) document.cookie = `zone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;

  // ---- CSRF: always the newest token; it rotates when another tab signs in -------------------------------------------

  function csrfToken() {
    const cookie = document.cookie.split('; ').find((part) => /^(__Host-|__Secure-)?csrftoken=/.test(part));
    return cookie ? decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1)) : '';
  }

  function refreshToken(form) {
    const field = form.elements && form.elements.csrfmiddlewaretoken;
    const token = csrfToken();
    if (field && token) field.value = token;
  }

  document.addEventListener('htmx:configRequest', (event) => {
    const { parameters, headers, verb } = event.detail;
    if (verb === 'get') {
      for (const name of new Set(parameters.keys ? [...parameters.keys()] : Object.keys(parameters))) {
        if (parameters[name] === '') delete parameters[name]; // a shorter address to share
      }
      return;
    }
    const token = csrfToken();
    if (!token) return;
    headers['X-CSRFToken'] = token;
    // Of the two the field is believed. `in` does not see it: htmx's parameters are a proxy that has no answer to it.
    if (parameters.csrfmiddlewaretoken !== undefined) parameters.csrfmiddlewaretoken = token;
  });

  // ---- failures of htmx requests: say what happened, keep what was typed ---------------------------------------------

  const path = (url) => new URL(url, location.href).pathname;

  /** An expired session answers with a redirect, and the sign-in page would land in a fragment. */
  function isSignIn(xhr) {
    const login = $('#toasts')?.dataset.login;
    return Boolean(login && xhr.responseURL && path(xhr.responseURL) === login && location.pathname !== login);
  }

  function signInLink(box) {
    const back = encodeURIComponent(location.pathname + location.search);
    return { href: `${box.dataset.login}?next=${back}`, text: box.dataset.signIn };
  }

  const isPage = (xhr) => /^\s*<!doctype/i.test(xhr.response);

  document.addEventListener('htmx:beforeSwap', (event) => {
    const { xhr, boosted, requestConfig } = event.detail;
    const box = $('#toasts');
    if (isSignIn(xhr)) {
      event.detail.shouldSwap = false;
      toast(box.dataset.signedOut, { bad: true, link: signInLink(box) });
    } else if (xhr.status === 409 && !isPage(xhr)) {
      event.detail.shouldSwap = true; // a fragment made for this place
      event.detail.isError = false;
    } else if (xhr.status < 400 && isPage(xhr) && !boosted && !requestConfig.elt.closest('[hx-select]')) {
      event.detail.shouldSwap = false; // the write was answered with a redirect to a page: go there, as a plain form does
      location.assign(xhr.responseURL);
    }
  });

  document.addEventListener('htmx:responseError', (event) => {
    const { xhr } = event.detail;
    const box = $('#toasts');
    if (!box || isSignIn(xhr)) return;
    const say = (key, link) => toast(xhr.getResponseHeader('X-Message') || box.dataset[key], { bad: true, link });
    if (xhr.status === 401) say('signedOut', signInLink(box));
    else if (xhr.status === 403) say('forbidden');
    else if (xhr.status === 404 || xhr.status === 410) say('gone');
    else if (xhr.status === 409) say('conflict', { href: location.href, text: box.dataset.seeCurrent });
    else if (xhr.status === 429) say('busy');
    else if (xhr.status >= 500) say('broken');
    else say('refused');
  });

  function noAnswer(event) {
    const box = $('#toasts');
    const reading = event.detail.requestConfig?.verb === 'get';
    if (box) toast(reading ? box.dataset.unread : box.dataset.offline, { bad: true });
  }
  document.addEventListener('htmx:sendError', noAnswer);
  document.addEventListener('htmx:timeout', noAnswer);
  document.addEventListener('htmx:swapError', () => toast($('#toasts')?.dataset.broken, { bad: true }));

  // ---- one press, one request ----------------------------------------------------------------------------------------

  const buttonsOf = (form) => [...form.elements].filter((element) => element.type === 'submit' && !element.disabled);

  function hold(form, buttons = buttonsOf(form)) {
    const focused = document.activeElement;
    form.dataset.sending = '';
    for (const button of buttons) {
      button.setAttribute('aria-busy', 'true');
      button.disabled = true; // and it loses the focus, which is given back below
    }
    return () => {
      delete form.dataset.sending;
      for (const button of buttons) {
        button.removeAttribute('aria-busy');
        button.disabled = false;
      }
      if (document.activeElement === document.body && buttons.includes(focused)) focused.focus();
    };
  }

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.method !== 'post' || form.matches('[hx-post], [data-hx-post], [hx-boost="true"]')) return;
    if ('sending' in form.dataset) {
      event.preventDefault();
      return;
    }
    refreshToken(form);
    form.dataset.sending = '';
    setTimeout(() => {
      if (event.defaultPrevented) {
        delete form.dataset.sending;
        return;
      }
      const release = hold(form); // after this turn, so that the pressed button's own value is sent
      setTimeout(release, 10000); // a download leaves the page where it is
      window.addEventListener('pageshow', release, { once: true }); // Back brings the page as it was left
    });
  });

  const releases = new WeakMap();
  document.addEventListener('htmx:beforeRequest', (event) => {
    const form = event.detail.elt.closest('form');
    if (!form || event.detail.requestConfig.verb === 'get') return;
    if ('sending' in form.dataset) event.preventDefault();
    else releases.set(event.detail.xhr, hold(form));
  });
  document.addEventListener('htmx:afterRequest', (event) => releases.get(event.detail.xhr)?.());

  /** A form that replaced itself takes the focus again: what is wrong first, else the next thing to type. */
  document.addEventListener('htmx:afterSettle', (event) => {
    const sent = event.detail.requestConfig?.elt.closest?.('form[id]');
    if (!sent || event.detail.requestConfig.verb === 'get' || document.activeElement !== document.body) return;
    const form = document.getElementById(sent.id);
    if (!form || form === sent) return;
    const fields = [...form.elements].filter((field) => field.type !== 'hidden' && !field.disabled && field.checkVisibility());
    const next =
      fields.find((field) => field.matches('.is-invalid, [aria-invalid="true"]')) ??
      fields.find((field) => field.autofocus) ??
      fields.find((field) => field.matches('input, select, textarea') && !field.value);
    next?.focus();
  });

  // ---- the question before a dangerous action: data-confirm="Archive it?" on a form, button or link -------------------

  const sure = new WeakSet();

  function ask(element, then) {
    const dialog = $('#confirm');
    const yes = $('#confirm-yes');
    $('#confirm-text').textContent = element.dataset.confirm;
    $('#confirm-detail').textContent = element.dataset.confirmDetail || '';
    yes.textContent = element.dataset.confirmYes || yes.dataset.default;
    dialog.returnValue = '';
    dialog.addEventListener('close', () => dialog.returnValue === 'yes' && then(), { once: true });
    dialog.showModal();
  }

  document.addEventListener(
    'submit',
    (event) => {
      const asking = event.submitter?.matches('[data-confirm]') ? event.submitter : event.target;
      if (!asking.matches('[data-confirm]')) return;
      if (sure.delete(asking)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const submitter = event.submitter;
      ask(asking, () => {
        sure.add(asking);
        event.target.requestSubmit(submitter);
      });
    },
    true,
  );

  document.addEventListener(
    'click',
    (event) => {
      const asking = event.target.closest('a[data-confirm], button[data-confirm][type="button"]');
      if (!asking || sure.delete(asking)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(asking, () => {
        sure.add(asking);
        asking.click();
      });
    },
    true,
  );

  // ---- keyboard, menus ------------------------------------------------------------------------------------------------

  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest('input, textarea, select, [contenteditable]')) return;
    const search = [...document.querySelectorAll('input[type="search"]')].find((input) => input.checkVisibility());
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-print]')) window.print();
    for (const open of document.querySelectorAll('details.dropdown-menu-native[open]')) {
      if (!open.contains(event.target)) open.open = false;
    }
  });

  // ---- charts: the drawing packages are fetched on the first page part that has a chart -------------------------------

  let drawing = null;

  function loadInOrder(urls) {
    return urls.reduce(
      (before, url) =>
        before.then(
          () =>
            new Promise((done, failed) => {
              const tag = document.createElement('script');
              Object.assign(tag, { src: url, async: false, onload: done, onerror: () => failed(new Error(url)) });
              document.head.append(tag);
            }),
        ),
      Promise.resolve(),
    );
  }

  function mountCharts(root) {
    const figures = [...root.querySelectorAll('figure.chart[data-spec]:not([data-mounted])')];
    if (root.matches?.('figure.chart[data-spec]:not([data-mounted])')) figures.push(root);
    if (!figures.length) return;
    drawing ??= loadInOrder(script.dataset.charts.split(' '));
    drawing.then(
      () => figures.forEach((figure) => window.mountChart(figure)),
      () => {
        drawing = null;
        for (const figure of figures) $('.chart-canvas', figure)?.classList.remove('is-waiting');
        toast($('#toasts')?.dataset.noChart, { bad: true });
      },
    );
  }

  mountCharts(document);
  document.addEventListener('htmx:load', (event) => mountCharts(event.detail.elt));
})();
