// One byte of a signed file that is not what was signed: the file is refused, wherever the byte is.
// What may change is white space outside of the document element, which is not signed and says
// nothing.

#include <filesystem>

#include <gtest/gtest.h>

#include "pipeline/batch.h"
#include "pipeline/exchange/reader.h"
#include "pipeline/generate/week.h"
#include "pipeline/week/dry_run.h"
#include "tests/case_name.h"
#include "tests/temporary_folder.h"

namespace s1flow::pipeline {
namespace {

// A week with few installations, and all that is needed to read its files.
class SmallWeek {
 public:
  SmallWeek() {
    GenerateOptions generate;
    generate.out = folder_ / "batch";
    generate.installations = 12;
    generate.seed = 11;
    generate.monday = *Date::parse("2021-06-07");
    generate.faults = "none";
    DryRunOptions run;
    run.batch = generate.out;
    run.out = folder_ / "out";
    run.runner.workers = 1;
    const auto made = generate_week(generate);
    if (!made) ADD_FAILURE() << made.error().message();
    const auto ran = dry_run(run);
    if (!ran) ADD_FAILURE() << ran.error().message();
    batch_ = *load_batch(generate.out);
    codecs::crypto::PkiOptions options;
    options.clock = batch_.clock;
    pki_ = *codecs::crypto::Pki::load(batch_.pki, options);
    const auto layout = batch_.layouts.preferred("mcf");
    const auto source = layout->source;
    reader_ = std::make_unique<ExchangeReader>(
        layout, *codecs::XmlSchema::load(layout->schema_path, [source](const std::string& p) {
          return source->read(p);
        }));
    for (const auto& entry : std::filesystem::directory_iterator(run.out / "files/mcf")) {
      const std::string text = *read_text(entry.path());
      if (text.find("<Installation ") == std::string::npos) continue;
      if (!text_.empty() && text.size() >= text_.size()) continue;
      text_ = text;
      path_ = entry.path();
    }
    std::filesystem::create_directory(folder_ / "changed");
  }

  [[nodiscard]] const std::string& text() const { return text_; }

  // The verdict on `text` under the file's own name.
  [[nodiscard]] FileVerdict read(std::string_view text) const {
    const Path changed = folder_ / "changed" / path_.filename();
    std::filesystem::remove(changed);
    if (!write_whole(changed, text)) ADD_FAILURE() << "cannot write " << changed;
    ReadContext context;
    context.pki = &pki_;
    context.clock = batch_.clock;
    context.rules = &rules_;
    context.limits = batch_.limits;
    context.runner.workers = 1;
    return *reader_->read(changed, {}, {}, context, {});
  }

 private:
  TemporaryFolder folder_;
  Batch batch_;
  codecs::crypto::Pki pki_;
  RuleSet rules_;
  std::unique_ptr<ExchangeReader> reader_;
  std::string text_;
  Path path_;
};

class SignedFileTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { week_ = std::make_unique<SmallWeek>(); }
  static void TearDownTestSuite() { week_.reset(); }
  static std::unique_ptr<SmallWeek> week_;
};
std::unique_ptr<SmallWeek> SignedFileTest::week_;

struct ByteCase {
  const char* name;
  char (*change)(char);
};

void PrintTo(const ByteCase& c, std::ostream* out) {
  *out << c.name;
}

class EveryByteTest : public SignedFileTest, public testing::WithParamInterface<ByteCase> {};

// Whether the change leaves everything said as it was (the head of this file).
bool says_the_same(const std::string& text, std::size_t at) {
  return text[at] == ' ' && (at > text.rfind('>') || at == text.find("?>") + 2);
}

TEST_P(EveryByteTest, RefusesTheFileWhereverAByteIsChanged) {
  ASSERT_GT(week_->text().size(), 2000U);
  ASSERT_TRUE(week_->read(week_->text()).accepted) << "the file itself is good";
  for (std::size_t at = 0; at < week_->text().size(); ++at) {
    std::string text = week_->text();
    const char was = text[at];
    text[at] = GetParam().change(was);
    if (text[at] == was || says_the_same(text, at)) continue;
    const FileVerdict verdict = week_->read(text);
    EXPECT_FALSE(verdict.accepted)
        << "byte " << at << " of " << text.size() << ", '" << was << "' as '" << text[at]
        << "' in …" << text.substr(at < 30 ? 0 : at - 30, 60);
    if (verdict.accepted) continue;
    ASSERT_NE(verdict.refused_by, nullptr);
    EXPECT_EQ(verdict.refused_by->scope, RuleScope::file);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Changes, EveryByteTest,
    testing::Values(ByteCase{"lowest_bit", [](char c) { return static_cast<char>(c ^ 1); }},
                    ByteCase{"case_bit", [](char c) { return static_cast<char>(c ^ 0x20); }},
                    ByteCase{"high_bit", [](char c) { return static_cast<char>(c ^ 0x80); }},
                    ByteCase{"blank", [](char) { return ' '; }}),
    case_name<ByteCase>);

TEST_F(SignedFileTest, RefusesTheFileWhereverItIsCutOff) {
  // What follows the document element is a line feed.
  for (std::size_t size = 0; size + 1 < week_->text().size(); size += 7)
    EXPECT_FALSE(week_->read(week_->text().substr(0, size)).accepted) << size << " bytes";
}

TEST_F(SignedFileTest, RefusesTheFileWhereverAByteIsLeftOut) {
  for (std::size_t at = 0; at + 1 < week_->text().size(); at += 3) {
    std::string text = week_->text();
    text.erase(at, 1);
    if (text.find("?><") != std::string::npos) continue;  // a line feed outside of the root
    EXPECT_FALSE(week_->read(text).accepted) << "byte " << at << " of " << text.size();
  }
}

}  // namespace
}  // namespace s1flow::pipeline
