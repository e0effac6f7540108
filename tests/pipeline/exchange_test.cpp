// One signed file as its receiver sees it: what makes it refused, and by which rule.

#include <filesystem>

#include <gtest/gtest.h>

#include "pipeline/exchange/plain_reader.h"
#include "pipeline/exchange/reader.h"
#include "pipeline/exchange/surgeon.h"
#include "pipeline/rules/list.h"
#include "tests/case_name.h"
#include "tests/pipeline/support.h"

namespace s1flow::pipeline {
namespace {

namespace crypto = codecs::crypto;

// A week that was played once for all tests of this file.
class ExchangeTest : public testing::Test {
 protected:
  struct Shared {
    TemporaryFolder folder;
    Batch batch;
    crypto::Pki pki;
    RuleSet rules;
    std::shared_ptr<const codecs::Layout> layout;
    std::shared_ptr<const codecs::XmlSchema> schema;
    Path mcf;
  };
  static void SetUpTestSuite() {
    shared_ = new Shared;
    make_week(shared_->folder / "b", {.installations = 40, .seed = 3});
    play(shared_->folder / "b", shared_->folder / "o");
    shared_->batch = *load_batch(shared_->folder / "b");
    crypto::PkiOptions options;
    options.clock = shared_->batch.clock;
    shared_->pki = *crypto::Pki::load(shared_->batch.pki, options);
    shared_->layout = shared_->batch.layouts.preferred("mcf");
    const auto source = shared_->layout->source;
    shared_->schema = *codecs::XmlSchema::load(
        shared_->layout->schema_path, [source](const std::string& p) { return source->read(p); });
    std::uint64_t least = UINT64_MAX;
    for (const std::string& f : files_below(shared_->folder / "o/files/mcf")) {
      const Path path = shared_->folder / "o/files/mcf" / f;
      if (const auto size = std::filesystem::file_size(path); size < least) {
        least = size;
        shared_->mcf = path;
      }
    }
  }
  static void TearDownTestSuite() {
    delete shared_;
    shared_ = nullptr;
  }

  static ReadContext context() {
    ReadContext c;
    c.pki = &shared_->pki;
    c.clock = shared_->batch.clock;
    c.rules = &shared_->rules;
    c.runner.workers = 1;
    return c;
  }
  static FileVerdict read(const Path& path, const Expectation& expected = {},
                          const ReadContext& with = context(), const ReadCallbacks& calls = {}) {
    auto verdict =
        ExchangeReader(shared_->layout, shared_->schema).read(path, expected, {}, with, calls);
    EXPECT_TRUE(verdict) << verdict.error().message();
    return verdict ? std::move(*verdict) : FileVerdict{};
  }
  static std::string refused_by(const FileVerdict& v) {
    return v.refused_by == nullptr ? "" : std::string(v.refused_by->id);
  }
  static Shared* shared_;
};
ExchangeTest::Shared* ExchangeTest::shared_ = nullptr;

TEST_F(ExchangeTest, TakesAGoodFileForEveryChunkSize) {
  const std::string text = text_of(shared_->mcf);
  for (const std::size_t chunk :
       {std::size_t{1}, std::size_t{100}, std::size_t{4096}, text.size()}) {
    ReadContext with = context();
    with.runner.chunk_bytes = chunk;
    std::atomic<std::uint64_t> looked{0};
    std::uint64_t kept = 0;
    ReadCallbacks calls;
    calls.on_chunk = [&](Work& w) -> Status {
      looked += w.records().size();
      return {};
    };
    calls.in_order = [&](Work& w) -> Status {
      kept += w.records().size();
      return {};
    };
    const FileVerdict v = read(shared_->mcf, {}, with, calls);
    EXPECT_TRUE(v.accepted) << refused_by(v);
    EXPECT_EQ(v.findings.size(), 0U);
    EXPECT_EQ(v.bytes, text.size());
    EXPECT_EQ(v.records, looked);
    EXPECT_EQ(v.records, kept);
    EXPECT_NE(v.signer, "");
  }
}

// One byte changed anywhere is refused. (What is no part of what is signed: the declaration, the
// line feed after the end, and the case of letters in the signer's name, which compares without.)
TEST_F(ExchangeTest, RefusesAByteChangedAnywhere) {
  const std::string text = text_of(shared_->mcf);
  const std::size_t root = text.find("?>") + 3;
  const std::size_t name_begins = text.find("X509IssuerName>"),
                    name_ends = text.find("X509IssuerName>", name_begins + 1);
  ASSERT_NE(name_ends, std::string::npos);
  const Path path = shared_->folder / shared_->mcf.filename().string();
  const std::size_t step = std::max<std::size_t>(1, text.size() / 600);
  for (std::size_t at = root; at + 1 < text.size(); at += step) {
    for (const char flip : {'\x01', '\x20'}) {
      if (flip == '\x20' && at > name_begins && at < name_ends) continue;
      std::string changed = text;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      put_text(path, changed);
      const FileVerdict v = read(path);
      ASSERT_FALSE(v.accepted) << "byte " << at << " of ..." << text.substr(at - 10, 20);
      ASSERT_EQ(v.findings.size(), 1U);
      ASSERT_EQ(v.findings[0].rule, v.refused_by);
    }
  }
}

TEST_F(ExchangeTest, RefusesEveryTruncation) {
  const std::string text = text_of(shared_->mcf);
  const Path path = shared_->folder / shared_->mcf.filename().string();
  for (std::size_t size = 0; size + 1 < text.size(); size += 1 + text.size() / 300) {
    put_text(path, std::string_view(text).substr(0, size));
    ASSERT_EQ(refused_by(read(path)), "xml.not-well-formed") << size;
  }
}

struct HeaderCase {
  const char* name;
  void (*expect)(Expectation&, const ExchangeHeader&);
  std::string_view rule;  // empty: accepted
};
class HeaderTest : public ExchangeTest, public testing::WithParamInterface<HeaderCase> {};

TEST_P(HeaderTest, IsComparedWithWhatIsExpected) {
  const ExchangeHeader header = read(shared_->mcf).header;
  Expectation expected;
  GetParam().expect(expected, header);
  const FileVerdict v = read(shared_->mcf, expected);
  EXPECT_EQ(refused_by(v), GetParam().rule);
  EXPECT_EQ(v.accepted, GetParam().rule.empty());
}
INSTANTIATE_TEST_SUITE_P(
    Expectations, HeaderTest,
    testing::Values(
        HeaderCase{"Everything",
                   [](Expectation& e, const ExchangeHeader& h) {
                     e = {.readers = h.recipients,
                          .sender = h.sender,
                          .last_counter = *h.counter - 1,
                          .smso = h.smso,
                          .week = h.week,
                          .day = h.day};
                   },
                   ""},
        HeaderCase{"OtherReader",
                   [](Expectation& e, const ExchangeHeader&) { e.readers = {Eui64(1)}; },
                   "file.recipient"},
        HeaderCase{"OtherSender",
                   [](Expectation& e, const ExchangeHeader&) { e.sender = Eui64(1); },
                   "file.signer-party"},
        HeaderCase{"CounterSeen",
                   [](Expectation& e, const ExchangeHeader& h) { e.last_counter = *h.counter; },
                   "file.counter"},
        HeaderCase{"OtherSmso", [](Expectation& e, const ExchangeHeader&) { e.smso = "X"; },
                   "file.week"},
        HeaderCase{"OtherWeek",
                   [](Expectation& e, const ExchangeHeader& h) { e.week = h.week->plus_days(7); },
                   "file.week"},
        HeaderCase{"OtherDay",
                   [](Expectation& e, const ExchangeHeader& h) { e.day = h.day->plus_days(1); },
                   "file.week"},
        HeaderCase{"MadeBeforeTheMcf",
                   [](Expectation& e, const ExchangeHeader& h) {
                     e.not_before = h.created->plus(std::chrono::seconds(1));
                   },
                   "file.arrival-order"},
        HeaderCase{"MadeWithTheMcf",
                   [](Expectation& e, const ExchangeHeader& h) { e.not_before = h.created; }, ""},
        HeaderCase{"NoGroupInTheFile",
                   [](Expectation& e, const ExchangeHeader&) { e.group = *GroupId::parse("AA"); },
                   ""}),
    case_name<HeaderCase>);

TEST_F(ExchangeTest, NoticesANameThatDiffersFromTheHeader) {
  std::string name = shared_->mcf.filename().string();
  const Path other = shared_->folder / ("x" + name);
  put_text(other, text_of(shared_->mcf));
  EXPECT_EQ(refused_by(read(other)), "file.name");
  name[name.size() - 5] = name[name.size() - 5] == '0' ? '1' : '0';
  const Path counter = shared_->folder / std::string_view(name);
  put_text(counter, text_of(shared_->mcf));
  const FileVerdict v = read(counter);
  EXPECT_EQ(refused_by(v), "file.name");
  EXPECT_NE(v.findings[0].note.find("counter"), std::string::npos);
}

TEST_F(ExchangeTest, CountsFindingsAboveTheLimitWithoutKeepingThem) {
  ReadContext with = context();
  with.limits.findings_per_file = 1;
  ReadCallbacks calls;
  calls.in_order = [&](Work& w) -> Status {
    for (const codecs::Record& r : w.records())
      w.findings.push_back(record_finding(rules::mcf_combination.rule, shared_->rules, "f",
                                          *shared_->layout->type, r, "field", "seen", "note"));
    return {};
  };
  const FileVerdict v = read(shared_->mcf, {}, with, calls);
  EXPECT_TRUE(v.accepted);
  EXPECT_EQ(v.findings.size(), std::min<std::uint64_t>(1, v.records));
}

// In-order callbacks rely on what the parallel ones made of the same chunk.
TEST_F(ExchangeTest, LooksAtEveryChunkThatItKeeps) {
  struct Looked final : WorkerState {
    std::uint64_t ordinal = UINT64_MAX;
  };
  std::string text = text_of(shared_->mcf);
  const std::size_t at = text.rfind("</Installation>");
  text.insert(at, "<Colour>red</Colour>");
  const Path path = shared_->folder / shared_->mcf.filename().string();
  put_text(path, text);
  for (const Severity severity : {Severity::error, Severity::warning, Severity::off})
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{3000}, std::size_t{1} << 20}) {
      ReadContext with = context();
      with.check_signature = false;
      with.runner.chunk_bytes = chunk;
      const RuleSet rules = *RuleSet::with({{"xml.schema", severity}});
      with.rules = &rules;
      std::uint64_t kept = 0;
      ReadCallbacks calls;
      calls.make_state = [] { return std::make_unique<Looked>(); };
      calls.on_chunk = [](Work& w) -> Status {
        static_cast<Looked&>(*w.state).ordinal = w.chunk.ordinal;
        return {};
      };
      calls.in_order = [&](Work& w) -> Status {
        EXPECT_EQ(static_cast<Looked&>(*w.state).ordinal, w.chunk.ordinal);
        kept += w.records().size();
        return {};
      };
      const FileVerdict v = read(path, {}, with, calls);
      EXPECT_EQ(v.accepted, severity != Severity::error);
      EXPECT_EQ(v.findings.size(), severity == Severity::off ? 0U : 1U);
      if (severity == Severity::error) {
        EXPECT_EQ(refused_by(v), "xml.schema");
        EXPECT_LT(kept, v.records);
      } else {
        EXPECT_EQ(kept, v.records);
      }
    }
}

TEST_F(ExchangeTest, RefusesABrokenContainerWhateverItsSeverity) {
  const Path path = shared_->folder / shared_->mcf.filename().string();
  std::string text = text_of(shared_->mcf);
  put_text(path, text.insert(text.find("?>") + 2, "<!DOCTYPE a>"));
  ReadContext with = context();
  with.check_signature = false;
  const RuleSet rules = *RuleSet::with({{"xml.doctype", Severity::off}});
  with.rules = &rules;
  EXPECT_EQ(refused_by(read(path, {}, with)), "xml.doctype");
}

TEST_F(ExchangeTest, EndsWithTheErrorOfACallback) {
  ReadCallbacks calls;
  calls.on_chunk = [](Work&) -> Status { return tl::unexpected(internal_error("no")); };
  const auto verdict =
      ExchangeReader(shared_->layout, shared_->schema).read(shared_->mcf, {}, {}, context(), calls);
  EXPECT_FALSE(verdict);
  EXPECT_FALSE(ExchangeReader(shared_->layout, shared_->schema)
                   .read(shared_->folder / "none.xml", {}, {}, context(), {}));
}

// ---- the surgeon

TEST_F(ExchangeTest, TakesAFileApartAndPutsItTogetherUnchanged) {
  auto surgeon = Surgeon::open(shared_->mcf, shared_->layout);
  ASSERT_TRUE(surgeon) << surgeon.error().message();
  const Path path = shared_->folder / "together.xml";
  ASSERT_TRUE(surgeon->write(path, nullptr));
  EXPECT_EQ(text_of(path), text_of(shared_->mcf));
  Arena arena;
  ParsedRecord parsed;
  ASSERT_TRUE(surgeon->parse(surgeon->last().text, arena, parsed));
  const std::string id(parsed.result.batch.records[0][0].text);
  // "installation" is a name of an element, and no record's id.
  const auto found = Surgeon::open(shared_->mcf, shared_->layout,
                                   {id, "nobody", std::string(80, 'x'), "installation"});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->found().size(), 1U);
  EXPECT_EQ(found->found().at(id).index + 1, surgeon->records());
  EXPECT_EQ(found->found().at(id).text, surgeon->last().text);
  EXPECT_TRUE(surgeon->found().empty());
}

TEST_F(ExchangeTest, TellsWhatItWroteOfAFile) {
  const Path path = shared_->folder / "written.xml";
  auto surgeon = Surgeon::open(shared_->mcf, shared_->layout);
  ASSERT_TRUE(surgeon);
  surgeon->append(surgeon->first().text);
  surgeon->erase(surgeon->records() - 1);
  surgeon->cut_after = surgeon->bytes() / 2;
  const auto written = surgeon->write(path, nullptr);
  ASSERT_TRUE(written);
  const std::string text = text_of(path);
  EXPECT_EQ(written->records, surgeon->records());
  EXPECT_EQ(written->bytes, text.size());
  EXPECT_EQ(text.size(), surgeon->bytes() / 2);
  EXPECT_EQ(written->sha256,
            crypto::sha256_of({reinterpret_cast<const unsigned char*>(text.data()), text.size()}));
}

TEST_F(ExchangeTest, StopsBetweenTheChunksOfAFile) {
  const auto stop = [] { return Status(tl::unexpected(usage_error("stopped"))); };
  const auto refused = Surgeon::open(shared_->mcf, shared_->layout, {}, stop);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "stopped");
  bool stopped = false;
  auto surgeon =
      Surgeon::open(shared_->mcf, shared_->layout, {}, [&] { return stopped ? stop() : Status(); });
  ASSERT_TRUE(surgeon);
  stopped = true;
  const Path path = shared_->folder / "not-written.xml";
  EXPECT_FALSE(surgeon->write(path, nullptr));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ExchangeTest, ChangesRecordsAndSignsAnew) {
  const Path path = shared_->folder / shared_->mcf.filename().string();
  auto surgeon = Surgeon::open(shared_->mcf, shared_->layout);
  ASSERT_TRUE(surgeon);
  const auto changed = surgeon->changed(
      surgeon->first().text, [](codecs::Record& r) { codecs::set(r[1], *GroupId::parse("ZZ")); });
  ASSERT_TRUE(changed);
  surgeon->replace(0, *changed);
  ASSERT_TRUE(surgeon->write(path, nullptr));
  EXPECT_EQ(refused_by(read(path)), "file.digest-mismatch");
  const auto answer =
      shared_->pki.find_with_key(crypto::PartyRole::requesting_party, *surgeon->header.sender,
                                 crypto::CertificateUse::file_signing, shared_->batch.clock);
  ASSERT_NE(answer.entry, nullptr);
  auto maker = crypto::SignatureMaker::make(answer.entry->certificate, answer.entry->key());
  ASSERT_TRUE(maker);
  ASSERT_TRUE(surgeon->write(path, &*maker));
  EXPECT_TRUE(read(path).accepted);
}

TEST_F(ExchangeTest, CannotTakeApartWhatIsNoFile) {
  const Path path = shared_->folder / "broken.xml";
  for (const char* text : {"<!DOCTYPE a><a/>", "<a><b></a>", ""}) {
    put_text(path, text);
    const auto surgeon = Surgeon::open(path, shared_->layout);
    ASSERT_FALSE(surgeon) << text;
    EXPECT_EQ(surgeon.error().kind(), ErrorKind::internal) << text;
  }
}

// ---- the writer

TEST_F(ExchangeTest, LeavesNothingWhenAWriterIsGivenUp) {
  const Path path = shared_->folder / "given-up.xml";
  const ExchangeHeader header = read(shared_->mcf).header;
  {
    auto writer = ExchangeWriter::create(path, shared_->layout, header, {}, std::nullopt);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append("x", 1));
    EXPECT_EQ(writer->records(), 1U);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  auto writer = ExchangeWriter::create(path, shared_->layout, header, {}, std::nullopt);
  ASSERT_TRUE(writer);
  const auto written = writer->finish();
  ASSERT_TRUE(written);
  EXPECT_EQ(written->records, 0U);
  EXPECT_EQ(written->bytes, std::filesystem::file_size(path));
  EXPECT_EQ(refused_by(read(path)), "file.signature-missing");
  EXPECT_FALSE(ExchangeWriter::create(path, shared_->layout, header, {}, std::nullopt));
}

// ---- files that nobody signs

TEST_F(ExchangeTest, RefusesAPlainFileAtItsFirstFaultWhateverTheChunks) {
  const auto layout = shared_->batch.layouts.preferred("registration");
  const std::string eui = "90-B3-D5-1F-30-01-00-00";
  std::string text = "MPxN,ResponsibleSupplier,NetworkOperator\n";
  for (int i = 0; i < 50; ++i) text += "1200023305967," + eui + "," + eui + "\n";
  text += "12," + eui + "," + eui + "\n1200023305967\nx\"y\n";
  const Path path = shared_->folder / "r.csv";
  put_text(path, text);
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{300}, std::size_t{1} << 16}) {
    const auto verdict =
        read_plain(path, layout, shared_->rules, {}, {.workers = 2, .chunk_bytes = chunk}, {});
    ASSERT_TRUE(verdict);
    EXPECT_FALSE(verdict->accepted);
    ASSERT_EQ(verdict->findings.size(), 1U);
    EXPECT_EQ(verdict->findings[0].rule->id, "csv.malformed");
    EXPECT_EQ(verdict->findings[0].place.line, 54U);
  }
  put_text(path, text.substr(0, text.rfind("x\"y")));
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{300}, std::size_t{1} << 16}) {
    const auto verdict =
        read_plain(path, layout, shared_->rules, {}, {.workers = 2, .chunk_bytes = chunk}, {});
    ASSERT_TRUE(verdict);
    EXPECT_TRUE(verdict->accepted);
    EXPECT_EQ(verdict->records, 52U);
    EXPECT_EQ(verdict->unreadable, 1U);
    ASSERT_EQ(verdict->findings.size(), 2U);
    EXPECT_TRUE(has_error(verdict->findings, 51));
    EXPECT_FALSE(has_error(verdict->findings, 1));
  }
}

TEST_F(ExchangeTest, TellsARowThatIsTooLongOnceWhateverTheChunks) {
  const auto layout = shared_->batch.layouts.preferred("registration");
  const Path path = shared_->folder / "long.csv";
  put_text(path, "MPxN,ResponsibleSupplier,NetworkOperator\n\"" + std::string(9000, 'x'));
  codecs::Limits limits;
  limits.record_bytes = limits.head_bytes = 1000;
  for (const std::size_t chunk : {std::size_t{64}, std::size_t{1} << 16}) {
    const auto verdict =
        read_plain(path, layout, shared_->rules, limits, {.workers = 1, .chunk_bytes = chunk}, {});
    ASSERT_TRUE(verdict);
    ASSERT_EQ(verdict->findings.size(), 1U);
    EXPECT_TRUE(verdict->findings[0].rule->id.starts_with("csv.")) << chunk;
  }
}

}  // namespace
}  // namespace s1flow::pipeline
