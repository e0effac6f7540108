// Values and their texts, for every kind; and records as builders fill them.

#include "codecs/layout/value_format.h"

#include <gtest/gtest.h>

#include "codecs/files/maf.h"
#include "codecs/record_builder.h"
#include "codecs/version.h"
#include "tests/case_name.h"
#include "tests/codecs/reading.h"

namespace s1flow::codecs {
namespace {

constexpr std::string_view kCodes[] = {"one", "two"};

struct FormatCase {
  const char* name;
  ValueKind kind;
  std::string_view good;
  std::string_view bad;
  std::string_view written;  // the good one again
  bool variant = false;      // serials in hex, EUI-64 without hyphens
};
class ValueFormatTest : public testing::TestWithParam<FormatCase> {
 protected:
  void SetUp() override {
    field_.kind = GetParam().kind;
    format_.field = &field_;
    format_.serial_hex = format_.eui_plain = GetParam().variant;
    format_.base64 = GetParam().kind == ValueKind::base64;
    format_.time_format = GetParam().kind == ValueKind::date ? "%d/%m/%Y" : "%Y-%m-%dT%H:%M:%SZ";
    format_.codes = {{"eins", 0}, {"zwei", 1}};
  }
  FieldDef field_{.name = "f", .codes = kCodes};
  ValueFormat format_;
  Arena arena_;
};

TEST_P(ValueFormatTest, ReadsAndWritesTheGoodText) {
  Value value;
  format_.parse(GetParam().good, value, arena_);
  ASSERT_TRUE(value.good());
  std::string out;
  format_.format(value, out);
  EXPECT_EQ(out, GetParam().written);
  EXPECT_NE(expected_form(format_), "");
  EXPECT_NE(name_of(GetParam().kind), "");
}

TEST_P(ValueFormatTest, KeepsTheTextOfABadOne) {
  if (GetParam().kind == ValueKind::text) GTEST_SKIP() << "every text is a text";
  Value value;
  format_.parse(GetParam().bad, value, arena_);
  EXPECT_EQ(value.state, ValueState::bad);
  EXPECT_EQ(value.text, GetParam().bad);
}

TEST_P(ValueFormatTest, TakesAnEmptyTextForAbsent) {
  Value value;
  format_.parse("", value, arena_);
  EXPECT_FALSE(value.present());
  format_.trimmed = true;
  format_.parse(" \n", value, arena_);
  EXPECT_FALSE(value.present());
}

TEST_P(ValueFormatTest, PassesOverBlanksOnlyWhenTrimmed) {
  if (GetParam().kind == ValueKind::text || GetParam().kind == ValueKind::base64)
    GTEST_SKIP() << "blanks are part of a text, and may stand among base64";
  const std::string text = " " + std::string(GetParam().good) + "\t";
  Value value;
  format_.parse(text, value, arena_);
  EXPECT_FALSE(value.good());
  format_.trimmed = true;
  format_.parse(text, value, arena_);
  EXPECT_TRUE(value.good());
}
INSTANTIATE_TEST_SUITE_P(
    Kinds, ValueFormatTest,
    testing::Values(
        FormatCase{"Text", ValueKind::text, "a b", "", "a b"},
        FormatCase{"Installation", ValueKind::installation_id, "A-1:/_.x", "A 1", "A-1:/_.x"},
        FormatCase{"Mpan", ValueKind::mpan, "1200023305967", "120002330596", "1200023305967"},
        FormatCase{"Mprn", ValueKind::mprn, "9876543210", "98765432101", "9876543210"},
        FormatCase{"Mpxn", ValueKind::mpxn, "123456", "12345", "123456"},
        FormatCase{"Eui", ValueKind::eui64, "90-b3-d5-1f-30-01-00-00", "90B3D51F30010000",
                   "90-B3-D5-1F-30-01-00-00"},
        FormatCase{"PlainEui", ValueKind::eui64, "90b3d51f30010000", "90-B3-D5-1F-30-01-00-00",
                   "90B3D51F30010000", true},
        FormatCase{"Serial", ValueKind::serial, "340282366920938463463374607431768211455",
                   "340282366920938463463374607431768211456",
                   "340282366920938463463374607431768211455"},
        FormatCase{"HexSerial", ValueKind::serial, "ff", "1g", "000000000000000000000000000000FF",
                   true},
        FormatCase{"Group", ValueKind::group_id, "AA", "Aa", "AA"},
        FormatCase{"Date", ValueKind::date, "29/02/2020", "29/02/2021", "29/02/2020"},
        FormatCase{"Time", ValueKind::time, "2021-06-04T23:59:59Z", "2021-06-04T24:00:00Z",
                   "2021-06-04T23:59:59Z"},
        FormatCase{"Count", ValueKind::count, "18446744073709551615", "18446744073709551616",
                   "18446744073709551615"},
        FormatCase{"Code", ValueKind::code, "zwei", "two", "zwei"},
        FormatCase{"Flag", ValueKind::flag, "eins", "true", "eins"},
        FormatCase{"Iccid", ValueKind::iccid, "8944123456789012345", "7944123456789012345",
                   "8944123456789012345"},
        FormatCase{"Imsi", ValueKind::imsi, "234123456789012", "23412345678901", "234123456789012"},
        FormatCase{"Msisdn", ValueKind::msisdn, "447700900123", "07700900123", "447700900123"},
        FormatCase{"Firmware", ValueKind::firmware, "00000001", "000000001", "00000001"},
        FormatCase{"Variant", ValueKind::esme_variant, "ADE", "AED", "ADE"},
        FormatCase{"Hex", ValueKind::hex, "00ff", "0", "00FF"},
        FormatCase{"Base64", ValueKind::base64, "AP8=", "AP8", "AP8="}),
    case_name<FormatCase>);

// ---- the builder

TEST(RecordBuilderTest, NamesARecordByItsFirstFieldOrItsPosition) {
  Arena arena;
  Record record(maf::kType.record, arena);
  record.ordinal = 7;
  EXPECT_EQ(record_name(maf::kType, record), "row 7");
  set(record[0], *Mpxn::parse("9876543210"));
  EXPECT_EQ(record_name(maf::kType, record), "9876543210");
}

TEST(RecordBuilderTest, DoesNotShowWhatIsSecret) {
  const auto layout = shipped_layout("mef");
  const auto leaf = std::find_if(layout->leaves.begin(), layout->leaves.end(),
                                 [](const Leaf& l) { return l.format.field->secret; });
  ASSERT_NE(leaf, layout->leaves.end());
  Arena arena;
  RecordBatch batch;
  RecordBuilder builder(*layout);
  builder.begin(arena, batch, nullptr, nullptr);
  builder.begin_record(1, 0, 0);
  const auto start = std::find_if(layout->group_starts.begin(), layout->group_starts.end(),
                                  [](const GroupStart& g) { return g.section == Section::record; });
  ASSERT_NE(start, layout->group_starts.end());
  builder.begin_group(*start, 0);
  builder.value(*leaf, "not base64 but secret", 0);
  builder.end_group();
  builder.end_record();
  ASSERT_FALSE(batch.faults.empty());
  EXPECT_EQ(batch.faults[0].rule->id, "value.invalid");
  EXPECT_EQ(batch.faults[0].seen, "");
  for (const Fault& f : batch.faults) EXPECT_EQ(text_of(f).find("secret"), std::string::npos);
}

TEST(RecordTest, KeepsInstancesInTheOrderTheyCame) {
  const auto layout = shipped_layout("scf");
  Arena arena;
  Record record(layout->type->record, arena);
  EXPECT_TRUE(record.group(0).empty());
  for (std::uint64_t i = 0; i < 3; ++i) set_number(record.add(0)[0], i);
  EXPECT_EQ(record.group_size(0), 3U);
  std::uint64_t i = 0;
  for (const GroupInstance& g : record.group(0)) EXPECT_EQ(g[0].lo, i++);
}

TEST(RecordTest, ReadsAbsentAndBadValuesAsEmpty) {
  Value value;
  for (const ValueState state : {ValueState::absent, ValueState::bad}) {
    value.state = state;
    value.lo = 7;
    EXPECT_EQ(as_mpxn(value), Mpxn());
    EXPECT_EQ(as_eui64(value), Eui64());
    EXPECT_EQ(as_serial(value), CertificateSerial());
    EXPECT_EQ(as_group_id(value), GroupId());
    EXPECT_FALSE(as_date(value) || as_time(value) || as_code<ValueState>(value));
    EXPECT_EQ(as_count(value), 0U);
    EXPECT_FALSE(as_flag(value));
  }
}

TEST(VersionTest, NamesTheLibrariesBehindTheCodecs) {
  const auto versions = library_versions();
  EXPECT_GE(versions.size(), 3U);
  for (const auto& [name, version] : versions) EXPECT_FALSE(name.empty() || version.empty());
}

TEST(RulesTest, AllSayWhatTheyMeanAndWhatToDo) {
  for (const Rule* rule : codec_rules()) {
    EXPECT_FALSE(rule->title.empty() || rule->meaning.empty()) << rule->id;
    EXPECT_FALSE(rule->cause.empty() || rule->remedy.empty()) << rule->id;
  }
}

}  // namespace
}  // namespace s1flow::codecs
