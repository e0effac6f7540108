#include "pipeline/program.h"

#include "codecs/version.h"

namespace s1flow::pipeline {

report::Program this_program() {
  report::Program p;
  p.version = S1FLOW_VERSION;
  p.build_type = S1FLOW_BUILD_TYPE;
  p.compiler = S1FLOW_COMPILER;
  for (const auto& [name, version] : codecs::library_versions())
    p.libraries.push_back({name, version});
  return p;
}

}  // namespace s1flow::pipeline
