// Mounts <figure class="chart" data-spec="ID"> from the Vega-Lite spec in <script type="application/json" id="ID">.
// Loaded by app.js after Vega, only where there is a chart. Specs are made in projects/charts and name colours by
// token ("token:accent"); they are looked up in app.css here, so that light, dark and a change of theme just work.
(function () {
  'use strict';
  const mounted = new Map(); // figure -> {spec, view, narrow}

  const TOKENS = ['ink', 'muted', 'faint', 'line', 'line-strong', 'surface', 'accent', 'accent-soft', 'urgent', 'done', 'converging', 'slow', 'stalled', 'diverging', 'unknown'];

  /** Colours as the browser resolves them now: light-dark() is not resolved in a custom property's own text. */
  function palette() {
    const probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
    const colours = {};
    for (const token of TOKENS) {
      probe.style.setProperty('color', `var(--lf-${token})`);
      colours[token] = getComputedStyle(probe).color;
    }
    probe.remove();
    return colours;
  }

  function paint(value, colours) {
    if (typeof value === 'string' && value.startsWith('token:')) return colours[value.slice(6)] ?? colours.ink;
    if (Array.isArray(value)) return value.map((item) => paint(item, colours));
    if (value && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key === 'values' ? item : paint(item, colours)]));
    }
    return value;
  }

  function config(colours, narrow) {
    const font = getComputedStyle(document.body).fontFamily;
    return {
      background: 'transparent',
      font,
      padding: 0,
      view: { stroke: null },
      axis: {
        labelColor: colours.muted, titleColor: colours.muted, labelFontSize: 11, titleFontSize: 11, titleFontWeight: 500,
        domainColor: colours['line-strong'], gridColor: colours.line, tickColor: colours['line-strong'],
        ticks: false, labelPadding: 6, titlePadding: 8, labelFlush: true, labelOverlap: 'greedy', labelSeparation: 8,
      },
      axisY: { domain: false, tickCount: narrow ? 4 : 5 },
      axisX: { grid: false, tickCount: narrow ? 4 : 8 },
      text: { font, fontSize: 11, color: colours.ink },
      legend: { orient: 'bottom', titleOrient: 'left', offset: 6, titleFontWeight: 500, labelColor: colours.muted, titleColor: colours.muted, labelFontSize: 11 },
    };
  }

  async function draw(figure) {
    const entry = mounted.get(figure);
    const canvas = figure.querySelector('.chart-canvas');
    const colours = palette();
    const narrow = canvas.clientWidth < 520;
    entry.narrow = narrow;
    entry.view?.finalize();
    const { compile, parse, View, Handler, expressionInterpreter } = window.vegaCharts;
    const { spec } = compile(paint(entry.spec, colours), { config: config(colours, narrow) });
    entry.view = new View(parse(spec, {}, { ast: true }), {
      renderer: 'svg',
      expr: expressionInterpreter, // expressions are walked, never compiled with eval
      tooltip: new Handler({ disableDefaultStyle: true, theme: 'lf' }).call,
      container: canvas,
    });
    await entry.view.runAsync();
    canvas.classList.remove('is-waiting');
    figure.dataset.mounted = 'done';
    const levels = document.querySelector(`[data-hides-in="${figure.dataset.spec}"]`);
    if (levels) hideLevels(levels, entry);
  }

  /** A fieldset of checkboxes that takes the points of a source out of the picture: see charts.goal_fan. */
  async function hideLevels(levels, entry) {
    levels.hidden = false;
    const hidden = [...levels.querySelectorAll('input:not(:checked)')].map((input) => input.value);
    await entry.view?.signal('hidden_levels', hidden).runAsync();
  }

  document.addEventListener('change', (event) => {
    const levels = event.target.closest?.('[data-hides-in]');
    if (!levels) return;
    for (const [figure, entry] of mounted) if (figure.dataset.spec === levels.dataset.hidesIn) hideLevels(levels, entry);
  });

  window.mountChart = function (figure) {
    if (mounted.has(figure)) return;
    const source = document.getElementById(figure.dataset.spec);
    if (!source) return;
    figure.dataset.mounted = '';
    mounted.set(figure, { spec: JSON.parse(source.textContent) });
    draw(figure).catch((error) => {
      figure.querySelector('.chart-canvas').classList.remove('is-waiting');
      console.error(error);
      window.toast(document.getElementById('toasts')?.dataset.noChart, { bad: true });
    });
  };

  document.addEventListener('theme:change', () => {
    for (const figure of mounted.keys()) {
      if (figure.isConnected) draw(figure);
      else {
        mounted.get(figure).view?.finalize();
        mounted.delete(figure);
      }
    }
  });
})();
