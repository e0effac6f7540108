#pragma once
// Which layouts a Migration Week can be played with: of each file type there has to be one, those
// of the exchange are XML with one signature and one content key for each share, the others are not
// XML. Generating a week and running one both ask, so that no batch is made that no run takes.

#include "codecs/layout/layout.h"
#include "core/result.h"

namespace s1flow::pipeline {

// A usage error that names the layout and the remedy, unless the preferred layout of every file
// type will do. Thread-safe.
[[nodiscard]] Status check_week_layouts(const codecs::LayoutSet& layouts);

}  // namespace s1flow::pipeline
