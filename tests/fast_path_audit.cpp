// s1flow_fast_path_audit RECORDS [SEED [FOLDER]]: reads made-up and spoiled documents of every XML
// layout, the shipped ones and those of FOLDER, by the fast path and by libxml2, and prints how
// many chunks went which way. Ends with 1 at the first difference, which it prints.

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "core/text.h"
#include "tests/codecs/reading.h"
#include "tests/codecs/schema_sampler.h"
#include "tests/codecs/two_paths.h"
#include "tests/codecs/xml_mutator.h"

using namespace s1flow;
using namespace s1flow::codecs;

namespace {

// Half of a percent of the documents goes unspoiled, to see that those are taken.
int audit(const std::shared_ptr<const Layout>& layout, std::uint64_t records, std::uint64_t seed) {
  const auto schema = schema_of(*layout);
  TwoPaths clean(layout, schema), spoiled(layout, schema);
  Random random(seed, hash64(layout->origin));
  std::uint64_t taken = 0;
  while (taken < records) {
    SampleShape shape;
    shape.records = random.below(12);
    shape.indented = random.chance(0.7);
    shape.with_signature = random.chance(0.7);
    if (random.chance(0.2)) shape.prefix = "p";
    const std::string document = sample_document(*layout, shape, random);
    std::string difference = clean.compare(document, 1 + random.below(4000));
    for (int i = 0; i < 200 && difference.empty() && taken < records; ++i) {
      difference = spoiled.compare(mutated(document, random), 1 + random.below(4000));
      taken += shape.records + 1;
    }
    if (difference.empty()) continue;
    fmt::print("{}", difference);
    return 1;
  }
  for (const auto& [name, counts] :
       {std::pair("clean", clean.counts()), std::pair("spoiled", spoiled.counts())})
    fmt::print("{:24} {:8}{:>9} documents{:>9} chunks{:>10} records; fast{:>9}, events{:>9}\n",
               layout->origin.substr(layout->origin.rfind("layouts/") + 8), name, counts.documents,
               counts.chunks, counts.records, counts.fast, counts.events);
  std::fflush(stdout);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i, std::uint64_t otherwise) {
    return argc > i ? parse_decimal(argv[i]).value_or(otherwise) : otherwise;
  };
  const std::uint64_t records = number(1, 10'000), seed = number(2, 1);
  const auto set = argc > 3 ? LayoutSet::with_folder(argv[3]) : LayoutSet::shipped();
  if (!set) {
    fmt::print(stderr, "{}\n", set.error().message());
    return 2;
  }
  for (const auto& layout : set->all())
    if (layout->container == Container::xml && audit(layout, records, seed) != 0) return 1;
  return 0;
}
