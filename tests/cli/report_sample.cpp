// report_sample FOLDER: writes SHAPE.json, SHAPE.html and SHAPE.txt of every sample report, for the
// tests that look at them with other tools. The HTML is made from the JSON text, as a stored report
// is.

#include <cstdio>
#include <vector>

#include "cli/render/html.h"
#include "cli/render/text.h"
#include "core/file.h"
#include "tests/cli/sample_load.h"
#include "tests/cli/sample_report.h"

int main(int argc, char** argv) {
  using namespace s1flow;
  if (argc != 2) {
    std::fputs("usage: report_sample FOLDER\n", stderr);
    return 2;
  }
  auto failed = [](const Error& e) {
    std::fprintf(stderr, "report_sample: %s\n", e.message().c_str());
    return 3;
  };
  std::vector<std::string_view> shapes(test::sample_shapes().begin(), test::sample_shapes().end());
  shapes.insert(shapes.end(), test::load_shapes().begin(), test::load_shapes().end());
  for (const std::string_view shape : shapes) {
    const RunReport report =
        shape.starts_with("load") ? test::load_report(shape) : test::sample_report(shape);
    std::string json;
    append_json(json, report);
    const auto page = render::render_html(json);
    if (!page) return failed(page.error());
    const Path base = Path(argv[1]) / shape;
    const std::pair<const char*, std::string> files[] = {
        {".json", json}, {".html", *page}, {".txt", render::render_summary(report)}};
    for (const auto& [extension, text] : files)
      if (const auto done = write_whole(Path(base).concat(extension), text, Overwrite::yes); !done)
        return failed(done.error());
  }
  return 0;
}
