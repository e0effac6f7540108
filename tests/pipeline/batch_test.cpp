// batch.toml: every key, and a one-line error with file, place and remedy for every wrong value.

#include "pipeline/batch.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/case_name.h"
#include "tests/pipeline/support.h"

namespace s1flow::pipeline {
namespace {

// A batch as small as it may be. Only the existence of files is looked at here.
constexpr std::string_view kToml = R"(name = "small"
migration-week = 2021-06-07
clock = 2021-06-04T09:00:00Z

[[smso]]
tag = "SMSOA"
requesting-party = "90-B3-D5-1F-30-03-00-01"
s1sp = "90-B3-D5-1F-30-04-00-01"
dco = "90-B3-D5-1F-30-05-00-01"
groups = ["AA"]

[commissioning-party]
id = "90-B3-D5-1F-30-06-00-01"

[dcc]
id = "90-B3-D5-1F-30-00-00-02"
name = "DCC"

[[supplier]]
id = "90-B3-D5-1F-30-01-00-00"
name = "Supplier 1"
)";

class BatchTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* folder : {"maf", "inventory"})
      std::filesystem::create_directory(folder_ / folder);
    put_text(folder_ / "maf" / "m.csv", "x");
    put_text(folder_ / "inventory" / "i.jsonl", "x");
    put_text(folder_ / "batch.toml", kToml);
  }
  Batch load() {
    auto batch = load_batch(folder_.path());
    EXPECT_TRUE(batch) << batch.error().message();
    return batch ? *batch : Batch{};
  }
  // Without the folder, whose name is of no interest.
  std::string error() {
    const auto batch = load_batch(folder_.path());
    if (batch) return "no error";
    EXPECT_EQ(batch.error().kind(), ErrorKind::usage);
    std::string message(batch.error().message());
    for (std::size_t at; (at = message.find(folder_.path().string())) != std::string::npos;)
      message.erase(at, folder_.path().string().size() + 1);
    return message;
  }
  void add(std::string_view text) {
    put_text(folder_ / "batch.toml", std::string(kToml) + std::string(text));
  }
  TemporaryFolder folder_;
};

TEST_F(BatchTest, HasItsDefaults) {
  const Batch b = load();
  EXPECT_EQ(b.name, "small");
  EXPECT_EQ(b.week.monday().text(), "2021-06-07");
  EXPECT_EQ(b.smsos.size(), 1U);
  EXPECT_EQ(b.alerts, AlertMode::signed_);
  EXPECT_EQ(b.key_transport, KeyTransport::ecdh_es);
  EXPECT_EQ(b.policy.max_failed_attempts, 5U);
  EXPECT_EQ(b.limits.depth, codecs::Limits{}.depth);
  EXPECT_TRUE(b.script.empty());
  EXPECT_EQ(b.last_counter(b.dcc.eui), 0U);
  EXPECT_EQ(b.find_smso("smsoA"), b.smsos.data());
  EXPECT_EQ(b.find_smso("SMSOB"), nullptr);
  EXPECT_EQ(b.name_of(b.suppliers[0].eui), "Supplier 1");
  EXPECT_EQ(b.name_of(b.dcc.eui), "90-B3-D5-1F-30-00-00-02");
  EXPECT_NE(b.layouts.preferred("mcf"), nullptr);
}

TEST_F(BatchTest, ReadsEveryKey) {
  put_text(folder_ / "outcomes.jsonl", "");
  add(R"([counters]
"90-B3-D5-1F-30-03-00-01" = 41
[rules]
"maf.epcl-no-match" = "warning"
[limits]
depth = 10
attributes = 11
name-bytes = 12
field-bytes = 13
record-bytes = 14
head-bytes = 15
tail-bytes = 16
columns = 17
findings-per-file = 18
file-bytes = 19
records = 20
unpacked-bytes = 21
expansion = 22
[policy]
max-failed-attempts = 3
[policy.gas-han]
attempts = 4
then = "park"
[policy.file]
then = "exclude"
[model]
seed = 99
[model.s1sp]
hub-unreachable = 0.25
[model.commissioning]
E20 = 1
[exchange]
key-transport = "rsa-oaep"
alerts = "none"
[files]
script = "outcomes.jsonl"
epcl = "e.csv"
registration = "r.csv"
pki = "keys"
)");
  const Batch b = load();
  EXPECT_EQ(b.last_counter(b.smsos[0].requesting_party), 41U);
  ASSERT_EQ(b.severities.size(), 1U);
  EXPECT_EQ(b.severities[0].second, Severity::warning);
  const codecs::Limits& l = b.limits;
  EXPECT_EQ((std::vector{l.depth, l.attributes, l.name_bytes, l.field_bytes, l.record_bytes,
                         l.head_bytes, l.tail_bytes, l.columns, l.findings_per_file, l.file_bytes,
                         l.records, l.unpacked_bytes, l.expansion}),
            (std::vector<std::size_t>{10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22}));
  EXPECT_EQ(b.policy.max_failed_attempts, 3U);
  EXPECT_EQ(b.policy.row(FailureClass::gas_han).attempts, 4U);
  EXPECT_EQ(b.policy.row(FailureClass::gas_han).then, Action::park);
  EXPECT_EQ(b.policy.row(FailureClass::file).then, Action::exclude);
  EXPECT_EQ(b.model.seed, 99U);
  EXPECT_EQ(b.model.s1sp[0].second, 0.25);
  EXPECT_EQ(b.model.commissioning[0].second, 1.0);
  EXPECT_EQ(b.key_transport, KeyTransport::rsa_oaep);
  EXPECT_EQ(b.alerts, AlertMode::none);
  EXPECT_EQ(b.script, folder_ / "outcomes.jsonl");
  EXPECT_EQ(b.epcl, folder_ / "e.csv");
  EXPECT_EQ(b.registration, folder_ / "r.csv");
  EXPECT_EQ(b.pki, folder_ / "keys");
}

TEST_F(BatchTest, SaysHowToMakeABatchWhereThereIsNone) {
  const auto batch = load_batch(folder_ / "maf");
  ASSERT_FALSE(batch);
  const std::string message(batch.error().message());
  EXPECT_NE(message.find("is not a batch"), std::string::npos);
  EXPECT_NE(message.find("s1flow generate week"), std::string::npos);
}

TEST_F(BatchTest, MissesMafsAndInventory) {
  std::filesystem::remove(folder_ / "maf" / "m.csv");
  EXPECT_EQ(error(), "maf: holds no MAF");
  put_text(folder_ / "maf" / "m.csv", "x");
  std::filesystem::remove_all(folder_ / "inventory");
  EXPECT_NE(error().find("inventory"), std::string::npos);
}

TEST_F(BatchTest, WantsLayoutsInASchemasFolder) {
  std::filesystem::create_directory(folder_ / "schemas");
  EXPECT_NE(error().find("holds no layouts"), std::string::npos);
}

struct ChangeCase {
  const char* name;
  std::string_view from, to;  // from empty: added at the end
  std::string_view message;
};
class BadBatchTest : public BatchTest, public testing::WithParamInterface<ChangeCase> {};

TEST_P(BadBatchTest, IsToldInOneLine) {
  const ChangeCase& c = GetParam();
  if (c.from.empty())
    add(c.to);
  else
    replace_in(folder_ / "batch.toml", c.from, c.to);
  EXPECT_EQ(error(), c.message);
  EXPECT_EQ(error().find('\n'), std::string::npos);
}
INSTANTIATE_TEST_SUITE_P(
    Keys, BadBatchTest,
    testing::Values(
        ChangeCase{"UnknownKey", "name = ", "nam = ", "batch.toml: line 1: unknown key 'nam'"},
        ChangeCase{"NoWeek", "migration-week = 2021-06-07", "",
                   "batch.toml: line 1: 'migration-week' is missing"},
        ChangeCase{"Tuesday", "2021-06-07", "2021-06-08",
                   "batch.toml: line 1: 'migration-week' must be a Monday"},
        ChangeCase{"NoClock", "clock = 2021-06-04T09:00:00Z", "",
                   "batch.toml: line 1: 'clock' is missing"},
        ChangeCase{"LocalClock", "09:00:00Z", "09:00:00",
                   "batch.toml: line 3: 'clock' must be a time in UTC such as "
                   "2021-06-04T09:00:00Z"},
        ChangeCase{"NoTag", "tag = \"SMSOA\"", "", "batch.toml: smso: line 5: 'tag' is missing"},
        ChangeCase{"NoS1sp", "s1sp = \"90-B3-D5-1F-30-04-00-01\"", "",
                   "batch.toml: smso: line 5: 's1sp' is missing"},
        ChangeCase{"BadDco", "30-05-00-01", "30-05-00",
                   "batch.toml: smso: line 9: 'dco' must be an EUI-64 such as "
                   "90-B3-D5-1F-30-01-00-00"},
        ChangeCase{"NoGroups", "groups = [\"AA\"]", "",
                   "batch.toml: smso: line 5: 'groups' is missing"},
        ChangeCase{"BadGroup", "\"AA\"", "\"A1\"",
                   "batch.toml: smso: line 5: 'A1' is not a GroupID: two capital letters"},
        ChangeCase{"GroupTwice", "\"AA\"", "\"AA\", \"AA\"",
                   "batch.toml: smso: line 5: GroupID AA belongs to two SMSOs"},
        ChangeCase{"NoCommissioningParty", "id = \"90-B3-D5-1F-30-06-00-01\"", "",
                   "batch.toml: commissioning-party: line 12: 'id' is missing"},
        ChangeCase{"UnknownPartyKey", "name = \"DCC\"", "title = \"DCC\"",
                   "batch.toml: dcc: line 17: unknown key 'title'"},
        ChangeCase{"SupplierTwice", "", "[[supplier]]\nid = \"90-B3-D5-1F-30-01-00-00\"\n",
                   "batch.toml: line 22: supplier 90-B3-D5-1F-30-01-00-00 stands twice"},
        ChangeCase{"CounterOfNobody", "", "[counters]\nDCC = 1\n",
                   "batch.toml: counters: line 23: must read: \"EUI-64\" = highest counter seen"},
        ChangeCase{"NegativeCounter", "", "[counters]\n\"90-B3-D5-1F-30-01-00-00\" = -1\n",
                   "batch.toml: counters: line 23: must read: \"EUI-64\" = highest counter seen"},
        ChangeCase{"BadSeverity", "", "[rules]\n\"file.counter\" = \"fatal\"\n",
                   "batch.toml: rules: line 23: \"file.counter\" must be off, info, warning or "
                   "error"},
        ChangeCase{"UnknownLimit", "", "[limits]\nheight = 1\n",
                   "batch.toml: limits: line 23: unknown key 'height'"},
        ChangeCase{"LimitTooHigh", "", "[limits]\ndepth = 201\n",
                   "batch.toml: limits: line 23: 'depth' must lie between 0 and 200"},
        ChangeCase{"NoAttempts", "", "[policy.file]\nattempts = 0\n",
                   "batch.toml: policy.file: line 22: 'attempts' must be at least 1"},
        ChangeCase{"UnknownAction", "", "[policy.file]\nthen = \"pray\"\n",
                   "batch.toml: policy.file: line 23: 'then' must be one of: reject, retry, park, "
                   "exclude, electricity-only"},
        ChangeCase{"ElectricityOnlyElsewhere", "", "[policy.file]\nthen = \"electricity-only\"\n",
                   "batch.toml: policy.file: line 22: 'electricity-only' is for gas-han"},
        ChangeCase{"UnknownClass", "", "[policy.weather]\nthen = \"park\"\n",
                   "batch.toml: policy: line 22: unknown key 'weather'"},
        ChangeCase{"ChanceAboveOne", "", "[model.s1sp]\nGT01 = 1.5\n",
                   "batch.toml: model.s1sp: line 23: \"GT01\" must be a probability between 0 and "
                   "1"},
        ChangeCase{"ChanceIsText", "", "[model.commissioning]\nE20 = \"often\"\n",
                   "batch.toml: model.commissioning: line 23: \"E20\" must be a probability "
                   "between 0 and 1"},
        ChangeCase{"UnknownTransport", "", "[exchange]\nkey-transport = \"pigeon\"\n",
                   "batch.toml: exchange: line 23: 'key-transport' must be one of: ecdh-es, "
                   "rsa-oaep"},
        ChangeCase{"UnknownAlerts", "", "[exchange]\nalerts = \"loud\"\n",
                   "batch.toml: exchange: line 23: 'alerts' must be one of: none, unsigned, "
                   "signed"},
        ChangeCase{"UnknownFile", "", "[files]\nmafs = \"x\"\n",
                   "batch.toml: files: line 23: unknown key 'mafs'"},
        ChangeCase{"PolicyIsText",
                   "name = ", "policy = ", "batch.toml: line 1: 'policy' must be a table"}),
    case_name<ChangeCase>);

TEST_F(BatchTest, RefusesTwoSmsosOfOneNameOrNone) {
  add("[[smso]]\ntag = \"smsoa\"\nrequesting-party = \"90-B3-D5-1F-30-03-00-02\"\n"
      "s1sp = \"90-B3-D5-1F-30-04-00-02\"\ndco = \"90-B3-D5-1F-30-05-00-02\"\n"
      "groups = [\"BA\"]\n");
  EXPECT_EQ(error(), "batch.toml: smso: line 22: SMSO smsoa stands twice");
  std::string none(kToml);
  const std::size_t at = none.find("[[smso]]");
  none.erase(at, none.find("[commissioning-party]") - at);
  put_text(folder_ / "batch.toml", none);
  EXPECT_EQ(error(), "batch.toml: line 1: [[smso]] is missing: who looks after the installations");
}

TEST_F(BatchTest, NamesTheLineOfASyntaxError) {
  add("[policy\n");
  EXPECT_TRUE(error().starts_with("batch.toml:22: ")) << error();
}

// ---- files that a dry run misses or cannot use

struct SpoilCase {
  const char* name;
  void (*spoil)(const Path& batch);
  std::string_view part;
};
class SpoiltBatchTest : public testing::TestWithParam<SpoilCase> {};

TEST_P(SpoiltBatchTest, EndsTheDryRunBeforeItWritesAnything) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.installations = 3});
  GetParam().spoil(folder / "b");
  const std::string error = error_of_play(folder / "b", folder / "o");
  EXPECT_NE(error.find(GetParam().part), std::string::npos) << error;
  EXPECT_FALSE(std::filesystem::exists(folder / "o" / "outcomes.jsonl"));
}
INSTANTIATE_TEST_SUITE_P(
    Files, SpoiltBatchTest,
    testing::Values(
        SpoilCase{"NoEpcl", [](const Path& b) { std::filesystem::remove(b / "epcl.csv"); },
                  "epcl.csv"},
        SpoilCase{"EpclOfAnotherForm", [](const Path& b) { put_text(b / "epcl.csv", "a,b\n"); },
                  "epcl.csv:1: The header line is not the layout's"},
        SpoilCase{"NoRegistration",
                  [](const Path& b) { std::filesystem::remove(b / "registration.csv"); },
                  "registration.csv"},
        SpoilCase{"NoPki", [](const Path& b) { std::filesystem::remove_all(b / "pki"); }, "pki"},
        SpoilCase{"UnknownRule",
                  [](const Path& b) {
                    put_text(b / "batch.toml",
                             text_of(b / "batch.toml") + "\n[rules]\n\"no.rule\" = \"off\"\n");
                  },
                  "no.rule"},
        SpoilCase{"SignerWithoutAKey",
                  [](const Path& b) {
                    replace_in(b / "batch.toml", "requesting-party = \"90-B3-D5-1F-30-03-00-0",
                               "requesting-party = \"90-B3-D5-1F-30-03-F0-0");
                    replace_in(b / "batch.toml", "requesting-party = \"90-B3-D5-1F-30-03-00-0",
                               "requesting-party = \"90-B3-D5-1F-30-03-F0-0");
                    replace_in(b / "batch.toml", "requesting-party = \"90-B3-D5-1F-30-03-00-0",
                               "requesting-party = \"90-B3-D5-1F-30-03-F0-0");
                    replace_in(b / "batch.toml", "requesting-party = \"90-B3-D5-1F-30-03-00-0",
                               "requesting-party = \"90-B3-D5-1F-30-03-F0-0");
                    replace_in(b / "batch.toml", "requesting-party = \"90-B3-D5-1F-30-03-00-0",
                               "requesting-party = \"90-B3-D5-1F-30-03-F0-0");
                  },
                  "no file-signing key of requesting-party"}),
    case_name<SpoilCase>);

}  // namespace
}  // namespace s1flow::pipeline
