// The charts of a dry run's report.
(() => {
  'use strict';
  const { data, number, short, colour, fill, sum, percent, charts, addChart, addSwitch, redraw } = window.s1flow;

  const outcomesChart = () => {
    const state = { by: 'supplier', as: 'count', of: 'all' };
    const has = sum(data.outcomes.map((o) => o.count)) > 0;
    const view = () => {
      if (!has) return null;
      const used = data.outcomes.map((o, i) => ({ ...o, i }))
        .filter((o) => o.count > 0 && (state.of === 'all' || o.kind !== 'good'));
      const slices = data[state.by];
      const all = (s) => sum(s.counts);
      const good = (s) => sum(s.counts.filter((_, i) => data.outcomes[i].kind === 'good'));
      const share = state.as === 'share';
      const value = (s, o) => (share ? (all(s) ? 100 * s.counts[o.i] / all(s) : 0) : s.counts[o.i]);
      return {
        labels: slices.map((s) => s.label),
        sets: used.map((o) => ({
          label: o.title,
          data: slices.map((s) => value(s, o)),
          backgroundColor: fill(o.colour),
        })),
        ends: slices.map((s) => (state.of === 'all' ? percent(good(s), all(s)) : number.format(all(s) - good(s)))),
        room: 62,
        cut: 36,
        unit: (share ? 'Share of the installations, %' : 'Installations') +
          (state.of === 'all' ? '; behind each bar the share commissioned' : '; behind each bar the number not commissioned'),
        max: share && state.of === 'all' ? 100 : undefined,
        tick: (v) => (share ? v + ' %' : short(v)),
        tooltip: {
          title: (items) => slices[items[0].dataIndex].label,
          label: (item) => {
            const s = slices[item.dataIndex];
            const n = s.counts[used[item.datasetIndex].i];
            return item.dataset.label + ': ' + number.format(n) + ' (' + percent(n, all(s)) + ')';
          },
        },
      };
    };
    addChart('outcomes', view);
    if (!has) return;
    const at = charts.length - 1;
    const showTable = () => {
      for (const t of document.querySelectorAll('details.slice')) t.hidden = t.id !== 'by-' + state.by;
    };
    const set = (key) => (v) => {
      state[key] = v;
      showTable();
      redraw(at);
    };
    addSwitch('outcomes', 'By', [['supplier', 'Supplier'], ['group', 'GroupID'], ['day', 'Day']], 'supplier', set('by'));
    addSwitch('outcomes', 'As', [['count', 'Numbers'], ['share', 'Shares']], 'count', set('as'));
    if (data.outcomes.some((o) => o.kind !== 'good' && o.count > 0))
      addSwitch('outcomes', 'Of', [['all', 'All'], ['rest', 'Not commissioned']], 'all', set('of'));
    showTable();
  };

  const findingsChart = () => {
    const severities = [['error', 'Errors', 'bad-1'], ['warning', 'Warnings', 'open-1 hatch'], ['info', 'Information', 'good-2']];
    addChart('findings', () => {
      const rules = data.findings;
      if (rules.length === 0) return null;
      return {
        labels: rules.map((r) => r.rule + '  ' + r.title),
        sets: severities.filter(([id]) => rules.some((r) => r.severity === id)).map(([id, title, classes]) => ({
          label: title,
          data: rules.map((r) => (r.severity === id ? r.count : 0)),
          backgroundColor: fill(classes),
        })),
        ends: rules.map((r) => number.format(r.count)),
        room: 70,
        cut: 54,
        unit: 'Findings' + (data.rules > rules.length ? ' (the ' + rules.length + ' most frequent of ' + data.rules + ' rules)' : ''),
        tick: (v) => (Number.isInteger(v) ? short(v) : ''),
        tooltip: {
          filter: (item) => item.raw > 0,
          title: (items) => (items.length ? rules[items[0].dataIndex].rule : ''),
          label: (item) => rules[item.dataIndex].title + ': ' + number.format(item.raw),
        },
      };
    });
  };

  const stagesChart = () => {
    const state = { by: 'step' };
    const view = () => {
      if (data.stages.length === 0) return null;
      const of = new Map();  // stages of each step, to start with the longest list: its order is the pipeline's
      for (const s of data.stages) of.set(s.step, [...(of.get(s.step) || []), s]);
      const ordered = state.by === 'step' ? data.stages : [...of.values()].sort((a, b) => b.length - a.length).flat();
      const rows = new Map();
      for (const s of ordered) {
        const row = rows.get(s[state.by]) || { busy: 0, waiting: 0 };
        row.busy += s.busy;
        row.waiting += s.waiting;
        rows.set(s[state.by], row);
      }
      const seconds = (v) => (v >= 100 ? number.format(Math.round(v)) : v.toPrecision(3)) + ' s';
      return {
        labels: [...rows.keys()],
        sets: [
          { label: 'Busy', data: [...rows.values()].map((r) => r.busy), backgroundColor: colour('busy') },
          { label: 'Waiting', data: [...rows.values()].map((r) => r.waiting), backgroundColor: fill('waiting hatch') },
        ],
        ends: [...rows.values()].map((r) => seconds(r.busy) + ' busy'),
        room: 92,
        cut: 36,
        unit: 'Seconds, summed over workers',
        tick: (v) => number.format(v),
        tooltip: { label: (item) => item.dataset.label + ': ' + seconds(item.raw) },
      };
    };
    addChart('stages', view);
    if (data.stages.length === 0) return;
    const at = charts.length - 1;
    addSwitch('stages', 'By', [['step', 'Step'], ['stage', 'Stage']], 'step', (v) => {
      state.by = v;
      redraw(at);
    });
  };

  window.s1flow.start(() => {
    outcomesChart();
    findingsChart();
    stagesChart();
  });
})();
