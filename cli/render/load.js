// The charts of a load test's report.
(() => {
  'use strict';
  const { data, number, short, colour, make, narrow, charts, addChart, redraw, start } = window.s1flow;

  const ms = (v) => (v >= 1e4 ? number.format(Math.round(v / 1e3)) + ' s' : v >= 1e3 ? Number((v / 1e3).toPrecision(3)) + ' s' :
    v >= 1 ? Number(v.toPrecision(3)) + ' ms' : Number((v * 1e3).toPrecision(3)) + ' µs');
  const clock = (s) => (data.slots * data.step < 600 ? s + ' s' : Math.floor(s / 3600) > 0 || data.slots * data.step >= 7200
    ? Math.floor(s / 3600) + ':' + String(Math.floor(s % 3600 / 60)).padStart(2, '0') + ' h'
    : Math.floor(s / 60) + ':' + String(Math.round(s % 60)).padStart(2, '0') + ' min');
  const slotText = data.step === 1 ? 'each second' : 'each ' + data.step + ' s';
  const points = (list, keepZero) => list.map((v, i) => ({ x: (i + 0.5) * data.step, y: v > 0 || keepZero ? v : NaN }));
  const end = data.slots * data.step;

  // Where phases begin, with their names.
  const phaseLines = {
    id: 'phaseLines',
    afterDatasetsDraw(chart) {
      if (chart.config.type !== 'line' || !chart.options.plugins.phaseLines.on) return;
      const { ctx, chartArea: area, scales } = chart;
      ctx.save();
      ctx.strokeStyle = colour('soft');
      ctx.fillStyle = colour('soft');
      ctx.setLineDash([4, 4]);
      ctx.font = '11px ' + Chart.defaults.font.family;
      data.phases.forEach((p, i) => {
        const x = scales.x.getPixelForValue(p.start);
        if (i > 0) {
          ctx.beginPath();
          ctx.moveTo(x, area.top);
          ctx.lineTo(x, area.bottom);
          ctx.stroke();
        }
        const room = scales.x.getPixelForValue(Math.min(p.start + p.planned, end)) - x - 8;
        let text = p.name;
        while (text.length > 1 && ctx.measureText(text).width > room) text = text.slice(0, -2) + '…';
        if (room > 14) ctx.fillText(text, x + 4, area.top + 11);
      });
      ctx.restore();
    },
  };

  const title = (text) => ({ display: true, text, color: colour('soft') });
  const axis = (text, more) => ({ title: title(text), grid: { color: colour('line') }, ticks: { color: colour('soft'), ...(more || {}) } });
  const timeAxis = () => ({ type: 'linear', min: 0, max: end, ...axis('Time since the start, ' + slotText, { maxTicksLimit: narrow() ? 5 : 10, callback: clock }) });
  // 1, 2 and 5 of each decade; of many decades 1 alone.
  const logAxis = (text) => ({
    type: 'logarithmic',
    ...axis(text, {
      autoSkip: false,
      callback(value) {
        const lead = Number(value.toExponential().split('e')[0]);
        const decades = Math.log10(this.max / this.min);
        return lead === 1 || (decades < 3.2 && (lead === 2 || lead === 5)) ? ms(value) : null;
      },
    }),
  });
  const line = (label, points_, stroke, more) => ({
    label, data: points_, borderColor: colour(stroke), backgroundColor: colour(stroke), borderWidth: 1.6, pointRadius: points_.length < 3 ? 3 : 0, pointHitRadius: 6,
    spanGaps: false, tension: 0, ...more,
  });
  const config = (sets, scales, tooltip, phases) => ({
    type: 'line',
    data: { datasets: sets },
    options: {
      animation: false, responsive: true, maintainAspectRatio: false, parsing: false, normalized: true,
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      scales,
      plugins: {
        phaseLines: { on: phases },
        legend: { position: 'top', align: 'start', labels: { color: colour('text'), boxWidth: 22, boxHeight: 2 } },
        tooltip: { callbacks: tooltip },
      },
    },
    plugins: [phaseLines],
  });
  const atTime = { title: (items) => (items.length ? clock(items[0].parsed.x - data.step / 2) : '') };

  // One of many, where buttons would not fit.
  const addSelect = (id, name, labels, apply) => {
    const select = make('select', {});
    labels.forEach((text, i) => select.append(make('option', { value: String(i), textContent: text })));
    select.addEventListener('change', () => apply(Number(select.value)));
    document.querySelector('#chart-' + id + ' .switches').append(make('label', { textContent: name + ' ' }, select));
  };
  const caption = (id, text) => document.querySelector('#chart-' + id).prepend(make('figcaption', { textContent: text }));

  const percentilesChart = () => {
    if (data.slots === 0) return;
    const state = { at: 0 };
    addChart('percentiles', () => {
      const s = state.at === 0 ? data.all : data.classes[state.at - 1].at;
      const sets = [['p50', 'Median', 'p50', []], ['p90', '90 %', 'p90', []], ['p99', '99 %', 'p99', []], ['p99.9', '99.9 %', 'p999', [6, 3]], ['max', 'Largest', 'pmax', [2, 3]]]
        .filter(([key]) => s[key]).map(([key, label, stroke, dash]) => line(label, points(s[key]), stroke, { borderDash: dash }));
      return {
        height: 340,
        config: config(sets, { x: timeAxis(), y: logAxis(data.later ? 'Time to the answer' : 'Response time') },
          { ...atTime, label: (item) => item.dataset.label + ': ' + ms(item.parsed.y) }, true),
      };
    });
    caption('percentiles', 'Percentiles over time');
    const at = charts.length - 1;
    if (data.classes.length > 0)
      addSelect('percentiles', 'Requests', ['All classes', ...data.classes.map((c) => c.label)], (i) => { state.at = i; redraw(at); });
  };

  const spectrumChart = () => {
    if (data.curves[0].response.length === 0) return;
    const state = { at: 0 };
    const place = (above) => Math.log10(above);
    addChart('spectrum', () => {
      const c = data.curves[state.at];
      const sets = [
        line('Response time, since due', c.response.map(([a, v]) => ({ x: place(a), y: v })), 'p50', { stepped: false }),
        line('Service time, since sent: the uncorrected view', c.service.map(([a, v]) => ({ x: place(a), y: v })), 'pmax', { borderDash: [6, 3] }),
      ];
      const most = Math.max(1, ...c.response.map(([a]) => place(a)));
      return {
        height: 320,
        config: config(sets, {
          x: {
            type: 'linear', min: 0, max: most, ...axis('Percentile', { callback: (v) => (Number.isInteger(v) ? (v === 0 ? 'fastest' : (100 - 100 / 10 ** v).toFixed(Math.max(0, v - 2)) + ' %') : null), stepSize: 1 }),
          },
          y: logAxis('Latency'),
        }, {
          title: (items) => (items.length ? (100 - 100 / 10 ** items[0].parsed.x).toPrecision(5) + ' % were faster' : ''),
          label: (item) => item.dataset.label + ': ' + ms(item.parsed.y),
        }, false),
      };
    });
    caption('spectrum', 'Latency by percentile');
    const at = charts.length - 1;
    if (data.curves.length > 1)
      addSelect('spectrum', 'Requests', data.curves.map((c) => c.label), (i) => { state.at = i; redraw(at); });
  };

  // Cells are drawn under an empty line chart, which gives the axes.
  const heatChart = () => {
    if (data.heat.length === 0) return;
    let most = 0, low = data.bands.length, high = 0;
    for (const [, first, ...counts] of data.heat) {
      most = Math.max(most, ...counts);
      low = Math.min(low, first);
      high = Math.max(high, first + counts.length);
    }
    const floor = Math.max(data.bands[low], 0.001);
    const heatCells = {
      id: 'heatCells',
      beforeDatasetsDraw(chart) {
        const { ctx, scales } = chart;
        ctx.save();
        for (const [slot, first, ...counts] of data.heat) {
          const left = scales.x.getPixelForValue(slot * data.step);
          const width = scales.x.getPixelForValue((slot + 1) * data.step) - left;
          counts.forEach((n, i) => {
            if (n === 0) return;
            const bottom = scales.y.getPixelForValue(Math.max(data.bands[first + i], floor));
            const top = scales.y.getPixelForValue(data.bands[first + i + 1]);
            ctx.globalAlpha = 0.12 + 0.88 * Math.log(1 + n) / Math.log(1 + most);
            ctx.fillStyle = colour('heat');
            ctx.fillRect(left, top, width + 0.4, bottom - top);
          });
        }
        ctx.restore();
      },
    };
    addChart('heat', () => {
      const c = config([line('', [], 'line', {})], { x: timeAxis(), y: { ...logAxis(data.later ? 'Time to the answer' : 'Response time'), min: floor, max: data.bands[Math.min(high, data.bands.length - 1)] } }, {}, true);
      c.options.plugins.legend.display = false;
      c.plugins.unshift(heatCells);
      return { height: 320, config: c };
    });
    caption('heat', 'Where the requests lie: the darker, the more of them ended in ' + slotText + ' and band (darkest ' + number.format(most) + ', on a logarithmic scale)');
  };

  const rateChart = () => {
    if (data.slots === 0) return;
    addChart('rate', () => {
      const perSecond = (list) => points(list.map((n) => n / data.step), true);
      const a = data.all;
      const sets = [
        ...(data.phases.every((p) => p.closed) ? [] : [line('Planned', perSecond(a.planned), 'pmax', { borderDash: [6, 3], borderWidth: 2.2 })]),
        line('Sent', perSecond(a.sent), 'p50', {}),
        line('Ended well', perSecond(a.ok), 'p90', {}),
        line('Failed', perSecond(a.failed), 'p999', {}),
      ];
      return {
        height: 280,
        config: config(sets, { x: timeAxis(), y: { beginAtZero: true, ...axis('Requests a second', { callback: (v) => short(v) }) } },
          { ...atTime, label: (item) => item.dataset.label + ': ' + Number(item.parsed.y.toPrecision(4)) + '/s' }, true),
      };
    });
    caption('rate', 'Planned and achieved rate');
  };

  const lagChart = () => {
    if (data.slots === 0 || data.phases.every((p) => p.closed)) return;
    addChart('lag', () => {
      const sets = [line('99 %', points(data.all.lag_p99), 'p50', {}), line('Largest', points(data.all.lag_max), 'pmax', { borderDash: [2, 3] })];
      if (data.lag_limit > 0)
        sets.push(line('Limit of p99 of the own lag', [{ x: 0, y: data.lag_limit }, { x: end, y: data.lag_limit }], 'p999', { borderDash: [6, 3], pointRadius: 0 }));
      return {
        height: 260,
        config: config(sets, { x: timeAxis(), y: logAxis('Send lag') }, { ...atTime, label: (item) => item.dataset.label + ': ' + ms(item.parsed.y) }, true),
      };
    });
    caption('lag', 'Send lag over time');
  };

  start(() => {
    percentilesChart();
    spectrumChart();
    heatChart();
    rateChart();
    lagChart();
  });
})();
