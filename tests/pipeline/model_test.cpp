// Procedures, policy, and what play makes of them.

#include <gtest/gtest.h>

#include "pipeline/model/play.h"
#include "tests/case_name.h"

namespace s1flow::pipeline {
namespace {

namespace scf = codecs::scf;
namespace cof = codecs::cof;

class OneFile final : public codecs::SchemaSource {
 public:
  explicit OneFile(std::string text) : text_(std::move(text)) {}
  Result<std::string> read(const std::string&) const override { return text_; }
  Result<std::vector<std::string>> list(std::string_view) const override {
    return std::vector<std::string>{"layouts/x.toml", "procedures/1.toml"};
  }
  std::string name() const override { return "memory"; }

 private:
  std::string text_;
};

constexpr std::string_view kFailures = R"([[failure]]
code = "quiet"
class = "no-communication"
[[failure]]
code = "GT01"
class = "gas-han"
)";
constexpr std::string_view kSteps = R"([[procedure]]
id = "p"
device = "chf"
[[procedure.step]]
name = "a"
failures = ["quiet"]
[[procedure.step]]
name = "only-ca"
groups = ["CA"]
failures = ["quiet"]
[[procedure]]
id = "e"
device = "esme"
[[procedure.step]]
name = "b"
failures = ["quiet"]
[[procedure]]
id = "g"
device = "gsme"
[[procedure.step]]
name = "c"
failures = ["GT01", "quiet"]
[[commissioning]]
devices = ["chf"]
srv = "12.2"
failures = ["quiet"]
[[commissioning]]
devices = ["esme", "gsme"]
srv = "8.11"
alerts = ["N16"]
failures = ["quiet", "GT01"]
[[commissioning]]
devices = ["esme", "gsme"]
status = "dormant"
srv = "6.21"
)";

Procedures procedures() {
  auto loaded = load_procedures(OneFile(std::string(kFailures) + std::string(kSteps)));
  EXPECT_TRUE(loaded) << loaded.error().message();
  return *loaded;
}

TEST(ProceduresTest, AreReadWithWhatAppliesToWhom) {
  const Procedures p = procedures();
  ASSERT_EQ(p.s1sp.size(), 3U);
  EXPECT_EQ(p.s1sp[0].title, "p");
  const ProcedureStep& step = p.s1sp[0].steps[1];
  EXPECT_TRUE(step.applies_to(*GroupId::parse("CA")));
  EXPECT_FALSE(step.applies_to(*GroupId::parse("CB")));
  EXPECT_TRUE(p.s1sp[0].steps[0].applies_to(*GroupId::parse("CB")));
  EXPECT_EQ(p.find("GT01"), 1U);
  EXPECT_EQ(p.find("GT02"), kNoFailure);
  const CommissioningStep& dormant = p.commissioning[2];
  EXPECT_TRUE(dormant.applies_to(DeviceType::esme, MeterStatus::dormant));
  EXPECT_FALSE(dormant.applies_to(DeviceType::esme, MeterStatus::active));
  EXPECT_FALSE(dormant.applies_to(DeviceType::chf, MeterStatus::dormant));
}

TEST(ProceduresTest, ShipForEveryGroupAndDevice) {
  const auto shipped = load_procedures(*codecs::shipped_schemas());
  ASSERT_TRUE(shipped) << shipped.error().message();
  for (const DeviceType type : {DeviceType::chf, DeviceType::esme, DeviceType::gsme}) {
    EXPECT_TRUE(std::any_of(shipped->s1sp.begin(), shipped->s1sp.end(),
                            [&](const Procedure& p) { return p.device == type; }));
    EXPECT_TRUE(std::any_of(
        shipped->commissioning.begin(), shipped->commissioning.end(),
        [&](const CommissioningStep& c) { return c.applies_to(type, MeterStatus::active); }));
  }
}

struct BadCase {
  const char* name;
  std::string_view from, to;
  std::string_view part;
};
class BadProceduresTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadProceduresTest, AreUsageErrorsWithTheirPlace) {
  std::string text = std::string(kFailures) + std::string(kSteps);
  const std::size_t at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, GetParam().from.size(), GetParam().to);
  const auto loaded = load_procedures(OneFile(text));
  ASSERT_FALSE(loaded);
  const std::string message(loaded.error().message());
  EXPECT_TRUE(message.starts_with("procedures/1.toml")) << message;
  EXPECT_NE(message.find(GetParam().part), std::string::npos) << message;
}
INSTANTIATE_TEST_SUITE_P(
    Faults, BadProceduresTest,
    testing::Values(
        BadCase{"UnknownClass", "gas-han", "gas", "there is no failure class 'gas'"},
        BadCase{"CodeTwice", "\"GT01\"", "\"quiet\"", "failure 'quiet' stands twice"},
        BadCase{"NoCode", "code = \"GT01\"\n", "", "'code' is missing"},
        BadCase{"UnknownFailure", "failures = [\"quiet\"]", "failures = [\"loud\"]",
                "there is no failure 'loud'"},
        BadCase{"UnknownDevice", "device = \"chf\"", "device = \"tv\"",
                "there is no device type 'tv'"},
        BadCase{"UnknownCommissioningDevice", "devices = [\"chf\"]", "devices = [\"tv\"]",
                "there is no device type 'tv'"},
        BadCase{"BadGroup", "\"CA\"", "\"C\"", "'C' is not a GroupID"},
        BadCase{"StepWithoutName", "name = \"a\"\n", "", "'name' is missing"},
        BadCase{"NoSrv", "srv = \"12.2\"\n", "", "'srv' is missing"},
        BadCase{"UnknownStatus", "\"dormant\"", "\"asleep\"", "'status' must be one of"},
        BadCase{"UnknownKey", "id = \"p\"", "id = \"p\"\ncolour = \"red\"", "unknown key 'colour'"},
        BadCase{"Syntax", "[[failure]]", "[[failure", "procedures/1.toml:1"}),
    case_name<BadCase>);

TEST(BadProceduresTest, WantBothTables) {
  EXPECT_FALSE(load_procedures(OneFile(std::string(kFailures))));
  class Nothing final : public codecs::SchemaSource {
   public:
    Result<std::string> read(const std::string&) const override { return std::string(); }
    Result<std::vector<std::string>> list(std::string_view) const override {
      return std::vector<std::string>{"layouts/mcf/1.toml"};
    }
    std::string name() const override { return "memory"; }
  };
  const auto none = load_procedures(Nothing());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message(), "memory: holds no procedures/*.toml");
}

// ---- play

// What fails always, by device; and how often a step is tried.
struct PlayCase {
  const char* name;
  const char* s1sp;           // failures drawn always, separated by blanks
  const char* commissioning;  // likewise
  bool gas;
  bool by_supplier;
  scf::Result s1sp_result;
  cof::Result result;
};
class PlayTest : public testing::TestWithParam<PlayCase> {
 protected:
  static std::vector<std::pair<std::string, double>> always(std::string_view code) {
    if (code.empty()) return {};
    return {{std::string(code), 1.0}};
  }
  void SetUp() override {
    batch_.model.s1sp = always(GetParam().s1sp);
    batch_.model.commissioning = always(GetParam().commissioning);
    auto loaded = Behaviour::load(batch_, procedures_);
    ASSERT_TRUE(loaded) << loaded.error().message();
    behaviour_ = *loaded;
    devices_ = {{Eui64(1), DeviceType::chf}, {Eui64(3), DeviceType::esme}};
    if (GetParam().gas) devices_.push_back({Eui64(4), DeviceType::gsme});
  }
  Batch batch_;
  Procedures procedures_ = procedures();
  Behaviour behaviour_;
  std::vector<DeviceRow> devices_;
};

TEST_P(PlayTest, GivesTheResultOfTheInstallation) {
  const PlayedInstallation played =
      play_s1sp(procedures_, behaviour_, batch_.policy, "A-1", *GroupId::parse("CA"), devices_);
  EXPECT_EQ(played.result, GetParam().s1sp_result);
  ASSERT_EQ(played.devices.size(), devices_.size());
  for (const PlayedDevice& d : played.devices)
    for (const PlayedStep& s : d.steps) {
      EXPECT_EQ(s.result == scf::StepResult::failed, s.failure != kNoFailure);
      EXPECT_EQ(s.attempts == 0, s.result == scf::StepResult::not_run);
      if (s.result == scf::StepResult::failed) {
        EXPECT_EQ(s.attempts, batch_.policy.row(procedures_.failures[s.failure].kind).attempts);
      }
    }
  const CommissioningOrder order{.installation = "A-1",
                                 .by_supplier = GetParam().by_supplier,
                                 .electricity_only = played.result == scf::Result::partial,
                                 .status = {MeterStatus::active, MeterStatus::dormant}};
  const CommissionedInstallation done =
      play_commissioning(procedures_, behaviour_, batch_.policy, order, devices_);
  EXPECT_EQ(done.result, GetParam().result);
}
INSTANTIATE_TEST_SUITE_P(Cases, PlayTest,
                         testing::Values(PlayCase{"AllGood", "", "", true, false,
                                                  scf::Result::passed, cof::Result::commissioned},
                                         PlayCase{"BySupplier", "", "", true, true,
                                                  scf::Result::passed,
                                                  cof::Result::awaiting_supplier},
                                         PlayCase{"HubQuiet", "quiet", "", true, false,
                                                  scf::Result::failed, cof::Result::commissioned},
                                         PlayCase{"GasOnly", "GT01", "", true, false,
                                                  scf::Result::partial, cof::Result::partial},
                                         PlayCase{"NoGasToFail", "GT01", "", false, false,
                                                  scf::Result::passed, cof::Result::commissioned},
                                         PlayCase{"CommissioningQuiet", "", "quiet", true, false,
                                                  scf::Result::passed, cof::Result::failed}),
                         case_name<PlayCase>);

TEST(PlayS1spTest, RunsNothingAfterTheHubHasFailed) {
  const Procedures p = procedures();
  Batch batch;
  batch.model.s1sp = {{"quiet", 1.0}};
  const auto behaviour = Behaviour::load(batch, p);
  ASSERT_TRUE(behaviour);
  const std::vector<DeviceRow> devices{{Eui64(1), DeviceType::chf}, {Eui64(3), DeviceType::esme}};
  const PlayedInstallation played =
      play_s1sp(p, *behaviour, batch.policy, "A-1", *GroupId::parse("CA"), devices);
  ASSERT_EQ(played.devices[0].steps.size(), 2U);
  EXPECT_EQ(played.devices[0].steps[0].result, scf::StepResult::failed);
  EXPECT_EQ(played.devices[0].steps[1].result, scf::StepResult::not_run);
  EXPECT_EQ(played.devices[1].result, scf::Result::failed);
  EXPECT_EQ(played.devices[1].steps[0].result, scf::StepResult::not_run);
}

TEST(BehaviourTest, DrawsTheSameForTheSameSeedAndOtherwiseForAnother) {
  const Procedures p = procedures();
  const auto failures = [&](std::uint64_t seed) {
    Batch batch;
    batch.model.seed = seed;
    batch.model.commissioning = {{"quiet", 0.5}};
    const auto b = Behaviour::load(batch, p);
    EXPECT_TRUE(b);
    std::string out;
    for (int i = 0; i < 200; ++i)
      out += b->commissioning("A-" + std::to_string(i), DeviceType::chf, p.commissioning[0], 1) ==
                     kNoFailure
                 ? '.'
                 : 'x';
    return out;
  };
  const std::string one = failures(1);
  EXPECT_EQ(one, failures(1));
  EXPECT_NE(one, failures(2));
  const auto count = std::count(one.begin(), one.end(), 'x');
  EXPECT_GT(count, 60);
  EXPECT_LT(count, 140);
}

TEST(PolicyTest, KnowsItsClassesByName) {
  for (const std::string_view name : kFailureClassNames)
    EXPECT_EQ(name_of(*parse_failure_class(name)), name);
  EXPECT_FALSE(parse_failure_class("weather"));
  EXPECT_EQ(name_of(Action::electricity_only), "electricity-only");
}

}  // namespace
}  // namespace s1flow::pipeline
