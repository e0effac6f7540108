"""report.html in a real browser: the charts draw, nothing fails, nothing is fetched, nothing sticks
out of the page, and switches, sorting, filters and print do what they say.

usage: report_chromium_test.py REPORT_SAMPLE
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import chromium

SKIPPED = 77
CHARTS = {"week": 3, "clean": 2, "huge": 3, "hostile": 3, "stopped": 2, "broken": 3, "empty": 0,
          "load": 5, "load-hour": 5, "load-invalid": 5, "load-stopped": 4, "load-hostile": 5, "load-unreachable": 0}
folder = None

# How many colours a canvas shows: one that was not drawn is of one colour.
COLOURS = """[...document.querySelectorAll('figure:not([hidden]) canvas')].map(c => {
  const all = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  const seen = new Set();
  for (let i = 0; i < all.length; i += 4) seen.add(all[i] << 24 | all[i+1] << 16 | all[i+2] << 8 | all[i+3]);
  return seen.size;
})"""


def page(shape, **how):
    return chromium.Page(pathlib.Path(folder) / f"{shape}.html", **how)


class ReportPage(unittest.TestCase):
    def assert_sound(self, shape, p):
        self.assertEqual(p.faults, [])
        self.assertIsNone(p.run("document.body.dataset.fault || null"))
        self.assertEqual(p.run("document.body.dataset.ready"), str(CHARTS[shape]))
        # The page itself and nothing else; data: addresses stay within it.
        asked = [url for url in p.requests if not url.startswith("data:")]
        self.assertEqual(len(asked), 1, asked)
        self.assertTrue(asked[0].startswith("file:"), asked)

    def test_every_shape_draws_its_charts_and_fits(self):
        looks = [(shape, *look) for shape in CHARTS for look in ((1280, False), (800, True))]
        for shape, width, dark in [*looks, ("week", 400, False), ("hostile", 400, False), ("load", 400, False), ("load-hostile", 400, False)]:
            with self.subTest(shape=shape, width=width, dark=dark), page(shape, width=width, dark=dark) as p:
                self.assert_sound(shape, p)
                colours = p.run(COLOURS)
                self.assertEqual(len(colours), CHARTS[shape])
                self.assertTrue(all(n > 10 for n in colours), colours)
                self.assertLessEqual(p.run("document.documentElement.scrollWidth"), width)

    def test_text_of_others_stays_text(self):
        with page("hostile") as p:
            self.assert_sound("hostile", p)
            self.assertEqual(p.run("document.scripts.length"), 3)
            self.assertEqual(p.run("document.querySelectorAll('[onerror],[onload],[onclick],[onmouseover],img').length"), 0)
            self.assertIn("</script><script>", p.run("document.querySelector('h1').textContent"))

    def test_headline_needs_no_script(self):
        text = (pathlib.Path(folder) / "week.html").read_text(encoding="utf-8")
        head = text[:text.index("<script")]
        for fact in ("10,000 installations", "Funnel of the week", "Installations named", "Outcomes by GroupID"):
            self.assertIn(fact, head)

    def test_switches_redraw_and_choose_the_table(self):
        with page("week") as p:
            shown = "[...document.querySelectorAll('details.slice')].filter(d => !d.hidden).map(d => d.id).join()"
            labels = "Chart.getChart(document.querySelector('#chart-outcomes canvas')).data.labels"
            press = "[...document.querySelectorAll('#chart-outcomes button')].find(b => b.textContent === '%s').click()"
            self.assertEqual(p.run(shown), "by-supplier")
            p.run(press % "Day")
            self.assertEqual(p.run(shown), "by-day")
            self.assertEqual(p.run(labels)[0], "Mon 8 Apr 2019")
            p.run(press % "GroupID")
            self.assertEqual(p.run(labels), ["AA", "BA", "CA"])
            p.run(press % "Shares")
            shares = "Chart.getChart(document.querySelector('#chart-outcomes canvas')).data.datasets.map(d => d.data[0])"
            self.assertAlmostEqual(sum(p.run(shares)), 100, places=6)
            p.run(press % "Not commissioned")
            self.assertLess(sum(p.run(shares)), 50)
            self.assert_sound("week", p)

    def test_lists_choose_the_class_of_a_load_test(self):
        with page("load") as p:
            lines = "Chart.getChart(document.querySelector('#chart-percentiles canvas')).data.datasets.map(d => d.label).join()"
            choose = """(() => { const e = document.querySelector('#chart-%s select');
                         e.value = '%d'; e.dispatchEvent(new Event('change')); })()"""
            self.assertEqual(p.run(lines), "Median,90 %,99 %,99.9 %,Largest")
            p.run(choose % ("percentiles", 2))
            self.assertEqual(p.run(lines), "Median,99 %,Largest")
            line = "Chart.getChart(document.querySelector('#chart-spectrum canvas')).data.datasets[0].data.map(at => at.y).join()"
            before = p.run(line)
            p.run(choose % ("spectrum", 3))
            self.assertNotEqual(p.run(line), before)
            # What counts from the due time is never shorter than what counts from sending.
            self.assertTrue(p.run("""(() => { const [r, s] = Chart.getChart(document.querySelector('#chart-spectrum canvas')).data.datasets;
                return r.data.every((at, i) => at.y >= s.data[i].y * 0.999); })()"""))
            self.assert_sound("load", p)

    def test_tables_sort_by_number_and_text(self):
        with page("week") as p:
            column = "[...document.querySelectorAll('#files-table tbody tr')].map(r => r.cells[%d].textContent)"
            press = "document.querySelectorAll('#files-table thead button')[%d].click()"
            p.run(press % 6)
            numbers = [int(n.replace(",", "")) for n in p.run(column % 6)]
            self.assertEqual(numbers, sorted(numbers, reverse=True))
            p.run(press % 6)
            numbers = [int(n.replace(",", "")) for n in p.run(column % 6)]
            self.assertEqual(numbers, sorted(numbers))
            p.run(press % 1)
            types = p.run(column % 1)
            self.assertEqual(types, sorted(types))

    def test_filters_leave_what_was_asked_for(self):
        with page("huge") as p:
            visible = "[...document.querySelectorAll('#%s tbody tr')].filter(r => !r.hidden).length"
            choose = """(() => { const e = document.querySelectorAll('.tools[data-for=%s] %s')[%d];
                         e.value = '%s'; e.dispatchEvent(new Event('input', {bubbles: true})); })()"""
            self.assertEqual(p.run(visible % "findings-table"), 60)
            p.run(choose % ("findings-table", "select", 0, "error"))
            self.assertEqual(p.run(visible % "findings-table"), 16)
            p.run(choose % ("findings-table", "input", 0, "gsme"))
            self.assertEqual(p.run(visible % "findings-table"), 1)
            self.assertEqual(p.run(visible % "files-table"), 400)
            p.run(choose % ("files-table", "select", 0, "rejected"))
            self.assertEqual(p.run(visible % "files-table"), 31)
            self.assert_sound("huge", p)

    def test_prints_light_and_open_then_returns(self):
        with page("week", dark=True) as p:
            state = """[Chart.getChart(document.querySelector('#chart-findings canvas')).data.datasets[0].backgroundColor,
                        document.querySelectorAll('details:not([open])').length]"""
            before = p.run(state)
            p.run("window.dispatchEvent(new Event('beforeprint'))")
            during = p.run(state)
            self.assertNotEqual(during[0], before[0])
            self.assertEqual(during[1], 0)
            p.run("window.dispatchEvent(new Event('afterprint'))")
            self.assertEqual(p.run(state), before)
            self.assert_sound("week", p)


if __name__ == "__main__":
    sample = sys.argv.pop(1)
    if chromium.find() is None:
        print("skipped: there is no Chromium (apt-get install chromium)")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory(prefix="s1flow-report-") as folder:
        subprocess.run([sample, folder], check=True)
        unittest.main()
