// Files that are read one after another with what the file before has left: nothing of it shows.

#include <algorithm>
#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "core/random.h"
#include "pipeline/single/check.h"
#include "pipeline/single/many_files.h"
#include "tests/pipeline/support.h"

namespace s1flow::pipeline {
namespace {

namespace crypto = codecs::crypto;

struct Sample {
  Path path;
  std::shared_ptr<const codecs::Layout> layout;
};

class SpareWorkTest : public testing::Test {
 protected:
  void SetUp() override {
    make_week(folder_ / "b", {.installations = 40, .seed = 5});
    play(folder_ / "b", folder_ / "o");
    batch_ = *load_batch(folder_ / "b");
    pki_ = *crypto::Pki::load(batch_.pki, {.clock = batch_.clock});
    for (const crypto::PkiEntry& e : pki_.entries())
      if (e.role == crypto::PartyRole::s1sp && e.key().type() != crypto::KeyType::none)
        holders_.push_back({.certificate = e.certificate, .key = e.key(), .key_name = {}});
    for (const char* type : {"mcf", "mvf", "mgf", "mef", "scf", "cof"})
      for (const std::string& name : files_below(folder_ / "o/files" / type))
        if (name.ends_with(".xml")) add(folder_ / "o/files" / type / name, type);
    for (const Path& maf : batch_.mafs) add(maf, "maf");
    for (const Path& inventory : batch_.inventories) add(inventory, "inventory");
  }

  void add(const Path& path, const std::string& type) {
    samples_.push_back({path, batch_.layouts.preferred(type)});
    if (schemas_.count(samples_.back().layout->name()) == 0 &&
        samples_.back().layout->container == codecs::Container::xml) {
      const codecs::Layout& l = *samples_.back().layout;
      schemas_[l.name()] = *codecs::XmlSchema::load(
          l.schema_path, [source = l.source](const std::string& p) { return source->read(p); });
    }
  }

  // Copies of the XML files, each spoiled or written in an unusual way, so that libxml2 is asked,
  // the schema is broken, or the signature does not hold.
  void add_spoiled() {
    const std::vector<Sample> good = samples_;
    int number = 0;
    for (const Sample& s : good) {
      if (s.layout->container != codecs::Container::xml) continue;
      const std::string text = text_of(s.path);
      const std::size_t root = text.find('>', text.find("?>") + 2) + 1;
      std::string other_value = text;
      const std::size_t digit = text.find_last_of("0123456789", text.find("<ds:Signature"));
      other_value[digit] = other_value[digit] == '7' ? '3' : '7';
      std::string comment = text, foreign = text, half = text.substr(0, text.size() / 2);
      comment.insert(root, "<!-- so -->");
      foreign.insert(root, "<Colour>red</Colour>");
      for (const std::string& spoiled : {other_value, comment, foreign, half, std::string()}) {
        const Path path = folder_ / ("s" + std::to_string(number++)) / s.path.filename();
        std::filesystem::create_directories(path.parent_path());
        put_text(path, spoiled);
        samples_.push_back({path, s.layout});
      }
    }
  }

  // All that there is to be known of it, but for the time that it took.
  std::string judge(const Sample& s, std::size_t holders, std::unique_ptr<Work>* spare,
                    std::size_t chunk = 128 * 1024) {
    SingleFileContext context;
    context.batch = &batch_;
    context.pki = &pki_;
    context.clock = batch_.clock;
    context.layouts = &batch_.layouts;
    context.holders.assign(holders_.begin(),
                           holders_.begin() + static_cast<std::ptrdiff_t>(holders));
    if (const auto schema = schemas_.find(s.layout->name()); schema != schemas_.end())
      context.schema = schema->second;
    context.runner.workers = 1;
    context.runner.chunk_bytes = chunk;
    context.runner.spare = spare;
    std::string told;
    const auto verdict = check_file(s.path, s.layout, context, [&](const codecs::Record& r) {
      told += codecs::record_name(*s.layout->type, r) + " " + std::to_string(r.line) + " " +
              std::to_string(r.byte);
      for (std::size_t g = 0; g < r.def().groups.size(); ++g)
        for (const codecs::GroupInstance& i : r.group(g))
          for (std::size_t f = 0; f < r.def().groups[g].fields.size(); ++f)
            told.append("|").append(i[f].text);
      told += '\n';
      return Status();
    });
    if (!verdict) return verdict.error().message();
    told += verdict->accepted ? "accepted" : "refused";
    told += " " + std::to_string(verdict->records) + " " + verdict->header.smso + " " +
            std::to_string(verdict->fast_chunks) + "/" + std::to_string(verdict->chunks) + "\n";
    for (const Finding& f : verdict->findings) append_json(told, f);
    return told;
  }

  TemporaryFolder folder_;
  Batch batch_;
  crypto::Pki pki_;
  std::vector<crypto::KeyHolder> holders_;
  std::map<std::string, std::shared_ptr<const codecs::XmlSchema>> schemas_;
  std::vector<Sample> samples_;
};

TEST_F(SpareWorkTest, LeavesNothingOfOneFileInAnother) {
  add_spoiled();
  ASSERT_GT(samples_.size(), 100U);
  ASSERT_GT(holders_.size(), 1U);
  std::unique_ptr<Work> spare;
  Random random(11, 0);
  std::size_t refused = 0, opened = 0, kept = 0;
  for (int i = 0; i < 1500; ++i) {
    const Sample& s = samples_[random.below(samples_.size())];
    const std::size_t holders = random.below(holders_.size() + 1);
    const std::size_t chunk = random.below(2) == 0 ? 700 : 128 * 1024;
    const std::string alone = judge(s, holders, nullptr, chunk);
    ASSERT_EQ(judge(s, holders, &spare, chunk), alone) << s.path << " after " << i << " others";
    if (alone.find("\nrefused") != std::string::npos || alone.starts_with("refused")) ++refused;
    if (s.layout->type->id == "mef" && alone.find("accepted") != std::string::npos) ++opened;
    if (spare != nullptr) ++kept;
  }
  EXPECT_GT(refused, 500U);
  EXPECT_GT(opened, 5U);
  EXPECT_EQ(kept, 1500U);
}

TEST_F(SpareWorkTest, StaysAwayAfterAFailure) {
  std::unique_ptr<Work> spare;
  (void)judge(samples_[0], 0, &spare);
  ASSERT_NE(spare, nullptr);
  const Sample none{folder_ / "none.xml", samples_[0].layout};
  EXPECT_NE(judge(none, 0, &spare).find("none.xml"), std::string::npos);
  EXPECT_NE(spare, nullptr) << "nothing was taken";
  SingleFileContext context;
  context.clock = batch_.clock;
  context.runner.workers = 1;
  context.runner.spare = &spare;
  const auto failed = check_file(
      samples_[0].path, samples_[0].layout, context,
      [](const codecs::Record&) { return Status(tl::unexpected(internal_error("no"))); });
  EXPECT_FALSE(failed);
  EXPECT_EQ(spare, nullptr);
}

// The second of two small files that one worker reads has the Work of the first.
TEST(ManyFilesTest, GivesEachWorkerOneWorkForAllOfItsFiles) {
  class One final : public Source {
   public:
    Result<bool> next(Work& work) override {
      seen = &work;
      return std::exchange(more_, false);
    }
    const Work* seen = nullptr;

   private:
    bool more_ = true;
  };
  std::vector<const Work*> works;
  const auto work = [&](std::size_t, const RunnerOptions& runner) -> Status {
    One source;
    FunctionStage stage("stage", Order::parallel, [](Work& w) -> Status {
      EXPECT_EQ(w.state, nullptr);
      EXPECT_TRUE(w.findings.empty());
      w.findings.emplace_back();
      return {};
    });
    Stage* const stages[] = {&stage};
    S1FLOW_TRY_VOID(run_pipeline(source, stages, nullptr, runner));
    works.push_back(source.seen);
    return {};
  };
  const std::uint64_t sizes[] = {10, 10, 10, 0, 10};
  ASSERT_TRUE(for_each_file({.count = 5,
                             .size_of = [&](std::size_t i) { return sizes[i]; },
                             .work = work,
                             .finish = [](std::size_t) { return Status(); }},
                            {.workers = 1}));
  ASSERT_EQ(works.size(), 5U);
  EXPECT_EQ(works[0], works[1]);
  EXPECT_EQ(works[0], works[2]);
}

}  // namespace
}  // namespace s1flow::pipeline
