// Adds to the finished page what needs script: charts, sorting, filters, and a light print. The charts of a kind of
// report are in dry_run.js and load.js.
// document.body.dataset.ready is set to the number of charts drawn, dataset.fault to what went wrong.
(() => {
  'use strict';
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById('report-data').textContent);
  const number = new Intl.NumberFormat('en-GB');
  const short = (v) => (v >= 1e6 ? number.format(v / 1e6) + 'M' : v >= 1e4 ? number.format(v / 1e3) + 'k' : number.format(v));
  const charts = [];

  const colour = (name) => getComputedStyle(root).getPropertyValue('--' + name).trim();
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  const make = (tag, props, ...children) => {
    const e = Object.assign(document.createElement(tag), props);
    e.append(...children);
    return e;
  };
  const percent = (part, whole) => {
    if (whole === 0) return 'n/a';
    if (part === 0) return '0 %';
    if (part === whole) return '100 %';
    const p = 100 * part / whole;
    return p < 0.1 ? '<0.1 %' : p > 99.9 && part < whole ? '>99.9 %' : p.toFixed(1) + ' %';
  };

  // The same fills as the swatches of report.css: "bad-2 hatch".
  const fill = (classes) => {
    const [name, hatch] = classes.split(' ');
    if (!hatch) return colour(name);
    const tile = make('canvas', { width: 8, height: 8 });
    const pen = tile.getContext('2d');
    pen.fillStyle = colour(name);
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = colour('hatch');
    pen.lineWidth = 2.4;
    for (const x of [-8, 0, 8]) {
      pen.moveTo(x - 1, 9);
      pen.lineTo(x + 9, -1);
    }
    pen.stroke();
    return pen.createPattern(tile, 'repeat');
  };

  // ---- charts ----
  const narrow = () => window.innerWidth < 900;
  const cut = (text, limit) => (text.length > limit ? text.slice(0, limit - 1).trimEnd() + '…' : text);

  // A short text behind the end of each bar.
  const endLabels = {
    id: 'endLabels',
    afterDatasetsDraw(chart) {
      const labels = chart.options.plugins.endLabels.labels;
      if (!labels) return;
      const pen = chart.ctx;
      pen.save();
      pen.font = '12px ' + Chart.defaults.font.family;
      pen.fillStyle = colour('text');
      pen.textBaseline = 'middle';
      labels.forEach((label, row) => {
        let end = chart.chartArea.left;
        let y = null;
        for (const meta of chart.getSortedVisibleDatasetMetas()) {
          const bar = meta.data[row];
          if (!bar) continue;
          end = Math.max(end, bar.x);
          y = bar.y;
        }
        if (y !== null) pen.fillText(label, end + 6, y);
      });
      pen.restore();
    },
  };

  const baseOptions = (view) => ({
    indexAxis: 'y',
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    layout: { padding: { right: view.room } },
    interaction: { mode: 'index', axis: 'y', intersect: false },
    scales: {
      x: {
        stacked: true,
        max: view.max,
        title: { display: true, text: view.unit, color: colour('soft') },
        grid: { color: colour('line') },
        ticks: { color: colour('soft'), maxTicksLimit: narrow() ? 5 : 9, callback: view.tick },
      },
      y: {
        stacked: true,
        grid: { display: false },
        ticks: {
          autoSkip: false,
          color: colour('text'),
          callback(value) { return cut(this.getLabelForValue(value), narrow() ? view.cut / 2 : view.cut); },
        },
      },
    },
    plugins: {
      endLabels: { labels: view.ends },
      legend: {
        display: view.legend !== false,
        position: 'top',
        align: 'start',
        labels: { color: colour('text'), boxWidth: 14, boxHeight: 14 },
      },
      tooltip: { callbacks: view.tooltip },
    },
  });

  // Draws `view()` into a figure, and again whenever a switch or the colours change.
  const addChart = (id, view) => {
    const figure = document.getElementById('chart-' + id);
    if (!figure || view() === null) return;
    figure.hidden = false;
    const box = figure.querySelector('.canvas');
    let chart = null;
    const draw = () => {
      const v = view();
      box.style.height = (v.height || Math.max(110, v.labels.length * (v.labels.length > 16 ? 24 : 30) + 105)) + 'px';
      box.classList.toggle('plot', v.height !== undefined);
      if (chart) chart.destroy();
      chart = new Chart(box.querySelector('canvas'), v.config || {
        type: 'bar',
        data: { labels: v.labels, datasets: v.sets.map((s) => ({ maxBarThickness: 22, ...s })) },
        options: baseOptions(v),
        plugins: [endLabels],
      });
    };
    draw();
    charts.push({ draw, resize: () => chart.resize() });
  };

  // A row of buttons of which one is pressed.
  const addSwitch = (id, title, choices, chosen, apply) => {
    const group = make('fieldset', {}, make('legend', { textContent: title }));
    const buttons = choices.map(([value, text]) => {
      const b = make('button', { type: 'button', textContent: text });
      b.setAttribute('aria-pressed', String(value === chosen));
      b.addEventListener('click', () => {
        for (const other of buttons) other.setAttribute('aria-pressed', String(other === b));
        apply(value);
      });
      return b;
    });
    group.append(...buttons);
    document.querySelector('#chart-' + id + ' .switches').append(group);
  };
  const redraw = (at) => charts[at] && charts[at].draw();

  // ---- tables ----
  const cellValue = (row, at) => {
    const cell = row.cells[at];
    if (cell.dataset.key !== undefined) return cell.dataset.key;
    return (cell.firstChild && cell.firstChild.nodeType === 3 ? cell.firstChild.data : cell.textContent).trim();
  };
  // "1,234", "12.5 %", "<0.1 %", "3.2 MiB", "−5".
  const units = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 };
  const asNumber = (text) => {
    const m = /^([<>]?)([−-]?[\d,.]+)\s*(\S*)/.exec(text);
    if (!m) return -Infinity;
    const n = parseFloat(m[2].replace('−', '-').replaceAll(',', '')) * (units[m[3]] || 1);
    return m[1] === '<' ? n - 1e-6 : m[1] === '>' ? n + 1e-6 : n;
  };

  const makeSortable = (table) => {
    const body = table.tBodies[0];
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      if (head.classList.contains('bar')) return;
      const numeric = head.classList.contains('n');
      const button = make('button', { type: 'button' });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const was = head.getAttribute('aria-sort');
        const down = was ? was === 'ascending' : numeric;
        for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        const rows = [...body.rows].map((row) => {
          const text = cellValue(row, at);
          return { row, key: numeric ? asNumber(text) : text };
        });
        rows.sort((a, b) => {
          const order = numeric ? (a.key === b.key ? 0 : a.key < b.key ? -1 : 1) : a.key.localeCompare(b.key, 'en');
          return down ? -order : order;
        });
        body.append(...rows.map((r) => r.row));
      });
    });
  };

  // A text box and one list for each column named in data-filters ("2:Severity,0:Type").
  const makeFilters = (tools) => {
    const table = document.getElementById(tools.dataset.for);
    const rows = [...table.tBodies[0].rows];
    const said = make('span', { className: 'note' });
    said.setAttribute('role', 'status');
    const lists = tools.dataset.filters.split(',').map((f) => {
      const [at, title] = f.split(':');
      const select = make('select', {}, make('option', { value: '', textContent: 'all' }));
      const texts = new Set(rows.map((r) => cellText(r, at)));
      for (const text of [...texts].sort()) select.append(make('option', { value: text, textContent: text }));
      tools.append(make('label', { textContent: title }, select));
      return { at, select };
    });
    const box = make('input', { type: 'search', size: 18 });
    tools.append(make('label', { textContent: 'Text' }, box), said);
    const apply = () => {
      const wanted = box.value.trim().toLowerCase();
      let left = 0;
      for (const row of rows) {
        const show = lists.every((l) => !l.select.value || cellText(row, l.at) === l.select.value) &&
          row.textContent.toLowerCase().includes(wanted);
        row.hidden = !show;
        if (show) ++left;
      }
      said.textContent = left === rows.length ? '' : number.format(left) + ' of ' + number.format(rows.length) + ' rows';
    };
    tools.addEventListener('input', apply);
  };
  // What a cell says apart from its small print and its mark.
  const cellText = (row, at) => {
    const cell = row.cells[at];
    const text = (cell.querySelector('span') || cell).textContent;
    return text.replace(/^[✓✕]\s*/, '').trim();
  };

  // ---- start ----
  const start = (page) => {
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 13;
    page();
    document.querySelectorAll('table.sortable').forEach(makeSortable);
    document.querySelectorAll('.tools').forEach(makeFilters);

    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts.forEach((c) => c.draw()));
    const opened = [];
    window.addEventListener('beforeprint', () => {
      root.classList.add('printing');
      for (const d of document.querySelectorAll('details:not([open])')) {
        d.open = true;
        opened.push(d);
      }
      charts.forEach((c) => c.draw());
    });
    window.addEventListener('afterprint', () => {
      root.classList.remove('printing');
      for (const d of opened.splice(0)) d.open = false;
      charts.forEach((c) => c.draw());
    });
    document.body.dataset.ready = String(charts.length);
  };
  window.addEventListener('error', (e) => { document.body.dataset.fault = e.message; });
  window.s1flow = { data, number, short, colour, fill, sum, percent, make, narrow, charts, addChart, addSwitch, redraw, start };
})();
