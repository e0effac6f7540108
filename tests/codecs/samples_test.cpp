// Walks tests/data/<file type>/ for every type of the registry: valid samples give the same records
// for every cut, survive decode-encode-decode, and are never read beyond where they were cut off;
// invalid ones give exactly the findings of their .expected.json.
//
// With S1FLOW_UPDATE_EXPECTED set, .expected.json files are written instead; review them like code.

#include <cstdlib>

#include <gtest/gtest.h>

#include "codecs/file_type.h"
#include "tests/codecs/reading.h"
#include "tests/temporary_folder.h"

namespace s1flow::codecs {
namespace {

struct Sample {
  std::string type, kind, name;
  Path path;
};

std::vector<Sample> samples(std::string_view kind) {
  std::vector<Sample> out;
  for (const FileType* type : file_types()) {
    const Path folder = Path(S1FLOW_SOURCE_DIR) / "tests/data" / type->id / kind;
    const auto files = list_files(folder, "");
    if (!files) continue;
    for (const Path& p : *files)
      if (p.extension() != ".json")
        out.push_back({std::string(type->id), std::string(kind), p.filename().string(), p});
  }
  return out;
}

std::string sample_name(const testing::TestParamInfo<Sample>& row) {
  std::string name = row.param.type + "_" + row.param.name;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
}

// Sizes up to that of the file: each of them for small files, enough of them for others.
std::vector<std::size_t> cuts_of(std::size_t size) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i <= size; i += 1 + size / 500) cuts.push_back(i);
  cuts.push_back(size + 1);
  return cuts;
}

std::string text_of_file(const Path& path) {
  auto text = read_text(path);
  EXPECT_TRUE(text) << text.error().message();
  return *text;
}

TEST(SamplesTest, CoverEveryFileTypeOfTheRegistry) {
  for (const FileType* type : file_types())
    for (const char* kind : {"valid", "invalid"}) {
      const auto files = list_files(Path(S1FLOW_SOURCE_DIR) / "tests/data" / type->id / kind, "");
      EXPECT_TRUE(files && !files->empty()) << "tests/data/" << type->id << "/" << kind;
    }
}

class ValidSampleTest : public testing::TestWithParam<Sample> {
 protected:
  void SetUp() override {
    layout_ = shipped_layout(GetParam().type);
    options_.schema = schema_of(*layout_);
  }
  std::shared_ptr<const Layout> layout_;
  ReadingOptions options_;
  TemporaryFolder folder_;
};

TEST_P(ValidSampleTest, GivesTheSameForEveryCut) {
  const Reading whole = read_whole_file(GetParam().path, layout_, options_);
  EXPECT_EQ(whole.faults, std::vector<std::string>{});
  for (const std::size_t cut : cuts_of(text_of_file(GetParam().path).size())) {
    options_.chunk_bytes = cut;
    ASSERT_EQ(read_whole_file(GetParam().path, layout_, options_).text(), whole.text()) << cut;
  }
}

TEST_P(ValidSampleTest, IsTheSameAfterDecodingAndEncoding) {
  options_.places = Places::no;
  const std::string first = encode_again(GetParam().path, layout_, 100);
  const Path again = folder_ / GetParam().name;
  ASSERT_TRUE(write_whole(again, first));
  EXPECT_EQ(read_whole_file(again, layout_, options_).text(),
            read_whole_file(GetParam().path, layout_, options_).text());
  EXPECT_EQ(encode_again(again, layout_, 1 << 20), first);
  if (layout_->container != Container::xml) return;
  // What was written is canonical already.
  options_.places = Places::yes;
  std::string canonical = first.substr(first.find("?>\n") + 3);
  canonical.pop_back();
  EXPECT_EQ(read_whole_file(again, layout_, options_).canonical, canonical);
}

TEST_P(ValidSampleTest, GivesAFindingOrAShorterPrefixForEveryTruncation) {
  const std::string text = text_of_file(GetParam().path);
  options_.places = Places::no;
  const Reading whole = read_whole_file(GetParam().path, layout_, options_);
  const Path path = folder_ / "cut";
  const std::size_t root_ends = text.rfind("</");
  for (std::size_t size = 0; size < text.size(); size += 1 + text.size() / 700) {
    put_file(path, std::string_view(text).substr(0, size));
    options_.chunk_bytes = 1 + size % 200;
    const Reading cut = read_whole_file(path, layout_, options_);
    ASSERT_LE(cut.records.size(), whole.records.size()) << size;
    for (std::size_t r = 0; r + 1 < cut.records.size(); ++r)
      ASSERT_EQ(cut.records[r], whole.records[r]) << size;
    if (layout_->container == Container::xml && size < root_ends) {
      ASSERT_EQ(cut.found.size(), 1U) << size;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Samples, ValidSampleTest, testing::ValuesIn(samples("valid")),
                         sample_name);

class InvalidSampleTest : public testing::TestWithParam<Sample> {};

TEST_P(InvalidSampleTest, GivesItsFindings) {
  const std::shared_ptr<const Layout> layout = shipped_layout(GetParam().type);
  ReadingOptions options;
  options.schema = schema_of(*layout);
  const Reading whole = read_whole_file(GetParam().path, layout, options);
  EXPECT_NE(whole.found.size(), 0U);
  const auto findings = [&](const Reading& reading, bool with_places) {
    std::string out = "[";
    for (const Fault& f : reading.found) {
      out += out.size() == 1 ? "\n" : ",\n";
      const Finding finding = to_finding(f, GetParam().name, f.rule->severity);
      if (with_places)
        append_json(out, finding);
      else
        append_identity_json(out, finding);
    }
    return out + "\n]\n";
  };
  Path expected = GetParam().path;
  expected += ".expected.json";
  if (std::getenv("S1FLOW_UPDATE_EXPECTED") != nullptr) {
    ASSERT_TRUE(write_whole(expected, findings(whole, true), Overwrite::yes));
  }
  EXPECT_EQ(findings(whole, true), text_of_file(expected));
  // Where a file is cut must not show, but for the words about a broken file.
  for (const std::size_t cut : cuts_of(text_of_file(GetParam().path).size())) {
    options.chunk_bytes = cut;
    ASSERT_EQ(findings(read_whole_file(GetParam().path, layout, options), false),
              findings(whole, false))
        << cut;
  }
}
INSTANTIATE_TEST_SUITE_P(Samples, InvalidSampleTest, testing::ValuesIn(samples("invalid")),
                         sample_name);

}  // namespace
}  // namespace s1flow::codecs
