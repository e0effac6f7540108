#pragma once
// Reads a CSV or JSON Lines file record by record on one thread: for files whose size does not grow
// with the week (EPCL, scripts).

#include <functional>
#include <memory>
#include <vector>

#include "codecs/layout/layout.h"
#include "codecs/limits.h"
#include "codecs/record.h"
#include "codecs/rules.h"
#include "core/file.h"
#include "core/result.h"

namespace s1flow::pipeline {

// Faults go to `faults`; records of a faulty chunk before the fault are still given out. A record
// lives until `use` returns.
[[nodiscard]] Status each_record(const Path& path,
                                 const std::shared_ptr<const codecs::Layout>& layout,
                                 const codecs::Limits& limits,
                                 const std::function<Status(const codecs::Record&)>& use,
                                 std::vector<codecs::Fault>& faults);

// As above for files that have to be faultless: the first fault is a usage error that names the
// place.
[[nodiscard]] Status each_record(const Path& path,
                                 const std::shared_ptr<const codecs::Layout>& layout,
                                 const codecs::Limits& limits,
                                 const std::function<Status(const codecs::Record&)>& use);

}  // namespace s1flow::pipeline
